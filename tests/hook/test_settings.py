"""Settings from the argument, the environment and a real AWS profile, in this order."""

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import botocore.session
import pytest
from botocore.exceptions import ProfileNotFound

import neptune_guard
from neptune_guard._hook import settings
from neptune_guard._rules import Ruleset
from neptune_guard.exceptions import ConfigurationError
from neptune_guard.stub import NeptuneStub


@pytest.fixture
def session(tmp_path, monkeypatch):
    """Return a function that writes a profile and opens a session of it."""

    def opened(text="", profile=None):
        file = tmp_path / "config"
        file.write_text(f"[default]\n{text}\n[profile staging]\nneptune_guard_mode = strict\n")
        monkeypatch.setenv("AWS_CONFIG_FILE", str(file))
        return botocore.session.Session(profile=profile)

    return opened


def read(name, argument, opened):
    return settings.given(name, argument) or settings.in_profile(name, opened)


def mode(argument, opened):
    return settings.mode(read("mode", argument, opened))


def ignore(argument, opened):
    return ",".join(settings.ignored(read("ignore", argument, opened)).value)


def stub(argument, opened):
    found = read("stub", None, opened)
    return found and found.value


def ruled(argument, opened):
    return Ruleset((), *settings.ignored(read("ignore", argument, opened)))


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
        return read(argument, opened)

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
    assert read(None, None) == DEFAULTS[read]


@pytest.mark.parametrize("empty", [(), [], set(), None, ""])
def test_nothing_to_ignore_leaves_the_word_to_the_environment(empty, given):
    assert given(ignore, empty, "tag-*") == "tag-*"


@pytest.mark.parametrize("value", [" tag-count , kms-* ,,", ["tag-count", "kms-*"], iter(("tag-count", "kms-*"))])
def test_ids_are_a_list_or_text_with_commas(value):
    assert settings.ignored(settings.Setting(value, "here")).value == ("tag-count", "kms-*")


USE, MEANT = "use 'strict', 'warn' or 'off'", "did you mean 'strict'?"
PLACES = [
    ({"argument": "loud"}, "'loud', read from the argument mode,", USE),
    ({"argument": True}, "True, read from the argument mode,", USE),
    ({"argument": False}, "False, read from the argument mode,", USE),
    ({"argument": ["strict"]}, "a list of 1 item, read from the argument mode,", USE),
    ({"variable": "STRICT"}, "'STRICT', read from the environment variable NEPTUNE_GUARD_MODE,", MEANT),
    ({"variable": " "}, "' ', read from the environment variable NEPTUNE_GUARD_MODE,", USE),
    ({"key": "stric"}, "'stric', read from the key neptune_guard_mode of the AWS profile,", MEANT),
    ({"key": "\n  a = b"}, "<dict>, read from the key neptune_guard_mode of the AWS profile,", USE),
]


@pytest.mark.parametrize(("places", "text", "advice"), PLACES)
def test_a_bad_mode_says_where_it_was_read(places, text, advice, given):
    with pytest.raises(ConfigurationError) as caught:
        given(mode, **places)
    assert str(caught.value) == f"{text} is not a mode; {advice}"


NO_RULE = "names 'tag-cuont', which is not a rule; did you mean 'tag-count'?"
IGNORED = [
    (
        {"argument": ["tag-cuont"]},
        "the argument ignore names 'tag-cuont', which is not a rule; did you mean 'tag-count'?",
    ),
    (
        {"variable": "tag-count,tag-cuont"},
        f"the environment variable NEPTUNE_GUARD_IGNORE {NO_RULE}",
    ),
    (
        {"key": "nothing*"},
        "the key neptune_guard_ignore of the AWS profile names 'nothing*', which is not a rule; 'neptune-guard rules' "
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
        settings.ignored(settings.Setting(value, "the argument ignore"))


def test_a_profile_that_is_missing_is_named(session):
    guard = neptune_guard.register(session(profile="production"))
    with pytest.raises(ConfigurationError) as caught:
        assert guard.mode
    assert str(caught.value) == ("the AWS profile cannot be read: The config profile (production) could not be found")
    assert isinstance(caught.value.__cause__, ProfileNotFound)


@pytest.mark.parametrize("content", [b"[default\n", b"\xff\xfe", b"no section = x\n"])
def test_a_file_that_cannot_be_read_is_named(content, tmp_path, monkeypatch):
    file = tmp_path / "broken"
    file.write_bytes(content)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(file))
    with pytest.raises(ConfigurationError, match=f"the AWS profile cannot be read: .*{file.name}"):
        assert neptune_guard.register(botocore.session.Session()).mode


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


def test_a_session_may_get_its_profile_after_its_guard(session):
    made = session()
    guard = neptune_guard.register(made)
    assert repr(guard) == "<neptune_guard.Guard mode=?>"
    made.set_config_variable("profile", "staging")
    made.create_client("neptune", region_name="us-west-2", aws_access_key_id="a", aws_secret_access_key="b")
    assert repr(guard) == "<neptune_guard.Guard mode=strict>"


def test_a_wrong_value_in_the_profile_is_refused_where_a_client_is_made(session):
    made = session("neptune_guard_mode = loud")
    neptune_guard.register(made)
    for _ in range(2):
        with pytest.raises(ConfigurationError, match="'loud', read from the key neptune_guard_mode"):
            made.create_client("neptune", region_name="us-west-2", aws_access_key_id="a", aws_secret_access_key="b")


def test_the_profile_is_not_read_where_nothing_is_left_to_it(session, monkeypatch):
    for name, value in (("MODE", "off"), ("IGNORE", "tag-*")):
        monkeypatch.setenv(f"NEPTUNE_GUARD_{name}", value)
    guard = neptune_guard.register(session(profile="production"), stub=False)
    assert repr(guard) == "<neptune_guard.Guard mode=off>"
    assert guard.mode == "off"


def announcements(caplog):
    return [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]


def test_a_stub_of_the_environment_is_announced_once(session, monkeypatch, tmp_path, caplog):
    path = tmp_path / "neptune.db"
    monkeypatch.setenv("NEPTUNE_GUARD_STUB", str(path))
    made = session()
    guard = neptune_guard.register(made, mode="off")
    assert announcements(caplog) == [
        f"a stub answers instead of AWS: the state file {path}, read from the environment variable NEPTUNE_GUARD_STUB"
    ]
    assert repr(guard) == f"<neptune_guard.Guard mode=off stub={path}>"
    client(made)
    assert len(announcements(caplog)) == 1
    guard.responder.close()


def test_a_stub_of_the_profile_is_announced_with_the_first_client(session, tmp_path, caplog, no_socket):
    path = tmp_path / "neptune.db"
    made = session(f"neptune_guard_stub = {path}")
    guard = neptune_guard.register(made, mode="off")
    assert announcements(caplog) == []
    for _ in range(2):
        assert client(made).describe_db_clusters()["DBClusters"] == []
    assert announcements(caplog) == [
        f"a stub answers instead of AWS: the state file {path}, read from the key neptune_guard_stub of the AWS profile"
    ]
    assert repr(guard) == f"<neptune_guard.Guard mode=off stub={path}>"
    guard.unregister()
    assert not guard.active
    guard.responder.close()


def test_a_stub_that_was_given_is_not_announced(session, tmp_path, caplog):
    for stub in (True, tmp_path / "neptune.db", str(tmp_path / "neptune.db")):
        neptune_guard.register(session(), stub=stub).responder.close()
    assert announcements(caplog) == []


def client(made):
    return made.create_client("neptune", region_name="us-west-2", aws_access_key_id="a", aws_secret_access_key="b")


def test_the_environment_is_read_once(session, monkeypatch):
    guard = neptune_guard.register(session())
    monkeypatch.setenv("NEPTUNE_GUARD_MODE", "strict")
    assert (guard.mode, os.environ["NEPTUNE_GUARD_MODE"]) == ("warn", "strict")


def test_threads_that_make_the_first_clients_wait_for_the_profile(session, tmp_path, monkeypatch, no_socket):
    made = session(f"neptune_guard_mode = strict\nneptune_guard_stub = {tmp_path / 'neptune.db'}")
    guard = neptune_guard.register(made)
    began, read = threading.Barrier(3), settings.in_profile

    def slow(*args):
        time.sleep(0.02)
        return read(*args)

    def ask(look):
        began.wait(30)
        return look()

    monkeypatch.setattr(settings, "in_profile", slow)
    with ThreadPoolExecutor(3) as pool:
        modes = [pool.submit(ask, lambda: guard.mode) for _ in range(2)]
        answer = pool.submit(ask, lambda: client(made).describe_db_clusters()["DBClusters"])
    assert ([mode.result() for mode in modes], answer.result()) == (["strict", "strict"], [])
    guard.responder.close()


@pytest.mark.parametrize("exists", [None, False, True])
def test_only_a_state_file_that_register_made_imagines(session, tmp_path, exists):
    path = tmp_path / "neptune.db"
    if exists is not None:
        NeptuneStub(path, imagine=exists).close()
    guard = neptune_guard.register(session(), stub=path)
    assert guard.responder.imagines is (exists is not False)
    guard.responder.close()
