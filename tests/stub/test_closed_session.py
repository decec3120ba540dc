"""What a session of the stub does with other services, with moto beside it, and with handlers of a test's own."""

import copy
import time

import botocore.exceptions
import botocore.handlers
import pytest
from botocore.config import Config
from botocore.exceptions import ParamValidationError

from neptune_guard import register
from neptune_guard.exceptions import NotStubbedError
from neptune_guard.stub import Call

from .conftest import ACCOUNT, REGION, copied

OTHER = "210987654321"
OTHER_SERVICES = [
    ("s3", "list_buckets", {}, "s3.ListBuckets"),
    ("s3", "get_object", {"Bucket": "b", "Key": "k"}, "s3.GetObject"),
    ("sts", "assume_role", {"RoleArn": "arn:aws:iam::1:role/x", "RoleSessionName": "recovery"}, "sts.AssumeRole"),
    ("kms", "list_keys", {}, "kms.ListKeys"),
    ("dynamodb", "list_tables", {}, "dynamodb.ListTables"),
    ("ec2", "describe_instances", {}, "ec2.DescribeInstances"),
]


@pytest.fixture(autouse=True)
def _no_socket(no_socket):
    """No test of this module opens one."""


@pytest.mark.parametrize(("service", "method", "params", "name"), OTHER_SERVICES, ids=lambda value: str(value)[:20])
def test_a_call_of_another_service_is_refused_once_and_logged(stub, service, method, params, name):
    client = stub.session(REGION).client(service)
    with pytest.raises(NotStubbedError, match=f"the stub does not answer {name}, and a session of the stub calls no"):
        getattr(client, method)(**params)
    assert stub.calls == [Call(name, {}, REGION, ACCOUNT, "NotStubbed")]


@pytest.mark.parametrize("mode", ["legacy", "standard", "adaptive"])
def test_no_retry_mode_tries_a_refused_call_again(stub, mode):
    client = stub.session(REGION).client("sqs", config=Config(retries={"mode": mode}))
    with pytest.raises(NotStubbedError):
        client.list_queues()
    assert len(stub.calls) == 1


@pytest.mark.parametrize("service", ["neptune", "rds", "docdb"])
def test_the_clients_of_the_control_plane_are_answered(stub, service):
    stub.add_snapshot("nightly", REGION)
    client = stub.session(REGION).client(service)
    copied_snapshot = client.copy_db_cluster_snapshot(**copied("nightly", "copy"))["DBClusterSnapshot"]
    assert copied_snapshot["DBClusterSnapshotIdentifier"] == "copy"
    with pytest.raises(NotStubbedError, match="the stub has no DescribeEvents"):
        client.describe_events()
    assert [call.error for call in stub.calls] == [None, "NotStubbed"]


def test_who_is_calling_is_known(stub):
    identity = stub.session(REGION, account_id=OTHER).client("sts").get_caller_identity()
    assert (identity["Account"], identity["Arn"]) == (OTHER, f"arn:aws:iam::{OTHER}:user/stub")


def test_a_key_of_nobody_is_not_found(stub):
    kms = stub.session(REGION).client("kms")
    with pytest.raises(kms.exceptions.NotFoundException) as caught:
        kms.describe_key(KeyId="alias/no")
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400


def test_a_key_is_not_described_by_its_arn_in_another_region(stub):
    kms, arn = stub.session(REGION).client("kms"), stub.add_kms_key("eu-west-1")
    for key in (arn, stub.add_kms_key("eu-west-1", alias="dr").replace("eu-west-1", "eu-west-3")):
        with pytest.raises(kms.exceptions.NotFoundException, match=r"Invalid arn eu-west-[13]"):
            kms.describe_key(KeyId=key)
    assert stub.session("eu-west-1").client("kms").describe_key(KeyId=arn)["KeyMetadata"]["Arn"] == arn


@pytest.mark.parametrize("service", ["neptune", "rds", "docdb"])
def test_a_guard_that_replaces_the_stubs_one_is_named_as_the_reason(stub, service):
    session = stub.session(REGION)
    register(session)
    with pytest.raises(NotStubbedError, match=rf"{service}.DescribeDBClusters was not sent: .* pass stub= and"):
        session.client(service).describe_db_clusters()
    register(session, stub=stub, services=[service])
    assert session.client(service).describe_db_clusters()["DBClusters"] == []


def test_moto_beside_it_answers_its_own_services(stub):
    from moto import mock_aws

    stub.add_snapshot("nightly", REGION)
    with mock_aws():
        session = stub.session(REGION)
        session.client("s3").create_bucket(Bucket="mine")
        assert [each["Name"] for each in session.client("s3").list_buckets()["Buckets"]] == ["mine"]
        session.client("neptune").copy_db_cluster_snapshot(**copied("nightly", "copy"))
    assert [call.operation for call in stub.calls] == ["CopyDBClusterSnapshot"]


# ---------------------------------------------------------------------- each session has its own handlers


def test_a_handler_of_one_session_is_not_seen_by_the_next(stub):
    seen = []
    first = stub.session(REGION)
    first.events.register("before-parameter-build", lambda **kwargs: seen.append("session"))
    first.client("neptune").describe_db_clusters()
    client = stub.session(REGION).client("neptune")
    client.meta.events.register("before-parameter-build", lambda **kwargs: seen.append("client"))
    stub.session(REGION).client("neptune").describe_db_clusters()
    assert seen == ["session"]


def test_builtin_handlers_that_others_add_later_are_there(stub, monkeypatch):
    stub.session(REGION)
    seen = []
    added = ("before-parameter-build", lambda **kwargs: seen.append(kwargs["model"].name))
    monkeypatch.setattr(botocore.handlers, "BUILTIN_HANDLERS", [*botocore.handlers.BUILTIN_HANDLERS, added])
    stub.session(REGION).client("neptune").describe_db_clusters()
    assert seen == ["DescribeDBClusters"]
    monkeypatch.undo()
    stub.session(REGION).client("neptune").describe_db_clusters()
    assert seen == ["DescribeDBClusters"]


def test_it_has_the_builtin_handlers_of_any_session(stub):
    """`ExpectedBucketOwner` and an MD5 sum are the work of botocore's own handlers."""
    events = stub.session(REGION).client("s3").meta.events
    event = "before-parameter-build.s3.CreateBucket"
    params = {"Bucket": "not a name"}
    with pytest.raises(botocore.exceptions.ParamValidationError, match="Invalid bucket name"):
        events.emit(event, params=params, context={}, model=None)


# ---------------------------------------------------------------------- copies, and retries without waiting


def test_a_session_can_be_copied_and_the_copy_talks_to_the_same_stub(stub):
    session = stub.session(REGION)
    stub.add_snapshot("nightly", REGION)
    copy.deepcopy(session).client("neptune").copy_db_cluster_snapshot(**copied("nightly", "copy"))
    listed = session.client("neptune").describe_db_cluster_snapshots()["DBClusterSnapshots"]
    assert [each["DBClusterSnapshotIdentifier"] for each in listed] == ["copy", "nightly"]
    assert copy.deepcopy(stub) is stub


def test_between_two_attempts_nobody_waits_in_botocores_default_mode(stub, monkeypatch):
    slept = []
    monkeypatch.setattr(time, "sleep", slept.append)
    stub.fail("DescribeDBClusters", "Throttling", times=2)
    stub.session(REGION).client("neptune").describe_db_clusters()
    assert slept == [0, 0]


def test_a_connection_that_fails_is_tried_again(stub):
    stub.fail("DescribeDBClusters", "ReadTimeout", times=2)
    client = stub.session(REGION).client("neptune")
    assert client.describe_db_clusters()["ResponseMetadata"]["RetryAttempts"] == 2
    assert [call.error for call in stub.calls] == ["ReadTimeout", "ReadTimeout", None]
    stub.fail("DescribeDBClusters", "ReadTimeout", times=9)
    with pytest.raises(botocore.exceptions.ReadTimeoutError, match=f"https://rds.{REGION}.amazonaws.com/"):
        client.describe_db_clusters()


def test_expired_credentials_are_an_error_answer(stub):
    stub.fail("DescribeDBClusters", "ExpiredToken")
    client = stub.session(REGION).client("neptune")
    with pytest.raises(client.exceptions.ClientError, match="ExpiredToken") as refusal:
        client.describe_db_clusters()
    assert refusal.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


def test_a_key_that_no_text_can_name_is_asked_of_nobody(stub):
    with pytest.raises(NotStubbedError):
        stub.session(REGION).client("kms").describe_key(KeyId="alias/\x01")


@pytest.mark.parametrize("key", ["arn:foo", "arn:", "arn:aws:kms", "a b", "alias/", "X-Amz-Signature=x", "k" * 5000])
def test_what_cannot_be_a_key_is_not_made_up(make, state, key):
    kms = make(state, imagine=True).session(REGION).client("kms")
    for _ in range(2):
        with pytest.raises((kms.exceptions.NotFoundException, ParamValidationError)):
            kms.describe_key(KeyId=key)


def test_the_caller_is_of_the_regions_partition(make):
    sts = make().session("cn-north-1").client("sts")
    assert sts.get_caller_identity()["Arn"].startswith("arn:aws-cn:iam::")


def test_adaptive_retries_do_not_wait_for_each_other(make, monkeypatch):
    monkeypatch.setattr("botocore.retries.bucket.TokenBucket.acquire", lambda *_, **__: pytest.fail("it waits"))
    stub = make()
    stub.fail("DescribeDBClusters", "Throttling", times=3)
    config = Config(retries={"mode": "adaptive", "max_attempts": 5})
    client = stub.session(REGION).client("neptune", config=config)
    assert client.describe_db_clusters()["ResponseMetadata"]["RetryAttempts"] == 3
    assert client.describe_db_clusters()["DBClusters"] == []
