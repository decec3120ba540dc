"""A responder that answers calls in AWS's place."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextvars import ContextVar
from typing import Any, Protocol
from weakref import WeakSet

import botocore

from neptune_guard._arn import parse
from neptune_guard._hook.emitters import Handler, handler
from neptune_guard._hook.wire import (
    CONNECTION_FAULTS,
    Answer,
    Attempts,
    ConnectionFault,
    WireResponse,
    fresh,
    is_retried,
    short_circuit,
)
from neptune_guard._printing import redacted_text
from neptune_guard.exceptions import NotStubbedError

_PARAMS, _RETRIED = "neptune_guard.params", "neptune_guard.retried"
# The event before-send does not name the call that an attempt belongs to; request-created does, and comes just before
# it in the same thread or task. An attempt that was answered leaves its request: two guards may see it.
_attempt: ContextVar[Any] = ContextVar("neptune_guard_attempt", default=None)


class Responder(Protocol):
    """Whatever answers in AWS's place: a `neptune_guard.stub.NeptuneStub`, or five lines of your own.

    A responder may have more methods, which are used where they are there: `now()` tells the time for the rules that
    need it; `wait(seconds)` lets the time of a waiter pass; `describe_key(key_id, *, region, account_id)` answers KMS's
    DescribeKey, None for a key that is not the responder's; the attribute `imagines` tells a dry run that snapshots
    which nobody added are made up.
    """

    def respond(self, operation: str, params: dict[str, Any], *, region: str, account_id: str | None) -> Answer:
        """Answer one call.

        Args:
            operation: The API operation, `CopyDBClusterSnapshot`.
            params: The parameters as the caller gave them, after pre-filling; to be read, not changed.
            region: The client's Region.
            account_id: The account given to `register`, None without one.

        Returns:
            The HTTP status, and the answer as botocore parses it; an error is
            `{"Error": {"Code": ..., "Message": ...}}`.

        Raises:
            botocore.exceptions.HTTPClientError: The responder plays a connection that failed; botocore retries it. So
                it does for botocore.exceptions.ConnectionError.
        """
        ...  # pragma: no cover - a protocol has no body


class Answering:
    """The handlers through which a responder answers.

    Args:
        responder: What answers.
        services: The services whose calls it answers.
        account_id: The account on whose behalf they are made.
        every_key: Whether keys that the responder does not know are answered too, as unknown ones.
        name: What to call the responder; by default its type's name.
    """

    def __init__(
        self,
        responder: Responder,
        services: tuple[str, ...],
        account_id: str | None,
        *,
        every_key: bool = False,
        name: str = "",
    ) -> None:
        self.name = name or type(responder).__name__
        self.responder = responder
        self.services = services
        self._account_id = account_id
        self._every_key = every_key
        self._on_their_way: WeakSet[Attempts] = WeakSet()

    def for_every_key(self) -> Answering:
        """Return the same for a client that asks KMS about any key."""
        return Answering(self.responder, self.services, self._account_id, every_key=True, name=self.name)

    def handlers(self) -> Iterator[Handler]:
        """Yield the handlers that ask the responder; they are the guard's that saw the call first."""
        for service in self.services:
            yield Handler(f"before-call.{service}.*", "register_first", self.answer)
            yield Handler(f"before-send.{service}", "register_last", self.refuse_attempt)
        yield Handler("before-call.kms.DescribeKey", "register_first", self.answer_for_key)

    def carriers(self) -> Iterator[Handler]:
        """Yield the handlers that carry a call on by what is in its context, whichever guard's it is."""
        for service in self.services:
            yield Handler(f"before-parameter-build.{service}.*", "register_last", hand_on, shared=True)
        yield from self.finishers()

    def finishers(self) -> Iterator[Handler]:
        """Yield those that bring a call to its end which goes through botocore's retries."""
        for service in self.services:
            yield Handler(f"choose-signer.{service}.*", "register_first", leave_unsigned, shared=True)
            yield Handler(f"request-created.{service}", "register_last", note_attempt, shared=True)
            yield Handler(f"before-send.{service}.*", "register_first", answer_attempt, shared=True)
            yield Handler(f"after-call.{service}.*", "register_first", fill_answer, shared=True)

    @property
    def has_calls(self) -> bool:
        """Whether calls are between two attempts; each must be answered to its end, and never be sent."""
        return len(self._on_their_way) > 0

    def answer(self, model: Any, context: dict[str, Any], **kwargs: Any) -> Any:
        """Answer a call, or let it go on to botocore's retries if they should see the answer."""
        if _RETRIED in context:  # another guard's handler was here, while that guard was being replaced
            return None  # pragma: no cover - an instant that no test hits for certain
        if _PARAMS not in context:
            raise NotStubbedError(f"{model.name} was begun before the stub was registered and was not sent; call again")
        params, region = context.pop(_PARAMS), context["client_region"]

        def respond() -> Answer:
            return fresh(self.responder.respond(model.name, params, region=region, account_id=self._account_id))

        try:
            first: Answer | ConnectionFault = respond()
        except CONNECTION_FAULTS as fault:
            first = fault
        if not isinstance(first, CONNECTION_FAULTS) and not is_retried(first):
            return short_circuit(first)
        context[_RETRIED] = Attempts(respond, first)
        self._on_their_way.add(context[_RETRIED])
        return None

    def refuse_attempt(self, request: Any, event_name: str, **kwargs: Any) -> None:
        """Refuse an attempt that nobody answered; it must not reach the network."""
        if _attempt.get() is not request:
            raise NotStubbedError(
                f"an attempt of {event_name.rpartition('.')[2]} has no answer; it was not sent, since a stub is "
                "registered"
            )

    def answer_for_key(self, params: dict[str, Any], context: dict[str, Any], **kwargs: Any) -> Any:
        """Answer KMS about the keys of a responder that has some; every other key is left to KMS."""
        describe = getattr(self.responder, "describe_key", None)
        if describe is None:
            return None
        key_id = json.loads(params["body"]).get("KeyId")
        if not isinstance(key_id, str) or not key_id.isprintable():
            return None
        region = context["client_region"]
        found = describe(key_id, region=region, account_id=self._account_id)
        return short_circuit(about_key(found, key_id, region)) if found is not None or self._every_key else None


def about_key(found: Mapping[str, Any] | None, key_id: str, region: str) -> Answer:
    """Return KMS's answer to DescribeKey.

    A key of another Region cannot be described by its ARN: "Invalid arn us-west-1" was recorded in
    https://github.com/nakedible/openssl-engine-kms/issues/1 and https://github.com/pulumi/pulumi/issues/17022.

    Args:
        found: The KeyMetadata, None without such a key.
        key_id: The key's id, alias or ARN as it was asked for.
        region: The client's Region.
    """
    arn = parse(key_id, "kms")
    if arn and arn.region != region:
        return _no_key(f"Invalid arn {arn.region}")
    return _no_key(f"Key '{key_id}' does not exist") if found is None else (200, {"KeyMetadata": dict(found)})


def _no_key(words: str) -> Answer:
    return 400, {"Error": {"Code": "NotFoundException", "Message": redacted_text(words)}}


# ---------------------------------------------------------------------- handlers of any guard's calls


@handler
def hand_on(params: dict[str, Any], context: dict[str, Any], **kwargs: Any) -> None:
    """Keep the parameters for before-call, where they are in wire form; the same dict, so pre-filling shows."""
    context[_PARAMS] = params


@handler
def leave_unsigned(context: dict[str, Any], **kwargs: Any) -> Any:
    """Leave an attempt that is answered here without a signature, hence without credentials."""
    return botocore.UNSIGNED if _RETRIED in context else None


@handler
def note_attempt(request: Any, **kwargs: Any) -> None:
    """Remember the call that the next attempt belongs to, after any call that another handler makes here."""
    _attempt.set(request.context.get(_RETRIED))


@handler
def answer_attempt(request: Any, event_name: str, **kwargs: Any) -> WireResponse | None:
    """Answer an attempt of a call that a responder answers."""
    attempts = _attempt.get()
    if not isinstance(attempts, Attempts):
        return None
    _attempt.set(request)
    return WireResponse(request.url, event_name.rpartition(".")[2], attempts.next())


@handler
def fill_answer(parsed: dict[str, Any], context: dict[str, Any], **kwargs: Any) -> None:
    """Put the answer that came after retries in the place of what went through the parser, which is less."""
    attempts = context.pop(_RETRIED, None)
    if attempts:
        parsed.update({name: value for name, value in attempts.answer[1].items() if name != "ResponseMetadata"})
