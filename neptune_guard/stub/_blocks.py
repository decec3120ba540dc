"""Blocks that end whatever happens in them, even where a signal's exception arrives between two instructions."""

from __future__ import annotations

from collections.abc import Callable, Generator
from functools import partial, wraps
from types import TracebackType
from typing import Any, ParamSpec
from weakref import ReferenceType, ref

Steps = Generator[None, None, None]
Parameters = ParamSpec("Parameters")


def block(function: Callable[Parameters, Steps]) -> Callable[Parameters, Block]:
    """Make a `with` block of a generator function, as `contextlib.contextmanager` does, but one that always ends.

    Python runs a signal's handler as a function starts or after a call returns, and the handler may raise
    (KeyboardInterrupt, a watchdog). `contextmanager` loses its generator there: it stays where it waits for the end
    of the block, with its lock and its transaction, for as long as somebody keeps the exception.

    Args:
        function: Returns a generator that yields once. Its cleanup calls built-in functions only: a signal's exception
            can arrive as a function written in Python starts, before the first line of it.

    Returns:
        A function with the same parameters that returns the `with` block.
    """

    @wraps(function)
    def enter(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Block:
        return Block(function(*args, **kwargs))

    return enter


class Block:
    """A `with` block around what a generator does before and after its `yield`."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps

    def __enter__(self) -> None:
        try:
            next(self._steps)
        except BaseException:
            self._steps.close()
            raise

    @property
    def __exit__(self) -> Callable[..., None]:
        # The running `with` statement keeps this object, and this object alone keeps the generator. An exception that
        # arrives as `_end` starts has only the weak reference in its traceback: when it leaves the statement, the
        # generator goes, and Python closes a generator that goes.
        ending = _Ending(_end, ref(self._steps))
        ending.steps = self._steps
        return ending


class _Ending(partial[None]):
    steps: Steps


def _end(
    reference: ReferenceType[Steps],
    kind: type[BaseException] | None,
    error: BaseException | None,
    trace: TracebackType | None,
) -> None:
    steps: Any = None
    try:
        steps = reference()
        if error is None:
            next(steps, None)
        else:
            steps.throw(error)
    except BaseException as problem:
        if problem is not error:
            raise
        problem.__traceback__ = trace  # without the frames of this module
    finally:
        if steps is not None:  # pragma: no branch - unless an exception came before the first line
            steps.close()
