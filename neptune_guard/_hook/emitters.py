"""What a guard can be registered on, the handlers that it puts there, and which guard an emitter holds."""

from __future__ import annotations

import inspect
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from itertools import count
from typing import Any, Literal, NamedTuple, Protocol, TypeVar, cast
from weakref import ReferenceType, WeakKeyDictionary, ref


class Emitter(Protocol):
    """The part of botocore's event emitter that is used here."""

    def emit(self, event_name: str, **kwargs: Any) -> Any: ...  # pragma: no cover
    def register(self, event_name: str, handler: Any, unique_id: Any = None) -> None: ...  # pragma: no cover
    def register_first(self, event_name: str, handler: Any, unique_id: Any = None) -> None: ...  # pragma: no cover
    def register_last(self, event_name: str, handler: Any, unique_id: Any = None) -> None: ...  # pragma: no cover
    def unregister(self, event_name: str, handler: Any = None, unique_id: Any = None) -> None: ...  # pragma: no cover


class Handler(NamedTuple):
    """A handler and where it goes: the event's name, and `register_first`, `register` or `register_last`.

    One that is `shared` is the same function for every guard.
    """

    event: str
    how: Literal["register_first", "register", "register_last"]
    handle: Callable[..., Any]
    shared: bool = False


Function = TypeVar("Function", bound=Callable[..., Any])
_SIGNATURE = inspect.Signature([inspect.Parameter("kwargs", inspect.Parameter.VAR_KEYWORD)])


def handler(function: Function) -> Function:
    """Mark a function as a handler: botocore looks at the signature of each handler that is registered.

    Reading this one takes a third of the time, and a session of a stub registers dozens of handlers for every test.
    """
    function.__signature__ = _SIGNATURE  # type: ignore[attr-defined]  # functions take any attribute
    return function


class Holder(Protocol):
    """What an emitter can hold: a guard."""

    number: int
    entered: bool
    unregistered: bool

    def handlers(self) -> Iterable[Handler]:
        """Return the handlers that make the guard work."""
        ...  # pragma: no cover

    def finishers(self) -> Iterable[Handler]:
        """Return the handlers that stay when those are taken off, for calls that are on their way."""
        ...  # pragma: no cover


AnyHolder = TypeVar("AnyHolder", bound=Holder)
_WHO = "neptune-guard-who"
_numbers = count(1)
lock = threading.RLock()
"""Held while the handlers on an emitter change; botocore's own emitters have no lock."""


class _Stack(list[Any]):
    """The guards of one emitter, the active one last, below it those that the end of a `with` block may put back.

    An active guard that was unregistered inside its `with` block stays until the block's end.

    Attributes:
        placed: The guards that may have handlers on the emitter, with the one that tells who is held.
    """

    def __init__(self) -> None:
        super().__init__()
        self.placed: dict[Any, Handler] = {}


# The emitter keeps its stack alive, by way of the handler of `_WHO`: a stack kept here would keep its emitter alive.
_stacks: WeakKeyDictionary[Any, ReferenceType[_Stack]] = WeakKeyDictionary()


def _stack_of(emitter: Emitter) -> _Stack:
    kept = _stacks.get(emitter)
    return (kept and kept()) or _Stack()


class _Held(NamedTuple):
    guard: Any
    stack: _Stack


def _make_lock_anew() -> None:  # pragma: no cover - runs in a forked child, which reports nothing
    global lock
    lock = threading.RLock()


if hasattr(os, "register_at_fork"):  # pragma: no branch - not on Windows
    # The thread that held the lock does not exist in the child.
    os.register_at_fork(after_in_child=_make_lock_anew)


# ---------------------------------------------------------------------- targets


def emitter_of(target: Any) -> tuple[Emitter, Any]:
    """Return the target's emitter, and the botocore session where the target has one.

    Raises:
        TypeError: `target` has no emitter.
    """
    if target is None:
        import boto3  # the awscli has none

        if boto3.DEFAULT_SESSION is None:
            boto3.setup_default_session()
        target = boto3.DEFAULT_SESSION
    for emitter, session in _places(target):
        if all(hasattr(emitter, name) for name in ("emit", "register_first", "register_last", "unregister")):
            return cast(Emitter, emitter), session
    raise TypeError(
        f"cannot register on type {type(target).__name__}; give a boto3 or botocore Session, an aiobotocore "
        "AioSession, a client, an event emitter, or None for boto3's default session"
    )


def _places(target: Any) -> Iterator[tuple[Any, Any]]:
    """Yield what may be the target's emitter, with the session that it belongs to; a class has no emitter in use."""
    if isinstance(target, type):
        return
    session = getattr(target, "_session", target)
    yield getattr(getattr(target, "meta", None), "events", None), None
    yield _component(session), session
    yield target, None


def _component(session: Any) -> Any:
    get_component = getattr(session, "get_component", None)
    return get_component("event_emitter") if callable(get_component) else None


# ---------------------------------------------------------------------- who is held


def next_number() -> int:
    """Return a number that no guard has yet; it makes the unique ids of a guard's handlers its own."""
    return next(_numbers)


def held(emitter: Emitter, kind: type[AnyHolder]) -> AnyHolder | None:
    """Return the guard that an emitter holds, which may be a copy of the emitter that the guard was registered on."""
    try:
        answers = emitter.emit(_WHO)
        if hasattr(answers, "send"):
            answers = _finished(answers)
    except Exception:  # noqa: BLE001 - somebody's handler on "*" is called as well, and may want other arguments
        stack = _stack_of(emitter)
        answers = [(None, _Held(guard, stack)) for guard in stack[-1:]]
    # While one guard takes another's place both answer; the later one is the new one.
    found = (answer.guard for _, answer in answers if isinstance(answer, _Held))
    guards = [guard for guard in found if isinstance(guard, kind) and not guard.unregistered]
    return max(guards, key=lambda guard: guard.number, default=None)


def _finished(coroutine: Any) -> Any:
    """Run a coroutine that has nothing to wait for: aiobotocore's emitter, whose handlers here are plain functions."""
    try:
        coroutine.send(None)
    except StopIteration as end:
        return end.value
    raise RuntimeError("an event handler of neptune_guard waited")  # pragma: no cover - ours are plain functions


# ---------------------------------------------------------------------- putting on and taking off


def put(emitter: Emitter, guard: Holder) -> None:
    """Make an emitter hold a guard, in the place of the one that is there."""
    with lock:
        inherited = held(emitter, type(guard))
        stack = _stack_of(emitter)
        _stacks[emitter] = ref(stack)
        if inherited and inherited not in stack:
            stack[:] = [inherited]
            stack.placed[inherited] = Handler(_WHO, "register", _nobody)  # the other emitter's
        if stack and not stack[-1].entered:
            del stack[:-1]  # only the end of its `with` block could have put these back
        try:
            stack.append(guard)
            _arrange(emitter, stack)
        except BaseException:
            guard.unregistered = True  # nobody gets it, so nobody could take it off
            stack[:] = [each for each in stack if each is not guard]
            _arrange(emitter, stack)
            raise


def take_off(emitter: Emitter, guard: Holder) -> None:
    """Make an emitter hold no guard, if the active one is this one, which was unregistered."""
    with lock:
        stack = _stack_of(emitter)
        if stack and stack[-1] is guard and not guard.entered:
            stack.clear()
        _arrange(emitter, stack)


def put_back(emitter: Emitter, guard: Holder) -> None:
    """End a guard's turn and make the emitter hold the guard that this one replaced, unless that was unregistered.

    A guard that was registered on top of this one stays, and will put back what this one would have. Doing this again
    is harmless.
    """
    with lock:
        stack = _stack_of(emitter)
        stack[:] = [each for each in stack if each is not guard]
        if stack and stack[-1].unregistered and not stack[-1].entered:
            stack.clear()
        _arrange(emitter, stack)


def _nobody(**kwargs: Any) -> None:
    """Answer nothing to the question who is held."""


# New handlers go on before old ones are taken off: at no moment a call finds none.


def _arrange(emitter: Emitter, stack: _Stack) -> None:
    """Put the handlers of the stack's last guard on, and take those of all others off.

    An exception, such as that of a signal handler, may leave this half done, be it inside the emitter. Doing it again
    ends it.
    """
    active: Any = stack[-1] if stack else None
    if active:
        who = stack.placed.setdefault(active, Handler(_WHO, "register", lambda **kwargs: _Held(active, stack)))
        extend(emitter, active, [who] if active.unregistered else [who, *active.handlers()])
    for guard, who in [*stack.placed.items()]:
        if guard is not active or guard.unregistered:
            _let_finish(emitter, guard)
            _remove(emitter, guard, guard.handlers())
        if guard is not active:
            _remove(emitter, guard, [who])
            del stack.placed[guard]
    if not active:
        _stacks.pop(emitter, None)
    # An emitter that was interrupted may not look up anew what it has.
    emitter.register(_WHO, _nobody, unique_id=_WHO)
    emitter.unregister(_WHO, unique_id=_WHO)


def extend(emitter: Emitter, guard: Holder, handlers: Iterable[Handler]) -> None:
    """Register further handlers of a guard, under unique ids of their own.

    A unique id is one for all events of an emitter: a second handler with the same id would silently be dropped.
    """
    for event, how, handle, _ in handlers:
        getattr(emitter, how)(event, handle, unique_id=_unique_id(guard, event))


def _let_finish(emitter: Emitter, guard: Holder) -> None:
    # They are the same for every guard: under one id they stay once, however many guards leave between two attempts.
    for event, how, handle, _ in guard.finishers():
        getattr(emitter, how)(event, handle, unique_id=f"neptune_guard:finish:{event}")


def _remove(emitter: Emitter, guard: Holder, handlers: Iterable[Handler]) -> None:
    for event, _, handle, shared in handlers:
        emitter.unregister(event, unique_id=_unique_id(guard, event))
        if not shared:
            emitter.unregister(event, handle)  # an emitter that was interrupted may have forgotten its id


def _unique_id(guard: Holder, event: str) -> str:
    return f"neptune_guard:{guard.number}:{event}"
