"""Rows of the rules about names of something new, and of clusters that exist."""

from __future__ import annotations

from tests.helpers import ACCOUNT, HERE, SOURCE, TARGET, arn
from tests.rules.rows import ERROR, WARNING, Row, Table, clusters, of, target

snapshot = of("CreateDBClusterSnapshot")
delete = of("DeleteDBCluster")
modify = of("ModifyDBCluster")
create = of("CreateDBCluster")
restore = of("RestoreDBClusterFromSnapshot")
rewind = of("RestoreDBClusterToPointInTime")
instance = of("CreateDBInstance")


def final(name: str) -> Row:
    return delete(SkipFinalSnapshot=False, FinalDBSnapshotIdentifier=name)


def everywhere(name: str) -> list[Row]:
    """Return a row of every parameter that names something new."""
    return [
        target(name),
        snapshot(DBClusterSnapshotIdentifier=name),
        final(name),
        modify(NewDBClusterIdentifier=name),
        *(made(DBClusterIdentifier=name) for made in (create, restore, rewind)),
        instance(DBInstanceIdentifier=name),
    ]


CLUSTER = arn(HERE, "graph", kind="cluster")
TABLES = {
    "identifier-length": Table(
        ERROR,
        [*everywhere("n"), *everywhere("n" * 63), final("n" * 64), final("n" * 255)],
        [
            *everywhere(""),
            *(row for row in everywhere("n" * 64) if row.operation != "DeleteDBCluster"),
            final("n" * 256),
        ],
        [
            (target(""), f"error: {TARGET}: '' is empty; choose a name [identifier-length]"),
            (
                snapshot(DBClusterSnapshotIdentifier="n" * 64),
                f"error: DBClusterSnapshotIdentifier: '{'n' * 64}' is longer than 63 characters; choose another name "
                "[identifier-length]",
            ),
            (
                final("n" * 256),
                f"error: FinalDBSnapshotIdentifier: '{'n' * 100}'... (256 characters) is longer than 255 characters; "
                "choose another name [identifier-length]",
            ),
        ],
    ),
    "identifier-length-doubtful": Table(
        WARNING,
        [final("n"), final("n" * 63), final("n" * 256), final("arn:" + "n" * 64)],
        [final("n" * 64), final("n" * 255)],
        [
            (
                final("n" * 64),
                f"warning: FinalDBSnapshotIdentifier: '{'n' * 64}' is longer than 63 characters, which DeleteDBCluster "
                "documents and CreateDBClusterSnapshot does not; choose a shorter name to be safe "
                "[identifier-length-doubtful]",
            )
        ],
    ),
    "identifier-first-letter": Table(
        ERROR,
        [*map(target, ("n", "N1", "")), *everywhere("Graph-2")],
        [*map(target, ("1n", "-n", "_n", "ñ", " n", "\n")), *everywhere("2-graph")],
        [
            (
                target("2026"),
                f"error: {TARGET}: '2026' does not begin with a letter; begin with a to z or A to Z "
                "[identifier-first-letter]",
            )
        ],
    ),
    "identifier-characters": Table(
        ERROR,
        [*map(target, ("n", "Nightly-2026", "a--b", "1", "")), *everywhere("Graph-2")],
        [
            *map(target, ("n_1", "n 1", "n.1", "n\n", "ñandu", "n\0", "n\u0661", "\ud800", "my:n")),
            *everywhere("graph_2"),
        ],
        [
            (
                final("graph_final"),
                "error: FinalDBSnapshotIdentifier: 'graph_final' has other characters than ASCII letters, digits and "
                "hyphens; replace them, for instance by hyphens [identifier-characters]",
            )
        ],
    ),
    "identifier-hyphens": Table(
        ERROR,
        [*map(target, ("n", "a-b-c", "-a", "")), *everywhere("graph-2-b")],
        [*map(target, ("n-", "a--b", "-", "a---")), *everywhere("graph-"), *everywhere("graph--2")],
        [
            (
                target("my--copy"),
                f"error: {TARGET}: 'my--copy' has two consecutive hyphens; use single ones [identifier-hyphens]",
            ),
            (
                target("my-copy-"),
                f"error: {TARGET}: 'my-copy-' ends with a hyphen; end with a letter or digit [identifier-hyphens]",
            ),
        ],
    ),
    "identifier-arn": Table(
        ERROR,
        [*map(target, ("arn", "rds-nightly", "awsbackup", "my:rds:x", "")), *everywhere("arn")],
        [*map(target, (arn(), "arn:", "rds:graph", "awsbackup:job-1")), *everywhere("rds:graph"), *everywhere(CLUSTER)],
        [
            (
                target("rds:graph"),
                f"error: {TARGET}: 'rds:graph' is an ARN or has a reserved prefix; give a plain name, it belongs to "
                "the client's Region and account [identifier-arn]",
            )
        ],
    ),
    "cluster-identifier-format": Table(
        ERROR,
        [
            *(row for name in ("g", "Graph-1", "g" * 64, CLUSTER) for row in clusters(name)),
            modify(DBClusterIdentifier=arn("cn-north-1", "graph", kind="cluster", partition="aws-cn"), region=None),
        ],
        [
            *(row for name in ("", "1graph", "graph_1", CLUSTER + "-", arn(HERE)) for row in clusters(name)),
            *(
                delete(DBClusterIdentifier=name)
                for name in (
                    "-g",
                    "g-",
                    "g--h",
                    "g\n",
                    "graph 1",
                    "rds:graph",
                    "arn:",
                    CLUSTER.replace(":rds:", ":neptune:"),
                    CLUSTER.replace(ACCOUNT, ACCOUNT[1:]),
                    CLUSTER.replace(":cluster:", ":db:"),
                    CLUSTER.replace(":graph", ":1"),
                    CLUSTER + "\n",
                )
            ),
        ],
        [
            (
                snapshot(DBClusterIdentifier=""),
                "error: DBClusterIdentifier: '' is empty; give the name or the ARN of a cluster "
                "[cluster-identifier-format]",
            ),
            (
                snapshot(DBClusterIdentifier="graph_1"),
                "error: DBClusterIdentifier: 'graph_1' is not a cluster identifier; begin with a letter, use only "
                "ASCII letters, digits and single hyphens, do not end with a hyphen, or give the ARN of a cluster "
                "[cluster-identifier-format]",
            ),
        ],
    ),
    "target-same-as-source": Table(
        ERROR,
        [
            target("nightly-2"),
            Row({SOURCE: arn(HERE), TARGET: "nightly"}),
            Row({SOURCE: arn(HERE), TARGET: "nightly"}, account_id="999999999999"),
            Row({SOURCE: arn("us-east-1"), TARGET: "nightly"}, account_id=ACCOUNT),
            Row({SOURCE: "nightly", TARGET: "nightly", "SourceRegion": "us-east-1"}),
            Row({SOURCE: "rds:nightly", TARGET: "rds:nightly"}),
            Row({SOURCE: "arn:x", TARGET: "arn:x"}),
        ],
        [
            target("nightly"),
            target("NIGHTLY"),
            target("nightly", region=None),
            Row({SOURCE: "nightly", TARGET: "nightly", "SourceRegion": "us-west-2"}),
            Row({SOURCE: arn(HERE), TARGET: "Nightly"}, account_id=ACCOUNT),
        ],
        [
            (
                target("NIGHTLY"),
                f"error: {TARGET}: 'NIGHTLY' is the source itself; choose another name for the copy "
                "[target-same-as-source]",
            )
        ],
    ),
}
