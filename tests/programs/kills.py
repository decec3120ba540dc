"""Processes that are killed at random instants while they use a state file: no answered call may be lost.

python -m tests.programs.kills [KILLS]
"""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

from neptune_guard.stub import NeptuneStub
from tests.programs.signals import copy, stored

LONGEST = 0.03  # seconds that a process lives
KILLS_PER_FILE = 20


class Outcome(NamedTuple):
    kills: int
    answered: int
    lost: int
    broken: int


def work(path: Path, name: str, pipe: int) -> None:
    """Make the file if there is none, and say each copy that was answered."""
    stub = NeptuneStub(path, imagine=True, manual_snapshot_quota=10**9)
    number = 0
    while True:
        if copy(stub, f"{name}-{number}") == 200:
            os.write(pipe, f"{name}-{number}\n".encode())
        number += 1


def killed(path: Path, name: str, life: float) -> list[str]:
    """Run `work` in a process, kill it, and return what it said."""
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.close(reading)
            work(path, name, writing)
        finally:
            os._exit(1)
    os.close(writing)
    time.sleep(life)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    with os.fdopen(reading) as pipe:
        said = pipe.read().split()
    assert os.WIFSIGNALED(status), "the process ended by itself"
    return said


def is_whole(path: Path) -> bool:
    """Tell whether the file is none yet, or a sound one that imagines, as its first user wanted."""
    if not path.exists() or not path.stat().st_size:
        return True
    connection = sqlite3.connect(path)
    try:
        if not connection.execute("SELECT 1 FROM sqlite_master").fetchone():
            return True
        (imagines,) = connection.execute("SELECT imagine FROM settings").fetchone()
        return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)] and imagines == 1
    finally:
        connection.close()


def run(kills: int, folder: Path, seed: int = 1) -> Outcome:
    chance = random.Random(seed)
    with NeptuneStub(imagine=True) as stub:
        copy(stub, "first")  # reads models and rules, which would take a process longer than it lives
    answered = lost = broken = done = 0
    while done < kills:
        path = folder / f"state-{done}.db"
        said: list[str] = []
        for _ in range(min(KILLS_PER_FILE, kills - done)):
            said += killed(path, f"copy-{done}", chance.uniform(0, LONGEST))
            broken += not is_whole(path)
            done += 1
        with NeptuneStub(path) as stub:
            lost += len(set(said) - stored(stub))
        answered += len(said)
    return Outcome(done, answered, lost, broken)


def main(kills: int = 1_000) -> int:
    with tempfile.TemporaryDirectory() as folder:
        outcome = run(kills, Path(folder))
    print(
        f"{outcome.kills} kills, {outcome.answered} calls answered, {outcome.lost} lost, {outcome.broken} broken files"
    )
    return 1 if outcome.lost or outcome.broken or not outcome.answered else 0


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:2])))
