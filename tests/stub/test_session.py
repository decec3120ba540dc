"""Ways to a stub: its own session, `register`, the environment; none of them opens a socket."""

import socket

import botocore.session
import pytest

import neptune_guard
from neptune_guard.exceptions import ConfigurationError, ConstraintViolationError, NotStubbedError
from neptune_guard.stub import Call
from neptune_guard.stub.operations import OPERATIONS
from tests.helpers import HERE, seed, sound

from .conftest import ACCOUNT, REGION, copied

OTHER = "210987654321"
FAR = f"arn:aws:rds:eu-west-1:{ACCOUNT}:cluster-snapshot:nightly"
NEAR = f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster-snapshot:nightly"


@pytest.fixture
def forbidden(monkeypatch):
    """Forbid every socket and every look-up of a name; call it once what a user owns is made."""

    def refuse(*args, **kwargs):
        raise AssertionError(f"a socket was asked for: {args}")

    def forbid():
        for name in ("getaddrinfo", "create_connection", "gethostbyname"):
            monkeypatch.setattr(socket, name, refuse)
        for name in ("connect", "connect_ex", "sendto"):
            monkeypatch.setattr(socket.socket, name, refuse)
        monkeypatch.setattr(socket.socket, "__init__", refuse)

    return forbid


def test_an_operation_that_the_stub_lacks_is_refused_with_those_that_it_knows(stub):
    with pytest.raises(NotStubbedError) as refusal:
        stub.respond("NoSuchOperation", {}, region=REGION)
    assert str(refusal.value) == f"the stub has no NoSuchOperation; it knows {', '.join(sorted(OPERATIONS))}"


def afresh(stub, operation):
    """Give a stub the world of the sound requests, in which the first attempt of an operation fails."""
    stub.reset()
    seed(stub)
    stub.fail(operation, "Throttling")


def method(client, operation):
    names = {name: method for method, name in client.meta.method_to_api_mapping.items()}
    return getattr(client, names[operation])


def test_from_the_stubs_own_session_no_socket_is_opened(make, forbidden, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    forbidden()
    stub = make(imagine=True)
    client = stub.session(HERE).client("neptune")
    for operation in OPERATIONS:
        afresh(stub, operation)
        status = method(client, operation)(**sound(operation))["ResponseMetadata"]["HTTPStatusCode"]
        assert (operation, status) == (operation, 200)
        assert [(call.operation, call.error) for call in stub.calls] == [(operation, "Throttling"), (operation, None)]
    answer = client.copy_db_cluster_snapshot(**copied(FAR, "far-copy"))["DBClusterSnapshot"]
    assert answer["SourceDBClusterSnapshotArn"] == FAR
    with pytest.raises(
        NotStubbedError, match="the stub has no DescribeEventCategories; it knows AddTagsToResource, Copy"
    ):
        client.describe_event_categories(SourceType="db-cluster")
    assert stub.calls[-2].params["SourceRegion"] == "eu-west-1"
    assert stub.calls[-1] == Call("DescribeEventCategories", {"SourceType": "db-cluster"}, HERE, ACCOUNT, "NotStubbed")


def test_on_a_session_of_ones_own_no_socket_is_opened_once_the_client_exists(make, host, forbidden, monkeypatch):
    monkeypatch.setattr("random.random", lambda: 0.0)
    stub = make(imagine=True)
    session = host.session()
    neptune_guard.register(session, stub=stub, mode="strict")
    client = host.client(session, HERE, aws_access_key_id=None, aws_secret_access_key=None)
    forbidden()
    for operation in OPERATIONS:
        afresh(stub, operation)
        answer = host.wait(method(client, operation)(**sound(operation)))
        assert (operation, answer["ResponseMetadata"]["HTTPStatusCode"]) == (operation, 200)
    answer = host.wait(client.copy_db_cluster_snapshot(**copied(FAR, "far-copy")))
    assert answer["DBClusterSnapshot"]["SourceDBClusterSnapshotArn"] == FAR


def test_the_session_reads_nobodys_settings(make, monkeypatch, tmp_path):
    bad = tmp_path / "config"
    bad.write_text("[default]\nregion = eu-west-1\nneptune_guard_mode = nonsense\n[broken")
    for name, value in {
        "AWS_CONFIG_FILE": str(bad),
        "AWS_SHARED_CREDENTIALS_FILE": str(bad),
        "AWS_PROFILE": "nobody",
        "AWS_DEFAULT_REGION": "eu-west-1",
        "AWS_REGION": "eu-west-1",
        "AWS_ACCESS_KEY_ID": "AKIDEXAMPLE",
        "AWS_DATA_PATH": "/nowhere",
        "AWS_CA_BUNDLE": "/nowhere",
        "AWS_RETRY_MODE": "nonsense",
        "AWS_MAX_ATTEMPTS": "x",
        "AWS_ENDPOINT_URL": "http://nowhere",
        "AWS_USE_FIPS_ENDPOINT": "true",
        "AWS_DEFAULTS_MODE": "auto",
        "NEPTUNE_GUARD_MODE": "nonsense",
        "NEPTUNE_GUARD_IGNORE": "nonsense",
        "NEPTUNE_GUARD_STUB": str(bad),
    }.items():
        monkeypatch.setenv(name, value)
    session = make().session("us-west-2")
    client = session.client("neptune")
    assert (session.region_name, client.meta.region_name) == ("us-west-2", "us-west-2")
    assert client.meta.endpoint_url == "https://rds.us-west-2.amazonaws.com"
    assert session.get_credentials().access_key == "stub"
    assert client.describe_db_clusters()["DBClusters"] == []


@pytest.mark.parametrize(("mode", "answered"), [("strict", False), ("warn", True), ("off", True)])
def test_the_mode_of_a_session(stub, mode, answered):
    client = stub.session(REGION, mode=mode).client("neptune")
    expected = client.exceptions.ClientError if answered else ConstraintViolationError
    with pytest.raises(expected):
        client.copy_db_cluster_snapshot(**copied("nightly", "a--b"))
    assert len(stub.calls) == answered


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"mode": "lax"}, "'lax', read from the argument mode, is not a mode"),
        ({"account_id": "1"}, "account_id is '1'; give twelve digits"),
        ({"account_id": ""}, "account_id is ''; give"),
    ],
)
def test_a_session_that_cannot_be_made(stub, options, words):
    with pytest.raises(ConfigurationError, match=words):
        stub.session(REGION, **options)


def test_each_session_has_its_account_and_region(stub):
    stub.add_snapshot("nightly", REGION)
    mine = stub.session(REGION).client("neptune")
    theirs = stub.session("eu-west-1", account_id=OTHER).client("neptune", region_name=REGION)
    mine.modify_db_cluster_snapshot_attribute(
        DBClusterSnapshotIdentifier="nightly", AttributeName="restore", ValuesToAdd=[OTHER]
    )
    copy = theirs.copy_db_cluster_snapshot(**copied(NEAR, "copy"))["DBClusterSnapshot"]
    assert copy["DBClusterSnapshotArn"] == f"arn:aws:rds:{REGION}:{OTHER}:cluster-snapshot:copy"
    assert stub.calls[-1] == Call("CopyDBClusterSnapshot", copied(NEAR, "copy"), REGION, OTHER, None)
    assert stub.calls[0].account_id == ACCOUNT


def test_register_makes_a_stub_that_imagines():
    session = botocore.session.Session()
    neptune_guard.register(session, stub=True)
    client = session.create_client("neptune", REGION)
    assert client.copy_db_cluster_snapshot(**copied(FAR, "copy"))["DBClusterSnapshot"]["Status"] == "copying"


@pytest.mark.parametrize("way", ["argument", "environment"])
def test_a_state_file_is_shared_with_whoever_registers_it(make, state, monkeypatch, way):
    stub = make(state)
    stub.add_snapshot("nightly", REGION, tags={"a": "b"})
    if way == "environment":
        monkeypatch.setenv("NEPTUNE_GUARD_STUB", str(state))
    session = botocore.session.Session()
    neptune_guard.register(session, stub=state if way == "argument" else None)
    client = session.create_client("neptune", REGION)
    client.copy_db_cluster_snapshot(**copied("nightly", "copy"), CopyTags=True)
    assert [call.operation for call in stub.calls] == ["CopyDBClusterSnapshot"]


def test_describe_key_answers_for_the_stubs_keys(make):
    stub = make()
    key = stub.add_kms_key(REGION, alias="dr", enabled=False)
    kms = stub.session(REGION).client("kms")
    expected = {"Arn": key, "Enabled": False, "KeyState": "Disabled", "AWSAccountId": ACCOUNT}
    for given in (key, key.rpartition("/")[2], "alias/dr", f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/dr"):
        assert expected.items() <= kms.describe_key(KeyId=given)["KeyMetadata"].items()
    assert stub.describe_key("alias/no", region=REGION) is None
    assert make(imagine=True).describe_key("alias/no", region=REGION)["Enabled"] is True


@pytest.mark.parametrize(
    ("operation", "params", "words"),
    [
        (
            "CreateDBCluster",
            {"ReplicationSourceIdentifier": "x", "GlobalClusterIdentifier": "y", "Engine": "neptune"},
            "the stub does not model GlobalClusterIdentifier, ReplicationSourceIdentifier of CreateDBCluster; leave it",
        ),
        ("CreateDBCluster", {"EngineMode": "provisioned"}, "does not model EngineMode"),  # a parameter of rds
        ("DescribeEventCategories", {}, "the stub has no DescribeEventCategories"),
        ("DeleteDBInstance", {"FinalDBSnapshotIdentifier": "x"}, "does not model FinalDBSnapshotIdentifier"),
    ],
)
def test_a_parameter_that_is_not_read_is_refused_by_name_and_logged(stub, operation, params, words):
    with pytest.raises(NotStubbedError, match=words):
        stub.respond(operation, params, region=REGION)
    assert stub.calls == [Call(operation, params, REGION, ACCOUNT, "NotStubbed")]


@pytest.mark.parametrize(
    ("operation", "params"),
    [
        ("CopyDBClusterSnapshot", {**copied("a", "b"), "OptionGroup": "x"}),
        ("DeleteDBClusterSnapshot", {"DBClusterSnapshotIdentifier": "a", "Force": True}),
        ("DescribeDBInstances", {"Id": "a"}),
        ("DescribeDBInstances", {"Id": "a", "DBInstanceIdentifier": "x"}),
    ],
)
def test_a_parameter_that_no_service_has_is_answered_as_the_service_would(stub, ask, operation, params):
    code, words = ask.refused(operation, **params)
    assert code == "InvalidParameterValue"
    assert ({*params} & {"OptionGroup", "Force", "Id"}).pop() in words
    assert stub.calls[-1].error == code
