"""What a test puts into the stub before it runs: clusters, snapshots, keys and planned faults."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from neptune_guard.exceptions import ConfigurationError
from neptune_guard.stub import _clock, _faults, _lookup, _requests, _views
from neptune_guard.stub._faults import nearest
from neptune_guard.stub._lookup import Caller
from neptune_guard.stub._operations import OPERATIONS
from neptune_guard.stub._tables import Tables


class Seeding:
    """The half of a `NeptuneStub` that a test prepares it with."""

    _store: Tables

    def add_cluster(
        self,
        identifier: str,
        region: str,
        *,
        kms_key_id: str | None = None,
        tags: Mapping[str, str] | None = None,
        account_id: str | None = None,
    ) -> dict[str, Any]:
        """Add a cluster that is available.

        Args:
            identifier: Its name.
            region: Its Region.
            kms_key_id: Its key, as for `add_snapshot`; None for a cluster that is not encrypted.
            tags: Its tags.
            account_id: Its account; the stub's own by default.

        Returns:
            The cluster as DescribeDBClusters shows it.

        Raises:
            ConfigurationError: The name, a tag or the account is malformed, or the name is taken.
        """
        with self._store.transaction():
            caller = self._owner(region, account_id)
            _sound(_requests.validate_identifier, identifier, "DBClusterIdentifier")
            key = _seeded_key(caller, kms_key_id)
            row = _lookup.cluster_row(caller, identifier, kms_key=key, tags=_tags(tags))
            if not self._store.add_cluster(row):
                raise ConfigurationError(f"the cluster {identifier!r} exists in {region} already; name another one")
            return _views.cluster_view(row, caller.now)

    def add_snapshot(
        self,
        identifier: str,
        region: str,
        *,
        cluster: str = "graph",
        snapshot_type: str = "manual",
        status: str = "available",
        kms_key_id: str | None = None,
        tags: Mapping[str, str] | None = None,
        created: datetime | None = None,
        account_id: str | None = None,
        shared_with: Iterable[str] = (),
    ) -> dict[str, Any]:
        """Add a snapshot; no quota applies, and its cluster need not exist.

        Args:
            identifier: Its name; automated ones begin with `rds:`, those of AWS Backup with `awsbackup:`.
            region: Its Region.
            cluster: The cluster that it was taken of.
            snapshot_type: `"manual"` or `"automated"`.
            status: What it shows for good: `"available"`, `"creating"`, `"copying"`, `"failed"` ...
            kms_key_id: A key ARN, key id, `alias/name` or alias ARN that encrypts it; one not added yet is added.
            tags: Its tags.
            created: When it was taken, with a time zone; now by default.
            account_id: Its account; the stub's own by default.
            shared_with: Accounts that it is shared with, or `all`.

        Returns:
            The snapshot as DescribeDBClusterSnapshots shows it.

        Raises:
            ConfigurationError: An argument is malformed, or the name is taken.
        """
        if snapshot_type not in ("manual", "automated"):
            raise ConfigurationError(f"snapshot_type is {snapshot_type!r}; it is 'manual' or 'automated'")
        if not isinstance(status, str) or not status:
            raise ConfigurationError(f"status is {status!r}; give a status such as 'available' or 'failed'")
        if isinstance(shared_with, str):
            raise ConfigurationError(f"shared_with is {shared_with!r}; give a list of accounts, or ['all']")
        with self._store.transaction():
            caller = self._owner(region, account_id)
            _sound(_requests.validate_source, identifier)
            _sound(_requests.validate_identifier, cluster, "DBClusterIdentifier")
            found = self._store.cluster(caller.account_id, region, cluster)
            taken = caller.now if created is None else _clock.instant(created, "created")
            row = _lookup.snapshot_row(
                caller.account_id,
                region,
                identifier,
                created=taken,
                cluster=cluster.lower(),
                cluster_created=found.created if found else taken,
                kms_key=_seeded_key(caller, kms_key_id),
                tags=json.dumps(_tags(tags)),
                type=snapshot_type,
                status=None if status == "available" else status,
            )
            if not self._store.add_snapshot(row):
                raise ConfigurationError(f"the snapshot {identifier!r} exists in {region} already; name another one")
            self._store.share(row, sorted({each if each == "all" else account(each) for each in shared_with}))
            return _views.snapshot_view(row, _views.state(row, caller.now))

    def add_kms_key(
        self, region: str, alias: str | None = None, enabled: bool = True, account_id: str | None = None
    ) -> str:
        """Add a KMS key.

        Args:
            region: Its Region.
            alias: Its alias, with or without `alias/`.
            enabled: Whether it can be used.
            account_id: Its account; the stub's own by default.

        Returns:
            Its ARN.

        Raises:
            ConfigurationError: The alias is malformed or taken, or the account is malformed.
        """
        with self._store.transaction():
            caller = self._owner(region, account_id)
            arn, name = _lookup.key_arn(caller, str(uuid.uuid4())), None
            if alias is not None:
                _sound(_requests.validate_key, f"alias/{str(alias).removeprefix('alias/')}", region)
                name = _lookup.key_arn(caller, f"alias/{alias.removeprefix('alias/')}")
            if not self._store.add_key(arn, name, enabled, caller.now):
                raise ConfigurationError(f"the alias {alias!r} exists in {region} already; name another one")
            return arn

    def fail(self, operation: str, code: str, times: int = 1, after: int = 0, message: str | None = None) -> None:
        """Plan a fault.

        Args:
            operation: The API operation.
            code: The fault's wire code or shape name, `SnapshotQuotaExceeded`, or `Throttling`, `InternalFailure` ...
                Those that botocore retries go through its own retry logic.
            times: How many calls fail. An attempt counts as a call.
            after: How many calls go through first.
            message: What the caller is told.

        Raises:
            ConfigurationError: The operation or the code is unknown, or a number is no count.
        """
        if operation not in OPERATIONS:
            raise ConfigurationError(f"the stub has no {operation!r};{nearest(operation, OPERATIONS)}")
        known = _faults.lookup(code)
        words = f"{known.code}, as planned for {operation}" if message is None else message
        with self._store.transaction():
            self._store.plan_fault(operation, known.code, words, count(after, "after", 0), count(times, "times", 1))

    def _owner(self, region: str, account_id: str | None) -> Caller:
        refuse_no_region(region)
        settings = self._store.settings()
        owner = settings.account_id if account_id is None else account(account_id)
        return Caller(self._store, settings, _clock.read(settings), region, owner)


def refuse_no_region(region: str) -> None:
    """Refuse what cannot be a Region's name.

    Raises:
        ConfigurationError: It is no text, or empty.
    """
    if not isinstance(region, str) or not region:
        raise ConfigurationError(f"region is {region!r}; give the name of a Region, such as 'us-east-1'")


def account(account_id: str) -> str:
    """Return an account.

    Raises:
        ConfigurationError: It is none.
    """
    if not isinstance(account_id, str) or len(account_id) != 12 or not (account_id.isascii() and account_id.isdigit()):
        raise ConfigurationError(f"{account_id!r} is no account; give twelve digits as a string")
    return account_id


def count(value: int, name: str, least: int) -> int:
    """Return a number of calls or snapshots.

    Raises:
        ConfigurationError: It is no whole number, or too small.
    """
    if not isinstance(value, int) or isinstance(value, bool) or not least <= value < 2**63:
        raise ConfigurationError(f"{name} is {value!r}; give a whole number of at least {least}")
    return value


def _seeded_key(caller: Caller, kms_key_id: str | None) -> str | None:
    if kms_key_id is None:
        return None
    _sound(_requests.validate_key, kms_key_id, caller.region)
    found = _lookup.key(caller, kms_key_id, imagine=True)
    return found[0] if found else None


def _tags(tags: Mapping[str, str] | None) -> dict[str, str]:
    _sound(_requests.validate_tags, [{"Key": key, "Value": value} for key, value in (tags or {}).items()])
    return dict(tags or {})


def _sound(validate: Any, value: Any, *more: Any) -> None:
    """Check what a test seeds as the service would, and say it as a mistake of the test's."""
    try:
        validate(value, *more)
    except _faults.Fault as fault:
        raise ConfigurationError(f"{value!r} cannot be added: {fault.message}") from None
