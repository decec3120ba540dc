"""The command around the server: its first line, its options, the command that it runs, and how it ends."""

from __future__ import annotations

import io
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import threading
from datetime import timedelta

import boto3
import pytest
from botocore.config import Config
from botocore.credentials import AssumeRoleWithWebIdentityProvider, ContainerProvider, EnvProvider

from neptune_guard import cli
from neptune_guard.cli._program import Unusable
from neptune_guard.exceptions import ConfigurationError
from neptune_guard.serve import SERVICES, Server
from neptune_guard.stub import NeptuneStub
from tests.serve.conftest import REGION

MAIN = [sys.executable, "-m", "neptune_guard", "serve"]


def parsed(*arguments):
    return cli.parser().parse_args(["serve", *arguments])


@pytest.fixture
def run():
    """Run the command in this process, and return its exit code and what it printed."""

    def start(*arguments):
        stdout, stderr = io.StringIO(), io.StringIO()
        code = cli.main(["serve", "--port", "0", *arguments], stdout=stdout, stderr=stderr)
        return code, stdout.getvalue(), stderr.getvalue()

    return start


@pytest.fixture
def start():
    """Start the command as a process of its own, and return it with its first line."""
    started = []

    def begin(*arguments):
        process = subprocess.Popen([*MAIN, "--port", "0", *arguments], stdout=subprocess.PIPE, text=True)
        started.append(process)
        return process, process.stdout.readline()

    yield begin
    for process in started:
        process.kill()
        process.wait()
        process.stdout.close()


def address(line):
    return dict(each.split("=") for each in line.split()[1:])["AWS_ENDPOINT_URL_NEPTUNE"]


def client(url, key="AKIDEXAMPLE"):
    return boto3.client(
        "neptune",
        region_name=REGION,
        endpoint_url=url,
        aws_access_key_id=key,
        aws_secret_access_key="made-up",
        config=Config(retries={"total_max_attempts": 1}),
    )


def script(text):
    return ["--", sys.executable, "-c", text]


# ---------------------------------------------------------------------- options

# arguments, name, value
OPTIONS = [
    ([], "port", 4580),
    (["--port", "65535"], "port", 65535),
    (["--copy-duration", "45m"], "copy_duration", timedelta(minutes=45)),
    (["--create-duration", "0s"], "create_duration", timedelta(0)),
    (["--tick", "1.5h"], "tick", timedelta(minutes=90)),
    ([], "tick", None),
    (["--imagine"], "imagine", True),
    ([], "imagine", None),
    (["--account", "111122223333"], "account", [(None, "111122223333")]),
    (["--account", "a/b=c=111122223333"], "account", [("a/b=c", "111122223333")]),
    (["--tick", "0.5s"], "tick", timedelta(milliseconds=500)),
    (["--copy-duration", "2d"], "copy_duration", timedelta(days=2)),
    (["--", "terraform", "apply", "--", "-x"], "program", ["terraform", "apply", "--", "-x"]),
    (["--port", "0", "--", "aws", "--port"], "program", ["aws", "--port"]),
]


@pytest.mark.parametrize(("arguments", "name", "value"), OPTIONS)
def test_options_are_read(arguments, name, value):
    assert getattr(parsed(*arguments), name) == value


MISTAKEN_OPTIONS = [
    (["--port", "65536"], "not a port"),
    (["--port", "-1"], "not a port"),
    (["--port", "http"], "not a port"),
    (["--port", "\u0661"], "not a port"),
    (["--tick", "30"], "not a duration"),
    (["--tick", "999999999999d"], "not a duration"),
    (["--tick", ""], "not a duration"),
    (["--tick=-1s"], "not a duration"),
    (["--tick", "1h30m"], "not a duration"),
    (["--tick", "1s\n"], "not a duration"),
    (["--tick", "\u0661s"], "not a duration"),
    (["--tick", "1e3s"], "not a duration"),
    (["--account", "1"], "twelve digits"),
    (["--account", "=111122223333"], "twelve digits"),
    (["--account", "key=1"], "twelve digits"),
]


@pytest.mark.parametrize(("arguments", "words"), MISTAKEN_OPTIONS)
def test_a_mistaken_option_is_one_clear_error(arguments, words):
    with pytest.raises(Unusable, match=words):
        parsed(*arguments)


def test_a_seed_file_that_cannot_be_used_ends_it_before_it_listens(run, tmp_path):
    code, stdout, stderr = run("--seed", str(tmp_path / "nope.json"), *script("raise SystemExit(9)"))
    assert (code, stdout) == (2, "")
    assert stderr.startswith("neptune-guard: the seed file ")


def test_a_port_that_is_taken_is_one_clear_error(stub):
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(ConfigurationError, match="cannot be used: Add"),
    ):
        Server(stub, port=taken.getsockname()[1])


def test_a_log_that_cannot_be_written_is_one_clear_error(run, tmp_path):
    code, _, stderr = run("--log", str(tmp_path), *script("raise SystemExit(9)"))
    assert (code, stderr) == (2, f"neptune-guard: the log {tmp_path} cannot be written: Is a directory\n")


@pytest.mark.parametrize("code", [0, 7])
def test_a_log_that_fills_up_leaves_the_exit_code_alone(run, code):
    text = f"""
import boto3
boto3.client("neptune", region_name="us-east-1").describe_db_clusters()
raise SystemExit({code})
"""
    assert run("--log", "/dev/full", *script(text)) == (code, "", "")


def test_a_state_file_is_seeded_by_the_run_that_makes_it(run, tmp_path):
    state, seed = tmp_path / "state.db", tmp_path / "seed.json"
    steps = [{"add_cluster": {"identifier": name, "region": REGION}} for name in ("one", "two")]
    options = ("--state", str(state), "--seed", str(seed), *script(""))
    seed.write_text(json.dumps([steps[0], {"nope": {}}]))
    assert run(*options)[0] == 2
    assert not state.exists()
    state.touch()
    assert run(*options)[0] == 2
    assert state.exists()  # somebody else's, such as that of a run that began a moment earlier
    state.write_bytes(b"")
    seed.write_text(json.dumps(steps))
    assert run(*options) == (0, "", "")
    notice = f"neptune-guard: {state} is there already, so {seed} is not used\n"
    assert run(*options) == (0, "", notice)
    with NeptuneStub(state) as stub:
        answer = stub.session(REGION).client("neptune").describe_db_clusters()
    assert [each["DBClusterIdentifier"] for each in answer["DBClusters"]] == ["one", "two"]


def test_a_state_file_that_cannot_be_made_is_one_line(run, tmp_path):
    seed = tmp_path / "seed.json"
    seed.write_text("[]")
    for state in (tmp_path / "no" / "state.db", tmp_path):
        code, stdout, stderr = run("--state", str(state), "--seed", str(seed), *script(""))
        assert (code, stdout, stderr.count("\n")) == (2, "", 1), stderr


def test_without_waitress_it_says_what_to_install(stub, monkeypatch):
    monkeypatch.setitem(sys.modules, "waitress", None)
    monkeypatch.delitem(sys.modules, "waitress.channel", raising=False)
    with pytest.raises(ConfigurationError) as caught:
        Server(stub)
    assert str(caught.value) == "serving needs waitress; install it: pip install 'waitress>=3.0'"


# ---------------------------------------------------------------------- with a command

PROGRAMS = [("raise SystemExit(0)", 0), ("raise SystemExit(7)", 7), ("import os; os.kill(os.getpid(), 9)", 137)]


@pytest.mark.parametrize(("text", "code"), PROGRAMS)
def test_the_exit_code_of_the_command_is_passed_on(run, text, code):
    assert run(*script(text)) == (code, "", "")


def test_a_command_that_cannot_be_run_is_named(run, tmp_path):
    assert run("--", "no-such-program") == (127, "", "neptune-guard: no-such-program: No such file or directory\n")
    (tmp_path / "plain").write_text("no program")
    code, _, stderr = run("--", str(tmp_path / "plain"))
    assert (code, "Permission denied" in stderr) == (126, True)


TAKEN_AWAY = {
    "AWS_PROFILE",
    "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS",
    *EnvProvider.TOKENS,
    EnvProvider.EXPIRY_TIME,
    *AssumeRoleWithWebIdentityProvider._CONFIG_TO_ENV_VAR.values(),
    ContainerProvider.ENV_VAR,
    ContainerProvider.ENV_VAR_FULL,
    ContainerProvider.ENV_VAR_AUTH_TOKEN,
    ContainerProvider.ENV_VAR_AUTH_TOKEN_FILE,
    "AWS_ACCESS_KEY",
    "AWS_SECRET_KEY",
}


def test_the_command_is_led_to_the_stub_and_to_nothing_else(run, tmp_path, monkeypatch):
    for name in TAKEN_AWAY:
        monkeypatch.setenv(name, "true")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAREAL")
    monkeypatch.setenv("AWS_REGION", "eu-west-3")
    monkeypatch.setenv("NO_PROXY", "intranet.example")
    seen = tmp_path / "environment.json"
    text = f"import json, os; json.dump(dict(os.environ), open({str(seen)!r}, 'w'))"
    assert run(*script(text))[0] == 0
    environment = json.loads(seen.read_text())
    addresses = {environment[f"AWS_ENDPOINT_URL_{service}"] for service in SERVICES}
    assert len(addresses) == 1
    assert addresses.pop().startswith("http://127.0.0.1:")
    assert environment["AWS_ACCESS_KEY_ID"] == environment["AWS_SECRET_ACCESS_KEY"] == "stub"
    assert environment["AWS_EC2_METADATA_DISABLED"] == "true"
    assert environment["AWS_REGION"] == "eu-west-3"
    assert environment["NO_PROXY"] == "intranet.example,127.0.0.1"
    assert not environment.keys() & TAKEN_AWAY
    assert os.environ["AWS_ACCESS_KEY_ID"] == "AKIAREAL"


def test_a_command_uses_the_stub_by_the_variables_alone(run, tmp_path):
    seed = tmp_path / "seed.json"
    seed.write_text(json.dumps([{"add_snapshot": {"identifier": "nightly", "region": REGION}}]))
    text = (
        "import boto3; print(boto3.client('sts', region_name='us-east-1').get_caller_identity()['Account']);"
        "client = boto3.client('neptune', region_name='us-east-1');"
        "client.copy_db_cluster_snapshot(SourceDBClusterSnapshotIdentifier='nightly',"
        " TargetDBClusterSnapshotIdentifier='copy')"
    )
    state = tmp_path / "state.db"
    log = tmp_path / "log"
    options = ("--seed", str(seed), "--state", str(state), "--log", str(log), "--account", "111122223333")
    assert run(*options, "--account", "KEY=444455556666", *script(text))[0] == 0
    with NeptuneStub(state) as stub:
        assert [(call.operation, call.account_id) for call in stub.calls] == [("CopyDBClusterSnapshot", "111122223333")]
    operations = [json.loads(line)["operation"] for line in log.read_text().splitlines()]
    assert operations == ["GetCallerIdentity", "CopyDBClusterSnapshot"]
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_leaves_the_server_to_the_command(number, tmp_path):
    """SIGTERM is passed on; Ctrl-C has reached the command by itself. The server ends after it."""
    told = tmp_path / "told"
    text = (
        "import pathlib, signal, sys, time\n"
        "def end(number, frame):\n"
        f"    pathlib.Path({str(told)!r}).write_text(str(number)); sys.exit(5)\n"
        "signal.signal(signal.SIGTERM, end); signal.signal(signal.SIGINT, end)\n"
        "print('ready', flush=True); time.sleep(30)"
    )
    process = subprocess.Popen(
        [*MAIN, "--port", "0", *script(text)], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    with process:
        assert process.stdout.readline() == "ready\n"
        if number == signal.SIGINT:
            os.killpg(process.pid, number)
        else:
            process.send_signal(number)
        assert process.wait(20) == 5
    assert told.read_text() == str(int(number))


# ---------------------------------------------------------------------- without one


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_one_line_of_variables_then_it_serves_until_a_signal(start, number):
    process, line = start()
    words = line.split()
    assert words[0] == "export"
    assert [word.partition("=")[0] for word in words[1:]] == [f"AWS_ENDPOINT_URL_{service}" for service in SERVICES]
    found = client(address(line)).describe_db_clusters()["DBClusters"]
    assert found == []
    process.send_signal(number)
    assert process.wait(20) == 0
    assert process.stdout.read() == ""


def test_the_line_can_be_sourced(start, tmp_path):
    _, line = start()
    (tmp_path / "serve.env").write_text(line)
    shown = subprocess.run(
        ["sh", "-c", f". {tmp_path}/serve.env; echo $AWS_ENDPOINT_URL_STS"], capture_output=True, text=True, check=True
    )
    assert shown.stdout.strip() == address(line)


def test_nothing_that_was_answered_is_lost(start, tmp_path):
    state = tmp_path / "state.db"
    process, line = start("--state", str(state))
    made = client(address(line))
    answered = []
    for number in range(20):
        if number == 10:
            process.send_signal(signal.SIGTERM)
        try:
            made.create_db_cluster(DBClusterIdentifier=f"graph-{number}", Engine="neptune")
        except Exception:  # noqa: BLE001 - whichever way a client says that nobody is there
            break
        answered.append(f"graph-{number}")
    assert process.wait(20) == 0
    assert len(answered) >= 10
    with NeptuneStub(state) as stub:
        _, found = stub.respond("DescribeDBClusters", {}, region=REGION)
    assert {each["DBClusterIdentifier"] for each in found["DBClusters"]} >= set(answered)


def test_a_request_that_was_begun_is_answered_when_it_stops(serve, stub):
    """A call inside the stub when the end comes."""
    begun, go_on = threading.Event(), threading.Event()
    respond = stub.respond

    def slow(*args, **kwargs):
        begun.set()
        go_on.wait(10)
        return respond(*args, **kwargs)

    stub.respond = slow
    served = serve()
    got = []
    asking = threading.Thread(target=lambda: got.append(served.call({"Action": "DescribeDBClusters"})))
    asking.start()
    begun.wait(10)
    served.server.stop()
    go_on.set()
    asking.join(10)
    assert [answer.status for answer in got] == [200]


def test_a_stopped_server_lets_go_of_its_port_and_its_connections(stub):
    with Server(stub) as server:
        connection = socket.create_connection(("127.0.0.1", server.port))
    with connection:
        connection.settimeout(10)
        assert connection.recv(1) == b""
    with Server(stub, port=server.port) as again:
        assert again.port == server.port


def test_help_names_every_option():
    stdout = io.StringIO()
    assert cli.main(["serve", "--help"], stdout=stdout) == 0
    text = stdout.getvalue()
    for option in ("port", "state", "seed", "account", "imagine", "copy-duration", "create-duration", "tick", "log"):
        assert f"--{option}" in text
    assert "COMMAND" in text
