"""The one-field rules: a JSON Schema document, accepted fast by one engine and explained well by another."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

from neptune_guard._request import MOST_TAGS
from neptune_guard._violations import ABSENT, Rule, Severity, Violation, found, help_url

PATH = Path(__file__).with_name("copy_db_cluster_snapshot.json")
DOCUMENT: dict[str, Any] = json.loads(PATH.read_text(encoding="utf-8"))

# \w is exactly \p{L}, \p{N} and the underscore; these nineteen are \p{Z} (measured over all code points).
_SEPARATORS = " \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000"
_ANNOTATIONS = ("$anchor", "title", "description", "$comment", "source", "rule")
_ECMA_TO_PYTHON = ((r"\p{L}\p{Z}\p{N}_", r"\w" + _SEPARATORS), ("$", r"\Z"))


def _rule(entry: Mapping[str, Any]) -> Rule:
    rule_id = entry["$anchor"]
    return Rule(
        rule_id,
        Severity.ERROR,
        entry["title"],
        help_url(rule_id),
        explanation=entry["$comment"],
        source=entry["source"],
    )


def _rules() -> dict[str, Rule]:
    """Return the public rule for each `$defs` entry; several entries may word one rule."""
    entries = DOCUMENT["$defs"].values()
    rules = {entry["$anchor"]: _rule({**entry, "$anchor": _public_id(entry)}) for entry in entries if "title" in entry}
    public = {rule.id: rule for rule in rules.values()}
    return {entry["$anchor"]: public[_public_id(entry)] for entry in entries}


def _public_id(entry: Mapping[str, Any]) -> str:
    return str(entry.get("rule", entry["$anchor"]))


def _inlined(schema: Any) -> Any:
    """Return the schema with every reference replaced by its entry: looking one up takes milliseconds a tag."""
    if isinstance(schema, list):
        return [_inlined(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return DOCUMENT["$defs"][schema["$ref"].removeprefix("#")]
    return {key: _inlined(value) for key, value in schema.items() if key not in ("$defs", "$id")}


def _merged(schema: Any) -> Any:
    """Return an inlined schema of the same verdict with fewer nodes: what `allOf` joins stands in one where it can."""
    if isinstance(schema, list):
        return [_merged(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    merged = {key: _merged(value) for key, value in schema.items() if key not in _ANNOTATIONS}
    parts = merged.pop("allOf", [])
    for part in parts:
        if merged.keys().isdisjoint(part):
            merged.update(part)
        else:
            merged.setdefault("allOf", []).append(part)
    return merged


_RULE_OF_ENTRY = _rules()
RULES: dict[str, Rule] = {rule.id: rule for rule in _RULE_OF_ENTRY.values()}
_INLINED = _inlined(DOCUMENT)
_valid: Callable[[Any], bool] = jsonschema_rs.Draft202012Validator(_merged(_INLINED)).is_valid


def accepts(params: Mapping[str, Any]) -> bool:
    """Tell quickly whether the one-field rules find nothing; False may also mean that the fast engine cannot tell."""
    try:
        return _valid(params)
    except Exception:  # noqa: BLE001 - it refuses Python values that JSON lacks, and names no common exception
        return False


def explain(params: Mapping[str, Any]) -> Iterator[Violation]:
    """Yield each finding once a place and rule, in the document's order, as `jsonschema` sees them.

    Args:
        params: The parameters in plain types, as `Request.plain` gives them.
    """
    seen = set()
    for error in _explainer().iter_errors(_shortened(params)):
        entry = error.schema
        for place in _places(error):
            rule = _RULE_OF_ENTRY[entry["$anchor"]]
            if (rule.id, place) not in seen:
                seen.add((rule.id, place))
                yield found(rule, _printed(place), _value(params, place), entry["description"])


def _shortened(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters with no more tags than it takes to see that there are too many."""
    tags = params.get("Tags")
    cut = {"Tags": tags[: MOST_TAGS + 1]} if isinstance(tags, (list, tuple)) else {}
    return {**params, **cut}


def _places(error: Any) -> Iterator[tuple[str | int, ...]]:
    """Yield where an error is: at its value, or at each name that is missing from it."""
    place = tuple(error.absolute_path)
    if error.validator == "required":
        yield from ((*place, name) for name in error.validator_value if name not in error.instance)
    else:
        yield place


def _printed(place: tuple[str | int, ...]) -> str:
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
    """Compile a pattern of the document, which is ECMA-262, for Python."""
    python = ecma
    for theirs, ours in _ECMA_TO_PYTHON:
        python = python.replace(theirs, ours)
    return re.compile(python)


def _is_valid(validator: Any, schema: Any, instance: Any) -> bool:
    return bool(validator.evolve(schema=schema).is_valid(instance))


# jsonschema quotes the offending value in its messages, however large or deep. These say only whether a keyword holds.
_KEYWORDS: dict[str, Callable[[Any, Any, Any], bool]] = {
    "type": lambda validator, wanted, value: validator.is_type(value, wanted),
    "pattern": lambda _, ecma, value: not isinstance(value, str) or _pattern(ecma).search(value) is not None,
    "minLength": lambda _, least, value: not isinstance(value, str) or len(value) >= least,
    "maxLength": lambda _, most, value: not isinstance(value, str) or len(value) <= most,
    "maxItems": lambda _, most, value: not isinstance(value, (list, tuple)) or len(value) <= most,
    "required": lambda _, names, value: not isinstance(value, dict) or all(name in value for name in names),
    "enum": lambda _, choices, value: isinstance(value, str) and value in choices,
    "not": lambda validator, schema, value: not _is_valid(validator, schema, value),
    "anyOf": lambda validator, schemas, value: any(_is_valid(validator, schema, value) for schema in schemas),
}


@cache
def _explainer() -> Any:
    """Build the slower engine; importing it costs more than this whole package, so only a finding does."""
    from jsonschema import Draft202012Validator
    from jsonschema.exceptions import ValidationError
    from jsonschema.validators import extend

    def quiet(holds: Callable[[Any, Any, Any], bool]) -> Callable[..., Iterator[ValidationError]]:
        def keyword(validator: Any, argument: Any, instance: Any, schema: Any) -> Iterator[ValidationError]:
            if not holds(validator, argument, instance):
                yield ValidationError("")

        return keyword

    tuples_too = Draft202012Validator.TYPE_CHECKER.redefine("array", lambda _, value: isinstance(value, (list, tuple)))
    keywords = {name: quiet(holds) for name, holds in _KEYWORDS.items()}
    validator: Any = extend(Draft202012Validator, keywords, type_checker=tuples_too)  # type: ignore[no-untyped-call]  # untyped there
    return validator(_INLINED)
