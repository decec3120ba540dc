"""The test suite of an application that copies every night's snapshot to another Region, and recovers from a copy.

Run it with `pytest examples/test_with_stub.py`. No account, no network and no waiting: `neptune_stub` and
`neptune_session` come with neptune_guard, and the copies take their hours on the stub's clock.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.exceptions import WaiterError

import neptune_guard
from neptune_guard.exceptions import ConstraintViolationError
from neptune_guard.stub import NeptuneStub

if TYPE_CHECKING:
    from types_boto3_neptune import NeptuneClient
    from types_boto3_neptune.type_defs import DBClusterSnapshotTypeDef

HOME, AWAY = "us-east-1", "us-west-2"

# ---------------------------------------------------------------------- the application, in real life its own module


class CopyFailedError(Exception):
    """A copy did not come to its end."""


@dataclass
class NightlyCopies:
    """Keeps the newest automated snapshot of a cluster in a second Region, under a key of that Region."""

    home: NeptuneClient
    away: NeptuneClient
    key: str

    def run(self, cluster: str) -> str:
        """Copy the newest snapshot where that has not been done, and return the copy's name."""
        source = self.newest(cluster)
        target = source["DBClusterSnapshotIdentifier"].removeprefix("rds:")
        begun = self.away.exceptions.DBClusterSnapshotAlreadyExistsFault
        with contextlib.suppress(begun):  # by an earlier run
            self.copy(source["DBClusterSnapshotArn"], target)
        self.wait_for(target)
        return target

    def newest(self, cluster: str) -> DBClusterSnapshotTypeDef:
        """Return the newest automated snapshot that is ready."""
        pages = self.home.get_paginator("describe_db_cluster_snapshots").paginate(
            DBClusterIdentifier=cluster, SnapshotType="automated"
        )
        ready = [each for page in pages for each in page["DBClusterSnapshots"] if each["Status"] == "available"]
        if not ready:
            raise CopyFailedError(f"{cluster} has no automated snapshot")
        return max(ready, key=lambda each: each["SnapshotCreateTime"])

    def copy(self, source: str, target: str) -> None:
        """Begin the copy; when a quota is used up, let the copies in progress end and try once more."""
        try:
            self.begin(source, target)
        except self.away.exceptions.SnapshotQuotaExceededFault:
            for name in self.in_progress():
                self.wait_for(name)
            self.begin(source, target)

    def begin(self, source: str, target: str) -> None:
        """Ask for the copy."""
        self.away.copy_db_cluster_snapshot(
            SourceDBClusterSnapshotIdentifier=source,
            TargetDBClusterSnapshotIdentifier=target,
            KmsKeyId=self.key,
            CopyTags=True,
        )

    def in_progress(self) -> list[str]:
        """Return the names of the copies that are being made."""
        pages = self.away.get_paginator("describe_db_cluster_snapshots").paginate(SnapshotType="manual")
        snapshots = [each for page in pages for each in page["DBClusterSnapshots"]]
        return [each["DBClusterSnapshotIdentifier"] for each in snapshots if each["Status"] == "copying"]

    def wait_for(self, target: str) -> None:
        """Wait until a copy is available."""
        try:
            neptune_guard.waiter(self.away, "db_cluster_snapshot_available").wait(DBClusterSnapshotIdentifier=target)
        except WaiterError as problem:
            raise CopyFailedError(f"{target}: {problem}") from problem

    def recover(self, snapshot: str, cluster: str) -> str:
        """Restore a copy as a cluster that answers queries, and return its endpoint."""
        self.away.restore_db_cluster_from_snapshot(
            DBClusterIdentifier=cluster, SnapshotIdentifier=snapshot, Engine="neptune"
        )
        neptune_guard.waiter(self.away, "db_cluster_available").wait(DBClusterIdentifier=cluster)
        self.away.create_db_instance(
            DBInstanceIdentifier=f"{cluster}-1",
            DBInstanceClass="db.r6g.large",
            Engine="neptune",
            DBClusterIdentifier=cluster,
        )
        self.away.get_waiter("db_instance_available").wait(DBInstanceIdentifier=f"{cluster}-1")
        return self.away.describe_db_clusters(DBClusterIdentifier=cluster)["DBClusters"][0]["Endpoint"]


# ---------------------------------------------------------------------- its tests

LAST_NIGHT = datetime(2026, 3, 1, 4, 5, tzinfo=timezone.utc)


def seed(stub: NeptuneStub, created: datetime = LAST_NIGHT, status: str = "available") -> str:
    """Add an encrypted, automated snapshot of the cluster `graph`, and return what its copy is to be called."""
    name = f"graph-{created:%Y-%m-%d-%H-%M}"
    stub.add_snapshot(
        f"rds:{name}",
        HOME,
        cluster="graph",
        snapshot_type="automated",
        status=status,
        kms_key_id="alias/home",
        tags={"team": "graph"},
        created=created,
    )
    return name


@pytest.fixture
def copies(neptune_stub: NeptuneStub, neptune_session: boto3.Session) -> NightlyCopies:
    """The application as it is in production, but for whom it talks to."""
    return NightlyCopies(
        home=neptune_session.client("neptune", region_name=HOME),
        away=neptune_session.client("neptune", region_name=AWAY),
        key=neptune_stub.add_kms_key(AWAY, alias="dr"),
    )


def attempts(stub: NeptuneStub) -> list[str | None]:
    """Return how each request to copy ended: None for a success, else the code it was refused with."""
    return [call.error for call in stub.calls if call.operation == "CopyDBClusterSnapshot"]


def test_the_newest_snapshot_is_copied_under_the_key_of_the_other_region(
    copies: NightlyCopies, neptune_stub: NeptuneStub
) -> None:
    seed(neptune_stub, LAST_NIGHT - timedelta(days=1))
    name = seed(neptune_stub)
    seed(neptune_stub, LAST_NIGHT + timedelta(days=1), status="creating")

    assert copies.run("graph") == name

    [copy] = copies.away.describe_db_cluster_snapshots()["DBClusterSnapshots"]
    assert copy["Status"] == "available"
    assert copy["SourceDBClusterSnapshotArn"].endswith(f":us-east-1:123456789012:cluster-snapshot:rds:{name}")
    assert copy["KmsKeyId"] == copies.key
    assert copy["SnapshotCreateTime"] == LAST_NIGHT
    tags = copies.away.list_tags_for_resource(ResourceName=copy["DBClusterSnapshotArn"])["TagList"]
    assert tags == [{"Key": "team", "Value": "graph"}]


def test_the_source_region_is_filled_in(copies: NightlyCopies, neptune_stub: NeptuneStub) -> None:
    seed(neptune_stub)
    copies.run("graph")
    [request] = [call.params for call in neptune_stub.calls if call.operation == "CopyDBClusterSnapshot"]
    assert request["SourceRegion"] == HOME


def test_a_second_run_copies_nothing(copies: NightlyCopies, neptune_stub: NeptuneStub) -> None:
    seed(neptune_stub)
    assert copies.run("graph") == copies.run("graph")
    assert attempts(neptune_stub) == [None, "DBClusterSnapshotAlreadyExistsFault"]
    assert len(copies.away.describe_db_cluster_snapshots()["DBClusterSnapshots"]) == 1


@pytest.mark.neptune_stub(copy_duration=timedelta(hours=5))
def test_it_waits_until_the_copy_is_done(copies: NightlyCopies, neptune_stub: NeptuneStub) -> None:
    seed(neptune_stub)
    began = neptune_stub.clock.now()
    copies.run("graph")
    assert neptune_stub.clock.now() - began > timedelta(hours=5)


@pytest.mark.neptune_stub(cross_region_copy_quota=1, copy_duration=timedelta(hours=2))
def test_it_waits_for_another_copy_while_the_quota_is_full(copies: NightlyCopies, neptune_stub: NeptuneStub) -> None:
    other = neptune_stub.add_snapshot("by-hand", HOME, kms_key_id="alias/home")
    copies.begin(other["DBClusterSnapshotArn"], "by-hand")
    name = seed(neptune_stub)
    assert copies.run("graph") == name
    assert attempts(neptune_stub) == [None, "SnapshotQuotaExceeded", None]


@pytest.mark.neptune_stub(manual_snapshot_quota=0)
def test_a_quota_that_stays_full_is_reported(copies: NightlyCopies, neptune_stub: NeptuneStub) -> None:
    seed(neptune_stub)
    with pytest.raises(copies.away.exceptions.SnapshotQuotaExceededFault):
        copies.run("graph")
    assert attempts(neptune_stub) == ["SnapshotQuotaExceeded"] * 2


def test_throttling_is_left_to_boto3(copies: NightlyCopies, neptune_stub: NeptuneStub) -> None:
    name = seed(neptune_stub)
    neptune_stub.fail("CopyDBClusterSnapshot", "Throttling")
    assert copies.run("graph") == name
    assert attempts(neptune_stub) == ["Throttling", None]


def test_a_disabled_key_is_reported_at_once(copies: NightlyCopies, neptune_stub: NeptuneStub) -> None:
    seed(neptune_stub)
    copies.key = neptune_stub.add_kms_key(AWAY, enabled=False)
    with pytest.raises(copies.away.exceptions.KMSKeyNotAccessibleFault, match="is not enabled"):
        copies.run("graph")
    assert attempts(neptune_stub) == ["KMSKeyNotAccessibleFault"]


def test_a_key_of_the_wrong_region_does_not_leave_the_process(copies: NightlyCopies, neptune_stub: NeptuneStub) -> None:
    seed(neptune_stub)
    copies.key = neptune_stub.add_kms_key(HOME)
    with pytest.raises(ConstraintViolationError, match="kms-key-region"):
        copies.run("graph")
    assert attempts(neptune_stub) == []


@pytest.mark.neptune_stub(copy_duration=timedelta(hours=2))
def test_a_copy_that_fails_on_the_way_is_reported(copies: NightlyCopies, neptune_stub: NeptuneStub) -> None:
    source = neptune_stub.add_snapshot("taken-by-hand", HOME, kms_key_id="alias/home")
    copies.copy(source["DBClusterSnapshotArn"], "by-hand")
    copies.home.delete_db_cluster_snapshot(DBClusterSnapshotIdentifier="taken-by-hand")
    with pytest.raises(CopyFailedError, match=r'by-hand: .* "failed"'):
        copies.wait_for("by-hand")


def test_a_cluster_without_snapshots_is_reported(copies: NightlyCopies) -> None:
    with pytest.raises(CopyFailedError, match="graph has no automated snapshot"):
        copies.run("graph")


def test_a_copy_becomes_a_cluster_that_answers_queries(copies: NightlyCopies, neptune_stub: NeptuneStub) -> None:
    seed(neptune_stub)
    endpoint = copies.recover(copies.run("graph"), "graph")

    [cluster] = copies.away.describe_db_clusters()["DBClusters"]
    assert (cluster["Status"], cluster["Endpoint"], cluster["KmsKeyId"]) == ("available", endpoint, copies.key)
    assert [(each["DBInstanceIdentifier"], each["IsClusterWriter"]) for each in cluster["DBClusterMembers"]] == [
        ("graph-1", True)
    ]


def test_a_second_recovery_leaves_the_first_alone(copies: NightlyCopies, neptune_stub: NeptuneStub) -> None:
    seed(neptune_stub)
    copy = copies.run("graph")
    copies.recover(copy, "graph")
    with pytest.raises(copies.away.exceptions.DBClusterAlreadyExistsFault):
        copies.recover(copy, "graph")
    assert len(copies.away.describe_db_instances()["DBInstances"]) == 1
