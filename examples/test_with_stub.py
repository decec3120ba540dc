"""The test suite of an application that copies every night's snapshot to another Region.

Run it with `pytest examples/test_with_stub.py`. No account, no network and no waiting: `neptune_stub` and
`neptune_session` come with neptune_guard, and the copies take their hour on the stub's clock.
"""

import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any

import boto3
import pytest

from neptune_guard.exceptions import ConstraintViolationError
from neptune_guard.stub import NeptuneStub

HOME, AWAY = "us-east-1", "us-west-2"

# ---------------------------------------------------------------------- the application, in real life its own module


class CopyFailedError(Exception):
    """A copy did not come to its end."""


@dataclass
class NightlyCopies:
    """Keeps the newest automated snapshot of a cluster in a second Region, under a key of that Region."""

    home: Any
    away: Any
    key: str
    wait: Callable[[float], None] = time.sleep
    patience: int = 4

    def run(self, cluster: str) -> str:
        """Copy the newest snapshot where that has not been done, and return the copy's name."""
        source = self.newest(cluster)
        target = str(source["DBClusterSnapshotIdentifier"]).removeprefix("rds:")
        begun = self.away.exceptions.DBClusterSnapshotAlreadyExistsFault
        with contextlib.suppress(begun):  # by an earlier run
            self.copy(source["DBClusterSnapshotArn"], target)
        self.wait_for(target)
        return target

    def newest(self, cluster: str) -> dict[str, Any]:
        """Return the newest automated snapshot that is ready."""
        pages = self.home.get_paginator("describe_db_cluster_snapshots").paginate(
            DBClusterIdentifier=cluster, SnapshotType="automated"
        )
        ready = [each for page in pages for each in page["DBClusterSnapshots"] if each["Status"] == "available"]
        if not ready:
            raise CopyFailedError(f"{cluster} has no automated snapshot")
        return max(ready, key=lambda each: each["SnapshotCreateTime"])

    def copy(self, source: str, target: str) -> None:
        """Begin the copy; while the quota is used up, try again every quarter of an hour."""
        for attempt in range(1, self.patience + 1):
            try:
                self.away.copy_db_cluster_snapshot(
                    SourceDBClusterSnapshotIdentifier=source,
                    TargetDBClusterSnapshotIdentifier=target,
                    KmsKeyId=self.key,
                    CopyTags=True,
                )
                return
            except self.away.exceptions.SnapshotQuotaExceededFault:
                if attempt == self.patience:
                    raise
                self.wait(15 * 60)

    def wait_for(self, target: str) -> None:
        """Wait until the copy is available; there is no waiter for it in boto3."""
        while (status := self.status(target)) == "copying":
            self.wait(60)
        if status != "available":
            raise CopyFailedError(f"{target} is {status}")

    def status(self, target: str) -> str:
        """Return what the copy's status is now."""
        found = self.away.describe_db_cluster_snapshots(DBClusterSnapshotIdentifier=target)
        return str(found["DBClusterSnapshots"][0]["Status"])


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
def waits() -> list[float]:
    """The pauses that the application made, in seconds."""
    return []


@pytest.fixture
def copies(neptune_stub: NeptuneStub, neptune_session: boto3.Session, waits: list[float]) -> NightlyCopies:
    """The application as it is in production, but for whom it talks to and how it waits."""
    neptune_stub.clock.freeze()

    def wait(seconds: float) -> None:
        waits.append(seconds)
        neptune_stub.clock.advance(seconds=seconds)

    return NightlyCopies(
        home=neptune_session.client("neptune", region_name=HOME),
        away=neptune_session.client("neptune", region_name=AWAY),
        key=neptune_stub.add_kms_key(AWAY, alias="dr"),
        wait=wait,
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


@pytest.mark.neptune_stub(copy_duration=timedelta(minutes=40))
def test_it_waits_until_the_copy_is_done(copies: NightlyCopies, neptune_stub: NeptuneStub, waits: list[float]) -> None:
    seed(neptune_stub)
    began = neptune_stub.clock.now()
    copies.run("graph")
    assert waits == [60] * 40
    assert neptune_stub.clock.now() - began == timedelta(minutes=40)


def test_it_tries_again_while_the_quota_is_used_up(
    copies: NightlyCopies, neptune_stub: NeptuneStub, waits: list[float]
) -> None:
    name = seed(neptune_stub)
    neptune_stub.fail("CopyDBClusterSnapshot", "SnapshotQuotaExceeded", times=2)
    assert copies.run("graph") == name
    assert attempts(neptune_stub) == ["SnapshotQuotaExceeded", "SnapshotQuotaExceeded", None]
    assert waits == [900, 900]


@pytest.mark.neptune_stub(manual_snapshot_quota=0)
def test_it_gives_up_in_the_end(copies: NightlyCopies, neptune_stub: NeptuneStub, waits: list[float]) -> None:
    seed(neptune_stub)
    with pytest.raises(copies.away.exceptions.SnapshotQuotaExceededFault):
        copies.run("graph")
    assert attempts(neptune_stub) == ["SnapshotQuotaExceeded"] * 4
    assert len(waits) == 3


def test_throttling_is_left_to_boto3(copies: NightlyCopies, neptune_stub: NeptuneStub, waits: list[float]) -> None:
    name = seed(neptune_stub)
    neptune_stub.fail("DescribeDBClusterSnapshots", "Throttling")
    assert copies.run("graph") == name
    assert waits == []


def test_a_disabled_key_is_no_matter_of_patience(
    copies: NightlyCopies, neptune_stub: NeptuneStub, waits: list[float]
) -> None:
    seed(neptune_stub)
    copies.key = neptune_stub.add_kms_key(AWAY, enabled=False)
    with pytest.raises(copies.away.exceptions.KMSKeyNotAccessibleFault, match="is not enabled"):
        copies.run("graph")
    assert waits == []


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
    with pytest.raises(CopyFailedError, match="by-hand is failed"):
        copies.wait_for("by-hand")


def test_a_cluster_without_snapshots_is_reported(copies: NightlyCopies) -> None:
    with pytest.raises(CopyFailedError, match="graph has no automated snapshot"):
        copies.run("graph")
