"""What the rules and the pre-filling look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from neptune_guard._arn import parse_snapshot_arn, partition_of
from neptune_guard._violations import Opaque

SOURCE = "SourceDBClusterSnapshotIdentifier"
TARGET = "TargetDBClusterSnapshotIdentifier"
PARAMETERS = (SOURCE, TARGET, "KmsKeyId", "PreSignedUrl", "SourceRegion", "CopyTags", "Tags")
MOST_TAGS = 50


class Request:
    """One CopyDBClusterSnapshot request.

    Attributes:
        params: Its parameters, not yet checked for types. A user's own rule sees PreSignedUrl redacted.
        region: The client's Region, None where it is not known.
        account_id: The caller's account, None where it is not known.
        partition: The partition of the Region, None where botocore's data cannot place it.
        source_arn: The source's ARN in parts, None where it is none or a malformed one.
    """

    __slots__ = ("account_id", "params", "partition", "region", "source_arn")

    def __init__(self, params: Mapping[str, Any], region: str | None = None, account_id: str | None = None) -> None:
        self.params = params
        self.region = region
        self.account_id = account_id
        self.partition = partition_of(region)
        self.source_arn = parse_snapshot_arn(params.get(SOURCE))

    @property
    def source_region(self) -> str | None:
        """The given SourceRegion, None where it is not given or not a string."""
        given = self.params.get("SourceRegion")
        return given if isinstance(given, str) else None

    @property
    def tags(self) -> Sequence[Any]:
        """The tags, of any type, and no more of them than it takes to see that there are too many."""
        tags = self.params.get("Tags")
        exact: Any = tags if type(tags) in (list, tuple) else _plain_tags(tags)
        return exact[: MOST_TAGS + 1] if type(exact) in (list, tuple) else ()

    def plain(self) -> Request:
        """Return the same request in exact built-in types, so that a rule runs no method of the caller's own types."""
        params = _plain_members(self.params)
        if "Tags" in params:
            params["Tags"] = _plain_tags(params["Tags"])
        return Request(params, self.region, self.account_id)


def _is_text(value: object) -> bool:
    return issubclass(type(value), str)


_SCALARS = (bool, int, float, bytes, bytearray, type(None))
# Unbound, and each a shallow copy: an overridden method of a subclass is not asked.
_COPIED: tuple[tuple[type, Any], ...] = (
    (str, str.__str__),
    (dict, lambda value: {str.__str__(name): member for name, member in dict.items(value) if _is_text(name)}),
    (list, list.copy),
    (tuple, lambda value: tuple.__getitem__(value, slice(None))),
)


def _plain(value: Any) -> Any:
    kind = type(value)
    for plain, copied in _COPIED:
        if issubclass(kind, plain):
            return copied(value)
    # By identity: a class can be without hash, or equal to others, by its metaclass.
    return value if any(kind is scalar for scalar in _SCALARS) else Opaque(value)


def _plain_members(members: Mapping[Any, Any]) -> dict[str, Any]:
    """Return the members whose names are text; a request has no others."""
    return {str.__str__(name): _plain(value) for name, value in members.items() if _is_text(name)}


def _plain_tags(tags: Any) -> Any:
    tags = _plain(tags)
    if not isinstance(tags, (list, tuple)):
        return tags
    return [*(_plain_tag(_plain(each)) for each in tags[: MOST_TAGS + 1]), *tags[MOST_TAGS + 1 :]]


def _plain_tag(tag: Any) -> Any:
    return _plain_members(tag) if isinstance(tag, dict) else tag
