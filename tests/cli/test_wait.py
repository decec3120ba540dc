"""`neptune-guard wait`: its exit codes, its lines and its bar, and that Ctrl-C ends it."""

from __future__ import annotations

import io
import os
import pty
import select
import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from neptune_guard.cli import main
from neptune_guard.stub import NeptuneStub
from tests.conftest import CREDENTIALS

ARN = "arn:aws:rds:us-west-2:123456789012:cluster-snapshot:copy"
SOURCE = "arn:aws:rds:us-east-1:123456789012:cluster-snapshot:nightly"
KEYS = {name.upper(): value for name, value in CREDENTIALS.items()}


class Terminal(io.StringIO):
    def isatty(self):
        return True


def run(snapshot, *arguments, region="us-west-2", terminal=False):
    out, err = io.StringIO(), Terminal() if terminal else io.StringIO()
    code = main(["wait", snapshot, "--region", region, *arguments], stdout=out, stderr=err)
    return code, out.getvalue(), err.getvalue()


@pytest.fixture
def stub(tmp_path, monkeypatch):
    """Returns a stub that the environment names, with a frozen clock; a copy takes two minutes, and nobody sleeps."""
    monkeypatch.setattr("time.sleep", lambda seconds: pytest.fail(f"slept {seconds} s") if seconds else None)
    monkeypatch.setenv("NEPTUNE_GUARD_STUB", str(tmp_path / "neptune.db"))
    made = NeptuneStub(tmp_path / "neptune.db", imagine=False, copy_duration=timedelta(minutes=2), tick=timedelta(0))
    with made:
        made.clock.freeze()
        made.add_snapshot("nightly", "us-east-1")
        yield made


@pytest.fixture
def copying(stub):
    stub.session("us-west-2").client("neptune").copy_db_cluster_snapshot(
        SourceDBClusterSnapshotIdentifier=SOURCE, TargetDBClusterSnapshotIdentifier="copy"
    )
    return stub


PROGRESS = "copy: copying, 0 %\ncopy: copying, 25 %\ncopy: copying, 50 %\ncopy: copying, 75 %\ncopy: available\n"


@pytest.mark.parametrize("snapshot", ["copy", ARN])
def test_each_change_is_a_line_until_it_is_available(copying, snapshot):
    start = copying.clock.now()
    assert run(snapshot) == (0, PROGRESS.replace("copy:", f"{snapshot}:"), "")
    assert copying.clock.now() - start == timedelta(minutes=2)


def test_what_does_not_change_is_not_said_again(copying):
    copying.clock.advance(minutes=2)
    assert run("copy") == (0, "copy: available\n", "")
    assert run("copy") == (0, "copy: available\n", "")


def test_a_terminal_gets_a_bar_that_ends_at_hundred(copying):
    pytest.importorskip("tqdm")
    code, out, err = run("copy", terminal=True)
    assert (code, out) == (0, "")
    drawn = err.split("\r")
    assert [each for each in ("  0%", " 25%", " 50%", " 75%", "100%") if not any(each in line for line in drawn)] == []
    assert drawn[-1].startswith("copy: 100%|")
    assert drawn[-1].rstrip().endswith("available")


def test_a_terminal_without_tqdm_gets_lines(copying, monkeypatch):
    monkeypatch.setattr("neptune_guard.cli.wait.find_spec", lambda name: None)
    assert run("copy", terminal=True) == (0, PROGRESS, "")


ENDS = [
    # (arguments, what happens meanwhile, exit code, the last line, the complaint)
    (["copy", "--timeout", "1m"], None, 1, "copying, 50 %", "'copy' is still copying; gave up after 60 seconds"),
    (["copy", "--timeout", "0s"], None, 1, "copying, 0 %", "'copy' is still copying; gave up after 0 seconds"),
    (["copy", "--timeout", "10s"], None, 1, "copying, 8 %", "'copy' is still copying; gave up after 10 seconds"),
    (["copy", "--timeout", "2m"], None, 0, "available", ""),
    (["copy", "--timeout", "0.5h"], None, 0, "available", ""),
    (["copy"], "lose the source", 1, "failed, ", "'copy' is failed"),
    (["cpoy"], None, 1, "", "there is no snapshot 'cpoy' in us-west-2"),
    (["copy", "--until", "deleted", "--timeout", "1m"], None, 1, "50 %", "'copy' is still copying; gave up after 60"),
    (["copy", "--until", "deleted"], "delete", 0, "deleted", ""),
    (["cpoy", "--until", "deleted"], None, 0, "deleted", ""),
]
MEANWHILE = {
    None: lambda stub: None,
    "lose the source": lambda stub: (
        stub.session("us-east-1").client("neptune").delete_db_cluster_snapshot(DBClusterSnapshotIdentifier="nightly")
    ),
    "delete": lambda stub: (
        stub.session("us-west-2").client("neptune").delete_db_cluster_snapshot(DBClusterSnapshotIdentifier="copy")
    ),
}


@pytest.mark.parametrize(("arguments", "event", "code", "last", "complaint"), ENDS, ids=str)
def test_the_exit_code_tells_how_it_ended(copying, arguments, event, code, last, complaint):
    MEANWHILE[event](copying)
    exited, out, err = run(*arguments)
    assert exited == code
    assert last in (out.splitlines() or [""])[-1]
    assert err.startswith(f"neptune-guard: {complaint}") if complaint else err == ""
    assert err.count("\n") == bool(complaint)


UNUSABLE = [
    (["copy", "--timeout", "soon"], "'soon' is not a duration; give a number with s, m, h or d, such as 90m"),
    (["copy", "--timeout", "90"], "'90' is not a duration"),
    (["copy", "--timeout", "-1h"], "expected one argument"),
    (["copy", "--timeout", "9999999999h"], "'9999999999h' is not a duration"),
    (["copy", "--until", "copied"], "invalid choice: 'copied'"),
    (["copy", "--profile", "nobody"], "The config profile (nobody) could not be found"),
    ([ARN.replace("us-west-2", "us-east-1")], "is in us-east-1, not in us-west-2; give --region us-east-1"),
    ([ARN.replace("cluster-snapshot", "cluster")], "is not the ARN of a cluster snapshot"),
    (["copy", "--region", ""], "argument --region: ''"),
]


@pytest.mark.parametrize(("arguments", "complaint"), UNUSABLE, ids=[complaint for _, complaint in UNUSABLE])
def test_unusable_arguments_are_one_line(stub, arguments, complaint):
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert complaint in err
    assert err.startswith("neptune-guard: ")
    assert err.count("\n") == 1


def test_a_refusal_of_the_service_is_one_line(copying):
    copying.fail("DescribeDBClusterSnapshots", "AccessDenied", message="You are\nnot allowed")
    assert run("copy") == (2, "", "neptune-guard: AccessDenied: You are not allowed\n")


def test_without_credentials_it_is_unusable(monkeypatch):
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
    assert run("copy") == (2, "", "neptune-guard: Unable to locate credentials\n")


def test_an_automated_snapshot_and_one_of_another_account_are_asked_for_as_such(stub):
    run("rds:graph-2026-11-25")
    run(ARN)
    first, second = (call.params for call in stub.calls)
    assert first == {"DBClusterSnapshotIdentifier": "rds:graph-2026-11-25", "SnapshotType": "automated"}
    assert second == {"DBClusterSnapshotIdentifier": ARN, "IncludeShared": True}


def test_help_names_the_exit_codes(capsys):
    assert main(["wait", "--help"]) == 0
    text = " ".join(capsys.readouterr().out.split())
    assert "Exit code: 0 available or deleted, 1 failed, timed out or no such snapshot, 2 unusable" in text


class Copying(BaseHTTPRequestHandler):
    """AWS, in as far as it says that the snapshot is still being copied."""

    def do_POST(self):
        name = "DescribeDBClusterSnapshots"
        answer = (
            f'<{name}Response xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><{name}Result><DBClusterSnapshots>'
            "<DBClusterSnapshot><Status>copying</Status><PercentProgress>40</PercentProgress></DBClusterSnapshot>"
            f"</DBClusterSnapshots></{name}Result></{name}Response>"
        ).encode()
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format, *args):
        pass


@pytest.fixture
def aws():
    """Returns the address of a server on which a copy never ends."""
    server = HTTPServer(("127.0.0.1", 0), Copying)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def program(aws):
    """Starts the program in a process of its own."""
    started = []

    def start(*arguments, **streams):
        arguments = arguments or ("-m", "neptune_guard", "wait", "copy", "--region", "us-west-2")
        command = [sys.executable, *arguments]
        environment = {**os.environ, **KEYS, "AWS_ENDPOINT_URL": aws}
        started.append(subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, **streams))
        return started[-1]

    yield start
    for each in started:
        each.kill()
        each.wait()


def test_ctrl_c_ends_it_during_the_pause(program):
    process = program(stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "copy: copying, 40 %\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)  # a pause takes thirty seconds
    assert (process.returncode, out, err) == (130, "", "")


NOT_TO_THE_MAIN_THREAD = """
import signal, sys, threading, time
from neptune_guard.cli import main

def strike():
    time.sleep(0.5)
    signal.pthread_kill(threading.get_ident(), signal.SIGINT)

class Stream:
    def write(self, text):
        if "40" in text:
            threading.Thread(target=strike).start()
    def flush(self):
        pass

sys.exit(main(["wait", "copy", "--region", "us-west-2"], stdout=Stream()))
"""


def test_ctrl_c_that_does_not_cut_into_the_pause_ends_it_soon(program):
    process = program("-c", NOT_TO_THE_MAIN_THREAD, stderr=subprocess.PIPE)
    _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (130, b"")


DROPPED_IN_A_FINALIZER = """
import signal, sys
from neptune_guard.cli import main

class Finalized:
    def __init__(self, work):
        self.work = work
    def __del__(self):
        self.work()

class Stream:
    def write(self, text):
        if "40" in text:
            Finalized(lambda: 1 / 0)
            Finalized(lambda: signal.raise_signal(signal.SIGINT))
    def flush(self):
        pass

sys.exit(main(["wait", "copy", "--region", "us-west-2"], stdout=Stream()))
"""


def test_ctrl_c_whose_exception_python_drops_ends_it_soon(program):
    process = program("-c", DROPPED_IN_A_FINALIZER, stderr=subprocess.PIPE)
    _, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert (b"ZeroDivisionError" in err, b"KeyboardInterrupt" in err) == (True, False)


def test_a_timer_of_the_caller_is_put_back(copying):
    heard = []
    before = signal.signal(signal.SIGALRM, lambda *_: heard.append(1))
    try:
        signal.setitimer(signal.ITIMER_REAL, 1000)
        assert run("copy")[0] == 0
        assert 900 < signal.getitimer(signal.ITIMER_REAL)[0] <= 1000
        signal.raise_signal(signal.SIGALRM)
        assert heard == [1]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_a_thread_waits_too(copying):
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(run, "copy").result()[0] == 0


def test_ctrl_c_on_a_terminal_leaves_the_bar_and_no_traceback(program):
    pytest.importorskip("tqdm")
    ours, theirs = pty.openpty()
    process = program(stdout=subprocess.PIPE, stderr=theirs)
    os.close(theirs)
    drawn = b""
    while b" 40%" not in drawn:
        assert select.select([ours], [], [], 20)[0], f"nothing came after {drawn}"
        drawn += os.read(ours, 4096)
    process.send_signal(signal.SIGINT)
    out, _ = process.communicate(timeout=20)
    assert (process.returncode, out) == (130, b"")
    while more := _read_to_the_end(ours):
        drawn += more
    os.close(ours)
    assert b"Traceback" not in drawn
    assert drawn.endswith(b"\r\n")


def _read_to_the_end(descriptor):
    try:
        return os.read(descriptor, 4096)
    except OSError:  # Linux: the other side was closed
        return b""
