"""Restoring from a snapshot and to a point in time."""

from datetime import datetime, timedelta, timezone

import pytest

from .conftest import ACCOUNT, REGION

OTHER = "210987654321"
NOON = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)


def restored(snapshot="nightly", identifier="restored", **more):
    return {"DBClusterIdentifier": identifier, "Engine": "neptune", "SnapshotIdentifier": snapshot, **more}


def rewound(source="graph", identifier="rewound", **more):
    return {"DBClusterIdentifier": identifier, "SourceDBClusterIdentifier": source, **more}


# ---------------------------------------------------------------------- from a snapshot

INHERITED = [
    ({}, {}, {"Port": 8182}),
    ({"Port": 9000}, {}, {"Port": 9000}),
    ({"Port": 9000}, {"Port": 9001}, {"Port": 9001}),
    ({"StorageType": "iopt1"}, {}, {"StorageType": "iopt1"}),
    ({"StorageType": "iopt1"}, {"StorageType": "standard"}, {"StorageType": None}),
    ({"StorageType": "standard"}, {}, {"StorageType": None}),
    ({"EngineVersion": "1.3.2.0"}, {}, {"EngineVersion": "1.3.2.0", "DBClusterParameterGroup": "default.neptune1.3"}),
    ({"EnableIAMDatabaseAuthentication": True}, {}, {"IAMDatabaseAuthenticationEnabled": False}),
    (
        {"EnableIAMDatabaseAuthentication": True},
        {"EnableIAMDatabaseAuthentication": True},
        {"IAMDatabaseAuthenticationEnabled": True},
    ),
]


@pytest.mark.parametrize(("created", "given", "expected"), INHERITED)
def test_what_a_restored_cluster_takes_over(ask, created, given, expected):
    ask("CreateDBCluster", DBClusterIdentifier="graph", Engine="neptune", **created)
    ask("CreateDBClusterSnapshot", DBClusterIdentifier="graph", DBClusterSnapshotIdentifier="own")
    assert ask.describe("own")["Port"] == 0
    ask.copy("own", "nightly")
    for cluster in (
        ask("RestoreDBClusterFromSnapshot", **restored(**given))["DBCluster"],
        ask("RestoreDBClusterToPointInTime", **rewound(UseLatestRestorableTime=True, **given))["DBCluster"],
    ):
        assert {name: cluster.get(name) for name in expected} == expected


def test_a_snapshot_that_was_added_takes_after_its_cluster(stub, ask):
    stub.add_cluster("graph", REGION, port=9000, engine_version="1.2.1.0", storage_type="iopt1")
    assert stub.add_snapshot("nightly", REGION)["StorageType"] == "iopt1"
    cluster = ask("RestoreDBClusterFromSnapshot", **restored())["DBCluster"]
    assert (cluster["Port"], cluster["EngineVersion"], cluster["StorageType"]) == (9000, "1.2.1.0", "iopt1")


def test_an_encrypted_snapshot_of_another_account_is_copied_before_it_is_restored(stub, ask):
    arn = stub.add_snapshot("nightly", REGION, kms_key_id="alias/own", shared_with=[OTHER])["DBClusterSnapshotArn"]
    theirs = ask.at(REGION, OTHER)
    key = stub.add_kms_key(REGION, account_id=OTHER)
    for given in ({}, {"KmsKeyId": key}):
        code, words = theirs.refused("RestoreDBClusterFromSnapshot", **restored(arn, **given))
        assert code == "KMSKeyNotAccessibleFault"
        assert "copy it with a key of your own and restore the copy" in words
    theirs.copy(arn, "copy", KmsKeyId=key)
    theirs("RestoreDBClusterFromSnapshot", **restored("copy"))


# ---------------------------------------------------------------------- to a point in time


def test_a_cluster_as_it_is_now(stub, ask):
    key = stub.add_kms_key(REGION)
    stub.add_cluster("graph", REGION, kms_key_id=key)
    made = ask("RestoreDBClusterToPointInTime", **rewound(UseLatestRestorableTime=True))["DBCluster"]
    expected = {"DBClusterIdentifier": "rewound", "Status": "creating", "KmsKeyId": key, "StorageEncrypted": True}
    assert expected.items() <= made.items()
    arn = f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:graph"
    clone = rewound(arn, "clone", RestoreType="copy-on-write", UseLatestRestorableTime=True)
    ask("RestoreDBClusterToPointInTime", **clone)


TIMES = [
    (NOON - timedelta(days=1), True),
    (NOON, True),
    (NOON.isoformat(), True),
    (NOON.astimezone(timezone(timedelta(hours=5))), True),
    (NOON.replace(tzinfo=None), True),  # botocore sends its digits as UTC
    ((NOON - timedelta(days=1)).timestamp(), True),
    (NOON - timedelta(days=1, seconds=1), False),
    (NOON + timedelta(seconds=1), False),
    ("2026-03-01T12:00:01Z", False),
]


@pytest.mark.parametrize(("moment", "restorable"), TIMES, ids=[str(moment) for moment, _ in TIMES])
def test_the_time_lies_inside_the_backup_retention(stub, ask, moment, restorable):
    stub.clock.freeze()
    stub.clock.move_to(NOON - timedelta(days=10))
    stub.add_cluster("graph", REGION)
    stub.clock.move_to(NOON)
    [cluster] = ask("DescribeDBClusters")["DBClusters"]
    assert (cluster["EarliestRestorableTime"], cluster["LatestRestorableTime"]) == (NOON - timedelta(days=1), NOON)
    params = rewound(RestoreToTime=moment)
    if restorable:
        ask("RestoreDBClusterToPointInTime", **params)
    else:
        code, words = ask.refused("RestoreDBClusterToPointInTime", **params)
        # The guard's rule about the future has a code of its own.
        assert code in ("InvalidRestoreFault", "InvalidParameterValue")
        assert "2026-" in words


def test_a_young_cluster_is_restored_to_the_time_it_exists(stub, ask):
    stub.clock.freeze()
    stub.clock.move_to(NOON)
    ask("CreateDBCluster", DBClusterIdentifier="graph", Engine="neptune", BackupRetentionPeriod=35)
    assert ask.refused("RestoreDBClusterToPointInTime", **rewound(RestoreToTime=NOON - timedelta(seconds=1))) == (
        "InvalidRestoreFault",
        "The cluster graph can be restored to times from 2026-03-01T12:00:00+00:00 to 2026-03-01T12:00:00+00:00, not "
        "to 2026-03-01T11:59:59+00:00.",
    )


REFUSED = [
    (rewound(), "InvalidParameterValue"),
    (rewound(RestoreToTime=NOON, UseLatestRestorableTime=True), "InvalidParameterCombination"),
    (rewound("no", UseLatestRestorableTime=True), "DBClusterNotFoundFault"),
    (rewound("stopped", UseLatestRestorableTime=True), "InvalidDBClusterStateFault"),
    (rewound(identifier="graph", UseLatestRestorableTime=True), "DBClusterAlreadyExistsFault"),
    (rewound("secret", KmsKeyId="alias/no", UseLatestRestorableTime=True), "KMSKeyNotAccessibleFault"),
    (rewound(KmsKeyId="alias/dr", UseLatestRestorableTime=True), "InvalidParameterCombination"),
    (rewound("locked", UseLatestRestorableTime=True), "KMSKeyNotAccessibleFault"),
]


@pytest.mark.parametrize(("params", "code"), REFUSED)
def test_a_cluster_that_is_not_rewound(stub, ask, params, code):
    stub.add_cluster("graph", REGION)
    stub.add_cluster("stopped", REGION, status="stopped")
    stub.add_cluster("secret", REGION, kms_key_id=stub.add_kms_key(REGION, "dr"))
    stub.add_cluster("locked", REGION, kms_key_id=stub.add_kms_key(REGION, enabled=False))
    assert ask.refused("RestoreDBClusterToPointInTime", **params)[0] == code
