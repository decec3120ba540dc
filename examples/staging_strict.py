"""An application's start-up: the guard's mode comes from the environment.

Production sets nothing and gets log lines; staging sets NEPTUNE_GUARD_MODE=strict and gets exceptions:

    NEPTUNE_GUARD_MODE=strict python examples/staging_strict.py

The application here talks to a canned responder of five lines, so that it runs anywhere; yours leaves `stub` out.
"""

from __future__ import annotations

import logging
from typing import Any

import boto3

import neptune_guard
from neptune_guard.exceptions import ConstraintViolationError


class Canned:
    """Answers every operation in the same way; anything with `respond` will do."""

    def respond(
        self, operation: str, params: dict[str, Any], *, region: str, account_id: str | None
    ) -> tuple[int, dict[str, Any]]:
        """Say that the copy has begun."""
        return 200, {"DBClusterSnapshot": {"DBClusterSnapshotIdentifier": "accepted", "Status": "copying"}}


def start() -> boto3.Session:
    """Set up logging and the guard once, before any client is made."""
    logging.basicConfig(format="%(levelname)s %(name)s %(message)s")
    session = boto3.Session("made-up", "made-up", region_name="us-west-2")
    guard = neptune_guard.register(session, stub=Canned())
    print(f"the guard runs in mode {guard.mode}")
    return session


def copy_nightly(session: boto3.Session) -> str:
    """Copy the nightly snapshot; a template left two mistakes in the request."""
    neptune = session.client("neptune")
    try:
        answer = neptune.copy_db_cluster_snapshot(
            SourceDBClusterSnapshotIdentifier="arn:aws:rds:us-east-1:123456789012:cluster-snapshot:nightly",
            TargetDBClusterSnapshotIdentifier="nightly_copy",
            KmsKeyId="None",
        )
    except ConstraintViolationError as error:
        return f"not sent: {len(error.violations)} violations\n{error}"
    return f"sent: {answer['DBClusterSnapshot']['Status']}"


if __name__ == "__main__":
    print(copy_nightly(start()))
