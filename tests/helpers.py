"""Builders and constants that many test modules share."""

from __future__ import annotations

ACCOUNT = "123456789012"
OTHER_ACCOUNT = "210987654321"
HERE, THERE = "us-west-2", "us-east-1"
SOURCE, TARGET = "SourceDBClusterSnapshotIdentifier", "TargetDBClusterSnapshotIdentifier"
COPY = {SOURCE: "nightly", TARGET: "copy"}
"""A sound copy inside one Region."""


def arn(
    region: str = THERE,
    name: str = "nightly",
    *,
    kind: str = "cluster-snapshot",
    account_id: str = ACCOUNT,
    partition: str = "aws",
) -> str:
    """Return the ARN of a snapshot, a cluster or another resource of the service rds."""
    return f"arn:{partition}:rds:{region}:{account_id}:{kind}:{name}"


def ids(violations: object) -> set[str]:
    """Return the ids of the rules in violations, or in the lines that describe them."""
    return {str(each).rpartition("[")[2].rstrip("]") for each in violations}  # type: ignore[attr-defined]  # any iterable


def kms(
    region: str = HERE, resource: str = "key/1234abcd-12ab-34cd-56ef-1234567890ab", *, partition: str = "aws"
) -> str:
    """Return the ARN of a KMS key or alias."""
    return f"arn:{partition}:kms:{region}:{ACCOUNT}:{resource}"


SOUND: dict[str, dict[str, object]] = {
    "CopyDBClusterSnapshot": {SOURCE: "nightly", TARGET: "nightly-copy"},
    "CreateDBClusterSnapshot": {"DBClusterSnapshotIdentifier": "nightly", "DBClusterIdentifier": "graph"},
    "DeleteDBClusterSnapshot": {"DBClusterSnapshotIdentifier": "nightly"},
    "DescribeDBClusterSnapshots": {},
    "ModifyDBClusterSnapshotAttribute": {
        "DBClusterSnapshotIdentifier": "nightly",
        "AttributeName": "restore",
        "ValuesToAdd": [OTHER_ACCOUNT],
    },
    "DescribeDBClusterSnapshotAttributes": {"DBClusterSnapshotIdentifier": "nightly"},
    "RestoreDBClusterFromSnapshot": {
        "DBClusterIdentifier": "graph-restored",
        "SnapshotIdentifier": "nightly",
        "Engine": "neptune",
    },
    "RestoreDBClusterToPointInTime": {
        "DBClusterIdentifier": "graph-restored",
        "SourceDBClusterIdentifier": "graph",
        "UseLatestRestorableTime": True,
    },
    "DeleteDBCluster": {"DBClusterIdentifier": "graph", "SkipFinalSnapshot": True},
    "AddTagsToResource": {"ResourceName": arn(HERE), "Tags": [{"Key": "team", "Value": "graph"}]},
    "RemoveTagsFromResource": {"ResourceName": arn(HERE), "TagKeys": ["team"]},
    "ListTagsForResource": {"ResourceName": arn(HERE)},
    "CreateDBCluster": {"DBClusterIdentifier": "graph", "Engine": "neptune"},
    "ModifyDBCluster": {"DBClusterIdentifier": "graph"},
    "CreateDBInstance": {
        "DBInstanceIdentifier": "graph-1",
        "DBInstanceClass": "db.r6g.large",
        "Engine": "neptune",
        "DBClusterIdentifier": "graph",
    },
}
"""A sound request of every guarded operation, for a client in `HERE`."""
