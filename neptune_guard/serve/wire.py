"""AWS's Query protocol, the server's side of it: forms become parameters and answers become XML, by botocore's model.

botocore itself only has the client's side; the tests hold this module to botocore's serializer and parser.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timezone
from functools import cache
from typing import Any, NamedTuple, cast
from urllib.parse import parse_qsl

from botocore.model import ListShape, OperationModel, Shape, StructureShape

from neptune_guard._data import service_model
from neptune_guard._printing import redacted_text, xml_text

_MOST_FIELDS = 10_000
_ACTION = re.compile("[A-Za-z0-9]{1,100}")
_INDEX = re.compile("[1-9][0-9]{0,8}")
_DECIMAL = re.compile(r"[+-]?([0-9]{1,40}(\.[0-9]{0,40})?|\.[0-9]{1,40})([eE][+-]?[0-9]{1,3})?|NaN|-?Infinity")
_MOMENT = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2})(?:\.([0-9]{1,9}))?(?:Z|([+-][0-9]{2}:[0-9]{2}))"
)


class MalformedInputError(ValueError):
    """A request that cannot be read; the text says which field is wrong, and how."""


class Form(NamedTuple):
    """The body of a request: its action, and every other field as it was sent."""

    action: str
    fields: tuple[tuple[str, str], ...]


# ---------------------------------------------------------------------- forms


def read_form(body: bytes) -> Form:
    """Read a form.

    Args:
        body: The body of the HTTP request.

    Raises:
        MalformedInputError: The body is no form, has a field twice, or names no action.
    """
    try:
        pairs = parse_qsl(
            body.decode(),
            keep_blank_values=True,
            strict_parsing=bool(body),
            errors="strict",
            max_num_fields=_MOST_FIELDS,
        )
    except ValueError as problem:
        if body.count(b"&") >= _MOST_FIELDS:
            raise MalformedInputError(f"the body has more than {_MOST_FIELDS:,} fields") from problem
        raise MalformedInputError("the body is not a form in UTF-8 (name=value&name=value)") from problem
    fields = dict(pairs)
    if len(fields) < len(pairs):
        [(twice, _)] = Counter(name for name, _ in pairs).most_common(1)
        raise MalformedInputError(f"{_shown(twice)} is given twice")
    action = fields.pop("Action", "")
    if not _ACTION.fullmatch(action):
        raise MalformedInputError(f"the Action is {_shown(action)}; give the name of an operation")
    fields.pop("Version", None)
    return Form(action, tuple(fields.items()))


def parameters(fields: Iterable[tuple[str, str]], model: OperationModel) -> dict[str, Any]:
    """Return a form's fields as an operation's parameters.

    Args:
        fields: Names and values as sent: `("Tags.Tag.1.Key", "team")`.
        model: The operation.

    Returns:
        The parameters as a botocore client takes them. A member that the model lacks is kept as text under its
        name, dots and all, for whoever validates the parameters to refuse it.

    Raises:
        MalformedInputError: A value is not of its type, or the elements of a list are not numbered 1, 2, 3.
    """
    shape = cast(StructureShape, model.input_shape)  # every operation of Neptune has one
    found: dict[Any, Any] = {}
    for name, value in fields:
        _place(found, name, value, shape)
    return {name: _lists_made(value, shape.members.get(name), name) for name, value in found.items()}


def _place(into: dict[Any, Any], name: str, value: str, shape: Shape) -> None:
    """Put the value of one field where its name says; lists are dicts by number until all fields are placed."""
    key: Any = None
    parts = iter(name.split("."))
    for part in parts:
        into = into if key is None else _opened(into, key, name)
        if isinstance(shape, StructureShape):
            key, member = _members_by_name(shape).get(part, (part, None))
            if member is None:
                into[".".join((part, *parts))] = value  # the whole name, as its end may be that of a secret
                return
            shape = member
            if isinstance(shape, ListShape) and _is_flat(shape):
                number = next(parts, None)
                if number is None:
                    break
                into, key, shape = _opened(into, key, name), _number(number, name), shape.member
        elif isinstance(shape, ListShape):
            if part != _element_name(shape):
                raise MalformedInputError(f"{_shown(name)}: elements of this list are named {_element_name(shape)}.1")
            key, shape = _number(next(parts, ""), name), shape.member
        else:
            raise MalformedInputError(f"{_shown(name)} goes deeper than the parameter does")
    if key in into:
        raise MalformedInputError(f"{_shown(name)} is given as a whole and in parts")
    into[key] = _scalar(shape, value, name)


def _opened(into: dict[Any, Any], key: Any, name: str) -> dict[Any, Any]:
    opened = into.setdefault(key, {})
    if not isinstance(opened, dict):
        raise MalformedInputError(f"{_shown(name)} is given as a whole and in parts")
    return opened


def _number(text: str, name: str) -> int:
    if not _INDEX.fullmatch(text):
        raise MalformedInputError(f"{_shown(name)}: elements of a list are numbered 1, 2, 3")
    return int(text)


def _lists_made(found: Any, shape: Shape | None, path: str) -> Any:
    """Return what was placed with its lists as lists."""
    if not isinstance(found, dict):
        return found
    if isinstance(shape, ListShape):
        for number in range(1, len(found) + 1):
            if number not in found:
                raise MalformedInputError(f"{path}: element {number} of the list is missing; number them 1, 2, 3")
        return [_lists_made(found[number], shape.member, path) for number in sorted(found)]
    members = cast(StructureShape, shape).members
    return {name: _lists_made(value, members.get(name), f"{path}.{name}") for name, value in found.items()}


def _scalar(shape: Shape, text: str, name: str) -> Any:
    if isinstance(shape, (ListShape, StructureShape)):
        # botocore and Go send an empty list as `ValuesToRemove=`, and no other value for a whole one.
        if text:
            raise MalformedInputError(f"{_shown(name)} takes numbered or named members, not one value")
        return [] if isinstance(shape, ListShape) else {}
    try:
        return _READ[shape.type_name](text)
    except ValueError as problem:
        raise MalformedInputError(
            f"{_shown(name)} is {_shown(text)}, which is not of type {shape.type_name}"
        ) from problem


def _matching(pattern: re.Pattern[str], convert: Callable[[str], Any]) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        if not pattern.fullmatch(text):
            raise ValueError(text)
        return convert(text)

    return read


def _whole(bits: int) -> Callable[[str], int]:
    digits = _matching(re.compile("[+-]?[0-9]{1,20}"), int)

    def read(text: str) -> int:
        number: int = digits(text)
        if not -(2 ** (bits - 1)) <= number < 2 ** (bits - 1):
            raise ValueError(text)
        return number

    return read


def _moment(text: str) -> datetime:
    parts = _MOMENT.fullmatch(text)
    if not parts:
        raise ValueError(text)
    clock, fraction, offset = parts.groups()
    return datetime.fromisoformat(f"{clock}.{(fraction or '').ljust(6, '0')[:6]}{offset or '+00:00'}")


_TRUTH = {"true": True, "false": False}
_READ: Mapping[str, Callable[[str], Any]] = {
    "string": str,
    "boolean": _matching(re.compile("true|false", re.IGNORECASE | re.ASCII), lambda text: _TRUTH[text.lower()]),
    "integer": _whole(32),
    "long": _whole(64),
    "float": _matching(_DECIMAL, float),
    "double": _matching(_DECIMAL, float),
    "timestamp": _moment,
}
"""How the text of a field is read, by the type of its shape: all the types that Neptune's requests have."""


@cache
def _members_by_name(shape: StructureShape) -> dict[str, tuple[str, Shape]]:
    """Return a structure's members by the names that they have in a form."""
    # The elements of a flattened list have a name of their own, its empty form has the list's.
    return {
        wire_name: (name, member)
        for name, member in shape.members.items()
        for wire_name in (_own_name(name, member), _wire_name(name, member))
    }


def _wire_name(name: str, member: Shape) -> str:
    if isinstance(member, ListShape) and _is_flat(member):
        return str(member.member.serialization.get("name", _own_name(name, member)))
    return _own_name(name, member)


def _own_name(name: str, member: Shape) -> str:
    return str(member.serialization.get("name", name))


def _element_name(shape: ListShape) -> str:
    return str(shape.member.serialization.get("name", "member"))


def _is_flat(shape: ListShape) -> bool:
    return bool(shape.serialization.get("flattened"))


# ---------------------------------------------------------------------- XML


def write_result(answer: Mapping[str, Any], model: OperationModel, request_id: str) -> bytes:
    """Return an answer as the XML of its operation.

    Args:
        answer: The answer as botocore parses it; members that the model lacks are left out.
        model: The operation.
        request_id: The id of the request.
    """
    parts = [f'<{model.name}Response xmlns="{model.service_model.metadata["xmlNamespace"]}">']
    shape = model.output_shape
    if shape is not None:
        _write(parts, shape.serialization["resultWrapper"], answer, shape)
    parts.append(f"<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{model.name}Response>")
    return "".join(parts).encode()


def write_error(code: str, message: str, status: int, request_id: str) -> bytes:
    """Return an error as the Query protocol has it.

    Args:
        code: The code, `DBClusterSnapshotNotFoundFault`.
        message: What the caller is told.
        status: The HTTP status, which says whose fault it is.
        request_id: The id of the request.
    """
    whose = "Sender" if status < 500 else "Receiver"
    error = f"<Type>{whose}</Type><Code>{xml_text(code)}</Code><Message>{xml_text(message)}</Message>"
    namespace = service_model("neptune").metadata["xmlNamespace"]
    return (
        f'<ErrorResponse xmlns="{namespace}"><Error>{error}</Error><RequestId>{request_id}</RequestId></ErrorResponse>'
    ).encode()


def _write(parts: list[str], tag: str, value: Any, shape: Shape) -> None:
    if isinstance(shape, StructureShape):
        parts.append(f"<{tag}>")
        for name, member in shape.members.items():
            if value.get(name) is not None:
                _write(parts, _wire_name(name, member), value[name], member)
        parts.append(f"</{tag}>")
    elif isinstance(shape, ListShape):
        flat = _is_flat(shape)
        parts.append("" if flat else f"<{tag}>")
        for each in value:
            _write(parts, tag if flat else _element_name(shape), each, shape.member)
        parts.append("" if flat else f"</{tag}>")
    else:
        parts.append(f"<{tag}>{_WRITE[shape.type_name](value)}</{tag}>")


def _written_moment(value: datetime) -> str:
    # The service shows milliseconds.
    return value.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


_WRITE: Mapping[str, Callable[[Any], str]] = {
    "string": xml_text,
    "boolean": lambda value: "true" if value else "false",
    "integer": str,
    "long": str,
    "float": repr,
    "double": repr,
    "timestamp": _written_moment,
}


def _shown(text: str) -> str:
    """Return a name or value from outside as a short text without control characters."""
    text = redacted_text(text)
    return ascii(text if len(text) <= 100 else f"{text[:100]}...")
