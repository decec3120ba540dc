"""ARNs in parts and back again, and the partitions that Regions belong to."""

import hypothesis.strategies as st
import pytest
from botocore.loaders import create_loader
from hypothesis import given, settings

from neptune_guard._arn import (
    Arn,
    has_region_form,
    is_account_id,
    is_arn,
    is_known_partition,
    is_listed,
    is_reserved,
    likely_region,
    make,
    parse,
    partition_of,
    snapshot_arn,
)
from neptune_guard._rules._request import plain

PARTITIONS = create_loader().load_data("partitions")["partitions"]
LISTED = [(region, each["id"]) for each in PARTITIONS for region in each["regions"] if "-global" not in region]
PART = st.text(st.characters(exclude_characters=":", codec=None))
REST = st.text(st.characters(codec=None))
quick = settings(database=None, deadline=None)


@quick
@given(PART, PART, PART, REST)
def test_a_snapshot_arn_is_printed_as_it_was_read(partition, region, account_id, identifier):
    arn = Arn(partition, "rds", region, account_id, f"cluster-snapshot:{identifier}")
    assert snapshot_arn(str(arn)) == parse(str(arn), "rds") == arn
    assert (arn.kind, arn.name) == ("cluster-snapshot", identifier)


@quick
@given(PART, PART, PART, REST)
def test_a_kms_arn_is_printed_as_it_was_read(partition, region, account_id, resource):
    arn = Arn(partition, "kms", region, account_id, f"key/{resource}")
    assert parse(str(arn), "kms") == arn
    assert (arn.kind, arn.name) == ("key", resource)


@quick
@given(st.lists(st.sampled_from(["arn", "aws", "rds", "kms", "cluster-snapshot", "", "x"])).map(":".join))
def test_what_is_read_is_printed_alike(text):
    for arn in (snapshot_arn(text), parse(text, "rds"), parse(text, "kms")):
        assert arn is None or str(arn) == text


@pytest.mark.parametrize("name", ["nightly", "rds:graph-2026-01-01-00-00", "awsbackup:copyjob-1", "", "a:b:c"])
def test_a_name_may_hold_colons(name):
    text = f"arn:aws:rds:us-east-1:123456789012:cluster-snapshot:{name}"
    assert snapshot_arn(text) == ("aws", "rds", "us-east-1", "123456789012", f"cluster-snapshot:{name}")
    assert snapshot_arn(text).name == name


@pytest.mark.parametrize("resource", ["key/a", "alias/a:b", "key/a:b:c", ""])
def test_a_key_may_hold_colons(resource):
    assert parse(f"arn:aws:kms:us-east-1:123456789012:{resource}", "kms") == (
        "aws",
        "kms",
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
    assert snapshot_arn(text) is None
    assert parse(text, "kms") is None


class Text(str):
    """Overrides what the parser could call."""

    def _refuse(self, *args):
        raise ZeroDivisionError

    split = __str__ = __eq__ = _refuse
    __hash__ = str.__hash__


def test_a_subclass_is_not_read_before_it_is_made_plain():
    text = Text("arn:aws:rds:us-east-1:1:cluster-snapshot:x")
    assert snapshot_arn(text) is None
    assert snapshot_arn(plain(text)).name == "x"
    assert is_arn(text)


@pytest.mark.parametrize(
    ("identifier", "arn", "reserved"),
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
def test_the_kinds_of_identifiers(identifier, arn, reserved):
    assert (is_arn(identifier), is_reserved(identifier)) == (arn, reserved)


@pytest.mark.parametrize("value", [None, 1, b"arn:"])
def test_what_is_no_text_is_no_arn(value):
    assert not is_arn(value)


@pytest.mark.parametrize(("region", "partition"), LISTED)
def test_every_listed_region_has_its_partition(region, partition):
    assert partition_of(region) == partition
    assert is_listed(region)
    assert likely_region(region) is None


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
    ("region", "likely"),
    [
        ("us-east-1", None),
        ("us-east-99", None),
        ("us-esat-1", "us-east-1"),
        ("us-wset-2", "us-west-2"),
        ("eu-cental-1", "eu-central-1"),
        ("us-east1", "us-east-1"),
        ("moon-base-1", None),
        ("", None),
    ],
)
def test_a_misspelt_region_is_recognised_and_a_new_one_is_not(region, likely):
    assert likely_region(region) == likely


@pytest.mark.parametrize("text", ["us-east-1", "eusc-de-east-1", "us-" + "e" * 58 + "-1", "nz-north-12"])
def test_the_form_of_a_region(text):
    assert has_region_form(text)


@pytest.mark.parametrize(
    "text",
    [
        None,
        1,
        "",
        "mars-1",
        "us-east1",
        "US-EAST-1",
        "us-east-1\n",
        "us--east-1",
        "us-east-111",
        "us-" + "e" * 59 + "-1",
    ],
)
def test_what_has_not_the_form_of_a_region(text):
    assert not has_region_form(text)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("123456789012", True),
        ("12345678901", False),
        ("1234567890123", False),
        ("\u0661" * 12, False),
        (None, False),
        (123456789012, False),
    ],
)
def test_an_account_is_twelve_digits(text, holds):
    assert is_account_id(text) is holds


def test_an_arn_is_made_of_an_account_and_a_region():
    assert str(make("us-east-1", "123456789012", "cluster:graph")) == "arn:aws:rds:us-east-1:123456789012:cluster:graph"
    assert str(make("cn-north-1", "123456789012", "key/x", "kms")) == "arn:aws-cn:kms:cn-north-1:123456789012:key/x"
    assert make("mars", "123456789012", "cluster:graph").partition == "aws"


@pytest.mark.parametrize(("partition", "known"), [("aws", True), ("aws-cn", True), ("aws-mars", False), ("", False)])
def test_of_a_partition_that_botocore_does_not_know_nothing_is_said(partition, known):
    assert is_known_partition(partition) is known
