"""A stateful Neptune snapshot service in the process: no network, no credentials, no hand-written responses."""

from __future__ import annotations

import json
import os
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any

from neptune_guard._violations import redacted
from neptune_guard.exceptions import NotStubbedError
from neptune_guard.stub import _clock, _faults, _lookup, _views
from neptune_guard.stub._clock import Clock
from neptune_guard.stub._operations import OPERATIONS
from neptune_guard.stub._requests import refuse_missing
from neptune_guard.stub._seeding import Seeding, account, count, refuse_no_region
from neptune_guard.stub._tables import Tables

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


class NeptuneStub(Seeding):
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
            "account_id": None if account_id is None else account(account_id),
            "imagine": imagine,
            **{name: None if value is None else _clock.span(value, name) for name, value in durations.items()},
            **{name: None if value is None else count(value, name, 0) for name, value in quotas.items()},
        }
        self._store = Tables(path)
        with self._store.transaction():
            self._store.change_settings(**{name: value for name, value in options.items() if value is not None})
        self.clock = Clock(self._store)

    answers_are_fresh = True
    """Tells the guard that it need not copy an answer before a caller may change it."""

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
            ConfigurationError: The stub is closed, its state file is damaged, or `region` is no name.
        """
        refuse_no_region(region)
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
                refuse_missing(known.required, params)
                status, answer = 200, known.run(caller, params)
            except _faults.Fault as fault:
                status, answer = fault.answer()
            error = answer["Error"]["Code"] if status >= 300 else None
            self._store.log_call(operation, _logged(params), region, caller.account_id, error)
        request_id = f"{random.getrandbits(128):032x}"
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
            key = _lookup.key(caller, key_id, imagine=bool(caller.settings.imagine))
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
    def account_id(self) -> str:
        """The account of callers that name none."""
        with self._store.transaction():
            return self._store.settings().account_id

    @property
    def calls(self) -> list[Call]:
        """Every call that was answered, first call first; planned faults that botocore retried, an entry an attempt."""
        with self._store.transaction():
            # A row without parameters is a damaged one, which the transaction says.
            return [Call(row[0], json.loads(row[1] or ""), *row[2:]) for row in self._store.calls()]

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
        return session(self, region, mode, own if account_id is None else account(account_id))


# json.dumps would make an encoder at every call.
_json = json.JSONEncoder(default=str).encode


def _logged(params: Mapping[str, Any]) -> str:
    return _json(redacted(params) if "PreSignedUrl" in params else params)
