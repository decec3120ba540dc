"""The handlers on botocore's events, and what registers them. Only this file knows that events exist."""

from __future__ import annotations

import copy
import logging
import os
import re
import threading
from collections.abc import Callable, Iterable
from contextlib import suppress
from contextvars import ContextVar
from types import TracebackType
from typing import Any, Literal, NamedTuple, Protocol, cast

import botocore

from neptune_guard import _config, _prefill
from neptune_guard._answers import Answer, Attempts, WireResponse, fresh, is_retried, short_circuit
from neptune_guard._config import Mode
from neptune_guard._request import Request
from neptune_guard._rules import Ruleset
from neptune_guard._targets import Emitter, emitter_of
from neptune_guard._violations import Rule, Severity, Violation, describe_all, printable, redacted
from neptune_guard.exceptions import ConfigurationError, ConstraintViolationError, RuleError

logger = logging.getLogger("neptune_guard")

OnViolation = Callable[[tuple[Violation, ...], dict[str, Any], "str | None"], object]


class Responder(Protocol):
    """Whatever answers in Amazon's place: a `neptune_guard.stub.NeptuneStub`, or five lines of your own."""

    def respond(self, operation: str, params: dict[str, Any], *, region: str, account_id: str | None) -> Answer:
        """Answer one call.

        Args:
            operation: The API operation, `CopyDBClusterSnapshot`.
            params: The parameters as the caller gave them, after pre-filling; to be read, not changed.
            region: The client's Region.
            account_id: The account given to `register`, None where none was.

        Returns:
            The HTTP status, and the answer as botocore parses it; an error is
            `{"Error": {"Code": ..., "Message": ...}}`.
        """
        ...  # pragma: no cover - a protocol has no body


class _Event(NamedTuple):
    name: str
    handler: str
    register: Literal["register_first", "register", "register_last"]
    unique_id: str


def _event(name: str, handler: str, register: Literal["register_first", "register", "register_last"]) -> _Event:
    # unique_id is one namespace for all of an emitter's events: of two that share one, the second is silently dropped.
    return _Event(name, handler, register, f"neptune_guard:{name}")


_WHO = "neptune-guard-who"
_CHECKS = (
    _event(_WHO, "_present", "register"),
    _event("before-parameter-build.neptune.CopyDBClusterSnapshot", "_fill_and_check", "register_first"),
    _event("before-call.neptune.*", "_answer", "register_first"),
)
_ANSWERS = (
    _event("before-parameter-build.neptune.*", "_hand_on", "register_last"),
    _event("before-call.kms.DescribeKey", "_answer_for_key", "register_first"),
    _event("choose-signer.neptune.*", "_leave_unsigned", "register_first"),
    _event("before-send.neptune.*", "_answer_attempt", "register_first"),
    _event("after-call.neptune.*", "_fill_answer", "register_first"),
)
_PARAMS, _RETRIED = "neptune_guard.params", "neptune_guard.retried"
# before-send is not told which call it belongs to; before-call is, and runs earlier in the same thread or task.
_sending: ContextVar[Attempts | None] = ContextVar("neptune_guard_sending", default=None)
_lock = threading.RLock()


class Guard:
    """The guard on one target, made by `register`. A context manager: leaving it unregisters the guard.

    Leaving a `with` block puts back the guard that this one replaced, unless that was unregistered meanwhile.

    Attributes:
        mode: `"strict"`, `"warn"` or `"off"`.
    """

    def __init__(
        self,
        emitter: Emitter,
        *,
        mode: Mode,
        prefill: bool = True,
        stub: Responder | None = None,
        ruleset: Ruleset | None = None,
        account_id: str | None = None,
        on_violation: OnViolation | None = None,
        every_key: bool = False,
    ) -> None:
        self.mode: Mode = mode
        self._emitter = emitter
        self._prefill = prefill
        self._stub = stub
        self._ruleset = ruleset or Ruleset()
        self._account_id = account_id
        self._on_violation = on_violation
        self._unregistered = False
        self._entered = False
        self._every_key = every_key
        self._replaced: Guard | None = None

    def __repr__(self) -> str:
        return f"<neptune_guard.Guard mode={self.mode}>"  # not `active`: botocore logs the repr while it emits

    @property
    def active(self) -> bool:
        """Whether the target's emitter holds this guard now. Clients made earlier may hold another one."""
        return not self._unregistered and _held(self._emitter) is self

    def unregister(self) -> None:
        """Take the guard off its target, and make it inert on every client that was made with it."""
        with _lock:
            if _held(self._emitter) is self:
                _remove(self._emitter)
            self._unregistered = True

    def __enter__(self) -> Guard:
        self._entered = True
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with _lock:
            holder = _held(self._emitter)
            self.unregister()
            if holder is self and self._replaced and not self._replaced._unregistered:
                _install(self._emitter, self._replaced)
            while holder and holder is not self:
                # A guard registered inside the block is still there; what it will put back is what this one would have.
                if holder._replaced is self:
                    holder._replaced = self._replaced
                holder = holder._replaced

    @property
    def account_id(self) -> str | None:
        """The caller's account, as given to `register`."""
        return self._account_id

    @property
    def ruleset(self) -> Ruleset:
        """The rules that requests are checked against."""
        return self._ruleset

    @property
    def answers(self) -> bool:
        """Whether a stub answers in Amazon's place."""
        return self._stub is not None

    def extend_to(self, client: Any) -> None:
        """Guard and answer another client like this one's, whatever key it asks KMS about."""
        twin = copy.copy(self)
        twin._emitter, twin._every_key, twin._replaced = client.meta.events, True, None
        attach(twin)

    def _events(self) -> tuple[_Event, ...]:
        return _CHECKS if self._stub is None else _CHECKS + _ANSWERS

    def _present(self, **kwargs: Any) -> Guard:
        return self

    # ------------------------------------------------------------------ filling and checking

    def _fill_and_check(self, params: dict[str, Any], context: dict[str, Any], **kwargs: Any) -> None:
        """Complete the request and look at it. In warn mode nothing that goes wrong here reaches the caller."""
        if self._unregistered:
            return
        try:
            presigning = context.get("is_presign_request")
            request = Request(params, None if presigning else context.get("client_region"), self._account_id)
            if self._prefill and not presigning:
                # A new top-level name, in a dict that botocore made for this call: what the caller owns stays as it is.
                params.update(_prefill.additions(request))
            if self.mode != "off":
                self._check(request)
        except Exception as problem:
            if self.mode == "strict":
                raise
            _log("neptune_guard failed; the request goes on unchecked", exc_info=problem)

    def _check(self, request: Request) -> None:
        strict = self.mode == "strict"
        violations = tuple(self._ruleset.check(request, None if strict else _log_crash))
        if not violations:
            return
        self._report(violations, request)
        for line in describe_all(each for each in violations if not strict or each.severity is Severity.WARNING):
            _log("%s", line)
        if strict and any(each.severity is Severity.ERROR for each in violations):
            raise ConstraintViolationError(violations=violations)

    def _report(self, violations: tuple[Violation, ...], request: Request) -> None:
        if self._on_violation is None:
            return
        try:
            params = {name: _copied(name, value) for name, value in redacted(request.params).items()}
            self._on_violation(violations, params, request.region)
        except Exception as problem:  # noqa: BLE001 - it is the user's, and a metric is not worth a request
            _log("on_violation failed; the request is treated as without it", exc_info=problem)

    # ------------------------------------------------------------------ answering

    def _hand_on(self, params: dict[str, Any], context: dict[str, Any], **kwargs: Any) -> None:
        """Keep the parameters for before-call, where they are in wire form; the same dict, so pre-filling shows."""
        if not self._unregistered:
            context[_PARAMS] = params

    def _answer(self, model: Any, context: dict[str, Any], **kwargs: Any) -> Any:
        """Answer in Amazon's place; without a stub botocore goes on, its own injection of PreSignedUrl included."""
        _sending.set(None)
        stub = self._stub
        if stub is None or self._unregistered:
            return None
        params, region = context.pop(_PARAMS, {}), context["client_region"]

        def respond() -> Answer:
            answer = stub.respond(model.name, params, region=region, account_id=self._account_id)
            return answer if getattr(stub, "answers_are_fresh", False) is True else fresh(answer)

        answer = respond()
        if not is_retried(answer):
            return short_circuit(answer)
        context[_RETRIED] = Attempts(respond, answer)
        _sending.set(context[_RETRIED])
        return None

    def _answer_for_key(self, params: dict[str, Any], context: dict[str, Any], **kwargs: Any) -> Any:
        """Answer KMS about the keys of a stub that has some; every other key is KMS's own affair."""
        describe = getattr(self._stub, "describe_key", None)
        if describe is None or self._unregistered:
            return None
        key_id = _kms_key_id(params)
        found = describe(key_id, region=context["client_region"], account_id=self._account_id)
        if found is not None:
            return short_circuit((200, {"KeyMetadata": found}))
        missing = {"Code": "NotFoundException", "Message": f"Key {key_id} does not exist"}
        return short_circuit((400, {"Error": missing})) if self._every_key else None

    def _leave_unsigned(self, context: dict[str, Any], **kwargs: Any) -> Any:
        """An attempt that is answered here needs no signature, hence no credentials."""
        return botocore.UNSIGNED if _RETRIED in context else None

    def _answer_attempt(self, request: Any, event_name: str, **kwargs: Any) -> WireResponse | None:
        attempts = _sending.get()
        return WireResponse(request.url, event_name.rpartition(".")[2], attempts.next()) if attempts else None

    def _fill_answer(self, parsed: dict[str, Any], context: dict[str, Any], **kwargs: Any) -> None:
        """Put the answer that came after retries in the place of the empty one that went through the parser."""
        attempts = context.pop(_RETRIED, None)
        _sending.set(None)
        if attempts and "Error" not in attempts.answer[1]:
            parsed.update({name: value for name, value in attempts.answer[1].items() if name != "ResponseMetadata"})


def _log(text: str, *values: object, exc_info: BaseException | None = None) -> None:
    """Log a warning; a filter or handler that fails does not stop the request."""
    with suppress(Exception):
        logger.warning(text, *values, exc_info=exc_info)


def _log_crash(error: RuleError) -> None:
    _log("%s; the request goes on without it", error, exc_info=error.__cause__)


def _kms_key_id(params: dict[str, Any]) -> str:
    """Return the KeyId of a DescribeKey request, which at before-call is a JSON body."""
    import json

    return str(json.loads(params["body"])["KeyId"])


def _copied(name: str, value: Any) -> Any:
    """Return a deep copy, or what can be printed of a value that cannot be copied."""
    try:
        return copy.deepcopy(value)
    except Exception:  # noqa: BLE001 - a caller's object may fail in any way when it is copied
        return printable(name, value)


# ---------------------------------------------------------------------- registering


def register(
    target: Any = None,
    *,
    mode: str | None = None,
    prefill: bool = True,
    stub: Responder | bool | str | None = None,
    rules: Iterable[Rule] = (),
    ignore: Iterable[str] = (),
    account_id: str | None = None,
    on_violation: OnViolation | None = None,
) -> Guard:
    """Guard every CopyDBClusterSnapshot of a session or client: complete it, check it, and with a stub answer it.

    A session reaches only the clients that are made afterwards, so call this at start-up. Registering again replaces
    the earlier guard of the same target; on a client it replaces the guard that came from its session.

    Args:
        target: A boto3, botocore or aiobotocore session, a client of any of them, or an event emitter. None stands for
            boto3's default session.
        mode: `"strict"` raises when an error is found, `"warn"` logs, `"off"` does not check. Where it is not given:
            `NEPTUNE_GUARD_MODE`, then `neptune_guard_mode` of the session's AWS profile, then `"warn"`.
        prefill: Whether to add SourceRegion to a copy from another Region.
        stub: True for a `NeptuneStub` that imagines whatever was not added to it, the path of a stub's state file,
            or anything with a `respond` method. With a stub no Neptune call reaches the network. Where it is not given:
            `NEPTUNE_GUARD_STUB` or `neptune_guard_stub` may name a state file; False says that there is none.
        rules: Rules of your own, made with `neptune_guard.rule`.
        ignore: Ids of rules to leave out, or prefixes that end in `*`. Where it is not given: `NEPTUNE_GUARD_IGNORE`
            or `neptune_guard_ignore`, separated by commas.
        account_id: The caller's account, twelve digits, where it is known.
        on_violation: Called as `on_violation(violations, params, region)` whenever something was found, with a copy of
            the parameters in which PreSignedUrl is redacted. What it raises is logged.

    Returns:
        The guard, active until `unregister()` or the end of a `with` block.

    Raises:
        TypeError: `target` is none of these.
        ConfigurationError: A setting, a rule or the AWS profile cannot be used.
    """
    emitter, session = emitter_of(target)
    if account_id is not None and not re.fullmatch("[0-9]{12}", account_id if isinstance(account_id, str) else ""):
        what = repr(account_id) if isinstance(account_id, str) else f"a {type(account_id).__name__}"
        raise ConfigurationError(f"account_id is {what}; give twelve digits as a string")
    if on_violation is not None and not callable(on_violation):
        raise ConfigurationError(f"on_violation is a {type(on_violation).__name__}; give a function")
    profile = _config.profile_of(session)
    guard = Guard(
        emitter,
        mode=_config.mode(mode, profile),
        prefill=prefill,
        stub=_responder(stub, profile),
        ruleset=Ruleset(rules, _config.ignore(ignore, profile)),
        account_id=account_id,
        on_violation=on_violation,
    )
    from neptune_guard import _waiting

    if hasattr(target, "meta"):
        _waiting.add_to_client(target)
    else:
        _waiting.add_to_session(emitter)
    return attach(guard)


def attach(guard: Guard) -> Guard:
    """Put a guard on its emitter, in the place of the one that is there."""
    with _lock:
        earlier = _held(guard._emitter)
        if earlier:
            _remove(guard._emitter)
            if not earlier._entered and earlier._emitter is guard._emitter:
                earlier._replaced = None
        guard._replaced = earlier
        _install(guard._emitter, guard)
    return guard


def held_by(client: Any) -> Guard | None:
    """Return the guard that a client or session carries, None where there is none or it was unregistered."""
    guard = _held(emitter_of(client)[0])
    return guard if guard and not guard._unregistered else None


def _install(emitter: Emitter, guard: Guard) -> None:
    for event in guard._events():
        getattr(emitter, event.register)(event.name, getattr(guard, event.handler), unique_id=event.unique_id)


def _remove(emitter: Emitter) -> None:
    for event in _CHECKS + _ANSWERS:
        emitter.unregister(event.name, unique_id=event.unique_id)


def _held(emitter: Emitter) -> Guard | None:
    """Ask the emitter itself: it may be a copy of the one that the guard was registered on."""
    answers = emitter.emit(_WHO)
    if hasattr(answers, "send"):
        answers = _finished(answers)
    # A handler on "*" is asked too.
    return next((answer for _, answer in answers if isinstance(answer, Guard)), None)


def _finished(coroutine: Any) -> Any:
    """Run a coroutine that has nothing to wait for: aiobotocore's emitter, whose handlers here are plain functions."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    raise RuntimeError("an event handler of neptune_guard waited")  # pragma: no cover - ours are plain functions


def _responder(stub: Any, profile: _config.Profile) -> Responder | None:
    if stub is None:
        stub = _config.stub_path(profile)
    if hasattr(stub, "respond") and not isinstance(stub, type):
        return cast(Responder, stub)
    if not stub:
        return None
    if stub is not True and not hasattr(stub, "__fspath__") and not isinstance(stub, str):
        raise ConfigurationError(
            f"stub is a {type(stub).__name__}; give True, a NeptuneStub, a path, or an object with respond()"
        )
    from neptune_guard.stub import NeptuneStub

    if stub is True:
        return cast(Responder, NeptuneStub(imagine=True))
    # Where there is no state file yet, nobody can have added anything to it; an existing one says what it wants.
    return cast(Responder, NeptuneStub(stub, imagine=None if os.path.exists(stub) else True))
