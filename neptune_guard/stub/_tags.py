"""Tags of snapshots and clusters."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from neptune_guard.exceptions import NotStubbedError
from neptune_guard.stub import _lookup, _views
from neptune_guard.stub._faults import Fault
from neptune_guard.stub._lookup import Caller
from neptune_guard.stub._requests import validate_tags
from neptune_guard.stub._rows import Cluster, Snapshot

Params = Mapping[str, Any]
Answer = dict[str, Any]


def add_tags_to_resource(caller: Caller, params: Params) -> Answer:
    """Add tags to a snapshot or cluster, or change them."""
    resource = _tagged(caller, params["ResourceName"])
    validate_tags(params["Tags"])
    tags = {**json.loads(resource.tags), **_lookup.tag_dict(params["Tags"])}
    validate_tags([{"Key": key} for key in tags])
    caller.store.set_tags(resource, tags)
    return {}


def list_tags_for_resource(caller: Caller, params: Params) -> Answer:
    """List the tags of a snapshot or cluster."""
    if params.get("Filters"):
        raise NotStubbedError(
            "the stub has no Filters for ListTagsForResource; Neptune documents them as not supported"
        )
    return {"TagList": _views.tag_list(_tagged(caller, params["ResourceName"]).tags)}


def remove_tags_from_resource(caller: Caller, params: Params) -> Answer:
    """Remove tags from a snapshot or cluster; keys that it has not are no error."""
    resource = _tagged(caller, params["ResourceName"])
    gone = set(params["TagKeys"])
    caller.store.set_tags(resource, {key: value for key, value in json.loads(resource.tags).items() if key not in gone})
    return {}


def _tagged(caller: Caller, arn: str) -> Cluster | Snapshot:
    """Return what an ARN names, of the caller's own."""
    parts = arn.split(":", 6)
    kind = parts[5] if len(parts) == 7 and parts[0] == "arn" and parts[2] == "rds" else None
    here = (_views.partition(caller.region), caller.region)
    if kind not in ("cluster", "cluster-snapshot") or (parts[1], parts[3]) != here:
        raise Fault("InvalidParameterValue", f"Invalid resource name:  {arn}")
    find: Callable[[str, str, str], Cluster | Snapshot | None]
    find, fault = (
        (caller.store.cluster, "DBClusterNotFoundFault")
        if kind == "cluster"
        else (caller.store.snapshot, "DBSnapshotNotFound")
    )
    found = find(parts[4], parts[3], parts[6]) if parts[4] == caller.account_id else None
    if found is None:
        raise Fault(fault, f"{arn} not found")
    return found
