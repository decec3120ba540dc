"""Builders and constants that many test modules share."""

from __future__ import annotations

from neptune_guard._rules import GUARDED, shapes
from neptune_guard.stub import NeptuneStub

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


_VALUES: dict[str, object] = {
    SOURCE: "nightly",
    TARGET: "nightly-copy",
    "AttributeName": "restore",
    "DBClusterIdentifier": "graph",
    "DBClusterSnapshotIdentifier": "nightly",
    "DBInstanceClass": "db.r6g.large",
    "DBInstanceIdentifier": "other-1",
    "Engine": "neptune",
    "ResourceName": arn(HERE),
    "SnapshotIdentifier": "nightly",
    "SourceDBClusterIdentifier": "graph",
    "TagKeys": ["team"],
    "Tags": [{"Key": "team", "Value": "graph"}],
}
"""A sound value of each parameter that an operation may require."""

_BESIDE: dict[str, dict[str, object]] = {
    "CreateDBClusterSnapshot": {"DBClusterSnapshotIdentifier": "weekly"},
    "ModifyDBClusterSnapshotAttribute": {"ValuesToAdd": [OTHER_ACCOUNT]},
    "RestoreDBClusterFromSnapshot": {"DBClusterIdentifier": "graph-restored"},
    "RestoreDBClusterToPointInTime": {"DBClusterIdentifier": "graph-restored", "UseLatestRestorableTime": True},
    "DeleteDBCluster": {"SkipFinalSnapshot": True},
    "CreateDBCluster": {"DBClusterIdentifier": "graph-2"},
    "CreateDBInstance": {"DBInstanceIdentifier": "graph-1", "DBClusterIdentifier": "graph"},
}
"""What an operation needs otherwise, or beside what it requires, to be sound."""


def sound(operation: str) -> dict[str, object]:
    """Return a sound request of any operation of Neptune, for a client in `HERE`.

    It succeeds where `seed` was called: there the cluster `graph`, its snapshot `nightly`, and the instance `other-1`
    of another cluster exist.
    """
    required = shapes.input_shape("neptune", operation).required_members
    beside = _BESIDE.get(operation, {})
    missing = [name for name in required if name not in beside and name not in _VALUES]
    assert not missing, f"{operation} requires {', '.join(missing)}: add a sound value to _VALUES in tests/helpers.py"
    return {**{name: _VALUES[name] for name in required if name not in beside}, **beside}


def seed(stub: NeptuneStub) -> None:
    """Add to a stub what the sound requests name."""
    stub.add_cluster("graph", HERE)
    stub.add_snapshot("nightly", HERE, cluster="graph")
    stub.add_cluster("other", HERE)
    stub.add_instance("other-1", HERE, cluster="other")


SOUND = {operation: sound(operation) for operation in GUARDED}
"""A sound request of every guarded operation."""
