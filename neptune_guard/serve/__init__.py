"""The stub over HTTP on this machine, for clients in every language."""

from __future__ import annotations

import logging
import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from types import TracebackType
from typing import TYPE_CHECKING, Any, TextIO

from neptune_guard.exceptions import ConfigurationError
from neptune_guard.serve.app import LARGEST_BODY, Application, NoAnswerError

if TYPE_CHECKING:
    from neptune_guard.stub import NeptuneStub

__all__ = ["ADDRESS", "SERVICES", "Server"]

ADDRESS = "127.0.0.1"
"""Where a server listens: on this machine alone."""
SERVICES = ("NEPTUNE", "RDS", "DOCDB", "KMS", "STS")
"""The services that are answered, as AWS's variables for endpoints name them."""

_LIMITS: Mapping[str, Any] = {
    "threads": 4,
    "connection_limit": 1000,
    "backlog": 1000,
    "channel_timeout": 120,  # longer than the pauses between two looks of Terraform
    "cleanup_interval": 5,
    "max_request_header_size": 32 * 1024,
    # The application refuses what is over LARGEST_BODY in a way that clients understand; waitress just hangs up.
    "max_request_body_size": 4 * LARGEST_BODY,
    "asyncore_use_poll": True,
    "ident": "neptune-guard",
}


class Server:
    """A stub that listens on 127.0.0.1. A context manager that serves in the background until it is left.

    Args:
        stub: What answers; it stays open when the server is closed.
        port: The port, 0 for any free one.
        accounts: The accounts of access keys, twelve digits each.
        log: Where to write one line of JSON per request.
        limits: Other limits than this module's own, as `waitress.create_server` takes them.

    Attributes:
        port: The port that it listens on.

    Raises:
        ConfigurationError: waitress is not installed, or `port` cannot be used.
    """

    def __init__(
        self,
        stub: NeptuneStub,
        *,
        port: int = 0,
        accounts: Mapping[str, str] | None = None,
        log: TextIO | None = None,
        **limits: Any,
    ) -> None:
        try:
            import waitress.channel
        except ImportError as problem:
            raise ConfigurationError("serving needs waitress; install it: pip install 'waitress>=3.0'") from problem
        logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # how deep it is tells a simulator's user nothing
        application = _hanging_up(Application(stub, accounts=accounts, log=log), waitress.channel.ClientDisconnected)
        try:
            listening = socket.create_server((ADDRESS, port))
        except OSError as problem:
            raise ConfigurationError(f"port {port} cannot be used: {problem.strerror}; name another one") from problem
        self.port: int = listening.getsockname()[1]
        self._sockets: dict[int, Any] = {}
        self._stopping = False
        self._thread = threading.Thread(target=self._serve, name="neptune-guard-serve")
        self._server: Any = waitress.create_server(
            application, map=self._sockets, sockets=[listening], **{**_LIMITS, **limits}
        )
        self._server.channel_class = _discreet(waitress.channel.HTTPChannel)

    @property
    def url(self) -> str:
        """The address for an SDK's `endpoint_url`."""
        return f"http://{ADDRESS}:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        """The variables that lead AWS's SDKs here."""
        return {f"AWS_ENDPOINT_URL_{service}": self.url for service in SERVICES}

    def run(self) -> None:
        """Serve until `stop` is called; requests that were begun are answered."""
        try:
            self._serve()
        finally:
            self._close()

    def _serve(self) -> None:
        while not self._stopping:
            self._server.asyncore.loop(timeout=0.2, map=self._sockets, use_poll=True, count=1)
        self._server.task_dispatcher.shutdown()
        self._server.asyncore.loop(timeout=0, map=self._sockets, use_poll=True, count=1)

    def _close(self) -> None:
        self._server.asyncore.close_all(self._sockets)

    def stop(self) -> None:
        """Make `run` return, from a signal handler or another thread."""
        self._stopping = True

    def __enter__(self) -> Server:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
        self._server.pull_trigger()  # wakes the serving thread up; closed before it is, the file could be anybody's
        self._thread.join()
        self._close()


def _discreet(channel: Any) -> Any:
    """Return waitress's channel with an answer to what is not HTTP that does not quote it, as it may be a signature."""

    class Discreet(channel.error_task_class):  # type: ignore[misc]  # waitress has no types
        def execute(self) -> None:
            self.request.error.body = "This is not an HTTP request that this server reads."
            super().execute()

    return type("Channel", (channel,), {"error_task_class": Discreet})


def _hanging_up(application: Application, disconnected: type[Exception]) -> Callable[..., Iterable[bytes]]:
    """Return the application with its wish to hang up in waitress's words."""

    def call(environ: dict[str, Any], start_response: Callable[..., object]) -> Iterable[bytes]:
        try:
            return application(environ, start_response)
        except NoAnswerError as wish:
            raise disconnected from wish

    return call
