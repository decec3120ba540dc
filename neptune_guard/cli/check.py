"""`neptune-guard check`: requests from files against the rules, offline."""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator

from neptune_guard._request import Request
from neptune_guard._rules import Ruleset
from neptune_guard._violations import Violation
from neptune_guard.cli._input import Place, requests
from neptune_guard.cli._program import (
    CLEAN,
    EXIT_CODES,
    UNUSABLE,
    VIOLATED,
    Commands,
    Streams,
    Unusable,
    account_id,
    add_format,
    command,
    complain,
    region,
)
from neptune_guard.cli.formats import REPORTS

_FILE = "a JSON object, an array of objects or JSON Lines; - for standard input, which is the default"
_REGION = "the Region the requests go to; without it the rules that need it find nothing"
_IGNORE = "leave a rule out, or all with a prefix: 'tag-*'; may be given again, or with commas"


def add(commands: Commands) -> None:
    """Add the command to the parser."""
    parser = command(commands, "check", run, "check requests, offline", EXIT_CODES)
    parser.add_argument("files", metavar="FILE", nargs="*", default=["-"], help=_FILE)
    parser.add_argument("--region", type=region, help=_REGION)
    parser.add_argument("--account-id", type=account_id, metavar="ID", help="the caller's account, twelve digits")
    parser.add_argument("--ignore", action="append", default=[], metavar="RULE", help=_IGNORE)
    add_format(parser, REPORTS)


def run(arguments: argparse.Namespace, streams: Streams) -> int:
    """Check every request of every file and report what is found."""
    ruleset = Ruleset(ignore=[rule.strip() for given in arguments.ignore for rule in given.split(",")])
    counts: Counter[str] = Counter(requests=0, errors=0, warnings=0, unusable=0)
    REPORTS[arguments.format](_findings(arguments, ruleset, counts, streams), counts, streams)
    if counts["unusable"]:
        return UNUSABLE
    return VIOLATED if counts["errors"] else CLEAN


def _findings(
    arguments: argparse.Namespace, ruleset: Ruleset, counts: Counter[str], streams: Streams
) -> Iterator[tuple[Place, Violation]]:
    """Yield every finding in every file, counting on the way; a file that cannot be used does not end the others."""
    for name in arguments.files:
        try:
            for place, params in requests(name, streams.stdin):
                counts["requests"] += 1
                for violation in ruleset.check(Request(params, arguments.region, arguments.account_id)):
                    counts[f"{violation.severity}s"] += 1
                    yield place, violation
        except Unusable as problem:
            counts["unusable"] += 1
            streams.stdout.flush()
            complain(problem, streams)
