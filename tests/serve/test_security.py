"""What keeps the server safe from everybody but programs of its own machine, tried by HTTP and by raw sockets."""

from __future__ import annotations

import re
import socket
import time
from contextlib import ExitStack, suppress

import pytest

from neptune_guard.serve import ADDRESS, app
from tests.serve.conftest import REGION, authorization, everything

BODY = b"Action=CreateDBCluster&DBClusterIdentifier=graph&Engine=neptune"
FORM = "application/x-www-form-urlencoded"
HEAD = (f"POST / HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {authorization()}\r\nContent-Type: {FORM}\r\n").encode()
WHOLE = HEAD + b"Content-Length: %d\r\n\r\n%s" % (len(BODY), BODY)


def untouched(served, stub):
    """Whether nobody got through; and the server still answers."""
    assert served.look("health") == {"status": "ok"}
    return stub.calls == []


def test_the_server_listens_on_loopback_alone(served):
    assert served.url == f"http://127.0.0.1:{served.port}"
    assert served.server._server.socket.getsockname() == (ADDRESS, served.port)


HOSTS = ["127.0.0.1", "127.0.0.1:1", "localhost", "LOCALHOST:80"]
FOREIGN_HOSTS = [
    "",
    "attacker.example",
    "127.0.0.1.attacker.example",
    "attacker.example:4580",
    "localhost.attacker.example",
    "127.0.0.1@attacker.example",
    "127.0.0.1, attacker.example",
    "127.0.0.1:80:80x",
    "127.0.0.2",
    "0.0.0.0",
    "[::1]",
    "localhost.",
    "2130706433",
]


@pytest.mark.parametrize("host", HOSTS)
def test_its_own_names_are_answered(served, host):
    assert served.ask("GET", "/_neptune-guard/health", headers={"Host": host}).status == 200


@pytest.mark.parametrize("host", FOREIGN_HOSTS)
def test_a_foreign_host_is_refused(served, stub, host):
    """A name of the attacker's that leads to this machine: DNS rebinding."""
    answer = served.call(BODY, {"Host": host})
    assert (answer.status, answer.error[0]) == (403, "AccessDenied")
    assert served.control("add_cluster", {"identifier": "graph", "region": REGION}, {"Host": host}).status == 403
    assert served.ask("GET", "/_neptune-guard/calls", headers={"Host": host}).status == 403
    assert untouched(served, stub)


@pytest.mark.parametrize("url", ["http://attacker.example", "HTTP://127.0.0.1@attacker.example/", "x://attacker:1/"])
def test_a_foreign_host_in_the_request_line_is_refused(served, stub, url):
    received = served.exchange(WHOLE.replace(b"POST / ", f"POST {url} ".encode(), 1))
    assert received.startswith(b"HTTP/1.1 403")
    assert untouched(served, stub)


@pytest.mark.parametrize(
    "request_line",
    [b"POST / HTTP/1.1", b"POST / HTTP/1.0", b"POST http://127.0.0.1/ HTTP/1.1"],
)
def test_a_request_without_a_host_or_with_two_is_refused(served, stub, request_line):
    rest = WHOLE.partition(b"\r\n")[2]
    without = rest.replace(b"Host: 127.0.0.1\r\n", b"")
    for headers in (without, b"Host: attacker.example\r\n" + without, b"Host: attacker.example\r\n" + rest):
        assert served.exchange(request_line + b"\r\n" + headers).startswith((b"HTTP/1.1 403", b"HTTP/1.0 403"))
    assert untouched(served, stub)


@pytest.mark.parametrize(
    "header",
    [
        {"Origin": "https://attacker.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1"},
        {"Origin": ""},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"oRiGiN": "x"},
    ],
    ids=str,
)
def test_what_a_browser_sends_is_refused(served, stub, header):
    assert served.call(BODY, header).error[0] == "AccessDenied"
    for name in ("calls", "clock", "health"):
        assert served.ask("GET", f"/_neptune-guard/{name}", headers=header).status == 403
    assert served.control("reset", {}, header).status == 403
    assert untouched(served, stub)


def test_a_preflight_is_refused_and_grants_nothing(served):
    asked = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
    for path in ("/", "/_neptune-guard/reset"):
        for origin in ({}, {"Origin": "https://attacker.example"}):
            answer = served.ask("OPTIONS", path, headers={**asked, **origin})
            assert answer.status in (400, 403, 405)
            assert not [name for name in answer.headers if name.lower().startswith("access-control")]


def test_no_answer_lets_a_page_read_it(served):
    for answer in (served.call(BODY), served.ask("GET", "/_neptune-guard/calls")):
        assert not [name for name in answer.headers if name.lower().startswith("access-control")]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


# headers, path, code
CREDENTIALS_ELSEWHERE = [
    ({"Authorization": None}, "/", "MissingAuthenticationToken"),
    (
        {"Authorization": None},
        "/?X-Amz-Credential=a/20260504/us-east-1/rds/aws4_request&X-Amz-Signature=0",
        "InvalidAction",
    ),
    ({}, "/?X-Amz-Credential=a/20260504/us-east-1/rds/aws4_request&X-Amz-Signature=0", "InvalidAction"),
    ({}, "/?" + BODY.decode(), "InvalidAction"),
    ({"Authorization": ""}, "/", "IncompleteSignature"),
    ({"Authorization": "Basic QQ=="}, "/", "IncompleteSignature"),
    ({"Authorization": "Bearer a"}, "/", "IncompleteSignature"),
    ({"Authorization": "AWS AKID:signature"}, "/", "IncompleteSignature"),
    ({"Authorization": "AWS4-HMAC-SHA256 Credential=a"}, "/", "IncompleteSignature"),
    ({"Authorization": authorization(region="")}, "/", "IncompleteSignature"),
    ({"Authorization": authorization(region="us/east")}, "/", "IncompleteSignature"),
    ({"Authorization": authorization(key="")}, "/", "IncompleteSignature"),
    ({"Authorization": authorization(region="US-EAST-1")}, "/", "SignatureDoesNotMatch"),
    ({"Authorization": authorization(region="-")}, "/", "SignatureDoesNotMatch"),
    ({"Authorization": authorization(region="us-east-" + "1" * 9999)}, "/", "SignatureDoesNotMatch"),
    ({"Authorization": authorization() + ", " + authorization()}, "/", None),
    ({}, "/elsewhere", "InvalidAction"),
    ({"Content-Type": "text/plain"}, "/", "UnsupportedMediaType"),
    ({"Content-Type": "multipart/form-data"}, "/", "UnsupportedMediaType"),
    ({"Content-Type": None}, "/", "UnsupportedMediaType"),
]


@pytest.mark.parametrize(("headers", "path", "code"), CREDENTIALS_ELSEWHERE)
def test_credentials_are_read_from_the_header_alone(served, stub, headers, path, code):
    answer = served.call(BODY, headers, path)
    if code:
        assert answer.error[0] == code
        assert untouched(served, stub)
    else:  # the first of two scopes in one header counts
        assert answer.status == 200


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH", "HEAD", "BREW"])
def test_only_post_calls(served, stub, method):
    headers = {"Authorization": authorization(), "Content-Type": FORM}
    assert served.ask(method, "/", BODY, headers).status == 400
    assert untouched(served, stub)


# ---------------------------------------------------------------------- sizes


def test_a_body_over_one_mebibyte_is_refused_in_xml(served, stub):
    padding = b"&Marker=" + b"x" * (2 << 20)
    answer = served.call(BODY + padding)
    assert (answer.status, answer.error[0]) == (413, "RequestEntityTooLarge")
    assert untouched(served, stub)
    enough = BODY + b"&X=" + b"x" * (app.LARGEST_BODY - len(BODY) - 3)
    assert served.call(enough).status != 413
    assert served.call(enough + b"x").status == 413


def test_a_control_request_over_one_mebibyte_is_refused_in_json(served, stub):
    answer = served.control("add_cluster", {"identifier": "x" * (2 << 20), "region": REGION})
    assert answer.status == 413
    assert "1048576" in answer.json["error"]
    assert untouched(served, stub)


def test_a_body_that_is_announced_as_huge_is_refused_before_it_comes(served, stub):
    with served.connect() as connection:
        connection.sendall(HEAD + b"Content-Length: 1000000000\r\n\r\n")
        assert b"413" in everything(connection, 2).split(b"\r\n")[0]
    assert untouched(served, stub)


def cut_off(served, start, piece):
    """Send piece after piece until the server hangs up, and return what it said."""
    with served.connect() as connection:
        with suppress(ConnectionError):
            connection.sendall(start)
            for _ in range(64):
                connection.sendall(piece)
        return everything(connection)


def test_chunks_without_end_are_cut_off(served, stub):
    received = cut_off(served, HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"40000\r\n" + b"x" * 0x40000 + b"\r\n")
    assert b"413" in received.split(b"\r\n")[0] or received == b""  # the answer may be lost when the server hangs up
    assert untouched(served, stub)


def test_headers_without_end_are_cut_off(served, stub):
    received = cut_off(served, HEAD, b"X-Padding: " + b"y" * 10_000 + b"\r\n")
    assert b"431" in received.split(b"\r\n")[0] or received == b""
    assert untouched(served, stub)


# ---------------------------------------------------------------------- odd requests

# what, bytes, status
ODD_REQUESTS = [
    ("negative length", HEAD + b"Content-Length: -1\r\n\r\n" + BODY, b"400"),
    ("length that is no number", HEAD + b"Content-Length: ten\r\n\r\n" + BODY, b"400"),
    ("length with a sign", HEAD + b"Content-Length: +62\r\n\r\n" + BODY, b"400"),
    ("two lengths", HEAD + b"Content-Length: 1\r\nContent-Length: 62\r\n\r\n" + BODY, b"400"),
    ("length too short", HEAD + b"Content-Length: 6\r\n\r\n" + BODY, b"400"),
    ("chunk that is no number", HEAD + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n", b"400"),
    ("unknown encoding", HEAD + b"Transfer-Encoding: gzip\r\n\r\n" + BODY, b"501"),
    ("no HTTP at all", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", b"400"),
    ("a header without a colon", WHOLE.replace(b"Content-Type:", b"Content-Type"), b"400"),
    ("a folded host", WHOLE.replace(b"127.0.0.1", b"127.0.0.1\r\n attacker.example"), b"403"),
    ("a null in the host", WHOLE.replace(b"127.0.0.1", b"127.0.0.1\x00"), b"400"),
]


@pytest.mark.parametrize(("what", "raw", "status"), ODD_REQUESTS, ids=[row[0] for row in ODD_REQUESTS])
def test_an_odd_request_is_refused(served, stub, what, raw, status):
    received = served.exchange(raw)
    assert status in received.split(b"\r\n")[0]
    assert b" 200 " not in received
    assert untouched(served, stub)


def test_chunks_count_where_a_length_says_otherwise(served, stub):
    raw = HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\n\r\n" % (len(BODY), BODY)
    served.exchange(raw)
    assert [call.operation for call in stub.calls] == ["CreateDBCluster"]


def test_a_chunked_body_is_read(served, stub):
    half = len(BODY) // 2
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(each), each) for each in (BODY[:half], BODY[half:], b""))
    assert served.exchange(HEAD + b"Transfer-Encoding: chunked\r\n\r\n" + chunks).startswith(b"HTTP/1.1 200")
    assert [call.operation for call in stub.calls] == ["CreateDBCluster"]


def test_half_a_body_does_nothing(served, stub):
    with served.connect() as connection:
        connection.sendall(WHOLE[:-10])
        assert untouched(served, stub)
    assert untouched(served, stub)


def test_pipelined_requests_are_answered_in_their_order(served, stub):
    health = b"GET /_neptune-guard/health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    foreign = health.replace(b"127.0.0.1", b"attacker.example")
    received = served.exchange(WHOLE + health + foreign + WHOLE)
    assert re.findall(rb"HTTP/1\.1 ([0-9]+)", received) == [b"200", b"200", b"403", b"400"]
    assert [call.error for call in stub.calls] == [None, "DBClusterAlreadyExistsFault"]


# ---------------------------------------------------------------------- many and slow


def test_five_hundred_connections_hinder_nobody(served, stub):
    """Half of them idle, half in the middle of a request."""
    with ExitStack() as connections:
        for number in range(500):
            connection = connections.enter_context(served.connect())
            if number % 2:
                connection.sendall(WHOLE[: number % len(WHOLE)])
        assert untouched(served, stub)
        assert served.call(BODY).status == 200


def test_a_client_that_stays_silent_is_hung_up_on(serve, stub):
    served = serve(channel_timeout=1, cleanup_interval=1)
    with ExitStack() as connections:
        slow = [connections.enter_context(served.connect()) for _ in range(3)]
        slow[1].sendall(HEAD[:30])
        slow[2].sendall(WHOLE[:-10])
        deadline = time.monotonic() + 15
        for connection in slow:
            connection.settimeout(max(0.1, deadline - time.monotonic()))
            assert connection.recv(1000) == b""
    assert untouched(served, stub)


def test_headers_that_come_byte_by_byte_are_read_in_the_end(served, stub):
    with served.connect() as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for number in range(0, len(WHOLE), 7):
            connection.sendall(WHOLE[number : number + 7])
            if number % 70 == 0:
                assert served.look("health") == {"status": "ok"}
        assert everything(connection).startswith(b"HTTP/1.1 200")


def test_no_url_is_ever_opened(served, stub, monkeypatch):
    stub.add_snapshot("nightly", REGION)
    opened = []
    real = socket.getaddrinfo
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *rest, **more: opened.append(host) or real(host, *rest, **more)
    )
    for address in ("http://attacker.example/", "https://attacker.example/?DestinationRegion=a", "file:///etc/passwd"):
        served.call(
            {
                "Action": "CopyDBClusterSnapshot",
                "SourceDBClusterSnapshotIdentifier": "nightly",
                "TargetDBClusterSnapshotIdentifier": "copy",
                "PreSignedUrl": address,
            }
        )
    assert set(opened) <= {"127.0.0.1"}
