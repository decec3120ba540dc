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
    return {str(each).rpartition("[")[2].rstrip("]") for each in violations}  # type: ignore[attr-defined]
