"""Listing snapshots, clusters and instances, page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from neptune_guard.exceptions import NotStubbedError
from neptune_guard.stub import _lookups, _views
from neptune_guard.stub._caller import Caller
from neptune_guard.stub._faults import Fault
from neptune_guard.stub._operation import Answer, Params, operation
from neptune_guard.stub._state import Found
from neptune_guard.stub._tables import Cluster, Instance, Page, Snapshot

_SMALLEST_PAGE, _LARGEST_PAGE = 20, 100
Filters = Mapping[str, set[str]]


def _filters(caller: Caller, params: Params, *known: str) -> Filters:
    """Return the values that are left of each name that is filtered by; clusters and instances by name.

    Raises:
        NotStubbedError: The stub does not know a filter.
    """
    left: dict[str, set[str]] = {}
    for each in params.get("Filters") or ():
        name, values = each["Name"], set(each["Values"])
        if name not in ("engine", *known):
            raise NotStubbedError(
                f"the stub knows no filter {name!r} here, only {', '.join(('engine', *known))}; filter the answer"
            )
        if name == "db-cluster-snapshot-id":
            values = {value.lower() for value in values}
        if name == "db-cluster-id":
            values = {_lookups.name_in(caller, value, "cluster") for value in values}
        left[name] = left.get(name, values) & values
    return left


def _matches(filters: Filters, **shown: str) -> bool:
    """Tell whether a resource passes; `snapshot_type="manual"` is what the filter `snapshot-type` looks at."""
    facts = {"engine": "neptune", **{name.replace("_", "-"): value for name, value in shown.items()}}
    return all(facts[name] in values for name, values in filters.items())


def _page(params: Params, member: str, found: Iterator[tuple[str, Answer]]) -> Answer:
    """Answer with a page of what is found, and a Marker if there is more."""
    size = params.get("MaxRecords", _LARGEST_PAGE)
    if not _SMALLEST_PAGE <= size <= _LARGEST_PAGE:
        raise Fault(
            "InvalidParameterValue",
            f"Invalid value {size} for MaxRecords. Must be between {_SMALLEST_PAGE} and {_LARGEST_PAGE}",
        )
    rows: list[Answer] = []
    last = ""
    for marker, view in found:
        if len(rows) == size:
            return {member: rows, "Marker": last}
        rows.append(view)
        last = marker
    return {member: rows}


def _walk(read: Callable[[str], list[Any]], marker: str) -> Iterator[Any]:
    """Return all rows after a marker; they are read a page at a time, and only as far as somebody looks."""
    while True:
        rows = read(marker)
        yield from rows
        if len(rows) <= _LARGEST_PAGE:
            return
        marker = rows[-1].identifier


# ---------------------------------------------------------------------- snapshots


@operation(
    optional="DBClusterIdentifier DBClusterSnapshotIdentifier SnapshotType Filters MaxRecords Marker IncludeShared "
    "IncludePublic"
)
def describe_db_cluster_snapshots(caller: Caller, params: Params) -> Answer:
    """List snapshots: one by its name or ARN, or pages of 20 to 100 by type, cluster, shared, public.

    It works with botocore's paginator, and has the filters `engine`, `db-cluster-id`, `db-cluster-snapshot-id` and
    `snapshot-type`.
    """
    if "SnapshotType" in params:
        params = {**params, "SnapshotType": params["SnapshotType"].lower()}  # a warning of the guard's, no more
    given, kind = params.get("DBClusterSnapshotIdentifier"), params.get("SnapshotType")
    filters = _filters(caller, params, "db-cluster-id", "db-cluster-snapshot-id", "snapshot-type")
    if given is not None:
        return _page(params, "DBClusterSnapshots", _viewed(caller, iter([_described(caller, given, kind)]), filters))
    return _page(params, "DBClusterSnapshots", _viewed(caller, _listed(caller, params), filters))


def _described(caller: Caller, given: str, kind: str | None) -> Snapshot:
    snapshot = _lookups.snapshot(caller, given, caller.region)
    if snapshot is None or kind not in (None, *_kinds(caller, snapshot)):
        raise Fault("DBClusterSnapshotNotFoundFault", f"DBClusterSnapshot not found: {given}")
    return snapshot


def _kinds(caller: Caller, snapshot: Snapshot) -> list[str]:
    """Return the SnapshotTypes under which the caller finds a snapshot: its own also as public, once it is."""
    grantees = caller.state.grantees(snapshot)
    kinds = []
    if _lookups.own(caller, snapshot):
        kinds.append(snapshot.type)
    elif caller.account_id in grantees:
        kinds.append("shared")
    if "all" in grantees:
        kinds.append("public")
    return kinds


def _viewed(caller: Caller, rows: Iterator[Snapshot], filters: Filters) -> Iterator[tuple[str, Answer]]:
    """Return the marker and the view of each snapshot that passes the filters.

    Snapshots of other accounts are listed as shared or public, under their ARN.
    """
    for row in rows:
        own = _lookups.own(caller, row)
        kind = row.type if own else _kinds(caller, row)[0]
        view = _views.snapshot_view(row, _views.shown(row, caller.now), None if own else kind)
        name = view["DBClusterSnapshotIdentifier"]
        if _matches(filters, db_cluster_id=row.cluster, db_cluster_snapshot_id=name, snapshot_type=kind):
            yield (row.identifier if own else f"{row.account_id}/{row.identifier}"), view


def _listed(caller: Caller, params: Params) -> Iterator[Snapshot]:
    """Return the snapshots that are asked for: the caller's own by name, then those of others by owner."""
    owner, _, name = (params.get("Marker") or "").rpartition("/")
    given = params.get("DBClusterIdentifier")
    cluster = None if given is None else _lookups.name_in(caller, given, "cluster")
    if not owner:
        yield from _walk(lambda marker: _own_page(caller, params.get("SnapshotType"), cluster, marker), name)
    grantees = _grantees(caller, params)
    after = (owner, name if owner else "")
    while grantees:
        rows = _foreign_page(caller, grantees, after, cluster)
        yield from rows
        if len(rows) <= _LARGEST_PAGE:
            return
        after = (rows[-1].account_id, rows[-1].identifier)


def _own_page(caller: Caller, kind: str | None, cluster: str | None, marker: str) -> list[Snapshot]:
    size = _LARGEST_PAGE + 1
    if kind == "shared":
        return []
    if kind == "public":
        after = (caller.account_id, marker)
        return caller.state.granted("all", caller.region, after, size, owner=caller.account_id, cluster=cluster)
    page = Page(caller.account_id, caller.region, marker, size)
    return caller.state.snapshots(page, type=kind or "", cluster=cluster)


def _grantees(caller: Caller, params: Params) -> list[str]:
    """Return through which grants snapshots of other accounts are to be listed.

    IncludeShared and IncludePublic do not apply with a SnapshotType.
    """
    kind = params.get("SnapshotType")
    grantees = []
    if kind == "shared" or (kind is None and params.get("IncludeShared")):
        grantees.append(caller.account_id)
    if kind == "public" or (kind is None and params.get("IncludePublic")):
        grantees.append("all")
    return grantees


def _foreign_page(caller: Caller, grantees: list[str], after: tuple[str, str], cluster: str | None) -> list[Snapshot]:
    """Return snapshots of other accounts; one that is both shared and public comes once."""
    size = _LARGEST_PAGE + 1
    found: dict[tuple[str, str], Snapshot] = {}
    for grantee in grantees:
        rows = caller.state.granted(grantee, caller.region, after, size, other_than=caller.account_id, cluster=cluster)
        found |= {(row.account_id, row.identifier): row for row in rows}
    return [found[each] for each in sorted(found)][:size]


# ---------------------------------------------------------------------- clusters and instances


def _all(caller: Caller, kind: type[Found], params: Params) -> Iterator[Found]:
    """Return the clusters or instances of the caller after the Marker."""

    def read(marker: str) -> list[Found]:
        return caller.state.page(kind, Page(caller.account_id, caller.region, marker, _LARGEST_PAGE + 1))

    return _walk(read, params.get("Marker") or "")


@operation(optional="DBClusterIdentifier Filters MaxRecords Marker")
def describe_db_clusters(caller: Caller, params: Params) -> Answer:
    """List clusters: one by its name, or pages of all; the filters `engine` and `db-cluster-id`."""
    given = params.get("DBClusterIdentifier")
    filters = _filters(caller, params, "db-cluster-id")
    found = _all(caller, Cluster, params) if given is None else iter([_lookups.stored_cluster(caller, given)])
    views = (
        (row.identifier, _views.cluster_view(row, caller.state.members(row), caller.now))
        for row in found
        if _matches(filters, db_cluster_id=row.identifier)
    )
    return _page(params, "DBClusters", views)


@operation(optional="DBInstanceIdentifier Filters MaxRecords Marker")
def describe_db_instances(caller: Caller, params: Params) -> Answer:
    """List instances: one by its name, or pages of all; the filters `engine`, `db-cluster-id`, `db-instance-id`."""
    given = params.get("DBInstanceIdentifier")
    filters = _filters(caller, params, "db-cluster-id", "db-instance-id")
    found = _all(caller, Instance, params) if given is None else iter([_lookups.instance(caller, given)])
    views = (
        (row.identifier, _views.instance_view(row, caller.state.cluster_of(row), caller.now))
        for row in found
        if _matches(filters, db_cluster_id=row.cluster, db_instance_id=row.identifier)
    )
    return _page(params, "DBInstances", views)
