"""CopyDBClusterSnapshot: what the copy looks like, and every refusal, in the order in which they are made."""

from datetime import datetime, timedelta, timezone

import pytest

from .conftest import ACCOUNT, REGION, copied

OTHER, ELSEWHERE = "210987654321", "eu-west-1"
CREATED = datetime(2026, 3, 1, 4, 5, 6, 7000, tzinfo=timezone.utc)
TAKEN = "Cannot create the cluster snapshot because one with the identifier {} already exists."
BAD_NAME = (
    "The parameter {} is not a valid identifier. Identifiers must begin with a letter; must contain only ASCII letters,"
    " digits, and hyphens; and must not end with a hyphen or contain two consecutive hyphens."
)
NO_KEY = "Specified KMS key [{}] does not exist, is not enabled or you do not have permissions to access it."


def arn(identifier, region=REGION, account=ACCOUNT):
    return f"arn:aws:rds:{region}:{account}:cluster-snapshot:{identifier}"


def test_a_copy_shows_what_recordings_show(stub, ask):
    source = stub.add_snapshot("rds:graph-2026-03-01-04-05", REGION, snapshot_type="automated", created=CREATED)
    answer = ask("CopyDBClusterSnapshot", **copied("rds:graph-2026-03-01-04-05", "Weekly-Copy"))["DBClusterSnapshot"]
    assert answer == {
        **source,
        "DBClusterSnapshotIdentifier": "weekly-copy",
        "DBClusterSnapshotArn": arn("weekly-copy"),
        "SourceDBClusterSnapshotArn": arn("rds:graph-2026-03-01-04-05"),
        "SnapshotType": "manual",
        "Status": "copying",
        "PercentProgress": 0,
    }
    shown = {
        name: answer[name] for name in ("SnapshotCreateTime", "Port", "LicenseModel", "Engine", "AllocatedStorage")
    }
    assert shown == {
        "SnapshotCreateTime": CREATED,
        "Port": 0,
        "LicenseModel": "neptune",
        "Engine": "neptune",
        "AllocatedStorage": 0,
    }
    assert not answer["StorageEncrypted"]
    assert not {"KmsKeyId", "MasterUsername", "TagList", "StorageType"} & set(answer)
    assert ask.describe("WEEKLY-COPY") == {**answer, "Status": "available", "PercentProgress": 100}


def test_a_copy_from_another_region_has_the_zones_of_its_own(stub, ask):
    stub.add_snapshot("nightly", ELSEWHERE)
    answer = ask.copy(arn("nightly", ELSEWHERE), "copy", SourceRegion=ELSEWHERE)
    assert answer["AvailabilityZones"] == []
    assert "VpcId" not in answer
    done = ask.describe("copy")
    assert done["AvailabilityZones"] == [f"{REGION}{zone}" for zone in "abc"]
    assert "VpcId" in done
    assert answer["SourceDBClusterSnapshotArn"] == arn("nightly", ELSEWHERE)


def test_each_answer_is_a_fresh_one(stub, ask):
    stub.add_snapshot("nightly", REGION)
    answer = ask.copy("nightly", "copy")
    answer["AvailabilityZones"].clear()
    first, second = ask.describe("copy"), ask.describe("copy")
    assert first == second
    assert first["AvailabilityZones"] is not second["AvailabilityZones"]
    assert first["AvailabilityZones"]


def test_a_copy_takes_its_time(make, asker):
    stub = make(copy_duration=timedelta(minutes=10))
    stub.clock.freeze()
    stub.add_snapshot("nightly", REGION)
    ask = asker(stub)
    seen = [ask.copy("nightly", "copy")]
    for _ in range(5):
        seen.append(ask.describe("copy"))
        stub.clock.advance(minutes=4)
    assert [(each["Status"], each["PercentProgress"]) for each in seen] == [
        ("copying", 0),
        ("copying", 0),
        ("copying", 40),
        ("copying", 80),
        ("available", 100),
        ("available", 100),
    ]


def test_deleting_a_copy_on_its_way_cancels_it(make, asker):
    stub = make(copy_duration=timedelta(minutes=10))
    stub.add_snapshot("nightly", REGION)
    ask = asker(stub)
    ask.copy("nightly", "copy")
    assert (
        ask("DeleteDBClusterSnapshot", DBClusterSnapshotIdentifier="copy")["DBClusterSnapshot"]["Status"] == "copying"
    )
    assert ask.refused("DescribeDBClusterSnapshots", DBClusterSnapshotIdentifier="copy") == (
        "DBClusterSnapshotNotFoundFault",
        "DBClusterSnapshot not found: copy",
    )
    ask.copy("nightly", "copy")


def test_deleting_the_source_makes_copies_on_their_way_fail_where_they_are(make, asker):
    stub = make(copy_duration=timedelta(minutes=10))
    stub.clock.freeze()
    stub.add_snapshot("nightly", ELSEWHERE)
    ask = asker(stub)
    ask.copy(arn("nightly", ELSEWHERE), "done")
    stub.clock.advance(minutes=10)
    ask.copy(arn("nightly", ELSEWHERE), "copy")
    stub.clock.advance(minutes=3)
    ask.at(ELSEWHERE)("DeleteDBClusterSnapshot", DBClusterSnapshotIdentifier="nightly")
    stub.clock.advance(hours=1)
    shown = [(each["Status"], each["PercentProgress"]) for each in map(ask.describe, ("copy", "done"))]
    assert shown == [("failed", 30), ("available", 100)]
    assert ask.copy_refused("copy", "another")[0] == "InvalidDBClusterSnapshotStateFault"


@pytest.mark.parametrize("where", [None, "state.db"])
def test_a_copy_of_thousands_of_years_fails_where_it_is(make, asker, tmp_path, where):
    stub = make(where and tmp_path / where, copy_duration=timedelta(days=3_000_000))
    stub.clock.freeze()
    ask = asker(stub)
    stub.add_snapshot("nightly", REGION)
    ask.copy("nightly", "copy")
    stub.clock.advance(days=1_500_001)
    ask("DeleteDBClusterSnapshot", DBClusterSnapshotIdentifier="nightly")
    assert (ask.describe("copy")["Status"], ask.describe("copy")["PercentProgress"]) == ("failed", 50)


# ---------------------------------------------------------------------- the request itself

WORN = [
    ({}, "1abc", "InvalidParameterValue", BAD_NAME.format("TargetDBClusterSnapshotIdentifier")),
    ({}, "a--b", "InvalidParameterValue", BAD_NAME.format("TargetDBClusterSnapshotIdentifier")),
    ({}, "a" * 64, "InvalidParameterValue", BAD_NAME.format("TargetDBClusterSnapshotIdentifier")),
    ({}, "a_b", "InvalidParameterValue", BAD_NAME.format("TargetDBClusterSnapshotIdentifier")),
    ({}, "rds:a", "InvalidParameterValue", BAD_NAME.format("TargetDBClusterSnapshotIdentifier")),
    (
        {},
        "",
        "InvalidParameterValue",
        "The parameter TargetDBClusterSnapshotIdentifier must be provided and must not be blank.",
    ),
    (
        {"SourceDBClusterSnapshotIdentifier": ""},
        "copy",
        "InvalidParameterValue",
        "The parameter SourceDBClusterSnapshotIdentifier must be provided and must not be blank.",
    ),
    (
        {"SourceDBClusterSnapshotIdentifier": "-"},
        "copy",
        "InvalidParameterValue",
        BAD_NAME.replace("must begin", "must either be an ARN or begin").format("SourceDBClusterSnapshotIdentifier"),
    ),
    (
        {"SourceDBClusterSnapshotIdentifier": f"arn:aws:rds:{REGION}:{ACCOUNT}:snapshot:x"},
        "copy",
        "InvalidParameterValue",
        BAD_NAME.replace("must begin", "must either be an ARN or begin").format("SourceDBClusterSnapshotIdentifier"),
    ),
    ({"KmsKeyId": "None"}, "copy", "KMSKeyNotAccessibleFault", NO_KEY.format("None")),
    (
        {"KmsKeyId": f"arn:aws:kms:{ELSEWHERE}:{ACCOUNT}:alias/x"},
        "copy",
        "KMSKeyNotAccessibleFault",
        NO_KEY.format(f"arn:aws:kms:{ELSEWHERE}:{ACCOUNT}:alias/x"),
    ),
    ({}, "NIGHTLY", "DBClusterSnapshotAlreadyExistsFault", TAKEN.format("NIGHTLY")),
    (
        {"SourceRegion": ELSEWHERE},
        "copy",
        "DBClusterSnapshotNotFoundFault",
        "DBClusterSnapshot not found: nightly",
    ),
    (
        {"PreSignedUrl": "https://sekret.example/"},
        "copy",
        "InvalidParameterValue",
        "PreSignedurl could not be authenticated",
    ),
    (
        {"Tags": [{"Key": "aws:x"}]},
        "copy",
        "InvalidParameterValue",
        'Tag keys cannot start with the reserved prefix "aws:".',
    ),
    (
        {"Tags": [{"Key": "x", "Value": "y" * 257}]},
        "copy",
        "InvalidParameterValue",
        "tag-value-length",
    ),
    ({"Tags": [{"Key": str(number)} for number in range(51)]}, "copy", "InvalidParameterValue", "tag-count"),
    (
        {"SourceDBClusterSnapshotIdentifier": arn("nightly", ELSEWHERE), "SourceRegion": "evil.example/x?"},
        "copy",
        "InvalidParameterValue",
        "source-region-format",
    ),
]


@pytest.mark.parametrize(("more", "target", "code", "words"), WORN, ids=[f"{row[1][:9]}-{row[3][-9:]}" for row in WORN])
def test_a_malformed_request_gets_the_code_of_its_rule(stub, ask, more, target, code, words):
    stub.add_snapshot("nightly", REGION)
    found, message = ask.refused("CopyDBClusterSnapshot", **{**copied("nightly", target), **more})
    assert found == code
    assert message == words or f"[{words}]" in message
    assert ask.listed() == ["nightly"]


# ---------------------------------------------------------------------- the state


def missing(stub, ask):
    return ("nightly", "copy"), {}, "DBClusterSnapshotNotFoundFault", "DBClusterSnapshot not found: nightly"


def in_another_region(stub, ask):
    stub.add_snapshot("nightly", ELSEWHERE)
    return ("nightly", "copy"), {}, "DBClusterSnapshotNotFoundFault", "DBClusterSnapshot not found: nightly"


def of_another_account(stub, ask):
    stub.add_snapshot("nightly", REGION, account_id=OTHER)
    source = arn("nightly", account=OTHER)
    return (source, "copy"), {}, "DBClusterSnapshotNotFoundFault", f"DBClusterSnapshot not found: {source}"


def shared_but_by_bare_name(stub, ask):
    stub.add_snapshot("nightly", REGION, account_id=OTHER, shared_with=[ACCOUNT])
    return ("nightly", "copy"), {}, "DBClusterSnapshotNotFoundFault", "DBClusterSnapshot not found: nightly"


def not_available(stub, ask):
    stub.add_snapshot("nightly", REGION, status="creating")
    words = "The cluster snapshot nightly is creating; a copy needs it to be available."
    return ("nightly", "copy"), {}, "InvalidDBClusterSnapshotStateFault", words


def cluster_not_available(stub, ask):
    ask("CreateDBCluster", DBClusterIdentifier="graph", Engine="neptune")
    stub.add_snapshot("nightly", REGION, cluster="graph")
    return ("nightly", "copy"), {}, "InvalidDBClusterStateFault", "The cluster graph is not available."


def key_for_an_unencrypted_one(stub, ask):
    stub.add_snapshot("nightly", REGION)
    key = stub.add_kms_key(REGION)
    words = f"The source snapshot nightly is not encrypted; a copy cannot encrypt it with {key}."
    return ("nightly", "copy"), {"KmsKeyId": key}, "InvalidParameterCombination", words


def no_key_across_regions(stub, ask):
    stub.add_snapshot("nightly", ELSEWHERE, kms_key_id="alias/own")
    words = "Must specify new KMS key for cross region encrypted snapshot copy."
    return (arn("nightly", ELSEWHERE), "copy"), {}, "InvalidParameterValue", words


def no_key_across_accounts(stub, ask):
    stub.add_snapshot("nightly", REGION, kms_key_id="alias/own", account_id=OTHER, shared_with=[ACCOUNT])
    words = "Must specify a KMS key of your own to copy the encrypted, shared snapshot nightly."
    return (arn("nightly", account=OTHER), "copy"), {}, "InvalidParameterValue", words


def unknown_key(stub, ask):
    stub.add_snapshot("nightly", REGION, kms_key_id="alias/own")
    return ("nightly", "copy"), {"KmsKeyId": "alias/no"}, "KMSKeyNotAccessibleFault", NO_KEY.format("alias/no")


def disabled_key(stub, ask):
    stub.add_snapshot("nightly", REGION, kms_key_id="alias/own")
    key = stub.add_kms_key(REGION, enabled=False)
    return ("nightly", "copy"), {"KmsKeyId": key}, "KMSKeyNotAccessibleFault", NO_KEY.format(key)


def bare_id_of_another_accounts_key(stub, ask):
    stub.add_snapshot("nightly", REGION, kms_key_id="alias/own")
    key = stub.add_kms_key(REGION, account_id=OTHER).rpartition("/")[2]
    return ("nightly", "copy"), {"KmsKeyId": key}, "KMSKeyNotAccessibleFault", NO_KEY.format(key)


def disabled_key_of_the_source(stub, ask):
    key = stub.add_kms_key(REGION, enabled=False)
    stub.add_snapshot("nightly", REGION, kms_key_id=key)
    words = NO_KEY.replace("Specified", "The source snapshot").format(key)
    return ("nightly", "copy"), {}, "KMSKeyNotAccessibleFault", words


def taken(stub, ask):
    stub.add_snapshot("nightly", REGION)
    stub.add_snapshot("copy", REGION)
    return ("nightly", "Copy"), {}, "DBClusterSnapshotAlreadyExistsFault", TAKEN.format("Copy")


def full(stub, ask):
    for number in range(2):
        stub.add_snapshot(f"nightly-{number}", REGION)
    return ("nightly-0", "copy"), {}, "SnapshotQuotaExceeded", "Cannot create more than 2 manual snapshots"


def crowded(stub, ask):
    stub.add_snapshot("nightly", ELSEWHERE)
    ask.copy(arn("nightly", ELSEWHERE), "first")
    words = "Cannot copy more than 1 snapshots across regions"
    return (arn("nightly", ELSEWHERE), "copy"), {}, "SnapshotQuotaExceeded", words


REFUSALS = (
    missing,
    in_another_region,
    of_another_account,
    shared_but_by_bare_name,
    not_available,
    cluster_not_available,
    key_for_an_unencrypted_one,
    no_key_across_regions,
    no_key_across_accounts,
    unknown_key,
    disabled_key,
    bare_id_of_another_accounts_key,
    disabled_key_of_the_source,
    taken,
    full,
    crowded,
)


@pytest.fixture
def narrow(make, asker):
    """A stub in which things take time and little fits."""
    hour = timedelta(hours=1)
    stub = make(copy_duration=hour, create_duration=hour, manual_snapshot_quota=2, cross_region_copy_quota=1)
    return stub, asker(stub)


@pytest.mark.parametrize("situation", REFUSALS, ids=lambda each: each.__name__)
def test_a_copy_is_refused_by_the_state(narrow, situation):
    (source, target), more, code, words = situation(*narrow)
    found, message = narrow[1].copy_refused(source, target, **more)
    assert (found, message) == (code, words)


def test_a_snapshot_in_the_making_is_no_copy_in_progress(narrow):
    stub, ask = narrow
    stub.add_cluster("graph", REGION)
    stub.add_snapshot("far", "eu-west-1")
    ask("CreateDBClusterSnapshot", DBClusterSnapshotIdentifier="new", DBClusterIdentifier="graph")
    assert ask.copy(f"arn:aws:rds:eu-west-1:{ACCOUNT}:cluster-snapshot:far", "copy")["Status"] == "copying"


def test_a_source_in_another_partition_is_copied_there(stub, ask):
    stub.add_snapshot("nightly", "cn-north-1")
    china = ask.at("cn-north-1")
    arn = china.copy("nightly", "copy")["DBClusterSnapshotArn"]
    assert china.copy(arn, "again")["SourceDBClusterSnapshotArn"] == arn


@pytest.mark.parametrize("situation", REFUSALS, ids=lambda each: each.__name__)
def test_a_refusal_is_raised_as_the_clients_own_exception(narrow, situation):
    (source, target), more, code, _ = situation(*narrow)
    client = narrow[0].session(REGION, mode="off").client("neptune")
    with pytest.raises(client.exceptions.ClientError) as caught:
        client.copy_db_cluster_snapshot(**copied(source, target), **more)
    modelled = {shape.error_code: shape for shape in client.meta.service_model.error_shapes}
    own = modelled.get(code)
    assert type(caught.value) is (getattr(client.exceptions, own.name) if own else client.exceptions.ClientError)
    status = own.metadata["error"]["httpStatusCode"] if own else 400
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == status


def test_of_several_reasons_the_first_is_told(narrow):
    """Form, source, its state, key, target, quota, copies in progress; each is mended in turn."""
    stub, ask = narrow
    source, key = arn("nightly", ELSEWHERE), "alias/dr"
    told = [ask.copy_refused(source, "-", KmsKeyId=key)[0]]
    told.append(ask.copy_refused(source, "taken", KmsKeyId=key)[0])
    stub.add_snapshot("nightly", ELSEWHERE, kms_key_id="alias/own", status="copying")
    stub.add_snapshot("taken", REGION)
    stub.add_snapshot("more", REGION)
    told.append(ask.copy_refused(source, "taken", KmsKeyId=key)[0])
    stub.add_snapshot("ready", ELSEWHERE, kms_key_id="alias/own")
    source = arn("ready", ELSEWHERE)
    told.append(ask.copy_refused(source, "taken", KmsKeyId=key)[0])
    stub.add_kms_key(REGION, alias="dr")
    told.append(ask.copy_refused(source, "taken", KmsKeyId=key)[0])
    told.append(ask.copy_refused(source, "copy", KmsKeyId=key)[0])
    assert told == [
        "InvalidParameterValue",
        "DBClusterSnapshotNotFoundFault",
        "InvalidDBClusterSnapshotStateFault",
        "KMSKeyNotAccessibleFault",
        "DBClusterSnapshotAlreadyExistsFault",
        "SnapshotQuotaExceeded",
    ]


def test_copies_in_progress_make_room_as_they_end(make, asker):
    stub = make(copy_duration=timedelta(hours=1))
    stub.add_snapshot("nightly", ELSEWHERE)
    stub.add_snapshot("near", REGION)
    ask, source = asker(stub), arn("nightly", ELSEWHERE)
    for number in range(5):
        ask.copy(source, f"copy-{number}")
    assert ask.copy_refused(source, "copy") == (
        "SnapshotQuotaExceeded",
        "Cannot copy more than 5 snapshots across regions",
    )
    ask.copy("near", "inside-the-region")
    ask.at("us-west-2").copy(source, "to-another-region")
    ask("DeleteDBClusterSnapshot", DBClusterSnapshotIdentifier="copy-0")
    ask.copy(source, "after-a-cancelled-one")
    assert ask.copy_refused(source, "copy")[0] == "SnapshotQuotaExceeded"
    stub.clock.advance(hours=1)
    ask.copy(source, "copy")


def test_automated_and_backup_snapshots_do_not_count(make, asker):
    stub = make(manual_snapshot_quota=1)
    stub.add_snapshot("rds:graph-2026-03-01-04-05", REGION, snapshot_type="automated")
    stub.add_snapshot("system", REGION, snapshot_type="automated")
    stub.add_snapshot("awsbackup:job-1", REGION)
    ask = asker(stub)
    ask.copy("awsbackup:job-1", "one")
    assert ask.copy_refused("awsbackup:job-1", "two")[0] == "SnapshotQuotaExceeded"
    ask("DeleteDBClusterSnapshot", DBClusterSnapshotIdentifier="one")
    ask.copy("awsbackup:job-1", "two")


# ---------------------------------------------------------------------- keys


def test_inside_a_region_an_encrypted_copy_keeps_the_key(stub, ask):
    key = stub.add_kms_key(REGION)
    stub.add_snapshot("nightly", REGION, kms_key_id=key)
    answer = ask.copy("nightly", "copy")
    assert (answer["StorageEncrypted"], answer["KmsKeyId"]) == (True, key)


@pytest.mark.parametrize("given", ["alias/dr", "{alias}", "{arn}", "{id}", "alias/aws/rds"])
def test_a_key_is_given_in_any_form_and_shown_as_its_arn(stub, ask, given):
    key = stub.add_kms_key(REGION, alias="alias/dr")
    stub.add_snapshot("nightly", ELSEWHERE, kms_key_id="alias/own")
    alias = f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/dr"
    given = given.format(alias=alias, arn=key, id=key.rpartition("/")[2])
    shown = ask.copy(arn("nightly", ELSEWHERE), "copy", KmsKeyId=given)["KmsKeyId"]
    assert shown == key if "aws/rds" not in given else shown.startswith(f"arn:aws:kms:{REGION}:{ACCOUNT}:key/")


def test_another_accounts_key_is_used_by_its_arn(stub, ask):
    stub.add_snapshot("nightly", REGION, kms_key_id="alias/own")
    key = stub.add_kms_key(REGION, account_id=OTHER)
    assert ask.copy("nightly", "copy", KmsKeyId=key)["KmsKeyId"] == key


# ---------------------------------------------------------------------- accounts


@pytest.mark.parametrize("grantee", [OTHER, "all"])
def test_a_shared_snapshot_is_copied_by_its_arn(stub, ask, grantee):
    stub.add_snapshot("nightly", ELSEWHERE, shared_with=[grantee])
    theirs = ask.at(REGION, OTHER)
    copy = theirs.copy(arn("nightly", ELSEWHERE), "copy")
    assert copy["DBClusterSnapshotArn"] == arn("copy", account=OTHER)
    assert ask.listed() == []
    assert theirs.listed() == ["copy"]


# ---------------------------------------------------------------------- tags

TAGGED = [
    ({}, {}),
    ({"CopyTags": False}, {}),
    ({"CopyTags": True}, {"owner": "graph", "empty": ""}),
    ({"CopyTags": True, "Tags": []}, {"owner": "graph", "empty": ""}),
    ({"CopyTags": True, "Tags": [{"Key": "a", "Value": "b"}]}, {"a": "b"}),
    ({"Tags": ({"Key": "a", "Value": "b"}, {"Key": "bare"})}, {"a": "b", "bare": None}),
]


@pytest.mark.parametrize(("more", "expected"), TAGGED)
def test_tags_are_copied_or_given_and_never_merged(stub, ask, more, expected):
    stub.add_snapshot("nightly", REGION, tags={"owner": "graph", "empty": ""})
    ask.copy("nightly", "copy", **more)
    assert ask.tags(arn("copy")) == expected
