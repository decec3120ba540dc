"""`neptune-guard dry-run`, from arguments and AWS settings to the exit code; the checks themselves: test_dry_run.py."""

import io
import json
import os
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


def run(*arguments, params=REQUEST, region="us-west-2"):
    stdin, out, err = io.BytesIO(json.dumps(params).encode()), io.StringIO(), io.StringIO()
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
    assert {call.operation for call in stub.calls} == {"DescribeDBClusterSnapshots"}


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
    assert (code, err) == (expected, "")
    if form == "json":
        assert json.loads(out)["ok"] is (code == 0)
        assert json.loads(out).keys() == {"ok", "violations", "checks"}


def test_the_profile_brings_credentials_and_settings(environ, tmp_path, recorder):
    lines = [
        "[profile dr]",
        "aws_access_key_id = AKIDPROFILE",
        "aws_secret_access_key = made-up",
        f"endpoint_url = {recorder.url}",
        "neptune_guard_ignore = target-*",
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
