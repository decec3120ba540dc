"""The stub's time: the wall clock plus an offset, until it is frozen. Nothing else reads the time.

Times are whole milliseconds, as the service shows them, and are stored as microseconds since 1970.
"""

from __future__ import annotations

import time
from datetime import datetime, timedelta, timezone

from neptune_guard._printing import printable
from neptune_guard.exceptions import ConfigurationError
from neptune_guard.stub._state import State
from neptune_guard.stub._tables import Settings

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)
_MILLISECOND = 1000
_LONGEST = datetime.max - datetime.min


def instant(moment: datetime, name: str = "the time") -> int:
    """Return a moment as microseconds since 1970, rounded down to milliseconds.

    Raises:
        ConfigurationError: `moment` is not a datetime, or has no time zone.
    """
    if not isinstance(moment, datetime):
        raise ConfigurationError(f"{name} has type {type(moment).__name__}; give a datetime with a time zone")
    try:
        exact = datetime.combine(datetime.date(moment), datetime.timetz(moment))
        since = None if exact.utcoffset() is None else (exact - _EPOCH) // _MICROSECOND
    except Exception as problem:  # tzinfo is the caller's own class and may fail in any way
        raise ConfigurationError(f"{name} has a time zone that fails; give one such as timezone.utc") from problem
    if since is None:
        raise ConfigurationError(f"{name} is {printable('', moment)}, which has no time zone; add tzinfo=timezone.utc")
    return _milliseconds(since)


def as_datetime(instant: int) -> datetime:
    """Return microseconds since 1970 as a datetime in UTC.

    Raises:
        ConfigurationError: `instant` is not in the years that a datetime can hold.
    """
    try:
        return _EPOCH + instant * _MICROSECOND
    except OverflowError as problem:
        raise ConfigurationError("the clock cannot be moved out of the years 1 to 9999") from problem


def span(duration: timedelta, name: str) -> int:
    """Return a duration in microseconds.

    Raises:
        ConfigurationError: `duration` is not a timedelta, is negative, or is longer than any calendar.
    """
    if not isinstance(duration, timedelta):
        raise ConfigurationError(f"{name} has type {type(duration).__name__}; give a datetime.timedelta")
    if duration < timedelta(0):
        raise ConfigurationError(f"{name} is negative; time moves forward only, see clock.move_to for another start")
    if duration > _LONGEST:
        raise ConfigurationError(f"{name} is {duration}; give at most {_LONGEST.days} days")
    return duration // _MICROSECOND


def read(settings: Settings) -> int:
    """Return what the clock shows, in microseconds since 1970."""
    return _milliseconds(_exact(settings))


def _exact(settings: Settings) -> int:
    if settings.frozen_at is not None:
        return settings.frozen_at
    return time.time_ns() // 1000 + settings.clock_offset


def move(state: State, now: int, distance: int) -> datetime:
    """Move the clock by microseconds from what it is now.

    Returns:
        What it shows then.

    Raises:
        ConfigurationError: The clock would leave the years that a datetime can hold.
    """
    shown = as_datetime(_milliseconds(now + distance))
    state.move_clock(distance)
    return shown


def _milliseconds(microseconds: int) -> int:
    return microseconds // _MILLISECOND * _MILLISECOND


class Clock:
    """The clock of a stub. Every process that uses the same state file sees the same time."""

    def __init__(self, state: State) -> None:
        self._state = state

    def now(self) -> datetime:
        """Return the time in UTC, rounded down to milliseconds."""
        with self._state.transaction():
            return as_datetime(read(self._state.settings()))

    def advance(self, by: timedelta | None = None, /, **duration: float) -> datetime:
        """Move the time forward: `advance(hours=1)` or `advance(timedelta(hours=1))`.

        Args:
            by: How far.
            duration: The arguments of `datetime.timedelta`: `days`, `hours`, `minutes`, `seconds` and so on.

        Returns:
            The new time.

        Raises:
            ConfigurationError: `by` is not a timedelta, or the duration is negative, has an unknown unit or is longer
                than any calendar.
        """
        if by is not None and duration:
            raise ConfigurationError("give advance() a timedelta or units such as hours=1, not both")
        distance = span(_duration(duration) if by is None else by, "the advance")
        with self._state.transaction():
            return move(self._state, _exact(self._state.settings()), distance)

    def move_to(self, moment: datetime) -> datetime:
        """Set the time, forward or back; it runs on from there unless it is frozen.

        Args:
            moment: A datetime with a time zone.

        Returns:
            The new time.

        Raises:
            ConfigurationError: `moment` is not a datetime, or has no time zone.
        """
        wanted = instant(moment)
        with self._state.transaction():
            now = _exact(self._state.settings())
            return move(self._state, now, wanted - now)

    def freeze(self) -> datetime:
        """Stop the time. It then moves only by `advance`, `move_to`, the stub's `tick` and its `wait`.

        Returns:
            The time at which it stopped.
        """
        with self._state.transaction():
            shown = read(self._state.settings())
            self._state.change_settings(frozen_at=shown)
        return as_datetime(shown)


def _duration(units: dict[str, float]) -> timedelta:
    try:
        return timedelta(**units)
    except TypeError as problem:
        takes = "take numbers of days, hours, minutes, seconds and the other units of timedelta"
        raise ConfigurationError(f"the clock cannot be advanced by {units}; {takes}") from problem
    except (ValueError, OverflowError) as problem:
        raise ConfigurationError(f"the clock cannot be advanced by {units}: {problem}") from problem
