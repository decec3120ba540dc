"""Rules about KMS keys and the Region they belong to."""

from __future__ import annotations

from collections.abc import Iterator

from neptune_guard._arn import parse
from neptune_guard._rules import _documents
from neptune_guard._rules._relation import finds
from neptune_guard._rules._request import Request
from neptune_guard._violations import Finding, Rule, Severity

_COPY = "https://docs.aws.amazon.com/neptune/latest/apiref/API_CopyDBClusterSnapshot.html"
_PARTITIONS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html"
_KEY = "key/12345678-1234-1234-1234-123456789012"

KMS_KEY_REGION = Rule(
    "kms-key-region",
    Severity.ERROR,
    "A KMS ARN must be of the client's Region",
    _COPY,
    explanation="A request creates encrypted data in the client's Region, and a KMS key belongs to one Region.",
    fault=_documents.fault("kms-key"),
    accepted={"KmsKeyId": f"arn:aws:kms:us-west-2:123456789012:{_KEY}"},
    rejected={"KmsKeyId": f"arn:aws:kms:us-east-1:123456789012:{_KEY}"},
)
KMS_KEY_PARTITION = Rule(
    "kms-key-partition",
    Severity.ERROR,
    "A KMS ARN must be of the client Region's partition",
    _PARTITIONS,
    explanation="A key of another partition can never encrypt anything in the client's Region.",
    fault=_documents.fault("kms-key"),
    accepted={"KmsKeyId": f"arn:aws:kms:us-west-2:123456789012:{_KEY}"},
    rejected={"KmsKeyId": f"arn:aws-cn:kms:us-west-2:123456789012:{_KEY}"},
)


@finds(KMS_KEY_REGION, KMS_KEY_PARTITION)
def key(request: Request, name: str) -> Iterator[Finding]:
    """Compare the Region and partition of a key's ARN with the client's."""
    arn, own = parse(request.params[name], "kms"), request.partition
    if not arn or not own:
        return
    if arn.region != request.region:
        yield KMS_KEY_REGION.found(
            name, str(arn), f"is not a key of {request.region}, the client's Region; give one of that Region"
        )
    if arn.partition != own:
        yield KMS_KEY_PARTITION.found(
            name,
            str(arn),
            f"belongs to another partition than the client's Region {request.region} ({own}); use a key in partition "
            f"{own}",
        )
