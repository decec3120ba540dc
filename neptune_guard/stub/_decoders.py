"""What makes records of stored rows, and rejects rows that only a damaged file can have."""

from __future__ import annotations

import json
from collections.abc import Sequence

from neptune_guard._arn import parse
from neptune_guard.stub._database import decoder
from neptune_guard.stub._tables import Cluster, Instance, Key, LoggedCall, PlannedFault, Settings, Snapshot

# Microseconds from the first to the last moment that a datetime can show.
_FIRST, _LAST = -62_135_596_800_000_000, 253_402_300_799_999_999

# Of a cluster's and an instance's details only those that more is made of than a description.
_DETAILS: dict[str, type] = {
    "BackupRetentionPeriod": int,
    "CopyTagsToSnapshot": bool,
    "DBParameterGroupName": str,
    "DBSubnetGroup": str,
    "DeletionProtection": bool,
    "EngineVersion": str,
    "IAMDatabaseAuthenticationEnabled": bool,
    "Port": int,
    "StorageType": str,
}


def _read_time(instant: int) -> None:
    if not _FIRST <= instant <= _LAST:
        raise OverflowError(f"there is no time {instant}")


def _read_duration(microseconds: int) -> None:
    if not 0 <= microseconds <= _LAST - _FIRST:
        raise OverflowError(f"there is no duration {microseconds}")


def _read_key(arn: str) -> None:
    if not parse(arn, "kms"):
        raise ValueError(f"{arn!r} is not the ARN of a key")


def _read_tags(text: str) -> None:
    for value in json.loads(text).values():
        if not isinstance(value, str | None):
            raise TypeError(f"a tag has the value {value!r}")


def _read_details(text: str) -> None:
    details = json.loads(text)
    for name, kind in _DETAILS.items():
        if not isinstance(details.get(name, kind()), kind):
            raise TypeError(f"{name} has type {type(details[name]).__name__}")


settings = decoder(
    Settings,
    frozen_at=_read_time,
    copy_duration=_read_duration,
    create_duration=_read_duration,
    tick=_read_duration,
)
cluster = decoder(
    Cluster,
    created=_read_time,
    kms_key=_read_key,
    details=_read_details,
    tags=_read_tags,
)
instance = decoder(Instance, created=_read_time, details=_read_details, tags=_read_tags)
snapshot = decoder(
    Snapshot,
    cluster_created=_read_time,
    created=_read_time,
    kms_key=_read_key,
    tags=_read_tags,
)
key = decoder(Key, arn=_read_key, created=_read_time)
planned_fault = decoder(PlannedFault)
logged_call = decoder(LoggedCall, params=json.loads)


def number(row: Sequence[object]) -> int:
    """Return the number that a row consists of, 0 for none."""
    (value,) = row
    if not isinstance(value, int | None):
        raise TypeError(f"a number has type {type(value).__name__}")
    return value or 0


def text(row: Sequence[object]) -> str:
    """Return the text that a row consists of."""
    (value,) = row
    if not isinstance(value, str):
        raise TypeError(f"a text has type {type(value).__name__}")
    return value
