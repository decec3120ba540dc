"""What AWS is known to answer, where the first edition answered something else; evidence stands in docs/stub.md."""

from datetime import datetime, timedelta, timezone

import pytest

from neptune_guard.exceptions import ConfigurationError
from neptune_guard.stub import NeptuneStub

from .conftest import ACCOUNT, REGION, Asker, copied

OTHER, THIRD = "210987654321", "333333333333"
AUTOMATED, BACKUP = "rds:graph-2026-03-01-04-05", "awsbackup:job-1"
VALUE, STATE = "InvalidParameterValue", "InvalidDBClusterSnapshotStateFault"
FORBIDDEN = "Tag values may only contain unicode letters, digits, whitespace, or one of these symbols: _ . : / = + - @"


def arn(identifier, region=REGION, account=ACCOUNT):
    return f"arn:aws:rds:{region}:{account}:cluster-snapshot:{identifier}"


def cluster(identifier="graph", **more):
    return {"DBClusterIdentifier": identifier, "Engine": "neptune", **more}


# ---------------------------------------------------------------------- tags


def test_an_at_sign_is_taken_everywhere(stub, ask):
    tags = [{"Key": "Owner", "Value": "a@b"}, {"Key": "o@x", "Value": "y"}]
    stub.add_cluster("seeded", REGION, tags={"Owner": "a@b"})
    snapshot = stub.add_snapshot("nightly", REGION, tags={"Owner": "a@b"})
    ask("CreateDBCluster", **cluster(Tags=tags))
    ask("CreateDBClusterSnapshot", DBClusterIdentifier="graph", DBClusterSnapshotIdentifier="own", Tags=tags)
    ask("CopyDBClusterSnapshot", **copied("nightly", "copy"), Tags=tags)
    ask("AddTagsToResource", ResourceName=snapshot["DBClusterSnapshotArn"], Tags=tags)
    assert ask.tags(snapshot["DBClusterSnapshotArn"]) == {"Owner": "a@b", "o@x": "y"}


@pytest.mark.parametrize("character", ["\N{SNOWMAN}", "<", "*"])
def test_other_characters_are_refused_in_the_recorded_words(stub, ask, character):
    stub.add_snapshot("nightly", REGION)
    tags = [{"Key": "Owner", "Value": character}]
    assert ask.copy_refused("nightly", "copy", Tags=tags) == (VALUE, FORBIDDEN)


@pytest.mark.parametrize("operation", ["CopyDBClusterSnapshot", "CreateDBCluster", "AddTagsToResource"])
def test_a_key_that_comes_twice_is_refused_in_the_recorded_words(stub, ask, operation):
    stub.add_snapshot("nightly", REGION)
    params = {
        "CopyDBClusterSnapshot": copied("nightly", "copy"),
        "CreateDBCluster": cluster(),
        "AddTagsToResource": {"ResourceName": arn("nightly")},
    }
    assert ask.refused(operation, **params[operation], Tags=[{"Key": "a"}, {"Key": "a"}]) == (
        "InvalidParameterCombination",
        "Duplicate tag key found in request: a",
    )


# ---------------------------------------------------------------------- snapshots of AWS Backup, and sharing


def test_a_snapshot_of_aws_backup_is_neither_shared_nor_deleted(stub, ask):
    stub.add_snapshot(BACKUP, REGION)
    sharing = {"DBClusterSnapshotIdentifier": BACKUP, "AttributeName": "restore", "ValuesToAdd": [OTHER]}
    assert ask.refused("ModifyDBClusterSnapshotAttribute", **sharing) == (
        VALUE,
        f"The parameter {BACKUP} is not a valid identifier.",
    )
    assert ask.refused("DeleteDBClusterSnapshot", DBClusterSnapshotIdentifier=BACKUP)[0] == STATE
    ask.copy(BACKUP, "copy")
    ask("DeleteDBClusterSnapshot", DBClusterSnapshotIdentifier="copy")


@pytest.mark.parametrize("name", [AUTOMATED, BACKUP])
@pytest.mark.parametrize("operation", ["CopyDBClusterSnapshot", "RestoreDBClusterFromSnapshot"])
def test_what_nobody_can_share_is_not_made_up(make, asker, name, operation):
    ask = asker(make(imagine=True))
    params = {
        "CopyDBClusterSnapshot": copied(arn(name, account=OTHER), "copy"),
        "RestoreDBClusterFromSnapshot": cluster(SnapshotIdentifier=arn(name, account=OTHER)),
    }
    assert ask.refused(operation, **params[operation])[0] in ("DBClusterSnapshotNotFoundFault", STATE, VALUE)
    assert ask.at(REGION, OTHER).listed() == []


IMPOSSIBLE = [
    ({"identifier": AUTOMATED, "shared_with": [OTHER]}, "an automated snapshot cannot be shared; share a manual copy"),
    (
        {"identifier": "auto", "snapshot_type": "automated", "shared_with": ["all"]},
        "an automated snapshot cannot be shared",
    ),
    ({"identifier": BACKUP, "snapshot_type": "automated"}, "a snapshot of AWS Backup is a manual one"),
    ({"identifier": BACKUP, "shared_with": [OTHER]}, "a snapshot of AWS Backup cannot be shared"),
    ({"kms_key_id": "alias/own", "shared_with": [OTHER, "all"]}, "an encrypted snapshot cannot be public"),
    ({"kms_key_id": "alias/aws/rds", "shared_with": [OTHER]}, "under the default key alias/aws/rds cannot be shared"),
    ({"status": "creating", "shared_with": [OTHER]}, "a snapshot that is creating cannot have been shared"),
    ({"status": "copying", "identifier": AUTOMATED}, "a copy is always manual"),
    ({"shared_with": [f"{number:012}" for number in range(21)]}, "is shared with at most 20 accounts, not 21"),
    ({"identifier": AUTOMATED, "snapshot_type": "manual"}, "is the name of an automated snapshot"),
]


@pytest.mark.parametrize(("options", "words"), IMPOSSIBLE)
def test_a_snapshot_that_cannot_exist_cannot_be_added(stub, ask, options, words):
    with pytest.raises(ConfigurationError) as refusal:
        stub.add_snapshot(**{"identifier": "nightly", "region": REGION, **options})
    assert words in str(refusal.value)
    assert ask.listed() == []


def test_the_type_of_a_snapshot_that_is_added_follows_from_its_name(stub):
    shown = [stub.add_snapshot(name, REGION)["SnapshotType"] for name in (AUTOMATED, BACKUP, "nightly")]
    assert shown == ["automated", "manual", "manual"]


# ---------------------------------------------------------------------- clusters


def test_a_busy_cluster_is_named_in_the_recorded_words(make, asker):
    ask = asker(make(create_duration=timedelta(minutes=5)))
    ask("CreateDBCluster", **cluster())
    words = "Can't create a snapshot because the database cluster graph isn't currently in the available state."
    busy = ("InvalidDBClusterStateFault", words)
    assert ask.refused("CreateDBClusterSnapshot", DBClusterIdentifier="graph", DBClusterSnapshotIdentifier="x") == busy
    assert ask.refused("DeleteDBCluster", DBClusterIdentifier="graph", FinalDBSnapshotIdentifier="x") == busy


def test_a_deleted_cluster_shows_available_when_it_leaves_a_snapshot_and_is_deleting_after_that(make, asker):
    stub = make(create_duration=timedelta(minutes=5))
    stub.add_cluster("graph", REGION)
    ask = asker(stub)
    answer = ask("DeleteDBCluster", DBClusterIdentifier="graph", FinalDBSnapshotIdentifier="last")["DBCluster"]
    assert answer["Status"] == "available"
    assert ask("DescribeDBClusters")["DBClusters"][0]["Status"] == "deleting"
    assert ask.refused("CreateDBCluster", **cluster())[0] == "DBClusterAlreadyExistsFault"
    stub.clock.advance(minutes=5)
    assert ask("DescribeDBClusters")["DBClusters"] == []
    assert ask.describe("last")["Status"] == "available"
    ask("CreateDBCluster", **cluster())


def test_each_cluster_and_instance_has_an_id_of_its_own(stub, ask):
    stub.clock.freeze()
    ids = [ask("CreateDBCluster", **cluster(f"graph-{number}"))["DBCluster"]["DbClusterResourceId"] for number in "abc"]
    ids += [stub.add_cluster("graph", region)["DbClusterResourceId"] for region in (REGION, "eu-west-1")]
    ids += [stub.add_instance(name, REGION, cluster="graph")["DbiResourceId"] for name in ("one", "two")]
    assert len(set(ids)) == len(ids)
    assert {each.partition("-")[0] for each in ids} == {"cluster", "db"}


@pytest.mark.parametrize(
    ("version", "group"),
    [
        (None, "default.neptune1.4"),
        ("1.0.5.1", "default.neptune1"),
        ("1.1.1.0", "default.neptune1"),
        ("1.2.0.0", "default.neptune1.2"),
        ("1.3.4.0", "default.neptune1.3"),
    ],
)
def test_the_default_parameter_group_is_that_of_the_version(ask, version, group):
    more = {} if version is None else {"EngineVersion": version}
    made = ask("CreateDBCluster", **cluster(**more))["DBCluster"]
    assert made["DBClusterParameterGroup"] == group
    assert [each["Status"] for each in made["VpcSecurityGroups"]] == ["active"]


@pytest.mark.parametrize(("given", "shown"), [("standard", None), ("iopt1", "iopt1"), (None, None)])
def test_the_storage_type_is_shown_only_if_it_is_optimized(ask, given, shown):
    more = {} if given is None else {"StorageType": given}
    assert ask("CreateDBCluster", **cluster(**more))["DBCluster"].get("StorageType") == shown
    params = {"DBClusterIdentifier": "graph", "DBClusterSnapshotIdentifier": "own"}
    assert ask("CreateDBClusterSnapshot", **params)["DBClusterSnapshot"].get("StorageType") == shown


@pytest.mark.parametrize("name", ["MasterUsername", "MasterUserPassword"])
def test_a_master_user_is_refused_in_the_recorded_words(ask, name):
    code, words = ask.refused("CreateDBCluster", **cluster(**{name: "x"}))
    assert code == VALUE
    assert words == f"The parameter {name} is not valid for engine: neptune"


@pytest.mark.parametrize("name", ["OptionGroupName", "CharacterSetName", "DatabaseName"])
def test_other_parameters_that_neptune_does_not_have_are_accepted(ask, name):
    assert ask("CreateDBCluster", **cluster(**{name: "x"}))["DBCluster"]["Status"] == "creating"


# ---------------------------------------------------------------------- time


def test_times_are_whole_milliseconds(stub, ask):
    stub.clock.freeze()
    stub.clock.move_to(datetime(2026, 3, 1, 12, 0, 0, 123456, tzinfo=timezone.utc))
    made = ask("CreateDBCluster", **cluster())["DBCluster"]
    snapshot = stub.add_snapshot("nightly", REGION, created=datetime(2026, 1, 1, 0, 0, 0, 999999, tzinfo=timezone.utc))
    assert made["ClusterCreateTime"] == stub.clock.now() == datetime(2026, 3, 1, 12, 0, 0, 123000, tzinfo=timezone.utc)
    assert snapshot["SnapshotCreateTime"].microsecond == 999000


def test_by_default_a_copy_right_after_a_create_meets_creating():
    with NeptuneStub() as stub:
        stub.add_cluster("graph", REGION)
        ask = Asker(stub)
        ask("CreateDBClusterSnapshot", DBClusterIdentifier="graph", DBClusterSnapshotIdentifier="own")
        assert ask.copy_refused("own", "copy") == (
            STATE,
            "The cluster snapshot own is creating; a copy needs it to be available.",
        )
        assert ask.copy("own", "copy")["Status"] == "copying"


def test_by_default_a_polling_loop_ends_at_its_second_look():
    with NeptuneStub() as stub:
        stub.add_snapshot("nightly", REGION)
        ask = Asker(stub)
        ask.copy("nightly", "copy")
        assert [ask.describe("copy")["Status"] for _ in range(2)] == ["copying", "available"]


def test_what_moves_the_clock_and_what_does_not():
    with NeptuneStub() as stub:
        start = stub.clock.freeze()
        key = stub.add_kms_key()
        stub.describe_key(key, region="us-east-1")
        stub.session(REGION).client("kms").describe_key(KeyId=key)
        assert stub.now() == stub.clock.now() == start
        ask = Asker(stub)
        ask.copy_refused("no", "copy")
        assert stub.now() == start + timedelta(seconds=30)
        with pytest.raises(NotImplementedError):
            ask("DescribeEventCategories")
        stub.wait(0.5)
        assert stub.now() == start + timedelta(seconds=60.5)


def test_without_durations_everything_is_there_at_once():
    with NeptuneStub(tick=timedelta(0), copy_duration=timedelta(0), create_duration=timedelta(0)) as stub:
        ask = Asker(stub)
        ask("CreateDBCluster", **cluster())
        ask("CreateDBClusterSnapshot", DBClusterIdentifier="graph", DBClusterSnapshotIdentifier="own")
        ask.copy("own", "copy")
        assert ask.describe("copy")["Status"] == "available"


# ---------------------------------------------------------------------- requests that no client would send

UNSOUND = [
    ("DescribeDBClusterSnapshots", {"Filters": [{"Name": "engine"}]}, "Values"),
    ("DescribeDBClusterSnapshots", {"MaxRecords": "20"}, "MaxRecords"),
    ("DescribeDBClusterSnapshots", {"Filters": "engine"}, "Filters"),
    ("DescribeDBClusters", {"Filters": [{"Name": "engine"}]}, "Values"),
    ("DescribeDBClusters", {"MaxRecords": 20.5}, "MaxRecords"),
    ("DescribeDBInstances", {"DBInstanceIdentifier": None}, "DBInstanceIdentifier"),
    ("DescribeGlobalClusters", {"MaxRecords": True}, "MaxRecords"),
    ("CreateDBCluster", cluster(Tags={"a": "b"}), "Tags"),
    ("CreateDBCluster", cluster(Port="8182"), "Port"),
    ("DeleteDBCluster", {"DBClusterIdentifier": ["graph"], "SkipFinalSnapshot": True}, "DBClusterIdentifier"),
    ("DeleteDBInstance", {"DBInstanceIdentifier": 5}, "DBInstanceIdentifier"),
    ("RemoveTagsFromResource", {"ResourceName": arn("nightly"), "TagKeys": [1]}, "TagKeys"),
    ("CopyDBClusterSnapshot", copied("nightly", 5), "TargetDBClusterSnapshotIdentifier"),
    ("CopyDBClusterSnapshot", {**copied("nightly", "copy"), "Tags": [["Key", "a"]]}, "Tags[0]"),
    (
        "RestoreDBClusterToPointInTime",
        {"DBClusterIdentifier": "a", "SourceDBClusterIdentifier": "graph", "RestoreToTime": "yesterday"},
        "RestoreToTime",
    ),
]


@pytest.mark.parametrize(("operation", "params", "named"), UNSOUND)
def test_values_of_a_wrong_type_are_an_error_answer(stub, ask, operation, params, named):
    stub.add_cluster("graph", REGION)
    stub.add_snapshot("nightly", REGION)
    code, words = ask.refused(operation, **params)
    assert code == VALUE
    assert named in words
    assert stub.calls[-1].error == VALUE


@pytest.mark.parametrize("params", [None, [], "x"])
def test_parameters_that_are_no_mapping_are_a_mistake_of_the_test(stub, params):
    with pytest.raises(ConfigurationError, match=f"params has type {type(params).__name__}; give a dict"):
        stub.respond("DescribeDBClusters", params, region=REGION)


# ---------------------------------------------------------------------- secrets

SECRET = "https://rds.us-east-1.amazonaws.com/?X-Amz-Signature=sekret&X-Amz-Security-Token=sekret"
CLUSTER = {"DBClusterIdentifier": "graph", "Engine": "neptune"}
SPELLINGS = [
    ("CopyDBClusterSnapshot", {**copied("nightly", "copy"), "PreSignedUrl": SECRET}),
    ("CopyDBClusterSnapshot", {**copied("nightly", "copy"), "KmsKeyId": SECRET}),
    ("CopyDBClusterSnapshot", {**copied("nightly", "copy"), "PreSignedURL": SECRET}),
    ("CopyDBClusterSnapshot", {**copied("nightly", "copy"), "pre_signed_url": "sekret"}),
    ("CopyDBClusterSnapshot", {**copied("nightly", "copy"), "X.Amz.Credential": "sekret"}),
    ("CopyDBClusterSnapshot", {**copied("nightly", "copy"), "Tags": [{"Key": "a", "p.r.e.Signed.Url": "sekret"}]}),
    ("CopyDBClusterSnapshot", {**copied("nightly", "copy"), "KmsKeyId": SECRET.replace("X-Amz", "X%2DAmz")}),
    ("CopyDBClusterSnapshot", {**copied("nightly", "copy"), "PreSignedUrl": [SECRET]}),
    ("CopyDBClusterSnapshot", {**copied("nightly", "copy"), "KmsKeyId": SECRET.encode()}),
    ("CopyDBClusterSnapshot", {**copied("nightly", "copy"), "Tags": [{"Key": "url", "Value": SECRET}]}),
    ("DescribeDBClusters", {"DBClusterIdentifier": SECRET}),
    ("DescribeDBClusters", {"MaxRecords": SECRET}),
    ("DescribeEventCategories", {"SourceType": SECRET}),
    ("CreateDBCluster", {"ReplicationSourceIdentifier": SECRET}),
    ("CreateDBCluster", {**CLUSTER, "MasterUserPassword": "sekret"}),
    ("CreateDBInstance", {"TdeCredentialPassword": "sekret"}),
    ("CreateDBCluster", {**CLUSTER, "Tags": [{"Key": "url", "Value": "X-Amz-Signature=sekret"}]}),
    ("CreateDBCluster", {**CLUSTER, "DatabaseName": "X-Amz-Signature=sekret"}),
    ("CreateDBCluster", {**CLUSTER, SECRET: "x"}),
    ("CreateDBCluster", {**CLUSTER, "Tags": [{"Key": "a", SECRET: "x"}]}),
    ("CreateDBCluster", {**CLUSTER, "Tags": [{"Key": "a", "x-a-m-z-cre-den-tial": "sekret"}]}),
    ("CreateDBCluster", {**CLUSTER, "Tags": [{"Key": "a", "P r e S i g n e d U r l": "sekret"}]}),
    ("DescribeDBClusters", {"Filters": [{"Name": SECRET, "Values": ["x"]}]}),
    (SECRET, {}),
    ("X-Amz-Security\x01Token=sekret", {}),
    ("CopyDBClusterSnapshot", {**copied("nightly", "copy"), "X%2DAmz%2DSignature": "sekret"}),
    ("CopyDBClusterSnapshot", {**copied("nightly", "copy"), "HTTP_X_AMZ_SECURITY_TOKEN": "sekret"}),
    ("CopyDBClusterSnapshot", {**copied("nightly", "copy"), "amp;X-Amz-Signature": "sekret"}),
    ("CopyDBClusterSnapshot", {**copied("nightly", "copy"), "Source.PreSignedUrl": "sekret"}),
    ("CreateDBCluster", {**CLUSTER, "Tags": [{"Key": "X-Amz-Security-Token", "Value": "sekret"}]}),
]


@pytest.mark.parametrize(("operation", "params"), SPELLINGS)
def test_a_secret_is_neither_in_an_answer_nor_in_the_log_nor_in_the_file(make, state, operation, params):
    stub = make(state)
    try:
        outcome = stub.respond(operation, params, region=REGION)
    except NotImplementedError as problem:
        outcome = problem
    assert "sekret" not in str(outcome)
    assert "sekret" not in str(stub.calls)
    stub.close()
    assert b"sekret" not in state.read_bytes()


def test_a_secret_in_what_a_test_adds_is_neither_kept_nor_told(make, state):
    stub = make(state)
    stub.add_cluster("graph", REGION, tags={"url": "X-Amz-Signature=sekret", "X-Amz-Signature=sekret": "x"})
    stub.add_cluster("other", REGION, tags={"X-Amz-Security-Token": "sekret"})
    for mistake in (
        lambda: stub.add_cluster(SECRET, REGION),
        lambda: stub.add_snapshot("a", REGION, kms_key_id=SECRET),
        lambda: stub.add_snapshot("a", SECRET),
        lambda: stub.fail("DescribeDBClusters", SECRET),
    ):
        with pytest.raises(ConfigurationError) as told:
            mistake()
        assert "sekret" not in str(told.value)
    stub.respond("DescribeDBClusters", {}, region=f"us-east-1 {SECRET}")
    assert "sekret" not in str(stub.calls)
    stub.close()
    assert b"sekret" not in state.read_bytes()


def test_a_secret_in_a_planned_message_is_not_kept(make, state):
    stub = make(state)
    stub.fail("DescribeDBClusters", "AccessDenied", message=f"no entry to {SECRET} today")
    assert stub.pending[0].message == "no entry to <redacted> today"
    stub.close()
    assert b"sekret" not in state.read_bytes()


# ---------------------------------------------------------------------- mistakes of a test

MISTAKES = [
    (lambda stub: stub.add_snapshot("a", "us-esat-1"), "region is 'us-esat-1'; did you mean 'us-east-1'?"),
    (lambda stub: stub.add_cluster("a", "us-east1"), "region is 'us-east1'; did you mean 'us-east-1'?"),
    (lambda stub: stub.add_kms_key("mars"), "region is 'mars'; give the name of a Region"),
    (lambda stub: stub.add_snapshot("a", REGION, status="done"), "status is 'done'; give one of available, copying"),
    (lambda stub: stub.add_snapshot("a", REGION, status="avialable"), "did you mean 'available'?"),
    (lambda stub: stub.add_cluster("a", REGION, status="done"), "status is 'done'; give one of available, backing-up"),
    (lambda stub: stub.add_cluster("a", REGION, port=80), "port is 80; give a whole number from 1150 to 65535"),
    (lambda stub: stub.add_cluster("a", REGION, port="8182"), "port is '8182'"),
    (lambda stub: stub.add_cluster("a", REGION, engine_version="newest"), "engine_version is 'newest'; give a version"),
    (lambda stub: stub.add_cluster("a", REGION, storage_type="iopt"), "storage_type is 'iopt'; did you mean 'iopt1'?"),
    (lambda stub: stub.add_cluster("a", REGION, tags="a=b"), "tags has type str; give a dict"),
    (lambda stub: stub.add_kms_key(key_id="mine"), "key_id is 'mine'; give a UUID in lower case, or mrk-"),
    (lambda stub: stub.clock.advance(5), "the advance has type int; give a datetime.timedelta"),
    (lambda stub: stub.clock.advance(timedelta(1), hours=1), "give advance() a timedelta or units such as hours=1"),
    (lambda stub: stub.wait(-1), "the advance is negative"),
    (lambda stub: NeptuneStub(copy_duration=timedelta.max), "copy_duration is .*; give at most 3652058 days"),
    (lambda stub: NeptuneStub(tick=timedelta.max), "tick is .*; give at most 3652058 days"),
]


@pytest.mark.parametrize(("mistake", "words"), MISTAKES, ids=[words[:40] for _, words in MISTAKES])
def test_a_mistake_is_named_for_what_it_is(stub, mistake, words):
    with pytest.raises(ConfigurationError, match=words.replace("(", r"\(").replace(")", r"\)").replace("?", r"\?")):
        mistake(stub)


def test_a_region_that_aws_may_have_opened_since_is_accepted(stub, ask):
    assert stub.add_snapshot("nightly", "us-east-9")["DBClusterSnapshotArn"] == arn("nightly", "us-east-9")


def test_a_key_may_have_the_id_of_another_region(stub):
    key_id = "mrk-1234567890abcdef1234567890abcdef"
    arns = [stub.add_kms_key(region, key_id=key_id) for region in (REGION, "eu-west-1")]
    assert arns == [f"arn:aws:kms:{region}:{ACCOUNT}:key/{key_id}" for region in (REGION, "eu-west-1")]
    assert stub.describe_key(key_id, region=REGION)["MultiRegion"] is True
    with pytest.raises(ConfigurationError, match=f"the key '{key_id}' exists in us-east-1 already"):
        stub.add_kms_key(key_id=key_id)


def test_the_clock_takes_a_timedelta_too(stub):
    start = stub.clock.freeze()
    assert stub.clock.advance(timedelta(hours=1)) == stub.clock.now() == start + timedelta(hours=1)
