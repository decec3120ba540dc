"""Rows of the rules that follow from botocore's model."""

from __future__ import annotations

from collections import UserDict
from datetime import datetime, timezone
from decimal import Decimal
from types import MappingProxyType
from typing import Any
from unittest.mock import Mock

from neptune_guard._printing import ABSENT
from tests.helpers import SOURCE, TARGET
from tests.rules.rows import ERROR, Row, Table, key, of, source, tag_key, tag_value, tags, target

WRONG = (None, 1, 1.5, True, b"nightly", ["nightly"], {"a": 1}, {"a"}, object(), UserDict(), (each for each in ()))
WRONG_TAGS = (None, 1, "team", b"team", {"Key": "team"}, {"a"}, UserDict(), iter([{"Key": "team"}]))
describe = of("DescribeDBClusterSnapshots")
share = of("ModifyDBClusterSnapshotAttribute")
rewind = of("RestoreDBClusterToPointInTime")
modify = of("ModifyDBCluster")
create = of("CreateDBCluster")
untag = of("RemoveTagsFromResource")


def capacity(low: Any) -> Row:
    return create(ServerlessV2ScalingConfiguration={"MinCapacity": low, "MaxCapacity": 64})


TABLES = {
    "missing-parameter": Table(
        ERROR,
        [Row({}), source(""), target(""), describe(), describe(Filters=[{"Name": "engine", "Values": []}])],
        [
            source(ABSENT),
            target(ABSENT),
            share(AttributeName=ABSENT),
            untag(TagKeys=ABSENT),
            of("RestoreDBClusterFromSnapshot")(Engine=ABSENT),
            of("CreateDBInstance")(DBInstanceClass=ABSENT),
            describe(Filters=[{"Name": "engine"}]),
        ],
        [
            (target(ABSENT), f"error: {TARGET}: is missing; CopyDBClusterSnapshot needs it [missing-parameter]"),
            (
                of("DeleteDBCluster")(DBClusterIdentifier=ABSENT),
                "error: DBClusterIdentifier: is missing; DeleteDBCluster needs it [missing-parameter]",
            ),
        ],
    ),
    "parameter-type": Table(
        ERROR,
        [
            Row({"CopyTags": True}),
            Row({"CopyTags": False}),
            Row({"Tags": ()}),
            Row({"Tags": ({"Key": "team", "Value": "graph"},)}),
            key("alias/" + "x"),
            source(type("Text", (str,), {})("nightly")),
            describe(MaxRecords=20, IncludeShared=True, Filters=()),
            *(capacity(value) for value in (2, 2.5, Decimal("2.5"))),
            rewind(UseLatestRestorableTime=ABSENT, RestoreToTime=datetime(2026, 11, 24, tzinfo=timezone.utc)),
            rewind(UseLatestRestorableTime=ABSENT, RestoreToTime="2026-11-24T03:00:00Z"),
            rewind(UseLatestRestorableTime=ABSENT, RestoreToTime=1795489200),
            untag(TagKeys=("team",)),
        ],
        [
            *(
                Row({name: value})
                for name in (SOURCE, TARGET, "KmsKeyId", "PreSignedUrl", "SourceRegion")
                for value in WRONG
            ),
            *(Row({"CopyTags": value}) for value in (None, 0, 1, "true", "", [], {})),
            *(Row({"Tags": value}) for value in WRONG_TAGS),
            *(tags(value) for value in (None, 1, "team", ["Key", "team"], MappingProxyType({"Key": "team"}))),
            *(tag_key(value) for value in WRONG),
            *(tag_value(value) for value in WRONG),
            source(Mock(spec=str)),
            # The fast engine, by JSON Schema, takes 20.0 for an integer; botocore does not.
            *(describe(MaxRecords=value) for value in (None, "20", 20.0, True, Decimal(20))),
            *(capacity(value) for value in (None, "2", True, b"2")),
            *(create(ServerlessV2ScalingConfiguration=value) for value in (None, [], "1-2")),
            *(
                rewind(UseLatestRestorableTime=ABSENT, RestoreToTime=value)
                for value in (
                    None,
                    "",
                    "yesterday",
                    "1." * 100_000,
                    True,
                    b"2026-11-24",
                    [],
                    10**400,
                    datetime(2026, 1, 1).date(),
                )
            ),
            *(share(ValuesToAdd=value) for value in (None, "all", {"all"}, [None], [210987654321])),
            modify(CloudwatchLogsExportConfiguration={"EnableLogTypes": "audit"}),
            modify(CloudwatchLogsExportConfiguration=["audit"]),
            create(MasterUsername=None),
            create(VpcSecurityGroupIds=[None]),
        ],
        [
            (
                key(None),
                "error: KmsKeyId: None is not a string; give a str, or leave the parameter out [parameter-type]",
            ),
            (
                describe(MaxRecords=20.0),
                "error: MaxRecords: 20.0 is not a whole number; give an int [parameter-type]",
            ),
            (
                rewind(RestoreToTime="yesterday"),
                "error: RestoreToTime: 'yesterday' is not a time that botocore can send; give a datetime with a "
                "time zone [parameter-type]",
            ),
            (
                create(ServerlessV2ScalingConfiguration={"MinCapacity": "2", "MaxCapacity": 4}),
                "error: ServerlessV2ScalingConfiguration.MinCapacity: '2' is not a number; give a float or an int "
                "[parameter-type]",
            ),
        ],
    ),
    "unknown-parameter": Table(
        ERROR,
        [key("alias/graph"), create(NetworkType="IPV4"), modify(CloudwatchLogsExportConfiguration={})],
        [
            Row({"KmsKeyID": "alias/graph"}),
            Row({1: 2}),
            Row({"": 2}),
            Row({"SourceDBSnapshotIdentifier": "nightly"}),
            tags({"Key": "team", "value": "graph"}),
            describe(SnapshotIdentifier="nightly"),
            describe(Filters=[{"Name": "engine", "Values": ["neptune"], "Value": "neptune"}]),
            of("DeleteDBCluster")(FinalDBClusterSnapshotIdentifier="graph-final"),
            create(ServerlessV2ScalingConfiguration={"MinCapacity": 1, "MaxCapacity": 4, "Min": 1}),
            modify(CloudwatchLogsExportConfiguration={"EnableLogs": ["audit"]}),
        ],
        [
            (
                Row({"KmsKeyID": "alias/graph"}),
                "error: KmsKeyID: 'alias/graph' is not a parameter of CopyDBClusterSnapshot; did you mean 'KmsKeyId'? "
                "[unknown-parameter]",
            ),
            (
                tags({"Key": "team", "value": "graph"}),
                "error: Tags[0].value: 'graph' is not a member of Tags[0] of CopyDBClusterSnapshot; did you mean "
                "'Value'? [unknown-parameter]",
            ),
        ],
    ),
}
