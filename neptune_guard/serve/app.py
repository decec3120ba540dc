"""The stub as a WSGI application: AWS's Query protocol, KMS's JSON, and control requests.

It serves programs on the same machine and trusts nobody else: what a web page could send is refused.
"""

from __future__ import annotations

import json
import logging
import re
import threading
import traceback
import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timezone
from http import HTTPStatus
from typing import Any, NamedTuple, TextIO
from urllib.parse import parse_qsl, urlsplit

from botocore.exceptions import ConnectionError as NoConnection
from botocore.exceptions import HTTPClientError

from neptune_guard._arn import has_region_form, is_account_id, snapshot_arn
from neptune_guard._data import service_model
from neptune_guard._hook import about_key
from neptune_guard._printing import printable, redacted, redacted_text
from neptune_guard.exceptions import ConfigurationError, NotStubbedError
from neptune_guard.serve import control, wire
from neptune_guard.stub import NeptuneStub, _views

logger = logging.getLogger("neptune_guard")

LARGEST_BODY = 1 << 20
"""Bytes that a request may have; real ones have a few thousand."""

_CONTROL = "/_neptune-guard/"
_HOSTS = ("127.0.0.1", "localhost")
_FORM, _JSON, _KMS_JSON, _XML = (
    "application/x-www-form-urlencoded",
    "application/json",
    "application/x-amz-json-1.1",
    "text/xml",
)
_KMS_TARGET = "TrentService.DescribeKey"
_SCOPE = re.compile(r"AWS4-HMAC-SHA256 +Credential=([^/,\s]+)/[0-9]{8}/([A-Za-z0-9-]+)/([a-z0-9-]+)/aws4_request *,.*")
_HOST_IN_URL = re.compile("[^/]+://([^/]*)")
_URL_SCOPE = re.compile(r"[^/]+/[0-9]{8}/([A-Za-z0-9-]+)/rds/aws4_request")
_SIGNATURE_FIELDS = ("x-amz-", "awsaccesskeyid", "signature")
# What a planned fault raises that stands for a connection which gave no answer.
_NO_ANSWER = (HTTPClientError, NoConnection)

Environ = Mapping[str, Any]
Entry = dict[str, Any]
"""What the log will say of a request; completed as more becomes known."""


class NoAnswerError(Exception):
    """The connection must be closed without an answer, as a planned fault asks for."""


class RefusedError(Exception):
    """A request that gets an error answer before the stub sees it.

    Args:
        status: The HTTP status.
        code: The error's code.
        message: What the caller is told.
    """

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class _Reply(NamedTuple):
    status: int
    body: bytes
    content_type: str


class _Caller(NamedTuple):
    """Who makes a call, by the credential scope of its signature."""

    service: str
    region: str
    account_id: str


class Application:
    """A stub behind WSGI.

    Args:
        stub: What answers.
        accounts: The accounts of access keys. A key of twelve digits is an account by itself; every other key means
            the stub's own account.
        log: Where to write one line of JSON per request.
    """

    def __init__(
        self, stub: NeptuneStub, *, accounts: Mapping[str, str] | None = None, log: TextIO | None = None
    ) -> None:
        self._stub = stub
        self._accounts = dict(accounts or {})
        self._account_id = stub.account_id
        self._log = log
        self._log_lock = threading.Lock()

    def __call__(self, environ: Environ, start_response: Callable[..., object]) -> Iterable[bytes]:
        """Answer one request.

        Raises:
            NoAnswerError: A planned fault wants the connection closed.
        """
        request_id = str(uuid.uuid4())
        entry: Entry = {"time": datetime.now(timezone.utc).isoformat(timespec="milliseconds"), "request_id": request_id}
        answer, fail = self._protocol(environ)
        try:
            refuse_web_pages(environ)
            reply = answer(environ, entry)
        except _NO_ANSWER as fault:
            self._write({**entry, "status": None, "error": type(fault).__name__})
            raise NoAnswerError from fault
        except Exception as problem:  # noqa: BLE001 - whatever went wrong, a client gets an answer that it can read
            status, code, message = _failure(problem)
            entry["error"] = code
            reply = fail(status, code, redacted_text(message), request_id)
        self._write({**entry, "status": reply.status})
        headers = [
            ("Content-Type", reply.content_type),
            ("Content-Length", str(len(reply.body))),
            ("x-amzn-RequestId", request_id),
            ("X-Content-Type-Options", "nosniff"),
            ("Cache-Control", "no-store"),
        ]
        start_response(f"{reply.status} {HTTPStatus(reply.status).phrase}", headers)
        return [reply.body]

    def _protocol(self, environ: Environ) -> tuple[Callable[[Environ, Entry], _Reply], Callable[..., _Reply]]:
        """Return what answers a request, and what says in the same language that it failed."""
        if environ["PATH_INFO"].startswith(_CONTROL):
            return self._controlled, _control_error
        if "HTTP_X_AMZ_TARGET" in environ:
            return self._described_key, _kms_error
        return self._called, _query_error

    def _write(self, entry: Entry) -> None:
        if self._log is None:
            return
        line = json.dumps(redacted(entry), default=str)
        try:
            with self._log_lock:
                print(line, file=self._log, flush=True)
        except OSError as problem:  # a full disk, for instance; the call was carried out, so it is answered
            logger.error("neptune-guard serve cannot write its log: %s", problem.strerror)

    # ------------------------------------------------------------------ AWS

    def _called(self, environ: Environ, entry: Entry) -> _Reply:
        """Answer a call of the Query protocol."""
        caller = self._caller(environ, _FORM)
        form = wire.read_form(_body(environ))
        for name, _ in form.fields:
            if any(part.startswith(_SIGNATURE_FIELDS) for part in name.lower().split(".")):
                raise RefusedError(403, "AccessDenied", "credentials are read from the Authorization header only")
        entry.update(operation=form.action, region=caller.region, account_id=caller.account_id)
        if caller.service == "sts" and form.action == "GetCallerIdentity":
            model = service_model("sts").operation_model(form.action)
            identity = _views.identity_view(caller.account_id, caller.region)
            return _Reply(200, wire.write_result(identity, model, entry["request_id"]), _XML)
        if caller.service != "rds":
            raise NotStubbedError(
                f"{caller.service} has no {form.action} here; neptune, rds and docdb are served, and of other services "
                "STS GetCallerIdentity and KMS DescribeKey"
            )
        neptune = service_model("neptune")
        known = form.action in neptune.operation_names  # of what is not, the stub says so
        params = wire.parameters(form.fields, neptune.operation_model(form.action)) if known else {}
        entry["params"] = dict(params)
        _drop_own_url(params)
        status, answer = self._stub.respond(form.action, params, region=caller.region, account_id=caller.account_id)
        if status < 300:
            model = neptune.operation_model(form.action)
            return _Reply(status, wire.write_result(answer, model, entry["request_id"]), _XML)
        error = answer["Error"]
        entry["error"] = error["Code"]
        return _query_error(status, error["Code"], error["Message"], entry["request_id"])

    def _described_key(self, environ: Environ, entry: Entry) -> _Reply:
        """Answer KMS's DescribeKey."""
        caller = self._caller(environ, _KMS_JSON)
        target = environ["HTTP_X_AMZ_TARGET"]
        entry.update(operation=target, region=caller.region, account_id=caller.account_id)
        if target != _KMS_TARGET:
            raise NotStubbedError(f"of KMS only DescribeKey is served, not {printable('', target)}")
        params = control.read_json(_body(environ))
        key_id = params.get("KeyId") if isinstance(params, dict) else None
        if not isinstance(key_id, str) or not key_id or not key_id.isprintable():
            raise RefusedError(400, "ValidationException", "KeyId must be given, as printable text")
        found = self._stub.describe_key(key_id, region=caller.region, account_id=caller.account_id)
        status, answer = about_key(found, key_id, caller.region)
        if "Error" in answer:
            raise RefusedError(status, answer["Error"]["Code"], answer["Error"]["Message"])
        return _Reply(status, json.dumps(answer, default=lambda moment: moment.timestamp()).encode(), _KMS_JSON)

    def _caller(self, environ: Environ, content_type: str) -> _Caller:
        if environ["REQUEST_METHOD"] != "POST" or environ["PATH_INFO"] != "/" or environ.get("QUERY_STRING"):
            raise RefusedError(400, "InvalidAction", "calls are POST requests to / without a query string")
        if _content_type(environ) != content_type:
            raise RefusedError(415, "UnsupportedMediaType", f"the body must be {content_type}")
        header = environ.get("HTTP_AUTHORIZATION")
        if header is None:
            raise RefusedError(403, "MissingAuthenticationToken", "the request has no Authorization header")
        scope = _SCOPE.fullmatch(header)
        if not scope:
            raise RefusedError(400, "IncompleteSignature", "the Authorization header is not one of Signature Version 4")
        key, region, service = scope.groups()
        if not has_region_form(region):
            raise RefusedError(403, "SignatureDoesNotMatch", "Credential should be scoped to a valid region.")
        account = key if is_account_id(key) else self._accounts.get(key, self._account_id)
        return _Caller(service, region, account)

    # ------------------------------------------------------------------ control

    def _controlled(self, environ: Environ, entry: Entry) -> _Reply:
        """Carry out a control request."""
        name, method = environ["PATH_INFO"].removeprefix(_CONTROL), environ["REQUEST_METHOD"]
        entry["control"] = name
        wanted = "GET" if name in control.LOOKS else "POST"
        if name not in (*control.LOOKS, *control.CHANGES):
            known = ", ".join((*control.LOOKS, *control.CHANGES))
            raise RefusedError(404, "NotFound", f"there is no {printable('', name)}; the known are {known}")
        if method != wanted:
            raise RefusedError(405, "MethodNotAllowed", f"{name} is asked for with {wanted}")
        if wanted == "GET":
            return _Reply(200, control.write_json(control.LOOKS[name](self._stub)), _JSON)
        if _content_type(environ) != _JSON:
            raise RefusedError(415, "UnsupportedMediaType", f"the body must be {_JSON}")
        arguments = control.read_json(_body(environ) or b"{}")
        try:
            return _Reply(200, control.write_json(control.change(self._stub, name, arguments)), _JSON)
        except ConfigurationError as problem:
            raise RefusedError(400, "BadRequest", str(problem)) from problem


def refuse_web_pages(environ: Environ) -> None:
    """Refuse what a web page could have sent, by any trick: names that lead here, forms, scripts.

    Args:
        environ: The request, as WSGI has it.

    Raises:
        RefusedError: The Host is foreign, or the request carries what only browsers send.
    """
    named = _HOST_IN_URL.match(environ.get("REQUEST_URI", ""))  # a request line may hold a whole URL
    hosts = [environ.get("HTTP_HOST", ""), *(named.groups() if named else ())]
    if any(re.sub(":[0-9]*$", "", host).lower() not in _HOSTS for host in hosts):
        raise RefusedError(403, "AccessDenied", f"this server is called by {' or '.join(_HOSTS)} only")
    for header in ("Origin", "Sec-Fetch-Site"):
        if f"HTTP_{header.upper().replace('-', '_')}" in environ:
            raise RefusedError(
                403, "AccessDenied", f"a request with {header} comes from a browser, which is not served"
            )


def _content_type(environ: Environ) -> str:
    return str(environ.get("CONTENT_TYPE", "")).partition(";")[0].strip().lower()


def _body(environ: Environ) -> bytes:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    if length > LARGEST_BODY:
        raise RefusedError(413, "RequestEntityTooLarge", f"a body may have {LARGEST_BODY} bytes")
    body: bytes = environ["wsgi.input"].read(length)
    return body


def _drop_own_url(params: dict[str, Any]) -> None:
    """Leave out a PreSignedUrl that was not made for AWS but, by an SDK, for this server.

    Its scheme is http, or it has this server's port, or it lacks the DestinationRegion as Go's does. Such a URL proves
    nothing, yet it tells the Region that the copy comes from. No URL is ever opened.
    """
    try:
        parts = urlsplit(params.get("PreSignedUrl", ""))
        query, port = dict(parse_qsl(parts.query, max_num_fields=100)), parts.port
    except ValueError:
        return
    if parts.scheme not in ("http", "https") or (parts.scheme == "https" and not port and "DestinationRegion" in query):
        return
    del params["PreSignedUrl"]
    scope = _URL_SCOPE.fullmatch(query.get("X-Amz-Credential", ""))
    source = snapshot_arn(params.get("SourceDBClusterSnapshotIdentifier"))
    if scope and source and source.region == scope[1]:
        params["SourceRegion"] = scope[1]


# ---------------------------------------------------------------------- failures


def _failure(problem: Exception) -> tuple[int, str, str]:
    """Return status, code and words for what went wrong; of the server's own mistakes a client hears nothing."""
    if isinstance(problem, RefusedError):
        return problem.status, problem.code, str(problem)
    if isinstance(problem, wire.MalformedInputError):
        return 400, "MalformedInput", str(problem)
    if isinstance(problem, NotStubbedError):
        return 501, "NotStubbed", str(problem)
    if isinstance(problem, ConfigurationError):  # the state file is damaged, for instance
        logger.error("neptune-guard serve cannot answer: %s", problem)
        return 500, "InternalFailure", str(problem)
    # The message may hold what the request held, a signature for instance.
    places = "".join(traceback.format_tb(problem.__traceback__))
    logger.error("neptune-guard serve failed with %s\n%s", type(problem).__name__, places)
    return 500, "InternalFailure", "the simulator failed; its standard error says where"


def _query_error(status: int, code: str, message: str, request_id: str) -> _Reply:
    return _Reply(status, wire.write_error(code, message, status, request_id), _XML)


def _kms_error(status: int, code: str, message: str, request_id: str) -> _Reply:
    return _Reply(status, json.dumps({"__type": code, "message": message}).encode(), _KMS_JSON)


def _control_error(status: int, code: str, message: str, request_id: str) -> _Reply:
    return _Reply(status, control.write_json({"error": message}), _JSON)
