"""`neptune-guard dry-run`, from arguments and AWS settings to the exit code; its checks have tests of their own."""

import io
import json
import os
import socket
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from neptune_guard.cli import main
from neptune_guard.stub import NeptuneStub

REQUEST = {
    "SourceDBClusterSnapshotIdentifier": "arn:aws:rds:us-east-1:123456789012:cluster-snapshot:nightly",
    "TargetDBClusterSnapshotIdentifier": "copy",
}
KEYS = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "made-up"}


def run(*arguments, params=REQUEST, region="us-west-2", text=None):
    given = json.dumps(params) if text is None else text
    stdin, out, err = io.BytesIO(given.encode()), io.StringIO(), io.StringIO()
    code = main(["dry-run", "-", "--region", region, *arguments], stdin=stdin, stdout=out, stderr=err)
    return code, out.getvalue(), err.getvalue()


@pytest.fixture
def environ(monkeypatch):
    def change(**values):
        for name, value in values.items():
            monkeypatch.setenv(name, value)

    return change


@pytest.fixture
def stub(tmp_path, environ):
    """A state file that the environment names, and that imagines nothing."""
    environ(NEPTUNE_GUARD_STUB=str(tmp_path / "neptune.db"))
    with NeptuneStub(tmp_path / "neptune.db", imagine=False) as made:
        yield made


def test_a_file_is_read(stub, tmp_path):
    stub.add_snapshot("nightly", "us-east-1")
    (tmp_path / "copy.json").write_text(json.dumps(REQUEST), encoding="utf-8")
    out = io.StringIO()
    assert main(["dry-run", str(tmp_path / "copy.json"), "--region", "us-west-2"], stdout=out) == 0
    assert out.getvalue().startswith("Dry run of CopyDBClusterSnapshot: ok\nPASSED  request")


def test_nothing_is_copied(stub):
    stub.add_snapshot("nightly", "us-east-1")
    run()
    assert stub.calls
    assert all(call.operation.startswith("Describe") for call in stub.calls)


EXITS = {
    "sound": (lambda stub: None, {}, 0),
    "a warning": (lambda stub: None, {"Tags": [{"Key": "a", "Value": ""}]}, 0),
    "an error": (lambda stub: None, {"TargetDBClusterSnapshotIdentifier": "a--b"}, 1),
    "a failed check": (lambda stub: stub.add_snapshot("copy", "us-west-2"), {}, 1),
    "refused, so unknown": (lambda stub: stub.fail("DescribeDBClusterSnapshots", "AccessDenied", times=9), {}, 0),
}


@pytest.mark.parametrize("form", ["text", "json"])
@pytest.mark.parametrize(("seed", "more", "expected"), EXITS.values(), ids=EXITS)
def test_the_exit_code_tells_whether_anything_failed(stub, seed, more, expected, form):
    stub.add_snapshot("nightly", "us-east-1")
    seed(stub)
    code, out, err = run("--format", form, params={**REQUEST, **more})
    assert (code, err.count("\n")) == (expected, 1)
    assert err.startswith("neptune-guard: a stub answers instead of AWS: the state file ")
    if form == "json":
        assert json.loads(out)["ok"] is (code == 0)
        assert json.loads(out).keys() == {"ok", "violations", "checks"}


def test_the_profile_brings_credentials_and_settings(environ, tmp_path, recorder):
    lines = [
        "[profile dr]",
        "aws_access_key_id = AKIDPROFILE",
        "aws_secret_access_key = made-up",
        f"endpoint_url = {recorder.url}",
        "neptune_guard_ignore = identifier-*",
    ]
    (tmp_path / "config").write_text("\n".join(lines), encoding="utf-8")
    environ(AWS_CONFIG_FILE=str(tmp_path / "config"))
    code, out, _ = run("--profile", "dr", params={**REQUEST, "TargetDBClusterSnapshotIdentifier": "a--b"})
    assert "PASSED  request " in out
    assert code == 1  # the server that answers has no snapshot
    assert {each.body["Action"] for each in recorder.received} == {"DescribeDBClusterSnapshots"}
    assert all("AKIDPROFILE/" in each.headers["Authorization"] for each in recorder.received)


class Expired(BaseHTTPRequestHandler):
    def do_POST(self):
        error = b"<ErrorResponse><Error><Code>ExpiredToken</Code><Message>Too\nold</Message></Error></ErrorResponse>"
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(403)
        self.send_header("Content-Length", str(len(error)))
        self.end_headers()
        self.wfile.write(error)

    def log_message(self, format, *args):
        pass


def test_credentials_that_ran_out_are_one_line(environ):
    server = HTTPServer(("127.0.0.1", 0), Expired)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    environ(AWS_ENDPOINT_URL=f"http://127.0.0.1:{server.server_port}", **KEYS)
    complaint = "An error occurred (ExpiredToken) when calling the DescribeDBClusterSnapshots operation: Too old"
    try:
        assert run() == (2, "", f"neptune-guard: {complaint}\n")
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_pre_signed_url_is_not_printed(stub):
    _, out, err = run(params={**REQUEST, "PreSignedUrl": "https://rds.us-east-1.amazonaws.com/?X-Amz-Signature=5ecret"})
    assert "PreSignedUrl" in out
    assert "5ecret" not in out + err


def test_the_region_of_the_environment_does_not_stand_in_the_way(stub, environ):
    environ(AWS_DEFAULT_REGION="eu-west-1", AWS_SHARED_CREDENTIALS_FILE=os.devnull)
    stub.add_snapshot("nightly", "us-east-1")
    _, out, _ = run(region="us-west-1")
    assert "no snapshot of us-west-1 has that name" in out


# parameters (None for a request that names its operation), beginning of a line of the report
LINES = {
    "the name is free": ({}, "PASSED  target free "),
    "the name is taken": ({"TargetDBClusterSnapshotIdentifier": "taken"}, "FAILED  target free "),
    "the request is wrong": ({"TargetDBClusterSnapshotIdentifier": "a--b"}, "FAILED  request "),
    "a request that names its operation": (None, "PASSED  target free "),
}


@pytest.mark.parametrize(("more", "line"), LINES.values(), ids=LINES)
def test_the_report_has_one_line_per_check(stub, more, line):
    stub.add_snapshot("nightly", "us-east-1")
    stub.add_snapshot("taken", "us-west-2")
    wrapped = {"operation": "CopyDBClusterSnapshot", "params": REQUEST}
    _, out, _ = run(params=wrapped if more is None else {**REQUEST, **more})
    assert f"\n{line}" in out


def test_the_rules_that_the_environment_names_are_left_out(stub, environ):
    environ(NEPTUNE_GUARD_IGNORE="identifier-*")
    stub.add_snapshot("nightly", "us-east-1")
    _, out, _ = run(params={**REQUEST, "TargetDBClusterSnapshotIdentifier": "a--b"})
    assert "PASSED  request " in out


SOUND = json.dumps(REQUEST)
# input, arguments, environment, complaint
IMPOSSIBLE = {
    "two requests": ("[{}, {}]", (), {}, "-: holds 2 requests; a dry run takes one"),
    "none": ("[]", (), {}, "-: holds 0 requests; a dry run takes one"),
    "a name twice": (
        f'{{"TargetDBClusterSnapshotIdentifier": "b",\n{SOUND[1:]}',
        (),
        {},
        "<stdin>:2: TargetDBClusterSnapshotIdentifier is given more than once",
    ),
    "not a request": ("[3]", (), {}, "<stdin>:1: a number is not a request; give a JSON object"),
    "a name of Python's": ('{"session": 1}', (), {}, "<stdin>:1: CopyDBClusterSnapshot has no parameter 'session'"),
    "no JSON": ("{", (), {}, "<stdin>:1:2: not valid JSON: Expecting property name enclosed in double quotes"),
    "no credentials": (SOUND, (), {}, "Unable to locate credentials"),
    "no profile": (SOUND, ("--profile", "none"), {}, "The config profile (none) could not be found"),
    "no endpoint": (SOUND, (), {"AWS_ENDPOINT_URL": "nonsense"}, "Invalid endpoint: nonsense"),
    "no state file": (SOUND, (), {"NEPTUNE_GUARD_STUB": __file__}, f"{__file__} is not a state file"),
}


@pytest.mark.parametrize(("text", "arguments", "environment", "complaint"), IMPOSSIBLE.values(), ids=IMPOSSIBLE)
def test_a_dry_run_that_cannot_be_made_is_one_line(environ, text, arguments, environment, complaint):
    environ(**environment)
    code, out, err = run(*arguments, text=text)
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith(f"neptune-guard: {complaint}")


def test_an_endpoint_out_of_reach_is_one_line(environ):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
    environ(**KEYS, AWS_ENDPOINT_URL=url, AWS_MAX_ATTEMPTS="1")
    assert run() == (2, "", f'neptune-guard: Could not connect to the endpoint URL: "{url}/"\n')


def test_another_operation_is_refused():
    code, _, err = run(params={"operation": "DeleteDBCluster", "params": {}})
    assert (code, err) == (
        2,
        "neptune-guard: <stdin>:1: a dry run is made of CopyDBClusterSnapshot only, not of DeleteDBCluster\n",
    )
