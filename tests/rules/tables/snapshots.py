"""Rows of the rules about snapshots that exist, about sharing and about listing."""

from __future__ import annotations

from tests.helpers import ACCOUNT, HERE, OTHER_ACCOUNT, SOURCE, arn
from tests.rules.rows import ERROR, KEY_ID, WARNING, Row, Table, having, of, source

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
        *(made(DBClusterSnapshotIdentifier=name, **context) for made in having("DBClusterSnapshotIdentifier")),
    ]


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
}
