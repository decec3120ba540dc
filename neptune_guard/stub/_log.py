"""Where the call log is kept: in a list, or in the state file."""

from __future__ import annotations

from neptune_guard.stub import _decoders
from neptune_guard.stub._database import Database
from neptune_guard.stub._tables import LoggedCall, Memory


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

    def add(self, call: LoggedCall) -> None:
        """Append a call."""
        if self._in_memory:
            self._add_in_memory(call)
            return
        run = self._database.run
        run("INSERT INTO calls (operation, params, region, account_id, error) VALUES (?, ?, ?, ?, ?)", call)
        if self._most is not None:
            run("DELETE FROM calls WHERE id <= (SELECT max(id) FROM calls) - ?", (self._most,))

    def all(self) -> list[LoggedCall]:
        """Return the calls, the oldest first."""
        if self._in_memory:
            _, calls, length = self._database.memory
            return calls[0 if self._most is None else max(0, length - self._most) : length]
        return self._database.rows(
            _decoders.logged_call, "SELECT operation, params, region, account_id, error FROM calls ORDER BY id"
        )

    def clear(self) -> None:
        """Forget the calls in memory."""
        self._database.memory = self._database.memory._replace(calls=[], length=0)

    def _add_in_memory(self, call: LoggedCall) -> None:
        settings, calls, length = self._database.memory
        del calls[length:]
        calls.append(call)
        if self._most is not None and length >= 2 * self._most:  # not at every call, for each moves all the others
            calls = calls[length + 1 - self._most :]
        self._database.memory = Memory(settings, calls, len(calls))
