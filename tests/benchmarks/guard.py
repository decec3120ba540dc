"""What importing the guard costs, and what it adds to calls: guarded ones, and those it is not concerned with.

    python -m tests.benchmarks.guard

The costs are taken inside a real call that is answered at `before-call`: there the caches are as cold as they are for a
user, and everything costs two to four times what a bare loop over the same function shows.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import boto3
import jsonschema
import jsonschema_rs
import pydantic
from aws_resource_validator import wrap_client

import neptune_guard
from neptune_guard._rules import _documents, _engines, shapes
from tests.benchmarks.measure import Row, minima, show

OPERATION = "CopyDBClusterSnapshot"
EVENT = f"before-parameter-build.neptune.{OPERATION}"
BUDGET_OF_TWO = 1.14
"""A call with two tags, guarded, beside a bare one."""
COSTS = {50: 60.0, "describe": 6.0, "unguarded": 1.0}
"""Microseconds that the guard may add."""


def request(tags: int) -> dict[str, Any]:
    return {
        "SourceDBClusterSnapshotIdentifier": "arn:aws:rds:us-west-2:123456789012:cluster-snapshot:nightly",
        "TargetDBClusterSnapshotIdentifier": "nightly-copy",
        "Tags": [{"Key": f"key-{number}", "Value": "some value"} for number in range(tags)],
    }


# ------------------------------------------------------------------ what a call costs


def client(session: boto3.Session | None = None, service: str = "neptune") -> Any:
    """Return a client whose calls are answered before anything is sent, as cheaply as botocore allows."""
    made = (session or boto3.Session("made-up", "made-up")).client(service, region_name="us-west-2")
    made.meta.events.register(f"before-call.{service}.*", lambda **kwargs: (SimpleNamespace(status_code=200), {}))
    return made


def checked_by(check: Callable[[dict[str, Any]], object]) -> Any:
    made = client()
    made.meta.events.register(EVENT, lambda params, **kwargs: check(params) and None)
    return made


def guarded_session(mode: str) -> boto3.Session:
    session = boto3.Session("made-up", "made-up")
    neptune_guard.register(session, mode=mode)
    return session


def guarded(mode: str) -> Any:
    return client(guarded_session(mode))


NAME = r"^[A-Za-z](?:-?[A-Za-z0-9])*$"
TAG = r"^[\p{L}\p{Z}\p{N}_.:/=+\-]*$"


class Tag(pydantic.BaseModel):
    Key: str = pydantic.Field(min_length=1, max_length=128, pattern=TAG)
    Value: str = pydantic.Field("", max_length=256, pattern=TAG)


class Request(pydantic.BaseModel):
    """A model of the same request with the plain constraints only: no relations between parameters, no messages."""

    SourceDBClusterSnapshotIdentifier: str = pydantic.Field(pattern="^(?:arn:aws[a-z-]*:rds:.*|[A-Za-z].*)$")
    TargetDBClusterSnapshotIdentifier: str = pydantic.Field(max_length=63, pattern=NAME)
    KmsKeyId: str = ""
    SourceRegion: str = ""
    CopyTags: bool = False
    Tags: list[Tag] = pydantic.Field([], max_length=50)


def with_patterns_of_python(schema: Any) -> Any:
    r"""Return the schema without `\p{..}`, which `jsonschema` by itself cannot read."""
    text = json.dumps(schema)
    return json.loads(text.replace(json.dumps(r"\p{L}\p{Z}\p{N}_")[1:-1], json.dumps(r"\w ")[1:-1]))


def variants() -> dict[str, Any]:
    slow = jsonschema.Draft202012Validator(with_patterns_of_python(_documents.document(OPERATION)))
    fast = jsonschema_rs.Draft202012Validator(_documents.document(OPERATION))
    assert all(engine.is_valid(request(50)) for engine in (slow, fast))
    return {
        "bare": client(),
        "the guard": guarded("strict"),
        "the guard, mode off": guarded("off"),
        "a handler that does nothing": checked_by(lambda params: None),
        "jsonschema_rs alone": checked_by(fast.is_valid),
        "pydantic alone": checked_by(Request.model_validate),
        "jsonschema alone": checked_by(slow.is_valid),
        "aws-resource-validator": wrap_client(client()),
    }


def of_a_call(tags: int) -> list[Row]:
    def copies(one: Any) -> Callable[[], object]:
        return lambda: one.copy_db_cluster_snapshot(**params)

    params, clients = request(tags), variants()
    structure = shapes.structure(shapes.input_shape("neptune", OPERATION))
    assert _engines.acceptor(OPERATION, structure)(params)
    bare, *others = minima([copies(one) for one in clients.values()], calls=40, rounds=60)
    budget = BUDGET_OF_TWO if tags == 2 else 1 + COSTS[tags] * 1e-6 / bare
    return [
        Row(
            f"a valid call, {tags} tags: {name} / a bare call",
            cost / bare,
            budget if name == "the guard" else None,
            f"+{(cost - bare) * 1e6:.0f} us on {bare * 1e6:.0f} us",
        )
        for name, cost in zip(list(clients)[1:], others, strict=True)
    ]


OTHER_CALLS = {
    "DescribeDBClusterSnapshots": ("neptune", "describe_db_cluster_snapshots", "describe"),
    "DescribeDBEngineVersions": ("neptune", "describe_db_engine_versions", "unguarded"),
    "ListBuckets of s3": ("s3", "list_buckets", "unguarded"),
}


def of_other_calls() -> list[Row]:
    """Return what the guard adds to the commonest guarded call, and to calls that it is not concerned with."""
    rows = []
    for name, (service, method, cost) in OTHER_CALLS.items():
        bare, with_guard = minima(
            [getattr(client(session, service), method) for session in (None, guarded_session("strict"))],
            calls=40,
            rounds=60,
        )
        rows.append(
            Row(
                f"{name}: the guard / a bare call",
                with_guard / bare,
                1 + COSTS[cost] * 1e-6 / bare,
                f"{(with_guard - bare) * 1e6:+.1f} us on {bare * 1e6:.0f} us",
            )
        )
    return rows


# ------------------------------------------------------------------ what an import costs

IMPORTS = {
    "import neptune_guard": "import neptune_guard",
    "import neptune_guard and the first register()": "import neptune_guard; neptune_guard.register(session)",
    "import moto": "import moto; moto.mock_aws().start()",
    "import jsonschema": "import jsonschema; jsonschema.Draft202012Validator",
}
TIMED = """
import sys, time, boto3
session = boto3.Session("made-up", "made-up")
session.events
start = time.perf_counter()
{}
print(time.perf_counter() - start, "jsonschema" in sys.modules)
"""


def imported(statement: str, processes: int = 8) -> tuple[float, bool]:
    """Return the seconds that a statement takes after `import boto3`, and whether it imported jsonschema."""
    command = [sys.executable, "-c", TIMED.format(statement)]
    outputs = [
        subprocess.run(command, check=True, capture_output=True, text=True, env={**os.environ}).stdout.split()
        for _ in range(processes)
    ]
    return min(float(seconds) for seconds, _ in outputs), outputs[0][1] == "True"


def of_an_import() -> list[Row]:
    budgets = {"import neptune_guard": 10.0}
    times = {name: imported(statement)[0] for name, statement in IMPORTS.items()}
    rows = [Row(f"after import boto3: {name}", took * 1e3, budgets.get(name), "ms") for name, took in times.items()]
    slowest = "import jsonschema"
    rows += [Row(f"{name} / {slowest}", took / times[slowest], None) for name, took in times.items() if name != slowest]
    call = IMPORTS["import neptune_guard and the first register()"] + f"; neptune_guard.check({request(2)!r})"
    return [*rows, Row("jsonschema is imported by a sound request (1 is yes)", imported(call, 1)[1], 0.0)]


def rows() -> list[Row]:
    return [*of_an_import(), *of_a_call(2), *of_a_call(50), *of_other_calls()]


if __name__ == "__main__":
    show(rows())
