"""One call from its parameters to its answer: planned fault, validation, operation."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any, NamedTuple

from neptune_guard.exceptions import NotStubbedError
from neptune_guard.stub import _faults, _validation
from neptune_guard.stub._caller import Caller
from neptune_guard.stub.operations import OPERATIONS


class Outcome(NamedTuple):
    """How a call ended.

    Attributes:
        error: The code in the call log, None for a success.
        status: The HTTP status, 0 if there is no answer.
        answer: The answer as botocore parses it.
        exception: What is raised instead of an answer.
    """

    error: str | None
    status: int = 0
    answer: dict[str, Any] | None = None
    exception: Exception | None = None


def outcome(caller: Caller, operation: str, params: Mapping[str, Any]) -> Outcome:
    """Answer one call, or say what is raised in its place. The state is the caller's transaction's affair."""
    try:
        answer = _answered(caller, operation, params)
    except _faults.Fault as fault:
        status, answer = fault.answer()
        return Outcome(answer["Error"]["Code"], status, _with_metadata(answer, status))
    except _faults.Unanswered as fault:
        return Outcome(fault.code, exception=fault.exception(caller.region))
    except NotStubbedError as problem:
        return Outcome("NotStubbed", exception=problem)
    return Outcome(None, 200, _with_metadata(answer, 200))


def _answered(caller: Caller, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
    known = OPERATIONS.get(operation)
    if known is None:
        raise NotStubbedError(f"the stub has no {operation}; it knows {', '.join(sorted(OPERATIONS))}")
    if caller.settings.planned_faults:
        planned = caller.state.next_fault(operation)
        if planned:
            _faults.refuse(planned.code, planned.message)
    _validation.validate(operation, known, params, caller)
    return known.run(caller, params)


def _with_metadata(answer: dict[str, Any], status: int) -> dict[str, Any]:
    request_id = f"{random.getrandbits(128):032x}"
    answer["ResponseMetadata"] = {
        "RequestId": request_id,
        "HTTPStatusCode": status,
        "HTTPHeaders": {"x-amzn-requestid": request_id, "content-type": "text/xml"},
        "RetryAttempts": 0,
    }
    return answer
