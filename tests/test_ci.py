"""The steps of CI: each is listed once, described, and a job of the workflow; README's commands are found by name."""

import re
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parent.parent
STEPS = subprocess.run([ROOT / ".ci" / "run", "--list"], capture_output=True, text=True, check=True).stdout.split()


def test_every_step_is_a_script_and_every_script_a_step():
    assert sorted(STEPS) == sorted(path.name for path in (ROOT / ".ci" / "steps").iterdir())


@pytest.mark.parametrize("step", STEPS)
def test_a_step_says_what_it_does_and_can_be_read_by_a_shell(step):
    text = (ROOT / ".ci" / "steps" / step).read_text(encoding="utf-8")
    assert text.startswith("# ")
    subprocess.run(["bash", "-n"], input=text, text=True, check=True)


def test_the_workflow_has_a_job_for_every_step():
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8"))
    assert workflow["jobs"]["step"]["strategy"]["matrix"]["step"] == STEPS


def test_contributing_describes_every_step():
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert re.findall(r"^\| `([a-z]+)` \|", text, re.M)[: len(STEPS)] == STEPS


def test_an_unknown_step_is_named():
    done = subprocess.run([ROOT / ".ci" / "run", "tets"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "there is no step 'tets'; .ci/run --list names them\n")


@pytest.mark.parametrize("name", ["quickstart", "tests"])
def test_a_command_of_the_readme_is_found_by_its_name(name):
    script = f'. .ci/common.sh; readme_command "{name}"'
    done = subprocess.run(
        ["bash", "-c", script], cwd=ROOT, env={"CI_WORK": "/nowhere"}, capture_output=True, text=True, check=True
    )
    assert done.stdout.startswith("python3 -m venv ")
    assert done.stdout in (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_readme_has_two_commands():
    assert (ROOT / "README.md").read_text(encoding="utf-8").count("\n```console\n") == 2
