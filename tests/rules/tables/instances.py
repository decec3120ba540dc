"""Rows of the rules about creating instances."""

from __future__ import annotations

from typing import Any

from tests.rules.rows import ERROR, WARNING, Row, Table, of

create = of("CreateDBInstance")
ROLE = "arn:aws:iam::123456789012:role/monitoring"


def monitored(seconds: Any, role: str = ROLE, **kwargs: Any) -> Row:
    return create(MonitoringInterval=seconds, MonitoringRoleArn=role, **kwargs)


TABLES = {
    "instance-class-format": Table(
        ERROR,
        [
            create(DBInstanceClass=name)
            for name in ("db.serverless", "db.r6g.large", "db.x2iedn.32xlarge", "db.t4g.medium", "db.r8gd.metal-48xl")
        ],
        [
            create(DBInstanceClass=name)
            for name in (
                "",
                "r6g.large",
                "db.r6g",
                "db.",
                "DB.r6g.large",
                "db.r6g.large\n",
                "db.serverless2",
                "dbxr6gxlarge",
            )
        ],
        [
            (
                create(DBInstanceClass="r6g.large"),
                "error: DBInstanceClass: 'r6g.large' is not an instance class; write db., the family and the size, "
                "such as db.r6g.large, or db.serverless [instance-class-format]",
            )
        ],
    ),
    "instance-class-family": Table(
        WARNING,
        [
            create(DBInstanceClass=f"db.{name}")
            for name in (
                *(
                    "serverless",
                    "r4.large",
                    "r5.large",
                    "r5d.large",
                    "r6g.large",
                    "r6gd.large",
                    "r6i.large",
                    "r7g.large",
                ),
                *("r7i.large", "r8g.large", "t3.medium", "t4g.medium", "x2g.large", "x2gd.large", "x2iedn.large"),
                "r6g",
            )
        ],
        [create(DBInstanceClass=f"db.{name}") for name in ("m5.large", "r3.large", "t2.micro", "r6gx.large")],
        [
            (
                create(DBInstanceClass="db.m5.large"),
                "warning: DBInstanceClass: 'db.m5.large' is of a family that Neptune is not known to offer; see which "
                "classes your Region has [instance-class-family]",
            )
        ],
    ),
    "parameter-not-applicable": Table(
        WARNING,
        [create(), of("CreateDBCluster")(BackupRetentionPeriod=7, Port=8182, StorageEncrypted=True)],
        [
            create(**{name: value})
            for name, value in {
                "BackupRetentionPeriod": 7,
                "PreferredBackupWindow": "03:00-04:00",
                "Port": 8182,
                "StorageEncrypted": False,
                "KmsKeyId": "alias/graph",
                "StorageType": "standard",
                "VpcSecurityGroupIds": ["sg-1"],
            }.items()
        ],
        [
            (
                create(Port=8182),
                "warning: Port: 8182 does not apply to an instance of Neptune, whose cluster decides it; leave it out, "
                "and set it on the cluster [parameter-not-applicable]",
            )
        ],
    ),
    "promotion-tier": Table(
        ERROR,
        [create(PromotionTier=tier) for tier in (0, 1, 15)],
        [create(PromotionTier=tier) for tier in (-1, 16, 10**30)],
        [
            (
                create(PromotionTier=16),
                "error: PromotionTier: 16 is not from 0 to 15; give a tier in that range [promotion-tier]",
            )
        ],
    ),
    "monitoring-interval": Table(
        ERROR,
        [create(MonitoringInterval=0), *(monitored(seconds) for seconds in (1, 5, 10, 15, 30, 60))],
        [monitored(seconds) for seconds in (-1, 2, 20, 61, 10**30)],
        [
            (
                monitored(20),
                "error: MonitoringInterval: 20 is not an interval of enhanced monitoring; give 0, 1, 5, 10, 15, 30 or "
                "60 [monitoring-interval]",
            )
        ],
    ),
    "monitoring-incomplete": Table(
        ERROR,
        [create(), create(MonitoringInterval=0), monitored(60)],
        [create(MonitoringInterval=60), create(MonitoringRoleArn=ROLE), monitored(0)],
        [
            (
                create(MonitoringInterval=60),
                "error: MonitoringRoleArn: is missing while MonitoringInterval is not 0; give a role, or leave "
                "MonitoringInterval out [monitoring-incomplete]",
            ),
            (
                monitored(0),
                "error: MonitoringInterval: 0 must be other than 0 while MonitoringRoleArn is given; give an "
                "interval, or leave MonitoringRoleArn out [monitoring-incomplete]",
            ),
        ],
    ),
    "monitoring-role-format": Table(
        ERROR,
        [
            monitored(60, role)
            for role in (ROLE, "arn:aws-cn:iam::123456789012:role/x", ROLE.replace("/m", "/service-role/m_+=,.@-"))
        ],
        [
            monitored(60, role)
            for role in (
                *("", "monitoring", ROLE.replace("::", ":"), ROLE.replace("::", ":us-west-2:"), ROLE + "\n"),
                *(ROLE.replace("role", "user"), ROLE.replace("123456789012", "12345"), ROLE[: ROLE.index("/") + 1]),
            )
        ],
        [
            (
                monitored(60, "monitoring"),
                "error: MonitoringRoleArn: 'monitoring' is not the ARN of an IAM role; write "
                "arn:PARTITION:iam::ACCOUNT:role/NAME, with two colons after iam [monitoring-role-format]",
            )
        ],
    ),
    "monitoring-role-partition": Table(
        ERROR,
        [
            monitored(60),
            monitored(60, ROLE.replace("aws", "aws-cn"), region=None),
            monitored(60, ROLE.replace("aws", "aws-cn"), region="cn-north-1"),
            monitored(60, ROLE.replace("aws", "aws-moon")),
        ],
        [monitored(60, ROLE.replace("aws", "aws-cn")), monitored(60, region="us-gov-west-1")],
        [
            (
                monitored(60, ROLE.replace("aws", "aws-cn")),
                "error: MonitoringRoleArn: 'arn:aws-cn:iam::123456789012:role/monitoring' belongs to another partition "
                "than the client's Region us-west-2 (aws); use a role in partition aws [monitoring-role-partition]",
            )
        ],
    ),
    "license-model": Table(
        WARNING,
        [
            create(LicenseModel=name)
            for name in ("license-included", "bring-your-own-license", "general-public-license")
        ],
        [create(LicenseModel=name) for name in ("", "free", "License-Included")],
        [
            (
                create(LicenseModel="free"),
                "warning: LicenseModel: 'free' is not a licence model; leave it out [license-model]",
            )
        ],
    ),
}
