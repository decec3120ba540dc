"""Rules about Regions and partitions: of ARNs, of SourceRegion, of the client."""

from __future__ import annotations

from collections.abc import Iterator

from neptune_guard._arn import (
    has_region_form,
    is_arn,
    is_known_partition,
    is_listed,
    likely_region,
    parse,
    partition_of,
)
from neptune_guard._rules._relation import finds
from neptune_guard._rules._request import Request
from neptune_guard._violations import Finding, Rule, ServiceFault, Severity

SOURCE = "SourceDBClusterSnapshotIdentifier"
_COPY = "https://docs.aws.amazon.com/neptune/latest/apiref/API_CopyDBClusterSnapshot.html"
_GUIDE = "https://docs.aws.amazon.com/neptune/latest/userguide/backup-restore-copy-snapshot.html"
_REGIONS = "https://docs.aws.amazon.com/general/latest/gr/neptune.html"

REGION_UNKNOWN = Rule(
    "region-unknown",
    Severity.WARNING,
    "A Region must be one that botocore knows",
    _REGIONS,
    explanation="A misspelt Region is the usual cause. AWS opens Regions that an older botocore does not list, so this "
    "is a warning; a Region whose name has the form of its partition's Regions is taken for a new one, unless it is "
    "nearly the name of a listed one.",
    accepted={SOURCE: "arn:aws:rds:us-east-1:123456789012:cluster-snapshot:nightly"},
    rejected={SOURCE: "arn:aws:rds:us-esat-1:123456789012:cluster-snapshot:nightly"},
)


def unknown_region(name: str, value: str, region: str, partition: str | None = None) -> Iterator[Finding]:
    """Yield what is wrong with a Region of an ARN or of SourceRegion that has a Region's form but is not known."""
    if not has_region_form(region) or is_listed(region) or (partition and not is_known_partition(partition)):
        return
    likely = likely_region(region)
    if likely or not partition_of(region):
        hint = f"; did you mean {likely}?" if likely else "; correct it, unless it is newer than this botocore"
        yield REGION_UNKNOWN.found(name, value, f"names a Region that botocore does not know{hint}")


ARN_OTHER_REGION = Rule(
    "arn-other-region",
    Severity.WARNING,
    "An ARN must be of the client's Region where the operation stays inside one",
    "https://docs.aws.amazon.com/general/latest/gr/neptune.html",
    explanation="Each Region has a control plane of its own, which knows its own resources only. To restore a snapshot "
    "of another Region, copy it first. That the service refuses such an ARN is inferred. The ARN of a global database "
    "has no Region.",
    accepted={"DBClusterSnapshotIdentifier": "arn:aws:rds:us-west-2:123456789012:cluster-snapshot:nightly"},
    rejected={"DBClusterSnapshotIdentifier": "arn:aws:rds:us-east-1:123456789012:cluster-snapshot:nightly"},
)


@finds(ARN_OTHER_REGION)
def own_region(request: Request, name: str) -> Iterator[Finding]:
    """Compare the Region of an ARN, whatever it names, with the client's; other partitions have rules of their own."""
    arn, own = parse(request.params[name], "rds"), request.partition
    if not arn or not own or arn.partition != own or arn.kind == "global-cluster" or arn.region == request.region:
        return
    if partition_of(arn.region) in (None, own):
        restoring = name == "SnapshotIdentifier"
        advice = "copy the snapshot to this Region first" if restoring else "use a client of the ARN's Region"
        yield ARN_OTHER_REGION.found(name, str(arn), f"is not of {request.region}, the client's Region; {advice}")


# ---------------------------------------------------------------------- SourceRegion

SOURCE_ARN_REQUIRED = Rule(
    "source-arn-required",
    Severity.ERROR,
    "A source in another Region than the client's must be given as an ARN",
    _COPY,
    explanation="A bare identifier is looked up in the client's own Region and account, whatever SourceRegion says.",
    fault=ServiceFault("DBClusterSnapshotNotFoundFault", "DBClusterSnapshot not found: {value}"),
    accepted={SOURCE: "nightly"},
    rejected={SOURCE: "nightly", "SourceRegion": "us-east-1"},
)
SOURCE_REGION_MISMATCH = Rule(
    "source-region-mismatch",
    Severity.ERROR,
    "SourceRegion must be the source ARN's Region",
    _GUIDE,
    explanation="botocore signs the PreSignedUrl for SourceRegion; the snapshot is where its ARN says. For the "
    "source of a replica nothing is documented, so there it is a warning.",
    accepted={SOURCE: "arn:aws:rds:us-east-1:123456789012:cluster-snapshot:nightly", "SourceRegion": "us-east-1"},
    rejected={SOURCE: "arn:aws:rds:us-east-1:123456789012:cluster-snapshot:nightly", "SourceRegion": "eu-west-1"},
)
SOURCE_REGION_REDUNDANT = Rule(
    "source-region-redundant",
    Severity.WARNING,
    "SourceRegion must differ from the client's Region",
    _COPY,
    explanation="With the client's own Region as SourceRegion botocore signs a URL that leads back to the same Region.",
    accepted={SOURCE: "arn:aws:rds:us-east-1:123456789012:cluster-snapshot:nightly", "SourceRegion": "us-east-1"},
    rejected={SOURCE: "nightly", "SourceRegion": "us-west-2"},
)


@finds(REGION_UNKNOWN, SOURCE_ARN_REQUIRED, SOURCE_REGION_MISMATCH, SOURCE_REGION_REDUNDANT)
def source_region(request: Request, name: str) -> Iterator[Finding]:
    """Compare SourceRegion with the source and with the client's Region."""
    region, arn, source = request.params[name], request.snapshot_arn(SOURCE), request.text(SOURCE)
    if not isinstance(region, str):
        return
    if not (arn and arn.region == region):
        yield from unknown_region(name, region, region)
    if arn and region != arn.region:
        yield SOURCE_REGION_MISMATCH.found(
            name,
            region,
            f"is not {_shown(arn.region)}, the Region of the source ARN; leave it out, it follows from the ARN",
        )
    if request.partition and region == request.region:
        yield SOURCE_REGION_REDUNDANT.found(
            name, region, "is the client's own Region; leave it out for a copy inside one Region"
        )
    elif request.partition and source and not is_arn(source):
        yield SOURCE_ARN_REQUIRED.found(
            SOURCE,
            source,
            f"is a bare identifier, but SourceRegion is not the client's {request.region}; give the snapshot's ARN",
        )


@finds(REGION_UNKNOWN, SOURCE_REGION_MISMATCH)
def source_region_of_replica(request: Request, name: str) -> Iterator[Finding]:
    """Compare SourceRegion with the Region of ReplicationSourceIdentifier."""
    region, arn = request.params[name], parse(request.params.get("ReplicationSourceIdentifier"), "rds")
    if not isinstance(region, str):
        return
    yield from unknown_region(name, region, region)
    if arn and region != arn.region:
        yield SOURCE_REGION_MISMATCH.found(
            name,
            region,
            f"is not {_shown(arn.region)}, the Region of ReplicationSourceIdentifier; leave it out, or correct it",
            severity=Severity.WARNING,
        )


def _shown(region: str) -> str:
    return region if has_region_form(region) else "the one given"
