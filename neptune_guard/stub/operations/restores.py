"""Making a cluster from a snapshot, or from another cluster as it was at some time."""

from __future__ import annotations

from datetime import timezone
from typing import Any

from botocore.utils import parse_to_aware_datetime

from neptune_guard.stub import _clock, _lookups, _views
from neptune_guard.stub._caller import Caller
from neptune_guard.stub._faults import Fault
from neptune_guard.stub._operation import Answer, Params, operation
from neptune_guard.stub._tables import Cluster, Snapshot
from neptune_guard.stub.operations.clusters import store_cluster

_OPTIONAL = (
    "DBClusterParameterGroupName DBSubnetGroupName DeletionProtection EnableCloudwatchLogsExports "
    "EnableIAMDatabaseAuthentication KmsKeyId NetworkType OptionGroupName Port ServerlessV2ScalingConfiguration "
    "StorageType Tags VpcSecurityGroupIds"
)


@operation(
    required="DBClusterIdentifier SnapshotIdentifier Engine",
    optional=f"{_OPTIONAL} AvailabilityZones CopyTagsToSnapshot DatabaseName EngineVersion",
)
def restore_db_cluster_from_snapshot(caller: Caller, params: Params) -> Answer:
    """Create a cluster from a snapshot of the same Region, with its port, engine version and storage type.

    KmsKeyId may encrypt what was not encrypted.
    """
    snapshot = _lookups.source(caller, params["SnapshotIdentifier"], caller.region)
    status = _views.shown(snapshot, caller.now).status
    if status != "available":
        raise Fault(
            "InvalidDBClusterSnapshotStateFault",
            f"The cluster snapshot {snapshot.identifier} is {status}; a restore needs it to be available.",
        )
    inherited: dict[str, Any] = {"EngineVersion": snapshot.engine_version, "Port": snapshot.port}
    if snapshot.storage_type is not None:
        inherited["StorageType"] = snapshot.storage_type
    return store_cluster(caller, params, _key_of_restore(caller, snapshot, params.get("KmsKeyId")), inherited)


def _key_of_restore(caller: Caller, snapshot: Snapshot, given: str | None) -> str | None:
    key = snapshot.kms_key
    if key is not None and not _lookups.own(caller, snapshot):
        raise Fault(
            "KMSKeyNotAccessibleFault",
            f"The encrypted, shared snapshot {snapshot.identifier} cannot be restored; copy it with a key of your own "
            "and restore the copy.",
        )
    if key is not None:
        _lookups.refuse_disabled_key(caller, key)
    return key if given is None else _lookups.usable_key(caller, given)


@operation(
    required="DBClusterIdentifier SourceDBClusterIdentifier",
    optional=f"{_OPTIONAL} RestoreToTime RestoreType UseLatestRestorableTime",
)
def restore_db_cluster_to_point_in_time(caller: Caller, params: Params) -> Answer:
    """Create a cluster from another one as it is now, or as it was at a time inside its backup retention.

    A KmsKeyId with an unencrypted source is rejected. The types `full-copy` and `copy-on-write` are alike.
    """
    source = _lookups.available_cluster(
        caller, params["SourceDBClusterIdentifier"], "The cluster {name} is {status}, not available."
    )
    _refuse_time(caller, source, params.get("RestoreToTime"))
    given = params.get("KmsKeyId", source.kms_key)
    if source.kms_key is None and given is not None and not caller.settings.imagine:
        raise Fault(
            "InvalidParameterCombination",
            f"The cluster {source.identifier} is not encrypted; a restore to a time cannot encrypt it with {given}.",
        )
    key = None if given is None else _lookups.usable_key(caller, given)
    details = _views.cluster_details(source)
    kept = ("EngineVersion", "Port", "StorageType")
    inherited: dict[str, Any] = {name: details[name] for name in kept if name in details}
    return store_cluster(caller, params, key, inherited)


def _refuse_time(caller: Caller, source: Cluster, given: Any) -> None:
    """Refuse a RestoreToTime outside the time that the source can be restored to; the fault is inferred."""
    if given is None:
        return
    # botocore sends a datetime without a time zone as if it were in UTC.
    wanted = parse_to_aware_datetime(given)
    if getattr(given, "tzinfo", timezone.utc) is None:
        wanted = given.replace(tzinfo=timezone.utc)
    earliest, latest = _views.restorable_times(source, caller.now)
    if not earliest <= _clock.instant(wanted) <= latest:
        raise Fault(
            "InvalidRestoreFault",
            f"The cluster {source.identifier} can be restored to times from {_clock.as_datetime(earliest).isoformat()} "
            f"to {_clock.as_datetime(latest).isoformat()}, not to {wanted.isoformat()}.",
        )
