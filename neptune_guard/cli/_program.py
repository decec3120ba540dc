"""What the commands share: streams, exit codes, the way they refuse bad input, and arguments that several take."""

from __future__ import annotations

import argparse
import contextlib
import logging
import re
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, NamedTuple, NoReturn, TextIO, TypeAlias

from neptune_guard._arn import is_account_id
from neptune_guard._printing import escaped, redacted_text
from neptune_guard._rules import check_value, refuse_unguarded
from neptune_guard._violations import Severity
from neptune_guard.exceptions import ConfigurationError

Commands: TypeAlias = "argparse._SubParsersAction[argparse.ArgumentParser]"
"""What `add_subparsers()` returns; argparse has no public name for it."""

CLEAN, VIOLATED, UNUSABLE = 0, 1, 2
INTERRUPTED, BROKEN_PIPE = 130, 141
"""128 and the number of the signal, as a shell reports a program that SIGINT or SIGPIPE ended."""

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}

EXIT_CODES = "Exit code: 0 clean, 1 violations of severity error or a failed dry run, 2 unusable input or arguments."


class Unusable(Exception):  # noqa: N818 - it is the answer to an input, not an error of the program
    """Input or arguments that cannot be used; the text is the line that the user reads.

    Attributes:
        reason: What is wrong and what to do.
        file: The file it was found in; empty for arguments.
        line: The line there, from 1, where one is known.
    """

    def __init__(self, reason: str, file: str = "", line: int | None = None, column: int | None = None) -> None:
        place = ":".join(str(part) for part in (file, line, column) if part)
        super().__init__(f"{place}: {reason}" if place else reason)
        self.reason = reason
        self.file = file
        self.line = line


class Streams(NamedTuple):
    """What the program reads and writes."""

    stdin: BinaryIO
    stdout: TextIO
    stderr: TextIO


Run = Callable[[argparse.Namespace, Streams], int]


class Parser(argparse.ArgumentParser):
    """A parser that raises Unusable for wrong arguments, so that `main` alone decides how the program ends."""

    def error(self, message: str) -> NoReturn:
        """Raise Unusable with argparse's message and where to find help."""
        raise Unusable(f"{message}; see '{self.prog} --help'")


def command(commands: Commands, name: str, run: Run, text: str, epilog: str = "") -> argparse.ArgumentParser:
    """Add a command and return its parser; `text` is one line that begins with a lower-case verb."""
    parser = commands.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.", epilog=epilog)
    parser.set_defaults(command=run)
    return parser


def add_format(parser: argparse.ArgumentParser, formats: Iterable[str]) -> None:
    """Add `--format` with the names that a command can print."""
    parser.add_argument("--format", choices=tuple(formats), default="text", help="text is the default")


def complain(problem: object, streams: Streams) -> int:
    """Print one line about what cannot be used, and return the exit code for it."""
    with contextlib.suppress(OSError):  # there is nowhere left to say it; the exit code still does
        print(f"neptune-guard: {escaped(redacted_text(str(problem)))}", file=streams.stderr)
    return UNUSABLE


@contextlib.contextmanager
def logging_to(streams: Streams) -> Iterator[None]:
    """Print what the package logs meanwhile, such as which stub answers, as lines of the program."""
    handler = _Lines(streams)
    logger = logging.getLogger("neptune_guard")
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


class _Lines(logging.Handler):
    def __init__(self, streams: Streams) -> None:
        super().__init__()
        self.streams = streams

    def emit(self, record: logging.LogRecord) -> None:
        complain(record.getMessage(), self.streams)


def duration(text: str) -> float:
    """Return an argument that is a duration such as `90m`, in seconds."""
    match = re.fullmatch(r"([0-9]{1,8}(?:\.[0-9]{1,9})?)([smhd])", text)
    if match is None:
        raise argparse.ArgumentTypeError(f"{text!r} is not a duration; give a number with s, m, h or d, such as 90m")
    return float(match[1]) * _SECONDS[match[2]]


def account_id(text: str) -> str:
    """Return an argument that is the number of an account."""
    if not is_account_id(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not an account; give its twelve digits")
    return text


def region(text: str) -> str:
    """Return an argument that is the name of a Region; an unset variable or a slip would only silence the rules."""
    found = [each for each in check_value("SourceRegion", text) if each.severity is Severity.ERROR]
    if found:
        raise argparse.ArgumentTypeError(f"{text!r} {found[0].message}")
    return text


def operation(text: str) -> str:
    """Return an argument that is the name of an operation that has rules."""
    try:
        refuse_unguarded(text)
    except ConfigurationError as problem:
        raise argparse.ArgumentTypeError(str(problem)) from problem
    return text
