"""Copies made with aiobotocore: the same guard and the same stub, five copies at a time.

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
        while True:
            found = await neptune.describe_db_cluster_snapshots(DBClusterSnapshotIdentifier=target)
            snapshot = found["DBClusterSnapshots"][0]
            if snapshot["Status"] != "copying":
                return f"{target} is {snapshot['Status']}"
            await asyncio.sleep(0)  # a real job waits for minutes here


async def main() -> None:
    """Copy eight snapshots from one Region to another."""
    stub = NeptuneStub(copy_duration=timedelta(minutes=10), tick=timedelta(minutes=1))
    sources = [stub.add_snapshot(f"shard-{n}", "us-east-1")["DBClusterSnapshotArn"] for n in range(8)]
    session = AioSession()
    session.set_credentials("made-up", "made-up")
    neptune_guard.register(session, mode="strict", stub=stub)
    gate = asyncio.Semaphore(AT_ONCE)
    async with session.create_client("neptune", region_name="eu-west-1") as neptune:
        copies = (copy(neptune, gate, source, f"shard-{n}-copy") for n, source in enumerate(sources))
        for line in await asyncio.gather(*copies):
            print(line)


if __name__ == "__main__":
    asyncio.run(main())
