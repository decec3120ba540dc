"""Where a guard can be put, what it replaces there, and how it is taken off again."""

import gc
import threading
import weakref

import boto3
import botocore.session
import pytest
from botocore.hooks import HierarchicalEmitter

from neptune_guard import RULES, register
from neptune_guard.exceptions import ConfigurationError, ConstraintViolationError
from tests.conftest import CREDENTIALS

BAD = {"SourceDBClusterSnapshotIdentifier": "nightly", "TargetDBClusterSnapshotIdentifier": "my--copy"}


def refuses(host, client):
    """Tell whether a guard in strict mode looks at this client's requests; each request is answered, not sent."""
    try:
        host.wait(client.copy_db_cluster_snapshot(**BAD))
    except ConstraintViolationError:
        return True
    return False


@pytest.fixture
def strict(canned):
    """Register in strict mode with a responder."""
    return lambda target=None, **settings: register(target, **{"mode": "strict", "stub": canned(), **settings})


# ------------------------------------------------------------------ targets


def test_a_session_reaches_the_clients_made_afterwards(host, strict, canned):
    session = host.session()
    register(session, mode="warn", stub=canned())
    earlier = host.client(session)
    guard = strict(session)
    assert guard.active
    assert refuses(host, host.client(session))
    assert not refuses(host, earlier)


def test_a_client_is_guarded_alone(host, strict, canned):
    session = host.session()
    register(session, mode="warn", stub=canned())
    guarded, other = host.client(session), host.client(session)
    assert strict(guarded).active
    assert (refuses(host, guarded), refuses(host, other), refuses(host, host.client(session))) == (True, False, False)


def test_the_emitter_of_a_client_is_a_target(host, strict):
    client = host.client()
    assert strict(client.meta.events).active
    assert refuses(host, client)


def test_a_botocore_session_and_the_boto3_session_around_it_are_one_target(strict):
    inner = botocore.session.Session()
    outer = boto3.Session(botocore_session=inner)
    first, second, third = strict(inner), strict(outer), strict(outer.events)
    assert (first.active, second.active, third.active) == (False, False, True)


def test_a_botocore_session_reaches_its_clients(strict):
    session = botocore.session.Session()
    strict(session)
    client = session.create_client(
        "neptune", region_name="us-west-2", aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key="made-up"
    )
    with pytest.raises(ConstraintViolationError):
        client.copy_db_cluster_snapshot(**BAD)


def test_a_bare_emitter_is_a_target(strict):
    emitter = HierarchicalEmitter()
    assert strict(emitter).active
    with pytest.raises(ConstraintViolationError):
        emitter.emit(
            "before-parameter-build.neptune.CopyDBClusterSnapshot",
            params=dict(BAD),
            context={"client_region": "us-west-2"},
        )


def test_none_is_the_default_session(strict):
    guard = strict()
    client = boto3.client(
        "neptune", region_name="us-west-2", aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key="made-up"
    )
    with pytest.raises(ConstraintViolationError):
        client.copy_db_cluster_snapshot(**BAD)
    boto3.setup_default_session()
    assert guard.active
    assert strict(boto3.DEFAULT_SESSION) is not guard


UNSUPPORTED = ["neptune", 3, object(), [], boto3, boto3.Session, botocore.session.Session, HierarchicalEmitter, print]


@pytest.mark.parametrize("target", UNSUPPORTED, ids=lambda target: f"{type(target).__name__}")
def test_anything_else_is_refused(target):
    with pytest.raises(TypeError, match="boto3 or botocore Session, an aiobotocore AioSession, a client, an event emi"):
        register(target)


BAD_SETTINGS = [
    ({"mode": "loud"}, "'loud', read from the argument mode, is not a mode"),
    ({"mode": 3}, "3, read from the argument mode, is not a mode"),
    ({"ignore": ["no-such-rule"]}, "'no-such-rule', which is not a rule"),
    ({"rules": [print]}, "is not a rule of your own"),
    ({"stub": 3}, r"stub has type int; give True, a NeptuneStub, a path, or an object with respond\(\)"),
    ({"stub": type("Responder", (), {"respond": print})}, "stub has type type; give True"),
    ({"account_id": 123456789012}, "account_id is 123456789012; give twelve digits as a string"),
    ({"account_id": "12345"}, "account_id is '12345'; give twelve digits as a string"),
    ({"services": "neptune"}, r"services is 'neptune'; give a list such as \['neptune', 'rds'\]"),
    ({"services": ["neptun"]}, "services names 'neptun', which the stub does not answer; did you mean 'neptune'"),
    ({"services": [["neptune"]]}, "services names a list of 1 item, which the stub does not answer; the services are"),
    ({"services": ["s3"]}, "services names 's3', which the stub does not answer; the services are neptune, rds"),
    ({"on_violation": "print"}, "on_violation has type str; give a function"),
    ({"prefill": "no"}, "prefill is 'no'; give True or False"),
    ({"stub": " "}, "stub is ' ', read from the argument stub; give the path of a state file, or leave it out"),
    ({"stub": "false"}, "stub is 'false', read from the argument stub; give the path of a state file, or leave it out"),
    ({"stub": "0"}, "stub is '0', read from the argument stub; give the path of a state file, or leave it out"),
]


@pytest.mark.parametrize(("settings", "text"), BAD_SETTINGS)
def test_a_setting_that_cannot_be_used_leaves_the_target_as_it_was(host, strict, settings, text):
    session = host.session()
    guard = strict(session)
    with pytest.raises(ConfigurationError, match=text):
        register(session, **settings)
    assert guard.active


def test_a_responder_without_length_or_truth_is_still_one(host, canned):
    class Empty(canned):
        def __len__(self):
            return 0

    session = host.session()
    register(session, mode="off", stub=Empty())
    assert not refuses(host, host.client(session))


def test_the_guard_tells_its_mode():
    assert repr(register(boto3.Session(), mode="off")) == "<neptune_guard.Guard mode=off>"


def test_the_guard_tells_who_answers(canned):
    assert repr(register(boto3.Session(), mode="off", stub=canned())) == "<neptune_guard.Guard mode=off stub=Canned>"


@pytest.mark.parametrize("service", ["s3", "kms", "sts"])
def test_a_client_of_another_service_is_refused(host, service):
    with pytest.raises(TypeError, match=f"cannot guard a client of {service}; give a client of neptune, rds, docdb"):
        register(host.client(service=service))


@pytest.mark.parametrize("service", ["neptune", "rds", "docdb"])
def test_clients_of_the_control_plane_are_targets(host, service):
    assert register(host.client(service=service)).active


# ------------------------------------------------------------------ replacing


def test_registering_again_replaces(host, strict):
    session = host.session()
    first = strict(session)
    second = strict(session, mode="warn")
    assert (first.active, second.active) == (False, True)
    assert not refuses(host, host.client(session))


def test_a_client_keeps_the_guard_it_was_made_with(host, strict):
    session = host.session()
    strict(session)
    client = host.client(session)
    strict(session, mode="warn")
    assert refuses(host, client)


@pytest.mark.parametrize("mode", ["strict", "warn"])
def test_a_finding_is_reported_once_by_the_client_that_replaced_its_sessions_guard(host, strict, caplog, mode):
    told = {"session": [], "client": []}
    session = host.session()
    strict(session, mode="warn", on_violation=lambda *args: told["session"].append(args))
    client = host.client(session)
    of_client = strict(client, mode=mode, on_violation=lambda *args: told["client"].append(args))
    assert refuses(host, client) is (mode == "strict")
    assert (len(told["session"]), len(told["client"])) == (0, 1)
    assert len(caplog.records) == (mode == "warn")

    of_client.unregister()
    assert told["session"] == []


def test_unregistering_on_a_client_leaves_the_session_alone(host, strict):
    session = host.session()
    of_session = strict(session)
    client = host.client(session)
    strict(client, mode="warn").unregister()
    assert of_session.active
    assert refuses(host, host.client(session))


def test_leaving_a_clients_guard_puts_back_the_one_from_its_session(host, strict):
    session = host.session()
    strict(session)
    client = host.client(session)
    with strict(client, mode="warn"):
        assert not refuses(host, client)
    assert refuses(host, client)


def test_a_stub_does_not_survive_its_replacement(host, recorder, strict):
    session = host.session()
    strict(session)
    register(session, mode="warn")
    host.wait(host.client(session, endpoint_url=recorder.url).copy_db_cluster_snapshot(**BAD))
    assert len(recorder.received) == 1


@pytest.mark.parametrize("answer", [None, "heard"])
def test_a_handler_of_every_event_does_not_hide_a_guard(host, strict, answer):
    session = host.session()
    emitter = getattr(session, "events", None) or session.get_component("event_emitter")
    emitter.register("*", lambda event_name, **kwargs: answer if event_name.startswith("neptune-guard") else None)
    first = strict(session)
    second = strict(session, mode="warn")
    assert (first.active, second.active) == (False, True)
    assert not refuses(host, host.client(session))


# ------------------------------------------------------------------ taking off


def test_unregister_makes_a_guard_inert_everywhere(host, recorder, strict):
    told = []
    session = host.session()
    guard = strict(session, on_violation=lambda *args: told.append(args))
    client = host.client(session, endpoint_url=recorder.url)
    guard.unregister()
    assert not guard.active
    for each in (client, host.client(session, endpoint_url=recorder.url)):
        params = {**BAD, "SourceDBClusterSnapshotIdentifier": "arn:aws:rds:eu-west-1:123456789012:cluster-snapshot:a"}
        host.wait(each.copy_db_cluster_snapshot(**params))
    assert told == []
    assert ["PreSignedUrl" in received.body for received in recorder.received] == [False, False]


def test_unregistering_twice_or_after_being_replaced_is_harmless(strict):
    session = boto3.Session()
    first, second = strict(session), strict(session)
    first.unregister()
    first.unregister()
    assert second.active
    second.unregister()
    assert not second.active


# Each step is "+name" (register and enter), "-name" (leave), "r" + name (register only) or "x" + name (unregister);
# after each the name of the guard that is active, or "".
STORIES = {
    "one": "+a:a -a:",
    "nested": "+a:a +b:b -b:a -a:",
    "three deep": "+a:a +b:b +c:c -c:b -b:a -a:",
    "put back a registered one": "ra:a +b:b -b:a xa:",
    "left in the other order": "+a:a +b:b -a:b -b:",
    "the middle one first": "+a:a +b:b +c:c -b:c -c:a -a:",
    "outer ones first": "+a:a +b:b +c:c -a:c -b:c -c:",
    "under a registered one": "ra:a +b:b +c:c -b:c -c:a",
    "replaced inside": "+a:a rb:b -a:b xb:",
    "replaced inside, base stays": "ra:a +b:b rc:c -b:c xc:",
    "replaced inside by a block": "+a:a +b:b rc:c -b:c -a:c xc:",
    "the replaced one was unregistered": "ra:a +b:b xa:b -b:",
    "unregistered inside": "ra:a +b:b xb: -b:a xa:",
    "unregistered in the middle": "ra:a +b:b +c:c xb:c -c: -b:a",
    "unregistered inside, below it a block": "+a:a +b:b xb: -b:a -a:",
    "unregistered inside, and the one below": "ra:a +b:b xb: xa: -b:",
    "replaced after it was unregistered inside": "ra:a +b:b xb: rc:c -b:c xc:",
    "registered thrice": "ra:a rb:b +c:c -c:b xb:",
    "entered late": "ra:a rb:b +b:b -b:a",
}


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES)
def test_blocks_put_back_what_they_replaced(strict, story):
    session = boto3.Session()
    guards = {}

    def new(name):
        return guards.get(name) or guards.setdefault(name, strict(session))

    does = {
        "+": lambda name: new(name).__enter__(),
        "r": new,
        "-": lambda name: guards[name].__exit__(None, None, None),
        "x": lambda name: guards[name].unregister(),
    }
    for step in story.split():
        action, active = step.split(":")
        does[action[0]](action[1])
        assert [name for name, guard in guards.items() if guard.active] == ([active] if active else []), step


def test_a_guard_that_was_unregistered_cannot_be_entered(strict):
    guard = strict(boto3.Session())
    with guard:
        pass
    with pytest.raises(ConfigurationError, match="this guard was unregistered; register another one"):
        guard.__enter__()


def test_registering_for_ever_keeps_no_more_than_two_guards(strict):
    session = boto3.Session()
    guards = [weakref.ref(strict(session)) for _ in range(5)]
    gc.collect()
    assert [guard() is not None for guard in guards] == [False, False, False, True, True]


def test_a_block_lets_exceptions_pass(strict):
    with pytest.raises(KeyError), strict(boto3.Session()) as guard:
        raise KeyError
    assert not guard.active


def test_a_guard_on_a_client_forgets_nothing_of_the_sessions(host, strict):
    session = host.session()
    first, second = strict(session), strict(session)
    strict(host.client(session))
    with second:
        pass
    assert first.active


def test_of_many_racing_registrations_one_is_active(strict):
    session = boto3.Session(aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key="made-up")
    start, guards = threading.Barrier(8), []

    def race():
        start.wait()
        for _ in range(20):
            guards.append(strict(session))
            guards[-1].unregister() if len(guards) % 3 == 0 else None

    threads = [threading.Thread(target=race) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    guards.append(strict(session))
    assert [guard for guard in guards if guard.active] == guards[-1:]
    told = []
    strict(session, mode="warn", on_violation=lambda *args: told.append(args))
    client = session.client("neptune", region_name="us-west-2")
    client.copy_db_cluster_snapshot(**BAD)
    assert len(told) == 1


def test_a_default_session_that_has_made_clients_is_warned_of(caplog):
    boto3.setup_default_session(region_name="us-west-2", **CREDENTIALS)
    register(mode="off")
    assert caplog.messages == []
    boto3.client("neptune")
    register(mode="off")
    [message] = caplog.messages
    assert message.startswith("boto3's default session has made clients already, which this guard does not reach")


def test_the_default_session_that_is_there_is_guarded():
    boto3.setup_default_session(region_name="us-west-2", **CREDENTIALS)
    session = boto3.DEFAULT_SESSION
    with register(mode="off") as guard:
        assert boto3.DEFAULT_SESSION is session
        assert guard.active


@pytest.mark.parametrize("rules", [5, RULES["tag-count"]])
def test_rules_that_are_no_collection_are_refused(rules):
    with pytest.raises(ConfigurationError, match="rules is"):
        register(boto3.Session(), rules=rules)
