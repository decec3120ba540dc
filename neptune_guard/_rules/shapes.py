"""The rules that follow from botocore's model of an operation: names, types and what is required."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import cache
from itertools import islice
from typing import Any

from botocore.model import Shape
from botocore.utils import parse_to_aware_datetime

from neptune_guard._data import service_model
from neptune_guard._printing import ABSENT, did_you_mean
from neptune_guard._rules._request import MOST_FINDINGS
from neptune_guard._violations import Finding, Rule, ServiceFault, Severity

_REFERENCE = "https://docs.aws.amazon.com/neptune/latest/apiref/API_Operations.html"

MISSING_PARAMETER = Rule(
    "missing-parameter",
    Severity.ERROR,
    "A required parameter must be given",
    _REFERENCE,
    explanation="The model of the operation says which parameters are required. botocore rejects the request too, but "
    "only after its own handlers ran, and without the other mistakes in it.",
    fault=ServiceFault(
        words="The parameter {parameter} must be provided and must not be blank.",
        evidence="inferred, after what moto's authors saw for instance snapshots (getmoto/moto pull request 8367)",
    ),
    accepted={"SourceDBClusterSnapshotIdentifier": "nightly", "TargetDBClusterSnapshotIdentifier": "nightly-copy"},
    rejected={"SourceDBClusterSnapshotIdentifier": "nightly", "TargetDBClusterSnapshotIdentifier": ABSENT},
)
PARAMETER_TYPE = Rule(
    "parameter-type",
    Severity.ERROR,
    "A parameter must have the type that the model of the operation gives it",
    _REFERENCE,
    explanation="botocore rejects other types too, but only after its own handlers ran. While a value has the wrong "
    "type the other rules stay quiet about it. None is not the same as leaving the parameter out.",
    accepted={"CopyTags": True},
    rejected={"CopyTags": "true"},
)
UNKNOWN_PARAMETER = Rule(
    "unknown-parameter",
    Severity.ERROR,
    "A parameter must be one that the model of the operation knows",
    _REFERENCE,
    explanation="The names are those of the client's own model, so that a parameter of a newer botocore is known to "
    "its clients. botocore rejects other names as well, but says nothing about what was meant.",
    accepted={"KmsKeyId": "alias/graph"},
    rejected={"KmsKeyID": "alias/graph"},
)
RULES = (MISSING_PARAMETER, PARAMETER_TYPE, UNKNOWN_PARAMETER)


def is_operation(name: str) -> bool:
    """Tell whether Neptune has an operation, by botocore's own data."""
    return name in service_model("neptune").operation_names


@cache
def input_shape(service: str, operation: str) -> Shape:
    """Return the shape of an operation's parameters by botocore's own data, for a request without a client."""
    shape = service_model(service).operation_model(operation).input_shape
    assert shape is not None, f"{operation} has no parameters"  # noqa: S101 - every guarded operation has some
    return shape


# ---------------------------------------------------------------------- for the fast engine


def structure(shape: Shape, *, whole: bool = True) -> str:
    """Return the JSON Schema of a shape, as JSON: types, required and known names. Times are left to `findings`.

    Args:
        shape: The shape of an operation's parameters.
        whole: Whether the required parameters have to be there.
    """
    schema = _structure(shape)
    return json.dumps(schema if whole else {**schema, "required": []})


def _structure(shape: Any) -> dict[str, Any]:
    kind = shape.type_name
    if kind == "structure":
        members = {name: _structure(member) for name, member in shape.members.items()}
        return {
            "type": "object",
            "properties": members,
            "required": list(shape.required_members),
            "additionalProperties": False,
        }
    if kind == "list":
        return {"type": "array", "items": _structure(shape.member)}
    if kind == "timestamp":
        return {"not": {}}  # a time that is not a datetime takes the slow way
    return {"type": _JSON_TYPES[kind]} if kind in _JSON_TYPES else {}


_JSON_TYPES = {
    "string": "string",
    "boolean": "boolean",
    "integer": "integer",
    "long": "integer",
    "double": "number",
    "float": "number",
}


def without_times(shape: Any, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the parameters without those that are times, which JSON lacks."""
    return {
        name: value for name, value in params.items() if not isinstance(value, datetime) or not _is_time(shape, name)
    }


def _is_time(shape: Any, name: str) -> bool:
    return name in shape.members and shape.members[name].type_name == "timestamp"


# ---------------------------------------------------------------------- for people


def findings(operation: str, shape: Any, params: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield what a request in exact types has that its shape does not allow.

    Args:
        operation: The API operation.
        shape: The shape of its parameters.
        params: The parameters in exact types.
    """
    yield from _structure_findings(operation, shape, params, "")


def _structure_findings(operation: str, shape: Any, members: Any, path: str) -> Iterator[Finding]:
    if not isinstance(members, Mapping):
        yield PARAMETER_TYPE.found(path, members, f"is not a dict; give a dict with {_names(shape)}")
        return
    for name in shape.required_members:
        if name not in members:
            yield MISSING_PARAMETER.found(_step(path, name), ABSENT, f"is missing; {operation} needs it")
    for name, value in members.items():
        if name in shape.members:
            yield from _value_findings(operation, shape.members[name], value, _step(path, name))
        else:
            where = "a parameter" if not path else f"a member of {path}"
            hint = did_you_mean(name, shape.members, f"; it has {_names(shape)}")
            yield UNKNOWN_PARAMETER.found(_step(path, name), value, f"is not {where} of {operation}{hint}")


def _step(path: str, name: str) -> str:
    name = name or '""'  # the path of the whole request is empty
    return f"{path}.{name}" if path else name


def _names(shape: Any) -> str:
    names = list(shape.members)
    return ", ".join(names[:8]) + (f" and {len(names) - 8} more" if len(names) > 8 else "")


def _value_findings(operation: str, shape: Any, value: Any, path: str) -> Iterator[Finding]:
    kind = shape.type_name
    if kind == "structure":
        yield from _structure_findings(operation, shape, value, path)
    elif kind == "list":
        if not isinstance(value, (list, tuple)):
            yield PARAMETER_TYPE.found(path, value, "is not a list; give a list or a tuple")
            return
        yield from islice(_entry_findings(operation, shape.member, value, path), MOST_FINDINGS)
    elif kind in _TYPES:  # pragma: no branch - botocore judges the kinds that Neptune does not use
        holds, advice = _TYPES[kind]
        if not holds(value):
            yield PARAMETER_TYPE.found(path, value, advice)


def _entry_findings(operation: str, shape: Any, entries: Any, path: str) -> Iterator[Finding]:
    for number, each in enumerate(entries):
        yield from _value_findings(operation, shape, each, f"{path}[{number}]")


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


_LONGEST_TIME = 200
_MOMENTS: Any = (str, int, float, datetime)


def moment(value: Any) -> datetime | None:
    """Return the moment that botocore would send for a value, aware of its zone, or None where it would send none."""
    if not isinstance(value, _MOMENTS) or isinstance(value, bool):
        return None
    if isinstance(value, str) and len(value) > _LONGEST_TIME:
        return None  # botocore's parser takes the square of the length
    try:
        return parse_to_aware_datetime(value)
    except Exception:  # noqa: BLE001 - tzinfo is the caller's own class and may fail in any way
        return None


_TYPES: Mapping[str, tuple[Callable[[Any], bool], str]] = {
    "string": (lambda value: isinstance(value, str), "is not a string; give a str, or leave the parameter out"),
    "boolean": (lambda value: isinstance(value, bool), "is not a boolean; give True or False (1 and 'true' differ)"),
    "integer": (_is_integer, "is not a whole number; give an int"),
    "long": (_is_integer, "is not a whole number; give an int"),
    "double": (_is_number, "is not a number; give a float or an int"),
    "float": (_is_number, "is not a number; give a float or an int"),
    "timestamp": (
        lambda value: moment(value) is not None,
        "is not a time that botocore can send; give a datetime with a time zone",
    ),
}
