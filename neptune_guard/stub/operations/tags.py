"""Tags of clusters, instances and snapshots."""

from __future__ import annotations

import json

from neptune_guard.exceptions import NotStubbedError
from neptune_guard.stub import _lookups, _validation, _views
from neptune_guard.stub._caller import Caller
from neptune_guard.stub._faults import Fault
from neptune_guard.stub._operation import Answer, Params, operation
from neptune_guard.stub._tables import Cluster, Instance, Snapshot

# The model names no fault for a missing cluster snapshot here, so the one of an instance snapshot is inferred.
_MISSING = {
    "cluster": "DBClusterNotFoundFault",
    "cluster-snapshot": "DBSnapshotNotFound",
    "db": "DBInstanceNotFound",
}


@operation(required="ResourceName Tags")
def add_tags_to_resource(caller: Caller, params: Params) -> Answer:
    """Add tags to a cluster, an instance or a snapshot, or change their values."""
    resource = _tagged(caller, params["ResourceName"])
    tags = {**json.loads(resource.tags), **_lookups.tag_dict(params["Tags"])}
    _validation.refuse_too_many_tags(tags)
    caller.state.set_tags(resource, tags)
    return {}


@operation(required="ResourceName", optional="Filters")
def list_tags_for_resource(caller: Caller, params: Params) -> Answer:
    """List the tags of a resource; the subnet group `default` has none."""
    if params.get("Filters"):
        raise NotStubbedError(
            "the stub has no Filters for ListTagsForResource; Neptune documents them as not supported"
        )
    if params["ResourceName"] == _views.arn(caller.region, caller.account_id, "subgrp:default"):
        return {"TagList": []}
    return {"TagList": _views.tag_list(_tagged(caller, params["ResourceName"]).tags)}


@operation(required="ResourceName TagKeys")
def remove_tags_from_resource(caller: Caller, params: Params) -> Answer:
    """Remove tags from a resource; keys that it does not have are no error."""
    resource = _tagged(caller, params["ResourceName"])
    gone = set(params["TagKeys"])
    kept = {key: value for key, value in json.loads(resource.tags).items() if key not in gone}
    caller.state.set_tags(resource, kept)
    return {}


def _tagged(caller: Caller, arn: str) -> Cluster | Instance | Snapshot:
    """Return the resource of the caller's own that an ARN names."""
    parts = arn.split(":", 6)
    kind = parts[5] if len(parts) == 7 and parts[:3] == ["arn", _views.partition(caller.region), "rds"] else None
    if kind is None or parts[3] != ("" if kind == "global-cluster" else caller.region):
        raise Fault("InvalidParameterValue", f"Invalid resource name:  {arn}")
    if kind not in _MISSING:
        raise NotStubbedError(f"the stub keeps no tags of the resource type {kind}, only of {', '.join(_MISSING)}")
    found = _found(caller, kind, parts[6]) if parts[4] == caller.account_id else None
    if found is None:
        raise Fault(_MISSING[kind], f"{arn} not found")
    return found


def _found(caller: Caller, kind: str, name: str) -> Cluster | Instance | Snapshot | None:
    place = (caller.account_id, caller.region, name)
    if kind == "cluster":
        return caller.state.find(Cluster, *place)
    return caller.state.find(Instance, *place) if kind == "db" else caller.state.find(Snapshot, *place)
