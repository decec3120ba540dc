"""No finding, and no rule of a user's own, shows what is secret in a request."""

import pytest

from neptune_guard._printing import REDACTED, printable, redacted, redacted_text
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


IN_ONE_WORD = [
    f"https://x/?X-Amz-Signature={SECRET}",
    f"https://x/?X-Amz-Security-Token={SECRET}",
    f"https%253A%252F%252Fx%252F%253FX-Amz-Signature%253D{SECRET}",
    f"https://x/?%252558-Amz-%2553ignature={SECRET}",
    f"https://x/?X_Amz_Signature={SECRET}",
    rf"X\u002dAmz\u002dSecurity\u002dToken\u003d{SECRET}",
    rf"\\u0058-Amz-\\u0053ignature\\u0025253D{SECRET}",
    f"AWS4-HMAC-SHA256 Credential=x, SignedHeaders=host, Signature={SECRET}",
]
BEHIND_A_NAME = [
    f"X-Amz-Security-Token: {SECRET}",
    f"X-Amz-Signature = {SECRET}",
    f"X-Amz-Signature\xa0= {SECRET}",
    f'{{"X-Amz-Credential": "{SECRET}"}}',
    f"X-Amz-Security-Token is {SECRET}",
    f"X-Amz-Security-Token (session) {SECRET}",
    f"X-Amz-Security-Token(session) {SECRET}",
    f"X-Amz-Security-Token: Bearer {SECRET}",
    f"X-Amz-Security-Token/value {SECRET}",
    f"https://x/?X-Amz-Signature= {SECRET}",
    f"X-Amz-Signature of it, a long and unlucky word: {SECRET}",
    rf"X\u002dAmz\u002dSignature, {SECRET}",
]
SECRET_TEXTS = IN_ONE_WORD + BEHIND_A_NAME
"""Texts that carry a secret, by themselves or in a name."""


@pytest.mark.parametrize("text", SECRET_TEXTS)
def test_no_form_of_a_secret_is_printed(text):
    for value in (text, {text: 1}, [text.encode()], {"a": (bytearray(text.encode()),)}):
        assert SECRET not in repr(redacted(value))
    for encoding in ("utf-16", "utf-16-be", "utf-32"):
        assert redacted([text.encode(encoding)]) == [REDACTED]
        assert printable("KmsKeyId", text.encode(encoding)) == REDACTED
    told = redacted_text(f"the URL {text} is bad")
    assert SECRET not in told
    assert told.startswith("the URL ")
    assert told.endswith(" is bad") is (text in IN_ONE_WORD)


@pytest.mark.parametrize("text", SECRET_TEXTS)
@pytest.mark.parametrize("place", ["name", "member", "type"])
def test_no_finding_shows_a_secret_that_is_a_name(text, place):
    changes = {
        "name": {text: "x"},
        "member": {"Tags": [{"Key": "a", "Value": "b", text: "x"}]},
        "type": {"KmsKeyId": type(text, (), {})()},
    }
    found = check({**COPY, **changes[place]})
    assert found
    assert SECRET not in "".join(f"{each} {each!r} {each.to_dict()}" for each in found)


@pytest.mark.parametrize("name", ["X-Amz-Signature", "x%2DAmz%2DSecurity%2DToken", "PreSignedUrl"])
@pytest.mark.parametrize("value", [f"{SECRET};", f"aws:{SECRET}", SECRET * 300, SECRET.encode()])
def test_no_finding_shows_the_value_of_a_tag_whose_key_names_a_secret(name, value):
    for naming, named in (("Key", "Value"), ("key", "value"), ("KEY", "VALUE"), ("Name", "Values"), ("name", "Value")):
        for tag in ({naming: name, named: value}, {named: value, naming: name.encode(), "Other": "x"}):
            found = check({**COPY, "Tags": [{"Key": "a", "Value": "b"}, tag]})
            assert f"Tags[1].{named}" in {each.path for each in found}
            assert SECRET not in "".join(f"{each} {each!r} {each.to_dict()}" for each in found)
            assert SECRET not in repr(redacted(tag))


@pytest.mark.parametrize("tags", [None, 5, [], ["x"], [{}], [{"Key": "X-Amz-Signature"}]])
@pytest.mark.parametrize("path", ["Tags[0].Value", "Tags[7].Value", "Tags[" + "9" * 5000 + "].Value"])
def test_a_name_that_looks_like_the_path_of_a_value_is_only_unknown(path, tags):
    found = check({**COPY, path: 1, **({} if tags is None else {"Tags": tags})})
    assert "unknown-parameter" in {each.rule for each in found if each.path == path}


def test_a_pair_without_a_secret_is_kept():
    pair = {"key": "team", "value": "graph", "Key": 1, 2: "x"}
    assert redacted(pair) == pair
    assert redacted({"Key": "X-Amz-Signature", "Other": "x", 2: "y"}) == {"Key": REDACTED, "Other": "x", 2: "y"}


def test_the_value_of_a_filter_that_names_a_secret_is_not_shown():
    params = {"Filters": [{"Name": "X-Amz-Signature", "Values": [SECRET]}, {"name": "PreSignedUrl", "value": SECRET}]}
    found = check(params, operation="DescribeDBClusterSnapshots")
    assert found
    assert SECRET not in "".join(f"{each} {each!r} {each.to_dict()}" for each in found) + repr(redacted(params))


def test_no_finding_of_a_rule_of_a_user_shows_a_secret_that_it_quotes():
    @rule(id="quotes", summary="Quotes")
    def quotes(request):
        yield f"Tags[0].{SECRET_TEXTS[0]}", f"has {SECRET_TEXTS[0]} in it"

    [found] = check(COPY, rules=[quotes])
    assert SECRET not in f"{found} {found!r} {found.to_dict()}"


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


def test_what_is_nested_too_deeply_for_a_request_is_not_looked_into_but_named():
    value = URL
    for _ in range(900):
        value = [value]
    shown = repr(redacted({"Tags": value}))
    assert "<list>" in shown
    assert len(shown) < 50
