"""What several test modules share: a clean environment, the hosts of the guard, responders and loopback servers."""

from __future__ import annotations

import asyncio
import contextlib
import copy
import os
import signal
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qsl

import boto3
import botocore.session
import pytest
from botocore.loaders import create_loader

try:
    from aiobotocore.session import AioSession
except ImportError:  # the synchronous half is tested without it
    AioSession = None

REGION = "us-west-2"
CREDENTIALS = {"aws_access_key_id": "AKIDEXAMPLE", "aws_secret_access_key": "made-up"}
LOOPBACK = ("127.0.0.1", "::1", "localhost", "0.0.0.0")  # waitress looks the last one up, and does not use it


_loader = create_loader()


@pytest.fixture(autouse=True, scope="session")
def _models_are_read_once():
    """Share botocore's model files between sessions: reading them is most of what a client costs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(botocore.session, "create_loader", lambda path=None: create_loader(path) if path else _loader)
        yield


@pytest.fixture(autouse=True, scope="session")
def _ctrl_c_is_heard():
    """A shell's background jobs ignore Ctrl-C, and so would every process that a test starts."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(autouse=True)
def environment(monkeypatch):
    """Run without anybody's AWS settings and without a way off this machine."""
    for name in list(os.environ):
        if name.startswith(("AWS_", "NEPTUNE_GUARD_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, os.devnull)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
    resolve, connect = socket.getaddrinfo, socket.socket.connect

    def getaddrinfo(host, *args, **kwargs):
        assert host in LOOPBACK, f"a test looked up {host!r}"
        return resolve(host, *args, **kwargs)

    def to_loopback(self, address):
        assert self.family == getattr(socket, "AF_UNIX", None) or address[0] in LOOPBACK, f"a test called {address}"
        return connect(self, address)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    monkeypatch.setattr(socket.socket, "connect", to_loopback)


@pytest.fixture
def no_socket(monkeypatch):
    """Refuse every connection, loopback included."""

    def refuse(self, address):
        raise AssertionError(f"a socket was opened to {address}")

    monkeypatch.setattr(socket.socket, "connect", refuse)


@pytest.fixture
def no_pauses(monkeypatch):
    """Let botocore and aiobotocore make no pause between two attempts."""
    monkeypatch.setattr("random.random", lambda: 0.0)  # what aiobotocore draws its pause with
    monkeypatch.setattr("time.sleep", lambda seconds: None)


class Boto3:
    """boto3, the synchronous host."""

    def session(self) -> Any:
        return boto3.Session()

    def client(self, session: Any = None, region: str = REGION, service: str = "neptune", **options: Any) -> Any:
        return (session or self.session()).client(service, region_name=region, **{**CREDENTIALS, **options})

    def wait(self, value: Any) -> Any:
        return value

    def close(self) -> None:
        pass


class Aiobotocore:
    """aiobotocore, on an event loop of its own."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._clients = contextlib.AsyncExitStack()

    def session(self) -> Any:
        return AioSession()

    def client(self, session: Any = None, region: str = REGION, service: str = "neptune", **options: Any) -> Any:
        made = (session or self.session()).create_client(service, region_name=region, **{**CREDENTIALS, **options})
        return self.wait(self._clients.enter_async_context(made))

    def wait(self, value: Any) -> Any:
        return self._loop.run_until_complete(value)

    def close(self) -> None:
        self.wait(self._clients.aclose())
        self.wait(self._loop.shutdown_asyncgens())
        self._loop.close()


@pytest.fixture(params=[Boto3, Aiobotocore] if AioSession else [Boto3], ids=lambda kind: kind.__name__.lower())
def host(request):
    """Sessions, clients and their answers, the same for the synchronous and the asynchronous botocore."""
    made = request.param()
    yield made
    made.close()


class Asked(NamedTuple):
    operation: str
    params: dict[str, Any]
    region: str
    account_id: str | None


class Canned:
    """A responder of a few lines: gives its answers in turn, the last one for ever, and remembers what it was asked."""

    def __init__(self, *answers: tuple[int, dict[str, Any]]) -> None:
        self.answers = answers or ((200, {"DBClusterSnapshot": {"Status": "copying"}}),)
        self.asked: list[Asked] = []

    def respond(
        self, operation: str, params: dict[str, Any], *, region: str, account_id: str | None
    ) -> tuple[int, dict[str, Any]]:
        self.asked.append(Asked(operation, copy.deepcopy(params), region, account_id))
        return self.answers[min(len(self.asked), len(self.answers)) - 1]


@pytest.fixture
def canned():
    """The class of a canned responder."""
    return Canned


class Received(NamedTuple):
    line: str
    headers: dict[str, str]
    body: dict[str, str]


ANSWER = """<{0}Response xmlns="http://rds.amazonaws.com/doc/2014-10-31/"><{0}Result>
<DBClusterSnapshot><Status>copying</Status></DBClusterSnapshot></{0}Result></{0}Response>"""


class _Recorder(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        body = dict(parse_qsl(text, keep_blank_values=True))
        self.server.received.append(Received(self.requestline, dict(self.headers), body))
        answer = ANSWER.format(body["Action"]).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def recorder():
    """An HTTP server, good as endpoint and as proxy, that keeps what it was sent in `received`; `url` is its own."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Recorder)
    server.received, server.url = [], f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="session")
def moto_url():
    """The address of a moto server in this process, so that each worker of a parallel run has its own."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    name, port = server.get_host_and_port()
    yield f"http://{name}:{port}"
    server.stop()
