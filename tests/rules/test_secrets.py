"""No finding, and no rule of a user's own, shows what is secret in a request."""

import pytest

from neptune_guard._rules import Request, Ruleset, check, rule
from tests.helpers import SOUND
from tests.rules.rows import SECRET, Row, key, of, presigned, source, tag_key, tag_value, target

COPY = SOUND["CopyDBClusterSnapshot"]
URL = presigned().changes["PreSignedUrl"]
PLACES = [
    Row({"PreSignedUrl": value})
    for value in (
        f"https://example/{SECRET}",
        f"https://example/{SECRET}".encode(),
        [SECRET],
        {SECRET: SECRET},
        {SECRET},
        (SECRET,),
        SECRET,
        type("Url", (str,), {})(SECRET),
        int(SECRET, 16),
        float(int(SECRET, 16)),
        type(SECRET, (), {"__repr__": lambda self: SECRET})(),
    )
] + [
    row
    for url in (f"https://x/?X-Amz-Signature={SECRET}", f"https://x/?AWSAccessKeyId=x&Signature={SECRET}")
    for row in (source(url), target(url), key(url), key(url.encode()), tag_key(url), tag_value(bytearray(url.encode())))
]


@pytest.mark.parametrize("row", PLACES)
def test_no_finding_shows_a_signed_url(row):
    found = row.check()
    assert found
    for each in found:
        assert SECRET[:16] not in f"{each} {each!r} {each.to_dict()}".lower()


def test_a_rule_of_ones_own_sees_no_signed_url():
    seen = []

    class Name(str):
        __slots__ = ()
        __hash__ = str.__hash__

        def __eq__(self, other):
            return False

    @rule(id="mine", summary="Looks")
    def mine(request):
        seen.extend([request.params["PreSignedUrl"], *request.params.values()])
        yield "PreSignedUrl", "is looked at; do not"

    found = check({**COPY, "PreSignedUrl": URL}, rules=[mine])
    assert URL not in seen
    assert "<redacted>" in str(next(each for each in found if each.rule == "mine"))
    Ruleset([mine]).check(
        Request("CopyDBClusterSnapshot", {**COPY, Name("PreSignedUrl"): URL, "PreSignedUrl": "<other>"})
    )
    assert URL not in seen


@pytest.mark.parametrize("operation", ["CreateDBCluster", "ModifyDBCluster", "CreateDBInstance"])
@pytest.mark.parametrize("value", ["made-up-password", b"made-up-password", ["made-up-password"], None])
def test_no_finding_shows_a_password(operation, value):
    found = of(operation)(MasterUserPassword=value).check()
    assert found
    assert "made-up" not in "".join(f"{each} {each!r} {each.to_dict()}" for each in found)
