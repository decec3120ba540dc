"""Rules about creating, changing and deleting clusters."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from neptune_guard._printing import ABSENT
from neptune_guard._rules._relation import finds
from neptune_guard._rules._request import Request, texts
from neptune_guard._violations import Finding, Rule, ServiceFault, Severity

_CREATE = "https://docs.aws.amazon.com/neptune/latest/apiref/API_CreateDBCluster.html"
_MODIFY = "https://docs.aws.amazon.com/neptune/latest/apiref/API_ModifyDBCluster.html"
_DELETE = "https://docs.aws.amazon.com/neptune/latest/apiref/API_DeleteDBCluster.html"
_INSTANCE = "https://docs.aws.amazon.com/neptune/latest/apiref/API_CreateDBInstance.html"
_VERSION = re.compile(r"[0-9]{1,9}(?:\.[0-9]{1,9}){3}")


def version(text: Any) -> tuple[int, ...] | None:
    """Return an engine version as numbers, None for anything that is not one."""
    if not isinstance(text, str) or not _VERSION.fullmatch(text):
        return None
    return tuple(int(part) for part in text.split("."))


STORAGE_TYPE_VERSION = Rule(
    "storage-type-version",
    Severity.ERROR,
    "StorageType iopt1 must come with engine version 1.3.0.0 or later",
    _CREATE,
    explanation="I/O-Optimized storage came with that version. Found only where the request gives EngineVersion.",
    accepted={"StorageType": "iopt1", "EngineVersion": "1.3.0.0"},
    rejected={"StorageType": "iopt1", "EngineVersion": "1.2.1.0"},
)


@finds(STORAGE_TYPE_VERSION)
def storage_type(request: Request, name: str) -> Iterator[Finding]:
    """Compare the engine version with the first one that has I/O-Optimized storage."""
    given = version(request.params.get("EngineVersion"))
    if request.text(name) == "iopt1" and given and given < (1, 3, 0, 0):
        yield STORAGE_TYPE_VERSION.found(
            name, "iopt1", "needs engine version 1.3.0.0 or later; give a later EngineVersion, or standard"
        )


KMS_KEY_UNENCRYPTED = Rule(
    "kms-key-unencrypted",
    Severity.WARNING,
    "KmsKeyId must not come with StorageEncrypted=False",
    _CREATE,
    explanation="The request contradicts itself: a key is for encrypted storage only. What AWS answers is not known.",
    accepted={"KmsKeyId": "alias/graph", "StorageEncrypted": True},
    rejected={"KmsKeyId": "alias/graph", "StorageEncrypted": False},
)


@finds(KMS_KEY_UNENCRYPTED)
def key_of_cluster(request: Request, name: str) -> Iterator[Finding]:
    """Compare the key with StorageEncrypted."""
    if request.params.get("StorageEncrypted") is False:
        yield KMS_KEY_UNENCRYPTED.found(
            "StorageEncrypted", False, f"contradicts {name}; give True, or leave {name} out"
        )


# ---------------------------------------------------------------------- zones

ZONE_OTHER_REGION = Rule(
    "zone-other-region",
    Severity.ERROR,
    "An Availability Zone must be one of the client's Region",
    _INSTANCE,
    explanation="Documented for CreateDBInstance; about the zones of a cluster there is a warning.",
    accepted={"AvailabilityZone": "us-west-2a"},
    rejected={"AvailabilityZone": "us-east-1a"},
)
ZONES_COUNT = Rule(
    "zones-count",
    Severity.WARNING,
    "AvailabilityZones must be at most three, each once",
    _CREATE,
    explanation="A cluster's storage lies in three zones. That the service refuses more is inferred from Terraform's "
    "and CloudFormation's limits.",
    accepted={"AvailabilityZones": ["us-west-2a", "us-west-2b", "us-west-2c"]},
    rejected={"AvailabilityZones": ["us-west-2a", "us-west-2b", "us-west-2a"]},
)


@finds(ZONE_OTHER_REGION)
def zone(request: Request, name: str) -> Iterator[Finding]:
    """Compare an instance's zone with the client's Region."""
    given = request.params[name]
    if request.partition and isinstance(given, str) and not _is_within(given, str(request.region)):
        yield _elsewhere(request, name, given, None)


@finds(ZONE_OTHER_REGION, ZONES_COUNT)
def zones(request: Request, name: str) -> Iterator[Finding]:
    """Compare a cluster's zones with the client's Region, and count them."""
    given = request.params[name]
    named = texts(given)
    if len(named) > 3 or len(set(named)) < len(named):
        yield ZONES_COUNT.found(name, given, "has more than three, or one of them twice; give at most three, each once")
    for number, each in enumerate(named):
        if request.partition and not _is_within(each, str(request.region)):
            yield _elsewhere(request, f"{name}[{number}]", each, Severity.WARNING)


def _is_within(zone: str, region: str) -> bool:
    # us-west-22a is no zone of us-west-2
    return zone.startswith(region) and not zone[len(region) :][:1].isdigit()


def _elsewhere(request: Request, path: str, value: str, severity: Severity | None) -> Finding:
    return ZONE_OTHER_REGION.found(
        path,
        value,
        f"is not a zone of {request.region}, the client's Region; give one of that Region",
        severity=severity,
    )


# ---------------------------------------------------------------------- changing

LOG_TYPES_BOTH = Rule(
    "log-types-both",
    Severity.WARNING,
    "A log type must not be enabled and disabled at once",
    _MODIFY,
    explanation="The request contradicts itself; what the service does is not known.",
    accepted={"CloudwatchLogsExportConfiguration": {"EnableLogTypes": ["audit"], "DisableLogTypes": ["slowquery"]}},
    rejected={"CloudwatchLogsExportConfiguration": {"EnableLogTypes": ["audit"], "DisableLogTypes": ["audit"]}},
)


@finds(LOG_TYPES_BOTH)
def log_types(request: Request, name: str) -> Iterator[Finding]:
    """Compare the log types to enable with those to disable."""
    given = request.params[name]
    if not isinstance(given, dict):
        return
    both = sorted({*texts(given.get("EnableLogTypes"))} & {*texts(given.get("DisableLogTypes"))})
    if both:
        yield LOG_TYPES_BOTH.found(
            f"{name}.DisableLogTypes", ", ".join(both), "is in EnableLogTypes too; leave it out of one of them"
        )


UPGRADE_GROUP = Rule(
    "upgrade-group",
    Severity.ERROR,
    "DBInstanceParameterGroupName must come with AllowMajorVersionUpgrade=True",
    _MODIFY,
    explanation="The parameter group is for the instances of a cluster whose major version changes; it is valid only "
    "in combination with AllowMajorVersionUpgrade.",
    fault=ServiceFault("InvalidParameterCombination"),
    accepted={
        "DBInstanceParameterGroupName": "default.neptune1.2",
        "AllowMajorVersionUpgrade": True,
        "EngineVersion": "1.2.1.0",
    },
    rejected={"DBInstanceParameterGroupName": "default.neptune1.2"},
)
UPGRADE_VERSION = Rule(
    "upgrade-version",
    Severity.WARNING,
    "AllowMajorVersionUpgrade=True must come with EngineVersion",
    _MODIFY,
    explanation="Without EngineVersion there is no upgrade that it could allow.",
    accepted={"AllowMajorVersionUpgrade": True, "EngineVersion": "1.2.1.0"},
    rejected={"AllowMajorVersionUpgrade": True},
)


@finds(UPGRADE_GROUP)
def group_of_upgrade(request: Request, name: str) -> Iterator[Finding]:
    """See whether a major upgrade is allowed beside its parameter group."""
    if request.text(name) and "AllowMajorVersionUpgrade" not in request.params:
        yield UPGRADE_GROUP.found(
            name, request.params[name], "is valid only together with AllowMajorVersionUpgrade; give both or none"
        )


@finds(UPGRADE_VERSION)
def upgrade(request: Request, name: str) -> Iterator[Finding]:
    """See whether there is an upgrade to allow."""
    if request.params[name] is True and "EngineVersion" not in request.params:
        yield UPGRADE_VERSION.found(
            "EngineVersion", ABSENT, f"is missing while {name} is given; give the version to upgrade to"
        )


# ---------------------------------------------------------------------- deleting

FINAL_SNAPSHOT_REQUIRED = Rule(
    "final-snapshot-required",
    Severity.ERROR,
    "FinalDBSnapshotIdentifier must be given, or SkipFinalSnapshot=True",
    _DELETE,
    explanation="A final snapshot is the default, and it needs a name.",
    fault=ServiceFault(
        "InvalidParameterCombination",
        "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.",
        "recorded (hashicorp/terraform-provider-aws issues 33539 and 39909)",
    ),
    accepted={"FinalDBSnapshotIdentifier": "graph-final", "SkipFinalSnapshot": ABSENT},
    rejected={"SkipFinalSnapshot": ABSENT},
)


@finds(FINAL_SNAPSHOT_REQUIRED)
def final_snapshot(request: Request, name: str) -> Iterator[Finding]:
    """See whether there is a final snapshot, or none is wanted; `name` is empty."""
    if "FinalDBSnapshotIdentifier" in request.params or request.params.get("SkipFinalSnapshot", False) is not False:
        return
    yield FINAL_SNAPSHOT_REQUIRED.found(
        "FinalDBSnapshotIdentifier", ABSENT, "is missing; give the final snapshot a name, or SkipFinalSnapshot=True"
    )
