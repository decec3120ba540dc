"""ARNs in parts and back again, and the partitions that Regions belong to."""

import hypothesis.strategies as st
import pytest
from botocore.loaders import create_loader
from hypothesis import given, settings

from neptune_guard._arn import (
    KmsArn,
    SnapshotArn,
    is_arn,
    is_automated,
    parse_kms_arn,
    parse_snapshot_arn,
    partition_of,
    region_in_partition,
)

PARTITIONS = create_loader().load_data("partitions")["partitions"]
PART = st.text(st.characters(exclude_characters=":", codec=None))
REST = st.text(st.characters(codec=None))
quick = settings(database=None, deadline=None)


@quick
@given(PART, PART, PART, REST)
def test_a_snapshot_arn_is_printed_as_it_was_read(partition, region, account_id, identifier):
    arn = SnapshotArn(partition, region, account_id, identifier)
    assert parse_snapshot_arn(str(arn)) == arn


@quick
@given(PART, PART, PART, REST)
def test_a_kms_arn_is_printed_as_it_was_read(partition, region, account_id, resource):
    arn = KmsArn(partition, region, account_id, resource)
    assert parse_kms_arn(str(arn)) == arn


@quick
@given(st.lists(st.sampled_from(["arn", "aws", "rds", "kms", "cluster-snapshot", "", "x"])).map(":".join))
def test_what_is_read_is_printed_alike(text):
    for arn in (parse_snapshot_arn(text), parse_kms_arn(text)):
        assert arn is None or str(arn) == text


@pytest.mark.parametrize("name", ["nightly", "rds:graph-2026-01-01-00-00", "awsbackup:copyjob-1", "", "a:b:c"])
def test_a_name_may_hold_colons(name):
    text = f"arn:aws:rds:us-east-1:123456789012:cluster-snapshot:{name}"
    assert parse_snapshot_arn(text) == ("aws", "us-east-1", "123456789012", name)


@pytest.mark.parametrize("resource", ["key/a", "alias/a:b", "key/a:b:c", ""])
def test_a_key_may_hold_colons(resource):
    assert parse_kms_arn(f"arn:aws:kms:us-east-1:123456789012:{resource}") == (
        "aws",
        "us-east-1",
        "123456789012",
        resource,
    )


NO_ARNS = [
    *(None, 1, b"arn:aws:rds:us-east-1:1:cluster-snapshot:x", ["arn"], "", "nightly", "arn", "arn:", ":::::::"),
    "arn:aws:rds:us-east-1:123456789012:cluster-snapshot",
    "arn:aws:rds:us-east-1:123456789012:snapshot:nightly",
    "arn:aws:neptune:us-east-1:123456789012:cluster-snapshot:nightly",
    "ARN:aws:rds:us-east-1:123456789012:cluster-snapshot:nightly",
    "arn:aws:kms",
]


@pytest.mark.parametrize("text", NO_ARNS)
def test_anything_else_has_no_parts(text):
    assert parse_snapshot_arn(text) is None
    assert parse_kms_arn(text) is None


class Text(str):
    """Overrides what the parser could call."""

    def _refuse(self, *args):
        raise ZeroDivisionError

    startswith = split = __str__ = __eq__ = _refuse
    __hash__ = str.__hash__


def test_a_subclass_is_read_by_what_it_holds():
    text = Text("arn:aws:rds:us-east-1:1:cluster-snapshot:x")
    assert parse_snapshot_arn(text) == ("aws", "us-east-1", "1", "x")
    assert is_arn(text)


@pytest.mark.parametrize(
    ("identifier", "arn", "automated"),
    [
        ("arn:", True, False),
        ("arn", False, False),
        ("ARN:aws", False, False),
        ("rds:x", False, True),
        ("awsbackup:x", False, True),
        ("rdsx", False, False),
        ("", False, False),
    ],
)
def test_the_kinds_of_identifiers(identifier, arn, automated):
    assert (is_arn(identifier), is_automated(identifier)) == (arn, automated)


@pytest.mark.parametrize("value", [None, 1, b"arn:"])
def test_what_is_no_text_is_no_arn(value):
    assert not is_arn(value)


@pytest.mark.parametrize(
    ("region", "partition"), [(region, each["id"]) for each in PARTITIONS for region in each["regions"]]
)
def test_every_listed_region_has_its_partition(region, partition):
    assert partition_of(region) == partition
    assert region_in_partition(region, partition)


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        ("us-east-99", "aws"),
        ("eu-nowhere-1", "aws"),
        ("cn-south-7", "aws-cn"),
        ("us-gov-north-1", "aws-us-gov"),
        ("us-iso-south-3", "aws-iso"),
        ("us-isob-north-1", "aws-iso-b"),
        (None, None),
        ("", None),
        ("mars", None),
        ("US-EAST-1", None),
        ("us-east-1\n", None),
        ("us-east-\u0661", None),
        ("evil.example/x?", None),
        ("\ud800", None),
        ("us-" + "e" * 58 + "-1", "aws"),
        ("us-" + "e" * 59 + "-1", None),
        ("us-" + "e" * 1_000_000 + "-1", None),
    ],
)
def test_a_region_is_placed_by_its_form_or_not_at_all(region, partition):
    assert partition_of(region) == partition


@pytest.mark.parametrize(
    ("region", "partition", "holds"),
    [
        ("us-east-1", "aws", True),
        ("us-east-99", "aws", True),
        ("us-east-1", "aws-cn", False),
        ("mars-1", "aws", False),
        ("mars-1", "aws-mars", True),
        ("", "aws", False),
    ],
)
def test_of_a_partition_that_botocore_does_not_know_nothing_is_said(region, partition, holds):
    assert region_in_partition(region, partition) is holds
