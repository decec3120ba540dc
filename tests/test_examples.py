"""Every example runs as its reader would run it, without network, credentials or home, and prints what it should."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parent.parent / "examples"
KEY_ID = re.compile(r"(?<=:key/)[0-9a-f-]{36}")  # the stub makes them up at random
PRINTED = {
    "quickstart.py": """\
A request with mistakes:

Parameter validation failed:
error: TargetDBClusterSnapshotIdentifier: 'nightly--copy-' has two consecutive hyphens; use single ones \
[identifier-hyphens]
error: KmsKeyId: 'arn:aws:kms:us-east-1:123456789012:key/...' is not a key of us-west-2, the client's Region; \
give one of that Region [kms-key-region]
error: Tags[0].Key: 'aws:team' begins with a prefix that AWS reserves; use a key without aws: or rds: \
[tag-key-reserved-prefix]

The same request, mended:

arn:aws:rds:us-west-2:123456789012:cluster-snapshot:nightly-copy is copying
SourceRegion was filled in: us-east-1
""",
    "staging_strict.py": "the guard runs in mode warn\nsent: copying\n",
    "disaster_recovery.py": """\
A quiet night
01:10  took arn:aws:rds:us-east-1:123456789012:cluster-snapshot:graph-2026-03-02
03:10  copied arn:aws:rds:eu-west-1:123456789012:cluster-snapshot:graph-2026-03-02
03:10  shared with 210987654321
05:10  copied arn:aws:rds:eu-west-1:210987654321:cluster-snapshot:graph-2026-03-02
05:20  restored graph-drill
05:30  started graph-drill-1
05:30  checked graph-drill.cluster-stub.eu-west-1.neptune.amazonaws.com:8182
05:50  removed graph-drill

The quota is full: the oldest copy goes
01:10  took arn:aws:rds:us-east-1:123456789012:cluster-snapshot:graph-2026-03-02
01:10  refused: Cannot create more than 2 manual snapshots
01:10  deleted graph-2026-02-27
03:10  copied arn:aws:rds:eu-west-1:123456789012:cluster-snapshot:graph-2026-03-02
03:10  shared with 210987654321
05:10  copied arn:aws:rds:eu-west-1:210987654321:cluster-snapshot:graph-2026-03-02
05:20  restored graph-drill
05:30  started graph-drill-1
05:30  checked graph-drill.cluster-stub.eu-west-1.neptune.amazonaws.com:8182
05:50  removed graph-drill

The key is disabled: the dry run says so before anything is copied
01:10  took arn:aws:rds:us-east-1:123456789012:cluster-snapshot:graph-2026-03-02
Dry run of CopyDBClusterSnapshot: not ok
PASSED  request                   every rule is kept
PASSED  source found              manual snapshot \
arn:aws:rds:us-east-1:123456789012:cluster-snapshot:graph-2026-03-02
PASSED  source available          it is available
PASSED  source cluster available  the cluster graph is available
PASSED  encryption                the source is encrypted; the copy gets the given key
PASSED  source key usable         arn:aws:kms:us-east-1:123456789012:key/... is enabled
FAILED  key usable                the key is Disabled; enable it, or give another one
PASSED  target free               no snapshot of eu-west-1 has that name
PASSED  snapshot quota            manual snapshots in eu-west-1: 2; the default quota is 100
PASSED  copies in progress        0 of 5 copies from other Regions are in progress to eu-west-1
""",
    "async_copy.py": "".join(f"shard-{number}-copy is available\n" for number in range(8))
    + "8 copies, 0 requests refused\n",
}
STAGING = """\
the guard runs in mode strict
not sent: 2 violations
Parameter validation failed:
error: TargetDBClusterSnapshotIdentifier: 'nightly_copy' has other characters than ASCII letters, digits and hyphens; \
replace them, for instance by hyphens [identifier-characters]
error: KmsKeyId: 'None' looks like a value that was never set and then turned into a string; leave KmsKeyId out, \
or give the key [kms-key-format]
"""


def run(path: Path, tmp_path: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "NEPTUNE_GUARD_"))}
    environment = {**kept, "HOME": str(tmp_path), "AWS_EC2_METADATA_DISABLED": "true", **variables}
    ran = subprocess.run(
        [sys.executable, str(path)], env=environment, cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert ran.returncode == 0, ran.stderr
    assert "X-Amz-" not in ran.stdout + ran.stderr
    assert list(tmp_path.iterdir()) == []
    return ran


def test_every_example_is_run_here_or_elsewhere():
    elsewhere = {"test_with_stub.py"}  # by test_pytest_plugin.py
    assert {path.name for path in EXAMPLES.glob("*.py")} == set(PRINTED) | elsewhere


@pytest.mark.parametrize("name", PRINTED)
def test_an_example_prints_what_it_should(name, tmp_path):
    if name == "async_copy.py" and find_spec("aiobotocore") is None:
        pytest.skip("aiobotocore is not installed for this botocore")
    assert KEY_ID.sub("...", run(EXAMPLES / name, tmp_path).stdout) == PRINTED[name]


def test_production_logs_the_violations_that_it_sends(tmp_path):
    logged = run(EXAMPLES / "staging_strict.py", tmp_path).stderr
    assert [line[:26] for line in logged.splitlines()] == ["ERROR neptune_guard error:"] * 2


def test_staging_is_strict_by_its_environment(tmp_path):
    assert run(EXAMPLES / "staging_strict.py", tmp_path, NEPTUNE_GUARD_MODE="strict").stdout == STAGING
