"""Rules about the capacities of a serverless cluster."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeGuard

from neptune_guard._printing import ABSENT
from neptune_guard._rules._relation import finds
from neptune_guard._rules._request import Request
from neptune_guard._rules.clusters import version
from neptune_guard._violations import Finding, Rule, ServiceFault, Severity

_NAME = "ServerlessV2ScalingConfiguration"
_LOW, _HIGH = "MinCapacity", "MaxCapacity"
_LEAST, _MOST = 1, 128
_LEAST_HIGH = 2.5  # CloudFormation's minimum of MaxCapacity
_GUIDE = "https://docs.aws.amazon.com/neptune/latest/userguide/neptune-serverless-capacity-scaling.html"
_INITIALIZING = ServiceFault(
    words="Both MinCapacity and MaxCapacity must be specified when you initialize Serverless v2 scaling configuration.",
    evidence="recorded for Aurora (crossplane-contrib/provider-upjet-aws issue 1165)",
)
_TOO_LOW = ServiceFault(
    words="Serverless v2 maximum capacity {value} isn't valid. The maximum capacity must be at least 1.0.",
    evidence="recorded for Aurora (aws/aws-cdk issue 32232)",
)

SERVERLESS_CAPACITY = Rule(
    "serverless-capacity",
    Severity.ERROR,
    "Serverless capacities must be from 1 to 128 in halves, the lower one not above the higher one",
    _GUIDE,
    explanation="A new cluster needs both; ModifyDBCluster may change one, so there a missing one is a warning. "
    "CloudFormation wants a MaxCapacity of at least 2.5, so below that there is a warning.",
    accepted={_NAME: {_LOW: 1.0, _HIGH: 2.5}},
    rejected={_NAME: {_LOW: 1.0, _HIGH: 256.0}},
)
SERVERLESS_VERSION = Rule(
    "serverless-version",
    Severity.WARNING,
    "A serverless cluster must have engine version 1.2.0.1 or later",
    _GUIDE,
    explanation="Serverless came with that version. Found only where the request gives EngineVersion.",
    accepted={_NAME: {_LOW: 1.0, _HIGH: 2.5}, "EngineVersion": "1.2.0.1"},
    rejected={_NAME: {_LOW: 1.0, _HIGH: 2.5}, "EngineVersion": "1.2.0.0"},
)


@finds(SERVERLESS_CAPACITY)
def capacities(request: Request, name: str) -> Iterator[Finding]:
    """Look at both capacities, then compare them."""
    given = request.params[name]
    if not isinstance(given, dict):
        return
    for member in (_LOW, _HIGH):
        if member not in given:
            yield _missing(request, f"{name}.{member}")
        elif _is_number(given[member]):
            yield from _capacity(f"{name}.{member}", member, given[member])
    low, high = given.get(_LOW), given.get(_HIGH)
    if _is_number(low) and _is_number(high) and low > high:
        yield SERVERLESS_CAPACITY.found(f"{name}.{_LOW}", low, f"is above {_HIGH}; give a lower one, or raise {_HIGH}")


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _missing(request: Request, path: str) -> Finding:
    modifying = request.operation == "ModifyDBCluster"
    return SERVERLESS_CAPACITY.found(
        path,
        ABSENT,
        "is missing; give both capacities" + (", unless the cluster is serverless already" if modifying else ""),
        severity=Severity.WARNING if modifying else None,
        fault=_INITIALIZING,
    )


def _capacity(path: str, member: str, value: float) -> Iterator[Finding]:
    if not _LEAST <= value <= _MOST:
        fault = _TOO_LOW if member == _HIGH and value < _LEAST else None
        yield SERVERLESS_CAPACITY.found(
            path, value, f"is not from {_LEAST} to {_MOST}; give a capacity in that range", fault=fault
        )
    elif value % 0.5:
        yield SERVERLESS_CAPACITY.found(path, value, "is not a multiple of 0.5; give whole or half capacity units")
    elif member == _HIGH and value < _LEAST_HIGH:
        yield SERVERLESS_CAPACITY.found(
            path,
            value,
            f"is below {_LEAST_HIGH}, the least that CloudFormation allows; give at least {_LEAST_HIGH}",
            severity=Severity.WARNING,
        )


@finds(SERVERLESS_VERSION)
def serverless_version(request: Request, name: str) -> Iterator[Finding]:
    """Compare the engine version with the first one that has serverless clusters."""
    given = version(request.params.get("EngineVersion"))
    if given and given < (1, 2, 0, 1):
        yield SERVERLESS_VERSION.found(
            "EngineVersion",
            request.params["EngineVersion"],
            "is a version without serverless clusters; give 1.2.0.1 or later, or leave the capacities out",
        )
