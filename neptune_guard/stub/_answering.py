"""One call from its parameters to its answer: planned fault, validation, operation."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any, NoReturn

from neptune_guard._hook import SERVICES
from neptune_guard._rules._request import account, is_exact, plain
from neptune_guard.exceptions import ConfigurationError, NotStubbedError
from neptune_guard.stub import _arguments, _calls, _clock, _faults, _lookups, _validation, _views
from neptune_guard.stub._caller import Caller, caller_of
from neptune_guard.stub._state import State
from neptune_guard.stub.operations import OPERATIONS


def respond(
    state: State, operation: str, params: Mapping[str, Any], region: str, account_id: str | None
) -> tuple[int, dict[str, Any]]:
    """Answer a call and log it; the arguments are those of `NeptuneStub.respond`."""
    operation, region = _arguments.text(operation, "operation"), _arguments.called_region(region)
    if account_id is not None:
        account_id = account(account_id)
    if not isinstance(params, Mapping):
        raise ConfigurationError(f"params has type {type(params).__name__}; give a dict")
    given: dict[str, Any] = dict(params)
    if not is_exact(given):
        given = plain(given)  # no method of the caller's own types runs
    kept, has_secrets = _calls.kept(operation, given)
    with state.transaction():
        caller = caller_of(state, region, account_id)
        if caller.settings.tick:
            _clock.move(state, caller.now, caller.settings.tick)
        error, result = _outcome(caller, operation, given, has_secrets)
        state.log.add(_calls.logged(operation, kept, region, caller.account_id, error))
    if isinstance(result, Exception):
        raise result
    return result


def describe_key(state: State, key_id: str, region: str, account_id: str | None) -> dict[str, Any] | None:
    """Describe a key; the arguments are those of `NeptuneStub.describe_key`."""
    key_id, region = _arguments.text(key_id, "key_id"), _arguments.called_region(region)
    if account_id is not None:
        account_id = account(account_id)
    with state.transaction():
        caller = caller_of(state, region, account_id)
        imagine = bool(caller.settings.imagine) and _validation.is_sound("KmsKeyId", key_id)
        key = _lookups.key(caller, key_id, imagine=imagine)
    return _views.key_view(key) if key else None


def refuse(state: State, operation: str, region: str, account_id: str) -> NoReturn:
    """Refuse the call of another service, which would leave the process; its parameters are not ours to keep."""
    with state.transaction():
        state.log.add(_calls.logged(operation, "{}", region, account_id, "NotStubbed"))
    if operation.partition(".")[0] in SERVICES:  # these do not come here as long as the stub's guard is there
        raise NotStubbedError(
            f"{operation} was not sent: the guard of the stub's session is gone; pass stub= and services= to the "
            "register() that replaced it"
        )
    raise NotStubbedError(f"the stub does not answer {operation}, and a session of the stub calls no real service")


def _outcome(
    caller: Caller, operation: str, params: dict[str, Any], has_secrets: bool
) -> tuple[str | None, tuple[int, dict[str, Any]] | Exception]:
    """Return the code in the call log, None for a success, and the answer or what is raised in its place."""
    try:
        answer = _answered(caller, operation, params, has_secrets)
    except _faults.Fault as fault:
        status, answer = fault.answer()
        return answer["Error"]["Code"], (status, _with_metadata(answer, status))
    except _faults.Unanswered as fault:
        return fault.code, fault.exception(caller.region)
    except NotStubbedError as problem:
        return "NotStubbed", problem
    return None, (200, _with_metadata(answer, 200))


def _answered(caller: Caller, operation: str, params: dict[str, Any], has_secrets: bool) -> dict[str, Any]:
    known = OPERATIONS.get(operation)
    if known is None:
        raise NotStubbedError(f"the stub has no {operation[:100]}; it knows {', '.join(sorted(OPERATIONS))}")
    if caller.settings.planned_faults:
        planned = caller.state.next_fault(operation)
        if planned:
            _faults.refuse(planned.code, planned.message)
    _validation.validate(operation, known, params, caller)
    _validation.refuse_long_numbers(params)
    try:
        return known.run(caller, _storable(params) if has_secrets else params)
    except UnicodeEncodeError:
        _faults.refuse("InvalidParameterValue", "The request has text that is not Unicode: half of a surrogate pair.")


def _storable(params: dict[str, Any]) -> dict[str, Any]:
    """Return parameters as an operation may store them; a signed URL in a tag is not kept."""
    storable = _calls.without_secrets(params)
    if "Filters" in params:  # which are compared and never stored
        storable["Filters"] = params["Filters"]
    return storable


def _with_metadata(answer: dict[str, Any], status: int) -> dict[str, Any]:
    request_id = f"{random.getrandbits(128):032x}"
    answer["ResponseMetadata"] = {
        "RequestId": request_id,
        "HTTPStatusCode": status,
        "HTTPHeaders": {"x-amzn-requestid": request_id, "content-type": "text/xml"},
        "RetryAttempts": 0,
    }
    return answer
