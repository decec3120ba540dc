"""The guard refuses exactly what the stub's service refuses."""

import json
import re
from collections import UserDict

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

import neptune_guard
from neptune_guard._rules import Request, Ruleset
from neptune_guard.stub import NeptuneStub
from neptune_guard.stub.operations import OPERATIONS
from tests.helpers import HERE, sound

from .conftest import ACCOUNT, REGION, Asker, hold_to_model, service

SOURCE, TARGET = "SourceDBClusterSnapshotIdentifier", "TargetDBClusterSnapshotIdentifier"
FAR = f"arn:aws:rds:eu-west-1:{ACCOUNT}:cluster-snapshot:nightly"
VALUES = {
    SOURCE: st.sampled_from(
        [
            "nightly",
            "rds:graph-2026-03-01-04-05",
            "a--b",
            "",
            FAR,
            FAR.replace("eu-west-1", REGION),
            FAR.replace("aws", "aws-cn"),
            FAR.replace(":nightly", ":-"),
            FAR.replace("cluster-snapshot", "snapshot"),
            5,
        ]
    ),
    TARGET: st.sampled_from(["copy", "Nightly", "nightly", "-", "a" * 64, "", FAR, "rds:copy", "1a", "a_b", None]),
    "KmsKeyId": st.sampled_from(
        [
            "alias/dr",
            "None",
            "",
            f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/x",
            f"arn:aws:kms:eu-west-1:{ACCOUNT}:alias/x",
            f"arn:aws-cn:kms:cn-north-1:{ACCOUNT}:alias/x",
        ]
    ),
    "PreSignedUrl": st.sampled_from(["", "https://example.com/?X-Amz-Signature=sekret", 1]),
    "CopyTags": st.sampled_from([True, False, 1]),
    "SourceRegion": st.sampled_from(["eu-west-1", REGION, "", "EU", "evil.example/x?"]),
    "Tags": st.lists(
        st.fixed_dictionaries(
            {},
            optional={
                "Key": st.sampled_from(["a", "A", "", "aws:a", "x" * 129, "a\u0301", 1]),
                "Value": st.sampled_from(["", "v", "aws:v", "x" * 257, "\N{SNOWMAN}"]),
            },
        ),
        max_size=3,
    )
    | st.just([{"Key": str(number)} for number in range(51)])
    | st.just(()),
}


@pytest.fixture(scope="module")
def imagining():
    with NeptuneStub(imagine=True) as stub:
        yield stub


@settings(max_examples=300, deadline=None, database=None)
@given(st.fixed_dictionaries({}, optional=VALUES))
def test_the_stub_refuses_for_its_form_what_breaks_a_rule_and_nothing_else(imagining, params):
    imagining.reset()
    request = Request("CopyDBClusterSnapshot", params, region=REGION, account_id=ACCOUNT)
    errors = [each for each in Ruleset().findings(request) if each.severity == "error"]
    status, answer = imagining.respond("CopyDBClusterSnapshot", params, region=REGION)
    hold_to_model("CopyDBClusterSnapshot", status, answer)
    assert (status == 200) == (not errors), (errors, answer)
    if errors:
        assert answer["Error"]["Code"] == errors[0].fault.code
        assert not re.search("sekret|X-Amz", json.dumps(answer["Error"]))
    assert imagining.calls[-1].error == (answer.get("Error", {}).get("Code"))


@pytest.mark.parametrize("operation", OPERATIONS)
def test_a_parameter_that_an_operation_needs_is_asked_for(stub, operation):
    """A client's own validation lets no such call come here, `respond` does."""
    for missing in service().operation_model(operation).input_shape.required_members:
        params = {name: value for name, value in sound(operation).items() if name != missing}
        code, message = Asker(stub, HERE).refused(operation, **params)
        assert (code, missing in message) == ("InvalidParameterValue", True)


TOO_LOW = "Serverless v2 maximum capacity 0.5 isn't valid. The maximum capacity must be at least 1.0."
CAPACITIES = [
    ({"MinCapacity": 1, "MaxCapacity": 0.5}, TOO_LOW),
    ({"MinCapacity": 1, "MaxCapacity": 256}, "256 is not from 1 to 128"),
    ({"MinCapacity": 0.5, "MaxCapacity": 4}, "0.5 is not from 1 to 128"),
]


@pytest.mark.parametrize(("capacities", "words"), CAPACITIES)
def test_a_capacity_has_the_recorded_words_where_they_were_recorded_for_it(stub, capacities, words):
    params = {"DBClusterIdentifier": "graph", "Engine": "neptune", "ServerlessV2ScalingConfiguration": capacities}
    assert words in Asker(stub).refused("CreateDBCluster", **params)[1]


@pytest.mark.parametrize("region", [None, "", 5])
def test_a_call_without_a_region_is_a_mistake(stub, region):
    with pytest.raises(neptune_guard.exceptions.ConfigurationError, match=f"region is {region!r}; give the name"):
        stub.respond("DescribeDBClusters", {}, region=region)
    assert stub.calls == []


@pytest.mark.parametrize(
    ("operation", "region", "account_id", "words"),
    [
        (["DescribeDBClusters"], REGION, None, "operation is a list of 1 item; give a str"),
        ("Describe\ud800", REGION, None, "operation is .*; give a str"),
        ("DescribeDBClusters", "us-east-\ud800", None, "region is .*; give the name of a Region"),
        ("DescribeDBClusters", REGION, "1", "account_id is '1'; give twelve digits"),
        ("DescribeDBClusters", REGION, "\ud800", "account_id is .*; give twelve digits"),
        ("DescribeDBClusters", REGION, 123456789012, "account_id is 123456789012; give twelve digits"),
    ],
)
def test_a_call_that_nobody_can_make_is_a_mistake(stub, operation, region, account_id, words):
    with pytest.raises(neptune_guard.exceptions.ConfigurationError, match=words):
        stub.respond(operation, {}, region=region, account_id=account_id)
    assert stub.calls == []


class Fragile(str):
    """Text whose own methods fail."""

    def fail(self, *args):
        raise ZeroDivisionError

    __str__ = __len__ = __iter__ = __eq__ = __format__ = fail
    __hash__ = str.__hash__


def itself():
    value = []
    value.append(value)
    return value


@pytest.mark.parametrize(
    ("operation", "params", "code"),
    [
        ("DescribeDBClusters", {"DBClusterIdentifier": Fragile("none")}, "DBClusterNotFoundFault"),
        ("DescribeDBClusters", {"MaxRecords": 10**5000}, "InvalidParameterValue"),
        ("DescribeDBClusters", {"DBClusterIdentifier": itself()}, "InvalidParameterValue"),
        ("DescribeDBClusters", {"Filters": [{"Name": "engine", "Values": [10**5000]}]}, "InvalidParameterValue"),
        ("DescribeDBClusterSnapshots", {"Marker": "\ud800"}, "InvalidParameterValue"),
        ("DescribeDBInstances", {"DBInstanceIdentifier": "\ud800"}, "InvalidParameterValue"),
        ("CreateDBInstance", {"PromotionTier": 10**5000}, "InvalidParameterValue"),
        ("CreateDBCluster", {"Port": 2**64}, "InvalidParameterValue"),
        ("DescribeDBClusters", {Fragile("DBClusterIdentifier"): "none"}, "DBClusterNotFoundFault"),
        ("DescribeDBClusters", UserDict(DBClusterIdentifier="none"), "DBClusterNotFoundFault"),
    ],
)
def test_values_that_no_client_sends_get_an_answer_and_are_logged(stub, operation, params, code):
    status, answer = stub.respond(operation, params, region=REGION)
    assert (status >= 400, answer["Error"]["Code"]) == (True, code)
    assert [call.error for call in stub.calls] == [code]
    assert len(json.dumps(stub.calls[0].params)) < 200


def test_a_parameter_whose_name_is_fragile_text_is_not_stubbed(stub):
    with pytest.raises(neptune_guard.exceptions.NotStubbedError, match="Domain"):
        stub.respond("CreateDBCluster", {Fragile("Domain"): "x"}, region=REGION)


def test_strict_mode_and_the_stub_agree_on_a_client(stub):
    stub.add_snapshot("nightly", REGION)
    strict, off = (stub.session(REGION, mode=mode).client("neptune") for mode in ("strict", "off"))
    for target in ("a--b", "nightly", "fine"):
        codes = []
        for client in (strict, off):
            try:
                client.copy_db_cluster_snapshot(**{SOURCE: "nightly", TARGET: target})
                codes.append(None)
                client.delete_db_cluster_snapshot(DBClusterSnapshotIdentifier=target)
            except (neptune_guard.exceptions.ConstraintViolationError, client.exceptions.ClientError) as refusal:
                codes.append(type(refusal).__name__)
        assert len({code is None for code in codes}) == 1
    assert Asker(stub).listed() == ["nightly"]


@pytest.mark.parametrize("operation", OPERATIONS)
def test_an_operation_requires_what_the_model_requires_and_knows_no_more_than_the_model(operation):
    shape = service().operation_model(operation).input_shape
    known = OPERATIONS[operation]
    assert set(known.required) == set(shape.required_members)
    # The lowest supported botocore lacks parameters that were added since.
    assert known.parameters - set(shape.members) <= {"NetworkType", "StorageType"}


def test_a_stub_says_where_its_state_is(make, state):
    assert repr(make()) == "<neptune_guard.stub.NeptuneStub in memory>"
    assert repr(make(state)) == f"<neptune_guard.stub.NeptuneStub {state}>"
    assert make(imagine=True).imagines is True


@pytest.mark.parametrize("depth", [10, 100, 450, 600, 900, 990, 1200])
@pytest.mark.parametrize("word", ["v", "X-Amz-Signature=x"])
def test_parameters_nested_however_deep_get_an_answer_and_are_logged(stub, depth, word):
    value = word
    for _ in range(depth):
        value = [value]
    status, answer = stub.respond("CopyDBClusterSnapshot", {"Tags": value}, region=REGION)
    assert (status, answer["Error"]["Code"]) == (400, "InvalidParameterValue")
    assert len(stub.calls) == 1


@pytest.mark.parametrize("port", [2**31, 2**63, -(2**40)])
def test_a_number_that_no_integer_of_the_service_holds_is_refused(ask, port):
    code, words = ask.refused("CreateDBCluster", DBClusterIdentifier="graph", Engine="neptune", Port=port)
    assert (code, words) == ("InvalidParameterValue", f"Port is {port}, which is not of type integer")
    assert ask("DescribeDBClusters")["DBClusters"] == []


def test_a_number_where_a_text_belongs_is_of_the_wrong_type_and_not_too_long(stub, ask):
    stub.add_snapshot("nightly", REGION)
    code, words = ask.refused(
        "ModifyDBClusterSnapshotAttribute",
        DBClusterSnapshotIdentifier="nightly",
        AttributeName="restore",
        ValuesToAdd=[210987654321],
    )
    assert (code, "ValuesToAdd[0]: 210987654321 is not a string; give a str" in words) == (
        "InvalidParameterValue",
        True,
    )
