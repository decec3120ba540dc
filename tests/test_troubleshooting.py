"""docs/troubleshooting.md has a place for every message of the package, and none for a message that is gone."""

import ast
import re
from pathlib import Path

import pytest

import neptune_guard

ROOT = Path(neptune_guard.__file__).parent
PAGE = Path(__file__).parent.parent / "docs" / "troubleshooting.md"
ERRORS = {"ConfigurationError", "NotStubbedError", "RuleError", "TypeError", "Unusable", "MalformedInputError"}
GAP = "…"
INSIDE = {"stub/_decoders.py", "stub/_database.py"}
"""Modules whose TypeErrors nobody sees: they become `the state file ... is damaged`."""


def literal(node, constants):
    """Return a message's text, a gap for each part that is only known when it is raised."""
    if isinstance(node, ast.Name) and node.id in constants:
        return constants[node.id]
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(literal(each, constants) for each in node.values)
    if isinstance(node, ast.BinOp):
        return literal(node.left, constants) + literal(node.right, constants)
    return GAP


def messages():
    """Yield the messages that have a text of their own; what only passes another message on has none."""
    for path in sorted(ROOT.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        constants = {
            target.id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and type(node.value.value) is str
            for target in node.targets
        }
        for node in ast.walk(tree):
            name = getattr(node.func, "id", getattr(node.func, "attr", "")) if isinstance(node, ast.Call) else ""
            seen = name != "TypeError" or path.relative_to(ROOT).as_posix() not in INSIDE
            for message in alternatives(node.args[0]) if name in ERRORS and node.args and seen else ():
                text = literal(message, constants)
                if re.search("[a-z]{2}", text):
                    yield pytest.param(text, id=f"{path.relative_to(ROOT)}:{message.lineno}:{message.col_offset}")


def alternatives(node):
    return [node.body, node.orelse] if isinstance(node, ast.IfExp) else [node]


def phrases():
    """Return what stands in the first column of the tables of messages."""
    tables = PAGE.read_text(encoding="utf-8").partition("## Every message")[2]
    return re.findall(r"^\| `(.+?)` \|", tables, re.M)


PHRASES = phrases()
MESSAGES = list(messages())
ELSEWHERE = {"the rule … crashed", "…: …"}
"""What is put together outside a raise statement, or is nothing but another message."""


@pytest.mark.parametrize("message", MESSAGES)
def test_a_message_has_a_place_on_the_page(message):
    assert any(phrase in message for phrase in PHRASES if phrase not in ELSEWHERE), message


@pytest.mark.parametrize("phrase", PHRASES)
def test_the_page_has_no_message_that_is_gone(phrase):
    assert phrase in ELSEWHERE or any(phrase in message.values[0] for message in MESSAGES)
