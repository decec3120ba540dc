"""Requests from files: a JSON object, an array of them, or JSON Lines, which are read as a stream."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from functools import partial
from itertools import chain
from typing import Any, BinaryIO

from neptune_guard._printing import printable, redacted_text
from neptune_guard._rules import GUARDED, refuse_unguarded
from neptune_guard._violations import Rule, Severity
from neptune_guard.cli._document import Decoder, Document
from neptune_guard.cli._positions import Node
from neptune_guard.cli._program import Unusable
from neptune_guard.exceptions import ConfigurationError

MOST_BYTES = 64 * 1024 * 1024
"""The most that is read into memory at once: a whole document, or one line of JSON Lines."""

STDIN = "<stdin>"
DUPLICATE = Rule(
    "duplicate-parameter",
    Severity.ERROR,
    "A name must be unique in a JSON object",
    "https://www.rfc-editor.org/rfc/rfc8259#section-4",
    operations=tuple(GUARDED),
    explanation="RFC 8259 leaves open which of several values a reader keeps. Most readers keep the last one and say "
    "nothing, so the value that was meant may be lost. Only a JSON text can break this rule; `neptune-guard check` "
    "reports it.",
    accepted={"": '{"CopyTags": true}'},
    rejected={"": '{"CopyTags": true, "CopyTags": false}'},
)

_BLANK = b" \t\r\n"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_WRAPPED = 'a request with its operation has the form {"operation": "...", "params": {...}}'
_KINDS = {
    dict: "an object",
    list: "an array",
    str: "a string",
    int: "a number",
    float: "a number",
    bool: "a boolean",
    type(None): "null",
}


class Entry:
    """One request of a file and where it stands.

    Attributes:
        file: The file as it was named, without secrets; `<stdin>` for standard input.
        index: The index in an array, from 0; None elsewhere.
        operation: The operation it is a request of.
        params: Its parameters.
        repeats: Whether a name is repeated in it, or in another item of the same array.
    """

    __slots__ = ("_document", "_prefix", "_read", "file", "index", "operation", "params", "repeats")

    def __init__(self, file: str, operation: str, document: Document, value: Any, index: int | None = None) -> None:
        self.file = file
        self.index = index
        self.operation = operation
        self.repeats = document.repeats
        self._document = document
        self._prefix = ""
        self._read: tuple[Node, list[str]] | None = None
        if type(value) is not dict:
            raise self.unusable(f"{_KINDS[type(value)]} is not a request; give a JSON object")
        self.params: dict[str, Any] = value
        if "params" in value or "operation" in value:
            self._unwrap()

    @property
    def line(self) -> int:
        """The first line of the request, from 1."""
        _, line = self._document.begin if self.index is None else self._document.items[self.index]
        return line

    def line_of(self, path: str) -> int:
        """Return the line of a parameter, or of what is nearest around it."""
        if self._document.is_one_line:
            return self.line
        return self._positions()[0].line_of(self._prefix + path)

    def repeated(self) -> list[str]:
        """Return the paths of names that are given more than once in one object."""
        return list(dict.fromkeys(path.removeprefix(self._prefix) for path in self._positions()[1]))

    def unusable(self, reason: str) -> Unusable:
        """Return an error about this request."""
        return Unusable(reason, self.file, self.line)

    def _positions(self) -> tuple[Node, list[str]]:
        if self._read is None:
            self._read = self._document.read(self.index)
        return self._read

    def _unwrap(self) -> None:
        """Take a request of the form `{"operation": ..., "params": {...}}` apart."""
        given = self.params
        others = sorted(given.keys() - {"operation", "params"})
        if others:
            raise self.unusable(f"{_WRAPPED}; this one has {printable('', others[0])} too")
        if "params" not in given:
            raise self.unusable(f'{_WRAPPED}; this one has no "params"')
        if type(given["params"]) is not dict:
            raise self.unusable(f'{_WRAPPED}; here "params" is {_KINDS[type(given["params"])]}')
        if "operation" in given:
            if type(given["operation"]) is not str:
                raise self.unusable(f'{_WRAPPED}; here "operation" is {_KINDS[type(given["operation"])]}')
            try:
                refuse_unguarded(given["operation"])
            except ConfigurationError as problem:
                raise self.unusable(str(problem)) from problem
            self.operation = given["operation"]
        self.params = given["params"]
        self._prefix = "params."


def requests(name: str, stdin: BinaryIO, operation: str = "CopyDBClusterSnapshot") -> Iterator[Entry | Unusable]:
    """Yield each request of a file; for one that cannot be used, why. It does not end those after it.

    Args:
        name: The name of a file, or `-` for standard input.
        stdin: What `-` reads.
        operation: The operation of requests that do not name theirs.

    Raises:
        Unusable: The file cannot be read.
    """
    file = STDIN if name == "-" else redacted_text(name) or "''"
    try:
        with contextlib.nullcontext(stdin) if name == "-" else open(name, "rb") as stream:
            yield from _entries(file, operation, stream)
    except (OSError, ValueError) as problem:  # ValueError: a name that holds a NUL
        raise Unusable(getattr(problem, "strerror", None) or str(problem), file) from problem


def _entries(file: str, operation: str, stream: BinaryIO) -> Iterator[Entry | Unusable]:
    """Yield every value: one for each line where the first line is complete and others follow, else the document's."""
    decoder, lines = Decoder(), _lines(stream)
    number, first = next(lines, (1, b""))
    try:
        document = _parsed(decoder, file, number, first)
    except Unusable:
        yield from _items(file, operation, _parsed(decoder, file, number, first + stream.read(MOST_BYTES)))
        return
    second = next(lines, None)
    if second is None:
        yield from _items(file, operation, document)
        return
    yield _entry(file, operation, document, document.value)
    for number, line in chain([second], lines):
        try:
            document = _parsed(decoder, file, number, line)
        except Unusable as problem:
            if len(line) >= MOST_BYTES:
                raise  # the rest of that line comes next
            yield problem
        else:
            yield _entry(file, operation, document, document.value)


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Yield the lines that are not blank, with their numbers."""
    for number, line in enumerate(iter(partial(stream.readline, MOST_BYTES), b""), 1):
        if not line.isspace():
            yield number, line


def _items(file: str, operation: str, document: Document) -> Iterator[Entry | Unusable]:
    if type(document.value) is not list:
        yield _entry(file, operation, document, document.value)
        return
    for index, value in enumerate(document.value):
        yield _entry(file, operation, document, value, index)


def _entry(file: str, operation: str, document: Document, value: Any, index: int | None = None) -> Entry | Unusable:
    """Return a request, or why it cannot be used."""
    try:
        return Entry(file, operation, document, value, index)
    except Unusable as problem:
        return problem


def _parsed(decoder: Decoder, file: str, line: int, data: bytes) -> Document:
    """Read a JSON text that begins on a line of a file."""
    if len(data) >= MOST_BYTES:
        raise Unusable(f"more than {MOST_BYTES >> 20} MiB in one piece; give one request per line", file, line)
    try:
        text = data.removeprefix(_BYTE_ORDER_MARK).rstrip(_BLANK).decode()
        return decoder.document(text, line)
    except UnicodeDecodeError as problem:
        line += problem.object.count(b"\n", 0, problem.start)
        raise Unusable(f"not UTF-8: byte 0x{problem.object[problem.start]:02x}", file, line) from problem
    except json.JSONDecodeError as problem:
        if not data.strip():
            raise Unusable("is empty; give a request as a JSON object", file) from problem
        place = line + problem.lineno - 1, problem.colno
        raise Unusable(f"not valid JSON: {problem.msg}", file, *place) from problem
    except RecursionError as problem:
        raise Unusable("nested too deeply", file, line) from problem
    except ValueError as problem:
        raise Unusable("a number has more digits than Python reads", file, line) from problem
