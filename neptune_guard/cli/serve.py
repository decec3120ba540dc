"""`neptune-guard serve`: the stub for programs in other languages, alone or around a command."""

from __future__ import annotations

import argparse
import os
import re
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from types import FrameType
from typing import TYPE_CHECKING, TextIO

from neptune_guard._arn import is_account_id
from neptune_guard.cli._program import CLEAN, Commands, Streams, command, complain, duration
from neptune_guard.exceptions import ConfigurationError

if TYPE_CHECKING:
    from neptune_guard.stub import NeptuneStub

PORT = 4580
"""The port that is taken where none is given."""

# The exit codes of a shell for a command that is not executable, not found, or ended by a signal.
_NOT_EXECUTABLE, _NOT_FOUND, _SIGNALLED = 126, 127, 128
# With a profile some SDKs use its credentials and endpoints instead of the variables. AWS_SECURITY_TOKEN,
# AWS_ACCESS_KEY and AWS_SECRET_KEY are older names; a time of expiry would outdate the made-up keys.
_TAKEN_AWAY = (
    "AWS_PROFILE",
    "AWS_DEFAULT_PROFILE",
    "AWS_SESSION_TOKEN",
    "AWS_SECURITY_TOKEN",
    "AWS_CREDENTIAL_EXPIRATION",
    "AWS_ACCESS_KEY",
    "AWS_SECRET_KEY",
    "AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    "AWS_USE_FIPS_ENDPOINT",
    "AWS_USE_DUALSTACK_ENDPOINT",
)
_GIVEN = {"AWS_ACCESS_KEY_ID": "stub", "AWS_SECRET_ACCESS_KEY": "stub", "AWS_EC2_METADATA_DISABLED": "true"}


def add(commands: Commands) -> None:
    """Add the command to the parser."""
    text = "serve a simulated Neptune over HTTP to programs in any language on this machine"
    epilog = "Exit code: that of COMMAND, 128 and the signal's number where one ended it; 0 without COMMAND."
    parser = command(commands, "serve", run, text, epilog)
    parser.add_argument("--port", type=_port, default=PORT, help=f"{PORT} is the default; 0 for any free one")
    parser.add_argument("--state", metavar="FILE", help="keep the state in this file; without, it is gone at the end")
    parser.add_argument(
        "--seed", metavar="FILE", help="a JSON list of what to add to a new state: [{'add_snapshot': {...}}]"
    )
    parser.add_argument(
        "--account",
        type=_account,
        action="append",
        default=[],
        metavar="[KEY=]ACCOUNT",
        help="the account of an access key, or of every key without one; a key of twelve digits is its own account",
    )
    parser.add_argument("--imagine", action="store_true", default=None, help="make up what is asked for and missing")
    for name, what in (
        ("copy", "how long a copy takes"),
        ("create", "how long a new snapshot, cluster or instance takes"),
    ):
        parser.add_argument(f"--{name}-duration", type=_span, metavar="45m", help=what)
    parser.add_argument("--tick", type=_span, metavar="30s", help="how far the clock moves at each request")
    parser.add_argument("--log", metavar="FILE", help="append one line of JSON per request to this file")
    parser.add_argument(
        "program", nargs="*", metavar="COMMAND", help="after --: run it against the stub, and end when it does"
    )


def run(arguments: argparse.Namespace, streams: Streams) -> int:
    """Serve until a signal comes, or as long as a command runs."""
    from neptune_guard.serve import Server
    from neptune_guard.stub import NeptuneStub

    with ExitStack() as closing:
        accounts = dict(arguments.account)
        made = bool(arguments.state and arguments.seed) and _is_made(arguments.state)
        is_new = not arguments.state or _is_empty(arguments.state)
        stub = NeptuneStub(
            arguments.state,
            account_id=accounts.pop(None, None),
            imagine=arguments.imagine,
            copy_duration=arguments.copy_duration,
            create_duration=arguments.create_duration,
            tick=arguments.tick,
        )
        closing.callback(stub.close)
        if arguments.seed and is_new:
            _plant(stub, arguments, made=made)
        elif arguments.seed:
            complain(f"{arguments.state} is there already, so {arguments.seed} is not used", streams)
        log = closing.enter_context(_log(arguments.log)) if arguments.log else None
        server = Server(stub, port=arguments.port, accounts=accounts, log=log)
        if arguments.program:
            with server:
                return _run_program(arguments.program, server.environment, streams)
        with _signals_to(lambda number: server.stop()):
            variables = " ".join(f"{name}={value}" for name, value in server.environment.items())
            print(f"export {variables}", file=streams.stdout, flush=True)
            server.run()
    return CLEAN


def _is_made(path: str) -> bool:
    """Make the state file if it is missing: of two runs that begin at once, one may take it away again."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL, 0o600))
    except OSError:  # whatever else is wrong, the stub will say
        return False
    return True


def _is_empty(path: str) -> bool:
    try:
        return os.path.getsize(path) == 0
    except OSError:
        return False


def _plant(stub: NeptuneStub, arguments: argparse.Namespace, *, made: bool) -> None:
    from neptune_guard.serve import control

    try:
        control.plant(stub, arguments.seed)
    except BaseException:
        stub.close()
        if made:  # the next run must not take what was begun for what was meant
            os.unlink(arguments.state)
        raise


@contextmanager
def _log(path: str) -> Iterator[TextIO]:
    try:
        log = open(path, "a", encoding="utf-8", opener=lambda name, flags: os.open(name, flags, 0o600))  # noqa: SIM115
    except OSError as problem:
        raise ConfigurationError(f"the log {path} cannot be written: {problem.strerror}") from problem
    try:
        yield log
    finally:
        with suppress(OSError):  # what could not be written is tried again, and was complained about
            log.close()


def _run_program(program: Sequence[str], variables: Mapping[str, str], streams: Streams) -> int:
    environment = {name: value for name, value in os.environ.items() if name not in _TAKEN_AWAY}
    for name in ("NO_PROXY", "no_proxy"):  # no proxy stands between two programs of one machine
        environment[name] = ",".join(filter(None, (environment.get(name), "127.0.0.1")))
    environment |= {**_GIVEN, **variables}
    running: list[subprocess.Popen[bytes]] = []

    def pass_on(number: int) -> None:
        # Ctrl-C reaches the program by itself, as it is in the same group; the server stays until it has ended.
        for process in running if number == signal.SIGTERM else ():
            process.send_signal(number)

    with _signals_to(pass_on):
        try:
            running.append(subprocess.Popen(program, env=environment))  # noqa: S603 - the user's own
        except OSError as problem:
            complain(f"{program[0]}: {problem.strerror}", streams)
            return _NOT_FOUND if isinstance(problem, FileNotFoundError) else _NOT_EXECUTABLE
        code = running[0].wait()
    return code if code >= 0 else _SIGNALLED - code


@contextmanager
def _signals_to(act: Callable[[int], object]) -> Iterator[None]:
    """Have SIGINT and SIGTERM call a function while a block runs."""

    def handler(number: int, frame: FrameType | None) -> None:
        act(number)

    before = {number: signal.signal(number, handler) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, former in before.items():
            signal.signal(number, former)


def _port(text: str) -> int:
    if not re.fullmatch("[0-9]{1,5}", text) or int(text) > 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is not a port; give a number up to 65535, 0 for any free one")
    return int(text)


def _account(text: str) -> tuple[str | None, str]:
    key, equals, account = text.rpartition("=")
    if not is_account_id(account) or (equals and not key):
        raise argparse.ArgumentTypeError(f"{text!r} is not KEY=ACCOUNT with an account of twelve digits")
    return (key or None), account


def _span(text: str) -> timedelta:
    return timedelta(seconds=duration(text))
