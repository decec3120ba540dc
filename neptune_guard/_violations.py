"""Rules, what they find, and the one way a finding is printed."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from enum import Enum
from typing import Any, NamedTuple

from neptune_guard._printing import escaped, printable, redacted_text

_MOST_LINES = 20


class Severity(str, Enum):
    """How bad a finding is; equal to its own string, `"error"` or `"warning"`."""

    ERROR = "error"
    """The service rejects the request, or its documentation forbids it."""
    WARNING = "warning"
    """The request is allowed, but probably not what was meant."""

    __str__ = str.__str__


class ServiceFault(NamedTuple):
    """What the service answers to a request that breaks a rule.

    Attributes:
        code: The wire code.
        words: The message; `{parameter}`, `{value}` and `{line}` (the finding's own line) are filled in.
        evidence: `recorded`, `documented` or `inferred`, followed by the source.
    """

    code: str = "InvalidParameterValue"
    words: str = "{line}"
    evidence: str = "inferred"


@dataclass(frozen=True)
class Rule:
    """One constraint on a request.

    Attributes:
        id: Its name, as in `[identifier-hyphens]`.
        severity: The worst that a finding of this rule can be; `Violation.severity` decides about each finding.
        summary: What a request must fulfil.
        help_url: The AWS page that the rule comes from; for a rule of a user's own, whatever its author gave.
        operations: The API operations that it applies to.
        explanation: Why the rule exists and what the service does.
        fault: What the service answers to a request that breaks the rule.
        accepted: Example parameters that keep the rule.
        rejected: Example parameters that break it.
        check: The function that looks at a request, of a user's own rule; None for a built-in one.
    """

    id: str
    severity: Severity
    summary: str
    help_url: str = ""
    operations: tuple[str, ...] = ()
    explanation: str = field(default="", repr=False)
    fault: ServiceFault = field(default=ServiceFault(), repr=False)
    accepted: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
    rejected: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)
    check: Callable[[Any], object] | None = field(default=None, repr=False)

    def found(
        self,
        path: str,
        value: object,
        message: str,
        *,
        severity: Severity | None = None,
        fault: ServiceFault | None = None,
    ) -> Finding:
        """Return a finding of this rule.

        Args:
            path: Where, as botocore prints paths: `Tags[0].Key`. Empty for the request as a whole.
            value: What was found there; `ABSENT` for a parameter that is missing.
            message: What is wrong and what to do.
            severity: The severity of this finding, where it is not the rule's.
            fault: What the service answers to this finding, where it is not the rule's.
        """
        return Finding(self, path, value, message, severity or self.severity, fault or self.fault)


class Finding(NamedTuple):
    """One thing that a rule found, with the value as it is; `Violation` is the form that users see."""

    rule: Rule
    path: str
    value: object
    message: str
    severity: Severity
    fault: ServiceFault

    def violation(self, operation: str) -> Violation:
        """Return the finding in the form that users see, its value made fit for printing."""
        value = printable(self.path, self.value)
        # A name that no model knows may be a secret, and a user's own rule may quote one.
        path, message = redacted_text(self.path), escaped(redacted_text(self.message))
        return Violation(self.rule.id, self.severity, path, value, message, self.rule.help_url, operation)


@dataclass(frozen=True)
class Violation:
    """One thing that is wrong with one request; `str()` is the line that users see.

    Attributes:
        rule: The id of the rule that found it.
        severity: Whether this finding is an error or a warning.
        path: Where, as botocore prints paths: `Tags[0].Key`. Empty for the request as a whole.
        value: What was found there, as Python writes it, shortened and redacted; None where nothing was.
        message: What is wrong and what to do.
        help_url: The AWS page that the rule comes from.
        operation: The API operation of the request.
    """

    rule: str
    severity: Severity
    path: str
    value: str | None
    message: str
    help_url: str
    operation: str = "CopyDBClusterSnapshot"

    def __str__(self) -> str:
        return describe(self)

    def to_dict(self) -> dict[str, str | None]:
        """Return the attributes as a dict of plain strings, ready for JSON; a text stands there without quotes."""
        value = self.value
        if value and value[0] == value[-1] and value[0] in "'\"":
            value = ast.literal_eval(value)
        return {**asdict(self), "severity": self.severity.value, "value": value}


def describe(violation: Violation) -> str:
    """Return the one line that says how bad it is, where, what, why and which rule."""
    path = f"{escaped(violation.path)}:" if violation.path else ""
    parts = (f"{violation.severity.value}:", path, violation.value, violation.message, f"[{violation.rule}]")
    return " ".join(part for part in parts if part)


def describe_all(violations: Iterable[Violation]) -> list[str]:
    """Return one line per violation, twenty at most, then a line that counts the rest."""
    lines = list(violations)
    more = [f"and {len(lines) - _MOST_LINES} more"] if len(lines) > _MOST_LINES else []
    return [describe(each) for each in lines[:_MOST_LINES]] + more


def errors(violations: Iterable[Violation]) -> tuple[Violation, ...]:
    """Return the violations of severity error."""
    return tuple(each for each in violations if each.severity is Severity.ERROR)
