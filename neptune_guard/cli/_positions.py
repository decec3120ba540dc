"""Lines of the members of a JSON text, and names that stand twice in one object: `json` keeps neither."""

from __future__ import annotations

import json
import re

_TOKEN = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"|[{}\[\],:]|[^\s{}\[\],:"]+')
_STEP = re.compile(r"\[(\d+)\]|[^.\[\]]+")
_MOST_ITEMS = 10_000
"""Items of an array that get a line of their own; those behind get the array's, so that memory stays small."""
_LONGEST_PATH = 200


class Node:
    """A value in a JSON text.

    Attributes:
        line: Where it begins: for a member the line of its name. Lines count from 1.
        members: The values in it, by name or index; empty for a scalar.
    """

    __slots__ = ("line", "members")

    def __init__(self, line: int) -> None:
        self.line = line
        self.members: dict[str | int, Node] = {}

    def line_of(self, path: str) -> int:
        """Return the line of what a path such as `Tags[0].Key` names, or of the nearest value around it."""
        node = self
        for step in _STEP.finditer(path):
            rest = path[step.start() :]
            if rest in node.members:  # a name may hold a dot or a bracket itself
                return node.members[rest].line
            key = step[0] if step[1] is None else int(step[1])
            if key not in node.members:
                break
            node = node.members[key]
        return node.line


class _Open:
    """An object or array that the reader is in, and what it will read there next."""

    __slots__ = ("index", "is_object", "name", "node", "path")

    def __init__(self, node: Node, path: str, is_object: bool) -> None:
        self.node = node
        self.path = path
        self.is_object = is_object
        self.name: str | None = None
        self.index = 0

    def value(self, line: int) -> Node:
        """Return the node of a value that begins on a line."""
        if self.name is not None:
            return self.node.members[self.name]
        node = Node(line)
        if self.index < _MOST_ITEMS:
            self.node.members[self.index] = node
        return node

    def inner_path(self) -> str:
        """Return the path of the value that is being read, shortened where names are endless."""
        if len(self.path) > _LONGEST_PATH:
            return self.path
        if self.name is None:
            return f"{self.path}[{self.index}]"
        name = self.name[:_LONGEST_PATH] or '""'  # as the rules write it
        return f"{self.path}.{name}".removeprefix(".")


class _Reader:
    """Follows the tokens of one value."""

    def __init__(self, line: int) -> None:
        self.root = Node(line)
        self.repeated: list[str] = []
        self.around: list[_Open] = []

    def take(self, word: str, line: int) -> None:
        """Read one token that begins on a line."""
        inside = self.around[-1] if self.around else None
        if word in "}]":
            self.around.pop()
        elif inside and word == ",":
            inside.index += 1
            inside.name = None
        elif inside and inside.is_object and inside.name is None:
            self._name(inside, json.loads(word), line)
        elif word != ":":
            node = inside.value(line) if inside else self.root
            if word in "{[":
                self.around.append(_Open(node, inside.inner_path() if inside else "", word == "{"))

    def _name(self, inside: _Open, name: str, line: int) -> None:
        is_repeated = name in inside.node.members
        inside.name = name
        inside.node.members[name] = Node(line)
        if is_repeated:
            self.repeated.append(inside.inner_path())


def read(text: str, at: int, line: int) -> tuple[Node, list[str]]:
    """Read the lines of one value.

    Args:
        text: JSON that `json.loads` has read, so that nothing needs to be checked again.
        at: Where in the text the value begins.
        line: The line of that place.

    Returns:
        The value as a tree of lines, and the paths of names that stand again in the same object.
    """
    reader = _Reader(line)
    tokens = _TOKEN.finditer(text, at)
    reader.take(next(tokens)[0], line)
    counted = at
    while reader.around:
        found = next(tokens)
        line += text.count("\n", counted, found.start())
        counted = found.start()
        reader.take(found[0], line)
    return reader.root, reader.repeated
