"""Waiters for Neptune's snapshots and clusters, and waiters that do not sleep where a stub answers.

botocore has no waiter for a Neptune snapshot or cluster. The definitions are in `data/`, in the form in which
botocore's loader reads additions to a service's own waiters; `waiter` reads the same file.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from functools import cache, wraps
from importlib import resources
from itertools import chain, repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, overload

from botocore import xform_name
from botocore.loaders import Loader
from botocore.waiter import WaiterModel, create_waiter_with_client

from neptune_guard._hook import SERVICES, emitters, held_by
from neptune_guard._printing import did_you_mean, printable
from neptune_guard.exceptions import ConfigurationError

if TYPE_CHECKING:
    from aiobotocore.waiter import AIOWaiter
    from botocore.waiter import Waiter

_DATA = resources.files(__name__) / "data"
_MODEL = "waiters-2"


class _AsyncClient(Protocol):
    async def __aenter__(self) -> Any: ...


@overload
def waiter(client: _AsyncClient, name: str) -> AIOWaiter: ...
@overload
def waiter(client: Any, name: str) -> Waiter: ...
def waiter(client: Any, name: str) -> Any:
    """Return a waiter for a snapshot or a cluster.

    It looks every 30 seconds, 721 times: a wait of up to six hours. A state that leads nowhere, such as `failed`, ends
    it at once. Where a stub answers the client, the stub's clock moves and nothing sleeps.

    Args:
        client: A `neptune`, `docdb` or `rds` client of boto3, botocore or aiobotocore, guarded or not.
        name: `db_cluster_snapshot_available`, `db_cluster_snapshot_deleted`, `db_cluster_available` or
            `db_cluster_deleted`.

    Returns:
        botocore's own `Waiter`; for a client of aiobotocore, aiobotocore's. Its `wait` takes the parameters of
        DescribeDBClusterSnapshots or DescribeDBClusters, and `WaiterConfig`.

    Raises:
        TypeError: `client` is not a client of one of the three services.
        ConfigurationError: `name` is not one of the four names.
    """
    model = getattr(getattr(client, "meta", None), "service_model", None)
    if getattr(model, "service_name", None) not in SERVICES:
        raise TypeError(f"client has type {type(client).__name__}; give a neptune, docdb or rds client")
    create = _create_async if hasattr(client, "__aenter__") else create_waiter_with_client
    made = create(_full_name(name), WaiterModel({"version": 2, "waiters": _definitions()}), client)
    return _paced(made, client)


def names() -> tuple[str, ...]:
    """Return the names of the waiters, as `waiter` and `client.get_waiter` take them."""
    return tuple(map(xform_name, _definitions()))


@cache
def _definitions() -> dict[str, Any]:
    path = _DATA / "neptune" / "2014-10-31" / f"{_MODEL}.sdk-extras.json"
    waiters: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))["merge"]["waiters"]
    return waiters


def _full_name(name: str) -> str:
    """Return the name that a definition has in the data: `DBClusterAvailable` for `db_cluster_available`."""
    for each in _definitions():
        if xform_name(each) == name:
            return each
    hint = did_you_mean(name, names())
    raise ConfigurationError(f"there is no waiter {printable('', name)}{hint}; there are {', '.join(names())}")


def _create_async(name: str, model: WaiterModel, client: Any) -> Any:
    from aiobotocore.waiter import create_waiter_with_client

    return create_waiter_with_client(name, model, client)


# ---------------------------------------------------------------------- waiting without sleeping


def _pause_of(client: Any) -> Callable[[float], object] | None:
    """Return the `wait` of the stub that answers this client's calls now, or None where time really has to pass."""
    guard = held_by(client)
    responder = guard.responder_for(client.meta.service_model.service_name) if guard else None
    return getattr(responder, "wait", None)


def _paced(made: Any, client: Any) -> Any:
    """Make a waiter ask, each time that it is used, who answers: only with AWS behind the client does it sleep."""
    sleep_between_looks = made.wait

    @wraps(sleep_between_looks)
    def wait(**kwargs: Any) -> Any:
        if _pause_of(client) is None:
            return sleep_between_looks(**kwargs)
        config = kwargs.get("WaiterConfig", {})
        look = _after_pauses(made._operation_method, client, config.get("Delay", made.config.delay))
        # A waiter of its own for each wait: two threads may use the same one.
        unslept = type(made)(made.name, made.config, look)
        return unslept.wait(**{**kwargs, "WaiterConfig": {**config, "Delay": 0}})

    made.wait = wait
    return made


def _after_pauses(look: Any, client: Any, delay: float) -> Callable[..., Any]:
    """Return `look` with a pause before each call but the first: the stub's, while it answers, else a real one."""
    delays = chain([None], repeat(delay))

    def paused_look(**params: Any) -> Any:
        seconds = next(delays)
        if seconds is not None:
            pause = _pause_of(client)
            if pause is None and hasattr(client, "__aenter__"):
                return _look_later(look, seconds, params)
            (pause or time.sleep)(seconds)
        return look(**params)

    return paused_look


async def _look_later(look: Any, seconds: float, params: dict[str, Any]) -> Any:
    import asyncio  # costs 10 ms, and only clients of aiobotocore need it

    await asyncio.sleep(seconds)
    return await look(**params)


# ---------------------------------------------------------------------- client.get_waiter


class _WithWaiters:
    """A base of client classes: the client knows the waiters by `get_waiter`, and none of its waiters sleeps in vain.

    Made for each class of clients by `add_to_class`; it works for botocore's and for aiobotocore's.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _teach(self)

    def get_waiter(self, waiter_name: str) -> Any:
        return _paced(super().get_waiter(waiter_name), self)  # type: ignore[misc]  # the class that comes next is made later


class _GetWaiter:
    """The `get_waiter` of one client that was made before anybody added waiters to its class."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def __call__(self, waiter_name: str) -> Any:
        return _paced(type(self._client).get_waiter(self._client, waiter_name), self._client)


def add_to_session(emitter: Any) -> None:
    """Add the waiters to every client that is made with this emitter from now on; doing it twice is harmless.

    Args:
        emitter: The event emitter of a session.
    """
    for service in SERVICES:
        event = f"creating-client-class.{service}"
        emitter.register(event, add_to_class, unique_id=f"neptune_guard:{event}")


@emitters.handler
def add_to_class(base_classes: list[type], **kwargs: Any) -> None:
    """Add the waiters to a class of clients; a handler of `creating-client-class`."""
    if _WithWaiters not in base_classes:
        base_classes.insert(0, _WithWaiters)


def add_to_client(client: Any) -> None:
    """Add the waiters to a client that exists; doing it twice is harmless."""
    _teach(client)
    if not isinstance(client, _WithWaiters) and "get_waiter" not in vars(client):
        client.get_waiter = _GetWaiter(client)


def remove_from_client(client: Any) -> None:
    """Give a client back its own `get_waiter`; the names stay known to its loader."""
    if isinstance(vars(client).get("get_waiter"), _GetWaiter):
        del client.get_waiter


def add_to_loader(loader: Any) -> None:
    """Let a loader of botocore find the waiters; in a zip file it cannot, and nothing changes.

    A loader caches the waiters of a service when somebody asks for them, so what it has cached is dropped.

    Args:
        loader: The component `data_loader` of a session.
    """
    if not isinstance(_DATA, Path) or not isinstance(loader, Loader):
        return
    if str(_DATA) not in loader.search_paths:
        # At the end: a file that users keep for themselves in ~/.aws/models comes first.
        loader.search_paths.append(str(_DATA))
    cached = vars(loader).get("_cache", {})
    for key in list(cached):
        if key[0] == "load_service_model" and _MODEL in key and not set(SERVICES).isdisjoint(key):
            cached.pop(key, None)


def _teach(client: Any) -> None:
    add_to_loader(client._loader)
    # A client keeps both once it was asked.
    client._cache.pop("waiter_config", None)
    vars(client).pop("waiter_names", None)
