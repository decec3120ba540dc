"""The rule about parameters that exclude each other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from neptune_guard._rules._relation import finds
from neptune_guard._rules._request import Request
from neptune_guard._violations import Finding, Rule, ServiceFault, Severity

_CODE = "InvalidParameterCombination"
_CLUSTER, _SNAPSHOT = "DBClusterIdentifier", "DBClusterSnapshotIdentifier"

EXCLUSIVE_PARAMETERS = Rule(
    "exclusive-parameters",
    Severity.ERROR,
    "Two parameters that exclude each other must not be given together",
    "https://docs.aws.amazon.com/neptune/latest/apiref/API_Operations.html",
    explanation="DescribeDBClusterSnapshots takes a cluster or a snapshot. RestoreDBClusterToPointInTime takes "
    "RestoreToTime neither with UseLatestRestorableTime nor with a RestoreType of copy-on-write. DeleteDBCluster takes "
    "no FinalDBSnapshotIdentifier with SkipFinalSnapshot, CreateDBInstance no AvailabilityZone with MultiAZ.",
    fault=ServiceFault(_CODE),
    accepted={_CLUSTER: "graph"},
    rejected={_CLUSTER: "graph", _SNAPSHOT: "nightly"},
)


class _Excluded(NamedTuple):
    """A parameter that excludes another; `value` is the one that does, None where every text does."""

    name: str
    value: Any
    fault: ServiceFault


_EXCLUDED = {
    ("DescribeDBClusterSnapshots", _CLUSTER): (
        _Excluded(_SNAPSHOT, None, ServiceFault(_CODE, f"{_CLUSTER} and {_SNAPSHOT} cannot be specified together.")),
    ),
    ("RestoreDBClusterToPointInTime", "RestoreToTime"): (
        _Excluded(
            "UseLatestRestorableTime",
            True,
            ServiceFault(
                _CODE,
                "Cannot specify both RestoreToTime and UseLatestRestorableTime",
                "inferred, after moto (moto/rds/models.py)",
            ),
        ),
        _Excluded(
            "RestoreType",
            "copy-on-write",
            ServiceFault(
                _CODE,
                "RestoreToTime cannot be specified when RestoreType is copy-on-write",
                "inferred, after moto (moto/rds/models.py)",
            ),
        ),
    ),
    ("DeleteDBCluster", "FinalDBSnapshotIdentifier"): (
        _Excluded(
            "SkipFinalSnapshot",
            True,
            ServiceFault(
                _CODE,
                "You cannot specify both FinalDBSnapshotIdentifier and SkipFinalSnapshot",
                "recorded (crossplane/provider-aws issue 1423)",
            ),
        ),
    ),
    ("CreateDBInstance", "AvailabilityZone"): (_Excluded("MultiAZ", True, ServiceFault(_CODE)),),
}


@finds(EXCLUSIVE_PARAMETERS)
def parameters(request: Request, name: str) -> Iterator[Finding]:
    """Look for the parameters that a given one excludes."""
    for excluded in _EXCLUDED[request.operation, name]:
        value = request.params.get(excluded.name)
        is_that = type(value) is type(excluded.value) and value == excluded.value
        clashes = is_that if excluded.value is not None else bool(request.text(excluded.name))
        if clashes and request.params[name] != "":
            yield EXCLUSIVE_PARAMETERS.found(
                excluded.name,
                value,
                f"cannot be given together with {name}; leave one of them out",
                fault=excluded.fault,
            )
