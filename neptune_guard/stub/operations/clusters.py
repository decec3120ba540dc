"""Creating and deleting clusters."""

from __future__ import annotations

from typing import Any

from neptune_guard.stub import _lookups, _views
from neptune_guard.stub._caller import Caller
from neptune_guard.stub._faults import Fault
from neptune_guard.stub._operation import Answer, Params, operation
from neptune_guard.stub._tables import Cluster, Instance, Page
from neptune_guard.stub.operations.snapshots import remove_snapshot, snapshot_of

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
"""Parameters of a cluster and the member of its description that shows them."""
_OPTIONAL = " ".join(SETTINGS) + " KmsKeyId Tags VpcSecurityGroupIds OptionGroupName"


@operation(
    required="DBClusterIdentifier Engine",
    optional=f"{_OPTIONAL} StorageEncrypted CharacterSetName MasterUsername MasterUserPassword",
)
def create_db_cluster(caller: Caller, params: Params) -> Answer:
    """Create a cluster, `creating` for `create_duration`. DBClusterMembers has the writer and the readers."""
    given, encrypted = params.get("KmsKeyId"), params.get("StorageEncrypted")
    if given is not None and encrypted is False:
        raise Fault("InvalidParameterCombination", "KmsKeyId cannot be specified with StorageEncrypted set to false.")
    key = None
    if given is not None:
        key = _lookups.usable_key(caller, given)
    elif encrypted:
        key = _lookups.usable_key(caller, _lookups.DEFAULT_KEY_ALIAS)
    return store_cluster(caller, params, key, {})


def store_cluster(caller: Caller, params: Params, key: str | None, inherited: dict[str, Any]) -> Answer:
    """Store a new cluster and answer with it as it is at the very start.

    Args:
        caller: Whose it is.
        params: The parameters of the request that makes it.
        key: The ARN of its key, None if it is not encrypted.
        inherited: What it takes over from a snapshot or another cluster, as its description shows it.

    Raises:
        Fault: The name is taken.
    """
    row = _lookups.new_cluster(
        caller,
        params["DBClusterIdentifier"],
        duration=caller.settings.create_duration,
        kms_key=key,
        details=with_settings(inherited, params),
        tags=_lookups.tag_dict(params.get("Tags") or ()),
    )
    if not caller.state.add(row):
        raise Fault("DBClusterAlreadyExistsFault", "DB Cluster already exists")
    starting = row._replace(ready=caller.now + 1)
    return {"DBCluster": _views.cluster_view(starting, [], caller.now)}


def with_settings(details: dict[str, Any], params: Params) -> dict[str, Any]:
    """Return a cluster's details, as its description shows them, with the settings of a request."""
    changed = {**details, **{shown: params[name] for name, shown in SETTINGS.items() if name in params}}
    if changed.get("StorageType") == "standard":
        del changed["StorageType"]  # a description has the storage type only if it is iopt1
    if "VpcSecurityGroupIds" in params:
        changed["VpcSecurityGroups"] = _views.security_groups(params["VpcSecurityGroupIds"])
    return changed


@operation(required="DBClusterIdentifier", optional="SkipFinalSnapshot FinalDBSnapshotIdentifier")
def delete_db_cluster(caller: Caller, params: Params) -> Answer:
    """Delete a cluster, with a final snapshot unless that is skipped: `deleting` for `create_duration`.

    Its automated snapshots are deleted at once. A cluster that still has instances is rejected.
    """
    final = params.get("FinalDBSnapshotIdentifier")
    cluster = _deletable_cluster(caller, params["DBClusterIdentifier"], final)
    members = caller.state.members(cluster)
    if not all(map(_views.is_going, members)):
        raise Fault(
            "InvalidDBClusterStateFault",
            "Cluster cannot be deleted, it still contains DB instances in non-deleting state.",
        )
    answer = {"DBCluster": _views.cluster_view(cluster, members, caller.now)}
    if final is None:
        answer["DBCluster"]["Status"] = "deleting"
    else:
        snapshot_of(caller, cluster, final, {})
    every = Page(caller.account_id, caller.region, "", -1)
    for each in caller.state.snapshots(every, type="automated", cluster=cluster.identifier):
        remove_snapshot(caller, each)
    gone = max([caller.now + caller.settings.create_duration, *(each.gone or 0 for each in members)])
    going: list[Cluster | Instance] = [cluster, *(each for each in members if each.gone is None)]
    for resource in going:
        caller.state.remove_at(resource, gone, caller.now)
    return answer


def _deletable_cluster(caller: Caller, given: str, final: str | None) -> Cluster:
    problem = "The cluster {name} is {status}, not available."
    if final is not None:
        problem = "Can't create a snapshot because the database cluster {name} isn't currently in the available state."
    cluster = _lookups.available_cluster(caller, given, problem)
    if _views.cluster_details(cluster)["DeletionProtection"]:
        raise Fault(
            "InvalidParameterCombination",
            "Cannot delete protected Cluster, please disable deletion protection and try again.",
        )
    return cluster
