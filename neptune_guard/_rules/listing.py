"""Rules about listing snapshots."""

from __future__ import annotations

from collections.abc import Iterator

from neptune_guard._arn import snapshot_arn
from neptune_guard._printing import ABSENT
from neptune_guard._rules._relation import finds
from neptune_guard._rules._request import Request
from neptune_guard._violations import Finding, Rule, ServiceFault, Severity

SNAPSHOT_TYPES = ("automated", "manual", "shared", "public")
_DESCRIBE = "https://docs.aws.amazon.com/neptune/latest/apiref/API_DescribeDBClusterSnapshots.html"
_TYPE = "SnapshotType"

SNAPSHOT_TYPE = Rule(
    "snapshot-type",
    Severity.ERROR,
    "SnapshotType must be automated, manual, shared or public",
    _DESCRIBE,
    explanation="Without SnapshotType automated and manual snapshots of the own account are listed.",
    fault=ServiceFault(
        words="Invalid snapshot type: {value}; it is one of automated, manual, shared, public.", evidence="inferred"
    ),
    accepted={_TYPE: "manual"},
    rejected={_TYPE: "backup"},
)
SNAPSHOT_TYPE_CASE = Rule(
    "snapshot-type-case",
    Severity.WARNING,
    "SnapshotType must be in lower case",
    _DESCRIBE,
    explanation="The documentation has lower case only. Programs that send Manual exist, so the service may take it.",
    accepted={_TYPE: "manual"},
    rejected={_TYPE: "Manual"},
)
INCLUDE_IGNORED = Rule(
    "include-ignored",
    Severity.WARNING,
    "IncludeShared and IncludePublic must come with a SnapshotType that leaves them an effect, or without any",
    _DESCRIBE,
    explanation="With SnapshotType automated or manual neither has an effect, IncludePublic has none with shared and "
    "IncludeShared none with public. So snapshots are missing from the answer that the caller expects there.",
    accepted={"IncludeShared": True},
    rejected={"IncludeShared": True, _TYPE: "manual"},
)
AUTOMATED_NEEDS_TYPE = Rule(
    "automated-needs-type",
    Severity.WARNING,
    "The name of an automated snapshot must come with SnapshotType",
    _DESCRIBE,
    explanation="The documentation wants SnapshotType beside an identifier that begins with rds:.",
    accepted={"DBClusterSnapshotIdentifier": "rds:graph-2026-11-25-03-00", _TYPE: "automated"},
    rejected={"DBClusterSnapshotIdentifier": "rds:graph-2026-11-25-03-00"},
)


@finds(SNAPSHOT_TYPE, SNAPSHOT_TYPE_CASE)
def snapshot_type(request: Request, name: str) -> Iterator[Finding]:
    """Look SnapshotType up among the known ones."""
    given = request.params[name]
    if not isinstance(given, str) or given in SNAPSHOT_TYPES:
        return
    if given.lower() in SNAPSHOT_TYPES:
        yield SNAPSHOT_TYPE_CASE.found(name, given, f"is not in lower case; write {given.lower()}")
    else:
        yield SNAPSHOT_TYPE.found(
            name, given, f"is not a type of snapshot; give {', '.join(SNAPSHOT_TYPES[:-1])} or {SNAPSHOT_TYPES[-1]}"
        )


_WITHOUT_EFFECT = {
    "IncludeShared": ("automated", "manual", "public"),
    "IncludePublic": ("automated", "manual", "shared"),
}


@finds(INCLUDE_IGNORED)
def included(request: Request, name: str) -> Iterator[Finding]:
    """Compare IncludeShared or IncludePublic with SnapshotType."""
    kind = request.text(_TYPE).lower()
    if request.params[name] is True and kind in _WITHOUT_EFFECT[name]:
        yield INCLUDE_IGNORED.found(name, True, f"has no effect with SnapshotType {kind}; leave one of them out")


@finds(AUTOMATED_NEEDS_TYPE)
def automated(request: Request, name: str) -> Iterator[Finding]:
    """See whether an automated snapshot is described together with its type."""
    given, arn = request.text(name), snapshot_arn(request.params[name])
    if _TYPE not in request.params and (arn.name if arn else given).startswith("rds:"):
        yield AUTOMATED_NEEDS_TYPE.found(
            _TYPE, ABSENT, "is missing while the snapshot is an automated one; give SnapshotType='automated'"
        )
