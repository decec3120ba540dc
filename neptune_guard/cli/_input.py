"""Requests from files: a JSON object, an array of them, or JSON Lines, which are read as a stream."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any, BinaryIO

from neptune_guard.cli._program import Unusable

MOST_BYTES = 64 * 1024 * 1024
"""What is read into memory at once: a whole document, or one line of JSON Lines."""


@dataclass(frozen=True)
class Place:
    """Where a request stands: a line of JSON Lines, an index of an array, or neither for a single object."""

    file: str
    line: int | None = None
    index: int | None = None

    def __str__(self) -> str:
        line = "" if self.line is None else f":{self.line}"
        return self.file + line + ("" if self.index is None else f"[{self.index}]")


def requests(name: str, stdin: BinaryIO) -> Iterator[tuple[Place, dict[str, Any]]]:
    """Yield each request of a file and its place.

    Raises:
        Unusable: The file, or what comes next in it, cannot be read.
    """
    file = "<stdin>" if name == "-" else name
    try:
        with contextlib.nullcontext(stdin) if name == "-" else open(name, "rb") as stream:
            for place, value in _values(file, stream):
                if not isinstance(value, dict):
                    raise Unusable(f"{place}: {_KINDS[type(value)]} is not a request; give a JSON object")
                yield place, value
    except (OSError, ValueError) as problem:  # ValueError: a name that holds a NUL
        raise Unusable(f"{file}: {getattr(problem, 'strerror', None) or problem}") from problem


_KINDS = {list: "an array", str: "a string", int: "a number", float: "a number", bool: "a boolean", type(None): "null"}


def _values(file: str, stream: BinaryIO) -> Iterator[tuple[Place, Any]]:
    """Yield every value: a line each where the first line is complete and others follow, else the document's."""
    lines = _lines(file, stream)
    number, first = next(lines, (1, b""))
    try:
        value = _parsed(file, first, number)
    except Unusable:
        yield from _members(file, _parsed(file, first + stream.read(MOST_BYTES), number))
        return
    second = next(lines, None)
    if second is None:
        yield from _members(file, value)
        return
    yield Place(file, number), value
    for number, line in chain([second], lines):
        yield Place(file, number), _parsed(file, line, number)


def _lines(file: str, stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield the lines that are not blank, with their numbers."""
    for number, line in enumerate(iter(lambda: stream.readline(MOST_BYTES), b""), 1):
        if line.strip():
            yield number, line


def _members(file: str, document: Any) -> Iterator[tuple[Place, Any]]:
    if not isinstance(document, list):
        yield Place(file), document
        return
    for index, value in enumerate(document):
        yield Place(file, index=index), value


def _parsed(file: str, text: bytes, line: int) -> Any:
    """Return the value of a JSON text that begins on a line of a file."""
    if len(text) >= MOST_BYTES:
        raise Unusable(f"{file}:{line}: more than {MOST_BYTES >> 20} MiB in one piece; give one request a line")
    try:
        return json.loads(text.decode("utf-8-sig"))
    except UnicodeDecodeError as problem:
        line += text.count(b"\n", 0, problem.start)
        raise Unusable(f"{file}:{line}: not UTF-8: byte 0x{text[problem.start]:02x}") from problem
    except json.JSONDecodeError as problem:
        if not text.strip():
            raise Unusable(f"{file}: is empty; give a request as a JSON object") from problem
        place = f"{file}:{line + problem.lineno - 1}:{problem.colno}"
        raise Unusable(f"{place}: not valid JSON: {problem.msg}") from problem
    except RecursionError as problem:
        raise Unusable(f"{file}:{line}: nested too deeply") from problem
    except ValueError as problem:
        raise Unusable(f"{file}:{line}: a number has more digits than Python reads") from problem
