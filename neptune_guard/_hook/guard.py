"""The guard: it completes every request, checks it, and hands it to a responder where there is one."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from contextvars import ContextVar
from typing import Any, Literal

from neptune_guard._hook import emitters, prefill, settings
from neptune_guard._hook.answering import Answering, Responder
from neptune_guard._hook.emitters import Emitter, Handler
from neptune_guard._hook.settings import Mode, Setting
from neptune_guard._printing import Opaque, escaped, redacted, redacted_text, type_name
from neptune_guard._rules import GUARDED, Request, Rule, Ruleset
from neptune_guard._rules._request import plain
from neptune_guard._violations import Severity, Violation, describe, errors
from neptune_guard.exceptions import ConfigurationError, ConstraintViolationError, RuleError

logger = logging.getLogger("neptune_guard")

OnViolation = Callable[[tuple[Violation, ...], dict[str, Any], "str | None"], object]
Service = Literal["neptune", "rds", "docdb"]
SERVICES: tuple[Service, ...] = ("neptune", "rds", "docdb")
_COPY = "CopyDBClusterSnapshot"
_OWNER, _CHECKED, _FILLED = "neptune_guard.owner", "neptune_guard.checked", "neptune_guard.filled"
_LEVELS = {Severity.ERROR: logging.ERROR, Severity.WARNING: logging.WARNING}
_MOST_RECORDS = 20
_reporting: ContextVar[bool] = ContextVar("neptune_guard_reporting", default=False)


class Guard:
    """The guard on one target, made by `register`. A context manager: leaving it unregisters the guard.

    Leaving a `with` block puts back the guard that this one replaced, unless that was unregistered meanwhile.
    """

    def __init__(
        self,
        emitter: Emitter,
        *,
        mode: Setting | None = None,
        ignore: Setting | None = None,
        rules: tuple[Rule, ...] = (),
        prefill: bool = True,
        answering: Answering | None = None,
        account_id: str | None = None,
        on_violation: OnViolation | None = None,
        read_profile: Callable[[Guard], None] | None = None,
        on_release: Callable[[], None] | None = None,
    ) -> None:
        self.number = emitters.next_number()
        self.entered = False
        self.unregistered = False
        self.emitter = emitter
        self.account_id = account_id
        self._answering = answering
        self._rules = rules
        self._prefill = prefill
        self._on_violation = on_violation
        self._read_profile = read_profile
        # What decides about handlers stays as it is: they are found by it again when they are taken off.
        self._reads_profile = read_profile is not None
        self._signed = [each for each in SERVICES if not answering or each not in answering.services]
        self._on_release = on_release
        self._handlers: list[Handler] | None = None
        self._mode_is_given = mode is not None
        self.configure(mode, ignore)

    def configure(self, mode: Setting | None, ignore: Setting | None) -> None:
        """Take the settings that argument, environment or profile gave.

        Raises:
            ConfigurationError: A setting cannot be used.
        """
        self._mode = settings.mode(mode)
        self._ignore = settings.ignored(ignore)
        self._ruleset = Ruleset(self._rules, self._ignore.value, self._ignore.place)

    def __repr__(self) -> str:
        # Neither `active`, which emits an event while botocore may be logging one, nor the profile.
        mode = "?" if self._read_profile and not self._mode_is_given else self._mode
        stub = f" stub={escaped(redacted_text(self._answering.name))}" if self._answering else ""
        return f"<neptune_guard.Guard mode={mode}{stub}>"

    def __deepcopy__(self, memo: dict[int, Any]) -> Guard:
        return self  # a copied session shares its guard, as clients share their session's

    # ------------------------------------------------------------------ what it is

    @property
    def mode(self) -> Mode:
        """`"strict"`, `"warn"` or `"off"`; asking reads the session's AWS profile, if nothing else gives the mode.

        Raises:
            ConfigurationError: The profile cannot be read, or holds a value that cannot be used.
        """
        self.settle()
        return self._mode

    @property
    def ruleset(self) -> Ruleset:
        """The rules that requests are checked against."""
        self.settle()
        return self._ruleset

    @property
    def responder(self) -> Responder | None:
        """What answers in AWS's place, None where AWS does."""
        self.settle()
        return self._answering.responder if self._answering else None

    def responder_for(self, service: str) -> Responder | None:
        """Return what answers the calls of a service, None where AWS does."""
        responder = self.responder
        return responder if self._answering and service in self._answering.services else None

    @property
    def active(self) -> bool:
        """Whether the target's emitter holds this guard now. Clients made earlier may hold another one."""
        return not self.unregistered and emitters.held(self.emitter, Guard) is self

    def settle(self) -> None:
        """Read what the AWS profile has to say, once: a session may get its profile after it got its guard."""
        if self._read_profile is not None:
            with emitters.lock:
                if self._read_profile is not None:  # pragma: no branch - unless another thread was faster
                    self._read_profile(self)
                    self._read_profile = None  # not before: another thread would go on without what was read

    def answer_with(self, answering: Answering) -> None:
        """Let a responder answer that was found after the guard was registered: in the AWS profile."""
        with emitters.lock:
            more = [*self._answer_handlers(answering)]
            self._handlers, self._answering = [*self.handlers(), *more], answering
            if emitters.held(self.emitter, Guard) is self:  # pragma: no branch - unless it was replaced just now
                emitters.extend(self.emitter, self, more)

    # ------------------------------------------------------------------ registering

    def put(self) -> Guard:
        """Put the guard on its emitter, in the place of the one that is there."""
        emitters.put(self.emitter, self)
        return self

    def unregister(self) -> None:
        """Take the guard off its target, and make it inert on every client that was made with it.

        If this is done inside the guard's `with` block, the block's end still puts back what the guard replaced.
        """
        self.unregistered = True
        emitters.take_off(self.emitter, self)
        self._release()

    def __enter__(self) -> Guard:
        if self.unregistered:
            raise ConfigurationError("this guard was unregistered; register another one")
        self.entered = True
        return self

    def __exit__(self, *error: object) -> None:
        try:
            emitters.put_back(self.emitter, self)
        except BaseException:  # a signal handler's; the block ends all the same
            emitters.put_back(self.emitter, self)
            raise
        finally:
            self._release()

    def _release(self) -> None:
        self.unregistered = True
        if self._on_release and emitters.held(self.emitter, Guard) is None:
            self._on_release()

    def extend_to(self, client: Any) -> None:
        """Guard and answer another client as this one's are, whatever key it asks KMS about."""
        self.settle()
        Guard(
            client.meta.events,
            mode=Setting(self._mode, "the first client's guard"),
            ignore=self._ignore,
            rules=self._rules,
            prefill=self._prefill,
            answering=self._answering and self._answering.for_every_key(),
            account_id=self.account_id,
            on_violation=self._on_violation,
        ).put()

    def handlers(self) -> Iterable[Handler]:
        """Return the handlers that make the guard work, always the same ones: they are taken off by what they are."""
        if self._handlers is None:
            self._handlers = [*self._made_handlers()]
        return self._handlers

    def _made_handlers(self) -> Iterator[Handler]:
        for operation, guarded in GUARDED.items():
            for service in guarded.services:
                event = f"before-parameter-build.{service}.{operation}"
                yield Handler(event, "register_last", self._fill_and_check)
        for service in self._signed:
            yield Handler(f"before-call.{service}.{_COPY}", "register_first", self._take_out_region)
        for service in SERVICES if self._reads_profile else ():
            yield Handler(f"creating-client-class.{service}", "register_first", self._on_client)
        if self._answering:
            yield from self._answer_handlers(self._answering)

    def _answer_handlers(self, answering: Answering) -> Iterator[Handler]:
        for event, how, handle, _ in answering.handlers():
            yield Handler(event, how, self._for_owner(handle))
        yield from answering.carriers()

    def finishers(self) -> Iterator[Handler]:
        """Yield the handlers that stay when all are taken off, while there are calls to be answered to their end."""
        if self._answering and self._answering.has_calls:
            yield from self._answering.finishers()

    def _for_owner(self, handle: Callable[..., Any]) -> Callable[..., Any]:
        """Return a handler that the guard which saw a call first carries out, even once that was replaced.

        The handlers of a guard that was unregistered stay on the clients that were made with it. They claim no further
        calls, which may be another guard's.
        """
        name = handle.__name__

        @emitters.handler
        def handler(**kwargs: Any) -> Any:
            owner = None if self.unregistered else self
            context = kwargs.get("context")
            if context is not None:  # the event before-send does not tell whose call it is
                if owner:
                    context.setdefault(_OWNER, owner)
                owner = context.get(_OWNER)
            return getattr(owner._answering, name)(**kwargs) if owner and owner._answering else None

        return handler

    @emitters.handler
    def _on_client(self, **kwargs: Any) -> None:
        if not self.unregistered:  # pragma: no branch - unless that happened just now
            self.settle()

    # ------------------------------------------------------------------ filling and checking

    @emitters.handler
    def _fill_and_check(
        self, params: dict[str, Any], context: dict[str, Any], event_name: str, model: Any = None, **kwargs: Any
    ) -> None:
        """Complete the request and look at it. In warn mode nothing that goes wrong here reaches the caller."""
        # While one guard takes another's place a call may meet both; the first one checks.
        if self.unregistered or context.setdefault(_CHECKED, self) is not self:
            return
        try:
            _, service, operation = event_name.split(".")
            request = Request(
                operation,
                params,
                service=service,
                region=context.get("client_region"),
                account_id=self.account_id,
                now=getattr(self._answering.responder, "now", None) if self._answering else None,
            )
            if self._prefill and operation == _COPY and not context.get("is_presign_request"):
                self._fill(request, params, context)
            if self._mode != "off":
                self._check(request, model and model.input_shape)
        except Exception as problem:
            if self._mode == "strict":
                raise
            _log(logging.ERROR, "neptune_guard failed; the request goes on unchecked", exc_info=problem)

    def _fill(self, request: Request, params: dict[str, Any], context: dict[str, Any]) -> None:
        region = prefill.source_region(request)
        if region:
            # A new top-level name, in a dict that botocore made for this call: what the caller owns stays as it is.
            params[prefill.NAME] = region
            context[_FILLED] = True

    @emitters.handler
    def _take_out_region(self, params: dict[str, Any], context: dict[str, Any], **kwargs: Any) -> None:
        """Take the filled SourceRegion out again where botocore cannot sign a PreSignedUrl and would fail.

        Credentials are unknown when parameters are filled in. Where a stub answers nothing is signed.
        """
        if _FILLED in context and self._answering is None and not prefill.can_sign(kwargs.get("request_signer")):
            params["body"].pop(prefill.NAME, None)

    def _check(self, request: Request, shape: Any) -> None:
        strict = self._mode == "strict"
        violations = tuple(self._ruleset.check(request, shape, None if strict else _log_crash))
        if not violations:
            return
        self._report(violations, request)
        _log_violations(tuple(each for each in violations if not strict or each.severity is Severity.WARNING))
        if strict and errors(violations):
            raise ConstraintViolationError(violations=violations)

    def _report(self, violations: tuple[Violation, ...], request: Request) -> None:
        """Tell the user's callback, but not of the calls that it makes itself."""
        if self._on_violation is None or _reporting.get():
            return
        token = _reporting.set(True)
        try:
            self._on_violation(violations, _safe_copy(request.params), request.region)
        except Exception as problem:  # noqa: BLE001 - it is the user's, and a metric is not worth a request
            _log(logging.WARNING, "on_violation failed; the request is treated as without it", exc_info=problem)
        finally:
            _reporting.reset(token)


def held_by(target: Any) -> Guard | None:
    """Return the guard that a client or session holds, None where there is none or it was unregistered."""
    return emitters.held(emitters.emitter_of(target)[0], Guard)


def _safe_copy(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return a copy without secrets, in which values of unknown types are named instead."""
    copied: dict[str, Any] = redacted(_named(plain(dict(params))))
    return copied


def _named(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _named(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_named(each) for each in value]
    return type_name(value) if isinstance(value, Opaque) else value


# ---------------------------------------------------------------------- logging


def _log(level: int, text: str, *values: object, exc_info: BaseException | None = None, **extra: object) -> None:
    """Log a record; a filter or handler that fails does not stop the request."""
    with suppress(Exception):
        logger.log(level, text, *values, exc_info=exc_info, extra=extra or None)


def _log_violations(violations: tuple[Violation, ...]) -> None:
    for each in violations[:_MOST_RECORDS]:
        _log(_LEVELS[each.severity], "%s", describe(each), neptune_guard=each.to_dict())
    if len(violations) > _MOST_RECORDS:
        worst = logging.ERROR if errors(violations[_MOST_RECORDS:]) else logging.WARNING
        _log(worst, "and %d more", len(violations) - _MOST_RECORDS)


def _log_crash(error: RuleError) -> None:
    if isinstance(error.__cause__, SystemExit):
        raise error.__cause__  # a rule may end the program
    _log(logging.ERROR, "%s; the request goes on without it", error, exc_info=error.__cause__)
