"""Rows of the rules about restoring to a point in time; the present is `NOW`, 2026-11-25 03:00 UTC."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from neptune_guard._printing import ABSENT
from tests.helpers import ACCOUNT, HERE, OTHER_ACCOUNT, THERE, arn
from tests.rules.rows import ERROR, NOW, WARNING, Row, Table, of

rewind = of("RestoreDBClusterToPointInTime")


def at(when: Any, **kwargs: Any) -> Row:
    return rewind(UseLatestRestorableTime=ABSENT, RestoreToTime=when, **kwargs)


def named(source: str, new: str, **kwargs: Any) -> Row:
    return rewind(SourceDBClusterIdentifier=source, DBClusterIdentifier=new, **kwargs)


BERLIN, NEW_YORK = timezone(timedelta(hours=1)), timezone(timedelta(hours=-5))
CLONE = {"UseLatestRestorableTime": ABSENT, "RestoreType": "copy-on-write"}
TABLES = {
    "restore-type": Table(
        ERROR,
        [rewind(RestoreType=kind) for kind in ("full-copy", "copy-on-write")],
        [rewind(RestoreType=kind) for kind in ("", "clone", "Full-Copy", "full_copy", "copy-on-write\n")],
        [
            (
                rewind(RestoreType="clone"),
                "error: RestoreType: 'clone' is not a type of restore; give full-copy or copy-on-write [restore-type]",
            )
        ],
    ),
    "restore-time-required": Table(
        ERROR,
        [
            rewind(),
            at(NOW - timedelta(hours=1)),
            at(NOW - timedelta(hours=1), RestoreType="full-copy"),
            at(None),
            rewind(UseLatestRestorableTime="true"),
        ],
        [
            rewind(UseLatestRestorableTime=ABSENT),
            rewind(UseLatestRestorableTime=False),
            rewind(UseLatestRestorableTime=ABSENT, RestoreType="full-copy"),
            rewind(**CLONE, warns=True),
        ],
        [
            (
                rewind(UseLatestRestorableTime=False),
                "error: RestoreToTime: is missing, so there is no point in time to restore; give it, or "
                "UseLatestRestorableTime=True [restore-time-required]",
            ),
            (
                rewind(**CLONE),
                "warning: UseLatestRestorableTime: is missing, so there is no point in time to restore; give "
                "UseLatestRestorableTime=True [restore-time-required]",
            ),
        ],
    ),
    "restore-time-future": Table(
        ERROR,
        [
            rewind(),
            at(NOW),
            at(NOW + timedelta(minutes=5)),
            at("2026-11-25T03:05:00Z"),
            at("2026-11-25T04:00:00+01:00"),
            at(datetime(2026, 11, 25, 4, 5, tzinfo=BERLIN)),
            at(NOW.timestamp()),
            at(int(NOW.timestamp())),
            at(datetime(2026, 11, 25, 2)),
            at("yesterday"),
        ],
        [
            at(NOW + timedelta(minutes=5, seconds=1)),
            at("2026-11-25T03:05:01Z"),
            at("2999-01-01"),
            at(datetime(2026, 11, 25, 4, 0)),
            at(datetime(2026, 11, 24, 23, tzinfo=NEW_YORK)),
            at(int(NOW.timestamp()) + 3600),
            at(datetime.max.replace(tzinfo=timezone.utc)),
        ],
        [
            (
                at(NOW + timedelta(hours=1)),
                "error: RestoreToTime: 2026-11-25T04:00:00+00:00 is in the future, it is 2026-11-25T03:00:00Z; give an "
                "earlier time with its zone [restore-time-future]",
            )
        ],
    ),
    "restore-time-old": Table(
        WARNING,
        [rewind(), at(NOW - timedelta(days=35)), at(NOW), at("2999-01-01T00:00:00Z")],
        [
            at(NOW - timedelta(days=35, seconds=1)),
            at("2015-03-07T23:45:00Z"),
            at(0),
            at(datetime.min.replace(tzinfo=timezone.utc)),
        ],
        [
            (
                at("2015-03-07T23:45:00Z"),
                "warning: RestoreToTime: '2015-03-07T23:45:00Z' is more than 35 days ago, longer than any cluster "
                "keeps backups; restore a snapshot instead [restore-time-old]",
            )
        ],
    ),
    "restore-time-zone": Table(
        WARNING,
        [
            rewind(),
            at(NOW),
            at(datetime(2026, 11, 25, 2, tzinfo=BERLIN)),
            at("2026-11-24T03:00:00Z"),
            at("2026-11-24T03:00:00-05:00"),
            at("20261124T030000Z"),
            at(int(NOW.timestamp())),
            at("yesterday"),
        ],
        [
            at(datetime(2026, 11, 24, 3)),
            at(datetime(2026, 11, 24, 3, fold=1)),
            at("2026-11-24T03:00:00"),
            at("2026-11-24 03:00"),
            at("2026-11-24"),
        ],
        [
            (
                at("2026-11-24T03:00:00"),
                "warning: RestoreToTime: '2026-11-24T03:00:00' has no time zone and is sent as UTC, whatever was "
                "meant; give it a zone, such as timezone.utc [restore-time-zone]",
            )
        ],
    ),
    "cluster-same-as-source": Table(
        WARNING,
        [
            named("graph", "graph-2"),
            named(arn(HERE, "graph", kind="cluster"), "graph"),
            named(arn(HERE, "graph", kind="cluster"), "graph", account_id=OTHER_ACCOUNT),
            named(arn(THERE, "graph", kind="cluster"), "graph", account_id=ACCOUNT),
            named("", ""),
        ],
        [
            named("graph", "graph"),
            named("graph", "GRAPH"),
            named(arn(HERE, "graph", kind="cluster"), "Graph", account_id=ACCOUNT),
        ],
        [
            (
                named("graph", "Graph"),
                "warning: DBClusterIdentifier: 'Graph' is the source itself; choose another name for the new cluster "
                "[cluster-same-as-source]",
            )
        ],
    ),
}
