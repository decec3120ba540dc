"""What a dry run asks, and that it asks nothing else."""

import pytest

from neptune_guard import dry_run, register
from tests.dry_run.builders import (
    AUTOMATED,
    AWAY,
    HOME,
    OTHER,
    OWN,
    Service,
    arn,
    beside,
    outcomes,
    reasons,
    request,
    seeded,
    shown,
)


def asked(stub):
    """Return the listings of snapshots that a stub answered: Region, and what was given."""
    assert {call.operation for call in stub.calls} <= {"DescribeDBClusterSnapshots", "DescribeDBClusters"}
    return [(call.region, call.params) for call in stub.calls if call.operation == "DescribeDBClusterSnapshots"]


@pytest.mark.parametrize(("seed", "expected"), [(seeded(), 1), (seeded(account_id=OTHER, shared_with=[OWN]), 0)])
def test_the_cluster_of_the_callers_own_source_is_asked_for(look, stub, seed, expected):
    seed(stub)
    look(request(arn(account=OTHER) if expected == 0 else arn()), account_id=OWN)
    asked_for = [(call.region, call.params) for call in stub.calls if call.operation == "DescribeDBClusters"]
    assert asked_for == [(HOME, {"DBClusterIdentifier": "graph"})] * expected


MANUAL = (AWAY, {"SnapshotType": "manual"})
ASKS = {
    "a source beside is in the one listing": (beside(), request("nightly"), {}, []),
    "so is one that is not there": (seeded(), request("nightly"), {}, []),
    "another Region is asked for the name": (
        seeded(),
        request(),
        {},
        [(HOME, {"DBClusterSnapshotIdentifier": "nightly"})],
    ),
    "an automated one needs its type": (
        lambda stub: stub.add_snapshot(AUTOMATED, HOME, snapshot_type="automated"),
        request(arn(AUTOMATED)),
        {},
        [(HOME, {"DBClusterSnapshotIdentifier": AUTOMATED, "SnapshotType": "automated"})],
    ),
    "an automated one is not shared": (
        lambda stub: None,
        request(arn(AUTOMATED)),
        {},
        [(HOME, {"DBClusterSnapshotIdentifier": AUTOMATED, "SnapshotType": "automated"})],
    ),
    "the caller's own is not among shared ones": (
        lambda stub: None,
        request(),
        {"account_id": OWN},
        [(HOME, {"DBClusterSnapshotIdentifier": "nightly"})],
    ),
    "another account's is not among the caller's": (
        seeded(account_id=OTHER, shared_with=[OWN]),
        request(arn(account=OTHER)),
        {"account_id": OWN},
        [(HOME, {"DBClusterSnapshotIdentifier": arn(account=OTHER), "IncludeShared": True, "IncludePublic": True})],
    ),
    "where the owner is not known all is asked": (
        lambda stub: None,
        request(arn(account=OTHER)),
        {},
        [
            (HOME, {"DBClusterSnapshotIdentifier": "nightly"}),
            (HOME, {"DBClusterSnapshotIdentifier": arn(account=OTHER), "IncludeShared": True, "IncludePublic": True}),
            (HOME, {"SnapshotType": "shared"}),
        ],
    ),
    "an unsound source is not asked for": (lambda stub: None, request("a--b"), {}, []),
}


@pytest.mark.parametrize(("seed", "params", "options", "expected"), ASKS.values(), ids=ASKS)
def test_no_more_is_asked_than_has_to_be(look, stub, seed, params, options, expected):
    seed(stub)
    look(params, **options)
    assert asked(stub) == [MANUAL, *expected]


def test_every_page_of_the_destination_is_read(look, stub):
    for index in range(250):
        stub.add_snapshot(f"old-{index:03}", AWAY)
    report = look(request("old-249", "OLD-248"))
    assert [each.get("Marker") for _, each in asked(stub)] == [None, "old-099", "old-199"]
    assert (outcomes(report)["source found"], outcomes(report)["target free"]) == ("passed", "failed")
    assert reasons(report)["snapshot quota"].startswith("manual snapshots in us-west-2: 250")


def third_page(params):
    pages = {
        None: {"DBClusterSnapshots": [shown("one")], "Marker": "a"},
        "a": {"DBClusterSnapshots": [], "Marker": "b"},
        "b": {"DBClusterSnapshots": [shown(SnapshotType="shared")]},
    }
    return pages[params.get("Marker")]


@pytest.mark.parametrize(
    "by_arn", [{"DBClusterSnapshots": []}, "DBClusterSnapshotNotFoundFault", "InvalidParameterValue"]
)
def test_every_page_of_the_shared_ones_is_read(host, by_arn):
    service = Service(name="DBClusterSnapshotNotFoundFault", arn=by_arn, shared=third_page)
    client = host.client()
    register(client, stub=service)
    report = host.wait(dry_run(client, **request(arn(account=OTHER))))
    assert service.asked == [
        (AWAY, "manual", None),
        (HOME, "name", None),
        (HOME, "arn", None),
        *((HOME, "shared", marker) for marker in (None, "a", "b")),
    ]
    assert report.ok


def test_a_marker_that_comes_again_ends_the_listing(host):
    service = Service(manual={"DBClusterSnapshots": [], "Marker": "again"})
    client = host.client()
    register(client, stub=service)
    host.wait(dry_run(client, **request("nightly")))
    assert service.asked == [(AWAY, "manual", None), (AWAY, "manual", "again")]
