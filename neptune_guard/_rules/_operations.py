"""The operations that the guard knows: for each its services and its relations; its schema document has its name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from neptune_guard._rules import (
    capacities,
    clusters,
    exclusive,
    instances,
    keys,
    listing,
    points_in_time,
    regions,
    resources,
    sharing,
    snapshots,
    tags,
    urls,
    windows,
)
from neptune_guard._rules._relation import Relation

NEPTUNE = ("neptune",)


class Guarded(NamedTuple):
    """An operation whose requests are checked.

    Attributes:
        relations: What to ask about a parameter that is given, by its name; under `""` what to ask about every request.
        services: The services on whose clients it is guarded.
    """

    relations: Mapping[str, tuple[Relation, ...]]
    services: tuple[str, ...] = NEPTUNE


_TAGS = {"Tags": (tags.tags,)}
_CLUSTER = {"DBClusterIdentifier": (regions.own_region,)}
_RESOURCE = {"ResourceName": (regions.own_region, resources.resource)}
_WINDOWS = {
    "PreferredBackupWindow": (windows.window,),
    "PreferredMaintenanceWindow": (windows.window, windows.both_windows),
}
_CAPACITIES = {"ServerlessV2ScalingConfiguration": (capacities.capacities, capacities.serverless_version)}
_STORAGE = {"StorageType": (clusters.storage_type,)}

GUARDED: dict[str, Guarded] = {
    "CopyDBClusterSnapshot": Guarded(
        {
            "SourceDBClusterSnapshotIdentifier": (snapshots.source_of_copy,),
            "KmsKeyId": (keys.key,),
            "PreSignedUrl": (urls.pre_signed_url,),
            "SourceRegion": (regions.source_region,),
            "CopyTags": (tags.copy_tags,),
            **_TAGS,
        },
        services=("neptune", "rds", "docdb"),
    ),
    "CreateDBClusterSnapshot": Guarded({**_CLUSTER, **_TAGS}),
    "DeleteDBClusterSnapshot": Guarded(
        {
            "DBClusterSnapshotIdentifier": (
                snapshots.placed_snapshot,
                regions.own_region,
                snapshots.manual_snapshot,
            )
        }
    ),
    "DescribeDBClusterSnapshots": Guarded(
        {
            "DBClusterIdentifier": (regions.own_region, exclusive.parameters),
            "DBClusterSnapshotIdentifier": (snapshots.placed_snapshot, regions.own_region, listing.automated),
            "SnapshotType": (listing.snapshot_type,),
            "IncludeShared": (listing.included,),
            "IncludePublic": (listing.included,),
        }
    ),
    "ModifyDBClusterSnapshotAttribute": Guarded(
        {
            "": (sharing.anything,),
            "DBClusterSnapshotIdentifier": (
                snapshots.placed_snapshot,
                regions.own_region,
                snapshots.manual_snapshot,
            ),
            "ValuesToAdd": (sharing.added,),
            "ValuesToRemove": (sharing.removed,),
        }
    ),
    "DescribeDBClusterSnapshotAttributes": Guarded(
        {
            "DBClusterSnapshotIdentifier": (
                snapshots.placed_snapshot,
                regions.own_region,
                snapshots.manual_snapshot,
            )
        }
    ),
    "RestoreDBClusterFromSnapshot": Guarded(
        {
            "AvailabilityZones": (clusters.zones,),
            "SnapshotIdentifier": (snapshots.restored_snapshot, regions.own_region),
            "KmsKeyId": (keys.key,),
            **_TAGS,
            **_CAPACITIES,
            **_STORAGE,
        }
    ),
    "RestoreDBClusterToPointInTime": Guarded(
        {
            "": (points_in_time.any_time,),
            "SourceDBClusterIdentifier": (points_in_time.source_cluster, regions.own_region),
            "RestoreToTime": (points_in_time.restore_time, exclusive.parameters),
            "KmsKeyId": (keys.key,),
            "ServerlessV2ScalingConfiguration": (capacities.capacities,),
            **_TAGS,
        }
    ),
    "DeleteDBCluster": Guarded(
        {"": (clusters.final_snapshot,), "FinalDBSnapshotIdentifier": (exclusive.parameters,), **_CLUSTER}
    ),
    "AddTagsToResource": Guarded({**_RESOURCE, **_TAGS}),
    "RemoveTagsFromResource": Guarded(_RESOURCE),
    "ListTagsForResource": Guarded(_RESOURCE),
    "CreateDBCluster": Guarded(
        {
            "AvailabilityZones": (clusters.zones,),
            "KmsKeyId": (keys.key, clusters.key_of_cluster),
            "SourceRegion": (regions.source_region_of_replica,),
            **_TAGS,
            **_WINDOWS,
            **_CAPACITIES,
            **_STORAGE,
        }
    ),
    "ModifyDBCluster": Guarded(
        {
            "CloudwatchLogsExportConfiguration": (clusters.log_types,),
            "AllowMajorVersionUpgrade": (clusters.upgrade,),
            "DBInstanceParameterGroupName": (clusters.group_of_upgrade,),
            **_CLUSTER,
            **_WINDOWS,
            **_CAPACITIES,
            **_STORAGE,
        }
    ),
    "CreateDBInstance": Guarded(
        {
            "AvailabilityZone": (clusters.zone, exclusive.parameters),
            "PreferredMaintenanceWindow": (windows.window,),
            "KmsKeyId": (keys.key,),
            "MonitoringInterval": (instances.interval,),
            "MonitoringRoleArn": (instances.role,),
            **_CLUSTER,
            **_TAGS,
        }
    ),
}
