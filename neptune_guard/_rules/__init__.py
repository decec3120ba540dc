"""What a sound request is: every rule, and what checks a request against them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from itertools import chain
from types import MappingProxyType
from typing import Any

from neptune_guard._printing import REDACTED, did_you_mean, printable, secret_members
from neptune_guard._rules import _documents, _engines, _own, shapes
from neptune_guard._rules._engines import keeps
from neptune_guard._rules._operations import GUARDED, Guarded
from neptune_guard._rules._own import rule
from neptune_guard._rules._request import Request, account, is_exact, plain
from neptune_guard._violations import Finding, Rule, Violation
from neptune_guard.exceptions import ConfigurationError, RuleError

__all__ = ["GUARDED", "RULES", "Guarded", "Request", "Rule", "Ruleset", "check", "check_value", "keeps", "rule"]

_IN_A_PAIR = re.compile(r"(\w+)\[([0-9]{1,9})\]\.(\w+)")


# ---------------------------------------------------------------------- the table of rules


def _rules() -> Iterator[Rule]:
    """Yield every rule with the operations that it applies to, and its examples under the parameter's name."""
    for each in shapes.RULES:
        yield replace(each, operations=tuple(GUARDED))
    yield from _field_rules()
    yield from _relational_rules()


def _field_rules() -> Iterator[Rule]:
    places: dict[str, list[tuple[bool, str, str]]] = defaultdict(list)
    for operation in GUARDED:
        for name, ids in _documents.parameters_of(operation).items():
            for rule_id, is_unvaried in ids.items():
                places[rule_id].append((not is_unvaried, operation, name))
    for rule_id, each in _documents.field_rules().items():
        if not places[rule_id]:
            raise AssertionError(f"no schema document refers to the rule {rule_id} of definitions.json")
        parameter = min(places[rule_id], key=lambda place: place[0])[2]
        yield replace(
            each,
            operations=tuple(dict.fromkeys(operation for _, operation, _ in places[rule_id])),
            accepted={parameter: each.accepted[""]},
            rejected={parameter: each.rejected[""]},
        )


def _relational_rules() -> Iterator[Rule]:
    # By identity: rules are compared field by field, which takes longer than all the rest.
    found: dict[int, tuple[Rule, dict[str, None]]] = {}
    for operation, row in GUARDED.items():
        for relation in chain.from_iterable(row.relations.values()):
            for each in relation.rules:
                found.setdefault(id(each), (each, {}))[1][operation] = None
    for each, operations in found.values():
        yield replace(each, operations=tuple(operations))


def _table() -> dict[str, Rule]:
    table: dict[str, Rule] = {}
    for each in _rules():
        if each.id in table:
            raise AssertionError(f"two rules have the id {each.id}")
        table[each.id] = each
    return dict(sorted(table.items()))


RULES: Mapping[str, Rule] = MappingProxyType(_table())
"""Every built-in rule by its id, in the order of the ids."""


# ---------------------------------------------------------------------- checking


class Ruleset:
    """Built-in and own rules, without the ignored ones.

    Args:
        rules: A user's own rules.
        ignore: Rules to leave out: an id, `prefix-*`, `Operation:id` or `Operation:*`, in a list or in one string,
            separated by commas.
        ignored_by: Where `ignore` was read, for the message about a pattern that matches no rule.

    Raises:
        ConfigurationError: `rules` or `ignore` cannot be used.
    """

    def __init__(
        self, rules: Iterable[Rule] = (), ignore: Iterable[str] | str | None = (), ignored_by: str = "ignore"
    ) -> None:
        own = _own.usable(rules, RULES)
        known = {**RULES, **{each.id: each for each in own}}
        ignored = _ignored(ignore, known, ignored_by)
        self._ignored = {operation: ids for operation, ids in ignored.items() if ids}
        self._own = {
            operation: [each for each in own if operation in each.operations and each.id not in ignored[operation]]
            for operation in GUARDED
        }

    def check(
        self, request: Request, shape: Any = None, on_crash: Callable[[RuleError], object] | None = None
    ) -> list[Violation]:
        """Return every violation, in the order of the operation's parameters.

        Args:
            request: The request.
            shape: The shape of the operation's parameters in the client's own model; botocore's data without it.
            on_crash: Gets the error of a rule that crashed or wants to end the program; the other rules are asked all
                the same.

        Raises:
            RuleError: A rule crashed, and there is no `on_crash`.
        """
        found = self.findings(request, shape, on_crash)
        return [each.violation(request.operation) for each in found] if found else []

    def findings(
        self,
        request: Request,
        shape: Any = None,
        on_crash: Callable[[RuleError], object] | None = None,
        *,
        whole: bool = True,
    ) -> list[Finding]:
        """Return every finding as `check` does, with values as they are.

        Of a request that is not `whole` some parameters are not known; what is said about those has no meaning.
        """
        operation = request.operation
        given, found = request, []
        shape = shape or shapes.input_shape(request.service, operation)
        accepts = _acceptor(operation, shape, whole)
        exact = is_exact(request.params)
        if not (exact and accepts(request.params)):
            if not exact or {type(request.params), *map(type, request.params.values())} - {dict, list, str, bool, int}:
                request = request.with_params(plain(request.params))
            found = list(shapes.findings(operation, shape, request.params))
            timeless = shapes.without_times(shape, request.params)
            if not (is_exact(timeless) and accepts(timeless)):
                mistyped = {each.path for each in found}
                found += (each for each in _engines.explain(operation, request.params) if each.path not in mistyped)
        relations = GUARDED[operation].relations
        for name in ("", *request.params):
            for relation in relations.get(name, ()):
                found.extend(relation.check(request, name))
        if found:
            found = [_hidden(each, request.params) for each in found]
        if self._own[operation]:
            found += _own.findings(self._own[operation], given, on_crash)
        if operation in self._ignored:
            found = [each for each in found if each.rule.id not in self._ignored[operation]]
        return sorted(found, key=_position(shape)) if found else found


@lru_cache(maxsize=64)  # a shape keeps its service's model alive
def _acceptor(operation: str, shape: Any, whole: bool) -> Callable[[Any], bool]:
    # Every client has shapes of its own, but they rarely differ: what is compiled for one serves the others.
    return _engines.acceptor(operation, shapes.structure(shape, whole=whole))


def _hidden(found: Finding, params: Mapping[str, Any]) -> Finding:
    """Return a finding about the value of a pair, such as a tag, without it, if the pair's key names a secret."""
    place = _IN_A_PAIR.match(found.path)
    pairs = params.get(place[1]) if place else None
    if place and isinstance(pairs, (list, tuple)) and int(place[2]) < len(pairs):  # else a name only looks like a path
        pair = pairs[int(place[2])]
        if isinstance(pair, dict) and place[3].lower() in secret_members(pair):
            return found._replace(value=REDACTED)
    return found


def _position(shape: Any) -> Callable[[Finding], int]:
    """Return the key that sorts findings by the model's order of parameters; unknown names come last."""
    order = {name: number for number, name in enumerate(shape.members)}
    return lambda finding: order.get(finding.path.partition("[")[0].partition(".")[0], len(order))


# ---------------------------------------------------------------------- ignoring


def _ignored(ignore: Iterable[str] | str | None, known: Mapping[str, Rule], place: str) -> dict[str, set[str]]:
    """Return the ids of the ignored rules for each operation."""
    ignored: dict[str, set[str]] = {operation: set() for operation in GUARDED}
    for pattern in _patterns(ignore):
        operations, selected = _selected(pattern, known)
        if not selected:
            raise ConfigurationError(
                f"{place} names {printable('', pattern)}, which is not a rule{_hint(pattern, known)}"
            )
        for operation in operations:
            ignored[operation].update(selected)
    return ignored


def _patterns(ignore: Iterable[str] | str | None) -> list[str]:
    if ignore is None:
        return []
    if isinstance(ignore, str):
        return [part.strip() for part in ignore.split(",") if part.strip()]
    if not isinstance(ignore, Iterable) or isinstance(ignore, Rule):
        raise ConfigurationError(f"ignore is {printable('', ignore)}; give a list")
    return list(ignore)


def _selected(pattern: object, known: Mapping[str, Rule]) -> tuple[list[str], list[str]]:
    """Return the operations and the ids of the rules that a pattern selects."""
    if not isinstance(pattern, str):
        return [], []
    operation, colon, rule_id = pattern.rpartition(":")
    operations = [each for each in GUARDED if each == operation or not colon]
    of_these = [each for each in known.values() if set(each.operations) & set(operations)]
    if rule_id.endswith("*"):
        return operations, [each.id for each in of_these if each.id.startswith(rule_id[:-1])]
    return operations, [each.id for each in of_these if each.id == rule_id]


def _hint(pattern: object, known: Mapping[str, Rule]) -> str:
    lists = "; 'neptune-guard rules' lists them"
    if not isinstance(pattern, str):
        return lists
    operation, colon, rule_id = pattern.rpartition(":")
    if colon and operation not in GUARDED:
        return did_you_mean(operation, GUARDED, lists)
    return lists if rule_id.endswith("*") else did_you_mean(rule_id, known, lists)


# ---------------------------------------------------------------------- without a client


_EVERYTHING = Ruleset()


def check(
    params: Mapping[str, Any],
    *,
    operation: str = "CopyDBClusterSnapshot",
    service: str = "neptune",
    region: str | None = None,
    account_id: str | None = None,
    rules: Iterable[Rule] = (),
    ignore: Iterable[str] | str = (),
) -> list[Violation]:
    """Check a request without AWS and without a client.

    Args:
        params: The parameters as given to the client's method; they are only read.
        operation: The API operation.
        service: The service whose client would make the request: `neptune`, or for a copy also `rds` or `docdb`.
        region: The Region that the request goes to. Without it the rules that need it find nothing.
        account_id: The caller's account, twelve digits. Without it the rules about other accounts find nothing.
        rules: Rules of your own, see `rule`.
        ignore: Rules to leave out: an id, `prefix-*`, `Operation:id` or `Operation:*`.

    Returns:
        Every violation, in the order of the operation's parameters; an empty list for a sound request.

    Raises:
        TypeError: `params` is not a mapping, or another argument is not a str.
        ConfigurationError: `operation` is not guarded on `service`, `account_id` is not twelve digits, or `rules` or
            `ignore` cannot be used.
        RuleError: A rule crashed.
    """
    if not isinstance(params, Mapping):
        raise TypeError(f"params has type {type(params).__name__}; give the request's parameters as a dict")
    for name, given in (("operation", operation), ("service", service), ("region", region), ("account_id", account_id)):
        if not isinstance(given, str) and (given is not None or name in ("operation", "service")):
            raise TypeError(f"{name} is {printable('', given)}; give a str, or leave it out")
    if account_id is not None:
        account(account_id)
    refuse_unguarded(operation, service)
    ruleset = Ruleset(rules, ignore) if rules or ignore else _EVERYTHING
    return ruleset.check(Request(operation, dict(params), service=service, region=region, account_id=account_id))


def refuse_unguarded(operation: str, service: str = "neptune") -> None:
    """Refuse an operation or service whose requests nobody checks.

    Raises:
        ConfigurationError: `operation` is not guarded, or not on clients of `service`.
    """
    if operation not in GUARDED:
        raise ConfigurationError(f"{printable('', operation)} is not a guarded operation{_own.guarded_hint(operation)}")
    services = GUARDED[operation].services
    if service not in services:
        raise ConfigurationError(
            f"{operation} is guarded on {', '.join(services)} only, not on {printable('', service)}"
        )


def check_value(
    parameter: str,
    value: object,
    *,
    operation: str = "CopyDBClusterSnapshot",
    region: str | None = None,
    account_id: str | None = None,
) -> list[Finding]:
    """Check a single value as a parameter of an operation, by the rules that need no other parameter.

    Args:
        parameter: The parameter's name.
        value: The value; it is only read.
        operation: The API operation.
        region: The client's Region; without it the rules that need it find nothing.
        account_id: The caller's account.

    Returns:
        What was found at this parameter.
    """
    request = Request(operation, {parameter: value}, region=region, account_id=account_id)
    found = _EVERYTHING.findings(request, whole=False)
    return [each for each in found if each.path.partition("[")[0].partition(".")[0] == parameter]
