"""Settings, each from the first place that gives it: argument, environment, AWS profile, default."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from typing import Any, Literal, NamedTuple, cast

from botocore.exceptions import BotoCoreError

from neptune_guard._printing import did_you_mean, printable
from neptune_guard.exceptions import ConfigurationError

Mode = Literal["strict", "warn", "off"]
MODES = ("strict", "warn", "off")
DEFAULT_MODE: Mode = "warn"


class Setting(NamedTuple):
    """A value and where it was read."""

    value: Any
    place: str


def given(name: str, argument: Any = None) -> Setting | None:
    """Return a setting from its argument or its environment variable, None where neither gives it."""
    variable = f"NEPTUNE_GUARD_{name.upper()}"
    if argument or argument is False:
        return Setting(argument, f"the argument {name}")
    value = os.environ.get(variable)
    return Setting(value, f"the environment variable {variable}") if value else None


def in_profile(name: str, session: Any) -> Setting | None:
    """Return a setting from the session's AWS profile, None where the profile or the session lacks it.

    Raises:
        ConfigurationError: The profile does not exist, or its file cannot be read.
    """
    value = _profile(session).get(f"neptune_guard_{name}")
    return Setting(value, f"the key neptune_guard_{name} of the AWS profile") if value else None


def _profile(session: Any) -> Mapping[str, Any]:
    if session is None:
        return {}
    try:
        return cast("Mapping[str, Any]", session.get_scoped_config())
    except BotoCoreError as problem:
        raise ConfigurationError(f"the AWS profile cannot be read: {problem}") from problem


def flag(value: object, name: str) -> bool:
    """Return whether something is so.

    Raises:
        ConfigurationError: `value` is not True or False; "no" would count as True.
    """
    if not isinstance(value, bool):
        raise ConfigurationError(f"{name} is {printable('', value)}; give True or False")
    return value


def mode(setting: Setting | None) -> Mode:
    """Return the mode that a setting names.

    Raises:
        ConfigurationError: The value is not a mode; the text says where it was read.
    """
    if setting is None:
        return DEFAULT_MODE
    if setting.value not in MODES:
        hint = did_you_mean(setting.value, MODES, "; use 'strict', 'warn' or 'off'")
        raise ConfigurationError(f"{printable('', setting.value)}, read from {setting.place}, is not a mode{hint}")
    return cast(Mode, str.__str__(setting.value))


def ignored(setting: Setting | None) -> Setting:
    """Return the patterns of the rules to leave out; in text they are separated by commas.

    Raises:
        ConfigurationError: The value is neither text nor a collection.
    """
    if setting is None:
        return Setting((), "ignore")
    value = setting.value
    if isinstance(value, str):
        value = tuple(part.strip() for part in value.split(",") if part.strip())
    if not isinstance(value, Iterable):
        raise ConfigurationError(
            f"{printable('', value)}, read from {setting.place}, names no rules; give a list of ids"
        )
    return Setting(tuple(value), setting.place)
