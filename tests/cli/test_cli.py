"""The command `neptune-guard`, run in this process with streams of its own and, where it matters, as a process."""

from __future__ import annotations

import io
import json
import os
import re
import socket
import subprocess
import sys
import tracemalloc
from importlib import import_module
from importlib.metadata import entry_points, version
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from neptune_guard import RULES
from neptune_guard.cli import _input, main, rules
from neptune_guard.stub import NeptuneStub

DOCS = Path(__file__).parent.parent.parent / "docs"
OUTPUT_SCHEMA = Draft202012Validator(json.loads((DOCS / "check-output.schema.json").read_text(encoding="utf-8")))

SOUND = {"SourceDBClusterSnapshotIdentifier": "nightly", "TargetDBClusterSnapshotIdentifier": "nightly-copy"}
HYPHENS = {**SOUND, "TargetDBClusterSnapshotIdentifier": "nightly--copy"}
EMPTY_VALUE = {**SOUND, "Tags": [{"Key": "team", "Value": ""}]}
URL = {**SOUND, "PreSignedUrl": "https://rds.us-east-1.amazonaws.com/?X-Amz-Signature=5ec2e7"}
FOREIGN = {**SOUND, "SourceDBClusterSnapshotIdentifier": "arn:aws:rds:eu-west-1:210987654321:cluster-snapshot:nightly"}
KEY = {**SOUND, "KmsKeyId": "arn:aws:kms:eu-west-1:123456789012:alias/own"}

HYPHENS_LINE = (
    "TargetDBClusterSnapshotIdentifier: 'nightly--copy' has two consecutive hyphens; use single ones "
    "[target-identifier-hyphens]"
)


def lines(*requests):
    return "".join(f"{json.dumps(each)}\n" for each in requests)


def run(*argv, stdin=b""):
    out, err = io.StringIO(), io.StringIO()
    code = main(argv, stdin=io.BytesIO(stdin if isinstance(stdin, bytes) else stdin.encode()), stdout=out, stderr=err)
    return code, out.getvalue(), err.getvalue()


def process(*argv, **options):
    return subprocess.run(
        [sys.executable, "-m", "neptune_guard", *argv], capture_output=True, timeout=60, check=False, **options
    )


def check_json(*argv, stdin=b""):
    code, out, _ = run("check", "--format", "json", *argv, stdin=stdin)
    document = json.loads(out)
    OUTPUT_SCHEMA.validate(document)
    return code, document


@pytest.mark.parametrize(
    ("text", "place"),
    [
        (json.dumps(HYPHENS), "<stdin>"),
        (json.dumps(HYPHENS, indent=2), "<stdin>"),
        ("\n\n" + json.dumps(HYPHENS, indent=2) + "\n\n", "<stdin>"),
        ("\ufeff" + json.dumps(HYPHENS), "<stdin>"),
        (json.dumps([SOUND, HYPHENS]), "<stdin>[1]"),
        (json.dumps([SOUND, HYPHENS], indent=2), "<stdin>[1]"),
        (lines(SOUND, HYPHENS), "<stdin>:2"),
        (lines(SOUND, HYPHENS).replace("\n", "\r\n"), "<stdin>:2"),
        (lines(SOUND) + "\n \n" + lines(HYPHENS), "<stdin>:4"),
        (lines(SOUND, HYPHENS).rstrip("\n"), "<stdin>:2"),
    ],
    ids=["object", "lines", "blank", "bom", "array", "array-lines", "jsonl", "crlf", "jsonl-blank", "jsonl-no-newline"],
)
def test_every_form_of_input_gives_the_finding_with_its_place(text, place):
    code, out, err = run("check", stdin=text)
    assert (code, out) == (1, f"{place}: {HYPHENS_LINE}\n")
    assert err.endswith(" checked: 1 error, 0 warnings\n")


@pytest.mark.parametrize(
    ("request_", "arguments", "rules", "code"),
    [
        (SOUND, (), [], 0),
        (EMPTY_VALUE, (), ["tag-value-empty"], 0),
        (HYPHENS, (), ["target-identifier-hyphens"], 1),
        (HYPHENS, ("--ignore", "target-identifier-hyphens"), [], 0),
        (HYPHENS, ("--ignore", "tag-*, target-*"), [], 0),
        (HYPHENS, ("--ignore", "tag-*", "--ignore", "target-*"), [], 0),
        (KEY, (), [], 0),
        (KEY, ("--region", "us-east-1"), ["kms-key-region"], 1),
        (FOREIGN, (), [], 0),
        (FOREIGN, ("--account-id", "123456789012"), ["kms-key-shared-source"], 0),
        (FOREIGN, ("--account-id", "210987654321"), [], 0),
        ({}, (), ["missing-parameter", "missing-parameter"], 1),
        ({**SOUND, "Tags": 3}, (), ["parameter-type"], 1),
    ],
)
def test_arguments_decide_what_is_found(request_, arguments, rules, code):
    found, document = check_json(*arguments, stdin=json.dumps(request_))
    assert (found, [each["rule"] for each in document["findings"]]) == (code, rules)


def test_the_exit_code_is_that_of_the_worst_file_and_every_file_is_read(tmp_path):
    contents = {"a.json": json.dumps(HYPHENS), "b.json": "{", "c.jsonl": lines(SOUND, EMPTY_VALUE)}
    for name, text in contents.items():
        (tmp_path / name).write_text(text)
    code, document = check_json(*(str(tmp_path / name) for name in contents))
    places = [(Path(each["file"]).name, each["line"], each["index"]) for each in document["findings"]]
    assert (code, places) == (2, [("a.json", None, None), ("c.jsonl", 2, None)])
    assert document["summary"] == {"requests": 3, "errors": 1, "warnings": 1, "unusable": 1}


DEEP = b"[" * 100_000


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        (b"", "<stdin>: is empty; give a request as a JSON object"),
        (b" \n\n", "<stdin>: is empty; give a request as a JSON object"),
        (b"{", "<stdin>:1:2: not valid JSON: Expecting property name enclosed in double quotes"),
        (b'\n{"a": 1,\n "b" 2}', "<stdin>:3:6: not valid JSON: Expecting ':' delimiter"),
        (b"nonsense", "<stdin>:1:1: not valid JSON: Expecting value"),
        (b'{}\n\n{"a": }\n', "<stdin>:3:7: not valid JSON: Expecting value"),
        (b"{\n}\n{\n}", "<stdin>:3:1: not valid JSON: Extra data"),
        (b'"text"', "<stdin>: a string is not a request; give a JSON object"),
        (b"[{}, [], 1.5]", "<stdin>[1]: an array is not a request; give a JSON object"),
        (b"true", "<stdin>: a boolean is not a request; give a JSON object"),
        (b"{}\nnull\n", "<stdin>:2: null is not a request; give a JSON object"),
        (b"[1.5]", "<stdin>[0]: a number is not a request; give a JSON object"),
        (b'{"a":\n"caf\xe9"}', "<stdin>:2: not UTF-8: byte 0xe9"),
        (b'{}\n{"a": "\xff"}', "<stdin>:2: not UTF-8: byte 0xff"),
        ('{"a": 1}'.encode("utf-16"), "<stdin>:1: not UTF-8: byte 0xff"),
        (DEEP, "<stdin>:1: nested too deeply"),
        (b'{"a": %s}' % (b"1" * 10_000), "<stdin>:1: a number has more digits than Python reads"),
    ],
    ids=range(17),
)
def test_unusable_input_is_one_line(text, complaint):
    code, _, err = run("check", stdin=text)
    assert (code, err) == (2, f"neptune-guard: {complaint}\n")


@pytest.mark.parametrize(
    ("argv", "complaint"),
    [
        ((), "the following arguments are required: COMMAND; see 'neptune-guard --help'"),
        (("check", "--format", "xml"), "argument --format: invalid choice: 'xml'"),
        (("check", "--account-id", "12"), "argument --account-id: '12' is not an account: give its twelve digits"),
        (("check", "--region", ""), "argument --region: '' is not a Region name; write it as us-east-1"),
        (("check", "--region", "us-west-2a"), "argument --region: 'us-west-2a' is not a Region name"),
        (("dry-run", "-", "--region", "a b"), "argument --region: 'a b' is not a Region name"),
        (("check", "--ignore", "tga-count"), "ignore names 'tga-count', which is no rule; did you mean 'tag-count'?"),
        (("explain", "tag-cuont"), "'tag-cuont' is no rule; did you mean 'tag-count'?"),
        (("explain", "?"), "'?' is no rule; 'neptune-guard rules' lists them"),
        (("dry-run", "-"), "the following arguments are required: --region; see 'neptune-guard dry-run --help'"),
    ],
)
def test_unusable_arguments_are_one_line(argv, complaint):
    code, out, err = run(*argv, stdin=json.dumps(SOUND))
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(f"neptune-guard: {complaint}")


@pytest.mark.parametrize(
    ("name", "reason"),
    [("none.json", "No such file or directory"), ("", "Is a directory"), ("nul\0.json", "embedded null byte")],
)
def test_an_unreadable_file_is_one_line(tmp_path, name, reason):
    path = f"{tmp_path}/{name}"
    assert run("check", path) == (2, "", f"neptune-guard: {path}: {reason}\n")


def test_a_document_that_is_too_large_is_refused_and_json_lines_of_any_length_are_not(monkeypatch):
    monkeypatch.setattr(_input, "MOST_BYTES", 1000)
    complaint = "neptune-guard: <stdin>:1: more than 0 MiB in one piece; give one request a line\n"
    assert run("check", stdin=json.dumps([SOUND] * 100)) == (2, "", complaint)
    assert run("check", stdin=json.dumps([SOUND] * 100, indent=1)) == (2, "", complaint)
    assert run("check", stdin=lines(*[SOUND] * 100)) == (0, "", "100 requests checked: 0 errors, 0 warnings\n")


class Endless(io.RawIOBase):
    """A hundred megabytes of JSON Lines that are nowhere whole."""

    def __init__(self, line, size):
        self.line, self.left = line, size // len(line)

    def readable(self):
        return True

    def readinto(self, buffer):
        if not self.left:
            return 0
        self.left -= 1
        buffer[: len(self.line)] = self.line
        return len(self.line)


@pytest.mark.parametrize("size", [10_000_000, 100_000_000])
def test_json_lines_are_read_in_constant_memory(size):
    line = json.dumps({**HYPHENS, "KmsKeyId": "k" * 500_000}).encode() + b"\n"
    out, err = io.StringIO(), io.StringIO()
    tracemalloc.start()
    try:
        stream = io.BufferedReader(Endless(line, size), len(line))
        code = main(["check", "--format", "json"], stdin=stream, stdout=out, stderr=err)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert (code, json.loads(out.getvalue())["summary"]["requests"]) == (1, size // len(line))
    assert peak < 8_000_000


@pytest.mark.parametrize("stream", [[], [HYPHENS, EMPTY_VALUE], [SOUND, URL]])
def test_the_json_output_is_as_its_schema_says(stream):
    _, document = check_json(stdin=json.dumps(stream))
    assert document["summary"]["requests"] == len(stream)


def test_the_schema_of_the_output_refuses_what_check_never_prints():
    _, document = check_json(stdin=json.dumps(HYPHENS))
    document["findings"][0]["extra"] = 1
    assert not OUTPUT_SCHEMA.is_valid(document)
    assert not OUTPUT_SCHEMA.is_valid({"findings": []})


@pytest.mark.parametrize("form", ["text", "json"])
def test_a_presigned_url_is_never_printed(form):
    code, out, err = run("check", "--format", form, stdin=json.dumps(URL))
    assert code == 1
    assert "<redacted>" in out
    assert "5ec2e7" not in out + err


def test_rules_lists_every_rule_in_every_format():
    text = run("rules")[1].splitlines()
    assert [line.split()[0] for line in text] == list(RULES)
    table = json.loads(run("rules", "--format", "json")[1])
    assert [(each["id"], each["severity"], each["help_url"]) for each in table] == [
        (rule.id, rule.severity.value, rule.help_url) for rule in RULES.values()
    ]


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_explain_prints_the_text_of_the_documentation(rule):
    code, out, _ = run("explain", rule.id)
    printed = " ".join(out.split())
    assert code == 0
    for paragraph in (*rules.paragraphs(rule), rule.source, rule.help_url):
        assert " ".join(paragraph.split()) in printed


def test_rules_md_is_not_stale():
    assert run("rules", "--format", "markdown")[1] == (DOCS / "rules.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "checked"),
    [
        ("copy-db-cluster-snapshot.json", True),
        ("recovery/copy-db-cluster-snapshot-eu.jsonl", True),
        ("package.json", False),
        ("not-copy-db-cluster-snapshot.json", False),
    ],
)
def test_the_pre_commit_hook_checks_the_files_that_are_meant(name, checked):
    import yaml  # moto brings it

    [hook] = yaml.safe_load((DOCS.parent / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert (re.search(hook["files"], name) is not None) is checked
    program, *arguments = hook["entry"].split()
    assert program in [each.name for each in entry_points(group="console_scripts")]
    assert run(*arguments, stdin=json.dumps(SOUND))[0] == 0


def test_schema_prints_the_document_that_the_rules_come_from():
    code, out, _ = run("schema")
    assert (code, json.loads(out)["$defs"]["tag-count"]["$anchor"]) == (0, "tag-count")


@pytest.mark.parametrize("argv", [["--help"], ["check", "--help"], ["dry-run", "--help"]])
def test_help_goes_to_the_given_stream(argv):
    code, out, err = run(*argv)
    assert (code, out.split()[0], err) == (0, "usage:", "")


def test_a_region_that_botocore_does_not_list_is_taken():
    assert run("check", "--region", "xx-newest-1", stdin=json.dumps(SOUND))[0] == 0


def test_the_version_is_that_of_the_package():
    assert run("--version") == (0, f"neptune-guard {version('neptune-guard')}\n", "")


def test_the_process_reads_and_writes_the_standard_streams():
    done = process("check", input=json.dumps(HYPHENS).encode())
    assert (done.returncode, done.stdout.decode()) == (1, f"<stdin>: {HYPHENS_LINE}\n")
    assert done.stderr == b"1 request checked: 1 error, 0 warnings\n"


def test_importing_the_program_does_not_run_it():
    assert import_module("neptune_guard.__main__").main is main


@pytest.mark.parametrize("argv", [["check", "-"], ["rules", "--format", "markdown"]])
def test_a_reader_that_has_gone_ends_the_program_quietly(argv):
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as closed:
        done = subprocess.run(
            [sys.executable, "-m", "neptune_guard", *argv],
            input=json.dumps(HYPHENS).encode(),
            stdout=closed,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (done.returncode, done.stderr) == (141, b"")


class Full(io.StringIO):
    """A stream that takes nothing."""

    def write(self, text):
        raise OSError(28, "No space left on device")


def test_output_that_cannot_be_written_is_said_on_the_other_stream():
    err = io.StringIO()
    assert main(["rules"], stdout=Full(), stderr=err) == 2
    assert err.getvalue() == "neptune-guard: cannot write the output: No space left on device\n"


def test_the_exit_code_holds_when_nothing_can_be_written():
    assert main(["check", "none.json"], stdout=Full(), stderr=Full()) == 2


class Interrupted(io.BytesIO):
    """A stream at which the user presses Ctrl-C."""

    def readline(self, size=-1):
        raise KeyboardInterrupt


def test_an_interrupt_leaves_without_a_traceback():
    assert main(["check"], stdin=Interrupted(), stdout=io.StringIO(), stderr=io.StringIO()) == 130


def test_output_in_a_narrow_encoding_is_escaped():
    text = json.dumps({**SOUND, "Tags": [{"Key": "caf\u00e9", "Value": "\u2603"}]}, ensure_ascii=False)
    done = process("check", input=text.encode(), env={**os.environ, "PYTHONIOENCODING": "ascii:strict"})
    assert (done.returncode, done.stdout) == (
        1,
        b"<stdin>: Tags[0].Value: '\\u2603' has characters that a tag may not have; "
        b"use letters, digits, white space and _ . : / = + - [tag-value-characters]\n",
    )


@pytest.mark.parametrize("closed", ["stdin", "stdout", "stderr"])
def test_a_closed_stream_gives_no_traceback(closed):
    script = "import os, sys; os.close(int(sys.argv.pop(1))); os.execv(sys.argv[1], sys.argv[1:])"
    number = str(["stdin", "stdout", "stderr"].index(closed))
    done = subprocess.run(
        [sys.executable, "-c", script, number, sys.executable, "-m", "neptune_guard", "check"],
        input=json.dumps(SOUND).encode(),
        capture_output=True,
        check=False,
    )
    assert done.returncode == (2 if closed == "stdin" else 0)
    assert b"Traceback" not in done.stderr


# The dry run, against a stub's state file and the outside world's absence.

ACROSS = {
    "SourceDBClusterSnapshotIdentifier": "arn:aws:rds:us-east-1:123456789012:cluster-snapshot:nightly",
    "TargetDBClusterSnapshotIdentifier": "nightly-copy",
}


@pytest.fixture
def state_file(tmp_path, monkeypatch):
    path = tmp_path / "neptune.db"
    with NeptuneStub(path) as stub:
        stub.add_snapshot("nightly", region="us-east-1")
        stub.add_snapshot("taken", region="us-west-2")
    monkeypatch.setenv("NEPTUNE_GUARD_STUB", str(path))


@pytest.mark.parametrize(
    ("request_", "code", "ok", "line"),
    [
        (ACROSS, 0, "ok", "PASSED  target free         no snapshot of us-west-2 has that name"),
        (
            {**ACROSS, "TargetDBClusterSnapshotIdentifier": "taken"},
            1,
            "not ok",
            "FAILED  target free         us-west-2 has a snapshot of that name; choose another name",
        ),
        ({**ACROSS, "TargetDBClusterSnapshotIdentifier": "a--b"}, 1, "not ok", "FAILED  request             errors"),
    ],
    ids=["sound", "taken", "violated"],
)
def test_a_dry_run_reports_what_the_account_says(state_file, request_, code, ok, line):
    found, out, err = run("dry-run", "-", "--region", "us-west-2", stdin=json.dumps(request_))
    assert (found, out.splitlines()[0], err) == (code, f"Dry run of CopyDBClusterSnapshot: {ok}", "")
    assert f"\n{line}" in out
    as_json = run("dry-run", "-", "--region", "us-west-2", "--format", "json", stdin=json.dumps(request_))
    assert (as_json[0], json.loads(as_json[1])["ok"]) == (code, code == 0)


def test_a_dry_run_leaves_out_the_rules_that_the_environment_names(state_file, monkeypatch):
    monkeypatch.setenv("NEPTUNE_GUARD_IGNORE", "target-identifier-*")
    request = {**ACROSS, "TargetDBClusterSnapshotIdentifier": "a--b"}
    code, out, _ = run("dry-run", "-", "--region", "us-west-2", stdin=json.dumps(request))
    assert (code, "PASSED  request             every rule is kept\n" in out) == (0, True)


@pytest.mark.parametrize(
    ("text", "arguments", "environment", "complaint"),
    [
        ("[{}, {}]", (), {}, "-: holds 2 requests; a dry run takes one"),
        ("[]", (), {}, "-: holds 0 requests; a dry run takes one"),
        ('{"session": 1}', (), {}, "<stdin>: CopyDBClusterSnapshot has no parameter 'session'"),
        ("{", (), {}, "<stdin>:1:2: not valid JSON: Expecting property name enclosed in double quotes"),
        (json.dumps(ACROSS), (), {}, "Unable to locate credentials"),
        (json.dumps(ACROSS), ("--profile", "none"), {}, "The config profile (none) could not be found"),
        (json.dumps(ACROSS), (), {"AWS_ENDPOINT_URL": "nonsense"}, "Invalid endpoint: nonsense"),
        (json.dumps(ACROSS), (), {"NEPTUNE_GUARD_STUB": __file__}, f"{__file__} is not a state file"),
    ],
    ids=["two", "none", "name", "json", "credentials", "profile", "endpoint", "stub"],
)
def test_a_dry_run_that_cannot_be_made_is_one_line(monkeypatch, text, arguments, environment, complaint):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    code, out, err = run("dry-run", "-", "--region", "us-west-2", *arguments, stdin=text)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(f"neptune-guard: {complaint}")


def test_an_endpoint_out_of_reach_is_one_line(monkeypatch):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
    keys = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "made-up"}
    for name, value in {**keys, "AWS_ENDPOINT_URL": url, "AWS_MAX_ATTEMPTS": "1"}.items():
        monkeypatch.setenv(name, value)
    complaint = f'neptune-guard: Could not connect to the endpoint URL: "{url}/"\n'
    assert run("dry-run", "-", "--region", "us-west-2", stdin=json.dumps(ACROSS)) == (2, "", complaint)
