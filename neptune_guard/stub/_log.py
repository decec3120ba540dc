"""Where the call log is kept: in a list, or in the state file."""

from __future__ import annotations

from neptune_guard.stub import _decoders
from neptune_guard.stub._database import Database
from neptune_guard.stub._tables import LoggedCall


class Log:
    """The call log of a state. Its methods belong inside a transaction.

    Args:
        database: The state's database.
        in_memory: Whether the state is in memory; the log is a Python list then, which no other process can read.
        most: How many calls to keep, the newest; None keeps all.
    """

    def __init__(self, database: Database, in_memory: bool, most: int | None) -> None:
        self._database = database
        self._in_memory = in_memory
        self._most = most
        self._calls: list[LoggedCall] = []
        self._gone = 0

    def add(self, call: LoggedCall) -> None:
        """Append a call."""
        if self._in_memory:
            self._calls.append(call)
            return
        run = self._database.run
        run("INSERT INTO calls (operation, params, region, account_id, error) VALUES (?, ?, ?, ?, ?)", call)
        if self._most is not None:
            run("DELETE FROM calls WHERE id <= (SELECT max(id) FROM calls) - ?", (self._most,))

    def all(self) -> list[LoggedCall]:
        """Return the calls, the oldest first."""
        if self._in_memory:
            return list(self._calls)
        return self._database.rows(
            _decoders.logged_call, "SELECT operation, params, region, account_id, error FROM calls ORDER BY id"
        )

    def begin(self) -> int:
        """Let go of the oldest calls in memory that are too many, and return what `undo` takes."""
        if self._most is not None and len(self._calls) > self._most:
            self._gone += len(self._calls) - self._most
            del self._calls[: -self._most or None]
        return self._gone + len(self._calls)

    def undo(self, begun: int) -> None:
        """Take the calls out of memory that came since `begin`."""
        del self._calls[max(0, begun - self._gone) :]

    def clear(self) -> None:
        """Forget the calls in memory."""
        self._calls.clear()
