"""Whole stories of real clients against `neptune-guard serve`: create, snapshot, copy, restore, delete.

`python -m tests.clients` runs all; what is not installed is skipped, with the reason. Not part of the ordinary suite:
Terraform's own waits take minutes, and npm downloads the JavaScript SDK.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
SERVE = [sys.executable, "-m", "neptune_guard", "serve"]


class SkippedError(Exception):
    """A story that cannot be told here; the text says what is missing."""


class FailedError(Exception):
    """A story that went wrong; the text is what the client printed."""


def run(command: Sequence[str], where: Path, *, served: bool = True, **variables: str) -> str:
    """Run a command, against a simulator of its own, and return what it printed.

    Raises:
        FailedError: It failed.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "NEPTUNE_GUARD_"))}
    log = where / "serve.log"
    around = [*SERVE, "--port", "0", "--log", str(log), "--"] if served else []
    done = subprocess.run(
        [*around, *command],
        cwd=where,
        env={
            **kept,
            "PYTHONPATH": str(ROOT),
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            **variables,
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        requests = log.read_text() if log.exists() else ""
        raise FailedError(f"exit code {done.returncode}\n{done.stdout}\nthe last requests:\n{requests[-4000:]}")
    return done.stdout
