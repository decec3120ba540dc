"""Every statement that reads or changes the stub's state."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, NamedTuple

from neptune_guard._arn import parse_kms_arn
from neptune_guard.stub._database import Database, decoder
from neptune_guard.stub._rows import STATE, Cluster, Page, Settings, Snapshot, insertion

_SELECT_SNAPSHOT = "SELECT * FROM snapshots WHERE account_id = ? AND region = ?"
_INSERT_SNAPSHOT = insertion("snapshots", Snapshot)
_INSERT_CLUSTER = insertion("clusters", Cluster)
# Microseconds from the first to the last moment that a datetime can show.
_FIRST, _LAST = -62_135_596_800_000_000, 253_402_300_799_999_999
_NEEDED = {"CopyTagsToSnapshot", "DeletionProtection", "EngineVersion", "IAMDatabaseAuthenticationEnabled"}


def _read_time(instant: int) -> None:
    if not _FIRST <= instant <= _LAST:
        raise OverflowError(f"there is no time {instant}")


def _read_key(arn: str) -> None:
    if not parse_kms_arn(arn):
        raise ValueError(f"{arn!r} is not the ARN of a key")


def _read_tags(text: str) -> None:
    for value in json.loads(text).values():
        if not isinstance(value, str | None):
            raise TypeError(f"a tag has the value {value!r}")


def _read_details(text: str) -> None:
    missing = _NEEDED.difference(json.loads(text).keys())
    if missing:
        raise KeyError(*missing)


_settings = decoder(Settings, frozen_at=_read_time)
_cluster = decoder(
    Cluster, created=_read_time, ready=_read_time, kms_key=_read_key, details=_read_details, tags=_read_tags
)
_snapshot = decoder(
    Snapshot,
    cluster_created=_read_time,
    created=_read_time,
    started=_read_time,
    ready=_read_time,
    kms_key=_read_key,
    tags=_read_tags,
)


class _Key(NamedTuple):
    arn: str
    enabled: int
    created: int


class _Due(NamedTuple):
    id: int
    code: str
    message: str
    times: int


class _Logged(NamedTuple):
    operation: str
    params: str
    region: str
    account_id: str
    error: str | None


_key = decoder(_Key, arn=_read_key, created=_read_time)
_due = decoder(_Due)
_logged = decoder(_Logged, params=json.loads)


def _one_number(row: Sequence[Any]) -> int:
    (number,) = row
    return int(number or 0)


def _text(row: Sequence[Any]) -> str:
    (text,) = row
    if type(text) is not str:
        raise TypeError(f"a text is of type {type(text).__name__}")
    return text


class Tables(Database):
    """The stub's state. Its methods belong inside a `transaction()`."""

    def clear(self) -> None:
        """Forget everything but the options."""
        for table in STATE:
            self.run(f"DELETE FROM {table}")  # noqa: S608 - a name of the list above
        self.change_settings(clock_offset=0, frozen_at=None, planned_faults=0)

    # ------------------------------------------------------------------ settings

    def settings(self) -> Settings:
        """Return the options and the clock."""
        return self.one(_settings, "SELECT * FROM settings")

    def change_settings(self, **values: Any) -> None:
        """Change the options that are given."""
        for name, value in values.items():
            self.run(f"UPDATE settings SET {name} = ?", (value,))  # noqa: S608 - a field of Settings

    def move_clock(self, distance: int) -> None:
        """Move the clock by microseconds, frozen or not."""
        self.run("UPDATE settings SET clock_offset = clock_offset + ?, frozen_at = frozen_at + ?", (distance, distance))

    # ------------------------------------------------------------------ clusters

    def cluster(self, account_id: str, region: str, identifier: str) -> Cluster | None:
        """Return a cluster, None where there is none of that name."""
        return self.row(
            _cluster,
            "SELECT * FROM clusters WHERE account_id = ? AND region = ? AND identifier = ?",
            (account_id, region, identifier.lower()),
        )

    def clusters(self, page: Page) -> list[Cluster]:
        """Return a page of an account's clusters in a Region."""
        return self.rows(
            _cluster,
            "SELECT * FROM clusters WHERE account_id = ? AND region = ? AND identifier > ? ORDER BY identifier LIMIT ?",
            page,
        )

    def add_cluster(self, cluster: Cluster) -> bool:
        """Store a cluster; False where the name is taken."""
        return self.added(_INSERT_CLUSTER, cluster)

    def remove_cluster(self, cluster: Cluster) -> None:
        """Remove a cluster."""
        self.run("DELETE FROM clusters WHERE account_id = ? AND region = ? AND identifier = ?", cluster[:3])

    # ------------------------------------------------------------------ snapshots

    def snapshot(self, account_id: str, region: str, identifier: str) -> Snapshot | None:
        """Return a snapshot, None where there is none of that name."""
        return self.row(_snapshot, f"{_SELECT_SNAPSHOT} AND identifier = ?", (account_id, region, identifier.lower()))

    def snapshots(self, page: Page, **wanted: str) -> list[Snapshot]:
        """Return a page of an account's own snapshots in a Region, only those of a `type` or `cluster` where given."""
        conditions = "".join(f" AND {column} = ?" for column in wanted)
        return self.rows(
            _snapshot,
            f"{_SELECT_SNAPSHOT}{conditions} AND identifier > ? ORDER BY identifier LIMIT ?",
            (page.account_id, page.region, *wanted.values(), page.marker, page.size),
        )

    def granted(
        self,
        grantee: str,
        region: str,
        after: tuple[str, str],
        size: int,
        *,
        owner: str = "",
        other_than: str = "",
        cluster: str = "",
    ) -> list[Snapshot]:
        """Return snapshots that were shared with an account, or with `all`, by owner and identifier after `after`.

        Args:
            grantee: The account, or `all`.
            region: Their Region.
            after: Owner and identifier of the last one before.
            size: How many at most.
            owner: Only those of this account, where given.
            other_than: Only those of other accounts than this one, where given.
            cluster: Only those of a cluster of this name, where given.
        """
        return self.rows(
            _snapshot,
            "SELECT snapshots.* FROM shares CROSS JOIN snapshots ON snapshots.account_id = shares.owner "
            "AND snapshots.region = shares.region AND snapshots.identifier = shares.identifier "
            "WHERE shares.grantee = ? AND shares.region = ? AND (shares.owner, shares.identifier) > (?, ?) "
            "AND shares.owner <> ? AND ? IN ('', shares.owner) AND ? IN ('', snapshots.cluster) "
            "ORDER BY shares.owner, shares.identifier LIMIT ?",
            (grantee, region, *after, other_than, owner, cluster, size),
        )

    def add_snapshot(self, snapshot: Snapshot) -> bool:
        """Store a snapshot; False where the name is taken."""
        return self.added(_INSERT_SNAPSHOT, snapshot)

    def remove_snapshot(self, snapshot: Snapshot) -> None:
        """Remove a snapshot and its shares."""
        self.share(snapshot, [])
        self.run("DELETE FROM snapshots WHERE account_id = ? AND region = ? AND identifier = ?", snapshot[:3])

    def fail_copies(self, source_arn: str, now: int) -> None:
        """Make the copies of a snapshot fail that are not done yet; their progress stays where it is."""
        self.run(
            "UPDATE snapshots SET status = 'failed', progress = max(0, ? - started) * 100 / (ready - started) "
            "WHERE source_arn = ? AND status IS NULL AND ready > ? AND ready > started",
            (now, source_arn, now),
        )

    def room(self, account_id: str, region: str, identifier: str) -> tuple[bool, int]:
        """Return whether a snapshot's name is taken, and how many of its account and Region count towards the quota."""
        place = (account_id, region)
        taken, number = self.rows(
            _one_number,
            "SELECT EXISTS (SELECT 1 FROM snapshots WHERE account_id = ? AND region = ? AND identifier = ?) "
            "UNION ALL SELECT (SELECT number FROM manual_snapshots WHERE account_id = ? AND region = ?)",
            (*place, identifier.lower(), *place),
        )
        return bool(taken), number

    def copies_in_progress(self, account_id: str, region: str, now: int) -> int:
        """Return how many copies from other Regions an account has on their way into a Region."""
        return self.rows(
            _one_number,
            "SELECT count(*) FROM snapshots WHERE crossing AND ready > started AND status IS NULL "
            "AND account_id = ? AND region = ? AND ready > ?",
            (account_id, region, now),
        )[0]

    # ------------------------------------------------------------------ shares, tags, keys

    def grantees(self, snapshot: Snapshot) -> list[str]:
        """Return the accounts that a snapshot is shared with, `all` among them where it is public."""
        return self.rows(
            _text,
            "SELECT grantee FROM shares WHERE owner = ? AND region = ? AND identifier = ? ORDER BY grantee",
            snapshot[:3],
        )

    def share(self, snapshot: Snapshot, grantees: list[str]) -> None:
        """Share a snapshot with exactly these accounts."""
        owner, region, identifier = snapshot[:3]
        self.run("DELETE FROM shares WHERE owner = ? AND region = ? AND identifier = ?", (owner, region, identifier))
        for grantee in grantees:
            self.run("INSERT INTO shares VALUES (?, ?, ?, ?)", (grantee, region, owner, identifier))

    def set_tags(self, resource: Cluster | Snapshot, tags: dict[str, str | None]) -> None:
        """Replace the tags of a cluster or snapshot."""
        table = "clusters" if isinstance(resource, Cluster) else "snapshots"
        self.run(
            f"UPDATE {table} SET tags = ? WHERE account_id = ? AND region = ? AND identifier = ?",  # noqa: S608 - see above
            (json.dumps(tags), *resource[:3]),
        )

    def key(self, arn: str) -> tuple[str, bool, int] | None:
        """Return the ARN, state and creation time of a key by its ARN or an alias's, None where there is none."""
        found = self.row(
            _key,
            "SELECT arn, enabled, created FROM kms_keys "
            "WHERE arn = ifnull((SELECT key FROM kms_aliases WHERE arn = ?), ?)",
            (arn, arn),
        )
        return (found.arn, bool(found.enabled), found.created) if found else None

    def add_key(self, arn: str, alias: str | None, enabled: bool, now: int) -> bool:
        """Store a key and its alias, both by ARN; False where the alias is taken."""
        self.run("INSERT OR IGNORE INTO kms_keys VALUES (?, ?, ?)", (arn, enabled, now))
        return alias is None or self.added("INSERT INTO kms_aliases VALUES (?, ?)", (alias, arn))

    # ------------------------------------------------------------------ faults and calls

    def plan_fault(self, operation: str, code: str, message: str, after: int, times: int) -> None:
        """Remember a fault for the calls of an operation after the first `after` ones."""
        values = (operation, code, message, after, times)
        self.run("INSERT INTO faults (operation, code, message, after, times) VALUES (?, ?, ?, ?, ?)", values)
        self.run("UPDATE settings SET planned_faults = planned_faults + 1")

    def next_fault(self, operation: str) -> tuple[str, str] | None:
        """Take the code and message of the fault that is due for this call, None where none is."""
        due = self.row(
            _due,
            "SELECT id, code, message, times FROM faults WHERE operation = ? AND after = 0 ORDER BY id LIMIT 1",
            (operation,),
        )
        self.run("UPDATE faults SET after = after - 1 WHERE operation = ? AND after > 0", (operation,))
        if due is None:
            return None
        fault, code, message, times = due
        self.run("UPDATE faults SET times = times - 1 WHERE id = ?", (fault,))
        if times == 1:
            self.run("DELETE FROM faults WHERE id = ?", (fault,))
            self.run("UPDATE settings SET planned_faults = planned_faults - 1")
        return code, message

    def log_call(self, operation: str, params: str, region: str, account_id: str, error: str | None) -> None:
        """Append to the call log."""
        values = (operation, params, region, account_id, error)
        self.run("INSERT INTO calls (operation, params, region, account_id, error) VALUES (?, ?, ?, ?, ?)", values)

    def calls(self) -> Sequence[tuple[str, str, str, str, str | None]]:
        """Return the call log, first call first."""
        return self.rows(_logged, "SELECT operation, params, region, account_id, error FROM calls ORDER BY id")
