"""A recovery plan as a program would carry it out with boto3; nothing in it knows of the simulator."""

from __future__ import annotations

import boto3

HOME, REFUGE = "us-east-1", "eu-west-1"


def available(what: str, status) -> None:
    for _ in range(20):
        if status() == "available":
            print(f"{what} is available")
            return
    raise SystemExit(f"{what} is not available after 20 looks")


def cluster_status(client, name: str) -> str:
    return client.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"][0]["Status"]


def snapshot_status(client, name: str) -> str:
    found = client.describe_db_cluster_snapshots(DBClusterSnapshotIdentifier=name)
    return found["DBClusterSnapshots"][0]["Status"]


def main() -> None:
    home, refuge = (boto3.client("neptune", region_name=region) for region in (HOME, REFUGE))
    account = boto3.client("sts", region_name=HOME).get_caller_identity()["Account"]
    home.create_db_cluster(DBClusterIdentifier="graph", Engine="neptune", Tags=[{"Key": "équipe", "Value": "graph"}])
    available("the cluster", lambda: cluster_status(home, "graph"))

    home.create_db_cluster_snapshot(DBClusterSnapshotIdentifier="nightly", DBClusterIdentifier="graph")
    available("the snapshot", lambda: snapshot_status(home, "nightly"))

    source = f"arn:aws:rds:{HOME}:{account}:cluster-snapshot:nightly"
    # The same copy by each of the three clients of the control plane.
    for service in ("neptune", "rds", "docdb"):
        copy = boto3.client(service, region_name=REFUGE).copy_db_cluster_snapshot(
            SourceDBClusterSnapshotIdentifier=source,
            TargetDBClusterSnapshotIdentifier=f"nightly-{service}",
            SourceRegion=HOME,
            Tags=[{"Key": "équipe", "Value": "a/b=c +d"}],
        )["DBClusterSnapshot"]
        assert copy["SourceDBClusterSnapshotArn"] == source
        available(f"the copy by {service}", lambda name=f"nightly-{service}": snapshot_status(refuge, name))
    tags = refuge.list_tags_for_resource(ResourceName=copy["DBClusterSnapshotArn"])["TagList"]
    assert tags == [{"Key": "équipe", "Value": "a/b=c +d"}]

    refuge.restore_db_cluster_from_snapshot(
        DBClusterIdentifier="graph-restored", SnapshotIdentifier="nightly-neptune", Engine="neptune"
    )
    available("the restored cluster", lambda: cluster_status(refuge, "graph-restored"))
    refuge.delete_db_cluster(DBClusterIdentifier="graph-restored", SkipFinalSnapshot=True)
    refuge.delete_db_cluster_snapshot(DBClusterSnapshotIdentifier="nightly-neptune")
    print("the plan holds")


if __name__ == "__main__":
    main()
