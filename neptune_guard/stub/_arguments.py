"""Checks of what a test passes to the stub: one clear error each, which says what to give instead."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Any

from neptune_guard._hook.settings import flag
from neptune_guard._printing import did_you_mean, printable, redacted
from neptune_guard._rules._request import account
from neptune_guard.exceptions import ConfigurationError
from neptune_guard.stub import _validation
from neptune_guard.stub._clock import span
from neptune_guard.stub._tables import IF_NEW

SNAPSHOT_STATUSES = (
    "available",
    "copying",
    "creating",
    "deleting",
    "failed",
    "incompatible-parameters",
    "incompatible-restore",
    "pending",
)
CLUSTER_STATUSES = (
    "available",
    "backing-up",
    "cloning-failed",
    "creating",
    "deleting",
    "failing-over",
    "inaccessible-encryption-credentials",
    "inaccessible-encryption-credentials-recoverable",
    "maintenance",
    "migrating",
    "migration-failed",
    "modifying",
    "promoting",
    "renaming",
    "starting",
    "stopped",
    "stopping",
    "storage-optimization",
    "update-iam-db-auth",
    "upgrading",
)
INSTANCE_STATUSES = (
    "available",
    "backing-up",
    "configuring-log-exports",
    "creating",
    "deleting",
    "failed",
    "inaccessible-encryption-credentials",
    "incompatible-network",
    "incompatible-option-group",
    "incompatible-parameters",
    "incompatible-restore",
    "maintenance",
    "modifying",
    "rebooting",
    "renaming",
    "starting",
    "stopped",
    "stopping",
    "storage-full",
    "storage-optimization",
    "upgrading",
)
STORAGE_TYPES = ("standard", "iopt1")


def options(
    account_id: str | None,
    imagine: bool | None,
    durations: Mapping[str, timedelta | None],
    quotas: Mapping[str, int | None],
) -> dict[str, Any]:
    """Return the options of a stub that are given, as they are stored.

    Raises:
        ConfigurationError: One of them cannot be used.
    """
    given: dict[str, Any] = {}
    if account_id is not None:
        given["account_id"] = account(account_id)
    if imagine is not None:
        given["imagine"] = imagine if imagine is IF_NEW else int(flag(imagine, "imagine"))
    given |= {name: span(value, name) for name, value in durations.items() if value is not None}
    given |= {name: count(value, name, 0) for name, value in quotas.items() if value is not None}
    return given


def text(value: str, name: str, advice: str = "give a str that UTF-8 can encode") -> str:
    """Return a text as it is stored: an exact `str`.

    Raises:
        ConfigurationError: `value` is not a string, or UTF-8 cannot hold it.
    """
    plain = str.__str__(value) if isinstance(value, str) else None
    if plain is None or not _is_encodable(plain):
        raise ConfigurationError(f"{name} is {printable('', value)}; {advice}")
    return plain


def _is_encodable(text: str) -> bool:
    if text.isascii():
        return True
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def called_region(region: str) -> str:
    """Return the Region of a client.

    Raises:
        ConfigurationError: `region` cannot be a Region's name.
    """
    advice = "give the name of a Region, such as 'us-east-1'"
    region = text(region, "region", advice)
    if not region:
        raise ConfigurationError(f"region is ''; {advice}")
    return region


def seeded_region(region: str) -> str:
    """Return the Region of something that a test adds.

    Raises:
        ConfigurationError: `region` is neither a Region that botocore lists nor one that AWS may have opened since.
    """
    region = called_region(region)
    problem = _validation.region_problem(region)
    if problem:
        raise ConfigurationError(f"region is {printable('', region)}; {problem}")
    return region


def count(value: int, name: str, least: int) -> int:
    """Return a number of calls or snapshots.

    Raises:
        ConfigurationError: `value` is not a whole number, or is too small.
    """
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value < 2**63:
        raise ConfigurationError(
            f"{name} is {printable('', value)}; give a whole number of at least {least}, below 2**63"
        )
    return value


def choice(value: str, name: str, known: tuple[str, ...]) -> str:
    """Return one of a few words.

    Raises:
        ConfigurationError: `value` is not among them.
    """
    if not isinstance(value, str) or str.__str__(value) not in known:
        hint = did_you_mean(value, known, f"; give one of {', '.join(known)}")
        raise ConfigurationError(f"{name} is {printable('', value)}{hint}")
    return str.__str__(value)


def tags(given: Mapping[str, str] | None, operation: str) -> dict[str, str | None]:
    """Return tags as they are stored.

    Raises:
        ConfigurationError: `given` is not a mapping, or the service would refuse one of the tags.
    """
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise ConfigurationError(f"tags has type {type(given).__name__}; give a dict such as {{'team': 'graph'}}")
    listed = [{"Key": key, "Value": value} for key, value in given.items()]
    _validation.seeded(operation, "Tags", listed)
    return {tag["Key"]: tag["Value"] for tag in redacted(listed)}


def grantees(given: Iterable[str]) -> list[str]:
    """Return the accounts that a snapshot is shared with, `all` among them.

    Raises:
        ConfigurationError: `given` is a string, or has something else than accounts and `all` in it.
    """
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise ConfigurationError(f"shared_with is {printable('', given)}; give a list of accounts, or ['all']")
    return sorted({"all" if isinstance(each, str) and each == "all" else account(each) for each in given})
