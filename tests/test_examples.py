"""Every example runs as its reader would run it, without network, credentials or home, and says what it should."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"
SAID = {
    "quickstart.py": [
        "Parameter validation failed:",
        "[target-identifier-hyphens]",
        "[kms-key-region]",
        "[tag-key-reserved-prefix]",
        "cluster-snapshot:nightly-copy is copying",
        "SourceRegion was filled in: us-east-1",
    ],
    "staging_strict.py": ["the guard runs in mode warn", "sent: copying"],
    "disaster_recovery.py": [
        "pruned graph-2026-02-27",
        "restoring graph-restored",
        "attempts: Throttling, ok, ok",
        "waiting: Cannot create more than 100 manual snapshots",
        "FAILED  key usable",
    ],
    "async_copy.py": [f"shard-{number}-copy is available" for number in range(8)],
}


def run(path: Path, tmp_path: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "NEPTUNE_GUARD_"))}
    environment = {**kept, "HOME": str(tmp_path), "AWS_EC2_METADATA_DISABLED": "true", **variables}
    return subprocess.run(
        [sys.executable, str(path)], env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=120
    )


def test_every_example_is_run_here_or_elsewhere():
    elsewhere = {"test_with_stub.py"}  # by test_pytest_plugin.py
    assert {path.name for path in EXAMPLES.glob("*.py")} == set(SAID) | elsewhere


@pytest.mark.parametrize("name", SAID)
def test_example(name, tmp_path):
    if name == "async_copy.py" and find_spec("aiobotocore") is None:
        pytest.skip("aiobotocore is not installed for this botocore")
    ran = run(EXAMPLES / name, tmp_path)
    assert ran.returncode == 0, ran.stderr
    assert [said for said in SAID[name] if said not in ran.stdout] == []
    assert "X-Amz-" not in ran.stdout + ran.stderr
    assert list(tmp_path.iterdir()) == []


def test_staging_is_strict_by_its_environment(tmp_path):
    ran = run(EXAMPLES / "staging_strict.py", tmp_path, NEPTUNE_GUARD_MODE="strict")
    assert "not sent: 2 violations" in ran.stdout
    assert "[kms-key-format]" in ran.stdout
