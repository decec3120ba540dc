"""Finding what a request names: in the state, or, where the stub imagines, made up on the spot."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Any, NamedTuple

from neptune_guard._arn import is_arn, is_automated, parse_snapshot_arn
from neptune_guard.stub._clock import instant
from neptune_guard.stub._faults import Fault
from neptune_guard.stub._requests import validate_identifier
from neptune_guard.stub._rows import Cluster, Settings, Snapshot
from neptune_guard.stub._tables import Tables
from neptune_guard.stub._views import cluster_arn_prefix, kms_arn, partition

DEFAULT_ENGINE_VERSION = "1.4.5.1"
DEFAULT_KEY_ALIAS = "alias/aws/rds"
_AUTOMATED = re.compile(r"rds:(?P<cluster>.+)-(?P<time>\d{4}-\d\d-\d\d-\d\d-\d\d)", re.ASCII)


class Caller(NamedTuple):
    """On whose behalf a call is made, where it went, and when."""

    store: Tables
    settings: Settings
    now: int
    region: str
    account_id: str


def snapshot_row(
    account_id: str,
    region: str,
    identifier: str,
    *,
    created: int,
    cluster: str,
    kms_key: str | None = None,
    **other: Any,
) -> Snapshot:
    """Return a snapshot ready to be stored, available at once unless `ready` says otherwise."""
    kind = other.get("type", "manual")
    return Snapshot(
        account_id=account_id,
        region=region,
        identifier=identifier.lower(),
        created=created,
        cluster=cluster,
        kms_key=kms_key,
        **{
            "type": kind,
            "cluster_created": created,
            "engine_version": DEFAULT_ENGINE_VERSION,
            "iam": 0,
            "source_arn": None,
            "phase": "creating",
            "started": created,
            "ready": created,
            "status": None,
            "progress": 0,
            "tags": "{}",
            # AWS Backup's snapshots are manual ones that do not count towards the quota.
            "counted": int(kind == "manual" and not is_automated(identifier)),
            "crossing": 0,
            **other,
        },
    )


def snapshot(caller: Caller, given: str, region: str | None = None) -> Snapshot | None:
    """Return the snapshot that a bare identifier or an ARN names, if the caller may see it.

    Args:
        caller: Who asks. A bare identifier is looked up in the caller's account and Region.
        given: The identifier or ARN.
        region: Where an ARN must point to; None for anywhere.
    """
    if not is_arn(given):
        return caller.store.snapshot(caller.account_id, caller.region, given)
    arn = parse_snapshot_arn(given)
    if not arn or region not in (None, arn.region) or arn.partition != partition(arn.region):
        return None
    found = caller.store.snapshot(arn.account_id, arn.region, arn.identifier)
    return found if found and (own(caller, found) or visible(caller, found)) else None


def own(caller: Caller, found: Snapshot) -> bool:
    """Tell whether a snapshot is the caller's."""
    return found.account_id == caller.account_id


def visible(caller: Caller, found: Snapshot) -> bool:
    """Tell whether another account shared a snapshot with the caller or with everybody."""
    return bool({caller.account_id, "all"} & set(caller.store.grantees(found)))


def source(caller: Caller, given: str, region: str | None = None, *, encrypted: bool = False) -> Snapshot:
    """Return the snapshot to copy or restore.

    Raises:
        Fault: There is none that the caller may see.
    """
    found = snapshot(caller, given, region)
    if found is None and caller.settings.imagine:
        found = _imagined_snapshot(caller, given, region, encrypted)
    if found is None:
        raise Fault("DBClusterSnapshotNotFoundFault", f"DBClusterSnapshot not found: {given}")
    return found


def _imagined_snapshot(caller: Caller, given: str, region: str | None, encrypted: bool) -> Snapshot | None:
    """Make up a snapshot that nobody added; one of another account comes shared, and none counts towards a quota."""
    arn = parse_snapshot_arn(given)
    account_id, place, name = (
        (arn.account_id, arn.region, arn.identifier) if arn else (caller.account_id, caller.region, given)
    )
    if region not in (None, place):
        return None
    kind = "automated" if name.startswith("rds:") else "manual"
    cluster, created = _automated_from(name.lower()) or ("imagined", caller.now)
    default = usable_key(caller, kms_arn(place, account_id, DEFAULT_KEY_ALIAS)) if encrypted else None
    row = snapshot_row(account_id, place, name, created=created, cluster=cluster, kms_key=default, type=kind, counted=0)
    if not caller.store.add_snapshot(row):
        return None  # it exists and belongs to an account that does not share it
    if not own(caller, row):
        caller.store.share(row, [caller.account_id])
    return row


def _automated_from(identifier: str) -> tuple[str, int] | None:
    """Return the cluster and time in an automated snapshot's name, `rds:<cluster>-YYYY-MM-DD-HH-MM`."""
    named = _AUTOMATED.fullmatch(identifier)
    try:
        time = datetime.strptime(named["time"], "%Y-%m-%d-%H-%M") if named else None
    except ValueError:
        return None
    return (named["cluster"], instant(time.replace(tzinfo=timezone.utc))) if named and time else None


def cluster(caller: Caller, given: str) -> Cluster:
    """Return a cluster of the caller by name or ARN.

    Raises:
        Fault: There is none.
    """
    name = cluster_name(caller, given)
    found = caller.store.cluster(caller.account_id, caller.region, name)
    if found is None and caller.settings.imagine and not is_arn(name):
        validate_identifier(name, "DBClusterIdentifier")
        found = cluster_row(caller, name)
        caller.store.add_cluster(found)
    if found is None:
        raise Fault("DBClusterNotFoundFault", f"DBCluster {given} not found")
    return found


def cluster_name(caller: Caller, given: str) -> str:
    """Return the name in a cluster's name or ARN; an ARN of elsewhere stays whole, and no cluster has such a name."""
    return given.removeprefix(cluster_arn_prefix(caller.region, caller.account_id)).lower()


def cluster_row(caller: Caller, identifier: str, *, kms_key: str | None = None, **other: Any) -> Cluster:
    """Return a cluster ready to be stored, available at once unless `ready` says otherwise."""
    values: dict[str, Any] = {"ready": caller.now, "details": {}, "tags": {}, **other}
    details = {
        "EngineVersion": DEFAULT_ENGINE_VERSION,
        "Port": 8182,
        "IAMDatabaseAuthenticationEnabled": False,
        "CopyTagsToSnapshot": False,
        "DeletionProtection": False,
        **values["details"],
    }
    return Cluster(
        caller.account_id,
        caller.region,
        identifier.lower(),
        caller.now,
        values["ready"],
        kms_key,
        json.dumps(details),
        json.dumps(values["tags"]),
    )


def key_arn(caller: Caller, given: str) -> str:
    """Return the ARN that a key id, key ARN, `alias/name` or alias ARN stands for, seen from the caller."""
    if is_arn(given):
        return given
    return kms_arn(caller.region, caller.account_id, given if given.startswith("alias/") else f"key/{given}")


def usable_key(caller: Caller, given: str) -> str:
    """Return the ARN of an existing, enabled key.

    Raises:
        Fault: There is none.
    """
    found = key(caller, given, imagine=bool(caller.settings.imagine) or given.endswith(DEFAULT_KEY_ALIAS))
    if found is None or not found[1]:
        raise Fault(
            "KMSKeyNotAccessibleFault",
            f"Specified KMS key [{given}] does not exist, is not enabled or you do not have permissions to access it.",
        )
    return found[0]


def key(caller: Caller, given: str, *, imagine: bool) -> tuple[str, bool, int] | None:
    """Return the ARN, state and creation time of a key, one made up on the spot if need be."""
    arn = key_arn(caller, given)
    found = caller.store.key(arn)
    if found is None and imagine:
        prefix, _, resource = arn.rpartition(":")
        alias = arn if resource.startswith("alias/") else None
        caller.store.add_key(f"{prefix}:key/{uuid.uuid4()}" if alias else arn, alias, True, caller.now)
        found = caller.store.key(arn)
    return found


def tag_dict(tags: Iterable[Mapping[str, str]]) -> dict[str, str | None]:
    """Return tags as they are stored."""
    return {tag["Key"]: tag.get("Value") for tag in tags}
