"""What users write: no type checker has anything to say about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import boto3

import neptune_guard
from neptune_guard.exceptions import ConstraintViolationError
from neptune_guard.stub import Call, Clock, NeptuneStub
from neptune_guard.typing import Mode, OnViolation, Params, Request, Responder

MODE: Mode = "strict"


class Canned:
    """A responder of a user's own."""

    def respond(
        self, operation: str, params: dict[str, Any], *, region: str, account_id: str | None
    ) -> tuple[int, dict[str, Any]]:
        return 200, {}


@neptune_guard.rule(id="copy-prefix", severity="error", summary="A copy must be named dr-...")
def copy_prefix(request: Request) -> Iterator[tuple[str, str]]:
    if not request.text("TargetDBClusterSnapshotIdentifier").startswith("dr-"):
        yield "TargetDBClusterSnapshotIdentifier", "does not begin with dr-"


def count(
    violations: tuple[neptune_guard.Violation, ...], params: Mapping[str, Any], region: str | None
) -> dict[str, str]:
    return {violation.rule: violation.severity.value for violation in violations}


callback: OnViolation = count
session = boto3.Session(region_name="us-west-2")
guard: neptune_guard.Guard = neptune_guard.register(
    session,
    mode=MODE,
    prefill=True,
    stub=Canned(),
    services=["neptune", "rds"],
    rules=[copy_prefix],
    ignore=["tag-*"],
    account_id="123456789012",
    on_violation=callback,
)
mode: Mode = guard.mode
with neptune_guard.register(session, stub=Path("state.db")) as again:
    active: bool = again.active

stub = NeptuneStub(Path("state.db"), copy_duration=timedelta(hours=1))
responder: Responder = stub
snapshot = stub.add_snapshot("nightly", "us-east-1", snapshot_type="manual", shared_with=["210987654321"])
status: str | None = snapshot.get("Status")
clock: Clock = stub.clock
clock.advance(timedelta(hours=1))
clock.advance(hours=1)
calls: list[Call] = stub.calls

params: Params = {"SourceDBClusterSnapshotIdentifier": "nightly", "TargetDBClusterSnapshotIdentifier": "dr-nightly"}
lines: list[str] = [str(each) for each in neptune_guard.check(params, region="us-west-2", rules=[copy_prefix])]
neptune = stub.session("us-west-2", mode="warn").client("neptune")
report: neptune_guard.DryRun = neptune_guard.dry_run(neptune, **params)
ok: bool = report.ok
neptune_guard.waiter(neptune, "db_cluster_available").wait(DBClusterIdentifier="graph")
version: str = neptune_guard.__version__
try:
    neptune.delete_db_cluster_snapshot(DBClusterSnapshotIdentifier="nightly")
except ConstraintViolationError as error:
    found: tuple[neptune_guard.Violation, ...] = error.violations
