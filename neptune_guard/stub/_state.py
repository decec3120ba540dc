"""Every statement that reads or changes the stub's state."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any, NoReturn, TypeVar

from neptune_guard.stub import _decoders
from neptune_guard.stub._blocks import Block
from neptune_guard.stub._database import Database
from neptune_guard.stub._log import Log
from neptune_guard.stub._tables import (
    IF_NEW,
    STATE,
    Cluster,
    Instance,
    Key,
    Page,
    PlannedFault,
    Settings,
    Snapshot,
    insertion,
)

Resource = Cluster | Instance | Snapshot
_TABLES: dict[type[Resource], str] = {Cluster: "clusters", Instance: "instances", Snapshot: "snapshots"}


def _for_each(statement: str) -> dict[type[Resource], str]:
    """Return a statement for the table of each kind of resource."""
    return {kind: statement.format(table=table) for kind, table in _TABLES.items()}


Found = TypeVar("Found", Cluster, Instance, Snapshot)
_DECODERS = (_decoders.cluster, _decoders.instance, _decoders.snapshot)
_DECODE: dict[type[Any], Any] = dict(zip(_TABLES, _DECODERS, strict=True))
# Nobody but this package can have written what is in memory.
_MAKE: dict[type[Any], Any] = {kind: kind._make for kind in _TABLES}
_INSERT = {kind: insertion(table, kind) for kind, table in _TABLES.items()}
_FIND = _for_each("SELECT * FROM {table} WHERE account_id = ? AND region = ? AND identifier = ?")
_REMOVE = _for_each("DELETE FROM {table} WHERE account_id = ? AND region = ? AND identifier = ?")
_SET_TAGS = _for_each("UPDATE {table} SET tags = ? WHERE account_id = ? AND region = ? AND identifier = ?")
_SET_GONE = _for_each("UPDATE {table} SET gone = ? WHERE account_id = ? AND region = ? AND identifier = ?")
_LIST = _for_each(
    "SELECT * FROM {table} WHERE account_id = ? AND region = ? AND identifier > ? ORDER BY identifier LIMIT ?"
)


class State:
    """What a stub knows. Its methods belong inside a `transaction()`.

    Args:
        path: The state file; None keeps the state in memory.
        options: The settings that are given; the others are the file's, or the defaults.
        most_calls: How many calls the log keeps; None keeps all.

    Attributes:
        log: The call log.

    Raises:
        ConfigurationError: The file cannot be used.
    """

    def __init__(
        self, path: str | os.PathLike[str] | None, options: Mapping[str, Any], most_calls: int | None = None
    ) -> None:
        self._database = Database(path, {name: 1 if value is IF_NEW else value for name, value in options.items()})
        self._run = self._database.run
        self._in_memory = path is None
        self._decode = _MAKE if path is None else _DECODE
        self.log = Log(self._database, self._in_memory, most_calls)
        if not self._database.new:
            with self.transaction():
                self.change_settings(**{name: value for name, value in options.items() if value is not IF_NEW})

    def __reduce__(self) -> NoReturn:
        raise TypeError(
            "a stub cannot be pickled; pass the path of a state file, and open it with NeptuneStub(path) over there"
        )

    def transaction(self) -> Block:
        """Run a block as one transaction; an exception undoes it. A block inside another one is part of that."""
        return self._database.transaction()

    def close(self) -> None:
        """Close the database; what is in memory is gone. Closing it again does nothing."""
        self._database.close()

    def clear(self) -> None:
        """Forget everything but the options."""
        for table in STATE:
            self._run(f"DELETE FROM {table}")  # noqa: S608 - a name of the list above
        self.log.clear()
        self.change_settings(clock_offset=0, frozen_at=None, planned_faults=0, deletions=0)

    # ------------------------------------------------------------------ settings

    def settings(self) -> Settings:
        """Return the options and the clock."""
        if self._in_memory:
            return self._database.memory.settings
        return self._database.one(_decoders.settings, "SELECT * FROM settings")

    def change_settings(self, **values: Any) -> None:
        """Change the options that are given."""
        if self._in_memory:
            memory = self._database.memory
            self._database.memory = memory._replace(settings=memory.settings._replace(**values))
            return
        for name, value in values.items():
            self._run(f"UPDATE settings SET {name} = ?", (value,))  # noqa: S608 - a field of Settings

    def move_clock(self, distance: int) -> None:
        """Move the clock by microseconds, frozen or not."""
        shown = self.settings()
        frozen = None if shown.frozen_at is None else shown.frozen_at + distance
        self.change_settings(clock_offset=shown.clock_offset + distance, frozen_at=frozen)

    # ------------------------------------------------------------------ clusters, instances, snapshots

    def find(self, kind: type[Found], account_id: str, region: str, identifier: str) -> Found | None:
        """Return the cluster, instance or snapshot of a name, None if there is none."""
        return self._database.row(self._decode[kind], _FIND[kind], (account_id, region, identifier.lower()))

    def page(self, kind: type[Found], page: Page) -> list[Found]:
        """Return a page of an account's clusters, instances or snapshots in a Region."""
        return self._database.rows(self._decode[kind], _LIST[kind], page)

    def add(self, resource: Resource) -> bool:
        """Store a cluster, instance or snapshot; False if the name is taken."""
        return self._database.added(_INSERT[type(resource)], resource)

    def remove(self, resource: Resource) -> None:
        """Remove a cluster, instance or snapshot."""
        self._run(_REMOVE[type(resource)], _name(resource))

    def set_tags(self, resource: Resource, tags: dict[str, str | None]) -> None:
        """Replace the tags of a cluster, instance or snapshot."""
        self._run(_SET_TAGS[type(resource)], (json.dumps(tags), *_name(resource)))

    def members(self, cluster: Cluster) -> list[Instance]:
        """Return the instances of a cluster, the oldest first."""
        return self._database.rows(
            _decoders.instance,
            "SELECT * FROM instances WHERE account_id = ? AND region = ? AND cluster = ? ORDER BY number",
            _name(cluster),
        )

    def cluster_of(self, instance: Instance) -> Cluster:
        """Return the cluster of an instance, which it always has."""
        name = (instance.account_id, instance.region, instance.cluster)
        found: Cluster = self._database.one(self._decode[Cluster], _FIND[Cluster], name)
        return found

    def replace_cluster(self, cluster: Cluster, changed: Cluster) -> bool:
        """Store a cluster in the place of another and take its instances along; False if the new name is taken."""
        self.remove(cluster)
        if not self.add(changed):
            self.add(cluster)
            return False
        self._run(
            "UPDATE instances SET cluster = ? WHERE account_id = ? AND region = ? AND cluster = ?",
            (changed.identifier, *_name(cluster)),
        )
        return True

    # ------------------------------------------------------------------ deletions that take time

    def remove_at(self, resource: Cluster | Instance, gone: int, now: int) -> None:
        """Let a cluster or instance be deleting until a moment; remove it if that has come."""
        if gone <= now:
            self.remove(resource)
            return
        self._run(_SET_GONE[type(resource)], (gone, *_name(resource)))
        self.change_settings(deletions=1)

    def finish_removals(self, now: int) -> None:
        """Remove the clusters and instances whose deletion is over."""
        left = self._database.one(
            _decoders.number,
            "SELECT EXISTS (SELECT 1 FROM clusters WHERE gone IS NOT NULL) "
            "OR EXISTS (SELECT 1 FROM instances WHERE gone IS NOT NULL)",
        )
        if not left:
            self.change_settings(deletions=0)
        self._run("DELETE FROM clusters WHERE gone <= ?", (now,))
        self._run("DELETE FROM instances WHERE gone <= ?", (now,))

    # ------------------------------------------------------------------ snapshots

    def snapshots(self, page: Page, *, type: str = "", cluster: str | None = None) -> list[Snapshot]:
        """Return a page of an account's own snapshots in a Region.

        Args:
            page: Which account, which Region, and how many after which.
            type: Only `manual` or only `automated` ones, if given.
            cluster: Only those of a cluster of this name, if given.
        """
        conditions, values = "", []
        if type:
            conditions, values = " AND type = ?", [type]
        if cluster is not None:
            conditions, values = f"{conditions} AND cluster = ?", [*values, cluster]
        return self._database.rows(
            _decoders.snapshot,
            "SELECT * FROM snapshots WHERE account_id = ? AND region = ?"  # noqa: S608 - no data in it
            f"{conditions} AND identifier > ? ORDER BY identifier LIMIT ?",
            (page.account_id, page.region, *values, page.marker, page.size),
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
        cluster: str | None = None,
    ) -> list[Snapshot]:
        """Return snapshots that were shared with an account, or with `all`, by owner and identifier after `after`.

        Args:
            grantee: The account, or `all`.
            region: Their Region.
            after: Owner and identifier of the last one before.
            size: How many at most.
            owner: Only those of this account, if given.
            other_than: Only those of other accounts than this one, if given.
            cluster: Only those of a cluster of this name, if given.
        """
        return self._database.rows(
            _decoders.snapshot,
            "SELECT snapshots.* FROM shares CROSS JOIN snapshots ON snapshots.account_id = shares.owner "
            "AND snapshots.region = shares.region AND snapshots.identifier = shares.identifier "
            "WHERE shares.grantee = ? AND shares.region = ? AND (shares.owner, shares.identifier) > (?, ?) "
            "AND shares.owner <> ? AND ? IN ('', shares.owner) AND ifnull(?, snapshots.cluster) = snapshots.cluster "
            "ORDER BY shares.owner, shares.identifier LIMIT ?",
            (grantee, region, *after, other_than, owner, cluster, size),
        )

    def unfinished_copies(self, source_arn: str, now: int) -> list[Snapshot]:
        """Return the copies of a snapshot that are not done yet."""
        return self._database.rows(
            _decoders.snapshot,
            "SELECT * FROM snapshots WHERE source_arn = ? AND status IS NULL AND ready > ? AND ready > started",
            (source_arn, now),
        )

    def fail_copy(self, copy: Snapshot, progress: int) -> None:
        """Make a copy fail; its progress stays where it is."""
        self._run(
            "UPDATE snapshots SET status = 'failed', progress = ? "
            "WHERE account_id = ? AND region = ? AND identifier = ?",
            (progress, *_name(copy)),
        )

    def room(self, account_id: str, region: str, identifier: str) -> tuple[bool, int]:
        """Return whether a snapshot's name is taken, and how many of its account and Region count towards the quota."""
        place = (account_id, region)
        taken, counted = self._database.rows(
            _decoders.number,
            "SELECT EXISTS (SELECT 1 FROM snapshots WHERE account_id = ? AND region = ? AND identifier = ?) "
            "UNION ALL SELECT (SELECT number FROM manual_snapshots WHERE account_id = ? AND region = ?)",
            (*place, identifier.lower(), *place),
        )
        return bool(taken), counted

    def copies_in_progress(self, account_id: str, region: str, now: int) -> int:
        """Return how many copies from other Regions an account has on their way into a Region."""
        return self._database.one(
            _decoders.number,
            "SELECT count(*) FROM snapshots WHERE crossing AND ready > started AND status IS NULL "
            "AND account_id = ? AND region = ? AND ready > ?",
            (account_id, region, now),
        )

    # ------------------------------------------------------------------ shares, tags, keys

    def grantees(self, snapshot: Snapshot) -> list[str]:
        """Return the accounts that a snapshot is shared with, `all` among them if it is public."""
        return self._database.rows(
            _decoders.text,
            "SELECT grantee FROM shares WHERE owner = ? AND region = ? AND identifier = ? ORDER BY grantee",
            snapshot[:3],
        )

    def share(self, snapshot: Snapshot, grantees: list[str]) -> None:
        """Share a snapshot with exactly these accounts."""
        owner, region, identifier = snapshot[:3]
        self._run("DELETE FROM shares WHERE owner = ? AND region = ? AND identifier = ?", (owner, region, identifier))
        for grantee in grantees:
            self._run("INSERT INTO shares VALUES (?, ?, ?, ?)", (grantee, region, owner, identifier))

    def key(self, arn: str) -> Key | None:
        """Return a key by its ARN or an alias's, None if there is none."""
        return self._database.row(
            _decoders.key,
            "SELECT arn, enabled, created FROM kms_keys "
            "WHERE arn = ifnull((SELECT key FROM kms_aliases WHERE arn = ?), ?)",
            (arn, arn),
        )

    def add_key(self, key: Key) -> bool:
        """Store a key; False if its ARN is taken."""
        return self._database.added("INSERT INTO kms_keys VALUES (?, ?, ?)", key)

    def add_alias(self, alias: str, key: Key) -> bool:
        """Store an alias of a key by its ARN; False if it is taken."""
        return self._database.added("INSERT INTO kms_aliases VALUES (?, ?)", (alias, key.arn))

    # ------------------------------------------------------------------ faults and calls

    def plan_fault(self, fault: PlannedFault) -> None:
        """Remember a fault for the calls of an operation after the first `after` ones."""
        self._run("INSERT INTO faults (operation, code, message, after, times) VALUES (?, ?, ?, ?, ?)", fault)
        self.change_settings(planned_faults=1)

    def planned_faults(self) -> list[PlannedFault]:
        """Return the faults that were planned and not met as often as planned, in the order of planning."""
        return self._database.rows(
            _decoders.planned_fault, "SELECT operation, code, message, after, times FROM faults ORDER BY id"
        )

    def next_fault(self, operation: str) -> PlannedFault | None:
        """Take the fault that is due for this call, None if none is."""
        number = self._database.row(
            _decoders.number,
            "SELECT id FROM faults WHERE operation = ? AND after = 0 ORDER BY id LIMIT 1",
            (operation,),
        )
        self._run("UPDATE faults SET after = after - 1 WHERE operation = ? AND after > 0", (operation,))
        if number is None:
            if not self.planned_faults():
                self.change_settings(planned_faults=0)
            return None
        self._run("UPDATE faults SET times = times - 1 WHERE id = ?", (number,))
        due = self._database.one(
            _decoders.planned_fault, "SELECT operation, code, message, after, times FROM faults WHERE id = ?", (number,)
        )
        if due.times <= 0:
            self._run("DELETE FROM faults WHERE id = ?", (number,))
        return due


def _name(resource: Resource) -> tuple[str, str, str]:
    return resource.account_id, resource.region, resource.identifier
