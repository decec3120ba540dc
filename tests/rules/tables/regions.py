"""Rows of the rules about Regions and partitions, of SourceRegion and of ARNs."""

from __future__ import annotations

from neptune_guard._printing import ABSENT
from tests.helpers import HERE, SOURCE, THERE, arn
from tests.rules.rows import ERROR, WARNING, Row, Table, clusters, from_region, having, of, source

restore = of("RestoreDBClusterFromSnapshot")
replicate = of("CreateDBCluster")
TAGGING, NAMING_SNAPSHOTS = having("ResourceName"), having("DBClusterSnapshotIdentifier")
GLOBAL = arn("", "graph-world", kind="global-cluster")
REPLICATED = arn(THERE, "graph", kind="cluster")


def located(there: str, **context: str | None) -> list[Row]:
    """Return a row of every ARN that should be of the client's Region."""
    snapshot, cluster = arn(there), arn(there, "graph", kind="cluster")
    return [
        *(made(DBClusterSnapshotIdentifier=snapshot, **context) for made in NAMING_SNAPSHOTS),
        *clusters(cluster, **context),
        *(made(ResourceName=cluster, **context) for made in TAGGING),
        restore(SnapshotIdentifier=snapshot, **context),
    ]


def resource(text: str, **kwargs: object) -> list[Row]:
    return [made(ResourceName=text, **kwargs) for made in TAGGING]


def replica(region: object, from_: object = REPLICATED, **kwargs: object) -> Row:
    return replicate(SourceRegion=region, ReplicationSourceIdentifier=from_, **kwargs)


TABLES = {
    "region-unknown": Table(
        WARNING,
        [
            source(arn("us-east-1")),
            source(arn("us-east-99")),  # of the form that this partition's Regions have: a new one
            source(arn("ca-central-9")),
            source(arn("mars-1")),
            source(arn("moon-base-1", partition="aws-moon"), region=None),
            from_region("nightly", "us-east-99"),
            replica("us-east-1"),
        ],
        [
            source(arn("nz-north-1")),
            source(arn("us-esat-1")),
            from_region("nightly", "nz-north-1"),
            from_region(arn("nz-north-1"), "nz-north-1"),
            *(made(DBClusterSnapshotIdentifier=arn("us-wset-2")) for made in NAMING_SNAPSHOTS),
            restore(SnapshotIdentifier=arn("nz-north-1")),
            replica("nz-north-1", ABSENT),
        ],
        [
            (
                source(arn("us-esat-1")),
                f"warning: {SOURCE}: '{arn('us-esat-1')}' names a Region that botocore does not know; did you mean "
                "us-east-1? [region-unknown]",
            ),
            (
                source(arn("moon-base-1")),
                f"warning: {SOURCE}: '{arn('moon-base-1')}' names a Region that botocore does not know; correct it, "
                "unless it is newer than this botocore [region-unknown]",
            ),
        ],
    ),
    "arn-other-region": Table(
        WARNING,
        [
            *located(HERE),
            *located(THERE, region=None),
            *located("cn-north-1"),
            *resource(GLOBAL),
            *resource("graph"),
            source(arn(THERE)),
            restore(SnapshotIdentifier=arn("cn-north-1", partition="aws-cn")),
        ],
        [
            *located(THERE),
            *located("nz-north-1"),
            *resource(arn("", "graph", kind="cluster")),
            restore(SnapshotIdentifier=arn(THERE, kind="snapshot")),
        ],
        [
            (
                restore(SnapshotIdentifier=arn(THERE)),
                f"warning: SnapshotIdentifier: '{arn(THERE)}' is not of us-west-2, the client's Region; copy the "
                "snapshot to this Region first [arn-other-region]",
            ),
            (
                clusters(REPLICATED)[0],
                f"warning: DBClusterIdentifier: '{REPLICATED}' is not of us-west-2, the client's Region; use a client "
                "of the ARN's Region [arn-other-region]",
            ),
        ],
    ),
    "source-arn-required": Table(
        ERROR,
        [
            from_region("nightly", "us-west-2"),
            from_region(arn("us-east-1"), "us-east-1"),
            from_region("nightly", "us-east-1", region=None),
            source("nightly"),
        ],
        [
            from_region("nightly", "us-east-1"),
            from_region("rds:graph-2026-01-01-00-00", "us-east-1"),
            from_region("nightly", "us-east-1", region="us-east-99"),
        ],
        [
            (
                from_region("nightly", "us-east-1"),
                f"error: {SOURCE}: 'nightly' is a bare identifier, but SourceRegion is not the client's us-west-2; "
                "give the snapshot's ARN [source-arn-required]",
            )
        ],
    ),
    "source-region-format": Table(
        ERROR,
        [
            *(
                from_region(arn(each), each)
                for each in ("us-east-1", "us-gov-east-1", "ap-southeast-12", "eusc-de-east-1", "us-isob-east-1")
            ),
            replica("us-east-1"),
        ],
        [
            *(
                from_region("nightly", each)
                for each in (
                    "evil.example/x?",
                    "us-east-1.evil.example",
                    "us-east-111",
                    "us-ëast-1",
                    "-us-east-1",
                    "us-east-1\0",
                )
            ),
            *(
                from_region(arn("us-east-1"), each)
                for each in (
                    "",
                    " ",
                    "US-EAST-1",
                    "us-east-1\n",
                    "us_east_1",
                    "us-east",
                    "useast1",
                    "us--east-1",
                    "a-" * 40 + "a-1",
                )
            ),
            *(replica(each) for each in ("", "evil.example/x?", "US-EAST-1")),
        ],
        [
            (
                replica("US-EAST-1", ABSENT),
                "error: SourceRegion: 'US-EAST-1' is not a Region's name; write it as us-east-1, in lower case "
                "[source-region-format]",
            )
        ],
    ),
    "source-region-mismatch": Table(
        ERROR,
        [
            from_region(arn("us-east-1"), "us-east-1"),
            from_region(arn("us-east-1")),
            from_region("nightly", "us-east-1"),
            from_region("arn:aws:rds", "us-east-1"),
            replica("us-east-1"),
            replica("us-east-2", ABSENT),
        ],
        [
            from_region(arn("us-east-1"), "us-east-2"),
            from_region(arn("us-east-1"), ""),
            from_region(arn("us-east-1\n" * 20), "us-east-1"),
            from_region(arn("us-east-1"), "us-west-2", region=None),
            replica("us-east-2", warns=True),
        ],
        [
            (
                from_region(arn("us-east-1"), "us-east-2"),
                "error: SourceRegion: 'us-east-2' is not us-east-1, the Region of the source ARN; leave it out, it "
                "follows from the ARN [source-region-mismatch]",
            ),
            (
                replica("us-east-2"),
                "warning: SourceRegion: 'us-east-2' is not us-east-1, the Region of ReplicationSourceIdentifier; leave "
                "it out, or correct it [source-region-mismatch]",
            ),
        ],
    ),
    "source-region-redundant": Table(
        WARNING,
        [
            from_region(arn("us-east-1"), "us-east-1"),
            from_region(arn(HERE), "us-west-2", region=None),
            source(arn(HERE)),
        ],
        [from_region(arn(HERE), "us-west-2"), from_region("nightly", "us-west-2")],
        [
            (
                from_region(arn(HERE), "us-west-2"),
                "warning: SourceRegion: 'us-west-2' is the client's own Region; leave it out for a copy inside one "
                "Region [source-region-redundant]",
            )
        ],
    ),
    "replication-source-format": Table(
        ERROR,
        [*(replicate(ReplicationSourceIdentifier=text) for text in (REPLICATED, arn(THERE, "graph-1", kind="db")))],
        [
            *(
                replicate(ReplicationSourceIdentifier=text)
                for text in (
                    "",
                    "graph",
                    arn(THERE),
                    REPLICATED + "\n",
                    "arn:aws:rds",
                    REPLICATED.replace("rds", "ec2"),
                )
            )
        ],
        [
            (
                replicate(ReplicationSourceIdentifier="graph"),
                "error: ReplicationSourceIdentifier: 'graph' is not the ARN of a cluster or an instance; write "
                "arn:PARTITION:rds:REGION:ACCOUNT:cluster:NAME [replication-source-format]",
            )
        ],
    ),
    "resource-arn-format": Table(
        ERROR,
        [
            *resource(arn(HERE)),
            *resource(GLOBAL),
            *resource(arn(HERE, "rds:graph-2026-11-25-03-00")),
            *resource(arn(HERE, "default.neptune1.2", kind="cluster-pg")),
            *resource(arn(HERE, "my_subnets 1", kind="subgrp")),
            *resource(arn(HERE, "graph", kind="instance")),
        ],
        [
            *(row for text in ("", "graph", "arn:", "arn:aws:rds:us-west-2") for row in resource(text)),
            *resource(arn(HERE).replace(":rds:", ":neptune:")),
            *resource(arn(HERE, account_id="12345678901")),
            *resource(arn(HERE, "")),
            *resource(arn("US-WEST-2")),
            *resource(arn(HERE, partition="azure")),
            *resource(" " + arn(HERE)),
        ],
        [
            (
                TAGGING[0](ResourceName="graph"),
                "error: ResourceName: 'graph' is not the ARN of a Neptune resource; write "
                "arn:PARTITION:rds:REGION:ACCOUNT:TYPE:NAME, with an account of 12 digits [resource-arn-format]",
            ),
            (
                TAGGING[1](ResourceName=arn(HERE).replace(":rds:", ":neptune:")),
                f"error: ResourceName: '{arn(HERE).replace(':rds:', ':neptune:')}' is not an ARN of the service rds; "
                "Neptune's resources are named arn:aws:rds:REGION:ACCOUNT:TYPE:NAME [resource-arn-format]",
            ),
        ],
    ),
    "resource-arn-type": Table(
        ERROR,
        [
            *(
                row
                for kind in (
                    *("cluster", "cluster-snapshot", "db", "snapshot", "cluster-pg", "pg", "subgrp", "es"),
                    *("global-cluster", "cluster-endpoint"),
                )
                for row in resource(arn(HERE, kind=kind))
            ),
            *resource("graph"),
        ],
        [
            *(row for kind in ("instance", "clusters", "db-cluster") for row in resource(arn(HERE, kind=kind))),
            *(row for kind in ("og", "secgrp", "db-proxy") for row in resource(arn(HERE, kind=kind), warns=True)),
        ],
        [
            (
                TAGGING[2](ResourceName=arn(HERE, kind="instance")),
                f"error: ResourceName: '{arn(HERE, kind='instance')}' names a type of resource that Neptune does not "
                "have; cluster, cluster-snapshot and db are the usual ones [resource-arn-type]",
            ),
            (
                TAGGING[2](ResourceName=arn(HERE, kind="og")),
                f"warning: ResourceName: '{arn(HERE, kind='og')}' names a type of resource that RDS has and Neptune "
                "does not; use an rds client for it [resource-arn-type]",
            ),
        ],
    ),
    "resource-arn-partition": Table(
        ERROR,
        [
            *resource(arn(HERE)),
            *resource(GLOBAL),
            *resource(arn("cn-north-1", partition="aws-cn"), region=None),
            *resource(arn("cn-north-1", partition="aws-cn"), region="cn-northwest-1"),
        ],
        [
            *resource(arn("cn-north-1", partition="aws-cn")),
            *resource(arn("", kind="global-cluster", partition="aws-cn")),
        ],
        [
            (
                TAGGING[0](ResourceName=arn("cn-north-1", partition="aws-cn")),
                f"error: ResourceName: '{arn('cn-north-1', partition='aws-cn')}' belongs to another partition than the "
                "client's Region us-west-2 (aws); stay inside one partition [resource-arn-partition]",
            )
        ],
    ),
}
