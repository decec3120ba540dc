"""botocore's own data files, each read once in a process: reading them is most of what a client costs."""

from __future__ import annotations

from functools import cache
from typing import Any

from botocore.loaders import Loader
from botocore.model import ServiceModel


@cache
def loader() -> Loader:
    """Return the loader that this package and the sessions of stubs share; it keeps what it has read."""
    return Loader()


def service_data(name: str) -> Any:
    """Return botocore's description of a service as it stands in the file."""
    return loader().load_service_model(name, "service-2")


@cache
def service_model(name: str) -> ServiceModel:
    """Return botocore's model of a service."""
    return ServiceModel(service_data(name), name)
