"""The stub's time: the wall clock plus an offset, until it is frozen. Nothing else reads the time."""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone

from neptune_guard.exceptions import ConfigurationError
from neptune_guard.stub._rows import Settings
from neptune_guard.stub._tables import Tables

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)
_LONGEST = datetime.max - datetime.min


def instant(moment: datetime, name: str = "the time") -> int:
    """Return a moment as microseconds since 1970.

    Raises:
        ConfigurationError: It is no datetime, or one without a time zone.
    """
    if not isinstance(moment, datetime):
        raise ConfigurationError(f"{name} is a {type(moment).__name__}; give a datetime with a time zone")
    if moment.tzinfo is None:
        raise ConfigurationError(f"{name} is {moment!r}, which has no time zone; add tzinfo=timezone.utc")
    return (moment - _EPOCH) // _MICROSECOND


def moment(instant: int) -> datetime:
    """Return microseconds since 1970 as a datetime in UTC.

    Raises:
        ConfigurationError: The clock was moved, or its tick moved it, beyond the year 9999.
    """
    try:
        return _EPOCH + instant * _MICROSECOND
    except OverflowError as problem:
        raise ConfigurationError("the clock cannot be moved beyond the year 9999") from problem


def span(duration: timedelta, name: str) -> int:
    """Return a duration in microseconds.

    Raises:
        ConfigurationError: It is no timedelta, or a negative one.
    """
    if not isinstance(duration, timedelta):
        raise ConfigurationError(f"{name} is a {type(duration).__name__}; give a datetime.timedelta")
    if duration < timedelta(0):
        raise ConfigurationError(f"{name} is negative; time moves forward only, see clock.move_to for another start")
    if duration > _LONGEST:
        raise ConfigurationError(f"{name} is {duration}; give at most {_LONGEST.days} days")
    return duration // _MICROSECOND


def read(settings: Settings) -> int:
    """Return what the clock shows, in microseconds since 1970."""
    if settings.frozen_at is not None:
        return settings.frozen_at
    return time.time_ns() // 1000 + settings.clock_offset


class Clock:
    """The clock of a stub. Every process that uses the same state file sees the same time."""

    def __init__(self, store: Tables) -> None:
        self._store = store

    def now(self) -> datetime:
        """Return the time in UTC."""
        with self._store.transaction():
            return moment(read(self._store.settings()))

    def advance(self, **duration: float) -> datetime:
        """Move the time forward.

        Args:
            duration: What `datetime.timedelta` takes: `days`, `hours`, `minutes`, `seconds` ...

        Returns:
            The new time.

        Raises:
            ConfigurationError: The duration is negative or has an unknown unit.
        """
        try:
            distance = timedelta(**duration)
        except (TypeError, ValueError, OverflowError) as problem:
            raise ConfigurationError(f"the clock cannot be advanced by {duration}: {problem}") from problem
        with self._store.transaction():
            return self._moved(span(distance, "the advance"))

    def move_to(self, moment: datetime) -> datetime:
        """Set the time, forward or back; it runs on from there unless it is frozen.

        Args:
            moment: A datetime with a time zone.

        Raises:
            ConfigurationError: The datetime has no time zone.
        """
        wanted = instant(moment)
        with self._store.transaction():
            return self._moved(wanted - read(self._store.settings()))

    def freeze(self) -> datetime:
        """Stop the time; it then moves by `advance`, `move_to` and the stub's `tick` alone."""
        with self._store.transaction():
            shown = read(self._store.settings())
            self._store.change_settings(frozen_at=shown)
        return moment(shown)

    def _moved(self, distance: int) -> datetime:
        shown = moment(read(self._store.settings()) + distance)
        self._store.move_clock(distance)
        return shown
