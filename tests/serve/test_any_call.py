"""Whatever arrives is answered in XML that parses, and is never a mistake of the simulator's own."""

from __future__ import annotations

import io
from urllib.parse import urlencode

import pytest
from botocore.parsers import QueryParser
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from neptune_guard._data import service_model
from neptune_guard.serve.app import Application
from neptune_guard.stub import NeptuneStub
from tests.serve.conftest import REGION, authorization
from tests.serve.test_wire import EVERY_OPERATION, form_of, requests

WORDS = st.sampled_from(
    [
        "graph",
        "nightly",
        "",
        "0",
        "-1",
        "true",
        "2026-05-04T00:00:00Z",
        "all",
        "restore",
        "neptune",
        "manual",
        "é\x00",
        "arn:aws:rds:us-east-1:123456789012:cluster:graph",
        "arn:aws:rds:us-east-1:123456789012:cluster-snapshot:nightly",
        "arn:aws:kms:us-east-1:123456789012:alias/graph",
        "x" * 300,
    ]
)


def names_in(shape, prefix=""):
    """Yield every field that a shape may have in a form, lists with one element."""
    for name, member in shape.members.items():
        path = f"{prefix}{member.serialization.get('name', name)}"
        if member.type_name == "list":
            path = f"{path}.{member.member.serialization.get('name', 'member')}.1"
            member = member.member
        if member.type_name == "structure":
            yield from names_in(member, f"{path}.")
        elif member.type_name == "list":
            yield f"{path}.1"
        else:
            yield path


def forms(operation):
    names = sorted(names_in(service_model("neptune").operation_model(operation).input_shape))
    return st.dictionaries(st.sampled_from([*names, "Nope", "Tags"]), WORDS, max_size=6).map(
        lambda fields: urlencode({"Action": operation, **fields}).encode()
    )


@pytest.fixture(scope="module")
def answered():
    """Answer a body, in a process without a server."""
    with NeptuneStub() as stub:
        stub.add_cluster("graph", REGION)
        stub.add_snapshot("nightly", REGION)
        application = Application(stub)

        def answer(body):
            environ = {
                "REQUEST_METHOD": "POST",
                "PATH_INFO": "/",
                "HTTP_HOST": "localhost",
                "HTTP_AUTHORIZATION": authorization(),
                "CONTENT_TYPE": "application/x-www-form-urlencoded",
                "CONTENT_LENGTH": str(len(body)),
                "wsgi.input": io.BytesIO(body),
            }
            started = []
            [content] = application(environ, lambda status, headers: started.append(int(status[:3])))
            return started[0], content

        yield answer


OPERATIONS = st.sampled_from(EVERY_OPERATION)


@settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=OPERATIONS.flatmap(forms) | OPERATIONS.flatmap(lambda name: requests(name).map(lambda p: form_of(name, p))))
def test_any_call_is_answered_in_xml_and_never_by_a_crash(answered, body):
    status, content = answered(body)
    assert status in (200, 400, 403, 404, 501), content
    parsed = QueryParser().parse({"status_code": status, "headers": {}, "body": content}, None)
    assert parsed["ResponseMetadata"]["RequestId"]
    assert status == 200 or parsed["Error"]["Code"]
