"""The public types as users feel them: what is right passes mypy and pyright, what is wrong is rejected."""

import json
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TYPED = ROOT / "tests" / "typed"
GOOD, BAD = TYPED / "good.py", TYPED / "bad.py"
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
PYRIGHT = os.environ.get("NEPTUNE_GUARD_TEST_PYRIGHT", "")
NEEDS_MYPY = pytest.mark.skipif(
    not all(map(find_spec, ["mypy", "types_boto3_neptune"])), reason="the extra `dev` is not installed"
)
NEEDS_PYRIGHT = pytest.mark.skipif(not PYRIGHT, reason="NEPTUNE_GUARD_TEST_PYRIGHT names no pyright program")


def mypy(*paths):
    """Return the files and lines that mypy --strict has errors about."""
    options = ["--strict", "--no-incremental", "--hide-error-context", "--no-error-summary"]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *options, "--config-file", ROOT / "pyproject.toml", *paths],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return {(name, int(line)) for name, line in re.findall(r"^(.+?):(\d+): error:", done.stdout, re.M)}


def pyright(*paths):
    """Return the files and lines that pyright has errors about."""
    done = subprocess.run(
        [PYRIGHT, "--outputjson", "--pythonpath", sys.executable, *paths],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    found = json.loads(done.stdout)["generalDiagnostics"]
    return {
        (str(Path(each["file"]).relative_to(ROOT)), each["range"]["start"]["line"] + 1)
        for each in found
        if each["severity"] == "error"
    }


CHECKERS = [pytest.param(mypy, marks=NEEDS_MYPY), pytest.param(pyright, marks=NEEDS_PYRIGHT)]


@pytest.mark.parametrize("checker", CHECKERS)
def test_what_is_wrong_is_rejected_line_by_line_and_nothing_else(checker):
    """In one run, as most of its time goes into reading botocore's types."""
    marked = {
        (str(BAD.relative_to(ROOT)), number)
        for number, line in enumerate(BAD.read_text(encoding="utf-8").splitlines(), 1)
        if line.endswith("# rejected")
    }
    assert checker(GOOD, BAD, *EXAMPLES) == marked
