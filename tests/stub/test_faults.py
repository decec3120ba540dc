"""Planned faults, alone and through botocore's own retries."""

import re

import botocore.model
import pytest
from botocore.config import Config

import neptune_guard
from neptune_guard.exceptions import ConfigurationError

from .conftest import REGION, copied, service

ERRORS = service().operation_model("CopyDBClusterSnapshot").error_shapes
CALL = copied("nightly", "copy")


@pytest.mark.parametrize("shape", ERRORS, ids=lambda shape: shape.name)
@pytest.mark.parametrize("by", ["name", "error_code"])
def test_each_modelled_fault_can_be_planned_and_is_the_clients_own_exception(stub, client, shape, by):
    stub.add_snapshot("nightly", REGION)
    stub.fail("CopyDBClusterSnapshot", getattr(shape, by))
    with pytest.raises(getattr(client.exceptions, shape.name)) as caught:
        client.copy_db_cluster_snapshot(**CALL)
    assert caught.value.response["Error"]["Code"] == shape.error_code
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == shape.metadata["error"]["httpStatusCode"]
    assert client.copy_db_cluster_snapshot(**CALL)["ResponseMetadata"]["HTTPStatusCode"] == 200


@pytest.mark.parametrize(
    ("code", "status"), [("InvalidParameterValue", 400), ("InvalidParameterCombination", 400), ("AccessDenied", 403)]
)
def test_an_unmodelled_fault_is_a_plain_client_error(stub, client, code, status):
    stub.fail("CopyDBClusterSnapshot", code, message="in these words")
    with pytest.raises(client.exceptions.ClientError, match="in these words") as caught:
        client.copy_db_cluster_snapshot(**CALL)
    assert type(caught.value) is client.exceptions.ClientError
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert caught.value.response["Error"] == {"Type": "Sender", "Code": code, "Message": "in these words"}


PLANS = [
    ([{}], "F..."),
    ([{"times": 3}], "FFF."),
    ([{"after": 2}], "..F."),
    ([{"after": 1, "times": 2}], ".FF."),
    ([{}, {"after": 1}], "FF.."),
    ([{"times": 2}, {"times": 1}], "FFF."),
    ([{"after": 3}, {}], "F..F"),
]


@pytest.mark.parametrize(("plans", "expected"), PLANS)
def test_which_calls_fail(stub, ask, plans, expected):
    for plan in plans:
        stub.fail("DescribeDBClusters", "AccessDenied", **plan)
    outcomes = []
    for _ in expected:
        outcomes.append("F" if ask.answer("DescribeDBClusters")[0] == 403 else ".")
        assert ask.answer("DescribeDBClusterSnapshots")[0] == 200
    assert "".join(outcomes) == expected


def test_the_calls_before_a_fault_count_whatever_their_answer(stub, ask):
    stub.fail("CopyDBClusterSnapshot", "AccessDenied", after=1)
    codes = [ask.copy_refused("nightly", "copy")[0] for _ in range(2)]
    assert codes == ["DBClusterSnapshotNotFoundFault", "AccessDenied"]


def test_a_plan_comes_before_all_else_and_leaves_the_state_alone(stub, ask):
    stub.fail("CopyDBClusterSnapshot", "SnapshotQuotaExceeded")
    assert ask.copy_refused("-", "-") == (
        "SnapshotQuotaExceeded",
        "SnapshotQuotaExceeded, as planned for CopyDBClusterSnapshot",
    )
    assert ask.listed() == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("CopyDBClusterSnapshot", "SnapshotQuotaExceded"), ["; did you mean 'SnapshotQuotaExceeded'?"]),
        (("CopyDBClusterSnapshot", "DBClusterSnapshotNotFound"), ["did you mean 'DBClusterSnapshotNotFoundFault'?"]),
        (
            ("CopyDBClusterSnapshot", "???"),
            ["'???' is not a fault of Neptune; those of CopyDBClusterSnapshot are AccessDenied, "],
        ),
        (
            ("CopyDbClusterSnapshot", "Throttling"),
            ["the stub has no 'CopyDbClusterSnapshot'; did you mean 'CopyDBClusterSnapshot'?"],
        ),
        (("", "Throttling"), ["the stub has no ''; it knows AddTagsToResource, CopyDBClusterSnapshot"]),
        (("CopyDBClusterSnapshot", "Throttling", 0), ["times is 0; give a whole number of at least 1"]),
        (("CopyDBClusterSnapshot", "Throttling", True), ["times is True"]),
        (("CopyDBClusterSnapshot", "Throttling", 2**70), ["times is "]),
        (("CopyDBClusterSnapshot", "Throttling", 1, -1), ["after is -1; give a whole number of at least 0"]),
        (("CopyDBClusterSnapshot", "Throttling", 1, "1"), ["after is '1'"]),
    ],
)
def test_a_plan_that_cannot_be_kept_is_refused(stub, ask, arguments, words):
    with pytest.raises(ConfigurationError) as refusal:
        stub.fail(*arguments)
    assert all(each in str(refusal.value) for each in words)
    ask("DescribeDBClusterSnapshots")


# ---------------------------------------------------------------------- retries


@pytest.fixture(autouse=True)
def slept(monkeypatch):
    """Retries would wait for seconds: give the pauses that were asked for, none of which is made."""
    pauses = []
    monkeypatch.setattr("time.sleep", pauses.append)
    return pauses


def outcomes(stub):
    return [call.error for call in stub.calls]


FAR = "arn:aws:rds:eu-west-1:123456789012:cluster-snapshot:nightly"


@pytest.mark.parametrize(
    ("mode", "code", "source", "times"),
    [
        ("legacy", "Throttling", FAR, 2),
        ("legacy", "ServiceUnavailable", "nightly", 3),
        ("standard", "ThrottlingException", "nightly", 2),
        ("standard", "InternalFailure", FAR, 3),
        ("standard", "RequestLimitExceeded", FAR, 2),
        ("adaptive", "InternalFailure", FAR, 1),
    ],
)
def test_botocore_retries_what_it_would_retry_without_a_pause(make, slept, mode, code, source, times):
    stub = make(imagine=True)
    stub.fail("CopyDBClusterSnapshot", code, times=times)
    config = Config(retries={"mode": mode, "max_attempts": 4})
    client = stub.session(REGION).client("neptune", config=config)
    answer = client.copy_db_cluster_snapshot(**copied(source, "copy"))
    assert answer["DBClusterSnapshot"]["DBClusterSnapshotIdentifier"] == "copy"
    assert answer["ResponseMetadata"]["RetryAttempts"] == times
    assert slept == [0] * times
    assert len(answer["ResponseMetadata"]["RequestId"]) == 32
    assert outcomes(stub) == [code] * times + [None]
    listed = client.describe_db_cluster_snapshots(SnapshotType="manual")["DBClusterSnapshots"]
    assert "copy" in [each["DBClusterSnapshotIdentifier"] for each in listed]


@pytest.mark.parametrize("message", ["slower & <slower>", "", "a\0\x1b[31m\ufffe", "a\rb\r\nc"])
@pytest.mark.parametrize(("code", "kind"), [("Throttling", "Sender"), ("ServiceUnavailable", "Receiver")])
def test_when_retries_are_used_up_the_error_is_raised(make, code, kind, message):
    stub = make(imagine=True)
    stub.fail("CopyDBClusterSnapshot", code, times=9, message=message)
    config = Config(retries={"mode": "standard", "total_max_attempts": 3})
    client = stub.session(REGION).client("neptune", config=config)
    with pytest.raises(
        client.exceptions.ClientError, match=re.escape(f"operation (reached max retries: 2): {message}")
    ) as caught:
        client.copy_db_cluster_snapshot(**CALL)
    response = caught.value.response
    assert response["Error"] == {"Type": kind, "Code": code, "Message": message}
    assert len(response["ResponseMetadata"]["RequestId"]) == 32
    assert outcomes(stub) == [code] * 3


@pytest.mark.parametrize("code", ["SnapshotQuotaExceeded", None])
def test_an_answer_has_the_metadata_of_botocores_parser(make, code):
    stub = make(imagine=True)
    if code:
        stub.fail("CopyDBClusterSnapshot", code)
    status, answer = stub.respond("CopyDBClusterSnapshot", CALL, region=REGION)
    number = answer["ResponseMetadata"]["RequestId"]
    assert answer["ResponseMetadata"] == {
        "RequestId": number,
        "HTTPStatusCode": status,
        "HTTPHeaders": {"x-amzn-requestid": number, "content-type": "text/xml"},
        "RetryAttempts": 0,
    }


def test_a_retry_may_end_in_another_fault(make):
    stub = make()
    stub.fail("CopyDBClusterSnapshot", "Throttling")
    client = stub.session(REGION).client("neptune")
    with pytest.raises(client.exceptions.DBClusterSnapshotNotFoundFault):
        client.copy_db_cluster_snapshot(**CALL)
    assert outcomes(stub) == ["Throttling", "DBClusterSnapshotNotFoundFault"]


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("copy_db_cluster_snapshot", CALL),
        ("copy_db_cluster_snapshot", copied(FAR, "copy")),
        ("describe_db_clusters", {}),
        ("add_tags_to_resource", {"ResourceName": FAR.replace("eu-west-1", REGION), "Tags": []}),
    ],
)
def test_either_host_retries_without_credentials(make, host, no_socket, no_pauses, operation, params):
    """A user's own session; it has no credentials, and none are looked for once the client exists."""
    stub = make(imagine=True)
    stub.add_snapshot("nightly", REGION)
    session = host.session()
    neptune_guard.register(session, stub=stub, mode="strict")
    nobody = {"aws_access_key_id": None, "aws_secret_access_key": None}
    client = host.client(session, REGION, **nobody)
    stub.fail(client.meta.method_to_api_mapping[operation], "Throttling", times=2)
    answer = host.wait(getattr(client, operation)(**params))
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert outcomes(stub) == ["Throttling", "Throttling", None]


def test_the_model_has_the_faults_that_are_told_apart_here():
    assert {shape.error_code for shape in ERRORS if shape.error_code != shape.name} == {"SnapshotQuotaExceeded"}
    assert all(isinstance(shape, botocore.model.StructureShape) for shape in ERRORS)
