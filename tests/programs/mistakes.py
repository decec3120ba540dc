"""The small mistakes that mutation testing makes in a module, one at a time.

Not made: in docstrings, annotations, imports, messages (texts with a space in them) and addresses of pages.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).parents[2]
OPPOSITES: dict[type, type] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.And: ast.Or, ast.Or: ast.And,
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr, ast.LShift: ast.RShift,
}  # fmt: skip
MUTATED_ANYWAY = (ast.Compare, ast.BoolOp, ast.UnaryOp)


class Mutant(NamedTuple):
    name: str
    line: int
    operator: str
    inside: bool  # a function's body, which runs after the import
    made: Callable[[], ast.Module]


def replacements(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Yield the mistakes that can be made at one place, each with the name of its operator."""
    changed = copy.deepcopy(node)
    match changed:
        case ast.Compare():
            for number, operator in enumerate(changed.ops):
                if type(operator) in OPPOSITES:
                    other = copy.deepcopy(changed)
                    other.ops[number] = OPPOSITES[type(operator)]()
                    yield "comparison", other
        case ast.BoolOp() | ast.BinOp() | ast.AugAssign() if type(changed.op) in OPPOSITES:
            operator = "boolean" if isinstance(changed, ast.BoolOp) else "arithmetic"
            changed.op = OPPOSITES[type(changed.op)]()
            yield operator, changed
        case ast.UnaryOp(op=ast.Not() | ast.USub(), operand=operand):
            yield "negation", operand
        case ast.If() | ast.While() | ast.IfExp() if not isinstance(changed.test, MUTATED_ANYWAY):
            changed.test = ast.UnaryOp(ast.Not(), changed.test)
            yield "condition", changed
        case ast.comprehension(ifs=[_, *_]):
            changed.ifs = []
            yield "filter", changed
        case ast.Constant(value=bool()):
            yield "constant", ast.Constant(not changed.value)
        case ast.Constant(value=int() | float()):
            yield "constant", ast.Constant(changed.value + 1)
        case ast.Constant(value=str() as text) if not any(map(str.isspace, text)) and "://" not in text:
            yield "string", ast.Constant(f"XX{text}XX")
        case ast.Return(value=ast.expr() as value) if not (isinstance(value, ast.Constant) and value.value is None):
            yield "return", ast.Return(ast.Constant(None))
        case ast.Expr(value=ast.Call() | ast.Yield() | ast.YieldFrom() | ast.Await()) | ast.Raise() | ast.Delete():
            yield "deletion", ast.Pass()
        case ast.Assign(targets=[ast.Attribute() | ast.Subscript()]):
            yield "deletion", ast.Pass()
        case ast.Break():
            yield "jump", ast.Continue()
        case ast.Continue():
            yield "jump", ast.Break()


def children(node: ast.AST, inside: bool) -> Iterator[tuple[ast.AST, bool]]:
    """Yield what is executed, without docstrings, annotations and what only a type checker reads."""
    for field, value in ast.iter_fields(node):
        if field in {"annotation", "returns", "type_params"}:
            continue
        body = field == "body" and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for child in value if isinstance(value, list) else [value]:
            match child:
                case ast.Expr(value=ast.Constant()) | ast.If(test=ast.Name(id="TYPE_CHECKING")):
                    pass
                case ast.Assign(targets=[ast.Name(id="__all__")]) | ast.Import() | ast.ImportFrom():
                    pass
                case ast.keyword(arg="strict"):  # of zip: nothing to notice where the lengths are the same
                    pass
                case ast.AST():
                    yield child, inside or body


class Placed(ast.NodeTransformer):
    def __init__(self, place: ast.AST, mistake: ast.AST) -> None:
        self.place, self.mistake = place, mistake

    def visit(self, node: ast.AST) -> Any:
        return ast.copy_location(self.mistake, node) if node is self.place else self.generic_visit(node)


def mutants(path: Path) -> Iterator[Mutant]:
    """Yield every mutant of a file; its name is stable as long as its lines stay."""
    source = path.read_text(encoding="utf-8")
    tree = ast.parse(source)
    places: list[tuple[ast.AST, bool, int]] = [(tree, False, 0)]
    number = 0
    while number < len(places):
        node, inside, line = places[number]
        number += 1
        line = getattr(node, "lineno", line)
        places += [(child, known, line) for child, known in children(node, inside)]
        for operator, mistake in replacements(node):
            shown = " ".join(ast.unparse(mistake).split("\n")[0].split())[:70]
            name = f"{path.relative_to(ROOT)}:{line}:{getattr(node, 'col_offset', 0)} {operator}: {shown}"
            yield Mutant(name, line, operator, inside, partial(placed, source, number - 1, mistake))


def placed(source: str, number: int, mistake: ast.AST) -> ast.Module:
    """Return a fresh tree with the mistake instead of the node of this number."""
    tree = ast.parse(source)
    places: list[ast.AST] = [tree]
    for node in places:
        if len(places) > number:
            break
        places += [child for child, _ in children(node, False)]
    return ast.fix_missing_locations(Placed(places[number], mistake).visit(tree))
