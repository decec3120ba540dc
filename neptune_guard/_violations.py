"""What a rule is, what it finds, and the one way a finding is printed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sized
from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import Any

DOCUMENTATION = "https://neptune-guard.readthedocs.io/en/latest/"
OPERATION = "CopyDBClusterSnapshot"
REDACTED = "<redacted>"
ABSENT = object()
_LONGEST_VALUE = 100  # an ARN stands whole
_MOST_LINES = 20
_SECRETS = ("x-amz-", "signature=")


class Severity(str, Enum):
    """How bad a finding is; equal to its own string, `"error"` or `"warning"`."""

    ERROR = "error"
    """The service refuses the request, or its documentation forbids it."""
    WARNING = "warning"
    """The request is allowed, but probably not what was meant."""

    __str__ = str.__str__


@dataclass(frozen=True)
class Rule:
    """One constraint on a request.

    Attributes:
        id: Its name, as in `[target-identifier-hyphens]`.
        severity: Whether a finding is an error or a warning.
        summary: What holds when the rule is kept.
        help_url: Where the rule is documented.
        operation: The API operation it is about.
        explanation: Why the rule exists and what the service does.
        source: The AWS document that the rule comes from, empty for a user's own rule.
        check: The generator that looks at a request; None where the schema document holds the rule.
    """

    id: str
    severity: Severity
    summary: str
    help_url: str
    operation: str = OPERATION
    explanation: str = field(default="", repr=False)
    source: str = field(default="", repr=False)
    check: Callable[[Any], Iterable[Any]] | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Violation:
    """One thing that is wrong with one request; `str()` is the line that users see.

    Attributes:
        rule: The id of the rule that found it.
        severity: The rule's severity.
        path: Where, as botocore prints paths: `Tags[0].Key`. Empty for the request as a whole.
        value: What was found there, shortened for printing and redacted; None where nothing was.
        message: What is wrong and what to do.
        help_url: Where the rule is documented.
    """

    rule: str
    severity: Severity
    path: str
    value: str | None
    message: str
    help_url: str

    def __str__(self) -> str:
        return describe(self)

    def to_dict(self) -> dict[str, str | None]:
        """Return the attributes as a dict of plain strings, ready for JSON."""
        return {**asdict(self), "severity": self.severity.value}


def help_url(rule_id: str) -> str:
    """Return the address of a built-in rule's section in the documentation."""
    return f"{DOCUMENTATION}rules.html#{rule_id}"


def found(rule: Rule, path: str, value: object, message: str) -> Violation:
    """Return the violation of `rule` at `path`, its value made fit for printing."""
    return Violation(rule.id, rule.severity, path, printable(path, value), message, rule.help_url)


def describe(violation: Violation) -> str:
    """Return the one line that says where, what, why and which rule."""
    parts = (f"{violation.path}:" if violation.path else "", violation.value, violation.message, f"[{violation.rule}]")
    return " ".join(part for part in parts if part)


def describe_all(violations: Iterable[Violation]) -> list[str]:
    """Return a line a violation, at most twenty, and one that counts the rest."""
    lines = list(violations)
    more = [f"and {len(lines) - _MOST_LINES} more"] if len(lines) > _MOST_LINES else []
    return [describe(each) for each in lines[:_MOST_LINES]] + more


def redacted(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return a shallow copy of the parameters without the presigned URL."""
    return {name: REDACTED if _is_url(name) else value for name, value in params.items()}


def _is_url(name: object) -> bool:
    return isinstance(name, str) and str.__eq__(name, "PreSignedUrl")


class Opaque:
    """Stands for a value of a type that no parameter has, so that no method of the caller's own type is ever run."""

    __slots__ = ("kind",)

    def __init__(self, value: object) -> None:
        self.kind = type(value)


def _short_text(text: str) -> str:
    lower = text.lower()
    if any(mark in lower for mark in _SECRETS):
        return REDACTED
    if len(text) <= _LONGEST_VALUE:
        return repr(text)
    return f"{text[:_LONGEST_VALUE]!r}... ({len(text)} characters)"


def _short_bytes(value: bytes) -> str:
    if any(mark.encode() in value.lower() for mark in _SECRETS):
        return REDACTED
    if len(value) <= _LONGEST_VALUE:
        return repr(value)
    return f"{value[:_LONGEST_VALUE]!r}... ({len(value)} bytes)"


def _short_int(value: int) -> str:
    # Python refuses to print an integer of more than 4,300 digits.
    bits = value.bit_length()
    return repr(value) if bits <= 200 else f"<int of {bits} bits>"


def _count(value: Sized) -> str:
    return "1 item" if len(value) == 1 else f"{len(value)} items"


# By exact type: what prints these runs no code of the caller's, and does not look into them any deeper.
_PRINTED: dict[type, Callable[[Any], str]] = {
    str: _short_text,
    bytes: _short_bytes,
    bytearray: _short_bytes,
    int: _short_int,
    bool: repr,
    float: repr,
    type(None): repr,
    list: _count,
    tuple: _count,
    Opaque: lambda value: _type_name(value.kind),
}


def _type_name(kind: type) -> str:
    name: str = type.__dict__["__name__"].__get__(kind)  # a metaclass may have a __name__ of its own
    return f"<{name[:_LONGEST_VALUE]}>"


def printable(path: str, value: object) -> str | None:
    """Return `value` as a message shows it: short, and never a secret."""
    if value is ABSENT:
        return None
    if "PreSignedUrl" in path:
        return REDACTED
    text = str.__str__(value) if issubclass(type(value), str) else value
    shown = (show(text) for kind, show in _PRINTED.items() if kind is type(text))
    return next(shown, None) or _type_name(type(text))
