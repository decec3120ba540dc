"""What the rules see of a request."""

from types import MappingProxyType

import pytest

from neptune_guard._request import MOST_TAGS, PARAMETERS, SOURCE, Request
from neptune_guard._violations import Opaque

ARN = "arn:aws:rds:us-east-1:123456789012:cluster-snapshot:nightly"


@pytest.mark.parametrize(
    ("region", "partition"),
    [("us-west-2", "aws"), ("us-gov-east-1", "aws-us-gov"), ("us-east-99", "aws"), ("mars", None), (None, None)],
)
def test_the_partition_follows_from_the_region(region, partition):
    assert Request({}, region).partition == partition


@pytest.mark.parametrize(
    ("params", "parts"),
    [
        ({SOURCE: ARN}, ("aws", "us-east-1", "123456789012", "nightly")),
        ({SOURCE: "nightly"}, None),
        ({SOURCE: None}, None),
        ({}, None),
    ],
)
def test_the_source_in_parts(params, parts):
    assert Request(params).source_arn == parts


@pytest.mark.parametrize(
    ("given", "region"), [("us-east-1", "us-east-1"), ("", ""), (None, None), (b"us-east-1", None)]
)
def test_the_source_region_is_text_or_nothing(given, region):
    assert Request({"SourceRegion": given}).source_region == region


def test_a_request_without_source_region():
    assert Request({}).source_region is None


class Tags(list):
    def __getitem__(self, index):
        raise ZeroDivisionError


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        ([], []),
        ([1, 2], [1, 2]),
        ((1, 2), (1, 2)),
        ([1] * 200, [1] * 51),
        (Tags([1, 2]), [1, 2]),
        (None, ()),
        ("tags", ()),
        ({"Key": "a"}, ()),
        (iter([1]), ()),
    ],
)
def test_the_tags_are_few_and_of_a_list(given, seen):
    assert Request({"Tags": given}).tags == seen
    assert Request({}).tags == ()


def test_a_plain_request_says_the_same_in_built_in_types():
    text, pair = type("Text", (str,), {}), type("Pair", (dict,), {})
    request = Request(
        MappingProxyType({text(SOURCE): text(ARN), "Tags": Tags([pair({text("Key"): text("a"), 1: 2}), 7]), 3: 4}),
        "us-west-2",
        "123456789012",
    )
    plain = request.plain()
    assert plain.params == {SOURCE: ARN, "Tags": [{"Key": "a"}, 7]}
    assert [type(each) for each in (*plain.params, *plain.params.values())] == [str, str, str, list]
    assert [type(each) for each in plain.params["Tags"][0]] == [str]
    assert (plain.region, plain.account_id, plain.partition) == ("us-west-2", "123456789012", "aws")
    assert plain.source_arn == request.source_arn


def test_a_plain_request_holds_strangers_at_arms_length():
    stranger = object()
    assert type(Request({"KmsKeyId": stranger}).plain().params["KmsKeyId"]) is Opaque
    assert [type(each) for each in Request({"Tags": [stranger] * 60}).plain().params["Tags"]] == (
        [Opaque] * (MOST_TAGS + 1) + [object] * (59 - MOST_TAGS)
    )
    assert Request({"KmsKeyId": (1, b"x")}).plain().params == {"KmsKeyId": (1, b"x")}
    assert type(Request({"Tags": stranger}).plain().params["Tags"]) is Opaque


def test_the_parameters_are_those_of_botocores_model():
    import botocore.session

    model = botocore.session.Session().get_service_model("neptune").operation_model("CopyDBClusterSnapshot")
    assert set(PARAMETERS) == set(model.input_shape.members)
