"""`register`, which puts a guard on a session or client: the only module above both the hook and the stub."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import partial
from typing import Any, cast

from neptune_guard import _waiting
from neptune_guard._hook import (
    SERVICES,
    Answering,
    Guard,
    Mode,
    OnViolation,
    Responder,
    Service,
    Setting,
    emitters,
    logger,
    settings,
)
from neptune_guard._printing import did_you_mean, escaped, printable, redacted_text
from neptune_guard._rules._request import account
from neptune_guard._violations import Rule
from neptune_guard.exceptions import ConfigurationError


def register(
    target: Any = None,
    *,
    mode: Mode | None = None,
    prefill: bool = True,
    stub: Responder | bool | str | os.PathLike[str] | None = None,
    services: Iterable[Service] = ("neptune",),
    rules: Iterable[Rule] = (),
    ignore: Iterable[str] | str = (),
    account_id: str | None = None,
    on_violation: OnViolation | None = None,
) -> Guard:
    """Guard the requests of a session or client: complete them, check them, and with a stub answer them.

    A session reaches only the clients that are made afterwards, so call this at start-up. Registering again replaces
    the earlier guard of the same target; on a client it replaces the guard that came from its session.

    CopyDBClusterSnapshot is completed and checked on `neptune`, `rds` and `docdb` clients, the other guarded operations
    on `neptune` clients only.

    Args:
        target: A boto3, botocore or aiobotocore session, a client of any of them, or an event emitter. None stands for
            boto3's default session.
        mode: `"strict"` raises when an error is found, `"warn"` logs, `"off"` does not check. Without it:
            `NEPTUNE_GUARD_MODE`, then `neptune_guard_mode` of the session's AWS profile, then `"warn"`.
        prefill: Whether to add SourceRegion to a copy from another Region.
        stub: True for a `NeptuneStub` that makes up whatever was not added to it, the path of a stub's state file, or
            anything with a `respond` method. With a stub no call of `services` reaches the network. Without it:
            `NEPTUNE_GUARD_STUB` or `neptune_guard_stub` may name a state file; False rules that out.
        services: The services whose calls the stub answers: `neptune`, `rds`, `docdb`. It does not change what is
            checked.
        rules: Rules of your own, made with `neptune_guard.rule`.
        ignore: Rules to leave out: an id, `prefix-*`, `Operation:id` or `Operation:*`. Without it:
            `NEPTUNE_GUARD_IGNORE` or `neptune_guard_ignore`, separated by commas.
        account_id: The caller's account, twelve digits, where it is known.
        on_violation: Called as `on_violation(violations, params, region)` whenever something was found, with a copy of
            the parameters without secrets. An `Exception` that it raises is logged; a `BaseException` such as
            SystemExit reaches the caller. Calls that it makes itself are not reported to it.

    Returns:
        The guard, active until `unregister()` or the end of a `with` block.

    Raises:
        TypeError: `target` is none of these, or a client of another service.
        ConfigurationError: An argument or an environment variable cannot be used. A value in the AWS profile is read,
            and rejected, when the first client is made or `guard.mode` is asked for.
    """
    emitter, session = emitters.emitter_of(target)
    _refuse_other_service(target)
    _refuse_unusable(prefill, account_id, on_violation)
    answered = _services(services)
    given = {
        "mode": settings.given("mode", mode),
        "ignore": settings.given("ignore", ignore),
        "stub": settings.given("stub") if stub is None else Setting(stub, "the argument stub"),
    }

    def answering(setting: Setting) -> Answering | None:
        responder = _responder(setting)
        path = setting.value if isinstance(setting.value, (str, os.PathLike)) else ""
        return None if responder is None else Answering(responder, answered, account_id, name=os.fspath(path))

    is_client = hasattr(target, "get_waiter")
    guard = Guard(
        emitter,
        mode=given["mode"],
        ignore=given["ignore"],
        rules=_listed(rules),
        prefill=prefill,
        answering=answering(given["stub"]) if given["stub"] else None,
        account_id=account_id,
        on_violation=on_violation,
        on_release=partial(_waiting.remove_from_client, target) if is_client else None,
        read_profile=None
        if session is None or all(given.values())
        else partial(_read_profile, session, given, answering),
    )
    if target is None:
        _warn_of_earlier_clients(session)
    if is_client:
        _waiting.add_to_client(target)
    else:
        _waiting.add_to_session(emitter)
    return guard.put()


def _read_profile(session: Any, given: dict[str, Setting | None], answering: Any, guard: Guard) -> None:
    """Complete a guard's settings from the AWS profile, where neither arguments nor the environment gave them."""
    found = {name: given[name] or settings.in_profile(name, session) for name in given}
    guard.configure(found["mode"], found["ignore"])
    if found["stub"] and not given["stub"]:
        guard.answer_with(answering(found["stub"]))


def _refuse_other_service(target: Any) -> None:
    model = getattr(getattr(target, "meta", None), "service_model", None)
    service = getattr(model, "service_name", None)
    if service is not None and service not in SERVICES:
        raise TypeError(f"cannot guard a client of {service}; give a client of {', '.join(SERVICES)}, or a session")


def _refuse_unusable(prefill: object, account_id: object, on_violation: object) -> None:
    settings.flag(prefill, "prefill")
    if account_id is not None:
        account(account_id)
    if on_violation is not None and not callable(on_violation):
        raise ConfigurationError(f"on_violation has type {type(on_violation).__name__}; give a function")


def _warn_of_earlier_clients(session: Any) -> None:
    """Warn if the default session has made a client, as far as that can be seen: the first one needs a resolver."""
    components = getattr(session, "_internal_components", None)
    if "endpoint_resolver" in getattr(components, "_components", ()):
        logger.warning(
            "boto3's default session has made clients already, which this guard does not reach; register before the "
            "first client is made, or register those clients: register(client)"
        )


def _services(services: Iterable[str]) -> tuple[str, ...]:
    if isinstance(services, str) or not isinstance(services, Iterable):
        raise ConfigurationError(f"services is {printable('', services)}; give a list such as ['neptune', 'rds']")
    names = tuple(services)
    for name in names:
        if name not in SERVICES:
            hint = did_you_mean(name, SERVICES, f"; the services are {', '.join(SERVICES)}")
            raise ConfigurationError(f"services names {printable('', name)}, which the stub does not answer{hint}")
    return tuple(dict.fromkeys(names))


def _listed(rules: Any) -> tuple[Rule, ...]:
    if rules is None or not isinstance(rules, Iterable) or isinstance(rules, Rule):
        return cast("tuple[Rule, ...]", rules or ())  # the ruleset says what is wrong with it
    return tuple(rules)


_YES_OR_NO = ("true", "false", "yes", "no", "on", "off", "1", "0", "none", "null")


def _responder(setting: Setting) -> Responder | None:
    """Return what a setting says is to answer; a state file that nobody made yet belongs to a stub that imagines."""
    stub = setting.value
    if isinstance(stub, str) and (stub.isspace() or stub.strip().lower() in _YES_OR_NO):
        raise ConfigurationError(
            f"stub is {printable('', stub)}, read from {setting.place}; give the path of a state file, or leave it out"
        )
    if hasattr(stub, "respond") and not isinstance(stub, type):
        return cast(Responder, stub)
    if stub is False or stub == "":
        return None
    if stub is not True and not isinstance(stub, (str, os.PathLike)):
        raise ConfigurationError(
            f"stub has type {type(stub).__name__}; give True, a NeptuneStub, a path, or an object with respond()"
        )
    from neptune_guard.stub import NeptuneStub, _tables  # a responder of the user's own needs no stub

    if stub is True:
        return cast(Responder, NeptuneStub(imagine=True))
    made = NeptuneStub(stub, imagine=_tables.IF_NEW)
    if not setting.place.startswith("the argument"):
        logger.warning(
            "a stub answers instead of AWS: the state file %s, read from %s",
            escaped(redacted_text(os.fspath(stub))),
            setting.place,
        )
    return cast(Responder, made)
