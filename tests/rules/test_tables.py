"""Every rule: the requests that it accepts and rejects, the lines that it prints, and its own two examples."""

import re

import pytest

from neptune_guard._printing import ABSENT
from neptune_guard._rules import GUARDED, RULES, shapes
from neptune_guard._rules._documents import parameters_of
from tests.helpers import ACCOUNT
from tests.rules.examples import of_examples
from tests.rules.rows import Row
from tests.rules.tables import TABLES, TOPICS


def cases(column):
    return [
        pytest.param(rule_id, row, id=f"{rule_id}-{number}")
        for rule_id, table in TABLES.items()
        if rule_id in RULES
        for number, row in enumerate(getattr(table, column))
        if (row[0] if column == "says" else row).is_modelled
    ]


@pytest.mark.parametrize(("rule_id", "row"), cases("accepts"))
def test_a_rule_accepts(rule_id, row):
    assert rule_id not in [each.rule for each in row.check()]


@pytest.mark.parametrize(("rule_id", "row"), cases("rejects"))
def test_a_rule_rejects(rule_id, row):
    found = [each for each in row.check() if each.rule == rule_id]
    assert len(found) == 1
    (one,) = found
    assert one.severity == ("warning" if row.warns else TABLES[rule_id].severity)
    assert one.help_url == RULES[rule_id].help_url
    assert one.operation == row.operation
    # The message says what is wrong, then what to do.
    assert re.fullmatch(r"[^;]+; .+|.* \(.*\); .+", one.message)
    assert str(one).isprintable()


@pytest.mark.parametrize(("rule_id", "case"), cases("says"))
def test_a_rule_says(rule_id, case):
    row, line = case
    assert line.endswith(f"[{rule_id}]")
    assert line in [str(each) for each in row.check()]


# ---------------------------------------------------------------------- the floor


def test_the_tables_are_for_the_rules():
    assert set(TABLES) - set(RULES) == set(), "there are no rules of these tables in tests/rules/tables"
    assert sum(len(topic.TABLES) for topic in TOPICS) == len(TABLES), "a rule has two tables in tests/rules/tables"


@pytest.mark.parametrize("rule_id", RULES)
def test_a_rule_is_documented_and_has_its_table(rule_id):
    assert rule_id in TABLES, f"write a table of {rule_id} into the topic of tests/rules/tables that fits"
    rule, table = RULES[rule_id], TABLES[rule_id]
    assert rule.severity == table.severity
    assert table.accepts
    assert table.rejects
    assert table.says or rule_id == "pre-signed-url-format"  # its lines have a test of their own
    assert rule.id == rule_id
    assert rule.summary[0].isupper()
    assert " must " in rule.summary
    assert not rule.summary.endswith(".")
    assert rule.explanation.endswith(".")
    assert rule.help_url.startswith("https://docs.aws.amazon.com/")
    assert rule.fault.code
    assert re.match("recorded|documented|inferred|the code is documented", rule.fault.evidence)
    assert set(rule.operations) <= set(GUARDED)


@pytest.mark.parametrize("rule_id", [each for each in TABLES if each in RULES])
def test_the_table_is_of_operations_of_the_rule(rule_id):
    if not of_shapes(RULES[rule_id]):
        strangers = {row.operation for row in TABLES[rule_id].rejects} - set(RULES[rule_id].operations)
        assert strangers == set(), f"{rule_id} is not a rule of these operations"


def of_shapes(rule):
    return rule.id in ("missing-parameter", "parameter-type", "unknown-parameter")


@pytest.mark.parametrize(
    ("rule", "operation"),
    [
        pytest.param(rule, operation, id=f"{rule.id}-{operation}")
        for rule in RULES.values()
        for operation in (("CopyDBClusterSnapshot",) if of_shapes(rule) else rule.operations)
        if Row(rule.rejected, operation).is_modelled
    ],
)
def test_a_rule_accepts_and_rejects_its_examples_in_every_operation_of_it(rule, operation):
    accepted, rejected = (each.check() for each in of_examples(rule, operation))
    hint = f"{operation} may need examples of {rule.id} of its own in ELSEWHERE in tests/rules/examples.py"
    assert [each.rule for each in accepted if each.severity == "error"] == [], hint
    assert rule.id not in [each.rule for each in accepted], hint
    assert [each.rule for each in rejected].count(rule.id) == 1, hint


@pytest.mark.parametrize("operation", GUARDED)
def test_the_shapes_of_every_operation_are_asked(operation):
    members = shapes.input_shape("neptune", operation).members
    required = shapes.input_shape("neptune", operation).required_members
    assert [each.rule for each in Row({"Unknown": 1}, operation).check() if each.severity == "error"] == [
        "unknown-parameter"
    ]
    for name in members:
        found = Row({name: None}, operation).check()
        assert [(each.rule, each.path) for each in found if each.path == name] == [("parameter-type", name)]
    for name in required:
        assert ("missing-parameter", name) in {
            (each.rule, each.path) for each in Row({name: ABSENT}, operation).check()
        }


UNSUPPORTED = {"parameter-unsupported", "parameter-not-applicable", "filters-unsupported"}
NOT_ASKED = {("RestoreDBClusterToPointInTime", "StorageType")}  # it has no EngineVersion to compare with


def looked_at(operation, name):
    """Return whether rules about one parameter look at it, and whether relations do; None where that says nothing."""
    ids = set(parameters_of(operation).get(name, ()))
    if ids & UNSUPPORTED or name not in shapes.input_shape("neptune", operation).members:
        return None, None
    is_new = "identifier-arn" in ids  # the name of something new has no Region that could be compared
    is_related = name in GUARDED[operation].relations
    return bool(ids), None if is_new or (operation, name) in NOT_ASKED else is_related


@pytest.mark.parametrize("operation", GUARDED)
def test_no_operation_alone_leaves_a_parameter_unchecked(operation):
    """Nothing else notices that a document lacks a reference, or a row of GUARDED a relation."""
    for name in shapes.input_shape("neptune", operation).members:
        others = [looked_at(each, name) for each in GUARDED if each != operation]
        places = (f"a $ref for it to {operation}.json", f"what compares it to the row of {operation} in GUARDED")
        for own, column, place in zip(looked_at(operation, name), zip(*others, strict=True), places, strict=True):
            known = [each for each in column if each is not None]
            assert own is not False or len(known) < 2 or not all(known), (
                f"{operation} alone leaves {name} unchecked, which every other operation with it checks: add {place}"
            )


@pytest.mark.parametrize("operation", GUARDED)
def test_nothing_is_found_in_a_sound_request(operation):
    assert Row({}, operation, account_id=ACCOUNT).check() == []


def test_the_built_in_rules_cannot_be_changed():
    with pytest.raises(TypeError):
        RULES["mine"] = RULES["tag-count"]
