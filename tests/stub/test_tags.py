"""Tags of snapshots and clusters, apart from those that copies take along."""

import pytest

from neptune_guard.exceptions import NotStubbedError

from .conftest import ACCOUNT, REGION

OTHER = "210987654321"


def arn(resource, region=REGION, account=ACCOUNT):
    return f"arn:aws:rds:{region}:{account}:{resource}"


@pytest.mark.parametrize("resource", ["cluster:graph", "cluster-snapshot:nightly", "cluster-snapshot:rds:graph-1"])
def test_tags_are_added_changed_and_removed(stub, ask, resource):
    stub.add_cluster("graph", REGION, tags={"a": "b"})
    for name in ("nightly", "rds:graph-1"):
        stub.add_snapshot(name, REGION, tags={"a": "b"})
    tagged = {"ResourceName": arn(resource)}
    assert ask.tags(arn(resource)) == {"a": "b"}
    ask("AddTagsToResource", **tagged, Tags=[{"Key": "c", "Value": "d"}, {"Key": "a", "Value": "x"}, {"Key": "e"}])
    assert ask.tags(arn(resource)) == {"a": "x", "c": "d", "e": None}
    ask("RemoveTagsFromResource", **tagged, TagKeys=["a", "e", "never there"])
    assert ask.tags(arn(resource)) == {"c": "d"}


@pytest.mark.parametrize(
    ("name", "code", "message"),
    [
        ("nightly", "InvalidParameterValue", "Invalid resource name:  nightly"),
        (arn("db:x"), "DBInstanceNotFound", f"{arn('db:x')} not found"),
        (
            arn("cluster:graph", "eu-west-1"),
            "InvalidParameterValue",
            f"Invalid resource name:  {arn('cluster:graph', 'eu-west-1')}",
        ),
        (
            "arn:aws:s3:us-east-1:123456789012:cluster:graph",
            "InvalidParameterValue",
            "Invalid resource name:  arn:aws:s3:us-east-1:123456789012:cluster:graph",
        ),
        (
            arn("cluster:graph").replace("aws", "aws-cn"),
            "InvalidParameterValue",
            f"Invalid resource name:  {arn('cluster:graph').replace('aws', 'aws-cn')}",
        ),
        (arn("cluster:no"), "DBClusterNotFoundFault", f"{arn('cluster:no')} not found"),
        (arn("cluster-snapshot:no"), "DBSnapshotNotFound", f"{arn('cluster-snapshot:no')} not found"),
        (
            arn("cluster-snapshot:shared", account=OTHER),
            "DBSnapshotNotFound",
            f"{arn('cluster-snapshot:shared', account=OTHER)} not found",
        ),
    ],
)
@pytest.mark.parametrize(
    ("operation", "more"),
    [
        ("AddTagsToResource", {"Tags": [{"Key": "a"}]}),
        ("ListTagsForResource", {}),
        ("RemoveTagsFromResource", {"TagKeys": ["a"]}),
    ],
)
def test_what_has_no_tags(stub, ask, operation, more, name, code, message):
    stub.add_cluster("graph", REGION)
    stub.add_snapshot("shared", REGION, account_id=OTHER, shared_with=[ACCOUNT])
    assert ask.refused(operation, ResourceName=name, **more) == (code, message)


def test_the_subnet_group_that_is_described_has_no_tags(ask):
    [group] = ask("DescribeDBSubnetGroups")["DBSubnetGroups"]
    assert ask.tags(group["DBSubnetGroupArn"]) == {}


@pytest.mark.parametrize(
    "resource", ["subgrp:mine", "pg:x", "cluster-pg:x", "es:x", "snapshot:x", "cluster-endpoint:x"]
)
def test_tags_of_what_the_stub_does_not_keep_are_not_stubbed(ask, resource):
    kind = resource.partition(":")[0]
    with pytest.raises(NotStubbedError, match=f"^the stub keeps no tags of the resource type {kind}, only of "):
        ask("ListTagsForResource", ResourceName=arn(resource))


def test_tags_of_a_global_cluster_are_not_stubbed(ask):
    with pytest.raises(NotStubbedError, match="the stub keeps no tags of the resource type global-cluster, only of "):
        ask("ListTagsForResource", ResourceName=arn("global-cluster:x", region=""))


def test_the_subnet_group_cannot_be_tagged(ask):
    with pytest.raises(NotStubbedError, match="the stub keeps no tags of the resource type subgrp, only of cluster, "):
        ask("AddTagsToResource", ResourceName=arn("subgrp:default"), Tags=[{"Key": "a"}])


@pytest.mark.parametrize(
    ("tags", "code"),
    [
        ([{"Key": "aws:x"}], "InvalidParameterValue"),
        ([{"Key": ""}], "InvalidParameterValue"),
        ([{"Value": "no key"}], "InvalidParameterValue"),
        ([{"Key": "a"}, {"Key": "a"}], "InvalidParameterCombination"),
        ([{"Key": "a", "Value": "x" * 257}], "InvalidParameterValue"),
        ([{"Key": f"more-{number}"} for number in range(2)], "InvalidParameterValue"),
    ],
)
def test_tags_that_are_refused_change_nothing(stub, ask, tags, code):
    before = {f"tag-{number}": "x" for number in range(49)}
    snapshot = stub.add_snapshot("nightly", REGION, tags=before)["DBClusterSnapshotArn"]
    assert ask.refused("AddTagsToResource", ResourceName=snapshot, Tags=tags)[0] == code
    assert ask.tags(snapshot) == before


def test_tags_in_another_partition(stub, ask):
    arn_in_china = stub.add_snapshot("nightly", "cn-north-1", tags={"a": "b"})["DBClusterSnapshotArn"]
    assert ask.at("cn-north-1").tags(arn_in_china) == {"a": "b"}


def test_filters_are_refused_by_name(stub, ask):
    snapshot = stub.add_snapshot("nightly", REGION)["DBClusterSnapshotArn"]
    assert ask("ListTagsForResource", ResourceName=snapshot, Filters=[])["TagList"] == []
    with pytest.raises(NotStubbedError) as refusal:
        ask("ListTagsForResource", ResourceName=snapshot, Filters=[{"Name": "a", "Values": ["b"]}])
    assert str(refusal.value) == (
        "the stub has no Filters for ListTagsForResource; Neptune documents them as not supported"
    )
