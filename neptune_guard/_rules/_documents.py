"""The schema documents: read, with every reference replaced, and what they say of rules."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib import resources
from typing import Any

from neptune_guard._printing import ABSENT
from neptune_guard._violations import Rule, ServiceFault, Severity

_INFORMING = {
    *("$schema", "$id", "$comment", "title", "description", "source", "severity", "fault", "rule"),
    *("accepted", "rejected"),
}
"""The keys that decide nothing; the fast engine is better off without them."""


def _read(name: str) -> dict[str, Any]:
    text = (resources.files(__package__) / "schemas" / f"{name}.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@cache
def _definitions() -> dict[str, Any]:
    return _read("definitions")


def _entry(part: str, name: str) -> dict[str, Any]:
    if name not in _definitions()[part]:
        raise AssertionError(f"definitions.json has no {name} under {part}, which a schema document refers to")
    entry: dict[str, Any] = _definitions()[part][name]
    return entry


@cache
def document(operation: str) -> dict[str, Any]:
    """Return an operation's document with every reference replaced by what it refers to.

    Resolving references at run time would cost milliseconds per tag.
    """
    document: dict[str, Any] = inlined(_read(operation))
    return document


def inlined(schema: Any) -> Any:
    """Return a schema with every reference replaced by what it refers to, which gets its name as `rule`."""
    if isinstance(schema, list):
        return [inlined(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        name = schema["$ref"].partition("#")[2]
        entry = _entry("$defs", name)
        return {"rule": name, **inlined({key: entry[key] for key in entry if key not in ("accepted", "rejected")})}
    return {key: inlined(value) for key, value in schema.items()}


def merged(schema: Any) -> Any:
    """Return a schema of the same verdict with fewer nodes: `allOf` is dissolved where its parts do not clash."""
    if isinstance(schema, list):
        return [merged(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    whole = {key: _members(key, value) for key, value in schema.items() if key not in _INFORMING}
    for part in whole.pop("allOf", []):
        whole = _joined(whole, part)
    return whole


def _joined(one: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Return a schema that holds where two merged ones hold."""
    clashes = one.keys() & other.keys()
    if not clashes <= {"properties", "items"}:
        return {**one, "allOf": [*one.get("allOf", []), other]}
    joined = {**one, **other}
    if "properties" in clashes:
        ours, theirs = one["properties"], other["properties"]
        both = {name: _joined(ours[name], theirs[name]) for name in ours.keys() & theirs.keys()}
        joined["properties"] = {**ours, **theirs, **both}
    if "items" in clashes:
        joined["items"] = _joined(one["items"], other["items"])
    return joined


def _members(key: str, value: Any) -> Any:
    # The members of `properties` are parameters: their names are not keywords.
    return {name: merged(each) for name, each in value.items()} if key == "properties" else merged(value)


# ---------------------------------------------------------------------- rules


@cache
def field_rules() -> dict[str, Rule]:
    """Return every rule of definitions.json by its id, without operations and examples' parameters."""
    return {name: _rule(name, entry) for name, entry in _definitions()["$defs"].items() if "title" in entry}


def _rule(rule_id: str, entry: Mapping[str, Any]) -> Rule:
    missing = {"source", "$comment", "rejected"} - entry.keys()
    if missing:
        raise AssertionError(f"the rule {rule_id} of definitions.json has no {' and no '.join(sorted(missing))}")
    return Rule(
        rule_id,
        Severity(entry.get("severity", "error")),
        entry["title"],
        entry["source"],
        explanation=entry["$comment"],
        fault=fault(entry.get("fault")),
        accepted={"": entry.get("accepted", ABSENT)},
        rejected={"": entry["rejected"]},
    )


def fault(name: str | None) -> ServiceFault:
    """Return what the service answers, by its name in definitions.json; without one, what nobody has recorded."""
    return ServiceFault(**_entry("faults", name)) if name else ServiceFault()


def parameters_of(operation: str) -> dict[str, dict[str, bool]]:
    """Return the ids of the rules in an operation's document, by parameter, and whether each is there unvaried.

    A variant of a rule has another message, severity or limit, so the rule's own examples may not be for it.
    """
    properties = _read(operation)["properties"]
    return {name: dict(sorted(_ids(schema))) for name, schema in properties.items()}


def _ids(schema: Any) -> Iterator[tuple[str, bool]]:
    if isinstance(schema, list):
        for each in schema:
            yield from _ids(each)
    elif isinstance(schema, dict):
        if "$ref" in schema:
            yield from _ids_of(schema["$ref"].partition("#")[2])
        for each in schema.values():
            yield from _ids(each)


@cache
def _ids_of(name: str) -> tuple[tuple[str, bool], ...]:
    entry = _entry("$defs", name)
    own = [(entry.get("rule", name), "title" in entry)] if entry.get("rule", name) in field_rules() else []
    return (*own, *_ids({key: value for key, value in entry.items() if key not in _INFORMING}))
