"""A disaster-recovery job from end to end, against a stub with a virtual clock: hours pass in a second.

The job takes a snapshot of an encrypted cluster, asks the account whether the copy would go through, copies it to a
second Region under that Region's key, shares it with a second account and copies it there, prunes old copies and
restores the newest. Then it runs again with a throttle, a full quota and a disabled key, to show what it does about
them. No network, no credentials: `python examples/disaster_recovery.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

from botocore.exceptions import ClientError

import neptune_guard
from neptune_guard.stub import NeptuneStub

HOME, AWAY = "us-east-1", "eu-west-1"
VAULT_ACCOUNT = "210987654321"
KEPT = 2


class NotSafeError(Exception):
    """The copy cannot be made; somebody has to look."""


@dataclass
class Job:
    """What the job needs: clients for both Regions and the second account, keys, and a way to wait."""

    home: Any
    away: Any
    vault: Any
    key: str
    vault_key: str
    wait: Callable[[timedelta], object]
    log: Callable[[str], None]

    def run(self, cluster: str, name: str) -> str:
        """Make a snapshot safe in the other Region and the other account, and return the copy's ARN."""
        snapshot = self._snapshot(cluster, name)
        copy = self._copy(self.away, snapshot, name, self.key)
        self._share(name)
        self._copy(self.vault, copy, name, self.vault_key)
        self._prune(cluster)
        return copy

    def _snapshot(self, cluster: str, name: str) -> str:
        self.home.create_db_cluster_snapshot(DBClusterIdentifier=cluster, DBClusterSnapshotIdentifier=name)
        arn = self._wait_for(self.home, name)
        self.log(f"took {arn}")
        return arn

    def _copy(self, client: Any, source: str, target: str, key: str) -> str:
        request = {
            "SourceDBClusterSnapshotIdentifier": source,
            "TargetDBClusterSnapshotIdentifier": target,
            "KmsKeyId": key,
        }
        report = neptune_guard.dry_run(client, **request)
        if not report.ok:
            raise NotSafeError(str(report))
        self._with_room(lambda: client.copy_db_cluster_snapshot(**request))
        arn = self._wait_for(client, target)
        self.log(f"copied to {arn}")
        return arn

    def _with_room(self, copy: Callable[[], object]) -> None:
        """Copy; while a quota is full wait for another copy to end, an hour at most."""
        for _ in range(4):
            try:
                copy()
            except ClientError as error:
                if error.response["Error"]["Code"] != "SnapshotQuotaExceeded":
                    raise
                self.log(f"waiting: {error.response['Error']['Message']}")
                self.wait(timedelta(minutes=15))
            else:
                return
        raise NotSafeError("no room for another copy within an hour")

    def _wait_for(self, client: Any, name: str) -> str:
        """Poll: Neptune has no waiter for snapshots."""
        while True:
            found = client.describe_db_cluster_snapshots(DBClusterSnapshotIdentifier=name)["DBClusterSnapshots"][0]
            if found["Status"] == "available":
                return str(found["DBClusterSnapshotArn"])
            if found["Status"] not in ("creating", "copying"):
                raise NotSafeError(f"{name} is {found['Status']}")
            self.log(f"{name} is {found['Status']}, {found['PercentProgress']} %")
            self.wait(timedelta(minutes=10))

    def _share(self, name: str) -> None:
        self.away.modify_db_cluster_snapshot_attribute(
            DBClusterSnapshotIdentifier=name, AttributeName="restore", ValuesToAdd=[VAULT_ACCOUNT]
        )
        self.log(f"shared {name} with {VAULT_ACCOUNT}")

    def _prune(self, cluster: str) -> None:
        pages = self.away.get_paginator("describe_db_cluster_snapshots").paginate(
            DBClusterIdentifier=cluster, SnapshotType="manual"
        )
        snapshots = [each for page in pages for each in page["DBClusterSnapshots"]]
        for old in sorted(snapshots, key=lambda each: each["SnapshotCreateTime"])[:-KEPT]:
            self.away.delete_db_cluster_snapshot(DBClusterSnapshotIdentifier=old["DBClusterSnapshotIdentifier"])
            self.log(f"pruned {old['DBClusterSnapshotIdentifier']}")

    def restore(self, snapshot: str, cluster: str) -> None:
        """Bring the graph up in the other Region."""
        self.away.restore_db_cluster_from_snapshot(
            DBClusterIdentifier=cluster, SnapshotIdentifier=snapshot, Engine="neptune"
        )
        self.log(f"restoring {cluster} from {snapshot}")


def world() -> NeptuneStub:
    """Return a service with an encrypted cluster and two old copies."""
    stub = NeptuneStub(copy_duration=timedelta(minutes=30), create_duration=timedelta(minutes=10))
    stub.clock.move_to(datetime(2026, 3, 2, 1, 0, tzinfo=timezone.utc))
    stub.clock.freeze()
    stub.add_cluster("graph", HOME, kms_key_id="alias/graph", tags={"team": "knowledge"})
    for day in (27, 28):
        created = datetime(2026, 2, day, 1, 0, tzinfo=timezone.utc)
        stub.add_snapshot(f"graph-2026-02-{day}", AWAY, cluster="graph", kms_key_id="alias/dr", created=created)
    return stub


def job(stub: NeptuneStub, key: str) -> Job:
    """Return the job as the application would set it up, on the stub's sessions."""

    def log(line: str) -> None:
        print(f"{stub.clock.now():%H:%M}  {line}")

    return Job(
        home=stub.session(HOME).client("neptune"),
        away=stub.session(AWAY).client("neptune"),
        vault=stub.session(AWAY, account_id=VAULT_ACCOUNT).client("neptune"),
        key=key,
        vault_key=stub.add_kms_key(AWAY, account_id=VAULT_ACCOUNT),
        wait=lambda time: stub.clock.advance(seconds=time.total_seconds()),
        log=log,
    )


def main() -> None:
    """Run the job four times: undisturbed, throttled, without room, and with a disabled key."""
    print("A quiet night")
    stub = world()
    work = job(stub, "alias/dr")
    work.restore(work.run("graph", "graph-2026-03-02"), "graph-restored")

    print("\nThe service throttles: botocore retries, the job does not notice")
    stub = world()
    stub.fail("CopyDBClusterSnapshot", "Throttling", times=1)
    job(stub, "alias/dr").run("graph", "graph-2026-03-02")
    attempts = [call.error or "ok" for call in stub.calls if call.operation == "CopyDBClusterSnapshot"]
    print(f"       attempts: {', '.join(attempts)}")

    print("\nThe quota is full for a while: the job waits")
    stub = world()
    stub.fail("CopyDBClusterSnapshot", "SnapshotQuotaExceeded", message="Cannot create more than 100 manual snapshots")
    job(stub, "alias/dr").run("graph", "graph-2026-03-02")

    print("\nThe key is disabled: the dry run says so before anything is copied")
    stub = world()
    try:
        job(stub, stub.add_kms_key(AWAY, enabled=False)).run("graph", "graph-2026-03-02")
    except NotSafeError as problem:
        print(problem)


if __name__ == "__main__":
    main()
