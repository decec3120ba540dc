"""`neptune-guard wait`: waits for a snapshot and shows how far it is."""

from __future__ import annotations

import argparse
import shutil
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from importlib.util import find_spec
from typing import Any, TextIO

from neptune_guard._arn import is_arn, snapshot_arn
from neptune_guard.cli._program import Commands, Streams, Unusable, command, duration, region

_EXIT_CODES = "0 available or deleted, 1 failed, timed out or no such snapshot, 2 unusable arguments or no access"
_DELAY = 30

Show = Callable[[str, "int | None"], None]


def add(commands: Commands) -> None:
    """Add the command to the parser."""
    text = "wait until a snapshot is available, or until it is deleted, and show how far it is"
    parser = command(commands, "wait", run, text, f"Exit code: {_EXIT_CODES}.")
    parser.add_argument("snapshot", metavar="SNAPSHOT", help="its name or its ARN")
    parser.add_argument("--region", type=region, required=True, help="the Region that the snapshot is in")
    parser.add_argument("--profile", help="the AWS profile to use")
    parser.add_argument(
        "--timeout",
        type=duration,
        default="6h",
        help="when to give up: a number with s, m, h or d; 6h is the default, and 0s looks once",
    )
    parser.add_argument(
        "--until", choices=("available", "deleted"), default="available", help="available is the default"
    )


def run(arguments: argparse.Namespace, streams: Streams) -> int:
    """Wait, and return the exit code.

    Args:
        arguments: `snapshot`, `region`, `profile`, `timeout` in seconds, and `until`.
        streams: Lines go to `stdout`, or a bar to `stderr` if that is a terminal; complaints go to `stderr`.

    Raises:
        Unusable: The arguments contradict each other, or AWS refuses to answer.
    """
    import boto3
    from botocore.exceptions import BotoCoreError, ClientError, WaiterError

    from neptune_guard import register, waiter

    params = _params(arguments.snapshot, arguments.region)
    delay = min(_DELAY, arguments.timeout) or _DELAY
    config = {"Delay": delay, "MaxAttempts": int(arguments.timeout / delay) + 1}
    try:
        session = boto3.Session(profile_name=arguments.profile, region_name=arguments.region)
        register(session, mode="off")  # brings the stub that the environment names; there is nothing to check
        client = session.client("neptune")
        with _progress(arguments, streams) as show, _woken_each_second():
            client.meta.events.register("after-call.neptune.DescribeDBClusterSnapshots", _watcher(show))
            waiter(client, f"db_cluster_snapshot_{arguments.until}").wait(**params, WaiterConfig=config)
            show(arguments.until, 100)
    except WaiterError as problem:
        print(f"neptune-guard: {_reason(problem, arguments)}", file=streams.stderr)
        return 1
    except (BotoCoreError, ClientError, ValueError) as problem:
        raise Unusable(_on_one_line(problem)) from problem
    return 0


def _params(snapshot: str, region: str) -> dict[str, Any]:
    """Return what DescribeDBClusterSnapshots has to be given to find the snapshot."""
    params: dict[str, Any] = {"DBClusterSnapshotIdentifier": snapshot}
    name = snapshot
    if is_arn(snapshot):
        arn = snapshot_arn(snapshot)
        if arn is None:
            raise Unusable(f"{snapshot!r} is not the ARN of a cluster snapshot")
        if arn.region != region:
            raise Unusable(f"{snapshot!r} is in {arn.region}, not in {region}; give --region {arn.region}")
        # It may be another account's.
        params["IncludeShared"], name = True, arn.name
    if name.startswith("rds:"):
        params["SnapshotType"] = "automated"
    return params


def _reason(problem: Any, arguments: argparse.Namespace) -> str:
    """Return why a wait ended without success."""
    snapshot = repr(arguments.snapshot)
    error = problem.last_response.get("Error", {})
    if error.get("Code") == "DBClusterSnapshotNotFoundFault":
        return f"there is no snapshot {snapshot} in {arguments.region}"
    if error:
        raise Unusable(_on_one_line(f"{error['Code']}: {error.get('Message', '')}")) from problem
    found = problem.last_response.get("DBClusterSnapshots") or [{}]
    status = found[0].get("Status", "of unknown status")
    if "Max attempts exceeded" in str(problem):
        return f"{snapshot} is still {status}; gave up after {arguments.timeout:.0f} seconds"
    return f"{snapshot} is {status}"


def _on_one_line(text: object) -> str:
    return " ".join(str(text).split())


@contextmanager
def _woken_each_second() -> Iterator[None]:
    """Cut into pauses each second, without ending them: Ctrl-C just before one begins is not noticed until then.

    Where Python has to drop the exception of Ctrl-C, as in a finalizer, it is raised again at the next cut.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "setitimer"):
        yield  # other threads get no signals, and Windows has no such timer
        return
    dropped: list[object] = []
    tell = sys.unraisablehook

    def keep(unraisable: Any) -> None:
        if issubclass(unraisable.exc_type, KeyboardInterrupt):
            dropped.append(unraisable.exc_type)
        else:
            tell(unraisable)

    def wake(number: int, frame: object) -> None:
        if dropped:
            dropped.clear()
            raise KeyboardInterrupt

    sys.unraisablehook = keep
    before = signal.signal(signal.SIGALRM, wake)
    timer = signal.setitimer(signal.ITIMER_REAL, 1, 1)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, *timer)
        signal.signal(signal.SIGALRM, before)
        sys.unraisablehook = tell


# ---------------------------------------------------------------------- progress


def _watcher(show: Show) -> Callable[..., None]:
    """Return a handler of after-call that shows the snapshot of each answer."""

    def watch(parsed: dict[str, Any], **kwargs: Any) -> None:
        found = parsed.get("DBClusterSnapshots")
        if found:
            show(found[0].get("Status", "of unknown status"), found[0].get("PercentProgress"))

    return watch


def _progress(arguments: argparse.Namespace, streams: Streams) -> AbstractContextManager[Show]:
    """Return how progress is shown: a deletion has none, and a bar needs a terminal and tqdm."""
    if arguments.until == "available" and streams.stderr.isatty() and find_spec("tqdm"):
        return _bar(arguments.snapshot, streams.stderr)
    return _lines(arguments.snapshot, streams.stdout)


@contextmanager
def _bar(snapshot: str, stream: TextIO) -> Iterator[Show]:
    from tqdm import tqdm

    # tqdm draws nothing on a terminal that does not tell its size, as those of some containers.
    width = shutil.get_terminal_size().columns - 1
    form = "{desc}: {percentage:3.0f}%|{bar}| {elapsed}{postfix}"
    with tqdm(total=100, desc=snapshot, file=stream, bar_format=form, ncols=width, nrows=2) as bar:

        def show(status: str, percent: int | None) -> None:
            bar.n = bar.n if percent is None else percent
            bar.set_postfix_str(status)  # draws the bar

        yield show


@contextmanager
def _lines(snapshot: str, stream: TextIO) -> Iterator[Show]:
    shown = ""

    def show(status: str, percent: int | None) -> None:
        nonlocal shown
        under_way = percent is not None and status not in ("available", "deleted")
        line = f"{snapshot}: {status}" + (f", {percent} %" if under_way else "")
        if line != shown:
            print(line, file=stream, flush=True)
        shown = line

    yield show
