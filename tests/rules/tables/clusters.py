"""Rows of the rules about creating, restoring, changing and deleting clusters."""

from __future__ import annotations

from typing import Any

from neptune_guard._printing import ABSENT
from tests.rules.rows import ERROR, WARNING, Row, Table, of

create = of("CreateDBCluster")
modify = of("ModifyDBCluster")
restore = of("RestoreDBClusterFromSnapshot")
rewind = of("RestoreDBClusterToPointInTime")
instance = of("CreateDBInstance")
MAKING = (create, restore, rewind)
CHANGING = (*MAKING, modify)


def capacity(low: Any, high: Any, *made: Any, **kwargs: Any) -> list[Row]:
    """Return rows with capacities; `ABSENT` leaves one out."""
    both = {"MinCapacity": low, "MaxCapacity": high}
    given = {name: value for name, value in both.items() if value is not ABSENT}
    return [each(ServerlessV2ScalingConfiguration=given, **kwargs) for each in made or CHANGING]


def logs(*enabled: str, disabled: tuple[str, ...] = ()) -> Row:
    return modify(CloudwatchLogsExportConfiguration={"EnableLogTypes": [*enabled], "DisableLogTypes": [*disabled]})


CAPACITY = "ServerlessV2ScalingConfiguration"
TABLES = {
    "engine-name": Table(
        ERROR,
        [create(), restore(), instance()],
        [
            made(Engine=name)
            for made in (create, restore, instance)
            for name in ("", "Neptune", "aurora", "docdb", "neptune\n", "neptune1")
        ],
        [
            (
                create(Engine="aurora-mysql"),
                "error: Engine: 'aurora-mysql' is not Neptune's engine; give neptune [engine-name]",
            )
        ],
    ),
    "engine-version-format": Table(
        WARNING,
        [made(EngineVersion=text) for made in (create, restore, modify) for text in ("1.0.1.0", "1.4.10.0")],
        [
            made(EngineVersion=text)
            for made in (create, restore, modify, instance)
            for text in ("", "1.3", "1.3.0.0.0", "1.3.0.x", "1.2.1.0\n", "neptune1.2", "1x2x1x0")
        ],
        [
            (
                create(EngineVersion="1.3"),
                "warning: EngineVersion: '1.3' does not look like a Neptune engine version; write four numbers with "
                "dots, such as 1.2.1.0 [engine-version-format]",
            )
        ],
    ),
    "port-range": Table(
        ERROR,
        [made(Port=port) for made in CHANGING for port in (1150, 8182, 65535)],
        [
            *(made(Port=port) for made in (restore, rewind, modify) for port in (1149, 65536, 0, -8182, 443, 10**30)),
            *(create(Port=port, warns=True) for port in (1149, 65536, 0)),
        ],
        [
            (
                restore(Port=443),
                "error: Port: 443 is not from 1150 to 65535; give a port in that range, or leave it out [port-range]",
            ),
            (
                create(Port=443),
                "warning: Port: 443 is not from 1150 to 65535, the range that the restores and ModifyDBCluster "
                "document; choose a port in that range [port-range]",
            ),
        ],
    ),
    "storage-type": Table(
        ERROR,
        [made(StorageType=kind) for made in CHANGING for kind in ("standard", "iopt1")],
        [made(StorageType=kind) for made in CHANGING for kind in ("", "Standard", "aurora", "gp2", "aurora-iopt1")],
        [
            (
                create(StorageType="gp2"),
                "error: StorageType: 'gp2' is not a storage type of Neptune; give standard or iopt1 [storage-type]",
            )
        ],
    ),
    "storage-type-version": Table(
        ERROR,
        [
            *(
                made(StorageType="iopt1", EngineVersion=version)
                for made in (create, restore, modify)
                for version in ("1.3.0.0", "1.3.0.1", "1.10.0.0", "2.0.0.0", "1.2", "newest")
            ),
            create(StorageType="iopt1"),
            create(StorageType="standard", EngineVersion="1.2.1.0"),
        ],
        [
            made(StorageType="iopt1", EngineVersion=version)
            for made in (create, restore, modify)
            for version in ("1.2.1.2", "1.2.99.0", "0.9.9.9")
        ],
        [
            (
                create(StorageType="iopt1", EngineVersion="1.2.1.0"),
                "error: StorageType: 'iopt1' needs engine version 1.3.0.0 or later; give a later EngineVersion, or "
                "standard [storage-type-version]",
            )
        ],
    ),
    "network-type": Table(
        ERROR,
        [made(NetworkType=kind) for made in CHANGING for kind in ("IPV4", "DUAL")],
        [made(NetworkType=kind) for made in CHANGING for kind in ("", "IPV6", "ipv4", "Dual")],
        [
            (
                modify(NetworkType="ipv4"),
                "error: NetworkType: 'ipv4' is not a network type; give IPV4 or DUAL [network-type]",
            )
        ],
    ),
    "log-types": Table(
        ERROR,
        [
            *(
                made(EnableCloudwatchLogsExports=kinds)
                for made in (*MAKING, instance)
                for kinds in ([], ["audit"], ["slowquery"], ("audit", "slowquery"))
            ),
            logs("audit", disabled=("slowquery",)),
            modify(CloudwatchLogsExportConfiguration={}),
            modify(CloudwatchLogsExportConfiguration={"EnableLogTypes": ("audit",)}),
        ],
        [
            *(
                made(EnableCloudwatchLogsExports=["audit", kind])
                for made in (*MAKING, instance)
                for kind in ("", "Audit", "error", "slow-query", "profiler", "audit\n")
            ),
            logs("error"),
            logs(disabled=("general",)),
        ],
        [
            (
                create(EnableCloudwatchLogsExports=["audit", "error"]),
                "error: EnableCloudwatchLogsExports[1]: 'error' is not a log that Neptune exports; give audit or "
                "slowquery [log-types]",
            ),
            (
                logs(disabled=("error",)),
                "error: CloudwatchLogsExportConfiguration.DisableLogTypes[0]: 'error' is not a log that Neptune "
                "exports; give audit or slowquery [log-types]",
            ),
        ],
    ),
    "log-types-both": Table(
        WARNING,
        [logs("audit", disabled=("slowquery",)), logs("audit"), logs(), modify(CloudwatchLogsExportConfiguration={})],
        [logs("audit", disabled=("audit",)), logs("audit", "slowquery", disabled=("slowquery", "audit"))],
        [
            (
                logs("audit", "slowquery", disabled=("slowquery", "audit")),
                "warning: CloudwatchLogsExportConfiguration.DisableLogTypes: 'audit, slowquery' is in EnableLogTypes "
                "too; leave it out of one of them [log-types-both]",
            )
        ],
    ),
    "retention-period": Table(
        ERROR,
        [
            *(made(BackupRetentionPeriod=days) for made in (create, modify, instance) for days in (1, 7, 35)),
            instance(BackupRetentionPeriod=0),
        ],
        [
            *(made(BackupRetentionPeriod=days) for made in (create, modify) for days in (0, 36, -1, 10**30)),
            *(instance(BackupRetentionPeriod=days) for days in (-1, 36)),
        ],
        [
            (
                create(BackupRetentionPeriod=0),
                "error: BackupRetentionPeriod: 0 is not from 1 to 35; give a number of days in that range "
                "[retention-period]",
            )
        ],
    ),
    "serverless-capacity": Table(
        ERROR,
        [
            *capacity(1, 2.5),
            *capacity(1.0, 128.0),
            *capacity(2.5, 2.5),
            *capacity(128, 128),
            *(made() for made in CHANGING),
        ],
        [
            *capacity(0.5, 4),
            *capacity(0, 4),
            *capacity(1, 128.5),
            *capacity(1, float("inf")),
            *capacity(float("nan"), 4),
            *capacity(1, 10**400),
            *capacity(1.25, 4),
            *capacity(1, 3.7),
            *capacity(4.5, 4),
            *capacity(ABSENT, 4, *MAKING),
            *capacity(1, ABSENT, *MAKING),
            *capacity(ABSENT, 4, modify, warns=True),
            *capacity(1, ABSENT, modify, warns=True),
            *capacity(1, 1, warns=True),
            *capacity(1, 2, warns=True),
        ],
        [
            (
                capacity(1, 256)[0],
                f"error: {CAPACITY}.MaxCapacity: 256 is not from 1 to 128; give a capacity in that range "
                "[serverless-capacity]",
            ),
            (
                capacity(1.25, 4)[0],
                f"error: {CAPACITY}.MinCapacity: 1.25 is not a multiple of 0.5; give whole or half capacity units "
                "[serverless-capacity]",
            ),
            (
                capacity(4, 3)[0],
                f"error: {CAPACITY}.MinCapacity: 4 is above MaxCapacity; give a lower one, or raise MaxCapacity "
                "[serverless-capacity]",
            ),
            (
                capacity(1, ABSENT)[0],
                f"error: {CAPACITY}.MaxCapacity: is missing; give both capacities [serverless-capacity]",
            ),
            (
                capacity(1, ABSENT, modify)[0],
                f"warning: {CAPACITY}.MaxCapacity: is missing; give both capacities, unless the cluster is serverless "
                "already [serverless-capacity]",
            ),
            (
                capacity(1, 2)[0],
                f"warning: {CAPACITY}.MaxCapacity: 2 is below 2.5, the least that CloudFormation allows; give at least "
                "2.5 [serverless-capacity]",
            ),
        ],
    ),
    "serverless-version": Table(
        WARNING,
        [
            *capacity(1, 4),
            *(
                row
                for version in ("1.2.0.1", "1.2.1.0", "1.10.0.0", "1.1", "newest")
                for row in capacity(1, 4, create, restore, modify, EngineVersion=version)
            ),
            create(EngineVersion="1.1.0.0"),
        ],
        [
            row
            for version in ("1.2.0.0", "1.1.1.0", "0.0.0.0")
            for row in capacity(1, 4, create, restore, modify, EngineVersion=version)
        ],
        [
            (
                capacity(1, 4, create, EngineVersion="1.2.0.0")[0],
                "warning: EngineVersion: '1.2.0.0' is a version without serverless clusters; give 1.2.0.1 or later, or "
                "leave the capacities out [serverless-version]",
            )
        ],
    ),
}
