"""ARNs of snapshots and KMS keys, and the partitions that Regions belong to."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any, NamedTuple, cast

from botocore.loaders import create_loader

_LONGEST_REGION = 63
_PREFIXES = ("rds:", "awsbackup:")


class SnapshotArn(NamedTuple):
    """The ARN of a cluster snapshot; `str()` prints it."""

    partition: str
    region: str
    account_id: str
    identifier: str

    def __str__(self) -> str:
        return f"arn:{self.partition}:rds:{self.region}:{self.account_id}:cluster-snapshot:{self.identifier}"


class KmsArn(NamedTuple):
    """The ARN of a KMS key or alias; `str()` prints it."""

    partition: str
    region: str
    account_id: str
    resource: str

    def __str__(self) -> str:
        return f"arn:{self.partition}:kms:{self.region}:{self.account_id}:{self.resource}"


def is_arn(identifier: object) -> bool:
    """Tell whether a value is meant as an ARN, well-formed or not."""
    return _text(identifier).startswith("arn:")


def is_automated(identifier: str) -> bool:
    """Tell whether an identifier carries the prefix of an automated or an AWS Backup snapshot."""
    return identifier.startswith(_PREFIXES)


def parse_snapshot_arn(text: object) -> SnapshotArn | None:
    """Return the parts of a cluster snapshot's ARN, unchecked, or None for anything else."""
    parts = _text(text).split(":", 6)
    if len(parts) < 7 or parts[0] != "arn" or parts[2] != "rds" or parts[5] != "cluster-snapshot":
        return None
    return SnapshotArn(parts[1], parts[3], parts[4], parts[6])


def parse_kms_arn(text: object) -> KmsArn | None:
    """Return the parts of a KMS key's or alias's ARN, or None for anything else."""
    parts = _text(text).split(":", 5)
    if len(parts) < 6 or parts[0] != "arn" or parts[2] != "kms":
        return None
    return KmsArn(parts[1], parts[3], parts[4], parts[5])


def _text(value: object) -> str:
    """Return a string as an exact `str`, whose methods are its own, and anything else as an empty one."""
    if type(value) is str:
        return value
    return str.__str__(cast(str, value)) if issubclass(type(value), str) else ""


def partition_of(region: str | None) -> str | None:
    """Return the partition of a Region by botocore's data, or None for a Region that the data cannot place.

    A Region that is not listed yet counts when its name has the form of its partition's Regions.
    """
    return _placed(region) if region and len(region) <= _LONGEST_REGION else None


@lru_cache(maxsize=1024)
def _placed(region: str) -> str | None:
    partitions = _partitions()
    listed = (each["id"] for each in partitions if region in each["regions"])
    shaped = (each["id"] for each in partitions if re.fullmatch(each["regionRegex"], region, re.ASCII))
    return next(listed, None) or next(shaped, None)


def region_in_partition(region: str, partition: str) -> bool:
    """Tell whether a Region belongs to a partition; yes when botocore's data does not know the partition."""
    return partition_of(region) == partition or all(each["id"] != partition for each in _partitions())


@cache
def _partitions() -> list[dict[str, Any]]:
    loaded: dict[str, Any] = create_loader().load_data("partitions")
    return list(loaded["partitions"])
