"""Copying, taking, deleting and sharing snapshots."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from neptune_guard._request import SOURCE, TARGET
from neptune_guard.stub import _lookup, _views
from neptune_guard.stub._faults import Fault
from neptune_guard.stub._lookup import Caller
from neptune_guard.stub._requests import validate_copy, validate_identifier, validate_tags
from neptune_guard.stub._rows import Cluster, Snapshot
from neptune_guard.stub._views import State

Params = Mapping[str, Any]
Answer = dict[str, Any]
_MOST_GRANTEES = 20


def copy_db_cluster_snapshot(caller: Caller, params: Params) -> Answer:
    """Copy a snapshot. The order of the checks is inferred: nobody has published the service's own."""
    validate_copy(params, caller.region, caller.account_id)
    source = _lookup.source(caller, params[SOURCE], encrypted="KmsKeyId" in params)
    _refuse_source_state(caller, source)
    key = _key_of_copy(caller, source, params.get("KmsKeyId"))
    crossing = source.region != caller.region
    _refuse_no_room(caller, params[TARGET])
    if crossing:
        _refuse_crowded(caller)
    # Never merged: with Tags the source's are not copied (getmoto/moto pull request 8320).
    tags = json.dumps(_lookup.tag_dict(params.get("Tags") or ()))
    if params.get("CopyTags") and not params.get("Tags"):
        tags = source.tags
    copy = source._replace(
        account_id=caller.account_id,
        region=caller.region,
        identifier=params[TARGET].lower(),
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
    status = _views.state(source, caller.now).status
    if status != "available":
        raise Fault(
            "InvalidDBClusterSnapshotStateFault",
            f"The cluster snapshot {source.identifier} is {status}; a copy needs it to be available.",
        )
    cluster = caller.store.cluster(source.account_id, source.region, source.cluster)
    if (
        cluster
        and cluster.created == source.cluster_created
        and _views.cluster_status(cluster, caller.now) != "available"
    ):
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
    refuse_disabled_key(caller, source.kms_key)
    if given is not None:
        return _lookup.usable_key(caller, given)
    if source.region != caller.region:
        raise Fault("InvalidParameterValue", "Must specify new KMS key for cross region encrypted snapshot copy.")
    if not _lookup.own(caller, source):
        raise Fault(
            "InvalidParameterValue",
            f"Must specify a KMS key of your own to copy the encrypted, shared snapshot {source.identifier}.",
        )
    return source.kms_key


def refuse_disabled_key(caller: Caller, arn: str) -> None:
    """Refuse to read a snapshot whose key is disabled.

    Raises:
        Fault: It is.
    """
    key = caller.store.key(arn)
    if key is None or not key[1]:
        raise Fault(
            "KMSKeyNotAccessibleFault",
            f"The source snapshot KMS key [{arn}] does not exist, is not enabled or you do not have "
            "permissions to access it.",
        )


def _refuse_no_room(caller: Caller, identifier: str) -> None:
    taken, number = caller.store.room(caller.account_id, caller.region, identifier)
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
    if caller.store.copies_in_progress(caller.account_id, caller.region, caller.now) >= quota:
        raise Fault("SnapshotQuotaExceeded", f"Cannot copy more than {quota} snapshots across regions")


def _store_snapshot(caller: Caller, row: Snapshot) -> Answer:
    """Store a new snapshot and answer with it as it is at the very start."""
    caller.store.add_snapshot(row)
    return {"DBClusterSnapshot": _views.snapshot_view(row, State(row.phase, 0))}


def create_db_cluster_snapshot(caller: Caller, params: Params) -> Answer:
    """Take a snapshot of a cluster."""
    identifier = params["DBClusterSnapshotIdentifier"]
    validate_identifier(identifier, "DBClusterSnapshotIdentifier")
    tags = params.get("Tags") or ()
    validate_tags(tags)
    cluster = available_cluster(caller, params["DBClusterIdentifier"])
    return snapshot_of(caller, cluster, identifier, _lookup.tag_dict(tags))


def available_cluster(caller: Caller, given: str) -> Cluster:
    """Return a cluster of the caller.

    Raises:
        Fault: There is none, or it is not available.
    """
    cluster = _lookup.cluster(caller, given)
    status = _views.cluster_status(cluster, caller.now)
    if status != "available":
        raise Fault("InvalidDBClusterStateFault", f"The cluster {cluster.identifier} is {status}, not available.")
    return cluster


def snapshot_of(caller: Caller, cluster: Cluster, identifier: str, tags: dict[str, str | None]) -> Answer:
    """Take a manual snapshot; Tags suppress the cluster's CopyTagsToSnapshot."""
    _refuse_no_room(caller, identifier)
    details = json.loads(cluster.details)
    if not tags and details["CopyTagsToSnapshot"]:
        tags = json.loads(cluster.tags)
    return _store_snapshot(
        caller,
        _lookup.snapshot_row(
            caller.account_id,
            caller.region,
            identifier,
            created=caller.now,
            cluster=cluster.identifier,
            cluster_created=cluster.created,
            engine_version=details["EngineVersion"],
            iam=int(details["IAMDatabaseAuthenticationEnabled"]),
            kms_key=cluster.kms_key,
            ready=caller.now + caller.settings.create_duration,
            tags=json.dumps(tags),
        ),
    )


def delete_db_cluster_snapshot(caller: Caller, params: Params) -> Answer:
    """Delete a manual snapshot, or cancel a copy; copies of it that are not done yet fail."""
    snapshot = _own_snapshot(caller, params["DBClusterSnapshotIdentifier"])
    shown = _views.state(snapshot, caller.now)
    if snapshot.type == "automated":
        raise Fault("InvalidDBClusterSnapshotStateFault", "Only manual snapshots may be deleted.")
    if shown.status == "creating":
        raise Fault(
            "InvalidDBClusterSnapshotStateFault",
            f"The cluster snapshot {snapshot.identifier} is {shown.status}; delete it when it is available.",
        )
    caller.store.fail_copies(_views.snapshot_arn(snapshot), caller.now)
    caller.store.remove_snapshot(snapshot)
    return {"DBClusterSnapshot": _views.snapshot_view(snapshot, shown)}


def _own_snapshot(caller: Caller, given: str) -> Snapshot:
    snapshot = _lookup.snapshot(caller, given, caller.region)
    if snapshot is None or not _lookup.own(caller, snapshot):
        raise Fault("DBClusterSnapshotNotFoundFault", f"DBClusterSnapshot not found: {given}")
    return snapshot


def modify_db_cluster_snapshot_attribute(caller: Caller, params: Params) -> Answer:
    """Share a manual snapshot with accounts or with everybody, or stop sharing it."""
    snapshot = _own_snapshot(caller, params["DBClusterSnapshotIdentifier"])
    adding, removing = params.get("ValuesToAdd") or (), params.get("ValuesToRemove") or ()
    _refuse_attribute(caller, snapshot, params["AttributeName"], adding, removing)
    grantees = sorted({*caller.store.grantees(snapshot), *adding} - set(removing))
    if len(grantees) > _MOST_GRANTEES:
        raise Fault(
            "SharedSnapshotQuotaExceeded",
            f"The cluster snapshot {snapshot.identifier} cannot be shared with more than {_MOST_GRANTEES} accounts.",
        )
    caller.store.share(snapshot, grantees)
    return _attributes(snapshot, grantees)


def _refuse_attribute(caller: Caller, snapshot: Snapshot, name: str, adding: Any, removing: Any) -> None:
    both = sorted(set(adding) & set(removing))
    status = _views.state(snapshot, caller.now).status
    state = "InvalidDBClusterSnapshotStateFault"
    for wrong, code, message in (
        (name != "restore", "InvalidParameterValue", f"Invalid snapshot attribute {name}"),
        (
            both,
            "InvalidParameterCombination",
            f"A value may not appear in both the add list and remove list. [{', '.join(both)}]",
        ),
        (snapshot.type == "automated", state, "automated snapshots cannot be modified."),
        (status != "available", state, f"The cluster snapshot {snapshot.identifier} is {status}, not available."),
        (
            not all(value == "all" or _is_account(value) for value in (*adding, *removing)),
            "InvalidParameterValue",
            "A snapshot is shared with accounts of twelve digits or with all.",
        ),
        (
            snapshot.kms_key is not None and "all" in adding,
            "InvalidParameterValue",
            f"The encrypted cluster snapshot {snapshot.identifier} cannot be made public.",
        ),
        (
            bool(adding) and _has_default_key(caller, snapshot),
            "InvalidParameterValue",
            f"The cluster snapshot {snapshot.identifier} is encrypted with the default key and cannot be shared.",
        ),
    ):
        if wrong:
            raise Fault(code, message)


def _is_account(value: str) -> bool:
    return len(value) == 12 and value.isascii() and value.isdigit()


def _has_default_key(caller: Caller, snapshot: Snapshot) -> bool:
    default = caller.store.key(_views.kms_arn(snapshot.region, snapshot.account_id, _lookup.DEFAULT_KEY_ALIAS))
    return default is not None and default[0] == snapshot.kms_key


def _attributes(snapshot: Snapshot, grantees: list[str]) -> Answer:
    result = {
        "DBClusterSnapshotIdentifier": snapshot.identifier,
        "DBClusterSnapshotAttributes": [{"AttributeName": "restore", "AttributeValues": grantees}],
    }
    return {"DBClusterSnapshotAttributesResult": result}


def describe_db_cluster_snapshot_attributes(caller: Caller, params: Params) -> Answer:
    """Tell with whom a snapshot is shared."""
    snapshot = _own_snapshot(caller, params["DBClusterSnapshotIdentifier"])
    return _attributes(snapshot, caller.store.grantees(snapshot))
