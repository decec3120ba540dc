"""The tables of the stub's state, and a record for each kind of row. Times and durations are microseconds."""

from __future__ import annotations

from typing import Any, NamedTuple

DEFAULT_ENGINE_VERSION = "1.4.5.1"
DEFAULT_PORT = 8182
TABLES = (
    """
CREATE TABLE settings (
    account_id TEXT NOT NULL, imagine INTEGER NOT NULL, copy_duration INTEGER NOT NULL,
    create_duration INTEGER NOT NULL, tick INTEGER NOT NULL, manual_snapshot_quota INTEGER NOT NULL,
    cross_region_copy_quota INTEGER NOT NULL,
    clock_offset INTEGER NOT NULL, frozen_at INTEGER, planned_faults INTEGER NOT NULL,
    deletions INTEGER NOT NULL)""",
    """
CREATE TABLE clusters (
    account_id TEXT NOT NULL, region TEXT NOT NULL, identifier TEXT NOT NULL, resource_id TEXT NOT NULL,
    created INTEGER NOT NULL, ready INTEGER NOT NULL, gone INTEGER, status TEXT, kms_key TEXT,
    details TEXT NOT NULL, tags TEXT NOT NULL,
    PRIMARY KEY (account_id, region, identifier)) WITHOUT ROWID""",
    "CREATE INDEX deleted_clusters ON clusters (gone) WHERE gone IS NOT NULL",
    """
CREATE TABLE instances (
    number INTEGER PRIMARY KEY, account_id TEXT NOT NULL, region TEXT NOT NULL, identifier TEXT NOT NULL,
    cluster TEXT NOT NULL, resource_id TEXT NOT NULL, created INTEGER NOT NULL, ready INTEGER NOT NULL,
    gone INTEGER, status TEXT, details TEXT NOT NULL, tags TEXT NOT NULL,
    UNIQUE (account_id, region, identifier))""",
    "CREATE INDEX instances_by_cluster ON instances (account_id, region, cluster, number)",
    "CREATE INDEX deleted_instances ON instances (gone) WHERE gone IS NOT NULL",
    """
CREATE TABLE snapshots (
    account_id TEXT NOT NULL, region TEXT NOT NULL, identifier TEXT NOT NULL, cluster TEXT NOT NULL,
    cluster_created INTEGER NOT NULL, created INTEGER NOT NULL, started INTEGER NOT NULL, ready INTEGER NOT NULL,
    type TEXT NOT NULL, cluster_resource_id TEXT, engine_version TEXT NOT NULL, port INTEGER NOT NULL,
    storage_type TEXT, iam INTEGER NOT NULL, kms_key TEXT, source_arn TEXT, phase TEXT NOT NULL, status TEXT,
    progress INTEGER NOT NULL, tags TEXT NOT NULL, counted INTEGER NOT NULL, crossing INTEGER NOT NULL,
    PRIMARY KEY (account_id, region, identifier)) WITHOUT ROWID""",
    "CREATE INDEX snapshots_by_type ON snapshots (account_id, region, type, identifier)",
    "CREATE INDEX snapshots_by_cluster ON snapshots (account_id, region, cluster, identifier)",
    # Both hold only the copies that take time, so that they stay small however many snapshots there are.
    "CREATE INDEX copies_by_source ON snapshots (source_arn) WHERE source_arn IS NOT NULL AND ready > started",
    "CREATE INDEX copies_in_progress ON snapshots (account_id, region, ready) WHERE crossing AND ready > started",
    """
CREATE TABLE manual_snapshots (
    account_id TEXT NOT NULL, region TEXT NOT NULL, number INTEGER NOT NULL,
    PRIMARY KEY (account_id, region)) WITHOUT ROWID""",
    """
CREATE TRIGGER manual_snapshot_added AFTER INSERT ON snapshots WHEN new.counted BEGIN
    INSERT INTO manual_snapshots VALUES (new.account_id, new.region, 1)
    ON CONFLICT DO UPDATE SET number = number + 1; END""",
    """
CREATE TRIGGER manual_snapshot_removed AFTER DELETE ON snapshots WHEN old.counted BEGIN
    UPDATE manual_snapshots SET number = number - 1 WHERE account_id = old.account_id AND region = old.region; END""",
    """
CREATE TABLE shares (
    grantee TEXT NOT NULL, region TEXT NOT NULL, owner TEXT NOT NULL, identifier TEXT NOT NULL,
    PRIMARY KEY (grantee, region, owner, identifier)) WITHOUT ROWID""",
    "CREATE INDEX shares_by_snapshot ON shares (owner, region, identifier)",
    "CREATE TABLE kms_keys (arn TEXT PRIMARY KEY, enabled INTEGER NOT NULL, created INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE kms_aliases (arn TEXT PRIMARY KEY, key TEXT NOT NULL) WITHOUT ROWID",
    """
CREATE TABLE faults (
    id INTEGER PRIMARY KEY, operation TEXT NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL,
    after INTEGER NOT NULL, times INTEGER NOT NULL)""",
    """
CREATE TABLE calls (
    id INTEGER PRIMARY KEY, operation TEXT NOT NULL, params TEXT NOT NULL, region TEXT NOT NULL,
    account_id TEXT NOT NULL, error TEXT)""",
)
STATE = (
    "clusters",
    "instances",
    "snapshots",
    "manual_snapshots",
    "shares",
    "kms_keys",
    "kms_aliases",
    "faults",
    "calls",
)
"""The tables that a reset empties."""


class Settings(NamedTuple):
    """The stub's options, its clock, and how many faults and deletions are still to come."""

    account_id: str = "123456789012"
    imagine: int = 0
    copy_duration: int = 45_000_000
    create_duration: int = 45_000_000
    tick: int = 30_000_000
    manual_snapshot_quota: int = 100
    cross_region_copy_quota: int = 5
    clock_offset: int = 0
    frozen_at: int | None = None
    planned_faults: int = 0
    deletions: int = 0


class Cluster(NamedTuple):
    """A stored cluster; `details` and `tags` are JSON.

    Without a `status` the clock decides between creating and available. From a deletion on, `gone` is when it ends.
    """

    account_id: str
    region: str
    identifier: str
    resource_id: str
    created: int
    ready: int
    gone: int | None = None
    status: str | None = None
    kms_key: str | None = None
    details: str = "{}"
    tags: str = "{}"


class Instance(NamedTuple):
    """A stored instance of a cluster; `details` and `tags` are JSON. The oldest of a cluster is its writer."""

    number: int | None
    account_id: str
    region: str
    identifier: str
    cluster: str
    resource_id: str
    created: int
    ready: int
    gone: int | None = None
    status: str | None = None
    details: str = "{}"
    tags: str = "{}"


class Snapshot(NamedTuple):
    """A stored snapshot; `tags` is JSON.

    Without a `status` the clock decides status and progress. With one, `progress` is where it stopped.
    """

    account_id: str
    region: str
    identifier: str
    cluster: str
    cluster_created: int
    created: int
    started: int
    ready: int
    type: str = "manual"
    cluster_resource_id: str | None = None
    engine_version: str = DEFAULT_ENGINE_VERSION
    port: int = DEFAULT_PORT
    storage_type: str | None = None
    iam: int = 0
    kms_key: str | None = None
    source_arn: str | None = None
    phase: str = "creating"
    status: str | None = None
    progress: int = 0
    tags: str = "{}"
    counted: int = 1
    crossing: int = 0


class Key(NamedTuple):
    """A stored KMS key."""

    arn: str
    enabled: int
    created: int


class PlannedFault(NamedTuple):
    """A fault that `NeptuneStub.fail` planned and that has not been met as often as planned.

    Attributes:
        operation: The API operation that fails.
        code: The code that it fails with.
        message: The text that the caller sees.
        after: How many calls are still answered as usual first, rejected ones included.
        times: How many calls are still to fail.
    """

    operation: str
    code: str
    message: str
    after: int
    times: int


class LoggedCall(NamedTuple):
    """A row of the call log; `params` is JSON."""

    operation: str
    params: str
    region: str
    account_id: str
    error: str | None


IF_NEW: Any = object()
"""In the place of an option that is on: it is for a state file that does not exist yet."""


class Memory(NamedTuple):
    """What a state in memory keeps as Python objects, which no other process can read or change.

    Of `calls` the first `length` count; what stands behind them was undone.
    """

    settings: Settings
    calls: list[LoggedCall]
    length: int


class Page(NamedTuple):
    """Which resources of an account in a Region are wanted: at most `size` after `marker`, by identifier."""

    account_id: str
    region: str
    marker: str
    size: int


def insertion(table: str, row: type[Settings] | type[Cluster] | type[Instance] | type[Snapshot]) -> str:
    """Return the statement that stores a row."""
    return f"INSERT INTO {table} VALUES ({', '.join('?' * len(row._fields))})"  # noqa: S608 - no data in it
