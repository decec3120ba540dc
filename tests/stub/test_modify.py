"""Changing clusters, and what programs look up around them."""

from unittest.mock import ANY

import pytest

from neptune_guard.exceptions import NotStubbedError

from .conftest import ACCOUNT, REGION

CHANGES = [
    ({"BackupRetentionPeriod": 7}, {"BackupRetentionPeriod": 7}),
    ({"CopyTagsToSnapshot": True}, {"CopyTagsToSnapshot": True}),
    ({"DBClusterParameterGroupName": "mine"}, {"DBClusterParameterGroup": "mine"}),
    ({"DeletionProtection": True, "ApplyImmediately": True}, {"DeletionProtection": True}),
    ({"EnableIAMDatabaseAuthentication": True}, {"IAMDatabaseAuthenticationEnabled": True}),
    ({"EngineVersion": "1.4.6.0", "AllowMajorVersionUpgrade": True}, {"EngineVersion": "1.4.6.0"}),
    ({"Port": 9000}, {"Port": 9000}),
    ({"PreferredBackupWindow": "01:00-01:30"}, {"PreferredBackupWindow": "01:00-01:30"}),
    ({"PreferredMaintenanceWindow": "mon:01:00-mon:01:30"}, {"PreferredMaintenanceWindow": "mon:01:00-mon:01:30"}),
    ({"StorageType": "iopt1"}, {"StorageType": "iopt1"}),
    ({"OptionGroupName": "none"}, {}),
    (
        {"VpcSecurityGroupIds": ["sg-1"]},
        {"VpcSecurityGroups": [{"VpcSecurityGroupId": "sg-1", "Status": "active"}]},
    ),
    (
        {"ServerlessV2ScalingConfiguration": {"MinCapacity": 1.0, "MaxCapacity": 2.5}},
        {"ServerlessV2ScalingConfiguration": {"MinCapacity": 1.0, "MaxCapacity": 2.5}},
    ),
    (
        {"CloudwatchLogsExportConfiguration": {"EnableLogTypes": ["audit", "slowquery"], "DisableLogTypes": ["audit"]}},
        {"EnabledCloudwatchLogsExports": ["slowquery"]},
    ),
]


@pytest.mark.parametrize(("params", "expected"), CHANGES, ids=[next(iter(params)) for params, _ in CHANGES])
def test_a_change_takes_effect_at_once(stub, ask, params, expected):
    stub.clock.freeze()
    before = stub.add_cluster("graph", REGION)
    changed = ask("ModifyDBCluster", DBClusterIdentifier="GRAPH", **params)["DBCluster"]
    assert changed == {**before, **expected}
    assert ask("DescribeDBClusters")["DBClusters"] == [changed]


def test_log_exports_are_added_and_taken_away(stub, ask):
    stub.add_cluster("graph", REGION)

    def exported(**configuration):
        params = {"DBClusterIdentifier": "graph", "CloudwatchLogsExportConfiguration": configuration}
        return ask("ModifyDBCluster", **params)["DBCluster"]["EnabledCloudwatchLogsExports"]

    assert exported(EnableLogTypes=["slowquery"]) == ["slowquery"]
    assert exported(EnableLogTypes=["audit"]) == ["audit", "slowquery"]
    assert exported(DisableLogTypes=["slowquery"]) == ["audit"]
    assert exported() == ["audit"]


def test_one_capacity_of_a_serverless_cluster_may_be_changed(stub, ask):
    def scaling(**capacities):
        return {"DBClusterIdentifier": "graph", "ServerlessV2ScalingConfiguration": capacities}

    stub.add_cluster("graph", REGION)
    assert ask.refused("ModifyDBCluster", **scaling(MaxCapacity=16.0)) == (
        "InvalidParameterValue",
        "Both MinCapacity and MaxCapacity must be specified when you initialize Serverless v2 scaling configuration.",
    )
    ask("ModifyDBCluster", **scaling(MinCapacity=1.0, MaxCapacity=8.0))
    for given, expected in (
        ({"MaxCapacity": 16.0}, {"MinCapacity": 1.0, "MaxCapacity": 16.0}),
        ({"MinCapacity": 2.0}, {"MinCapacity": 2.0, "MaxCapacity": 16.0}),
    ):
        ask("ModifyDBCluster", **scaling(**given))
        assert ask("DescribeDBClusters")["DBClusters"][0]["ServerlessV2ScalingConfiguration"] == expected
    code, words = ask.refused("ModifyDBCluster", **scaling(MinCapacity=32.0))
    assert (code, "is above MaxCapacity" in words) == ("InvalidParameterValue", True)


def test_the_storage_type_goes_back_to_standard(stub, ask):
    stub.add_cluster("graph", REGION, storage_type="iopt1")
    changed = ask("ModifyDBCluster", DBClusterIdentifier="graph", StorageType="standard")["DBCluster"]
    assert "StorageType" not in changed


def test_a_new_name_takes_instances_and_tags_along(stub, ask):
    stub.add_cluster("graph", REGION, tags={"a": "b"})
    stub.add_instance("writer", REGION, cluster="graph")
    renamed = ask(
        "ModifyDBCluster", DBClusterIdentifier="graph", NewDBClusterIdentifier="Renamed", ApplyImmediately=True
    )
    cluster = renamed["DBCluster"]
    assert cluster["DBClusterArn"] == f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster:renamed"
    assert [each["DBInstanceIdentifier"] for each in cluster["DBClusterMembers"]] == ["writer"]
    assert ask.tags(cluster["DBClusterArn"]) == {"a": "b"}
    assert ask("DescribeDBInstances")["DBInstances"][0]["DBClusterIdentifier"] == "renamed"
    assert ask.refused("DescribeDBClusters", DBClusterIdentifier="graph")[0] == "DBClusterNotFoundFault"


REFUSED = [
    ({"DBClusterIdentifier": "no"}, "DBClusterNotFoundFault"),
    ({"NewDBClusterIdentifier": "taken"}, "DBClusterAlreadyExistsFault"),
    ({"NewDBClusterIdentifier": "a--b"}, "InvalidParameterValue"),
    ({"MasterUserPassword": "secret"}, "InvalidParameterValue"),
    ({"DBClusterIdentifier": "stopped"}, "InvalidDBClusterStateFault"),
]


@pytest.mark.parametrize(("params", "code"), REFUSED)
def test_a_change_that_is_refused_changes_nothing(stub, ask, params, code):
    stub.add_cluster("taken", REGION)
    stub.add_cluster("stopped", REGION, status="stopped")
    before = stub.add_cluster("graph", REGION)
    assert ask.refused("ModifyDBCluster", **{"DBClusterIdentifier": "graph", "Port": 9000, **params})[0] == code
    [after] = ask("DescribeDBClusters", DBClusterIdentifier="graph")["DBClusters"]
    assert {**after, "LatestRestorableTime": before["LatestRestorableTime"]} == before


# How a cluster is made, and a change that AWS documents as one that does not go with it.
AGAINST = [
    ({"EngineVersion": "1.2.1.0"}, {"StorageType": "iopt1"}, "engine version 1.3.0.0 or later"),
    (
        {"PreferredMaintenanceWindow": "sun:05:00-sun:05:30"},
        {"PreferredBackupWindow": "05:10-05:40"},
        "overlap",
    ),
]


@pytest.mark.parametrize(("made", "change", "words"), AGAINST)
def test_a_change_must_go_with_what_the_cluster_has(ask, made, change, words):
    ask("CreateDBCluster", DBClusterIdentifier="graph", Engine="neptune", **made)
    ask("DescribeDBClusters")
    ask("DescribeDBClusters")
    code, message = ask.refused("ModifyDBCluster", DBClusterIdentifier="graph", **change)
    assert (code, words in message) == ("InvalidParameterValue", True), message
    later = {"EngineVersion": "1.4.0.0", "PreferredMaintenanceWindow": "sun:08:00-sun:08:30"}
    ask("ModifyDBCluster", DBClusterIdentifier="graph", **{**later, **change})


def test_there_are_no_global_clusters(ask):
    assert ask("DescribeGlobalClusters", MaxRecords=20) == {**ask("DescribeGlobalClusters"), "ResponseMetadata": ANY}
    assert ask("DescribeGlobalClusters")["GlobalClusters"] == []
    assert ask.refused("DescribeGlobalClusters", GlobalClusterIdentifier="x")[0] == "GlobalClusterNotFoundFault"


def test_there_is_one_subnet_group(stub, ask):
    [group] = ask("DescribeDBSubnetGroups")["DBSubnetGroups"]
    assert (group["DBSubnetGroupName"], len(group["Subnets"])) == ("default", 3)
    assert group["DBSubnetGroupArn"] == f"arn:aws:rds:{REGION}:{ACCOUNT}:subgrp:default"
    assert ask("DescribeDBSubnetGroups", DBSubnetGroupName="Default")["DBSubnetGroups"] == [group]
    assert ask.refused("DescribeDBSubnetGroups", DBSubnetGroupName="mine")[0] == "DBSubnetGroupNotFoundFault"
    with pytest.raises(NotStubbedError, match="no Filters for DescribeDBSubnetGroups"):
        ask("DescribeDBSubnetGroups", Filters=[{"Name": "a", "Values": ["b"]}])
