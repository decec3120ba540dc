"""The rule about the partition of a tagged resource."""

from __future__ import annotations

from collections.abc import Iterator

from neptune_guard._arn import parse
from neptune_guard._rules import _documents
from neptune_guard._rules._relation import finds
from neptune_guard._rules._request import Request
from neptune_guard._violations import Finding, Rule, Severity

RESOURCE_ARN_PARTITION = Rule(
    "resource-arn-partition",
    Severity.ERROR,
    "ResourceName must be of the client Region's partition",
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html",
    explanation="A client of one partition never reaches a resource of another.",
    fault=_documents.fault("resource-name"),
    accepted={"ResourceName": "arn:aws:rds:us-west-2:123456789012:cluster:graph"},
    rejected={"ResourceName": "arn:aws-cn:rds:cn-north-1:123456789012:cluster:graph"},
)


@finds(RESOURCE_ARN_PARTITION)
def resource(request: Request, name: str) -> Iterator[Finding]:
    """Compare the partition of a resource's ARN with the client's."""
    arn, own = parse(request.params[name], "rds"), request.partition
    if arn and own and arn.partition != own:
        yield RESOURCE_ARN_PARTITION.found(
            name,
            str(arn),
            f"belongs to another partition than the client's Region {request.region} ({own}); stay inside one "
            "partition",
        )
