"""The forms of `check`'s report, each held to what its readers demand."""

import io
import json
import os
import re
import sys
import xml.etree.ElementTree as ElementTree

import pytest
from jsonschema import Draft4Validator

from neptune_guard.cli import main
from neptune_guard.cli.rules import ALL_RULES
from tests.cli.running import (
    EMPTY_VALUE,
    HYPHENS,
    HYPHENS_LINE,
    OUTPUT_SCHEMA,
    ROOT,
    SOUND,
    TARGET,
    check_json,
    lines,
    process,
    run,
)

FORMS = ("text", "json", "github", "sarif", "junit")
SARIF_SCHEMA = Draft4Validator(json.loads((ROOT / "tests/data/sarif-schema-2.1.0.json").read_text(encoding="utf-8")))
URL = {**SOUND, "PreSignedUrl": "https://rds.us-east-1.amazonaws.com/?X-Amz-Signature=5ec2e7"}
HOSTILE = {**SOUND, TARGET: "<a&b>\"'%\r\n::error::,\x00\ud800\uffff\U0001f600", "a:b,\n::error::": "]]>"}


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Names of files in the current directory: an array over lines, JSON Lines, and two that cannot be used."""
    monkeypatch.chdir(tmp_path)
    contents = {
        "a.json": json.dumps([SOUND, HYPHENS], indent=2),
        "b,c:%.jsonl": lines(EMPTY_VALUE, {**HYPHENS, "Tags": EMPTY_VALUE["Tags"]}),
        "d.json": '{\n"a" 1}',
    }
    for name, text in contents.items():
        (tmp_path / name).write_text(text)
    return [*contents, "none.json"]


@pytest.mark.parametrize("form", FORMS)
def test_a_pre_signed_url_is_never_printed(form):
    code, out, err = run("check", "--format", form, stdin=json.dumps(URL))
    assert code == 1
    assert "redacted" in out
    assert "5ec2e7" not in out + err


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("content", [json.dumps(HYPHENS), "{"])
def test_a_secret_in_the_name_of_a_file_is_never_printed(form, content, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    name = "c.json?X-Amz-Security-Token=5ec2e7&X-Amz-Signature=5ec2e7"
    (tmp_path / name).write_text(content)
    for given in (name, str(tmp_path / name)):
        code, out, err = run("check", "--format", form, given)
        assert code == (1 if content != "{" else 2)
        assert "redacted" in out + err
        assert "5ec2e7" not in out + err


@pytest.mark.parametrize("form", FORMS)
def test_every_form_takes_no_findings_and_hostile_ones(form):
    assert run("check", "--format", form, stdin="[]")[0] == 0
    code, out, _ = run("check", "--format", form, stdin=json.dumps(HOSTILE))
    assert code == 1
    if form != "sarif":
        assert "\n::error::" not in out.replace("\n::error file", "")
    assert not any(each in out for each in "\x00\r\x1b")


@pytest.mark.parametrize("form", FORMS)
def test_every_form_names_every_finding_and_what_cannot_be_used(form, files):
    code, out, err = run("check", "--format", form, *files)
    assert (code, err.count("\n")) == (2, 2)
    assert "neptune-guard: d.json:2:5: not valid JSON: Expecting ':' delimiter\n" in err
    assert out.count("has two consecutive hyphens") == (3 if form == "junit" else 2) + (form == "junit")


# ---------------------------------------------------------------------- text


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(
    ("environment", "is_coloured"),
    [({"TERM": "xterm"}, True), ({"TERM": "xterm", "NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False), ({}, True)],
)
def test_the_severity_is_coloured_on_a_terminal_only(monkeypatch, environment, is_coloured):
    for name in ("TERM", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    out = Terminal()
    main(["check"], stdin=io.BytesIO(json.dumps(HYPHENS).encode()), stdout=out, stderr=io.StringIO())
    coloured = HYPHENS_LINE.replace("error", "\x1b[1;31merror\x1b[0m", 1)
    assert out.getvalue() == f"<stdin>:1: {coloured if is_coloured else HYPHENS_LINE}\n"


def test_the_summary_counts_in_words():
    assert run("check", stdin=lines(HYPHENS, EMPTY_VALUE))[2] == "2 requests checked: 1 error, 1 warning\n"
    assert run("check", stdin="[]")[2] == "0 requests checked: 0 errors, 0 warnings\n"


def test_output_in_a_narrow_encoding_is_escaped():
    text = json.dumps({**SOUND, "Tags": [{"Key": "café", "Value": "☃"}]}, ensure_ascii=False)
    done = process("check", input=text.encode(), env={**os.environ, "PYTHONIOENCODING": "ascii:strict"})
    assert done.returncode == 1
    assert done.stdout.startswith(b"<stdin>:1: error: Tags[0].Value: '\\u2603' ")


# ---------------------------------------------------------------------- JSON


@pytest.mark.parametrize("stream", [[], [HYPHENS, EMPTY_VALUE], [SOUND, URL], [{**SOUND, "Tags": 3}]])
def test_the_json_output_is_as_its_schema_says(stream):
    _, document = check_json(stdin=json.dumps(stream))
    assert document["summary"]["requests"] == len(stream)


def test_the_schema_of_the_output_rejects_what_check_never_prints():
    _, document = check_json(stdin=json.dumps(HYPHENS))
    document["findings"][0]["extra"] = 1
    assert not OUTPUT_SCHEMA.is_valid(document)
    assert not OUTPUT_SCHEMA.is_valid({"findings": []})


def test_the_value_is_a_plain_text():
    _, document = check_json(stdin=json.dumps(HYPHENS))
    assert document["findings"][0]["value"] == "nightly--copy"


# ---------------------------------------------------------------------- GitHub


def test_github_gets_workflow_commands_with_escaped_properties(files):
    _, out, _ = run("check", "--format", "github", *files)
    hyphens = HYPHENS_LINE.removeprefix("error: ")
    title = "title=identifier-hyphens (CopyDBClusterSnapshot)"
    assert out.splitlines() == [
        f"::error file=a.json,line=8,{title}::[1].{hyphens}",
        "::warning file=b%2Cc%3A%25.jsonl,line=1,title=tag-value-empty (CopyDBClusterSnapshot)::"
        + ALL_WARNINGS["tag-value-empty"],
        f"::error file=b%2Cc%3A%25.jsonl,line=2,{title}::{hyphens}",
        "::warning file=b%2Cc%3A%25.jsonl,line=2,title=tag-value-empty (CopyDBClusterSnapshot)::"
        + ALL_WARNINGS["tag-value-empty"],
        "::error file=d.json,line=2,title=neptune-guard::not valid JSON: Expecting ':' delimiter",
        "::error file=none.json,title=neptune-guard::No such file or directory",
    ]


def test_github_commands_escape_percent_signs_in_messages():
    _, out, _ = run("check", "--format", "github", stdin=json.dumps({**SOUND, TARGET: "a%0Ab"}))
    assert "'a%250Ab'" in out
    assert "file=" not in out  # standard input is no file of the repository


_WARNING = run("check", stdin=json.dumps(EMPTY_VALUE))[1]
ALL_WARNINGS = {"tag-value-empty": _WARNING.removeprefix("<stdin>:1: warning: ").rstrip("\n")}

# ---------------------------------------------------------------------- SARIF


def sarif(*argv, stdin=""):
    log = json.loads(run("check", "--format", "sarif", *argv, stdin=stdin)[1])
    assert list(SARIF_SCHEMA.iter_errors(log)) == []
    return log["runs"][0]


@pytest.mark.parametrize("request_", [[], SOUND, [HYPHENS, EMPTY_VALUE], URL, HOSTILE, {}, [3]])
def test_sarif_is_valid_against_the_published_schema(request_):
    run_ = sarif(stdin=json.dumps(request_))
    assert [rule["id"] for rule in run_["tool"]["driver"]["rules"]] == list(ALL_RULES)


def test_the_published_schema_rejects_what_is_not_sarif():
    assert not SARIF_SCHEMA.is_valid({"version": "2.1.0", "runs": [{"tool": {"driver": {}}}]})


def test_sarif_places_every_result_and_every_unusable_file(files, tmp_path):
    run_ = sarif(*files, str(tmp_path / "a.json"))
    places = [
        (
            each["ruleId"],
            each["level"],
            each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
            each["locations"][0]["physicalLocation"]["region"]["startLine"],
            each["properties"]["index"],
        )
        for each in run_["results"]
    ]
    assert places == [
        ("identifier-hyphens", "error", "a.json", 8, 1),
        ("tag-value-empty", "warning", "b%2Cc%3A%25.jsonl", 1, None),
        ("identifier-hyphens", "error", "b%2Cc%3A%25.jsonl", 2, None),
        ("tag-value-empty", "warning", "b%2Cc%3A%25.jsonl", 2, None),
        ("identifier-hyphens", "error", (tmp_path / "a.json").as_uri(), 8, 1),
    ]
    rules = run_["tool"]["driver"]["rules"]
    assert all(rules[each["ruleIndex"]]["id"] == each["ruleId"] for each in run_["results"])
    [invocation] = run_["invocations"]
    assert invocation["executionSuccessful"] is False
    assert [each["message"]["text"] for each in invocation["toolExecutionNotifications"]] == [
        "not valid JSON: Expecting ':' delimiter",
        "No such file or directory",
    ]


def test_sarif_has_no_embedded_links_from_values(tmp_path, monkeypatch):
    """SARIF 2.1.0, section 3.11.6: brackets that make no link are escaped, and so are backslashes."""
    [result] = sarif(stdin=json.dumps({**SOUND, TARGET: "[log in](http://evil.example)\\"}))["results"][:1]
    text = result["message"]["text"]
    assert "'\\[log in\\](http://evil.example)\\\\\\\\' " in text
    assert not re.search(r"(?<!\\)[\[\]]", text)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.json").write_text('{"params": {}, "[log in](http://evil.example)": 1}')
    [notification] = sarif("a.json")["invocations"][0]["toolExecutionNotifications"]
    assert "this one has '\\[log in\\](http://evil.example)' too" in notification["message"]["text"]


def test_sarif_tells_every_rule_with_help_and_its_page():
    run_ = sarif(stdin=json.dumps(SOUND))
    assert run_["invocations"] == [{"executionSuccessful": True, "toolExecutionNotifications": []}]
    for rule in run_["tool"]["driver"]["rules"]:
        known = ALL_RULES[rule["id"]]
        assert rule["defaultConfiguration"]["level"] == known.severity.value
        assert rule["helpUri"] == known.help_url
        assert known.explanation in rule["help"]["text"]
        assert rule["help"]["text"].count("\n\nAccepted: ") == rule["help"]["text"].count("\n\nRejected: ") == 1


def test_sarif_tells_own_rules_too(tmp_path, monkeypatch):
    text = """
import neptune_guard
@neptune_guard.rule(id="own", summary="None may pass", severity="warning")
def own(request):
    yield "does not pass"
"""
    (tmp_path / "own_rules_for_sarif.py").write_text(text)
    monkeypatch.setattr(sys, "path", [str(tmp_path), *sys.path])
    run_ = sarif("--rules", "own_rules_for_sarif:own", stdin=json.dumps(SOUND))
    sys.modules.pop("own_rules_for_sarif")
    [result] = run_["results"]
    rule = run_["tool"]["driver"]["rules"][result["ruleIndex"]]
    assert (rule["id"], rule["help"]["text"], "helpUri" in rule) == ("own", "None may pass.", False)
    assert "logicalLocations" not in result["locations"][0]


# ---------------------------------------------------------------------- JUnit


def test_junit_has_one_case_per_request_and_one_per_unusable_file(files):
    _, out, _ = run("check", "--format", "junit", *files)
    suites = ElementTree.fromstring(out)
    [suite] = suites
    assert (suites.tag, suite.tag) == ("testsuites", "testsuite")
    assert {name: suite.get(name) for name in ("tests", "failures", "errors", "skipped")} == {
        "tests": "6",
        "failures": "2",
        "errors": "2",
        "skipped": "0",
    }
    cases = [(each.get("name"), each.get("line"), [inner.tag for inner in each]) for each in suite]
    assert cases == [
        ("a.json:2[0]", "2", []),
        ("a.json:6[1]", "8", ["failure"]),
        ("b,c:%.jsonl:1", "1", ["system-out"]),
        ("b,c:%.jsonl:2", "2", ["failure", "system-out"]),
        ("d.json", "2", ["error"]),
        ("none.json", None, ["error"]),
    ]
    failure = suite[1][0]
    assert failure.text == f"a.json:8: error: [1].{HYPHENS_LINE.removeprefix('error: ')}"
    assert failure.get("message") == f"[1].{HYPHENS_LINE.removeprefix('error: ')}"


def test_junit_is_well_formed_whatever_the_requests_hold():
    _, out, _ = run("check", "--format", "junit", stdin=json.dumps(HOSTILE))
    assert out.isascii()
    assert "\\x00\\ud800" in ElementTree.fromstring(out)[0][0][0].text
