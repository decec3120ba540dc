"""Rules that relate tags to each other and to CopyTags."""

from __future__ import annotations

from collections.abc import Iterator

from neptune_guard._rules._relation import finds
from neptune_guard._rules._request import MOST_TAGS, Request
from neptune_guard._violations import Finding, Rule, ServiceFault, Severity

_TAG = "https://docs.aws.amazon.com/neptune/latest/apiref/API_Tag.html"
_COPY = "https://docs.aws.amazon.com/neptune/latest/apiref/API_CopyDBClusterSnapshot.html"

TAG_KEY_DUPLICATE = Rule(
    "tag-key-duplicate",
    Severity.ERROR,
    "A tag key must be unique in a request",
    _TAG,
    explanation="Keys are compared as they are: upper and lower case differ.",
    fault=ServiceFault(
        "InvalidParameterCombination",
        "Duplicate tag key found in request: {value}",
        "recorded for an RDS instance (crossplane/stack-aws-sample issue 12)",
    ),
    accepted={"Tags": [{"Key": "team"}, {"Key": "Team"}]},
    rejected={"Tags": [{"Key": "team"}, {"Key": "team"}]},
)
TAG_VALUE_EMPTY = Rule(
    "tag-value-empty",
    Severity.WARNING,
    "A tag value must not be the empty string",
    _TAG,
    explanation="The documentation allows 1 to 256 characters; the service is known to accept an empty value.",
    accepted={"Tags": [{"Key": "team"}]},
    rejected={"Tags": [{"Key": "team", "Value": ""}]},
)
TAG_AT_SIGN = Rule(
    "tag-at-sign",
    Severity.WARNING,
    "A tag must not contain @ if it is to keep to Neptune's documented characters",
    _TAG,
    explanation="Neptune's and DocumentDB's documentation leave @ out of the characters of a tag; the control plane "
    "accepts it and lists it in its own refusals (cloud-custodian issues 2115 and 4674), and the RDS documentation "
    "allows it.",
    accepted={"Tags": [{"Key": "owner", "Value": "graph-team"}]},
    rejected={"Tags": [{"Key": "owner", "Value": "graph@example.com"}]},
)


@finds(TAG_KEY_DUPLICATE, TAG_VALUE_EMPTY, TAG_AT_SIGN)
def tags(request: Request, name: str) -> Iterator[Finding]:
    """Look at the tags one after the other; of more than fifty at the first fifty-one only."""
    given = request.params[name]
    if type(given) is not list and type(given) is not tuple:
        return
    seen: set[str] = set()
    at_sign = request.service != "rds"
    for number, tag in enumerate(given if len(given) <= MOST_TAGS else given[: MOST_TAGS + 1]):
        if type(tag) is not dict:
            continue
        key, value = tag.get("Key"), tag.get("Value")
        if type(key) is str:
            if key in seen:
                yield TAG_KEY_DUPLICATE.found(
                    f"{name}[{number}].Key", key, "is the key of an earlier tag too; give each key once"
                )
            seen.add(key)
            if at_sign and "@" in key:
                yield TAG_AT_SIGN.found(f"{name}[{number}].Key", key, _AT_SIGN)
        if type(value) is str and not value:
            yield TAG_VALUE_EMPTY.found(
                f"{name}[{number}].Value", "", "is empty; leave Value out, or give it at least one character"
            )
        elif at_sign and type(value) is str and "@" in value:
            yield TAG_AT_SIGN.found(f"{name}[{number}].Value", value, _AT_SIGN)


_AT_SIGN = "contains @, which Neptune's documentation leaves out and the service accepts; replace it to be safe"

COPY_TAGS_IGNORED = Rule(
    "copy-tags-ignored",
    Severity.WARNING,
    "CopyTags=True must not come with Tags",
    _COPY,
    explanation="They are never merged: with Tags the source's tags are not copied (getmoto/moto pull request 8320).",
    accepted={"CopyTags": True},
    rejected={"CopyTags": True, "Tags": [{"Key": "team"}]},
)


@finds(COPY_TAGS_IGNORED)
def copy_tags(request: Request, name: str) -> Iterator[Finding]:
    """Compare CopyTags with Tags."""
    tags = request.params.get("Tags")
    if request.params[name] is True and isinstance(tags, (list, tuple)) and tags:
        yield COPY_TAGS_IGNORED.found(
            name, True, "is ignored while Tags are given; leave one of them out, or repeat the source's tags in Tags"
        )
