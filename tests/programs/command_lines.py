"""Command lines and files at random, held to what must always be true.

    python -m tests.programs.command_lines 10000

The suite runs a piece of this. Hypothesis prints the smallest command and file that breaks a promise.
"""

from __future__ import annotations

import io
import json
import random
import re
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jsonschema_rs import Draft4Validator, Draft202012Validator

import neptune_guard
from neptune_guard.cli import main

ROOT = Path(__file__).parent.parent.parent
OUTPUT = Draft202012Validator(json.loads((ROOT / "docs/check-output.schema.json").read_text(encoding="utf-8")))
SARIF = Draft4Validator(json.loads((ROOT / "tests/data/sarif-schema-2.1.0.json").read_text(encoding="utf-8")))
SECRET = "5ec2e7"
PLAIN = re.compile(r"[\w ]+(\[\d+\]|\.[\w ]+)*|")
"""Paths that name one place alone; a name that holds a dot or a bracket may be anywhere."""
BLANK = ("", "", " ", "\n", "\r\n", "\t", "\n\n  ")

texts = st.text(max_size=8) | st.sampled_from(
    ["nightly", "a--b", "a b", "arn:aws:rds:us-east-1::x", '"}{[],:\\', "\x1b[2K"]
)
tags = st.fixed_dictionaries({"Key": texts}, optional={"Value": texts | st.just("")})
leaves = texts | st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False)
junk = st.recursive(leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3))
names = {
    "SourceDBClusterSnapshotIdentifier": texts | junk,
    "TargetDBClusterSnapshotIdentifier": texts | junk,
    "KmsKeyId": texts,
    "PreSignedUrl": st.just(f"https://rds.us-east-1.amazonaws.com/?X-Amz-Signature={SECRET}") | junk,
    "CopyTags": st.booleans() | junk,
    "SourceRegion": st.sampled_from(["us-east-1", "us-west-2", "nowhere", ""]) | junk,
    "Tags": st.lists(tags, max_size=4) | st.lists(junk, max_size=3) | junk,
    "KmsKeyID": texts,
}
requests = st.fixed_dictionaries({}, optional=names)  # type: ignore[type-var]  # strategies of several types
unknown = st.dictionaries(texts.filter(lambda name: name not in ("", "params", "operation")), junk, max_size=1)


class Writer:
    """Writes JSON with white space at random, and notes the line on which each member's name or item begins."""

    def __init__(self, seed: int, blank: tuple[str, ...]) -> None:
        self.random, self.blank = random.Random(seed), blank
        self.text, self.lines = "", {}

    @property
    def line(self) -> int:
        return self.text.count("\n") + 1

    def space(self) -> None:
        self.text += self.random.choice(self.blank)

    def value(self, value: Any, path: tuple[Any, ...]) -> None:
        self.space()
        self.lines.setdefault(path, self.line)
        if isinstance(value, dict):
            self.members("{", value.items(), path, "}")
        elif isinstance(value, list):
            self.members("[", enumerate(value), path, "]")
        else:
            self.text += json.dumps(value, ensure_ascii=self.random.random() < 0.5)
        self.space()

    def members(self, begin: str, members: Any, path: tuple[Any, ...], end: str) -> None:
        self.text += begin
        for number, (key, value) in enumerate(members):
            self.text += "," if number else ""
            self.space()
            if begin == "{":
                self.lines[(*path, key)] = self.line
                self.text += json.dumps(key)
                self.space()
                self.text += ":"
            self.value(value, (*path, key))
        self.space()
        self.text += end


@st.composite
def files(draw: st.DrawFn) -> tuple[str, list[tuple[dict[str, Any], dict[str, int]]]]:
    """Return a file's text, its requests, and for each the lines of its paths."""
    given = [{**request, **more} for request, more in draw(st.lists(st.tuples(requests, unknown), max_size=4))]
    form, seed = draw(st.sampled_from(["array", "lines", "object"])), draw(st.integers(0, 1000))
    if form == "object":
        given = (given or [{}])[:1]
    is_wrapped = draw(st.booleans())
    shown: Any = [{"operation": "CopyDBClusterSnapshot", "params": each} if is_wrapped else each for each in given]
    root: tuple[Any, ...] = ("params",) if is_wrapped else ()
    if form == "lines" and len(shown) > 1:
        text = "".join(json.dumps(each) + "\n" for each in shown)
        return text, [(each, {"": number}) for number, each in enumerate(given, 1)]
    writer = Writer(seed, BLANK if draw(st.booleans()) else ("",))
    writer.value(shown if form != "object" else shown[0], ())
    begin = [((index, *root) if form != "object" else root) for index in range(len(given))]
    return writer.text, [(each, _below(writer.lines, path)) for each, path in zip(given, begin, strict=True)]


def _below(lines: dict[tuple[Any, ...], int], root: tuple[Any, ...]) -> dict[str, int]:
    found = {path[len(root) :]: line for path, line in lines.items() if path[: len(root)] == root}
    return {_path(path): line for path, line in found.items()} | {"": found[()]}


def _path(path: tuple[Any, ...]) -> str:
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def run(argv: list[str], text: bytes) -> tuple[int, str, str]:
    """Run a command in this process; whatever it raises is a find."""
    out, err = io.StringIO(), io.StringIO()
    code = main(argv, stdin=io.BytesIO(text), stdout=out, stderr=err)
    assert SECRET not in out.getvalue() + err.getvalue(), "a secret is printed"
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", out.getvalue() + err.getvalue()), "a control character is printed"
    assert "Traceback" not in err.getvalue()
    return code, out.getvalue(), err.getvalue()


def parses(form: str, out: str) -> None:
    """Fail unless a report is what its readers expect."""
    if form == "json":
        assert OUTPUT.is_valid(json.loads(out))
    elif form == "sarif":
        assert SARIF.is_valid(json.loads(out))
    elif form == "junit":
        assert ElementTree.fromstring(out).tag == "testsuites"
    elif form == "github":
        assert all(re.match(r"::(error|warning) [^:]*::[^:]", line) for line in out.splitlines())
    else:
        assert all(re.match(r"<stdin>:\d+: (error|warning): ", line) for line in out.splitlines())


forms = st.sampled_from(["text", "json", "github", "sarif", "junit"])
options = st.sampled_from(
    [[], ["--region", "us-west-2"], ["--ignore", "tag-*"], ["--exit-zero"], ["--account-id", "1" * 12]]
)


@given(file=files(), form=forms, more=options)
def findings_are_those_of_check(file: Any, form: str, more: list[str]) -> None:
    """Every request of a file has the findings that `check()` has, each on its own line."""
    text, expected = file
    code, out, _ = run(["check", "--format", "json"], text.encode())
    document = json.loads(out)
    violations = [(each, lines) for params, lines in expected for each in neptune_guard.check(params)]
    assert [{**each, "file": 0, "line": 0, "index": 0} for each in document["findings"]] == [
        {**each.to_dict(), "file": 0, "line": 0, "index": 0} for each, _ in violations
    ]
    for found, (violation, lines) in zip(document["findings"], violations, strict=True):
        first = lines[""]
        if violation.path in lines and PLAIN.fullmatch(violation.path):
            assert found["line"] == lines[violation.path], f"{violation.path} is on another line"
        else:
            assert found["line"] >= first
    assert code == int(any(each.severity == "error" for each, _ in violations))
    code, out, _ = run(["check", "--format", form, *more], text.encode())
    parses(form, out)


@given(data=st.binary(max_size=60) | files().map(lambda file: file[0][: len(file[0]) // 2].encode()), form=forms)
def anything_is_read_or_refused(data: bytes, form: str) -> None:
    """Whatever a file holds, the answer is a report, and one line for what cannot be used."""
    code, out, err = run(["check", "--format", form], data)
    assert code in (0, 1, 2)
    assert err.count("\n") <= 1
    assert (code == 2) == err.startswith("neptune-guard: ")
    parses(form, out)


WORDS = """
    check rules explain schema --format text json sarif xml --operation CopyDBClusterSnapshot --region us-west-2
    --ignore tag-* tag-count --rules os:path sys:path a.b:c --exit-zero --help --version - -- --account-id
"""
words = st.sampled_from(WORDS.split())


@given(argv=st.lists(words | st.text(max_size=5).filter(lambda text: "\0" not in text), max_size=6))
def any_arguments_are_taken_or_refused(argv: list[str]) -> None:
    """Whatever the arguments are, the program ends with a code and without a traceback."""
    code, _, err = run([each for each in argv if each not in ("dry-run", "wait", "serve")], b"{}")
    assert code in (0, 1, 2)
    assert len(err) < 2000


PROMISES = (findings_are_those_of_check, anything_is_read_or_refused, any_arguments_are_taken_or_refused)


def examine(examples: int) -> None:
    """Try each promise with so many examples."""
    for promise in PROMISES:
        settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))(
            promise
        )()


if __name__ == "__main__":
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    examine(number)
    print(f"{len(PROMISES)} promises held for {number} examples each")
