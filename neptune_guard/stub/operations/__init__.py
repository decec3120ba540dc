"""The operations of the stub, one module per topic. Importing the package registers them in `OPERATIONS`."""

from neptune_guard.stub._operation import OPERATIONS
from neptune_guard.stub.operations import (
    clusters,
    describe,
    instances,
    modify,
    restores,
    sharing,
    snapshots,
    surroundings,
    tags,
)

__all__ = [
    "OPERATIONS",
    "clusters",
    "describe",
    "instances",
    "modify",
    "restores",
    "sharing",
    "snapshots",
    "surroundings",
    "tags",
]
