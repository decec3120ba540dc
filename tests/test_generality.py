"""One more guarded operation takes three places: its schema document, a relation, and one row of GUARDED."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import neptune_guard

OPERATION = "FailoverGlobalCluster"
DOCUMENT = {
    "$id": f"urn:neptune-guard:schema:{OPERATION}",
    "properties": {"TargetDbClusterIdentifier": {"$ref": "definitions.json#cluster-identifier-format"}},
}
RELATION = '''"""A rule about switching over."""

from neptune_guard._rules._relation import finds
from neptune_guard._violations import Rule, Severity

SWITCHOVER_TO_ITSELF = Rule(
    "switchover-to-itself",
    Severity.WARNING,
    "A switchover must lead to another cluster than the one it begins in",
    accepted={"GlobalClusterIdentifier": "world", "TargetDbClusterIdentifier": "graph"},
    rejected={"GlobalClusterIdentifier": "graph", "TargetDbClusterIdentifier": "graph"},
)


@finds(SWITCHOVER_TO_ITSELF)
def switchover(request, name):
    if request.params[name] == request.params.get("GlobalClusterIdentifier"):
        yield SWITCHOVER_TO_ITSELF.found(name, request.params[name], "is the global cluster itself")
'''
ROW = f'    "{OPERATION}": Guarded({{"TargetDbClusterIdentifier": (switchovers.switchover,)}}),\n}}\n'
PROGRAM = """
import boto3, neptune_guard

class Canned:
    def respond(self, operation, params, *, region, account_id):
        return 200, {}

session = boto3.Session("fake", "fake", region_name="us-west-2")
neptune_guard.register(session, mode="strict", stub=Canned())
client = session.client("neptune")
client.failover_global_cluster(GlobalClusterIdentifier="world", TargetDbClusterIdentifier="graph")
try:
    client.failover_global_cluster(GlobalClusterIdentifier="graph", TargetDbClusterIdentifier="gr--aph")
except neptune_guard.exceptions.ConstraintViolationError as error:
    print(*(each.rule for each in error.violations))
for violation in neptune_guard.check(
    {"GlobalClusterIdentifier": "graph", "TargetDbClusterIdentifier": "graph", "Targt": 1},
    operation="FailoverGlobalCluster",
    ignore=["FailoverGlobalCluster:cluster-*"],
):
    print(violation.rule, violation.operation)
print(*neptune_guard.RULES["switchover-to-itself"].operations)
print("FailoverGlobalCluster" in neptune_guard.RULES["cluster-identifier-format"].operations)
"""


@pytest.fixture
def extended(tmp_path):
    """A copy of the package in which one more operation is guarded."""
    root = tmp_path / "neptune_guard"
    shutil.copytree(Path(neptune_guard.__file__).parent, root, ignore=shutil.ignore_patterns("__pycache__"))
    (root / "_rules" / "schemas" / f"{OPERATION}.json").write_text(json.dumps(DOCUMENT))
    (root / "_rules" / "switchovers.py").write_text(RELATION)
    table = root / "_rules" / "_operations.py"
    text = table.read_text(encoding="utf-8")
    assert text.endswith("),\n}\n")
    text = text.removesuffix("}\n") + ROW
    table.write_text(text.replace("GUARDED: dict", "from neptune_guard._rules import switchovers\n\nGUARDED: dict"))
    return tmp_path


def test_a_further_operation_is_guarded_by_three_places(extended):
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "PYTHONPATH": str(extended)},
        cwd=extended,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    assert done.stdout.splitlines() == [
        "cluster-identifier-format",
        "switchover-to-itself FailoverGlobalCluster",
        "unknown-parameter FailoverGlobalCluster",
        "FailoverGlobalCluster",
        "True",
    ]
