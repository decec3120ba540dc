"""What the service answers instead of a result: codes and statuses from botocore's model, and planned faults."""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple, NoReturn

from botocore.exceptions import BotoCoreError, EndpointConnectionError, ReadTimeoutError

from neptune_guard._data import service_data
from neptune_guard._printing import did_you_mean, printable, redacted_text
from neptune_guard.exceptions import ConfigurationError

UNMODELLED = {
    "AccessDenied": 403,
    "ExpiredToken": 403,
    "InternalFailure": 500,
    "InvalidParameterCombination": 400,
    "InvalidParameterValue": 400,
    "RequestLimitExceeded": 503,
    "ServiceUnavailable": 503,
    "Throttling": 400,
    "ThrottlingException": 400,
}
"""HTTP statuses of codes that every AWS service of this kind may answer and no operation's model names."""

CONNECTION: dict[str, type[BotoCoreError]] = {
    "ConnectionError": EndpointConnectionError,
    "ReadTimeout": ReadTimeoutError,
}
"""Faults without an answer, and what botocore's own HTTP session raises for them."""


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
        known = _known()[self.code]
        kind = "Sender" if known.status < 500 else "Receiver"
        return known.status, {"Error": {"Type": kind, "Code": known.code, "Message": redacted_text(self.message)}}


class Unanswered(Exception):  # noqa: N818 - the service's own word would be no answer at all
    """A planned fault without an answer: the connection fails.

    Args:
        code: `ReadTimeout` or `ConnectionError`.
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code

    def exception(self, region: str) -> BotoCoreError:
        """Return what botocore raises for it."""
        return CONNECTION[self.code](endpoint_url=f"https://rds.{region}.amazonaws.com/")


def refuse(code: str, message: str) -> NoReturn:
    """Let a call fail as planned.

    Raises:
        Fault: `code` is one that the service answers with.
        Unanswered: `code` stands for a connection that fails.
    """
    if code in CONNECTION:
        raise Unanswered(code)
    raise Fault(code, message)


class Known(NamedTuple):
    """A fault that exists: its wire code and HTTP status, 0 for one without an answer."""

    code: str
    status: int


def is_fault(code: str) -> bool:
    """Tell whether there is a fault of a wire code or shape name."""
    return code in _known()


def lookup(name: str, operation: str) -> Known:
    """Return the fault of a wire code or shape name.

    Args:
        name: The code or name.
        operation: The operation whose faults are suggested if there is none of that name.

    Raises:
        ConfigurationError: `name` is not a fault of Neptune.
    """
    known = _known()
    if name in known:
        return known[name]
    likely = sorted({*UNMODELLED, *CONNECTION, *_modelled(operation)})
    hint = did_you_mean(name, known, f"; those of {operation} are {', '.join(likely)}")
    raise ConfigurationError(f"{printable('', name)} is not a fault of Neptune{hint}")


@cache
def _known() -> dict[str, Known]:
    """Read botocore's model, where code and shape name may differ: SnapshotQuotaExceeded has no `Fault` at its end."""
    known = {code: Known(code, status) for code, status in UNMODELLED.items()}
    known |= {code: Known(code, 0) for code in CONNECTION}
    for name, shape in service_data("neptune")["shapes"].items():
        error = shape.get("error")
        if error:
            code = error.get("code", name)
            known[name] = known[code] = Known(code, error["httpStatusCode"])
    return known


def _modelled(operation: str) -> list[str]:
    errors = service_data("neptune")["operations"][operation].get("errors", [])
    return [_known()[each["shape"]].code for each in errors]
