"""Rules about a PreSignedUrl that was made by hand or by another SDK."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qsl, urlsplit

from neptune_guard._rules._relation import finds
from neptune_guard._rules._request import Request
from neptune_guard._rules.regions import SOURCE
from neptune_guard._violations import Finding, Rule, ServiceFault, Severity

# A URL of a copy has six fields, those of its signature, and two for each of fifty tags.
_MOST_FIELDS = 200
_COPY = "https://docs.aws.amazon.com/neptune/latest/apiref/API_CopyDBClusterSnapshot.html"
_RDS_COPY = "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CopyDBClusterSnapshot.html"
_EXAMPLE = (
    "https://rds.us-east-1.amazonaws.com/?Action=CopyDBClusterSnapshot&DestinationRegion=us-west-2"
    "&SourceDBClusterSnapshotIdentifier=arn:aws:rds:us-east-1:123456789012:cluster-snapshot:nightly"
    "&X-Amz-Signature=0123"
)
_SOURCE = "arn:aws:rds:us-east-1:123456789012:cluster-snapshot:nightly"

PRE_SIGNED_URL_UNSUPPORTED = Rule(
    "pre-signed-url-unsupported",
    Severity.WARNING,
    "PreSignedUrl must not be given by hand",
    _COPY,
    explanation="Neptune documents PreSignedUrl as not supported, RDS as used in the GovCloud Regions only; botocore "
    "adds one by itself where SourceRegion is given. DocumentDB documents it as required, so nothing is found there, "
    "nor for an rds client in GovCloud.",
    accepted={SOURCE: _SOURCE},
    rejected={SOURCE: _SOURCE, "PreSignedUrl": _EXAMPLE},
)
PRE_SIGNED_URL_FORMAT = Rule(
    "pre-signed-url-format",
    Severity.ERROR,
    "A PreSignedUrl must be a signed https URL for this very copy",
    _RDS_COPY,
    explanation="The URL repeats the request for the source Region: the same source and key, Action, DestinationRegion "
    'and a signature. The service answers a mismatch with "PreSignedurl could not be authenticated". A field of '
    "the URL that is empty counts as one that is not given, as the JavaScript SDK writes it.",
    fault=ServiceFault(
        words="PreSignedurl could not be authenticated",
        evidence="recorded for cluster snapshots (aws/aws-sdk-ruby issue 1635)",
    ),
    accepted={SOURCE: _SOURCE, "PreSignedUrl": _EXAMPLE},
    rejected={SOURCE: _SOURCE, "PreSignedUrl": "https://rds.us-east-1.amazonaws.com/?Action=DeleteDBCluster"},
)


@finds(PRE_SIGNED_URL_UNSUPPORTED, PRE_SIGNED_URL_FORMAT)
def pre_signed_url(request: Request, name: str) -> Iterator[Finding]:
    """Compare a PreSignedUrl with the request; the URL itself is never printed."""
    url = request.params[name]
    if not isinstance(url, str):
        return
    if request.service == "neptune" or (request.service == "rds" and request.partition != "aws-us-gov"):
        yield PRE_SIGNED_URL_UNSUPPORTED.found(
            name, url, "is documented as not supported; leave it out, botocore makes it from SourceRegion"
        )
    wrong = [what for what, holds in _facts(url, request) if not holds]
    if wrong:
        yield PRE_SIGNED_URL_FORMAT.found(
            name,
            url,
            f"is not a presigned URL for this copy ({', '.join(wrong)}); leave it out, botocore makes it from "
            "SourceRegion",
        )


def _facts(url: str, request: Request) -> Iterator[tuple[str, bool]]:
    """Yield what may be wrong with a URL, and whether it is right."""
    try:
        parts = urlsplit(url)
        host, query = parts.hostname, dict(parse_qsl(parts.query, max_num_fields=_MOST_FIELDS))
    except ValueError:
        yield "it is not a URL", False
        return
    yield "it is not an https URL", parts.scheme == "https" and bool(host)
    yield f"its Action is not {request.operation}", query.get("Action") == request.operation
    # DocumentDB's documentation asks for neither DestinationRegion nor KmsKeyId.
    asks_less = request.service == "docdb"
    if request.partition and (not asks_less or "DestinationRegion" in query):
        yield f"its DestinationRegion is not {request.region}", query.get("DestinationRegion") == request.region
    yield "it has no signature", "X-Amz-Signature" in query
    for name in (SOURCE, "KmsKeyId") if not asks_less or "KmsKeyId" in query else (SOURCE,):
        yield f"its {name} is not the request's", query.get(name) == (request.params.get(name) or None)
