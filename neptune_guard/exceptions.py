"""What this package raises."""

from __future__ import annotations

from collections.abc import Iterable

from botocore.exceptions import ParamValidationError

from neptune_guard._printing import escaped, redacted_text
from neptune_guard._violations import Violation, describe_all, errors

_LONGEST_REASON = 200
__all__ = ["ConfigurationError", "ConstraintViolationError", "NotStubbedError", "RuleError"]


class ConstraintViolationError(ParamValidationError):
    """A request breaks documented constraints; it was not sent.

    A `botocore.exceptions.ParamValidationError`, so code that handles botocore's own refusals handles this one.

    Attributes:
        violations: Every violation that was found, warnings included. The text lists the first twenty errors.
    """

    violations: tuple[Violation, ...]

    def __init__(self, *, violations: Iterable[Violation], report: str | None = None) -> None:
        self.violations = tuple(violations)
        # botocore's errors are rebuilt from their keywords when they are copied or unpickled.
        super().__init__(report=report or "\n".join(describe_all(errors(self.violations))), violations=self.violations)


class ConfigurationError(ValueError):
    """A setting cannot be used: the text says which, where it was read, and what is accepted."""

    def __init__(self, text: str) -> None:
        super().__init__(escaped(redacted_text(text)))


class RuleError(RuntimeError):
    """A rule crashed; the original exception is its `__cause__`.

    Attributes:
        rule: The id of the rule.
    """

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule

    def __str__(self) -> str:
        cause = self.__cause__
        reason = "" if cause is None else f": {type(cause).__name__}: {_short(cause)}"
        return f"the rule {self.rule} crashed{reason}; correct the rule, or ignore {self.rule!r}"


def _short(error: BaseException) -> str:
    """Return what an exception says in one short line; its `__str__` may be a user's, and may quote secrets."""
    try:
        text = escaped(redacted_text(" ".join(str(error).split())))
    except Exception:  # noqa: BLE001 - as above, it may fail in any way
        return "(its text cannot be printed)"
    return text if len(text) <= _LONGEST_REASON else f"{text[:_LONGEST_REASON]}..."


class NotStubbedError(NotImplementedError):
    """An operation or a parameter that the stub does not know; nothing was sent."""

    def __init__(self, text: str) -> None:
        super().__init__(escaped(redacted_text(text)))
