"""`neptune-guard rules`: the rules in words, for the terminal, for programs and for the documentation."""

from __future__ import annotations

import argparse
import json
import re

from neptune_guard._rules import RULES
from neptune_guard._violations import Rule
from neptune_guard.cli._program import CLEAN, Commands, Streams, add_format, command


def add(commands: Commands) -> None:
    """Add the command to the parser."""
    add_format(command(commands, "rules", run, "list the rules"), LISTS)


def run(arguments: argparse.Namespace, streams: Streams) -> int:
    """Print the rules in the form that is asked for."""
    print(LISTS[arguments.format](), file=streams.stdout)
    return CLEAN


def paragraphs(rule: Rule) -> tuple[str, ...]:
    """Return the text about a rule, the same in the documentation and on the terminal."""
    return f"{rule.severity.capitalize()}: {rule.summary}.", rule.explanation


def _as_text() -> str:
    width = max(map(len, RULES))
    return "\n".join(f"{rule.id:<{width}}  {rule.severity:<7}  {rule.summary}" for rule in RULES.values())


def _as_json() -> str:
    names = ("id", "severity", "summary", "operation", "explanation", "source", "help_url")
    return json.dumps([{name: getattr(rule, name) for name in names} for rule in RULES.values()], indent=2)


_PAGE = """\
# Rules

% Written by `neptune-guard rules --format markdown > docs/rules.md`; a test compares the two.

Every built-in rule for CopyDBClusterSnapshot. An *error* is what the service refuses or its documentation forbids:
strict mode raises for it, and `neptune-guard check` ends with 1. A *warning* is allowed, but probably not what was
meant.

Each rule can be left out by its id, or several by a prefix such as `tag-*`: see [configuration](configuration.md).
`neptune-guard explain RULE` prints these texts without a network.

| Rule | Severity | Holds when |
|---|---|---|
{rows}

{sections}"""


def _as_markdown() -> str:
    rows = (f"| [{rule.id}](#{rule.id}) | {rule.severity} | {_escaped(rule.summary)} |" for rule in RULES.values())
    sections = ("\n\n".join(_section(rule)) for rule in RULES.values())
    return _PAGE.format(rows="\n".join(rows), sections="\n\n".join(sections))


def _section(rule: Rule) -> tuple[str, ...]:
    # The label makes the anchor that help_url names, whatever the documentation's tools make of a heading.
    return f"({rule.id})=\n## {rule.id}", *map(_escaped, paragraphs(rule)), f"Source: <{rule.source}>"


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_<>|\[\]{}$])", r"\\\1", text)


LISTS = {"text": _as_text, "json": _as_json, "markdown": _as_markdown}
