"""A boto3 session that nothing outside the process takes part in."""

from __future__ import annotations

import copy
import os
from collections.abc import Callable
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NoReturn

import boto3
import botocore.handlers
import botocore.session
from botocore.config import Config
from botocore.hooks import HierarchicalEmitter
from botocore.retries import adaptive

from neptune_guard import _waiting
from neptune_guard._data import loader
from neptune_guard._hook import SERVICES, Answering, Guard, Setting
from neptune_guard._hook.emitters import handler
from neptune_guard._hook.wire import short_circuit
from neptune_guard.stub import _views

if TYPE_CHECKING:
    from neptune_guard.stub import NeptuneStub

# Session variables of botocore, cut off from the environment and from ~/.aws; each is its configuration key, its
# environment variable, its default and its converter.
_ALONE: dict[str, Any] = {
    name: (None, None, default, convert)
    for name, (_, _, default, convert) in botocore.session.Session.SESSION_VARIABLES.items()
}
_ALONE |= dict.fromkeys(("config_file", "credentials_file"), (None, None, os.devnull, None))


def session(stub: NeptuneStub, region: str, mode: str, account_id: str, refuse: Refuse) -> boto3.Session:
    """Return a session with made-up credentials whose Neptune is `stub`, and which reaches no other service."""
    # Straight on this emitter: through the session's own, which translates old service names, a registration takes
    # twice as long.
    emitter = _prepared_emitter()
    core = botocore.session.Session(session_vars=_ALONE, event_hooks=emitter, include_builtin_handlers=False)
    core.register_component("data_loader", loader())
    core.set_credentials("stub", "stub")
    alone = Config(ignore_configured_endpoint_urls=True, proxies={})  # type: ignore[call-arg]  # the stubs lack the first
    core.set_default_client_config(alone)
    made = boto3.Session(botocore_session=core, region_name=region)
    _close(emitter, account_id, refuse)
    answering = Answering(stub, SERVICES, account_id, every_key=True)
    Guard(emitter, mode=Setting(mode, "the argument mode"), answering=answering, account_id=account_id).put()
    return made


class _Emitter(HierarchicalEmitter):
    """botocore's emitter, for sessions in which nothing is worth waiting for between two attempts."""

    def register(
        self, event_name: str, handler: Any, unique_id: Any = None, unique_id_uses_count: bool = False
    ) -> None:
        """Register a handler; botocore's retry handlers then retry as they do, after no pause."""
        if getattr(getattr(handler, "__self__", None), "__module__", "") == adaptive.__name__:
            return  # the rate limiter of the mode adaptive, which lets calls wait for each other
        # A client registers its retry handler under such a unique id, whatever its retry mode.
        if event_name.startswith("needs-retry.") and str(unique_id).startswith("retry-config-"):
            handler = _without_pause(handler)
        super().register(event_name, handler, unique_id, unique_id_uses_count)


def _without_pause(needs_retry: Callable[..., Any]) -> Callable[..., Any]:
    def without_pause(**kwargs: Any) -> Any:
        # The seconds until the next attempt, or None or False where there is none.
        seconds = needs_retry(**kwargs)
        return seconds if seconds is None or seconds is False else 0

    return without_pause


# ---------------------------------------------------------------------- botocore's own handlers

_prepared: tuple[list[Any], HierarchicalEmitter] | None = None


def _prepared_emitter() -> HierarchicalEmitter:
    """Return a new emitter with the handlers that all sessions have; registering them anew takes 20 times as long.

    Other libraries, such as moto, add to the built-in handlers when they are imported.
    """
    global _prepared
    builtin = botocore.handlers.BUILTIN_HANDLERS
    if _prepared is None or _prepared[0] != builtin:
        emitter = _Emitter()
        botocore.session.Session(event_hooks=emitter)
        _waiting.add_to_session(emitter)
        emitter.register("request-created", _note_region)
        _prepared = list(builtin), emitter
    return copy.copy(_prepared[1])


# ---------------------------------------------------------------------- other services

Refuse = Callable[[str, str, str], NoReturn]
# before-send is not given the call's context; request-created is, just before it in the same thread.
_region: ContextVar[str] = ContextVar("neptune_guard_stub_region", default="")


@handler
def _note_region(request: Any, **kwargs: Any) -> None:
    _region.set(request.context.get("client_region") or "")


def _close(events: Any, account_id: str, refuse: Refuse) -> None:
    """Let no call leave the process: STS says who is calling, everything else is refused when it would be sent."""

    def answer_identity(context: dict[str, Any], **kwargs: Any) -> Any:
        return short_circuit((200, _views.identity_view(account_id, context.get("client_region") or "")))

    def refuse_to_send(event_name: str, **kwargs: Any) -> _Refusal:
        _, service, operation = event_name.split(".", 2)
        region = _region.get()
        return _Refusal(lambda: refuse(f"{service}.{operation}", region, account_id))

    events.register_first("before-call.sts.GetCallerIdentity", answer_identity)
    events.register_last("before-send", refuse_to_send)


class _Refusal:
    """Stands for the response to a call that must not be sent; whoever looks at it gets the refusal.

    botocore asks every handler of before-send and takes the first response, so another library's answer comes first.
    An exception raised in the handler itself would keep that library from answering, and would be retried.
    """

    def __init__(self, refuse: Callable[[], NoReturn]) -> None:
        self._refuse = refuse

    def __getattr__(self, name: str) -> NoReturn:
        self._refuse()
