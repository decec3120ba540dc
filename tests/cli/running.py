"""How the tests run the command: in this process with streams of their own or, where it matters, as a process."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from neptune_guard.cli import main

ROOT = Path(__file__).parent.parent.parent
OUTPUT_SCHEMA = Draft202012Validator(json.loads((ROOT / "docs/check-output.schema.json").read_text(encoding="utf-8")))

SOURCE, TARGET = "SourceDBClusterSnapshotIdentifier", "TargetDBClusterSnapshotIdentifier"
SOUND = {SOURCE: "nightly", TARGET: "nightly-copy"}
HYPHENS = {**SOUND, TARGET: "nightly--copy"}
EMPTY_VALUE = {**SOUND, "Tags": [{"Key": "team", "Value": ""}]}
HYPHENS_LINE = f"error: {TARGET}: 'nightly--copy' has two consecutive hyphens; use single ones [identifier-hyphens]"


def lines(*requests: Any) -> str:
    """Return requests as JSON Lines."""
    return "".join(f"{json.dumps(each)}\n" for each in requests)


def run(*argv: str, stdin: str | bytes = b"") -> tuple[int, str, str]:
    """Return the exit code, the standard output and the standard error of a command."""
    out, err = io.StringIO(), io.StringIO()
    given = io.BytesIO(stdin if isinstance(stdin, bytes) else stdin.encode())
    code = main(argv, stdin=given, stdout=out, stderr=err)
    return code, out.getvalue(), err.getvalue()


def process(*argv: str, **options: Any) -> subprocess.CompletedProcess[bytes]:
    """Run a command as a process."""
    command = [sys.executable, "-m", "neptune_guard", *argv]
    return subprocess.run(command, capture_output=True, timeout=60, check=False, **options)


def check_json(*argv: str, stdin: str | bytes = b"") -> tuple[int, Any]:
    """Return the exit code and the document of `check --format json`, once it is seen to be as its schema says."""
    code, out, _ = run("check", "--format", "json", *argv, stdin=stdin)
    document = json.loads(out)
    OUTPUT_SCHEMA.validate(document)
    return code, document
