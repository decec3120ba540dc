"""Rules that are left out, and arguments that cannot be used."""

import pytest

from neptune_guard._rules import GUARDED, RULES, check, rule
from neptune_guard.exceptions import ConfigurationError
from tests.helpers import SOUND, SOURCE, TARGET

COPY = SOUND["CopyDBClusterSnapshot"]


def ids(params, **kwargs):
    return [each.rule for each in check(params, region="us-west-2", **kwargs)]


@rule(id="team-tag", severity="warning", summary="The copy must carry the tag team")
def team_tag(request):
    yield "Tags", "has no tag team; add one"


BROKEN = {SOURCE: "nightly", TARGET: "a--_", "Tags": [{"Key": "aws:,"}]}
ALL = [
    "identifier-characters",
    "identifier-hyphens",
    "tag-key-characters",
    "tag-key-reserved-prefix",
]


@pytest.mark.parametrize(
    ("ignore", "left"),
    [
        ((), ALL),
        (None, ALL),
        ("", ALL),
        (" , ", ALL),
        (["tag-count"], ALL),
        (["tag-key-characters"], [ALL[0], ALL[1], ALL[3]]),
        ("tag-*, identifier-hyphens", [ALL[0]]),
        ({"identifier-*"}, ALL[2:]),
        ({"*"}, []),
    ],
)
def test_ignored_rules_find_nothing(ignore, left):
    assert ids(BROKEN, ignore=ignore) == left


def test_ignore_may_be_a_one_shot_iterator():
    assert ids(BROKEN, ignore=iter(["identifier-*"])) == ALL[2:]


@pytest.mark.parametrize(
    ("ignore", "text"),
    [
        (["tag-cuont"], "ignore names 'tag-cuont', which is not a rule; did you mean 'tag-count'?"),
        (["zzz"], "ignore names 'zzz', which is not a rule; 'neptune-guard rules' lists them"),
        (["tagg*"], "ignore names 'tagg*', which is not a rule; 'neptune-guard rules' lists them"),
        (["TAG-COUNT"], "ignore names 'TAG-COUNT', which is not a rule; did you mean 'tag-count'?"),
        ([None], "ignore names None, which is not a rule; 'neptune-guard rules' lists them"),
        ([""], "ignore names '', which is not a rule; 'neptune-guard rules' lists them"),
        pytest.param(
            [10**5000],
            "ignore names <int of 16610 bits>, which is not a rule; 'neptune-guard rules' lists them",
            id="many digits",
        ),
        (1, "ignore is 1; give a list"),
    ],
)
def test_ignoring_what_is_no_rule(ignore, text):
    with pytest.raises(ConfigurationError) as caught:
        check(COPY, ignore=ignore)
    assert str(caught.value) == text


def test_a_rule_of_ones_own_can_be_ignored_by_its_prefix():
    assert check(COPY, rules=[team_tag], ignore=["team-*"]) == []


DELETE = {"DBClusterIdentifier": "g--1"}
SHARE = {**SOUND["ModifyDBClusterSnapshotAttribute"], "AttributeName": "x"}


@pytest.mark.parametrize(
    ("ignore", "left"),
    [
        (["CopyDBClusterSnapshot:*"], [[], ["cluster-identifier-format", "final-snapshot-required"]]),
        (["DeleteDBCluster:*"], [ALL, []]),
        ("DeleteDBCluster:final-*, CopyDBClusterSnapshot:tag-*", [ALL[:2], ["cluster-identifier-format"]]),
        (["cluster-identifier-format"], [ALL, ["final-snapshot-required"]]),
        (["CreateDBCluster:identifier-hyphens"], [ALL, ["cluster-identifier-format", "final-snapshot-required"]]),
    ],
)
def test_a_rule_can_be_left_out_of_one_operation(ignore, left):
    assert [ids(BROKEN, ignore=ignore), ids(DELETE, operation="DeleteDBCluster", ignore=ignore)] == left


@pytest.mark.parametrize(
    ("ignore", "hint"),
    [
        ("DeleteDBClustr:*", "did you mean 'DeleteDBCluster'?"),
        ("DeleteDBCluster:final-snapshot-requird", "did you mean 'final-snapshot-required'?"),
        ("DeleteDBCluster:max-records", "did you mean 'max-records'?"),
        (":max-records", "'neptune-guard rules' lists them"),
    ],
)
def test_ignoring_what_is_not_a_rule_of_that_operation(ignore, hint):
    with pytest.raises(ConfigurationError) as caught:
        check(SHARE, operation="ModifyDBClusterSnapshotAttribute", ignore=[ignore])
    assert str(caught.value) == f"ignore names {ignore!r}, which is not a rule; {hint}"


@pytest.mark.parametrize(
    ("operation", "service", "text"),
    [
        ("DeleteDBClustr", "neptune", "'DeleteDBClustr' is not a guarded operation; did you mean 'DeleteDBCluster'?"),
        (
            "DescribeDBInstances",
            "neptune",
            f"'DescribeDBInstances' is not a guarded operation; the guarded ones are {', '.join(GUARDED)}",
        ),
        ("DeleteDBCluster", "rds", "DeleteDBCluster is guarded on neptune only, not on 'rds'"),
        (
            "CopyDBClusterSnapshot",
            "redshift",
            "CopyDBClusterSnapshot is guarded on neptune, rds, docdb only, not on 'redshift'",
        ),
    ],
)
def test_an_operation_that_is_not_guarded(operation, service, text):
    with pytest.raises(ConfigurationError) as caught:
        check({}, operation=operation, service=service)
    assert str(caught.value) == text


def test_a_rule_of_ones_own_is_for_a_guarded_operation():
    with pytest.raises(ConfigurationError) as caught:
        rule(id="mine", summary="x", operation="DescribeEventCategories")
    assert str(caught.value).startswith("the rule mine is for 'DescribeEventCategories', which is not guarded; ")
    assert all(name in GUARDED for each in RULES.values() for name in each.operations)


@pytest.mark.parametrize("operation", [("CreateDBCluster", "ModifyDBCluster"), ["CreateDBCluster"], None, 5])
def test_a_rule_is_for_one_operation(operation):
    with pytest.raises(ConfigurationError, match=f"is for type {type(operation).__name__}; name one operation"):
        rule(id="mine", severity="error", summary="a", help_url="b", operation=operation)


@pytest.mark.parametrize(
    ("kwargs", "text"),
    [
        ({"params": [("a", 1)]}, "params has type list; give the request's parameters as a dict"),
        ({"params": None}, "params has type NoneType; give the request's parameters as a dict"),
        ({"params": COPY, "region": 1}, "region is 1; give a str, or leave it out"),
        ({"params": COPY, "region": b"us-east-1"}, "region is b'us-east-1'; give a str, or leave it out"),
        ({"params": COPY, "account_id": 123456789012}, "account_id is 123456789012; give a str, or leave it out"),
    ],
)
def test_arguments_of_a_wrong_type(kwargs, text):
    with pytest.raises(TypeError) as caught:
        check(**kwargs)
    assert str(caught.value) == text
