"""Settings from the argument, the environment and a real AWS profile, in this order."""

import os

import botocore.session
import pytest
from botocore.exceptions import ProfileNotFound

import neptune_guard
from neptune_guard import _config
from neptune_guard._rules import Ruleset
from neptune_guard.exceptions import ConfigurationError


@pytest.fixture
def session(tmp_path, monkeypatch):
    """Return a function that writes a profile and opens a session of it."""

    def opened(text="", profile=None):
        file = tmp_path / "config"
        file.write_text(f"[default]\n{text}\n[profile staging]\nneptune_guard_mode = strict\n")
        monkeypatch.setenv("AWS_CONFIG_FILE", str(file))
        return botocore.session.Session(profile=profile)

    return opened


def mode(argument, profile):
    return _config.mode(argument, profile)


def ignore(argument, profile):
    return ",".join(_config.ignore(argument, profile))


def stub(argument, profile):
    return _config.stub_path(profile)


def ruled(argument, profile):
    return Ruleset((), _config.ignore(argument, profile))


NAMES = {mode: "mode", ignore: "ignore", stub: "stub", ruled: "ignore"}
DEFAULTS = {mode: "warn", ignore: "", stub: None}
VALUES = {mode: ("strict", "off", "warn"), ignore: ("tag-*", "kms-*", "tag-count"), stub: (None, "/b", "/c")}
SETTINGS = pytest.mark.parametrize("read", DEFAULTS, ids=lambda read: read.__name__)


@pytest.fixture
def given(session, monkeypatch):
    """Return a function that reads a setting from the given places."""

    def value(read, argument=None, variable=None, key=None):
        name = NAMES[read]
        if variable is not None:
            monkeypatch.setenv(f"NEPTUNE_GUARD_{name.upper()}", variable)
        opened = session("" if key is None else f"neptune_guard_{name} = {key}")
        return read(argument, _config.profile_of(opened))

    return value


@SETTINGS
def test_the_first_place_that_gives_a_value_wins(read, given):
    argument, variable, key = VALUES[read]
    assert given(read, argument, variable, key) == (argument or variable)


@SETTINGS
def test_the_environment_comes_before_the_profile(read, given):
    _, variable, key = VALUES[read]
    assert given(read, None, variable, key) == variable


@SETTINGS
def test_the_profile_comes_before_the_default(read, given):
    key = VALUES[read][2]
    assert given(read, None, None, key) == key


@SETTINGS
def test_an_empty_value_is_none(read, given):
    key = VALUES[read][2]
    assert given(read, "", "", key) == key


@SETTINGS
def test_without_any_value_the_default_holds(read, given):
    assert given(read) == given(read, "", "", "") == DEFAULTS[read]


@SETTINGS
def test_a_bare_client_has_no_profile(read):
    assert read(None, _config.profile_of(None)) == DEFAULTS[read]


@pytest.mark.parametrize("empty", [(), [], set(), None, ""])
def test_nothing_to_ignore_leaves_the_word_to_the_environment(empty, given):
    assert given(ignore, empty, "tag-*") == "tag-*"


@pytest.mark.parametrize("value", [" tag-count , kms-* ,,", ["tag-count", "kms-*"], iter(("tag-count", "kms-*"))])
def test_ids_are_a_list_or_text_with_commas(value):
    assert _config.ignore(value, _config.profile_of(None)) == ("tag-count", "kms-*")


PLACES = [
    ({"argument": "loud"}, "'loud', read from the argument mode,"),
    ({"argument": True}, "True, read from the argument mode,"),
    ({"argument": False}, "False, read from the argument mode,"),
    ({"argument": ["strict"]}, "1 item, read from the argument mode,"),
    ({"variable": "STRICT"}, "'STRICT', read from the environment variable NEPTUNE_GUARD_MODE,"),
    ({"variable": " "}, "' ', read from the environment variable NEPTUNE_GUARD_MODE,"),
    ({"key": "stric"}, "'stric', read from the key neptune_guard_mode of the AWS profile,"),
    ({"key": "\n  a = b"}, "<dict>, read from the key neptune_guard_mode of the AWS profile,"),
]


@pytest.mark.parametrize(("places", "text"), PLACES)
def test_a_bad_mode_says_where_it_was_read(places, text, given):
    with pytest.raises(ConfigurationError) as caught:
        given(mode, **places)
    assert str(caught.value) == f"{text} is not a mode; use 'strict', 'warn' or 'off'"


IGNORED = [
    ({"argument": ["tag-cuont"]}, "the argument ignore names 'tag-cuont', which is no rule; did you mean 'tag-count'?"),
    (
        {"variable": "tag-count,tag-cuont"},
        "the environment variable NEPTUNE_GUARD_IGNORE names 'tag-cuont', which is no rule; did you mean 'tag-count'?",
    ),
    (
        {"key": "nothing*"},
        "the key neptune_guard_ignore of the AWS profile names 'nothing*', which is no rule; 'neptune-guard rules' "
        "lists them",
    ),
]


@pytest.mark.parametrize(("places", "text"), IGNORED)
def test_a_bad_rule_id_says_where_it_was_read(places, text, given):
    with pytest.raises(ConfigurationError) as caught:
        given(ruled, **places)
    assert str(caught.value) == text


@pytest.mark.parametrize("value", [1, True, False, object()])
def test_what_cannot_be_a_list_of_ids(value):
    with pytest.raises(ConfigurationError, match="read from the argument ignore, names no rules; give a list of ids"):
        _config.ignore(value, _config.profile_of(None))


def test_a_profile_that_is_missing_is_named(session):
    with pytest.raises(ConfigurationError) as caught:
        neptune_guard.register(session(profile="production"))
    assert str(caught.value) == ("the AWS profile cannot be read: The config profile (production) could not be found")
    assert isinstance(caught.value.__cause__, ProfileNotFound)


@pytest.mark.parametrize("content", [b"[default\n", b"\xff\xfe", b"no section = x\n"])
def test_a_file_that_cannot_be_read_is_named(content, tmp_path, monkeypatch):
    file = tmp_path / "broken"
    file.write_bytes(content)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(file))
    with pytest.raises(ConfigurationError, match=f"the AWS profile cannot be read: .*{file.name}"):
        neptune_guard.register(botocore.session.Session())


@pytest.mark.parametrize(
    ("profile", "variable", "argument", "expected"),
    [
        (None, None, None, "warn"),
        ("staging", None, None, "strict"),
        ("staging", "off", None, "off"),
        ("staging", "off", "warn", "warn"),
        ("staging", "", "", "strict"),
    ],
)
def test_register_reads_the_profile_of_its_session(profile, variable, argument, expected, session, monkeypatch):
    if variable is not None:
        monkeypatch.setenv("NEPTUNE_GUARD_MODE", variable)
    assert neptune_guard.register(session(profile=profile), mode=argument).mode == expected


def test_the_environment_is_read_once(session, monkeypatch):
    guard = neptune_guard.register(session())
    monkeypatch.setenv("NEPTUNE_GUARD_MODE", "strict")
    assert (guard.mode, os.environ["NEPTUNE_GUARD_MODE"]) == ("warn", "strict")
