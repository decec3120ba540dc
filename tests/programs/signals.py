"""Exceptions of a signal handler at random instants of a stub's calls: none may wedge the stub, none may lose a call.

python -m tests.programs.signals [EXCEPTIONS]
"""

from __future__ import annotations

import random
import signal
import sqlite3
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

from neptune_guard.stub import NeptuneStub

REGION = "us-east-1"
KEPT = 50  # exceptions whose tracebacks stay alive, as a debugger or a test runner keeps them
PATIENCE = 20  # seconds until a call of another thread counts as hung


class Struck(BaseException):
    """The handler's exception; like KeyboardInterrupt it is not an Exception."""


class Outcome(NamedTuple):
    struck: int
    wedged: int
    lost: int


def strike(*_: object) -> None:
    raise Struck


def copy(stub: NeptuneStub, target: str) -> int:
    params = {"SourceDBClusterSnapshotIdentifier": "nightly", "TargetDBClusterSnapshotIdentifier": target}
    return stub.respond("CopyDBClusterSnapshot", params, region=REGION)[0]


def is_free(path: Path | None) -> bool:
    """Tell whether another process could write to the file now, for which nobody may be reading it."""
    if path is None:
        return True
    other = sqlite3.connect(path, timeout=0, isolation_level=None)
    try:
        other.execute("BEGIN EXCLUSIVE")
        other.execute("ROLLBACK")
    except sqlite3.OperationalError:
        return False
    finally:
        other.close()
    return True


def average(stub: NeptuneStub) -> float:
    start = time.perf_counter()
    for number in range(100):
        copy(stub, f"timed-{number}")
    return (time.perf_counter() - start) / 100


def run(exceptions: int, path: Path | None, seed: int = 1) -> Outcome:
    """Strike the calls of a stub until so many exceptions came out of one."""
    chance = random.Random(seed)
    stub = NeptuneStub(path, manual_snapshot_quota=10**9)
    stub.add_snapshot("nightly", REGION)
    span = average(stub) * 1.3
    answered: list[str] = []
    kept: list[BaseException] = []
    struck = wedged = number = 0
    before = signal.signal(signal.SIGALRM, strike)
    with ThreadPoolExecutor(1) as other:
        while struck < exceptions:
            number += 1
            target, status = f"copy-{number}", 0
            try:
                try:
                    signal.setitimer(signal.ITIMER_REAL, max(1e-6, chance.uniform(0, span)))
                    status = copy(stub, target)
                finally:
                    signal.setitimer(signal.ITIMER_REAL, 0)
            except Struck as problem:
                struck += 1
                kept = [*kept[-KEPT:], problem]
                wedged += not is_free(path)
                other.submit(copy, stub, f"other-{number}").result(PATIENCE)
                answered.append(f"other-{number}")
            if status == 200:
                answered.append(target)
    signal.signal(signal.SIGALRM, before)
    if path:
        stub.close()
        stub = NeptuneStub(path)
    return Outcome(struck, wedged, len(set(answered) - stored(stub)))


def stored(stub: NeptuneStub) -> set[str]:
    found: set[str] = set()
    params: dict[str, object] = {}
    while True:
        _, page = stub.respond("DescribeDBClusterSnapshots", params, region=REGION)
        found.update(each["DBClusterSnapshotIdentifier"] for each in page["DBClusterSnapshots"])
        if "Marker" not in page:
            return found
        params = {"Marker": page["Marker"]}


def main(exceptions: int = 20_000) -> int:
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, path in (("memory", None), ("file", Path(folder, "state.db"))):
            outcome = run(exceptions, path)
            print(f"{name}: {outcome.struck} exceptions, {outcome.wedged} wedged, {outcome.lost} answered calls lost")
            bad += outcome.wedged + outcome.lost
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:2])))
