"""What the service answers instead of a result: codes and statuses from botocore's model, and planned faults."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from functools import cache
from typing import Any, NamedTuple

from botocore.loaders import create_loader

from neptune_guard.exceptions import ConfigurationError

UNMODELLED = {
    "AccessDenied": 403,
    "InternalFailure": 500,
    "InvalidParameterCombination": 400,
    "InvalidParameterValue": 400,
    "RequestLimitExceeded": 503,
    "ServiceUnavailable": 503,
    "Throttling": 400,
    "ThrottlingException": 400,
}
"""HTTP statuses of codes that every AWS service of this kind may answer and no operation's model names."""


class Fault(Exception):  # noqa: N818 - the service's own word
    """An error answer on its way to the caller.

    Args:
        code: The wire code, or the name of the model's shape.
        message: The text that the caller sees.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    def answer(self) -> tuple[int, dict[str, Any]]:
        """Return the HTTP status and the error as botocore parses it."""
        known = lookup(self.code)
        kind = "Sender" if known.status < 500 else "Receiver"
        return known.status, {"Error": {"Type": kind, "Code": known.code, "Message": self.message}}


class Known(NamedTuple):
    """A fault that exists: its wire code and HTTP status."""

    code: str
    status: int


def lookup(name: str) -> Known:
    """Return the fault of a wire code or shape name.

    Raises:
        ConfigurationError: There is none of that name; the text suggests the nearest and lists all.
    """
    known = _known()
    if name not in known:
        raise ConfigurationError(f"{name!r} is no fault of Neptune;{nearest(name, sorted(known))}")
    return known[name]


def nearest(name: object, known: Collection[str]) -> str:
    """Return what a message says after a name that is unknown: the nearest one, and all."""
    near = difflib.get_close_matches(str(name), known, n=1)
    suggestion = f" did you mean {near[0]}?" if near else ""
    return f"{suggestion} the known are {', '.join(known)}"


@cache
def _known() -> dict[str, Known]:
    """Read botocore's model, where code and shape name may differ: SnapshotQuotaExceeded has no `Fault` at its end."""
    model = create_loader().load_service_model("neptune", "service-2")
    known = {code: Known(code, status) for code, status in UNMODELLED.items()}
    for name, shape in model["shapes"].items():
        error = shape.get("error")
        if error:
            code = error.get("code", name)
            known[name] = known[code] = Known(code, error["httpStatusCode"])
    return known
