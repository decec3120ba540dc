"""What the stub's state consists of: the tables, and their rows."""

from __future__ import annotations

from typing import NamedTuple

TABLES = (
    """
CREATE TABLE settings (
    account_id TEXT NOT NULL, imagine INTEGER NOT NULL, copy_duration INTEGER NOT NULL,
    create_duration INTEGER NOT NULL, tick INTEGER NOT NULL, manual_snapshot_quota INTEGER NOT NULL,
    cross_region_copy_quota INTEGER NOT NULL,
    clock_offset INTEGER NOT NULL, frozen_at INTEGER, planned_faults INTEGER NOT NULL)""",
    """
CREATE TABLE clusters (
    account_id TEXT NOT NULL, region TEXT NOT NULL, identifier TEXT NOT NULL, created INTEGER NOT NULL,
    ready INTEGER NOT NULL, kms_key TEXT, details TEXT NOT NULL, tags TEXT NOT NULL,
    PRIMARY KEY (account_id, region, identifier)) WITHOUT ROWID""",
    """
CREATE TABLE snapshots (
    account_id TEXT NOT NULL, region TEXT NOT NULL, identifier TEXT NOT NULL,
    type TEXT NOT NULL, cluster TEXT NOT NULL, cluster_created INTEGER NOT NULL, created INTEGER NOT NULL,
    engine_version TEXT NOT NULL, iam INTEGER NOT NULL, kms_key TEXT, source_arn TEXT, phase TEXT NOT NULL,
    started INTEGER NOT NULL, ready INTEGER NOT NULL, status TEXT, progress INTEGER NOT NULL, tags TEXT NOT NULL,
    counted INTEGER NOT NULL, crossing INTEGER NOT NULL,
    PRIMARY KEY (account_id, region, identifier)) WITHOUT ROWID""",
    "CREATE INDEX snapshots_by_type ON snapshots (account_id, region, type, identifier)",
    "CREATE INDEX snapshots_by_cluster ON snapshots (account_id, region, cluster, identifier)",
    # Most copies are available at once: the next two hold only those that take their time.
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
STATE = ("clusters", "snapshots", "manual_snapshots", "shares", "kms_keys", "kms_aliases", "faults", "calls")
"""The tables that a reset empties."""


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
    """A stored snapshot; times are microseconds since 1970, `tags` JSON.

    Without a `status` the clock tells status and progress; with one, `progress` is what it stopped at.
    """

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
    progress: int
    tags: str
    counted: int
    crossing: int


class Page(NamedTuple):
    """Which of an account's snapshots are wanted: at most `size` after `marker`, in the order of their identifiers."""

    account_id: str
    region: str
    marker: str
    size: int


def insertion(table: str, row: type[Settings] | type[Cluster] | type[Snapshot]) -> str:
    """Return the statement that stores a row."""
    return f"INSERT INTO {table} VALUES ({', '.join('?' * len(row._fields))})"  # noqa: S608 - no data in it
