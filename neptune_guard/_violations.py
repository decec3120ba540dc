"""What a rule is, what it finds, and the one way a finding is printed."""

from __future__ import annotations

import reprlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import Any

DOCUMENTATION = "https://neptune-guard.readthedocs.io/en/latest/"
OPERATION = "CopyDBClusterSnapshot"
REDACTED = "<redacted>"
ABSENT = object()
_LONGEST_VALUE = 60
_MOST_LINES = 20


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
    return {name: REDACTED if name == "PreSignedUrl" else value for name, value in params.items()}


class _Short(reprlib.Repr):
    """`repr` of what a caller may pass: short, safe against cycles and depth, never a caller's own `__repr__`."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlist = self.maxtuple = self.maxset = self.maxdict = 2
        self.maxlevel = 2

    def repr1(self, x: Any, level: int) -> str:
        if isinstance(x, str):
            return _short_text(str.__str__(x))
        if isinstance(x, (bytes, bytearray)):
            return f"{x[:_LONGEST_VALUE]!r}"
        return super().repr1(x, level)

    def repr_instance(self, x: Any, level: int) -> str:
        plain = x is None or isinstance(x, (bool, float))
        return repr(x) if plain else f"<{type(x).__name__}>"


_short = _Short()


def _short_text(text: str) -> str:
    if "x-amz-" in text.lower():
        return REDACTED
    if len(text) <= _LONGEST_VALUE:
        return repr(text)
    return f"{text[:_LONGEST_VALUE]!r}... ({len(text)} characters)"


def printable(path: str, value: object) -> str | None:
    """Return `value` as a message shows it: short, and never a secret."""
    if value is ABSENT:
        return None
    if path.startswith("PreSignedUrl"):
        return REDACTED
    if isinstance(value, (list, tuple)):
        return f"{len(value)} items"
    return _short.repr(value)
