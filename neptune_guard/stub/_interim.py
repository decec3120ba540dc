"""Rules of the sibling operations until the guard has them all; only `_validation` looks in here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from neptune_guard._arn import is_account_id, is_arn
from neptune_guard._rules import check_value
from neptune_guard._violations import Finding, Severity, describe
from neptune_guard.stub._faults import Fault

SNAPSHOT_TYPES = ("automated", "manual", "shared", "public")
_LIKE = {"Tags": "Tags", "KmsKeyId": "KmsKeyId", "SnapshotIdentifier": "SourceDBClusterSnapshotIdentifier"}
_NAMES = {
    "DBClusterIdentifier",
    "DBClusterSnapshotIdentifier",
    "DBInstanceIdentifier",
    "FinalDBSnapshotIdentifier",
    "NewDBClusterIdentifier",
}
_EXISTING = {
    "CreateDBClusterSnapshot": {"DBClusterIdentifier"},
    "CreateDBInstance": {"DBClusterIdentifier"},
    "DeleteDBCluster": {"DBClusterIdentifier"},
    "ModifyDBCluster": {"DBClusterIdentifier"},
}
_UNCHECKED = {
    "DeleteDBClusterSnapshot",
    "DescribeDBClusterSnapshots",
    "DescribeDBClusterSnapshotAttributes",
    "ModifyDBClusterSnapshotAttribute",
    "DescribeDBClusters",
    "DescribeDBInstances",
    "DeleteDBInstance",
}


def _refuse(findings: Sequence[Finding], parameter: str) -> None:
    for found in findings:
        if found.severity is Severity.ERROR:
            line = describe(found.violation("CopyDBClusterSnapshot"))
            raise Fault(found.fault.code, found.fault.words.format(parameter=parameter, value=found.value, line=line))


def _snapshot_type(value: Any) -> None:
    if value not in SNAPSHOT_TYPES:
        raise Fault(
            "InvalidParameterValue", f"Invalid snapshot type: {value}; it is one of {', '.join(SNAPSHOT_TYPES)}."
        )


def _engine(value: str) -> None:
    if value != "neptune":
        raise Fault("InvalidParameterValue", f"Invalid DB engine: {value}; Neptune's is neptune.")


def _grantees(value: Sequence[str]) -> None:
    if not all(each == "all" or is_account_id(each) for each in value):
        raise Fault("InvalidParameterValue", "A snapshot is shared with accounts of twelve digits or with all.")


def _attribute(value: str) -> None:
    if value != "restore":
        raise Fault("InvalidParameterValue", f"Invalid snapshot attribute {value}")


_CHECKS: dict[str, Callable[[Any], None]] = {
    "Engine": _engine,
    "SnapshotType": _snapshot_type,
    "AttributeName": _attribute,
    "ValuesToAdd": _grantees,
    "ValuesToRemove": _grantees,
}


def validate_form(operation: str, params: Mapping[str, Any], region: str | None) -> None:
    """Refuse a request whose form breaks a rule.

    Raises:
        Fault: It does.
    """
    for name, value in params.items():
        if name in _CHECKS:
            _CHECKS[name](value)
        elif name in _LIKE:
            _refuse(check_value(_LIKE[name], value, region=region), name)
        elif name in _NAMES and operation not in _UNCHECKED:
            if name in _EXISTING.get(operation, ()) and is_arn(value):
                continue
            _refuse(check_value("TargetDBClusterSnapshotIdentifier", value), name)


def refuse_both(operation: str, params: Mapping[str, Any]) -> None:
    """Refuse parameters that exclude each other.

    Raises:
        Fault: They do.
    """
    combination = "InvalidParameterCombination"
    if operation == "DescribeDBClusterSnapshots" and {"DBClusterIdentifier", "DBClusterSnapshotIdentifier"} <= {
        *params
    }:
        raise Fault(combination, "DBClusterIdentifier and DBClusterSnapshotIdentifier cannot be specified together.")
    if operation == "ModifyDBClusterSnapshotAttribute":
        both = sorted({*params.get("ValuesToAdd", ())} & {*params.get("ValuesToRemove", ())})
        if both:
            raise Fault(
                combination, f"A value may not appear in both the add list and remove list. [{', '.join(both)}]"
            )
    if operation == "DeleteDBCluster":
        final, skipped = "FinalDBSnapshotIdentifier" in params, params.get("SkipFinalSnapshot", False)
        if final and skipped:
            raise Fault(combination, "You cannot specify both FinalDBSnapshotIdentifier and SkipFinalSnapshot")
        if not final and not skipped:
            raise Fault(combination, "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.")
    if operation == "RestoreDBClusterToPointInTime":
        timed, latest = "RestoreToTime" in params, params.get("UseLatestRestorableTime", False)
        if timed == latest:
            raise Fault(combination, "Give either RestoreToTime or UseLatestRestorableTime.")
