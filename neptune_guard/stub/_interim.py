"""Rules of the sibling operations until the guard has them all; only `_validation` looks in here."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from neptune_guard._arn import is_arn
from neptune_guard._request import SOURCE, TARGET, Request
from neptune_guard._rules import Ruleset
from neptune_guard._violations import Severity, Violation, describe
from neptune_guard.stub._faults import Fault

_RULESET = Ruleset()
# For the form of a single value, beside which the other parameter of a copy is made up.
_FORM = Ruleset(ignore=["target-same-as-source"])
_IDENTIFIER = (
    "The parameter {parameter} is not a valid identifier. Identifiers must begin with a letter; must contain only "
    "ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens."
)
_IDENTIFIER_OR_ARN = _IDENTIFIER.replace("must begin", "must either be an ARN or begin")
_BLANK = "The parameter {parameter} must be provided and must not be blank."
_KEY = "Specified KMS key [{value}] does not exist, is not enabled or you do not have permissions to access it."
_DEFAULT = ("InvalidParameterValue", "{line}")
_FAULTS = {
    "source-identifier-format": ("InvalidParameterValue", _IDENTIFIER_OR_ARN),
    "source-arn-format": ("InvalidParameterValue", _IDENTIFIER_OR_ARN),
    "source-arn-required": ("DBClusterSnapshotNotFoundFault", "DBClusterSnapshot not found: {value}"),
    "target-identifier-arn": ("InvalidParameterValue", _IDENTIFIER),
    "target-identifier-length": ("InvalidParameterValue", _IDENTIFIER),
    "target-identifier-first-letter": ("InvalidParameterValue", _IDENTIFIER),
    "target-identifier-characters": ("InvalidParameterValue", _IDENTIFIER),
    "target-identifier-hyphens": ("InvalidParameterValue", _IDENTIFIER),
    "target-same-as-source": (
        "DBClusterSnapshotAlreadyExistsFault",
        "Cannot create the cluster snapshot because one with the identifier {value} already exists.",
    ),
    "kms-key-format": ("KMSKeyNotAccessibleFault", _KEY),
    "kms-key-region": ("KMSKeyNotAccessibleFault", _KEY),
    "kms-key-partition": ("KMSKeyNotAccessibleFault", _KEY),
    "pre-signed-url-format": ("InvalidParameterValue", "PreSignedurl could not be authenticated"),
    "tag-key-reserved-prefix": ("InvalidParameterValue", 'Tag keys cannot start with the reserved prefix "aws:".'),
}
"""Code and words for each rule that a request breaks; every other one is an InvalidParameterValue in our own words."""


def validate_copy(params: Mapping[str, Any], region: str, account_id: str) -> None:
    """Refuse a CopyDBClusterSnapshot that breaks an error rule.

    Raises:
        Fault: The first rule that is broken, in the order of the parameters.
    """
    _refuse_first(_RULESET.check(Request(params, region, account_id)), params)


def _refuse_first(violations: Iterable[Violation], params: Mapping[str, Any]) -> None:
    for violation in violations:
        if violation.severity is Severity.ERROR:
            raise _fault(violation, params.get(violation.path), violation.path)


def _validate(region: str | None = None, **params: Any) -> None:
    """Refuse a value that would break an error rule in a copy."""
    params = {SOURCE: "source", TARGET: "target", **params}
    _refuse_first(_FORM.check(Request(params, region)), params)


def validate_identifier(name: str, parameter: str) -> None:
    """Refuse what cannot be the name of something new.

    Raises:
        Fault: It is no identifier.
    """
    for violation in _FORM.check(Request({SOURCE: "source", TARGET: name})):
        raise _fault(violation, name, parameter)


def validate_source(identifier: str) -> None:
    """Refuse a name that no snapshot has, manual, automated or of AWS Backup.

    Raises:
        Fault: It is no identifier, or an ARN.
    """
    if is_arn(identifier):
        raise Fault("InvalidParameterValue", _IDENTIFIER.format(parameter="DBClusterSnapshotIdentifier"))
    _validate(**{SOURCE: identifier})


def validate_snapshot(given: str, region: str, parameter: str) -> None:
    """Refuse what is neither the name nor the ARN of a snapshot.

    Raises:
        Fault: It is neither.
    """
    for violation in _FORM.check(Request({SOURCE: given, TARGET: "target"}, region)):
        raise _fault(violation, given, parameter)


def validate_key(key_id: str, region: str) -> None:
    """Refuse what is no KMS key of a Region.

    Raises:
        Fault: It is none.
    """
    _validate(region, KmsKeyId=key_id)


def validate_tags(tags: Sequence[Any]) -> None:
    """Refuse tags that break an error rule.

    Raises:
        Fault: One does.
    """
    _validate(Tags=tags)


def _fault(violation: Violation, value: object, parameter: str) -> Fault:
    code, words = _FAULTS.get(violation.rule, _DEFAULT)
    if value == "" and violation.rule.startswith(("source-identifier", "target-identifier")):
        words = _BLANK
    # A presigned URL is never in the words: its rule has fixed ones, and describe() redacts.
    return Fault(code, words.format(parameter=parameter, value=value, line=describe(violation)))


SNAPSHOT_TYPES = ("automated", "manual", "shared", "public")


def _ignore_region(check: Callable[[Any], None]) -> Callable[[Any, str], None]:
    return lambda value, region: check(value)


def _name(parameter: str) -> Callable[[Any, str], None]:
    return lambda value, region: validate_identifier(value, parameter)


def _cluster(value: str, region: str) -> None:
    if not is_arn(value):
        validate_identifier(value, "DBClusterIdentifier")


def _snapshot_type(value: Any, region: str) -> None:
    if value not in SNAPSHOT_TYPES:
        raise Fault(
            "InvalidParameterValue", f"Invalid snapshot type: {value}; it is one of {', '.join(SNAPSHOT_TYPES)}."
        )


def _max_records(value: Any, region: str) -> None:
    if not 20 <= value <= 100:
        raise Fault("InvalidParameterValue", f"Invalid value {value} for MaxRecords. Must be between 20 and 100")


def _engine(value: str, region: str) -> None:
    if value != "neptune":
        raise Fault("InvalidParameterValue", f"Invalid DB engine: {value}; Neptune's is neptune.")


def _grantees(value: Sequence[str], region: str) -> None:
    if not all(each == "all" or re.fullmatch("[0-9]{12}", each) for each in value):
        raise Fault("InvalidParameterValue", "A snapshot is shared with accounts of twelve digits or with all.")


def _attribute(value: str, region: str) -> None:
    if value != "restore":
        raise Fault("InvalidParameterValue", f"Invalid snapshot attribute {value}")


_Forms = dict[str, Callable[[Any, str], None]]
_TAGS: _Forms = {"Tags": _ignore_region(validate_tags)}
_NEW_CLUSTER = {"DBClusterIdentifier": _name("DBClusterIdentifier"), "KmsKeyId": validate_key, **_TAGS}
_PAGES: _Forms = {"MaxRecords": _max_records}
_FORMS: dict[str, dict[str, Callable[[Any, str], None]]] = {
    "AddTagsToResource": _TAGS,
    "CreateDBCluster": {"Engine": _engine, **_NEW_CLUSTER},
    "CreateDBClusterSnapshot": {
        "DBClusterSnapshotIdentifier": _name("DBClusterSnapshotIdentifier"),
        "DBClusterIdentifier": _cluster,
        **_TAGS,
    },
    "CreateDBInstance": {
        "DBInstanceIdentifier": _name("DBInstanceIdentifier"),
        "DBClusterIdentifier": _cluster,
        "Engine": _engine,
        **_TAGS,
    },
    "DeleteDBCluster": {
        "DBClusterIdentifier": _cluster,
        "FinalDBSnapshotIdentifier": _name("FinalDBSnapshotIdentifier"),
    },
    "DescribeDBClusterSnapshots": {"SnapshotType": _snapshot_type, **_PAGES},
    "DescribeDBClusters": _PAGES,
    "DescribeDBInstances": _PAGES,
    "DescribeDBSubnetGroups": _PAGES,
    "DescribeGlobalClusters": _PAGES,
    "ModifyDBCluster": {
        "DBClusterIdentifier": _cluster,
        "NewDBClusterIdentifier": _name("NewDBClusterIdentifier"),
    },
    "ModifyDBClusterSnapshotAttribute": {
        "AttributeName": _attribute,
        "ValuesToAdd": _grantees,
        "ValuesToRemove": _grantees,
    },
    "RestoreDBClusterFromSnapshot": {
        "SnapshotIdentifier": lambda value, region: validate_snapshot(value, region, "SnapshotIdentifier"),
        "Engine": _engine,
        **_NEW_CLUSTER,
    },
    "RestoreDBClusterToPointInTime": {"SourceDBClusterIdentifier": _cluster, **_NEW_CLUSTER},
}


def validate_form(operation: str, params: Mapping[str, Any], region: str) -> None:
    """Refuse a request whose form breaks a rule.

    Raises:
        Fault: It does.
    """
    for name, check in _FORMS.get(operation, {}).items():
        if name in params:
            check(params[name], region)


def refuse_both(operation: str, params: Mapping[str, Any]) -> None:
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
