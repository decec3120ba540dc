"""What this package raises."""

from __future__ import annotations

from collections.abc import Iterable

from botocore.exceptions import ParamValidationError

from neptune_guard._violations import Violation, describe_all

__all__ = ["ConfigurationError", "ConstraintViolationError", "NotStubbedError", "RuleError"]


class ConstraintViolationError(ParamValidationError):
    """A request breaks documented constraints; it was not sent.

    A `botocore.exceptions.ParamValidationError`, so code that handles botocore's own refusals handles this one.

    Attributes:
        violations: Every violation that was found, warnings included. The text shows the first twenty.
    """

    violations: tuple[Violation, ...]

    def __init__(self, *, violations: Iterable[Violation], report: str | None = None) -> None:
        self.violations = tuple(violations)
        # botocore's errors are rebuilt from their keywords when they are copied or unpickled.
        super().__init__(report=report or "\n".join(describe_all(self.violations)), violations=self.violations)


class ConfigurationError(ValueError):
    """A setting cannot be used: the text says which, where it was read, and what is accepted."""


class RuleError(RuntimeError):
    """A rule crashed; the original exception is its `__cause__`.

    Attributes:
        rule: The id of the rule.
    """

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule

    def __str__(self) -> str:
        reason = "" if self.__cause__ is None else f" with {type(self.__cause__).__name__}"
        return f"the rule {self.rule} crashed{reason}; correct the rule, or leave it out with ignore=[{self.rule!r}]"


class NotStubbedError(NotImplementedError):
    """An operation or a parameter that the stub does not know; nothing was sent."""
