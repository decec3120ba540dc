"""Imports go one way, late ones are few and named, and only the guard knows of events."""

import ast
import re
import sys
from pathlib import Path

import pytest

import neptune_guard

ROOT = Path(neptune_guard.__file__).parent
# A module imports only modules above it; those of a package are one layer, without cycles in itself.
LAYERS = (
    "_arn",
    "_violations",
    "_reading",
    "exceptions",
    "_request",
    "_schema",
    "_relations",
    "_rules",
    "_rule_texts",
    "_prefill",
    "_config",
    "_answers",
    "_targets",
    "_guard",
    "stub",
    "_clients",
    "_account",
    "_dry_run",
    "__init__",
    "serve",
    "cli",
    "awscli",
    "pytest_plugin",
    "__main__",
)
PACKAGES = ("stub", "serve")
# Imports inside functions, each with its reason.
LATE = {
    ("_guard", "stub"): "a user's own responder needs no stub",
    ("_targets", "boto3"): "the awscli has none",
    ("_guard", "json"): "only DescribeKey with a stub needs it",
    ("_schema", "jsonschema"): "costs more than this package, and only a finding needs it",
    ("_rules", "difflib"): "only a mistake needs it",
    ("_clients", "botocore"): "only a dry run across Regions needs it",
    ("_clients", "aiobotocore"): "optional: only a client of its own brings it along",
    ("cli", "__init__"): "only dry-run needs the guard",
    ("cli", "boto3"): "only dry-run makes a client",
    ("cli", "botocore"): "only dry-run makes a client",
    ("awscli", "_guard"): "an aws command of another service pays nothing",
    ("awscli", "exceptions"): "as above",
    ("pytest_plugin", "stub"): "pytest imports the plugin in every run",
    ("serve", "waitress"): "an extra: who does not serve does not need it",
    ("serve.control", "jsonschema"): "as above",
    ("stub", "stub._session"): "boto3 is only needed for session()",
}
EVENTS = re.compile(r"(before|after|provide|choose|needs|request|response|session|creating)-[a-z-]+(\.|$)")


def name_of(path):
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


SOURCES = {name_of(path): ast.parse(path.read_text(encoding="utf-8")) for path in sorted(ROOT.rglob("*.py"))}


def is_typing(node):
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)


def imports(node, late=False):
    """Yield (imported, whether inside a function) below a node; what only a type checker imports aside."""
    for child in ast.iter_child_nodes(node):
        if is_typing(child):
            continue
        if isinstance(child, ast.Import):
            yield from ((local(each.name), late) for each in child.names)
        elif isinstance(child, ast.ImportFrom):
            assert child.level == 0, "imports are absolute"
            yield from ((local(f"{child.module}.{each.name}"), late) for each in child.names)
        else:
            yield from imports(child, late or isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)))


def local(dotted):
    """Return the module of this package, or the top-level package of somebody else."""
    package, _, rest = dotted.partition(".")
    if package != "neptune_guard":
        return package
    while rest and rest not in SOURCES:
        rest = rest.rpartition(".")[0]
    return rest or "__init__"


def room(module):
    return module.partition(".")[0]


def layer(module):
    return LAYERS.index(room(module))


@pytest.mark.parametrize("module", SOURCES)
def test_imports_go_one_way(module):
    wrong = [
        imported
        for imported, late in imports(SOURCES[module])
        if imported in SOURCES and not late and layer(imported) >= layer(module) and room(module) not in PACKAGES
    ]
    assert wrong == []


@pytest.mark.parametrize("module", [each for each in SOURCES if room(each) in PACKAGES])
def test_a_package_imports_only_what_is_above_it(module):
    above = {imported for imported, _ in imports(SOURCES[module]) if imported in SOURCES and imported != module}
    assert all(layer(each) <= layer(module) for each in above)


def test_no_module_imports_itself_by_a_detour():
    above = {
        module: {imported for imported, late in imports(tree) if imported in SOURCES and not late} - {module}
        for module, tree in SOURCES.items()
    }
    while free := [module for module, needed in above.items() if not needed & set(above)]:
        for module in free:
            del above[module]
    assert above == {}


def test_late_imports_are_the_listed_ones():
    late = {(module, imported) for module, tree in SOURCES.items() for imported, late in imports(tree) if late}
    assert late <= set(LATE)


def texts(tree):
    """Return the strings of a module that are not docstrings."""
    docs = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef))
        and node.body
        and isinstance(node.body[0], ast.Expr)
    }
    return [
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docs
    ]


def test_only_the_guard_and_the_cli_plugin_name_events():
    assert {module for module, tree in SOURCES.items() if any(map(EVENTS.match, texts(tree)))} == {"_guard", "awscli"}


HEAVY = {
    "boto3": {"stub._session"},
    "jsonschema": set(),
    "sqlite3": {"stub._store"},
    "argparse": {"cli", "serve.command"},
    "pytest": {"pytest_plugin"},
}


@pytest.mark.parametrize("package", HEAVY)
def test_a_heavy_package_is_imported_where_it_is_used(package):
    users = {module for module, tree in SOURCES.items() if (package, False) in set(imports(tree))}
    assert users == HEAVY[package]


DEPENDENCIES = {"boto3", "botocore", "jsonschema", "jsonschema_rs"}


def test_nothing_else_is_depended_on():
    foreign = {imported for tree in SOURCES.values() for imported, _ in imports(tree) if imported not in SOURCES}
    assert foreign - set(sys.stdlib_module_names) <= DEPENDENCIES | {"pytest", "aiobotocore", "waitress"}
