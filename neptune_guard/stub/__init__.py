"""A stateful Neptune in the process: no network, no credentials, no hand-written responses."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from neptune_guard._printing import escaped
from neptune_guard._rules._request import account
from neptune_guard.stub import _answering, _arguments, _calls, _seeding
from neptune_guard.stub._calls import Call
from neptune_guard.stub._clock import Clock
from neptune_guard.stub._state import State
from neptune_guard.stub._tables import PlannedFault

if TYPE_CHECKING:
    import boto3
    from types_boto3_neptune.type_defs import DBClusterSnapshotTypeDef, DBClusterTypeDef, DBInstanceTypeDef

__all__ = ["Call", "Clock", "NeptuneStub", "PlannedFault"]


class NeptuneStub:
    """A Neptune for tests: clusters, instances, snapshots, copies, keys, shares, tags, faults and a clock.

    Give it to `neptune_guard.register(session, stub=...)`, or take a ready session from `session()`. A context manager
    that closes it.

    Each request moves the clock by `tick`, so a polling loop ends without waiting. `timedelta(0)` for the three
    durations makes everything available at once.

    Args:
        path: A state file that other processes may use at the same time; None keeps the state in memory. An existing
            file brings its own options, and those given here change it.
        account_id: The account of callers that name none, twelve digits; `123456789012` by default.
        imagine: Whether to make up sources, clusters and keys that were not added; False by default.
        copy_duration: How long a copy takes; 45 seconds by default.
        create_duration: How long new things take to be available, deleted ones to be gone; 45 seconds by default.
        tick: How far the clock moves at every request; 30 seconds by default.
        manual_snapshot_quota: Manual snapshots that an account may have in a Region; 100 by default.
        cross_region_copy_quota: Copies that an account may have on their way into a Region; 5 by default.
        most_calls: How many calls `calls` keeps, the newest; all by default. Not stored in a state file.

    Attributes:
        clock: The stub's clock.
        path: The state file, None if the state is in memory.

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
        most_calls: int | None = None,
    ) -> None:
        durations = {"copy_duration": copy_duration, "create_duration": create_duration, "tick": tick}
        quotas = {"manual_snapshot_quota": manual_snapshot_quota, "cross_region_copy_quota": cross_region_copy_quota}
        self.path = path
        most = None if most_calls is None else _arguments.count(most_calls, "most_calls", 0)
        self._state = State(path, _arguments.options(account_id, imagine, durations, quotas), most)
        self.clock: Clock = Clock(self._state)

    def __repr__(self) -> str:
        return f"<neptune_guard.stub.NeptuneStub {'in memory' if self.path is None else escaped(os.fspath(self.path))}>"

    def __deepcopy__(self, memo: dict[int, Any]) -> NeptuneStub:
        # A copied session talks to the same service, and a database cannot be copied.
        return self

    def __enter__(self) -> NeptuneStub:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the stub; a state file stays, what was in memory is gone. Closing it again does nothing."""
        self._state.close()

    def reset(self) -> None:
        """Forget everything but the options, and let the clock show the real time."""
        with self._state.transaction():
            self._state.clear()

    # ------------------------------------------------------------------ what a test adds

    def add_cluster(
        self,
        identifier: str,
        region: str,
        *,
        kms_key_id: str | None = None,
        tags: Mapping[str, str] | None = None,
        account_id: str | None = None,
        port: int = 8182,
        engine_version: str | None = None,
        storage_type: Literal["standard", "iopt1"] | None = None,
        status: str = "available",
    ) -> DBClusterTypeDef:
        """Add a cluster.

        Args:
            identifier: Its name.
            region: Its Region.
            kms_key_id: Its key, as for `add_snapshot`; None for a cluster that is not encrypted.
            tags: Its tags.
            account_id: Its account; the stub's own by default.
            port: Its port.
            engine_version: Its engine version; a recent one by default.
            storage_type: `"standard"` or `"iopt1"`.
            status: The status that it shows for good: `"available"`, `"stopped"`, `"upgrading"` and so on.

        Returns:
            The cluster as DescribeDBClusters shows it.

        Raises:
            ConfigurationError: An argument cannot be used, or `identifier` is taken.
        """
        with self._state.transaction():
            owner = _seeding.owner(self._state, region, account_id)
            return _seeding.add_cluster(owner, identifier, kms_key_id, tags, port, engine_version, storage_type, status)

    def add_instance(
        self,
        identifier: str,
        region: str,
        *,
        cluster: str,
        instance_class: str = "db.r6g.large",
        status: str = "available",
        tags: Mapping[str, str] | None = None,
        account_id: str | None = None,
    ) -> DBInstanceTypeDef:
        """Add an instance to a cluster; the first one is the writer.

        Args:
            identifier: Its name.
            region: Its Region.
            cluster: The name of its cluster, which must exist.
            instance_class: Its class.
            status: The status that it shows for good.
            tags: Its tags.
            account_id: Its account; the stub's own by default.

        Returns:
            The instance as DescribeDBInstances shows it.

        Raises:
            ConfigurationError: An argument cannot be used, `cluster` is missing or going, or `identifier` is taken.
        """
        with self._state.transaction():
            owner = _seeding.owner(self._state, region, account_id)
            return _seeding.add_instance(owner, identifier, cluster, instance_class, status, tags)

    def add_snapshot(
        self,
        identifier: str,
        region: str,
        *,
        cluster: str | None = None,
        snapshot_type: Literal["manual", "automated"] | None = None,
        status: str = "available",
        kms_key_id: str | None = None,
        tags: Mapping[str, str] | None = None,
        created: datetime | None = None,
        account_id: str | None = None,
        shared_with: Iterable[str] = (),
    ) -> DBClusterSnapshotTypeDef:
        """Add a snapshot; no quota applies, and its cluster need not exist.

        Args:
            identifier: Its name; those of automated snapshots begin with `rds:`, of AWS Backup's with `awsbackup:`.
            region: Its Region.
            cluster: The cluster that it was taken of, by default the one in an automated snapshot's name, or else
                `graph`. Port, engine version and storage type are that cluster's.
            snapshot_type: `"manual"` or `"automated"`; by the name if it is not given.
            status: The status that it shows for good: `"available"`, `"creating"`, `"failed"` and so on.
            kms_key_id: The ARN, id or alias (`alias/name`) of its key, added if missing; by default its cluster's key.
            tags: Its tags.
            created: When it was taken, with a time zone; now by default.
            account_id: Its account; the stub's own by default.
            shared_with: Accounts that it is shared with, or `all`.

        Returns:
            The snapshot as DescribeDBClusterSnapshots shows it.

        Raises:
            ConfigurationError: An argument cannot be used, the service cannot have such a snapshot, or `identifier` is
                taken.
        """
        with self._state.transaction():
            owner = _seeding.owner(self._state, region, account_id)
            return _seeding.add_snapshot(
                owner, identifier, cluster, snapshot_type, status, kms_key_id, tags, created, shared_with
            )

    def add_kms_key(
        self,
        region: str = "us-east-1",
        alias: str | None = None,
        enabled: bool = True,
        account_id: str | None = None,
        key_id: str | None = None,
    ) -> str:
        """Add a KMS key.

        Args:
            region: Its Region.
            alias: Its alias, with or without `alias/`.
            enabled: Whether it can be used.
            account_id: Its account; the stub's own by default.
            key_id: Its id; a new one by default. One that begins with `mrk-` is a multi-Region key's.

        Returns:
            Its ARN.

        Raises:
            ConfigurationError: An argument cannot be used, or `alias` or `key_id` is taken.
        """
        with self._state.transaction():
            return _seeding.add_kms_key(_seeding.owner(self._state, region, account_id), alias, enabled, key_id)

    # ------------------------------------------------------------------ planned faults, time, calls

    def fail(self, operation: str, code: str, times: int = 1, after: int = 0, message: str | None = None) -> None:
        """Plan a fault.

        Args:
            operation: The API operation.
            code: The fault's wire code or shape name, such as `SnapshotQuotaExceeded` or `Throttling`. `ReadTimeout`
                and `ConnectionError` stand for an answer that never comes. botocore retries what it always retries.
            times: How many calls fail. Each attempt counts as a call.
            after: How many calls are answered as usual first, rejected ones included.
            message: The text that the caller sees.

        Raises:
            ConfigurationError: `operation` or `code` is unknown, or `times` or `after` is not a count.
        """
        planned = _seeding.planned_fault(operation, code, times, after, message)
        with self._state.transaction():
            self._state.plan_fault(planned)

    @property
    def pending(self) -> list[PlannedFault]:
        """The faults that were planned and not met as often as planned, in the order of planning."""
        with self._state.transaction():
            return self._state.planned_faults()

    @property
    def calls(self) -> list[Call]:
        """Every call that was made, or the last `most_calls`, oldest first; a retried one has an entry per attempt."""
        with self._state.transaction():
            return [_calls.shown(call) for call in self._state.log.all()]

    @property
    def account_id(self) -> str:
        """The account of callers that name none."""
        with self._state.transaction():
            return self._state.settings().account_id

    @property
    def imagines(self) -> bool:
        """Whether sources, clusters and keys that were not added are made up."""
        with self._state.transaction():
            return bool(self._state.settings().imagine)

    def now(self) -> datetime:
        """Return the time that the stub's clock shows."""
        return self.clock.now()

    def wait(self, seconds: float) -> None:
        """Let time pass without waiting: move the clock by `seconds`, as waiters of a client behind the stub do.

        Raises:
            ConfigurationError: `seconds` is negative.
        """
        self.clock.advance(seconds=seconds)

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
            NotStubbedError: The stub does not know `operation` or one of its parameters.
            botocore.exceptions.ReadTimeoutError: `fail` planned a `ReadTimeout`.
            botocore.exceptions.EndpointConnectionError: `fail` planned a `ConnectionError`.
            ConfigurationError: An argument cannot be used, or the state file is damaged.
        """
        return _answering.respond(self._state, operation, params, region, account_id)

    def describe_key(self, key_id: str, *, region: str, account_id: str | None = None) -> dict[str, Any] | None:
        """Describe a key of this stub, as KMS's DescribeKey does. The clock does not move.

        Args:
            key_id: The key's id or ARN, or `alias/name` or the ARN of an alias.
            region: The client's Region.
            account_id: The account on whose behalf the call is made; the stub's own by default.

        Returns:
            The KeyMetadata of DescribeKey's answer, None for a key that is not the stub's.

        Raises:
            ConfigurationError: An argument cannot be used.
        """
        return _answering.describe_key(self._state, key_id, region, account_id)

    def session(
        self, region: str, mode: Literal["strict", "warn", "off"] = "strict", account_id: str | None = None
    ) -> boto3.Session:
        """Return a boto3 session that this stub answers: fake credentials, guarded, no file or variable of yours read.

        Its `neptune`, `rds` and `docdb` clients are answered, and KMS DescribeKey and STS GetCallerIdentity. Any other
        call raises `NotStubbedError` and is logged, unless another library, such as moto, answers it.

        Args:
            region: The Region of its clients, unless they name one.
            mode: The guard's mode.
            account_id: The account on whose behalf its calls are made; the stub's own by default.

        Raises:
            ConfigurationError: `mode` is unknown, or `account_id` is malformed.
        """
        from neptune_guard.stub._session import session

        account_id = self.account_id if account_id is None else account(account_id)
        return session(self, region, mode, account_id, partial(_answering.refuse, self._state))
