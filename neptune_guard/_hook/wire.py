"""Answers in the forms that botocore takes them: instead of a request, or below its retries."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.exceptions import ConnectionError as BotocoreConnectionError
from botocore.exceptions import HTTPClientError

from neptune_guard._printing import xml_text

CONNECTION_FAULTS = (HTTPClientError, BotocoreConnectionError)
"""What botocore raises, and retries, where a connection fails or times out."""
ConnectionFault = HTTPClientError | BotocoreConnectionError
Answer = tuple[int, dict[str, Any]]
"""The HTTP status, and the answer as botocore parses it."""

_ERROR_MEMBERS = ("Type", "Code", "Message")

THROTTLES = {
    "BandwidthLimitExceeded",
    "EC2ThrottledException",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "RequestThrottledException",
    "RequestTimeout",
    "RequestTimeoutException",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
    "TransactionInProgressException",
}


def fresh(answer: Any) -> Answer:
    """Return a copy of a responder's answer: callers may change theirs, and a responder may give one twice.

    Raises:
        TypeError: `answer` is not an HTTP status and a dict, or its error or metadata have other types than botocore's.
    """
    status, parsed = answer if isinstance(answer, (tuple, list)) and len(answer) == 2 else (None, None)
    if not isinstance(status, int) or not 100 <= status <= 599 or not isinstance(parsed, dict):
        raise TypeError(
            f"respond() returned type {type(answer).__name__}; return a tuple of the HTTP status and a dict"
        )
    error = parsed.get("Error", {})
    if not isinstance(error, dict) or not all(isinstance(error.get(name, ""), str) for name in _ERROR_MEMBERS):
        raise TypeError(f"respond() returned an Error that is not a dict of the texts {', '.join(_ERROR_MEMBERS)}")
    metadata = parsed.get("ResponseMetadata", {})
    if not isinstance(metadata, dict) or not isinstance(metadata.get("HTTPHeaders", {}), dict):
        raise TypeError("respond() returned a ResponseMetadata that is not a dict with a dict of HTTPHeaders")
    return status, _copied(parsed)


def _copied(value: Any) -> Any:
    """Return a copy of what can be changed, dicts and lists; copy.deepcopy takes ten times as long."""
    if isinstance(value, dict):
        return {name: _copied(each) if isinstance(each, _CHANGEABLE) else each for name, each in value.items()}
    return [_copied(each) for each in value] if isinstance(value, list) else value


_CHANGEABLE = (dict, list)


def is_retried(answer: Answer) -> bool:
    """Tell whether botocore's retry logic should see an answer, in any of its modes."""
    status, parsed = answer
    return status >= 500 or (status >= 300 and parsed.get("Error", {}).get("Code") in THROTTLES)


def short_circuit(answer: Answer) -> tuple[AWSResponse, dict[str, Any]]:
    """Return an answer as a handler of before-call gives it; other people's after-call handlers read its headers."""
    status, parsed = answer
    if "ResponseMetadata" not in parsed:
        parsed = {**parsed, "ResponseMetadata": {"HTTPStatusCode": status, "HTTPHeaders": {}, "RetryAttempts": 0}}
    return AWSResponse("", status, parsed["ResponseMetadata"].get("HTTPHeaders", {}), None), parsed


class Attempts:
    """A call on its way through botocore's own retries: each attempt is answered anew.

    Args:
        respond: Asks the responder.
        first: What it said already: an answer, or the connection fault that it raised.
    """

    def __init__(self, respond: Callable[[], Answer], first: Answer | ConnectionFault) -> None:
        self._respond = respond
        self._first: Answer | ConnectionFault | None = first
        self.answer: Answer = (0, {})

    def next(self) -> Answer:
        """Return the answer to the next attempt.

        Raises:
            botocore.exceptions.HTTPClientError: The responder plays a connection that failed.
        """
        outcome, self._first = self._first or self._respond(), None
        if isinstance(outcome, CONNECTION_FAULTS):
            raise outcome
        self.answer = outcome
        return outcome


class _Content(bytes):
    """The body of a response; aiobotocore awaits it, botocore reads it."""

    def __await__(self) -> Any:
        return self
        yield  # pragma: no cover - never reached: it makes this method a generator, which `await` needs


class WireResponse:
    """An answer as botocore's parser wants it, below the retries.

    A success is empty here: the handler of after-call fills in the answer, which needs no parsing.
    """

    def __init__(self, url: str, operation: str, answer: Answer) -> None:
        self.status_code, parsed = answer
        self.url = url
        self.headers = {"Content-Type": "text/xml"}
        self.raw = None
        error = parsed.get("Error", {} if self.status_code >= 300 else None)
        request_id = parsed.get("ResponseMetadata", {}).get("RequestId", "")
        self.content = _Content(_xml(operation, error, request_id).encode())


def _xml(operation: str, error: Mapping[str, str] | None, request_id: str) -> str:
    number = f"<RequestId>{xml_text(request_id)}</RequestId>" if request_id else ""
    if error is None:
        return f"<Response><{operation}Result/><ResponseMetadata>{number}</ResponseMetadata></Response>"
    members = "".join(f"<{name}>{xml_text(error.get(name, ''))}</{name}>" for name in _ERROR_MEMBERS)
    return f"<ErrorResponse><Error>{members}</Error>{number}</ErrorResponse>"
