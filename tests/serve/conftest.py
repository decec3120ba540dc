"""A served stub, and ways to talk to it: by HTTP with any headers, by raw sockets, by real clients."""

from __future__ import annotations

import http.client
import json
import socket
from contextlib import ExitStack, closing
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import boto3
import pytest
from botocore.config import Config

from neptune_guard.serve import Server
from neptune_guard.stub import NeptuneStub

REGION = "us-east-1"
ACCOUNT = "123456789012"


def authorization(key: str = "AKIDEXAMPLE", region: str = REGION, service: str = "rds") -> str:
    return (
        f"AWS4-HMAC-SHA256 Credential={key}/20260504/{region}/{service}/aws4_request, "
        "SignedHeaders=host;x-amz-date, Signature=00"
    )


class Answer:
    """An HTTP answer, read."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self.status, self.headers, self.body = response.status, response.headers, response.read()

    @property
    def error(self) -> tuple[str, str]:
        """The code and the message of an XML error."""
        namespace, root = {"a": "http://rds.amazonaws.com/doc/2014-10-31/"}, ElementTree.fromstring(self.body)
        assert self.headers["Content-Type"] == "text/xml"
        return root.findtext("a:Error/a:Code", None, namespace), root.findtext("a:Error/a:Message", None, namespace)

    @property
    def json(self) -> Any:
        assert self.body.count(b"\n") <= 1
        return json.loads(self.body)


class Caller:
    """Talks to a server."""

    def __init__(self, server: Server) -> None:
        self.server, self.url, self.port = server, server.url, server.port

    def ask(self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Answer:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)) as connection:
            connection.request(method, path, body, headers or {})
            return Answer(connection.getresponse())

    def call(
        self, form: dict[str, str] | bytes, headers: dict[str, str | None] | None = None, path: str = "/"
    ) -> Answer:
        """Make a call of the Query protocol; a header that is None is left out."""
        given = {
            "Content-Type": "application/x-www-form-urlencoded; charset=utf-8",
            "Authorization": authorization(),
            **(headers or {}),
        }
        body = form if isinstance(form, bytes) else urlencode(form).encode()
        return self.ask("POST", path, body, {name: value for name, value in given.items() if value is not None})

    def control(self, name: str, arguments: Any = None, headers: dict[str, str] | None = None) -> Answer:
        body = b"" if arguments is None else json.dumps(arguments).encode()
        given = {"Content-Type": "application/json", **(headers or {})}
        return self.ask("POST", f"/_neptune-guard/{name}", body, given)

    def look(self, name: str) -> Any:
        return self.ask("GET", f"/_neptune-guard/{name}").json

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=20)

    def exchange(self, raw: bytes) -> bytes:
        """Send bytes, and return all that comes back until the server hangs up or falls silent."""
        with self.connect() as connection:
            connection.sendall(raw)
            return everything(connection)

    def client(self, service: str = "neptune", region: str = REGION, key: str = ACCOUNT, **config: Any) -> Any:
        return boto3.client(
            service,
            region_name=region,
            endpoint_url=self.url,
            aws_access_key_id=key,
            aws_secret_access_key="made-up",
            config=Config(**{"retries": {"total_max_attempts": 1}, **config}),
        )


def everything(connection: socket.socket, patience: float = 0.5) -> bytes:
    connection.settimeout(patience)
    received = b""
    while True:
        try:
            piece = connection.recv(65536)
        except (TimeoutError, ConnectionResetError):
            return received
        if not piece:
            return received
        received += piece


@pytest.fixture
def stub():
    with NeptuneStub() as made:
        yield made


@pytest.fixture
def serve(stub):
    """Start a server, of the test's stub or another one, and return who talks to it."""
    with ExitStack() as servers:

        def start(of: NeptuneStub | None = None, **options: Any) -> Caller:
            return Caller(servers.enter_context(Server(of or stub, **options)))

        yield start


@pytest.fixture
def served(serve):
    return serve()
