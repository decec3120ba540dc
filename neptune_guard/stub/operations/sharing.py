"""Sharing snapshots with other accounts."""

from __future__ import annotations

from collections.abc import Sequence

from neptune_guard.stub import _lookups, _views
from neptune_guard.stub._caller import Caller
from neptune_guard.stub._faults import Fault
from neptune_guard.stub._operation import Answer, Params, operation
from neptune_guard.stub._tables import Snapshot

MOST_GRANTEES = 20
_STATE = "InvalidDBClusterSnapshotStateFault"


@operation(required="DBClusterSnapshotIdentifier AttributeName", optional="ValuesToAdd ValuesToRemove")
def modify_db_cluster_snapshot_attribute(caller: Caller, params: Params) -> Answer:
    """Share a manual snapshot with at most 20 accounts and with `all`, or stop sharing it."""
    snapshot = _lookups.own_snapshot(caller, params["DBClusterSnapshotIdentifier"])
    adding, removing = params.get("ValuesToAdd") or (), params.get("ValuesToRemove") or ()
    _refuse_sharing(caller, snapshot, adding)
    grantees = sorted({*caller.state.grantees(snapshot), *adding} - set(removing))
    if len({*grantees} - {"all"}) > MOST_GRANTEES:
        raise Fault(
            "SharedSnapshotQuotaExceeded",
            f"The cluster snapshot {snapshot.identifier} cannot be shared with more than {MOST_GRANTEES} accounts.",
        )
    caller.state.share(snapshot, grantees)
    return _attributes(snapshot, grantees)


def _refuse_sharing(caller: Caller, snapshot: Snapshot, adding: Sequence[str]) -> None:
    name = snapshot.identifier
    if snapshot.type == "automated":
        raise Fault(_STATE, "automated snapshots cannot be modified.")
    if name.startswith("awsbackup:"):
        raise Fault("InvalidParameterValue", f"The parameter {name} is not a valid identifier.")
    status = _views.shown(snapshot, caller.now).status
    if status != "available":
        raise Fault(_STATE, f"The cluster snapshot {name} is {status}, not available.")
    if snapshot.kms_key is None or not adding:
        return
    if "all" in adding:
        raise Fault("InvalidParameterValue", f"The encrypted cluster snapshot {name} cannot be made public.")
    if _lookups.has_default_key(caller, snapshot):
        raise Fault(
            "InvalidParameterValue",
            f"The cluster snapshot {name} is encrypted with the default key and cannot be shared.",
        )


@operation(required="DBClusterSnapshotIdentifier")
def describe_db_cluster_snapshot_attributes(caller: Caller, params: Params) -> Answer:
    """List the accounts that a snapshot is shared with."""
    snapshot = _lookups.own_snapshot(caller, params["DBClusterSnapshotIdentifier"])
    return _attributes(snapshot, caller.state.grantees(snapshot))


def _attributes(snapshot: Snapshot, grantees: list[str]) -> Answer:
    result = {
        "DBClusterSnapshotIdentifier": snapshot.identifier,
        "DBClusterSnapshotAttributes": [{"AttributeName": "restore", "AttributeValues": grantees}],
    }
    return {"DBClusterSnapshotAttributesResult": result}
