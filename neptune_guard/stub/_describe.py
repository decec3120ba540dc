"""Listing snapshots and clusters, page by page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from neptune_guard.exceptions import NotStubbedError
from neptune_guard.stub import _lookup, _views
from neptune_guard.stub._faults import Fault
from neptune_guard.stub._lookup import Caller
from neptune_guard.stub._rows import Cluster, Page, Snapshot

Params = Mapping[str, Any]
Answer = dict[str, Any]
_SNAPSHOT_TYPES = ("automated", "manual", "shared", "public")
_SMALLEST_PAGE, _LARGEST_PAGE = 20, 100


def describe_db_cluster_snapshots(caller: Caller, params: Params) -> Answer:
    """List snapshots: one by its name, or a page of those that the caller may see."""
    kind, cluster = params.get("SnapshotType"), params.get("DBClusterIdentifier")
    given = params.get("DBClusterSnapshotIdentifier")
    if kind is not None and kind not in _SNAPSHOT_TYPES:
        raise Fault(
            "InvalidParameterValue", f"Invalid snapshot type: {kind}; it is one of {', '.join(_SNAPSHOT_TYPES)}."
        )
    if given is not None and cluster is not None:
        raise Fault(
            "InvalidParameterCombination",
            "DBClusterIdentifier and DBClusterSnapshotIdentifier cannot be specified together.",
        )
    if given is not None:
        found = _described(caller, given, kind)
        return {"DBClusterSnapshots": [found] if _filters(params)["engine"] else []}
    return _page(params, "DBClusterSnapshots", lambda marker, size: _listed(caller, params, marker, size))


def _described(caller: Caller, given: str, kind: str | None) -> Answer:
    snapshot = _lookup.snapshot(caller, given, caller.region)
    if snapshot is None or kind not in (None, *_kinds(caller, snapshot)):
        raise Fault("DBClusterSnapshotNotFoundFault", f"DBClusterSnapshot not found: {given}")
    return _seen(caller, snapshot)


def _kinds(caller: Caller, snapshot: Snapshot) -> list[str]:
    """Return the SnapshotTypes under which the caller finds a snapshot: its own also as public, once it is."""
    grantees = caller.store.grantees(snapshot)
    own = [snapshot.type] if _lookup.own(caller, snapshot) else ["shared"] * (caller.account_id in grantees)
    return own + ["public"] * ("all" in grantees)


def _seen(caller: Caller, snapshot: Snapshot) -> Answer:
    """Return a snapshot as the caller sees it: those of other accounts are listed as shared, under their ARN."""
    kind = None if _lookup.own(caller, snapshot) else _kinds(caller, snapshot)[0]
    return _views.snapshot_view(snapshot, _views.state(snapshot, caller.now), kind)


def _listed(caller: Caller, params: Params, marker: str, size: int) -> list[tuple[str, Answer]]:
    """Return up to `size` snapshots after a marker, each with its own: the caller's by name, then others' by owner."""
    if not _filters(params)["engine"]:
        return []
    owner, _, name = marker.rpartition("/")
    wanted = _wanted(caller, params)
    rows = [] if owner else _own_page(caller, params, Page(caller.account_id, caller.region, name, size), wanted)
    foreign = _grantees(caller, params)
    if len(rows) < size and foreign:
        rows += _foreign_page(caller, foreign, (owner, name if owner else ""), size - len(rows), wanted)
    return [(_marker(caller, row), _seen(caller, row)) for row in rows]


def _marker(caller: Caller, row: Snapshot) -> str:
    return row.identifier if _lookup.own(caller, row) else f"{row.account_id}/{row.identifier}"


def _wanted(caller: Caller, params: Params) -> dict[str, str]:
    cluster = params.get("DBClusterIdentifier")
    return {} if cluster is None else {"cluster": _lookup.cluster_name(caller, cluster)}


def _own_page(caller: Caller, params: Params, page: Page, wanted: dict[str, str]) -> list[Snapshot]:
    kind = params.get("SnapshotType")
    if kind == "public":
        after = (page.account_id, page.marker)
        return caller.store.granted("all", page.region, after, page.size, owner=page.account_id, **wanted)
    return caller.store.snapshots(page, **wanted, **({} if kind is None else {"type": kind}))


def _grantees(caller: Caller, params: Params) -> list[str]:
    """Return through which grants snapshots of other accounts are to be listed.

    IncludeShared and IncludePublic do not apply with a SnapshotType.
    """
    kind = params.get("SnapshotType")
    shared = kind == "shared" or (kind is None and params.get("IncludeShared"))
    public = kind == "public" or (kind is None and params.get("IncludePublic"))
    return [grantee for grantee, wanted in ((caller.account_id, shared), ("all", public)) if wanted]


def _foreign_page(
    caller: Caller, grantees: list[str], after: tuple[str, str], size: int, wanted: dict[str, str]
) -> list[Snapshot]:
    """Return snapshots of other accounts; one that is both shared and public comes once."""
    found: dict[tuple[str, str], Snapshot] = {}
    for grantee in grantees:
        rows = caller.store.granted(grantee, caller.region, after, size, other_than=caller.account_id, **wanted)
        found |= {(row.account_id, row.identifier): row for row in rows}
    return [found[each] for each in sorted(found)][:size]


def _filters(params: Params, *known: str) -> dict[str, set[str]]:
    """Return the values that Filters leave of each name that is filtered by, `engine` always being one."""
    left = {"engine": {"neptune"}}
    for each in params.get("Filters") or ():
        name, values = each["Name"], set(each["Values"])
        if name not in ("engine", *known):
            raise NotStubbedError(
                f"the stub knows no filter {name!r} here, only {', '.join(('engine', *known))}; filter the answer"
            )
        left[name] = left.get(name, values) & values
    return left


def _page(params: Params, name: str, listed: Callable[[str, int], list[tuple[str, Answer]]]) -> Answer:
    """Answer with a page of what is listed, and a Marker where there is more."""
    size = params.get("MaxRecords", _LARGEST_PAGE)
    if not _SMALLEST_PAGE <= size <= _LARGEST_PAGE:
        raise Fault(
            "InvalidParameterValue",
            f"Invalid value {size} for MaxRecords. Must be between {_SMALLEST_PAGE} and {_LARGEST_PAGE}",
        )
    found = listed(params.get("Marker") or "", size + 1)
    answer: Answer = {name: [view for _, view in found[:size]]}
    if len(found) > size:
        answer["Marker"] = found[size - 1][0]
    return answer


def describe_db_clusters(caller: Caller, params: Params) -> Answer:
    """List clusters: one by its name, or a page of all."""
    filters = _filters(params, "db-cluster-id")
    given = params.get("DBClusterIdentifier")
    wanted = [filters.get("db-cluster-id"), None if given is None else {given}]
    named = [{_lookup.cluster_name(caller, each) for each in names} for names in wanted if names is not None]
    if given is not None and not _clusters(caller, named[-1], "", 1):
        raise Fault("DBClusterNotFoundFault", f"DBCluster {given} not found")
    names = set.intersection(*named) if named else None

    def listed(marker: str, size: int) -> list[tuple[str, Answer]]:
        rows = _clusters(caller, names, marker, size) if filters["engine"] else []
        return [(row.identifier, _views.cluster_view(row, caller.now)) for row in rows]

    return _page(params, "DBClusters", listed)


def _clusters(caller: Caller, names: set[str] | None, marker: str, size: int) -> list[Cluster]:
    if names is None:
        return caller.store.clusters(Page(caller.account_id, caller.region, marker, size))
    found = (caller.store.cluster(caller.account_id, caller.region, name) for name in sorted(names) if name > marker)
    return [each for each in found if each][:size]
