"""The database behind a stub: SQLite in memory, or in a file that several processes share."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import NoneType
from typing import Any, NoReturn, TypeVar, get_args, get_type_hints
from weakref import ReferenceType, WeakSet, ref

from neptune_guard.exceptions import ConfigurationError
from neptune_guard.stub._blocks import Steps, block
from neptune_guard.stub._state_file import SQLITE_ERRORS, connected, in_memory, is_locked, run_patiently
from neptune_guard.stub._tables import Memory, Settings

_PATIENCE = 60  # seconds that a call waits until another process or stub has ended its transaction
# SQLite's words for trouble with the machine and not with what the file contains.
_TROUBLE = ("disk I/O error", "disk is full", "unable to open", "readonly", "permission denied", "out of memory")
_CLOSED = "the stub is closed; make a new NeptuneStub"
_FORKED = "this process was forked in the middle of a call and cannot use a stub; start a new process"

Row = TypeVar("Row")
Record = TypeVar("Record", bound=tuple[Any, ...])


def decoder(kind: type[Record], **checks: Callable[[Any], object]) -> Callable[[Sequence[Any]], Record]:
    """Return a function that makes a record of a row, and rejects a row that the record cannot be of.

    Args:
        kind: A NamedTuple whose fields have the types of the columns.
        checks: Functions by field that raise when they cannot make sense of its value; they do not get None.
    """
    accepted = {name: get_args(hint) or (hint,) for name, hint in get_type_hints(kind).items()}
    read = [(list(accepted).index(name), check) for name, check in checks.items()]
    sound: set[tuple[type, ...]] = set()

    def hold_to_types(row: Sequence[Any]) -> None:
        for name, value in dict(zip(accepted, row, strict=True)).items():
            if type(value) not in accepted[name]:
                raise TypeError(f"{name} is of type {type(value).__name__}")

    def decode(row: Sequence[Any]) -> Record:
        types = tuple(map(type, row))
        if types not in sound:
            hold_to_types(row)
            sound.add(types)
        for place, check in read:
            if row[place] is not None:
                check(row[place])
        return kind(*row)

    return decode


class Database:
    """A database for any number of threads and processes.

    Args:
        path: The state file; None keeps the state in memory.
        options: Columns of the settings and their values, for a state that has none yet. They are stored together with
            the tables, so that a process that is killed meanwhile leaves both or neither.

    Attributes:
        new: Whether this database made the tables: the file was missing or empty, or the state is in memory.
        memory: What a state in memory keeps outside the tables. It is only ever replaced as a whole, and a transaction
            that is undone puts it back.

    Raises:
        ConfigurationError: The file belongs to another program, has another version, is damaged, is in use for longer
            than a minute, or cannot be opened.
    """

    def __init__(self, path: str | os.PathLike[str] | None, options: Mapping[str, Any] | None = None) -> None:
        self.new = False
        self._lock = threading.RLock()
        self._inside = False
        self._connection: sqlite3.Connection | None = None
        self._closed = False
        self._identity: tuple[int, int] | None = None
        self._options = dict(options or {})
        self.memory = Memory(Settings(**self._options), [], 0)
        if not isinstance(path, (str, os.PathLike, NoneType)):
            raise TypeError(f"path has type {type(path).__name__}; give the path of a state file as a str")
        self._path = None if path is None else Path(path).absolute()
        if "\0" in str(self._path):
            raise ConfigurationError(f"{str(path)!r} cannot be a state file: a path has no NUL character in it")
        with _forking:
            _databases.add(self)  # before it is opened, so that no fork copies SQLite in the middle of that
        with self.transaction():
            pass

    @block
    def transaction(self) -> Steps:
        """Run a block as one transaction; an exception undoes it. A block inside another one is part of that.

        Raises:
            ConfigurationError: The stub is closed; the file is damaged, was replaced, or cannot be read or written;
                another process or stub has kept it for a minute.
        """
        deadline = time.monotonic() + _PATIENCE  # before the lock: threads wait side by side, not one after another
        with self._lock:
            if self._inside:
                yield
                return
            memory = self.memory
            try:
                self._inside = True
                self._begin(deadline)
                yield
                self._run_patiently("COMMIT", time.monotonic() + _PATIENCE)
            finally:
                try:
                    if self._connection and self._connection.in_transaction:
                        self.memory = memory  # not through a call, after which a signal's exception could arrive
                        self._connection.execute("ROLLBACK")
                finally:
                    self._inside = False

    def run(self, statement: str, values: Any = ()) -> sqlite3.Cursor:
        """Execute a statement in the transaction of this thread. Read rows with `row` and `rows` instead."""
        try:
            return self._open_connection().execute(statement, values)
        except SQLITE_ERRORS as problem:
            self._blame_file(problem)
            raise

    def added(self, statement: str, values: Any) -> bool:
        """Insert a row; False where its key is taken."""
        try:
            self.run(statement, values)
        except sqlite3.IntegrityError:
            return False
        return True

    def rows(self, decode: Callable[[Sequence[Any]], Row], statement: str, values: Any = ()) -> list[Row]:
        """Return the rows that a statement selects, each as `decode` makes it.

        Args:
            decode: Makes sense of a row. Whatever it raises shows that the file is damaged.
            statement: A SELECT.
            values: The values of its parameters.

        Raises:
            ConfigurationError: The file is damaged, or cannot be read.
        """
        try:
            # No variable holds the cursor: with rows left it locks the file, for as long as a traceback keeps it.
            found = self._open_connection().execute(statement, values).fetchall()
        except SQLITE_ERRORS as problem:
            self._blame_file(problem)
            raise
        try:
            return [decode(row) for row in found]
        except MemoryError:
            raise
        except Exception as problem:
            if self._path is None:
                raise  # nobody else can have written it: a mistake in this package
            self._call_damaged(problem)

    def row(self, decode: Callable[[Sequence[Any]], Row], statement: str, values: Any = ()) -> Row | None:
        """Return the first row that a statement selects, as `decode` makes it; None where there is none. See `rows`."""
        found = self.rows(decode, statement, values)
        return found[0] if found else None

    def one(self, decode: Callable[[Sequence[Any]], Row], statement: str, values: Any = ()) -> Row:
        """Return the row that a statement always selects; a file that lacks it is damaged. See `rows`."""
        found = self.row(decode, statement, values)
        if found is None:
            self._call_damaged(LookupError("a row is missing"))
        return found

    def _open_connection(self) -> sqlite3.Connection:
        if self._connection is None:
            raise ConfigurationError(_FORKED if _unsafe else _CLOSED)
        return self._connection

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
        connection, self._connection = self._connection, None
        if connection:
            connection.close()

    # ------------------------------------------------------------------ opening

    def _begin(self, deadline: float) -> None:
        if self._closed or _unsafe:
            raise ConfigurationError(_FORKED if _unsafe else _CLOSED)
        if self._identity:
            self._refuse_replaced(self._identity)
        if self._connection is None:
            self._open(deadline)
        self._run_patiently("BEGIN IMMEDIATE", deadline)

    def _run_patiently(self, statement: str, deadline: float) -> None:
        if self._path is None:  # nobody else can hold it
            self._open_connection().execute(statement)
            return
        try:
            run_patiently(self._open_connection(), statement, deadline)
        except SQLITE_ERRORS as problem:
            self._blame_file(problem)
            raise  # pragma: no cover - BEGIN and COMMIT make none of the mistakes that keep their names

    def _open(self, deadline: float) -> None:
        if self._path is None:
            self._connection, self.new = in_memory(self._options), True
            return
        try:
            # A stub that comes back to its file, as it does after a fork, must not start anew in an empty one.
            options = None if self._identity else self._options
            self._connection, new = connected(self._path, deadline, options)
            found = self._path.stat()
        except OSError as problem:
            raise ConfigurationError(f"the state file {self._path} cannot be used: {problem}") from problem
        except SQLITE_ERRORS as problem:
            self._blame_file(problem)
            raise  # pragma: no cover - as above
        self.new = self.new or new
        self._identity = (found.st_dev, found.st_ino)

    def _refuse_replaced(self, identity: tuple[int, int]) -> None:
        # SQLite would go on with the file that has no name any more, and its journal would meet the new one.
        found = None
        with suppress(OSError):
            found = os.stat(self._path or "")
        if found is None or (found.st_dev, found.st_ino) != identity:
            raise ConfigurationError(
                f"the state file {self._path} was deleted or replaced while this stub used it; make a new NeptuneStub"
            )

    # ------------------------------------------------------------------ errors

    def _blame_file(self, problem: sqlite3.DatabaseError | UnicodeDecodeError) -> None:
        """Raise what SQLite says about the file as a ConfigurationError; other mistakes keep their own names."""
        if self._path is None or isinstance(problem, _OTHER_MISTAKES):
            return
        if is_locked(problem):
            raise ConfigurationError(
                f"the state file {self._path} is in use by another process or stub, which has kept it for "
                f"{_PATIENCE} seconds; end that one, or name another file"
            ) from problem
        if isinstance(problem, sqlite3.OperationalError) and any(words in str(problem) for words in _TROUBLE):
            raise ConfigurationError(f"the state file {self._path} cannot be used: {problem}") from problem
        self._call_damaged(problem)

    def _call_damaged(self, problem: Exception) -> NoReturn:
        raise ConfigurationError(
            f"the state file {self._path} is damaged ({type(problem).__name__}: {problem}); "
            "delete it, or name another one"
        ) from problem

    # ------------------------------------------------------------------ forks

    def keep_still(self) -> None:
        """Keep other threads out until `_held` is cleared, and let go of the file."""
        # A file's connection must not cross a fork (https://sqlite.org/howtocorrupt.html): both sides connect anew. A
        # state in memory is copied with the process, whole because no other thread is in the middle of a transaction.
        _hold(self._lock)
        if self._path and not self._inside:
            self._disconnect()

    def crosses_forks(self) -> bool:  # pragma: no cover - as below
        """Tell whether there is a connection to a file."""
        return bool(self._path and self._connection)

    def abandon(self) -> None:  # pragma: no cover - runs in a forked child, which reports nothing
        """Give up the connection, and forget who had the lock."""
        if self._connection:
            _abandoned.append(self._connection)  # closing it could roll back what the parent is about to commit
        self._connection = None
        self._lock = threading.RLock()


# Raised for a statement or a value, and not for the file.
_OTHER_MISTAKES = (sqlite3.IntegrityError, sqlite3.ProgrammingError, sqlite3.NotSupportedError)


# ---------------------------------------------------------------------- forks

_databases: WeakSet[Database] = WeakSet()
_forking = threading.RLock()
# Each of these tokens holds a lock for as long as it lives. What runs when it goes is built in, so that no exception of
# a signal's handler, which may come between any two instructions, keeps the lock from being released.
_held: list[set[object]] = []
_releases: list[tuple[Any, ReferenceType[set[object]]]] = []
_abandoned: list[sqlite3.Connection] = []
_unsafe = False


def _hold(lock: Any) -> None:
    _held.append(set())  # in no variable: a traceback would keep it alive
    _releases.append((lock, ref(_held[-1], lock.__exit__)))
    lock.acquire()


def _before_fork() -> None:
    try:
        _hold_all()
    except BaseException:  # pragma: no cover - tests/programs/forks.py comes here, in processes of its own
        _let_go()
        _before_fork()  # Python would ignore Ctrl-C here and fork all the same, in the middle of what a thread does
        raise


def _hold_all() -> None:
    _releases.clear()
    _hold(_forking)
    for database in list(_databases):
        database.keep_still()


def _let_go() -> None:  # pragma: no cover - as above
    while _releases:
        lock, _ = _releases.pop()  # without its reference, the token's end releases nothing
        with suppress(RuntimeError):  # the last one may not have been acquired
            lock.release()
    _held.clear()


def _after_fork_in_child() -> None:  # pragma: no cover - as above
    global _forking, _unsafe
    # A thread that the child does not have may have been inside SQLite, with locks of which only SQLite knows: when a
    # signal's exception kept `_before_fork` from starting, or when the process forked in the middle of a transaction.
    if not _held or any(database.crosses_forks() for database in list(_databases)):
        _unsafe = True
    if _unsafe:
        for database in list(_databases):
            database.abandon()
    _held.clear()
    _forking = threading.RLock()


if hasattr(os, "register_at_fork"):  # pragma: no branch - not on Windows
    os.register_at_fork(before=_before_fork, after_in_parent=_held.clear, after_in_child=_after_fork_in_child)
