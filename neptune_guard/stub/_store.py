"""The database behind a stub: SQLite in memory, or in a file that several processes share."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any
from weakref import WeakSet

from neptune_guard.exceptions import ConfigurationError
from neptune_guard.stub._tables import TABLES, Settings, insertion

_APPLICATION_ID = 0x4E477561  # "NGua", so that a file of another program is told apart
_VERSION = 1
# What reading a damaged file ends in: text or JSON that is none, an ARN without its parts, a time without end.
_DAMAGE = (sqlite3.Error, UnicodeDecodeError, json.JSONDecodeError, IndexError, OverflowError)
_PATIENCE = 60  # seconds that a process waits for another one's transaction


class Store:
    """A database for any number of threads and processes.

    Args:
        path: The state file; None keeps the state in memory.

    Raises:
        ConfigurationError: The file is another program's, of a newer version, damaged, or cannot be opened.
    """

    def __init__(self, path: str | os.PathLike[str] | None) -> None:
        self._path = None if path is None else Path(path).absolute()
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._closed = False
        with self.transaction(), _forking:
            _stores.add(self)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run a block as one transaction; an exception undoes it. A block inside another one is part of that.

        Raises:
            ConfigurationError: The stub is closed, or its file is damaged.
        """
        with self._lock:
            connection = self._connection or self._opened()
            if connection.in_transaction:
                yield
                return
            try:
                connection.execute("BEGIN IMMEDIATE")
                try:
                    yield
                    connection.execute("COMMIT")
                finally:
                    if connection.in_transaction:
                        connection.execute("ROLLBACK")
            except _DAMAGE as problem:
                raise ConfigurationError(f"the state file {self._path} is damaged or in use: {problem}") from problem

    def run(self, statement: str, values: Any = ()) -> sqlite3.Cursor:
        """Execute a statement in the transaction of this thread."""
        return self._connection.execute(statement, values)  # type: ignore[union-attr]  # open while a transaction runs

    def added(self, statement: str, values: Any) -> bool:
        """Insert a row; False where its key is taken."""
        try:
            self.run(statement, values)
        except sqlite3.IntegrityError:
            return False
        return True

    def close(self) -> None:
        """Close the database; what is in memory is gone. Closing it again does nothing."""
        with self._lock:
            self._closed = True
            self._disconnect()

    def __del__(self) -> None:
        # Python 3.13 warns of a connection that nobody closed; a stub made by `register` has nobody to do it.
        if getattr(self, "_connection", None):
            self.close()

    def _disconnect(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None

    def _opened(self) -> sqlite3.Connection:
        if self._closed:
            raise ConfigurationError("the stub is closed; make a new NeptuneStub")
        try:
            if self._path:
                _make(self._path)
                _refuse_foreign(self._path)
            self._connection = _connected(self._path or ":memory:")
        except (OSError, *_DAMAGE) as problem:
            raise ConfigurationError(f"the state file {self._path} cannot be used: {problem}") from problem
        return self._connection

    # A file's connection must not cross a fork (https://sqlite.org/howtocorrupt.html): both sides connect anew. A state
    # in memory is copied with the process, whole because no other thread is in the middle of a transaction.

    def before_fork(self) -> None:
        """Keep other threads out, and let go of the file."""
        self._lock.acquire()
        if self._path and self._connection and not self._connection.in_transaction:
            self._disconnect()

    def after_fork(self) -> None:
        """Let other threads in again."""
        self._lock.release()


def _connected(database: Path | str) -> sqlite3.Connection:
    connection = sqlite3.connect(database, timeout=_PATIENCE, isolation_level=None, check_same_thread=False)
    try:
        # What was written survives the process, if not the machine. With a write-ahead log, a program that merely reads
        # the file could lose it: closing a file drops the process's locks on it.
        connection.execute("PRAGMA synchronous = OFF")
        _create(connection, Path(database))
        connection.execute("PRAGMA journal_mode = TRUNCATE")
    except BaseException:
        connection.close()
        raise
    return connection


def _create(connection: sqlite3.Connection, path: Path) -> None:
    """Make the tables where there are none yet; of several processes the first does it."""
    connection.execute("BEGIN IMMEDIATE")
    if not connection.execute("SELECT name FROM sqlite_master LIMIT 1").fetchone():
        for statement in TABLES:
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {_VERSION}")
        connection.execute(insertion("settings", Settings), Settings())
    _refuse_marks(connection, path)
    connection.execute("COMMIT")


_making = threading.Lock()


def _make(path: Path) -> None:
    """Make the file where there is none, so that nobody else can read it; SQLite gives its side files the same mode."""
    # Under a lock, and never opened when it exists: closing a file drops the locks of this process's other stubs on it.
    with _making, suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))


def _refuse_foreign(path: Path) -> None:
    """Look at a file without touching it or anything beside it, and leave one that is not a stub's as it is."""
    if not path.is_file():
        raise ConfigurationError(f"{path} is not a file; name a state file, or a new one")
    if not path.stat().st_size:
        return
    with closing(sqlite3.connect(f"{path.as_uri()}?mode=ro&immutable=1", uri=True)) as connection:
        try:
            _refuse_marks(connection, path)
        except sqlite3.DatabaseError as problem:
            # Anything else may be another process in the middle of writing; `_create` looks again, under a lock.
            if "not a database" in str(problem):
                raise ConfigurationError(
                    f"{path} is not a state file of neptune_guard, or a damaged one ({problem}); "
                    "it was left as it is, name another one"
                ) from problem


def _refuse_marks(connection: sqlite3.Connection, path: Path) -> None:
    application, version = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
    )
    if application != _APPLICATION_ID:
        raise ConfigurationError(f"{path} is not a state file of neptune_guard; it was left as it is, name another one")
    if version > _VERSION:
        raise ConfigurationError(
            f"the state file {path} is of version {version}, this neptune_guard writes version {_VERSION}; "
            "upgrade neptune_guard, or name another file"
        )


_stores: WeakSet[Store] = WeakSet()
_waiting: list[Store] = []
_forking = threading.Lock()


def _before_fork() -> None:
    _forking.acquire()
    _waiting.extend(_stores)
    for store in _waiting:
        store.before_fork()
    _making.acquire()


def _after_fork() -> None:
    _making.release()
    while _waiting:
        _waiting.pop().after_fork()
    _forking.release()


if hasattr(os, "register_at_fork"):  # pragma: no branch - not on Windows
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork, after_in_child=_after_fork)
