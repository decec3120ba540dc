"""A boto3 session that nothing outside the process takes part in."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING, Any

import boto3
import botocore.session
from botocore.config import Config
from botocore.loaders import create_loader

from neptune_guard import _config, _waiting
from neptune_guard._guard import Guard, attach

if TYPE_CHECKING:
    from neptune_guard.stub import NeptuneStub

# Session variables of botocore, cut off from the environment and from ~/.aws; each is its configuration key, its
# environment variable, its default and its converter.
_ALONE: dict[str, Any] = {
    name: (None, None, default, convert)
    for name, (_, _, default, convert) in botocore.session.Session.SESSION_VARIABLES.items()
}
_ALONE |= dict.fromkeys(("config_file", "credentials_file"), (None, None, os.devnull, None))


def session(stub: NeptuneStub, region: str, mode: str, account_id: str) -> boto3.Session:
    """Return a session with made-up credentials whose Neptune is `stub`."""
    core = botocore.session.Session(session_vars=_ALONE)
    core.register_component("data_loader", _loader())
    core.set_credentials("stub", "stub")
    core.set_default_client_config(Config(ignore_configured_endpoint_urls=True))  # type: ignore[call-arg]  # the stubs lack it
    made = boto3.Session(botocore_session=core, region_name=region)
    _waiting.add_to_session(made.events)
    # There is no profile that a mode could be read from. Nor is there a KMS behind the stub's own keys.
    attach(Guard(made.events, mode=_config.mode(mode, dict), stub=stub, account_id=account_id, every_key=True))
    return made


@cache
def _loader() -> Any:
    """Return one loader for all sessions: reading botocore's models is most of what a client costs."""
    loader = create_loader()
    _waiting.add_to_loader(loader)
    return loader
