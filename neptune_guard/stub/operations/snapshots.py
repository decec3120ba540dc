"""Copying, taking and deleting snapshots."""

from __future__ import annotations

import json

from neptune_guard.stub import _lookups, _views
from neptune_guard.stub._caller import Caller
from neptune_guard.stub._faults import Fault
from neptune_guard.stub._operation import Answer, Params, operation
from neptune_guard.stub._tables import Cluster, Snapshot

STATE_FAULT = "InvalidDBClusterSnapshotStateFault"


@operation(
    required="SourceDBClusterSnapshotIdentifier TargetDBClusterSnapshotIdentifier",
    optional="CopyTags KmsKeyId PreSignedUrl SourceRegion Tags",
)
def copy_db_cluster_snapshot(caller: Caller, params: Params) -> Answer:
    """Copy a snapshot: `copying` with 0 % at first, the clock does the rest. The order of the checks is inferred."""
    target = params["TargetDBClusterSnapshotIdentifier"]
    given_key = params.get("KmsKeyId") or None  # programs send an empty one for none
    source = _lookups.source(caller, params["SourceDBClusterSnapshotIdentifier"], encrypted=given_key is not None)
    _refuse_source_state(caller, source)
    key = _key_of_copy(caller, source, given_key)
    crossing = source.region != caller.region
    _refuse_no_room(caller, target)
    if crossing:
        _refuse_crowded(caller)
    # Never merged: with Tags the source's are not copied (getmoto/moto pull request 8320).
    tags = json.dumps(_lookups.tag_dict(params.get("Tags") or ()))
    if params.get("CopyTags") and not params.get("Tags"):
        tags = source.tags
    copy = source._replace(
        account_id=caller.account_id,
        region=caller.region,
        identifier=target.lower(),
        type="manual",
        kms_key=key,
        source_arn=_views.snapshot_arn(source),
        phase="copying",
        started=caller.now,
        ready=caller.now + caller.settings.copy_duration,
        tags=tags,
        counted=1,
        crossing=int(crossing),
    )
    return _store_snapshot(caller, copy)


def _refuse_source_state(caller: Caller, source: Snapshot) -> None:
    status = _views.shown(source, caller.now).status
    if status != "available":
        raise Fault(
            STATE_FAULT, f"The cluster snapshot {source.identifier} is {status}; a copy needs it to be available."
        )
    if source.cluster_resource_id is None:
        return  # of a cluster that nobody added
    cluster = caller.state.find(Cluster, source.account_id, source.region, source.cluster)
    if cluster is None or cluster.resource_id != source.cluster_resource_id:
        return
    if _views.cluster_status(cluster, caller.now) == "creating":
        raise Fault("InvalidDBClusterStateFault", f"The cluster {cluster.identifier} is not available.")


def _key_of_copy(caller: Caller, source: Snapshot, given: str | None) -> str | None:
    """Return the key of the copy: the given one, else inside one Region and account the source's."""
    if source.kms_key is None:
        if given is None:
            return None
        raise Fault(
            "InvalidParameterCombination",
            f"The source snapshot {source.identifier} is not encrypted; a copy cannot encrypt it with {given}.",
        )
    _lookups.refuse_disabled_key(caller, source.kms_key)
    if given is not None:
        return _lookups.usable_key(caller, given)
    if source.region != caller.region:
        raise Fault("InvalidParameterValue", "Must specify new KMS key for cross region encrypted snapshot copy.")
    if not _lookups.own(caller, source):
        raise Fault(
            "InvalidParameterValue",
            f"Must specify a KMS key of your own to copy the encrypted, shared snapshot {source.identifier}.",
        )
    return source.kms_key


def _refuse_no_room(caller: Caller, identifier: str) -> None:
    taken, number = caller.state.room(caller.account_id, caller.region, identifier)
    quota = caller.settings.manual_snapshot_quota
    if taken:
        raise Fault(
            "DBClusterSnapshotAlreadyExistsFault",
            f"Cannot create the cluster snapshot because one with the identifier {identifier} already exists.",
        )
    if number >= quota:
        raise Fault("SnapshotQuotaExceeded", f"Cannot create more than {quota} manual snapshots")


def _refuse_crowded(caller: Caller) -> None:
    quota = caller.settings.cross_region_copy_quota
    if caller.state.copies_in_progress(caller.account_id, caller.region, caller.now) >= quota:
        raise Fault("SnapshotQuotaExceeded", f"Cannot copy more than {quota} snapshots across regions")


def _store_snapshot(caller: Caller, row: Snapshot) -> Answer:
    """Store a new snapshot and answer with it as it is at the very start."""
    caller.state.add(row)
    return {"DBClusterSnapshot": _views.snapshot_view(row, _views.Shown(row.phase, 0))}


@operation(required="DBClusterSnapshotIdentifier DBClusterIdentifier", optional="Tags")
def create_db_cluster_snapshot(caller: Caller, params: Params) -> Answer:
    """Take a snapshot of a cluster, `creating` for `create_duration`.

    Tags suppress the cluster's CopyTagsToSnapshot.
    """
    cluster = _lookups.available_cluster(
        caller,
        params["DBClusterIdentifier"],
        "Can't create a snapshot because the database cluster {name} isn't currently in the available state.",
    )
    tags = _lookups.tag_dict(params.get("Tags") or ())
    return snapshot_of(caller, cluster, params["DBClusterSnapshotIdentifier"], tags)


def snapshot_of(caller: Caller, cluster: Cluster, identifier: str, tags: dict[str, str | None]) -> Answer:
    """Take a manual snapshot; Tags suppress the cluster's CopyTagsToSnapshot.

    Raises:
        Fault: `identifier` is taken, or the quota is used up.
    """
    _refuse_no_room(caller, identifier)
    details = _views.cluster_details(cluster)
    if not tags and details["CopyTagsToSnapshot"]:
        tags = json.loads(cluster.tags)
    return _store_snapshot(
        caller,
        Snapshot(
            account_id=caller.account_id,
            region=caller.region,
            identifier=identifier.lower(),
            cluster=cluster.identifier,
            cluster_created=cluster.created,
            created=caller.now,
            started=caller.now,
            ready=caller.now + caller.settings.create_duration,
            cluster_resource_id=cluster.resource_id,
            engine_version=details["EngineVersion"],
            port=details["Port"],
            storage_type=details.get("StorageType"),
            iam=int(details["IAMDatabaseAuthenticationEnabled"]),
            kms_key=cluster.kms_key,
            tags=json.dumps(tags),
        ),
    )


@operation(required="DBClusterSnapshotIdentifier")
def delete_db_cluster_snapshot(caller: Caller, params: Params) -> Answer:
    """Delete a manual snapshot, or cancel a copy; copies of it that are not done become `failed`."""
    snapshot = _lookups.own_snapshot(caller, params["DBClusterSnapshotIdentifier"])
    shown = _views.shown(snapshot, caller.now)
    if snapshot.type == "automated":
        raise Fault(STATE_FAULT, "Only manual snapshots may be deleted.")
    if snapshot.identifier.startswith("awsbackup:"):
        raise Fault(
            STATE_FAULT, f"The cluster snapshot {snapshot.identifier} is managed by AWS Backup; delete it there."
        )
    if shown.status == "creating":
        raise Fault(
            STATE_FAULT,
            f"The cluster snapshot {snapshot.identifier} is {shown.status}; delete it when it is available.",
        )
    remove_snapshot(caller, snapshot)
    return {"DBClusterSnapshot": _views.snapshot_view(snapshot, shown)}


def remove_snapshot(caller: Caller, snapshot: Snapshot) -> None:
    """Remove a snapshot for good; copies of it that are not done fail."""
    for copy in caller.state.unfinished_copies(_views.snapshot_arn(snapshot), caller.now):
        caller.state.fail_copy(copy, _views.shown(copy, caller.now).progress)
    caller.state.share(snapshot, [])
    caller.state.remove(snapshot)
