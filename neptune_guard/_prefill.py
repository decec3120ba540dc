"""What follows from a request's parameters and can be added to them."""

from __future__ import annotations

from neptune_guard._arn import partition_of
from neptune_guard._request import Request


def additions(request: Request) -> dict[str, str]:
    """Return the parameters to add: SourceRegion, where the source is an ARN of another Region.

    botocore makes the PreSignedUrl from it, but does not deduce it (boto/botocore issue 1273). Nothing is added when
    SourceRegion or PreSignedUrl was given, or when the copy would cross partitions.
    """
    arn, params = request.source_arn, request.params
    if not arn or arn.region == request.region or not request.partition:
        return {}
    if "SourceRegion" in params or "PreSignedUrl" in params:
        return {}
    same_partition = arn.partition == request.partition == partition_of(arn.region)
    return {"SourceRegion": arn.region} if same_partition else {}
