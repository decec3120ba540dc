"""Control requests and seed files: the stub's methods from any language."""

from __future__ import annotations

import inspect
import json
from datetime import datetime, timedelta, timezone

import pytest

from neptune_guard.exceptions import ConfigurationError
from neptune_guard.serve import control
from neptune_guard.stub import NeptuneStub
from tests.serve.conftest import ACCOUNT, REGION, authorization

KNOWN_CHANGES = [name for name in control.CHANGES if "/" in name or hasattr(NeptuneStub, name)]


def test_a_story_is_told_by_control_alone(served, stub):
    key = served.control("add_kms_key", {"region": REGION, "alias": "backup"}).json
    assert key.startswith(f"arn:aws:kms:{REGION}:{ACCOUNT}:key/")
    cluster = served.control("add_cluster", {"identifier": "graph", "region": REGION, "tags": {"équipe": "é"}}).json
    assert cluster["DBClusterArn"] == f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:graph"
    snapshot = served.control(
        "add_snapshot",
        {
            "identifier": "nightly",
            "region": REGION,
            "cluster": "graph",
            "kms_key_id": "alias/backup",
            "tags": None,
            "created": "2026-05-04T03:02:01Z",
            "shared_with": ["111122223333"],
        },
    ).json
    assert snapshot["SnapshotCreateTime"] == "2026-05-04T03:02:01Z"
    assert snapshot["KmsKeyId"] == key
    fault = {"operation": "DescribeDBClusters", "code": "AccessDenied", "times": 1, "message": "not you"}
    assert served.control("fail", fault).json is None
    assert served.call({"Action": "DescribeDBClusters"}).error == ("AccessDenied", "not you")
    assert served.call({"Action": "DescribeDBClusters"}).status == 200
    calls = served.look("calls")
    assert [call["error"] for call in calls] == ["AccessDenied", None]
    assert calls[0] == {
        "operation": "DescribeDBClusters",
        "params": {},
        "region": REGION,
        "account_id": ACCOUNT,
        "error": "AccessDenied",
    }
    assert served.control("reset").json is None
    assert served.look("calls") == []
    assert served.look("health") == {"status": "ok"}


def test_the_clock_is_moved_by_control(served, stub):
    frozen = served.control("clock/freeze", {}).json
    assert served.look("clock") == frozen
    later = served.control("clock/advance", {"hours": 1, "minutes": 0.5}).json
    assert datetime.fromisoformat(later.replace("Z", "+00:00")) == stub.clock.now()
    moved = datetime.fromisoformat(later.replace("Z", "+00:00")) - datetime.fromisoformat(frozen.replace("Z", "+00:00"))
    assert moved == timedelta(hours=1, seconds=30)
    assert served.control("clock/move_to", {"moment": "2030-01-01T00:00:00+02:00"}).json == "2029-12-31T22:00:00Z"
    assert stub.clock.now() == datetime(2029, 12, 31, 22, tzinfo=timezone.utc)


@pytest.mark.parametrize("name", KNOWN_CHANGES)
def test_the_arguments_are_those_of_the_method(stub, name):
    """Nothing is repeated: a new argument of the stub's is an argument of control."""
    owner = stub.clock if "/" in name else stub
    method = getattr(owner, name.rpartition("/")[2])
    kinds = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    names = [each.name for each in inspect.signature(method).parameters.values() if each.kind in kinds]
    assert list(control._signature(method.__func__).names) == names


# name, arguments as JSON text, words
MISTAKEN_ARGUMENTS = [
    ("add_cluster", "[]", "[] is not of type 'object'"),
    ("add_cluster", "5", "5 is not of type 'object'"),
    ("add_cluster", "null", "None is not of type 'object'"),
    ("add_cluster", "{", "not JSON"),
    ("add_cluster", '{"identifier": "a", "identifier": "b"}', "'identifier' is given twice"),
    ("add_cluster", '{"identifier": "a"}', "'region' is a required property"),
    ("add_cluster", '{"identifier": "a", "regoin": "x", "region": "us-east-1"}', "'regoin' is not an argument"),
    ("add_cluster", '{"identifier": "a", "region": "us-east-1", "self": 1}', "'self' is not an argument"),
    ("add_cluster", '{"identifier": 5, "region": "us-east-1"}', "identifier: 5 is not of type 'string'"),
    ("add_cluster", '{"identifier": null, "region": "us-east-1"}', "identifier: None is not of type 'string'"),
    ("add_cluster", '{"identifier": "a--b", "region": "us-east-1"}', "not a valid identifier"),
    ("add_cluster", '{"identifier": "a", "region": "us-east-1", "tags": {"a": 1}}', "tags: a: 1 is not of type"),
    ("add_cluster", '{"identifier": "a", "region": "us-east-1", "tags": ["a"]}', "tags: ['a'] is not of type"),
    ("add_snapshot", '{"identifier": "a", "region": "us-east-1", "shared_with": "all"}', "shared_with: 'all' is not"),
    ("add_snapshot", '{"identifier": "a", "region": "us-east-1", "shared_with": [1]}', "shared_with: 0: 1 is not"),
    (
        "add_snapshot",
        '{"identifier": "a", "region": "us-east-1", "created": "noon"}',
        "created is 'noon', which is not a time",
    ),
    (
        "add_snapshot",
        '{"identifier": "a", "region": "us-east-1", "created": "2026-01-01"}',
        "has no time zone; give one as 2026-05-04T03:00:00Z",
    ),
    ("add_kms_key", '{"region": "us-east-1", "enabled": "yes"}', "enabled: 'yes' is not of type 'boolean'"),
    ("add_kms_key", '{"region": "us-east-1", "account_id": "1"}', "account_id is '1'"),
    ("fail", '{"operation": "Nope", "code": "Throttling"}', "'Nope'"),
    ("fail", '{"operation": "DescribeDBClusters", "code": "Throttling", "times": true}', "times: True is not of type"),
    ("fail", '{"operation": "DescribeDBClusters", "code": "Throttling", "times": 1.5}', "times: 1.5 is not of type"),
    ("fail", '{"operation": "DescribeDBClusters", "code": "Throttling", "times": 1e400}', "is not of type 'integer'"),
    ("fail", '{"operation": "DescribeDBClusters", "code": "Throttling", "times": NaN}', "NaN is not a number of JSON"),
    ("fail", '{"operation": "DescribeDBClusters", "code": "Throttling", "times": %s}' % ("9" * 40), "times is 999"),
    ("fail", '{"operation": "DescribeDBClusters", "code": "Throttling", "times": %s}' % ("9" * 5000), "5000 digits"),
    ("clock/advance", '{"hours": "one"}', "hours: 'one' is not of type 'number'"),
    ("clock/advance", '{"hours": -1}', "negative"),
    ("clock/advance", '{"hours": 1e300}', "cannot be advanced"),
    ("clock/advance", '{"fortnights": 1}', "fortnights"),
    ("clock/advance", '{"days": 9999999}', "9999999 days"),
    ("clock/move_to", "{}", "'moment' is a required property"),
    ("clock/move_to", '{"moment": 5}', "moment: 5 is not of type 'string'"),
    ("clock/move_to", '{"moment": "2026-01-01T00:00:00"}', "has no time zone; give one as 2026-05-04T03:00:00Z"),
    ("clock/freeze", '{"now": true}', "clock/freeze: 'now' is not an argument; it takes no arguments"),
    ("reset", '{"all": true}', "'all' is not an argument"),
    (
        "add_cluster",
        '{"identifier": "a", "region": "us-east-1", "X-Amz-Signature": "5ec3e7"}',
        "add_cluster: <redacted> is not an argument; it takes identifier, region",
    ),
    ("reset", "[" * 100_000, "not JSON"),
    ("reset", '{"%s": 1}' % ("x" * 5000), "xxx"),
]


@pytest.mark.parametrize(("name", "body", "words"), MISTAKEN_ARGUMENTS, ids=lambda value: value[:60])
def test_a_mistake_is_one_line_of_json(served, stub, name, body, words):
    answer = served.ask("POST", f"/_neptune-guard/{name}", body.encode(), {"Content-Type": "application/json"})
    assert answer.status == 400
    assert answer.json.keys() == {"error"}
    assert words in answer.json["error"]
    assert len(answer.body) < 1000
    assert served.look("calls") == []


# method, path, content type, status, words
REFUSED_REQUESTS = [
    ("POST", "nope", "application/json", 404, "the known are calls"),
    ("POST", "", "application/json", 404, "the known are calls"),
    ("POST", "close", "application/json", 404, "'close'"),
    ("POST", "clock/__init__", "application/json", 404, "__init__"),
    ("POST", "_store", "application/json", 404, "_store"),
    ("POST", "add_cluster/", "application/json", 404, "add_cluster/"),
    ("GET", "reset", "application/json", 405, "POST"),
    ("PUT", "reset", "application/json", 405, "POST"),
    ("OPTIONS", "reset", "application/json", 405, "POST"),
    ("POST", "calls", "application/json", 405, "GET"),
    ("POST", "reset", "text/plain", 415, "application/json"),
    ("POST", "reset", "application/x-www-form-urlencoded", 415, "application/json"),
    ("POST", "reset", "multipart/form-data; boundary=application/json", 415, "application/json"),
    ("POST", "reset", "", 415, "application/json"),
]


@pytest.mark.parametrize(("method", "path", "kind", "status", "words"), REFUSED_REQUESTS)
def test_control_takes_json_by_the_right_method_only(served, stub, method, path, kind, status, words):
    stub.add_cluster("graph", REGION)
    answer = served.ask(method, f"/_neptune-guard/{path}", b"{}", {"Content-Type": kind} if kind else {})
    assert answer.status == status
    assert words in answer.json["error"]
    assert served.call({"Action": "DescribeDBClusters", "DBClusterIdentifier": "graph"}).status == 200


def test_control_takes_a_charset_and_capitals_in_its_content_type(served):
    assert served.control("reset", {}, {"Content-Type": "Application/JSON; charset=utf-8"}).status == 200


# ---------------------------------------------------------------------- seed files


def test_a_seed_file_is_carried_out_in_order(stub, tmp_path):
    seed = tmp_path / "seed.json"
    seed.write_text(
        json.dumps(
            [
                {"clock/freeze": {}},
                {"clock/move_to": {"moment": "2026-05-04T00:00:00Z"}},
                {"add_cluster": {"identifier": "graph", "region": REGION}},
                {"add_snapshot": {"identifier": "nightly", "region": REGION, "cluster": "graph"}},
                {"fail": {"operation": "CopyDBClusterSnapshot", "code": "SnapshotQuotaExceeded"}},
            ]
        )
    )
    control.plant(stub, seed)
    [snapshot] = stub.respond("DescribeDBClusterSnapshots", {}, region=REGION)[1]["DBClusterSnapshots"]
    assert snapshot["SnapshotCreateTime"] == datetime(2026, 5, 4, tzinfo=timezone.utc)
    copy = {"SourceDBClusterSnapshotIdentifier": "nightly", "TargetDBClusterSnapshotIdentifier": "copy"}
    assert stub.respond("CopyDBClusterSnapshot", copy, region=REGION)[1]["Error"]["Code"] == "SnapshotQuotaExceeded"


# content, words
MISTAKEN_SEEDS = [
    ("", "is not JSON"),
    ("{}", "must be a list of steps"),
    ('[{"add_cluster": {}, "reset": {}}]', "step 1: give an object such as"),
    ("[{}]", "step 1: give an object such as"),
    ('["reset"]', "step 1: give an object such as"),
    ('[{"reset": {}}, {"add_clutser": {}}]', "step 2: 'add_clutser' is unknown; the known are add_cluster"),
    ('[{"add_cluster": {"identifier": "a"}}]', "step 1: add_cluster: 'region' is a required property"),
    ('[{"add_cluster": {"identifier": "a--b", "region": "us-east-1"}}]', "step 1: "),
    ('[{"reset": {}, "reset": {}}]', "is not JSON in UTF-8: 'reset' is given twice"),
]


@pytest.mark.parametrize(("content", "words"), MISTAKEN_SEEDS)
def test_a_mistake_in_a_seed_file_is_named_with_its_step(stub, tmp_path, content, words):
    seed = tmp_path / "seed.json"
    seed.write_text(content)
    with pytest.raises(ConfigurationError) as caught:
        control.plant(stub, seed)
    assert str(seed) in str(caught.value)
    assert words in str(caught.value)


def test_a_seed_file_that_cannot_be_read_is_named(stub, tmp_path):
    with pytest.raises(ConfigurationError, match="cannot be read: No such file"):
        control.plant(stub, tmp_path / "nope.json")


def test_the_state_is_shared_with_the_calls(served):
    served.control("add_snapshot", {"identifier": "nightly", "region": "eu-west-1", "account_id": "111122223333"})
    headers = {"Authorization": authorization("111122223333", "eu-west-1")}
    form = {"Action": "DescribeDBClusterSnapshots", "DBClusterSnapshotIdentifier": "nightly"}
    assert served.call(form, headers).status == 200
    assert served.call(form).status == 404
