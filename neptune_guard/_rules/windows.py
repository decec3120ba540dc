"""Rules about the daily backup window and the weekly maintenance window."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from neptune_guard._rules._relation import finds
from neptune_guard._rules._request import Request
from neptune_guard._violations import Finding, Rule, ServiceFault, Severity

BACKUP, MAINTENANCE = "PreferredBackupWindow", "PreferredMaintenanceWindow"
_CREATE = "https://docs.aws.amazon.com/neptune/latest/apiref/API_CreateDBCluster.html"
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY = 24 * 60
_WEEK = 7 * _DAY
_SHORTEST = 30
_CLOCK = "([01][0-9]|2[0-3]):([0-5][0-9])"
_DAILY = re.compile(f"{_CLOCK}-{_CLOCK}")
_WEEKLY = re.compile(f"({'|'.join(_DAYS)}):{_CLOCK}-({'|'.join(_DAYS)}):{_CLOCK}", re.IGNORECASE | re.ASCII)

WINDOW_FORMAT = Rule(
    "window-format",
    Severity.ERROR,
    "A window must be hh:mm-hh:mm for backups and ddd:hh:mm-ddd:hh:mm for maintenance, in UTC",
    _CREATE,
    explanation="Hours are 00 to 23 with two digits; days are Mon to Sun, in any case.",
    accepted={MAINTENANCE: "Mon:03:00-Mon:04:00"},
    rejected={MAINTENANCE: "Monday 3:00-4:00"},
)
WINDOW_LENGTH = Rule(
    "window-length",
    Severity.ERROR,
    "A window must be at least 30 minutes long",
    _CREATE,
    explanation="Exactly 30 minutes suffice. A window may cross midnight or the end of the week. One that ends when it "
    "begins may be meant as a whole day or week, so about it there is a warning only.",
    accepted={MAINTENANCE: "Sun:23:45-Mon:00:15"},
    rejected={MAINTENANCE: "Sun:23:45-Mon:00:14"},
)
WINDOWS_OVERLAP = Rule(
    "windows-overlap",
    Severity.ERROR,
    "The backup window must not overlap the maintenance window",
    _CREATE,
    explanation="Found only where a request gives both: the other window of an existing cluster is not known here. "
    "Windows may touch.",
    fault=ServiceFault(
        words="The backup window and maintenance window must not overlap.",
        evidence="recorded for instances (ministryofjustice/cloud-platform-environments pull request 5243)",
    ),
    accepted={BACKUP: "02:00-03:00", MAINTENANCE: "Mon:03:00-Mon:04:00"},
    rejected={BACKUP: "02:00-03:01", MAINTENANCE: "Mon:03:00-Mon:04:00"},
)


class Window(NamedTuple):
    """A window in minutes: of the day for a backup window, of the week, from Monday on, for a maintenance window."""

    start: int
    length: int


def daily(text: Any) -> Window | None:
    """Return a backup window, None for anything that is not one."""
    found = _DAILY.fullmatch(text) if isinstance(text, str) else None
    if not found:
        return None
    hour, minute, last_hour, last_minute = map(int, found.groups())
    start, end = hour * 60 + minute, last_hour * 60 + last_minute
    return Window(start, (end - start) % _DAY)


def weekly(text: Any) -> Window | None:
    """Return a maintenance window, None for anything that is not one."""
    found = _WEEKLY.fullmatch(text) if isinstance(text, str) else None
    if not found:
        return None
    day, hour, minute, last_day, last_hour, last_minute = found.groups()
    start = _minute_of_week(day, hour, minute)
    return Window(start, (_minute_of_week(last_day, last_hour, last_minute) - start) % _WEEK)


def _minute_of_week(day: str, hour: str, minute: str) -> int:
    return _DAYS.index(day.lower()) * _DAY + int(hour) * 60 + int(minute)


@finds(WINDOW_FORMAT, WINDOW_LENGTH)
def window(request: Request, name: str) -> Iterator[Finding]:
    """Read a window and measure it."""
    given = request.params[name]
    read, example = (daily, "03:00-04:00") if name == BACKUP else (weekly, "Mon:03:00-Mon:04:00")
    found = read(given)
    if found is None:
        if isinstance(given, str):
            yield WINDOW_FORMAT.found(name, given, f"is not a window; write it as {example}, in UTC")
    elif found.length < _SHORTEST:
        yield WINDOW_LENGTH.found(
            name,
            given,
            f"is {found.length} minutes long; make it at least {_SHORTEST} minutes",
            severity=None if found.length else Severity.WARNING,
        )


@finds(WINDOWS_OVERLAP)
def both_windows(request: Request, name: str) -> Iterator[Finding]:
    """Compare the maintenance window with the backup window of every day."""
    maintenance, backup = weekly(request.params[name]), daily(request.params.get(BACKUP))
    if maintenance and backup and _overlap(backup, maintenance):
        yield WINDOWS_OVERLAP.found(
            name, request.params[name], f"overlaps {request.params[BACKUP]}, the backup window; move one of them"
        )


def _overlap(backup: Window, maintenance: Window) -> bool:
    end = maintenance.start + maintenance.length
    days = range(-1, end // _DAY + 1)
    return any(
        max(day * _DAY + backup.start, maintenance.start) < min(day * _DAY + backup.start + backup.length, end)
        for day in days
    )
