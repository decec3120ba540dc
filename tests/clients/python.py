"""boto3, told by environment variables alone where the simulator is."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.clients import run

STORY = Path(__file__).with_name("recover.py")


def story(where: Path) -> None:
    """Create, snapshot, copy across Regions, restore and delete, with all five services."""
    assert "the plan holds" in run([sys.executable, str(STORY)], where)
