"""Stored clusters, snapshots and keys as the service shows them."""

from __future__ import annotations

import json
from typing import Any, NamedTuple

from neptune_guard._arn import SnapshotArn, partition_of
from neptune_guard.stub._clock import moment
from neptune_guard.stub._rows import Cluster, Snapshot

ZONES = ("a", "b", "c")
VPC = "vpc-0a1b2c3d4e5f60718"
_HOSTED_ZONE = "ZUFXD4SLT2LS7"


class State(NamedTuple):
    """What the clock makes of a stored cluster or snapshot."""

    status: str
    progress: int


def state(snapshot: Snapshot, now: int) -> State:
    """Return a snapshot's status and progress; nothing happens in the background, both follow from the time."""
    if snapshot.status is not None:
        return State(snapshot.status, snapshot.progress)
    # What took no time has always been available, also where the clock was moved back since.
    if now >= snapshot.ready or snapshot.ready <= snapshot.started:
        return State("available", 100)
    done = max(0, now - snapshot.started) * 100 // (snapshot.ready - snapshot.started)
    return State(snapshot.phase, done)


def cluster_status(cluster: Cluster, now: int) -> str:
    """Return a cluster's status."""
    return "available" if now >= cluster.ready or cluster.ready <= cluster.created else "creating"


def snapshot_arn(snapshot: Snapshot) -> str:
    """Return a snapshot's ARN."""
    return str(SnapshotArn(partition(snapshot.region), snapshot.region, snapshot.account_id, snapshot.identifier))


def cluster_arn(cluster: Cluster) -> str:
    """Return a cluster's ARN."""
    return f"{cluster_arn_prefix(cluster.region, cluster.account_id)}{cluster.identifier}"


def cluster_arn_prefix(region: str, account_id: str) -> str:
    """Return what the ARNs of an account's clusters in a Region begin with."""
    return f"arn:{partition(region)}:rds:{region}:{account_id}:cluster:"


def kms_arn(region: str, account_id: str, resource: str) -> str:
    """Return the ARN of a key (`key/...`) or an alias (`alias/...`)."""
    return f"arn:{partition(region)}:kms:{region}:{account_id}:{resource}"


def partition(region: str) -> str:
    """Return a Region's partition; one that botocore's data cannot place counts as the commercial one's."""
    return partition_of(region) or "aws"


def zones(region: str) -> list[str]:
    """Return the names of a Region's zones."""
    return [region + zone for zone in ZONES]


def snapshot_view(snapshot: Snapshot, shown: State, kind: str | None = None) -> dict[str, Any]:
    """Return a snapshot as botocore parses it, with the fields that recordings have and without those they lack.

    Args:
        snapshot: The stored snapshot.
        shown: Its status and progress.
        kind: `shared` or `public` where another account looks at it; it then carries its ARN as identifier.
    """
    arn = snapshot_arn(snapshot)
    view = {
        "AvailabilityZones": zones(snapshot.region),
        "DBClusterSnapshotIdentifier": arn if kind else snapshot.identifier,
        "DBClusterIdentifier": snapshot.cluster,
        "SnapshotCreateTime": moment(snapshot.created),
        "Engine": "neptune",
        "AllocatedStorage": 0,
        "Status": shown.status,
        "Port": 0,
        "VpcId": VPC,
        "ClusterCreateTime": moment(snapshot.cluster_created),
        "EngineVersion": snapshot.engine_version,
        "LicenseModel": "neptune",
        "SnapshotType": kind or snapshot.type,
        "PercentProgress": shown.progress,
        "StorageEncrypted": snapshot.kms_key is not None,
        "DBClusterSnapshotArn": arn,
        "IAMDatabaseAuthenticationEnabled": bool(snapshot.iam),
    }
    if snapshot.kms_key is not None:
        view["KmsKeyId"] = snapshot.kms_key
    if snapshot.source_arn is not None:
        view["SourceDBClusterSnapshotArn"] = snapshot.source_arn
    return view


def cluster_view(cluster: Cluster, now: int) -> dict[str, Any]:
    """Return a cluster as botocore parses it."""
    host = f"{cluster.identifier}.cluster-stub.{cluster.region}.neptune.amazonaws.com"
    status = cluster_status(cluster, now)
    view = {
        "AllocatedStorage": 1,
        "AvailabilityZones": zones(cluster.region),
        "BackupRetentionPeriod": 1,
        "DBClusterIdentifier": cluster.identifier,
        "DBClusterParameterGroup": "default.neptune1.4",
        "DBSubnetGroup": "default",
        "Status": status,
        "EarliestRestorableTime": moment(cluster.created),
        "Endpoint": host,
        "ReaderEndpoint": host.replace(".cluster-", ".cluster-ro-"),
        "MultiAZ": False,
        "Engine": "neptune",
        "LatestRestorableTime": moment(max(now, cluster.created)),
        "PreferredBackupWindow": "03:00-03:30",
        "PreferredMaintenanceWindow": "sun:05:00-sun:05:30",
        "ReadReplicaIdentifiers": [],
        "DBClusterMembers": [],
        "VpcSecurityGroups": [],
        "HostedZoneId": _HOSTED_ZONE,
        "StorageEncrypted": cluster.kms_key is not None,
        "DbClusterResourceId": f"cluster-{cluster.created:X}",
        "DBClusterArn": cluster_arn(cluster),
        "AssociatedRoles": [],
        "ClusterCreateTime": moment(cluster.created),
        **json.loads(cluster.details),
    }
    if cluster.kms_key is not None:
        view["KmsKeyId"] = cluster.kms_key
    return view


def key_view(arn: str, enabled: bool, created: int) -> dict[str, Any]:
    """Return a KMS key as botocore parses KMS's DescribeKey."""
    account_id, resource = arn.split(":", 5)[4:]
    return {
        "AWSAccountId": account_id,
        "KeyId": resource.removeprefix("key/"),
        "Arn": arn,
        "CreationDate": moment(created),
        "Enabled": enabled,
        "Description": "",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeyState": "Enabled" if enabled else "Disabled",
        "Origin": "AWS_KMS",
        "KeyManager": "CUSTOMER",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
        "MultiRegion": resource.startswith("key/mrk-"),
    }


def tag_list(tags: str) -> list[dict[str, str]]:
    """Return stored tags as the service lists them."""
    return [{"Key": key} if value is None else {"Key": key, "Value": value} for key, value in json.loads(tags).items()]
