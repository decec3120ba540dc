"""Every rule with requests that it accepts and rejects, by topic."""

from __future__ import annotations

from tests.rules.rows import Table
from tests.rules.tables import (
    clusters,
    identifiers,
    instances,
    keys,
    points_in_time,
    regions,
    shapes,
    snapshots,
    tags,
    windows,
)

TOPICS = (shapes, identifiers, snapshots, regions, keys, tags, clusters, windows, points_in_time, instances)
TABLES: dict[str, Table] = {rule_id: table for topic in TOPICS for rule_id, table in topic.TABLES.items()}
