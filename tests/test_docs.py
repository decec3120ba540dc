"""Every code block of the README, of CONTRIBUTING.md and of docs/ does what the page says.

- The `python` blocks of a page run one after the other in one namespace; a block that defines tests is run by pytest.
- A `text` block right after a `python` block is what that block prints.
- `console` blocks run in a shell, in one folder per page. A line that begins with `$` is a command; below it is what
  it prints, and `...` stands for anything. `cat FILE` makes the file with what is shown. A block without `$` is one
  script.
- `json`, `ini`, `toml`, `yaml` and `shell` blocks are parsed.
- A comment right before a block changes that: `<!-- file: NAME -->` writes a `python` block to a file,
  `<!-- not run: REASON -->` excuses a block that cannot run here.

Whatever a page registers without a stub of its own is answered by a stub, so that nothing is sent.
"""

from __future__ import annotations

import configparser
import contextlib
import io
import json
import logging
import os
import re
import subprocess
import sys
from importlib.metadata import version
from importlib.util import find_spec
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

import pytest

from neptune_guard import RULES
from neptune_guard._rules import GUARDED
from neptune_guard.stub.operations import OPERATIONS
from tests.programs import pages

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
STAND_INS = ROOT / "tests" / "stand_ins"
"""Packages that a recipe uses, in a few lines each, for a machine that lacks them."""
FENCE = re.compile(
    r"^(?:<!-- (?:not run: (?P<reason>[^\n]+)|file: (?P<file>[^\n]+)) -->\n\n?)?"
    r"^```(?P<language>[^\n]*)\n(?P<text>.*?)^```$",
    re.M | re.S,
)
AWS = os.environ.get("NEPTUNE_GUARD_TEST_AWS", "")
NOT_RUN = {
    r"\bpip install\b": "installs from an index; .ci/run does it with what the README says",
    r"^python3\.14 ": "version 2 of the AWS CLI carries this Python; the suite need not have it",
}


ANNOUNCEMENT = r"^.*a stub answers instead of AWS: the state file \S+/page\.db, .*\n"
"""What is said about the stub that answers the pages here, and nowhere else."""


class Block(NamedTuple):
    language: str
    text: str
    line: int
    reason: str | None
    """Why the block is not run, where the page says so."""
    file: str | None
    """The file that the block is written to."""
    output: str | None
    """What a `python` block prints, where the page shows it."""


def blocks_of(page):
    """Return the code blocks of a page; directives of the documentation's tools are left to those."""
    text = page.read_text(encoding="utf-8")
    found = [each for each in FENCE.finditer(text) if not each["language"].startswith("{")]
    return [
        Block(
            each["language"],
            each["text"],
            text.count("\n", 0, each.start("text")) + 1,
            each["reason"],
            each["file"],
            following["text"] if following and _is_output(text, each, following) else None,
        )
        for each, following in zip_longest(found, found[1:])
    ]


def _is_output(text, block, following):
    between = text[block.end() : following.start()]
    return block["language"] == "python" and following["language"] == "text" and not between.strip()


@pytest.fixture
def stubbed(tmp_path, monkeypatch):
    """Answer what a page sends, in a folder of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NEPTUNE_GUARD_STUB", str(tmp_path / "page.db"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "made-up")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-west-2")
    monkeypatch.setattr(logging.getLogger(), "handlers", [])  # a page may configure logging for good
    monkeypatch.setattr(logging.getLogger(), "level", logging.getLogger().level)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "path", [*sys.path, str(STAND_INS)])  # at the end: an installed package comes first
    before = dict(os.environ)
    yield tmp_path
    os.environ.clear()
    os.environ.update(before)


def with_blocks(*languages):
    return [page for page in PAGES if any(each.language in languages for each in blocks_of(page))]


@pytest.mark.parametrize("page", with_blocks("python"), ids=lambda page: page.name)
def test_python_blocks_print_what_the_page_shows(page, stubbed):
    namespace, printed = {"__name__": "page"}, io.StringIO()
    for block in blocks_of(page):
        if block.language != "python" or block.reason:
            continue
        if block.file:
            (stubbed / block.file).write_text(block.text)
            continue
        if "\ndef test_" in f"\n{block.text}":
            run_tests(stubbed, block)
            continue
        begin = printed.tell()
        with contextlib.redirect_stdout(printed):
            exec(compile("\n" * (block.line - 1) + block.text, str(page), "exec"), namespace)
        output = printed.getvalue()[begin:]
        assert block.output is None or fits(block.output, output), f"{page.name}:{block.line} printed\n{output}"


def run_tests(folder, block):
    path = folder / "test_page.py"
    path.write_text(block.text)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "-p", "no:xdist", path],
        env={name: value for name, value in os.environ.items() if name != "NEPTUNE_GUARD_STUB"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("page", with_blocks("console"), ids=lambda page: page.name)
def test_console_blocks_print_what_the_page_shows(page, stubbed):
    if not AWS and "\n$ aws " in page.read_text(encoding="utf-8"):
        pytest.skip("NEPTUNE_GUARD_TEST_AWS names no aws program")
    environment = {**os.environ, "PATH": path_of_programs(stubbed), "AWS_CONFIG_FILE": str(stubbed / "config")}
    (stubbed / "config").write_text("[plugins]\nneptune_guard = neptune_guard.awscli\n")
    for block in blocks_of(page):
        if block.file:
            (stubbed / block.file).write_text(block.text)
        if block.language == "console" and not block.reason:
            for command, shown in commands_of(block):
                run_command(command, shown, environment, f"{page.name}:{block.line}")


def commands_of(block):
    """Return each command with what is shown under it."""
    if not block.text.startswith("$ "):
        return [(block.text.strip(), "...")]
    return re.findall(r"^\$ ([^\n]*)\n(.*?)(?=^\$ |\Z)", block.text, re.M | re.S)


def run_command(command, shown, environment, place):
    if any(re.search(pattern, command) for pattern in NOT_RUN):
        return
    program, *arguments = command.split()
    if program == "export":
        environment.update([arguments[0].split("=", 1)])
    elif program == "cat":
        Path(arguments[0]).write_text(shown)
    else:
        done = subprocess.run(
            ["bash", "-c", f"{command}\n"], env=environment, stdout=-1, stderr=-2, text=True, check=False
        )
        printed = re.sub(ANNOUNCEMENT, "", done.stdout, flags=re.M)
        assert fits(shown, printed), f"{place}: {command} printed\n{printed}"


def path_of_programs(folder):
    """Put this environment's neptune-guard first, and of the aws environment only aws."""
    programs = folder / "bin"
    programs.mkdir()
    if AWS:
        (programs / "aws").symlink_to(Path(AWS).absolute())
    return os.pathsep.join([str(programs), str(Path(sys.executable).parent), os.environ["PATH"]])


def fits(shown, printed):
    """Tell whether a page shows what was printed; blank lines at the ends and spaces at those of lines do not count."""
    pattern = re.escape("\n".join(line.rstrip() for line in shown.strip().splitlines())).replace(r"\.\.\.", ".*")
    return re.fullmatch(pattern, "\n".join(line.rstrip() for line in printed.strip().splitlines()), re.S) is not None


def parse_ini(text):
    configparser.ConfigParser(strict=True).read_string(text)


def parse_toml(text):
    tomllib = pytest.importorskip("tomllib", reason="Python 3.10 has no tomllib")
    tomllib.loads(text)


def parse_yaml(text):
    import yaml  # moto brings it

    assert yaml.safe_load(text)


def parse_shell(text):
    subprocess.run(["bash", "-n"], input=text, text=True, check=True)


PARSERS = {"ini": parse_ini, "json": json.loads, "shell": parse_shell, "toml": parse_toml, "yaml": parse_yaml}


@pytest.mark.parametrize("page", with_blocks(*PARSERS), ids=lambda page: page.name)
def test_configuration_blocks_are_well_formed(page):
    """A block that is not raises."""
    for block in blocks_of(page):
        if block.language in PARSERS and not block.reason:
            PARSERS[block.language](block.text)
    assert {block.language for block in blocks_of(page)} & PARSERS.keys()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_block_is_of_a_kind_that_is_checked(page):
    text = page.read_text(encoding="utf-8")
    assert {block.language for block in blocks_of(page)} <= {"python", "console", "text", *PARSERS}
    assert text.count("\n```") + text.startswith("```") == 2 * len(FENCE.findall(text))
    assert all(block.reason.strip() for block in blocks_of(page) if block.reason is not None)


@pytest.mark.parametrize(
    ("shown", "printed", "expected"),
    [
        ("a\n", "a\n", True),
        ("a\n...\nc", "a\nb\nb\nc\n", True),
        ("a ...", "a line", True),
        ("\na \n\n", "a", True),
        ("a", "ab", False),
        ("", "a", False),
        ("a.c", "abc", False),
    ],
)
def test_what_is_shown_is_compared_to_the_letter(shown, printed, expected):
    assert fits(shown, printed) is expected


def test_a_page_that_is_wrong_is_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text(
        "x\n\n```python\nprint(1)\n```\n\n```text\n2\n```\n\n<!-- not run: why -->\n```python\n1/0\n```\n\n"
        "<!-- file: a.py -->\n\n```python\n2\n```\n"
    )
    first, shown, excused, kept = blocks_of(page)
    assert (first.output, first.line, first.reason, first.file) == ("2\n", 4, None, None)
    assert (shown.output, excused.reason) == (None, "why")
    assert (kept.file, kept.text, kept.line) == ("a.py", "2\n", 19)


@pytest.mark.skipif(
    not all(map(find_spec, ["sphinx", "furo", "myst_parser"])), reason="the extra `docs` is not installed"
)
def test_the_documentation_builds_without_warnings_and_has_a_place_for_every_rule(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", "-W", "--keep-going", "-q", "-d", tmp_path / "trees", ROOT / "docs", tmp_path],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    page = (tmp_path / "rules.html").read_text(encoding="utf-8")
    assert [rule for rule in RULES if page.count(f'id="{rule}"') != 1] == [], pages.ANEW
    assert f"neptune-guard {version('neptune-guard')}" in page
    assert "&#169; Copyright" in page or "Copyright &#169; 2" in page


def test_the_page_about_starting_names_every_guarded_operation():
    table = (ROOT / "docs" / "start.md").read_text(encoding="utf-8").partition("operations:start -->\n\n")[2]
    rows = re.findall(r"^\| ([A-Z][A-Za-z, ]+) \| (`.+`) \|$", table.partition("\n\n")[0], re.M)
    named = {name: tuple(re.findall("`(.+?)`", services)) for names, services in rows for name in names.split(", ")}
    assert named == {name: row.services for name, row in GUARDED.items()}, pages.ANEW


def test_the_page_about_the_stub_names_every_operation():
    table = (ROOT / "docs" / "stub.md").read_text(encoding="utf-8").partition("| operation | what it does |")[2]
    rows = re.findall(r"^\| ([A-Z][A-Za-z]+) \| [A-Z].+\. \|$", table.partition("\n\n")[0], re.M)
    assert sorted(rows) == sorted(OPERATIONS), (
        f"the row of an operation is its docstring, a sentence or more; {pages.ANEW}"
    )


@pytest.mark.parametrize("page", pages.TABLES)
def test_a_table_of_operations_is_up_to_date(page):
    assert pages.with_table(page) == (pages.DOCS / page).read_text(encoding="utf-8"), pages.ANEW


# ---------------------------------------------------------------------- addresses

HOSTS = {
    *("docs.aws.amazon.com", "github.com", "keepachangelog.com", "semver.org", "www.apache.org"),
    *("docs.getmoto.org", "docs.localstack.cloud", "json.schemastore.org", "json-schema.org"),
    *("www.rfc-editor.org", "rds.us-east-1.amazonaws.com", "git.example.com", "127.0.0.1", "localhost"),
}
"""The hosts that our pages may link to; an address of this project itself does not exist yet."""
TEXTS = [*PAGES, ROOT / "CHANGELOG.md", *sorted((ROOT / ".github").rglob("*.*"))]


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_a_page_links_to_no_address_that_nobody_holds(path):
    text = path.read_text(encoding="utf-8")
    assert set(re.findall(r"https?://([a-z0-9.-]+)", text)) <= HOSTS
    assert not re.search(r"(github\.com|readthedocs\.io)/[^ )]*neptune.guard", text)


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES)
def test_a_rule_links_to_the_aws_page_that_it_comes_from(rule):
    assert re.match(r"https://docs\.aws\.amazon\.com/\S+$", rule.help_url)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_page_links_only_to_pages_and_places_that_exist(page):
    text = page.read_text(encoding="utf-8")
    for target in re.findall(r"\]\((?!https?:)([^)\s#]*)", text):
        assert not target or (page.parent / target).exists(), target
