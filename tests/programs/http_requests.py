"""HTTP requests at random, sound, nearly sound and damaged: each is answered readably or hung up on, none breaks it.

python -m tests.programs.http_requests [REQUESTS] [SEED]
"""

from __future__ import annotations

import http.client
import json
import logging
import random
import socket
import sys
import time
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode
from xml.etree import ElementTree

from botocore.serialize import QuerySerializer

from neptune_guard._data import service_model
from neptune_guard.serve import ADDRESS, Server
from neptune_guard.stub import NeptuneStub
from neptune_guard.stub.operations import OPERATIONS
from tests.helpers import SOUND

REGION = "us-east-1"
SECRET = "5ec2e75ec2e7"
EXPECTED = {200, 400, 403, 404, 405, 411, 413, 415, 417, 431, 501}
"""Statuses that a request can deserve; 500 is a mistake of the server's own."""
PATIENCE = 10  # seconds until an answer counts as missing
_NEPTUNE = service_model("neptune")
_WORDS = ("", "0", "-1", "true", "graph", "nightly", "all", "é\x00", "\ud800", "x" * 300, "2026-05-04T00:00:00Z")
_SIGNED = f"https://rds.us-west-2.amazonaws.com/?Action=CopyDBClusterSnapshot&X-Amz-Signature={SECRET}"
_CONTROL = ("add_cluster", "add_snapshot", "add_instance", "add_kms_key", "clock/advance", "clock/freeze", "calls", "x")
_HEADERS = (
    ("Host", "attacker.example"),
    ("Origin", "http://127.0.0.1"),
    ("Content-Length", "7"),
    ("Content-Length", "-1"),
    ("Content-Length", "99999999999"),
    ("Transfer-Encoding", "chunked"),
    ("Transfer-Encoding", "gzip"),
    ("Expect", "100-continue"),
    ("Authorization", f"AWS4-HMAC-SHA256 Credential={SECRET}"),
    ("X-Amz-Target", "TrentService.DescribeKey"),
    ("Content-Type", "application/json"),
    ("Connection", "close"),
    ("X", "y" * 40_000),
)


class Sent(NamedTuple):
    """A request as bytes, and whether it is whole: then it must be answered."""

    raw: bytes
    is_whole: bool


class Source:
    """Random requests, each from a number alone."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def request(self) -> Sent:
        head, body = self.control() if self.random.random() < 0.1 else self.call()
        kind = self.random.random()
        if kind < 0.6:
            return Sent(written(head, body), True)
        if kind < 0.8:
            name, value = self.random.choice(_HEADERS)
            others = [each for each in head if each[0] != name or self.random.random() < 0.5]
            return Sent(written([*others, (name, value)], body), False)
        # A flipped byte in its name makes a secret of a URL an ordinary text.
        raw = bytearray(written(head, body.replace(SECRET.encode(), b"000000000000")))
        for _ in range(self.random.choice((1, 2, 5))):
            raw[self.random.randrange(len(raw))] = self.random.randrange(256)
        return Sent(bytes(raw[: self.random.choice((len(raw), self.random.randrange(len(raw))))]), False)

    def call(self) -> tuple[list[tuple[str, str]], bytes]:
        """Return a call of an operation, now and then with a value replaced or a name invented."""
        name = self.random.choice(list(OPERATIONS))
        model = _NEPTUNE.operation_model(name)
        fields = dict(QuerySerializer().serialize_to_request(SOUND.get(name, {}), model)["body"])
        for _ in range(self.random.choice((0, 0, 1, 2))):
            at = self.random.choice([*fields, *model.input_shape.members, "PreSignedUrl", "Tags.Tag.1.Key", "Nope"])
            fields[at] = self.random.choice((*_WORDS, _SIGNED))
        body = urlencode(fields, errors="surrogatepass", quote_via=quote).encode()
        scope = f"{self.random.choice(('123456789012', 'AKID'))}/20260504/{REGION}/rds/aws4_request"
        signature = f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature={SECRET}"
        return _head("POST", "/", body, "application/x-www-form-urlencoded", ("Authorization", signature)), body

    def control(self) -> tuple[list[tuple[str, str]], bytes]:
        names = ("identifier", "region", "cluster", "hours", "alias", "tags", "nope")
        values: tuple[Any, ...] = (*_WORDS, REGION, 1, None, {"a": "b"}, [1], 10**400)
        given = {self.random.choice(names): self.random.choice(values) for _ in range(self.random.randrange(4))}
        body = json.dumps(given).encode()
        path = f"/_neptune-guard/{self.random.choice(_CONTROL)}"
        return _head(self.random.choice(("POST", "GET")), path, body, "application/json"), body


def _head(method: str, path: str, body: bytes, kind: str, *more: tuple[str, str]) -> list[tuple[str, str]]:
    line = ("", f"{method} {path} HTTP/1.1")
    return [line, ("Host", "127.0.0.1"), ("Content-Type", kind), ("Content-Length", str(len(body))), *more]


def written(head: list[tuple[str, str]], body: bytes) -> bytes:
    """Return a request as it goes over the wire; the line without a name is its first."""
    lines = [f"{name}: {value}" if name else value for name, value in head]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


# ---------------------------------------------------------------------- oracles


def examine(port: int, sent: Sent) -> int | None:
    """Send a request and hold its answer to what must always be true; return the status, None without an answer."""
    with closing(socket.create_connection((ADDRESS, port), timeout=PATIENCE)) as connection:
        try:
            connection.sendall(sent.raw)
            if not sent.is_whole:
                connection.shutdown(socket.SHUT_WR)  # the server may be waiting for more
            response = http.client.HTTPResponse(connection, method="POST")
            response.begin()
            body = response.read()
        except TimeoutError:
            raise AssertionError("neither answered nor hung up on") from None
        except (http.client.HTTPException, OSError):  # OSError: the server hung up before all was sent
            assert not sent.is_whole, "a whole request was not answered"
            return None
    assert response.status in EXPECTED, f"status {response.status}: {body[:300]!r}"
    assert SECRET.encode() not in body, "a secret is answered"
    kind = response.headers.get_content_type()
    if kind == "text/xml":
        ElementTree.fromstring(body)
    elif kind != "text/plain":  # which waitress answers in to what is not HTTP
        assert kind in ("application/json", "application/x-amz-json-1.1"), f"content type {kind}"
        json.loads(body)
    return response.status


class _Noted(logging.Handler):
    """Keeps what the server logs about mistakes of its own."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


def run(requests: int, seed: int, tell: Callable[[str], object] = print) -> tuple[Counter[int | None], int]:
    """Examine so many requests; tell and count what is found.

    Returns:
        How often each status was answered, and the number of finds.
    """
    source, statuses, found, noted = Source(seed), Counter[int | None](), 0, _Noted()
    logging.getLogger("neptune_guard").addHandler(noted)
    try:
        with NeptuneStub(imagine=True, manual_snapshot_quota=10**9) as stub, Server(stub) as server:
            for number in range(requests):
                sent = source.request()
                try:
                    statuses[examine(server.port, sent)] += 1
                    assert not noted.lines, noted.lines.pop()
                except Exception as problem:  # noqa: BLE001 - whatever comes out is the find
                    found += 1
                    tell(f"{type(problem).__name__}: {problem}\n  {sent.raw!r}")
                if number % 500 == 0:
                    assert SECRET not in str(stub.calls), "a secret is logged"
                    stub.reset()
    finally:
        logging.getLogger("neptune_guard").removeHandler(noted)
    return statuses, found


def main(requests: int = 100_000, seed: int = 1) -> int:
    """Run, and print the sums; return 0 without a find, else 1."""
    start = time.perf_counter()
    statuses, found = run(requests, seed)
    shown = ", ".join(f"{number} x {status or 'no answer'}" for status, number in statuses.most_common())
    print(f"{requests} HTTP requests with seed {seed} in {time.perf_counter() - start:.0f} s: {shown}; {found} finds")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:3])))
