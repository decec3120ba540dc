"""The AWS SDK for JavaScript: examples/javascript, with the SDK from npm."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

from tests.clients import ROOT, FailedError, SkippedError, run

EXAMPLE = ROOT / "examples" / "javascript"
OLDEST_NODE = 20


def story(where: Path) -> None:
    """Create, snapshot, copy across Regions with a throttled attempt, restore and delete."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        raise SkippedError("there is no node, or no npm")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if int(re.sub(r"^v([0-9]+).*", r"\1", version)) < OLDEST_NODE:
        raise SkippedError(f"node is {version}; the SDK needs {OLDEST_NODE}")
    for file in EXAMPLE.glob("*.*"):
        shutil.copy(file, where)
    try:
        run([npm, "install", "--no-audit", "--no-fund"], where, served=False)
    except FailedError as problem:
        raise SkippedError(f"npm cannot install the SDK: {problem}") from problem
    assert "the plan holds" in run([node, "recover.mjs"], where)
