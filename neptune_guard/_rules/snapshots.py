"""Rules about the snapshots that a request names, and about names that clash."""

from __future__ import annotations

from collections.abc import Iterator

from neptune_guard._arn import (
    Arn,
    has_region_form,
    is_arn,
    is_known_partition,
    is_listed,
    is_reserved,
    parse,
    partition_of,
)
from neptune_guard._printing import ABSENT
from neptune_guard._rules import _engines
from neptune_guard._rules._relation import finds
from neptune_guard._rules._request import Request
from neptune_guard._rules.regions import REGION_UNKNOWN, SOURCE, unknown_region
from neptune_guard._violations import Finding, Rule, ServiceFault, Severity

TARGET = "TargetDBClusterSnapshotIdentifier"
SNAPSHOT, RESTORED = "DBClusterSnapshotIdentifier", "SnapshotIdentifier"
_COPY = "https://docs.aws.amazon.com/neptune/latest/apiref/API_CopyDBClusterSnapshot.html"
_GUIDE = "https://docs.aws.amazon.com/neptune/latest/userguide/backup-restore-copy-snapshot.html"
_ATTRIBUTE = "https://docs.aws.amazon.com/neptune/latest/apiref/API_ModifyDBClusterSnapshotAttribute.html"
_SHARING = "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-share-snapshot.html"
_PARTITIONS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html"
_ELSEWHERE = "arn:aws:rds:us-east-1:123456789012:cluster-snapshot:nightly"

SNAPSHOT_ARN_REGION = Rule(
    "snapshot-arn-region",
    Severity.ERROR,
    "The Region in a snapshot's ARN must belong to the ARN's partition",
    _PARTITIONS,
    explanation="Found where botocore lists the Region in another partition than the ARN's, and where the name has not "
    "the form of a Region's. About any other Region that botocore does not list the rule region-unknown warns.",
    accepted={SOURCE: "arn:aws:rds:us-east-1:123456789012:cluster-snapshot:nightly"},
    rejected={SOURCE: "arn:aws:rds:cn-north-1:123456789012:cluster-snapshot:nightly"},
)
SNAPSHOT_ARN_PARTITION = Rule(
    "snapshot-arn-partition",
    Severity.ERROR,
    "A snapshot's ARN must be of the client Region's partition",
    _GUIDE,
    explanation="Snapshots do not leave their partition: the China Regions copy between themselves only, and so do the "
    "GovCloud Regions.",
    accepted={SOURCE: _ELSEWHERE},
    rejected={SOURCE: "arn:aws-cn:rds:cn-north-1:123456789012:cluster-snapshot:nightly"},
)
SNAPSHOT_NOT_SHAREABLE = Rule(
    "snapshot-not-shareable",
    Severity.ERROR,
    "A snapshot of another account must be a manual one",
    _SHARING,
    explanation="Automated (rds:) and AWS Backup (awsbackup:) snapshots cannot be shared: their owner must copy them "
    "to a manual snapshot first and share that. Found only where the caller's account is known.",
    fault=ServiceFault("DBClusterSnapshotNotFoundFault", "DBClusterSnapshot not found: {value}"),
    accepted={SOURCE: "arn:aws:rds:us-east-1:210987654321:cluster-snapshot:nightly", "KmsKeyId": "alias/graph"},
    rejected={SOURCE: "arn:aws:rds:us-east-1:210987654321:cluster-snapshot:rds:nightly", "KmsKeyId": "alias/graph"},
)


_PLACED = (SNAPSHOT_ARN_REGION, REGION_UNKNOWN, SNAPSHOT_ARN_PARTITION)


@finds(*_PLACED)
def placed_snapshot(request: Request, name: str) -> Iterator[Finding]:
    """Look at the Region and the partition in the ARN of a snapshot."""
    arn = request.snapshot_arn(name)
    if arn and not _is_in_place(request, arn):
        yield from _misplaced(request, name, arn)


def _is_in_place(request: Request, arn: Arn) -> bool:
    """Tell quickly whether an ARN is of a listed Region of its partition, which is the client's."""
    return is_listed(arn.region) and partition_of(arn.region) == arn.partition == request.partition


def _misplaced(request: Request, name: str, arn: Arn) -> Iterator[Finding]:
    given, own = request.params[name], request.partition
    if is_listed(arn.region):
        if partition_of(arn.region) != arn.partition and is_known_partition(arn.partition):
            yield SNAPSHOT_ARN_REGION.found(
                name, given, f"names a Region that is not in partition {arn.partition}; correct the ARN"
            )
    elif has_region_form(arn.region):
        yield from unknown_region(name, given, arn.region, arn.partition)
    elif is_known_partition(arn.partition) and _engines.keeps("snapshot-arn-restorable", str(arn)):
        yield SNAPSHOT_ARN_REGION.found(
            name, given, "names no Region; write arn:PARTITION:rds:REGION:ACCOUNT:..., with a Region such as us-east-1"
        )
    if own and arn.partition != own:
        yield SNAPSHOT_ARN_PARTITION.found(
            name,
            given,
            f"belongs to another partition than the client's Region {request.region} ({own}); stay inside one "
            "partition",
        )


@finds(*_PLACED, SNAPSHOT_NOT_SHAREABLE)
def restored_snapshot(request: Request, name: str) -> Iterator[Finding]:
    """Look at the ARN of a snapshot to be restored, which may also be an instance snapshot's."""
    arn = parse(request.params[name], "rds")
    if arn and arn.kind in ("snapshot", "cluster-snapshot"):
        yield from _read(request, name, arn)


def _read(request: Request, name: str, arn: Arn) -> Iterator[Finding]:
    """See whether the caller may read a snapshot: it is in a place of this partition, and can have been shared."""
    if not _is_in_place(request, arn):
        yield from _misplaced(request, name, arn)
    if request.is_foreign(arn) and is_reserved(arn.name):
        yield SNAPSHOT_NOT_SHAREABLE.found(
            name,
            request.params[name],
            "is an automated or AWS Backup snapshot of another account, which cannot be shared; let its owner copy it "
            "to a manual snapshot and share that",
        )


SNAPSHOT_NOT_MANUAL = Rule(
    "snapshot-not-manual",
    Severity.ERROR,
    "A snapshot must be a manual one to be deleted or shared",
    _ATTRIBUTE,
    explanation="Automated snapshots (rds:) go with their cluster's retention period, those of AWS Backup (awsbackup:) "
    "belong to it. Copy one to a manual snapshot to share it. About AWS Backup's snapshots, and where attributes are "
    "only described, this is a warning.",
    fault=ServiceFault(
        "InvalidDBClusterSnapshotStateFault",
        "Only manual snapshots may be deleted.",
        "recorded for Aurora, listed by a Neptune client (rebuy-de/aws-nuke issue 511)",
    ),
    accepted={SNAPSHOT: "nightly"},
    rejected={SNAPSHOT: "rds:graph-2026-11-25-03-00"},
)
_NOT_MODIFIED = ServiceFault(
    "InvalidDBClusterSnapshotStateFault",
    "automated snapshots cannot be modified.",
    "inferred, after moto; for an instance snapshot InvalidParameterValue is recorded (aws/aws-cli issue 8296)",
)
_DOING = {
    "DeleteDBClusterSnapshot": "cannot be deleted; let the cluster's retention period, or AWS Backup, remove it",
    "ModifyDBClusterSnapshotAttribute": "cannot be shared; copy it to a manual snapshot and share that",
    "DescribeDBClusterSnapshotAttributes": "cannot be shared with anybody; ask for a manual snapshot",
}


@finds(SNAPSHOT_NOT_MANUAL)
def manual_snapshot(request: Request, name: str) -> Iterator[Finding]:
    """See whether a snapshot is a manual one, by its name."""
    arn = request.snapshot_arn(name)
    identifier = arn.name if arn else request.text(name)
    if not is_reserved(identifier):
        return
    automated, operation = identifier.startswith("rds:"), request.operation
    refused = automated and operation != "DescribeDBClusterSnapshotAttributes"
    yield SNAPSHOT_NOT_MANUAL.found(
        name,
        request.params[name],
        f"is {'an automated' if automated else 'an AWS Backup'} snapshot, which {_DOING[operation]}",
        severity=None if refused else Severity.WARNING,
        fault=_NOT_MODIFIED if operation == "ModifyDBClusterSnapshotAttribute" else None,
    )


# ---------------------------------------------------------------------- copies

KMS_KEY_SHARED_SOURCE = Rule(
    "kms-key-shared-source",
    Severity.WARNING,
    "A copy of another account's snapshot must come with KmsKeyId if the snapshot is encrypted",
    _COPY,
    explanation="An encrypted snapshot that another account shared can only be copied with a key of the caller's own; "
    "an unencrypted one must be copied without. Found only where the caller's account is known.",
    accepted={SOURCE: "arn:aws:rds:us-east-1:210987654321:cluster-snapshot:nightly", "KmsKeyId": "alias/graph"},
    rejected={SOURCE: "arn:aws:rds:us-east-1:210987654321:cluster-snapshot:nightly"},
)
TARGET_SAME_AS_SOURCE = Rule(
    "target-same-as-source",
    Severity.ERROR,
    "The target must differ from the source",
    _COPY,
    explanation="Identifiers are not case-sensitive and unique per account and Region. An ARN of the client's Region "
    "counts only when its account is known to be the caller's: otherwise another account may have shared it.",
    fault=ServiceFault(
        "DBClusterSnapshotAlreadyExistsFault",
        "Cannot create the cluster snapshot because one with the identifier {value} already exists.",
        "recorded (cloudposse/terraform-aws-rds-cluster issue 129); for this case inferred",
    ),
    accepted={SOURCE: "nightly", TARGET: "nightly-copy"},
    rejected={SOURCE: "nightly", TARGET: "Nightly"},
)


@finds(*_PLACED, SNAPSHOT_NOT_SHAREABLE, KMS_KEY_SHARED_SOURCE, TARGET_SAME_AS_SOURCE)
def source_of_copy(request: Request, name: str) -> Iterator[Finding]:
    """Look at the ARN of a copy's source, and compare the source with the key and the target."""
    arn, target = request.snapshot_arn(name), request.text(TARGET)
    if arn and (request.is_foreign(arn) or not _is_in_place(request, arn)):
        yield from _read(request, name, arn)
    if request.is_foreign(arn) and "KmsKeyId" not in request.params:
        yield KMS_KEY_SHARED_SOURCE.found(
            "KmsKeyId",
            ABSENT,
            "is missing while the source is another account's; if it is encrypted, give a key of your own",
        )
    if target and target.lower() == _beside_target(request, name, arn) and not (is_arn(target) or is_reserved(target)):
        yield TARGET_SAME_AS_SOURCE.found(TARGET, target, "is the source itself; choose another name for the copy")


def _beside_target(request: Request, name: str, arn: Arn | None) -> str | None:
    """Return the source's identifier in lower case where the source lies in the target's account and Region."""
    if arn:
        beside = arn.region == request.region and arn.account_id == request.account_id
        return arn.name.lower() if beside else None
    source, region = request.text(name), request.params.get("SourceRegion")
    beside = region is None or region == request.region or not isinstance(region, str)
    return source.lower() if beside else None
