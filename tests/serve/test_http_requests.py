"""A piece of what `tests/programs/http_requests.py` sends; and what an answer must not quote."""

from __future__ import annotations

import pytest

from tests.programs import http_requests
from tests.serve.conftest import authorization

SIGNATURE = "5ec2e75ec2e7"
URL = f"https://rds.us-west-2.amazonaws.com/?X-Amz-Signature={SIGNATURE}"


def test_any_request_is_answered_readably_or_hung_up_on():
    found = []
    statuses, number = http_requests.run(1500, seed=1, tell=found.append)
    assert number == 0, found
    assert statuses[200] > 100


@pytest.mark.parametrize(
    "form",
    [
        {"Action": URL},
        {"Action": "CopyDBClusterSnapshot", "CopyTags": URL},
        {"Action": "CreateDBCluster", "Port": URL},
        {"Action": "RestoreDBClusterToPointInTime", "RestoreToTime": URL},
        {"Action": "ListTagsForResource", URL: "x"},
        {"Action": "ListTagsForResource", "ResourceName": URL, f"ResourceName.{URL}": "x"},
        {"Action": "DescribeDBClusters", f"Filters.Filter.{URL}": "x"},
    ],
    ids=lambda form: "-".join(form)[:40],
)
def test_what_cannot_be_read_is_not_quoted_with_its_secrets(served, form):
    answer = served.call(form)
    assert answer.status in (400, 403, 501)
    assert SIGNATURE not in answer.body.decode()


@pytest.mark.parametrize("name", [URL, f"add_cluster/{URL}", "add_cluster"])
def test_a_control_request_is_not_quoted_with_its_secrets(served, name):
    answer = served.ask("POST", f"/_neptune-guard/{name}", b'{"%s": 1, "%s": 2}' % ((URL.encode(),) * 2), JSON)
    assert answer.status in (400, 404)
    assert SIGNATURE not in answer.body.decode()


JSON = {"Content-Type": "application/json"}


def test_what_is_not_http_is_not_quoted(served):
    damaged = authorization().replace("Signature=00", f"SignaturG={SIGNATURE}")
    received = served.exchange(f"POST / HTTP/1.1\r\nHost: 127.0.0.1\rAuthorization: {damaged}\r\n\r\n".encode())
    assert received.startswith((b"HTTP/1.1 400", b"HTTP/1.0 400"))
    assert SIGNATURE.encode() not in received
