"""State files with damage at random: a stub works with one, or refuses it in the documented way.

python -m tests.programs.damaged_files [FILES] [SEED]
"""

from __future__ import annotations

import random
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from neptune_guard.exceptions import ConfigurationError
from neptune_guard.stub import NeptuneStub
from tests.helpers import SOUND

REGION = "us-west-2"
PAGE = 4096
COPY = SOUND["CopyDBClusterSnapshot"]
CALLS = (
    ("DescribeDBClusterSnapshots", {}),
    ("DescribeDBClusters", {}),
    ("DescribeDBInstances", {}),
    ("CopyDBClusterSnapshot", {**COPY, "TargetDBClusterSnapshotIdentifier": "other"}),
    ("DeleteDBInstance", {"DBInstanceIdentifier": "graph-1"}),
)


def state(directory: Path) -> bytes:
    """Return the bytes of a state file with something of everything in it."""
    path = directory / "whole.db"
    with NeptuneStub(path) as stub:
        stub.add_cluster("graph", REGION, kms_key_id="alias/graph", tags={"team": "graph"})
        stub.add_instance("graph-1", REGION, cluster="graph")
        stub.add_snapshot("nightly", REGION, kms_key_id="alias/graph", shared_with=["210987654321"])
        stub.fail("CreateDBClusterSnapshot", "Throttling")
        stub.respond("CopyDBClusterSnapshot", COPY, region=REGION)
    return path.read_bytes()


def damaged(whole: bytes, source: random.Random) -> bytes:
    """Return the bytes with some flipped, a page lost, doubled or blank, or the end cut off."""
    data, kind = bytearray(whole), source.random()
    at, other = (source.randrange(0, len(data), PAGE) for _ in range(2))
    if kind < 0.7:
        for _ in range(source.choice((1, 3, 30))):
            data[source.randrange(len(data))] = source.randrange(256)
    elif kind < 0.8:
        data[at : at + PAGE] = data[other : other + PAGE]
    elif kind < 0.9:
        data[at : at + PAGE] = bytes(PAGE)
    else:
        del data[source.randrange(len(data)) :]
    return bytes(data)


def use(path: Path) -> str:
    """Work with a file, and return what came of it: `works`, or the words of the refusal."""
    try:
        with NeptuneStub(path) as stub:
            for operation, params in CALLS:
                status, answer = stub.respond(operation, params, region=REGION)
                assert (status == 200) is ("Error" not in answer)
            assert len(stub.calls) >= len(CALLS)
            assert isinstance(stub.pending, list)
    except ConfigurationError as refused:
        return "refused" if str(path) in str(refused) else f"refused without its name: {refused}"
    return "works"


def main(files: int = 10_000, seed: int = 1) -> int:
    """Run, and print the sums; return 0 without a find, else 1."""
    start, outcomes, found = time.perf_counter(), Counter[str](), 0
    with tempfile.TemporaryDirectory() as directory:
        whole, path = state(Path(directory)), Path(directory) / "state.db"
        for number in range(files):
            path.write_bytes(damaged(whole, random.Random(f"{seed} {number}")))
            try:
                outcome = use(path)
                assert outcome in ("works", "refused"), outcome
                outcomes[outcome] += 1
            except Exception as problem:  # noqa: BLE001 - whatever comes out is the find
                found += 1
                print(f"{type(problem).__name__}: {problem}; {seed=} {number=}")
    shown = ", ".join(f"{number} {outcome}" for outcome, number in outcomes.most_common())
    print(f"{files} damaged files with seed {seed} in {time.perf_counter() - start:.0f} s: {shown}; {found} finds")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:3])))
