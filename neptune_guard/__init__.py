"""A guard for the requests of an Amazon Neptune snapshot's life: completes, checks and, in tests, answers them.

`neptune_guard.register(session)` is the usual way in; `neptune_guard.stub.NeptuneStub` is the service for tests.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from neptune_guard import exceptions as exceptions
    from neptune_guard import stub as stub
    from neptune_guard import typing as typing
    from neptune_guard._dry_run import DryRun as DryRun
    from neptune_guard._dry_run import dry_run as dry_run
    from neptune_guard._hook import Guard as Guard
    from neptune_guard._register import register as register
    from neptune_guard._rules import RULES as RULES
    from neptune_guard._rules import check as check
    from neptune_guard._rules import rule as rule
    from neptune_guard._violations import Rule as Rule
    from neptune_guard._violations import Severity as Severity
    from neptune_guard._violations import Violation as Violation
    from neptune_guard._waiting import waiter as waiter

    __version__: str

# Compiling the rules takes longer than importing a package should; pytest imports this one in every run.
_HOMES = {
    "DryRun": "_dry_run",
    "Guard": "_hook",
    "RULES": "_rules",
    "Rule": "_violations",
    "Severity": "_violations",
    "Violation": "_violations",
    "check": "_rules",
    "dry_run": "_dry_run",
    "register": "_register",
    "rule": "_rules",
    "waiter": "_waiting",
}
_MODULES = ("exceptions", "stub", "typing")
__all__ = [*_HOMES, "__version__", "exceptions"]


if not TYPE_CHECKING:  # pragma: no branch - or a type checker would take every misspelt name for one of these

    def __getattr__(name: str) -> Any:
        if name in _HOMES:
            return getattr(import_module(f"neptune_guard.{_HOMES[name]}"), name)
        if name in _MODULES:
            return import_module(f"neptune_guard.{name}")
        if name == "__version__":
            from importlib.metadata import version

            return version("neptune-guard")
        raise AttributeError(f"module 'neptune_guard' has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, *_MODULES]
