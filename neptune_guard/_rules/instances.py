"""Rules about creating instances."""

from __future__ import annotations

from collections.abc import Iterator

from neptune_guard._arn import is_known_partition, parse
from neptune_guard._printing import ABSENT
from neptune_guard._rules._relation import finds
from neptune_guard._rules._request import Request
from neptune_guard._violations import Finding, Rule, ServiceFault, Severity

_INSTANCE = "https://docs.aws.amazon.com/neptune/latest/apiref/API_CreateDBInstance.html"
_INTERVAL, _ROLE = "MonitoringInterval", "MonitoringRoleArn"
_EXAMPLE = "arn:aws:iam::123456789012:role/monitoring"
_NO_INTERVAL = ServiceFault(
    "InvalidParameterCombination",
    "You must specify a MonitoringInterval value other than 0 when you specify a MonitoringRoleARN value.",
    "inferred, after moto (moto/rds/models.py)",
)

MONITORING_INCOMPLETE = Rule(
    "monitoring-incomplete",
    Severity.ERROR,
    "MonitoringInterval other than 0 and MonitoringRoleArn must come together",
    _INSTANCE,
    explanation="Enhanced monitoring needs a role that writes the metrics, and the role is for nothing else.",
    fault=ServiceFault(
        "InvalidParameterCombination",
        "A MonitoringRoleARN value is required if you specify a MonitoringInterval value other than 0.",
        "inferred, after moto (moto/rds/models.py)",
    ),
    accepted={_INTERVAL: 60, _ROLE: _EXAMPLE},
    rejected={_INTERVAL: 60},
)
MONITORING_ROLE_PARTITION = Rule(
    "monitoring-role-partition",
    Severity.ERROR,
    "MonitoringRoleArn must be of the client Region's partition",
    "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html",
    explanation="A role of another partition can never be assumed in the client's Region.",
    accepted={_INTERVAL: 60, _ROLE: _EXAMPLE},
    rejected={_INTERVAL: 60, _ROLE: "arn:aws-cn:iam::123456789012:role/monitoring"},
)


@finds(MONITORING_INCOMPLETE)
def interval(request: Request, name: str) -> Iterator[Finding]:
    """See whether an interval comes with a role."""
    if type(request.params[name]) is int and request.params[name] != 0 and _ROLE not in request.params:
        yield MONITORING_INCOMPLETE.found(
            _ROLE, ABSENT, f"is missing while {name} is not 0; give a role, or leave {name} out"
        )


@finds(MONITORING_INCOMPLETE, MONITORING_ROLE_PARTITION)
def role(request: Request, name: str) -> Iterator[Finding]:
    """See whether a role comes with an interval, and where it belongs."""
    if request.params.get(_INTERVAL, 0) == 0:
        yield MONITORING_INCOMPLETE.found(
            _INTERVAL,
            request.params.get(_INTERVAL, ABSENT),
            f"must be other than 0 while {name} is given; give an interval, or leave {name} out",
            fault=_NO_INTERVAL,
        )
    arn, own = parse(request.params[name], "iam"), request.partition
    if arn and own and arn.partition != own and is_known_partition(arn.partition):
        yield MONITORING_ROLE_PARTITION.found(
            name,
            str(arn),
            f"belongs to another partition than the client's Region {request.region} ({own}); use a role in partition "
            f"{own}",
        )
