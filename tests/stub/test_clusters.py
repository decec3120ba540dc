"""Creating, restoring and deleting clusters."""

from datetime import timedelta

import botocore.session
import pytest

from .conftest import ACCOUNT, REGION

OTHER = "210987654321"
NO_KEY = "KMSKeyNotAccessibleFault"


def cluster(identifier="graph", engine="neptune", **more):
    return {"DBClusterIdentifier": identifier, "Engine": engine, **more}


def restored(snapshot="nightly", identifier="graph", engine="neptune", **more):
    return {**cluster(identifier, engine), "SnapshotIdentifier": snapshot, **more}


MODEL = botocore.session.Session().get_service_model("neptune")
GIVEN = {
    "AvailabilityZones": [f"{REGION}f"],
    "BackupRetentionPeriod": 7,
    "CopyTagsToSnapshot": True,
    "DBClusterParameterGroupName": "mine",
    "DBSubnetGroupName": "private",
    "DatabaseName": "graph",
    "DeletionProtection": True,
    "EnableCloudwatchLogsExports": ["audit"],
    "EnableIAMDatabaseAuthentication": True,
    "EngineVersion": "1.3.2.0",
    "Port": 8183,
    "PreferredBackupWindow": "01:00-01:30",
    "PreferredMaintenanceWindow": "mon:02:00-mon:02:30",
    "ServerlessV2ScalingConfiguration": {"MinCapacity": 1.0, "MaxCapacity": 2.5},
    "StorageType": "iopt1",
}
# Neptune's model has it since 2025; the lowest supported botocore has not.
GIVEN |= (
    {"NetworkType": "IPV4"} if "NetworkType" in MODEL.operation_model("CreateDBCluster").input_shape.members else {}
)
SHOWN_AS = {
    "DBClusterParameterGroupName": "DBClusterParameterGroup",
    "DBSubnetGroupName": "DBSubnetGroup",
    "EnableCloudwatchLogsExports": "EnabledCloudwatchLogsExports",
    "EnableIAMDatabaseAuthentication": "IAMDatabaseAuthenticationEnabled",
}


def test_a_new_cluster_shows_what_it_was_given(ask):
    made = ask("CreateDBCluster", **cluster("Graph", **GIVEN), VpcSecurityGroupIds=["sg-1"])["DBCluster"]
    assert {SHOWN_AS.get(name, name): value for name, value in GIVEN.items()}.items() <= made.items()
    assert made["VpcSecurityGroups"] == [{"VpcSecurityGroupId": "sg-1", "Status": "active"}]
    assert (made["Status"], made["StorageEncrypted"], made["DBClusterIdentifier"]) == ("creating", False, "graph")
    assert "KmsKeyId" not in made
    listed = ask("DescribeDBClusters")["DBClusters"]
    assert [{**each, "LatestRestorableTime": 0} for each in listed] == [
        {**made, "LatestRestorableTime": 0, "Status": "available"}
    ]


def test_a_new_cluster_takes_its_time(make, asker):
    stub = make(create_duration=timedelta(minutes=5))
    ask = asker(stub)
    ask("CreateDBCluster", **cluster())
    deletion = {"DBClusterIdentifier": "graph", "SkipFinalSnapshot": True}
    assert ask("DescribeDBClusters")["DBClusters"][0]["Status"] == "creating"
    assert ask.refused("DeleteDBCluster", **deletion)[0] == "InvalidDBClusterStateFault"
    stub.clock.advance(minutes=5)
    assert ask("DescribeDBClusters")["DBClusters"][0]["Status"] == "available"
    ask("DeleteDBCluster", **deletion)


@pytest.mark.parametrize(
    ("more", "encrypted"),
    [
        ({}, False),
        ({"StorageEncrypted": False}, False),
        ({"StorageEncrypted": True}, True),
        ({"StorageEncrypted": True, "KmsKeyId": "alias/own"}, True),
        ({"KmsKeyId": "alias/own"}, True),
    ],
)
def test_whether_a_cluster_is_encrypted(stub, ask, more, encrypted):
    key = stub.add_kms_key(REGION, alias="own")
    made = ask("CreateDBCluster", **cluster(**more))["DBCluster"]
    assert made["StorageEncrypted"] is encrypted
    assert made.get("KmsKeyId", key).startswith(f"arn:aws:kms:{REGION}:{ACCOUNT}:key/")
    assert (made.get("KmsKeyId") == key) == ("KmsKeyId" in more)


@pytest.mark.parametrize(
    ("params", "code"),
    [
        (cluster("-"), "InvalidParameterValue"),
        (cluster(""), "InvalidParameterValue"),
        (cluster(engine="docdb"), "InvalidParameterValue"),
        (cluster("TAKEN"), "DBClusterAlreadyExistsFault"),
        (cluster(Tags=[{"Key": "a"}, {"Key": "a"}]), "InvalidParameterCombination"),
        (cluster(KmsKeyId="alias/no"), NO_KEY),
        (cluster(KmsKeyId=""), NO_KEY),
        (cluster(KmsKeyId="None"), NO_KEY),
        (cluster(KmsKeyId=f"arn:aws:kms:eu-west-1:{ACCOUNT}:alias/far"), NO_KEY),
        (cluster(KmsKeyId="alias/own", StorageEncrypted=False), "InvalidParameterCombination"),
    ],
)
@pytest.mark.parametrize("imagine", [False, True])
def test_a_cluster_that_is_not_created(make, asker, imagine, params, code):
    stub = make(imagine=imagine)
    stub.add_cluster("taken", REGION)
    stub.add_kms_key("eu-west-1", alias="far")
    if imagine and params.get("KmsKeyId") == "alias/no":
        asker(stub)("CreateDBCluster", **params)
    else:
        assert asker(stub).refused("CreateDBCluster", **params)[0] == code


def test_a_restored_cluster_takes_after_the_snapshot(stub, ask):
    key = stub.add_kms_key(REGION)
    ask(
        "CreateDBCluster", **cluster("old", EngineVersion="1.3.2.0", KmsKeyId=key, EnableIAMDatabaseAuthentication=True)
    )
    ask("CreateDBClusterSnapshot", DBClusterIdentifier="old", DBClusterSnapshotIdentifier="nightly")
    made = ask("RestoreDBClusterFromSnapshot", **restored(Tags=[{"Key": "a"}]))["DBCluster"]
    expected = {"EngineVersion": "1.3.2.0", "IAMDatabaseAuthenticationEnabled": False, "KmsKeyId": key, "Port": 8182}
    assert expected.items() <= made.items()
    assert ask.tags(made["DBClusterArn"]) == {"a": None}
    newer = ask("RestoreDBClusterFromSnapshot", **restored(identifier="b", EngineVersion="1.4.0.0", Port=9000))[
        "DBCluster"
    ]
    assert (newer["EngineVersion"], newer["Port"]) == ("1.4.0.0", 9000)


def test_a_restore_may_encrypt(stub, ask):
    key = stub.add_kms_key(REGION)
    stub.add_snapshot("nightly", REGION)
    assert ask("RestoreDBClusterFromSnapshot", **restored(KmsKeyId=key))["DBCluster"]["KmsKeyId"] == key


@pytest.mark.parametrize("grantee", [OTHER, "all"])
def test_a_shared_snapshot_is_restored_by_its_arn(stub, ask, grantee):
    arn = stub.add_snapshot("nightly", REGION, shared_with=[grantee])["DBClusterSnapshotArn"]
    theirs = ask.at(REGION, OTHER)
    assert theirs.refused("RestoreDBClusterFromSnapshot", **restored())[0] == "DBClusterSnapshotNotFoundFault"
    made = theirs("RestoreDBClusterFromSnapshot", **restored(arn))["DBCluster"]
    assert made["DBClusterArn"] == f"arn:aws:rds:{REGION}:{OTHER}:cluster:graph"


@pytest.mark.parametrize(
    ("params", "code"),
    [
        (restored("nobody"), "DBClusterSnapshotNotFoundFault"),
        (restored("-"), "InvalidParameterValue"),
        (restored(f"arn:aws:rds:eu-west-1:{ACCOUNT}:cluster-snapshot:far"), "DBClusterSnapshotNotFoundFault"),
        (restored("arn:x"), "InvalidParameterValue"),
        (restored(f"arn:aws-cn:rds:cn-north-1:{ACCOUNT}:cluster-snapshot:far"), "InvalidParameterValue"),
        (restored("creating"), "InvalidDBClusterSnapshotStateFault"),
        (restored(identifier="taken"), "DBClusterAlreadyExistsFault"),
        (restored(engine="mysql"), "InvalidParameterValue"),
        (restored(KmsKeyId="alias/no"), NO_KEY),
        (restored("locked"), NO_KEY),
    ],
)
def test_a_cluster_that_is_not_restored(stub, ask, params, code):
    stub.add_cluster("taken", REGION)
    stub.add_snapshot("nightly", REGION)
    stub.add_snapshot("far", "eu-west-1")
    stub.add_snapshot("creating", REGION, status="creating")
    stub.add_snapshot("locked", REGION, kms_key_id=stub.add_kms_key(REGION, enabled=False))
    assert ask.refused("RestoreDBClusterFromSnapshot", **params)[0] == code


def test_a_deleted_cluster_leaves_its_final_snapshot(stub, ask):
    stub.add_cluster("graph", REGION, tags={"a": "b"})
    gone = ask("DeleteDBCluster", DBClusterIdentifier="GRAPH", FinalDBSnapshotIdentifier="Last")["DBCluster"]
    assert gone["Status"] == "available"
    assert ask("DescribeDBClusters")["DBClusters"] == []
    assert ask.describe("last")["DBClusterIdentifier"] == "graph"
    ask.copy("last", "copy")


def test_a_deleted_cluster_takes_its_automated_snapshots_along(make, asker):
    stub = make(copy_duration=timedelta(hours=1))
    ask = asker(stub)
    for name in ("graph", "other"):
        stub.add_cluster(name, REGION)
        stub.add_snapshot(f"rds:{name}-2026-01-01-06-00", REGION, cluster=name)
    stub.add_snapshot("by-hand", REGION, cluster="graph")
    stub.add_snapshot("rds:graph-2026-01-01-06-00", "eu-west-1", cluster="graph")
    ask.copy("rds:graph-2026-01-01-06-00", "copy")
    ask("DeleteDBCluster", DBClusterIdentifier="graph", FinalDBSnapshotIdentifier="last")
    assert sorted(ask.listed()) == ["by-hand", "copy", "last", "rds:other-2026-01-01-06-00"]
    assert ask.describe("copy")["Status"] == "failed"
    assert ask.at("eu-west-1").listed() == ["rds:graph-2026-01-01-06-00"]


def test_a_final_snapshot_without_tags_has_none(stub, ask):
    stub.add_cluster("graph", REGION, tags={"a": "b"})
    ask("DeleteDBCluster", DBClusterIdentifier="graph", FinalDBSnapshotIdentifier="last")
    assert ask.tags(ask.describe("last")["DBClusterSnapshotArn"]) == {}


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({}, "InvalidParameterCombination"),
        ({"SkipFinalSnapshot": False}, "InvalidParameterCombination"),
        ({"SkipFinalSnapshot": True, "FinalDBSnapshotIdentifier": "last"}, "InvalidParameterCombination"),
        ({"FinalDBSnapshotIdentifier": "1"}, "InvalidParameterValue"),
        ({"FinalDBSnapshotIdentifier": "TAKEN"}, "DBClusterSnapshotAlreadyExistsFault"),
        ({"FinalDBSnapshotIdentifier": "last"}, "SnapshotQuotaExceeded"),
        ({"DBClusterIdentifier": "nobody", "SkipFinalSnapshot": True}, "DBClusterNotFoundFault"),
        ({"DBClusterIdentifier": "protected", "SkipFinalSnapshot": True}, "InvalidParameterCombination"),
    ],
)
def test_a_cluster_that_is_not_deleted(make, asker, params, code):
    stub = make(manual_snapshot_quota=1)
    ask = asker(stub)
    stub.add_cluster("graph", REGION)
    ask("CreateDBCluster", **cluster("protected", DeletionProtection=True))
    stub.add_snapshot("taken", REGION)
    assert ask.refused("DeleteDBCluster", **{"DBClusterIdentifier": "graph", **params})[0] == code
    assert len(ask("DescribeDBClusters")["DBClusters"]) == 2


def test_a_cluster_made_anew_is_not_the_one_a_snapshot_was_taken_of(make, asker):
    stub = make(create_duration=timedelta(hours=1))
    stub.clock.freeze()
    stub.add_cluster("graph", REGION)
    ask = asker(stub)
    ask("DeleteDBCluster", DBClusterIdentifier="graph", FinalDBSnapshotIdentifier="last")
    stub.clock.advance(hours=1)
    ask("CreateDBCluster", **cluster())
    assert ask.copy("last", "copy")["Status"] == "copying"


BAD_NAME = (
    "The parameter {} is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII letters,"
    " digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens."
)
UNUSABLE_KEY = "{} KMS key [{}] does not exist, is not enabled or you do not have permissions to access it."
WORDS = [
    ("CreateDBCluster", cluster("-"), BAD_NAME.format("DBClusterIdentifier")),
    ("CreateDBCluster", cluster(""), "The parameter DBClusterIdentifier must be provided and must not be blank."),
    ("CreateDBCluster", cluster(engine="docdb"), "Invalid DB engine"),
    ("CreateDBCluster", cluster("TAKEN"), "DB Cluster already exists"),
    ("CreateDBCluster", cluster(KmsKeyId="alias/no"), UNUSABLE_KEY.format("Specified", "alias/no")),
    (
        "CreateDBCluster",
        cluster(KmsKeyId="alias/own", StorageEncrypted=False),
        "KmsKeyId cannot be specified with StorageEncrypted set to false.",
    ),
    ("RestoreDBClusterFromSnapshot", restored("nobody"), "DBClusterSnapshot not found: nobody"),
    (
        "RestoreDBClusterFromSnapshot",
        restored("-"),
        "The parameter SnapshotIdentifier is not a valid identifier. Identifiers must either be an ARN or begin with a "
        "letter; must contain only ASCII letters, digits, and hyphens; and must not end with a hyphen or contain two "
        "consecutive hyphens.",
    ),
    (
        "RestoreDBClusterFromSnapshot",
        restored(""),
        "The parameter SnapshotIdentifier must be provided and must not be blank.",
    ),
    (
        "RestoreDBClusterFromSnapshot",
        restored("creating"),
        "The cluster snapshot creating is creating; a restore needs it to be available.",
    ),
    (
        "DeleteDBCluster",
        {"DBClusterIdentifier": "taken"},
        "FinalDBSnapshotIdentifier is required unless SkipFinalSnapshot is specified.",
    ),
    (
        "DeleteDBCluster",
        {"DBClusterIdentifier": "taken", "SkipFinalSnapshot": True, "FinalDBSnapshotIdentifier": "last"},
        "You cannot specify both FinalDBSnapshotIdentifier and SkipFinalSnapshot",
    ),
    (
        "DeleteDBCluster",
        {"DBClusterIdentifier": "taken", "FinalDBSnapshotIdentifier": "1"},
        BAD_NAME.format("FinalDBSnapshotIdentifier"),
    ),
    ("DeleteDBCluster", {"DBClusterIdentifier": "Nobody", "SkipFinalSnapshot": True}, "DBCluster Nobody not found"),
    (
        "DeleteDBCluster",
        {"DBClusterIdentifier": "protected", "SkipFinalSnapshot": True},
        "Cannot delete protected Cluster, please disable deletion protection and try again.",
    ),
]


@pytest.mark.parametrize(("operation", "params", "words"), WORDS)
def test_a_refusal_is_worded_like_this(stub, ask, operation, params, words):
    stub.add_cluster("taken", REGION)
    ask("CreateDBCluster", **cluster("protected", DeletionProtection=True))
    stub.add_snapshot("creating", REGION, status="creating")
    assert ask.refused(operation, **params)[1] == words


@pytest.mark.parametrize(
    "given",
    [
        f"arn:aws:kms:{REGION}:{OTHER}:alias/aws/rds",
        f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/not-alias/aws/rds",
        "alias/not-alias/aws/rds",
    ],
)
def test_only_the_callers_own_default_key_is_there_from_the_start(ask, given):
    new = {"DBClusterIdentifier": "graph", "Engine": "neptune", "StorageEncrypted": True}
    assert ask.refused("CreateDBCluster", **new, KmsKeyId=given)[0] == "KMSKeyNotAccessibleFault"
    made = ask("CreateDBCluster", **new, KmsKeyId=f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/aws/rds")["DBCluster"]
    assert ask("CreateDBCluster", **{**new, "DBClusterIdentifier": "more"})["DBCluster"]["KmsKeyId"] == made["KmsKeyId"]
