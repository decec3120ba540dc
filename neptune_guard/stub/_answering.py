"""One call from its parameters to its answer: planned fault, validation, operation."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from neptune_guard.exceptions import ConfigurationError, NotStubbedError
from neptune_guard.stub import _arguments, _calls, _clock, _faults, _validation
from neptune_guard.stub._caller import Caller, caller_of
from neptune_guard.stub._state import State
from neptune_guard.stub.operations import OPERATIONS


def respond(
    state: State, operation: str, params: Mapping[str, Any], region: str, account_id: str | None
) -> tuple[int, dict[str, Any]]:
    """Answer a call and log it; the arguments are those of `NeptuneStub.respond`."""
    _arguments.refuse_no_region(region)
    if not isinstance(params, Mapping):
        raise ConfigurationError(f"params has type {type(params).__name__}; give a dict")
    with state.transaction():
        caller = caller_of(state, region, account_id)
        if caller.settings.tick:
            _clock.move(state, caller.now, caller.settings.tick)
        error, result = _outcome(caller, operation, params)
        state.log_call(_calls.logged(operation, params, region, caller.account_id, error))
    if isinstance(result, Exception):
        raise result
    return result


def _outcome(
    caller: Caller, operation: str, params: Mapping[str, Any]
) -> tuple[str | None, tuple[int, dict[str, Any]] | Exception]:
    """Return the code in the call log, None for a success, and the answer or what is raised in its place."""
    try:
        answer = _answered(caller, operation, params)
    except _faults.Fault as fault:
        status, answer = fault.answer()
        return answer["Error"]["Code"], (status, _with_metadata(answer, status))
    except _faults.Unanswered as fault:
        return fault.code, fault.exception(caller.region)
    except NotStubbedError as problem:
        return "NotStubbed", problem
    return None, (200, _with_metadata(answer, 200))


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
