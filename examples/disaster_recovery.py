"""A recovery drill from end to end: hours on the stub's clock, seconds on yours.

The drill takes a snapshot of an encrypted cluster, copies it to a second Region under that Region's key, shares it with
a second account, copies it there, restores it, adds an instance, checks the result and cleans up. Waiters do all of the
waiting. It runs three times: undisturbed, with a full quota, and with a disabled key.

No network, no credentials: `python examples/disaster_recovery.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import neptune_guard
from neptune_guard.stub import NeptuneStub

if TYPE_CHECKING:
    from types_boto3_neptune import NeptuneClient
    from types_boto3_neptune.type_defs import CopyDBClusterSnapshotMessageTypeDef

HOME, AWAY = "us-east-1", "eu-west-1"
VAULT_ACCOUNT = "210987654321"


class DrillFailedError(Exception):
    """The cluster could not be recovered; somebody has to look."""


@dataclass
class Drill:
    """A drill of the recovery plan.

    Attributes:
        home: A client of the cluster's own Region.
        away: A client of the second Region.
        vault: A client of the second account, in the second Region.
        away_key: The key for copies in the second Region; its policy lets the second account use it.
        vault_key: The second account's key.
        log: Called with one line for each step.
    """

    home: NeptuneClient
    away: NeptuneClient
    vault: NeptuneClient
    away_key: str
    vault_key: str
    log: Callable[[str], None]

    def run(self, cluster: str, name: str) -> None:
        """Bring a cluster up in the second account, from a new snapshot, and clean up."""
        snapshot = self.take(cluster, name)
        copy = self.copy(self.away, snapshot, name, self.away_key)
        self.share(name)
        self.copy(self.vault, copy, name, self.vault_key)
        restored = f"{cluster}-drill"
        self.restore(name, restored)  # what does not come up is left as it is, for whoever looks into it
        try:
            self.check(cluster, restored)
        finally:
            self.remove(restored)  # the copies stay: a real recovery would start from them

    def take(self, cluster: str, name: str) -> str:
        """Take a snapshot, wait for it, and return its ARN."""
        self.home.create_db_cluster_snapshot(DBClusterIdentifier=cluster, DBClusterSnapshotIdentifier=name)
        return self.wait_for(self.home, name, "took")

    def copy(self, client: NeptuneClient, source: str, target: str, key: str) -> str:
        """Copy a snapshot to the client's Region and account, wait for the copy, and return its ARN."""
        request: CopyDBClusterSnapshotMessageTypeDef = {
            "SourceDBClusterSnapshotIdentifier": source,
            "TargetDBClusterSnapshotIdentifier": target,
            "KmsKeyId": key,
        }
        report = neptune_guard.dry_run(client, **request)
        if not report:
            raise DrillFailedError(str(report))
        try:
            client.copy_db_cluster_snapshot(**request)
        except client.exceptions.SnapshotQuotaExceededFault as refused:
            self.log(f"refused: {refused.response['Error']['Message']}")
            self.drop_oldest(client)
            client.copy_db_cluster_snapshot(**request)
        return self.wait_for(client, target, "copied")

    def wait_for(self, client: NeptuneClient, name: str, what: str) -> str:
        """Wait until a snapshot is available, and return its ARN."""
        neptune_guard.waiter(client, "db_cluster_snapshot_available").wait(DBClusterSnapshotIdentifier=name)
        [found] = client.describe_db_cluster_snapshots(DBClusterSnapshotIdentifier=name)["DBClusterSnapshots"]
        self.log(f"{what} {found['DBClusterSnapshotArn']}")
        return found["DBClusterSnapshotArn"]

    def drop_oldest(self, client: NeptuneClient) -> None:
        """Make room for one manual snapshot."""
        pages = client.get_paginator("describe_db_cluster_snapshots").paginate(SnapshotType="manual")
        snapshots = [each for page in pages for each in page["DBClusterSnapshots"]]
        oldest = min(snapshots, key=lambda each: each["SnapshotCreateTime"])["DBClusterSnapshotIdentifier"]
        client.delete_db_cluster_snapshot(DBClusterSnapshotIdentifier=oldest)
        neptune_guard.waiter(client, "db_cluster_snapshot_deleted").wait(DBClusterSnapshotIdentifier=oldest)
        self.log(f"deleted {oldest}")

    def share(self, name: str) -> None:
        """Let the second account copy the snapshot in the second Region."""
        self.away.modify_db_cluster_snapshot_attribute(
            DBClusterSnapshotIdentifier=name, AttributeName="restore", ValuesToAdd=[VAULT_ACCOUNT]
        )
        self.log(f"shared with {VAULT_ACCOUNT}")

    def restore(self, snapshot: str, cluster: str) -> None:
        """Restore a cluster; it answers queries only once it has an instance."""
        self.vault.restore_db_cluster_from_snapshot(
            DBClusterIdentifier=cluster, SnapshotIdentifier=snapshot, Engine="neptune"
        )
        neptune_guard.waiter(self.vault, "db_cluster_available").wait(DBClusterIdentifier=cluster)
        self.log(f"restored {cluster}")
        self.vault.create_db_instance(
            DBInstanceIdentifier=f"{cluster}-1",
            DBInstanceClass="db.r6g.large",
            Engine="neptune",
            DBClusterIdentifier=cluster,
        )
        self.vault.get_waiter("db_instance_available").wait(DBInstanceIdentifier=f"{cluster}-1")
        self.log(f"started {cluster}-1")

    def check(self, original: str, restored: str) -> None:
        """Compare the restored cluster with the original; a real drill also asks it for the number of vertices."""
        [old] = self.home.describe_db_clusters(DBClusterIdentifier=original)["DBClusters"]
        [new] = self.vault.describe_db_clusters(DBClusterIdentifier=restored)["DBClusters"]
        expected = {"EngineVersion": old["EngineVersion"], "Port": old["Port"], "StorageEncrypted": True}
        different = [name for name, value in expected.items() if new.get(name) != value]
        if different or not any(member["IsClusterWriter"] for member in new["DBClusterMembers"]):
            raise DrillFailedError(f"{restored} differs from {original}: {', '.join(different) or 'no writer'}")
        self.log(f"checked {new['Endpoint']}:{new['Port']}")

    def remove(self, cluster: str) -> None:
        """Delete a cluster and its instances."""
        [found] = self.vault.describe_db_clusters(DBClusterIdentifier=cluster)["DBClusters"]
        for member in found["DBClusterMembers"]:
            instance = member["DBInstanceIdentifier"]
            self.vault.delete_db_instance(DBInstanceIdentifier=instance)
            self.vault.get_waiter("db_instance_deleted").wait(DBInstanceIdentifier=instance)
        self.vault.delete_db_cluster(DBClusterIdentifier=cluster, SkipFinalSnapshot=True)
        neptune_guard.waiter(self.vault, "db_cluster_deleted").wait(DBClusterIdentifier=cluster)
        self.log(f"removed {cluster}")


def account(quota: int = 100, key_enabled: bool = True) -> Drill:
    """Return a drill in a made-up account with a cluster, two old copies, and room for `quota` snapshots per Region."""
    stub = NeptuneStub(
        create_duration=timedelta(minutes=10),
        copy_duration=timedelta(hours=2),
        tick=timedelta(0),
        manual_snapshot_quota=quota,
    )
    stub.clock.move_to(datetime(2026, 3, 2, 1, 0, tzinfo=timezone.utc))
    stub.clock.freeze()
    stub.add_cluster("graph", HOME, kms_key_id="alias/graph")
    for day in (27, 28):
        created = datetime(2026, 2, day, 1, 0, tzinfo=timezone.utc)
        stub.add_snapshot(f"graph-2026-02-{day}", AWAY, cluster="graph", created=created)
    return Drill(
        home=stub.session(HOME).client("neptune"),
        away=stub.session(AWAY).client("neptune"),
        vault=stub.session(AWAY, account_id=VAULT_ACCOUNT).client("neptune"),
        away_key=stub.add_kms_key(AWAY, enabled=key_enabled),
        vault_key=stub.add_kms_key(AWAY, account_id=VAULT_ACCOUNT),
        log=lambda line: print(f"{stub.clock.now():%H:%M}  {line}"),
    )


def main() -> None:
    """Run the drill three times."""
    print("A quiet night")
    account().run("graph", "graph-2026-03-02")

    print("\nThe quota is full: the oldest copy goes")
    account(quota=2).run("graph", "graph-2026-03-02")

    print("\nThe key is disabled: the dry run says so before anything is copied")
    try:
        account(key_enabled=False).run("graph", "graph-2026-03-02")
    except DrillFailedError as problem:
        print(problem)


if __name__ == "__main__":
    main()
