"""Rows of the rules about listing snapshots and tags."""

from __future__ import annotations

from tests.helpers import HERE, arn
from tests.rules.rows import ERROR, WARNING, Table, of

describe = of("DescribeDBClusterSnapshots")
AUTOMATED = "rds:graph-2026-01-01-00-00"
TABLES = {
    "max-records": Table(
        ERROR,
        [*(describe(MaxRecords=number) for number in (20, 50, 100)), describe()],
        [*(describe(MaxRecords=number) for number in (19, 101, 0, -20, 5, 10**30))],
        [
            (
                describe(MaxRecords=5),
                "error: MaxRecords: 5 is not from 20 to 100; give a number in that range, and follow Marker for the "
                "rest [max-records]",
            )
        ],
    ),
    "snapshot-type": Table(
        ERROR,
        [*(describe(SnapshotType=kind) for kind in ("automated", "manual", "shared", "public", "Manual", "PUBLIC"))],
        [*(describe(SnapshotType=kind) for kind in ("", "Manual2", "awsbackup", "manual\n", " manual", "publ\u0131c"))],
        [
            (
                describe(SnapshotType="backup"),
                "error: SnapshotType: 'backup' is not a type of snapshot; give automated, manual, shared or public "
                "[snapshot-type]",
            )
        ],
    ),
    "snapshot-type-case": Table(
        WARNING,
        [*(describe(SnapshotType=kind) for kind in ("automated", "manual", "shared", "public", "Manual2", ""))],
        [*(describe(SnapshotType=kind) for kind in ("Automated", "MANUAL", "Shared", "publiC"))],
        [
            (
                describe(SnapshotType="Manual"),
                "warning: SnapshotType: 'Manual' is not in lower case; write manual [snapshot-type-case]",
            )
        ],
    ),
    "filters-unsupported": Table(
        WARNING,
        [describe(), describe(Filters=[]), of("ListTagsForResource")(Filters=[])],
        [
            describe(Filters=[{"Name": "engine", "Values": ["neptune"]}]),
            of("ListTagsForResource")(Filters=({"Name": "x", "Values": []},)),
        ],
        [
            (
                describe(Filters=[{"Name": "engine", "Values": ["neptune"]}]),
                "warning: Filters: a list of 1 item is documented as not supported; leave it out, and filter the "
                "answer [filters-unsupported]",
            )
        ],
    ),
    "include-ignored": Table(
        WARNING,
        [
            describe(IncludeShared=True, IncludePublic=True),
            describe(IncludeShared=False, SnapshotType="manual"),
            describe(IncludeShared=True, SnapshotType="shared"),
            describe(IncludePublic=True, SnapshotType="public"),
        ],
        [
            describe(IncludeShared=True, SnapshotType="manual"),
            describe(IncludePublic=True, SnapshotType="Automated"),
            describe(IncludePublic=True, SnapshotType="shared"),
            describe(IncludeShared=True, SnapshotType="public"),
        ],
        [
            (
                describe(IncludeShared=True, SnapshotType="manual"),
                "warning: IncludeShared: True has no effect with SnapshotType manual; leave one of them out "
                "[include-ignored]",
            )
        ],
    ),
    "automated-needs-type": Table(
        WARNING,
        [
            describe(DBClusterSnapshotIdentifier="nightly"),
            describe(DBClusterSnapshotIdentifier=AUTOMATED, SnapshotType="automated"),
            describe(DBClusterSnapshotIdentifier="awsbackup:job-1"),
            describe(DBClusterSnapshotIdentifier=arn(HERE)),
        ],
        [describe(DBClusterSnapshotIdentifier=name) for name in (AUTOMATED, arn(HERE, AUTOMATED))],
        [
            (
                describe(DBClusterSnapshotIdentifier=AUTOMATED),
                "warning: SnapshotType: is missing while the snapshot is an automated one; give "
                "SnapshotType='automated' [automated-needs-type]",
            )
        ],
    ),
}
