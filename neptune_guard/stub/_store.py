"""The stub's state: one SQLite database, in memory or in a file that several processes share."""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from neptune_guard.exceptions import ConfigurationError

_APPLICATION_ID = 0x4E477561  # "NGua", so that a file of another program is told apart
_VERSION = 1
_HEADER = b"SQLite format 3\x00"
_TABLES = """
CREATE TABLE settings (
    account_id TEXT NOT NULL, imagine INTEGER NOT NULL, copy_duration INTEGER NOT NULL,
    create_duration INTEGER NOT NULL, tick INTEGER NOT NULL, manual_snapshot_quota INTEGER NOT NULL,
    cross_region_copy_quota INTEGER NOT NULL,
    clock_offset INTEGER NOT NULL, frozen_at INTEGER, planned_faults INTEGER NOT NULL);

CREATE TABLE clusters (
    account_id TEXT NOT NULL, region TEXT NOT NULL, identifier TEXT NOT NULL, created INTEGER NOT NULL,
    ready INTEGER NOT NULL, kms_key TEXT, details TEXT NOT NULL, tags TEXT NOT NULL,
    PRIMARY KEY (account_id, region, identifier)) WITHOUT ROWID;

CREATE TABLE snapshots (
    id INTEGER PRIMARY KEY, account_id TEXT NOT NULL, region TEXT NOT NULL, identifier TEXT NOT NULL,
    type TEXT NOT NULL, cluster TEXT NOT NULL, cluster_created INTEGER NOT NULL, created INTEGER NOT NULL,
    engine_version TEXT NOT NULL,
    iam INTEGER NOT NULL, kms_key TEXT, source_arn TEXT, phase TEXT NOT NULL, started INTEGER NOT NULL,
    ready INTEGER NOT NULL, status TEXT, tags TEXT NOT NULL, counted INTEGER NOT NULL, crossing INTEGER NOT NULL,
    UNIQUE (account_id, region, identifier));

CREATE INDEX snapshots_by_type ON snapshots (account_id, region, type, identifier);

CREATE INDEX snapshots_by_cluster ON snapshots (account_id, region, cluster, identifier);

CREATE INDEX copies_by_source ON snapshots (source_arn) WHERE source_arn IS NOT NULL;

CREATE INDEX copies_in_progress ON snapshots (account_id, region, ready) WHERE crossing AND status IS NULL;

CREATE TABLE manual_snapshots (
    account_id TEXT NOT NULL, region TEXT NOT NULL, number INTEGER NOT NULL,
    PRIMARY KEY (account_id, region)) WITHOUT ROWID;

CREATE TRIGGER manual_snapshot_added AFTER INSERT ON snapshots WHEN new.counted BEGIN
    INSERT INTO manual_snapshots VALUES (new.account_id, new.region, 1)
    ON CONFLICT DO UPDATE SET number = number + 1; END;

CREATE TRIGGER manual_snapshot_removed AFTER DELETE ON snapshots WHEN old.counted BEGIN
    UPDATE manual_snapshots SET number = number - 1 WHERE account_id = old.account_id AND region = old.region; END;

CREATE TABLE shares (
    grantee TEXT NOT NULL, region TEXT NOT NULL, owner TEXT NOT NULL, identifier TEXT NOT NULL,
    snapshot INTEGER NOT NULL,
    PRIMARY KEY (grantee, region, owner, identifier)) WITHOUT ROWID;

CREATE INDEX shares_by_snapshot ON shares (snapshot);

CREATE TABLE kms_keys (arn TEXT PRIMARY KEY, enabled INTEGER NOT NULL, created INTEGER NOT NULL) WITHOUT ROWID;

CREATE TABLE kms_aliases (arn TEXT PRIMARY KEY, key TEXT NOT NULL) WITHOUT ROWID;

CREATE TABLE faults (
    id INTEGER PRIMARY KEY, operation TEXT NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL,
    after INTEGER NOT NULL, times INTEGER NOT NULL);

CREATE TABLE calls (
    id INTEGER PRIMARY KEY, operation TEXT NOT NULL, params TEXT NOT NULL, region TEXT NOT NULL,
    account_id TEXT NOT NULL, error TEXT);
"""
_STATE = ("clusters", "snapshots", "manual_snapshots", "shares", "kms_keys", "kms_aliases", "faults", "calls")
_PATIENCE = 60  # seconds that a process waits for another one's transaction


class Settings(NamedTuple):
    """The stub's options and its clock; durations and times are microseconds."""

    account_id: str = "123456789012"
    imagine: int = 0
    copy_duration: int = 0
    create_duration: int = 0
    tick: int = 0
    manual_snapshot_quota: int = 100
    cross_region_copy_quota: int = 5
    clock_offset: int = 0
    frozen_at: int | None = None
    planned_faults: int = 0


class Cluster(NamedTuple):
    """A stored cluster; times are microseconds since 1970, `details` and `tags` JSON."""

    account_id: str
    region: str
    identifier: str
    created: int
    ready: int
    kms_key: str | None
    details: str
    tags: str


class Snapshot(NamedTuple):
    """A stored snapshot; times are microseconds since 1970, `tags` JSON. Without `status` the clock tells it."""

    id: int | None
    account_id: str
    region: str
    identifier: str
    type: str
    cluster: str
    cluster_created: int
    created: int
    engine_version: str
    iam: int
    kms_key: str | None
    source_arn: str | None
    phase: str
    started: int
    ready: int
    status: str | None
    tags: str
    counted: int
    crossing: int


class Page(NamedTuple):
    """Which of an account's snapshots are wanted: at most `size` after `marker`, in the order of their identifiers."""

    account_id: str
    region: str
    marker: str
    size: int


_SELECT_SNAPSHOT = "SELECT * FROM snapshots WHERE account_id = ? AND region = ?"
_INSERT_SNAPSHOT = f"INSERT INTO snapshots VALUES ({', '.join('?' * len(Snapshot._fields))})"  # noqa: S608 - no data in it
_INSERT_SETTINGS = f"INSERT INTO settings VALUES ({', '.join('?' * len(Settings._fields))})"  # noqa: S608 - no data in it
_INSERT_CLUSTER = f"INSERT INTO clusters VALUES ({', '.join('?' * len(Cluster._fields))})"  # noqa: S608 - no data in it


class Store:
    """The database behind a stub, for any number of threads and processes.

    Args:
        path: The state file; None keeps the state in memory.

    Raises:
        ConfigurationError: The file is another program's, of a newer version, damaged, or cannot be opened.
    """

    def __init__(self, path: str | os.PathLike[str] | None) -> None:
        self._path = None if path is None else Path(path)
        self._lock = threading.RLock()
        self._depth = 0
        self._closed = False
        self._connections: dict[int, sqlite3.Connection] = {}
        with self.transaction():
            self.settings()

    def _open(self) -> sqlite3.Connection:
        try:
            if self._path is not None:
                _refuse_foreign_file(self._path)
                # Made here rather than by SQLite, so that nobody else can read it; its side files get the same mode.
                os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
            name = self._path or ":memory:"
            connection = sqlite3.connect(name, _PATIENCE, isolation_level=None, check_same_thread=False)
            _create(connection)
            if self._path is not None:
                # Only now: what is in the log beside the file cannot be seen in the file's own header.
                connection.execute("PRAGMA journal_mode = WAL")
                connection.execute("PRAGMA synchronous = NORMAL")
        except (OSError, sqlite3.Error) as problem:
            raise ConfigurationError(f"the state file {self._path} cannot be used: {problem}") from problem
        return connection

    def _run(self, statement: str, values: Any = ()) -> sqlite3.Cursor:
        return self._connection.execute(statement, values)

    @property
    def _connection(self) -> sqlite3.Connection:
        """The connection of this process: SQLite's must not be carried across a fork, and memory cannot be shared."""
        process = os.getpid() if self._path else 0
        if process not in self._connections:
            self._connections[process] = self._open()
        return self._connections[process]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run a block as one transaction; an exception undoes it. Blocks may be nested.

        Raises:
            ConfigurationError: The stub is closed, or its file is damaged.
        """
        with self._lock:
            if self._closed:
                raise ConfigurationError("the stub is closed; make a new NeptuneStub")
            try:
                if not self._depth:
                    self._connection.execute("BEGIN IMMEDIATE")
                self._depth += 1
                try:
                    yield
                except BaseException:
                    self._depth -= 1
                    if not self._depth:
                        self._connection.execute("ROLLBACK")
                    raise
                self._depth -= 1
                if not self._depth:
                    self._connection.execute("COMMIT")
            except sqlite3.DatabaseError as problem:
                raise ConfigurationError(f"the state file {self._path} is damaged or in use: {problem}") from problem

    def close(self) -> None:
        """Close the database; what is in memory is gone."""
        with self._lock:
            self._closed = True
            if self._path is None or os.getpid() in self._connections:
                self._connections.pop(os.getpid() if self._path else 0).close()

    def clear(self) -> None:
        """Forget everything but the options."""
        for table in _STATE:
            self._run(f"DELETE FROM {table}")  # noqa: S608 - a name of the table above
        self.change_settings(clock_offset=0, frozen_at=None, planned_faults=0)

    # ------------------------------------------------------------------ settings

    def settings(self) -> Settings:
        """Return the options and the clock."""
        return Settings._make(self._run("SELECT * FROM settings").fetchone())

    def change_settings(self, **values: Any) -> None:
        """Change the options that are given."""
        for name, value in values.items():
            if name not in Settings._fields:  # pragma: no cover - the names are this package's own
                raise KeyError(name)
            self._run(f"UPDATE settings SET {name} = ?", (value,))  # noqa: S608 - a name of the table above

    def move_clock(self, distance: int) -> None:
        """Move the clock by microseconds, frozen or not."""
        self._run(
            "UPDATE settings SET clock_offset = clock_offset + ?, frozen_at = frozen_at + ?", (distance, distance)
        )

    # ------------------------------------------------------------------ clusters

    def cluster(self, account_id: str, region: str, identifier: str) -> Cluster | None:
        """Return a cluster, None where there is none of that name."""
        row = self._run(
            "SELECT * FROM clusters WHERE account_id = ? AND region = ? AND identifier = ?",
            (account_id, region, identifier.lower()),
        ).fetchone()
        return Cluster._make(row) if row else None

    def clusters(self, page: Page) -> list[Cluster]:
        """Return a page of an account's clusters in a Region."""
        rows = self._run(
            "SELECT * FROM clusters WHERE account_id = ? AND region = ? AND identifier > ? ORDER BY identifier LIMIT ?",
            page,
        )
        return [Cluster._make(row) for row in rows]

    def add_cluster(self, cluster: Cluster) -> bool:
        """Store a cluster; False where the name is taken."""
        return self._added(_INSERT_CLUSTER, cluster)

    def remove_cluster(self, cluster: Cluster) -> None:
        """Remove a cluster."""
        self._run("DELETE FROM clusters WHERE account_id = ? AND region = ? AND identifier = ?", cluster[:3])

    # ------------------------------------------------------------------ snapshots

    def snapshot(self, account_id: str, region: str, identifier: str) -> Snapshot | None:
        """Return a snapshot, None where there is none of that name."""
        row = self._run(f"{_SELECT_SNAPSHOT} AND identifier = ?", (account_id, region, identifier.lower())).fetchone()
        return Snapshot._make(row) if row else None

    def snapshots(self, page: Page, **wanted: str) -> list[Snapshot]:
        """Return a page of an account's own snapshots in a Region, only those of a `type` or `cluster` where given."""
        conditions = "".join(f" AND {column} = ?" for column in wanted)
        rows = self._run(
            f"{_SELECT_SNAPSHOT}{conditions} AND identifier > ? ORDER BY identifier LIMIT ?",
            (page.account_id, page.region, *wanted.values(), page.marker, page.size),
        )
        return [Snapshot._make(row) for row in rows]

    def granted(self, grantee: str, region: str, after: tuple[str, str], size: int) -> list[Snapshot]:
        """Return snapshots that were shared with an account, or with `all`, by owner and identifier after `after`."""
        rows = self._run(
            "SELECT snapshots.* FROM shares JOIN snapshots ON snapshots.id = shares.snapshot "
            "WHERE shares.grantee = ? AND shares.region = ? AND (shares.owner, shares.identifier) > (?, ?) "
            "ORDER BY shares.owner, shares.identifier LIMIT ?",
            (grantee, region, *after, size),
        )
        return [Snapshot._make(row) for row in rows]

    def add_snapshot(self, snapshot: Snapshot) -> bool:
        """Store a snapshot; False where the name is taken."""
        return self._added(_INSERT_SNAPSHOT, snapshot)

    def remove_snapshot(self, snapshot: Snapshot) -> None:
        """Remove a snapshot and its shares."""
        self._run("DELETE FROM shares WHERE snapshot = ?", (snapshot.id,))
        self._run("DELETE FROM snapshots WHERE id = ?", (snapshot.id,))

    def fail_copies(self, source_arn: str, now: int) -> None:
        """Make the copies of a snapshot fail that are not done yet."""
        self._run(
            "UPDATE snapshots SET status = 'failed' WHERE source_arn = ? AND status IS NULL AND ready > ?",
            (source_arn, now),
        )

    def manual_snapshots(self, account_id: str, region: str) -> int:
        """Return how many snapshots count towards the quota of an account in a Region."""
        row = self._run(
            "SELECT number FROM manual_snapshots WHERE account_id = ? AND region = ?", (account_id, region)
        ).fetchone()
        return int(row[0]) if row else 0

    def copies_in_progress(self, account_id: str, region: str, now: int) -> int:
        """Return how many copies from other Regions an account has on their way into a Region."""
        row = self._run(
            "SELECT count(*) FROM snapshots "
            "WHERE crossing AND status IS NULL AND account_id = ? AND region = ? AND ready > ?",
            (account_id, region, now),
        ).fetchone()
        return int(row[0])

    # ------------------------------------------------------------------ shares, tags, keys

    def grantees(self, snapshot: Snapshot) -> list[str]:
        """Return the accounts that a snapshot is shared with, `all` among them where it is public."""
        rows = self._run("SELECT grantee FROM shares WHERE snapshot = ? ORDER BY grantee", (snapshot.id,))
        return [grantee for (grantee,) in rows]

    def share(self, snapshot: Snapshot, grantees: list[str]) -> None:
        """Share a snapshot with exactly these accounts."""
        self._run("DELETE FROM shares WHERE snapshot = ?", (snapshot.id,))
        for grantee in grantees:
            values = (grantee, snapshot.region, snapshot.account_id, snapshot.identifier, snapshot.id)
            self._run("INSERT INTO shares VALUES (?, ?, ?, ?, ?)", values)

    def set_tags(self, resource: Cluster | Snapshot, tags: dict[str, str | None]) -> None:
        """Replace the tags of a cluster or snapshot."""
        table = "clusters" if isinstance(resource, Cluster) else "snapshots"
        self._run(
            f"UPDATE {table} SET tags = ? WHERE account_id = ? AND region = ? AND identifier = ?",  # noqa: S608 - see above
            (json.dumps(tags), resource.account_id, resource.region, resource.identifier),
        )

    def key(self, arn: str) -> tuple[str, bool, int] | None:
        """Return the ARN, state and creation time of a key by its ARN or an alias's, None where there is none."""
        row = self._run(
            "SELECT arn, enabled, created FROM kms_keys "
            "WHERE arn = ifnull((SELECT key FROM kms_aliases WHERE arn = ?), ?)",
            (arn, arn),
        ).fetchone()
        return (row[0], bool(row[1]), row[2]) if row else None

    def add_key(self, arn: str, alias: str | None, enabled: bool, now: int) -> bool:
        """Store a key and its alias, both by ARN; False where the alias is taken."""
        self._run("INSERT OR IGNORE INTO kms_keys VALUES (?, ?, ?)", (arn, enabled, now))
        return alias is None or self._added("INSERT INTO kms_aliases VALUES (?, ?)", (alias, arn))

    # ------------------------------------------------------------------ faults and calls

    def plan_fault(self, operation: str, code: str, message: str, after: int, times: int) -> None:
        """Remember a fault for the calls of an operation after the first `after` ones."""
        values = (operation, code, message, after, times)
        self._run("INSERT INTO faults (operation, code, message, after, times) VALUES (?, ?, ?, ?, ?)", values)
        self._run("UPDATE settings SET planned_faults = planned_faults + 1")

    def next_fault(self, operation: str) -> tuple[str, str] | None:
        """Take the code and message of the fault that is due for this call, None where none is."""
        due = self._run(
            "SELECT id, code, message, times FROM faults WHERE operation = ? AND after = 0 ORDER BY id LIMIT 1",
            (operation,),
        ).fetchone()
        self._run("UPDATE faults SET after = after - 1 WHERE operation = ? AND after > 0", (operation,))
        if due is None:
            return None
        fault, code, message, times = due
        self._run("UPDATE faults SET times = times - 1 WHERE id = ?", (fault,))
        if times == 1:
            self._run("DELETE FROM faults WHERE id = ?", (fault,))
            self._run("UPDATE settings SET planned_faults = planned_faults - 1")
        return code, message

    def log_call(self, operation: str, params: str, region: str, account_id: str, error: str | None) -> None:
        """Append to the call log."""
        values = (operation, params, region, account_id, error)
        self._run("INSERT INTO calls (operation, params, region, account_id, error) VALUES (?, ?, ?, ?, ?)", values)

    def calls(self) -> list[tuple[str, str, str, str, str | None]]:
        """Return the call log, first call first."""
        return self._run("SELECT operation, params, region, account_id, error FROM calls ORDER BY id").fetchall()

    def _added(self, statement: str, values: Any) -> bool:
        try:
            self._run(statement, values)
        except sqlite3.IntegrityError:
            return False
        return True


def _create(connection: sqlite3.Connection) -> None:
    """Make the tables where there are none yet; of several processes the first does it."""
    connection.execute("BEGIN IMMEDIATE")
    if not connection.execute("SELECT name FROM sqlite_master LIMIT 1").fetchone():
        for statement in _TABLES.split("\n\n"):
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {_APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {_VERSION}")
        connection.execute(_INSERT_SETTINGS, Settings())
    connection.execute("COMMIT")


def _refuse_foreign_file(path: Path) -> None:
    """Look at a file before SQLite does, and leave one that is not a stub's as it is."""
    if not path.exists() or (path.is_file() and not path.stat().st_size):
        return
    with path.open("rb") as file:
        header = file.read(100)
    # Offsets 60 and 68 of SQLite's file header are user_version and application_id (https://sqlite.org/fileformat.html).
    version, application = int.from_bytes(header[60:64], "big"), int.from_bytes(header[68:72], "big")
    if not header.startswith(_HEADER) or application != _APPLICATION_ID:
        raise ConfigurationError(f"{path} is not a state file of neptune_guard; it was left as it is, name another one")
    if version > _VERSION:
        raise ConfigurationError(
            f"the state file {path} is of version {version}, this neptune_guard writes version {_VERSION}; "
            "upgrade neptune_guard, or name another file"
        )
