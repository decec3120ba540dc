"""A web page in Chromium, which must not be able to change anything: by forms, scripts, images, frames or sockets."""

from __future__ import annotations

import http.server
import io
import json
import shutil
import subprocess
import threading
from contextlib import contextmanager
from pathlib import Path

from neptune_guard.serve import Server
from neptune_guard.stub import NeptuneStub
from tests.clients import SkippedError

CALL = "Action=CreateDBCluster&DBClusterIdentifier=attacked&Engine=neptune"
SCOPE = "AWS4-HMAC-SHA256 Credential=AKID/20260504/us-east-1/rds/aws4_request, SignedHeaders=host, Signature=0"
# Every way of a page's to send something to TARGET; what one of them throws must not keep the others from trying.
PAGE = """<!doctype html>
<iframe name="frame"></iframe>
<form id="query" method="post" target="frame" action="TARGET/">FIELDS</form>
<form id="plain" method="post" target="frame" enctype="text/plain" action="TARGET/_neptune-guard/reset">
<input name='{"a": "' value='"}'></form>
<img src="TARGET/_neptune-guard/calls?img"><script src="TARGET/_neptune-guard/calls?script"></script>
<link rel="stylesheet" href="TARGET/_neptune-guard/clock?link"><iframe src="TARGET/_neptune-guard/calls?frame"></iframe>
<script>
const json = {"Content-Type": "application/json"}, form = {"Content-Type": "application/x-www-form-urlencoded"};
const body = "CALL", signed = {...form, Authorization: "SCOPE"};
const tries = [
  () => fetch("TARGET/_neptune-guard/reset", {method: "POST", body: "{}"}),
  () => fetch("TARGET/_neptune-guard/reset", {method: "POST", body: "{}", mode: "no-cors"}),
  () => fetch("TARGET/_neptune-guard/reset", {method: "POST", body: "{}", headers: json}),
  () => fetch("TARGET/_neptune-guard/reset", {method: "POST", body: "{}", headers: json, mode: "no-cors"}),
  () => fetch("TARGET/_neptune-guard/reset", {method: "POST", body: new Blob(["{}"], {type: "application/json"})}),
  () => navigator.sendBeacon("TARGET/_neptune-guard/reset", new Blob(["{}"], {type: "text/plain"})),
  () => navigator.sendBeacon("TARGET/_neptune-guard/reset", new Blob(["{}"], {type: "application/json"})),
  () => fetch("TARGET/", {method: "POST", body, headers: form, mode: "no-cors"}),
  () => fetch("TARGET/", {method: "POST", body, headers: signed}),
  () => fetch("TARGET/?" + body + "&X-Amz-Credential=AKID/20260504/us-east-1/rds/aws4_request", {mode: "no-cors"}),
  () => fetch("TARGET/_neptune-guard/calls").then(answer => answer.text()).then(text => leaked.push(text)),
  () => new WebSocket("TARGET/_neptune-guard/reset".replace("http", "ws")),
  () => document.getElementById("query").submit(),
  () => setTimeout(() => document.getElementById("plain").submit(), 500),
];
const leaked = [];
(async () => {
  for (const attempt of tries) { try { await attempt(); } catch (refused) {} }
  setTimeout(() => fetch("/done", {method: "POST", body: JSON.stringify(leaked)}), 1500);
})();
</script>
"""


def story(where: Path) -> None:
    """Open the page, and find the stub as it was, though many requests came."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        raise SkippedError("there is no chromium; it is in Debian's packages")
    log = io.StringIO()
    with NeptuneStub() as stub, Server(stub, log=log) as server:
        stub.add_snapshot("nightly", "us-east-1")
        fields = "".join(
            f'<input name="{name}" value="{value}">' for name, value in (each.split("=") for each in CALL.split("&"))
        )
        page = PAGE.replace("FIELDS", fields).replace("CALL", CALL).replace("SCOPE", SCOPE)
        for target in (server.url, server.url.replace("127.0.0.1", "localhost")):
            with hosted(page.replace("TARGET", target)) as (address, done):
                browse(chromium, address, done, where)
        calls = stub.calls
        _, answer = stub.respond("DescribeDBClusterSnapshots", {}, region="us-east-1")
    requests = [json.loads(line) for line in log.getvalue().splitlines()]
    assert len(requests) >= 20, requests  # the page did try
    assert {request["status"] for request in requests} == {403}, requests
    assert calls == []
    assert [each["DBClusterSnapshotIdentifier"] for each in answer["DBClusterSnapshots"]] == ["nightly"]


class Done(threading.Event):
    """Set when the page has tried everything, with what it could read."""

    leaked: list[str]


@contextmanager
def hosted(page: str):
    """Serve the page from an origin of its own, and wait for what it reports."""
    done = Done()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(page.encode())

        def do_POST(self) -> None:
            done.leaked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(204)
            self.end_headers()
            done.set()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as web:
        threading.Thread(target=web.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{web.server_address[1]}/", done
        web.shutdown()


def browse(chromium: str, address: str, done: Done, where: Path) -> None:
    """Open an address until the page says that it has tried everything."""
    options = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={where}/profile",
        "--remote-debugging-port=0",
    ]
    process = subprocess.Popen([chromium, *options, address], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        assert done.wait(60), "the page did not come to its end"
        assert done.leaked == [], done.leaked
    finally:
        process.terminate()
        process.wait(20)
