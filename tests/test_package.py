"""What the package shows: names, types, version, and what importing it costs."""

import configparser
import importlib
import json
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

import neptune_guard

ROOT = Path(neptune_guard.__file__).parent
PUBLIC = {
    *("DryRun", "Guard", "RULES", "Rule", "Severity", "Violation"),
    *("__version__", "check", "dry_run", "exceptions", "register", "rule", "waiter"),
}


def test_the_public_names_are_these():
    assert set(neptune_guard.__all__) == PUBLIC
    assert set(dir(neptune_guard)) == PUBLIC | {"stub", "typing"}


@pytest.mark.parametrize("name", sorted(PUBLIC - {"RULES", "__version__"} | {"stub", "typing"}))
def test_a_public_name_leads_somewhere_and_is_documented(name):
    assert getattr(neptune_guard, name).__doc__


@pytest.mark.parametrize(
    ("name", "home"),
    [("check", "_rules"), ("register", "_register"), ("Violation", "_violations"), ("dry_run", "_dry_run")],
)
def test_a_name_is_the_same_as_in_its_module(name, home):
    assert getattr(neptune_guard, name) is getattr(importlib.import_module(f"neptune_guard.{home}"), name)


def test_the_exceptions_are_these():
    assert neptune_guard.exceptions.__all__ == [
        "ConfigurationError",
        "ConstraintViolationError",
        "NotStubbedError",
        "RuleError",
    ]


@pytest.mark.parametrize("name", ["Registry", "_rules_", "__path", "mode"])
def test_an_unknown_name_is_an_attribute_error(name):
    with pytest.raises(AttributeError, match=f"module 'neptune_guard' has no attribute {name!r}"):
        getattr(neptune_guard, name)


def modules_after(code):
    """Return what a statement imports in a fresh Python, beside what that brings along by itself."""
    script = (
        f"import json, sys\nbefore = set(sys.modules)\n{code}\nprint(json.dumps(sorted(set(sys.modules) - before)))"
    )
    return set(json.loads(subprocess.run([sys.executable, "-c", script], check=True, capture_output=True).stdout))


def test_importing_the_package_brings_nothing_else():
    before = modules_after("import boto3")
    after = modules_after("import boto3, neptune_guard")
    assert after - before == {"neptune_guard"}


@pytest.mark.parametrize("name", ["exceptions", "stub", "typing"])
def test_a_public_module_is_an_attribute_before_it_was_imported(name):
    assert neptune_guard.__getattr__(name) is sys.modules[f"neptune_guard.{name}"]


def test_importing_everything_public_brings_no_jsonschema():
    loaded = modules_after("from neptune_guard import *")
    assert "jsonschema_rs" in loaded
    assert not loaded & {"jsonschema", "sqlite3", "pytest", "argparse", "neptune_guard.stub"}


def test_the_version_is_that_of_setup_cfg():
    assert neptune_guard.__version__ == version("neptune-guard")
    metadata = configparser.ConfigParser()
    metadata.read(Path(__file__).parent.parent / "setup.cfg", encoding="utf-8")
    assert metadata["metadata"]["version"] == version("neptune-guard")


def test_the_package_says_that_it_is_typed():
    assert (ROOT / "py.typed").is_file()
