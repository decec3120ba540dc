"""The command `neptune-guard`: checks requests where there is no Python, and prints the rules."""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
from collections.abc import Sequence
from importlib.metadata import version
from typing import BinaryIO, NoReturn, TextIO

from neptune_guard.cli import check, dry_run, explain, rules, schema, serve, wait
from neptune_guard.cli._program import (
    BROKEN_PIPE,
    CLEAN,
    EXIT_CODES,
    INTERRUPTED,
    Parser,
    Streams,
    Unusable,
    complain,
)
from neptune_guard.exceptions import ConfigurationError

COMMANDS = (
    check,
    rules,
    explain,
    schema,
    dry_run,
    wait,
    serve,
)
"""The modules of the commands in the order of `--help`: each has `add(commands)` and `run(arguments, streams)`."""


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
        stderr: Where the summary goes, and the line about input that cannot be used.

    Returns:
        0 for clean, 1 for violations of severity error, a failed dry run or a wait without success, 2 for unusable
        input or arguments, 130 after Ctrl-C, 141 when the reader of the output has gone.
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
        code = _run(argv, streams)
        streams.stdout.flush()
    except (Unusable, ConfigurationError) as problem:
        code = complain(problem, streams)
    except BrokenPipeError:  # `neptune-guard ... | head` has read enough
        _give_up_on(streams.stdout)
        code = BROKEN_PIPE
    except OSError as problem:
        _give_up_on(streams.stdout)
        code = complain(f"cannot write the output: {problem.strerror or problem}", streams)
    except KeyboardInterrupt:
        code = INTERRUPTED
    return code


def _run(argv: Sequence[str] | None, streams: Streams) -> int:
    try:
        with contextlib.redirect_stdout(streams.stdout):  # where argparse prints its help
            arguments = parser().parse_args(argv)
    except SystemExit:  # argparse's way to end after --help and --version
        return CLEAN
    code: int = arguments.command(arguments, streams)
    return code


def parser() -> argparse.ArgumentParser:
    """Return the parser of the whole command line; programs that make completions for shells read it too."""
    whole = Parser(
        prog="neptune-guard",
        description="Check the requests of an Amazon Neptune snapshot's life.",
        epilog=f"{EXIT_CODES} 'neptune-guard COMMAND --help' tells more about one command.",
    )
    whole.add_argument("--version", action=_Version, nargs=0, help="show the version and exit")
    commands = whole.add_subparsers(metavar="COMMAND", required=True)
    for module in COMMANDS:
        module.add(commands)
    return whole


class _Version(argparse.Action):
    # argparse's own would look the version up in every run.
    def __call__(self, *_: object) -> NoReturn:
        print("neptune-guard", version("neptune-guard"))
        raise SystemExit


def _give_up_on(stdout: TextIO) -> None:
    """Send what is still buffered nowhere, or the interpreter complains a second time when it ends."""
    if stdout is sys.stdout:
        os.dup2(os.open(os.devnull, os.O_WRONLY), stdout.fileno())
