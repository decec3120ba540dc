"""What the service refuses about a request before it looks at its state. The only module here that knows the rules."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cache
from typing import Any

from neptune_guard._arn import has_region_form, is_arn, is_listed, likely_region
from neptune_guard._hook import SERVICES
from neptune_guard._printing import printable
from neptune_guard._rules import GUARDED, Request, Ruleset, check_value, shapes
from neptune_guard._rules._request import plain
from neptune_guard._violations import Finding, Severity, describe
from neptune_guard.exceptions import ConfigurationError, NotStubbedError
from neptune_guard.stub._caller import Caller
from neptune_guard.stub._clock import as_datetime
from neptune_guard.stub._faults import Fault
from neptune_guard.stub._operation import Operation

_EXACT_TYPES = {"string": str, "boolean": bool}
_MOST_BITS = 31  # beside the sign
_RULES = Ruleset()


def validate(operation: str, known: Operation, params: Mapping[str, Any], caller: Caller) -> None:
    """Refuse a request that breaks an error rule, whatever the stub's state.

    Args:
        operation: The API operation.
        known: What the stub knows of it.
        params: The parameters of the request.
        caller: Who makes it.

    Raises:
        Fault: The first rule that is broken, by the order of the parameters in botocore's model.
        NotStubbedError: The service knows a parameter that the stub does not.
    """
    if not known.parameters.issuperset(params):
        _refuse_not_stubbed(operation, known, params)
    if operation in GUARDED:
        refuse_by_rules(operation, params, caller)
    else:
        _refuse_first(operation, _misshapen(operation, params))


def refuse_by_rules(operation: str, params: Mapping[str, Any], caller: Caller) -> None:
    """Refuse a request of a guarded operation that breaks an error rule.

    Raises:
        Fault: The first rule that is broken.
    """
    request = Request(
        operation,
        params,
        region=caller.region,
        account_id=caller.account_id,
        now=lambda: as_datetime(caller.now),
    )
    _refuse_first(operation, _RULES.findings(request))


def _refuse_first(operation: str, findings: Iterable[Finding]) -> None:
    """Answer as the service does to the first finding that is an error."""
    for found in findings:
        if found.severity is Severity.ERROR:
            line = describe(found.violation(operation))
            words = found.fault.words.format(parameter=found.path, value=found.value, line=line)
            raise Fault(found.fault.code, words)


# ---------------------------------------------------------------------- names and types, by botocore's models


def _refuse_not_stubbed(operation: str, known: Operation, params: Mapping[str, Any]) -> None:
    """Refuse parameters that exist but that the stub does not know; one that no service has is a rule's affair."""
    unknown = sorted(params.keys() - known.parameters)
    modelled = {name for service in SERVICES for name in _shape(operation, service).members}
    if modelled.issuperset(unknown):
        raise NotStubbedError(f"the stub does not model {', '.join(unknown)} of {operation}; leave it out in tests")


def _misshapen(operation: str, params: Mapping[str, Any]) -> list[Finding]:
    """Find names and types that botocore's model does not have; the slow look is for values of other types only."""
    exact, required = _exact_types(operation)
    if all(type(value) is exact.get(name) for name, value in params.items()) and required <= params.keys():
        return []
    return list(shapes.findings(operation, _shape(operation), plain(dict(params))))


@cache
def _exact_types(operation: str) -> tuple[dict[str, type], frozenset[str]]:
    """Return the types of an operation's plain parameters, and the names of those that are required."""
    shape = _shape(operation)
    types = {name: _EXACT_TYPES.get(member.type_name) for name, member in shape.members.items()}
    return {name: kind for name, kind in types.items() if kind}, frozenset(shape.required_members)


def _shape(operation: str, service: str = "neptune") -> Any:
    return shapes.input_shape(service, operation)


def refuse_long_numbers(value: Any, path: str = "") -> None:
    """Refuse integers of more than 32 bits, which no parameter holds.

    Raises:
        Fault: There is one in `value`.
    """
    if isinstance(value, dict):
        for name, each in value.items():
            refuse_long_numbers(each, f"{path}.{name}" if path else name)
    elif isinstance(value, (list, tuple)):
        for number, each in enumerate(value):
            refuse_long_numbers(each, f"{path}[{number}]")
    elif isinstance(value, int) and value.bit_length() > _MOST_BITS:
        raise Fault("InvalidParameterValue", f"{path} is {printable(path, value)}, which is not of type integer")


def refuse_too_many_tags(tags: Collection[str]) -> None:
    """Refuse more tags than a resource can have, counting those that it has already.

    Raises:
        Fault: `tags` has too many keys.
    """
    _refuse_first("AddTagsToResource", check_value("Tags", [{"Key": key, "Value": "x"} for key in tags]))


# ---------------------------------------------------------------------- what a test seeds


def is_sound(parameter: str, value: object) -> bool:
    """Tell whether no rule has an error about a value as a parameter of a copy."""
    return all(found.severity is not Severity.ERROR for found in check_value(parameter, value))


def seeded(operation: str, parameter: str, value: object, region: str | None = None) -> None:
    """Check a value that a test seeds as the service would check it in a request.

    Raises:
        ConfigurationError: The service would refuse it.
    """
    try:
        _refuse_first(operation, check_value(parameter, value, operation=operation, region=region))
    except Fault as fault:
        what = parameter if isinstance(value, list) else printable("", value)
        raise ConfigurationError(f"{what} cannot be added: {fault.message}") from None


def seeded_snapshot_name(identifier: str) -> None:
    """Check the name of a snapshot that a test seeds; those of automated and AWS Backup's snapshots are accepted.

    Raises:
        ConfigurationError: No snapshot has such a name.
    """
    if is_arn(identifier):
        raise ConfigurationError(
            f"{printable('', identifier)} cannot be added: give the name of a snapshot, not its ARN"
        )
    seeded("CopyDBClusterSnapshot", "SourceDBClusterSnapshotIdentifier", identifier)


def region_problem(region: str) -> str | None:
    """Return what is wrong with the name of a Region, None if it may exist."""
    if is_listed(region):
        return None
    likely = likely_region(region)
    if likely:
        return f"did you mean {likely!r}?"
    return None if has_region_form(region) else "give the name of a Region, such as 'us-east-1'"
