"""Calls over HTTP: who makes them, what they are answered, and what is said when they fail."""

from __future__ import annotations

import io
import json
import logging
from urllib.parse import urlencode

import pytest
from botocore.exceptions import ConnectionClosedError, EndpointConnectionError, ReadTimeoutError

from neptune_guard.stub import NeptuneStub
from tests.serve.conftest import ACCOUNT, REGION, authorization

SNAPSHOT = f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster-snapshot:nightly"
DESCRIBE = {"Action": "DescribeDBClusterSnapshots", "Version": "2014-10-31"}


def copy(**more):
    return {
        "Action": "CopyDBClusterSnapshot",
        "SourceDBClusterSnapshotIdentifier": SNAPSHOT,
        "TargetDBClusterSnapshotIdentifier": "copy",
        **more,
    }


# access key, --account, account
ACCOUNTS = [
    ("111122223333", {}, "111122223333"),
    ("111122223333", {"111122223333": "444455556666"}, "111122223333"),
    ("AKIDEXAMPLE", {"AKIDEXAMPLE": "444455556666"}, "444455556666"),
    ("AKIDEXAMPLE", {}, "777788889999"),
    ("1111222233334", {}, "777788889999"),
]


@pytest.mark.parametrize(("key", "accounts", "account"), ACCOUNTS)
def test_region_and_account_come_from_the_credential_scope(serve, key, accounts, account):
    with NeptuneStub(account_id="777788889999") as stub:
        served = serve(stub, accounts=accounts)
        headers = {"Authorization": authorization(key, "eu-west-3")}
        assert served.call(DESCRIBE, headers).status == 200
        assert [(call.region, call.account_id) for call in stub.calls] == [("eu-west-3", account)]
        arn = served.client("sts", key=key).get_caller_identity()
        assert (arn["Account"], arn["Arn"]) == (account, f"arn:aws:iam::{account}:user/stub")


def test_identity_is_told_in_the_partition_of_the_region(served):
    assert served.client("sts", "cn-north-1").get_caller_identity()["Arn"] == f"arn:aws-cn:iam::{ACCOUNT}:user/stub"


@pytest.mark.parametrize("service", ["neptune", "rds", "docdb"])
def test_the_three_services_of_the_control_plane_are_served(served, stub, service):
    stub.add_snapshot("nightly", REGION)
    client = served.client(service)
    client.copy_db_cluster_snapshot(
        SourceDBClusterSnapshotIdentifier="nightly",
        TargetDBClusterSnapshotIdentifier="copy",
        Tags=[{"Key": "équipe", "Value": "a/b=c +d"}],
    )
    found = client.describe_db_cluster_snapshots(DBClusterSnapshotIdentifier="copy")["DBClusterSnapshots"]
    assert [each["DBClusterSnapshotArn"] for each in found] == [SNAPSHOT.replace("nightly", "copy")]
    tags = client.list_tags_for_resource(ResourceName=found[0]["DBClusterSnapshotArn"])["TagList"]
    assert tags == [{"Key": "équipe", "Value": "a/b=c +d"}]


def test_answers_are_those_of_the_stub_itself(served, stub):
    stub.clock.freeze()
    stub.add_snapshot("nightly", REGION, tags={"team": "graph"})
    over_http = served.client().describe_db_cluster_snapshots()
    _, inside = stub.respond("DescribeDBClusterSnapshots", {}, region=REGION)
    for answer in (over_http, inside):
        answer.pop("ResponseMetadata")
        for snapshot in answer["DBClusterSnapshots"]:
            for name in ("SnapshotCreateTime", "ClusterCreateTime"):
                snapshot[name] = snapshot[name].replace(microsecond=0)
    assert over_http == inside


def test_a_refusal_is_the_error_that_clients_know(served):
    client = served.client()
    with pytest.raises(client.exceptions.DBClusterSnapshotNotFoundFault) as caught:
        client.describe_db_cluster_snapshots(DBClusterSnapshotIdentifier="nightly")
    assert caught.value.response["Error"]["Type"] == "Sender"
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 404


def test_keys_of_the_stub_are_described_by_kms(served, stub):
    arn = stub.add_kms_key(REGION, "backup")
    client = served.client("kms")
    metadata = client.describe_key(KeyId="alias/backup")["KeyMetadata"]
    assert (metadata["Arn"], metadata["Enabled"]) == (arn, True)
    assert abs((metadata["CreationDate"] - stub.clock.now()).total_seconds()) < 60
    with pytest.raises(client.exceptions.NotFoundException, match="Key 'alias/nope' does not exist"):
        client.describe_key(KeyId="alias/nope")
    with pytest.raises(client.exceptions.NotFoundException, match="Invalid arn eu-west-1"):
        client.describe_key(KeyId=stub.add_kms_key("eu-west-1"))
    with pytest.raises(client.exceptions.ClientError, match="only DescribeKey"):
        client.list_keys()


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"{}", b'{"KeyId": 5}', b'{"KeyId": ""}', b'{"KeyId": "\\ud800"}'])
def test_a_malformed_kms_call_gets_an_error_in_json(served, body):
    headers = {
        "Content-Type": "application/x-amz-json-1.1",
        "Authorization": authorization(service="kms"),
        "X-Amz-Target": "TrentService.DescribeKey",
    }
    answer = served.call(body, headers)
    assert (answer.status, answer.json.keys()) == (400, {"__type", "message"})


# form, status, code, words
REFUSED_FORMS = [
    ({"Action": "DescribeEventCategories"}, 501, "NotStubbed", "the stub has no DescribeEventCategories"),
    ({"Action": "DescribeDBSnapshots"}, 501, "NotStubbed", "the stub has no DescribeDBSnapshots"),
    ({"Action": "Nope", "X.member.1": "a"}, 501, "NotStubbed", "the stub has no Nope"),
    ({"Version": "2014-10-31"}, 400, "MalformedInput", "the Action is ''"),
    (b"Action", 400, "MalformedInput", "not a form"),
    (b"\xff\xfe", 400, "MalformedInput", "not a form"),
    ({**DESCRIBE, "MaxRecords": "many"}, 400, "MalformedInput", "'MaxRecords' is 'many'"),
    ({**DESCRIBE, "Filters.Filter.2.Name": "x"}, 400, "MalformedInput", "element 1 of the list is missing"),
    (b"Action=DescribeDBClusterSnapshots&Marker=a&Marker=b", 400, "MalformedInput", "given twice"),
    ({**DESCRIBE, "X-Amz-Signature": "5ec3e7"}, 403, "AccessDenied", "Authorization header only"),
    ({**DESCRIBE, "X-Amz-Credential": "5ec3e7"}, 403, "AccessDenied", "Authorization header only"),
    ({**DESCRIBE, "AWSAccessKeyId": "5ec3e7"}, 403, "AccessDenied", "Authorization header only"),
    ({**DESCRIBE, "Extra.X-Amz-Security-Token": "5ec3e7"}, 403, "AccessDenied", "Authorization header only"),
    ({**DESCRIBE, "Filters.Filter.1.Signature": "5ec3e7"}, 403, "AccessDenied", "Authorization header only"),
    ({**DESCRIBE, "Master.MasterUserPassword": "5ec3e7"}, 400, "InvalidParameterValue", "MasterUserPassword"),
    ({**DESCRIBE, "Filters.Filter.1.X.PreSignedUrl": "5ec3e7"}, 400, "InvalidParameterValue", "Filters"),
]


@pytest.mark.parametrize(("form", "status", "code", "words"), REFUSED_FORMS)
def test_what_cannot_be_answered_is_refused_in_xml(served, form, status, code, words):
    answer = served.call(form)
    assert answer.status == status
    assert answer.error[0] == code
    assert words in answer.error[1]
    assert b"5ec3e7" not in answer.body


def test_a_call_of_another_service_is_not_stubbed(served):
    answer = served.call({"Action": "ListUsers"}, {"Authorization": authorization(service="iam")})
    assert (answer.status, answer.error[0]) == (501, "NotStubbed")
    assert "iam has no ListUsers" in answer.error[1]


class Broken(NeptuneStub):
    """A stub with a mistake of its own."""

    def respond(self, operation, params, *, region, account_id=None):
        raise self.problem


@pytest.fixture
def broken(serve):
    """A server whose stub raises what is given, and the stream of its log."""
    with Broken() as stub:

        def start(problem, **options):
            stub.problem = problem
            return serve(stub, **options)

        yield start


def test_a_mistake_of_the_simulator_is_an_answer_without_internals(broken, caplog):
    answer = broken(ZeroDivisionError("secret 5ec3e7")).call(DESCRIBE)
    assert (answer.status, answer.error[0]) == (500, "InternalFailure")
    assert b"5ec3e7" not in answer.body
    assert b"Zero" not in answer.body
    [record] = caplog.records
    assert record.levelno == logging.ERROR
    assert "ZeroDivisionError" in record.getMessage()
    assert "in respond" in record.getMessage()
    assert "5ec3e7" not in caplog.text


@pytest.mark.parametrize(
    "fault",
    [
        ReadTimeoutError(endpoint_url="http://x"),
        EndpointConnectionError(endpoint_url="http://x"),
        ConnectionClosedError(endpoint_url="http://x"),
    ],
    ids=lambda fault: type(fault).__name__,
)
def test_a_planned_loss_of_the_connection_closes_it_without_an_answer(broken, fault):
    log = io.StringIO()
    served = broken(fault, log=log)
    body = urlencode(DESCRIBE)
    with served.connect() as connection:
        connection.sendall(
            (
                f"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {authorization()}\r\n"
                f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n{body}"
            ).encode()
        )
        assert connection.recv(100) == b""
    assert json.loads(log.getvalue())["error"] == type(fault).__name__


# ---------------------------------------------------------------------- faults and retries


@pytest.mark.parametrize("code", ["ReadTimeout", "ConnectionError"])
def test_a_planned_loss_of_the_connection_is_one_to_real_clients(served, stub, code, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    stub.fail("DescribeDBClusters", code, times=2)
    with pytest.raises(ConnectionClosedError):
        served.client().describe_db_clusters()
    answer = served.client(retries={"mode": "standard", "total_max_attempts": 3}).describe_db_clusters()
    assert answer["ResponseMetadata"]["RetryAttempts"] == 1


@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
@pytest.mark.parametrize("code", ["Throttling", "InternalFailure", "ServiceUnavailable"])
def test_planned_faults_are_retried_by_real_clients(served, stub, mode, code, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    stub.add_snapshot("nightly", REGION)
    stub.fail("CopyDBClusterSnapshot", code, times=2)
    client = served.client(retries={"mode": mode, "total_max_attempts": 4})
    answer = client.copy_db_cluster_snapshot(
        SourceDBClusterSnapshotIdentifier="nightly", TargetDBClusterSnapshotIdentifier="copy"
    )
    assert answer["ResponseMetadata"]["RetryAttempts"] == 2
    assert [call.error for call in stub.calls] == [code, code, None]


def test_what_the_stub_does_not_know_is_not_retried(served, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: pytest.fail("it was retried"))
    client = served.client("rds", retries={"mode": "standard", "total_max_attempts": 4})
    with pytest.raises(client.exceptions.ClientError, match="NotStubbed") as caught:
        client.describe_db_snapshots()
    assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == 0


def test_a_fault_without_retries_keeps_its_words(served, stub):
    stub.fail("CopyDBClusterSnapshot", "SnapshotQuotaExceeded", message="no <room> & no air \x00\r\n")
    answer = served.call(copy())
    assert answer.status == 400
    assert answer.error == ("SnapshotQuotaExceeded", "no <room> & no air \ufffd\r\n")


# ---------------------------------------------------------------------- PreSignedUrl


def url(
    base="http://127.0.0.1:4580/",
    scope="AKID/20260504/us-east-1/rds/aws4_request",
    destination="eu-west-1",
    **more,
):
    query = {
        "Action": "CopyDBClusterSnapshot",
        "SourceDBClusterSnapshotIdentifier": SNAPSHOT,
        "X-Amz-Credential": scope,
        "X-Amz-Signature": "5ec3e7",
        **({"DestinationRegion": destination} if destination else {}),
        **more,
    }
    return f"{base}?{urlencode(query)}"


AWS = "https://rds.us-east-1.amazonaws.com"
# whose URL it is, URL, whether it reaches the stub, the SourceRegion that is taken from it
PRESIGNED_URLS = [
    ("botocore's for an http endpoint", url(), False, "us-east-1"),
    ("JavaScript's, AWS's host with the endpoint's port", url(f"{AWS}:4580/", KmsKeyId=""), False, "us-east-1"),
    ("Go's, without DestinationRegion", url(f"{AWS}/", destination=None), False, "us-east-1"),
    ("of another Region than the source's", url(scope="AKID/20260504/us-west-2/rds/aws4_request"), False, None),
    ("without a scope", url(scope=""), False, None),
    ("of another service", url(scope="AKID/20260504/us-east-1/s3/aws4_request"), False, None),
    ("made for AWS", url(f"{AWS}/"), True, None),
    ("not a URL", "http://[", True, None),
    ("of another kind", "ftp://host/", True, None),
    ("empty", "", True, None),
    ("with a malformed port", url(f"{AWS}:port/"), True, None),
]


@pytest.mark.parametrize(
    ("whose", "given", "reaches", "source_region"), PRESIGNED_URLS, ids=[row[0] for row in PRESIGNED_URLS]
)
def test_a_presigned_url_made_for_the_server_is_dropped(served, stub, whose, given, reaches, source_region):
    stub.add_snapshot("nightly", REGION)
    answer = served.call(copy(PreSignedUrl=given), {"Authorization": authorization(region="eu-west-1")})
    [call] = stub.calls
    assert ("PreSignedUrl" in call.params) is reaches
    assert call.params.get("SourceRegion") == source_region
    assert b"5ec3e7" not in answer.body
    if not reaches:
        assert answer.status == 200


def test_a_copy_across_regions_by_botocore_arrives_with_its_source_region(served, stub):
    stub.add_snapshot("nightly", REGION)
    client = served.client(region="eu-west-1")
    answer = client.copy_db_cluster_snapshot(
        SourceDBClusterSnapshotIdentifier=SNAPSHOT, TargetDBClusterSnapshotIdentifier="copy", SourceRegion=REGION
    )
    assert answer["DBClusterSnapshot"]["SourceDBClusterSnapshotArn"] == SNAPSHOT
    assert stub.calls[0].params["SourceRegion"] == REGION


# ---------------------------------------------------------------------- log


def test_the_log_has_one_line_of_json_per_request_and_no_secret(serve, stub):
    log = io.StringIO()
    served = serve(log=log)
    stub.add_snapshot("nightly", REGION)
    served.client(region="eu-west-1").copy_db_cluster_snapshot(
        SourceDBClusterSnapshotIdentifier=SNAPSHOT, TargetDBClusterSnapshotIdentifier="copy", SourceRegion=REGION
    )
    served.call({**DESCRIBE, "X-Amz-Security-Token": "5ec3e7"})
    served.call({**DESCRIBE, "DBClusterSnapshotIdentifier": "nope"}, {"X-Amz-Security-Token": "5ec3e7"})
    served.call({**DESCRIBE, "PreSignedURL": "5ec3e7", "Marker": url()})
    served.call({**DESCRIBE, "Filters.Filter.1.X.PreSignedUrl": "5ec3e7", "Master.MasterUserPassword": "5ec3e7"})
    served.look("health")
    served.ask("GET", "/_neptune-guard/calls?X-Amz-Signature=5ec3e7")
    served.ask("GET", "/_neptune-guard/X-Amz-Signature=5ec3e7")
    served.call(b"{}", {"X-Amz-Target": "X-Amz-Signature=5ec3e7", "Content-Type": "application/x-amz-json-1.1"})
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [(line.get("operation"), line["status"], line.get("error")) for line in lines] == [
        ("CopyDBClusterSnapshot", 200, None),
        (None, 403, "AccessDenied"),
        ("DescribeDBClusterSnapshots", 404, "DBClusterSnapshotNotFoundFault"),
        ("DescribeDBClusterSnapshots", 400, "InvalidParameterValue"),
        ("DescribeDBClusterSnapshots", 400, "InvalidParameterValue"),
        (None, 200, None),
        (None, 200, None),
        (None, 404, "NotFound"),
        ("<redacted>", 501, "NotStubbed"),
    ]
    assert lines[0]["params"]["TargetDBClusterSnapshotIdentifier"] == "copy"
    assert (lines[0]["region"], lines[0]["account_id"]) == ("eu-west-1", ACCOUNT)
    assert lines[5]["control"] == "health"
    assert "5ec3e7" not in str(stub.calls)
    for secret in ("5ec3e7", "X-Amz-Signature", "Signature=", "http://127"):
        assert secret not in log.getvalue()


def test_a_damaged_state_file_is_named_in_the_answer_and_in_the_log(serve, tmp_path, caplog):
    path = tmp_path / "state.db"
    with NeptuneStub(path) as stub:
        served = serve(stub)
        path.write_bytes(b"x" * 4096)
        answer = served.call({"Action": "DescribeDBClusters"})
    assert (answer.status, answer.error[0]) == (500, "InternalFailure")
    assert str(path) in answer.error[1]
    assert str(path) in caplog.text


def test_a_log_that_cannot_be_written_loses_no_answer(serve, caplog):
    class Full(io.StringIO):
        def write(self, text):
            raise OSError(28, "No space left on device")

    assert serve(log=Full()).call({"Action": "DescribeDBClusters"}).status == 200
    assert "cannot write its log: No space left on device" in caplog.text
