"""The forms in which `check` reports its findings."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, TextIO
from urllib.parse import quote
from xml.sax.saxutils import escape, quoteattr

from neptune_guard._printing import NOT_IN_XML, escaped
from neptune_guard._violations import Rule, Severity, Violation, describe
from neptune_guard.cli._input import STDIN, Entry
from neptune_guard.cli._program import Streams, Unusable
from neptune_guard.cli.rules import examples

Results = Iterator[tuple[Entry, Sequence[Violation]]]


@dataclass
class Summary:
    """What `check` counts while a report reads the results; complete when the results have ended.

    Attributes:
        rules: The rules that are checked, as SARIF lists them.
        requests: How many requests were checked.
        errors: How many findings are errors.
        warnings: How many findings are warnings.
        unusable: Why a file could not be read to its end, or a rule not be asked.
    """

    rules: Sequence[Rule] = ()
    requests: int = 0
    errors: int = 0
    warnings: int = 0
    unusable: list[Unusable] = field(default_factory=list)

    def to_dict(self) -> dict[str, int]:
        """Return the counts."""
        counts = {"requests": self.requests, "errors": self.errors, "warnings": self.warnings}
        return {**counts, "unusable": len(self.unusable)}


def _line(violation: Violation, entry: Entry) -> str:
    """Return the one line about a finding; in an array its path begins with the request's index."""
    if entry.index is not None:
        inner = f".{violation.path}" if violation.path else ""
        violation = replace(violation, path=f"[{entry.index}]{inner}")
    return escaped(describe(violation))


def _message(violation: Violation, entry: Entry) -> str:
    """Return the line for a form that shows the severity by itself."""
    return _line(violation, entry).removeprefix(f"{violation.severity}: ")


def _place(violation: Violation, entry: Entry) -> str:
    return f"{escaped(entry.file)}:{entry.line_of(violation.path)}"


# ---------------------------------------------------------------------- text

_COLOURS = {"error": "\x1b[1;31m", "warning": "\x1b[33m"}


def _text(results: Results, summary: Summary, streams: Streams) -> None:
    paint = _painted if _wants_colour(streams.stdout) else str
    for entry, violations in results:
        for violation in violations:
            print(f"{_place(violation, entry)}: {paint(_line(violation, entry))}", file=streams.stdout)
    streams.stdout.flush()
    if not summary.unusable:
        counts = [_counted(number, name) for name, number in summary.to_dict().items()]
        print(f"{counts[0]} checked: {counts[1]}, {counts[2]}", file=streams.stderr)


def _wants_colour(stdout: TextIO) -> bool:
    return stdout.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def _painted(line: str) -> str:
    severity, rest = line.split(":", 1)
    return f"{_COLOURS[severity]}{severity}\x1b[0m:{rest}"


def _counted(number: int, plural: str) -> str:
    return f"{number} {plural[:-1] if number == 1 else plural}"


# ---------------------------------------------------------------------- JSON


def _json(results: Results, summary: Summary, streams: Streams) -> None:
    """Write one document, one finding per line as they come; it is complete even where an input was not."""
    print('{"findings": [', end="", file=streams.stdout)
    _print_items(map(json.dumps, _json_findings(results)), streams.stdout)
    print(f'\n], "summary": {json.dumps(summary.to_dict())}}}', file=streams.stdout)


def _json_findings(results: Results) -> Iterator[dict[str, Any]]:
    for entry, violations in results:
        for violation in violations:
            place = {"file": entry.file, "line": entry.line_of(violation.path), "index": entry.index}
            yield {**place, **violation.to_dict()}


def _print_items(items: Iterable[str], stdout: TextIO) -> None:
    separator = "\n"
    for item in items:
        print(separator, item, sep="", end="", file=stdout)
        separator = ",\n"


# ---------------------------------------------------------------------- GitHub


def _github(results: Results, summary: Summary, streams: Streams) -> None:
    """Write workflow commands, which GitHub Actions shows as annotations of the lines they name."""
    for entry, violations in results:
        for violation in violations:
            properties = _github_place(entry.file, entry.line_of(violation.path))
            properties["title"] = f"{violation.rule} ({violation.operation})"
            _print_command(violation.severity, properties, _message(violation, entry), streams.stdout)
    for problem in summary.unusable:
        properties = {**_github_place(problem.file, problem.line), "title": "neptune-guard"}
        _print_command("error", properties, escaped(problem.reason), streams.stdout)


def _github_place(file: str, line: int | None) -> dict[str, object]:
    if file == STDIN:
        return {}
    return {"file": escaped(file)} if line is None else {"file": escaped(file), "line": line}


def _print_command(severity: str, properties: dict[str, object], message: str, stdout: TextIO) -> None:
    given = ",".join(f"{name}={_property(str(value))}" for name, value in properties.items())
    print(f"::{severity} {given}::{_command_data(message)}", file=stdout)


def _command_data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _command_data(text).replace(":", "%3A").replace(",", "%2C")


# ---------------------------------------------------------------------- SARIF

_SARIF_SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"


def _sarif(results: Results, summary: Summary, streams: Streams) -> None:
    """Write a SARIF 2.1.0 log, one result per line as they come."""
    driver = {
        "name": "neptune-guard",
        "version": version("neptune-guard"),
        "rules": [_sarif_rule(rule) for rule in summary.rules],
    }
    head = {"$schema": _SARIF_SCHEMA, "version": "2.1.0"}
    print(f'{json.dumps(head)[:-1]}, "runs": [{{"tool": {json.dumps({"driver": driver})},', file=streams.stdout)
    print('"columnKind": "unicodeCodePoints", "results": [', end="", file=streams.stdout)
    numbers = {rule.id: number for number, rule in enumerate(summary.rules)}
    _print_items(map(json.dumps, _sarif_results(results, numbers)), streams.stdout)
    invocation = {
        "executionSuccessful": not summary.unusable,
        "toolExecutionNotifications": [_notification(problem) for problem in summary.unusable],
    }
    print(f'\n], "invocations": [{json.dumps(invocation)}]}}]}}', file=streams.stdout)


def _sarif_rule(rule: Rule) -> dict[str, Any]:
    described = {
        "id": rule.id,
        "shortDescription": {"text": f"{rule.summary}."},
        "help": {"text": "\n\n".join([rule.explanation or f"{rule.summary}.", *examples(rule)])},
        "defaultConfiguration": {"level": rule.severity.value},
        "properties": {"operations": list(rule.operations)},
    }
    return {**described, "helpUri": rule.help_url} if rule.help_url else described


def _sarif_results(results: Results, numbers: dict[str, int]) -> Iterator[dict[str, Any]]:
    for entry, violations in results:
        for violation in violations:
            yield {
                "ruleId": violation.rule,
                "ruleIndex": numbers[violation.rule],
                "level": violation.severity.value,
                "message": {"text": _unlinked(_message(violation, entry))},
                "locations": [_location(entry.file, entry.line_of(violation.path), violation.path)],
                "properties": {"operation": violation.operation, "index": entry.index},
            }


def _unlinked(text: str) -> str:
    """Return a text in which a viewer sees no link: what stands in brackets may be one's text (section 3.11.6)."""
    return re.sub(r"([\\\[\]])", r"\\\1", text)


def _location(file: str, line: int | None, path: str = "") -> dict[str, Any]:
    physical: dict[str, Any] = {"artifactLocation": _artifact(file)}
    if line is not None:
        physical["region"] = {"startLine": line}
    if not path:
        return {"physicalLocation": physical}
    return {"physicalLocation": physical, "logicalLocations": [{"fullyQualifiedName": path, "kind": "member"}]}


def _artifact(file: str) -> dict[str, Any]:
    if file == STDIN:
        return {"description": {"text": "standard input"}}
    if os.path.isabs(file):
        return {"uri": Path(file).as_uri()}
    return {"uri": quote(os.fsencode(file.replace(os.sep, "/")))}


def _notification(problem: Unusable) -> dict[str, Any]:
    return {
        "level": "error",
        "message": {"text": _unlinked(escaped(problem.reason))},
        "locations": [_location(problem.file, problem.line)],
    }


# ---------------------------------------------------------------------- JUnit

_IN_MEMORY = 1024 * 1024


def _junit(results: Results, summary: Summary, streams: Streams) -> None:
    """Write JUnit XML: one test case per request, which fails for errors; warnings are its output."""
    failures = 0
    with tempfile.SpooledTemporaryFile(_IN_MEMORY, "w+", encoding="ascii") as cases:
        for entry, violations in results:
            failures += any(violation.severity is Severity.ERROR for violation in violations)
            cases.write(_test_case(entry, violations))
        for problem in summary.unusable:
            cases.write(_broken_case(problem))
        broken = len(summary.unusable)
        counts = _attributes(tests=summary.requests + broken, failures=failures, errors=broken, skipped=0)
        print('<?xml version="1.0" encoding="utf-8"?>', file=streams.stdout)
        print(f'<testsuites name="neptune-guard"><testsuite name="check" {counts}>', file=streams.stdout)
        cases.seek(0)
        shutil.copyfileobj(cases, streams.stdout)
    print("</testsuite></testsuites>", file=streams.stdout)


def _test_case(entry: Entry, violations: Sequence[Violation]) -> str:
    first = violations[0].path if violations else ""
    index = "" if entry.index is None else f"[{entry.index}]"
    name = f"{entry.file}:{entry.line}{index}"
    head = _attributes(classname=entry.operation, name=name, file=entry.file, line=entry.line_of(first))
    errors = [each for each in violations if each.severity is Severity.ERROR]
    warnings = [each for each in violations if each.severity is not Severity.ERROR]
    inner = ""
    if errors:
        message = _attributes(message=_message(errors[0], entry))
        inner += f"<failure {message}>{_xml(_lines(errors, entry))}</failure>"
    if warnings:
        inner += f"<system-out>{_xml(_lines(warnings, entry))}</system-out>"
    return f"<testcase {head}>{inner}</testcase>\n"


def _lines(violations: Sequence[Violation], entry: Entry) -> str:
    return "\n".join(f"{_place(each, entry)}: {_line(each, entry)}" for each in violations)


def _broken_case(problem: Unusable) -> str:
    head = _attributes(classname="neptune-guard", name=problem.file, file=problem.file, line=problem.line)
    return f"<testcase {head}><error {_attributes(message=escaped(problem.reason))}/></testcase>\n"


def _attributes(**given: object) -> str:
    """Return attributes as ASCII; those without a value are left out."""
    shown = {name: escaped(str(value)) for name, value in given.items() if value is not None}
    return " ".join(f"{name}={_ascii(quoteattr(value))}" for name, value in shown.items())


def _xml(text: str) -> str:
    return _ascii(escape(text))


def _ascii(text: str) -> str:
    safe = re.sub(NOT_IN_XML, lambda found: f"\\u{ord(found[0]):04x}", text)
    return safe.encode("ascii", "xmlcharrefreplace").decode()


REPORTS: dict[str, Callable[[Results, Summary, Streams], None]] = {
    "text": _text,
    "json": _json,
    "github": _github,
    "sarif": _sarif,
    "junit": _junit,
}
