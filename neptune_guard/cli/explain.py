"""`neptune-guard explain`: why one rule exists, two examples, and where it is documented."""

from __future__ import annotations

import argparse
import textwrap

from neptune_guard._printing import did_you_mean, printable
from neptune_guard.cli._program import CLEAN, Commands, Streams, Unusable, command
from neptune_guard.cli.rules import ALL_RULES, examples, paragraphs


def add(commands: Commands) -> None:
    """Add the command to the parser."""
    parser = command(commands, "explain", run, "explain a rule: why it exists, examples, and its source")
    parser.add_argument("rule", metavar="RULE", help="its id, as 'neptune-guard rules' lists it")


def run(arguments: argparse.Namespace, streams: Streams) -> int:
    """Print what is known about a rule."""
    rule = ALL_RULES.get(arguments.rule)
    if rule is None:
        hint = did_you_mean(arguments.rule, ALL_RULES, "; 'neptune-guard rules' lists them")
        raise Unusable(f"{printable('', arguments.rule)} is not a rule{hint}")
    wrapped = [textwrap.fill(each, 100, break_long_words=False, break_on_hyphens=False) for each in paragraphs(rule)]
    texts = [rule.id, *wrapped, "\n".join(examples(rule)), f"Source: {rule.help_url}"]
    print("\n\n".join(texts), file=streams.stdout)
    return CLEAN
