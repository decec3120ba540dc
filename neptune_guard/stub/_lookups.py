"""Finding what a request names: in the state, or, if the stub imagines, made up on the spot."""

from __future__ import annotations

import json
import re
import secrets
import string
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from typing import Any

from neptune_guard._arn import is_arn, is_reserved, snapshot_arn
from neptune_guard.stub import _views
from neptune_guard.stub._caller import Caller
from neptune_guard.stub._clock import instant
from neptune_guard.stub._faults import Fault
from neptune_guard.stub._tables import Cluster, Instance, Key, Snapshot

DEFAULT_KEY_ALIAS = "alias/aws/rds"
_AUTOMATED = re.compile(r"rds:(?P<cluster>.+)-(?P<time>\d{4}-\d\d-\d\d-\d\d-\d\d)", re.ASCII)
_RESOURCE_ID = string.ascii_uppercase + string.digits


def resource_id(kind: str) -> str:
    """Return a new identifier that no other resource has, such as `cluster-` and 26 letters and digits."""
    return f"{kind}-{''.join(secrets.choice(_RESOURCE_ID) for _ in range(26))}"


# ---------------------------------------------------------------------- snapshots


def snapshot(caller: Caller, given: str, region: str | None = None) -> Snapshot | None:
    """Return the snapshot that a bare identifier or an ARN names, if the caller may see it.

    Args:
        caller: Who asks. A bare identifier is looked up in the caller's account and Region.
        given: The identifier or ARN.
        region: Where an ARN must point to; None for anywhere.
    """
    if not is_arn(given):
        return caller.state.find(Snapshot, caller.account_id, caller.region, given)
    arn = snapshot_arn(given)
    if not arn or region not in (None, arn.region) or arn.partition != _views.partition(arn.region):
        return None
    found = caller.state.find(Snapshot, arn.account_id, arn.region, arn.name)
    return found if found and (own(caller, found) or visible(caller, found)) else None


def own_snapshot(caller: Caller, given: str) -> Snapshot:
    """Return a snapshot of the caller's own by its identifier or ARN.

    Raises:
        Fault: `given` names none.
    """
    found = snapshot(caller, given, caller.region)
    if found is None or not own(caller, found):
        raise Fault("DBClusterSnapshotNotFoundFault", f"DBClusterSnapshot not found: {given}")
    return found


def own(caller: Caller, found: Snapshot) -> bool:
    """Tell whether a snapshot is the caller's."""
    return found.account_id == caller.account_id


def visible(caller: Caller, found: Snapshot) -> bool:
    """Tell whether another account shared a snapshot with the caller or with everybody."""
    return bool({caller.account_id, "all"} & set(caller.state.grantees(found)))


def source(caller: Caller, given: str, region: str | None = None, *, encrypted: bool = False) -> Snapshot:
    """Return the snapshot to copy or restore.

    Args:
        caller: Who asks.
        given: Its identifier or ARN.
        region: Where an ARN must point to; None for anywhere.
        encrypted: Whether a snapshot that is made up is encrypted.

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
    account_id, place, name = caller.account_id, caller.region, given.lower()
    arn = snapshot_arn(given)
    if arn:
        account_id, place, name = arn.account_id, arn.region, arn.name.lower()
    foreign = account_id != caller.account_id
    if region not in (None, place) or (foreign and is_reserved(name)):
        return None
    cluster, created = automated_from(name) or ("imagined", caller.now)
    default = usable_key(caller, _views.kms_arn(place, account_id, DEFAULT_KEY_ALIAS)) if encrypted else None
    row = Snapshot(
        account_id=account_id,
        region=place,
        identifier=name,
        cluster=cluster,
        cluster_created=created,
        created=created,
        started=created,
        ready=created,
        type="automated" if name.startswith("rds:") else "manual",
        kms_key=default,
        counted=0,
    )
    if not caller.state.add(row):
        return None  # it exists and belongs to an account that does not share it
    if foreign:
        caller.state.share(row, [caller.account_id])
    return row


def automated_from(identifier: str) -> tuple[str, int] | None:
    """Return the cluster and time in an automated snapshot's name, `rds:<cluster>-YYYY-MM-DD-HH-MM`."""
    named = _AUTOMATED.fullmatch(identifier)
    if not named:
        return None
    try:
        time = datetime.strptime(named["time"], "%Y-%m-%d-%H-%M")
    except ValueError:
        return None
    return named["cluster"], instant(time.replace(tzinfo=timezone.utc))


# ---------------------------------------------------------------------- clusters and instances


def cluster(caller: Caller, given: str) -> Cluster:
    """Return a cluster of the caller by name or ARN, one made up on the spot if the stub imagines.

    Raises:
        Fault: There is none.
    """
    name = name_in(caller, given, "cluster")
    if caller.settings.imagine and not is_arn(name):
        caller.state.add(new_cluster(caller, name))  # which changes nothing if there is one of that name
    return stored_cluster(caller, given)


def stored_cluster(caller: Caller, given: str) -> Cluster:
    """Return a cluster of the caller by name or ARN.

    Raises:
        Fault: There is none.
    """
    found = caller.state.find(Cluster, caller.account_id, caller.region, name_in(caller, given, "cluster"))
    if found is None:
        raise Fault("DBClusterNotFoundFault", f"DBCluster {given} not found")
    return found


def available_cluster(caller: Caller, given: str, problem: str) -> Cluster:
    """Return a cluster of the caller that is available.

    Args:
        caller: Who asks.
        given: Its name or ARN.
        problem: What cannot be done otherwise, with `{name}` and `{status}` in it.

    Raises:
        Fault: There is none, or it is not available.
    """
    found = cluster(caller, given)
    status = _views.cluster_status(found, caller.now)
    if status != "available":
        raise Fault("InvalidDBClusterStateFault", problem.format(name=found.identifier, status=status))
    return found


def new_cluster(
    caller: Caller,
    identifier: str,
    *,
    duration: int = 0,
    kms_key: str | None = None,
    details: Mapping[str, Any] | None = None,
    tags: Mapping[str, str | None] | None = None,
) -> Cluster:
    """Return a cluster ready to be stored, available after a duration in microseconds."""
    return Cluster(
        caller.account_id,
        caller.region,
        identifier.lower(),
        resource_id("cluster"),
        created=caller.now,
        ready=caller.now + duration,
        kms_key=kms_key,
        details=json.dumps(details or {}),
        tags=json.dumps(tags or {}),
    )


def instance(caller: Caller, given: str) -> Instance:
    """Return an instance of the caller by name or ARN.

    Raises:
        Fault: There is none.
    """
    found = caller.state.find(Instance, caller.account_id, caller.region, name_in(caller, given, "db"))
    if found is None:
        raise Fault("DBInstanceNotFound", f"DBInstance {given} not found.")
    return found


def name_in(caller: Caller, given: str, kind: str) -> str:
    """Return the name in a name or ARN of the caller's; an ARN of elsewhere stays whole, and nothing has such a name.

    Args:
        caller: Who asks.
        given: The name or ARN.
        kind: The resource type in the ARN: `cluster` or `db`.
    """
    return given.removeprefix(_views.arn(caller.region, caller.account_id, f"{kind}:")).lower()


# ---------------------------------------------------------------------- keys


def key_arn(caller: Caller, given: str) -> str:
    """Return the ARN that a key id, key ARN, `alias/name` or alias ARN stands for, seen from the caller."""
    if is_arn(given):
        return given
    return _views.kms_arn(caller.region, caller.account_id, given if given.startswith("alias/") else f"key/{given}")


def usable_key(caller: Caller, given: str) -> str:
    """Return the ARN of an existing, enabled key.

    Raises:
        Fault: There is none.
    """
    is_default = key_arn(caller, given) == key_arn(caller, DEFAULT_KEY_ALIAS)
    found = key(caller, given, imagine=bool(caller.settings.imagine) or is_default)
    if found is None or not found.enabled:
        raise Fault(
            "KMSKeyNotAccessibleFault",
            f"Specified KMS key [{given}] does not exist, is not enabled or you do not have permissions to access it.",
        )
    return found.arn


def refuse_disabled_key(caller: Caller, arn: str) -> None:
    """Refuse to read a snapshot whose key cannot be used.

    Raises:
        Fault: The key does not exist or is disabled.
    """
    found = caller.state.key(arn)
    if found is None or not found.enabled:
        raise Fault(
            "KMSKeyNotAccessibleFault",
            f"The source snapshot KMS key [{arn}] does not exist, is not enabled or you do not have "
            "permissions to access it.",
        )


def has_default_key(caller: Caller, found: Snapshot) -> bool:
    """Tell whether a snapshot is encrypted with its account's default key, `alias/aws/rds`."""
    default = caller.state.key(_views.kms_arn(found.region, found.account_id, DEFAULT_KEY_ALIAS))
    return default is not None and default.arn == found.kms_key


def key(caller: Caller, given: str, *, imagine: bool) -> Key | None:
    """Return a key by any of its names, one made up on the spot if the stub may imagine it."""
    arn = key_arn(caller, given)
    found = caller.state.key(arn)
    if found is not None or not imagine:
        return found
    prefix, _, resource = arn.rpartition(":")
    if not resource.startswith("alias/"):
        made = Key(arn, 1, caller.now)
        caller.state.add_key(made)
        return made
    made = Key(f"{prefix}:key/{uuid.uuid4()}", 1, caller.now)
    caller.state.add_key(made)
    caller.state.add_alias(arn, made)
    return made


def tag_dict(tags: Iterable[Mapping[str, str]]) -> dict[str, str | None]:
    """Return tags as they are stored."""
    return {tag["Key"]: tag.get("Value") for tag in tags}
