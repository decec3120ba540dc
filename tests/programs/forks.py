"""Forks while other threads use stubs, make stubs and register, some of them met by a signal: no process may hang.

python -m tests.programs.forks [FORKS]
"""

from __future__ import annotations

import os
import random
import signal
import sys
import tempfile
import threading
import time
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import boto3

from neptune_guard import register
from neptune_guard.exceptions import ConfigurationError
from neptune_guard.stub import NeptuneStub
from tests.programs.signals import Struck, copy, strike

PATIENCE = 30  # seconds until a process counts as hung
REFUSED = 3  # the exit code of a child that says that it cannot use stubs


class Outcome(NamedTuple):
    forks: int
    struck: int
    refused: int
    hung: int
    failed: int


def use(stubs: list[NeptuneStub], path: Path, session: boto3.Session) -> None:
    """What a child and the threads do: the stubs that there are, new ones, and register."""
    name = f"copy-{os.getpid()}-{threading.get_ident()}-{time.monotonic_ns()}"
    for stub in stubs:
        assert copy(stub, name) == 200
    NeptuneStub(path).close()
    NeptuneStub().close()
    register(session, stub=stubs[0]).unregister()


def busy(going: threading.Event, work: Callable[[], None]) -> list[threading.Thread]:
    def repeat() -> None:
        while going.is_set():
            work()

    return [threading.Thread(target=repeat, daemon=True) for _ in range(3)]


def has_ended(child: int) -> int | None:
    """Return the exit code of a child; None for one that hangs, which is killed."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        time.sleep(0.001)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return None


def fork(work: Callable[[], None], delay: float) -> tuple[int, bool]:
    """Fork, with a signal after so many seconds; return the child, and whether the exception came through."""
    child, struck = -1, False
    try:
        signal.setitimer(signal.ITIMER_REAL, delay)
        child = os.fork()
        if child:
            signal.setitimer(signal.ITIMER_REAL, 0)
    except Struck:
        struck = True
    if child == 0:
        code = 1
        try:
            signal.setitimer(signal.ITIMER_REAL, 0)
            work()
            code = 0
        except ConfigurationError as problem:
            code = REFUSED if "forked in the middle of a call" in str(problem) else 1
        except Exception:
            traceback.print_exc()
            raise
        finally:
            os._exit(code)
    return child, struck


def run(forks: int, folder: Path, seed: int = 1) -> Outcome:
    chance = random.Random(seed)
    path = folder / "state.db"
    stubs = [NeptuneStub(path, manual_snapshot_quota=10**9), NeptuneStub(manual_snapshot_quota=10**9)]
    for stub in stubs:
        stub.add_snapshot("nightly", "us-east-1")
    session = boto3.Session(region_name="us-east-1")
    going = threading.Event()
    going.set()
    threads = busy(going, lambda: use(stubs, path, session))
    for thread in threads:
        thread.start()
    signal.signal(signal.SIGALRM, strike)
    ignored: list[object] = []
    broken: list[object] = []
    sys.unraisablehook = ignored.append
    threading.excepthook = broken.append
    hung = refused = failed = 0
    for number in range(forks):
        # Every other fork is met by a signal while it waits for the threads, or while it runs.
        delay = chance.uniform(1e-6, 0.004) if number % 2 else 0
        child, struck = fork(lambda: use(stubs, path, session), delay)
        ignored += [None] * struck
        if child > 0:
            code = has_ended(child)
            hung += code is None
            refused += code == REFUSED
            failed += code not in (0, None, REFUSED)
        use(stubs, path, session)
    going.clear()
    for thread in threads:
        thread.join(PATIENCE)
        hung += thread.is_alive()
    return Outcome(forks, len(ignored), refused, hung, failed + len(broken))


def main(forks: int = 200) -> int:
    warnings.simplefilter("ignore", DeprecationWarning)  # Python 3.12 warns of every fork with threads
    with tempfile.TemporaryDirectory() as folder:
        outcome = run(forks, Path(folder))
    print(
        f"{outcome.forks} forks, {outcome.struck} met by a signal, {outcome.refused} children that refused, "
        f"{outcome.hung} hung, {outcome.failed} failed"
    )
    return 1 if outcome.hung or outcome.failed else 0


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:2])))
