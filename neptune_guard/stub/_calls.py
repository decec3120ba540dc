"""The call log: what is kept of a call, and what a test reads."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any

from neptune_guard._printing import (
    Opaque,
    is_secret,
    is_secret_name,
    printable,
    redacted,
    redacted_text,
    type_name,
)
from neptune_guard.stub._tables import LoggedCall
from neptune_guard.stub.operations import OPERATIONS

# Whatever the redaction could find has one of these in it, so that most calls are spared it.
_SUSPICIOUS = ("amz", "signature", "signed", "password", "%", r"\\u")
_NAME = re.compile("((?:.*[:/])?)([A-Za-z0-9-]+)")  # of a resource, alone or at the end of an ARN


def _text(value: object) -> str:
    return type_name(value) if isinstance(value, Opaque) else str(value)


# json.dumps would make an encoder at every call.
_encoded = json.JSONEncoder(default=_text).encode


@dataclass(frozen=True)
class Call:
    """One call that the stub answered or refused.

    Attributes:
        operation: The API operation; with the service before it, as in `s3.ListBuckets`, if `session()` refused the
            call of another service.
        params: Its parameters as given, without presigned URLs and other secrets; empty for another service.
        region: The client's Region.
        account_id: The account on whose behalf it was made.
        error: The code that it was refused with, `NotStubbed` if the stub does not know it, None for a success.
    """

    operation: str
    params: dict[str, Any]
    region: str
    account_id: str
    error: str | None


def kept(operation: str, params: dict[str, Any]) -> tuple[str, bool]:
    """Return parameters as the log keeps them, as JSON without secrets, and whether there may be secrets among them."""
    known = OPERATIONS.get(operation)
    try:
        text = _encoded(params)
        lower = text.lower()
        if known and known.parameters.issuperset(params) and not any(mark in lower for mark in _SUSPICIOUS):
            return text, False
        return _redacted(text), True
    except Exception:  # noqa: BLE001 - a value may hold itself, or be of the caller's own type and fail in any way
        return _redacted(_encoded({name: printable(name, value) for name, value in params.items()})), True


def without_secrets(params: dict[str, Any]) -> dict[str, Any]:
    """Return parameters as a stub may keep them: no text with a secret in it, but names that read like a secret's."""
    named = {name: value for name, value in params.items() if _is_name(value) and not is_secret_name(name)}
    return {**redacted(params), **named}


def _is_name(value: object) -> bool:
    """Tell whether a text is an identifier or ends with one, as ARNs do, and holds no secret before that."""
    found = _NAME.fullmatch(value) if isinstance(value, str) else None
    return found is not None and not is_secret(found[1]) and is_secret(found[2])


def _redacted(text: str) -> str:
    return _encoded(without_secrets(json.loads(text)))


def logged(operation: str, kept: str, region: str, account_id: str, error: str | None) -> LoggedCall:
    """Return a call as it is logged; its operation and Region come from the caller and may hold anything."""
    if error:  # names that no model has, which may be any spelling of a secret's, come only with a refusal
        kept = _redacted(kept)
    return LoggedCall(redacted_text(operation), kept, redacted_text(region), account_id, error)


def shown(call: LoggedCall) -> Call:
    """Return a call as a test reads it. Parameters of types that JSON does not have are strings."""
    return Call(call.operation, json.loads(call.params), call.region, call.account_id, call.error)
