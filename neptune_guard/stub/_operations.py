"""The API operations that the stub knows.

What is documented, recorded or inferred about each is listed in docs/stub.md.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from neptune_guard._request import PARAMETERS
from neptune_guard.stub import _clusters, _describe, _snapshots, _tags
from neptune_guard.stub._lookup import Caller

Params = Mapping[str, Any]
Answer = dict[str, Any]


class Operation(NamedTuple):
    """An operation that the stub knows, every parameter that it reads, and those that it cannot do without."""

    run: Callable[[Caller, Params], Answer]
    parameters: frozenset[str]
    required: tuple[str, ...]


def _operation(run: Callable[[Caller, Params], Answer], required: str, optional: str = "") -> Operation:
    return Operation(run, frozenset(f"{required} {optional}".split()), tuple(required.split()))


_CLUSTER_PARAMETERS = " ".join([*_clusters.SETTINGS, "KmsKeyId Tags VpcSecurityGroupIds"])
OPERATIONS: Mapping[str, Operation] = {
    "AddTagsToResource": _operation(_tags.add_tags_to_resource, "ResourceName Tags"),
    # What a copy cannot do without is a rule's affair.
    "CopyDBClusterSnapshot": _operation(_snapshots.copy_db_cluster_snapshot, "", " ".join(PARAMETERS)),
    "CreateDBCluster": _operation(
        _clusters.create_db_cluster, "DBClusterIdentifier Engine", f"{_CLUSTER_PARAMETERS} StorageEncrypted"
    ),
    "CreateDBClusterSnapshot": _operation(
        _snapshots.create_db_cluster_snapshot, "DBClusterSnapshotIdentifier DBClusterIdentifier", "Tags"
    ),
    "DeleteDBCluster": _operation(
        _clusters.delete_db_cluster, "DBClusterIdentifier", "SkipFinalSnapshot FinalDBSnapshotIdentifier"
    ),
    "DeleteDBClusterSnapshot": _operation(_snapshots.delete_db_cluster_snapshot, "DBClusterSnapshotIdentifier"),
    "DescribeDBClusterSnapshotAttributes": _operation(
        _snapshots.describe_db_cluster_snapshot_attributes, "DBClusterSnapshotIdentifier"
    ),
    "DescribeDBClusterSnapshots": _operation(
        _describe.describe_db_cluster_snapshots,
        "",
        "DBClusterIdentifier DBClusterSnapshotIdentifier SnapshotType Filters MaxRecords Marker "
        "IncludeShared IncludePublic",
    ),
    "DescribeDBClusters": _operation(
        _describe.describe_db_clusters, "", "DBClusterIdentifier Filters MaxRecords Marker"
    ),
    "ListTagsForResource": _operation(_tags.list_tags_for_resource, "ResourceName", "Filters"),
    "ModifyDBClusterSnapshotAttribute": _operation(
        _snapshots.modify_db_cluster_snapshot_attribute,
        "DBClusterSnapshotIdentifier AttributeName",
        "ValuesToAdd ValuesToRemove",
    ),
    "RemoveTagsFromResource": _operation(_tags.remove_tags_from_resource, "ResourceName TagKeys"),
    "RestoreDBClusterFromSnapshot": _operation(
        _clusters.restore_db_cluster_from_snapshot,
        "DBClusterIdentifier SnapshotIdentifier Engine",
        _CLUSTER_PARAMETERS,
    ),
}
