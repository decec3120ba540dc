"""The pre-commit hook and the GitHub action, as far as they can be tried without pre-commit and GitHub."""

import json
import os
import re
import subprocess
import sys
from importlib.metadata import entry_points

import pytest

from tests.cli.running import EMPTY_VALUE, HYPHENS, HYPHENS_LINE, ROOT, SOUND, lines, run

yaml = pytest.importorskip("yaml", reason="moto brings it")


@pytest.mark.parametrize(
    ("name", "is_checked"),
    [
        ("copy-db-cluster-snapshot.json", True),
        ("recovery/copy-db-cluster-snapshot-eu.jsonl", True),
        ("package.json", False),
        ("not-copy-db-cluster-snapshot.json", False),
    ],
)
def test_the_pre_commit_hook_checks_the_files_that_are_meant(name, is_checked):
    [hook] = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert (re.search(hook["files"], name) is not None) is is_checked
    program, *arguments = hook["entry"].split()
    assert program in [each.name for each in entry_points(group="console_scripts")]
    assert run(*arguments, stdin=json.dumps(SOUND))[0] == 0


ACTION = yaml.safe_load((ROOT / ".github/actions/check/action.yml").read_text(encoding="utf-8"))


@pytest.fixture
def action(tmp_path):
    """Run the action's last step in a folder with requests, as GitHub's runner does."""
    programs = tmp_path / "temporary/neptune-guard/bin"
    programs.mkdir(parents=True)
    program = programs / "neptune-guard"
    program.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m neptune_guard "$@"\n')
    program.chmod(0o755)
    folder = tmp_path / "checkout"
    (folder / "recovery/eu").mkdir(parents=True)
    (folder / "copy.json").write_text(json.dumps(HYPHENS, indent=2))
    (folder / "recovery/eu/two.jsonl").write_text(lines(SOUND, EMPTY_VALUE))

    def run_step(**inputs):
        *_, step = ACTION["runs"]["steps"]
        given = {name: str(known.get("default", "")) for name, known in ACTION["inputs"].items()} | inputs
        environment = {**os.environ, "RUNNER_TEMP": str(tmp_path / "temporary")}
        for name, expression in step["env"].items():
            environment[name] = given[re.fullmatch(r"\$\{\{ inputs\.(\w+) \}\}", expression)[1]]
        command = ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", step["run"]]
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        return done.returncode, done.stdout, done.stderr

    run_step.folder = folder
    return run_step


def test_the_action_annotates_the_files_that_its_patterns_name(action):
    code, out, _ = action(files="copy.json recovery/**/*.jsonl\nnone/*.json")
    title = "title=identifier-hyphens (CopyDBClusterSnapshot)"
    assert (code, out.count("\n")) == (1, 2)
    assert f"::error file=copy.json,line=3,{title}::{HYPHENS_LINE.removeprefix('error: ')}\n" in out
    assert "::warning file=recovery/eu/two.jsonl,line=2," in out


def test_the_action_passes_options_as_they_are(action):
    (action.folder / "tag-x").touch()  # what a shell would make of tag-*
    assert action(files="*.json", options="--ignore tag-*\n--ignore identifier-*  --region us-west-2") == (
        0,
        "",
        "",
    )
    assert action(files="*.json", options="$(touch forged); `touch forged`")[0] == 2
    assert not (action.folder / "forged").exists()


def test_the_action_writes_the_report_to_a_file(action):
    assert action(files="copy.json", format="sarif", output="report.sarif") == (1, "", "")
    assert json.loads((action.folder / "report.sarif").read_text())["version"] == "2.1.0"


def test_the_action_says_when_no_file_matches(action):
    assert action(files="none/*.json")[:2] == (2, "::error title=neptune-guard::no file matches the input 'files'\n")
