"""What the stub costs beside botocore's Stubber and moto, in one run: a whole test, a call, many stored, a wait.

python -m tests.benchmarks.stub
"""

from __future__ import annotations

import itertools
import json
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta

import boto3
from botocore.stub import Stubber
from moto import mock_aws

import neptune_guard
from neptune_guard.stub import NeptuneStub
from tests.benchmarks.measure import Row, minima, show

MANY, FEW = 100_000, 100
SOURCE = "arn:aws:rds:us-west-2:123456789012:cluster-snapshot:source"
REGION = "us-west-2"
TAGS = [{"Key": "team", "Value": "graph"}, {"Key": "tier", "Value": "1"}]


def request(target: str) -> dict[str, object]:
    return {"SourceDBClusterSnapshotIdentifier": SOURCE, "TargetDBClusterSnapshotIdentifier": target, "Tags": TAGS}


def client(session: boto3.Session | None = None):
    return (session or boto3.Session("fake", "fake")).client("neptune", region_name="us-west-2")


def filled(count: int) -> NeptuneStub:
    stub = NeptuneStub(manual_snapshot_quota=10**9)
    with stub._state.transaction():
        stub.add_snapshot("source", "us-west-2")
        for number in range(count - 1):
            stub.add_snapshot(f"s{number:06}", "us-west-2")
    return stub


def copies(stub: NeptuneStub) -> Callable[[], None]:
    neptune, numbers = client(stub.session("us-west-2")), itertools.count()
    return lambda: neptune.copy_db_cluster_snapshot(**request(f"copy-{next(numbers)}"))


def stubber_copies(*, queued: bool) -> Callable[[], None]:
    """Return a call of a client with a Stubber, its response queued long ahead or, as a test does it, for each call."""
    neptune, answer = client(), NeptuneStub(imagine=True).respond("CopyDBClusterSnapshot", request("x"), region=REGION)
    stubber = Stubber(neptune)

    def queue() -> None:
        stubber.add_response("copy_db_cluster_snapshot", answer[1], request("copy"))

    def copy() -> None:
        if not queued:
            queue()
        neptune.copy_db_cluster_snapshot(**request("copy"))

    for _ in range(6_000 if queued else 0):
        queue()
    stubber.activate()
    return copy


class Floor:
    """The least that state in SQLite and a call log can cost: the source read, the copy and the call written."""

    def __init__(self) -> None:
        self.run = sqlite3.connect(":memory:", isolation_level=None).execute
        self.run("CREATE TABLE snapshots (identifier TEXT PRIMARY KEY, details TEXT)")
        self.run("CREATE TABLE calls (id INTEGER PRIMARY KEY, params TEXT)")
        self.run("INSERT INTO snapshots VALUES ('source', '{}')")

    def respond(self, operation, params, **where):
        run = self.run
        run("BEGIN")
        (details,) = run("SELECT details FROM snapshots WHERE identifier = ?", ("source",)).fetchone()
        run("INSERT INTO snapshots VALUES (?, ?)", (params["TargetDBClusterSnapshotIdentifier"], details))
        run("INSERT INTO calls (params) VALUES (?)", (json.dumps(params),))
        run("COMMIT")
        return 200, {"DBClusterSnapshot": {}, "ResponseMetadata": {"HTTPStatusCode": 200}}


def floor_copies() -> Callable[[], None]:
    session, numbers = boto3.Session("fake", "fake"), itertools.count()
    neptune_guard.register(session, stub=Floor(), mode="off")
    neptune = client(session)
    return lambda: neptune.copy_db_cluster_snapshot(**request(f"copy-{next(numbers)}"))


SOUND = {"SourceDBClusterSnapshotIdentifier": "source", "TargetDBClusterSnapshotIdentifier": "copy"}
LOOKS = 2


def copied_and_looked_at(neptune) -> None:
    neptune.copy_db_cluster_snapshot(**SOUND)
    for _ in range(LOOKS):
        neptune.describe_db_cluster_snapshots(DBClusterSnapshotIdentifier="copy")


def with_the_stub() -> None:
    with NeptuneStub() as stub:
        stub.add_snapshot("source", REGION)
        copied_and_looked_at(stub.session(REGION).client("neptune"))


def session_and_client() -> None:
    """The part of a test that is botocore's own work: with a stub that is kept, and nothing asked."""
    KEPT.session(REGION).client("neptune")


KEPT = NeptuneStub()


def with_a_stubber() -> None:
    neptune = client()
    with Stubber(neptune) as stubber:
        stubber.add_response("copy_db_cluster_snapshot", {"DBClusterSnapshot": {"Status": "copying"}})
        for _ in range(LOOKS):
            stubber.add_response("describe_db_cluster_snapshots", {"DBClusterSnapshots": [{"Status": "available"}]})
        copied_and_looked_at(neptune)


def with_moto() -> None:
    with mock_aws():
        neptune = client()
        neptune.create_db_cluster(DBClusterIdentifier="graph", Engine="neptune")
        neptune.create_db_cluster_snapshot(DBClusterIdentifier="graph", DBClusterSnapshotIdentifier="source")
        copied_and_looked_at(neptune)


def whole_test() -> list[Row]:
    """Return what a test costs from nothing: a fresh stub, session and client, a seed, a copy and two looks."""
    tests = (with_the_stub, with_a_stubber, with_moto, session_and_client)
    stub, stubber, moto, floor = minima(tests, calls=1, rounds=40)
    return [
        Row("a whole test: the stub / a Stubber with a fresh session", stub / stubber, 0.12, f"{stub * 1e3:.1f} ms"),
        Row("a whole test: the stub / boto3 and moto", stub / moto, 0.09, f"{moto * 1e3:.0f} ms"),
        Row("only the stub's session and client / a Stubber with a fresh session", floor / stubber, None),
        Row("a whole test with the stub", stub * 1e3, 5.5, "ms"),
    ]


def waiting() -> list[Row]:
    """Return how long a waiter takes for a copy of six hours."""

    def wait() -> None:
        with NeptuneStub(copy_duration=timedelta(hours=6)) as stub:
            stub.add_snapshot("source", REGION)
            neptune = stub.session(REGION).client("neptune")
            neptune.copy_db_cluster_snapshot(**SOUND)
            neptune.get_waiter("db_cluster_snapshot_available").wait(DBClusterSnapshotIdentifier="copy")

    (took,) = minima([wait], calls=1, rounds=3)
    return [Row("stub: a waiter on a copy of six hours", took, 0.5, "s")]


def whole_call() -> list[Row]:
    variants = [copies(filled(FEW)), stubber_copies(queued=True), stubber_copies(queued=False), floor_copies()]
    stub_time, stubber_time, queueing_time, floor_time = minima(variants)
    with mock_aws():
        neptune, numbers = client(), itertools.count()
        neptune.create_db_cluster(DBClusterIdentifier="graph", Engine="neptune")
        neptune.create_db_cluster_snapshot(DBClusterIdentifier="graph", DBClusterSnapshotIdentifier="source")

        def moto() -> None:
            name = f"copy-{next(numbers)}"
            neptune.copy_db_cluster_snapshot(
                SourceDBClusterSnapshotIdentifier="source", TargetDBClusterSnapshotIdentifier=name, Tags=TAGS
            )
            neptune.delete_db_cluster_snapshot(DBClusterSnapshotIdentifier=name)

        (moto_time,) = minima([moto], calls=20, rounds=5)
    return [
        Row("stub: a whole copy / a Stubber call and its add_response", stub_time / queueing_time, 1.85),
        Row("stub: a whole copy / a Stubber call whose response was queued before", stub_time / stubber_time, None),
        Row("one SELECT and two INSERTs in SQLite, nothing checked / a Stubber call", floor_time / stubber_time, None),
        Row("moto: a copy and its deletion / a Stubber call", moto_time / stubber_time, None),
    ]


def stored() -> list[Row]:
    few, many = filled(FEW), filled(MANY)
    few_copy, many_copy = minima([copies(few), copies(many)])
    few_client, many_client = client(few.session("us-west-2")), client(many.session("us-west-2"))

    def by_id(neptune, name: str) -> Callable[[], None]:
        return lambda: neptune.describe_db_cluster_snapshots(DBClusterSnapshotIdentifier=name)

    def page(neptune, marker: str) -> Callable[[], None]:
        return lambda: neptune.describe_db_cluster_snapshots(MaxRecords=100, Marker=marker)

    few_id, many_id = minima([by_id(few_client, "s000050"), by_id(many_client, "s050000")])
    first, middle, last = minima([page(many_client, f"s{at:06}") for at in (0, 50_000, 99_800)], calls=20)
    return [
        Row("stub: a copy with 100,000 stored / with 100", many_copy / few_copy, 1.2),
        Row("stub: describe by id with 100,000 stored / with 100", many_id / few_id, 1.2),
        Row("stub: a page of 100 in the middle / at the start", middle / first, 1.2),
        Row("stub: a page of 100 at the end / at the start", last / first, 1.2),
    ]


COLD = {
    "stub": "from neptune_guard.stub import NeptuneStub\n"
    "neptune = NeptuneStub(imagine=True).session('us-west-2').client('neptune')\n",
    "Stubber": "import boto3\nfrom botocore.stub import Stubber\n"
    "neptune = boto3.Session('a', 'b').client('neptune', region_name='us-west-2')\n"
    "stubber = Stubber(neptune)\nstubber.add_response('copy_db_cluster_snapshot', {})\nstubber.activate()\n",
    "moto": "import boto3\nfrom moto import mock_aws\nmock_aws().start()\n"
    "neptune = boto3.Session().client('neptune', region_name='us-west-2')\n"
    "neptune.create_db_cluster(DBClusterIdentifier='graph', Engine='neptune')\n"
    "neptune.create_db_cluster_snapshot(DBClusterIdentifier='graph', DBClusterSnapshotIdentifier='source')\n",
}
CALL = (
    "neptune.copy_db_cluster_snapshot(SourceDBClusterSnapshotIdentifier='source', "
    "TargetDBClusterSnapshotIdentifier='x')"
)


def cold() -> list[Row]:
    def process(program: str) -> Callable[[], None]:
        return lambda: subprocess.run([sys.executable, "-c", program + CALL], check=True, stderr=subprocess.DEVNULL)

    programs = (COLD["stub"], COLD["Stubber"], COLD["moto"], f"import sqlite3, jsonschema_rs\n{COLD['Stubber']}")
    variants = [process(program) for program in programs]
    stub, stubber, moto, floor = minima(variants, calls=1, rounds=8)
    return [
        Row("stub: cold process to the first copy / with Stubber", stub / stubber, 1.2),
        Row("Stubber, with SQLite and the fast engine imported: cold process / with Stubber", floor / stubber, None),
        Row("moto: cold process to the first copy / with Stubber", moto / stubber, None),
    ]


def rows() -> list[Row]:
    return [*whole_test(), *whole_call(), *stored(), *waiting(), *cold()]


if __name__ == "__main__":
    show(rows())
