"""Rules about restoring a cluster as it was at a point in time."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from botocore.utils import parse_timestamp

from neptune_guard._arn import parse
from neptune_guard._printing import ABSENT
from neptune_guard._rules._relation import finds
from neptune_guard._rules._request import Request
from neptune_guard._rules.shapes import moment
from neptune_guard._violations import Finding, Rule, Severity

_RESTORE = "https://docs.aws.amazon.com/neptune/latest/apiref/API_RestoreDBClusterToPointInTime.html"
_TIME, _LATEST, _TYPE = "RestoreToTime", "UseLatestRestorableTime", "RestoreType"
_GRACE = timedelta(minutes=5)  # clocks differ
_LONGEST_RETENTION = timedelta(days=35)

RESTORE_TIME_REQUIRED = Rule(
    "restore-time-required",
    Severity.ERROR,
    "RestoreToTime must be given, or UseLatestRestorableTime=True",
    _RESTORE,
    explanation="The service does not choose a point in time by itself. For a RestoreType of copy-on-write, which "
    "takes no RestoreToTime, this is a warning.",
    accepted={_LATEST: True},
    rejected={_LATEST: ABSENT},
)
RESTORE_TIME_FUTURE = Rule(
    "restore-time-future",
    Severity.ERROR,
    "RestoreToTime must not be in the future",
    _RESTORE,
    explanation="It must be before the latest restorable time. Five minutes are allowed for clocks that differ. A "
    "local time that was sent as UTC is the usual cause.",
    accepted={_TIME: "2026-01-01T03:00:00Z", _LATEST: ABSENT},
    rejected={_TIME: "2999-01-01T03:00:00Z", _LATEST: ABSENT},
)
RESTORE_TIME_OLD = Rule(
    "restore-time-old",
    Severity.WARNING,
    "RestoreToTime must be at most 35 days ago",
    _RESTORE,
    explanation="No cluster keeps its backups for more than 35 days, so there is nothing to restore from.",
    accepted={_LATEST: True},
    rejected={_TIME: "2001-01-01T03:00:00Z", _LATEST: ABSENT},
)
RESTORE_TIME_ZONE = Rule(
    "restore-time-zone",
    Severity.WARNING,
    "RestoreToTime must have a time zone",
    _RESTORE,
    explanation="botocore sends the digits of a datetime without a zone, and of a string without an offset, as if they "
    "were UTC. A local time then restores the cluster as it was hours before or after the moment that was meant.",
    accepted={_TIME: "2026-01-01T03:00:00Z", _LATEST: ABSENT},
    rejected={_TIME: "2026-01-01T03:00:00", _LATEST: ABSENT},
)
CLUSTER_SAME_AS_SOURCE = Rule(
    "cluster-same-as-source",
    Severity.WARNING,
    "The new cluster must have another name than its source",
    _RESTORE,
    explanation="A restore makes a new cluster, and identifiers are unique in an account and Region, in any case. "
    "An ARN of the client's Region counts only when its account is known to be the caller's.",
    accepted={"DBClusterIdentifier": "graph-restored", "SourceDBClusterIdentifier": "graph"},
    rejected={"DBClusterIdentifier": "Graph", "SourceDBClusterIdentifier": "graph"},
)


@finds(RESTORE_TIME_REQUIRED)
def any_time(request: Request, name: str) -> Iterator[Finding]:
    """See whether there is a point in time at all; `name` is empty."""
    if _TIME in request.params or request.params.get(_LATEST, False) is not False:
        return
    cloning = request.text(_TYPE) == "copy-on-write"
    advice = f"{_LATEST}=True" if cloning else f"it, or {_LATEST}=True"
    yield RESTORE_TIME_REQUIRED.found(
        _LATEST if cloning else _TIME,
        ABSENT,
        f"is missing, so there is no point in time to restore; give {advice}",
        severity=Severity.WARNING if cloning else None,
    )


@finds(RESTORE_TIME_FUTURE, RESTORE_TIME_OLD, RESTORE_TIME_ZONE)
def restore_time(request: Request, name: str) -> Iterator[Finding]:
    """Compare the point in time with the present."""
    given = request.params[name]
    when = moment(given)
    if when is None:
        return
    now = request.now()
    # In terms of durations: the clock of a stub may be so near an end of the calendar that a sum has no datetime.
    if when - now > _GRACE:
        yield RESTORE_TIME_FUTURE.found(
            name,
            given,
            f"is in the future, it is {now:%Y-%m-%dT%H:%M:%SZ}; give an earlier time with its zone",
        )
    elif now - when > _LONGEST_RETENTION:
        yield RESTORE_TIME_OLD.found(
            name, given, "is more than 35 days ago, longer than any cluster keeps backups; restore a snapshot instead"
        )
    if _is_naive(given):
        yield RESTORE_TIME_ZONE.found(
            name, given, "has no time zone and is sent as UTC, whatever was meant; give it a zone, such as timezone.utc"
        )


def _is_naive(given: Any) -> bool:
    when: datetime = given if isinstance(given, datetime) else parse_timestamp(given)
    return when.tzinfo is None


@finds(CLUSTER_SAME_AS_SOURCE)
def source_cluster(request: Request, name: str) -> Iterator[Finding]:
    """Compare the source of a restore with the new cluster."""
    source, arn = request.text(name), parse(request.params[name], "rds")
    new = request.text("DBClusterIdentifier")
    if arn:
        beside = arn.region == request.region and arn.account_id == request.account_id
        source = arn.name if beside else ""
    if new and new.lower() == source.lower():
        yield CLUSTER_SAME_AS_SOURCE.found(
            "DBClusterIdentifier", new, "is the source itself; choose another name for the new cluster"
        )
