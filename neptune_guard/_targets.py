"""What a guard can be registered on, and the emitter behind it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Protocol, cast


class Emitter(Protocol):
    """The part of botocore's event emitter that is used here."""

    def emit(self, event_name: str, **kwargs: Any) -> Any: ...  # pragma: no cover
    def register(self, event_name: str, handler: Any, unique_id: Any = None) -> None: ...  # pragma: no cover
    def register_first(self, event_name: str, handler: Any, unique_id: Any = None) -> None: ...  # pragma: no cover
    def register_last(self, event_name: str, handler: Any, unique_id: Any = None) -> None: ...  # pragma: no cover
    def unregister(self, event_name: str, handler: Any = None, unique_id: Any = None) -> None: ...  # pragma: no cover


def emitter_of(target: Any) -> tuple[Emitter, Any]:
    """Return the target's emitter, and the botocore session where the target has one."""
    if target is None:
        import boto3

        if boto3.DEFAULT_SESSION is None:
            boto3.setup_default_session()
        target = boto3.DEFAULT_SESSION
    for emitter, owner in _places(target):
        if all(hasattr(emitter, name) for name in ("emit", "register_first", "register_last", "unregister")):
            return cast(Emitter, emitter), owner
    raise TypeError(
        f"cannot register on a {type(target).__name__}; give a boto3 or botocore Session, an aiobotocore AioSession, "
        "a client, an event emitter, or None for boto3's default session"
    )


def _places(target: Any) -> Iterator[tuple[Any, Any]]:
    """Yield what may be the target's emitter, with the session that it belongs to; of a class nothing is in use."""
    if isinstance(target, type):
        return
    session = getattr(target, "_session", target)
    yield getattr(getattr(target, "meta", None), "events", None), None
    yield _component(session), session
    yield target, None


def _component(session: Any) -> Any:
    get_component = getattr(session, "get_component", None)
    return get_component("event_emitter") if callable(get_component) else None
