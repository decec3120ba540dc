"""Rules that are left out, and arguments that cannot be used."""

import pytest

from neptune_guard._rules import check, rule
from neptune_guard.exceptions import ConfigurationError
from tests.helpers import SOUND, SOURCE, TARGET

COPY = SOUND["CopyDBClusterSnapshot"]


def ids(params, **kwargs):
    return [each.rule for each in check(params, region="us-west-2", **kwargs)]


@rule(id="team-tag", severity="warning", summary="The copy must carry the tag team")
def team_tag(request):
    yield "Tags", "has no tag team; add one"


BROKEN = {SOURCE: "nightly", TARGET: "a--_", "Tags": [{"Key": "aws:@"}]}
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
        ({"target-*"}, ALL[2:]),
        ({"*"}, []),
    ],
)
def test_ignored_rules_find_nothing(ignore, left):
    assert ids(BROKEN, ignore=ignore) == left


def test_ignore_may_be_a_one_shot_iterator():
    assert ids(BROKEN, ignore=iter(["target-*"])) == ALL[2:]


@pytest.mark.parametrize(
    ("ignore", "text"),
    [
        (["tag-cuont"], "ignore names 'tag-cuont', which is no rule; did you mean 'tag-count'?"),
        (["zzz"], "ignore names 'zzz', which is no rule; 'neptune-guard rules' lists them"),
        (["tagg*"], "ignore names 'tagg*', which is no rule; 'neptune-guard rules' lists them"),
        (["TAG-COUNT"], "ignore names 'TAG-COUNT', which is no rule; 'neptune-guard rules' lists them"),
        ([None], "ignore names None, which is no rule; 'neptune-guard rules' lists them"),
        ([""], "ignore names '', which is no rule; 'neptune-guard rules' lists them"),
        pytest.param(
            [10**5000],
            "ignore names <int of 16610 bits>, which is no rule; 'neptune-guard rules' lists them",
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


@pytest.mark.parametrize(
    ("kwargs", "text"),
    [
        ({"params": [("a", 1)]}, "params is a list; give the request's parameters as a dict"),
        ({"params": None}, "params is a NoneType; give the request's parameters as a dict"),
        ({"params": COPY, "region": 1}, "region is 1; give a str, or leave it out"),
        ({"params": COPY, "region": b"us-east-1"}, "region is b'us-east-1'; give a str, or leave it out"),
        ({"params": COPY, "account_id": 123456789012}, "account_id is 123456789012; give a str, or leave it out"),
    ],
)
def test_arguments_of_a_wrong_type(kwargs, text):
    with pytest.raises(TypeError) as caught:
        check(**kwargs)
    assert str(caught.value) == text
