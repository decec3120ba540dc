"""The forms in which `check` reports its findings."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import asdict

from neptune_guard._violations import Violation, describe
from neptune_guard.cli._input import Place
from neptune_guard.cli._program import Streams

Findings = Iterator[tuple[Place, Violation]]


def _text(findings: Findings, counts: Counter[str], streams: Streams) -> None:
    for place, violation in findings:
        print(f"{place}: {describe(violation)}", file=streams.stdout)
    streams.stdout.flush()
    if not counts["unusable"]:
        checked, errors, warnings = (_counted(counts[name], name) for name in ("requests", "errors", "warnings"))
        print(f"{checked} checked: {errors}, {warnings}", file=streams.stderr)


def _counted(number: int, plural: str) -> str:
    return f"{number} {plural[:-1] if number == 1 else plural}"


def _json(findings: Findings, counts: Counter[str], streams: Streams) -> None:
    """Write one document, one finding per line as they come; it is complete even where an input was not."""
    print('{"findings": [', end="", file=streams.stdout)
    separator = "\n"
    for place, violation in findings:
        finding = json.dumps({**asdict(place), **violation.to_dict()})
        print(separator, finding, sep="", end="", file=streams.stdout)
        separator = ",\n"
    print(f'\n], "summary": {json.dumps(counts)}}}', file=streams.stdout)


REPORTS: dict[str, Callable[[Findings, Counter[str], Streams], None]] = {"text": _text, "json": _json}
