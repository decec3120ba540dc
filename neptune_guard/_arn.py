"""ARNs, account ids, Regions and partitions: parse, print, compare. No other module takes an ARN apart."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Any, NamedTuple, TypeGuard

from neptune_guard._data import loader
from neptune_guard._printing import nearest

_LONGEST_ARN = 2048
_LONGEST_REGION = 63  # a label of a host name
_REGION_FORM = re.compile(r"[a-z]+-[a-z-]*[a-z]-[0-9]{1,2}")
_RESERVED_PREFIXES = ("rds:", "awsbackup:")


class Arn(NamedTuple):
    """An ARN in parts, none of them checked; `str()` prints it.

    Attributes:
        partition: `aws`, `aws-cn` ...
        service: `rds` for everything of Neptune's, `kms` for keys.
        region: The Region.
        account_id: The account.
        resource: The rest, such as `cluster-snapshot:nightly` or `key/1234...`.
    """

    partition: str
    service: str
    region: str
    account_id: str
    resource: str

    def __str__(self) -> str:
        return f"arn:{self.partition}:{self.service}:{self.region}:{self.account_id}:{self.resource}"

    @property
    def kind(self) -> str:
        """The type of the resource: `cluster-snapshot`, `cluster`, `key`, `alias` ..."""
        return self._split()[0]

    @property
    def name(self) -> str:
        """The resource without its type; names of automated snapshots contain a colon: `rds:nightly-2026-...`."""
        return self._split()[2]

    def _split(self) -> tuple[str, str, str]:
        return self.resource.partition("/" if self.service == "kms" else ":")


def is_arn(text: object) -> TypeGuard[str]:
    """Tell whether a value is meant as an ARN, well-formed or not."""
    return isinstance(text, str) and text.startswith("arn:")


def parse(text: object, service: str) -> Arn | None:
    """Return the parts of an ARN of a service, unchecked, or None for anything else.

    Args:
        text: An exact `str`; anything else is not an ARN.
        service: `"rds"` or `"kms"`.
    """
    if type(text) is not str or not text.startswith("arn:") or len(text) > _LONGEST_ARN:
        return None
    return _parsed(text, service)


@lru_cache(maxsize=256)  # one request is asked about by several rules
def _parsed(text: str, service: str) -> Arn | None:
    parts = text.split(":", 5)
    return Arn(*parts[1:]) if len(parts) == 6 and parts[2] == service else None


def snapshot_arn(text: object) -> Arn | None:
    """Return the parts of a cluster snapshot's ARN, unchecked, or None for anything else."""
    arn = parse(text, "rds")
    return arn if arn and arn.resource.startswith("cluster-snapshot:") else None


def make(region: str, account_id: str, resource: str, service: str = "rds") -> Arn:
    """Return the ARN of a resource in an account and Region; an unknown Region counts as one of partition `aws`."""
    return Arn(partition_of(region) or "aws", service, region, account_id, resource)


def is_reserved(identifier: str) -> bool:
    """Tell whether a snapshot's name has the prefix of an automated (`rds:`) or AWS Backup (`awsbackup:`) snapshot."""
    return identifier.startswith(_RESERVED_PREFIXES)


def is_account_id(text: object) -> TypeGuard[str]:
    """Tell whether a value is an account id: twelve ASCII digits in a string."""
    return isinstance(text, str) and len(text) == 12 and text.isascii() and text.isdigit()


def has_region_form(text: object) -> TypeGuard[str]:
    """Tell whether a value looks like the name of a Region: `us-east-1`, in lower case."""
    return (
        isinstance(text, str)
        and len(text) <= _LONGEST_REGION
        and "--" not in text
        and _REGION_FORM.fullmatch(text) is not None
    )


def is_listed(region: str) -> bool:
    """Tell whether botocore's data lists a Region."""
    return region in _listed()


def partition_of(region: str | None) -> str | None:
    """Return the partition of a Region by botocore's data, None for a Region that the data cannot place.

    A Region that is not listed yet belongs to the partition whose pattern its name has.
    """
    return _placed(region) if region and len(region) <= _LONGEST_REGION else None


def likely_region(region: str) -> str | None:
    """Return the listed Region that an unlisted name probably stands for, None where the name may be a new Region's.

    A name that a partition's pattern has (`us-east-9`) is taken for a new Region unless its place is a misspelt one
    (`us-esat-1`).
    """
    place = region.rpartition("-")[0]
    places = {each.rpartition("-")[0] for each in _listed()}
    if is_listed(region) or (place in places and partition_of(region)):
        return None
    swapped = (each for each in _listed() if sorted(each) == sorted(region))  # the commonest slip of fingers
    return next(swapped, None) or nearest(region, sorted(_listed()))


@lru_cache(maxsize=1024)
def _placed(region: str) -> str | None:
    if region in _listed():
        return _listed()[region]
    shaped = (each["id"] for each in _partitions() if re.fullmatch(each["regionRegex"], region, re.ASCII))
    return next(shaped, None)


@cache
def _listed() -> dict[str, str]:
    """Return every listed Region and its partition; the data lists `aws-global` and its like among the Regions."""
    listed = {region: each["id"] for each in _partitions() for region in each["regions"]}
    return {region: partition for region, partition in listed.items() if not region.endswith("-global")}


@cache
def _partitions() -> list[dict[str, Any]]:
    loaded: dict[str, Any] = loader().load_data("partitions")
    return list(loaded["partitions"])


def is_known_partition(partition: str) -> bool:
    """Tell whether botocore's data knows a partition."""
    return any(each["id"] == partition for each in _partitions())
