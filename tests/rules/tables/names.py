"""Rows of the rules about what clusters are made of and named after, and about parameters that exclude each other."""

from __future__ import annotations

from enum import Enum

from neptune_guard._printing import ABSENT
from tests.helpers import HERE
from tests.rules.rows import ERROR, WARNING, Table, of

create = of("CreateDBCluster")
modify = of("ModifyDBCluster")
restore = of("RestoreDBClusterFromSnapshot")
rewind = of("RestoreDBClusterToPointInTime")
delete = of("DeleteDBCluster")
instance = of("CreateDBInstance")
MAKING = (create, restore, rewind)
CHANGING = (*MAKING, modify)


class Region(str, Enum):
    HERE = HERE


TABLES = {
    "subnet-group-default": Table(
        WARNING,
        [create(DBSubnetGroupName="graph"), create(DBSubnetGroupName="Default"), restore(DBSubnetGroupName="default")],
        [create(DBSubnetGroupName="default")],
        [
            (
                create(DBSubnetGroupName="default"),
                "warning: DBSubnetGroupName: 'default' is a name that the documentation forbids; give the name of a "
                "subnet group of your own, or leave it out [subnet-group-default]",
            )
        ],
    ),
    "subnet-group-name": Table(
        WARNING,
        [
            made(DBSubnetGroupName=name)
            for made in (*MAKING, instance)
            for name in ("mySubnetgroup", "default-vpc-1", "a b._-1", "1", "s" * 255)
        ],
        [
            made(DBSubnetGroupName=name)
            for made in (*MAKING, instance)
            for name in ("", "s" * 256, "a/b", "a:b", "a\n", "größe")
        ],
        [
            (
                restore(DBSubnetGroupName="a/b"),
                "warning: DBSubnetGroupName: 'a/b' does not look like the name of a subnet group; use 1 to 255 "
                "letters, digits, spaces and . _ - [subnet-group-name]",
            )
        ],
    ),
    "parameter-group-name": Table(
        WARNING,
        [
            *(
                made(DBClusterParameterGroupName=name)
                for made in CHANGING
                for name in ("default.neptune1.2", "g", "graph-1", "g" * 255)
            ),
            instance(DBParameterGroupName="default.neptune1"),
        ],
        [
            *(
                made(DBClusterParameterGroupName=name)
                for made in CHANGING
                for name in ("", "1g", "g--1", "g-", "g_1", "g" * 256, "g\n")
            ),
            instance(DBParameterGroupName="g--1"),
            modify(DBInstanceParameterGroupName="1g"),
        ],
        [
            (
                create(DBClusterParameterGroupName="g--1"),
                "warning: DBClusterParameterGroupName: 'g--1' does not look like the name of a parameter group; use 1 "
                "to 255 letters, digits, dots and single hyphens, and begin with a letter [parameter-group-name]",
            )
        ],
    ),
    "security-group-format": Table(
        WARNING,
        [
            *(made(VpcSecurityGroupIds=[name]) for made in CHANGING for name in ("sg-1", "sg-0123456789abcdef0")),
            create(VpcSecurityGroupIds=()),
        ],
        [
            made(VpcSecurityGroupIds=["sg-1", name])
            for made in CHANGING
            for name in ("", "default", "sg-", "sg-xyz", "SG-1", "sg-1\n")
        ],
        [
            (
                create(VpcSecurityGroupIds=["clients"]),
                "warning: VpcSecurityGroupIds[0]: 'clients' does not look like the id of a security group; give sg- "
                "and its hex digits, not the group's name [security-group-format]",
            )
        ],
    ),
    "zone-other-region": Table(
        ERROR,
        [
            *(made(AvailabilityZones=[f"{HERE}a", f"{HERE}-lax-1a"]) for made in (create, restore)),
            instance(AvailabilityZone=f"{HERE}b"),
            instance(AvailabilityZone=f"{HERE}b")._replace(region=Region.HERE),
            instance(AvailabilityZone="us-east-1a", region=None),
            create(AvailabilityZones=["us-east-1a"], region="mars"),
            create(AvailabilityZones=[]),
        ],
        [
            instance(AvailabilityZone=f"{HERE}2a"),
            *(made(AvailabilityZones=[f"{HERE}a", "us-east-1a"], warns=True) for made in (create, restore)),
            *(instance(AvailabilityZone=zone) for zone in ("us-east-1a", "", "usw2-az1", "a")),
        ],
        [
            (
                instance(AvailabilityZone="us-east-1a"),
                "error: AvailabilityZone: 'us-east-1a' is not a zone of us-west-2, the client's Region; give one of "
                "that Region [zone-other-region]",
            ),
            (
                create(AvailabilityZones=["us-west-2a", "us-east-1a"]),
                "warning: AvailabilityZones[1]: 'us-east-1a' is not a zone of us-west-2, the client's Region; give one "
                "of that Region [zone-other-region]",
            ),
        ],
    ),
    "zones-count": Table(
        WARNING,
        [made(AvailabilityZones=[f"{HERE}{each}" for each in "abc"]) for made in (create, restore)],
        [
            made(AvailabilityZones=[f"{HERE}{each}" for each in zones])
            for made in (create, restore)
            for zones in ("abcd", "aa", "aba")
        ],
        [
            (
                create(AvailabilityZones=(f"{HERE}a",) * 2),
                "warning: AvailabilityZones: a list of 2 items has more than three, or one of them twice; give at "
                "most three, each once [zones-count]",
            )
        ],
    ),
    "global-cluster-identifier": Table(
        ERROR,
        [create(GlobalClusterIdentifier=name) for name in ("g", "Graph-1", "g" * 255)],
        [
            *(
                create(GlobalClusterIdentifier=name)
                for name in ("1g", "-g", "g g", "g\n", "g/", "größe", "g" * 256, "")
            ),
            *(create(GlobalClusterIdentifier=name, warns=True) for name in ("g:g", "g.g", "g_g", "g--g")),
        ],
        [
            (
                create(GlobalClusterIdentifier="g g"),
                "error: GlobalClusterIdentifier: 'g g' is not the name of a global database; begin with a letter, and "
                "use 1 to 255 letters, digits and - : . _ [global-cluster-identifier]",
            ),
            (
                create(GlobalClusterIdentifier="g_g"),
                "warning: GlobalClusterIdentifier: 'g_g' has : . _ or two consecutive hyphens, which the model allows "
                "and Terraform does not; use letters, digits and single hyphens to be safe [global-cluster-identifier]",
            ),
        ],
    ),
    "parameter-unsupported": Table(
        ERROR,
        [*(made() for made in CHANGING), instance()],
        [
            *(made(**{name: "x"}) for made in (create, instance) for name in ("MasterUsername", "MasterUserPassword")),
            modify(MasterUserPassword=""),
            *(made(OptionGroupName="x", warns=True) for made in (*CHANGING, instance)),
            *(made(DatabaseName="", warns=True) for made in (create, restore)),
            *(create(**{name: "x"}, warns=True) for name in ("CharacterSetName", "PreSignedUrl")),
            *(
                instance(**{name: value}, warns=True)
                for name, value in {
                    "DBName": "graph",
                    "AllocatedStorage": 10,
                    "CharacterSetName": "x",
                    "EnablePerformanceInsights": False,
                    "PerformanceInsightsKMSKeyId": "alias/graph",
                    "EnableIAMDatabaseAuthentication": True,
                }.items()
            ),
        ],
        [
            (
                create(MasterUsername="admin"),
                "error: MasterUsername: 'admin' is refused by the service for Neptune; leave it out, Neptune has no "
                "master user [parameter-unsupported]",
            ),
            (
                create(MasterUserPassword="made-up"),
                "error: MasterUserPassword: <redacted> is refused by the service for Neptune; leave it out, Neptune "
                "has no master user [parameter-unsupported]",
            ),
            (
                restore(DatabaseName="graph"),
                "warning: DatabaseName: 'graph' is documented as not supported by Neptune; leave it out "
                "[parameter-unsupported]",
            ),
        ],
    ),
    "upgrade-group": Table(
        ERROR,
        [
            modify(
                DBInstanceParameterGroupName="default.neptune1.2",
                AllowMajorVersionUpgrade=allowed,
                EngineVersion="1.2.0.0",
            )
            for allowed in (True, False)
        ],
        [modify(DBInstanceParameterGroupName="g"), modify(DBInstanceParameterGroupName="g", EngineVersion="1.2.0.0")],
        [
            (
                modify(DBInstanceParameterGroupName="g"),
                "error: DBInstanceParameterGroupName: 'g' is valid only together with AllowMajorVersionUpgrade; give "
                "both or none [upgrade-group]",
            )
        ],
    ),
    "upgrade-version": Table(
        WARNING,
        [
            modify(AllowMajorVersionUpgrade=True, EngineVersion="1.2.0.0"),
            modify(AllowMajorVersionUpgrade=False),
            modify(EngineVersion="1.2.0.0"),
        ],
        [modify(AllowMajorVersionUpgrade=True)],
        [
            (
                modify(AllowMajorVersionUpgrade=True),
                "warning: EngineVersion: is missing while AllowMajorVersionUpgrade is given; give the version to "
                "upgrade to [upgrade-version]",
            )
        ],
    ),
    "final-snapshot-required": Table(
        ERROR,
        [
            delete(),
            delete(SkipFinalSnapshot=ABSENT, FinalDBSnapshotIdentifier="graph-final"),
            delete(SkipFinalSnapshot=False, FinalDBSnapshotIdentifier="graph-final"),
            delete(SkipFinalSnapshot=False, FinalDBSnapshotIdentifier=""),
            delete(SkipFinalSnapshot=None),
        ],
        [delete(SkipFinalSnapshot=ABSENT), delete(SkipFinalSnapshot=False)],
        [
            (
                delete(SkipFinalSnapshot=ABSENT),
                "error: FinalDBSnapshotIdentifier: is missing; give the final snapshot a name, or "
                "SkipFinalSnapshot=True [final-snapshot-required]",
            )
        ],
    ),
    "exclusive-parameters": Table(
        ERROR,
        [
            delete(),
            delete(SkipFinalSnapshot=False, FinalDBSnapshotIdentifier="graph-final"),
            of("DescribeDBClusterSnapshots")(DBClusterIdentifier="graph"),
            of("DescribeDBClusterSnapshots")(DBClusterIdentifier="graph", DBClusterSnapshotIdentifier=""),
            of("DescribeDBClusterSnapshots")(DBClusterIdentifier="", DBClusterSnapshotIdentifier="nightly"),
            rewind(RestoreToTime="2026-11-24T03:00:00Z", UseLatestRestorableTime=False, RestoreType="full-copy"),
            rewind(UseLatestRestorableTime=True, RestoreType="copy-on-write"),
            instance(AvailabilityZone=f"{HERE}a", MultiAZ=False),
            instance(MultiAZ=True),
            instance(AvailabilityZone=f"{HERE}a", MultiAZ=1),
        ],
        [
            delete(FinalDBSnapshotIdentifier="graph-final"),
            of("DescribeDBClusterSnapshots")(DBClusterIdentifier="graph", DBClusterSnapshotIdentifier="nightly"),
            rewind(RestoreToTime="2026-11-24T03:00:00Z"),
            rewind(RestoreToTime="2026-11-24T03:00:00Z", UseLatestRestorableTime=ABSENT, RestoreType="copy-on-write"),
            instance(AvailabilityZone=f"{HERE}a", MultiAZ=True),
        ],
        [
            (
                delete(FinalDBSnapshotIdentifier="graph-final"),
                "error: SkipFinalSnapshot: True cannot be given together with FinalDBSnapshotIdentifier; leave one of "
                "them out [exclusive-parameters]",
            )
        ],
    ),
}
