"""Clients for other Regions and services, made like a client that is there."""

from __future__ import annotations

from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from botocore.credentials import Credentials

from neptune_guard._guard import Guard, held_by


def guard_of(client: Any) -> Guard | None:
    """Return the guard that a client carries, None where it carries none."""
    return held_by(client)


class _Parts(NamedTuple):
    """What botocore keeps private in a client: how to make one like it."""

    credentials: Any
    endpoint_url: str | None


def private_parts(client: Any) -> _Parts:
    """Return what a client was made with. The one place that looks into botocore's private attributes."""
    return _Parts(
        client._request_signer._credentials,
        client._ruleset_resolver._builtins.get("SDK::Endpoint"),
    )


def _options(client: Any, service: str, region: str) -> dict[str, Any]:
    """Return the arguments that make a client of a service and Region like another client."""
    endpoint = private_parts(client).endpoint_url
    # An address of Amazon's own belongs to one service; a server of one's own usually stands for all of them.
    shared = endpoint is not None and not (urlsplit(endpoint).hostname or "").endswith((".com", ".com.cn", ".eu"))
    keep = endpoint is not None and (service == "neptune" or shared)
    return {
        "service_name": service,
        "region_name": region,
        "config": client.meta.config,
        **({"endpoint_url": endpoint} if keep else {}),
    }


class Clients:
    """Clients of boto3, each made when it is first wanted."""

    def __init__(self, client: Any, session: Any) -> None:
        self._client = client
        self._session = session
        self._made = {("neptune", client.meta.region_name): client}

    def get(self, service: str, region: str) -> Any:
        """Return a client of a service and Region, guarded and answered as the first one."""
        if (service, region) not in self._made:
            made = self._factory()(**_options(self._client, service, region))
            self._made[service, region] = _guarded(made, self._client)
        return self._made[service, region]

    def _factory(self) -> Any:
        if self._session is not None:
            return getattr(self._session, "client", None) or self._session.create_client
        from botocore.session import Session

        session = Session()
        session._credentials = _credentials(self._client)  # type: ignore[attr-defined]  # see private_parts
        return session.create_client


class AsyncClients:
    """Clients of aiobotocore, each made when it is first wanted and closed at the end."""

    def __init__(self, client: Any, session: Any) -> None:
        self._client = client
        self._session = session
        self._made = {("neptune", client.meta.region_name): client}
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
            self._session._credentials = _credentials(self._client)
        return self._session.create_client


def _credentials(client: Any) -> Any:
    """Return a client's credentials; where a stub answers and there are none, some that keep botocore from looking."""
    guard = held_by(client)
    credentials = private_parts(client).credentials
    return Credentials("stub", "stub") if credentials is None and guard and guard.answers else credentials


def _guarded(made: Any, like: Any) -> Any:
    guard = held_by(like)
    if guard:
        guard.extend_to(made)
    return made
