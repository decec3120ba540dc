"""Every rule, and what checks a request against them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, NoReturn

from neptune_guard import _relations, _schema
from neptune_guard._request import PARAMETERS, Request
from neptune_guard._violations import ABSENT, Rule, Severity, Violation, found, printable, redacted
from neptune_guard.exceptions import ConfigurationError, RuleError

Check = Callable[[Request], Iterable[Any]]
_TOPICS = ("missing", "parameter", "source", "target", "kms", "pre", "copy", "tag")


def _topic(rule: Rule) -> int:
    return _TOPICS.index(rule.id.split("-")[0])


RULES: Mapping[str, Rule] = MappingProxyType(
    {rule.id: rule for rule in sorted([*_schema.RULES.values(), *_relations.RULES], key=_topic)}
)
"""Every built-in rule by its id."""


def rule(
    *, id: str, severity: Severity | str = Severity.ERROR, summary: str, help_url: str = ""
) -> Callable[[Check], Rule]:
    """Turn a generator into a rule of your own, to be given to `register(rules=[...])` or `check(rules=[...])`.

    The generator takes a request with `.params`, `.region` and `.account_id`, and yields one of these a finding:
    `(path, message)`, where the value is looked up at a top-level path; `(path, value, message)`; a message alone.

    Args:
        id: The rule's id, unlike every other rule's.
        severity: `"error"` or `"warning"`.
        summary: What holds when the rule is kept.
        help_url: Where your rule is documented.

    Returns:
        A decorator; it leaves a `Rule` in the generator's place.

    Raises:
        ConfigurationError: The id is empty or ends in `*`, or the severity is unknown.
    """
    known = _known_severity(id, severity)

    def define(check: Check) -> Rule:
        if not callable(check):
            raise ConfigurationError(f"the rule {id} is a {type(check).__name__}; decorate a generator function")
        return Rule(id, known, summary, help_url, explanation=check.__doc__ or "", check=check)

    return define


def _known_severity(id: str, severity: Severity | str) -> Severity:
    """Return a rule's severity, once its id and its severity are seen to be usable."""
    if not isinstance(id, str) or not id or id != id.strip() or "*" in id or "," in id:
        raise ConfigurationError(f"{printable('', id)} cannot be a rule's id; give it a name such as 'target-prefix'")
    if not isinstance(severity, str) or severity not in tuple(Severity):
        raise ConfigurationError(
            f"the rule {id} has the severity {printable('', severity)}; it is 'error' or 'warning'"
        )
    return Severity(severity)


class Ruleset:
    """Built-in and own rules, without the ignored ones.

    Args:
        rules: A user's own rules.
        ignore: Ids of rules to leave out, or prefixes that end in `*`.

    Raises:
        ConfigurationError: A rule is none or has a taken id, or `ignore` names an unknown one.
    """

    def __init__(self, rules: Iterable[Rule] = (), ignore: Iterable[str] = ()) -> None:
        self._own = _own_rules(rules)
        known = {*RULES, *(each.id for each in self._own)}
        place = getattr(ignore, "place", "ignore")
        self._ignored = {rule_id for pattern in _patterns(ignore) for rule_id in _selected(pattern, known, place)}
        self._kept_own = [each for each in self._own if each.id not in self._ignored]

    def check(self, request: Request, on_crash: Callable[[RuleError], object] | None = None) -> list[Violation]:
        """Return every violation, in the order of the documented parameters.

        Args:
            request: The request.
            on_crash: Told of a rule that crashed; the other rules are asked all the same.

        Raises:
            RuleError: A rule crashed, and there is no `on_crash`.
        """
        own_request, violations = request, []
        if not _schema.accepts(request.params):
            request = request.plain()
            violations = list(_schema.explain(request.params))
        for name in request.params:
            about = _relations.CHECKS.get(name)
            if about:
                for rule_id, path, value, text in about(request):
                    violations.append(found(RULES[rule_id], path, value, text))
        if self._kept_own:
            violations += self._own_findings(own_request, on_crash or _raise)
        if self._ignored:
            violations = [each for each in violations if each.rule not in self._ignored]
        return sorted(violations, key=_position) if violations else violations

    def _own_findings(self, request: Request, on_crash: Callable[[RuleError], object]) -> Iterator[Violation]:
        safe = Request(MappingProxyType(redacted(request.params)), request.region, request.account_id)
        for each in self._kept_own:
            try:
                findings = each.check(safe)  # type: ignore[misc]  # a rule of one's own has a check
                if isinstance(findings, str):
                    raise TypeError("a rule returned a str; yield the findings")
                for finding in findings or ():
                    yield _own_violation(each, finding, safe)
            except Exception as crash:  # noqa: BLE001 - it is the user's, and may fail in any way
                error = RuleError(each.id)
                error.__cause__ = crash
                on_crash(error)


def _raise(error: RuleError) -> NoReturn:
    raise error


def _own_violation(each: Rule, finding: Any, request: Request) -> Violation:
    """Make a violation of what a rule yielded: a message, (path, message) or (path, value, message)."""
    if isinstance(finding, str):
        return found(each, "", ABSENT, finding)
    path, *value, message = finding
    if len(value) > 1 or not isinstance(path, str) or not isinstance(message, str):
        raise TypeError("a finding is (path, message), (path, value, message) or a message")
    return found(each, path, value[0] if value else request.params.get(path, ABSENT), message)


def _position(violation: Violation) -> int:
    name = violation.path.partition("[")[0]
    return PARAMETERS.index(name) if name in PARAMETERS else len(PARAMETERS)


def _own_rules(rules: Iterable[Rule]) -> list[Rule]:
    owners = dict.fromkeys(RULES, "neptune_guard itself")
    own = _listed("rules", rules)
    for each in own:
        if not isinstance(each, Rule) or not callable(each.check):
            what = f"the rule {each.id}, without a check," if isinstance(each, Rule) else printable("", each)
            raise ConfigurationError(f"{what} is not a rule of your own; decorate a generator with neptune_guard.rule")
        name = getattr(each.check, "__qualname__", "")
        owner = f"{getattr(each.check, '__module__', '?')}.{name}" if name else repr(each.check)
        if each.id in owners:
            raise ConfigurationError(
                f"the rule id {each.id!r} is taken: by {owners[each.id]} and by {owner}; rename one"
            )
        owners[each.id] = owner
    return [replace(each, severity=_known_severity(each.id, each.severity)) for each in own]


def _listed(name: str, given: Iterable[Any] | None) -> list[Any]:
    if given is None:
        return []
    if not isinstance(given, Iterable) or isinstance(given, Rule):
        raise ConfigurationError(f"{name} is {printable('', given)}; give a list")
    return list(given)


def _patterns(ignore: Iterable[str] | None) -> list[str]:
    if isinstance(ignore, str):
        return [part.strip() for part in ignore.split(",") if part.strip()]
    return _listed("ignore", ignore)


def _selected(pattern: str, known: Iterable[str], place: str) -> list[str]:
    if isinstance(pattern, str) and pattern.endswith("*"):
        selected = [rule_id for rule_id in known if rule_id.startswith(pattern[:-1])]
    else:
        selected = [rule_id for rule_id in known if rule_id == pattern]
    if not selected:
        raise ConfigurationError(f"{place} names {printable('', pattern)}, which is no rule{_nearest(pattern, known)}")
    return selected


def _nearest(name: object, known: Iterable[str]) -> str:
    import difflib  # only a mistake needs it

    near = difflib.get_close_matches(name, sorted(known), n=1) if isinstance(name, str) else []
    return f"; did you mean {near[0]!r}?" if near else "; 'neptune-guard rules' lists them"


def check(
    params: Mapping[str, Any],
    *,
    region: str | None = None,
    account_id: str | None = None,
    rules: Iterable[Rule] = (),
    ignore: Iterable[str] = (),
) -> list[Violation]:
    """Check the parameters of a CopyDBClusterSnapshot request against every rule, without AWS and without a client.

    Args:
        params: The parameters as given to `copy_db_cluster_snapshot`; they are only read.
        region: The Region the request goes to, where the copy is made. Without it the rules that need it find nothing.
        account_id: The caller's account, twelve digits. Without it the rules about shared sources find nothing.
        rules: Rules of your own, see `rule`.
        ignore: Ids of rules to leave out, or prefixes that end in `*`.

    Returns:
        Every violation, in the order of the documented parameters; an empty list for a sound request.

    Raises:
        TypeError: `params` is not a mapping, or `region` or `account_id` is no str.
        ConfigurationError: `rules` or `ignore` cannot be used.
        RuleError: A rule crashed.
    """
    if not isinstance(params, Mapping):
        raise TypeError(f"params is a {type(params).__name__}; give the request's parameters as a dict")
    for name, given in (("region", region), ("account_id", account_id)):
        if given is not None and not isinstance(given, str):
            raise TypeError(f"{name} is {printable('', given)}; give a str, or leave it out")
    return Ruleset(rules, ignore).check(Request(dict(params), region, account_id))
