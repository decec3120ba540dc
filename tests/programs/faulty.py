"""Faulty requests, a mistake each, over every rule: what AWS documents as rejected, or as not what was meant.

The telling ones are written here; a rule of an operation that none of them breaks is shown by the rule's own example.

Around them a world is supposed in which a sound request succeeds: account 123456789012 has a cluster `graph` and a
snapshot `nightly` in us-west-2 and us-east-1, and a key with the alias `alias/graph` in both.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, NamedTuple

from neptune_guard._printing import ABSENT
from neptune_guard._rules import GUARDED, RULES, Rule, shapes
from neptune_guard._violations import Violation
from tests.helpers import ACCOUNT, HERE, OTHER_ACCOUNT, SOUND, SOURCE, TARGET, arn
from tests.rules.examples import of_examples
from tests.rules.rows import Row
from tests.rules.tables import TABLES

REMOTE = arn()

Change = tuple[str, str, dict[str, Any]]
"""A mistake, the rule that is about it, and the changes to a sound request that make it."""


class Faulty(NamedTuple):
    """A mistake, the rule that is about it, and the request that makes it."""

    mistake: str
    rule: str
    params: dict[str, Any]
    region: str = HERE
    account_id: str | None = None
    operation: str = "CopyDBClusterSnapshot"


def _params(operation: str, changes: dict[str, Any]) -> dict[str, Any]:
    params = {**SOUND[operation], **changes}
    return {name: value for name, value in params.items() if value is not ABSENT}


def _copy(mistake: str, rule: str, *, region: str = HERE, account_id: str | None = None, **changes: Any) -> Faulty:
    names = {"source": SOURCE, "target": TARGET}
    changes = {names.get(name, name): value for name, value in changes.items()}
    return Faulty(mistake, rule, _params("CopyDBClusterSnapshot", changes), region, account_id)


def _rows(operation: str, *rows: Change) -> tuple[Faulty, ...]:
    """Return the faulty requests of an operation, each from a mistake, a rule and the changes that make it."""
    return tuple(
        Faulty(mistake, rule, _params(operation, changes), operation=operation) for mistake, rule, changes in rows
    )


def _tag(key: Any, value: Any = "graph") -> list[dict[str, Any]]:
    return [{"Key": key, "Value": value}]


def _url(**changes: str) -> str:
    query = {
        "Action": "CopyDBClusterSnapshot",
        SOURCE: REMOTE.replace(":", "%3A"),
        "DestinationRegion": "us-west-2",
        "X-Amz-Signature": "0" * 64,
        **changes,
    }
    return "https://rds.us-east-1.amazonaws.com/?" + "&".join(
        f"{name}={value}" for name, value in query.items() if value
    )


_COPIES = (
    _copy("no source", "missing-parameter", source=ABSENT),
    _copy("no target", "missing-parameter", target=ABSENT),
    _copy("KmsKeyId is None", "parameter-type", KmsKeyId=None),
    _copy("CopyTags is the string 'true'", "parameter-type", CopyTags="true"),
    _copy("Tags is a dict", "parameter-type", Tags={"team": "graph"}),
    _copy("a tag's value is a number", "parameter-type", Tags=_tag("team", 7)),
    _copy("the source is empty", "snapshot-identifier-format", source=""),
    _copy("the source has an underscore", "snapshot-identifier-format", source="nightly_1"),
    _copy("the source ends with a newline", "snapshot-identifier-format", source="nightly\n"),
    _copy("the source has two hyphens in a row", "snapshot-identifier-format", source="night--ly"),
    _copy("an instance snapshot's ARN", "snapshot-arn-format", source=REMOTE.replace("cluster-snapshot", "snapshot")),
    _copy("a cluster's ARN", "snapshot-arn-format", source=REMOTE.replace("cluster-snapshot:nightly", "cluster:graph")),
    _copy("an ARN of the service neptune", "snapshot-arn-format", source=REMOTE.replace(":rds:", ":neptune:")),
    _copy("an account of 11 digits", "snapshot-arn-format", source=REMOTE.replace(ACCOUNT, ACCOUNT[1:])),
    _copy("an ARN cut short", "snapshot-arn-format", source="arn:aws:rds:us-east-1"),
    _copy(
        "an ARN with a China Region in partition aws",
        "snapshot-arn-region",
        source=REMOTE.replace("us-east-1", "cn-north-1"),
    ),
    _copy("an ARN with a Region misspelt", "snapshot-arn-region", source=REMOTE.replace("us-east-1", "us-east1")),
    _copy(
        "a source in China, a client in the USA",
        "snapshot-arn-partition",
        source=REMOTE.replace("aws:rds:us-east-1", "aws-cn:rds:cn-north-1"),
    ),
    _copy("a client in GovCloud, a source outside", "snapshot-arn-partition", source=REMOTE, region="us-gov-west-1"),
    _copy("a bare source with another SourceRegion", "source-arn-required", SourceRegion="us-east-1"),
    _copy("the target is empty", "identifier-length", target=""),
    _copy("a target of 64 characters", "identifier-length", target="n" * 64),
    _copy("the target begins with a digit", "identifier-first-letter", target="2026-nightly"),
    _copy("the target has an underscore", "identifier-characters", target="nightly_copy"),
    _copy("the target has a dot", "identifier-characters", target="nightly.copy"),
    _copy("the target ends with a newline", "identifier-characters", target="nightly-copy\n"),
    _copy("the target has a letter outside ASCII", "identifier-characters", target="nächtlich"),
    _copy("the target ends with a hyphen", "identifier-hyphens", target="nightly-"),
    _copy("the target has two hyphens in a row", "identifier-hyphens", target="nightly--copy"),
    _copy("the target is an ARN", "identifier-arn", target=REMOTE.replace("us-east-1", "us-west-2")),
    _copy("the target begins with rds:", "identifier-arn", target="rds:nightly-copy"),
    _copy("the target is the source", "target-same-as-source", target="nightly"),
    _copy("the target is the source in capitals", "target-same-as-source", target="NIGHTLY"),
    _copy("KmsKeyId is the string None", "kms-key-format", KmsKeyId="None"),
    _copy("KmsKeyId is empty", "kms-key-format", KmsKeyId=""),
    _copy("an alias without alias/", "kms-key-format", KmsKeyId="graph"),
    _copy("a KMS ARN of another Region", "kms-key-region", KmsKeyId=f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/graph"),
    _copy(
        "a KMS ARN of another partition",
        "kms-key-partition",
        KmsKeyId=f"arn:aws-cn:kms:us-west-2:{ACCOUNT}:alias/graph",
    ),
    _copy(
        "another account's source without KmsKeyId",
        "kms-key-shared-source",
        source=REMOTE.replace(ACCOUNT, "999999999999"),
        account_id=ACCOUNT,
    ),
    _copy("PreSignedUrl given by hand", "pre-signed-url-unsupported", source=REMOTE, PreSignedUrl=_url()),
    _copy(
        "PreSignedUrl for another Region",
        "pre-signed-url-format",
        source=REMOTE,
        PreSignedUrl=_url(DestinationRegion="eu-west-1"),
    ),
    _copy(
        "PreSignedUrl without signature",
        "pre-signed-url-format",
        source=REMOTE,
        PreSignedUrl=_url(**{"X-Amz-Signature": ""}),
    ),
    _copy("PreSignedUrl is no URL", "pre-signed-url-format", source=REMOTE, PreSignedUrl="us-east-1"),
    _copy("SourceRegion is empty", "source-region-format", source=REMOTE, SourceRegion=""),
    _copy("SourceRegion in capitals", "source-region-format", source=REMOTE, SourceRegion="US-EAST-1"),
    _copy("SourceRegion is another host", "source-region-format", source=REMOTE, SourceRegion="evil.example/x?"),
    _copy("SourceRegion is not the ARN's", "source-region-mismatch", source=REMOTE, SourceRegion="us-east-2"),
    _copy("SourceRegion is the client's", "source-region-redundant", SourceRegion="us-west-2"),
    _copy("CopyTags together with Tags", "copy-tags-ignored", CopyTags=True, Tags=_tag("team")),
    _copy("a tag without Key", "tag-key-required", Tags=[{"Value": "graph"}]),
    _copy("an empty tag key", "tag-key-length", Tags=_tag("")),
    _copy("a tag key of 129 characters", "tag-key-length", Tags=_tag("k" * 129)),
    _copy("a tag key with a comma", "tag-key-characters", Tags=_tag("team,stage")),
    _copy("a tag key that begins with aws:", "tag-key-reserved-prefix", Tags=_tag("aws:cloudformation:stack-name")),
    _copy("the same tag key twice", "tag-key-duplicate", Tags=_tag("team") * 2),
    _copy("a tag value of 257 characters", "tag-value-length", Tags=_tag("team", "v" * 257)),
    _copy("an empty tag value", "tag-value-empty", Tags=_tag("team", "")),
    _copy("an emoji in a tag value", "tag-value-characters", Tags=_tag("team", "graph \N{ROCKET}")),
    _copy("a tag value that begins with rds:", "tag-value-reserved-prefix", Tags=_tag("team", "rds:graph")),
    _copy("an ARN with two letters swapped", "region-unknown", source=REMOTE.replace("us-east-1", "us-esat-1")),
    _copy(
        "an automated snapshot of another account",
        "snapshot-not-shareable",
        source=REMOTE.replace(f"{ACCOUNT}:cluster-snapshot:", "999999999999:cluster-snapshot:rds:"),
        KmsKeyId="alias/graph",
        account_id=ACCOUNT,
    ),
    _copy("a parameter's name misspelt", "unknown-parameter", KmsKeyID="alias/graph"),
    _copy("@ in a tag value", "tag-at-sign", Tags=_tag("owner", "graph@example.com")),
    _copy("51 tags", "tag-count", Tags=[tag for number in range(51) for tag in _tag(f"key-{number}")]),
)

_IDENTIFIERS = (
    ("an empty {}", "identifier-length", ""),
    ("a {} of 64 characters", "identifier-length", "n" * 64),
    ("a {} that begins with a digit", "identifier-first-letter", "2026-graph"),
    ("a {} with an underscore", "identifier-characters", "graph_copy"),
    ("a {} with two hyphens in a row", "identifier-hyphens", "graph--copy"),
    ("a {} that is an ARN", "identifier-arn", arn(HERE, "graph", kind="cluster")),
)


def _named(what: str, parameter: str, **beside: Any) -> tuple[Change, ...]:
    return tuple(
        (mistake.format(what), rule, {**beside, parameter: value})
        for mistake, rule, value in _IDENTIFIERS
        if not (parameter == "FinalDBSnapshotIdentifier" and value == "n" * 64)
    )


_TAGS: tuple[Change, ...] = (
    ("51 tags", "tag-count", {"Tags": [tag for number in range(51) for tag in _tag(f"key-{number}")]}),
    ("a tag without Key", "tag-key-required", {"Tags": [{"Value": "graph"}]}),
    ("a tag key that begins with aws:", "tag-key-reserved-prefix", {"Tags": _tag("aws:x")}),
    ("the same tag key twice", "tag-key-duplicate", {"Tags": _tag("team") * 2}),
    ("@ in a tag value", "tag-at-sign", {"Tags": _tag("owner", "graph@example.com")}),
)
_KEYS: tuple[Change, ...] = (
    ("an alias without alias/", "kms-key-format", {"KmsKeyId": "graph"}),
    ("a KMS ARN of another Region", "kms-key-region", {"KmsKeyId": f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/graph"}),
    (
        "a KMS ARN of another partition",
        "kms-key-partition",
        {"KmsKeyId": f"arn:aws-cn:kms:us-west-2:{ACCOUNT}:alias/graph"},
    ),
)


def _capacities(low: float | None, high: float | None) -> dict[str, Any]:
    both = {"MinCapacity": low, "MaxCapacity": high}
    return {"ServerlessV2ScalingConfiguration": {name: each for name, each in both.items() if each is not None}}


_CLUSTERS: tuple[Change, ...] = (
    ("a storage type of Aurora", "storage-type", {"StorageType": "aurora-iopt1"}),
    ("a network type in lower case", "network-type", {"NetworkType": "ipv4"}),
    ("MinCapacity below 1", "serverless-capacity", _capacities(0.5, 4)),
    ("MaxCapacity above 128", "serverless-capacity", _capacities(1, 256)),
    ("MinCapacity in quarters", "serverless-capacity", _capacities(1.25, 4)),
    ("MinCapacity above MaxCapacity", "serverless-capacity", _capacities(8, 4)),
    ("MaxCapacity alone", "serverless-capacity", _capacities(None, 4)),
    ("a parameter group with two hyphens in a row", "parameter-group-name", {"DBClusterParameterGroupName": "g--1"}),
    ("a security group's name", "security-group-format", {"VpcSecurityGroupIds": ["graph-clients"]}),
    ("OptionGroupName", "parameter-unsupported", {"OptionGroupName": "graph"}),
)
_LOGS: tuple[Change, ...] = (("a log of another engine", "log-types", {"EnableCloudwatchLogsExports": ["error"]}),)
_SUBNETS: tuple[Change, ...] = (
    ("a subnet group with a slash", "subnet-group-name", {"DBSubnetGroupName": "graph/subnets"}),
)
_WINDOWS: tuple[Change, ...] = (
    ("retention of 0 days", "retention-period", {"BackupRetentionPeriod": 0}),
    ("retention of 36 days", "retention-period", {"BackupRetentionPeriod": 36}),
    ("a backup window of hour 25", "window-format", {"PreferredBackupWindow": "25:00-26:00"}),
    ("a backup window of 15 minutes", "window-length", {"PreferredBackupWindow": "23:50-00:05"}),
    (
        "windows that overlap",
        "windows-overlap",
        {"PreferredBackupWindow": "03:00-04:00", "PreferredMaintenanceWindow": "Mon:03:30-Mon:04:30"},
    ),
)
_RESOURCES: tuple[Change, ...] = (
    ("a name instead of an ARN", "resource-arn-format", {"ResourceName": "nightly"}),
    ("an ARN of the service neptune", "resource-arn-format", {"ResourceName": arn(HERE).replace(":rds:", ":neptune:")}),
    ("an ARN of an unknown type", "resource-arn-type", {"ResourceName": arn(HERE, kind="instance")}),
    ("an ARN of another Region", "arn-other-region", {"ResourceName": REMOTE}),
    (
        "an ARN of another partition",
        "resource-arn-partition",
        {"ResourceName": arn("cn-north-1", partition="aws-cn")},
    ),
)


def _existing(parameter: str) -> tuple[Change, ...]:
    return (
        ("an empty snapshot", "snapshot-identifier-format", {parameter: ""}),
        ("a snapshot with an underscore", "snapshot-identifier-format", {parameter: "nightly_1"}),
        ("the ARN of a cluster", "snapshot-arn-format", {parameter: arn(HERE, "graph", kind="cluster")}),
        ("a China Region in partition aws", "snapshot-arn-region", {parameter: arn("cn-north-1")}),
        (
            "a snapshot of another partition",
            "snapshot-arn-partition",
            {parameter: arn("cn-north-1", partition="aws-cn")},
        ),
        ("an ARN with a Region misspelt", "region-unknown", {parameter: arn("us-esat-1")}),
        ("a snapshot of another Region", "arn-other-region", {parameter: REMOTE}),
    )


def _cluster(parameter: str = "DBClusterIdentifier", what: str = "cluster") -> tuple[Change, ...]:
    return (
        (f"an empty {what}", "cluster-identifier-format", {parameter: ""}),
        (f"a {what} with an underscore", "cluster-identifier-format", {parameter: "graph_1"}),
        (f"a {what} of another Region", "arn-other-region", {parameter: arn(kind="cluster", name="graph")}),
    )


_LATEST = "UseLatestRestorableTime"
_SIBLINGS = (
    *_rows(
        "CreateDBClusterSnapshot",
        ("no name", "missing-parameter", {"DBClusterSnapshotIdentifier": ABSENT}),
        *_named("snapshot", "DBClusterSnapshotIdentifier"),
        *_cluster(),
        *_TAGS,
    ),
    *_rows(
        "DeleteDBClusterSnapshot",
        *_existing("DBClusterSnapshotIdentifier"),
        ("an automated snapshot", "snapshot-not-manual", {"DBClusterSnapshotIdentifier": "rds:graph-2020-01-01-03-00"}),
        ("a snapshot of AWS Backup", "snapshot-not-manual", {"DBClusterSnapshotIdentifier": "awsbackup:job-1"}),
    ),
    *_rows(
        "DescribeDBClusterSnapshots",
        ("MaxRecords 5", "max-records", {"MaxRecords": 5}),
        ("MaxRecords 101", "max-records", {"MaxRecords": 101}),
        ("MaxRecords 20.0", "parameter-type", {"MaxRecords": 20.0}),
        ("an unknown SnapshotType", "snapshot-type", {"SnapshotType": "Manual2"}),
        ("a SnapshotType with a capital", "snapshot-type-case", {"SnapshotType": "Manual"}),
        (
            "a cluster and a snapshot",
            "exclusive-parameters",
            {"DBClusterIdentifier": "graph", "DBClusterSnapshotIdentifier": "nightly"},
        ),
        (
            "an automated snapshot without its type",
            "automated-needs-type",
            {"DBClusterSnapshotIdentifier": "rds:graph-2020-01-01-03-00"},
        ),
        (
            "IncludeShared with SnapshotType manual",
            "include-ignored",
            {"IncludeShared": True, "SnapshotType": "manual"},
        ),
        ("Filters", "filters-unsupported", {"Filters": [{"Name": "engine", "Values": ["neptune"]}]}),
        ("a parameter's name misspelt", "unknown-parameter", {"SnapshotTypes": "manual"}),
        *_existing("DBClusterSnapshotIdentifier"),
        *_cluster(),
    ),
    *_rows(
        "ModifyDBClusterSnapshotAttribute",
        ("an unknown attribute", "sharing-attribute", {"AttributeName": "copy"}),
        ("an account of 11 digits", "sharing-account", {"ValuesToAdd": ["21098765432"]}),
        ("an account that is a number", "parameter-type", {"ValuesToAdd": [210987654321]}),
        (
            "one account in both lists",
            "sharing-both-lists",
            {"ValuesToAdd": [OTHER_ACCOUNT], "ValuesToRemove": [OTHER_ACCOUNT]},
        ),
        ("21 accounts", "sharing-count", {"ValuesToAdd": [f"1234567890{number}" for number in range(10, 31)]}),
        ("nothing to add or remove", "sharing-nothing", {"ValuesToAdd": []}),
        ("the whole world", "sharing-public", {"ValuesToAdd": ["all"]}),
        *_existing("DBClusterSnapshotIdentifier"),
        ("an automated snapshot", "snapshot-not-manual", {"DBClusterSnapshotIdentifier": "rds:graph-2020-01-01-03-00"}),
    ),
    *_rows(
        "DescribeDBClusterSnapshotAttributes",
        *_existing("DBClusterSnapshotIdentifier"),
        ("an automated snapshot", "snapshot-not-manual", {"DBClusterSnapshotIdentifier": "rds:graph-2020-01-01-03-00"}),
    ),
    *_rows(
        "RestoreDBClusterFromSnapshot",
        *_named("cluster", "DBClusterIdentifier"),
        *_existing("SnapshotIdentifier"),
        ("an engine of Aurora", "engine-name", {"Engine": "aurora-mysql"}),
        ("an engine version of two numbers", "engine-version-format", {"EngineVersion": "1.3"}),
        ("port 443", "port-range", {"Port": 443}),
        ("iopt1 with version 1.2.1.0", "storage-type-version", {"StorageType": "iopt1", "EngineVersion": "1.2.1.0"}),
        ("serverless with version 1.1.0.0", "serverless-version", {**_capacities(1, 4), "EngineVersion": "1.1.0.0"}),
        ("zones of another Region", "zone-other-region", {"AvailabilityZones": ["us-east-1a"]}),
        ("the same zone twice", "zones-count", {"AvailabilityZones": ["us-west-2a", "us-west-2a"]}),
        *_CLUSTERS,
        *_LOGS,
        *_SUBNETS,
        *_KEYS,
        *_TAGS,
    ),
    Faulty(
        "an automated snapshot of another account",
        "snapshot-not-shareable",
        _params(
            "RestoreDBClusterFromSnapshot", {"SnapshotIdentifier": arn(HERE, "rds:nightly", account_id=OTHER_ACCOUNT)}
        ),
        HERE,
        ACCOUNT,
        "RestoreDBClusterFromSnapshot",
    ),
    *_rows(
        "RestoreDBClusterToPointInTime",
        *_named("cluster", "DBClusterIdentifier"),
        *_cluster("SourceDBClusterIdentifier", "source cluster"),
        ("the source's own name", "cluster-same-as-source", {"DBClusterIdentifier": "graph"}),
        ("no point in time", "restore-time-required", {_LATEST: ABSENT}),
        ("a time and the latest", "exclusive-parameters", {"RestoreToTime": "2026-11-24T03:00:00Z"}),
        (
            "a clone of a point in time",
            "exclusive-parameters",
            {_LATEST: ABSENT, "RestoreToTime": "2026-11-24T03:00:00Z", "RestoreType": "copy-on-write"},
        ),
        ("an unknown type of restore", "restore-type", {"RestoreType": "clone"}),
        ("a time in the future", "restore-time-future", {_LATEST: ABSENT, "RestoreToTime": "2999-01-01T03:00:00Z"}),
        ("a time years ago", "restore-time-old", {_LATEST: ABSENT, "RestoreToTime": "2015-03-07T23:45:00Z"}),
        ("a time without a zone", "restore-time-zone", {_LATEST: ABSENT, "RestoreToTime": "2026-11-24T03:00:00"}),
        ("port 443", "port-range", {"Port": 443}),
        *_CLUSTERS,
        *_LOGS,
        *_SUBNETS,
        *_KEYS,
        *_TAGS,
    ),
    *_rows(
        "DeleteDBCluster",
        *_cluster(),
        ("neither a final snapshot nor SkipFinalSnapshot", "final-snapshot-required", {"SkipFinalSnapshot": ABSENT}),
        (
            "a final snapshot and SkipFinalSnapshot",
            "exclusive-parameters",
            {"FinalDBSnapshotIdentifier": "graph-final"},
        ),
        *_named("final snapshot", "FinalDBSnapshotIdentifier", SkipFinalSnapshot=False),
        (
            "a final snapshot of 64 characters",
            "identifier-length-doubtful",
            {"SkipFinalSnapshot": False, "FinalDBSnapshotIdentifier": "n" * 64},
        ),
    ),
    *_rows("AddTagsToResource", *_RESOURCES, *_TAGS, ("no tags", "tags-empty", {"Tags": []})),
    *_rows(
        "RemoveTagsFromResource",
        *_RESOURCES,
        ("an empty key", "tag-key-length", {"TagKeys": [""]}),
        ("a key with a comma", "tag-key-characters", {"TagKeys": ["cost,centre"]}),
        ("a key that begins with aws:", "tag-key-reserved-prefix", {"TagKeys": ["aws:x"]}),
        ("51 keys", "tag-count", {"TagKeys": [f"key-{number}" for number in range(51)]}),
        ("no keys", "tag-keys-empty", {"TagKeys": []}),
    ),
    *_rows(
        "ListTagsForResource",
        *_RESOURCES,
        ("Filters", "filters-unsupported", {"Filters": [{"Name": "x", "Values": ["y"]}]}),
    ),
    *_rows(
        "CreateDBCluster",
        *_named("cluster", "DBClusterIdentifier"),
        ("an engine of Aurora", "engine-name", {"Engine": "aurora-mysql"}),
        ("an engine version of two numbers", "engine-version-format", {"EngineVersion": "1.3"}),
        ("port 443", "port-range", {"Port": 443}),
        ("a master user", "parameter-unsupported", {"MasterUsername": "admin", "MasterUserPassword": "made-up-word"}),
        ("iopt1 with version 1.2.1.0", "storage-type-version", {"StorageType": "iopt1", "EngineVersion": "1.2.1.0"}),
        ("serverless with version 1.1.0.0", "serverless-version", {**_capacities(1, 4), "EngineVersion": "1.1.0.0"}),
        ("a key without encryption", "kms-key-unencrypted", {"KmsKeyId": "alias/graph", "StorageEncrypted": False}),
        ("the subnet group default", "subnet-group-default", {"DBSubnetGroupName": "default"}),
        ("a global database with a space", "global-cluster-identifier", {"GlobalClusterIdentifier": "graph world"}),
        ("a replica of a bare name", "replication-source-format", {"ReplicationSourceIdentifier": "graph"}),
        ("zones of another Region", "zone-other-region", {"AvailabilityZones": ["us-east-1a"]}),
        ("the same zone twice", "zones-count", {"AvailabilityZones": ["us-west-2a", "us-west-2a"]}),
        *_WINDOWS,
        *_CLUSTERS,
        *_LOGS,
        *_SUBNETS,
        *_KEYS,
        *_TAGS,
    ),
    *_rows(
        "ModifyDBCluster",
        *_cluster(),
        *_named("new name", "NewDBClusterIdentifier"),
        ("port 443", "port-range", {"Port": 443}),
        ("a password", "parameter-unsupported", {"MasterUserPassword": "made-up-word"}),
        (
            "a log enabled and disabled",
            "log-types-both",
            {"CloudwatchLogsExportConfiguration": {"EnableLogTypes": ["audit"], "DisableLogTypes": ["audit"]}},
        ),
        ("a log of another engine", "log-types", {"CloudwatchLogsExportConfiguration": {"EnableLogTypes": ["error"]}}),
        ("an upgrade's parameter group alone", "upgrade-group", {"DBInstanceParameterGroupName": "default.neptune1.2"}),
        ("an upgrade to no version", "upgrade-version", {"AllowMajorVersionUpgrade": True}),
        *_WINDOWS,
        *_CLUSTERS,
    ),
    *_rows(
        "CreateDBInstance",
        *_named("instance", "DBInstanceIdentifier"),
        *_cluster(),
        ("a class without db.", "instance-class-format", {"DBInstanceClass": "r6g.large"}),
        ("a class that Neptune lacks", "instance-class-family", {"DBInstanceClass": "db.m5.large"}),
        ("an engine of Aurora", "engine-name", {"Engine": "aurora-mysql"}),
        ("a maintenance window in words", "window-format", {"PreferredMaintenanceWindow": "Monday morning"}),
        ("a promotion tier of 16", "promotion-tier", {"PromotionTier": 16}),
        (
            "monitoring every 20 seconds",
            "monitoring-interval",
            {"MonitoringInterval": 20, "MonitoringRoleArn": f"arn:aws:iam::{ACCOUNT}:role/monitoring"},
        ),
        ("monitoring without a role", "monitoring-incomplete", {"MonitoringInterval": 60}),
        (
            "a role's ARN with a colon too few",
            "monitoring-role-format",
            {"MonitoringInterval": 60, "MonitoringRoleArn": f"arn:aws:iam:{ACCOUNT}:role/monitoring"},
        ),
        (
            "a role of another partition",
            "monitoring-role-partition",
            {"MonitoringInterval": 60, "MonitoringRoleArn": f"arn:aws-cn:iam::{ACCOUNT}:role/monitoring"},
        ),
        ("a zone of another Region", "zone-other-region", {"AvailabilityZone": "us-east-1a"}),
        ("a zone with MultiAZ", "exclusive-parameters", {"AvailabilityZone": "us-west-2a", "MultiAZ": True}),
        ("a port of its own", "parameter-not-applicable", {"Port": 8182}),
        ("an unknown licence model", "license-model", {"LicenseModel": "free"}),
        ("a master user", "parameter-unsupported", {"MasterUsername": "admin"}),
        *_LOGS,
        *_SUBNETS,
        *_TAGS,
    ),
)


_OF_SHAPES = {each.id for each in shapes.RULES}
_BARE = set(GUARDED) - {name for rule in RULES.values() if rule.id not in _OF_SHAPES for name in rule.operations}
"""The operations that have no rules but those about shapes."""


def _from_examples(shown: Collection[tuple[str, str]]) -> Iterator[Faulty]:
    """Yield a request for each operation and rule that is not shown."""
    for rule in RULES.values():
        for operation, row in _rejected(rule).items():
            found = next((each for each in row.check() if each.rule == rule.id), None)
            if found and (operation, rule.id) not in shown:
                yield Faulty(_mistake(found), rule.id, row.params, HERE, row.account_id, operation)


def _rejected(rule: Rule) -> dict[str, Row]:
    """Return the example that a rule rejects for each operation of it.

    The rules about shapes are the same everywhere: there the rows that their tables have stand for all, and an
    operation without other rules is shown with a name that it does not know.
    """
    if rule.id in _OF_SHAPES:
        bare = {operation: Row(dict(rule.rejected), operation) for operation in _BARE}
        return bare | {each.operation: each for each in reversed(TABLES[rule.id].rejects)}
    return {operation: of_examples(rule, operation)[1] for operation in rule.operations}


def _mistake(found: Violation) -> str:
    """Return what a finding's own line says, up to the advice; a long value is left out."""
    value = f"{found.value} " if found.value and len(found.value) <= 60 else ""
    return f"{found.path}: {value}{found.message.partition(';')[0]}".replace("|", "\\|")


_WRITTEN = _COPIES + _SIBLINGS
REQUESTS = (*_WRITTEN, *_from_examples({(each.operation, each.rule) for each in _WRITTEN}))
SOUND_REQUESTS = tuple(Faulty("none", "", dict(params), operation=name) for name, params in SOUND.items())
TELLING = (
    ("CopyDBClusterSnapshot", "the target has two hyphens in a row"),
    ("CopyDBClusterSnapshot", "KmsKeyId is the string None"),
    ("CopyDBClusterSnapshot", "a bare source with another SourceRegion"),
    ("DescribeDBClusterSnapshots", "MaxRecords 5"),
    ("DeleteDBClusterSnapshot", "an automated snapshot"),
    ("ModifyDBClusterSnapshotAttribute", "an account of 11 digits"),
    ("RestoreDBClusterFromSnapshot", "a snapshot of another Region"),
    ("RestoreDBClusterToPointInTime", "a time without a zone"),
    ("DeleteDBCluster", "neither a final snapshot nor SkipFinalSnapshot"),
    ("CreateDBCluster", "windows that overlap"),
)
"""The ten rows that the README shows: an operation and a mistake each."""
