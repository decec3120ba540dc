"""Copies made with aiobotocore: the same guard, the same waiters and the same stub, five copies at a time.

Runs without network and without credentials: `python examples/async_copy.py` (needs aiobotocore).
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

from aiobotocore.session import AioSession

import neptune_guard
from neptune_guard.stub import NeptuneStub

AT_ONCE = 5  # an account may have five copies in progress to a Region


async def copy(neptune: Any, gate: asyncio.Semaphore, source: str, target: str) -> str:
    """Copy one snapshot and wait until it is available."""
    async with gate:
        await neptune.copy_db_cluster_snapshot(
            SourceDBClusterSnapshotIdentifier=source, TargetDBClusterSnapshotIdentifier=target
        )
        await neptune.get_waiter("db_cluster_snapshot_available").wait(DBClusterSnapshotIdentifier=target)
        return f"{target} is available"


async def main() -> None:
    """Copy eight snapshots from one Region to another."""
    stub = NeptuneStub(copy_duration=timedelta(hours=2))
    sources = [stub.add_snapshot(f"shard-{n}", "us-east-1")["DBClusterSnapshotArn"] for n in range(8)]
    session = AioSession()
    session.set_credentials("made-up", "made-up")
    neptune_guard.register(session, mode="strict", stub=stub)
    gate = asyncio.Semaphore(AT_ONCE)
    async with session.create_client("neptune", region_name="eu-west-1") as neptune:
        copies = (copy(neptune, gate, source, f"shard-{n}-copy") for n, source in enumerate(sources))
        for line in await asyncio.gather(*copies):
            print(line)
    refused = [call.error for call in stub.calls if call.error]
    print(f"{len(sources)} copies, {len(refused)} requests refused")


if __name__ == "__main__":
    asyncio.run(main())
