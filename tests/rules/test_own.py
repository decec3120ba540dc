"""Rules of a user's own: how they are made, what they see, what they yield, and how they fail."""

import functools
import re

import pytest

from neptune_guard._rules import RULES, Ruleset, check, rule
from neptune_guard._violations import Rule, Severity
from neptune_guard.exceptions import ConfigurationError, RuleError
from tests.helpers import ACCOUNT, SOUND, TARGET
from tests.rules.rows import presigned

COPY = SOUND["CopyDBClusterSnapshot"]
OF_COPIES = ("CopyDBClusterSnapshot",)
URL = presigned().changes["PreSignedUrl"]


def ids(params, **kwargs):
    return [each.rule for each in check(params, region="us-west-2", **kwargs)]


@rule(id="team-tag", severity="warning", summary="The copy carries the tag team", help_url="https://example.com/tags")
def team_tag(request):
    """Why it exists."""
    if not any(each.get("Key") == "team" for each in request.params.get("Tags", ())):
        yield "Tags", "has no tag team; add one"


def mine(*findings, rule_id="mine"):
    @rule(id=rule_id, summary="Always broken")
    def always(request):
        yield from findings

    return always


def test_a_rule_of_ones_own_joins_in():
    (found,) = check({**COPY, "Tags": [{"Key": "a"}]}, rules=[team_tag])
    assert str(found) == "warning: Tags: a list of 1 item has no tag team; add one [team-tag]"
    assert (found.severity, found.help_url) == (Severity.WARNING, "https://example.com/tags")
    assert check({**COPY, "Tags": [{"Key": "team"}]}, rules=[team_tag]) == []
    assert isinstance(team_tag, Rule)
    assert (team_tag.explanation, team_tag.operations) == ("Why it exists.", ("CopyDBClusterSnapshot",))


def test_what_the_decorator_makes():
    def told(request):
        """Why it exists."""

    def untold(request):
        return ()

    made = rule(id="mine", severity="warning", summary="Looks", help_url="https://example.com")(told)
    assert made == Rule(
        "mine", Severity.WARNING, "Looks", "https://example.com", OF_COPIES, explanation="Why it exists.", check=told
    )
    assert rule(id="mine", summary="Looks")(untold) == Rule(
        "mine", Severity.ERROR, "Looks", "", OF_COPIES, check=untold
    )


REFUSED_RULES = [
    ({"id": "x*"}, "'x*' cannot be a rule's id; give it a name such as 'target-prefix'"),
    ({"id": 1}, "1 cannot be a rule's id; give it a name such as 'target-prefix'"),
    ({"id": "x", "severity": "loud"}, "the rule x has the severity 'loud'; it must be 'error' or 'warning'"),
]


@pytest.mark.parametrize(("given", "text"), REFUSED_RULES)
def test_a_refused_rule_is_told_in_full(given, text):
    with pytest.raises(ConfigurationError) as caught:
        rule(summary="x", **given)
    assert str(caught.value) == text


def test_what_is_decorated_is_named_in_full():
    with pytest.raises(ConfigurationError) as caught:
        rule(id="mine", summary="x")("text")
    assert str(caught.value) == "the rule mine is of type str; decorate a generator function"


def test_the_forms_of_a_finding_are_told():
    with pytest.raises(RuleError) as caught:
        check(COPY, rules=[mine((TARGET, 1, 2, "is wrong"))])
    assert str(caught.value.__cause__) == "a finding must be (path, message), (path, value, message) or a message"


def test_a_rule_made_without_the_decorator_is_held_to_the_same():
    def always(request):
        yield "is wrong; mend it"

    (found,) = check(COPY, rules=[Rule("mine", "warning", "Never", "https://example.com", OF_COPIES, check=always)])
    assert found.severity is Severity.WARNING
    assert found.to_dict()["severity"] == "warning"
    for rule_id, severity in (("mine", "loud"), ("m*", "error"), ("", "error")):
        with pytest.raises(ConfigurationError, match=r"severity 'loud'|cannot be a rule's id"):
            check(COPY, rules=[Rule(rule_id, severity, "Never", "https://example.com", check=always)])


def test_a_rule_of_ones_own_sees_region_and_account():
    seen = []
    looking = rule(id="mine", summary="Looks")(lambda request: seen.append((request.region, request.account_id)))
    assert check(COPY, region="us-west-2", account_id=ACCOUNT, rules=[looking]) == []
    assert seen == [("us-west-2", ACCOUNT)]


def test_a_rule_of_ones_own_cannot_change_the_request():
    @rule(id="mine", summary="Changes")
    def changing(request):
        request.params["KmsKeyId"] = "x"
        yield "never"

    with pytest.raises(RuleError) as caught:
        check(COPY, rules=[changing])
    assert isinstance(caught.value.__cause__, TypeError)


FINDINGS = [
    ("is wrong; mend it", "error: is wrong; mend it [mine]"),
    ((TARGET, "is wrong; mend it"), f"error: {TARGET}: 'nightly-copy' is wrong; mend it [mine]"),
    (("KmsKeyId", "is missing; give it"), "error: KmsKeyId: is missing; give it [mine]"),
    (("Tags[0].Key", "x", "is wrong; mend it"), "error: Tags[0].Key: 'x' is wrong; mend it [mine]"),
    (["Elsewhere", None, "is wrong; mend it"], "error: Elsewhere: None is wrong; mend it [mine]"),
]


@pytest.mark.parametrize(("finding", "line"), FINDINGS)
def test_a_finding_is_a_message_with_or_without_place_and_value(finding, line):
    assert [str(each) for each in check(COPY, rules=[mine(finding)])] == [line]


@pytest.mark.parametrize("finding", [1, (), ("a",), (1, "a"), ("a", 1), ("a", "b", "c", "d"), (["a"], "b"), None])
def test_a_malformed_finding_is_the_rules_fault(finding):
    with pytest.raises(RuleError, match=r"the rule mine crashed: (TypeError|ValueError)") as caught:
        check(COPY, rules=[mine(finding)])
    assert caught.value.rule == "mine"


def test_a_tag_that_is_none_does_not_hide_the_next():
    assert ids({**COPY, "Tags": [1, {"Key": "a", "Value": ""}]}) == ["parameter-type", "tag-value-empty"]


def test_findings_stand_in_the_order_of_the_parameters():
    own = mine("comes last", ("Tags[0].Key", "is wrong; mend it"), (TARGET, "is wrong; mend it"))
    found = check({**COPY, TARGET: "a--b", "Tags": [{"Key": "aws:a"}]}, rules=[own])
    assert [(each.rule, each.path) for each in found] == [
        ("identifier-hyphens", TARGET),
        ("mine", TARGET),
        ("tag-key-reserved-prefix", "Tags[0].Key"),
        ("mine", "Tags[0].Key"),
        ("mine", ""),
    ]


def test_a_rule_that_returns_text_is_told_to_yield():
    with pytest.raises(RuleError) as caught:
        check(COPY, rules=[rule(id="mine", summary="Returns")(lambda request: "is wrong")])
    assert str(caught.value.__cause__) == "a rule returned a str; yield the findings"


def test_a_crash_names_the_rule_and_keeps_the_cause():
    @rule(id="broken", summary="Breaks")
    def broken(request):
        yield "a first finding"
        raise KeyError(URL)

    with pytest.raises(RuleError) as caught:
        check(COPY, rules=[broken])
    assert str(caught.value) == (
        "the rule broken crashed: KeyError: '<redacted>'; correct the rule, or ignore 'broken'"
    )
    assert isinstance(caught.value.__cause__, KeyError)
    assert check(COPY, rules=[broken], ignore=["broken"]) == []


@pytest.mark.parametrize("rule_id", ["", " x", "x\n", "x*", "a,b", None, 1, pytest.param(10**5000, id="many digits")])
def test_an_id_that_cannot_be_one(rule_id):
    with pytest.raises(ConfigurationError, match=r"cannot be a rule's id; give it a name such as 'target-prefix'"):
        rule(id=rule_id, summary="x")


@pytest.mark.parametrize("name", ["summary", "help_url", "explanation"])
def test_a_text_that_is_none(name):
    if name != "explanation":
        with pytest.raises(ConfigurationError, match=rf"^the rule mine has a {name} of type int; give a str$"):
            rule(**{"id": "mine", "summary": "x", name: 3})
    made = Rule(**{"id": "mine", "severity": "error", "summary": "x", "check": len, name: 3})
    with pytest.raises(ConfigurationError, match=rf"^the rule mine has a {name} of type int; give a str$"):
        check(COPY, rules=[made])


@pytest.mark.parametrize("operations", [None, "CopyDBClusterSnapshot", 1])
def test_operations_that_are_no_tuple(operations):
    with pytest.raises(ConfigurationError, match=r"^the rule mine has operations of type \w+; give a tuple$"):
        check(COPY, rules=[Rule("mine", Severity.ERROR, "x", operations=operations, check=len)])


def test_a_rule_that_ends_the_program_ends_it():
    @rule(id="leave", summary="Leaves")
    def leave(request):
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        check(COPY, rules=[leave])


@pytest.mark.parametrize("severity", ["ERROR", "", "fatal", None, 1, [], pytest.param(10**5000, id="many digits")])
def test_a_severity_that_is_none(severity):
    with pytest.raises(ConfigurationError, match=r"the rule mine has the severity .*; it must be 'error' or 'warning'"):
        rule(id="mine", severity=severity, summary="x")


def test_what_is_decorated_is_a_function():
    with pytest.raises(ConfigurationError, match=r"the rule mine is of type int; decorate a generator function"):
        rule(id="mine", summary="x")(1)


def test_a_taken_id_names_both_owners():
    with pytest.raises(ConfigurationError) as caught:
        Ruleset([mine(), mine()])
    name = f"{__name__}.mine.<locals>.always"
    assert str(caught.value) == f"the rule id 'mine' is taken: by {name} and by {name}; rename one"
    with pytest.raises(ConfigurationError, match=r"'tag-count' is taken: by neptune_guard itself and by "):
        Ruleset([mine(rule_id="tag-count")])


def test_the_owner_of_an_id_may_be_any_callable():
    def nameless(number):
        return Rule("mine", Severity.ERROR, "x", "", check=functools.partial(mine, number))

    with pytest.raises(ConfigurationError, match=r"is taken: by functools\.partial\(.*, 1\) and by .*, 2\); rename"):
        Ruleset([nameless(1), nameless(2)])
    builtin = Rule("mine", Severity.ERROR, "x", "", check=str.upper)
    with pytest.raises(ConfigurationError, match=r"is taken: by \?\.str\.upper and by \?\.str\.upper; rename"):
        Ruleset([builtin, builtin])


@pytest.mark.parametrize(
    ("rules", "text"),
    [
        ([RULES["tag-count"]], "the rule tag-count, without a check, is not a rule of your own"),
        ([lambda request: ()], "<function> is not a rule of your own; decorate a generator with neptune_guard.rule"),
        ("mine", "'m' is not a rule of your own"),
        ([object()], "<object> is not a rule of your own"),
        (1, "rules is 1; give a list"),
        (team_tag, "rules is <Rule>; give a list"),
    ],
)
def test_rules_that_are_none(rules, text):
    with pytest.raises(ConfigurationError, match=re.escape(text)):
        check(COPY, rules=rules)


class Fragile(str):
    """Text whose own methods fail."""

    def fail(self, *args):
        raise ZeroDivisionError

    __str__ = __repr__ = __format__ = __len__ = __iter__ = __eq__ = partition = fail
    __hash__ = str.__hash__


@pytest.mark.parametrize(
    "yielded",
    [Fragile("is bad"), ("Tags", Fragile("is bad")), (Fragile("Tags"), "is bad"), (Fragile("x"), 1, "is bad")],
    ids=["message", "message at a path", "path", "path of a value"],
)
def test_no_method_of_what_a_rule_yields_runs(yielded):
    fragile = rule(id="fragile", summary="Yields text with methods of its own")(lambda request: [yielded])
    [found] = check(SOUND["CopyDBClusterSnapshot"], rules=[fragile])
    assert found.message == "is bad"
    assert {type(found.path), type(found.message)} == {str}


def test_a_rule_cannot_forge_lines():
    forging = rule(id="forging", summary="Quotes")(lambda request: [("Tags\x1b[2J", "bad\r\nerror: a\x1b[31m\ud800")])
    [found] = check(SOUND["CopyDBClusterSnapshot"], rules=[forging])
    assert str(found) == r"error: Tags\x1b[2J: bad\r\nerror: a\x1b[31m\ud800 [forging]"


def test_without_a_collection_of_rules_or_patterns_the_built_in_ones_are_asked():
    assert check({}, rules=None, ignore="missing-parameter") == []
    assert [each.rule for each in check({}, rules=[opinion], ignore=None)][-1] == "opinion"


@rule(id="opinion", severity="warning", summary="must please", help_url="https://example.com")
def opinion(request):
    yield "does not please"


class SpeechlessError(Exception):
    def __str__(self):
        raise ValueError


def test_a_crash_without_words_is_reported_all_the_same():
    @rule(id="mine", severity="warning", summary="must please", help_url="https://example.com")
    def mine(request):
        raise SpeechlessError
        yield

    with pytest.raises(RuleError, match=re.escape("mine crashed: SpeechlessError: (its text cannot be printed)")):
        check({}, rules=[mine])
