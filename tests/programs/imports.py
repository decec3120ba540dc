"""Who imports whom, read from the code: for the test of the layers and for the picture in docs/architecture.md.

`python -m tests.programs.imports` writes the picture anew.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import neptune_guard

ROOT = Path(neptune_guard.__file__).parent
PAGE = Path(__file__).parents[2] / "docs" / "architecture.md"
LAYERS = (
    ("_data",),
    ("_printing",),
    ("_arn",),
    ("_violations",),
    ("exceptions",),
    ("_rules",),
    ("_hook",),
    ("_waiting",),
    ("stub",),
    ("_register", "_dry_run", "typing"),
    ("__init__",),
    ("serve",),
    ("awscli", "cli", "pytest_plugin"),
    ("__main__",),
)
"""The rooms of the package from the bottom up; a room imports only rooms below it."""
_START, _END = "<!-- imports:start -->", "<!-- imports:end -->"


class Import(NamedTuple):
    """One import: who makes it, what it imports, whether that is ours, and whether only a call makes it."""

    module: str
    imported: str
    ours: bool
    late: bool


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


SOURCES = {name_of(path): ast.parse(path.read_text(encoding="utf-8")) for path in sorted(ROOT.rglob("*.py"))}


def imports() -> Iterator[Import]:
    """Yield every import of the package; those that only a type checker makes are left out."""
    for module, tree in SOURCES.items():
        for dotted, late in _imports(tree, late=False):
            ours = dotted.partition(".")[0] == neptune_guard.__name__
            yield Import(module, local(dotted) if ours else dotted.partition(".")[0], ours, late)


def _imports(node: ast.AST, *, late: bool) -> Iterator[tuple[str, bool]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and ast.unparse(child.test).rpartition(".")[2] == "TYPE_CHECKING":
            continue  # but not for `not TYPE_CHECKING`: that is what runs
        if isinstance(child, ast.Import):
            yield from ((each.name, late) for each in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, "imports are absolute"
            yield from ((f"{child.module}.{each.name}", late) for each in child.names)
        else:
            inside = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
            yield from _imports(child, late=late or inside)


def local(dotted: str) -> str:
    """Return the module of this package that an imported name is, or belongs to."""
    rest = dotted.partition(".")[2]
    while rest and rest not in SOURCES:
        rest = rest.rpartition(".")[0]
    return rest or "__init__"


def room(module: str) -> str:
    return module.partition(".")[0]


def layer(module: str) -> int:
    return next(number for number, rooms in enumerate(LAYERS) if room(module) in rooms)


def picture() -> str:
    """Return the layers, the top one first, each room with the rooms that it imports."""
    arrows: dict[str, set[str]] = {each: set() for rooms in LAYERS for each in rooms}
    for each in imports():
        if each.ours and room(each.imported) != room(each.module):
            arrows[room(each.module)].add(room(each.imported))
    lines = []
    for rooms in reversed(LAYERS):
        for name in rooms:
            below = sorted(arrows[name], key=layer, reverse=True)
            lines.append(f"{name:<14} -> {', '.join(below)}" if below else name)
    return "\n".join(lines)


def page() -> str:
    """Return docs/architecture.md with the picture as the code has it now."""
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(_START)
    after = rest.partition(_END)[2]
    return f"{before}{_START}\n```text\n{picture()}\n```\n{_END}{after}"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
