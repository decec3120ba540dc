"""The options of `check`: which rules, for which operation, with which exit code."""

import json
import sys
from pathlib import Path

import pytest

from neptune_guard.cli.formats import REPORTS
from tests.cli.running import EMPTY_VALUE, HYPHENS, HYPHENS_LINE, SOUND, SOURCE, check_json, lines, process, run

FOREIGN = {**SOUND, SOURCE: "arn:aws:rds:eu-west-1:210987654321:cluster-snapshot:nightly"}
KEY = {**SOUND, "KmsKeyId": "arn:aws:kms:eu-west-1:123456789012:alias/own"}
MISSPELT = {**SOUND, "KmsKeyID": "alias/own"}
TWICE = '{"CopyTags": true, "CopyTags": true, ' + json.dumps(SOUND)[1:]

# request, arguments, rules found, exit code
OPTIONS = [
    (SOUND, (), [], 0),
    (EMPTY_VALUE, (), ["tag-value-empty"], 0),
    (HYPHENS, (), ["identifier-hyphens"], 1),
    (HYPHENS, ("--exit-zero",), ["identifier-hyphens"], 0),
    (HYPHENS, ("--operation", "CopyDBClusterSnapshot"), ["identifier-hyphens"], 1),
    (HYPHENS, ("--ignore", "identifier-hyphens"), [], 0),
    (HYPHENS, ("--ignore", "tag-*, identifier-*"), [], 0),
    (HYPHENS, ("--ignore", "identifier-*,"), [], 0),
    (HYPHENS, ("--ignore", "tag-*", "--ignore", "identifier-*"), [], 0),
    (HYPHENS, ("--ignore", "CopyDBClusterSnapshot:identifier-hyphens"), [], 0),
    (HYPHENS, ("--ignore", "CopyDBClusterSnapshot:*"), [], 0),
    (HYPHENS, ("--ignore", "duplicate-parameter"), ["identifier-hyphens"], 1),
    (KEY, (), [], 0),
    (KEY, ("--region", "us-east-1"), ["kms-key-region"], 1),
    (FOREIGN, (), [], 0),
    (FOREIGN, ("--account-id", "123456789012"), ["kms-key-shared-source"], 0),
    (FOREIGN, ("--account-id", "210987654321"), [], 0),
    ({}, (), ["missing-parameter", "missing-parameter"], 1),
    ({**SOUND, "Tags": 3}, (), ["parameter-type"], 1),
    (MISSPELT, (), ["unknown-parameter"], 1),
]


@pytest.mark.parametrize(("request_", "arguments", "rules", "code"), OPTIONS)
def test_options_decide_what_is_found(request_, arguments, rules, code):
    found, document = check_json(*arguments, stdin=json.dumps(request_))
    assert (found, [each["rule"] for each in document["findings"]]) == (code, rules)


@pytest.mark.parametrize(
    ("pattern", "is_found"),
    [
        ("duplicate-parameter", False),
        ("duplicate-*", False),
        ("*", False),
        ("CopyDBClusterSnapshot:duplicate-parameter", False),
        ("CopyDBClusterSnapshot:*", False),
        ("tag-*", True),
        ("unknown-parameter", True),
    ],
)
def test_the_rule_about_repeated_names_can_be_left_out(pattern, is_found):
    code, document = check_json("--ignore", pattern, stdin=TWICE)
    assert [each["rule"] for each in document["findings"]] == ["duplicate-parameter"] * is_found
    assert code == int(is_found)


def test_leaving_a_rule_out_for_another_operation_changes_nothing():
    assert run("check", "--ignore", "DeleteDBCluster:duplicate-parameter", stdin=TWICE)[0] == 1


def test_exit_zero_does_not_hide_unusable_input():
    assert run("check", "--exit-zero", stdin="{")[0] == 2


def test_a_region_that_botocore_does_not_list_is_accepted():
    assert run("check", "--region", "us-newest-1", stdin=json.dumps(SOUND))[0] == 0


UNUSABLE_ARGUMENTS = [
    (("--format", "xml"), "argument --format: invalid choice: 'xml'"),
    (("--account-id", "12"), "argument --account-id: '12' is not an account; give its twelve digits"),
    (("--region", ""), "argument --region: '' is not a Region's name"),
    (("--region", "us-west-2a"), "argument --region: 'us-west-2a' is not a Region's name"),
    (("--ignore", "tga-count"), "--ignore names 'tga-count', which is not a rule; did you mean 'tag-count'?"),
    (("--ignore", "?"), "--ignore names '?', which is not a rule; 'neptune-guard rules' lists them"),
    (("--ignore", "CopyDBCluster:tag-count"), "--ignore names 'CopyDBCluster:tag-count'"),
    (
        ("--ignore", "CopyDBClusterSnapshots:duplicate-*"),
        "'CopyDBClusterSnapshots' is not a guarded operation; did you",
    ),
    (("--operation", "CopyDBClusterSnapshots"), "argument --operation: 'CopyDBClusterSnapshots' is not a guarded"),
]


@pytest.mark.parametrize(("argv", "complaint"), UNUSABLE_ARGUMENTS)
def test_unusable_arguments_are_one_line(argv, complaint):
    code, out, err = run("check", *argv, stdin=json.dumps(SOUND))
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(f"neptune-guard: {complaint}")
    assert len(err) < 400


def test_a_file_or_a_parameter_without_a_name_is_shown_as_one():
    assert run("check", "") == (2, "", "neptune-guard: '': No such file or directory\n")
    out = run("check", stdin=json.dumps({**SOUND, "": 1, "Tags": [{"Key": "a", "Value": "b", "": 2}]}))[1]
    assert '<stdin>:1: error: "": 1 is not a parameter of CopyDBClusterSnapshot' in out
    assert '<stdin>:1: error: Tags[0]."": 2 is not a member of Tags[0]' in out


# ---------------------------------------------------------------------- rules of the user's own

OWN_RULES = """
import pathlib

import neptune_guard

@neptune_guard.rule(id="copy-prefix", summary="A copy must be named dr-...", severity="warning")
def prefix(request):
    if not request.text("TargetDBClusterSnapshotIdentifier").startswith("dr-"):
        yield "TargetDBClusterSnapshotIdentifier", "does not begin with dr-"

@neptune_guard.rule(id="crash", summary="None")
def crash(request):
    raise ZeroDivisionError("oh\\nno")

@neptune_guard.rule(id="leave", summary="None")
def leave(request):
    yield "before it leaves"
    raise SystemExit(0)

BOTH = [prefix, crash]
LEAVING = [leave, prefix]
TAKEN = neptune_guard.rule(id="duplicate-parameter", summary="None")(crash.check)
BUILT_IN = neptune_guard.RULES["tag-count"]
NUMBER = 3
LINK = neptune_guard.Rule(
    "link", neptune_guard.Severity.ERROR, "None", pathlib.PurePath("x"), ("CopyDBClusterSnapshot",), check=crash.check
)

def __getattr__(name):
    if name == "LATE":
        raise ValueError("not\\nnow")
    raise AttributeError(name)
"""


@pytest.fixture
def module(tmp_path, monkeypatch):
    """The name of a module with rules in the current directory, as a user has it."""
    name = f"own_rules_{tmp_path.name.replace('-', '_')}"
    (tmp_path / f"{name}.py").write_text(OWN_RULES)
    (tmp_path / f"{name}_broken.py").write_text("import nonexistent_module_of_nobody")
    (tmp_path / f"{name}_failing.py").write_text("raise SystemExit('not\\nnow')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield name
    for each in (name, f"{name}_broken", f"{name}_failing"):
        sys.modules.pop(each, None)


def test_own_rules_are_checked_and_named(module):
    code, document = check_json("--rules", f"{module}:prefix", stdin=json.dumps(SOUND))
    [finding] = document["findings"]
    assert (code, finding["rule"], finding["severity"], finding["line"]) == (0, "copy-prefix", "warning", 1)
    assert check_json("--rules", f"{module}:prefix", "--ignore", "copy-*", stdin=json.dumps(SOUND))[1]["findings"] == []


def test_own_rules_are_found_by_the_installed_command(module):
    done = process("check", "--rules", f"{module}:prefix", input=json.dumps(SOUND).encode(), cwd=Path.cwd())
    assert (done.returncode, b"[copy-prefix]" in done.stdout) == (0, True)


def test_a_rule_that_crashes_is_one_line_however_many_requests_there_are(module):
    code, out, err = run("check", "--rules", f"{module}:BOTH", stdin=lines(SOUND, HYPHENS, SOUND))
    assert (code, out.count("[copy-prefix]"), out.count(HYPHENS_LINE)) == (2, 3, 1)
    assert err == (
        "neptune-guard: <stdin>:1: the rule crash crashed: ZeroDivisionError: oh no; "
        "correct the rule, or ignore 'crash'\n"
    )


@pytest.mark.parametrize("form", REPORTS)
def test_a_rule_that_ends_the_program_does_not_cut_the_report_off(module, form):
    code, out, err = run("check", "--format", form, "--rules", f"{module}:LEAVING", stdin=lines(SOUND, HYPHENS))
    assert code == 2
    if form in ("json", "sarif"):
        json.loads(out)
    assert all(out.count(each) >= 2 for each in ("does not begin with dr-", "before it leaves"))
    assert "neptune-guard: <stdin>:1: the rule leave crashed: SystemExit: 0; correct the rule" in err


UNUSABLE_RULES = {
    "no colon": ("{}", "--rules is '{}'; give module:attribute, such as my_rules:RULES"),
    "no attribute": ("{}:", "--rules is '{}:'; give module:attribute"),
    "no module": ("{}x:prefix", "--rules: there is no module '{}x'; it is looked for in this directory"),
    "no submodule": ("{}.x:prefix", "--rules: there is no module '{}.x'"),
    "relative": (".x:prefix", "--rules is '.x:prefix'; give module:attribute"),
    "an attribute that fails": ("{}:LATE", "--rules: importing {}:LATE failed: ValueError: not now"),
    "a link that is no text": ("{}:LINK", "the rule link has a help_url of type PurePosixPath; give a str"),
    "unknown attribute": (
        "{}:prefx",
        "--rules {}:prefx: the module {} has no attribute 'prefx'; did you mean 'prefix'?",
    ),
    "no rule": ("{}:NUMBER", "--rules {}:NUMBER has 3; give a Rule or a list of them"),
    "a taken id": ("{}:TAKEN", "--rules {}:TAKEN: the rule id 'duplicate-parameter' is taken by neptune_guard itself"),
    "a built-in rule": ("{}:BUILT_IN", "the rule tag-count, without a check, is not a rule of your own"),
    "no rules": ("sys:path", "--rules sys:path has '"),
    "broken": ("{}_broken:x", "--rules: importing {}_broken failed: ModuleNotFoundError: No module named 'nonexistent"),
    "failing": ("{}_failing:x", "--rules: importing {}_failing failed: SystemExit: not now"),
}


@pytest.mark.parametrize(("name", "complaint"), UNUSABLE_RULES.values(), ids=UNUSABLE_RULES)
def test_own_rules_that_cannot_be_used_are_one_line(module, name, complaint):
    code, out, err = run("check", "--rules", name.format(module), stdin=json.dumps(SOUND))
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(f"neptune-guard: {complaint.replace('{}', module)}")
