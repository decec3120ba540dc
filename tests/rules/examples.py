"""A rule's own two examples as requests of each operation that it applies to.

The tables need no row by hand for an operation whose examples follow from the rule.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from neptune_guard._rules import GUARDED, Rule, shapes
from neptune_guard._rules._documents import field_rules, parameters_of
from tests.helpers import ACCOUNT, SOURCE, TARGET, THERE, arn
from tests.rules.rows import Row

# An example is written for one operation; here are those that another one needs in other words.
ELSEWHERE: dict[tuple[str, str], tuple[dict[str, Any], dict[str, Any]]] = {
    ("identifier-length", "DeleteDBCluster"): (
        {"FinalDBSnapshotIdentifier": "graph-final", "SkipFinalSnapshot": False},
        {"FinalDBSnapshotIdentifier": "n" * 256, "SkipFinalSnapshot": False},
    ),
    ("exclusive-parameters", "RestoreDBClusterToPointInTime"): (
        {},
        {"RestoreToTime": "2026-11-24T03:00:00Z"},
    ),
    ("exclusive-parameters", "DeleteDBCluster"): ({}, {"FinalDBSnapshotIdentifier": "graph-final"}),
    ("exclusive-parameters", "CreateDBInstance"): ({}, {"AvailabilityZone": "us-west-2a", "MultiAZ": True}),
    ("log-types", "ModifyDBCluster"): (
        {"CloudwatchLogsExportConfiguration": {"EnableLogTypes": ["audit"]}},
        {"CloudwatchLogsExportConfiguration": {"EnableLogTypes": ["error"]}},
    ),
    ("zone-other-region", "CreateDBCluster"): (
        {"AvailabilityZones": ["us-west-2a"]},
        {"AvailabilityZones": ["us-east-1a"]},
    ),
    ("zone-other-region", "RestoreDBClusterFromSnapshot"): (
        {"AvailabilityZones": ["us-west-2a"]},
        {"AvailabilityZones": ["us-east-1a"]},
    ),
    ("source-region-mismatch", "CreateDBCluster"): (
        {
            "ReplicationSourceIdentifier": "arn:aws:rds:us-east-1:123456789012:cluster:graph",
            "SourceRegion": "us-east-1",
        },
        {
            "ReplicationSourceIdentifier": "arn:aws:rds:us-east-1:123456789012:cluster:graph",
            "SourceRegion": "eu-west-1",
        },
    ),
    ("region-unknown", "CreateDBCluster"): ({"SourceRegion": "us-east-1"}, {"SourceRegion": "us-esat-1"}),
    ("tag-count", "RemoveTagsFromResource"): ({}, {"TagKeys": [f"key-{number}" for number in range(51)]}),
    ("tag-key-length", "RemoveTagsFromResource"): ({}, {"TagKeys": [""]}),
    ("tag-key-characters", "RemoveTagsFromResource"): ({}, {"TagKeys": ["cost,centre"]}),
    ("tag-key-reserved-prefix", "RemoveTagsFromResource"): ({}, {"TagKeys": ["aws:team"]}),
}


def of_examples(rule: Rule, operation: str) -> tuple[Row, Row]:
    """Return the request that a rule accepts and the one that it rejects, as rows of an operation."""
    accepted, rejected = _examples(rule, operation)
    return Row(accepted, operation, account_id=ACCOUNT), Row(rejected, operation, account_id=ACCOUNT)


def _examples(rule: Rule, operation: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a rule's two examples for an operation: its own ones, under the name that the operation has for it."""
    if (rule.id, operation) in ELSEWHERE:
        return ELSEWHERE[rule.id, operation]
    own = _places(rule, operation)
    alone = rule.id in field_rules() or len({*rule.accepted, *rule.rejected}) == 1
    known = own if alone else list(shapes.input_shape("neptune", operation).members)

    def fitted(example: Mapping[str, Any]) -> dict[str, Any]:
        named = {name if name in known or not own else own[0]: value for name, value in example.items()}
        return {**_beside(operation, example), **{name: _fitting(name, value) for name, value in named.items()}}

    return fitted(rule.accepted), fitted(rule.rejected)


def _fitting(name: str, value: Any) -> Any:
    """Return an example as its parameter takes it: a parameter that names clusters wants their ARNs, not snapshots'."""
    is_arn = isinstance(value, str) and value.startswith("arn:")
    return value.replace(":cluster-snapshot:", ":cluster:") if is_arn and "DBClusterIdentifier" in name else value


def _beside(operation: str, example: Mapping[str, Any]) -> dict[str, Any]:
    """Return what an example needs beside it to be sound."""
    if operation == "DeleteDBCluster" and {"FinalDBSnapshotIdentifier", TARGET} & set(example):
        return {"SkipFinalSnapshot": False}
    if operation == "CopyDBClusterSnapshot" and [*example] == ["SourceRegion"]:
        return {SOURCE: arn(THERE)}
    return {"MonitoringInterval": 60} if "MonitoringRoleArn" in example else {}


def _places(rule: Rule, operation: str) -> list[str]:
    """Return the parameters of an operation that a rule is about."""
    fields = [name for name, ids in parameters_of(operation).items() if rule.id in ids]
    related = [
        name
        for name, relations in GUARDED[operation].relations.items()
        if name and any(rule.id == each.id for relation in relations for each in relation.rules)
    ]
    return fields + related
