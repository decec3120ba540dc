"""Run the stories: all, or those that are named. Terraform's is the last, as it takes minutes."""

from __future__ import annotations

import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tests.clients import SkippedError, aws_cli, browser, javascript, python, terraform

STORIES = {"boto3": python, "aws": aws_cli, "javascript": javascript, "browser": browser, "terraform": terraform}


def told(name: str) -> str:
    """Run a story, print a line about it and return its outcome."""
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as directory:
        try:
            STORIES[name].story(Path(directory))
            outcome, why = "passed", ""
        except SkippedError as reason:
            outcome, why = "skipped", f": {reason}"
        except Exception as problem:  # noqa: BLE001 - the other stories are told all the same
            outcome, why = "failed", f": {type(problem).__name__}: {problem}"
    print(f"{name} {outcome} in {time.monotonic() - started:.0f} s{why}", flush=True)
    return outcome


def main(names: Sequence[str]) -> int:
    """Run stories, print a line for each and the count of them, and return 1 where one failed."""
    counts: Counter[str] = Counter(passed=0, skipped=0, failed=0)
    for name in names or STORIES:
        counts[told(name)] += 1
    print(", ".join(f"{number} {outcome}" for outcome, number in counts.items()))
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
