"""Clients for other Regions and services, made like a client that is there."""

from __future__ import annotations

from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from botocore.config import Config

from neptune_guard._hook import SERVICES, Guard, held_by


class _Parts(NamedTuple):
    """What botocore keeps private in a client: how to make one like it."""

    credentials: Any
    endpoint_url: str | None
    use_ssl: bool
    verify: Any


def private_parts(client: Any) -> _Parts:
    """Return what a client was made with. The one place that looks into botocore's private attributes."""
    addresses = client._ruleset_resolver
    return _Parts(
        credentials=client._request_signer._credentials,
        endpoint_url=addresses._builtins.get("SDK::Endpoint"),
        use_ssl=addresses._use_ssl,
        verify=client._endpoint.http_session._verify,
    )


class StandIn(NamedTuple):
    """What a dry run has to know about the responder behind a client.

    Attributes:
        imagines: It makes up what is copied without having been added.
        knows_keys: It answers for KMS, or KMS does.
    """

    imagines: bool = False
    knows_keys: bool = True


def stand_in_of(guard: Guard | None) -> StandIn:
    """Return what is behind a client that holds this guard."""
    responder = guard.responder if guard else None
    if responder is None:
        return StandIn()
    return StandIn(bool(getattr(responder, "imagines", False)), hasattr(responder, "describe_key"))


def _options(client: Any, service: str, region: str) -> dict[str, Any]:
    """Return the arguments that make a client of a service and Region like another client."""
    parts, config = private_parts(client), client.meta.config
    options = {"service_name": service, "region_name": region, "use_ssl": parts.use_ssl, "verify": parts.verify}
    # An address of AWS names its Region, and serves no other Region and no other service; a server of the user's own
    # usually stands for all of them.
    if parts.endpoint_url and client.meta.region_name not in (urlsplit(parts.endpoint_url).hostname or ""):
        options["endpoint_url"] = parts.endpoint_url
    elif service in SERVICES:
        config = config.merge(Config(ignore_configured_endpoint_urls=True))  # type: ignore[call-arg]  # the stubs lack it
    return {**options, "config": config}


class _Known:
    """Stands where a session looks for credentials: a client's own, the object itself, so that they are refreshed."""

    def __init__(self, client: Any) -> None:
        self._credentials = private_parts(client).credentials

    def load_credentials(self) -> Any:
        return self._credentials


class _KnownAsync(_Known):
    async def load_credentials(self) -> Any:
        return self._credentials


def _factory(session: Any) -> Any:
    make = getattr(session, "client", None) or getattr(session, "create_client", None)
    if not callable(make):
        raise TypeError(f"session is a {type(session).__name__}; give a session that makes clients like the given one")
    return make


class Clients:
    """Clients of boto3, each made when it is first wanted."""

    def __init__(self, client: Any, session: Any) -> None:
        self._client = client
        self._session = session
        self._made = {(client.meta.service_model.service_name, client.meta.region_name): client}

    def get(self, service: str, region: str) -> Any:
        """Return a client of a service and Region, guarded and answered as the first one."""
        if (service, region) not in self._made:
            made = self._factory()(**_options(self._client, service, region))
            self._made[service, region] = _guarded(made, self._client)
        return self._made[service, region]

    def _factory(self) -> Any:
        if self._session is None:
            from botocore.session import Session

            self._session = Session()
            self._session.register_component("credential_provider", _Known(self._client))
        return _factory(self._session)


class AsyncClients:
    """Clients of aiobotocore, each made when it is first wanted and closed at the end."""

    def __init__(self, client: Any, session: Any) -> None:
        self._client = client
        self._session = session
        self._made = {(client.meta.service_model.service_name, client.meta.region_name): client}
        self._open = AsyncExitStack()

    async def __aenter__(self) -> AsyncClients:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._open.aclose()

    async def get(self, service: str, region: str) -> Any:
        """Return a client of a service and Region, guarded and answered as the first one."""
        if (service, region) not in self._made:
            making = self._factory()(**_options(self._client, service, region))
            self._made[service, region] = _guarded(await self._open.enter_async_context(making), self._client)
        return self._made[service, region]

    def _factory(self) -> Any:
        if self._session is None:
            from aiobotocore.session import AioSession

            self._session = AioSession()
            self._session.register_component("credential_provider", _KnownAsync(self._client))
        return _factory(self._session)


def _guarded(made: Any, like: Any) -> Any:
    guard = held_by(like)
    if guard:
        guard.extend_to(made)
    return made
