"""Opening a state, in a file or in memory, or making one: whose it is, who may read it, which version it has."""

from __future__ import annotations

import atexit
import os
import sqlite3
import threading
import time
from collections.abc import Mapping
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from neptune_guard.exceptions import ConfigurationError
from neptune_guard.stub._tables import TABLES, Settings, insertion

# The second where SQLite's message quotes a damaged file.
SQLITE_ERRORS = (sqlite3.DatabaseError, UnicodeDecodeError)
_APPLICATION_ID = 0x4E477561  # "NGua", so that a file of another program is told apart
_VERSION = 2
_SLICE = 0.02  # seconds that SQLite waits at a time: Ctrl-C is only felt in between


def is_locked(problem: Exception) -> bool:
    """Tell whether SQLite's error says that somebody else holds the file."""
    return isinstance(problem, sqlite3.OperationalError) and "is locked" in str(problem)


def run_patiently(connection: sqlite3.Connection, statement: str, deadline: float) -> None:
    """Execute a statement, again and again while another process or stub holds the file."""
    while True:
        try:
            connection.execute(statement)
            return
        except sqlite3.OperationalError as problem:
            if not is_locked(problem) or time.monotonic() > deadline:
                raise


# Empty states by process: a connection must not be used on both sides of a fork.
_empty: dict[int, tuple[threading.Lock, sqlite3.Connection]] = {}


def in_memory(options: Mapping[str, Any]) -> sqlite3.Connection:
    """Make a state in memory, as a copy of an empty one: making the tables takes five times as long.

    Args:
        options: Columns of the settings.
    """
    if os.getpid() not in _empty:
        made = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        _create_tables(made)
        _empty.setdefault(os.getpid(), (threading.Lock(), made))
    lock, empty = _empty[os.getpid()]
    connection = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
    try:
        with lock:
            empty.backup(connection)
        connection.execute(insertion("settings", Settings), Settings(**options))
    except BaseException:
        connection.close()
        raise
    return connection


@atexit.register
def _close_empty() -> None:
    """Close what nobody else closes; Python 3.13 warns of connections that are forgotten."""
    if os.getpid() in _empty:
        _empty.pop(os.getpid())[1].close()


def connected(database: Path, deadline: float, options: Mapping[str, Any] | None) -> tuple[sqlite3.Connection, bool]:
    """Connect to a state file, and make what is missing.

    Args:
        database: The file.
        deadline: Until when to wait for another process or stub, as `time.monotonic` counts.
        options: Columns of the settings for a state that is made now; None to refuse a file without tables.

    Returns:
        The connection, and whether the tables were made.

    Raises:
        ConfigurationError: The file belongs to another program, has another version, or was emptied.
    """
    _make(database)
    _refuse_foreign(database)
    connection = sqlite3.connect(database, timeout=_SLICE, isolation_level=None, check_same_thread=False)
    try:
        # What was written survives the process, if not the machine. With a write-ahead log, a program that merely reads
        # the file could lose it: closing a file drops the process's locks on it.
        run_patiently(connection, "PRAGMA synchronous = OFF", deadline)
        run_patiently(connection, "BEGIN IMMEDIATE", deadline)
        new = not connection.execute("SELECT name FROM sqlite_master LIMIT 1").fetchone()
        if new:
            _create(connection, database, options)
        _refuse_marks(connection, database)
        run_patiently(connection, "COMMIT", deadline)
        run_patiently(connection, "PRAGMA journal_mode = TRUNCATE", deadline)
    except BaseException:
        connection.close()
        raise
    return connection, new


def _create(connection: sqlite3.Connection, database: Path, options: Mapping[str, Any] | None) -> None:
    if options is None:
        raise ConfigurationError(
            f"the state file {database} was emptied while this stub used it; make a new NeptuneStub"
        )
    _create_tables(connection)
    connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version = {_VERSION}")
    connection.execute(insertion("settings", Settings), Settings(**options))


def _create_tables(connection: sqlite3.Connection) -> None:
    for statement in TABLES:
        connection.execute(statement)


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
        except SQLITE_ERRORS as problem:
            # Anything else may be another process in the middle of writing; `connected` looks again, under a lock.
            if "not a database" in str(problem):
                raise ConfigurationError(
                    f"{path} is not a state file of neptune_guard, or a damaged one ({problem}); "
                    "it was left as it is, name another one"
                ) from problem


def _refuse_marks(connection: sqlite3.Connection, database: Path) -> None:
    application, version = (
        connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version")
    )
    if application != _APPLICATION_ID:
        raise ConfigurationError(
            f"{database} is not a state file of neptune_guard; it was left as it is, name another one"
        )
    if version != _VERSION:
        remedy = "upgrade neptune_guard" if version > _VERSION else "delete it"
        raise ConfigurationError(
            f"the state file {database} is of version {version}, this neptune_guard reads and writes version "
            f"{_VERSION}; {remedy}, or name another file"
        )
