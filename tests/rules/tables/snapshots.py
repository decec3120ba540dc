"""Rows of the rules about snapshots that exist, about sharing and about listing."""

from __future__ import annotations

from neptune_guard._printing import ABSENT
from tests.helpers import ACCOUNT, HERE, OTHER_ACCOUNT, SOURCE, arn
from tests.rules.rows import ERROR, KEY_ID, WARNING, Row, Table, of, source

delete = of("DeleteDBClusterSnapshot")
describe = of("DescribeDBClusterSnapshots")
share = of("ModifyDBClusterSnapshotAttribute")
attributes = of("DescribeDBClusterSnapshotAttributes")
restore = of("RestoreDBClusterFromSnapshot")


def named(name: str, **context: str | None) -> list[Row]:
    """Return a row of every parameter that names a snapshot that exists."""
    return [
        Row({SOURCE: name}, **context),
        restore(SnapshotIdentifier=name, **context),
        *(made(DBClusterSnapshotIdentifier=name, **context) for made in (delete, describe, share, attributes)),
    ]


ACCOUNTS = [f"1234567890{number}" for number in range(10, 31)]
AUTOMATED = "rds:graph-2026-01-01-00-00"
INSTANCE = arn(HERE, kind="snapshot")
TABLES = {
    "snapshot-identifier-format": Table(
        ERROR,
        [
            *(
                row
                for name in ("nightly", "n", "Nightly-1", AUTOMATED, "awsbackup:job-1234", "n" * 64)
                for row in named(name)
            ),
            *named(arn(HERE)),
            source("arn:whatever"),
        ],
        [
            *(row for name in ("", "1nightly", "night_ly", "nightly-") for row in named(name)),
            *map(source, ("-nightly", "night--ly", "night ly", "nightly\n", "nächtlich")),
            *map(source, ("rds:", "rds:1", "backup:nightly", "awsbackup:rds:x", "ARN:aws:x", "nightly\0", "\ud800")),
        ],
        [
            (
                delete(DBClusterSnapshotIdentifier=""),
                "error: DBClusterSnapshotIdentifier: '' is empty; give the name or the ARN of a snapshot "
                "[snapshot-identifier-format]",
            ),
            (
                source("night ly"),
                f"error: {SOURCE}: 'night ly' is not a snapshot identifier; begin with a letter, use only ASCII "
                "letters, digits and single hyphens, do not end with a hyphen (rds: or awsbackup: may come first), or "
                "give an ARN [snapshot-identifier-format]",
            ),
        ],
    ),
    "snapshot-arn-format": Table(
        ERROR,
        [
            source("nightly"),
            *(row for name in ("n", AUTOMATED, "awsbackup:copyjob-12-34", "n" * 300) for row in named(arn(HERE, name))),
            source(arn("cn-north-1", partition="aws-cn"), region="cn-north-1"),
            source(arn("us-iso-east-1", partition="aws-iso"), region=None),
            # A restore takes an instance snapshot as well, by its ARN.
            restore(SnapshotIdentifier=INSTANCE),
            restore(SnapshotIdentifier=arn(HERE, "rds:graph-1-2026-11-25-03-00", kind="snapshot")),
        ],
        [
            *map(source, ("arn:", "arn:aws", "arn:aws:rds:us-east-1:123456789012:cluster-snapshot:")),
            *(
                source(arn(HERE, name))
                for name in ("1n", "n-", "a--b", "n\n", "rds:", "manual:n", "n\ud800", "n" * 9 + "--")
            ),
            *(
                source(arn(HERE, account_id=each))
                for each in ("", "12345678901", "1234567890123", "12345678901x", "\u0661" * 12)
            ),
            *(source(arn(HERE, kind=each)) for each in ("snapshot", "cluster", "db", "")),
            *(row for service in ("neptune", "kms") for row in named(arn(HERE).replace(":rds:", f":{service}:"))),
            source(arn("US-EAST-1")),
            source(arn("evil.example/x?")),
            source(arn(HERE, partition="azure")),
            *(row for row in named(INSTANCE) if row.operation != "RestoreDBClusterFromSnapshot"),
            *named(arn(HERE, kind="cluster")),
            *named(arn(HERE, "a--b")),
            restore(SnapshotIdentifier=INSTANCE + "-"),
            restore(SnapshotIdentifier=arn(HERE, kind="db-snapshot")),
        ],
        [
            (
                source(INSTANCE),
                f"error: {SOURCE}: '{INSTANCE}' is the ARN of an instance snapshot; a cluster snapshot's ARN has "
                "cluster-snapshot: before the name [snapshot-arn-format]",
            ),
            (
                source(arn(HERE, kind="cluster")),
                f"error: {SOURCE}: '{arn(HERE, kind='cluster')}' is the ARN of a cluster, not of a snapshot; give one "
                "of its snapshots, ...:cluster-snapshot:NAME [snapshot-arn-format]",
            ),
            (
                source(INSTANCE.replace(":rds:", ":neptune:")),
                f"error: {SOURCE}: '{INSTANCE.replace(':rds:', ':neptune:')}' is not an ARN of the service rds; "
                "Neptune's snapshots are named arn:aws:rds:REGION:ACCOUNT:cluster-snapshot:NAME [snapshot-arn-format]",
            ),
            (
                restore(SnapshotIdentifier=arn(HERE, kind="db")),
                f"error: SnapshotIdentifier: '{arn(HERE, kind='db')}' is not the ARN of a snapshot; write "
                "arn:PARTITION:rds:REGION:ACCOUNT:cluster-snapshot:NAME, with an account of 12 digits and a valid "
                "snapshot name [snapshot-arn-format]",
            ),
        ],
    ),
    "snapshot-arn-region": Table(
        ERROR,
        [
            *named(arn("us-east-1")),
            source(arn("us-east-99")),
            source(arn("nz-north-1")),
            source(arn("eusc-de-east-1", partition="aws-eusc"), region=None),
            source(arn("moon-base-1", partition="aws-moon"), region=None),
            source(arn("mars-1", partition="aws-moon"), region=None),
            source(arn("us-gov-west-1", partition="aws-us-gov"), region=None),
            source(arn("")),
            source(arn("us-east-1\n")),
        ],
        [
            *named(arn("mars-1")),
            *named(arn("cn-north-1")),
            source(arn("us-east1")),
            source(arn("us-east-1", partition="aws-cn"), region=None),
            source(arn("us-east-1" * 20)),
            restore(SnapshotIdentifier=arn("cn-north-1", kind="snapshot")),
        ],
        [
            (
                source(arn("cn-north-1")),
                f"error: {SOURCE}: '{arn('cn-north-1')}' names a Region that is not in partition aws; correct the ARN "
                "[snapshot-arn-region]",
            ),
            (
                source(arn("us-east1")),
                f"error: {SOURCE}: '{arn('us-east1')}' names no Region; write arn:PARTITION:rds:REGION:ACCOUNT:..., "
                "with a Region such as us-east-1 [snapshot-arn-region]",
            ),
        ],
    ),
    "snapshot-arn-partition": Table(
        ERROR,
        [
            *named(arn("us-east-1")),
            source(arn("us-east-1", partition="aws-cn"), region=None),
            source(arn("us-east-1", partition="aws-cn"), region="mars"),
            source(arn("cn-north-1", partition="aws-cn"), region="cn-northwest-1"),
        ],
        [
            *named(arn("cn-north-1", partition="aws-cn")),
            source(arn("us-east-1"), region="us-gov-west-1"),
            source(arn("moon-base-1", partition="aws-moon")),
        ],
        [
            (
                source(arn("cn-north-1", partition="aws-cn")),
                f"error: {SOURCE}: '{arn('cn-north-1', partition='aws-cn')}' belongs to another partition than the "
                "client's Region us-west-2 (aws); stay inside one partition [snapshot-arn-partition]",
            )
        ],
    ),
    "snapshot-not-shareable": Table(
        ERROR,
        [
            source(arn(name=AUTOMATED, account_id=OTHER_ACCOUNT)),
            source(arn(name=AUTOMATED), account_id=ACCOUNT),
            source(AUTOMATED, account_id=ACCOUNT),
            source(arn(name="nightly", account_id=OTHER_ACCOUNT), account_id=ACCOUNT),
            restore(SnapshotIdentifier=arn(HERE, "rds-x", account_id=OTHER_ACCOUNT), account_id=ACCOUNT),
        ],
        [
            source(arn(name=AUTOMATED, account_id=OTHER_ACCOUNT), account_id=ACCOUNT),
            source(arn(name="awsbackup:job-1", account_id=OTHER_ACCOUNT), account_id=ACCOUNT),
            restore(SnapshotIdentifier=arn(HERE, AUTOMATED, account_id=OTHER_ACCOUNT), account_id=ACCOUNT),
            restore(
                SnapshotIdentifier=arn(HERE, "rds:x", account_id=OTHER_ACCOUNT, kind="snapshot"), account_id=ACCOUNT
            ),
        ],
        [
            (
                restore(SnapshotIdentifier=arn(HERE, "rds:x", account_id=OTHER_ACCOUNT), account_id=ACCOUNT),
                f"error: SnapshotIdentifier: '{arn(HERE, 'rds:x', account_id=OTHER_ACCOUNT)}' is an automated or AWS "
                "Backup snapshot of another account, which cannot be shared; let its owner copy it to a manual "
                "snapshot and share that [snapshot-not-shareable]",
            )
        ],
    ),
    "snapshot-not-manual": Table(
        ERROR,
        [
            *(
                made(DBClusterSnapshotIdentifier=name)
                for made in (delete, share, attributes)
                for name in ("nightly", "rds-nightly", "awsbackup-1", arn(HERE), arn(HERE, "rds-1"))
            ),
        ],
        [
            *(
                made(DBClusterSnapshotIdentifier=name)
                for made in (delete, share)
                for name in (AUTOMATED, arn(HERE, AUTOMATED), "rds:x")
            ),
            *(
                made(DBClusterSnapshotIdentifier=name, warns=True)
                for made in (delete, share)
                for name in ("awsbackup:job-1", arn(HERE, "awsbackup:job-1"))
            ),
            *(attributes(DBClusterSnapshotIdentifier=name, warns=True) for name in (AUTOMATED, "awsbackup:job-1")),
        ],
        [
            (
                delete(DBClusterSnapshotIdentifier="rds:x"),
                "error: DBClusterSnapshotIdentifier: 'rds:x' is an automated snapshot, which cannot be deleted; let "
                "the cluster's retention period, or AWS Backup, remove it [snapshot-not-manual]",
            ),
            (
                share(DBClusterSnapshotIdentifier="awsbackup:x"),
                "warning: DBClusterSnapshotIdentifier: 'awsbackup:x' is an AWS Backup snapshot, which cannot be "
                "shared; copy it to a manual snapshot and share that [snapshot-not-manual]",
            ),
            (
                attributes(DBClusterSnapshotIdentifier="rds:x"),
                "warning: DBClusterSnapshotIdentifier: 'rds:x' is an automated snapshot, which cannot be shared with "
                "anybody; ask for a manual snapshot [snapshot-not-manual]",
            ),
        ],
    ),
    "kms-key-shared-source": Table(
        WARNING,
        [
            source(arn(account_id="999999999999")),
            source(arn(HERE), account_id=ACCOUNT),
            source("nightly", account_id=ACCOUNT),
            Row({SOURCE: arn(account_id="999999999999"), "KmsKeyId": KEY_ID}, account_id=ACCOUNT),
        ],
        [
            source(arn(HERE, account_id="999999999999"), account_id=ACCOUNT),
            source(arn("us-east-1", account_id="999999999999"), account_id=ACCOUNT, region=None),
        ],
        [
            (
                source(arn(HERE, account_id="999999999999"), account_id=ACCOUNT),
                "warning: KmsKeyId: is missing while the source is another account's; if it is encrypted, give a key "
                "of your own [kms-key-shared-source]",
            )
        ],
    ),
    "sharing-attribute": Table(
        ERROR,
        [share(AttributeName="restore")],
        [*(share(AttributeName=name) for name in ("", "Restore", "copy", "restore\n", "all"))],
        [
            (
                share(AttributeName="copy"),
                "error: AttributeName: 'copy' is not an attribute of a cluster snapshot; give restore "
                "[sharing-attribute]",
            )
        ],
    ),
    "sharing-account": Table(
        ERROR,
        [share(), share(ValuesToAdd=["all"]), share(ValuesToRemove=("999999999999", "all")), share(ValuesToAdd=[])],
        [
            *(
                share(**{name: [each]})
                for name in ("ValuesToAdd", "ValuesToRemove")
                for each in ("", "12345678901", "1234567890123", "ALL", "all\n", "\u0661" * 12, "123456789012\n", "me")
            ),
            share(ValuesToAdd=["123456789012", "12345678901"]),
        ],
        [
            (
                share(ValuesToAdd=["all", "team"]),
                "error: ValuesToAdd[1]: 'team' is not an account; give twelve digits, or all [sharing-account]",
            )
        ],
    ),
    "sharing-both-lists": Table(
        ERROR,
        [
            share(ValuesToRemove=["999999999999"]),
            share(ValuesToAdd=ABSENT, ValuesToRemove=[OTHER_ACCOUNT]),
            share(ValuesToAdd=["all"], ValuesToRemove=[OTHER_ACCOUNT]),
        ],
        [
            share(ValuesToRemove=[OTHER_ACCOUNT]),
            share(ValuesToAdd=["all"], ValuesToRemove=("all",)),
            share(ValuesToAdd=ACCOUNTS[:3], ValuesToRemove=ACCOUNTS[1:3]),
        ],
        [
            (
                share(ValuesToAdd=ACCOUNTS[:3], ValuesToRemove=ACCOUNTS[1:4]),
                "error: ValuesToRemove: '123456789011, 123456789012' is to be added by ValuesToAdd and removed; leave "
                "it out of one of the lists [sharing-both-lists]",
            )
        ],
    ),
    "sharing-count": Table(
        ERROR,
        [share(ValuesToAdd=ACCOUNTS[:20]), share(ValuesToAdd=[*ACCOUNTS[:20], "all", ACCOUNTS[0]]), share()],
        [share(ValuesToAdd=ACCOUNTS), share(ValuesToAdd=tuple(ACCOUNTS)), share(ValuesToAdd=ACCOUNTS * 100)],
        [
            (
                share(ValuesToAdd=ACCOUNTS),
                "error: ValuesToAdd: 21 items are more than 20 accounts; share copies of the snapshot with the others "
                "[sharing-count]",
            )
        ],
    ),
    "sharing-nothing": Table(
        WARNING,
        [share(), share(ValuesToAdd=ABSENT, ValuesToRemove=["all"]), share(ValuesToAdd=[], ValuesToRemove=["all"])],
        [share(ValuesToAdd=ABSENT), share(ValuesToAdd=[]), share(ValuesToAdd=(), ValuesToRemove=[])],
        [
            (
                share(ValuesToAdd=ABSENT),
                "warning: ValuesToAdd: has no value, and ValuesToRemove has none; nothing would change "
                "[sharing-nothing]",
            )
        ],
    ),
    "sharing-public": Table(
        WARNING,
        [share(), share(ValuesToAdd=ABSENT, ValuesToRemove=["all"])],
        [share(ValuesToAdd=["all"]), share(ValuesToAdd=[OTHER_ACCOUNT, "all"])],
        [
            (
                share(ValuesToAdd=["all"]),
                "warning: ValuesToAdd: 'all' gives every AWS account the data; name the accounts, unless that is meant "
                "[sharing-public]",
            ),
            (
                share(ValuesToAdd=[OTHER_ACCOUNT, "all"]),
                "warning: ValuesToAdd: 'all' gives every AWS account the data, and makes the other values pointless; "
                "name the accounts, unless that is meant [sharing-public]",
            ),
        ],
    ),
    "max-records": Table(
        ERROR,
        [*(describe(MaxRecords=number) for number in (20, 50, 100)), describe()],
        [*(describe(MaxRecords=number) for number in (19, 101, 0, -20, 5, 10**30))],
        [
            (
                describe(MaxRecords=5),
                "error: MaxRecords: 5 is not from 20 to 100; give a number in that range, and follow Marker for the "
                "rest [max-records]",
            )
        ],
    ),
    "snapshot-type": Table(
        ERROR,
        [*(describe(SnapshotType=kind) for kind in ("automated", "manual", "shared", "public", "Manual", "PUBLIC"))],
        [*(describe(SnapshotType=kind) for kind in ("", "Manual2", "awsbackup", "manual\n", " manual", "publ\u0131c"))],
        [
            (
                describe(SnapshotType="backup"),
                "error: SnapshotType: 'backup' is not a type of snapshot; give automated, manual, shared or public "
                "[snapshot-type]",
            )
        ],
    ),
    "snapshot-type-case": Table(
        WARNING,
        [*(describe(SnapshotType=kind) for kind in ("automated", "manual", "shared", "public", "Manual2", ""))],
        [*(describe(SnapshotType=kind) for kind in ("Automated", "MANUAL", "Shared", "publiC"))],
        [
            (
                describe(SnapshotType="Manual"),
                "warning: SnapshotType: 'Manual' is not in lower case; write manual [snapshot-type-case]",
            )
        ],
    ),
    "filters-unsupported": Table(
        WARNING,
        [describe(), describe(Filters=[]), of("ListTagsForResource")(Filters=[])],
        [
            describe(Filters=[{"Name": "engine", "Values": ["neptune"]}]),
            of("ListTagsForResource")(Filters=({"Name": "x", "Values": []},)),
        ],
        [
            (
                describe(Filters=[{"Name": "engine", "Values": ["neptune"]}]),
                "warning: Filters: 1 item is documented as not supported; leave it out, and filter the answer "
                "[filters-unsupported]",
            )
        ],
    ),
    "include-ignored": Table(
        WARNING,
        [
            describe(IncludeShared=True, IncludePublic=True),
            describe(IncludeShared=False, SnapshotType="manual"),
            describe(IncludeShared=True, SnapshotType="shared"),
            describe(IncludePublic=True, SnapshotType="public"),
        ],
        [
            describe(IncludeShared=True, SnapshotType="manual"),
            describe(IncludePublic=True, SnapshotType="Automated"),
            describe(IncludePublic=True, SnapshotType="shared"),
            describe(IncludeShared=True, SnapshotType="public"),
        ],
        [
            (
                describe(IncludeShared=True, SnapshotType="manual"),
                "warning: IncludeShared: True has no effect with SnapshotType manual; leave one of them out "
                "[include-ignored]",
            )
        ],
    ),
    "automated-needs-type": Table(
        WARNING,
        [
            describe(DBClusterSnapshotIdentifier="nightly"),
            describe(DBClusterSnapshotIdentifier=AUTOMATED, SnapshotType="automated"),
            describe(DBClusterSnapshotIdentifier="awsbackup:job-1"),
            describe(DBClusterSnapshotIdentifier=arn(HERE)),
        ],
        [describe(DBClusterSnapshotIdentifier=name) for name in (AUTOMATED, arn(HERE, AUTOMATED))],
        [
            (
                describe(DBClusterSnapshotIdentifier=AUTOMATED),
                "warning: SnapshotType: is missing while the snapshot is an automated one; give "
                "SnapshotType='automated' [automated-needs-type]",
            )
        ],
    ),
}
