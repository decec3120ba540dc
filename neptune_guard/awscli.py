"""A plugin of the AWS CLI: the same guard for `aws neptune copy-db-cluster-snapshot`.

The CLI loads it when its configuration file names it; docs/aws-cli.md gives the lines.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import Any


def awscli_initialize(event_hooks: Any) -> None:
    """Wait for the session: the CLI calls this before it knows the profile.

    Args:
        event_hooks: The CLI's event emitter.
    """
    event_hooks.register("session-initialized", _wait_for_client)
    for service in ("neptune", "docdb"):
        # The CLI lists the waiters of a service in a handler of all building-command-table events, which runs after
        # the handlers of one.
        event_hooks.register(f"building-command-table.{service}", _add_waiters)


def _wait_for_client(session: Any, **kwargs: Any) -> None:
    # Every aws command comes here. One about another service must not pay for the guard, nor fail for its settings:
    # `aws configure --profile new` runs before there is a profile to read.
    for service in ("neptune", "rds", "docdb"):
        session.register(f"creating-client-class.{service}", partial(_guard, session))


def _add_waiters(session: Any, **kwargs: Any) -> None:
    from neptune_guard._waiting import add_to_loader

    add_to_loader(session.get_component("data_loader"))


def _guard(session: Any, base_classes: list[type], **kwargs: Any) -> None:
    from neptune_guard._hook import logger
    from neptune_guard._register import register
    from neptune_guard._waiting import add_to_class
    from neptune_guard.exceptions import ConfigurationError

    if not logger.hasHandlers():
        logger.addHandler(_on_stderr())
    try:
        register(session).settle()  # the handler that would read the profile comes too late for this very event
    except ConfigurationError as problem:
        # The CLI prints the text alone, which would not say whose it is.
        raise ConfigurationError(f"neptune_guard: {problem}") from problem
    add_to_class(base_classes)


def _on_stderr() -> logging.Handler:
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("neptune_guard: %(message)s"))
    return handler
