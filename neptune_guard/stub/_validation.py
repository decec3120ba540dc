"""What the service refuses about a request before it looks at its state. The only module here that knows the rules."""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping
from functools import cache
from typing import Any

from botocore.loaders import create_loader
from botocore.model import ServiceModel, Shape
from botocore.validate import ParamValidator

from neptune_guard._violations import redacted
from neptune_guard.exceptions import ConfigurationError, NotStubbedError
from neptune_guard.stub import _interim
from neptune_guard.stub._faults import Fault
from neptune_guard.stub._operation import Operation

_BLANK = "The parameter {} must be provided and must not be blank."
_EXACT_TYPES = {"string": str, "boolean": bool, "integer": int}
_SIBLINGS = ("rds", "docdb")


def validate(name: str, known: Operation, params: Mapping[str, Any], region: str, account_id: str) -> None:
    """Refuse a request that breaks an error rule, whatever the stub's state.

    Args:
        name: The API operation.
        known: What the stub knows of it.
        params: The parameters of the request.
        region: The client's Region.
        account_id: The caller's account.

    Raises:
        Fault: The first rule that is broken, by the order of the parameters in botocore's model.
        NotStubbedError: The service knows a parameter that the stub does not.
    """
    if not known.parameters.issuperset(params):
        _refuse_unknown(name, known, params)
    for each in known.required:
        if each not in params:
            raise Fault("InvalidParameterValue", _BLANK.format(each))
    _refuse_types(name, params)
    if name == "CopyDBClusterSnapshot":
        _interim.validate_copy(params, region, account_id)
    else:
        _interim.validate_form(name, params, region)
        _interim.refuse_both(name, params)


def _refuse_unknown(operation: str, known: Operation, params: Mapping[str, Any]) -> None:
    unknown = sorted(str(name) for name in params if name not in known.parameters)
    for name in unknown:
        if not any(name in _members(service, operation) for service in ("neptune", *_SIBLINGS)):
            raise Fault("InvalidParameterValue", f"{operation} has no parameter {name}.")
    raise NotStubbedError(f"the stub does not model {', '.join(unknown)} of {operation}; leave it out in tests")


def _refuse_types(operation: str, params: Mapping[str, Any]) -> None:
    """Refuse values of a wrong type; botocore's validator is asked only if a value is not of a plain, exact type."""
    exact = _exact_types(operation)
    if all(type(value) is exact.get(name) for name, value in params.items()):
        return
    for name, value in redacted(params).items():
        report = ParamValidator().validate(value, _members("neptune", operation)[name])
        if report.has_errors():
            raise Fault(
                "InvalidParameterValue", report.generate_report().replace("parameter , ", f"parameter {name}, ")
            )


@cache
def _exact_types(operation: str) -> dict[str, type]:
    members = _members("neptune", operation)
    return {name: _EXACT_TYPES[shape.type_name] for name, shape in members.items() if shape.type_name in _EXACT_TYPES}


def _members(service: str, operation: str) -> Mapping[str, Shape]:
    shape = _input_shape(service, operation)
    members: Mapping[str, Shape] = getattr(shape, "members", {})
    return members


@cache
def _input_shape(service: str, operation: str) -> Shape | None:
    model = ServiceModel(create_loader().load_service_model(service, "service-2"))
    return model.operation_model(operation).input_shape if operation in model.operation_names else None


def refuse_too_many_tags(tags: Collection[str]) -> None:
    """Refuse more tags than a resource can have, counting those that it has already.

    Raises:
        Fault: `tags` has too many keys.
    """
    _interim.validate_tags([{"Key": key} for key in tags])


# ---------------------------------------------------------------------- what a test seeds


def seeded(operation: str, parameter: str, value: object, region: str | None = None) -> None:
    """Check a value that a test seeds as the service would check it in a request.

    Raises:
        ConfigurationError: The service would refuse it.
    """
    try:
        _refuse_types(operation, {parameter: value})
        _interim.validate_form(operation, {parameter: value}, region or "us-east-1")
    except Fault as fault:
        raise ConfigurationError(f"{value!r} cannot be added: {fault.message}") from None


def seeded_snapshot_name(identifier: str) -> None:
    """Check the name of a snapshot that a test seeds; those of automated and AWS Backup's snapshots are accepted.

    Raises:
        ConfigurationError: No snapshot has such a name.
    """
    try:
        _refuse_types("CreateDBClusterSnapshot", {"DBClusterSnapshotIdentifier": identifier})
        _interim.validate_source(identifier)
    except Fault as fault:
        raise ConfigurationError(f"{identifier!r} cannot be added: {fault.message}") from None


def region_problem(region: str) -> str | None:
    """Return what is wrong with the name of a Region, None if it may exist."""
    listed = _regions()
    if region in listed:
        return None
    if not re.fullmatch(r"[a-z]{2}(-[a-z]+)+-[0-9]{1,2}", region):
        return "give the name of a Region, such as 'us-east-1'"
    near = difflib.get_close_matches(region, listed, n=1, cutoff=0.85)
    return f"did you mean {near[0]}?" if near else None


@cache
def _regions() -> tuple[str, ...]:
    partitions = create_loader().load_data("partitions")["partitions"]
    return tuple(region for each in partitions for region in each["regions"])


def without_secrets(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters for the call log: presigned URLs and other secrets are replaced, nothing is shared."""
    return {str(name): _copied(value) for name, value in redacted(params).items()}


def text_without_secrets(text: str) -> str:
    """Return a text without presigned URLs and other secrets."""
    return text


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(name): _copied(each) for name, each in value.items()}
    return [_copied(each) for each in value] if isinstance(value, (list, tuple)) else value
