"""How a finding is printed, whatever was found."""

import json
import pickle
from collections import deque
from datetime import datetime, timedelta, timezone, tzinfo
from enum import Enum

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from neptune_guard._printing import ABSENT, REDACTED, Opaque, printable, redacted
from neptune_guard._violations import Finding, Rule, ServiceFault, Severity, Violation, describe, describe_all, errors

RULE = Rule("identifier-hyphens", Severity.ERROR, "A name must not have two hyphens", "https://example.com/#hyphens")
PATH = "TargetDBClusterSnapshotIdentifier"


def one(path=PATH, value="my--copy"):
    return RULE.found(path, value, "has two consecutive hyphens; use single ones").violation("CopyDBClusterSnapshot")


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        (
            PATH,
            "my--copy",
            f"error: {PATH}: 'my--copy' has two consecutive hyphens; use single ones [identifier-hyphens]",
        ),
        (PATH, ABSENT, f"error: {PATH}: has two consecutive hyphens; use single ones [identifier-hyphens]"),
        ("", ABSENT, "error: has two consecutive hyphens; use single ones [identifier-hyphens]"),
        ("", "x", "error: 'x' has two consecutive hyphens; use single ones [identifier-hyphens]"),
    ],
)
def test_a_line_says_where_what_why_and_which_rule(path, value, line):
    violation = one(path, value)
    assert describe(violation) == str(violation) == line


@pytest.mark.parametrize(
    ("count", "last"), [(0, None), (1, None), (20, None), (21, "and 1 more"), (1000, "and 980 more")]
)
def test_twenty_lines_are_shown_and_the_rest_counted(count, last):
    lines = describe_all(one() for _ in range(count))
    assert lines == [str(one())] * min(count, 20) + ([last] if last else [])


def nested(kind, depth):
    value = kind()
    for _ in range(depth):
        value = kind([value])
    return value


CYCLE = []
CYCLE.append(CYCLE)


class Text(str):
    """Hides what it holds."""

    def _refuse(self, *args):
        raise ZeroDivisionError

    __str__ = __repr__ = __len__ = __getitem__ = lower = _refuse


class Silent:
    def __repr__(self):
        raise ZeroDivisionError


class Color(str, Enum):
    RED = "red"


PRINTED = {
    "absent": (ABSENT, None),
    "None": (None, "None"),
    "boolean": (True, "True"),
    "int": (-7, "-7"),
    "200 bits": (2**200 - 1, str(2**200 - 1)),
    "201 bits": (2**200, "<int of 201 bits>"),
    "many digits": (10**5000, "<int of 16610 bits>"),
    "float": (1.5, "1.5"),
    "nan": (float("nan"), "nan"),
    "text": ("it's", '"it\'s"'),
    "empty": ("", "''"),
    "60 characters": ("x" * 100, repr("x" * 100)),
    "101 characters": ("x" * 101, f"{'x' * 100!r}... (101 characters)"),
    "many characters": ("x" * 10_000_000, f"{'x' * 100!r}... (10000000 characters)"),
    "newline": ("a\nb\x1b[31m", r"'a\nb\x1b[31m'"),
    "surrogate": ("\ud800\0", r"'\ud800\x00'"),
    "bytes": (b"a\xff", r"b'a\xff'"),
    "60 bytes": (b"x" * 100, repr(b"x" * 100)),
    "many bytes": (b"x" * 10_000_000, f"{b'x' * 100!r}... (10000000 bytes)"),
    "bytearray": (bytearray(b"a"), "bytearray(b'a')"),
    "list": ([1, 2], "a list of 2 items"),
    "one item": (["secret"], "a list of 1 item"),
    "tuple": ((), "a list of 0 items"),
    "deep list": (nested(list, 100_000), "a list of 1 item"),
    "deep tuple": (nested(tuple, 2000), "a list of 1 item"),
    "cycle": (CYCLE, "a list of 1 item"),
    "dict": ({"a": "secret"}, "<dict>"),
    "set": ({1}, "<set>"),
    "deque": (deque([1]), "<deque>"),
    "generator": ((each for each in ()), "<generator>"),
    "class": (Silent, "<type>"),
    "silent": (Silent(), "<Silent>"),
    "long name": (type("x" * 1000, (), {})(), f"<{'x' * 100}>"),
    "text subclass": (Text("a--b"), "'a--b'"),
    "text enum": (Color.RED, "'red'"),
    "list subclass": (type("Tags", (list,), {})(), "<Tags>"),
    "opaque": (Opaque(Silent()), "<Silent>"),
    "signed URL": ("https://x/?x-AMZ-credential=1", REDACTED),
    "old signed URL": ("https://x/?Signature=1", REDACTED),
    "signed URL far behind": ("x" * 100_000 + "X-Amz-Signature", REDACTED),
    "signed bytes": (b"https://x/?X-Amz-Credential=1", REDACTED),
    "signed bytearray": (bytearray(b"https://x/?X-Amz-Credential=1"), REDACTED),
}


@pytest.mark.parametrize("name", PRINTED)
def test_a_value_is_printed_short_and_safely(name):
    value, text = PRINTED[name]
    assert printable("KmsKeyId", value) == text


@pytest.mark.parametrize("name", [name for name in PRINTED if name != "absent"])
@pytest.mark.parametrize("path", ["PreSignedUrl", "PreSignedUrl[0]", "params.PreSignedUrl"])
def test_a_presigned_url_is_never_printed(path, name):
    assert printable(path, PRINTED[name][0]) == REDACTED


def test_a_presigned_url_that_is_missing_is_not_shown_as_given():
    assert printable("PreSignedUrl", ABSENT) is None


@settings(database=None, deadline=None)
@given(st.text(st.characters(codec=None)) | st.binary() | st.integers() | st.floats() | st.lists(st.text()))
def test_every_line_can_be_printed(value):
    assert str(one(value=value)).isprintable()


def test_redacting_keeps_the_rest_and_changes_nothing():
    given = {"PreSignedUrl": "https://x", Text("KmsKeyId"): "x", 1: 2}
    assert [*redacted(given).values()] == [REDACTED, "x", 2]
    assert redacted({Text("PreSignedUrl"): "https://x"}).popitem()[1] == REDACTED
    assert given["PreSignedUrl"] == "https://x"


def test_a_violation_becomes_json():
    assert json.loads(json.dumps(one(value="\ud800").to_dict())) == {
        "rule": "identifier-hyphens",
        "severity": "error",
        "path": PATH,
        "value": "\ud800",
        "message": "has two consecutive hyphens; use single ones",
        "help_url": "https://example.com/#hyphens",
        "operation": "CopyDBClusterSnapshot",
    }
    assert type(one().to_dict()["severity"]) is str
    assert one(value=ABSENT).to_dict()["value"] is None


def test_a_violation_is_a_value():
    violation = one()
    assert pickle.loads(pickle.dumps(violation)) == violation == one()
    assert hash(violation) == hash(one())
    with pytest.raises(AttributeError):
        violation.path = "x"
    assert isinstance(violation, Violation)


def test_severity_is_its_own_text():
    assert (Severity.ERROR, Severity.WARNING) == ("error", "warning")
    assert f"{Severity.ERROR} {Severity.WARNING!s}" == "error warning"


def test_a_rule_prints_without_its_long_texts():
    assert "explanation" not in repr(RULE)


def test_a_finding_may_be_milder_than_its_rule_and_have_its_own_fault():
    fault = ServiceFault("InvalidParameterCombination", "both", "inferred")
    mild = RULE.found(PATH, "x", "is wrong; mend it", severity=Severity.WARNING, fault=fault)
    assert isinstance(mild, Finding)
    assert (mild.severity, mild.fault) == (Severity.WARNING, fault)
    assert str(mild.violation("DeleteDBCluster")) == f"warning: {PATH}: 'x' is wrong; mend it [identifier-hyphens]"
    assert mild.violation("DeleteDBCluster").operation == "DeleteDBCluster"
    assert (RULE.found(PATH, "x", "").severity, RULE.found(PATH, "x", "").fault) == (RULE.severity, RULE.fault)
    assert errors([mild.violation("DeleteDBCluster"), one()]) == (one(),)


class Nowhere(tzinfo):
    """A zone that fails when it is asked."""

    def utcoffset(self, when):
        raise ZeroDivisionError


@pytest.mark.parametrize(
    ("when", "text"),
    [
        (datetime(2026, 11, 25, 3, tzinfo=timezone.utc), "2026-11-25T03:00:00+00:00"),
        (datetime(2026, 11, 25, 3, tzinfo=timezone(timedelta(hours=-5))), "2026-11-25T03:00:00-05:00"),
        (datetime(2026, 11, 25, 3, tzinfo=Nowhere()), "<datetime>"),
    ],
)
def test_a_time_is_printed_as_iso_8601(when, text):
    assert printable("RestoreToTime", when) == text


def test_what_is_not_there_has_a_name():
    assert repr(ABSENT) == "ABSENT"
