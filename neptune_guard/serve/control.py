"""Preparing a served stub from any language: its methods by name, their arguments as JSON.

The arguments, their types and which of them are required are read from the signatures of the methods.
"""

from __future__ import annotations

import inspect
import json
import os
import re
import typing
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from functools import cache
from pathlib import Path
from types import SimpleNamespace, UnionType
from typing import Any, NamedTuple, NoReturn

from neptune_guard._printing import printable, redacted
from neptune_guard.exceptions import ConfigurationError
from neptune_guard.serve.wire import MalformedInputError
from neptune_guard.stub import NeptuneStub

CHANGES = (
    "add_cluster",
    "add_snapshot",
    "add_instance",
    "add_kms_key",
    "fail",
    "clock/advance",
    "clock/freeze",
    "clock/move_to",
    "reset",
)
"""What changes a stub; a slash stands for a dot of Python."""
LOOKS: Mapping[str, Callable[[NeptuneStub], Any]] = {
    "calls": lambda stub: [asdict(call) for call in stub.calls],
    "clock": lambda stub: stub.clock.now(),
    "health": lambda stub: {"status": "ok"},
}
"""What only looks at a stub."""

_STEP = '{"add_snapshot": {"identifier": "nightly", "region": "us-east-1"}}'
_MOST_DIGITS = 1000
_LONGEST = 200  # characters of what was given, in a message


def change(stub: NeptuneStub, name: str, arguments: object) -> Any:
    """Carry out one change.

    Args:
        stub: The stub to change.
        name: One of `CHANGES`.
        arguments: The arguments by name, as JSON was read: an object.

    Returns:
        What the method returns.

    Raises:
        ConfigurationError: `name` is unknown, an argument is unknown, missing or of a wrong type, or the stub refuses
            its value.
    """
    method = _method(stub, name)
    if method is None:
        raise ConfigurationError(f"{printable('', name)} is unknown; the known are {', '.join(CHANGES)}")
    return method(**_keywords(name, method.__func__, arguments))  # type: ignore[attr-defined]  # it is bound


def plant(stub: NeptuneStub, file: str | os.PathLike[str]) -> None:
    """Carry out a seed file: a JSON list of objects such as `{"add_snapshot": {"identifier": "nightly", ...}}`.

    Args:
        stub: The stub to prepare.
        file: The file's path.

    Raises:
        ConfigurationError: `file` cannot be read, or one of its steps cannot be carried out; those before it are.
    """
    try:
        steps = read_json(Path(file).read_bytes())
    except OSError as problem:
        raise ConfigurationError(f"the seed file {file} cannot be read: {problem.strerror}") from problem
    except MalformedInputError as problem:
        raise ConfigurationError(f"the seed file {file} is {problem}") from problem
    if not isinstance(steps, list):
        raise ConfigurationError(f"the seed file {file} must be a list of steps such as {_STEP}")
    for number, step in enumerate(steps, 1):
        if not isinstance(step, dict) or len(step) != 1:
            raise ConfigurationError(f"the seed file {file}, step {number}: give an object such as {_STEP}")
        [(name, arguments)] = step.items()
        try:
            change(stub, name, arguments)
        except ConfigurationError as problem:
            raise ConfigurationError(f"the seed file {file}, step {number}: {problem}") from problem


def read_json(body: bytes) -> Any:
    """Return what JSON says, strictly.

    Args:
        body: JSON in UTF-8.

    Raises:
        MalformedInputError: `body` is not JSON, or an object in it has a member twice.
    """
    try:
        return json.loads(
            body.decode(), object_pairs_hook=_object, parse_constant=_refuse_constant, parse_int=_whole_number
        )
    except (ValueError, RecursionError) as problem:
        raise MalformedInputError(f"not JSON in UTF-8: {problem}") from problem


def write_json(value: Any) -> bytes:
    """Return a value as one line of JSON, times in ISO 8601.

    Args:
        value: What a method returned.
    """
    return json.dumps(value, default=_iso).encode() + b"\n"


# ---------------------------------------------------------------------- arguments


def _method(stub: NeptuneStub, name: str) -> Callable[..., Any] | None:
    """Return the method behind a name, where the stub has it."""
    owner = stub.clock if name.startswith("clock/") else stub
    return getattr(owner, name.rpartition("/")[2], None) if name in CHANGES else None


class _Signature(NamedTuple):
    """What a method takes: the names, a JSON Schema of them all, and the names of times, which JSON writes as text."""

    names: tuple[str, ...]
    validator: Any
    times: frozenset[str]


@cache
def _signature(function: Callable[..., Any]) -> _Signature:
    import jsonschema

    keyword = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    accepted = list(inspect.signature(function).parameters.values())[1:]
    named = [each for each in accepted if each.kind in keyword]
    hints = _hints(function)
    schema = {
        "type": "object",
        "properties": {each.name: _schema(hints[each.name]) for each in named},
        "required": [each.name for each in named if each.default is each.empty],
        "additionalProperties": next(
            (_schema(hints[each.name]) for each in accepted if each.kind is each.VAR_KEYWORD), False
        ),
    }
    return _Signature(
        tuple(each.name for each in named),
        jsonschema.Draft202012Validator(schema),
        frozenset(each.name for each in named if datetime in _alternatives(hints[each.name])),
    )


def _hints(function: Callable[..., Any]) -> dict[str, Any]:
    """Return the types of a function's arguments; the type of its result may be known to type checkers only."""
    annotations = {name: each for name, each in inspect.get_annotations(function).items() if name != "return"}
    return typing.get_type_hints(SimpleNamespace(__annotations__=annotations), function.__globals__)


def _alternatives(hint: Any) -> tuple[Any, ...]:
    return typing.get_args(hint) if typing.get_origin(hint) in (UnionType, typing.Union) else (hint,)


def _schema(hint: Any) -> dict[str, Any]:
    """Return the JSON Schema of a type hint."""
    schema: dict[str, Any] = {"type": []}
    for each in _alternatives(hint):
        kind, inner = typing.get_origin(each) or each, typing.get_args(each)
        schema["type"].append(_JSON_TYPES[kind])
        if kind is Mapping:
            schema["additionalProperties"] = _schema(inner[1])
        elif kind is Iterable:
            schema["items"] = _schema(inner[0])
    return schema


def _keywords(name: str, function: Callable[..., Any], arguments: object) -> dict[str, Any]:
    """Return JSON's arguments as Python's."""
    signature = _signature(function)
    error = next(signature.validator.iter_errors(arguments), None)
    if error:
        place = "".join(f" {each}:" for each in error.absolute_path)
        units = "units of time, such as hours" if signature.validator.schema["additionalProperties"] else "no arguments"
        takes = ", ".join(signature.names) or units
        problem = error.message.replace(repr(error.instance), repr(redacted(error.instance)))[:_LONGEST]
        if error.validator == "additionalProperties":
            unknown = next(each for each in error.instance if each not in signature.names)
            problem = f"{printable('', unknown)} is not an argument"
        raise ConfigurationError(f"{name}:{place} {problem}; it takes {takes}")
    given = typing.cast("dict[str, Any]", arguments)
    return {
        key: _moment(f"{name}: {key}", value) if key in signature.times and value is not None else value
        for key, value in given.items()
    }


def _moment(what: str, text: str) -> datetime:
    given = f"{what} is {printable('', text)}"
    try:
        # Python 3.10 does not know the Z.
        moment = datetime.fromisoformat(re.sub("[zZ]$", "+00:00", text))
    except ValueError as problem:
        raise ConfigurationError(f"{given}, which is not a time; give one as 2026-05-04T03:00:00Z") from problem
    if moment.tzinfo is None:
        raise ConfigurationError(f"{given}, which has no time zone; give one as 2026-05-04T03:00:00Z")
    return moment


_JSON_TYPES: Mapping[Any, str] = {
    str: "string",
    datetime: "string",
    typing.Literal: "string",
    bool: "boolean",
    int: "integer",
    float: "number",
    type(None): "null",
    Mapping: "object",
    Iterable: "array",
}
"""How JSON writes the types that the methods' arguments have."""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) < len(pairs):
        [(twice, _)] = Counter(name for name, _ in pairs).most_common(1)
        raise ValueError(f"{printable('', twice)} is given twice in one object")
    return made


def _whole_number(digits: str) -> int:
    if len(digits) > _MOST_DIGITS:
        raise ValueError(f"a number has {len(digits)} digits")
    return int(digits)


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number of JSON")


def _iso(value: Any) -> str:
    return typing.cast(datetime, value).isoformat().replace("+00:00", "Z")
