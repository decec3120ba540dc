"""A responder's answers as the caller sees them, retried ones included."""

import asyncio
import copy
import datetime
import importlib.util
import json
import pathlib
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import boto3
import botocore
import pytest
from botocore.config import Config
from botocore.exceptions import (
    ClientError,
    ConnectTimeoutError,
    EndpointConnectionError,
    HTTPClientError,
    ReadTimeoutError,
)
from botocore.hooks import HierarchicalEmitter

from neptune_guard import dry_run, register
from neptune_guard._hook.wire import THROTTLES, fresh, is_retried
from neptune_guard.exceptions import NotStubbedError

ACROSS = "arn:aws:rds:eu-west-1:123456789012:cluster-snapshot:nightly"
GOOD = {"SourceDBClusterSnapshotIdentifier": "nightly", "TargetDBClusterSnapshotIdentifier": "copy"}
CREATED = datetime.datetime(2026, 1, 1, tzinfo=datetime.timezone.utc)
SUCCESS = (
    200,
    {"DBClusterSnapshot": {"Status": "copying", "AvailabilityZones": ["us-west-2a"], "SnapshotCreateTime": CREATED}},
)

pytestmark = pytest.mark.usefixtures("no_socket")


def error(status, code, message="made up"):
    return status, {"Error": {"Code": code, "Message": message}}


@pytest.fixture
def stubbed(host):
    """A client without credentials whose calls a responder answers."""

    def client(responder, mode="strict", **config):
        session = host.session()
        register(session, mode=mode, stub=responder, account_id="123456789012")
        nobody = {"aws_access_key_id": None, "aws_secret_access_key": None}
        return host.client(session, config=Config(**config), **nobody)

    return client


@pytest.fixture
def at_once(monkeypatch):
    """Wait no time between attempts, and count the waits."""
    waits = []

    async def no_time(seconds, *args):
        waits.append(seconds)

    monkeypatch.setattr("botocore.endpoint.time.sleep", waits.append)
    monkeypatch.setattr("botocore.retries.bucket.TokenBucket.__init__.__defaults__", (10_000,))
    if importlib.util.find_spec("aiobotocore"):
        monkeypatch.setattr("aiobotocore.endpoint.asyncio.sleep", no_time)
        monkeypatch.setattr("aiobotocore.retries.bucket.AsyncTokenBucket.__init__.__defaults__", (10_000,))
    return waits


def test_a_success_reaches_the_caller(host, stubbed, canned):
    responder = canned(SUCCESS)
    answer = host.wait(stubbed(responder).copy_db_cluster_snapshot(**GOOD))
    assert answer["DBClusterSnapshot"] == SUCCESS[1]["DBClusterSnapshot"]
    assert answer["ResponseMetadata"] == {"HTTPStatusCode": 200, "HTTPHeaders": {}, "RetryAttempts": 0}
    assert responder.asked == [("CopyDBClusterSnapshot", GOOD, "us-west-2", "123456789012")]


def test_the_responder_sees_what_was_filled(host, stubbed, canned):
    responder = canned()
    params = {**GOOD, "SourceDBClusterSnapshotIdentifier": ACROSS}
    host.wait(stubbed(responder).copy_db_cluster_snapshot(**params))
    assert responder.asked[0].params == {**params, "SourceRegion": "eu-west-1"}


def test_metadata_of_the_responders_own_is_kept(host, stubbed, canned):
    metadata = {"RequestId": "made-up", "HTTPStatusCode": 200}
    client = stubbed(canned((200, {"ResponseMetadata": metadata})))
    assert host.wait(client.copy_db_cluster_snapshot(**GOOD)) == {"ResponseMetadata": metadata}


def test_every_operation_is_answered(host, stubbed, canned):
    responder = canned((200, {"DBClusters": [], "TagList": []}))
    client = stubbed(responder, mode="off")
    host.wait(client.describe_db_clusters())
    host.wait(client.list_tags_for_resource(ResourceName="arn:x"))
    assert [asked.operation for asked in responder.asked] == ["DescribeDBClusters", "ListTagsForResource"]


FAULTS = [
    (404, "DBClusterSnapshotNotFoundFault", "DBClusterSnapshotNotFoundFault"),
    (400, "DBClusterSnapshotAlreadyExistsFault", "DBClusterSnapshotAlreadyExistsFault"),
    (400, "SnapshotQuotaExceeded", "SnapshotQuotaExceededFault"),
    (400, "KMSKeyNotAccessibleFault", "KMSKeyNotAccessibleFault"),
    (400, "InvalidParameterValue", "ClientError"),
]


@pytest.mark.parametrize(("status", "code", "name"), FAULTS)
def test_an_error_is_raised_as_the_clients_own_exception(host, stubbed, canned, status, code, name):
    responder = canned(error(status, code))
    client = stubbed(responder)
    with pytest.raises(getattr(client.exceptions, name)) as caught:
        host.wait(client.copy_db_cluster_snapshot(**GOOD))
    assert type(caught.value).__name__ == name
    assert caught.value.response["Error"] == {"Code": code, "Message": "made up"}
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status
    assert len(responder.asked) == 1


RETRIED_ONCE = [[SUCCESS], [error(500, "InternalFailure"), SUCCESS]]


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("answers", RETRIED_ONCE, ids=["at once", "after a retry"])
def test_a_canned_answer_is_not_changed_by_who_gets_it(host, stubbed, canned, answers):
    before = copy.deepcopy(answers)
    client = stubbed(canned(*answers))
    for _ in range(2):
        answer = host.wait(client.copy_db_cluster_snapshot(**GOOD))
        answer["DBClusterSnapshot"]["Status"] = "scribbled"
        answer["DBClusterSnapshot"]["AvailabilityZones"].clear()
        answer["ResponseMetadata"]["scribbled"] = True
    assert answers == before


KEY = "arn:aws:kms:us-west-2:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def test_a_responder_with_keys_answers_kms_about_them_alone(host, canned):
    class WithKeys(canned):
        def describe_key(self, key_id, *, region, account_id):
            return {"KeyId": key_id, "Arn": f"{region} {account_id}"} if key_id == KEY else None

    session = host.session()
    guard = register(session, stub=WithKeys(), account_id="123456789012")
    client = host.client(session, service="kms", config=Config(retries={"total_max_attempts": 1}))
    answer = host.wait(client.describe_key(KeyId=KEY))
    assert answer["KeyMetadata"] == {"KeyId": KEY, "Arn": "us-west-2 123456789012"}
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    with pytest.raises((AssertionError, HTTPClientError)):  # it is sent, and there is nowhere to send it
        host.wait(client.describe_key(KeyId="alias/other"))
    guard.unregister()
    with pytest.raises((AssertionError, HTTPClientError)):
        host.wait(client.describe_key(KeyId=KEY))


def test_nothing_of_a_responder_is_looked_at_but_what_the_protocol_names(host, canned):
    looked_at = set()

    class Watched(canned):
        def __getattr__(self, name):
            looked_at.add(name)
            raise AttributeError(name)

    session = host.session()
    guard = register(session, stub=Watched())
    client = host.client(session)
    host.wait(client.copy_db_cluster_snapshot(**GOOD))
    assert repr(guard).endswith("stub=Watched>")
    host.wait(dry_run(client, **GOOD))
    guard.unregister()
    assert looked_at <= {"now", "wait", "describe_key", "imagines"}


def test_a_responder_without_keys_leaves_kms_alone(host, canned):
    session = host.session()
    register(session, stub=canned())
    client = host.client(session, service="kms", config=Config(retries={"total_max_attempts": 1}))
    with pytest.raises((AssertionError, HTTPClientError)):
        host.wait(client.describe_key(KeyId=KEY))


# ------------------------------------------------------------------ retries

ATTEMPTS = {"legacy": 5, "standard": 3, "adaptive": 3}
RETRIED = [
    error(500, "InternalFailure"),
    error(503, "ServiceUnavailable"),
    error(400, "Throttling"),
    error(503, "RequestLimitExceeded", "slow <down> & 'wait'"),
]
SOURCES = ["nightly", ACROSS]


@pytest.mark.parametrize("source", SOURCES, ids=["here", "across"])
@pytest.mark.parametrize("fault", RETRIED, ids=lambda fault: fault[1]["Error"]["Code"])
@pytest.mark.parametrize("mode", ATTEMPTS)
def test_botocore_gives_up_after_its_own_number_of_attempts(host, stubbed, canned, at_once, mode, fault, source):
    responder = canned(fault)
    client = stubbed(responder, retries={"mode": mode})
    with pytest.raises(ClientError) as caught:
        host.wait(client.copy_db_cluster_snapshot(**{**GOOD, "SourceDBClusterSnapshotIdentifier": source}))
    response = caught.value.response
    assert len(responder.asked) == ATTEMPTS[mode]
    assert response["ResponseMetadata"]["RetryAttempts"] == ATTEMPTS[mode] - 1 == len(at_once)
    assert response["ResponseMetadata"]["HTTPStatusCode"] == fault[0]
    assert {**response["Error"], "Type": None} == {**fault[1]["Error"], "Type": None}


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("source", SOURCES, ids=["here", "across"])
@pytest.mark.parametrize("fault", RETRIED, ids=lambda fault: fault[1]["Error"]["Code"])
@pytest.mark.parametrize("mode", ATTEMPTS)
def test_an_attempt_may_succeed_after_retries(host, stubbed, canned, mode, fault, source):
    responder = canned(fault, fault, SUCCESS)
    client = stubbed(responder, retries={"mode": mode})
    answer = host.wait(client.copy_db_cluster_snapshot(**{**GOOD, "SourceDBClusterSnapshotIdentifier": source}))
    assert answer["DBClusterSnapshot"] == SUCCESS[1]["DBClusterSnapshot"]
    assert answer["ResponseMetadata"]["RetryAttempts"] == 2
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 200
    assert "Error" not in answer
    assert len(responder.asked) == 3


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("mode", ATTEMPTS)
def test_an_attempt_may_fail_for_good_after_a_retry(host, stubbed, canned, mode):
    responder = canned(RETRIED[0], error(404, "DBClusterSnapshotNotFoundFault"))
    client = stubbed(responder, retries={"mode": mode})
    with pytest.raises(client.exceptions.DBClusterSnapshotNotFoundFault) as caught:
        host.wait(client.copy_db_cluster_snapshot(**GOOD))
    assert caught.value.response["ResponseMetadata"]["RetryAttempts"] == 1


@pytest.mark.usefixtures("at_once")
def test_a_call_after_a_retried_one_starts_afresh(host, stubbed, canned):
    responder = canned(RETRIED[0], SUCCESS)
    client = stubbed(responder)
    first, second = (host.wait(client.copy_db_cluster_snapshot(**GOOD)) for _ in range(2))
    assert first["DBClusterSnapshot"] == second["DBClusterSnapshot"]
    assert [each["ResponseMetadata"]["RetryAttempts"] for each in (first, second)] == [1, 0]


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("method", ["delete_db_cluster_snapshot", "modify_db_cluster_snapshot_attribute"])
def test_other_operations_are_retried_too(host, stubbed, canned, method):
    params = {"DBClusterSnapshotIdentifier": "nightly"}
    more = {"AttributeName": "restore"} if method.startswith("modify") else {}
    responder = canned(RETRIED[0], (200, {}))
    host.wait(getattr(stubbed(responder), method)(**params, **more))
    assert len(responder.asked) == 2


CONNECTION_FAULTS = [
    ReadTimeoutError(endpoint_url="https://rds.us-west-2.amazonaws.com"),
    ConnectTimeoutError(endpoint_url="https://rds.us-west-2.amazonaws.com"),
    EndpointConnectionError(endpoint_url="https://rds.us-west-2.amazonaws.com"),
]


class Unreachable:
    """Plays connections that fail: the given number of them, or all."""

    def __init__(self, fault, times=100):
        self.fault, self.times, self.asked = fault, times, 0

    def respond(self, operation, params, *, region, account_id):
        self.asked += 1
        if self.asked <= self.times:
            raise self.fault
        return SUCCESS


@pytest.mark.parametrize("fault", CONNECTION_FAULTS, ids=lambda fault: type(fault).__name__)
@pytest.mark.parametrize("mode", ATTEMPTS)
def test_a_connection_that_fails_is_retried(host, stubbed, at_once, mode, fault):
    responder = Unreachable(fault, times=2)
    answer = host.wait(stubbed(responder, retries={"mode": mode}).copy_db_cluster_snapshot(**GOOD))
    assert answer["DBClusterSnapshot"] == SUCCESS[1]["DBClusterSnapshot"]
    assert (responder.asked, len(at_once)) == (3, 2)


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("fault", CONNECTION_FAULTS, ids=lambda fault: type(fault).__name__)
@pytest.mark.parametrize("mode", ATTEMPTS)
def test_a_connection_that_keeps_failing_is_given_up(host, stubbed, mode, fault):
    responder = Unreachable(fault)
    with pytest.raises(type(fault)):
        host.wait(stubbed(responder, retries={"mode": mode}).copy_db_cluster_snapshot(**GOOD))
    assert responder.asked == ATTEMPTS[mode]


@pytest.mark.usefixtures("at_once")
def test_what_a_responder_raises_in_a_retry_reaches_the_caller(host, stubbed):
    class Failing:
        asked = 0

        def respond(self, operation, params, *, region, account_id):
            self.asked += 1
            if self.asked == 2:
                raise LookupError("no third answer")
            return RETRIED[0]

    with pytest.raises(LookupError, match="no third answer"):
        host.wait(stubbed(Failing()).copy_db_cluster_snapshot(**GOOD))


def test_what_a_responder_raises_reaches_the_caller_in_any_mode(host, stubbed):
    class Failing:
        def respond(self, operation, params, *, region, account_id):
            raise LookupError(operation)

    with pytest.raises(LookupError, match="CopyDBClusterSnapshot"):
        host.wait(stubbed(Failing(), mode="warn").copy_db_cluster_snapshot(**GOOD))


class FailsFirst:
    """Throttles the first attempt of each target, and names the target in the answer to the second."""

    def __init__(self):
        self.seen = set()

    def respond(self, operation, params, *, region, account_id):
        target = params["TargetDBClusterSnapshotIdentifier"]
        if target not in self.seen:
            self.seen.add(target)
            return RETRIED[0]
        return 200, {"DBClusterSnapshot": {"DBClusterSnapshotIdentifier": target}}


TARGETS = [f"copy-{number}" for number in range(12)]


def named(answer):
    return answer["DBClusterSnapshot"]["DBClusterSnapshotIdentifier"]


@pytest.mark.usefixtures("at_once")
def test_attempts_of_concurrent_calls_are_kept_apart(host, stubbed):
    client = stubbed(FailsFirst())

    def copied(target):
        return client.copy_db_cluster_snapshot(**{**GOOD, "TargetDBClusterSnapshotIdentifier": target})

    async def together():
        return await asyncio.gather(*map(copied, TARGETS))

    if hasattr(client, "__aenter__"):
        answers = host.wait(together())
    else:
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(copied, TARGETS))
    assert [named(answer) for answer in answers] == TARGETS
    assert {answer["ResponseMetadata"]["RetryAttempts"] for answer in answers} == {1}


@pytest.mark.usefixtures("at_once")
def test_a_call_that_failed_in_a_retry_leaves_nothing_behind(host, stubbed, canned):
    with pytest.raises(ClientError):
        host.wait(stubbed(canned(RETRIED[0])).copy_db_cluster_snapshot(**GOOD))
    other = canned(RETRIED[2], SUCCESS)
    assert host.wait(stubbed(other).copy_db_cluster_snapshot(**GOOD))["ResponseMetadata"]["RetryAttempts"] == 1
    assert len(other.asked) == 2


@pytest.mark.usefixtures("at_once")
def test_another_handler_that_chooses_the_signer_does_not_open_a_socket(host, stubbed, canned):
    responder = canned(RETRIED[0], SUCCESS)
    client = stubbed(responder)
    client.meta.events.register_first("choose-signer.*.*", lambda **kwargs: botocore.UNSIGNED)
    assert host.wait(client.copy_db_cluster_snapshot(**GOOD))["ResponseMetadata"]["RetryAttempts"] == 1


# ------------------------------------------------------------------ the parts


@pytest.mark.parametrize(
    "answer", [None, {}, {"a": 1, "b": 2}, "ok", (200,), ("200", {}), (200, None), (200, {}, {}), (600, {})]
)
def test_an_answer_of_another_form_is_refused(answer):
    with pytest.raises(TypeError, match=r"respond\(\) returned .*; return a tuple of the HTTP status and a dict"):
        fresh(answer)


@pytest.mark.parametrize("error", [None, "x", {"Code": 5}, {"Code": "Throttling", "Message": b"x"}])
def test_an_error_of_another_form_is_refused(error):
    with pytest.raises(
        TypeError, match=r"respond\(\) returned an Error that is not a dict of the texts Type, Code, Mess"
    ):
        fresh((503, {"Error": error}))


@pytest.mark.usefixtures("at_once")
def test_an_error_without_a_word_is_an_error(host, stubbed, canned):
    with pytest.raises(ClientError) as caught:
        host.wait(stubbed(canned((503, {}))).copy_db_cluster_snapshot(**GOOD))
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 503


IS_RETRIED = [
    ((200, {}), False),
    ((200, {"Error": {"Code": "Throttling"}}), False),
    ((400, {"Error": {"Code": "InvalidParameterValue"}}), False),
    ((400, {"Error": {"Code": "Throttling"}}), True),
    ((400, {}), False),
    ((500, {}), True),
    ((503, {"Error": {"Code": "Whatever"}}), True),
]


@pytest.mark.parametrize(("answer", "expected"), IS_RETRIED)
def test_is_retried(answer, expected):
    assert is_retried(answer) is expected


def test_every_code_that_botocore_retries_is_known():
    from botocore.retries import standard

    data = json.loads((pathlib.Path(botocore.__file__).parent / "data" / "_retry.json").read_text(encoding="utf-8"))
    policies = [*data["definitions"].values(), *data["retry"]["__default__"]["policies"].values()]
    responses = [each["applies_when"].get("response", {}) for each in policies if "applies_when" in each]
    legacy = {each["service_error_code"] for each in responses if each.get("service_error_code")}
    modern = {
        *standard.ThrottledRetryableChecker._THROTTLED_ERROR_CODES,
        *standard.TransientRetryableChecker._TRANSIENT_ERROR_CODES,
    }
    assert "Throttling" in legacy, "botocore's _retry.json has another form now"
    assert legacy | modern <= THROTTLES


@pytest.mark.parametrize(
    ("event", "given"),
    [
        ("before-parameter-build", {"params": {}, "context": {}}),
        ("choose-signer", {"context": {}}),
        ("request-created", {"request": SimpleNamespace(context={})}),
        ("after-call", {"parsed": {}, "context": {}}),
    ],
)
def test_a_guard_that_has_no_calls_leaves_no_handler_behind(canned, event, given):
    emitter = HierarchicalEmitter()
    guard = register(emitter, stub=canned())
    assert emitter.emit(f"{event}.neptune.DescribeEventCategories", **given)
    guard.unregister()
    assert not emitter.emit(f"{event}.neptune.DescribeEventCategories", **given)


def test_a_stub_that_is_registered_in_the_middle_of_a_call_does_not_answer_it(canned):
    session = boto3.Session("fake", "fake", region_name="us-west-2")
    client, responder, guards = session.client("neptune"), canned(), []

    def register_late(**kwargs):
        guards.append(register(client, stub=responder))

    client.meta.events.register_last("before-parameter-build.neptune.DescribeDBClusters", register_late)
    with pytest.raises(NotStubbedError, match="DescribeDBClusters was begun before the stub was registered"):
        client.describe_db_clusters(DBClusterIdentifier="graph")
    assert responder.asked == []


@pytest.mark.parametrize("metadata", [None, [], {"HTTPHeaders": None}, {"HTTPHeaders": 5}])
def test_odd_metadata_of_a_responder_is_one_clear_error(metadata):
    with pytest.raises(TypeError, match="a ResponseMetadata that is not a dict with a dict of HTTPHeaders"):
        fresh((200, {"ResponseMetadata": metadata}))
