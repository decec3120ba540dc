"""What the rules and the pre-filling look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from neptune_guard._arn import parse_snapshot_arn, partition_of

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
        return tags[: MOST_TAGS + 1] if isinstance(tags, (list, tuple)) else ()
