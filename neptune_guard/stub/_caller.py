"""On whose behalf a call is made."""

from __future__ import annotations

from typing import NamedTuple

from neptune_guard.stub._state import State
from neptune_guard.stub._tables import Settings


class Caller(NamedTuple):
    """On whose behalf a call is made, where it went, and when (microseconds since 1970)."""

    state: State
    settings: Settings
    now: int
    region: str
    account_id: str
