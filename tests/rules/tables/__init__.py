"""Every rule with requests that it accepts and rejects, by topic."""

from __future__ import annotations

from tests.rules.rows import Table
from tests.rules.tables import (
    clusters,
    identifiers,
    instances,
    keys,
    listing,
    names,
    points_in_time,
    regions,
    shapes,
    sharing,
    snapshots,
    tags,
    windows,
)

TOPICS = (
    *(shapes, identifiers, snapshots, sharing, listing, regions, keys, tags),
    *(clusters, names, windows, points_in_time, instances),
)
TABLES: dict[str, Table] = {rule_id: table for topic in TOPICS for rule_id, table in topic.TABLES.items()}
