"""A long life of one stub: mixed calls with planned faults, memory watched, every snapshot accounted for.

python -m tests.benchmarks.soak [CALLS]
"""

from __future__ import annotations

import random
import sys
import time
from collections import Counter
from datetime import timedelta

from neptune_guard.stub import NeptuneStub

CALLS = 200_000
REGIONS = ("us-east-1", "us-west-2", "eu-west-1")
FAULTS = ("SnapshotQuotaExceeded", "KMSKeyNotAccessibleFault", "Throttling", "InternalFailure")


def resident() -> int:
    """Return the process's memory in bytes."""
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * 4096


class Life:
    """Random calls to a stub, and a plain model of which snapshots there must be."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.stub = NeptuneStub(copy_duration=timedelta(seconds=30), tick=timedelta(seconds=10))
        self.expected: set[tuple[str, str]] = set()
        self.codes: Counter[str] = Counter()
        for region in REGIONS:
            self.stub.add_cluster("graph", region)
            self.stub.add_snapshot("seed", region)
            self.expected.add((region, "seed"))

    def call(self, operation: str, region: str, **params: object) -> bool:
        status, answer = self.stub.respond(operation, params, region=region)
        self.codes["ok" if status == 200 else answer["Error"]["Code"]] += 1
        return status == 200

    def copy(self, region: str, name: str) -> None:
        source = f"arn:aws:rds:{self.random.choice(REGIONS)}:123456789012:cluster-snapshot:seed"
        params = {"SourceDBClusterSnapshotIdentifier": source, "TargetDBClusterSnapshotIdentifier": name}
        if self.call("CopyDBClusterSnapshot", region, **params):
            assert (region, name) not in self.expected, f"{name} was copied twice to {region}"
            self.expected.add((region, name))

    def create(self, region: str, name: str) -> None:
        params = {"DBClusterSnapshotIdentifier": name, "DBClusterIdentifier": "graph"}
        if self.call("CreateDBClusterSnapshot", region, **params):
            assert (region, name) not in self.expected, f"{name} was created twice in {region}"
            self.expected.add((region, name))

    def delete(self, region: str, name: str) -> None:
        if name != "seed" and self.call("DeleteDBClusterSnapshot", region, DBClusterSnapshotIdentifier=name):
            self.expected.remove((region, name))

    def describe(self, region: str, name: str) -> None:
        there = self.call("DescribeDBClusterSnapshots", region, DBClusterSnapshotIdentifier=name)
        assert there == ((region, name) in self.expected), f"{name} of {region} is lost or a ghost"

    def fail(self, region: str, name: str) -> None:
        self.stub.fail("CopyDBClusterSnapshot", self.random.choice(FAULTS), times=self.random.randint(1, 3))

    def step(self) -> None:
        deeds = (self.copy, self.create, self.delete, self.describe, self.fail)
        deed = self.random.choices(deeds, (40, 10, 30, 20, 2))[0]
        deed(self.random.choice(REGIONS), f"snapshot-{self.random.randint(0, 60)}")

    def stored(self) -> list[tuple[str, str]]:
        """Walk all pages of all Regions."""
        found, marker = [], {}
        for region in REGIONS:
            while True:
                _, page = self.stub.respond("DescribeDBClusterSnapshots", marker, region=region)
                found += [(region, each["DBClusterSnapshotIdentifier"]) for each in page["DBClusterSnapshots"]]
                marker = {"Marker": page["Marker"]} if "Marker" in page else {}
                if not marker:
                    break
        return found


def main(calls: int = CALLS, seed: int = 1) -> None:
    life = Life(seed)
    start, memory = time.perf_counter(), []
    for number in range(calls):
        life.step()
        if number % (calls // 10) == 0:
            memory.append(resident())
    seconds, stored = time.perf_counter() - start, life.stored()
    assert len(stored) == len(set(stored)), "a snapshot is stored twice"
    assert set(stored) == life.expected, "a snapshot is lost"
    log = len(life.stub.calls)
    print(f"{calls} steps, {log} calls in the log, {calls / seconds:.0f} steps a second")
    print("answers: " + ", ".join(f"{code} {count}" for code, count in life.codes.most_common()))
    print("memory at each tenth, in MB: " + ", ".join(f"{each / 1e6:.0f}" for each in memory))
    print(f"growth, which is the call log: {(memory[-1] - memory[1]) / (log * 0.8):.0f} bytes a logged call")
    print(f"{len(stored)} snapshots stored, none lost, none doubled")


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:2]))
