"""What the program prints about the rules: `rules`, `explain`, `schema`, and the page of the documentation."""

import json
from contextlib import suppress
from datetime import datetime

import pytest
from jsonschema_rs import Draft202012Validator

from neptune_guard import RULES, check
from neptune_guard._rules import GUARDED
from neptune_guard.cli import rules
from neptune_guard.cli.rules import ALL_RULES
from tests import helpers
from tests.cli.running import HYPHENS, ROOT, SOUND, run
from tests.programs import requests


def test_rules_lists_every_rule_in_every_form():
    text = run("rules")[1].splitlines()
    assert [line.split()[0] for line in text] == [*RULES, "duplicate-parameter"]
    table = json.loads(run("rules", "--format", "json")[1])
    assert [(each["id"], each["severity"], each["help_url"], tuple(each["operations"])) for each in table] == [
        (rule.id, rule.severity.value, rule.help_url, rule.operations) for rule in ALL_RULES.values()
    ]
    page = run("rules", "--format", "markdown")[1]
    assert sorted(line.removeprefix("### ") for line in page.splitlines() if line.startswith("### ")) == sorted(
        ALL_RULES
    )


@pytest.mark.parametrize("operation", GUARDED)
def test_rules_lists_those_of_one_operation(operation):
    listed = {line.split()[0] for line in run("rules", "--operation", operation)[1].splitlines()}
    assert listed == {rule.id for rule in ALL_RULES.values() if operation in rule.operations}


def test_the_page_of_the_documentation_is_up_to_date():
    written = (ROOT / "docs/rules.md").read_text(encoding="utf-8")
    assert run("rules", "--format", "markdown")[1] == written, "run python -m tests.programs.pages"


@pytest.mark.parametrize("rule", ALL_RULES.values(), ids=list(ALL_RULES))
def test_explain_prints_everything_about_a_rule(rule):
    code, out, err = run("explain", rule.id)
    printed = " ".join(out.split())
    assert (code, err) == (0, "")
    for paragraph in (*rules.paragraphs(rule), *rules.examples(rule), f"Source: {rule.help_url}"):
        assert " ".join(paragraph.split()) in printed
    assert all(len(line) <= 100 for line in out.splitlines() if "://" not in line and "ed: " not in line)


@pytest.mark.parametrize("rule", ALL_RULES.values(), ids=list(ALL_RULES))
def test_every_rule_shows_an_accepted_and_a_rejected_example(rule):
    shown = [line.partition(":")[0] for line in rules.examples(rule)]
    assert shown == ["Accepted", "Rejected"]


def test_a_long_example_is_shortened():
    [accepted, rejected] = rules.examples(RULES["tag-count"])
    assert len(accepted) < 250
    assert len(rejected) < 250


@pytest.mark.parametrize(
    ("name", "complaint"),
    [
        ("tag-cuont", "'tag-cuont' is not a rule; did you mean 'tag-count'?"),
        ("duplicate-parametr", "'duplicate-parametr' is not a rule; did you mean 'duplicate-parameter'?"),
        ("?", "'?' is not a rule; 'neptune-guard rules' lists them"),
        ("x" * 10_000, f"'{'x' * 100}'... (10000 characters) is not a rule; 'neptune-guard rules' lists them"),
    ],
)
def test_explain_of_an_unknown_rule_is_one_line(name, complaint):
    assert run("explain", name) == (2, "", f"neptune-guard: {complaint}\n")


@pytest.mark.parametrize("operation", GUARDED)
def test_schema_prints_a_sound_schema_for_every_operation(operation):
    code, out, _ = run("schema", "--operation", operation)
    schema = json.loads(out)
    Draft202012Validator(schema)  # it refuses what is not a schema; jsonschema does not know \\p{L}
    assert (code, schema["$id"]) == (0, f"urn:neptune-guard:schema:{operation}")


def validator(operation):
    return Draft202012Validator(json.loads(run("schema", "--operation", operation)[1]))


def test_the_schema_decides_as_check_does():
    schema = validator("CopyDBClusterSnapshot")
    assert schema.is_valid({"SourceDBClusterSnapshotIdentifier": "a", "TargetDBClusterSnapshotIdentifier": "b"})
    for wrong in ({}, {**SOUND, "KmsKeyID": "a"}, {**SOUND, "CopyTags": "yes"}, HYPHENS):
        assert not schema.is_valid(wrong)


RESTORE = "RestoreDBClusterToPointInTime"
MOMENTS = ["2026-05-04T03:00:00Z", "2026-05-04", 1777863600, 1777863600.5]
NO_MOMENTS = [True, None, [], {}]


@pytest.mark.parametrize("moment", MOMENTS + NO_MOMENTS)
def test_the_schema_takes_a_time_as_check_takes_it_from_json(moment):
    params = {**helpers.SOUND[RESTORE], "RestoreToTime": moment}
    takes = "parameter-type" not in helpers.ids(check(params, operation=RESTORE))
    assert takes is (moment in MOMENTS)
    assert validator(RESTORE).is_valid(params) is takes


def test_the_schemas_accept_whatever_check_accepts():
    source, validators = requests.Source(1), {operation: validator(operation) for operation in GUARDED}
    accepted = {operation: [params] for operation, params in helpers.SOUND.items()}
    for operation, params in (source.request() for _ in range(2000)):
        with suppress(TypeError, ValueError):
            written = json.loads(json.dumps(params, default=datetime.isoformat, allow_nan=False))
            if not check(written, operation=operation):
                accepted[operation].append(written)
    assert sum(map(len, accepted.values())) > 200
    for operation, sound in accepted.items():
        for params in sound:
            assert validators[operation].is_valid(params), params
