"""A user's own rules: how they are made, and what they yield."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, cast

from neptune_guard._printing import ABSENT, did_you_mean, printable, redacted
from neptune_guard._rules import shapes
from neptune_guard._rules._operations import GUARDED
from neptune_guard._rules._request import Request
from neptune_guard._violations import Finding, Rule, Severity
from neptune_guard.exceptions import ConfigurationError, RuleError

Check = Callable[[Request], object]


def rule(
    *,
    id: str,
    severity: Severity | str = Severity.ERROR,
    summary: str,
    help_url: str = "",
    operation: str = "CopyDBClusterSnapshot",
) -> Callable[[Check], Rule]:
    """Turn a generator into a rule of your own, for `register(rules=[...])` or `check(rules=[...])`.

    The generator gets a `neptune_guard.typing.Request` and yields one of these per finding: `(path, message)`, where
    the value is looked up at a top-level path; `(path, value, message)`; a message alone.

    Args:
        id: The rule's id, unlike every other rule's.
        severity: `"error"` or `"warning"`.
        summary: What a request must fulfil.
        help_url: Where your rule is documented.
        operation: The API operation whose requests the rule sees.

    Returns:
        A decorator; it leaves a `Rule` in the generator's place.

    Raises:
        ConfigurationError: `id` is empty or contains `*`, `,` or `:`, `severity` is unknown, `summary` or `help_url`
            is not a str, or `operation` is not guarded.
    """
    known = _known_severity(id, severity)
    _refuse_no_texts(id, summary=summary, help_url=help_url)
    if not isinstance(operation, str):
        raise ConfigurationError(
            f"the rule {id} is for type {type(operation).__name__}; name one operation, and decorate once for each"
        )
    if operation not in GUARDED:
        raise ConfigurationError(
            f"the rule {id} is for {printable('', operation)}, which is not guarded{guarded_hint(operation)}"
        )

    def define(check: Check) -> Rule:
        if not callable(check):
            raise ConfigurationError(f"the rule {id} is of type {type(check).__name__}; decorate a generator function")
        return Rule(id, known, summary, help_url, (operation,), explanation=check.__doc__ or "", check=check)

    return define


def guarded_hint(operation: str) -> str:
    """Return the end of a message about an operation that is not guarded; a real one is not misspelt."""
    guarded = f"; the guarded ones are {', '.join(GUARDED)}"
    return guarded if shapes.is_operation(operation) else did_you_mean(operation, GUARDED, guarded)


def _known_severity(id: str, severity: Severity | str) -> Severity:
    """Return a rule's severity, once its id and its severity are seen to be usable."""
    if not isinstance(id, str) or not id or id != id.strip() or any(each in id for each in "*,:"):
        raise ConfigurationError(f"{printable('', id)} cannot be a rule's id; give it a name such as 'target-prefix'")
    if not isinstance(severity, str) or severity not in tuple(Severity):
        raise ConfigurationError(
            f"the rule {id} has the severity {printable('', severity)}; it must be 'error' or 'warning'"
        )
    return Severity(severity)


def usable(rules: Iterable[Rule] | None, built_in: Mapping[str, Rule]) -> list[Rule]:
    """Return a user's own rules, once each is seen to be one and to have an id that no other has.

    Raises:
        ConfigurationError: `rules` is not a collection, or holds something else than rules with ids of their own.
    """
    if rules is None:
        return []
    if not isinstance(rules, Iterable) or isinstance(rules, Rule):
        raise ConfigurationError(f"rules is {printable('', rules)}; give a list")
    owners = dict.fromkeys(built_in, "neptune_guard itself")
    own = [_held(each) for each in rules]
    for each in own:
        owner = _owner(each.check)
        if each.id in owners:
            raise ConfigurationError(
                f"the rule id {each.id!r} is taken: by {owners[each.id]} and by {owner}; rename one"
            )
        owners[each.id] = owner
    return own


def _held(given: object) -> Rule:
    """Return a rule with its severity as one, once its fields are seen to be usable."""
    if not isinstance(given, Rule) or not callable(given.check):
        what = f"the rule {given.id}, without a check," if isinstance(given, Rule) else printable("", given)
        raise ConfigurationError(f"{what} is not a rule of your own; decorate a generator with neptune_guard.rule")
    severity = _known_severity(given.id, given.severity)
    _refuse_no_texts(given.id, summary=given.summary, help_url=given.help_url, explanation=given.explanation)
    if not isinstance(given.operations, (tuple, list)):
        kind = type(given.operations).__name__
        raise ConfigurationError(f"the rule {given.id} has operations of type {kind}; give a tuple")
    return replace(given, severity=severity)


def _refuse_no_texts(id: str, **texts: object) -> None:
    for name, text in texts.items():
        if not isinstance(text, str):
            raise ConfigurationError(f"the rule {id} has a {name} of type {type(text).__name__}; give a str")


def _owner(check: object) -> str:
    name = getattr(check, "__qualname__", "")
    return f"{getattr(check, '__module__', '?')}.{name}" if name else repr(check)


def findings(
    rules: Iterable[Rule], request: Request, on_crash: Callable[[RuleError], object] | None
) -> Iterator[Finding]:
    """Yield what a user's own rules find. They get parameters without secrets, and cannot change them.

    Args:
        rules: The rules, each for the request's operation.
        request: The request.
        on_crash: Gets the error of a rule that crashed or wants to end the program; the other rules are asked all the
            same.

    Raises:
        RuleError: A rule crashed, and there is no `on_crash`.
    """
    crashes = (Exception,) if on_crash is None else (Exception, SystemExit)
    safe = request.with_params(MappingProxyType(redacted(dict(request.params))))
    for each in rules:
        try:
            found = each.check(safe)  # type: ignore[misc]  # `usable` has seen that it has a check
            if isinstance(found, str):
                raise TypeError("a rule returned a str; yield the findings")
            for finding in cast("Iterable[Any]", found or ()):  # anything else is a crash
                yield _finding(each, finding, safe)
        except crashes as crash:  # the rule is the user's, and may fail in any way
            error = RuleError(each.id)
            error.__cause__ = crash
            if on_crash is None:
                raise error  # noqa: B904 - its cause is set
            on_crash(error)


def _finding(rule: Rule, yielded: Any, request: Request) -> Finding:
    """Make a finding of what a rule yielded: a message, (path, message) or (path, value, message)."""
    if isinstance(yielded, str):
        return rule.found("", ABSENT, str.__str__(yielded))
    path, *value, message = yielded
    if len(value) > 1 or not isinstance(path, str) or not isinstance(message, str):
        raise TypeError("a finding must be (path, message), (path, value, message) or a message")
    path, message = str.__str__(path), str.__str__(message)
    return rule.found(path, value[0] if value else request.params.get(path, ABSENT), message)
