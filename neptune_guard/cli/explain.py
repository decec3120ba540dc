"""`neptune-guard explain`: why one rule exists and where it is documented."""

from __future__ import annotations

import argparse
import textwrap
from difflib import get_close_matches

from neptune_guard._rules import RULES
from neptune_guard.cli._program import CLEAN, Commands, Streams, Unusable, command
from neptune_guard.cli.rules import paragraphs


def add(commands: Commands) -> None:
    """Add the command to the parser."""
    parser = command(commands, "explain", run, "explain a rule: why it exists and where it is documented")
    parser.add_argument("rule", metavar="RULE", help="its id, as 'neptune-guard rules' lists it")


def run(arguments: argparse.Namespace, streams: Streams) -> int:
    """Print what is known about a rule."""
    rule = RULES.get(arguments.rule)
    if rule is None:
        near = get_close_matches(arguments.rule, RULES, n=1)
        hint = f"did you mean {near[0]!r}?" if near else "'neptune-guard rules' lists them"
        raise Unusable(f"{arguments.rule!r} is no rule; {hint}")
    texts = (rule.id, *paragraphs(rule), f"Source: {rule.source}\nOnline: {rule.help_url}")
    print("\n\n".join(_wrapped(each) for each in texts), file=streams.stdout)
    return CLEAN


def _wrapped(paragraph: str) -> str:
    lines = paragraph.splitlines()
    return "\n".join(textwrap.fill(line, 100, break_long_words=False, break_on_hyphens=False) for line in lines)
