"""Instances of clusters: the writer, the readers, and what a cluster cannot do while it has some."""

from datetime import timedelta

import pytest

from neptune_guard.exceptions import ConfigurationError

from .conftest import ACCOUNT, REGION

OTHER = "210987654321"
INSTANCE = {"DBInstanceClass": "db.r6g.large", "Engine": "neptune", "DBClusterIdentifier": "graph"}


def instance(identifier="writer", **more):
    return {"DBInstanceIdentifier": identifier, **INSTANCE, **more}


def shown(ask, identifier):
    return ask("DescribeDBInstances", DBInstanceIdentifier=identifier)["DBInstances"][0]


def members(ask, cluster="graph"):
    found = ask("DescribeDBClusters", DBClusterIdentifier=cluster)["DBClusters"][0]["DBClusterMembers"]
    return [(each["DBInstanceIdentifier"], each["IsClusterWriter"]) for each in found]


def test_an_instance_has_its_clusters_properties(stub, ask):
    key = stub.add_kms_key(REGION)
    stub.add_cluster("graph", REGION, kms_key_id=key, port=9000, engine_version="1.3.2.0")
    made = ask("CreateDBInstance", **instance("Writer", PromotionTier=2, Tags=[{"Key": "a", "Value": "b"}]))[
        "DBInstance"
    ]
    expected = {
        "DBInstanceIdentifier": "writer",
        "DBInstanceClass": "db.r6g.large",
        "DBInstanceStatus": "creating",
        "Engine": "neptune",
        "EngineVersion": "1.3.2.0",
        "DBClusterIdentifier": "graph",
        "StorageEncrypted": True,
        "KmsKeyId": key,
        "PromotionTier": 2,
        "DBInstanceArn": f"arn:aws:rds:{REGION}:{ACCOUNT}:db:writer",
        "DBParameterGroups": [{"DBParameterGroupName": "default.neptune1.3", "ParameterApplyStatus": "in-sync"}],
    }
    assert expected.items() <= made.items()
    assert "Endpoint" not in made
    ready = shown(ask, "WRITER")
    assert ready["Endpoint"]["Port"] == 9000
    assert {**made, "DBInstanceStatus": "available", "Endpoint": ready["Endpoint"]} == ready
    assert shown(ask, made["DBInstanceArn"]) == ready
    assert ask.tags(made["DBInstanceArn"]) == {"a": "b"}


def test_the_oldest_instance_is_the_writer_until_it_is_deleted(make, asker):
    stub = make(create_duration=timedelta(minutes=5))
    stub.clock.freeze()
    stub.add_cluster("graph", REGION)
    ask = asker(stub)
    for name in ("zero", "one", "two"):
        ask("CreateDBInstance", **instance(name))
    assert members(ask) == [("zero", True), ("one", False), ("two", False)]
    assert ask("DescribeDBClusters")["DBClusters"][0]["MultiAZ"] is True
    ask("DeleteDBInstance", DBInstanceIdentifier="zero")
    assert members(ask) == [("zero", False), ("one", True), ("two", False)]
    stub.clock.advance(minutes=5)
    assert members(ask) == [("one", True), ("two", False)]


def test_an_instance_shows_creating_and_deleting_as_long_as_both_take(make, asker):
    stub = make(create_duration=timedelta(minutes=5))
    stub.clock.freeze()
    stub.add_cluster("graph", REGION)
    ask = asker(stub)
    ask("CreateDBInstance", **instance())
    assert shown(ask, "writer")["DBInstanceStatus"] == "creating"
    stub.clock.advance(minutes=5)
    assert shown(ask, "writer")["DBInstanceStatus"] == "available"
    gone = ask("DeleteDBInstance", DBInstanceIdentifier="writer", SkipFinalSnapshot=True)["DBInstance"]
    assert gone["DBInstanceStatus"] == shown(ask, "writer")["DBInstanceStatus"] == "deleting"
    assert ask.refused("DeleteDBInstance", DBInstanceIdentifier="writer")[0] == "InvalidDBInstanceState"
    stub.clock.advance(minutes=5)
    assert ask.refused("DescribeDBInstances", DBInstanceIdentifier="writer") == (
        "DBInstanceNotFound",
        "DBInstance writer not found.",
    )
    ask("CreateDBInstance", **instance())


def test_a_deletion_that_takes_no_time_is_over_at_once(stub, ask):
    stub.add_cluster("graph", REGION)
    stub.add_instance("writer", REGION, cluster="graph")
    assert ask("DeleteDBInstance", DBInstanceIdentifier="writer")["DBInstance"]["DBInstanceStatus"] == "deleting"
    assert ask("DescribeDBInstances")["DBInstances"] == []
    ask("DeleteDBCluster", DBClusterIdentifier="graph", SkipFinalSnapshot=True)
    assert ask("DescribeDBClusters")["DBClusters"] == []


def test_a_cluster_is_deleted_after_its_instances(make, asker):
    stub = make(create_duration=timedelta(minutes=5))
    stub.clock.freeze()
    stub.add_cluster("graph", REGION)
    stub.add_instance("writer", REGION, cluster="GRAPH")
    ask = asker(stub)
    deletion = {"DBClusterIdentifier": "graph", "SkipFinalSnapshot": True}
    assert ask.refused("DeleteDBCluster", **deletion) == (
        "InvalidDBClusterStateFault",
        "Cluster cannot be deleted, it still contains DB instances in non-deleting state.",
    )
    ask("DeleteDBInstance", DBInstanceIdentifier="writer")
    stub.clock.advance(minutes=1)
    assert ask("DeleteDBCluster", **deletion)["DBCluster"]["Status"] == "deleting"
    assert ask.refused("DeleteDBCluster", **deletion)[0] == "InvalidDBClusterStateFault"
    stub.clock.advance(minutes=4)
    assert members(ask) == []
    assert ask("DescribeDBClusters")["DBClusters"][0]["Status"] == "deleting"
    stub.clock.advance(minutes=1)
    assert ask.refused("DescribeDBClusters", DBClusterIdentifier="graph")[0] == "DBClusterNotFoundFault"
    stub.add_cluster("graph", REGION)
    assert members(ask) == []


REFUSED = [
    (instance("taken"), "DBInstanceAlreadyExists", "DB instance already exists"),
    (instance(DBClusterIdentifier="no"), "DBClusterNotFoundFault", "DBCluster no not found"),
    (
        instance(DBInstanceClass="db.serverless"),
        "InvalidDBClusterStateFault",
        "Set the Serverless v2 scaling configuration on the parent DB cluster before creating a Serverless v2 DB "
        "instance.",
    ),
    (
        instance(DBClusterIdentifier="stopped"),
        "InvalidDBClusterStateFault",
        "The cluster stopped is stopped, not available.",
    ),
    (
        instance(MasterUsername="x"),
        "InvalidParameterValue",
        "The parameter MasterUsername is not valid for engine: neptune",
    ),
]


@pytest.mark.parametrize(("params", "code", "words"), REFUSED)
def test_an_instance_that_is_not_created(stub, ask, params, code, words):
    stub.add_cluster("graph", REGION)
    stub.add_cluster("stopped", REGION, status="stopped")
    stub.add_instance("taken", REGION, cluster="graph")
    assert ask.refused("CreateDBInstance", **params) == (code, words)


def test_a_serverless_instance_needs_a_serverless_cluster(ask):
    capacity = {"MinCapacity": 1.0, "MaxCapacity": 2.5}
    ask(
        "CreateDBCluster",
        DBClusterIdentifier="graph",
        Engine="neptune",
        ServerlessV2ScalingConfiguration=capacity,
    )
    made = ask("CreateDBInstance", **instance(DBInstanceClass="db.serverless"))["DBInstance"]
    assert made["DBInstanceClass"] == "db.serverless"


def test_a_protected_instance_is_not_deleted(stub, ask):
    stub.add_cluster("graph", REGION)
    ask("CreateDBInstance", **instance(DeletionProtection=True))
    assert ask.refused("DeleteDBInstance", DBInstanceIdentifier="writer")[0] == "InvalidParameterCombination"


LISTED = [
    ({}, ["other", "reader", "writer"]),
    ({"DBInstanceIdentifier": "READER"}, ["reader"]),
    ({"Filters": [{"Name": "db-cluster-id", "Values": ["Graph"]}]}, ["reader", "writer"]),
    (
        {"Filters": [{"Name": "db-cluster-id", "Values": [f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:second"]}]},
        ["other"],
    ),
    ({"Filters": [{"Name": "db-instance-id", "Values": ["writer", "no"]}]}, ["writer"]),
    ({"Filters": [{"Name": "engine", "Values": ["docdb"]}]}, []),
]


@pytest.mark.parametrize(("params", "expected"), LISTED)
def test_which_instances_are_listed(stub, ask, params, expected):
    for cluster, names in (("graph", ["writer", "reader"]), ("second", ["other"])):
        stub.add_cluster(cluster, REGION)
        for name in names:
            stub.add_instance(name, REGION, cluster=cluster)
    stub.add_cluster("graph", REGION, account_id=OTHER)
    stub.add_instance("theirs", REGION, cluster="graph", account_id=OTHER)
    listed = ask("DescribeDBInstances", **params)["DBInstances"]
    assert [each["DBInstanceIdentifier"] for each in listed] == expected


def test_instances_come_in_pages(stub, client):
    stub.add_cluster("graph", REGION)
    names = [f"reader-{number:02}" for number in range(45)]
    for name in names:
        stub.add_instance(name, REGION, cluster="graph")
    walk = client.get_paginator("describe_db_instances").paginate(PaginationConfig={"PageSize": 20})
    pages = [[each["DBInstanceIdentifier"] for each in page["DBInstances"]] for page in walk]
    assert pages == [names[:20], names[20:40], names[40:]]


def test_botocores_own_waiters_come_to_their_end(make, monkeypatch):
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    stub = make(create_duration=timedelta(minutes=5), tick=timedelta(minutes=1))
    stub.add_cluster("graph", REGION)
    client = stub.session(REGION).client("neptune")
    client.create_db_instance(**instance())
    client.get_waiter("db_instance_available").wait(DBInstanceIdentifier="writer")
    client.delete_db_instance(DBInstanceIdentifier="writer", SkipFinalSnapshot=True)
    client.get_waiter("db_instance_deleted").wait(DBInstanceIdentifier="writer")
    assert stub.calls[-1].error == "DBInstanceNotFound"


MISTAKES = [
    ({"cluster": "no"}, "there is no cluster 'no' in us-east-1; add it first"),
    ({"cluster": None}, "cluster is None; give the name of a cluster"),
    ({"status": "done"}, "status is 'done'; give one of available"),
    ({"status": "avialable"}, "status is 'avialable'; did you mean 'available'?"),
    ({"instance_class": "large"}, "instance_class is 'large'; give a class such as 'db.r6g.large'"),
    ({"instance_class": 5}, "instance_class is 5"),
    ({"identifier": "1st"}, "'1st' cannot be added"),
    ({"identifier": "taken"}, "the instance 'taken' exists in us-east-1 already"),
    ({"tags": {"aws:x": "y"}}, "cannot be added: Tag keys cannot start"),
    ({"tags": ["a"]}, "tags has type list; give a dict"),
]


@pytest.mark.parametrize(("options", "words"), MISTAKES)
def test_an_instance_that_cannot_be_added(stub, options, words):
    stub.add_cluster("graph", REGION)
    stub.add_instance("taken", REGION, cluster="graph", status="stopped", tags={"a": "b"})
    given = {"identifier": "writer", "region": REGION, "cluster": "graph", **options}
    with pytest.raises(ConfigurationError) as refusal:
        stub.add_instance(**given)
    assert words in str(refusal.value)


def test_no_instance_is_added_to_a_cluster_that_is_being_deleted(make, asker):
    stub = make(create_duration=timedelta(minutes=5))
    stub.add_cluster("graph", REGION)
    ask = asker(stub)
    ask("DeleteDBCluster", DBClusterIdentifier="graph", SkipFinalSnapshot=True)
    with pytest.raises(ConfigurationError, match="'reader' cannot be added: its cluster graph is being deleted"):
        stub.add_instance("reader", REGION, cluster="graph")
    stub.clock.advance(minutes=5)
    assert ask("DescribeDBInstances")["DBInstances"] == []


@pytest.mark.parametrize("minutes", [0, 5])
def test_an_instance_that_was_added_as_deleting_goes_with_its_cluster(make, asker, minutes):
    stub = make(create_duration=timedelta(minutes=minutes))
    stub.clock.freeze()
    stub.add_cluster("graph", REGION)
    stub.add_instance("old", REGION, cluster="graph", status="deleting")
    ask = asker(stub)
    assert members(ask) == [("old", False)]
    ask("DeleteDBCluster", DBClusterIdentifier="graph", SkipFinalSnapshot=True)
    assert len(ask("DescribeDBInstances")["DBInstances"]) == (minutes > 0)
    stub.clock.advance(minutes=5)
    assert ask("DescribeDBInstances")["DBInstances"] == ask("DescribeDBClusters")["DBClusters"] == []
