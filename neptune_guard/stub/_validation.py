"""What the service refuses about a request before it looks at its state. The only module here that knows the rules."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from functools import cache
from typing import Any

from botocore.loaders import create_loader
from botocore.model import ServiceModel, Shape
from botocore.validate import ParamValidator

from neptune_guard._arn import has_region_form, is_arn, is_listed, likely_region
from neptune_guard._printing import redacted, redacted_text
from neptune_guard._rules import GUARDED, Request, Ruleset, check_value
from neptune_guard._violations import Finding, Severity, describe
from neptune_guard.exceptions import ConfigurationError, NotStubbedError
from neptune_guard.stub import _interim
from neptune_guard.stub._caller import Caller
from neptune_guard.stub._clock import as_datetime
from neptune_guard.stub._faults import Fault
from neptune_guard.stub._operation import Operation

_BLANK = "The parameter {} must be provided and must not be blank."
_EXACT_TYPES = {"string": str, "boolean": bool, "integer": int}
_SERVICES = ("neptune", "rds", "docdb")
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
        request = Request(
            operation,
            params,
            region=caller.region,
            account_id=caller.account_id,
            now=lambda: as_datetime(caller.now),
        )
        _refuse_first(operation, _RULES.findings(request))
    else:
        _refuse_unknown_or_missing(operation, known, params)
        _refuse_types(operation, params)
        _interim.validate_form(operation, params, caller.region)
        _interim.refuse_both(operation, params)


def _refuse_first(operation: str, findings: Iterable[Finding]) -> None:
    """Answer as the service does to the first finding that is an error."""
    for found in findings:
        if found.severity is Severity.ERROR:
            line = describe(found.violation(operation))
            words = found.fault.words.format(parameter=found.path, value=found.value, line=line)
            raise Fault(found.fault.code, redacted_text(words))


# ---------------------------------------------------------------------- names and types, by botocore's models


def _refuse_not_stubbed(operation: str, known: Operation, params: Mapping[str, Any]) -> None:
    """Refuse parameters that exist but that the stub does not know; one that no service has is a rule's affair."""
    unknown = sorted(str(name) for name in params if name not in known.parameters)
    if all(any(name in _members(service, operation) for service in _SERVICES) for name in unknown):
        raise NotStubbedError(f"the stub does not model {', '.join(unknown)} of {operation}; leave it out in tests")


def _refuse_unknown_or_missing(operation: str, known: Operation, params: Mapping[str, Any]) -> None:
    for name in params:
        if name not in known.parameters:
            raise Fault("InvalidParameterValue", f"{operation} has no parameter {name}.")
    for name in known.required:
        if name not in params:
            raise Fault("InvalidParameterValue", _BLANK.format(name))


def _refuse_types(operation: str, params: Mapping[str, Any]) -> None:
    """Refuse values of a wrong type; botocore's validator is asked only if a value is not of a plain, exact type."""
    exact = _exact_types(operation)
    if all(type(value) is exact.get(name) for name, value in params.items()):
        return
    members = _members("neptune", operation)
    for name, value in params.items():
        report = ParamValidator().validate(value, members[name])
        if report.has_errors():
            words = redacted_text(report.generate_report()).replace("parameter , ", f"parameter {name}, ")
            raise Fault("InvalidParameterValue", words)


@cache
def _exact_types(operation: str) -> dict[str, type]:
    members = _members("neptune", operation)
    return {name: _EXACT_TYPES[shape.type_name] for name, shape in members.items() if shape.type_name in _EXACT_TYPES}


def _members(service: str, operation: str) -> Mapping[str, Shape]:
    model = _service(service)
    shape = model.operation_model(operation).input_shape if operation in model.operation_names else None
    members: Mapping[str, Shape] = getattr(shape, "members", {})
    return members


@cache
def _service(name: str) -> ServiceModel:
    return ServiceModel(create_loader().load_service_model(name, "service-2"), name)


def refuse_too_many_tags(tags: Collection[str]) -> None:
    """Refuse more tags than a resource can have, counting those that it has already.

    Raises:
        Fault: `tags` has too many keys.
    """
    _refuse_first("AddTagsToResource", check_value("Tags", [{"Key": key, "Value": "x"} for key in tags]))


# ---------------------------------------------------------------------- what a test seeds


def seeded(operation: str, parameter: str, value: object, region: str | None = None) -> None:
    """Check a value that a test seeds as the service would check it in a request.

    Raises:
        ConfigurationError: The service would refuse it.
    """
    try:
        if operation in GUARDED:
            _refuse_first(operation, check_value(parameter, value, operation=operation, region=region))
        else:
            _refuse_types(operation, {parameter: value})
            _interim.validate_form(operation, {parameter: value}, region)
    except Fault as fault:
        raise ConfigurationError(f"{value!r} cannot be added: {fault.message}") from None


def seeded_snapshot_name(identifier: str) -> None:
    """Check the name of a snapshot that a test seeds; those of automated and AWS Backup's snapshots are accepted.

    Raises:
        ConfigurationError: No snapshot has such a name.
    """
    if is_arn(identifier):
        raise ConfigurationError(f"{identifier!r} cannot be added: give the name of a snapshot, not its ARN")
    seeded("CopyDBClusterSnapshot", "SourceDBClusterSnapshotIdentifier", identifier)


def region_problem(region: str) -> str | None:
    """Return what is wrong with the name of a Region, None if it may exist."""
    if is_listed(region):
        return None
    likely = likely_region(region)
    if likely:
        return f"did you mean {likely!r}?"
    return None if has_region_form(region) else "give the name of a Region, such as 'us-east-1'"


# ---------------------------------------------------------------------- what is kept


def without_secrets(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return parameters for the call log: presigned URLs and other secrets are replaced, nothing is shared."""
    return {str(name): value for name, value in redacted(dict(params)).items()}


def text_without_secrets(text: str) -> str:
    """Return a text without presigned URLs and other secrets."""
    return redacted_text(text)
