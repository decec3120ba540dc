"""What makes records of stored rows, and rejects rows that only a damaged file can have."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from neptune_guard._arn import is_account_id, parse
from neptune_guard.stub._database import decoder
from neptune_guard.stub._faults import is_fault
from neptune_guard.stub._tables import Cluster, Instance, Key, LoggedCall, PlannedFault, Settings, Snapshot

# Microseconds from the first to the last moment that a datetime can show.
_FIRST, _LAST = -62_135_596_800_000_000, 253_402_300_799_999_999

_Check = Callable[[Any], object]


def _is_text(value: Any) -> bool:
    return type(value) is str


def _is_flag(value: Any) -> bool:
    return type(value) is bool


def _is_number(value: Any) -> bool:
    return type(value) is int and value.bit_length() < 32


def _are_texts(values: Any) -> bool:
    return type(values) is list and all(map(_is_text, values))


def _are_groups(values: Any) -> bool:
    members = {"VpcSecurityGroupId", "Status"}
    return type(values) is list and all(each.keys() == members and _are_texts([*each.values()]) for each in values)


def _are_capacities(value: Any) -> bool:
    known = {"MinCapacity", "MaxCapacity"}
    return known.issuperset(value) and all(type(each) in (int, float) for each in value.values())


def _each(check: _Check, names: str) -> dict[str, _Check]:
    return dict.fromkeys(names.split(), check)


_CLUSTER_DETAILS = {
    **_each(_is_flag, "CopyTagsToSnapshot DeletionProtection IAMDatabaseAuthenticationEnabled"),
    **_each(_is_number, "BackupRetentionPeriod Port"),
    **_each(_is_text, "DatabaseName DBClusterParameterGroup DBSubnetGroup EngineVersion NetworkType StorageType"),
    **_each(_is_text, "PreferredBackupWindow PreferredMaintenanceWindow"),
    **_each(_are_texts, "AvailabilityZones EnabledCloudwatchLogsExports"),
    "ServerlessV2ScalingConfiguration": _are_capacities,
    "VpcSecurityGroups": _are_groups,
}
_INSTANCE_DETAILS = {
    **_each(_is_flag, "AutoMinorVersionUpgrade CopyTagsToSnapshot DeletionProtection PubliclyAccessible"),
    **_each(_is_number, "MonitoringInterval PromotionTier"),
    **_each(_is_text, "AvailabilityZone DBInstanceClass DBParameterGroupName MonitoringRoleArn"),
    **_each(_is_text, "PreferredMaintenanceWindow"),
}


def _read_time(instant: int) -> None:
    if not _FIRST <= instant <= _LAST:
        raise OverflowError(f"there is no time {instant}")


def _read_duration(microseconds: int) -> None:
    if not 0 <= microseconds <= _LAST - _FIRST:
        raise OverflowError(f"there is no duration {microseconds}")


def _read_distance(microseconds: int) -> None:
    _read_duration(abs(microseconds))


def _read_account(text: str) -> None:
    if not is_account_id(text):
        raise ValueError(f"{text!r} is not an account")


def _read_port(number: int) -> None:
    if not _is_number(number):
        raise OverflowError(f"there is no port {number}")


def _read_count(number: int) -> None:
    if number < 0:
        raise ValueError(f"there are no {number} calls")


def _read_code(code: str) -> None:
    if not is_fault(code):
        raise ValueError(f"{code!r} is not a fault")


def _read_params(text: str) -> None:
    if type(json.loads(text)) is not dict:
        raise TypeError("parameters are not an object")


def _read_key(arn: str) -> None:
    if not parse(arn, "kms"):
        raise ValueError(f"{arn!r} is not the ARN of a key")


def _read_tags(text: str) -> None:
    for value in json.loads(text).values():
        if not isinstance(value, str | None):
            raise TypeError(f"a tag has the value {value!r}")


def _details(checks: Mapping[str, _Check]) -> Callable[[str], None]:
    def read(text: str) -> None:
        for name, value in json.loads(text).items():
            if not checks[name](value):
                raise ValueError(f"{name} is {value!r}")

    return read


settings = decoder(
    Settings,
    account_id=_read_account,
    clock_offset=_read_distance,
    frozen_at=_read_time,
    copy_duration=_read_duration,
    create_duration=_read_duration,
    tick=_read_duration,
)
cluster = decoder(
    Cluster,
    created=_read_time,
    kms_key=_read_key,
    details=_details(_CLUSTER_DETAILS),
    tags=_read_tags,
)
instance = decoder(Instance, created=_read_time, details=_details(_INSTANCE_DETAILS), tags=_read_tags)
snapshot = decoder(
    Snapshot,
    cluster_created=_read_time,
    created=_read_time,
    port=_read_port,
    kms_key=_read_key,
    tags=_read_tags,
)
key = decoder(Key, arn=_read_key, created=_read_time)
planned_fault = decoder(PlannedFault, code=_read_code, after=_read_count, times=_read_count)
logged_call = decoder(LoggedCall, params=_read_params)


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
