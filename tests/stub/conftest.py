"""A stub, and a way to ask it that holds every answer against botocore's model."""

from __future__ import annotations

import copy
from contextlib import ExitStack
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import botocore.loaders
import botocore.model
import botocore.validate
import pytest

from neptune_guard.stub import NeptuneStub
from neptune_guard.stub._faults import UNMODELLED

REGION = "us-east-1"
ACCOUNT = "123456789012"
AT_ONCE = {name: timedelta(0) for name in ("copy_duration", "create_duration", "tick")}


@cache
def service() -> botocore.model.ServiceModel:
    return botocore.model.ServiceModel(botocore.loaders.create_loader().load_service_model("neptune", "service-2"))


def naive(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(naive, value.values()))
    if isinstance(value, list):
        return any(map(naive, value))
    return isinstance(value, datetime) and value.tzinfo is None


def hold_to_model(operation: str, status: int, answer: dict[str, Any]) -> None:
    """Assert that botocore could have parsed this answer, and that the operation's model knows its error."""
    model = service().operation_model(operation)
    parsed = {name: value for name, value in answer.items() if name != "ResponseMetadata"}
    assert answer["ResponseMetadata"]["HTTPStatusCode"] == status
    if status < 300:
        shape = model.output_shape
        report = botocore.validate.ParamValidator().validate(parsed, shape) if shape else None
        assert not report or not report.has_errors(), report.generate_report()
        assert shape or parsed == {}
        assert not naive(parsed)
        return
    code = parsed["Error"]["Code"]
    known = {shape.error_code: shape.metadata["error"]["httpStatusCode"] for shape in model.error_shapes}
    assert (code, status) in {**UNMODELLED, **known}.items()


class Asker:
    """Asks a stub on behalf of an account in a Region."""

    def __init__(self, stub: NeptuneStub, region: str = REGION, account_id: str | None = None) -> None:
        self.stub, self.region, self.account_id = stub, region, account_id

    def at(self, region: str = REGION, account_id: str | None = None) -> Asker:
        return Asker(self.stub, region, account_id)

    def answer(self, operation: str, **params: Any) -> tuple[int, dict[str, Any]]:
        before = copy.deepcopy(params)
        status, answer = self.stub.respond(operation, params, region=self.region, account_id=self.account_id)
        assert params == before, "the caller's parameters were changed"
        hold_to_model(operation, status, answer)
        return status, answer

    def __call__(self, operation: str, **params: Any) -> dict[str, Any]:
        status, answer = self.answer(operation, **params)
        assert status == 200, answer["Error"]
        return answer

    def refused(self, operation: str, **params: Any) -> tuple[str, str]:
        """Return the code and message of a refusal."""
        status, answer = self.answer(operation, **params)
        assert status >= 300, "it was not refused"
        return answer["Error"]["Code"], answer["Error"]["Message"]

    def copy(self, source: str, target: str, **more: Any) -> dict[str, Any]:
        return self("CopyDBClusterSnapshot", **copied(source, target), **more)["DBClusterSnapshot"]

    def copy_refused(self, source: str, target: str, **more: Any) -> tuple[str, str]:
        return self.refused("CopyDBClusterSnapshot", **copied(source, target), **more)

    def describe(self, identifier: str, **more: Any) -> dict[str, Any]:
        answer = self("DescribeDBClusterSnapshots", DBClusterSnapshotIdentifier=identifier, **more)
        return answer["DBClusterSnapshots"][0]

    def listed(self, **params: Any) -> list[str]:
        """Return the identifiers of all pages."""
        found: list[str] = []
        markers: set[str] = set()
        while True:
            answer = self("DescribeDBClusterSnapshots", **params)
            found += [each["DBClusterSnapshotIdentifier"] for each in answer["DBClusterSnapshots"]]
            if "Marker" not in answer:
                return found
            assert answer["Marker"] not in markers, "the same page again"
            markers.add(answer["Marker"])
            params["Marker"] = answer["Marker"]

    def tags(self, arn: str) -> dict[str, str | None]:
        found = self("ListTagsForResource", ResourceName=arn)["TagList"]
        return {each["Key"]: each.get("Value") for each in found}


def copied(source: str, target: str) -> dict[str, str]:
    return {"SourceDBClusterSnapshotIdentifier": source, "TargetDBClusterSnapshotIdentifier": target}


@pytest.fixture
def make():
    """Make stubs that are closed after the test; nothing takes time in them but what a test says."""
    with ExitStack() as stubs:
        yield lambda *args, **options: stubs.enter_context(NeptuneStub(*args, **{**AT_ONCE, **options}))


@pytest.fixture
def stub(make):
    return make()


@pytest.fixture
def ask(stub):
    return Asker(stub)


@pytest.fixture
def asker():
    """The class that asks, for a stub with options."""
    return Asker


@pytest.fixture
def client(stub):
    return stub.session(REGION).client("neptune")


@pytest.fixture
def state(tmp_path):
    """The path of a state file."""
    return tmp_path / "state.db"
