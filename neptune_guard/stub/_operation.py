"""The decorator that makes a function an operation of the stub."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from neptune_guard.stub._caller import Caller

Params = Mapping[str, Any]
Answer = dict[str, Any]
Run = Callable[[Caller, Params], Answer]


class Operation(NamedTuple):
    """An operation of the stub.

    Attributes:
        run: The function that answers it. Its parameters have passed every check that needs no state.
        required: The parameters that it must be given.
        parameters: Every parameter that it reads, or accepts because the service does nothing with it either.
    """

    run: Run
    required: tuple[str, ...]
    parameters: frozenset[str]


OPERATIONS: dict[str, Operation] = {}
"""Every operation of the stub by its API name. Its docstring says in docs/stub.md what it does."""

# Words of API names that str.title() would not spell right.
_WORDS = {"db": "DB"}


def operation(*, required: str = "", optional: str = "") -> Callable[[Run], Run]:
    """Make a function an operation of the stub: `copy_db_cluster_snapshot` answers CopyDBClusterSnapshot.

    This is its only registration.

    Args:
        required: The names of the parameters that it must be given, separated by spaces.
        optional: The names of the other parameters that it knows. A parameter of botocore's model that is in neither
            list raises `NotStubbedError`.
    """

    def register(run: Run) -> Run:
        name = "".join(_WORDS.get(word, word.title()) for word in run.__name__.split("_"))
        OPERATIONS[name] = Operation(run, tuple(required.split()), frozenset(f"{required} {optional}".split()))
        return run

    return register
