"""What the rules see of a request, and values in exact types."""

from datetime import datetime, timezone
from decimal import Decimal
from enum import Enum
from types import MappingProxyType

import pytest

from neptune_guard._printing import Opaque
from neptune_guard._rules import GUARDED, Request, Ruleset, shapes
from neptune_guard._rules._request import is_exact, plain, texts
from tests.helpers import ACCOUNT, SOUND, SOURCE, TARGET, arn


def copy(params, region=None, account_id=None):
    return Request("CopyDBClusterSnapshot", params, region=region, account_id=account_id)


@pytest.mark.parametrize(
    ("region", "partition"),
    [("us-west-2", "aws"), ("us-gov-east-1", "aws-us-gov"), ("us-east-99", "aws"), ("mars", None), (None, None)],
)
def test_the_partition_follows_from_the_region(region, partition):
    assert copy({}, region).partition == partition


@pytest.mark.parametrize(
    ("params", "parts"),
    [
        ({SOURCE: arn()}, ("aws", "rds", "us-east-1", ACCOUNT, "cluster-snapshot:nightly")),
        ({SOURCE: "nightly"}, None),
        ({SOURCE: None}, None),
        ({}, None),
    ],
)
def test_the_source_in_parts(params, parts):
    assert copy(params).snapshot_arn(SOURCE) == parts


@pytest.mark.parametrize(("given", "text"), [("us-east-1", "us-east-1"), ("", ""), (None, ""), (b"us-east-1", "")])
def test_a_parameter_is_text_or_empty(given, text):
    assert copy({"SourceRegion": given}).text("SourceRegion") == text


def test_a_parameter_that_is_absent_is_empty():
    assert copy({}).text("SourceRegion") == ""


@pytest.mark.parametrize(("account_id", "foreign"), [(None, False), (ACCOUNT, False), ("210987654321", True)])
def test_an_arn_is_foreign_where_the_account_is_known_to_differ(account_id, foreign):
    request = copy({SOURCE: arn()}, account_id=account_id)
    assert request.is_foreign(request.snapshot_arn(SOURCE)) is foreign
    assert not request.is_foreign(None)


def test_a_request_has_a_clock():
    then = datetime(2026, 1, 1, tzinfo=timezone.utc)
    assert Request("DeleteDBCluster", {}, now=lambda: then).with_params({"x": 1}).now() == then
    assert Request("DeleteDBCluster", {}).now().tzinfo is timezone.utc
    assert repr(Request("DeleteDBCluster", {"x": 1}, region="us-east-1")) == (
        "<Request DeleteDBCluster of neptune in us-east-1>"
    )


FIRST, LAST = (moment.replace(tzinfo=timezone.utc) for moment in (datetime.min, datetime.max))


@pytest.mark.parametrize(
    ("present", "given", "rules"),
    [(LAST, LAST, []), (LAST, FIRST, ["restore-time-old"]), (FIRST, FIRST, []), (FIRST, LAST, ["restore-time-future"])],
)
def test_a_time_is_compared_with_a_present_at_either_end_of_the_calendar(present, given, rules):
    operation = "RestoreDBClusterToPointInTime"
    params = {**SOUND[operation], "RestoreToTime": given}
    params.pop("UseLatestRestorableTime")
    found = Ruleset().check(Request(operation, params, now=lambda: present))
    assert [violation.rule for violation in found] == rules


class Key(str, Enum):
    GRAPH = "alias/x"


class Tags(list):
    def __getitem__(self, index):
        raise ZeroDivisionError


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        ([], []),
        (["a", "b"], ["a", "b"]),
        (("a", 1, None, "b"), ["a", "b"]),
        (["a"] * 200, ["a"] * 200),
        (None, []),
        ("tags", []),
        ({"Key": "a"}, []),
        (iter(["a"]), []),
    ],
)
def test_the_texts_of_a_list(given, seen):
    assert texts(given) == seen


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        ([], []),
        ([1, 2], [1, 2]),
        ((1, 2), [1, 2]),
        (Tags([1, 2]), [1, 2]),
        ({"a": (1,)}, {"a": [1]}),
        (Decimal("2.5"), 2.5),
        (type("Number", (int,), {})(7), 7),
        (Key.GRAPH, "alias/x"),
        (datetime(2026, 1, 1, tzinfo=timezone.utc), datetime(2026, 1, 1, tzinfo=timezone.utc)),
    ],
)
def test_a_value_becomes_plain(given, seen):
    made = plain(given)
    assert made == seen
    assert type(made) is type(seen)


def test_a_time_of_a_callers_own_class_becomes_a_plain_one():
    made = plain(type("Moment", (datetime,), {})(2026, 1, 1, tzinfo=timezone.utc))
    assert (type(made), made) == (datetime, datetime(2026, 1, 1, tzinfo=timezone.utc))


def test_a_plain_request_says_the_same_in_built_in_types():
    text, pair = type("Text", (str,), {}), type("Pair", (dict,), {})
    given = MappingProxyType({text(SOURCE): text(arn()), "Tags": Tags([pair({text("Key"): text("a"), 1: 2}), 7]), 3: 4})
    made = plain(dict(given))
    assert made == {SOURCE: arn(), "Tags": [{"Key": "a", "<int>": 2}, 7], "<int>": 4}
    assert [type(each) for each in (*made, *made.values())] == [str, str, str, str, list, int]
    assert [type(each) for each in made["Tags"][0]] == [str, str]


def test_a_plain_request_holds_strangers_at_arms_length():
    stranger = object()
    assert type(plain({"KmsKeyId": stranger})["KmsKeyId"]) is Opaque
    assert {type(each) for each in plain([stranger] * 60)} == {Opaque}
    assert type(plain(Decimal("sNaN"))) is Opaque


@pytest.mark.parametrize(
    ("params", "exact"),
    [
        *((params, True) for params in SOUND.values()),
        ({"ServerlessV2ScalingConfiguration": {"MinCapacity": 1, "MaxCapacity": 2.5}}, True),
        ({"Tags": ({"Key": "a"},), "ValuesToAdd": ["all"], "MaxRecords": 20}, True),
        ({"MaxRecords": 20.0}, False),
        ({"ServerlessV2ScalingConfiguration": {"MinCapacity": True}}, False),
        ({"Tags": [{"Key": 1}]}, False),
        ({"ValuesToAdd": [1]}, False),
        ({TARGET: type("Text", (str,), {})("a")}, False),
        ({TARGET: None}, False),
        ({"RestoreToTime": datetime(2026, 1, 1, tzinfo=timezone.utc)}, False),
    ],
)
def test_a_fast_look_tells_exact_types(params, exact):
    assert is_exact(params) is exact


@pytest.mark.parametrize("operation", GUARDED)
def test_the_sound_requests_are_of_botocores_model(operation):
    shape = shapes.input_shape("neptune", operation)
    assert set(shape.required_members) <= set(SOUND[operation]) <= set(shape.members)
