"""The schema document as data, and the two engines that read it."""

import json
import re
import subprocess
import sys
import unicodedata

import hypothesis.strategies as st
import jsonschema
import jsonschema_rs
import pytest
from hypothesis import given, settings

from neptune_guard import _schema
from neptune_guard._request import PARAMETERS

ENTRIES = _schema.DOCUMENT["$defs"]
SOUND = dict.fromkeys(PARAMETERS[:2], "nightly")


def keywords(schema, name):
    """Yield every value that a keyword has anywhere in the document."""
    if isinstance(schema, dict):
        if name in schema:
            yield schema[name]
        for value in schema.values():
            yield from keywords(value, name)
    elif isinstance(schema, list):
        for value in schema:
            yield from keywords(value, name)


PATTERNS = sorted(each for each in keywords(_schema.DOCUMENT, "pattern") if isinstance(each, str))


def test_the_document_is_a_valid_schema():
    jsonschema_rs.meta.validate(_schema.DOCUMENT)
    # Without formats: Python's re cannot compile \p, which is what "regex" asks of it.
    jsonschema.Draft202012Validator.check_schema(_schema.DOCUMENT, format_checker=jsonschema.FormatChecker(formats=()))


@pytest.mark.parametrize("name", ENTRIES)
def test_an_entry_is_complete(name):
    entry = ENTRIES[name]
    assert entry["$anchor"] == name
    assert re.fullmatch(r"[a-z][^;]*; .*[^.]", entry["description"])
    if "title" in entry:
        assert entry["$comment"].endswith(".")
        assert entry["source"].startswith("https://docs.aws.amazon.com/")
    assert entry.get("rule", name) in _schema.RULES
    assert "title" in entry or "rule" in entry


def test_every_reference_leads_to_an_entry_and_every_entry_is_used():
    assert {each.removeprefix("#") for each in keywords(_schema.DOCUMENT, "$ref")} == set(ENTRIES)


def test_every_parameter_has_its_rules():
    assert tuple(_schema.DOCUMENT["properties"]) == PARAMETERS


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_uses_only_what_ecma_and_python_read_alike_after_translation(pattern):
    rest = pattern.replace(r"\p{L}\p{Z}\p{N}_.:/=+\-", "")
    # No escapes: \d, \w, \s and \b differ. No dot: ECMA's leaves out more line ends. No $ but at the end of a branch.
    assert "\\" not in rest
    assert "." not in rest
    assert re.fullmatch(r"[^$]*(\$\)?)?", rest)
    # No groups but plain ones, no flags, no possessive or named things, no set operations.
    assert not re.search(r"\(\?(?!:)|[*+?}]\+|\[\[|&&|~~|\|\|", rest)
    re.compile(_schema._pattern(pattern))


def test_word_characters_and_separators_are_the_documented_classes():
    word = _schema._pattern(r"^[\p{L}\p{Z}\p{N}_.:/=+\-]*$")
    wrong = [
        hex(number)
        for number, char in enumerate(map(chr, range(sys.maxunicode + 1)))
        if bool(word.search(char)) != (unicodedata.category(char)[0] in "LZN" or char in "_.:/=+-")
    ]
    assert wrong == []


# ---------------------------------------------------------------------- the two engines

# Newer engines know more characters than this Python's tables do, so letters are taken from old blocks; surrogates
# are among the values that the fast engine refuses.
CHARACTERS = st.characters(max_codepoint=0x17F, exclude_categories=("Cs",)) | st.sampled_from(
    "\u1680\u2003\u2028\u2029\u3000\u0301\u200b名\u0661Ⅷ\N{KEY}\r\n\0"
)
TEXT = st.text(CHARACTERS, max_size=8)
NEAR = st.sampled_from(PATTERNS).flatmap(lambda each: st.from_regex(_schema._pattern(each)))
PIECES = st.lists(
    st.sampled_from(
        [
            "arn:",
            "aws",
            "rds",
            "kms",
            "us-east-1",
            "123456789012",
            "cluster-snapshot",
            "snapshot",
            "cluster",
            ":",
            "-",
            "a",
            "1",
            "--",
            "\n",
            "alias/",
            "None",
        ]
    ),
    max_size=12,
).map("".join)
LONG = st.builds(lambda char, count: char * count, CHARACTERS, st.sampled_from([62, 63, 64, 128, 129, 256, 257]))
STRINGS = TEXT | NEAR | PIECES | LONG
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64 - 1) | st.floats(allow_nan=False) | STRINGS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=2),
    max_leaves=5,
)
TAGS = st.fixed_dictionaries({}, optional={"Key": STRINGS | PLAIN, "Value": STRINGS | PLAIN})
REQUESTS = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(PARAMETERS, STRINGS | PLAIN),
        "CopyTags": st.booleans() | PLAIN,
        "Tags": st.lists(TAGS | PLAIN, max_size=3) | st.just([{"Key": "a"}] * 51) | PLAIN,
    },
)


def agree(params):
    explained = not list(_schema.explain(params))
    assert _schema.accepts(params) is explained
    # The document as it stands, references and all, means the same to an engine that knows nothing of this package.
    assert _DOCUMENT.is_valid(params) is explained


_DOCUMENT = jsonschema_rs.Draft202012Validator(_schema.DOCUMENT)
thorough = settings(database=None, deadline=None, max_examples=400)


@thorough
@given(REQUESTS)
def test_both_engines_agree(params):
    agree(params)


@thorough
@given(st.sampled_from([*PARAMETERS[:5], "Key", "Value"]), STRINGS)
def test_both_engines_agree_on_a_string(name, text):
    agree({**SOUND, "Tags": [{"Key": "team", name: text}]} if name in ("Key", "Value") else {**SOUND, name: text})


def test_both_engines_agree_on_every_character_of_the_basic_blocks():
    for char in map(chr, range(0x250)):
        agree({**SOUND, "Tags": [{"Key": f"k{char}", "Value": char}]})
        agree({**SOUND, PARAMETERS[1]: f"n{char}"})


@pytest.mark.parametrize(
    "value",
    [
        "\ud800",
        b"x",
        {1, 2},
        {"Key": "a"}.items(),
        type("Text", (str,), {})("alias/x"),
        (each for each in ()),
        object(),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_the_fast_engine_refuses_is_explained(value):
    assert _schema.accepts({**SOUND, "KmsKeyId": value}) is False
    assert len(list(_schema.explain({**SOUND, "KmsKeyId": value}))) == (str(value) != "alias/x")


def test_a_name_that_is_no_text_is_not_ours_to_judge():
    assert list(_schema.explain({**SOUND, 1: 2})) == []


@pytest.mark.parametrize(
    ("schema", "merged"),
    [
        ("text", "text"),
        ({"type": "string", "title": "a", "description": "b", "$anchor": "c"}, {"type": "string"}),
        ({"allOf": [{"minLength": 1}, {"maxLength": 2}]}, {"minLength": 1, "maxLength": 2}),
        ({"allOf": [{"pattern": "a"}, {"pattern": "b"}]}, {"pattern": "a", "allOf": [{"pattern": "b"}]}),
        ({"type": "string", "allOf": [{"type": "array"}]}, {"type": "string", "allOf": [{"type": "array"}]}),
        ({"anyOf": [{"allOf": [{"type": "string"}]}]}, {"anyOf": [{"type": "string"}]}),
    ],
)
def test_the_fast_engine_gets_fewer_nodes(schema, merged):
    assert _schema._merged(schema) == merged


def test_a_sound_request_costs_no_import():
    code = """
import sys, neptune_guard
names = ("SourceDBClusterSnapshotIdentifier", "TargetDBClusterSnapshotIdentifier")
sound = {**dict(zip(names, ("nightly", "copy"))), "Tags": [{"Key": "a"}]}
assert neptune_guard.check(sound, region="us-west-2") == []
assert "jsonschema" not in sys.modules
assert len(neptune_guard.check({**sound, "KmsKeyId": "None"})) == 1
assert "jsonschema" in sys.modules
"""
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_document_is_read_from_the_package():
    assert json.loads(_schema.PATH.read_text(encoding="utf-8")) == _schema.DOCUMENT
