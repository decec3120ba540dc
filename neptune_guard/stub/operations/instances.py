"""Creating and deleting the instances of clusters."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from neptune_guard.stub import _lookups, _views
from neptune_guard.stub._caller import Caller
from neptune_guard.stub._faults import Fault
from neptune_guard.stub._operation import Answer, Params, operation
from neptune_guard.stub._tables import Cluster, Instance

_SETTINGS = (
    "AutoMinorVersionUpgrade AvailabilityZone CopyTagsToSnapshot DBInstanceClass DBParameterGroupName "
    "DeletionProtection MonitoringInterval MonitoringRoleArn PreferredMaintenanceWindow PromotionTier "
    "PubliclyAccessible"
)
# The service takes these and does nothing with them: the cluster decides, or Neptune does not have them.
_IGNORED = (
    "AllocatedStorage BackupRetentionPeriod CharacterSetName DBName DBSecurityGroups DBSubnetGroupName Domain "
    "DomainIAMRoleName EnableCloudwatchLogsExports EnableIAMDatabaseAuthentication EnablePerformanceInsights "
    "EngineVersion Iops KmsKeyId LicenseModel MultiAZ OptionGroupName PerformanceInsightsKMSKeyId Port "
    "PreferredBackupWindow StorageEncrypted StorageType Timezone VpcSecurityGroupIds"
)


@operation(
    required="DBInstanceIdentifier DBInstanceClass Engine DBClusterIdentifier",
    optional=f"{_SETTINGS} {_IGNORED} MasterUsername MasterUserPassword Tags",
)
def create_db_instance(caller: Caller, params: Params) -> Answer:
    """Create an instance of a cluster, `creating` for `create_duration`; the oldest one is the writer."""
    cluster = _lookups.cluster(caller, params["DBClusterIdentifier"])
    status = _views.cluster_status(cluster, caller.now)
    # Terraform and CloudFormation create the instance when the cluster is available; scripts often do not wait.
    if status not in ("available", "creating"):
        raise Fault("InvalidDBClusterStateFault", f"The cluster {cluster.identifier} is {status}, not available.")
    serverless = "ServerlessV2ScalingConfiguration" in _views.cluster_details(cluster)
    if params["DBInstanceClass"] == "db.serverless" and not serverless:
        raise Fault(
            "InvalidDBClusterStateFault",
            "Set the Serverless v2 scaling configuration on the parent DB cluster before creating a Serverless v2 DB "
            "instance.",
        )
    row = new_instance(
        caller,
        params["DBInstanceIdentifier"],
        cluster,
        duration=caller.settings.create_duration,
        details={name: params[name] for name in _SETTINGS.split() if name in params},
        tags=_lookups.tag_dict(params.get("Tags") or ()),
    )
    if not caller.state.add(row):
        raise Fault("DBInstanceAlreadyExists", "DB instance already exists")
    return {"DBInstance": _views.instance_view(row._replace(ready=caller.now + 1), cluster, caller.now)}


def new_instance(
    caller: Caller,
    identifier: str,
    cluster: Cluster,
    *,
    duration: int = 0,
    status: str | None = None,
    details: Mapping[str, Any],
    tags: Mapping[str, str | None],
) -> Instance:
    """Return an instance ready to be stored, available after a duration in microseconds unless `status` is given."""
    return Instance(
        None,
        caller.account_id,
        caller.region,
        identifier.lower(),
        cluster.identifier,
        _lookups.resource_id("db"),
        created=caller.now,
        ready=caller.now + duration,
        status=status,
        details=json.dumps(details),
        tags=json.dumps(tags),
    )


@operation(required="DBInstanceIdentifier", optional="SkipFinalSnapshot")
def delete_db_instance(caller: Caller, params: Params) -> Answer:
    """Delete an instance: `deleting` for `create_duration`, so that botocore's own waiters end."""
    instance = _lookups.instance(caller, params["DBInstanceIdentifier"])
    status = _views.cluster_status(instance, caller.now)
    if status == "deleting":
        raise Fault("InvalidDBInstanceState", f"Instance {instance.identifier} is already being deleted.")
    if json.loads(instance.details).get("DeletionProtection"):
        raise Fault(
            "InvalidParameterCombination",
            "Cannot delete protected DB Instance, please disable deletion protection and try again.",
        )
    gone = caller.now + caller.settings.create_duration
    deleting = instance._replace(gone=gone)
    cluster = caller.state.cluster_of(instance)
    caller.state.remove_at(instance, gone, caller.now)
    return {"DBInstance": _views.instance_view(deleting, cluster, caller.now)}
