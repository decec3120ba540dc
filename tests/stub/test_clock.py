"""The virtual clock: moved, frozen, shared, and ticking."""

import time
from datetime import datetime, timedelta, timezone, tzinfo

import pytest

from neptune_guard.exceptions import ConfigurationError

from .conftest import REGION

NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)


class Zone(tzinfo):
    """A time zone that answers what it was given, sound or not."""

    def __init__(self, offset):
        self.offset = offset

    def utcoffset(self, moment):
        return self.offset


def test_it_shows_the_time_until_it_is_moved(stub):
    before = datetime.now(timezone.utc)
    shown = stub.clock.now()
    assert before - timedelta(milliseconds=1) < shown <= datetime.now(timezone.utc)
    assert shown.microsecond % 1000 == 0
    assert shown.tzinfo is timezone.utc
    assert stub.clock.advance(days=1) >= shown + timedelta(days=1)
    assert NOON <= stub.clock.move_to(NOON) <= stub.clock.now() < NOON + timedelta(minutes=1)


def test_a_frozen_clock_moves_only_when_it_is_moved(stub):
    frozen = stub.clock.freeze()
    assert stub.clock.now() == frozen
    assert stub.clock.advance(hours=1, minutes=2.5) == frozen + timedelta(hours=1, minutes=2.5) == stub.clock.now()
    elsewhere = NOON.astimezone(timezone(timedelta(hours=5)))
    assert stub.clock.move_to(elsewhere) == NOON == stub.clock.now() == stub.clock.freeze()


def test_a_frozen_clock_shows_whole_milliseconds_and_adds_up_what_is_less(stub):
    frozen = stub.clock.freeze()
    assert stub.clock.advance(microseconds=500) == frozen == stub.clock.now()
    assert stub.clock.advance(microseconds=500) == frozen + timedelta(milliseconds=1) == stub.clock.now()
    stub.clock.advance(microseconds=1500)
    assert stub.clock.move_to(NOON) == NOON == stub.clock.now()


def test_a_time_that_is_shown_can_be_restored_to(stub, ask):
    stub.clock.freeze()
    stub.clock.advance(microseconds=500)
    shown = stub.add_cluster("graph", REGION)["EarliestRestorableTime"]
    ask(
        "RestoreDBClusterToPointInTime",
        DBClusterIdentifier="rewound",
        SourceDBClusterIdentifier="graph",
        RestoreToTime=shown,
    )


def test_two_stubs_on_one_file_see_the_same_time(make, state):
    first, second = make(state), make(state)
    first.clock.move_to(NOON)
    assert second.clock.now() - NOON < timedelta(minutes=1)
    assert second.clock.freeze() == first.clock.now()
    second.clock.advance(weeks=1)
    assert first.clock.now() == second.clock.now()


def test_every_request_ticks(make, asker):
    stub = make(tick=timedelta(minutes=4), copy_duration=timedelta(minutes=10))
    start = stub.clock.freeze()
    stub.add_snapshot("nightly", REGION)
    ask = asker(stub)
    assert stub.clock.now() == start
    progress = [ask.copy("nightly", "copy")["PercentProgress"]]
    while progress[-1] < 100:
        progress.append(ask.describe("copy")["PercentProgress"])
    assert progress == [0, 40, 80, 100]
    assert stub.clock.now() == start + 4 * timedelta(minutes=4)
    ask.refused("CopyDBClusterSnapshot", SourceDBClusterSnapshotIdentifier="no")
    assert stub.clock.now() == start + 5 * timedelta(minutes=4)


def test_what_took_no_time_stays_available_when_the_clock_is_moved_back(stub, ask):
    stub.add_cluster("graph", REGION)
    stub.add_snapshot("nightly", REGION)
    later = stub.add_snapshot("later", REGION, created=stub.clock.now() + timedelta(days=1))
    assert later["Status"] == "available"
    ask.copy("later", "copy")
    stub.clock.move_to(NOON - timedelta(days=3650))
    listed = ask("DescribeDBClusterSnapshots")["DBClusterSnapshots"]
    assert {(each["Status"], each["PercentProgress"]) for each in listed} == {("available", 100)}
    assert ask("DescribeDBClusters")["DBClusters"][0]["Status"] == "available"


def test_a_copy_that_has_not_begun_yet_has_no_progress(make, asker):
    stub = make(copy_duration=timedelta(hours=1))
    stub.add_snapshot("nightly", REGION)
    ask = asker(stub)
    ask.copy("nightly", "copy")
    stub.clock.move_to(NOON - timedelta(days=3650))
    assert (ask.describe("copy")["Status"], ask.describe("copy")["PercentProgress"]) == ("copying", 0)


@pytest.mark.parametrize(
    ("use", "words"),
    [
        (lambda clock: clock.advance(minutes=-1), "the advance is negative; time moves forward only"),
        (lambda clock: clock.advance(years=1), "cannot be advanced by {'years': 1}"),
        (lambda clock: clock.advance(days="1"), "cannot be advanced by"),
        (lambda clock: clock.advance(days=float("nan")), "cannot be advanced by"),
        (lambda clock: clock.advance(days=10**12), "cannot be advanced by"),
        (lambda clock: clock.advance(days=365 * 9000), "cannot be moved out of the years 1 to 9999"),
        (lambda clock: clock.move_to(datetime(2026, 3, 1, tzinfo=Zone(None))), "has no time zone; add"),
        (lambda clock: clock.move_to(datetime(2026, 3, 1, tzinfo=Zone("x"))), "has a time zone that fails; give one"),
        (lambda clock: clock.move_to(datetime(2026, 3, 1, tzinfo=Zone(timedelta(99)))), "has a time zone that fails"),
        (lambda clock: clock.move_to(datetime(2026, 3, 1)), "has no time zone; add tzinfo=timezone.utc"),
        (lambda clock: clock.move_to(NOON.timestamp()), "the time has type float; give a datetime with a time zone"),
        (lambda clock: clock.move_to("2026-03-01"), "the time has type str"),
    ],
)
def test_a_move_that_makes_no_sense_is_refused_and_moves_nothing(stub, use, words):
    frozen = stub.clock.freeze()
    with pytest.raises(ConfigurationError) as refusal:
        use(stub.clock)
    assert words in str(refusal.value)
    assert stub.clock.now() == frozen


FIRST, LAST = datetime(1, 1, 1, tzinfo=timezone.utc), datetime.max.replace(tzinfo=timezone.utc)
MOMENTS = [FIRST, LAST, NOON, "9999-12-31T23:59:59-14:00", "0001-01-01T00:00:00+14:00", datetime.min, datetime.max]


@pytest.mark.parametrize("present", [FIRST, FIRST + timedelta(minutes=4), LAST - timedelta(minutes=4), LAST])
@pytest.mark.parametrize("where", [None, "state.db"])
def test_the_clock_may_stand_at_either_end_of_the_calendar(make, asker, tmp_path, where, present):
    durations = dict.fromkeys(("create_duration", "copy_duration"), timedelta(days=3_000_000))
    stub = make(where and tmp_path / where, **durations)
    stub.clock.freeze()
    shown = stub.clock.move_to(present)
    stub.add_cluster("graph", REGION)
    stub.add_snapshot("nightly", REGION)
    ask = asker(stub)
    rewound = {"DBClusterIdentifier": "rewound", "SourceDBClusterIdentifier": "graph"}
    for moment in MOMENTS:
        ask.answer("RestoreDBClusterToPointInTime", **rewound, RestoreToTime=moment)
    assert len(stub.calls) == len(MOMENTS)
    ask("RestoreDBClusterToPointInTime", **{**rewound, "DBClusterIdentifier": "more"}, RestoreToTime=shown)
    ask.copy("nightly", "copy")
    ask("CreateDBCluster", DBClusterIdentifier="new", Engine="neptune", BackupRetentionPeriod=35)
    ask("DeleteDBCluster", DBClusterIdentifier="graph", FinalDBSnapshotIdentifier="final")
    ask("DescribeDBClusters")
    assert ask.listed() == ["copy", "final", "nightly"]


def test_a_clock_that_ran_out_of_the_calendar_can_be_set_again(make, asker, state):
    stub = make(state)
    stub.clock.move_to(LAST)
    time.sleep(0.002)
    for use in (stub.now, stub.add_kms_key, asker(stub).listed, lambda: stub.add_cluster("graph", REGION)):
        with pytest.raises(ConfigurationError, match="the clock cannot be moved out of the years 1 to 9999"):
            use()
    stub.clock.move_to(NOON)
    stub.add_kms_key()
    assert asker(stub).listed() == []
