"""What a test puts into the stub, and what it is told about mistakes."""

from datetime import datetime, timedelta, timezone

import pytest

from neptune_guard.exceptions import ConfigurationError

from .conftest import ACCOUNT, REGION

OTHER = "210987654321"


def test_a_snapshot_as_it_was_added(stub, ask):
    created = datetime(2026, 3, 1, tzinfo=timezone.utc)
    stub.clock.move_to(created - timedelta(days=1))
    cluster = stub.add_cluster("graph", REGION)
    key = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/6f5902ac-237b-42b0-b5a0-5a1b8d2e1a4c"
    seeded = stub.add_snapshot(
        "Nightly", REGION, cluster="GRAPH", created=created, kms_key_id=key, status="failed", shared_with=[OTHER, OTHER]
    )
    expected = {
        "DBClusterSnapshotIdentifier": "nightly",
        "DBClusterIdentifier": "graph",
        "SnapshotCreateTime": created,
        "ClusterCreateTime": cluster["ClusterCreateTime"],
        "KmsKeyId": key,
        "Status": "failed",
        "SnapshotType": "manual",
    }
    assert expected.items() <= seeded.items()
    assert ask.describe("nightly") == seeded
    assert stub.calls[0].operation == "DescribeDBClusterSnapshots"


def test_a_cluster_as_it_was_added(stub, ask):
    seeded = stub.add_cluster("Graph", REGION, kms_key_id="alias/own", tags={"a": "b"})
    assert (seeded["Status"], seeded["DBClusterIdentifier"]) == ("available", "graph")
    assert ask.tags(seeded["DBClusterArn"]) == {"a": "b"}
    listed = ask("DescribeDBClusters")["DBClusters"][0]
    assert {**listed, "LatestRestorableTime": seeded["LatestRestorableTime"]} == seeded


def test_of_several_partitions(stub):
    seeded = stub.add_snapshot("nightly", "cn-north-1", kms_key_id="alias/own")
    assert seeded["DBClusterSnapshotArn"].startswith("arn:aws-cn:rds:cn-north-1:")
    assert seeded["KmsKeyId"].startswith("arn:aws-cn:kms:cn-north-1:")


def test_no_quota_applies(make):
    assert make(manual_snapshot_quota=0).add_snapshot("nightly", REGION)["Status"] == "available"


def twice(method, *arguments):
    def add(stub):
        method(stub)(*arguments)
        method(stub)(*arguments)

    return add


MISTAKES = [
    (twice(lambda stub: stub.add_cluster, "graph", REGION), "the cluster 'graph' exists in us-east-1 already"),
    (twice(lambda stub: stub.add_snapshot, "nightly", REGION), "the snapshot 'nightly' exists in us-east-1 already"),
    (twice(lambda stub: stub.add_kms_key, REGION, "dr"), "the alias 'dr' exists in us-east-1 already"),
    (lambda stub: stub.add_cluster("1graph", REGION), "'1graph' cannot be added: The parameter DBClusterIdentifier"),
    (lambda stub: stub.add_cluster(None, REGION), "None cannot be added"),
    (lambda stub: stub.add_cluster("graph", ""), "region is ''; give the name of a Region"),
    (lambda stub: stub.add_snapshot("nightly", None), "region is None; give the name of a Region"),
    (lambda stub: stub.add_cluster("graph", REGION, account_id="1"), "account_id is '1'; give twelve digits"),
    (lambda stub: stub.add_cluster("graph", REGION, tags={"aws:x": "y"}), "Tag keys cannot start with the reserved"),
    (lambda stub: stub.add_snapshot("a--b", REGION), "'a--b' cannot be added"),
    (lambda stub: stub.add_snapshot("", REGION), "'' cannot be added"),
    (
        lambda stub: stub.add_snapshot(f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster-snapshot:x", REGION),
        "cannot be added: give the name of a snapshot, not its ARN",
    ),
    (lambda stub: stub.add_snapshot("x", REGION, cluster="-"), "'-' cannot be added: The parameter DBClusterIdent"),
    (
        lambda stub: stub.add_snapshot("x", REGION, snapshot_type="shared"),
        "snapshot_type is 'shared'; give one of manual, automated",
    ),
    (lambda stub: stub.add_snapshot("x", REGION, status=None), "status is None; give one of available, copying"),
    (lambda stub: stub.add_snapshot("x", REGION, status=""), "status is ''; give one of available"),
    (lambda stub: stub.add_snapshot("x", REGION, tags={"a": 1}), "cannot be added"),
    (lambda stub: stub.add_snapshot("x", REGION, kms_key_id="None"), "'None' cannot be added: Specified KMS key"),
    (
        lambda stub: stub.add_snapshot("x", REGION, kms_key_id=f"arn:aws:kms:eu-west-1:{ACCOUNT}:alias/x"),
        "cannot be added: Specified KMS key",
    ),
    (lambda stub: stub.add_snapshot("x", REGION, created=datetime(2026, 3, 1)), "created is .* has no time zone"),
    (lambda stub: stub.add_snapshot("x", REGION, created="2026-03-01"), "created has type str; give a datetime"),
    (
        lambda stub: stub.add_snapshot("x", REGION, shared_with=["everybody"]),
        "account_id is 'everybody'; give twelve digits",
    ),
    (lambda stub: stub.add_snapshot("x", REGION, shared_with=OTHER), "shared_with is '210987654321'; give a list"),
    (lambda stub: stub.add_kms_key(REGION, alias="not an alias"), "'alias/not an alias' cannot be added"),
    (lambda stub: stub.add_kms_key("", alias="x"), "region is ''"),
    (lambda stub: stub.add_kms_key(REGION, enabled="no"), "enabled is 'no'; give True or False"),
    (lambda stub: stub.add_kms_key(REGION, account_id=5), "account_id is 5; give twelve digits"),
    (lambda stub: stub.add_kms_key(REGION, alias=["dr"]), "alias is a list of 1 item; give a str"),
    (lambda stub: stub.add_kms_key(REGION, alias="\ud800"), r"alias is '\\ud800'; give a str"),
    (lambda stub: stub.add_snapshot("x", REGION, shared_with=5), "shared_with is 5; give a list"),
    (
        lambda stub: stub.add_snapshot("x", REGION, shared_with=[["all"]]),
        "account_id is a list of 1 item; give twelve digits",
    ),
    (lambda stub: stub.add_snapshot("x", REGION, status=["available"]), "status is a list of 1 item; give one of"),
    (
        lambda stub: stub.add_instance("x", REGION, cluster="\ud800"),
        r"cluster is '\\ud800'; give the name of a cluster",
    ),
    (lambda stub: stub.add_instance("x", REGION, cluster=None), "cluster is None; give the name of a cluster"),
    (lambda stub: stub.fail(["CopyDBClusterSnapshot"], "Throttling"), "operation is a list of 1 item; give a str"),
    (lambda stub: stub.fail("CopyDBClusterSnapshot", {}), "code is <dict>; give a str"),
    (lambda stub: stub.fail("CopyDBClusterSnapshot", "Throttling", message="\ud800"), "message is .*; give a str"),
    (
        lambda stub: stub.fail("CopyDBClusterSnapshot", "Throttling", message=10**5000),
        "message is <int of .*; give a str",
    ),
    (lambda stub: stub.describe_key(None, region=REGION), "key_id is None; give a str"),
    (lambda stub: stub.describe_key("alias/x", region="\ud800"), "region is .*; give the name of a Region"),
    (lambda stub: stub.describe_key("alias/x", region=REGION, account_id="1"), "account_id is '1'; give twelve digits"),
]


CLUSTERS = [
    ("nightly", {}, "graph"),
    ("nightly", {"cluster": "Orders"}, "orders"),
    ("rds:orders-2026-05-04-03-00", {"cluster": "renamed"}, "renamed"),
    ("rds:orders", {}, "graph"),
    ("rds:orders-2026-05-04-03-00", {}, "orders"),
    ("rds:orders-2026-13-04-03-00", {}, "graph"),
]


@pytest.mark.parametrize(("identifier", "given", "cluster"), CLUSTERS)
def test_the_cluster_of_a_snapshot(stub, identifier, given, cluster):
    assert stub.add_snapshot(identifier, REGION, **given)["DBClusterIdentifier"] == cluster


@pytest.mark.parametrize(("mistake", "words"), MISTAKES, ids=[words[:30] for _, words in MISTAKES])
def test_a_mistake_is_told_and_changes_nothing(stub, ask, mistake, words):
    with pytest.raises(ConfigurationError, match=words):
        mistake(stub)
    assert ask.listed() == (["nightly"] if "'nightly' exists" in words else [])
    stub.add_kms_key("eu-west-1", alias="dr")


def test_a_key_may_be_named_in_several_ways_and_is_one(stub):
    key = stub.add_kms_key(REGION, alias="alias/dr")
    given = ("alias/dr", key, key.rpartition("/")[2], f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/dr")
    snapshots = [stub.add_snapshot(f"x-{number}", REGION, kms_key_id=name) for number, name in enumerate(given)]
    assert {each["KmsKeyId"] for each in snapshots} == {key}


def test_a_snapshot_of_an_encrypted_cluster_is_encrypted_with_its_key(stub):
    key, other = stub.add_kms_key(REGION), stub.add_kms_key(REGION)
    stub.add_cluster("graph", REGION, kms_key_id=key)
    assert stub.add_snapshot("a", REGION, cluster="graph")["KmsKeyId"] == key
    assert stub.add_snapshot("b", REGION, cluster="graph", kms_key_id=other)["KmsKeyId"] == other


def test_no_snapshot_is_older_than_its_cluster(stub):
    created = stub.add_cluster("graph", REGION)["ClusterCreateTime"]
    for moment, expected in ((created - timedelta(days=1), created - timedelta(days=1)), (stub.now(), created)):
        shown = stub.add_snapshot(f"at-{moment:%d}", REGION, created=moment)
        assert (shown["ClusterCreateTime"], shown["SnapshotCreateTime"]) == (expected, moment)
