"""Which parameters are added to a request; test_wire.py proves what then leaves the process."""

import pytest

from neptune_guard._hook.prefill import source_region
from neptune_guard._rules import Request
from tests.helpers import SOURCE, arn

FILLED = [
    ("us-west-2", arn("us-east-1"), "us-east-1"),
    ("us-west-2", arn("eu-central-9"), "eu-central-9"),  # a Region newer than the installed botocore
    ("us-west-2", arn("nz-north-1"), "nz-north-1"),  # one of a form that no partition has yet
    ("us-gov-west-1", arn("us-gov-east-1", partition="aws-us-gov"), "us-gov-east-1"),
    ("cn-north-1", arn("cn-northwest-1", partition="aws-cn"), "cn-northwest-1"),
    ("us-west-2", arn("us-east-1").replace("nightly", "rds:nightly-2026-01-01-00-00"), "us-east-1"),
    ("us-west-2", arn("us-east-1").replace("nightly", "awsbackup:job-1"), "us-east-1"),
]


@pytest.mark.parametrize(("region", "source", "added"), FILLED)
def test_a_source_in_another_region_is_named(region, source, added):
    request = Request("CopyDBClusterSnapshot", {"SourceDBClusterSnapshotIdentifier": source}, region=region)
    assert source_region(request) == added


LEFT = {
    "same Region": ("us-west-2", {"SourceDBClusterSnapshotIdentifier": arn("us-west-2")}),
    "bare identifier": ("us-west-2", {"SourceDBClusterSnapshotIdentifier": "nightly"}),
    "automated": ("us-west-2", {"SourceDBClusterSnapshotIdentifier": "rds:nightly-2026-01-01-00-00"}),
    "SourceRegion given": (
        "us-west-2",
        {"SourceDBClusterSnapshotIdentifier": arn("us-east-1"), "SourceRegion": "eu-west-1"},
    ),
    "SourceRegion empty": ("us-west-2", {"SourceDBClusterSnapshotIdentifier": arn("us-east-1"), "SourceRegion": ""}),
    "SourceRegion None": ("us-west-2", {"SourceDBClusterSnapshotIdentifier": arn("us-east-1"), "SourceRegion": None}),
    "PreSignedUrl given": (
        "us-west-2",
        {"SourceDBClusterSnapshotIdentifier": arn("us-east-1"), "PreSignedUrl": "https://rds.us-east-1.amazonaws.com/"},
    ),
    "to another partition": (
        "us-west-2",
        {"SourceDBClusterSnapshotIdentifier": arn("us-gov-west-1", partition="aws-us-gov")},
    ),
    "from another partition": ("cn-north-1", {"SourceDBClusterSnapshotIdentifier": arn("us-east-1")}),
    "Region not of its partition": (
        "us-west-2",
        {SOURCE: arn("cn-north-1", partition="aws")},
    ),
    "partition not of its Region": (
        "us-west-2",
        {SOURCE: arn("us-east-1", partition="aws-cn")},
    ),
    "no Region at all": ("us-west-2", {"SourceDBClusterSnapshotIdentifier": arn("")}),
    "host tricks": ("us-west-2", {"SourceDBClusterSnapshotIdentifier": arn("evil.example.com/x?")}),
    "newline": ("us-west-2", {"SourceDBClusterSnapshotIdentifier": arn("us-east-1\n")}),
    "instance snapshot": ("us-west-2", {"SourceDBClusterSnapshotIdentifier": arn("us-east-1", kind="snapshot")}),
    "cluster": ("us-west-2", {"SourceDBClusterSnapshotIdentifier": arn("us-east-1", kind="cluster")}),
    "other service": ("us-west-2", {"SourceDBClusterSnapshotIdentifier": arn("us-east-1").replace(":rds:", ":kms:")}),
    "cut short": ("us-west-2", {"SourceDBClusterSnapshotIdentifier": "arn:aws:rds:us-east-1"}),
    "malformed account": (
        "us-west-2",
        {"SourceDBClusterSnapshotIdentifier": "arn:aws:rds:us-east-1:EVIL:cluster-snapshot:"},
    ),
    "malformed Region": ("us-west-2", {"SourceDBClusterSnapshotIdentifier": arn("us-EVIL_9-1")}),
    "malformed name": ("us-west-2", {"SourceDBClusterSnapshotIdentifier": arn("us-east-1", "night--ly")}),
    "lone surrogate": ("us-west-2", {"SourceDBClusterSnapshotIdentifier": arn("us-east-1", "night\ud800ly")}),
    "bytes": ("us-west-2", {"SourceDBClusterSnapshotIdentifier": arn("us-east-1").encode()}),
    "None": ("us-west-2", {"SourceDBClusterSnapshotIdentifier": None}),
    "no source": ("us-west-2", {}),
    "client's Region unknown": ("mars-1", {"SourceDBClusterSnapshotIdentifier": arn("us-east-1")}),
    "client's Region missing": (None, {"SourceDBClusterSnapshotIdentifier": arn("us-east-1")}),
}


@pytest.mark.parametrize(("region", "params"), LEFT.values(), ids=LEFT)
def test_any_other_request_is_left_as_it_is(region, params):
    before = dict(params)
    assert source_region(Request("CopyDBClusterSnapshot", params, region=region)) is None
    assert params == before
