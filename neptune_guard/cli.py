"""The command `neptune-guard`: checks requests where there is no Python, and prints the rules."""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import re
import sys
import textwrap
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from difflib import get_close_matches
from importlib.metadata import version
from typing import Any, BinaryIO, NamedTuple, NoReturn, TextIO, cast

from neptune_guard import _rule_texts
from neptune_guard._reading import Place, Unusable, requests
from neptune_guard._request import SOURCE, TARGET, Request
from neptune_guard._rules import RULES, Ruleset, check
from neptune_guard._schema import PATH as SCHEMA
from neptune_guard._violations import Violation, describe
from neptune_guard._waiting import command as _wait
from neptune_guard.exceptions import ConfigurationError

CLEAN, VIOLATED, UNUSABLE, INTERRUPTED = 0, 1, 2, 130


class Streams(NamedTuple):
    """What the program reads and writes."""

    stdin: BinaryIO
    stdout: TextIO
    stderr: TextIO


def main(
    argv: Sequence[str] | None = None,
    *,
    stdin: BinaryIO | None = None,
    stdout: TextIO | None = None,
    stderr: TextIO | None = None,
) -> int:
    """Run the command line.

    Args:
        argv: The arguments; those of the process where None.
        stdin: What `-` reads, in bytes.
        stdout: Where results go.
        stderr: Where the summary goes, and what cannot be used.

    Returns:
        0 for clean, 1 for violations of severity error or a failed dry run, 2 for unusable input or arguments.
    """
    # A process may be started with any of its three streams closed.
    streams = Streams(
        stdin or getattr(sys.stdin, "buffer", None) or io.BytesIO(),
        stdout or sys.stdout or io.StringIO(),
        stderr or sys.stderr or io.StringIO(),
    )
    for stream in streams[1:]:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        with contextlib.redirect_stdout(streams.stdout):
            code = _run(argv, streams)
        streams.stdout.flush()
    except Unusable as problem:
        code = _complain(problem, streams)
    except OSError as problem:
        _give_up_on(streams.stdout)
        code = _complain(f"cannot write the output: {problem.strerror or problem}", streams)
    except KeyboardInterrupt:
        code = INTERRUPTED
    return code


def _run(argv: Sequence[str] | None, streams: Streams) -> int:
    try:
        arguments = _parser().parse_args(argv)
    except SystemExit:  # argparse's way to end after --help and --version
        return CLEAN
    try:
        return cast(int, arguments.command(arguments, streams))
    except ConfigurationError as problem:
        raise Unusable(problem) from problem


def _complain(problem: object, streams: Streams) -> int:
    with contextlib.suppress(OSError):  # there is nowhere left to say it; the exit code still does
        print(f"neptune-guard: {problem}", file=streams.stderr)
    return UNUSABLE


def _give_up_on(stdout: TextIO) -> None:
    """Send what is still buffered nowhere, or the interpreter complains a second time when it ends."""
    if stdout is sys.stdout:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stdout.fileno())


# ---------------------------------------------------------------------- arguments


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise Unusable(f"{message}; see '{self.prog} --help'")


class _Version(argparse.Action):
    # argparse's own would look the version up in every run.
    def __call__(self, *_: object) -> NoReturn:
        print("neptune-guard", version("neptune-guard"))
        raise SystemExit


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="neptune-guard",
        description="Check requests of Amazon Neptune's CopyDBClusterSnapshot.",
        epilog=f"Exit code: {_EXIT_CODES}. 'neptune-guard COMMAND --help' tells more of one.",
    )
    parser.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)

    def add(
        name: str, command: Callable[[argparse.Namespace, Streams], int], text: str, epilog: str = ""
    ) -> argparse.ArgumentParser:
        added = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.", epilog=epilog)
        added.set_defaults(command=command)
        return added

    check = add("check", _check, "check requests, offline", f"Exit code: {_EXIT_CODES}.")
    check.add_argument("files", metavar="FILE", nargs="*", default=["-"], help=_FILE_HELP)
    check.add_argument(
        "--region", type=_region, help="the Region the requests go to; rules that need it are quiet without"
    )
    check.add_argument("--account-id", type=_account_id, metavar="ID", help="the caller's account, twelve digits")
    check.add_argument(
        "--ignore",
        action="append",
        default=[],
        metavar="RULE",
        help="leave a rule out, or all with a prefix: 'tag-*'; may be given again, or with commas",
    )
    _add_format(check, REPORTS)

    rules = add("rules", _rules, "list the rules")
    _add_format(rules, _rule_texts.LISTS)

    explain = add("explain", _explain, "explain a rule: why it exists and where it is documented")
    explain.add_argument("rule", metavar="RULE", help="its id, as 'neptune-guard rules' lists it")

    add("schema", _schema, "print the JSON Schema of the rules about single fields")

    text = "look at the account, read-only, to see whether a request would succeed"
    dry_run = add("dry-run", _dry_run, text, f"Exit code: {_EXIT_CODES}.")
    dry_run.add_argument("file", metavar="FILE", help="one request as a JSON object; - for standard input")
    dry_run.add_argument("--region", type=_region, required=True, help="the Region the request goes to")
    dry_run.add_argument("--profile", help="the AWS profile to use")
    _add_format(dry_run, ("text", "json"))

    _wait.add(commands, _region)
    return parser


_EXIT_CODES = "0 clean, 1 violations of severity error or a failed dry run, 2 unusable input or arguments"
_FILE_HELP = "a JSON object, an array of objects or JSON Lines; - for standard input, which is the default"


def _add_format(parser: argparse.ArgumentParser, formats: Any) -> None:
    parser.add_argument("--format", choices=tuple(formats), default="text", help="text is the default")


def _account_id(text: str) -> str:
    if not re.fullmatch("[0-9]{12}", text):
        raise argparse.ArgumentTypeError(f"{text!r} is not an account: give its twelve digits")
    return text


def _region(text: str) -> str:
    """Refuse what an unset variable or a slip gives: the rules would only be quiet about it."""
    for violation in check({SOURCE: "a", TARGET: "b", "SourceRegion": text}):
        raise argparse.ArgumentTypeError(f"{text!r} {violation.message}")
    return text


# ---------------------------------------------------------------------- check

Findings = Iterator[tuple[Place, Violation]]


def _check(arguments: argparse.Namespace, streams: Streams) -> int:
    ruleset = Ruleset(ignore=[rule.strip() for given in arguments.ignore for rule in given.split(",")])
    counts: Counter[str] = Counter(requests=0, errors=0, warnings=0, unusable=0)
    REPORTS[arguments.format](_findings(arguments, ruleset, counts, streams), counts, streams)
    if counts["unusable"]:
        return UNUSABLE
    return VIOLATED if counts["errors"] else CLEAN


def _findings(arguments: argparse.Namespace, ruleset: Ruleset, counts: Counter[str], streams: Streams) -> Findings:
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
            _complain(problem, streams)


def _report_text(findings: Findings, counts: Counter[str], streams: Streams) -> None:
    for place, violation in findings:
        print(f"{place}: {describe(violation)}")
    streams.stdout.flush()
    if not counts["unusable"]:
        checked, errors, warnings = (_counted(counts[name], name) for name in ("requests", "errors", "warnings"))
        print(f"{checked} checked: {errors}, {warnings}", file=streams.stderr)


def _counted(number: int, plural: str) -> str:
    return f"{number} {plural[:-1] if number == 1 else plural}"


def _report_json(findings: Findings, counts: Counter[str], streams: Streams) -> None:
    """Write one document, a finding a line as they come; it is complete even where an input was not."""
    print('{"findings": [', end="")
    separator = "\n"
    for place, violation in findings:
        print(separator, json.dumps({**asdict(place), **violation.to_dict()}), sep="", end="")
        separator = ",\n"
    print(f'\n], "summary": {json.dumps(counts)}}}')


REPORTS = {"text": _report_text, "json": _report_json}


# ---------------------------------------------------------------------- rules


def _rules(arguments: argparse.Namespace, streams: Streams) -> int:
    print(_rule_texts.LISTS[arguments.format]())
    return CLEAN


def _explain(arguments: argparse.Namespace, streams: Streams) -> int:
    rule = RULES.get(arguments.rule)
    if rule is None:
        near = get_close_matches(arguments.rule, RULES, n=1)
        hint = f"did you mean {near[0]!r}?" if near else "'neptune-guard rules' lists them"
        raise Unusable(f"{arguments.rule!r} is no rule; {hint}")
    paragraphs = (rule.id, *_rule_texts.paragraphs(rule), f"Source: {rule.source}\nOnline: {rule.help_url}")
    print("\n\n".join(_wrapped(each) for each in paragraphs))
    return CLEAN


def _schema(arguments: argparse.Namespace, streams: Streams) -> int:
    print(SCHEMA.read_text(encoding="utf-8"), end="")
    return CLEAN


def _wrapped(paragraph: str) -> str:
    lines = paragraph.splitlines()
    return "\n".join(textwrap.fill(line, 100, break_long_words=False, break_on_hyphens=False) for line in lines)


# ---------------------------------------------------------------------- dry run


def _dry_run(arguments: argparse.Namespace, streams: Streams) -> int:
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError

    from neptune_guard import dry_run, register

    params = _only_request(arguments.file, streams)
    try:
        session = boto3.Session(profile_name=arguments.profile, region_name=arguments.region)
        # The dry run checks by itself; this brings the stub and the rules to leave out that the environment names.
        register(session, mode="off")
        result = dry_run(session.client("neptune"), session=session, **params)
    except (BotoCoreError, ClientError, ValueError) as problem:
        raise Unusable(" ".join(str(problem).split())) from problem
    print(json.dumps(result.to_dict(), indent=2) if arguments.format == "json" else result)
    return CLEAN if result.ok else VIOLATED


def _only_request(name: str, streams: Streams) -> dict[str, Any]:
    found = list(requests(name, streams.stdin))
    if len(found) != 1:
        raise Unusable(f"{name}: holds {len(found)} requests; a dry run takes one")
    [(place, params)] = found
    for taken in params.keys() & {"client", "session"}:  # the names of dry_run's own arguments
        raise Unusable(f"{place}: CopyDBClusterSnapshot has no parameter {taken!r}")
    return params
