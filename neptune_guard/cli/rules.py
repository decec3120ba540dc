"""`neptune-guard rules`: the rules in words, for the terminal, for programs and for the documentation."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from neptune_guard._printing import ABSENT
from neptune_guard._rules import GUARDED, RULES
from neptune_guard._violations import Rule
from neptune_guard.cli._input import DUPLICATE
from neptune_guard.cli._program import CLEAN, Commands, Streams, add_format, command, operation

ALL_RULES: Mapping[str, Rule] = {rule.id: rule for rule in (*RULES.values(), DUPLICATE)}
"""Every built-in rule and the one about JSON text, by its id."""

_TOPICS = {
    "Every request": (
        "missing-parameter",
        "parameter-type",
        "parameter-unsupported",
        "unknown-parameter",
        "exclusive-",
        "duplicate-parameter",
    ),
    "Names of something new": ("identifier-",),
    "Names of something that exists": ("snapshot-", "cluster-identifier-", "resource-arn-", "arn-"),
    "Source and target of a copy": ("source-", "target-", "pre-signed-url-"),
    "Regions": ("region-",),
    "KMS keys": ("kms-key-",),
    "Tags": ("tag-", "tags-", "copy-tags-"),
    "Lists": ("max-records", "snapshot-type", "filters-", "include-", "automated-"),
    "Sharing": ("sharing-",),
    "Clusters, restores and instances": ("",),
}
"""Topics by the beginnings of their rules' ids; the longest one decides."""
_LONGEST_EXAMPLE = 160


def add(commands: Commands) -> None:
    """Add the command to the parser."""
    parser = command(commands, "rules", run, "list the rules")
    parser.add_argument("--operation", type=operation, metavar="NAME", help="only the rules of this operation")
    add_format(parser, _LISTS)


def run(arguments: argparse.Namespace, streams: Streams) -> int:
    """Print the rules in the form that is asked for."""
    wanted = arguments.operation
    rules = [rule for rule in ALL_RULES.values() if wanted is None or wanted in rule.operations]
    print(_LISTS[arguments.format](rules), file=streams.stdout)
    return CLEAN


def paragraphs(rule: Rule) -> list[str]:
    """Return what is known about a rule, the same in the documentation and on the terminal."""
    operations = ", ".join(rule.operations)
    if len(rule.operations) == len(GUARDED):
        operations = "every operation that is checked"
    texts = [f"{rule.severity.capitalize()}: {rule.summary}.", rule.explanation, f"Applies to: {operations}."]
    return [text for text in texts if text]


def examples(rule: Rule) -> list[str]:
    """Return a line with the example that keeps a rule and one with the example that breaks it, if it has them."""
    words = (("Accepted", rule.accepted), ("Rejected", rule.rejected))
    return [f"{word}: {_example(params)}" for word, params in words if params]


def _example(params: Mapping[str, Any]) -> str:
    """Return parameters as JSON; a rule that only JSON text can break gives its example as text, under no name."""
    if "" in params:
        return str(params[""])
    given = {name: value for name, value in params.items() if value is not ABSENT}
    absent = " and ".join(name for name, value in params.items() if value is ABSENT)
    text = json.dumps(given, ensure_ascii=False, default=str) if given else ""
    if len(text) > _LONGEST_EXAMPLE:
        text = f"{text[:_LONGEST_EXAMPLE]}... ({len(text)} characters)"
    return " ".join(part for part in (text, absent and f"without {absent}") if part)


# ---------------------------------------------------------------------- forms


def _text(rules: Sequence[Rule]) -> str:
    width = max(map(len, ALL_RULES))
    return "\n".join(f"{rule.id:<{width}}  {rule.severity:<7}  {rule.summary}" for rule in rules)


def _json(rules: Sequence[Rule]) -> str:
    return json.dumps([_members(rule) for rule in rules], indent=2, default=str)


def _members(rule: Rule) -> dict[str, Any]:
    names = ("id", "severity", "summary", "operations", "explanation", "help_url")
    shown: dict[str, Any] = {name: getattr(rule, name) for name in names}
    for name, params in (("accepted", rule.accepted), ("rejected", rule.rejected)):
        shown[name] = {each: value for each, value in params.items() if value is not ABSENT}
    return {**shown, "fault": rule.fault._asdict()}


_PAGE = """\
# Rules

% Written by `neptune-guard rules --format markdown > docs/rules.md`; a test compares the two.

An *error* is what the service rejects or its documentation forbids: strict mode raises for it, and `neptune-guard
check` ends with 1. A *warning* is allowed, but probably not what was meant. A rule is named here with the worst that it
can find; some of its findings may be warnings.

Each rule can be left out by its id, several by a prefix such as `tag-*`, and both for one operation alone, such as
`CopyDBClusterSnapshot:tag-*`: see [configuration](configuration.md). `neptune-guard explain RULE` prints these texts
without a network.

## Rules by operation

Every request is also checked for {everywhere}.

{operations}

{topics}"""


def _markdown(rules: Sequence[Rule]) -> str:
    topics: dict[str, list[Rule]] = {title: [] for title in _TOPICS}
    for rule in rules:
        topics[_topic(rule)].append(rule)
    chapters = "\n\n".join(_chapter(title, rules) for title, rules in topics.items() if rules)
    everywhere = [rule for rule in rules if len(rule.operations) == len(GUARDED)]
    operations = [
        f"- **{name}**: {_links(rule for rule in rules if name in rule.operations and rule not in everywhere)}"
        for name in GUARDED
    ]
    return _PAGE.format(topics=chapters, everywhere=_links(everywhere), operations="\n".join(operations))


def _links(rules: Iterable[Rule]) -> str:
    return ", ".join(f"[{rule.id}](#{rule.id})" for rule in rules)


def _topic(rule: Rule) -> str:
    begins = [(len(each), title) for title, parts in _TOPICS.items() for each in parts if rule.id.startswith(each)]
    return max(begins)[1]


def _chapter(title: str, rules: Sequence[Rule]) -> str:
    rows = [f"| [{rule.id}](#{rule.id}) | {rule.severity} | {_escaped(rule.summary)} |" for rule in rules]
    table = "\n".join(["| Rule | Severity | Duty |", "|---|---|---|", *rows])
    return "\n\n".join([f"## {title}", table, *map(_section, rules)])


def _section(rule: Rule) -> str:
    # The label makes the anchor, whatever the documentation's tools make of a heading.
    shown = "\n".join(examples(rule))
    parts = [f"({rule.id})=\n### {rule.id}", *map(_escaped, paragraphs(rule)), f"```text\n{shown}\n```"]
    return "\n\n".join([*parts, f"Source: <{rule.help_url}>"])


def _escaped(text: str) -> str:
    return re.sub(r"([\\`*_<>|\[\]{}$])", r"\\\1", text)


_LISTS: dict[str, Callable[[Sequence[Rule]], str]] = {"text": _text, "json": _json, "markdown": _markdown}
