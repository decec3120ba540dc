"""The rules that relate parameters to each other, to the client's Region and to the caller's account."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from neptune_guard._arn import is_arn, is_automated, parse_kms_arn, region_in_partition
from neptune_guard._request import SOURCE, TARGET, Request
from neptune_guard._violations import ABSENT, OPERATION, Rule, Severity, help_url

# A URL of this copy has six fields, those of its signature, and two for each of fifty tags.
_MOST_FIELDS = 200
_API = "https://docs.aws.amazon.com/neptune/latest/apiref/API_CopyDBClusterSnapshot.html"
_GUIDE = "https://docs.aws.amazon.com/neptune/latest/userguide/backup-restore-copy-snapshot.html"
_TAG = "https://docs.aws.amazon.com/neptune/latest/apiref/API_Tag.html"
_PARTITIONS = "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html"


Finding = tuple[str, str, object, str]
"""Rule id, path, value, message."""


def _rule(rule_id: str, severity: Severity, summary: str, source: str, explanation: str) -> Rule:
    return Rule(rule_id, severity, summary, help_url(rule_id), explanation=explanation, source=source)


RULES = (
    _rule(
        "source-arn-region",
        Severity.ERROR,
        "The Region in the source ARN belongs to the ARN's partition",
        _PARTITIONS,
        "A Region that botocore does not list yet is accepted when its name has the form of the partition's Regions; a "
        "partition that botocore does not know gives no finding.",
    ),
    _rule(
        "source-arn-partition",
        Severity.ERROR,
        "The source ARN is of the client Region's partition",
        _GUIDE,
        "Snapshots are not copied between partitions: the China Regions copy between themselves only, and so do the "
        "GovCloud Regions.",
    ),
    _rule(
        "source-arn-required",
        Severity.ERROR,
        "A source in another Region than the client's is given as an ARN",
        _API,
        "A bare identifier is looked up in the client's own Region and account, whatever SourceRegion says.",
    ),
    _rule(
        "target-same-as-source",
        Severity.ERROR,
        "The target differs from the source",
        _API,
        "Identifiers are not case-sensitive and unique per account and Region. An ARN of the client's Region counts "
        "only when its account is known to be the caller's: otherwise it may be one that another account shared.",
    ),
    _rule(
        "kms-key-region",
        Severity.ERROR,
        "A KMS ARN is of the client's Region",
        _API,
        "The copy is encrypted in the Region it is made in, and KMS keys belong to one Region.",
    ),
    _rule(
        "kms-key-partition",
        Severity.ERROR,
        "A KMS ARN is of the client Region's partition",
        _PARTITIONS,
        "A key of another partition can never encrypt the copy.",
    ),
    _rule(
        "kms-key-shared-source",
        Severity.WARNING,
        "A source of another account comes with KmsKeyId",
        _API,
        "An encrypted snapshot that another account shared can only be copied with a key of one's own; an unencrypted "
        "one must be copied without. Found only where the caller's account is known.",
    ),
    _rule(
        "pre-signed-url-unsupported",
        Severity.WARNING,
        "PreSignedUrl is not given by hand",
        _API,
        "Neptune documents PreSignedUrl as not supported; where SourceRegion is given, botocore adds one by itself.",
    ),
    _rule(
        "pre-signed-url-format",
        Severity.ERROR,
        "A given PreSignedUrl is a signed https URL of this very copy",
        "https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CopyDBClusterSnapshot.html",
        "The URL repeats the request for the source Region: the same source and key, Action, DestinationRegion and a "
        'signature. A mismatch was answered with "PreSignedurl could not be authenticated" (aws-sdk-ruby issue 1635).',
    ),
    _rule(
        "source-region-mismatch",
        Severity.ERROR,
        "SourceRegion is the source ARN's Region",
        _GUIDE,
        "botocore signs the PreSignedUrl for SourceRegion; the snapshot is where its ARN says.",
    ),
    _rule(
        "source-region-redundant",
        Severity.WARNING,
        "SourceRegion differs from the client's Region",
        _API,
        "With the client's own Region as SourceRegion botocore signs a URL that leads back to the same Region.",
    ),
    _rule(
        "copy-tags-ignored",
        Severity.WARNING,
        "CopyTags=True does not come with Tags",
        _API,
        "The two are never merged: with Tags the source's tags are not copied (getmoto/moto pull request 8320).",
    ),
    _rule(
        "tag-key-duplicate",
        Severity.ERROR,
        "Tag keys are unique",
        _TAG,
        "Keys are compared as they are, upper and lower case being different.",
    ),
    _rule(
        "tag-value-empty",
        Severity.WARNING,
        "A tag value is not the empty string",
        _TAG,
        "Documented are 1 to 256 characters; the service is known to take an empty value all the same.",
    ),
)


def _about_source(request: Request) -> Iterator[Finding]:
    arn, own = request.source_arn, request.partition
    if arn:
        given = request.params[SOURCE]
        if not region_in_partition(arn.region, arn.partition):
            yield (
                "source-arn-region",
                SOURCE,
                given,
                f"names a Region that is not in partition {_name(arn.partition)}; correct the ARN",
            )
        if own and arn.partition != own:
            yield (
                "source-arn-partition",
                SOURCE,
                given,
                f"is not of {own}, the partition of the client's Region {request.region}; copy inside one partition",
            )
        if request.account_id and arn.account_id != request.account_id and "KmsKeyId" not in request.params:
            yield (
                "kms-key-shared-source",
                "KmsKeyId",
                ABSENT,
                "is missing while the source is another account's; if it is encrypted, give a key of your own",
            )
    target = request.params.get(TARGET)
    if (
        isinstance(target, str)
        and target.lower() == _own_source(request)
        and not (is_arn(target) or is_automated(target))
    ):
        yield "target-same-as-source", TARGET, target, "is the source itself; choose another name for the copy"


def _own_source(request: Request) -> str | None:
    """Return the source's identifier in lower case where the source lies beside the target."""
    arn = request.source_arn
    if arn:
        beside = arn.region == request.region and arn.account_id == request.account_id
        return arn.identifier.lower() if beside else None
    source = request.params[SOURCE]
    beside = isinstance(source, str) and request.source_region in (None, request.region)
    return source.lower() if beside else None


def _about_kms_key(request: Request) -> Iterator[Finding]:
    arn, own = parse_kms_arn(request.params["KmsKeyId"]), request.partition
    if not arn or not own:
        return
    if arn.region != request.region:
        yield (
            "kms-key-region",
            "KmsKeyId",
            str(arn),
            f"is not a key of {request.region}, where the copy is made; give one of that Region",
        )
    if arn.partition != own:
        yield (
            "kms-key-partition",
            "KmsKeyId",
            str(arn),
            f"is not of {own}, the partition of the client's Region {request.region}; give a key of {own}",
        )


def _about_url(request: Request) -> Iterator[Finding]:
    url = request.params["PreSignedUrl"]
    if not isinstance(url, str):
        return
    yield (
        "pre-signed-url-unsupported",
        "PreSignedUrl",
        url,
        "is documented as not supported; leave it out, botocore makes it from SourceRegion",
    )
    wrong = [what for what, holds in _url_facts(url, request) if not holds]
    if wrong:
        yield (
            "pre-signed-url-format",
            "PreSignedUrl",
            url,
            f"is no presigned URL of this copy ({', '.join(wrong)}); leave it out, botocore makes it from SourceRegion",
        )


def _url_facts(url: str, request: Request) -> Iterator[tuple[str, bool]]:
    try:
        parts = urlsplit(url)
        host, query = parts.hostname, dict(parse_qsl(parts.query, keep_blank_values=True, max_num_fields=_MOST_FIELDS))
    except ValueError:
        yield "it is not a URL", False
        return
    yield "it is not an https URL", parts.scheme == "https" and bool(host)
    yield f"its Action is not {OPERATION}", query.get("Action") == OPERATION
    if request.partition:
        yield f"its DestinationRegion is not {request.region}", query.get("DestinationRegion") == request.region
    yield "it has no signature", bool(query.get("X-Amz-Signature"))
    for name in (SOURCE, "KmsKeyId"):
        yield f"its {name} is not the request's", query.get(name) == request.params.get(name)


def _about_source_region(request: Request) -> Iterator[Finding]:
    region, arn, source = request.source_region, request.source_arn, request.params.get(SOURCE)
    if region is None:
        return
    if arn and region != arn.region:
        yield (
            "source-region-mismatch",
            "SourceRegion",
            region,
            f"is not {_name(arn.region)}, the Region of the source ARN; leave it out, it follows from the ARN",
        )
    if request.partition and region == request.region:
        yield (
            "source-region-redundant",
            "SourceRegion",
            region,
            "is the client's own Region; leave it out for a copy inside one Region",
        )
    elif request.partition and isinstance(source, str) and not is_arn(source):
        yield (
            "source-arn-required",
            SOURCE,
            source,
            f"is a bare identifier, but SourceRegion is not the client's {request.region}; give the snapshot's ARN",
        )


def _about_copy_tags(request: Request) -> Iterator[Finding]:
    if request.params["CopyTags"] is True and request.tags:
        yield (
            "copy-tags-ignored",
            "CopyTags",
            True,
            "is ignored while Tags are given; leave one of them out, or repeat the source's tags in Tags",
        )


def _about_tags(request: Request) -> Iterator[Finding]:
    seen: set[str] = set()
    for number, tag in enumerate(request.tags):
        if not isinstance(tag, dict):
            continue
        key = dict.get(tag, "Key")
        if isinstance(key, str):
            if key in seen:
                yield (
                    "tag-key-duplicate",
                    f"Tags[{number}].Key",
                    key,
                    "is the key of an earlier tag too; give each key once",
                )
            seen.add(key)
        if dict.get(tag, "Value") == "":
            yield (
                "tag-value-empty",
                f"Tags[{number}].Value",
                "",
                "is empty; leave Value out, or give it at least one character",
            )


# One generator a parameter, asked where the parameter is given: a generator a rule costs a call twice as much.
CHECKS: dict[Any, Callable[[Request], Iterator[Finding]]] = {
    SOURCE: _about_source,
    "KmsKeyId": _about_kms_key,
    "PreSignedUrl": _about_url,
    "SourceRegion": _about_source_region,
    "CopyTags": _about_copy_tags,
    "Tags": _about_tags,
}


def _name(text: str) -> str:
    return text if len(text) <= 63 and text.isprintable() else "another one"
