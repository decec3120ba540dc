"""The program around the commands: arguments, streams, exit codes, and how it ends when something is in its way."""

import io
import json
import os
import re
import subprocess
import sys
from importlib import import_module
from importlib.metadata import version

import pytest

from neptune_guard.cli import COMMANDS, main, parser
from tests.cli.running import HYPHENS, HYPHENS_LINE, SOUND, process, run

COMMAND_NAMES = [module.__name__.rpartition(".")[2].replace("_", "-") for module in COMMANDS]


@pytest.mark.parametrize("argv", [["--help"], *([name, "--help"] for name in COMMAND_NAMES)])
def test_help_goes_to_the_given_stream(argv):
    code, out, err = run(*argv)
    assert (code, out.split()[0], err) == (0, "usage:", "")


def test_help_names_every_command():
    _, out, _ = run("--help")
    assert re.findall(r"^ {4}(\S+)", out, re.MULTILINE) == COMMAND_NAMES


def test_a_program_that_makes_completions_can_read_the_parser():
    whole = parser()
    assert whole.prog == "neptune-guard"
    assert whole.parse_args(["check", "a.json"]).files == ["a.json"]


def test_the_version_is_that_of_the_package():
    assert run("--version") == (0, f"neptune-guard {version('neptune-guard')}\n", "")


@pytest.mark.parametrize(
    ("argv", "complaint"),
    [
        ((), "the following arguments are required: COMMAND; see 'neptune-guard --help'"),
        (("chekc",), "argument COMMAND: invalid choice: 'chekc'"),
        (("rules", "x\n\x1b[2K"), "unrecognized arguments: x\\n\\x1b[2K; see 'neptune-guard --help'"),
        (("dry-run", "-"), "the following arguments are required: --region; see 'neptune-guard dry-run --help'"),
        (("dry-run", "-", "--region", "a b"), "argument --region: 'a b' is not a Region's name"),
    ],
)
def test_wrong_arguments_are_one_line(argv, complaint):
    code, out, err = run(*argv)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(f"neptune-guard: {complaint}")


SIGNED = "https://rds.us-east-1.amazonaws.com/?X-Amz-Security-Token=sekret&X-Amz-Signature=sekret"


@pytest.mark.parametrize(
    "argv",
    [
        *([name, SIGNED] for name in COMMAND_NAMES if name not in ("wait", "serve")),
        [SIGNED],
        ["check", "--X-Amz-Signature=sekret", "a.json"],
        *(["check", option, SIGNED] for option in ("--region", "--format", "--account-id", "--operation", "--rules")),
        ["wait", "nightly", "--region", "us-east-1", "--timeout", SIGNED],
        *(["serve", option, SIGNED] for option in ("--account", "--tick", "--port", "--seed")),
        ["serve", "--port", "0", "--", SIGNED],
    ],
    ids=lambda argv: " ".join(argv)[:40],
)
def test_a_signed_url_in_an_argument_is_not_printed(argv):
    code, out, err = run(*argv)
    assert code in (2, 127)  # 127: there is no such command to run
    assert "sekret" not in out + err


def test_the_process_reads_and_writes_the_standard_streams():
    done = process("check", input=json.dumps(HYPHENS).encode())
    assert (done.returncode, done.stdout.decode()) == (1, f"<stdin>:1: {HYPHENS_LINE}\n")
    assert done.stderr == b"1 request checked: 1 error, 0 warnings\n"


def test_importing_the_program_does_not_run_it():
    assert import_module("neptune_guard.__main__").main is main


@pytest.mark.parametrize("argv", [["check"], ["check", "--format", "json"], ["rules", "--format", "markdown"]])
def test_a_reader_that_has_gone_ends_the_program_quietly(argv):
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "wb") as closed:
        done = subprocess.run(
            [sys.executable, "-m", "neptune_guard", *argv],
            input=json.dumps([HYPHENS] * 1000).encode(),
            stdout=closed,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert (done.returncode, done.stderr) == (141, b"")


class Full(io.StringIO):
    """A stream that takes nothing."""

    def write(self, text):
        raise OSError(28, "No space left on device")


def test_output_that_cannot_be_written_is_said_on_the_other_stream():
    err = io.StringIO()
    assert main(["rules"], stdout=Full(), stderr=err) == 2
    assert err.getvalue() == "neptune-guard: cannot write the output: No space left on device\n"


def test_the_exit_code_holds_when_nothing_can_be_written():
    assert main(["check", "none.json"], stdout=Full(), stderr=Full()) == 2


class Interrupted(io.BytesIO):
    """A stream at which the user presses Ctrl-C."""

    def readline(self, size=-1):
        raise KeyboardInterrupt


def test_an_interrupt_leaves_without_a_traceback():
    assert main(["check"], stdin=Interrupted(), stdout=io.StringIO(), stderr=io.StringIO()) == 130


@pytest.mark.parametrize("closed", ["stdin", "stdout", "stderr"])
def test_a_closed_stream_gives_no_traceback(closed):
    script = "import os, sys; os.close(int(sys.argv.pop(1))); os.execv(sys.argv[1], sys.argv[1:])"
    number = str(["stdin", "stdout", "stderr"].index(closed))
    done = subprocess.run(
        [sys.executable, "-c", script, number, sys.executable, "-m", "neptune_guard", "check"],
        input=json.dumps(SOUND).encode(),
        capture_output=True,
        check=False,
    )
    assert done.returncode == (2 if closed == "stdin" else 0)
    assert b"Traceback" not in done.stderr
