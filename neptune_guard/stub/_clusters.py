"""Creating, restoring and deleting clusters."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from neptune_guard.stub import _lookup, _views
from neptune_guard.stub._faults import Fault
from neptune_guard.stub._lookup import Caller
from neptune_guard.stub._requests import validate_identifier, validate_key, validate_snapshot, validate_tags
from neptune_guard.stub._snapshots import available_cluster, refuse_disabled_key, snapshot_of

Params = Mapping[str, Any]
Answer = dict[str, Any]

SETTINGS = {
    "AvailabilityZones": "AvailabilityZones",
    "BackupRetentionPeriod": "BackupRetentionPeriod",
    "CopyTagsToSnapshot": "CopyTagsToSnapshot",
    "DatabaseName": "DatabaseName",
    "DBClusterParameterGroupName": "DBClusterParameterGroup",
    "DBSubnetGroupName": "DBSubnetGroup",
    "DeletionProtection": "DeletionProtection",
    "EnableCloudwatchLogsExports": "EnabledCloudwatchLogsExports",
    "EnableIAMDatabaseAuthentication": "IAMDatabaseAuthenticationEnabled",
    "EngineVersion": "EngineVersion",
    "NetworkType": "NetworkType",
    "Port": "Port",
    "PreferredBackupWindow": "PreferredBackupWindow",
    "PreferredMaintenanceWindow": "PreferredMaintenanceWindow",
    "ServerlessV2ScalingConfiguration": "ServerlessV2ScalingConfiguration",
    "StorageType": "StorageType",
}
"""Parameters of a new cluster and the member of its description that shows them."""


def create_db_cluster(caller: Caller, params: Params) -> Answer:
    """Create a cluster."""
    given = params.get("KmsKeyId")
    if given is not None and params.get("StorageEncrypted") is False:
        raise Fault("InvalidParameterCombination", "KmsKeyId cannot be specified with StorageEncrypted set to false.")
    key = None
    if given is not None or params.get("StorageEncrypted"):
        key = _given_key(caller, _lookup.DEFAULT_KEY_ALIAS if given is None else given)
    return _new_cluster(caller, params, key, {})


def _given_key(caller: Caller, given: str) -> str:
    validate_key(given, caller.region)
    return _lookup.usable_key(caller, given)


def restore_db_cluster_from_snapshot(caller: Caller, params: Params) -> Answer:
    """Create a cluster from a snapshot of the same Region; a key given here encrypts what was not encrypted."""
    given = params["SnapshotIdentifier"]
    validate_snapshot(given, caller.region, "SnapshotIdentifier")
    snapshot = _lookup.source(caller, given, caller.region)
    status = _views.state(snapshot, caller.now).status
    if status != "available":
        raise Fault(
            "InvalidDBClusterSnapshotStateFault",
            f"The cluster snapshot {snapshot.identifier} is {status}; a restore needs it to be available.",
        )
    key = snapshot.kms_key
    if key is not None:
        refuse_disabled_key(caller, key)
    if params.get("KmsKeyId") is not None:
        key = _given_key(caller, params["KmsKeyId"])
    inherited = {
        "EngineVersion": snapshot.engine_version,
        "IAMDatabaseAuthenticationEnabled": bool(snapshot.iam),
    }
    return _new_cluster(caller, params, key, inherited)


def _new_cluster(caller: Caller, params: Params, key: str | None, inherited: dict[str, Any]) -> Answer:
    identifier = params["DBClusterIdentifier"]
    validate_identifier(identifier, "DBClusterIdentifier")
    tags = params.get("Tags") or ()
    validate_tags(tags)
    if params["Engine"] != "neptune":
        raise Fault("InvalidParameterValue", f"Invalid DB engine: {params['Engine']}; Neptune's is neptune.")
    details = {shown: params[name] for name, shown in SETTINGS.items() if name in params}
    groups = params.get("VpcSecurityGroupIds")
    if groups is not None:
        details["VpcSecurityGroups"] = [{"VpcSecurityGroupId": group, "Status": "active"} for group in groups]
    row = _lookup.cluster_row(
        caller,
        identifier,
        kms_key=key,
        ready=caller.now + caller.settings.create_duration,
        details={**inherited, **details},
        tags=_lookup.tag_dict(tags),
    )
    if not caller.store.add_cluster(row):
        raise Fault("DBClusterAlreadyExistsFault", f"DB Cluster {row.identifier} already exists")
    starting = row._replace(ready=caller.now + 1)
    return {"DBCluster": _views.cluster_view(starting, caller.now)}


def delete_db_cluster(caller: Caller, params: Params) -> Answer:
    """Delete a cluster, with a final snapshot unless that is skipped."""
    skipped, final = params.get("SkipFinalSnapshot", False), params.get("FinalDBSnapshotIdentifier")
    cluster = available_cluster(caller, params["DBClusterIdentifier"])
    if json.loads(cluster.details)["DeletionProtection"]:
        raise Fault(
            "InvalidParameterCombination",
            f"The cluster {cluster.identifier} is protected; disable deletion protection and try again.",
        )
    if skipped == (final is not None):
        problem = (
            "cannot be specified with SkipFinalSnapshot" if skipped else "is required unless SkipFinalSnapshot is set"
        )
        raise Fault("InvalidParameterCombination", f"FinalDBSnapshotIdentifier {problem}.")
    if final is not None:
        validate_identifier(final, "FinalDBSnapshotIdentifier")
        snapshot_of(caller, cluster, final, {})
    caller.store.remove_cluster(cluster)
    return {"DBCluster": {**_views.cluster_view(cluster, caller.now), "Status": "deleting"}}
