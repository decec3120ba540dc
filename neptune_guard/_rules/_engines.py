"""The engines of the rules about single parameters: one accepts fast, the other explains well."""

from __future__ import annotations

import json
import os
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from functools import cache, lru_cache
from itertools import islice
from typing import Any

import jsonschema_rs

from neptune_guard._printing import ABSENT
from neptune_guard._rules._documents import document, fault, field_rules, inlined, merged
from neptune_guard._rules._request import MOST_FINDINGS, MOST_TAGS
from neptune_guard._violations import Finding, Severity

# \w is exactly \p{L}, \p{N} and the underscore; these nineteen are \p{Z} (measured over all code points).
_SEPARATORS = " \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_ECMA_TO_PYTHON = ((r"\p{L}\p{Z}\p{N}_", r"\w" + _SEPARATORS), ("$", r"\Z"))


# ---------------------------------------------------------------------- the fast engine


@cache
def _test_of(rule_id: str) -> Callable[[Any], bool]:
    return jsonschema_rs.Draft202012Validator(merged(inlined({"$ref": f"#{rule_id}"}))).is_valid


def keeps(rule_id: str, value: str) -> bool:
    """Tell quickly whether a text keeps one rule of definitions.json."""
    try:
        return _test_of(rule_id)(value)
    except UnicodeEncodeError:  # a lone surrogate
        return False


@lru_cache(maxsize=256)
def acceptor(operation: str, structure: str) -> Callable[[Any], bool]:
    """Return a test that tells quickly whether a request in exact types breaks no rule about single parameters.

    Args:
        operation: The API operation.
        structure: The JSON Schema of the operation's shape, as JSON: types, required and known names.
    """
    return _acceptor({"allOf": [json.loads(structure), document(operation)]})


@cache
def _accepts_parts(operation: str) -> Callable[[Any], bool]:
    """Return a test of some of an operation's parameters."""
    return _acceptor(document(operation))


def _acceptor(schema: dict[str, Any]) -> Callable[[Any], bool]:
    is_valid = jsonschema_rs.Draft202012Validator(merged(schema)).is_valid

    def accepts(params: Any) -> bool:
        try:
            return is_valid(params)
        except Exception:  # noqa: BLE001 - it rejects Python values that JSON lacks, by exceptions without a common base
            return False

    return accepts


# ---------------------------------------------------------------------- the engine that explains


def explain(operation: str, params: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield each finding once per place and rule, in the document's order, as `jsonschema` sees them.

    Args:
        operation: The API operation.
        params: The parameters in exact types.
    """
    seen = set()
    for entry, place in _errors(operation, params):
        rule = field_rules()[entry["rule"]]
        if (rule.id, place) not in seen:
            seen.add((rule.id, place))
            yield rule.found(
                printed(place),
                _value(params, place),
                entry["description"],
                severity=Severity(entry["severity"]) if "severity" in entry else None,
                fault=fault(entry["fault"]) if "fault" in entry else None,
            )


Place = tuple[str | int, ...]


def _errors(operation: str, params: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], Place]]:
    """Yield the entry of definitions.json and the place of each error; those in the rest of long lists come last.

    The rest of a list that is an error by its length, as more than fifty tags are, is left out.
    """
    refused = set()
    for entry, place in _explained(operation, _shortened(params)):
        if Severity(entry.get("severity", "error")) is Severity.ERROR:
            refused.add(place)
        yield entry, place
    for path in _long_lists(params):
        if path not in refused:
            yield from islice(_errors_of_rest(operation, params, path), MOST_FINDINGS)


def _explained(operation: str, params: Any) -> Iterator[tuple[dict[str, Any], Place]]:
    """Yield where an error is: at its value, or at each name that is missing from it."""
    for error in _explainer(operation).iter_errors(params):
        place = tuple(error.absolute_path)
        if error.validator == "required":
            missing = (name for name in error.validator_value if name not in error.instance)
            yield from ((error.schema, (*place, name)) for name in missing)
        else:
            yield error.schema, place


def _shortened(value: Any) -> Any:
    """Return parameters with no more entries in a list, at any depth, than it takes to see that there are too many."""
    if isinstance(value, dict):
        return {name: _shortened(each) for name, each in value.items()}
    return [_shortened(each) for each in value[: MOST_TAGS + 1]] if isinstance(value, list) else value


def _long_lists(value: Any, path: Place = ()) -> Iterator[Place]:
    """Yield where a list is that `_shortened` shortens; no parameter has lists in the entries of lists."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _long_lists(each, (*path, name))
    elif isinstance(value, list) and len(value) > MOST_TAGS + 1:
        yield path


def _errors_of_rest(operation: str, params: Mapping[str, Any], path: Place) -> Iterator[tuple[dict[str, Any], Place]]:
    """Yield the errors in a list after what `_shortened` leaves of it; the fast engine skips what is sound."""
    values = _value(params, path)
    for begin in range(MOST_TAGS + 1, len(values), MOST_TAGS):
        part = values[begin : begin + MOST_TAGS]
        for name in reversed(path):
            part = {name: part}
        if _accepts_parts(operation)(part):
            continue
        for entry, place in _explained(operation, part):
            rest = place[len(path) :]
            if rest and place[: len(path)] == path:
                yield entry, (*path, int(rest[0]) + begin, *rest[1:])


def printed(place: tuple[str | int, ...]) -> str:
    """Return a place as botocore prints paths: `Tags[0].Key`."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
    return "".join(steps).removeprefix(".")


def _value(params: Any, place: tuple[str | int, ...]) -> Any:
    value = params
    for step in place:
        if isinstance(step, str) and step not in value:
            return ABSENT
        value = value[step]
    return value


@cache
def _pattern(ecma: str) -> re.Pattern[str]:
    """Compile a pattern of the documents, which is ECMA-262, for Python."""
    python = ecma
    for theirs, ours in _ECMA_TO_PYTHON:
        python = python.replace(theirs, ours)
    return re.compile(python)


def _is_valid(validator: Any, schema: Any, instance: Any) -> bool:
    return bool(validator.evolve(schema=schema).is_valid(instance))


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


# jsonschema quotes the offending value in its messages, however large or deep. These say only whether a keyword holds.
_KEYWORDS: dict[str, Callable[[Any, Any, Any], bool]] = {
    "type": lambda validator, wanted, value: validator.is_type(value, wanted),
    "pattern": lambda _, ecma, value: not isinstance(value, str) or _pattern(ecma).search(value) is not None,
    "minLength": lambda _, least, value: not isinstance(value, str) or len(value) >= least,
    "maxLength": lambda _, most, value: not isinstance(value, str) or len(value) <= most,
    "minItems": lambda _, least, value: not isinstance(value, (list, tuple)) or len(value) >= least,
    "maxItems": lambda _, most, value: not isinstance(value, (list, tuple)) or len(value) <= most,
    "minimum": lambda _, least, value: not _is_number(value) or value >= least,
    "maximum": lambda _, most, value: not _is_number(value) or value <= most,
    "multipleOf": lambda _, step, value: not _is_number(value) or value % step == 0,
    "required": lambda _, names, value: not isinstance(value, dict) or all(name in value for name in names),
    "enum": lambda _, choices, value: not isinstance(value, (str, int)) or value in choices,
    "not": lambda validator, schema, value: not _is_valid(validator, schema, value),
    "anyOf": lambda validator, schemas, value: any(_is_valid(validator, schema, value) for schema in schemas),
}


# A process that is forked while another thread imports a module waits for that module for ever.
_importing = threading.RLock()
if hasattr(os, "register_at_fork"):  # pragma: no branch - not on Windows
    os.register_at_fork(
        before=_importing.acquire, after_in_parent=_importing.release, after_in_child=_importing.release
    )


@cache
def _explainer(operation: str) -> Any:
    """Build the slower engine; importing it costs more than this whole package, so only a finding does."""
    with _importing:
        from jsonschema import Draft202012Validator
        from jsonschema.exceptions import ValidationError
        from jsonschema.validators import extend

    def quiet(holds: Callable[[Any, Any, Any], bool]) -> Callable[..., Iterator[ValidationError]]:
        def keyword(validator: Any, argument: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
            if not holds(validator, argument, instance):
                yield ValidationError("")

        return keyword

    keywords = {name: quiet(holds) for name, holds in _KEYWORDS.items()}
    validator: Any = extend(Draft202012Validator, keywords)  # type: ignore[no-untyped-call]  # untyped there
    return validator(document(operation))
