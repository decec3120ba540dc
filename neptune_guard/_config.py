"""Settings, each from the first place that gives it: argument, environment, AWS profile, default."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Literal, cast

from botocore.exceptions import BotoCoreError

from neptune_guard._violations import printable
from neptune_guard.exceptions import ConfigurationError

Mode = Literal["strict", "warn", "off"]
MODES = ("strict", "warn", "off")
Profile = Callable[[], Mapping[str, Any]]


def mode(argument: str | None, profile: Profile) -> Mode:
    """Return the mode.

    Raises:
        ConfigurationError: The value is none of the modes; the text says where it was read.
    """
    value, place = _first("mode", argument, profile)
    if value is not None and value not in MODES:
        shown = printable("", value)
        raise ConfigurationError(f"{shown}, read from {place}, is not a mode; use 'strict', 'warn' or 'off'")
    return cast(Mode, value or "warn")


class Ignored(tuple[str, ...]):
    """Ids and prefixes of rules to leave out, and where they were read."""

    place: str


def ignore(argument: Any, profile: Profile) -> Ignored:
    """Return the ids and prefixes of the rules to leave out; in text they are separated by commas.

    Raises:
        ConfigurationError: The value is neither text nor a collection.
    """
    value, place = _first("ignore", argument, profile)
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",") if part.strip()]
    if value is not None and not isinstance(value, Iterable):
        raise ConfigurationError(f"{printable('', value)}, read from {place}, names no rules; give a list of ids")
    ignored = Ignored(value or ())
    ignored.place = place
    return ignored


def stub_path(profile: Profile) -> str | None:
    """Return the state file of the stub that the environment or the profile asks for."""
    value, _ = _first("stub", None, profile)
    return cast("str | None", value or None)


def _first(name: str, argument: Any, profile: Profile) -> tuple[Any, str]:
    """Return the first value that is not empty, and where it was found."""
    variable, key = f"NEPTUNE_GUARD_{name.upper()}", f"neptune_guard_{name}"
    places: tuple[tuple[str, Callable[[], Any]], ...] = (
        (f"the argument {name}", lambda: argument),
        (f"the environment variable {variable}", lambda: os.environ.get(variable)),
        (f"the key {key} of the AWS profile", lambda: profile().get(key)),
    )
    for place, read in places:
        value = read()
        if value or value is False:
            return value, place
    return None, "nowhere"


def profile_of(session: Any) -> Profile:
    """Return a reader of the session's AWS profile; without a session there is nothing to read.

    The reader raises `ConfigurationError` for a profile that does not exist and for a file that cannot be read.
    """

    def read() -> Mapping[str, Any]:
        if session is None:
            return {}
        try:
            return cast("Mapping[str, Any]", session.get_scoped_config())
        except BotoCoreError as problem:
            raise ConfigurationError(f"the AWS profile cannot be read: {problem}") from problem

    return read
