"""Requests for the tables of the rules: a sound one, changed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any, NamedTuple
from urllib.parse import urlencode

from neptune_guard._printing import ABSENT
from neptune_guard._rules import GUARDED, Request, Ruleset, shapes
from neptune_guard._rules._documents import parameters_of
from neptune_guard._violations import Severity, Violation
from tests.helpers import HERE, SOUND, SOURCE, TARGET, arn, kms

ERROR, WARNING = Severity.ERROR, Severity.WARNING
KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
SECRET = "0123456789abcdef" * 4
NOW = datetime(2026, 11, 25, 3, 0, tzinfo=timezone.utc)
_RULESET = Ruleset()


def _has_network_type(operation: str) -> bool:
    return "NetworkType" in shapes.input_shape("neptune", operation).members


class Row(NamedTuple):
    """A sound request of an operation with changes; `ABSENT` takes a parameter away."""

    changes: dict[str, Any]
    operation: str = "CopyDBClusterSnapshot"
    region: str | None = HERE
    account_id: str | None = None
    service: str = "neptune"
    warns: bool = False  # whether the rule, one of severity error, only warns here

    @property
    def params(self) -> dict[str, Any]:
        merged = {**SOUND[self.operation], **self.changes}
        return {name: value for name, value in merged.items() if value is not ABSENT}

    @property
    def is_modelled(self) -> bool:
        """Whether the installed botocore's model has the parameters: its oldest supported one has no NetworkType."""
        return "NetworkType" not in self.changes or _has_network_type(self.operation)

    def check(self) -> list[Violation]:
        """Return what is found at the fixed time `NOW`."""
        request = Request(
            self.operation,
            self.params,
            service=self.service,
            region=self.region,
            account_id=self.account_id,
            now=lambda: NOW,
        )
        return _RULESET.check(request)


class Table(NamedTuple):
    """The rows of one rule.

    Attributes:
        severity: The rule's severity.
        accepts: Requests in which the rule finds nothing.
        rejects: Requests in which it finds one thing.
        says: Requests, and the line about each.
    """

    severity: Severity
    accepts: list[Row]
    rejects: list[Row]
    says: list[tuple[Row, str]] = []  # noqa: RUF012 - a NamedTuple's default, never changed


def of(operation: str) -> Callable[..., Row]:
    """Return what makes rows of an operation from changes given by name."""

    def row(region: str | None = HERE, account_id: str | None = None, warns: bool = False, **changes: Any) -> Row:
        return Row(changes, operation, region, account_id, warns=warns)

    return row


def having(name: str) -> list[Callable[..., Row]]:
    """Return what makes rows of each guarded operation with a parameter that does not name something new there."""
    return [
        of(operation)
        for operation in GUARDED
        if name in shapes.input_shape("neptune", operation).members
        and "identifier-arn" not in parameters_of(operation).get(name, ())
    ]


def clusters(value: Any, **context: Any) -> list[Row]:
    """Return a row of every parameter that names a cluster that exists."""
    names = ("DBClusterIdentifier", "SourceDBClusterIdentifier")
    return [made(**{name: value}, **context) for name in names for made in having(name)]


def source(value: Any, **kwargs: Any) -> Row:
    return Row({SOURCE: value}, **kwargs)


def target(value: Any, **kwargs: Any) -> Row:
    return Row({TARGET: value}, **kwargs)


def key(value: Any, **kwargs: Any) -> Row:
    return Row({"KmsKeyId": value}, **kwargs)


def from_region(value: Any, given: Any = ABSENT, **kwargs: Any) -> Row:
    return Row({SOURCE: value, "SourceRegion": given}, **kwargs)


def tags(*members: Any, **changes: Any) -> Row:
    return Row({"Tags": [*members], **changes})


def tag_key(value: Any) -> Row:
    return tags({"Key": value})


def tag_value(value: Any) -> Row:
    return tags({"Key": "team", "Value": value})


def presigned(changes: Any = (), **params: Any) -> Row:
    """Return a copy from us-east-1 together with a URL as botocore makes it."""
    given = {SOURCE: arn("us-east-1"), TARGET: "nightly-copy", "KmsKeyId": kms(), **params}
    query = {
        "Action": "CopyDBClusterSnapshot",
        "Version": "2014-10-31",
        **{name: value for name, value in given.items() if isinstance(value, str)},
        "DestinationRegion": "us-west-2",
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": "AKIDEXAMPLE/20261123/us-east-1/rds/aws4_request",
        "X-Amz-Expires": "3600",
        "X-Amz-Signature": SECRET,
    }
    url = f"https://rds.us-east-1.amazonaws.com/?{urlencode(query)}"
    for old, new in dict(changes).items():
        assert old in url
        url = url.replace(old, new)
    return Row({**given, "PreSignedUrl": url})
