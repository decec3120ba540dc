"""Taking, deleting and sharing snapshots."""

from datetime import timedelta

import pytest

from .conftest import ACCOUNT, REGION

OTHER = "210987654321"
STATE, VALUE = "InvalidDBClusterSnapshotStateFault", "InvalidParameterValue"
NOT_FOUND = "DBClusterSnapshotNotFoundFault"


def create(identifier="Nightly", cluster="graph", **more):
    return {"DBClusterSnapshotIdentifier": identifier, "DBClusterIdentifier": cluster, **more}


def share(*adding, name="nightly", attribute="restore", removing=()):
    values = {"ValuesToAdd": list(adding), "ValuesToRemove": list(removing)}
    return {"DBClusterSnapshotIdentifier": name, "AttributeName": attribute, **{k: v for k, v in values.items() if v}}


def test_a_snapshot_of_a_cluster(make, asker):
    stub = make(create_duration=timedelta(minutes=10))
    stub.clock.freeze()
    key = stub.add_kms_key(REGION)
    cluster = stub.add_cluster("graph", REGION, kms_key_id=key)
    ask = asker(stub)
    stub.clock.advance(hours=2)
    made = ask("CreateDBClusterSnapshot", **create("Nightly", "GRAPH"))["DBClusterSnapshot"]
    expected = {
        "DBClusterSnapshotIdentifier": "nightly",
        "DBClusterIdentifier": "graph",
        "SnapshotCreateTime": stub.clock.now(),
        "ClusterCreateTime": cluster["ClusterCreateTime"],
        "EngineVersion": cluster["EngineVersion"],
        "Status": "creating",
        "PercentProgress": 0,
        "SnapshotType": "manual",
        "StorageEncrypted": True,
        "KmsKeyId": key,
    }
    assert expected.items() <= made.items()
    assert "SourceDBClusterSnapshotArn" not in made
    stub.clock.advance(minutes=5)
    assert (ask.describe("nightly")["Status"], ask.describe("nightly")["PercentProgress"]) == ("creating", 50)
    assert ask.refused("DeleteDBClusterSnapshot", DBClusterSnapshotIdentifier="nightly") == (
        STATE,
        "The cluster snapshot nightly is creating; delete it when it is available.",
    )
    assert ask.copy_refused("nightly", "copy")[0] == STATE
    stub.clock.advance(minutes=5)
    assert ask.describe("nightly")["Status"] == "available"


def test_a_snapshot_of_a_cluster_that_is_not_ready(make, asker):
    stub = make(create_duration=timedelta(minutes=10))
    ask = asker(stub)
    ask("CreateDBCluster", DBClusterIdentifier="graph", Engine="neptune")
    assert ask.refused("CreateDBClusterSnapshot", **create()) == (
        "InvalidDBClusterStateFault",
        "Can't create a snapshot because the database cluster graph isn't currently in the available state.",
    )
    stub.clock.advance(minutes=10)
    ask("CreateDBClusterSnapshot", **create())


@pytest.mark.parametrize(
    ("params", "code"),
    [
        (create("a--b"), VALUE),
        (create(""), VALUE),
        (create("rds:x"), VALUE),
        (create(cluster="nobody"), "DBClusterNotFoundFault"),
        (create("taken"), "DBClusterSnapshotAlreadyExistsFault"),
        (create(Tags=[{"Key": "aws:x"}]), VALUE),
        (create(), "SnapshotQuotaExceeded"),
    ],
)
def test_a_snapshot_that_is_not_taken(make, asker, params, code):
    stub = make(manual_snapshot_quota=1)
    stub.add_cluster("graph", REGION)
    stub.add_snapshot("taken", REGION)
    assert asker(stub).refused("CreateDBClusterSnapshot", **params)[0] == code


def test_a_name_that_is_refused_is_that_of_its_parameter(stub, ask):
    stub.add_cluster("graph", REGION)
    for name, words in (("a--b", "is not a valid identifier."), ("", "must be provided and must not be blank.")):
        code, message = ask.refused("CreateDBClusterSnapshot", **create(name))
        assert code == VALUE
        assert message.startswith(f"The parameter DBClusterSnapshotIdentifier {words}")


@pytest.mark.parametrize("name", ["source", "target", "a"])
def test_any_sound_name_will_do(stub, ask, name):
    stub.add_cluster(name, REGION)
    ask("CreateDBClusterSnapshot", **create(name, name))
    stub.add_snapshot(name, "eu-west-1")
    target = f"{name}-2"
    restored = ask(
        "RestoreDBClusterFromSnapshot", DBClusterIdentifier=target, SnapshotIdentifier=name, Engine="neptune"
    )
    assert restored["DBCluster"]["DBClusterIdentifier"] == target


@pytest.mark.parametrize(
    ("inherits", "given", "expected"),
    [
        (False, [], {}),
        (True, [], {"a": "b"}),
        (True, [{"Key": "c"}], {"c": None}),
        (False, [{"Key": "c"}], {"c": None}),
    ],
)
def test_a_snapshots_tags_are_its_own_or_the_clusters(ask, inherits, given, expected):
    cluster = {"DBClusterIdentifier": "graph", "Engine": "neptune", "CopyTagsToSnapshot": inherits}
    ask("CreateDBCluster", **cluster, Tags=[{"Key": "a", "Value": "b"}])
    made = ask("CreateDBClusterSnapshot", **create(Tags=given))["DBClusterSnapshot"]
    assert ask.tags(made["DBClusterSnapshotArn"]) == expected


def test_a_deleted_snapshot_is_shown_as_it_was_and_gone(stub, ask):
    seeded = stub.add_snapshot("nightly", REGION, shared_with=["all"])
    stub.add_snapshot("failed", REGION, status="failed")
    for name in ("NIGHTLY", "failed"):
        gone = ask("DeleteDBClusterSnapshot", DBClusterSnapshotIdentifier=name)["DBClusterSnapshot"]
        assert gone["Status"] in ("available", "failed")
    assert ask.listed() == ask.at(REGION, OTHER).listed(SnapshotType="public") == []
    stub.add_snapshot("nightly", REGION)
    assert ask.at(REGION, OTHER).listed(SnapshotType="public") == []
    assert {**seeded, "SnapshotCreateTime": 0, "ClusterCreateTime": 0} == {
        **ask.describe("nightly"),
        "SnapshotCreateTime": 0,
        "ClusterCreateTime": 0,
    }


@pytest.mark.parametrize("operation", ["DeleteDBClusterSnapshot", "DescribeDBClusterSnapshotAttributes"])
@pytest.mark.parametrize(
    "name",
    [
        "nobody",
        f"arn:aws:rds:{REGION}:{OTHER}:cluster-snapshot:shared",
        f"arn:aws:rds:eu-west-1:{ACCOUNT}:cluster-snapshot:elsewhere",
    ],
)
def test_only_ones_own_snapshots_are_managed(stub, ask, operation, name):
    stub.add_snapshot("shared", REGION, account_id=OTHER, shared_with=[ACCOUNT])
    stub.add_snapshot("elsewhere", "eu-west-1")
    assert ask.refused(operation, DBClusterSnapshotIdentifier=name) == (
        NOT_FOUND,
        f"DBClusterSnapshot not found: {name}",
    )
    assert ask.refused("ModifyDBClusterSnapshotAttribute", **share(ACCOUNT, name=name))[0] == NOT_FOUND


@pytest.mark.parametrize("name", ["rds:graph-1", "without-the-prefix"])
def test_an_automated_snapshot_is_neither_deleted_nor_shared(stub, ask, name):
    stub.add_snapshot(name, REGION, snapshot_type="automated")
    assert ask.refused("DeleteDBClusterSnapshot", DBClusterSnapshotIdentifier=name) == (
        STATE,
        "Only manual snapshots may be deleted.",
    )
    assert ask.refused("ModifyDBClusterSnapshotAttribute", **share(OTHER, name=name)) == (
        STATE,
        "automated snapshots cannot be modified.",
    )


def test_sharing_and_ceasing_to(stub, ask):
    stub.add_snapshot("nightly", REGION)
    theirs = ask.at(REGION, OTHER)

    def restore(answer):
        result = answer["DBClusterSnapshotAttributesResult"]
        assert result["DBClusterSnapshotIdentifier"] == "nightly"
        return result["DBClusterSnapshotAttributes"]

    def described():
        return restore(ask("DescribeDBClusterSnapshotAttributes", DBClusterSnapshotIdentifier="nightly"))

    assert described() == [{"AttributeName": "restore", "AttributeValues": []}]
    modify = "ModifyDBClusterSnapshotAttribute"
    answer = restore(ask(modify, **share(OTHER, OTHER, "all")))
    assert answer == described() == [{"AttributeName": "restore", "AttributeValues": [OTHER, "all"]}]
    assert len(theirs.listed(SnapshotType="shared")) == len(theirs.listed(SnapshotType="public")) == 1
    ask(modify, **share("333333333333", removing=["all", "444444444444"]))
    assert described()[0]["AttributeValues"] == [OTHER, "333333333333"]
    ask(modify, **share(removing=[OTHER]))
    assert theirs.listed(SnapshotType="shared") == []
    ask(modify, **share())


def test_twenty_accounts_are_the_most(stub, ask):
    stub.add_snapshot("nightly", REGION)
    accounts = [f"{number:012}" for number in range(21)]
    ask("ModifyDBClusterSnapshotAttribute", **share(*accounts[:20]))
    assert ask.refused("ModifyDBClusterSnapshotAttribute", **share(accounts[20])) == (
        "SharedSnapshotQuotaExceeded",
        "The cluster snapshot nightly cannot be shared with more than 20 accounts.",
    )
    ask("ModifyDBClusterSnapshotAttribute", **share("all"))
    stub.add_snapshot("public", REGION, shared_with=[*accounts[:20], "all"])


@pytest.mark.parametrize(
    ("params", "code", "words"),
    [
        (share(OTHER, attribute="copy"), VALUE, "Invalid snapshot attribute copy"),
        (
            share(OTHER, "all", removing=["all", OTHER]),
            "InvalidParameterCombination",
            f"A value may not appear in both the add list and remove list. [{OTHER}, all]",
        ),
        (share("12345"), VALUE, "A snapshot is shared with accounts of twelve digits or with all."),
        (share(removing=["everybody"]), VALUE, "A snapshot is shared with accounts of twelve digits or with all."),
        (share(OTHER, name="rds:graph-1"), STATE, "automated snapshots cannot be modified."),
        (share(OTHER, name="creating"), STATE, "The cluster snapshot creating is creating, not available."),
        (share("all", name="encrypted"), VALUE, "The encrypted cluster snapshot encrypted cannot be made public."),
        (
            share(OTHER, name="default-key"),
            VALUE,
            "The cluster snapshot default-key is encrypted with the default key and cannot be shared.",
        ),
    ],
)
def test_what_cannot_be_shared(stub, ask, params, code, words):
    stub.add_snapshot("nightly", REGION)
    stub.add_snapshot("rds:graph-1", REGION, snapshot_type="automated")
    stub.add_snapshot("creating", REGION, status="creating")
    stub.add_snapshot("encrypted", REGION, kms_key_id="alias/own")
    stub.add_snapshot("default-key", REGION, kms_key_id="alias/aws/rds")
    found, message = ask.refused("ModifyDBClusterSnapshotAttribute", **params)
    assert (found, message) == (code, words)


@pytest.mark.parametrize("value", ["1" * 11, "1" * 13, "\u0661" * 12, "\xb2" * 12, "1" * 11 + "x", "ALL", ""])
def test_what_is_no_account_is_told_so(stub, ask, value):
    stub.add_snapshot("nightly", REGION)
    assert ask.refused("ModifyDBClusterSnapshotAttribute", **share(OTHER, value)) == (
        VALUE,
        "A snapshot is shared with accounts of twelve digits or with all.",
    )


def test_an_encrypted_snapshot_is_shared_with_accounts(stub, ask):
    stub.add_snapshot("encrypted", REGION, kms_key_id="alias/own")
    ask("ModifyDBClusterSnapshotAttribute", **share(OTHER, name="encrypted"))
    own = ask.stub.add_kms_key(REGION, account_id=OTHER)
    arn = f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster-snapshot:encrypted"
    assert ask.at(REGION, OTHER).copy(arn, "copy", KmsKeyId=own)["KmsKeyId"] == own
