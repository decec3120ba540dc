"""What `check` reads: every form of input, where its requests stand, and what it cannot use."""

import io
import json
import tracemalloc

import pytest

from neptune_guard.cli import _input, _positions, main
from tests.cli.running import EMPTY_VALUE, HYPHENS, HYPHENS_LINE, SOUND, TARGET, check_json, lines, run

IN_ARRAY = HYPHENS_LINE.replace(TARGET, f"[1].{TARGET}")
WRAPPED = {"operation": "CopyDBClusterSnapshot", "params": HYPHENS}
# id: (input, place, line of text)
FORMS = {
    "object": (json.dumps(HYPHENS), "<stdin>:1", HYPHENS_LINE),
    "object over lines": (json.dumps(HYPHENS, indent=2), "<stdin>:3", HYPHENS_LINE),
    "object after blank lines": ("\n\n" + json.dumps(HYPHENS, indent=2) + "\n\n", "<stdin>:5", HYPHENS_LINE),
    "object with a byte order mark": ("\ufeff" + json.dumps(HYPHENS), "<stdin>:1", HYPHENS_LINE),
    "array": (json.dumps([SOUND, HYPHENS]), "<stdin>:1", IN_ARRAY),
    "array over lines": (json.dumps([SOUND, HYPHENS], indent=2), "<stdin>:8", IN_ARRAY),
    "array with one request per line": (f"[\n{json.dumps(SOUND)},\n\n{json.dumps(HYPHENS)}]", "<stdin>:4", IN_ARRAY),
    "array with CRLF": (json.dumps([SOUND, HYPHENS], indent=2).replace("\n", "\r\n"), "<stdin>:8", IN_ARRAY),
    "JSON Lines": (lines(SOUND, HYPHENS), "<stdin>:2", HYPHENS_LINE),
    "JSON Lines with CRLF": (lines(SOUND, HYPHENS).replace("\n", "\r\n"), "<stdin>:2", HYPHENS_LINE),
    "JSON Lines with blank ones": (lines(SOUND) + "\n \n" + lines(HYPHENS), "<stdin>:4", HYPHENS_LINE),
    "JSON Lines without the last line feed": (lines(SOUND, HYPHENS).rstrip("\n"), "<stdin>:2", HYPHENS_LINE),
    "wrapped": (json.dumps(WRAPPED), "<stdin>:1", HYPHENS_LINE),
    "wrapped over lines": (json.dumps(WRAPPED, indent=2), "<stdin>:5", HYPHENS_LINE),
    "wrapped without its operation": (lines({"params": HYPHENS}, SOUND), "<stdin>:1", HYPHENS_LINE),
    "mixed": (lines(SOUND, WRAPPED), "<stdin>:2", HYPHENS_LINE),
}


@pytest.mark.parametrize(("text", "place", "line"), FORMS.values(), ids=FORMS)
def test_every_form_of_input_gives_the_finding_with_its_line(text, place, line):
    code, out, err = run("check", stdin=text)
    assert (code, out) == (1, f"{place}: {line}\n")
    assert err.endswith(" checked: 1 error, 0 warnings\n")


MANY_LINES = """\
[
  {"SourceDBClusterSnapshotIdentifier":
     "a b",
   "Tags": [{"Key": "team", "Value": "graph"},
     {"Key": "\\u0061\\"b{[,:",
      "Value": ""}
   ],
   "Tags[0].Key": 1,
   "CopyTags" : "yes"
  }
]
"""


def test_a_finding_has_the_line_of_its_own_parameter_or_of_what_is_nearest():
    _, document = check_json(stdin=MANY_LINES)
    places = {(each["path"], each["line"], each["index"]) for each in document["findings"]}
    assert places == {
        ("SourceDBClusterSnapshotIdentifier", 2, 0),
        ("TargetDBClusterSnapshotIdentifier", 2, 0),  # it is missing: the line where its request begins
        ("Tags[1].Key", 5, 0),
        ("Tags[1].Value", 6, 0),
        ("Tags[0].Key", 8, 0),  # the name of a parameter that does not exist
        ("CopyTags", 9, 0),
    }


def test_an_item_far_behind_in_an_array_has_the_line_of_the_array(monkeypatch):
    monkeypatch.setattr(_positions, "_MOST_ITEMS", 2)
    tags = [{"Key": key} for key in ("a", "b", "aws:c")]
    _, document = check_json(stdin=json.dumps({**SOUND, "Tags": tags}, indent=1))
    assert [(each["path"], each["line"]) for each in document["findings"]] == [("Tags[2].Key", 4)]


# ---------------------------------------------------------------------- repeated names

LONG = "n" * 300
# JSON, paths and lines of the findings
REPEATED = {
    "twice": ('{"CopyTags": true,\n"CopyTags": false}', [("CopyTags", 2)]),
    "three times is one finding": ('{"CopyTags": true,\n"CopyTags": true,\n"CopyTags": false}', [("CopyTags", 3)]),
    "escaped": ('{"CopyTags": true,\n"Copy\\u0054ags": false}', [("CopyTags", 2)]),
    "before a space": ('{"CopyTags" : true,\n"CopyTags"\n: false}', [("CopyTags", 2)]),
    "in a tag": ('{"Tags": [{"Key": "a"},\n{"Key": "b",\n"Key": "c"}]}', [("Tags[1].Key", 3)]),
    "in what is repeated": ('{"Tags": [{"Key": "b",\n"Key": "c"}],\n"Tags": []}', [("Tags[0].Key", 3), ("Tags", 3)]),
    "in an array of requests": ('[{"CopyTags": true},\n{"CopyTags": true, "CopyTags": false}]', [("CopyTags", 2)]),
    "around params": ('{"params": {},\n"params": {}}', [("params", 2)]),
    "in params": ('{"params": {"CopyTags": true,\n"CopyTags": false}}', [("CopyTags", 2)]),
    "a long name": (f'{{"{LONG}x": {{"a": 1, "a": 2}}}}', [(f"{LONG[:200]}.a", 1)]),
    "deep": ('{"a": ' + "[" * 90 + '{"b": 1, "b": 2}' + "]" * 90 + "}", [("a" + "[0]" * 67, 1)]),
    "a name without letters": ('{"": 1,\n"": {"": 1, "": 2}}', [('""', 1), ('"".""', 1)]),
    "in objects side by side": ('{"Tags": [{"Key": "a"}, {"Key": "b"}]}', []),
    "only in a text": ('{"KmsKeyId": "{\\"a\\":1,\\"a\\":1}"}', []),
    "in another case": ('{"CopyTags": true, "copyTags": true}', []),
}


@pytest.mark.parametrize(("text", "expected"), REPEATED.values(), ids=REPEATED)
def test_a_name_that_stands_twice_in_an_object_is_a_finding(text, expected):
    _, document = check_json("--ignore", "missing-parameter", stdin=text)
    found = [each for each in document["findings"] if each["rule"] == "duplicate-parameter"]
    assert [(each["path"], each["line"]) for each in found] == expected
    assert all(each["severity"] == "error" and each["value"] is None for each in found)


@pytest.mark.parametrize("pairs", [20_000])
def test_repeated_names_are_read_in_linear_memory(pairs):
    text = json.dumps({"a" * 50_000: list(range(pairs))}) + "\n"
    tracemalloc.start()
    try:
        run("check", stdin=text.replace("[0,", '[{"b": 1, "b": 2},') * 2)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 100 * len(text)


# ---------------------------------------------------------------------- requests that name their operation

# JSON, complaint
UNUSABLE_WRAPPERS = {
    "other members": ('{"params": {}, "comment": 1}', "this one has 'comment' too"),
    "parameters by another name": (
        '{"operation": "DeleteDBCluster", "parameters": {}}',
        "this one has 'parameters' too",
    ),
    "no params": ('{"operation": "DeleteDBCluster"}', 'this one has no "params"'),
    "params of another kind": ('{"params": []}', 'here "params" is an array'),
    "operation of another kind": ('{"params": {}, "operation": ["x"]}', 'here "operation" is an array'),
    "an unknown operation": (
        '{"params": {}, "operation": "CopyDBClusterSnapshots"}',
        "'CopyDBClusterSnapshots' is not a guarded operation; did you mean 'CopyDBClusterSnapshot'?",
    ),
}


@pytest.mark.parametrize(("text", "complaint"), UNUSABLE_WRAPPERS.values(), ids=UNUSABLE_WRAPPERS)
def test_a_request_of_the_wrapped_form_that_cannot_be_used_is_one_line(text, complaint):
    code, out, err = run("check", stdin=f"\n{text}\n")
    assert (code, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("neptune-guard: <stdin>:2: ")
    assert complaint in err


# ---------------------------------------------------------------------- unusable input

UNUSABLE = [
    (b"", "<stdin>: is empty; give a request as a JSON object"),
    (b" \n\n", "<stdin>: is empty; give a request as a JSON object"),
    (b"{", "<stdin>:1:2: not valid JSON: Expecting property name enclosed in double quotes"),
    (b'\n{"a": 1,\n "b" 2}', "<stdin>:3:6: not valid JSON: Expecting ':' delimiter"),
    (b"nonsense", "<stdin>:1:1: not valid JSON: Expecting value"),
    (b'{}\n\n{"a": }\n', "<stdin>:3:7: not valid JSON: Expecting value"),
    (b"{\n}\n{\n}", "<stdin>:3:1: not valid JSON: Extra data"),
    (b'"text"', "<stdin>:1: a string is not a request; give a JSON object"),
    (b"[{},\n []]", "<stdin>:2: an array is not a request; give a JSON object"),
    (b"true", "<stdin>:1: a boolean is not a request; give a JSON object"),
    (b"{}\nnull\n", "<stdin>:2: null is not a request; give a JSON object"),
    (b"[1.5]", "<stdin>:1: a number is not a request; give a JSON object"),
    (b'{"a":\n"caf\xe9"}', "<stdin>:2: not UTF-8: byte 0xe9"),
    (b'{}\n{"a": "\xff"}', "<stdin>:2: not UTF-8: byte 0xff"),
    ('{"a": 1}'.encode("utf-16"), "<stdin>:1: not UTF-8: byte 0xff"),
    (b"[" * 100_000, "<stdin>:1: nested too deeply"),
    (b'{"a": %s}' % (b"1" * 10_000), "<stdin>:1: a number has more digits than Python reads"),
]


@pytest.mark.parametrize(("text", "complaint"), UNUSABLE, ids=range(len(UNUSABLE)))
def test_unusable_input_is_one_line(text, complaint):
    code, _, err = run("check", stdin=text)
    assert (code, err) == (2, f"neptune-guard: {complaint}\n")


DELETED = '{"operation": "DeleteDBCluster", "params": {"DBClusterIdentifier": "graph"}}'
UNGUARDED = '{"operation": "DescribeEventCategories", "params": {}}'


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (f"{UNGUARDED}\n{DELETED}\n", [1]),
        (f"{DELETED}\n{UNGUARDED}\n\n{{\n{DELETED}\n", [2, 4]),
        (f"[{UNGUARDED},\n3,\n{DELETED}]", [1, 2]),
        (f"{UNGUARDED}\n{UNGUARDED}\n[]\n{DELETED}", [1, 2, 3]),
    ],
)
def test_a_request_that_cannot_be_used_does_not_hide_those_after_it(text, lines):
    code, out, err = run("check", stdin=text)
    assert code == 2
    assert out.count("[final-snapshot-required]") == text.count("DeleteDBCluster")
    assert [int(line.split(":")[2]) for line in err.splitlines()] == lines


@pytest.mark.parametrize(
    ("name", "reason"),
    [("none.json", "No such file or directory"), ("", "Is a directory"), ("nul\0.json", "embedded null byte")],
)
def test_an_unreadable_file_is_one_line(tmp_path, name, reason):
    path = f"{tmp_path}/{name}"
    shown = path.replace("\0", "\\x00")
    assert run("check", path) == (2, "", f"neptune-guard: {shown}: {reason}\n")


def test_a_file_name_cannot_forge_a_line(tmp_path):
    path = tmp_path / "a\n0 requests checked\x1b[2K.json"
    path.write_text(json.dumps(HYPHENS))
    shown = f"{tmp_path}/a\\n0 requests checked\\x1b[2K.json"
    for form in ("text", "github", "junit"):
        _, out, err = run("check", "--format", form, str(path))
        assert "\n0 requests checked" not in out + err
        assert "\x1b" not in out + err
    assert run("check", str(path))[1].startswith(f"{shown}:1: error: ")
    path.write_text("{")
    assert run("check", str(path))[2].startswith(f"neptune-guard: {shown}:1:2: not valid JSON")


def test_an_unknown_name_cannot_forge_a_line():
    _, out, _ = run("check", stdin=json.dumps({**SOUND, "a\nneptune-guard: \x1b": 1}))
    assert out.count("\n") == 1
    assert "\x1b" not in out


def test_a_document_that_is_too_large_is_refused_and_json_lines_of_any_length_are_not(monkeypatch):
    monkeypatch.setattr(_input, "MOST_BYTES", 1000)
    complaint = "neptune-guard: <stdin>:1: more than 0 MiB in one piece; give one request per line\n"
    assert run("check", stdin=json.dumps([SOUND] * 100)) == (2, "", complaint)
    assert run("check", stdin=json.dumps([SOUND] * 100, indent=1)) == (2, "", complaint)
    assert run("check", stdin=lines(*[SOUND] * 100)) == (0, "", "100 requests checked: 0 errors, 0 warnings\n")
    one_long = lines(SOUND, {"KmsKeyId": "x" * 3000}, SOUND)
    assert run("check", stdin=one_long) == (2, "", complaint.replace(":1:", ":2:"))


class Endless(io.RawIOBase):
    """Megabytes of JSON Lines that are nowhere whole."""

    def __init__(self, line, size):
        self.line, self.left = line, size // len(line)

    def readable(self):
        return True

    def readinto(self, buffer):
        if not self.left:
            return 0
        self.left -= 1
        buffer[: len(self.line)] = self.line
        return len(self.line)


@pytest.mark.parametrize("form", ["json", "sarif", "junit"])
def test_json_lines_are_read_in_constant_memory(form):
    size = 30_000_000
    line = json.dumps({**HYPHENS, "KmsKeyId": "k" * 500_000}).encode() + b"\n"
    out = io.StringIO()
    tracemalloc.start()
    try:
        stream = io.BufferedReader(Endless(line, size), len(line))
        code = main(["check", "--format", form], stdin=stream, stdout=out, stderr=io.StringIO())
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert code == 1
    assert out.getvalue().count("two consecutive hyphens") >= size // len(line)
    assert peak < 8_000_000


def test_the_exit_code_is_that_of_the_worst_file_and_every_file_is_read(tmp_path):
    contents = {"a.json": json.dumps(HYPHENS), "b.json": "{", "c.jsonl": lines(SOUND, EMPTY_VALUE)}
    for name, text in contents.items():
        (tmp_path / name).write_text(text)
    code, document = check_json(*(str(tmp_path / name) for name in contents))
    places = [(each["file"], each["line"], each["index"]) for each in document["findings"]]
    assert (code, places) == (2, [(f"{tmp_path}/a.json", 1, None), (f"{tmp_path}/c.jsonl", 2, None)])
    assert document["summary"] == {"requests": 3, "errors": 1, "warnings": 1, "unusable": 1}
