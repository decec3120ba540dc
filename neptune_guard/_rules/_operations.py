"""The operations that the guard knows: for each its services and its relations; its schema document has its name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from neptune_guard._rules import keys, regions, snapshots, tags, urls
from neptune_guard._rules._relation import Relation

NEPTUNE = ("neptune",)


class Guarded(NamedTuple):
    """An operation whose requests are checked.

    Attributes:
        relations: What to ask about a parameter that is given, by its name; under `""` what to ask about every request.
        services: The services on whose clients it is guarded.
    """

    relations: Mapping[str, tuple[Relation, ...]]
    services: tuple[str, ...] = NEPTUNE


GUARDED: dict[str, Guarded] = {
    "CopyDBClusterSnapshot": Guarded(
        {
            "SourceDBClusterSnapshotIdentifier": (snapshots.readable_snapshot, snapshots.source_of_copy),
            "KmsKeyId": (keys.key,),
            "PreSignedUrl": (urls.pre_signed_url,),
            "SourceRegion": (regions.source_region,),
            "CopyTags": (tags.copy_tags,),
            "Tags": (tags.tags,),
        },
        services=("neptune", "rds", "docdb"),
    ),
}
