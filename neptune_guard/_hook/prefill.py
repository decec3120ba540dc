"""SourceRegion, which follows from a copy's source: filled in, and taken out again where nobody can sign for it."""

from __future__ import annotations

from typing import Any

from neptune_guard._arn import has_region_form, partition_of
from neptune_guard._rules import Request, keeps
from neptune_guard._rules.regions import SOURCE

NAME = "SourceRegion"


def source_region(request: Request) -> str | None:
    """Return the SourceRegion to fill in, None where there is nothing to fill.

    botocore makes the PreSignedUrl from it, but does not deduce it (boto/botocore issue 1273). Nothing is filled when
    SourceRegion or PreSignedUrl is given, when the ARN breaks a rule, or when the copy would cross partitions.
    """
    arn = request.snapshot_arn(SOURCE)
    if arn is None or arn.region == request.region or not request.partition:
        return None
    if NAME in request.params or "PreSignedUrl" in request.params:
        return None
    sound = has_region_form(arn.region) and keeps("snapshot-arn-format", request.params[SOURCE])
    # A Region that nobody knows yet may belong to the client's partition.
    within = arn.partition == request.partition and partition_of(arn.region) in (None, request.partition)
    return arn.region if sound and within else None


def can_sign(signer: Any) -> bool:
    """Tell whether botocore can make a PreSignedUrl: it needs credentials, and knows how for Signature Version 4 only.

    Args:
        signer: The client's `RequestSigner`, as the event before-call hands it over.
    """
    version = signer.signature_version
    # There is no public way to ask a signer for its credentials.
    return isinstance(version, str) and version.startswith("v4") and getattr(signer, "_credentials", None) is not None
