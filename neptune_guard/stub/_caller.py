"""On whose behalf a call is made."""

from __future__ import annotations

from typing import NamedTuple

from neptune_guard.stub._clock import as_datetime, read
from neptune_guard.stub._state import State
from neptune_guard.stub._tables import Settings


class Caller(NamedTuple):
    """On whose behalf a call is made, where it went, and when (microseconds since 1970)."""

    state: State
    settings: Settings
    now: int
    region: str
    account_id: str


def caller_of(state: State, region: str, account_id: str | None) -> Caller:
    """Return who calls now: an account, or that of the stub. Removals that are due are finished first.

    Raises:
        ConfigurationError: The clock ran out of the years that a datetime can hold.
    """
    settings = state.settings()
    now = read(settings)
    as_datetime(now)  # which refuses a clock that ran out of the calendar, before it is stored anywhere
    if settings.deletions:
        state.finish_removals(now)
    return Caller(state, settings, now, region, account_id or settings.account_id)
