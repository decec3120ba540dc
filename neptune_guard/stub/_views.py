"""Stored clusters, instances, snapshots and keys as the service shows them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from neptune_guard._arn import Arn, make, partition_of
from neptune_guard.stub._clock import as_datetime
from neptune_guard.stub._tables import DEFAULT_ENGINE_VERSION, DEFAULT_PORT, Cluster, Instance, Key, Snapshot

ZONES = ("a", "b", "c")
VPC = "vpc-0a1b2c3d4e5f60718"
SUBNETS = ("subnet-0a1b2c3d4e5f60718", "subnet-1a1b2c3d4e5f60718", "subnet-2a1b2c3d4e5f60718")
SECURITY_GROUP = "sg-0a1b2c3d4e5f60718"
_HOSTED_ZONE = "ZUFXD4SLT2LS7"

_DAY = 24 * 60 * 60 * 1_000_000


class Shown(NamedTuple):
    """Status and progress of a snapshot at a moment."""

    status: str
    progress: int


def shown(snapshot: Snapshot, now: int) -> Shown:
    """Return a snapshot's status and progress; nothing happens in the background, both follow from the time."""
    if snapshot.status is not None:
        return Shown(snapshot.status, snapshot.progress)
    # A snapshot that took no time has always been available, even if the clock was moved back since.
    if now >= snapshot.ready or snapshot.ready <= snapshot.started:
        return Shown("available", 100)
    done = max(0, now - snapshot.started) * 100 // (snapshot.ready - snapshot.started)
    return Shown(snapshot.phase, done)


def is_going(resource: Cluster | Instance) -> bool:
    """Tell whether a cluster or an instance is being deleted, or was added that way."""
    return resource.gone is not None or resource.status == "deleting"


def cluster_status(resource: Cluster | Instance, now: int) -> str:
    """Return the status of a cluster or an instance."""
    if is_going(resource):
        return "deleting"
    if resource.status is not None:
        return resource.status
    return "available" if now >= resource.ready or resource.ready <= resource.created else "creating"


# ---------------------------------------------------------------------- ARNs


def arn(region: str, account_id: str, resource: str, service: str = "rds") -> str:
    """Return the ARN of a resource such as `cluster:graph`."""
    return str(make(region, account_id, resource, service))


def snapshot_arn(snapshot: Snapshot) -> str:
    """Return a snapshot's ARN."""
    return arn(snapshot.region, snapshot.account_id, f"cluster-snapshot:{snapshot.identifier}")


def kms_arn(region: str, account_id: str, resource: str) -> str:
    """Return the ARN of a key (`key/...`) or an alias (`alias/...`)."""
    return arn(region, account_id, resource, "kms")


def identity_view(account_id: str, region: str) -> dict[str, str]:
    """Return who calls, as STS GetCallerIdentity answers."""
    arn = Arn(partition(region), "iam", "", account_id, "user/stub")
    return {"UserId": "AIDASTUB", "Account": account_id, "Arn": str(arn)}


def partition(region: str) -> str:
    """Return a Region's partition; one that botocore's data cannot place counts as the commercial one's."""
    return partition_of(region) or "aws"


def zones(region: str) -> list[str]:
    """Return the names of a Region's zones."""
    return [region + zone for zone in ZONES]


# ---------------------------------------------------------------------- snapshots


def snapshot_view(snapshot: Snapshot, shown: Shown, kind: str | None = None) -> dict[str, Any]:
    """Return a snapshot as botocore parses it, with the fields that recordings have and without those they lack.

    Args:
        snapshot: The stored snapshot.
        shown: Its status and progress.
        kind: `shared` or `public` if another account looks at it; it then carries its ARN as identifier.
    """
    arn = snapshot_arn(snapshot)
    # The outputs in DocumentDB's guide have neither zones nor a VPC while a copy crosses Regions.
    crossing = snapshot.crossing and shown.status == "copying"
    view = {
        "AvailabilityZones": [] if crossing else zones(snapshot.region),
        "DBClusterSnapshotIdentifier": arn if kind else snapshot.identifier,
        "DBClusterIdentifier": snapshot.cluster,
        "SnapshotCreateTime": as_datetime(snapshot.created),
        "Engine": "neptune",
        "AllocatedStorage": 0,
        "Status": shown.status,
        "Port": 0,
        "ClusterCreateTime": as_datetime(snapshot.cluster_created),
        "EngineVersion": snapshot.engine_version,
        "LicenseModel": "neptune",
        "SnapshotType": kind or snapshot.type,
        "PercentProgress": shown.progress,
        "StorageEncrypted": snapshot.kms_key is not None,
        "DBClusterSnapshotArn": arn,
        "IAMDatabaseAuthenticationEnabled": bool(snapshot.iam),
    }
    if not crossing:
        view["VpcId"] = VPC
    if snapshot.kms_key is not None:
        view["KmsKeyId"] = snapshot.kms_key
    if snapshot.source_arn is not None:
        view["SourceDBClusterSnapshotArn"] = snapshot.source_arn
    if snapshot.storage_type is not None:
        view["StorageType"] = snapshot.storage_type
    return view


# ---------------------------------------------------------------------- clusters


def cluster_details(cluster: Cluster) -> dict[str, Any]:
    """Return what a cluster was given, and the service's defaults for what it was not."""
    details: dict[str, Any] = {
        "AvailabilityZones": zones(cluster.region),
        "BackupRetentionPeriod": 1,
        "CopyTagsToSnapshot": False,
        "DBSubnetGroup": "default",
        "DeletionProtection": False,
        "EngineVersion": DEFAULT_ENGINE_VERSION,
        "IAMDatabaseAuthenticationEnabled": False,
        "Port": DEFAULT_PORT,
        "PreferredBackupWindow": "03:00-03:30",
        "PreferredMaintenanceWindow": "sun:05:00-sun:05:30",
        "VpcSecurityGroups": security_groups([SECURITY_GROUP]),
        **json.loads(cluster.details),
    }
    details.setdefault("DBClusterParameterGroup", default_parameter_group(details["EngineVersion"]))
    return details


def security_groups(identifiers: Sequence[str]) -> list[dict[str, str]]:
    """Return security groups as a cluster or instance shows them."""
    return [{"VpcSecurityGroupId": each, "Status": "active"} for each in identifiers]


def default_parameter_group(engine_version: str) -> str:
    """Return the parameter group of a new cluster or instance, by its engine version.

    Versions before 1.2 share the family neptune1; since then each minor version has its own.
    """
    minor = ".".join(engine_version.split(".")[:2])
    return f"default.neptune{'1' if minor in ('1.0', '1.1') else minor}"


def restorable_times(cluster: Cluster, now: int) -> tuple[int, int]:
    """Return the earliest and the latest moment that a cluster can be restored to."""
    retention = cluster_details(cluster)["BackupRetentionPeriod"] * _DAY
    return max(cluster.created, now - retention), max(now, cluster.created)


def cluster_view(cluster: Cluster, members: Sequence[Instance], now: int) -> dict[str, Any]:
    """Return a cluster as botocore parses it."""
    host = f"{cluster.identifier}.cluster-stub.{cluster.region}.neptune.amazonaws.com"
    earliest, latest = restorable_times(cluster, now)
    view = {
        "AllocatedStorage": 1,
        "DBClusterIdentifier": cluster.identifier,
        "Status": cluster_status(cluster, now),
        "EarliestRestorableTime": as_datetime(earliest),
        "Endpoint": host,
        "ReaderEndpoint": host.replace(".cluster-", ".cluster-ro-"),
        "MultiAZ": len(members) > 1,
        "Engine": "neptune",
        "LatestRestorableTime": as_datetime(latest),
        "ReadReplicaIdentifiers": [],
        "DBClusterMembers": _members(members),
        "HostedZoneId": _HOSTED_ZONE,
        "StorageEncrypted": cluster.kms_key is not None,
        "DbClusterResourceId": cluster.resource_id,
        "DBClusterArn": arn(cluster.region, cluster.account_id, f"cluster:{cluster.identifier}"),
        "AssociatedRoles": [],
        "ClusterCreateTime": as_datetime(cluster.created),
        **cluster_details(cluster),
    }
    if cluster.kms_key is not None:
        view["KmsKeyId"] = cluster.kms_key
    return view


def _members(members: Sequence[Instance]) -> list[dict[str, Any]]:
    """Return the writer and the readers of a cluster; the oldest instance that is not being deleted writes."""
    writer = next((each.number for each in members if not is_going(each)), None)
    return [
        {
            "DBInstanceIdentifier": each.identifier,
            "IsClusterWriter": each.number == writer,
            "DBClusterParameterGroupStatus": "in-sync",
            "PromotionTier": json.loads(each.details).get("PromotionTier", 1),
        }
        for each in members
    ]


# ---------------------------------------------------------------------- instances


def instance_view(instance: Instance, cluster: Cluster, now: int) -> dict[str, Any]:
    """Return an instance as botocore parses it; storage, port and encryption are its cluster's."""
    shared, own = cluster_details(cluster), json.loads(instance.details)
    status = cluster_status(instance, now)
    group = own.pop("DBParameterGroupName", default_parameter_group(shared["EngineVersion"]))
    view = {
        "DBInstanceIdentifier": instance.identifier,
        "Engine": "neptune",
        "DBInstanceStatus": status,
        "AllocatedStorage": 1,
        "InstanceCreateTime": as_datetime(instance.created),
        "PreferredBackupWindow": shared["PreferredBackupWindow"],
        "BackupRetentionPeriod": shared["BackupRetentionPeriod"],
        "DBSecurityGroups": [],
        "VpcSecurityGroups": shared["VpcSecurityGroups"],
        "DBParameterGroups": [{"DBParameterGroupName": group, "ParameterApplyStatus": "in-sync"}],
        "AvailabilityZone": zones(instance.region)[0],
        "DBSubnetGroup": subnet_group_view(instance.region, instance.account_id, shared["DBSubnetGroup"]),
        "PreferredMaintenanceWindow": shared["PreferredMaintenanceWindow"],
        "PendingModifiedValues": {},
        "MultiAZ": False,
        "EngineVersion": shared["EngineVersion"],
        "AutoMinorVersionUpgrade": True,
        "ReadReplicaDBInstanceIdentifiers": [],
        "LicenseModel": "amazon-license",
        "PubliclyAccessible": False,
        "StorageType": "aurora",
        "DbInstancePort": 0,
        "DBClusterIdentifier": instance.cluster,
        "StorageEncrypted": cluster.kms_key is not None,
        "DbiResourceId": instance.resource_id,
        "CACertificateIdentifier": "rds-ca-rsa2048-g1",
        "DomainMemberships": [],
        "CopyTagsToSnapshot": False,
        "MonitoringInterval": 0,
        "PromotionTier": 1,
        "DBInstanceArn": arn(instance.region, instance.account_id, f"db:{instance.identifier}"),
        "IAMDatabaseAuthenticationEnabled": shared["IAMDatabaseAuthenticationEnabled"],
        "DeletionProtection": False,
        **own,
    }
    if status != "creating":
        host = f"{instance.identifier}.stub.{instance.region}.neptune.amazonaws.com"
        view["Endpoint"] = {"Address": host, "Port": shared["Port"], "HostedZoneId": _HOSTED_ZONE}
    if cluster.kms_key is not None:
        view["KmsKeyId"] = cluster.kms_key
    return view


def subnet_group_view(region: str, account_id: str, name: str) -> dict[str, Any]:
    """Return a subnet group as DescribeDBSubnetGroups and instances show it."""
    subnets = zip(SUBNETS, zones(region), strict=True)
    return {
        "DBSubnetGroupName": name,
        "DBSubnetGroupDescription": "default",
        "VpcId": VPC,
        "SubnetGroupStatus": "Complete",
        "Subnets": [
            {"SubnetIdentifier": subnet, "SubnetAvailabilityZone": {"Name": zone}, "SubnetStatus": "Active"}
            for subnet, zone in subnets
        ],
        "DBSubnetGroupArn": arn(region, account_id, f"subgrp:{name}"),
    }


# ---------------------------------------------------------------------- keys and tags


def key_view(key: Key) -> dict[str, Any]:
    """Return a KMS key as botocore parses KMS's DescribeKey."""
    account_id, resource = key.arn.split(":", 5)[4:]
    return {
        "AWSAccountId": account_id,
        "KeyId": resource.removeprefix("key/"),
        "Arn": key.arn,
        "CreationDate": as_datetime(key.created),
        "Enabled": bool(key.enabled),
        "Description": "",
        "KeyUsage": "ENCRYPT_DECRYPT",
        "KeyState": "Enabled" if key.enabled else "Disabled",
        "Origin": "AWS_KMS",
        "KeyManager": "CUSTOMER",
        "KeySpec": "SYMMETRIC_DEFAULT",
        "EncryptionAlgorithms": ["SYMMETRIC_DEFAULT"],
        "MultiRegion": resource.startswith("key/mrk-"),
    }


def tag_list(tags: str) -> list[dict[str, str]]:
    """Return stored tags as the service lists them."""
    return [{"Key": key} if value is None else {"Key": key, "Value": value} for key, value in json.loads(tags).items()]
