"""Imports go one way, those inside functions counted; late ones are few and named; only the hook knows of events."""

import ast
import re
import sys

import pytest

from tests.programs.imports import PAGE, SOURCES, imports, layer, page, room

IMPORTS = list(imports())
OURS = [each for each in IMPORTS if each.ours]
# Imports inside functions, each with its reason. They are for speed alone: a circle is none of the reasons.
LATE = {
    ("_hook.emitters", "boto3"): "the AWS CLI has none",
    ("_rules._engines", "jsonschema"): "costs more than this package, and only a finding needs it",
    ("_register", "stub"): "a user's own responder needs no stub",
    ("_register", "stub._tables"): "a user's own responder needs no stub",
    ("cli.dry_run", "boto3"): "only this command makes a client",
    ("__init__", "importlib"): "only who asks for the version needs it",
    ("_dry_run.clients", "aiobotocore"): "optional: only a client of its own brings it along",
    ("_dry_run.clients", "botocore"): "only a dry run without a session needs one",
    ("_waiting", "asyncio"): "costs 10 ms, and only clients of aiobotocore need it",
    ("_waiting", "aiobotocore"): "optional: only a client of its own brings it along",
    ("awscli", "_hook"): "an aws command of another service pays nothing",
    ("awscli", "_register"): "an aws command of another service pays nothing",
    ("awscli", "_waiting"): "an aws command of another service pays nothing",
    ("awscli", "exceptions"): "an aws command of another service pays nothing",
    ("cli.wait", "__init__"): "only this command needs the guard",
    ("cli.wait", "boto3"): "only this command makes a client",
    ("cli.wait", "botocore"): "only this command makes a client",
    ("cli.wait", "tqdm"): "optional: the bar needs it",
    ("pytest_plugin", "exceptions"): "pytest imports the plugin in every run",
    ("pytest_plugin", "stub"): "pytest imports the plugin in every run",
    ("stub", "stub._session"): "only session() needs boto3",
    ("cli.serve", "serve"): "only this command serves",
    ("cli.serve", "serve.control"): "only this command serves",
    ("cli.serve", "stub"): "only this command needs a stub",
    ("serve", "waitress"): "an extra: who does not serve does not have it",
    ("serve.control", "jsonschema"): "only control and seeds have arguments to look at",
}
EVENTS = re.compile(r"(before|after|provide|choose|needs|request|response|session|creating)-[a-z-]+(\.|$)")


@pytest.mark.parametrize("module", SOURCES)
def test_a_room_imports_only_rooms_below_it(module):
    wrong = [
        each.imported
        for each in OURS
        if each.module == module and room(each.imported) != room(module) and layer(each.imported) >= layer(module)
    ]
    assert wrong == []


def test_no_module_imports_itself_by_a_detour():
    needed = {module: set() for module in SOURCES}
    for each in OURS:
        if each.imported != each.module:
            needed[each.module].add(each.imported)
    while free := [module for module, others in needed.items() if not others & set(needed)]:
        for module in free:
            del needed[module]
    assert needed == {}


def test_late_imports_are_the_listed_ones():
    assert {(each.module, each.imported) for each in IMPORTS if each.late} == set(LATE)


def test_no_module_is_too_long_to_read_at_once():
    lengths = {module: tree.body[-1].end_lineno for module, tree in SOURCES.items() if tree.body}
    assert {module: length for module, length in lengths.items() if length > 350} == {}


def test_the_picture_in_the_documentation_is_that_of_the_code():
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m tests.programs.imports"


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


def test_only_the_hook_and_what_extends_sessions_name_events():
    assert {module for module, tree in SOURCES.items() if any(map(EVENTS.match, texts(tree)))} == {
        "_hook.answering",
        "_hook.guard",
        "_waiting",
        "awscli",
        "cli.wait",
        "stub._session",
    }


CLI_PARTS = ("_document", "_input", "_positions", "formats")
HEAVY = {
    "boto3": {"stub._session"},
    "jsonschema": set(),
    "sqlite3": {"stub._database", "stub._state_file"},
    "argparse": {each for each in SOURCES if each.startswith("cli")} - {f"cli.{name}" for name in CLI_PARTS},
    "pytest": {"pytest_plugin"},
    "waitress": set(),
    "tqdm": set(),
}


@pytest.mark.parametrize("package", HEAVY)
def test_a_heavy_package_is_imported_where_it_is_used(package):
    users = {each.module for each in IMPORTS if each.imported == package and not each.late and not each.ours}
    assert users == HEAVY[package]


DEPENDENCIES = {"boto3", "botocore", "jsonschema", "jsonschema_rs"}
OPTIONAL = {"pytest", "aiobotocore", "waitress", "tqdm"}


def test_nothing_else_is_depended_on():
    foreign = {each.imported for each in IMPORTS if not each.ours}
    assert foreign - set(sys.stdlib_module_names) <= DEPENDENCIES | OPTIONAL
