"""The AWS CLI: `aws`, from PATH or as NEPTUNE_GUARD_TEST_AWS names it."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from tests.clients import SkippedError, run

STORY = Path(__file__).with_name("recover.sh")


def story(where: Path) -> None:
    """Create, snapshot, copy, restore and delete."""
    aws = os.environ.get("NEPTUNE_GUARD_TEST_AWS") or shutil.which("aws")
    if not aws:
        raise SkippedError("there is no aws program; pip install awscli")
    assert "the plan holds" in run(["sh", "-eu", str(STORY)], where, AWS=aws)
