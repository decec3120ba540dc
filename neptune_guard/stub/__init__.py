"""A stateful Neptune snapshot service in the process: no network, no credentials, no hand-written responses."""

from __future__ import annotations

import difflib
import json
import os
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any

from neptune_guard._violations import redacted
from neptune_guard.exceptions import ConfigurationError, NotStubbedError
from neptune_guard.stub import _clock, _faults, _lookup, _requests, _views
from neptune_guard.stub._clock import Clock
from neptune_guard.stub._operations import OPERATIONS
from neptune_guard.stub._store import Snapshot, Store

if TYPE_CHECKING:
    import boto3

__all__ = ["Call", "NeptuneStub"]

_DURATIONS = ("copy_duration", "create_duration", "tick")


@dataclass(frozen=True)
class Call:
    """One call that the stub answered.

    Attributes:
        operation: The API operation.
        params: Its parameters as given, PreSignedUrl redacted.
        region: The client's Region.
        account_id: The account on whose behalf it was made.
        error: The code it was refused with, None for a success.
    """

    operation: str
    params: dict[str, Any]
    region: str
    account_id: str
    error: str | None


class NeptuneStub:
    """A Neptune snapshot service for tests: clusters, snapshots, copies, keys, shares, tags, faults and a clock.

    Give it to `neptune_guard.register(session, stub=...)`, or take a ready session from `session()`. A context manager
    that closes it.

    Args:
        path: A state file that other processes may use at the same time; None keeps the state in memory. An existing
            file brings its own options, of which those given here are changed.
        account_id: The account of callers that name none, twelve digits; `123456789012` where nothing says otherwise.
        imagine: Whether sources, clusters and keys that were not added are made up, well-formed and available.
        copy_duration: How long a copy takes.
        create_duration: How long a new snapshot or cluster takes.
        tick: How far the clock moves at every request, so that a polling loop ends.
        manual_snapshot_quota: Manual snapshots that an account may have in a Region.
        cross_region_copy_quota: Copies from other Regions that an account may have in progress to a Region.

    Raises:
        ConfigurationError: An option or the state file cannot be used.
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        account_id: str | None = None,
        imagine: bool | None = None,
        copy_duration: timedelta | None = None,
        create_duration: timedelta | None = None,
        tick: timedelta | None = None,
        manual_snapshot_quota: int | None = None,
        cross_region_copy_quota: int | None = None,
    ) -> None:
        durations = dict(zip(_DURATIONS, (copy_duration, create_duration, tick), strict=True))
        quotas = {"manual_snapshot_quota": manual_snapshot_quota, "cross_region_copy_quota": cross_region_copy_quota}
        options: dict[str, Any] = {
            "account_id": None if account_id is None else _account(account_id),
            "imagine": imagine,
            **{name: None if value is None else _clock.span(value, name) for name, value in durations.items()},
            **{name: None if value is None else _count(value, name, 0) for name, value in quotas.items()},
        }
        self._store = Store(path)
        with self._store.transaction():
            self._store.change_settings(**{name: value for name, value in options.items() if value is not None})
        self.clock = Clock(self._store)

    def __enter__(self) -> NeptuneStub:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the stub; a state file stays, what was in memory is gone. Closing it again does nothing."""
        self._store.close()

    def reset(self) -> None:
        """Forget all but the options, and let the clock show the real time."""
        with self._store.transaction():
            self._store.clear()

    # ------------------------------------------------------------------ answering

    def respond(
        self, operation: str, params: Mapping[str, Any], *, region: str, account_id: str | None = None
    ) -> tuple[int, dict[str, Any]]:
        """Answer one call, as `neptune_guard` asks it to.

        Args:
            operation: The API operation, `CopyDBClusterSnapshot`.
            params: Its parameters as given to the client; they are only read.
            region: The client's Region.
            account_id: The account on whose behalf it is made; the stub's own by default.

        Returns:
            The HTTP status, and a fresh answer as botocore parses it.

        Raises:
            NotStubbedError: The stub does not know the operation or one of its parameters.
            ConfigurationError: The stub is closed, or its state file is damaged.
        """
        known = OPERATIONS.get(operation)
        if known is None:
            raise NotStubbedError(f"the stub has no {operation}; it knows {', '.join(OPERATIONS)}")
        if not known.parameters.issuperset(params):
            names = ", ".join(sorted(set(params) - known.parameters))
            raise NotStubbedError(f"the stub does not model {names} of {operation}; leave it out in tests")
        with self._store.transaction():
            caller = self._caller(region, account_id, turn=True)
            try:
                if caller.settings.planned_faults:
                    self._raise_planned(operation)
                status, answer = 200, known.run(caller, params)
            except _faults.Fault as fault:
                status, answer = fault.answer()
            error = answer["Error"]["Code"] if status >= 300 else None
            self._store.log_call(operation, _logged(params), region, caller.account_id, error)
        request_id = str(uuid.uuid4())
        answer["ResponseMetadata"] = {
            "RequestId": request_id,
            "HTTPStatusCode": status,
            "HTTPHeaders": {"x-amzn-requestid": request_id, "content-type": "text/xml"},
            "RetryAttempts": 0,
        }
        return status, answer

    def describe_key(self, key_id: str, *, region: str, account_id: str | None = None) -> dict[str, Any] | None:
        """Return what KMS's DescribeKey tells about a key of this stub, None for a key that is not the stub's."""
        with self._store.transaction():
            caller = self._caller(region, account_id)
            key = self._store.key(_lookup.key_arn(caller, key_id))
        return _views.key_view(*key) if key else None

    def _caller(self, region: str, account_id: str | None, *, turn: bool = False) -> _lookup.Caller:
        settings = self._store.settings()
        now = _clock.read(settings)
        if turn and settings.tick:
            self._store.move_clock(settings.tick)
        return _lookup.Caller(self._store, settings, now, region, account_id or settings.account_id)

    def _raise_planned(self, operation: str) -> None:
        planned = self._store.next_fault(operation)
        if planned:
            raise _faults.Fault(*planned)

    @property
    def calls(self) -> list[Call]:
        """Every call that was answered, first call first; planned faults that botocore retried, an entry an attempt."""
        with self._store.transaction():
            rows = self._store.calls()
        return [Call(row[0], json.loads(row[1]), *row[2:]) for row in rows]

    # ------------------------------------------------------------------ seeding

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
            caller = self._caller(region, _account(account_id))
            name = _sound(_requests.validate_identifier, {"DBClusterIdentifier": identifier}, "DBClusterIdentifier")
            key = self._seeded_key(caller, kms_key_id)
            row = _lookup.cluster_row(caller, name, kms_key=key, tags=_tags(tags))
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
        with self._store.transaction():
            caller = self._caller(region, _account(account_id))
            _sound(_requests.validate_source, identifier)
            row = _lookup.snapshot_row(
                caller.account_id,
                region,
                identifier,
                created=caller.now if created is None else _clock.instant(created, "created"),
                kms_key=self._seeded_key(caller, kms_key_id),
                tags=json.dumps(_tags(tags)),
                type=snapshot_type,
                status=None if status == "available" else status,
                **self._origin(caller, cluster),
            )
            if not self._store.add_snapshot(row):
                raise ConfigurationError(f"the snapshot {identifier!r} exists in {region} already; name another one")
            self._share(row, shared_with)
            return _views.snapshot_view(row, _views.state(row, max(caller.now, row.ready)))

    def _origin(self, caller: _lookup.Caller, cluster: str) -> dict[str, Any]:
        """Return what a snapshot takes from its cluster, where that exists."""
        found = self._store.cluster(caller.account_id, caller.region, cluster)
        known = {"cluster_created": found.created} if found else {}
        return {"cluster": cluster.lower(), **known}

    def _share(self, row: Snapshot, grantees: Iterable[str]) -> None:
        stored = self._store.snapshot(row.account_id, row.region, row.identifier)
        if stored:
            self._store.share(stored, [each if each == "all" else str(_account(each)) for each in grantees])

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
            ConfigurationError: The alias is taken or the account malformed.
        """
        with self._store.transaction():
            caller = self._caller(region, _account(account_id))
            arn = _views.kms_arn(region, caller.account_id, f"key/{uuid.uuid4()}")
            name = (
                None
                if alias is None
                else _views.kms_arn(region, caller.account_id, f"alias/{alias.removeprefix('alias/')}")
            )
            if not self._store.add_key(arn, name, enabled, caller.now):
                raise ConfigurationError(f"the alias {alias!r} exists in {region} already; name another one")
            return arn

    def _seeded_key(self, caller: _lookup.Caller, kms_key_id: str | None) -> str | None:
        if kms_key_id is None:
            return None
        _sound(_requests.validate_key, kms_key_id)
        arn = _lookup.key_arn(caller, kms_key_id)
        if self._store.key(arn) is None:
            _lookup.imagine_key(caller, arn)
        key = self._store.key(arn)
        return key[0] if key else None

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
            near = difflib.get_close_matches(str(operation), OPERATIONS, n=1)
            suggestion = f" did you mean {near[0]}?" if near else ""
            raise ConfigurationError(f"the stub has no {operation!r};{suggestion} it knows {', '.join(OPERATIONS)}")
        known = _faults.lookup(code)
        words = f"{known.code}, as planned for {operation}" if message is None else message
        with self._store.transaction():
            self._store.plan_fault(operation, known.code, words, _count(after, "after", 0), _count(times, "times", 1))

    # ------------------------------------------------------------------ sessions

    def session(self, region: str, *, mode: str = "strict", account_id: str | None = None) -> boto3.Session:
        """Return a boto3 session that this stub answers: fake credentials, guarded, no file or variable of yours read.

        Args:
            region: The Region of its clients, where they name none.
            mode: The guard's mode.
            account_id: The account on whose behalf its calls are made; the stub's own by default.

        Raises:
            ConfigurationError: The mode is unknown or the account malformed.
        """
        from neptune_guard.stub._session import session

        with self._store.transaction():
            own = self._store.settings().account_id
        return session(self, region, mode, _account(account_id) or own)


def _account(account_id: str | None) -> str | None:
    if account_id is None:
        return None
    if not isinstance(account_id, str) or len(account_id) != 12 or not (account_id.isascii() and account_id.isdigit()):
        raise ConfigurationError(f"{account_id!r} is no account; give twelve digits as a string")
    return account_id


def _count(value: int, name: str, least: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < least:
        raise ConfigurationError(f"{name} is {value!r}; give a whole number of at least {least}")
    return value


def _tags(tags: Mapping[str, str] | None) -> dict[str, str]:
    _sound(_requests.validate_tags, [{"Key": key, "Value": value} for key, value in (tags or {}).items()])
    return dict(tags or {})


def _sound(validate: Any, *values: Any) -> Any:
    """Check what a test seeds as the service would, and say it as a mistake of the test's."""
    try:
        return validate(*values)
    except _faults.Fault as fault:
        raise ConfigurationError(f"{values[0]!r} cannot be added: {fault.message}") from None


def _logged(params: Mapping[str, Any]) -> str:
    return json.dumps(redacted(params), default=str)
