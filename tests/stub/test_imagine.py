"""A stub that imagines makes up sources, clusters and keys; nothing else."""

from datetime import datetime, timezone

import pytest

from .conftest import ACCOUNT, REGION

OTHER = "210987654321"


@pytest.fixture
def stub(make):
    return make(imagine=True, manual_snapshot_quota=3)


def arn(name, region=REGION, account=ACCOUNT):
    return f"arn:aws:rds:{region}:{account}:cluster-snapshot:{name}"


@pytest.mark.parametrize(
    "source",
    [
        "nightly",
        "rds:graph-2026-03-01-04-05",
        "awsbackup:job-1",
        arn("nightly"),
        arn("nightly", "eu-west-1"),
        arn("nightly", "eu-west-1", OTHER),
    ],
)
@pytest.mark.parametrize("key", [{}, {"KmsKeyId": "alias/dr"}, {"KmsKeyId": f"arn:aws:kms:{REGION}:{OTHER}:alias/dr"}])
def test_any_source_and_key_will_do(ask, source, key):
    copy = ask.copy(source, "copy", **key)
    assert (copy["StorageEncrypted"], copy["IAMDatabaseAuthenticationEnabled"]) == (bool(key), False)
    assert copy["SourceDBClusterSnapshotArn"] == (source if source.startswith("arn:") else arn(source))
    again = ask.copy(source, "again", **key)
    assert again == {**copy, **{name: again[name] for name in ("DBClusterSnapshotIdentifier", "DBClusterSnapshotArn")}}


def test_an_automated_source_is_of_the_cluster_and_time_in_its_name(ask):
    copy = ask.copy("rds:My-Graph-2026-03-01-04-05", "copy")
    assert copy["DBClusterIdentifier"] == "my-graph"
    assert copy["SnapshotCreateTime"] == datetime(2026, 3, 1, 4, 5, tzinfo=timezone.utc)
    assert ask.describe("rds:my-graph-2026-03-01-04-05")["SnapshotType"] == "automated"
    assert ask.copy("rds:graph-2026-99-01-04-05", "odd")["DBClusterIdentifier"] == "imagined"


def test_a_source_is_made_up_where_it_is_said_to_be(ask):
    ask.copy(arn("nightly", "eu-west-1", OTHER), "copy", KmsKeyId="alias/dr")
    made_up = ask.at("eu-west-1", OTHER).describe("nightly")
    assert (made_up["SnapshotType"], made_up["DBClusterIdentifier"]) == ("manual", "imagined")
    assert made_up["KmsKeyId"].startswith(f"arn:aws:kms:eu-west-1:{OTHER}:key/")
    assert ask.at("eu-west-1", OTHER).listed(SnapshotType="manual") == ["nightly"]
    assert ask.at("eu-west-1", OTHER).tags(arn("nightly", "eu-west-1", OTHER)) == {}


def test_what_was_imagined_does_not_count_towards_the_quota(ask):
    for number in range(3):
        ask.copy(f"nightly-{number}", f"copy-{number}")
    assert ask.copy_refused("nightly-3", "copy-3")[0] == "SnapshotQuotaExceeded"


def test_what_was_added_is_not_imagined(stub, ask):
    stub.add_snapshot("nightly", REGION, kms_key_id=stub.add_kms_key(REGION, enabled=False))
    stub.add_snapshot("theirs", REGION, account_id=OTHER)
    stub.add_kms_key(REGION, alias="off", enabled=False)
    assert ask.copy_refused("nightly", "copy")[0] == "KMSKeyNotAccessibleFault"
    assert ask.copy_refused("another", "copy", KmsKeyId="alias/off")[0] == "KMSKeyNotAccessibleFault"
    assert ask.copy_refused(arn("theirs", account=OTHER), "copy")[0] == "DBClusterSnapshotNotFoundFault"


def test_clusters_and_snapshots_to_restore_are_made_up(ask):
    ask("CreateDBClusterSnapshot", DBClusterSnapshotIdentifier="one", DBClusterIdentifier="Graph")
    ask("DeleteDBCluster", DBClusterIdentifier="other", FinalDBSnapshotIdentifier="two")
    restored = {"SnapshotIdentifier": "nightly", "Engine": "neptune"}
    ask("RestoreDBClusterFromSnapshot", DBClusterIdentifier="new", **restored, KmsKeyId="alias/dr")
    ask("CreateDBCluster", DBClusterIdentifier="newer", Engine="neptune", KmsKeyId="alias/dr")
    restored = {"SnapshotIdentifier": "weekly", "Engine": "neptune"}
    clear = ask("RestoreDBClusterFromSnapshot", DBClusterIdentifier="newest", **restored)["DBCluster"]
    assert clear["StorageEncrypted"] is False
    ask("DeleteDBCluster", DBClusterIdentifier="newest", SkipFinalSnapshot=True)
    clusters = ask("DescribeDBClusters")["DBClusters"]
    assert (clusters[0]["IAMDatabaseAuthenticationEnabled"], clusters[0]["CopyTagsToSnapshot"]) == (False, False)
    names = [each["DBClusterIdentifier"] for each in clusters]
    assert names == ["graph", "new", "newer"]


@pytest.mark.parametrize(
    ("operation", "params", "code"),
    [
        (
            "DescribeDBClusterSnapshots",
            {"DBClusterSnapshotIdentifier": "nightly"},
            "DBClusterSnapshotNotFoundFault",
        ),
        ("DeleteDBClusterSnapshot", {"DBClusterSnapshotIdentifier": "nightly"}, "DBClusterSnapshotNotFoundFault"),
        (
            "DescribeDBClusterSnapshotAttributes",
            {"DBClusterSnapshotIdentifier": "nightly"},
            "DBClusterSnapshotNotFoundFault",
        ),
        ("DescribeDBClusters", {"DBClusterIdentifier": "graph"}, "DBClusterNotFoundFault"),
        ("ListTagsForResource", {"ResourceName": arn("nightly")}, "DBSnapshotNotFound"),
        (
            "RestoreDBClusterFromSnapshot",
            {
                "DBClusterIdentifier": "a",
                "SnapshotIdentifier": arn("nightly", "eu-west-1"),
                "Engine": "neptune",
            },
            "DBClusterSnapshotNotFoundFault",
        ),
        ("CreateDBClusterSnapshot", {"DBClusterSnapshotIdentifier": "one", "DBClusterIdentifier": "-"}, None),
        ("DeleteDBCluster", {"DBClusterIdentifier": "a b", "SkipFinalSnapshot": True}, None),
        (
            "RestoreDBClusterFromSnapshot",
            {"DBClusterIdentifier": "a", "SnapshotIdentifier": "arn:aws:rds:x", "Engine": "neptune"},
            None,
        ),
        (
            "RestoreDBClusterFromSnapshot",
            {"DBClusterIdentifier": "a", "SnapshotIdentifier": arn("a--b"), "Engine": "neptune"},
            None,
        ),
    ],
)
def test_what_is_merely_looked_at_or_malformed_is_not_made_up(ask, operation, params, code):
    found, _ = ask.refused(operation, **params)
    assert found == code or (code is None and found)


def test_a_cluster_of_no_sound_name_is_refused_under_its_parameters_name(ask):
    _, words = ask.refused("CreateDBClusterSnapshot", DBClusterSnapshotIdentifier="one", DBClusterIdentifier="-")
    assert words.startswith("The parameter DBClusterIdentifier is not a valid identifier. ")
    assert ask.listed() == []
    assert ask("DescribeDBClusters")["DBClusters"] == []
