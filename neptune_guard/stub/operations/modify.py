"""Changing clusters."""

from __future__ import annotations

import json
from typing import Any

from neptune_guard.stub import _lookups, _views
from neptune_guard.stub._caller import Caller
from neptune_guard.stub._faults import Fault
from neptune_guard.stub._operation import Answer, Params, operation
from neptune_guard.stub._validation import refuse_by_rules
from neptune_guard.stub.operations.clusters import with_settings

# Settings that a rule compares with another one; a description shows them under the names of their parameters.
_COMPARED = ("EngineVersion", "PreferredBackupWindow", "PreferredMaintenanceWindow", "StorageType")


@operation(
    required="DBClusterIdentifier",
    optional="AllowMajorVersionUpgrade ApplyImmediately BackupRetentionPeriod CloudwatchLogsExportConfiguration "
    "CopyTagsToSnapshot DBClusterParameterGroupName DBInstanceParameterGroupName DeletionProtection "
    "EnableIAMDatabaseAuthentication EngineVersion MasterUserPassword NetworkType NewDBClusterIdentifier "
    "OptionGroupName Port PreferredBackupWindow PreferredMaintenanceWindow ServerlessV2ScalingConfiguration "
    "StorageType VpcSecurityGroupIds",
)
def modify_db_cluster(caller: Caller, params: Params) -> Answer:
    """Change settings and the name of a cluster. Everything takes effect at once, and the status stays `available`.

    The request must keep the rules together with the cluster's version, storage type and windows.
    """
    cluster = _lookups.available_cluster(
        caller, params["DBClusterIdentifier"], "The cluster {name} is {status}, not available."
    )
    before = json.loads(cluster.details)
    params = {**params, **_scaling(before, params)}
    refuse_by_rules(
        "ModifyDBCluster", {**{name: before[name] for name in _COMPARED if name in before}, **params}, caller
    )
    details = with_settings(before, params)
    exports = params.get("CloudwatchLogsExportConfiguration")
    if exports is not None:
        enabled = {*details.get("EnabledCloudwatchLogsExports", ()), *exports.get("EnableLogTypes", ())}
        details["EnabledCloudwatchLogsExports"] = sorted(enabled - set(exports.get("DisableLogTypes", ())))
    changed = cluster._replace(
        identifier=params.get("NewDBClusterIdentifier", cluster.identifier).lower(), details=json.dumps(details)
    )
    if not caller.state.replace_cluster(cluster, changed):
        raise Fault("DBClusterAlreadyExistsFault", "DB Cluster already exists")
    return {"DBCluster": _views.cluster_view(changed, caller.state.members(changed), caller.now)}


def _scaling(before: dict[str, Any], params: Params) -> dict[str, Any]:
    """Return the capacities of the request, and that of the cluster where it gives only one."""
    name = "ServerlessV2ScalingConfiguration"
    if name not in params:
        return {}
    capacities = {**before.get(name, {}), **params[name]}
    if len(capacities) < 2:
        raise Fault(
            "InvalidParameterValue",
            "Both MinCapacity and MaxCapacity must be specified when you initialize Serverless v2 scaling "
            "configuration.",
        )
    return {name: capacities}
