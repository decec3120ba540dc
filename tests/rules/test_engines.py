"""The schema documents as data, and the two engines that read them."""

import json
import re
import subprocess
import sys
import unicodedata
from dataclasses import replace
from importlib import resources

import hypothesis.strategies as st
import jsonschema
import jsonschema_rs
import pytest
from botocore.validate import ParamValidator
from hypothesis import given, settings

from neptune_guard._rules import GUARDED, RULES, _documents, _engines, _table, check, shapes
from neptune_guard._rules._request import plain
from tests.helpers import HERE, SOUND, TARGET
from tests.rules.rows import Row

SCHEMAS = resources.files("neptune_guard._rules") / "schemas"
DEFINITIONS = json.loads((SCHEMAS / "definitions.json").read_text(encoding="utf-8"))
ENTRIES = DEFINITIONS["$defs"]
DOCUMENTS = {name: json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8")) for name in GUARDED}


def keywords(schema, name):
    """Yield every value that a keyword has anywhere in a document."""
    if isinstance(schema, dict):
        if name in schema:
            yield schema[name]
        for value in schema.values():
            yield from keywords(value, name)
    elif isinstance(schema, list):
        for value in schema:
            yield from keywords(value, name)


PATTERNS = sorted({each for each in keywords(DEFINITIONS, "pattern") if isinstance(each, str)})


@pytest.mark.parametrize("operation", GUARDED)
def test_a_document_is_a_valid_schema(operation):
    document = _documents.document(operation)
    jsonschema_rs.meta.validate(document)
    # Without formats: Python's re cannot compile \p, which is what "regex" asks of it.
    jsonschema.Draft202012Validator.check_schema(document, format_checker=jsonschema.FormatChecker(formats=()))
    assert DOCUMENTS[operation]["$id"] == f"urn:neptune-guard:schema:{operation}"


@pytest.mark.parametrize("name", ENTRIES)
def test_an_entry_is_complete(name):
    entry = ENTRIES[name]
    if "title" in entry:
        assert entry["$comment"].endswith(".")
        assert entry["source"].startswith("https://docs.aws.amazon.com/")
        assert "rejected" in entry
    if "title" in entry or "rule" in entry:
        assert re.fullmatch(r"[a-z][^;]*; .*[^.]", entry["description"])
        assert entry.get("rule", name) in _documents.field_rules()
        assert entry.get("severity", "warning") == "warning"
        assert entry.get("fault") in (None, *DEFINITIONS["faults"])
    else:
        assert set(entry) <= {"allOf", "if", "then", "else", "items"}


def test_every_reference_leads_to_an_entry_and_every_entry_is_used():
    used = {each.partition("#")[2] for each in keywords([DEFINITIONS, DOCUMENTS], "$ref")}
    assert used == set(ENTRIES)


@pytest.mark.parametrize(
    ("read", "message"),
    [
        (lambda: _documents.inlined({"$ref": "#mine"}), "definitions.json has no mine under $defs, which"),
        (lambda: _documents._ids_of("mine"), "definitions.json has no mine under $defs, which"),
        (lambda: _documents.fault("mine"), "definitions.json has no mine under faults, which"),
        (
            lambda: _documents._rule("mine", {"title": "It must"}),
            "mine of definitions.json has no $comment and no rej",
        ),
    ],
)
def test_a_faulty_document_is_named_before_any_test_can_run(read, message):
    with pytest.raises(AssertionError, match=re.escape(message)):
        read()


def test_a_rule_that_nothing_refers_to_is_named(monkeypatch):
    monkeypatch.setattr(_documents, "field_rules", lambda: {"mine": RULES["tag-count"]})
    with pytest.raises(AssertionError, match="no schema document refers to the rule mine of"):
        _table()


def test_two_rules_of_one_id_are_named(monkeypatch):
    again = replace(_documents.field_rules()["tag-count"], id="missing-parameter")
    monkeypatch.setattr(_documents, "field_rules", lambda: {"tag-count": again})
    with pytest.raises(AssertionError, match="two rules have the id missing-parameter"):
        _table()


def test_every_fault_is_used_and_says_where_it_comes_from():
    assert set(keywords(ENTRIES, "fault")) - {None} == set(DEFINITIONS["faults"])
    for each in DEFINITIONS["faults"].values():
        assert re.match("recorded|documented|inferred", each["evidence"])


@pytest.mark.parametrize("operation", GUARDED)
def test_a_document_has_parameters_of_its_operation_in_the_order_of_the_model(operation):
    members = list(shapes.input_shape("neptune", operation).members)
    named = [name for name in DOCUMENTS[operation]["properties"] if Row({name: ""}, operation).is_modelled]
    assert set(named) <= set(members), f"{operation} has no such parameters: correct its document"
    if operation != "CopyDBClusterSnapshot":
        in_order = [name for name in members if name in named]
        assert named == in_order, f"put the properties of {operation}.json in the order of botocore's model"
    strangers = set(GUARDED[operation].relations) - {"", *members}
    assert strangers == set(), f"{operation} has no such parameters: correct them in its row of GUARDED"


def test_every_document_belongs_to_an_operation():
    assert {each.name for each in SCHEMAS.iterdir()} == {"definitions.json", *(f"{name}.json" for name in GUARDED)}


def test_the_engines_know_every_keyword_of_the_documents():
    def names(schema, of_properties=False):
        if isinstance(schema, dict):
            for name, value in schema.items():
                if not of_properties:
                    yield name
                yield from names(value, name == "properties" and not of_properties)
        elif isinstance(schema, list):
            for value in schema:
                yield from names(value)

    known = {*_documents._INFORMING, *_engines._KEYWORDS, "allOf", "if", "then", "else", "items", "properties"}
    strange = {each for name in GUARDED for each in names(_documents.document(name))} - known
    assert strange == set(), (
        "the engine that explains does not know these keywords of the schema documents: write the rule with those of "
        "_KEYWORDS in neptune_guard/_rules/_engines.py (enum with one value stands for const), or add them there"
    )


@pytest.mark.parametrize("pattern", PATTERNS)
def test_a_pattern_uses_only_what_ecma_and_python_read_alike_after_translation(pattern):
    rest = pattern.replace(r"\p{L}\p{Z}\p{N}_.:/=+\-@", "")
    # No escapes: \d, \w, \s and \b differ. A dot in brackets only: ECMA's leaves out more line ends. $ ends a branch.
    assert "\\" not in rest
    assert "." not in re.sub(r"\[[^]]*\]", "", rest)
    assert re.fullmatch(r"([^$]|\$(?=[|)]|$))*", rest)
    # No groups but plain ones, no flags, no possessive or named things, no set operations.
    assert not re.search(r"\(\?(?!:)|[*+?}]\+|\[\[|&&|~~|\|\|", rest)
    re.compile(_engines._pattern(pattern))


def test_word_characters_and_separators_are_the_documented_classes():
    word = _engines._pattern(r"^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$")
    wrong = [
        hex(number)
        for number, char in enumerate(map(chr, range(sys.maxunicode + 1)))
        if bool(word.search(char)) != (unicodedata.category(char)[0] in "LZN" or char in "_.:/=+-@")
    ]
    assert wrong == []


# ---------------------------------------------------------------------- the two engines

# Newer engines know more characters than this Python's tables do, so letters are taken from old blocks; surrogates
# are among the values that the fast engine refuses.
CHARACTERS = st.characters(max_codepoint=0x17F, exclude_categories=("Cs",)) | st.sampled_from(
    "\u1680\u2003\u2028\u2029\u3000\u0301\u200b名\u0661Ⅷ\N{KEY}\r\n\0"
)
TEXT = st.text(CHARACTERS, max_size=8)
NEAR = st.sampled_from(PATTERNS).flatmap(lambda each: st.from_regex(_engines._pattern(each)))
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


def values(shape):
    """Return values for a member of a shape: of its type, and of any other."""
    kind = shape.type_name
    if kind == "structure":
        members = {name: values(member) for name, member in shape.members.items()}
        return st.fixed_dictionaries({}, optional=members) | PLAIN
    if kind == "list":
        few = st.lists(values(shape.member), max_size=3)
        many = st.builds(lambda one, count, rest: [one] * count + rest, values(shape.member), st.integers(48, 120), few)
        return few | many | PLAIN
    numbers = st.sampled_from([-1, 0, 1, 5, 16, 19, 20, 35, 36, 60, 100, 101, 1149, 1150, 65535, 65536])
    ofs = {"integer": numbers, "double": numbers | st.floats(allow_nan=False), "boolean": st.booleans()}
    return ofs.get(kind, STRINGS) | PLAIN


def requests(operation):
    shape = shapes.input_shape("neptune", operation)
    optional = {name: values(member) for name, member in shape.members.items()}
    if "Tags" in optional:
        optional["Tags"] |= st.just([{"Key": "a"}] * 51)
    return st.fixed_dictionaries({}, optional=optional)


def agree(operation, params):
    """Hold the engines against each other, and the fast one against itself without the merging of its schema."""
    shape = shapes.input_shape("neptune", operation)
    structure = shapes.structure(shape)
    sound = not list(shapes.findings(operation, shape, params))
    explained = not list(_engines.explain(operation, params))
    without = {name: value for name, value in params.items() if name != "RestoreToTime"}
    accepted = _engines.acceptor(operation, structure)(without)
    if sound:
        assert accepted is explained
        assert _WHOLE[operation].is_valid(params) is explained
    elif accepted:
        # What the structure cannot tell in JSON Schema: 20.0 is an integer there, and times are left out.
        assert {each.path for each in shapes.findings(operation, shape, params)} <= {"RestoreToTime", *_floats(params)}


def _floats(value, path=""):
    if isinstance(value, float):
        yield path
    for name, each in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield from _floats(each, f"{path}[{name}]" if isinstance(name, int) else f"{path}.{name}".removeprefix("."))


_WHOLE = {name: jsonschema_rs.Draft202012Validator(_documents.document(name)) for name in GUARDED}
thorough = settings(database=None, deadline=None, max_examples=80)


@pytest.mark.parametrize("operation", GUARDED)
def test_both_engines_agree(operation):
    @thorough
    @given(requests(operation))
    def check(params):
        agree(operation, params)

    check()


@pytest.mark.parametrize("operation", GUARDED)
def test_what_check_accepts_botocore_accepts(operation):
    shape = shapes.input_shape("neptune", operation)

    @thorough
    @given(requests(operation))
    def check_one(changes):
        params = {**SOUND[operation], **changes}
        if not any(each.severity == "error" for each in check(params, operation=operation, region=HERE)):
            assert not ParamValidator().validate(params, shape).has_errors()

    check_one()


@pytest.mark.parametrize("operation", GUARDED)
def test_both_engines_agree_on_strings(operation):
    members = shapes.input_shape("neptune", operation).members
    texts = [name for name, member in members.items() if member.type_name == "string"]

    @thorough
    @given(st.sampled_from([*texts, "Key", "Value"]), STRINGS)
    def check(name, text):
        tags = [{"Key": "team", name: text}]
        if name in members:
            agree(operation, {**SOUND[operation], name: text})
        elif "Tags" in members:
            agree(operation, {**SOUND[operation], "Tags": tags})

    check()


def test_both_engines_agree_on_every_character_of_the_basic_blocks():
    for char in map(chr, range(0x250)):
        agree("CopyDBClusterSnapshot", {**COPY, "Tags": [{"Key": f"k{char}", "Value": char}]})
        agree("CopyDBClusterSnapshot", {**COPY, TARGET: f"n{char}"})


COPY = SOUND["CopyDBClusterSnapshot"]


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
    shape = shapes.input_shape("neptune", "CopyDBClusterSnapshot")
    params = {**COPY, "KmsKeyId": value}
    assert _engines.acceptor("CopyDBClusterSnapshot", shapes.structure(shape))(params) is False
    plainly = plain(params)
    found = [
        *shapes.findings("CopyDBClusterSnapshot", shape, plainly),
        *_engines.explain("CopyDBClusterSnapshot", plainly),
    ]
    assert len(found) == (str(value) != "alias/x")


def test_a_name_that_is_no_text_is_not_ours_to_judge():
    assert list(_engines.explain("CopyDBClusterSnapshot", {**COPY, 1: 2})) == []


@pytest.mark.parametrize(
    ("schema", "merged"),
    [
        ("text", "text"),
        ({"type": "string", "title": "a", "description": "b", "$comment": "c"}, {"type": "string"}),
        ({"allOf": [{"minLength": 1}, {"maxLength": 2}]}, {"minLength": 1, "maxLength": 2}),
        ({"allOf": [{"pattern": "a"}, {"pattern": "b"}]}, {"pattern": "a", "allOf": [{"pattern": "b"}]}),
        ({"type": "string", "allOf": [{"type": "array"}]}, {"type": "string", "allOf": [{"type": "array"}]}),
        ({"anyOf": [{"allOf": [{"type": "string"}]}]}, {"anyOf": [{"type": "string"}]}),
    ],
)
def test_the_fast_engine_gets_fewer_nodes(schema, merged):
    assert _documents.merged(schema) == merged


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
