"""Forms and XML, held to botocore's own serializer and parser over every operation of Neptune."""

from __future__ import annotations

import math
from datetime import datetime, timedelta, timezone
from functools import cache
from urllib.parse import urlencode

import pytest
from botocore.model import ServiceModel
from botocore.parsers import QueryParser
from botocore.serialize import QuerySerializer
from hypothesis import given, settings
from hypothesis import strategies as st

from neptune_guard._data import service_model
from neptune_guard._printing import xml_text
from neptune_guard.serve import wire

NEPTUNE = service_model("neptune")
EVERY_OPERATION = sorted(NEPTUNE.operation_names)
# No service of ours has a flattened list; the protocol does.
FLAT = ServiceModel(
    {
        "metadata": {"apiVersion": "2014-10-31", "protocol": "query", "xmlNamespace": "urn:flat", "serviceId": "Flat"},
        "operations": {
            "Flatten": {
                "name": "Flatten",
                "http": {"method": "POST", "requestUri": "/"},
                "input": {"shape": "Lists"},
                "output": {"shape": "Lists", "resultWrapper": "FlattenResult"},
            }
        },
        "shapes": {
            "Lists": {
                "type": "structure",
                "members": {
                    "Plain": {"shape": "Flat"},
                    "Renamed": {"shape": "Flat", "locationName": "Other"},
                    "Named": {"shape": "NamedFlat"},
                    "Parts": {"shape": "FlatParts"},
                    "Big": {"shape": "Big"},
                    "Small": {"shape": "Small"},
                },
            },
            "Flat": {"type": "list", "flattened": True, "member": {"shape": "Text"}},
            "NamedFlat": {"type": "list", "flattened": True, "member": {"shape": "Text", "locationName": "Name"}},
            "FlatParts": {"type": "list", "flattened": True, "member": {"shape": "Part", "locationName": "Part"}},
            "Part": {"type": "structure", "members": {"Text": {"shape": "Text"}}},
            "Text": {"type": "string"},
            "Big": {"type": "long"},
            "Small": {"type": "float"},
        },
    }
)
MODELS = {
    **{name: NEPTUNE.operation_model(name) for name in EVERY_OPERATION},
    "Flatten": FLAT.operation_model("Flatten"),
}

# An older botocore sends Python's words, inf and nan, which are no numbers on the wire.
NAMES_INFINITY = hasattr(QuerySerializer, "_handle_float")
NUMBERS = st.floats(allow_nan=NAMES_INFINITY, allow_infinity=NAMES_INFINITY)

MILLISECONDS = st.datetimes(
    min_value=datetime(1970, 1, 1),
    max_value=datetime(9998, 1, 1),
    timezones=st.sampled_from([timezone.utc, timezone(timedelta(hours=-9)), timezone(timedelta(minutes=330))]),
).map(lambda moment: moment.replace(microsecond=moment.microsecond // 1000 * 1000))
# What a form can carry is all of Unicode; a lone surrogate is not.
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
XML_TEXT = st.text(st.characters(exclude_categories=["Cs"]).filter(xml_text), max_size=12).filter(
    lambda text: "\ufffd" not in xml_text(text)
)
SCALARS = {
    "boolean": st.booleans(),
    "integer": st.integers(-(2**31), 2**31 - 1),
    "long": st.integers(-(2**63), 2**63 - 1),
    "float": NUMBERS,
    "double": NUMBERS,
    "timestamp": MILLISECONDS,
}


@cache
def values(shape, text):
    """A strategy of values for a shape; every member may be missing."""
    if shape.type_name == "structure":
        return st.fixed_dictionaries({}, optional={name: values(each, text) for name, each in shape.members.items()})
    if shape.type_name == "list":
        return st.lists(values(shape.member, text), max_size=3)
    return text if shape.type_name == "string" else SCALARS[shape.type_name]


@cache
def requests(name):
    shape = MODELS[name].input_shape
    return values(shape, TEXT).filter(lambda params: not hollow_element(params))


@cache
def answers(name):
    shape = MODELS[name].output_shape
    return values(shape, XML_TEXT) if shape else st.just({})


def hollow_element(value):
    """Whether a list has an element that a form shows nothing of, so that the next one's number tells of a gap."""
    if isinstance(value, dict):
        return any(map(hollow_element, value.values()))
    return isinstance(value, list) and any(not sent(each) or hollow_element(each) for each in value)


def sent(value):
    """Return a value as a form carries it: without structures that hold nothing."""
    if not isinstance(value, dict):
        return [sent(each) for each in value] if isinstance(value, list) else value
    members = {name: sent(each) for name, each in value.items()}
    return {name: each for name, each in members.items() if each != {}}


def same(one, other):
    """Equality in which NaN equals itself, and 0 is not False."""
    if isinstance(one, dict):
        return isinstance(other, dict) and one.keys() == other.keys() and all(same(one[k], other[k]) for k in one)
    if isinstance(one, list):
        return isinstance(other, list) and len(one) == len(other) and all(map(same, one, other))
    if isinstance(one, float) and math.isnan(one):
        return isinstance(other, float) and math.isnan(other)
    return type(one) is type(other) and one == other


def form_of(name, params):
    body = QuerySerializer().serialize_to_request(params, MODELS[name])["body"]
    return urlencode(body).encode()


def read(name, body):
    form = wire.read_form(body)
    return form.action, wire.parameters(form.fields, MODELS[name])


def parsed(name, body):
    response = {"status_code": 200, "headers": {}, "body": body}
    answer = QueryParser().parse(response, MODELS[name].output_shape)
    assert answer.pop("ResponseMetadata")["RequestId"] == "id-1"
    return answer


@settings(max_examples=600, deadline=None)
@given(st.data())
def test_every_request_that_botocore_sends_is_read_back(data):
    name = data.draw(st.sampled_from([*EVERY_OPERATION, "Flatten"]))
    params = data.draw(requests(name))
    action, found = read(name, form_of(name, params))
    assert action == name
    assert same(found, sent(params)), (found, params)


@settings(max_examples=600, deadline=None)
@given(st.data())
def test_every_answer_is_parsed_by_botocore(data):
    name = data.draw(st.sampled_from([*EVERY_OPERATION, "Flatten"]))
    answer = data.draw(answers(name))
    body = wire.write_result(answer, MODELS[name], "id-1")
    found = parsed(name, body)
    # A flattened list that is empty leaves nothing in the XML.
    expected = {key: value for key, value in answer.items() if name != "Flatten" or value != []}
    assert same(found, expected), (found, answer)


@pytest.mark.parametrize("name", EVERY_OPERATION)
def test_every_type_of_every_operation_can_be_read_and_written(name):
    """A map or a blob in a newer model of Neptune has to be added to the module."""
    types = set()

    def collect(shape):
        types.add(shape.type_name)
        for each in shape.members.values() if shape.type_name == "structure" else ():
            collect(each)
        if shape.type_name == "list":
            collect(shape.member)

    model = NEPTUNE.operation_model(name)
    assert model.input_shape
    for shape in filter(None, (model.input_shape, model.output_shape)):
        collect(shape)
    assert types <= {"structure", "list", *wire._READ}


@given(code=XML_TEXT, message=XML_TEXT, status=st.sampled_from([400, 404, 500, 503]))
def test_errors_are_parsed_by_botocore(code, message, status):
    body = wire.write_error(code, message, status, "id-1")
    response = {"status_code": status, "headers": {}, "body": body}
    found = QueryParser().parse(response, None)
    assert (found["Error"]["Code"] or "", found["Error"]["Message"] or "") == (code, message)
    assert found["Error"]["Type"] == ("Sender" if status < 500 else "Receiver")
    assert found["ResponseMetadata"]["RequestId"] == "id-1"


@given(st.text(st.characters(), max_size=20))
def test_any_text_at_all_gives_xml_that_parses(text):
    body = wire.write_error("Code", text.encode(errors="replace").decode(), 400, "id-1")
    assert QueryParser().parse({"status_code": 400, "headers": {}, "body": body}, None)["Error"]["Code"] == "Code"


MOMENT = datetime(2026, 5, 4, 3, 2, 1, tzinfo=timezone.utc)
# operation, fields, parameters: what other SDKs send, and botocore does not
FORMS_OF_OTHER_CLIENTS = [
    ("RestoreDBClusterToPointInTime", "RestoreToTime=2026-05-04T03:02:01Z", {"RestoreToTime": MOMENT}),
    ("RestoreDBClusterToPointInTime", "RestoreToTime=2026-05-04T05:02:01%2B02:00", {"RestoreToTime": MOMENT}),
    (
        "RestoreDBClusterToPointInTime",
        "RestoreToTime=2026-05-04T03:02:01.123456789Z",
        {"RestoreToTime": MOMENT.replace(microsecond=123456)},
    ),
    ("RestoreDBClusterToPointInTime", "UseLatestRestorableTime=True", {"UseLatestRestorableTime": True}),
    ("RestoreDBClusterToPointInTime", "Port=%2B8182", {"Port": 8182}),
    (
        "ModifyDBCluster",
        "ServerlessV2ScalingConfiguration.MinCapacity=1&ServerlessV2ScalingConfiguration.MaxCapacity=2.5e0",
        {"ServerlessV2ScalingConfiguration": {"MinCapacity": 1.0, "MaxCapacity": 2.5}},
    ),
    ("ModifyDBCluster", "ServerlessV2ScalingConfiguration=", {"ServerlessV2ScalingConfiguration": {}}),
    ("AddTagsToResource", "Tags.Tag.2.Key=b&Tags.Tag.1.Key=a", {"Tags": [{"Key": "a"}, {"Key": "b"}]}),
    ("AddTagsToResource", "Tags=", {"Tags": []}),
    ("AddTagsToResource", "Version=2014-10-31", {}),
    # The stub refuses what the model lacks; here it is only carried to it.
    ("CopyDBClusterSnapshot", "KmsKeyID=x", {"KmsKeyID": "x"}),
    ("CopyDBClusterSnapshot", "Nope.member.1.Deep=x", {"Nope.member.1.Deep": "x"}),
    ("CopyDBClusterSnapshot", "Nope.a=1&Nope.b=2", {"Nope.a": "1", "Nope.b": "2"}),
    ("AddTagsToResource", "Tags.Tag.1.Kee.a=x", {"Tags": [{"Kee.a": "x"}]}),
    ("AddTagsToResource", "Tags.Tag.1.Kee=x", {"Tags": [{"Kee": "x"}]}),
]


@pytest.mark.parametrize(("name", "fields", "params"), FORMS_OF_OTHER_CLIENTS)
def test_what_other_clients_send_is_read(name, fields, params):
    assert read(name, f"Action={name}&{fields}".encode()) == (name, params)


# fields, what the error says
MALFORMED_FIELDS = [
    ("Port=", "'Port' is '', which is not of type integer"),
    ("Port=x", "'Port' is 'x'"),
    ("Port=1_0", "'Port' is '1_0'"),
    ("Port=%D9%A1", "'Port' is '\\u0661'"),
    ("Port=2147483648", "'Port' is '2147483648'"),
    ("Port=1e3", "'Port' is '1e3'"),
    ("Port=" + "9" * 5000, "'Port' is '999"),
    ("UseLatestRestorableTime=yes", "not of type boolean"),
    ("UseLatestRestorableTime=", "not of type boolean"),
    ("RestoreToTime=yesterday", "not of type timestamp"),
    ("RestoreToTime=2026-02-30T00:00:00Z", "not of type timestamp"),
    ("RestoreToTime=2026-02-03T00:00:00", "not of type timestamp"),
    ("RestoreToTime=1770000000", "not of type timestamp"),
    ("ServerlessV2ScalingConfiguration.MinCapacity=1,5", "not of type double"),
    ("ServerlessV2ScalingConfiguration.MinCapacity=nan", "not of type double"),
    ("ServerlessV2ScalingConfiguration=5", "takes numbered or named members"),
    ("Port.Deep=1", "goes deeper than the parameter does"),
    ("Port=1&Port.Deep=1", "given as a whole and in parts"),
    ("Port=1&Port=2", "'Port' is given twice"),
    ("Tags=x", "takes numbered or named members"),
    ("Tags.Tag=x", "numbered 1, 2, 3"),
    ("Tags.Tag.0.Key=x", "numbered 1, 2, 3"),
    ("Tags.Tag.01.Key=x", "numbered 1, 2, 3"),
    ("Tags.Tag.-1.Key=x", "numbered 1, 2, 3"),
    ("Tags.Tag.one.Key=x", "numbered 1, 2, 3"),
    ("Tags.Tag.%C2%B2.Key=x", "numbered 1, 2, 3"),
    ("Tags.Tag.1" + "0" * 400 + ".Key=x", "numbered 1, 2, 3"),
    ("Tags.Tag.2.Key=x", "Tags: element 1 of the list is missing"),
    ("Tags.Tag.1.Key=x&Tags.Tag.999999999.Key=x", "Tags: element 2 of the list is missing"),
    ("Tags.member.1.Key=x", "elements of this list are named Tag.1"),
    ("Tags.Tag.1=x", "takes numbered or named members"),
    ("Tags=&Tags.Tag.1.Key=x", "given as a whole and in parts"),
    ("Tags.Tag.1.Key=x&Tags=", "given as a whole and in parts"),
    ("Tags.Tag.1.Key.Deep=x", "goes deeper"),
    ("Tags" + "." * 100_000 + "=x", "elements of this list are named Tag.1"),
    ("noequals", "not a form"),
    ("a=%FF", "not a form"),
    ("&".join(f"a{number}=" for number in range(10_001)), "more than 10,000 fields"),
]


@pytest.mark.parametrize(("fields", "words"), MALFORMED_FIELDS, ids=lambda value: value[:30])
def test_a_malformed_field_is_one_clear_error(fields, words):
    with pytest.raises(wire.MalformedInputError) as caught:
        read("RestoreDBClusterToPointInTime", f"Action=x&{fields}".encode())
    assert words in str(caught.value)
    assert len(str(caught.value)) < 300
    assert str(caught.value).isascii()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "the Action is ''"),
        (b"Version=1", "the Action is ''"),
        (b"Action=", "the Action is ''"),
        (b"Action=%00", "the Action is '.*x00'"),
        (b"Action=" + b"A" * 101, "the Action is 'AAAA"),
        (b"\xff", "UTF-8"),
    ],
)
def test_a_body_without_an_action_is_one_clear_error(body, words):
    with pytest.raises(wire.MalformedInputError, match=words):
        wire.read_form(body)


@pytest.mark.parametrize("fields", ["Plain=", "Named=", "Other=", "Parts="])
def test_an_empty_flattened_list_goes_by_the_name_of_the_list(fields):
    assert list(read("Flatten", f"Action=Flatten&{fields}".encode())[1].values()) == [[]]


def test_a_flattened_list_is_read_by_its_numbers_alone():
    fields = "Plain.1=a&Plain.2=b&Name.1=c&Part.1.Text=d"
    assert read("Flatten", f"Action=Flatten&{fields}".encode())[1] == {
        "Plain": ["a", "b"],
        "Named": ["c"],
        "Parts": [{"Text": "d"}],
    }


@given(st.binary(max_size=200))
def test_any_body_is_read_or_refused(body):
    try:
        name, _ = wire.read_form(body)
    except wire.MalformedInputError:
        return
    assert name


PIECES = st.sampled_from(["Tags", "Tag", "1", "2", "Key", "Port", "member", "", "é", "Filters", "RestoreToTime"])


@given(st.lists(st.tuples(st.lists(PIECES, max_size=5).map(".".join), st.sampled_from(["", "1", "x"])), max_size=6))
def test_any_fields_are_read_or_refused(fields):
    try:
        found = wire.parameters(fields, MODELS["RestoreDBClusterToPointInTime"])
    except wire.MalformedInputError:
        return
    assert isinstance(found, dict)


def test_an_answer_leaves_out_what_the_model_lacks_and_what_is_none():
    answer = {"DBClusterSnapshot": {"Status": "copying", "Engine": None, "Colour": "red"}, "ResponseMetadata": {}}
    body = wire.write_result(answer, MODELS["CopyDBClusterSnapshot"], "id-1")
    assert parsed("CopyDBClusterSnapshot", body) == {"DBClusterSnapshot": {"Status": "copying"}}


def test_times_are_written_in_utc_with_milliseconds_as_the_service_does():
    moment = datetime(2026, 5, 4, 3, 2, 1, 987654, tzinfo=timezone(timedelta(hours=2)))
    body = wire.write_result(
        {"DBClusterSnapshot": {"SnapshotCreateTime": moment}}, MODELS["CopyDBClusterSnapshot"], "id-1"
    )
    assert b"<SnapshotCreateTime>2026-05-04T01:02:01.987Z</SnapshotCreateTime>" in body
