"""No value of any type makes a check crash or runs code of the caller's."""

import enum
from typing import Any
from unittest.mock import Mock

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from neptune_guard._rules import GUARDED, RULES, check, shapes
from neptune_guard.exceptions import ConfigurationError
from tests.helpers import ACCOUNT, HERE, SOUND, SOURCE, TARGET, arn
from tests.rules.rows import Row, from_region, key, of, source, tag_key, tag_value, tags, target

COPY = SOUND["CopyDBClusterSnapshot"]
COPYING = (SOURCE, TARGET, "KmsKeyId", "PreSignedUrl", "SourceRegion", "CopyTags", "Tags")


def ids(params):
    return [each.rule for each in check(params, region=HERE)]


def hostile(kind):
    """Return a subclass whose every ordinary method raises."""

    def refuse(self, *args, **kwargs):
        raise ZeroDivisionError

    names = set(dir(kind)) - {"__class__", "__new__", "__init__", "__init_subclass__", "__subclasshook__", "__doc__"}
    names -= {"__getattribute__", "__setattr__", "__delattr__", "__hash__", "__reduce__", "__reduce_ex__", "__dict__"}
    methods = dict.fromkeys((name for name in names if callable(getattr(kind, name))), refuse)
    return type("Hostile", (kind,), {**methods, "__hash__": refuse})


Text, Dict, List, Tuple, Bytes, Int, Float = map(hostile, (str, dict, list, tuple, bytes, int, float))


class Liar:
    """Says that it is a string."""

    __class__ = property(lambda self: str)


class Silent:
    def __getattribute__(self, name):
        raise ZeroDivisionError

    def __repr__(self):
        raise ZeroDivisionError


class Meta(type):
    """Makes classes that cannot be hashed, compared or named."""

    def __eq__(cls, other):
        raise ZeroDivisionError

    __hash__ = None
    __name__ = property(lambda cls: 1 / 0)


class Strange(metaclass=Meta):
    pass


# Made when they are needed: pytest itself looks at parameters, and some are large.
HOSTILE = {
    "class without hash": lambda: Strange(),
    "text": lambda: Text("nightly"),
    "ARN": lambda: Text("arn:aws:rds:us-east-1:123456789012:cluster-snapshot:x--"),
    "dict": lambda: Dict({"Key": "a--"}),
    "list": lambda: List([{"Key": "aws:"}]),
    "tuple": lambda: Tuple([{"Key": "aws:"}]),
    "bytes": lambda: Bytes(b"x"),
    "int": lambda: Int(7),
    "float": lambda: Float(7.0),
    "liar": Liar,
    "silent": Silent,
    "mock": lambda: Mock(spec=dict),
    "many digits": lambda: 10**5000,
    "nan": lambda: float("nan"),
    "many bytes": lambda: b"x" * 10_000_000,
    "class called dict": type("dict", (), {}),
    "class called list": type("list", (), {"__module__": "builtins"}),
    "long name": type("x" * 10_000, (), {}),
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize(
    "place",
    [
        *(lambda value, name=name: {name: value} for name in COPYING),
        lambda value: {"Tags": [value, value]},
        lambda value: {"Tags": (value,) * 60},
        lambda value: {"Tags": [{"Key": value, "Value": value}, {"Key": value}]},
        lambda value: {"Tags": List([Dict({"Key": value})]), "CopyTags": True},
        lambda value: {"Unknown": value},
    ],
)
def test_no_value_makes_check_crash(place, name):
    for each in check({**COPY, **place(HOSTILE[name]())}, region="us-west-2", account_id=ACCOUNT):
        assert str(each).isprintable()
        assert len(str(each)) < 1000


# The large ones are tried on a copy, above.
@pytest.mark.parametrize("name", sorted(set(HOSTILE) - {"many bytes", "mock", "long name"}))
@pytest.mark.parametrize("operation", GUARDED)
def test_no_value_makes_the_check_of_any_parameter_crash(operation, name):
    members = shapes.input_shape("neptune", operation).members
    for member, shape in members.items():
        value = HOSTILE[name]()
        for each in [value, *([[value]] if shape.type_name == "list" else []), {"MinCapacity": value, "x": value}]:
            for found in of(operation)(account_id=ACCOUNT, **{member: each}).check():
                assert str(found).isprintable()
                assert len(str(found)) < 1000


def test_a_hostile_subclass_is_judged_by_what_it_holds():
    held = {**COPY, TARGET: Text("a--b"), "Tags": List([Dict({"Key": "aws:x", "Value": Text("")})])}
    assert ids(held) == ["identifier-hyphens", "tag-key-reserved-prefix", "tag-value-empty"]
    assert ids({**COPY, TARGET: Text("nightly")}) == ["target-same-as-source"]
    assert ids({**COPY, "Tags": Tuple([Dict({"Key": "team"})])}) == []


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


CYCLE: dict[str, Any] = {}
CYCLE["Key"] = CYCLE
HUGE = [
    (lambda: source("x" * 10_000_000), set()),
    (lambda: source("x-" * 5_000_000), {"snapshot-identifier-format"}),
    (lambda: source("arn:aws" + "-a" * 5_000_000), {"snapshot-arn-format"}),
    (lambda: source(arn(name="x-" * 5_000_000)), {"snapshot-arn-format"}),
    (lambda: source("arn:" + "cluster-snapshot:" * 600_000), {"snapshot-arn-format"}),
    (lambda: target("x-" * 5_000_000), {"identifier-length", "identifier-hyphens"}),
    (lambda: key("alias/" + "x" * 10_000_000), {"kms-key-format"}),
    (lambda: from_region(arn("us-east-1"), "a-" * 5_000_000 + "1"), {"source-region-format", "source-region-mismatch"}),
    (
        lambda: Row({"PreSignedUrl": "https://x/?" + "a=b&" * 500_000}),
        {"pre-signed-url-unsupported", "pre-signed-url-format"},
    ),
    (lambda: tag_key("a," * 5_000_000), {"tag-key-length", "tag-key-characters"}),
    (lambda: tag_value("é" * 10_000_000), {"tag-value-length"}),
    (lambda: tags(*[{"Key": "a"}] * 100_000), {"tag-count", "tag-key-duplicate"}),
    (lambda: Row({"Tags": ({"Key": "a"},) * 100_000}), {"tag-count", "tag-key-duplicate"}),
    *((lambda name=name: Row({name: nested(2000)}), {"parameter-type"}) for name in COPYING),
    (lambda: tag_key(nested(100_000)), {"parameter-type"}),
    (lambda: tags(CYCLE), {"parameter-type"}),
    (lambda: Row({"Unknown": nested(2000)}), {"unknown-parameter"}),
]


@pytest.mark.parametrize(("made", "expected"), HUGE)
def test_a_huge_value_is_judged_too(made, expected):
    row = made()
    found = row.check()
    assert {each.rule for each in found} == expected
    assert all(len(str(each)) < 1000 for each in found)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)) | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.integers(), inner, max_size=3),
    max_leaves=8,
)
WORDS = st.from_regex(r"\A(arn:aws:rds:[a-z0-9-]{1,9}:[0-9]{12}:cluster-snapshot:|rds:)?[a-zA-Z0-9-]{0,70}\n?\Z")
ODD = dict.fromkeys(COPYING, JUNK | WORDS) | {
    "Tags": JUNK | st.lists(JUNK | st.fixed_dictionaries({}, optional={"Key": JUNK | WORDS, "Value": JUNK}), max_size=3)
}
thorough = settings(database=None, deadline=None, max_examples=200)


@thorough
@given(
    params=st.fixed_dictionaries({}, optional=ODD),
    region=st.none() | st.text(st.characters(codec=None)) | st.sampled_from(["us-west-2", "cn-north-1"]),
    account_id=st.none() | st.just(ACCOUNT) | st.text("0123456789", min_size=12, max_size=12),
)
def test_anything_gives_findings_or_none(params, region, account_id):
    for each in check(params, region=region, account_id=account_id):
        assert each.rule in RULES
        assert str(each).isprintable()


@pytest.mark.parametrize("account_id", ["", "1234-5678-9012", " 123456789012", "12345678901", "\u0661" * 12])
def test_an_account_that_is_none_is_refused_and_makes_no_finding(account_id):
    with pytest.raises(ConfigurationError, match="give twelve digits as a string"):
        check(COPY, account_id=account_id)


class Ports(int, enum.Enum):
    NEPTUNE = 8182


class Spoken(float):
    def __repr__(self):
        return "two and a half"


@pytest.mark.parametrize(
    ("params", "path"),
    [
        ({"Port": Ports.NEPTUNE}, "Port"),
        ({"ServerlessV2ScalingConfiguration": {"MinCapacity": Spoken(2.5), "MaxCapacity": 4}}, "MinCapacity"),
    ],
)
def test_a_number_that_is_sent_in_other_words_is_not_one(params, path):
    """botocore sends `str()` of a number."""
    found = check({"DBClusterIdentifier": "graph", "Engine": "neptune", **params}, operation="CreateDBCluster")
    assert [(each.rule, each.path.rpartition(".")[2]) for each in found] == [("parameter-type", path)]


def test_a_number_of_another_type_that_is_sent_in_digits_is_one():
    class Plain(int):
        pass

    given = {"DBClusterIdentifier": "graph", "Engine": "neptune", "Port": Plain(8182)}
    assert check(given, operation="CreateDBCluster") == []
