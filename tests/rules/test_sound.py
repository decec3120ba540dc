"""Requests of the kinds that AWS's examples, moto's tests and Terraform's acceptance tests send: none gives an error.

The kinds were collected from botocore's example files for neptune, docdb and rds, the examples of the AWS CLI for docdb
and rds, moto's tests for Neptune, and the Terraform provider's acceptance tests; names and values are ours. Where an
example is for another engine, the request is what it would be for Neptune.
"""

from typing import Any

import pytest

from neptune_guard._printing import ABSENT
from tests.helpers import ACCOUNT, HERE, OTHER_ACCOUNT, THERE, arn, kms
from tests.rules.rows import Row, of

copy = of("CopyDBClusterSnapshot")
snapshot = of("CreateDBClusterSnapshot")
delete_snapshot = of("DeleteDBClusterSnapshot")
describe = of("DescribeDBClusterSnapshots")
share = of("ModifyDBClusterSnapshotAttribute")
attributes = of("DescribeDBClusterSnapshotAttributes")
restore = of("RestoreDBClusterFromSnapshot")
rewind = of("RestoreDBClusterToPointInTime")
create = of("CreateDBCluster")
modify = of("ModifyDBCluster")
delete = of("DeleteDBCluster")
instance = of("CreateDBInstance")
tag, untag, tags = of("AddTagsToResource"), of("RemoveTagsFromResource"), of("ListTagsForResource")
ZONES = [f"{HERE}{each}" for each in "abc"]
AUTOMATED = "rds:graph-2026-11-24-03-07"


def copied(source: str, **changes: Any) -> Row:
    return copy(SourceDBClusterSnapshotIdentifier=source, **changes)


SOUND_REQUESTS = {
    # Examples of the AWS CLI and of botocore
    "copy an automated snapshot by name": copied(AUTOMATED),
    "copy an automated snapshot by ARN with its tags": copied(arn(HERE, AUTOMATED), CopyTags=True),
    "copy with a tag beside the copied ones": copied("nightly", CopyTags=True, Tags=[{"Key": "Copy", "Value": "1"}]),
    "copy to another Region": copied(arn(THERE), SourceRegion=THERE, KmsKeyId="alias/graph"),
    "copy of a copy that AWS Backup made": copied(arn(HERE, "awsbackup:copyjob-2f7b7d6b-5edf-c5ca-ab64-fae53928c6c3")),
    "snapshot with a date in its name": snapshot(DBClusterSnapshotIdentifier="graph-2026-11-24-03-07"),
    "delete a snapshot": delete_snapshot(),
    "describe the snapshots of a cluster": describe(DBClusterIdentifier="graph"),
    "describe a manual snapshot": describe(DBClusterSnapshotIdentifier="nightly", SnapshotType="manual"),
    "describe a page": describe(SnapshotType="automated", MaxRecords=20, Marker="next"),
    "describe what others share": describe(SnapshotType="shared", IncludeShared=True),
    "describe public snapshots": describe(IncludePublic=True),
    "describe a shared snapshot by its ARN": describe(
        DBClusterSnapshotIdentifier=arn(HERE, account_id=OTHER_ACCOUNT), SnapshotType="shared"
    ),
    "share with three accounts": share(ValuesToAdd=["123456789011", "123456789012", "123456789013"]),
    "stop sharing": share(ValuesToAdd=ABSENT, ValuesToRemove=["123456789012"]),
    "share with some and no longer with all": share(ValuesToAdd=["111122223333"], ValuesToRemove=["all"]),
    "describe sharing": attributes(),
    "restore an automated snapshot by name": restore(
        DBClusterIdentifier="graph-2026-11-24-03-07-restored", SnapshotIdentifier=AUTOMATED
    ),
    "restore an instance snapshot by ARN": restore(SnapshotIdentifier=arn(HERE, "graph-1-last", kind="snapshot")),
    "restore with a version": restore(EngineVersion="1.2.1.0"),
    "point in time by the source's ARN": rewind(SourceDBClusterIdentifier=arn(HERE, "graph", kind="cluster")),
    "point in time by a time in UTC": rewind(UseLatestRestorableTime=ABSENT, RestoreToTime="2026-11-24T23:45:00.000Z"),
    "point in time long ago": rewind(UseLatestRestorableTime=ABSENT, RestoreToTime="2016-09-13T18:45:00Z"),
    "clone": rewind(RestoreType="copy-on-write"),
    "cluster with a maintenance window of 30 minutes": create(PreferredMaintenanceWindow="Sun:20:30-Sun:21:00"),
    "cluster in one zone": create(AvailabilityZones=[f"{HERE}a"], BackupRetentionPeriod=1),
    "change the windows": modify(
        ApplyImmediately=False,
        BackupRetentionPeriod=7,
        PreferredBackupWindow="18:00-18:30",
        PreferredMaintenanceWindow="sun:20:00-sun:20:30",
    ),
    "change the name": modify(ApplyImmediately=True, NewDBClusterIdentifier="my-new-cluster"),
    "change the security groups": modify(VpcSecurityGroupIds=["sg-20a5c047"]),
    "delete with a final snapshot": delete(SkipFinalSnapshot=False, FinalDBSnapshotIdentifier="graph-final-snapshot"),
    "delete without one": delete(SkipFinalSnapshot=True),
    "tags without a value": tag(Tags=[{"Key": "CropA", "Value": "Apple"}, {"Key": "CropB"}]),
    "tag an instance": tag(ResourceName=arn(HERE, "graph-1", kind="db")),
    "tag an option group of RDS": tag(ResourceName=arn(HERE, "options", kind="og")),
    "remove two tags": untag(TagKeys=["Name", "Environment"]),
    "list the tags of a parameter group": tags(ResourceName=arn(HERE, "default.neptune1.2", kind="cluster-pg")),
    # What moto's tests send
    "old engine with everything": create(
        EngineVersion="1.1.0.1",
        StorageEncrypted=False,
        DBClusterParameterGroupName="myprm",
        ServerlessV2ScalingConfiguration={"MinCapacity": 1.0, "MaxCapacity": 2.0},
        DatabaseName="sth",
    ),
    "modify an old engine": modify(EngineVersion="1.1.0.1", DBClusterParameterGroupName="myprm"),
    "security group sg-1": create(VpcSecurityGroupIds=["sg-1"], DBSubnetGroupName="db_subnet"),
    # What Terraform's provider sends
    "Terraform's cluster": create(
        DBClusterIdentifier="tf-acc-test-4593281762901653",
        AvailabilityZones=ZONES,
        CopyTagsToSnapshot=False,
        DBClusterParameterGroupName="default.neptune1.4",
        DeletionProtection=False,
        EnableCloudwatchLogsExports=["audit", "slowquery"],
        EngineVersion="1.4.0.0",
        KmsKeyId=kms(),
        Port=8182,
        PreferredBackupWindow="07:00-09:00",
        PreferredMaintenanceWindow="tue:04:00-tue:04:30",
        StorageEncrypted=True,
        StorageType="iopt1",
        Tags=[{"Key": "Name", "Value": "tf-acc-test-4593281762901653"}],
        VpcSecurityGroupIds=["sg-0b9130572daf3dc16", "sg-77186e0d"],
    ),
    "Terraform's serverless cluster": create(
        EngineVersion="1.2.0.1", ServerlessV2ScalingConfiguration={"MinCapacity": 4.5, "MaxCapacity": 12.5}
    ),
    "Terraform's smallest serverless cluster": create(
        ServerlessV2ScalingConfiguration={"MinCapacity": 1.0, "MaxCapacity": 2.5}
    ),
    "Terraform's restore with another key": restore(
        BackupRetentionPeriod=ABSENT,
        DBClusterParameterGroupName="tf-acc-test-4593281762901653",
        KmsKeyId=kms(),
        SnapshotIdentifier=arn(HERE, "tf-acc-test-4593281762901653"),
        Tags=[{"Key": "Name", "Value": "test"}],
        VpcSecurityGroupIds=["sg-0b9130572daf3dc16", "sg-77186e0d"],
    ),
    "Terraform's member of a global database": create(
        GlobalClusterIdentifier="tf-acc-test-1", DBSubnetGroupName="tf-acc-test-2", EngineVersion="1.2.0.0"
    ),
    "Terraform's replica of another Region": create(
        ReplicationSourceIdentifier=arn(THERE, "graph", kind="cluster"), SourceRegion=THERE, KmsKeyId=kms()
    ),
    "Terraform's major upgrade": modify(
        AllowMajorVersionUpgrade=True,
        ApplyImmediately=True,
        DBClusterParameterGroupName="default.neptune1.2",
        DBInstanceParameterGroupName="default.neptune1.2",
        EngineVersion="1.2.0.1",
    ),
    "Terraform's change of exported logs": modify(
        CloudwatchLogsExportConfiguration={"EnableLogTypes": ["slowquery"], "DisableLogTypes": ["audit"]}
    ),
    "Terraform's instance": instance(
        AutoMinorVersionUpgrade=True,
        AvailabilityZone=f"{HERE}a",
        DBInstanceClass="db.t3.medium",
        DBParameterGroupName="default.neptune1.4",
        DBSubnetGroupName="tf-acc-test-2",
        EngineVersion="1.4.0.0",
        PreferredBackupWindow="04:00-06:00",
        PreferredMaintenanceWindow="mon:03:00-mon:03:30",
        PromotionTier=0,
        PubliclyAccessible=False,
    ),
    "Terraform's serverless instance": instance(DBInstanceClass="db.serverless", PromotionTier=15),
}


@pytest.mark.parametrize("kind", SOUND_REQUESTS)
def test_a_sound_request_gives_no_error(kind):
    row = SOUND_REQUESTS[kind]
    for account_id in (None, ACCOUNT):
        found = row._replace(account_id=account_id).check()
        assert [str(each) for each in found if each.severity == "error"] == []
