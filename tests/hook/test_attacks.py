"""What was once found to break a guard, or to pass it: one test per kind, at many instants where chance decides."""

import contextlib
import copy
import enum
import gc
import multiprocessing
import os
import subprocess
import sys
import threading
import weakref
import zipfile
from decimal import Decimal
from pathlib import Path

import boto3
import botocore
import pytest
from botocore.config import Config

import neptune_guard
from neptune_guard import check, register
from neptune_guard._hook import answering, emitters
from neptune_guard.exceptions import ConstraintViolationError, NotStubbedError
from tests.helpers import COPY, SOURCE, TARGET, arn

BAD = {**COPY, TARGET: "my--copy"}
SECRET = "5ec2e7"
URL = f"https://rds.us-east-1.amazonaws.com/?Action=CopyDBClusterSnapshot&X-Amz-Signature={SECRET}"


@pytest.fixture
def strict(host, canned):
    """A client in strict mode whose calls a responder answers, and the responder."""

    def made(**settings):
        session, responder = host.session(), canned()
        register(session, **{"mode": "strict", "stub": responder, **settings})
        return host.client(session), responder

    return made


# ------------------------------------------------------------------ values that are not what they seem (B2)


class Text(str):
    __slots__ = ()

    def startswith(self, *_):
        return False

    def __eq__(self, other):
        return True

    __hash__ = str.__hash__


class Copies(str, enum.Enum):
    DR = "dr"

    @property
    def value(self):
        raise AssertionError("the caller's property ran")


def disguised(text):
    member = str.__new__(Copies, text)
    member._value_, member._name_ = "dr", "DR"
    return member


DISGUISES = {
    "an enum whose value differs": disguised("bad--name_"),
    "a subclass with methods of its own": Text("bad--name_"),
    "an enum member": enum.Enum("Plain", {"DR": "bad--name_"}).DR,
    "a Decimal": Decimal(3),
}


@pytest.mark.parametrize("value", DISGUISES.values(), ids=DISGUISES)
@pytest.mark.parametrize("place", ["parameter", "tag"])
def test_a_value_in_disguise_is_judged_by_what_botocore_sends(host, strict, value, place):
    params = {**COPY, TARGET: value} if place == "parameter" else {**COPY, "Tags": [{"Key": value, "Value": "a;b"}]}
    assert check(params)
    client, responder = strict()
    with pytest.raises(ConstraintViolationError):
        host.wait(client.copy_db_cluster_snapshot(**params))
    assert responder.asked == []


# ------------------------------------------------------------------ calls between a call's attempts (B3)


def test_a_call_between_the_attempts_of_another_one_does_not_let_it_out(no_socket, no_pauses):
    class Throttled:
        asked = 0

        def respond(self, operation, params, *, region, account_id):
            self.asked += operation == "CopyDBClusterSnapshot"
            if operation != "CopyDBClusterSnapshot" or self.asked > 2:
                return 200, {}
            return 503, {"Error": {"Code": "Throttling", "Message": "slow down"}}

    session = boto3.Session("fake", "fake", region_name="us-west-2")
    register(session, stub=Throttled())
    client = session.client("neptune", config=Config(retries={"mode": "standard", "max_attempts": 5}))
    seen = []

    def look(**kwargs):
        if kwargs["operation"].name == "CopyDBClusterSnapshot":
            seen.append(client.describe_db_cluster_snapshots())

    client.meta.events.register_first("needs-retry.neptune", look)
    assert client.copy_db_cluster_snapshot(**COPY)["ResponseMetadata"]["RetryAttempts"] == 2
    assert len(seen) == 3


def test_an_attempt_without_an_answer_does_not_leave(no_socket, canned):
    session = boto3.Session("fake", "fake", region_name="us-west-2")
    register(session, stub=canned((503, {"Error": {"Code": "Throttling", "Message": ""}})))
    client = session.client("neptune")
    client.meta.events.register_last("request-created", lambda **kwargs: answering._attempt.set(None))
    with pytest.raises(NotStubbedError, match="an attempt of CopyDBClusterSnapshot has no answer; it was not sent"):
        client.copy_db_cluster_snapshot(**COPY)


THROTTLED = (503, {"Error": {"Code": "Throttling", "Message": ""}})
# How the guard of a session (and the client that was made with it) is taken away while a call is on its way.
TAKEN_AWAY = {
    "unregistered": lambda guard, client: guard.unregister(),
    "replaced on the client": lambda guard, client: register(client, stub=False),
    "replaced, then unregistered": lambda guard, client: register(client, stub=False).unregister(),
}


@pytest.mark.parametrize("of_client", [False, True], ids=["session", "client"])
@pytest.mark.parametrize("take_away", TAKEN_AWAY.values(), ids=TAKEN_AWAY)
@pytest.mark.parametrize("event", ["request-created", "before-sign", "response-received", "needs-retry"])
def test_a_call_on_its_way_is_answered_to_its_end_once_the_guard_is_gone(
    no_socket, canned, monkeypatch, event, take_away, of_client
):
    monkeypatch.setattr("botocore.endpoint.time.sleep", lambda seconds: None)
    responder = canned(THROTTLED, THROTTLED, (200, {"DBClusterSnapshot": {"Status": "copying"}}))
    session = boto3.Session("fake", "fake", region_name="us-west-2")
    guard = None if of_client else register(session, stub=responder)
    client = session.client("neptune")
    guard = guard or register(client, stub=responder)
    client.meta.events.register_first(f"{event}.neptune.*", lambda **kwargs: take_away(guard, client) and None)
    assert client.copy_db_cluster_snapshot(**COPY)["DBClusterSnapshot"] == {"Status": "copying"}
    assert len(responder.asked) == 3
    register(client, stub=canned())
    client.copy_db_cluster_snapshot(**COPY)
    assert len(responder.asked) == 3


@pytest.mark.parametrize("event", ["request-created.neptune.*", "request-created.neptune", "before-sign.neptune"])
def test_a_call_that_a_handler_makes_before_it_unregisters_the_guard_does_not_let_the_outer_one_out(
    no_socket, no_pauses, canned, event
):
    responder = canned(*[THROTTLED] * 3, (200, {"DBClusterSnapshot": {"Status": "copying"}}))
    session = boto3.Session("fake", "fake", region_name="us-west-2")
    guard = register(session, stub=responder)
    client, inner = session.client("neptune"), []

    def nest(**kwargs):
        if not inner:
            inner.append(True)
            inner.append(client.describe_db_cluster_snapshots())
            guard.unregister()

    client.meta.events.register(event, nest)
    assert client.copy_db_cluster_snapshot(**COPY)["DBClusterSnapshot"] == {"Status": "copying"}
    assert len(inner) == 2


def test_however_many_guards_leave_between_two_attempts_few_handlers_stay(no_socket, no_pauses, canned):
    session = boto3.Session("fake", "fake", region_name="us-west-2")
    register(session, stub=canned(THROTTLED, (200, {})))
    client = session.client("neptune")
    client.meta.events.register_first(
        "needs-retry.neptune", lambda **kwargs: register(client, stub=canned(THROTTLED, (200, {}))) and None
    )
    for _ in range(20):
        client.copy_db_cluster_snapshot(**COPY)
    request = botocore.awsrequest.AWSRequest("POST", "https://localhost/")
    answers = client.meta.events.emit("request-created.neptune.Any", request=request, operation_name="Any")
    assert len([1 for asked, _ in answers if asked is answering.note_attempt]) == 2


@pytest.mark.parametrize("inner", [False, True], ids=["registered", "in a with block"])
def test_a_client_whose_first_guard_was_unregistered_is_answered_by_its_second(no_socket, canned, inner):
    """A client that a module keeps, with a guard for each test."""
    session = boto3.Session("fake", "fake", region_name="us-west-2")
    with register(session, stub=canned(THROTTLED), mode="strict"):
        client = session.client("neptune")
    responder = canned((200, {"DBClusterSnapshot": {"Status": "copying"}}))
    guard = register(client, stub=responder, mode="strict")
    if inner:
        with register(client, stub=canned()) as other:
            client.copy_db_cluster_snapshot(**COPY)
            assert len(other.responder.asked) == 1
    assert client.copy_db_cluster_snapshot(**COPY)["DBClusterSnapshot"] == {"Status": "copying"}
    with pytest.raises(ConstraintViolationError):
        client.copy_db_cluster_snapshot(**BAD)
    assert (guard.active, len(responder.asked)) == (True, 1)


# ------------------------------------------------------------------ replacing under load (B4)


def test_no_call_goes_unchecked_or_out_while_guards_replace_each_other(no_socket, canned):
    session = boto3.Session("fake", "fake", region_name="us-west-2")
    register(session, mode="strict", stub=canned())
    client = session.client("neptune")
    stop, passed = threading.Event(), []

    def replace():
        while not stop.is_set():
            register(client, mode="strict", stub=canned())

    threads = [threading.Thread(target=replace) for _ in range(2)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        for thread in threads:
            thread.start()
        for _ in range(150):
            assert client.copy_db_cluster_snapshot(**COPY)["DBClusterSnapshot"]
            try:
                client.copy_db_cluster_snapshot(**BAD)
            except ConstraintViolationError:
                continue
            passed.append(BAD)
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        sys.setswitchinterval(interval)
    assert passed == []


# ------------------------------------------------------------------ forks (B5)

FORKED_WHILE_IMPORTING = """
import os, signal, sys, threading, time, warnings
import neptune_guard

warnings.simplefilter("ignore")
begun = threading.Event()

class Slow:
    def find_spec(self, name, path=None, target=None):
        if name == "jsonschema":
            begun.set()
            time.sleep(0.3)

def find():
    assert neptune_guard.check({"SourceDBClusterSnapshotIdentifier": "s", "TargetDBClusterSnapshotIdentifier": "a--b"})

sys.meta_path.insert(0, Slow())
threading.Thread(target=find).start()
begun.wait(30)
child = os.fork()
if child == 0:
    signal.alarm(20)
    find()
    os._exit(0)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_child_forked_while_a_thread_imports_the_engine_that_explains_can_explain():
    done = subprocess.run([sys.executable, "-c", FORKED_WHILE_IMPORTING], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # Python 3.12 warns of threads that a fork leaves behind
def test_a_child_forked_while_a_thread_registers_can_register():
    held, done = threading.Event(), threading.Event()

    def hold():
        with emitters.lock:
            held.set()
            done.wait(30)

    thread = threading.Thread(target=hold)
    thread.start()
    held.wait(30)
    try:
        child = multiprocessing.get_context("fork").Process(
            target=register, args=(boto3.Session(),), kwargs={"mode": "off"}
        )
        child.start()
        child.join(20)
        code = child.exitcode
        child.kill()
        child.join()
    finally:
        done.set()
        thread.join()
    assert code == 0


# ------------------------------------------------------------------ secrets elsewhere (B8)

PLACES = {
    "another parameter": {TARGET: URL},
    "a misspelt name": {"PresignedUrl": URL},
    "a tag": {"Tags": [{"Key": "url", "Value": URL}]},
    "percent-encoded": {"KmsKeyId": URL.replace("-", "%2D")},
    "a token": {"KmsKeyId": f"x&X-Amz-Security-Token={SECRET}"},
    "a credential": {"KmsKeyId": f"x&X-Amz-Credential={SECRET}"},
}


@pytest.mark.parametrize("place", PLACES.values(), ids=PLACES)
def test_a_secret_in_another_place_is_not_shown(place, canned, caplog):
    told = []
    session = boto3.Session("fake", "fake", region_name="us-west-2")
    register(session, stub=canned(), on_violation=lambda *args: told.append(repr(args)))
    with contextlib.suppress(botocore.exceptions.ParamValidationError):  # botocore's own, of a misspelt name
        session.client("neptune").copy_db_cluster_snapshot(**{**COPY, **place})
    ours = [record.getMessage() + repr(record.neptune_guard) for record in caplog.records]
    assert told
    assert SECRET not in "".join([*told, *ours])


# ------------------------------------------------------------------ nobody who could sign (B9)

UNABLE = {
    "no credentials": ({"aws_access_key_id": None, "aws_secret_access_key": None}, None),
    "unsigned": ({}, botocore.UNSIGNED),
    "v2": ({}, "v2"),
    "v3": ({}, "v3"),
    "v3https": ({}, "v3https"),
}


@pytest.mark.parametrize(("options", "version"), UNABLE.values(), ids=UNABLE)
def test_a_copy_that_works_without_the_guard_works_with_it(host, options, version):
    """Another handler answers, so nothing has to be signed but the URL that botocore would make of SourceRegion."""
    bodies = []

    def answer(params, **kwargs):
        bodies.append(params["body"])
        return botocore.awsrequest.AWSResponse("", 200, {}, None), {"DBClusterSnapshot": {"Status": "copying"}}

    for guarded in (False, True):
        session = host.session()
        if guarded:
            register(session, mode="strict")
        client = host.client(session, config=Config(signature_version=version), **options)
        client.meta.events.register_last("before-call.neptune.CopyDBClusterSnapshot", answer)
        host.wait(client.copy_db_cluster_snapshot(**{**COPY, SOURCE: arn("us-east-1")}))
    assert bodies[0] == bodies[1]


def test_version_4_signs_the_url(host):
    bodies = []

    def answer(params, **kwargs):
        bodies.append(params["body"])
        return botocore.awsrequest.AWSResponse("", 200, {}, None), {}

    session = host.session()
    register(session, mode="strict")
    client = host.client(session, config=Config(signature_version="v4"))
    client.meta.events.register_last("before-call.neptune.CopyDBClusterSnapshot", answer)
    host.wait(client.copy_db_cluster_snapshot(**{**COPY, SOURCE: arn("us-east-1")}))
    assert "X-Amz-Signature" in bodies[0]["PreSignedUrl"]


# ------------------------------------------------------------------ handlers of others (B10, B19, B20)


def test_the_check_sees_what_a_handler_of_somebody_else_adds(host, strict):
    client, responder = strict()

    def tag(params, **kwargs):
        params["Tags"] = [{"Key": "aws:team"}]

    client.meta.events.register("before-parameter-build.neptune.CopyDBClusterSnapshot", tag)
    with pytest.raises(ConstraintViolationError, match="tag-key-reserved-prefix"):
        host.wait(client.copy_db_cluster_snapshot(**COPY))
    assert responder.asked == []


def test_a_handler_of_every_event_that_wants_arguments_breaks_nothing(host, canned):
    session = host.session()
    emitter = getattr(session, "events", None) or session.get_component("event_emitter")
    emitter.register("*", lambda event_name, **kwargs: kwargs["params"] if event_name.startswith("neptune") else None)
    first = register(session, mode="warn", stub=canned())
    second = register(session, mode="strict", stub=canned())
    assert (first.active, second.active) == (False, True)
    with pytest.raises(ConstraintViolationError):
        host.wait(host.client(session).copy_db_cluster_snapshot(**BAD))
    second.unregister()
    assert not second.active


def test_handlers_of_after_call_get_a_response_as_botocore_makes_it(host, strict):
    client, _ = strict()
    seen = []
    client.meta.events.register("after-call.neptune.*", lambda http_response, **kwargs: seen.append(http_response))
    host.wait(client.copy_db_cluster_snapshot(**COPY))
    assert isinstance(seen[0], botocore.awsrequest.AWSResponse)
    assert (seen[0].status_code, dict(seen[0].headers)) == (200, {})


# ------------------------------------------------------------------ the callback (B13)


def test_a_callback_that_makes_the_same_call_is_not_called_for_it(host, canned):
    told = []
    session = host.session()
    register(session, stub=canned(), on_violation=lambda *args: told.append(again()))
    client = host.client(session)

    def again():
        answer = client.copy_db_cluster_snapshot(**BAD)
        if hasattr(answer, "close"):
            answer.close()  # a coroutine that nobody awaits

    host.wait(client.copy_db_cluster_snapshot(**BAD))
    assert len(told) == 1
    host.wait(client.copy_db_cluster_snapshot(**BAD))
    assert len(told) == 2


def test_what_ends_a_program_may_end_it_from_the_callback(host, canned):
    def leave(*args):
        raise SystemExit(3)

    session = host.session()
    register(session, stub=canned(), on_violation=leave)
    with pytest.raises(SystemExit):
        host.wait(host.client(session).copy_db_cluster_snapshot(**BAD))


@pytest.mark.parametrize("mode", ["warn", "strict"])
def test_what_ends_a_program_may_end_it_from_a_rule(host, canned, mode):
    @neptune_guard.rule(id="leaves", summary="A rule must be able to end the program")
    def leaves(request):
        raise SystemExit(3)

    session, responder = host.session(), canned()
    register(session, mode=mode, stub=responder, rules=[leaves])
    with pytest.raises(SystemExit):
        host.wait(host.client(session).copy_db_cluster_snapshot(**COPY))
    assert responder.asked == []


class Touchy:
    def __deepcopy__(self, memo):
        raise AssertionError("the caller's method ran")

    def __repr__(self):
        raise AssertionError("the caller's method ran")


def test_the_callback_gets_a_copy_that_runs_no_method_of_the_callers(canned):
    told = []
    session = boto3.Session("fake", "fake", region_name="us-west-2")
    register(session, stub=canned(), on_violation=lambda violations, params, region: told.append(params))
    client = session.client("neptune", config=Config(parameter_validation=False))
    client.copy_db_cluster_snapshot(**{**COPY, "Tags": [{"Key": "x" * number} for number in range(60)]})
    assert len(told[0]["Tags"]) == 60
    with pytest.raises(AssertionError, match="method ran"):  # botocore prints it, long after the guard
        session.client("neptune").copy_db_cluster_snapshot(**{**COPY, "KmsKeyId": Touchy()})
    assert told[1]["KmsKeyId"] == "<Touchy>"


# ------------------------------------------------------------------ copies of sessions, and zips (B14, B18)


def test_a_copied_session_shares_its_guard(canned):
    session = boto3.Session("fake", "fake", region_name="us-west-2")
    guard = register(session, mode="strict", stub=canned())
    copied = copy.deepcopy(session)
    with pytest.raises(ConstraintViolationError):
        copied.client("neptune").copy_db_cluster_snapshot(**BAD)
    assert copied.client("neptune").copy_db_cluster_snapshot(**COPY)["DBClusterSnapshot"]["Status"] == "copying"
    guard.unregister()
    assert not guard.active


def test_the_package_works_from_a_zip(tmp_path):
    root = Path(neptune_guard.__file__).parent
    archive = tmp_path / "package.zip"
    with zipfile.ZipFile(archive, "w") as file:
        for path in root.rglob("*"):
            if path.suffix in (".py", ".json"):
                file.write(path, Path("neptune_guard") / path.relative_to(root))
    program = (
        "import sys, neptune_guard; assert '.zip' in neptune_guard.__file__, neptune_guard.__file__; import boto3; "
        f"neptune_guard.register(boto3.Session(), mode='off'); print(neptune_guard.check({BAD!r})[0].rule)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(archive)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.stdout.strip(), done.returncode) == ("identifier-hyphens", 0), done.stderr


def test_nothing_is_kept_of_an_emitter_that_is_gone():
    gone = [weakref.ref(register(boto3.Session(), mode="off").emitter) for _ in range(3)]
    gc.collect()
    assert [emitter() for emitter in gone] == [None, None, None]
