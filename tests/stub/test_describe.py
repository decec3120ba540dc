"""Listing: what is seen under which type, by whom, and page by page."""

import pytest

from neptune_guard.exceptions import NotStubbedError

from .conftest import ACCOUNT, REGION

OTHER, THIRD = "210987654321", "333333333333"
AUTOMATED = "rds:graph-2026-03-01-04-05"
NOT_FOUND = "DBClusterSnapshotNotFoundFault"


def arn(identifier, account=OTHER, region=REGION):
    return f"arn:aws:rds:{region}:{account}:cluster-snapshot:{identifier}"


@pytest.fixture
def seeded(stub, ask):
    """Some of the caller's own, some of others."""
    stub.add_snapshot("mine", REGION)
    stub.add_snapshot("mine-public", REGION, cluster="other", shared_with=["all", ACCOUNT])
    stub.add_snapshot(AUTOMATED, REGION, snapshot_type="automated")
    stub.add_snapshot("far", "eu-west-1")
    stub.add_snapshot("theirs", REGION, account_id=OTHER)
    stub.add_snapshot("for-me", REGION, account_id=OTHER, shared_with=[ACCOUNT])
    stub.add_snapshot("for-all", REGION, account_id=OTHER, cluster="other", shared_with=["all"])
    stub.add_snapshot("for-both", REGION, account_id=THIRD, shared_with=["all", ACCOUNT])
    stub.add_snapshot("far-for-all", "eu-west-1", account_id=OTHER, shared_with=["all"])
    return ask


OWN = ["mine", "mine-public", AUTOMATED]
SHARED = [arn("for-me"), arn("for-both", THIRD)]
PUBLIC = [arn("for-all"), arn("for-both", THIRD)]
LISTS = [
    ({}, OWN),
    ({"SnapshotType": "manual"}, OWN[:2]),
    ({"SnapshotType": "automated"}, OWN[2:]),
    ({"SnapshotType": "shared"}, SHARED),
    ({"SnapshotType": "public"}, ["mine-public", *PUBLIC]),
    ({"SnapshotType": "public", "IncludeShared": True}, ["mine-public", *PUBLIC]),
    ({"SnapshotType": "shared", "IncludePublic": True}, SHARED),
    ({"SnapshotType": "manual", "IncludePublic": True, "IncludeShared": True}, OWN[:2]),
    ({"SnapshotType": "automated", "IncludePublic": True, "IncludeShared": True}, OWN[2:]),
    ({"IncludeShared": True}, [*OWN, *SHARED]),
    ({"IncludePublic": True}, [*OWN, *PUBLIC]),
    ({"IncludeShared": True, "IncludePublic": True}, [*OWN, arn("for-all"), *SHARED]),
    ({"IncludeShared": False, "IncludePublic": False}, OWN),
    ({"DBClusterIdentifier": "GRAPH"}, ["mine", AUTOMATED]),
    ({"DBClusterIdentifier": f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:graph"}, ["mine", AUTOMATED]),
    ({"DBClusterIdentifier": "graph", "SnapshotType": "manual"}, ["mine"]),
    ({"DBClusterIdentifier": "graph", "SnapshotType": "public"}, [arn("for-both", THIRD)]),
    ({"DBClusterIdentifier": "other", "SnapshotType": "public"}, ["mine-public", arn("for-all")]),
    ({"DBClusterIdentifier": "graph", "IncludeShared": True}, ["mine", AUTOMATED, *SHARED]),
    ({"DBClusterIdentifier": "nobody"}, []),
    ({"Filters": [{"Name": "engine", "Values": ["neptune", "docdb"]}]}, OWN),
    ({"Filters": [{"Name": "engine", "Values": ["docdb"]}]}, []),
    ({"Filters": []}, OWN),
]


@pytest.mark.parametrize(("params", "expected"), LISTS, ids=lambda each: "-".join(map(str, each))[:60])
def test_what_a_list_holds(seeded, params, expected):
    assert sorted(seeded.listed(**params)) == sorted(expected)


def test_another_accounts_snapshot_is_shown_as_shared_or_public_under_its_arn(seeded):
    listed = seeded("DescribeDBClusterSnapshots", IncludeShared=True, IncludePublic=True)["DBClusterSnapshots"]
    shown = {each["DBClusterSnapshotIdentifier"]: each["SnapshotType"] for each in listed}
    assert shown == {
        "mine": "manual",
        "mine-public": "manual",
        AUTOMATED: "automated",
        arn("for-me"): "shared",
        arn("for-all"): "public",
        arn("for-both", THIRD): "shared",
    }
    assert all(each["DBClusterSnapshotArn"].endswith(each["DBClusterSnapshotIdentifier"]) for each in listed)


ONE = [
    ("MINE", {}, "mine"),
    (AUTOMATED, {"SnapshotType": "automated"}, AUTOMATED),
    (arn("mine", ACCOUNT), {}, "mine"),
    (arn(AUTOMATED, ACCOUNT), {}, AUTOMATED),
    ("mine-public", {"SnapshotType": "public"}, "mine-public"),
    (arn("for-me"), {}, arn("for-me")),
    (arn("for-me"), {"SnapshotType": "shared"}, arn("for-me")),
    (arn("for-both", THIRD), {"SnapshotType": "public"}, arn("for-both", THIRD)),
    ("mine", {"SnapshotType": "automated"}, None),
    ("mine", {"SnapshotType": "shared"}, None),
    ("mine", {"SnapshotType": "public"}, None),
    (AUTOMATED, {"SnapshotType": "manual"}, None),
    (arn("for-me"), {"SnapshotType": "manual"}, None),
    (arn("for-all"), {"SnapshotType": "shared"}, None),
    ("theirs", {}, None),
    (arn("theirs"), {}, None),
    (arn("far", ACCOUNT, "eu-west-1"), {}, None),
    (arn("far-for-all", OTHER, "eu-west-1"), {}, None),
]


@pytest.mark.parametrize(("given", "more", "expected"), ONE)
def test_one_by_its_name_or_arn(seeded, given, more, expected):
    params = {"DBClusterSnapshotIdentifier": given, **more}
    if expected is None:
        assert seeded.refused("DescribeDBClusterSnapshots", **params) == (
            NOT_FOUND,
            f"DBClusterSnapshot not found: {given}",
        )
    else:
        assert seeded.listed(**params) == [expected]


def test_one_of_another_engine_is_filtered_out(seeded):
    other = [{"Name": "engine", "Values": ["docdb"]}]
    assert seeded.listed(DBClusterSnapshotIdentifier="mine", Filters=other) == []


REFUSED = [
    (
        {"SnapshotType": "awsbackup"},
        "InvalidParameterValue",
        "Invalid snapshot type: awsbackup; it is one of automated, manual, shared, public.",
    ),
    (
        {"DBClusterSnapshotIdentifier": "mine", "DBClusterIdentifier": "graph"},
        "InvalidParameterCombination",
        "DBClusterIdentifier and DBClusterSnapshotIdentifier cannot be specified together.",
    ),
    ({"MaxRecords": 19}, "InvalidParameterValue", "Invalid value 19 for MaxRecords. Must be between 20 and 100"),
    ({"MaxRecords": 101}, "InvalidParameterValue", "Invalid value 101 for MaxRecords. Must be between 20 and 100"),
]


@pytest.mark.parametrize(("params", "code", "words"), REFUSED)
def test_a_list_that_cannot_be_asked_for(ask, params, code, words):
    assert ask.refused("DescribeDBClusterSnapshots", **params) == (code, words)


def test_a_filter_that_is_not_known_is_refused_by_name(stub, ask):
    for operation, known in (
        ("DescribeDBClusterSnapshots", "engine, db-cluster-id, db-cluster-snapshot-id, snapshot-type"),
        ("DescribeDBClusters", "engine, db-cluster-id"),
        ("DescribeDBInstances", "engine, db-cluster-id, db-instance-id"),
    ):
        with pytest.raises(NotStubbedError) as refusal:
            ask(operation, Filters=[{"Name": "domain", "Values": ["x"]}])
        assert str(refusal.value) == (f"the stub knows no filter 'domain' here, only {known}; filter the answer")
        assert (stub.calls[-1].operation, stub.calls[-1].error) == (operation, "NotStubbed")


@pytest.mark.parametrize(("size", "pages"), [(20, 13), (50, 5), (100, 3), (None, 3)])
def test_botocores_paginator_walks_over_all(stub, client, size, pages):
    with stub._state.transaction():
        for number in range(250):
            stub.add_snapshot(f"nightly-{number:03}", REGION)
    walk = client.get_paginator("describe_db_cluster_snapshots").paginate(PaginationConfig={"PageSize": size})
    got = [[each["DBClusterSnapshotIdentifier"] for each in page["DBClusterSnapshots"]] for page in walk]
    assert [len(page) for page in got] == [size or 100] * (pages - 1) + [250 - (size or 100) * (pages - 1)]
    assert [name for page in got for name in page] == [f"nightly-{number:03}" for number in range(250)]


@pytest.mark.parametrize("kind", ["public", None])
def test_pages_go_on_from_ones_own_to_those_of_others(stub, ask, kind):
    with stub._state.transaction():
        for number in range(130):
            stub.add_snapshot(f"yours-{number:03}", REGION, shared_with=["all"])
        for number in range(45):
            for account in (OTHER, THIRD):
                stub.add_snapshot(f"theirs-{number:03}", REGION, account_id=account, shared_with=["all", ACCOUNT])
    params = {"IncludePublic": True, "IncludeShared": True} if kind is None else {"SnapshotType": kind}
    listed = ask.listed(MaxRecords=20, **params)
    assert len(listed) == len(set(listed)) == 220
    assert listed[130] == arn("theirs-000")
    assert ask.listed(MaxRecords=20, SnapshotType="shared") == listed[130:]


def test_a_full_last_page_has_no_marker(stub, ask):
    for number in range(20):
        stub.add_snapshot(f"nightly-{number:03}", REGION)
    assert "Marker" not in ask("DescribeDBClusterSnapshots", MaxRecords=20, Marker="")


def test_clusters_are_listed_and_paged(stub, ask):
    for number in range(45):
        stub.add_cluster(f"graph-{number:02}", REGION)
    stub.add_cluster("far", "eu-west-1")
    stub.add_cluster("theirs", REGION, account_id=OTHER)
    names, marker = [], {}
    while marker is not None:
        answer = ask("DescribeDBClusters", MaxRecords=20, **marker)
        names += [each["DBClusterIdentifier"] for each in answer["DBClusters"]]
        marker = {"Marker": answer["Marker"]} if "Marker" in answer else None
    assert names == [f"graph-{number:02}" for number in range(45)]


CLUSTERS = [
    ({"DBClusterIdentifier": "GRAPH"}, ["graph"]),
    ({"DBClusterIdentifier": f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:graph"}, ["graph"]),
    ({"DBClusterIdentifier": "graph", "Filters": [{"Name": "engine", "Values": ["docdb"]}]}, []),
    ({"Filters": [{"Name": "engine", "Values": ["docdb"]}]}, []),
    ({"Filters": [{"Name": "engine", "Values": ["neptune"]}]}, ["graph", "other"]),
    ({"Filters": [{"Name": "db-cluster-id", "Values": ["Graph", "nobody"]}]}, ["graph"]),
    ({"Filters": [{"Name": "db-cluster-id", "Values": []}]}, []),
    ({"DBClusterIdentifier": "graph", "Filters": [{"Name": "db-cluster-id", "Values": ["other"]}]}, []),
    ({"Filters": [{"Name": "db-cluster-id", "Values": [f"arn:aws:rds:{REGION}:{OTHER}:cluster:other"]}]}, []),
    ({"Filters": [{"Name": "db-cluster-id", "Values": [f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:other"]}]}, ["other"]),
]


@pytest.mark.parametrize(("params", "expected"), CLUSTERS)
def test_which_clusters_are_listed(stub, ask, params, expected):
    for name in ("graph", "other"):
        stub.add_cluster(name, REGION)
    answer = ask("DescribeDBClusters", **params)["DBClusters"]
    assert [each["DBClusterIdentifier"] for each in answer] == expected


def test_named_clusters_come_in_pages_too(stub, client):
    names = [f"graph-{number:02}" for number in range(25)]
    for name in names:
        stub.add_cluster(name, REGION)
    wanted = [{"Name": "db-cluster-id", "Values": names}]
    walk = client.get_paginator("describe_db_clusters").paginate(Filters=wanted, PaginationConfig={"PageSize": 20})
    assert [[each["DBClusterIdentifier"] for each in page["DBClusters"]] for page in walk] == [names[:20], names[20:]]


ELSEWHERE = (
    f"arn:aws:rds:eu-west-1:{ACCOUNT}:cluster:graph",
    f"arn:aws:rds:{REGION}:{OTHER}:cluster:graph",
    f"arn:aws-cn:rds:{REGION}:{ACCOUNT}:cluster:graph",
    f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster-snapshot:graph",
)


@pytest.mark.parametrize("imagine", [False, True])
@pytest.mark.parametrize("given", ["no", *ELSEWHERE])
def test_a_cluster_that_does_not_exist(make, asker, imagine, given):
    ask = asker(make(imagine=imagine))
    ask.stub.add_cluster("graph", REGION)
    ask.stub.add_snapshot("nightly", REGION)
    missing = ("DBClusterNotFoundFault", f"DBCluster {given} not found")
    assert ask.refused("DescribeDBClusters", DBClusterIdentifier=given) == missing
    if given.endswith("cluster-snapshot:graph"):
        return  # the guard has a rule against it
    assert ask.listed(DBClusterIdentifier=given) == []
    if given in ELSEWHERE:
        assert ask.refused("DeleteDBCluster", DBClusterIdentifier=given, SkipFinalSnapshot=True) == missing


@pytest.mark.parametrize("operation", ["DescribeDBClusters", "DescribeDBInstances"])
def test_a_page_that_is_too_small_or_too_large(ask, operation):
    for size in (19, 101):
        words = f"Invalid value {size} for MaxRecords. Must be between 20 and 100"
        assert ask.refused(operation, MaxRecords=size) == ("InvalidParameterValue", words)


FILTERED = [
    ({"Name": "engine", "Values": ["neptune"]}, 251),
    ({"Name": "engine", "Values": ["docdb"]}, 0),
    ({"Name": "db-cluster-id", "Values": ["Other", "no"]}, 1),
    ({"Name": "db-cluster-id", "Values": [f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:other"]}, 1),
    ({"Name": "db-cluster-snapshot-id", "Values": ["theirs", "Z-Last", arn("theirs")]}, 2),
    ({"Name": "snapshot-type", "Values": ["automated"]}, 1),
    ({"Name": "snapshot-type", "Values": ["shared", "automated"]}, 121),
]


@pytest.mark.parametrize(("wanted", "count"), FILTERED)
def test_filters_leave_what_they_name_however_far_away_it_is(stub, ask, wanted, count):
    with stub._state.transaction():
        for number in range(129):
            stub.add_snapshot(f"mine-{number:03}", REGION)
        stub.add_snapshot("rds:graph-2026-03-01-04-05", REGION, cluster="graph")
        stub.add_snapshot("z-last", REGION, cluster="other")
        for number in range(119):
            stub.add_snapshot(f"shared-{number:03}", REGION, account_id=OTHER, shared_with=[ACCOUNT])
        stub.add_snapshot("theirs", REGION, account_id=OTHER, shared_with=[ACCOUNT])
    assert len(ask.listed(Filters=[wanted], IncludeShared=True)) == count
    assert len(ask.listed(Filters=[wanted], IncludeShared=True, MaxRecords=20)) == count


def test_a_snapshot_type_counts_in_any_case(stub, ask):
    """The guard warns of it (OPERATIONS: compared without case)."""
    stub.add_snapshot("nightly", REGION)
    for given in ({}, {"DBClusterSnapshotIdentifier": "nightly"}):
        found = ask("DescribeDBClusterSnapshots", SnapshotType="Manual", **given)["DBClusterSnapshots"]
        assert [each["DBClusterSnapshotIdentifier"] for each in found] == ["nightly"]
