"""The waiters: their end states, on every kind of client, natively and by name, and that a stub costs no time."""

from __future__ import annotations

import asyncio
import inspect
import json
import os
import subprocess
import sys
import time
import zipfile
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import boto3
import botocore.session
import pytest
from botocore.exceptions import WaiterError
from botocore.loaders import Loader
from botocore.stub import Stubber

import neptune_guard
from neptune_guard import _waiting, register, waiter
from neptune_guard.exceptions import ConfigurationError
from neptune_guard.stub import NeptuneStub

from .conftest import CREDENTIALS, REGION, Canned

NAMES = ("db_cluster_snapshot_available", "db_cluster_snapshot_deleted", "db_cluster_available", "db_cluster_deleted")
BOTOCORES_OWN = {"db_instance_available", "db_instance_deleted"}
ROOT = Path(neptune_guard.__file__).parent
SNAPSHOT = {"DBClusterSnapshotIdentifier": "nightly"}
ONE_LOOK = {"WaiterConfig": {"MaxAttempts": 1}}
SOURCE = "arn:aws:rds:us-east-1:123456789012:cluster-snapshot:nightly"


def snapshots(*statuses):
    return 200, {"DBClusterSnapshots": [{"Status": each} for each in statuses]}


def clusters(*statuses):
    return 200, {"DBClusters": [{"Status": each} for each in statuses]}


def fault(code, message="it is not there"):
    return 404, {"Error": {"Code": code, "Message": message}}


class Patient(Canned):
    """A canned responder that lets time pass by writing it down."""

    def __init__(self, *answers):
        super().__init__(*answers)
        self.waited = []

    def wait(self, seconds):
        self.waited.append(seconds)


@pytest.fixture
def slept(monkeypatch):
    """Returns the seconds that somebody slept, in threads and in tasks; nobody really does."""
    pauses, pause = [], asyncio.sleep

    async def sleep(seconds, *args):
        if seconds:
            pauses.append(seconds)
        await pause(0)

    monkeypatch.setattr(time, "sleep", lambda seconds: pauses.append(seconds) if seconds else None)
    monkeypatch.setattr(asyncio, "sleep", sleep)
    return pauses


@pytest.fixture
def guarded(host):
    """Returns a client that a responder answers, guarded by itself or by its session."""

    def make(responder, way="client", **options):
        session = host.session()
        if way == "session":
            register(session, stub=responder)
            return host.client(session, **options)
        client = host.client(session, **options)
        register(client, stub=responder)
        return client

    return make


def wait_for(host, client, name, **params):
    return host.wait_until(waiter(client, name), **params)


@pytest.fixture(autouse=True)
def host_waits(request):
    """Lets a host carry out a wait: its result is None in botocore and an awaitable in aiobotocore."""
    if "host" in request.fixturenames:
        host = request.getfixturevalue("host")

        def wait_until(made, **params):
            result = made.wait(**params)
            return host.wait(result) if inspect.isawaitable(result) else result

        host.wait_until = wait_until


# ---------------------------------------------------------------------- the definitions


SNAPSHOT_STATES = [
    # (state, of ..._available, of ..._deleted)
    ("available", "success", "retry"),
    ("copying", "retry", "retry"),
    ("pending", "retry", "retry"),
    ("a-state-to-come", "retry", "retry"),
    ("creating", "retry", "failure"),
    ("deleting", "failure", "retry"),
    ("deleted", "failure", "retry"),
    ("failed", "failure", "retry"),
    ("incompatible-restore", "failure", "retry"),
    ("incompatible-parameters", "failure", "retry"),
    ("incompatible-to-come", "failure", "retry"),
]
CLUSTER_STATES = [
    *SNAPSHOT_STATES,
    ("modifying", "retry", "failure"),
    ("rebooting", "retry", "failure"),
    ("resetting-master-credentials", "retry", "failure"),
    ("stopped", "retry", "retry"),
    ("upgrading", "retry", "retry"),
    ("migration-failed", "failure", "retry"),
    ("inaccessible-encryption-credentials", "failure", "retry"),
    ("inaccessible-encryption-credentials-recoverable", "failure", "retry"),
]
ANSWERS = [
    *((NAMES[0], state, snapshots(state), end) for state, end, _ in SNAPSHOT_STATES),
    *((NAMES[1], state, snapshots(state), end) for state, _, end in SNAPSHOT_STATES),
    *((NAMES[2], state, clusters(state), end) for state, end, _ in CLUSTER_STATES),
    *((NAMES[3], state, clusters(state), end) for state, _, end in CLUSTER_STATES),
    (NAMES[0], "two, one copying", snapshots("available", "copying"), "retry"),
    (NAMES[0], "two, one failed", snapshots("copying", "failed"), "failure"),
    (NAMES[0], "two available", snapshots("available", "available"), "success"),
    (NAMES[0], "none of that cluster", snapshots(), "failure"),
    (NAMES[0], "not found", fault("DBClusterSnapshotNotFoundFault"), "failure"),
    (NAMES[0], "refused", fault("AccessDenied"), "failure"),
    (NAMES[0], "without a status", (200, {"DBClusterSnapshots": [{}]}), "retry"),
    (NAMES[0], "without a list", (200, {}), "retry"),
    (NAMES[1], "not found", fault("DBClusterSnapshotNotFoundFault"), "success"),
    (NAMES[1], "none of that cluster", snapshots(), "success"),
    (NAMES[1], "without a list", (200, {}), "retry"),
    (NAMES[1], "refused", fault("AccessDenied"), "failure"),
    (NAMES[2], "none", clusters(), "failure"),
    (NAMES[2], "not found", fault("DBClusterNotFoundFault"), "failure"),
    (NAMES[3], "none", clusters(), "success"),
    (NAMES[3], "not found", fault("DBClusterNotFoundFault"), "success"),
]


@pytest.mark.parametrize(("name", "answer", "end"), [(each[0], *each[2:]) for each in ANSWERS], ids=map(str, ANSWERS))
def test_a_look_ends_a_wait_or_does_not(name, answer, end):
    client = boto3.Session().client("neptune", region_name=REGION, **CREDENTIALS)
    register(client, stub=Canned(answer))
    made = waiter(client, name)
    if end == "success":
        assert made.wait() is None
        return
    with pytest.raises(WaiterError) as caught:
        made.wait(**ONE_LOOK)
    exceeded = "Max attempts exceeded" in str(caught.value)
    assert exceeded is (end == "retry")


REASONS = [
    (snapshots("failed"), 'For expression "DBClusterSnapshots[].Status" we matched expected path: "failed"'),
    (snapshots("incompatible-restore"), 'expected path: "incompatible-restore"'),
    (snapshots("incompatible-new"), "starts_with(Status || '', 'incompatible-')"),
    (snapshots(), 'For expression "DBClusterSnapshots" we matched expected path: "[]"'),
    (
        fault("DBClusterSnapshotNotFoundFault", "DBClusterSnapshot not found: nightly"),
        "An error occurred (DBClusterSnapshotNotFoundFault): DBClusterSnapshot not found: nightly",
    ),
]


@pytest.mark.parametrize(("answer", "reason"), REASONS, ids=[reason for _, reason in REASONS])
def test_a_failure_tells_its_reason_at_the_first_look(host, guarded, slept, answer, reason):
    responder = Patient(answer)
    client = guarded(responder)
    with pytest.raises(WaiterError) as caught:
        wait_for(host, client, "db_cluster_snapshot_available", **SNAPSHOT)
    assert reason in str(caught.value)
    given = {name: value for name, value in caught.value.last_response.items() if name != "ResponseMetadata"}
    assert given == answer[1]
    assert (len(responder.asked), responder.waited, slept) == (1, [], [])


def test_the_names_are_these_and_each_waits_six_hours():
    assert set(_waiting.names()) == set(NAMES)
    client = boto3.Session().client("neptune", region_name=REGION, **CREDENTIALS)
    assert {(made.config.delay, made.config.max_attempts) for made in (waiter(client, name) for name in NAMES)} == {
        (30, 721)
    }


def test_neptune_and_docdb_have_the_same_waiters():
    folder = ROOT / "_waiting" / "data"
    files = sorted(folder.rglob("*.json"))
    assert [str(each.relative_to(folder)) for each in files] == [
        os.path.join(service, "2014-10-31", "waiters-2.sdk-extras.json") for service in ("docdb", "neptune")
    ]
    assert len({each.read_bytes() for each in files}) == 1


@pytest.mark.parametrize("service", ["neptune", "docdb", "rds"])
def test_the_files_lie_where_the_loader_looks_for_the_services_of_this_botocore(service):
    assert Loader().list_api_versions(service, "service-2")[-1] == "2014-10-31"


# ---------------------------------------------------------------------- waiter(client, name)


@pytest.mark.parametrize("service", ["neptune", "docdb", "rds"])
@pytest.mark.parametrize(
    ("name", "method", "answer"),
    [
        ("db_cluster_snapshot_available", "describe_db_cluster_snapshots", snapshots("available")[1]),
        ("db_cluster_snapshot_deleted", "describe_db_cluster_snapshots", snapshots()[1]),
        ("db_cluster_available", "describe_db_clusters", clusters("available")[1]),
        ("db_cluster_deleted", "describe_db_clusters", clusters()[1]),
    ],
)
def test_every_service_and_host_has_every_waiter_without_a_guard(host, service, name, method, answer):
    client = host.client(service=service)
    stubber = Stubber(client)
    stubber.add_response(method, answer)
    with stubber:
        wait_for(host, client, name)
    stubber.assert_no_pending_responses()


def test_it_is_the_waiter_of_the_client_s_own_library(host):
    made = waiter(host.client(), "db_cluster_available")
    kinds = {f"{kind.__module__}.{kind.__name__}" for kind in type(made).__mro__}
    assert "botocore.waiter.Waiter" in kinds
    assert ("aiobotocore.waiter.AIOWaiter" in kinds) == hasattr(host.client(), "__aenter__")
    assert made.name == "DBClusterAvailable"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("db_cluster_snapshot_availible", "; did you mean 'db_cluster_snapshot_available'?"),
        ("DBClusterDeleted", "did you mean 'db_cluster_deleted'?"),
        ("x", ""),
        ("", ""),
        (None, ""),
        ([], ""),
        ("y" * 1000, ""),
    ],
    ids=["slip", "camel case", "far", "empty", "none", "list", "long"],
)
def test_an_unknown_name_is_answered_with_all_four(host, name, text):
    with pytest.raises(ConfigurationError) as caught:
        waiter(host.client(), name)
    assert str(caught.value).startswith("there is no waiter ")
    assert str(caught.value).endswith(f"{text}; there are {', '.join(_waiting.names())}")


def test_a_client_of_another_service_is_a_type_error(host):
    with pytest.raises(TypeError, match=r"client has type STS; give a neptune, docdb or rds client"):
        waiter(host.client(service="sts"), "db_cluster_available")


@pytest.mark.parametrize("client", [None, "neptune", boto3.Session(), object, SimpleNamespace(meta=None)])
def test_what_is_no_client_is_a_type_error(client):
    with pytest.raises(
        TypeError, match=f"client has type {type(client).__name__}; give a neptune, docdb or rds client"
    ):
        waiter(client, "db_cluster_available")


# ---------------------------------------------------------------------- client.get_waiter


def core(session):
    return getattr(session, "_session", session)


@pytest.fixture
def own_loader(host):
    """Returns a session with a loader of its own, which nothing has been asked and nothing been added to."""

    def make():
        session = host.session()
        core(session).register_component("data_loader", Loader())
        return session

    return make


def test_without_the_guard_there_are_no_such_waiters(host, own_loader):
    """The other tests of this part could not fail otherwise."""
    client = host.client(own_loader())
    assert set(client.waiter_names) == BOTOCORES_OWN


@pytest.mark.parametrize("service", ["neptune", "docdb"])
@pytest.mark.parametrize("asked_before", [False, True])
def test_clients_of_a_guarded_session_know_the_waiters(host, own_loader, service, asked_before):
    session = own_loader()
    if asked_before:
        assert set(host.client(session, service=service).waiter_names) == BOTOCORES_OWN
    register(session)
    client = host.client(session, service=service)
    assert set(client.waiter_names) == BOTOCORES_OWN | set(NAMES)
    assert {client.get_waiter(name).config.max_attempts for name in NAMES} == {721}


@pytest.mark.parametrize("asked_before", [False, True])
def test_a_guarded_client_knows_the_waiters(host, own_loader, asked_before):
    client = host.client(own_loader())
    if asked_before:
        assert set(client.waiter_names) == BOTOCORES_OWN
    register(client)
    assert set(client.waiter_names) == BOTOCORES_OWN | set(NAMES)
    assert client.get_waiter("db_cluster_deleted").name == "DBClusterDeleted"


def test_a_session_that_a_stub_answers_knows_the_waiters():
    with NeptuneStub() as stub:
        for service in ("neptune", "docdb"):
            assert set(stub.session("us-west-2").client(service).waiter_names) == BOTOCORES_OWN | set(NAMES)


def test_rds_keeps_its_own_waiters(host, own_loader):
    session = own_loader()
    register(session)
    client = host.client(session, service="rds")
    assert client.get_waiter("db_cluster_snapshot_available").config.max_attempts == 60
    assert waiter(client, "db_cluster_snapshot_available").config.max_attempts == 721


def test_an_unknown_name_of_get_waiter_is_botocore_s_own_error(host, guarded):
    with pytest.raises(ValueError, match="Waiter does not exist: db_cluster_gone"):
        guarded(Canned()).get_waiter("db_cluster_gone")


def test_registering_again_adds_nothing_twice(host, own_loader):
    session = own_loader()
    for _ in range(3):
        register(session)
    client = host.client(session)
    register(client)
    register(client)
    kinds = [kind.__name__ for kind in type(client).__mro__]
    assert kinds.count("_WithWaiters") == 1
    assert "get_waiter" not in vars(client)
    paths = client._loader.search_paths
    assert len(paths) == len(set(paths))


def test_a_session_made_of_a_guarded_one_s_core_adds_nothing_twice():
    first = boto3.Session()
    register(first)
    second = boto3.Session(botocore_session=first._session)
    register(second)
    kinds = type(second.client("neptune", region_name=REGION)).__mro__
    assert len({kind.__name__ for kind in kinds}) == len(kinds)


def test_a_client_gets_its_own_get_waiter_back(host, own_loader):
    client = host.client(own_loader())
    _waiting.add_to_client(client)
    _waiting.add_to_client(client)
    assert "get_waiter" in vars(client)
    _waiting.remove_from_client(client)
    _waiting.remove_from_client(client)
    assert "get_waiter" not in vars(client)
    assert client.get_waiter("db_cluster_available").config.max_attempts == 721


def test_a_get_waiter_that_a_user_put_there_stays(host):
    client = host.client()
    client.get_waiter = mine = object()
    _waiting.add_to_client(client)
    _waiting.remove_from_client(client)
    assert client.get_waiter is mine


def test_a_user_s_own_waiters_come_first(tmp_path, own_loader, host):
    folder = tmp_path / "neptune" / "2014-10-31"
    folder.mkdir(parents=True)
    mine = {"operation": "DescribeDBClusters", "delay": 1, "maxAttempts": 2, "acceptors": []}
    extras = {"version": 1.0, "merge": {"waiters": {"Mine": mine}}}
    (folder / "waiters-2.sdk-extras.json").write_text(json.dumps(extras), encoding="utf-8")
    session = host.session()
    core(session).register_component("data_loader", Loader(extra_search_paths=[str(tmp_path)]))
    register(session)
    client = host.client(session)
    assert set(client.waiter_names) == BOTOCORES_OWN | {"mine"}
    assert waiter(client, "db_cluster_deleted").config.max_attempts == 721


def test_only_the_waiters_of_the_three_services_are_forgotten_by_a_loader():
    loader = Loader()
    asked = [("neptune", "waiters-2"), ("neptune", "service-2"), ("sqs", "service-2"), ("ecs", "waiters-2")]
    before = {each: loader.load_service_model(*each) for each in asked}
    _waiting.add_to_loader(loader)
    assert [each for each in asked if ("load_service_model", *each) not in loader._cache] == [("neptune", "waiters-2")]
    assert "DBClusterAvailable" in loader.load_service_model("neptune", "waiters-2")["waiters"]
    assert all(loader.load_service_model(*each) is before[each] for each in asked[1:])


def test_a_loader_of_another_make_is_left_alone():
    _waiting.add_to_loader(SimpleNamespace())


IN_A_ZIP = """
import botocore.session
from botocore.loaders import Loader
from neptune_guard import _waiting, waiter
assert ".zip" in _waiting.__file__, _waiting.__file__
loader = Loader()
before = list(loader.search_paths)
_waiting.add_to_loader(loader)
assert loader.search_paths == before
client = botocore.session.Session().create_client("neptune", region_name="us-west-2")
print(waiter(client, "db_cluster_snapshot_available").config.max_attempts)
"""


def test_imported_from_a_zip_the_waiters_come_from_the_function(tmp_path):
    with zipfile.ZipFile(tmp_path / "package.zip", "w") as archive:
        for path in ROOT.rglob("*"):
            if path.suffix in (".py", ".json"):
                archive.write(path, path.relative_to(ROOT.parent))
    done = subprocess.run(
        [sys.executable, "-c", IN_A_ZIP],
        env={**os.environ, "PYTHONPATH": str(tmp_path / "package.zip"), "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "721\n")


# ---------------------------------------------------------------------- no sleep


@pytest.mark.parametrize("native", [False, True])
@pytest.mark.parametrize("way", ["client", "session"])
def test_a_copy_of_six_hours_takes_six_hours_of_the_stub_and_none_of_ours(host, guarded, slept, way, native):
    with NeptuneStub(copy_duration=timedelta(hours=6), tick=timedelta(0)) as stub:
        start = stub.clock.freeze()
        stub.add_snapshot("nightly", "us-east-1")
        client = guarded(stub, way)
        host.wait(
            client.copy_db_cluster_snapshot(
                SourceDBClusterSnapshotIdentifier=SOURCE, TargetDBClusterSnapshotIdentifier="copy"
            )
        )
        name = "db_cluster_snapshot_available"
        made = client.get_waiter(name) if native else waiter(client, name)
        host.wait_until(made, DBClusterSnapshotIdentifier="copy")
        assert stub.clock.now() - start == timedelta(hours=6)
        assert [call.operation for call in stub.calls].count("DescribeDBClusterSnapshots") == 721
        assert slept == []


def test_a_copy_that_takes_longer_is_given_up(host, guarded, slept):
    with NeptuneStub(copy_duration=timedelta(hours=6, seconds=1), tick=timedelta(0)) as stub:
        stub.clock.freeze()
        stub.add_snapshot("nightly", "us-east-1")
        client = guarded(stub)
        host.wait(
            client.copy_db_cluster_snapshot(
                SourceDBClusterSnapshotIdentifier=SOURCE, TargetDBClusterSnapshotIdentifier="copy"
            )
        )
        with pytest.raises(WaiterError, match="Max attempts exceeded"):
            wait_for(host, client, "db_cluster_snapshot_available", DBClusterSnapshotIdentifier="copy")
        assert slept == []


def test_a_copy_whose_source_is_deleted_meanwhile_fails(host, guarded, slept):
    with NeptuneStub(copy_duration=timedelta(hours=1), tick=timedelta(0)) as stub:
        stub.add_snapshot("nightly", "us-east-1")
        client = guarded(stub)
        host.wait(
            client.copy_db_cluster_snapshot(
                SourceDBClusterSnapshotIdentifier=SOURCE, TargetDBClusterSnapshotIdentifier="copy"
            )
        )
        stub.session("us-east-1").client("neptune").delete_db_cluster_snapshot(DBClusterSnapshotIdentifier="nightly")
        with pytest.raises(WaiterError, match='expected path: "failed"'):
            wait_for(host, client, "db_cluster_snapshot_available", DBClusterSnapshotIdentifier="copy")


def test_a_snapshot_is_awaited_on_the_stub_from_its_making_to_its_end(host, guarded, slept):
    with NeptuneStub(create_duration=timedelta(minutes=10), tick=timedelta(0)) as stub:
        stub.clock.freeze()
        stub.add_cluster("graph", REGION)
        client = guarded(stub, "session")
        host.wait(client.create_db_cluster_snapshot(DBClusterSnapshotIdentifier="nightly", DBClusterIdentifier="graph"))
        host.wait_until(client.get_waiter("db_cluster_snapshot_available"), **SNAPSHOT)
        host.wait(client.delete_db_cluster_snapshot(**SNAPSHOT))
        host.wait_until(client.get_waiter("db_cluster_snapshot_deleted"), **SNAPSHOT)
        host.wait_until(client.get_waiter("db_cluster_available"), DBClusterIdentifier="graph")
        assert slept == []


@pytest.mark.parametrize("way", ["client", "session"])
def test_botocore_s_own_waiters_do_not_sleep_either(host, guarded, slept, way):
    states = ("creating", "creating", "available")
    responder = Patient(*((200, {"DBInstances": [{"DBInstanceStatus": each}]}) for each in states))
    host.wait_until(guarded(responder, way).get_waiter("db_instance_available"), DBInstanceIdentifier="writer")
    assert (responder.waited, slept) == ([30, 30], [])
    assert {each.params["DBInstanceIdentifier"] for each in responder.asked} == {"writer"}


@pytest.mark.parametrize(
    ("config", "waited"),
    [
        ({}, [30] * 3),
        ({"Delay": 60}, [60] * 3),
        ({"Delay": 0}, [0] * 3),
        ({"Delay": 5, "MaxAttempts": 3}, [5] * 2),
        ({"MaxAttempts": 1}, []),
    ],
    ids=str,
)
def test_waiter_config_works_as_usual(host, guarded, slept, config, waited):
    responder = Patient(*[snapshots("copying")] * 3, snapshots("available"))
    made, given = waiter(guarded(responder), "db_cluster_snapshot_available"), dict(config)
    if len(waited) == 3:
        host.wait_until(made, **SNAPSHOT, WaiterConfig=given)
    else:
        with pytest.raises(WaiterError, match="Max attempts exceeded"):
            host.wait_until(made, **SNAPSHOT, WaiterConfig=given)
    assert (responder.waited, slept, given) == (waited, [], config)


def test_a_waiter_may_be_used_again(host, guarded, slept):
    responder = Patient(snapshots("copying"), snapshots("available"), snapshots("available"))
    made = waiter(guarded(responder), "db_cluster_snapshot_available")
    host.wait_until(made, **SNAPSHOT)
    host.wait_until(made, **SNAPSHOT)
    assert (responder.waited, len(responder.asked)) == ([30], 3)


@pytest.mark.parametrize("native", [False, True])
def test_a_responder_that_cannot_wait_is_really_waited_for(host, guarded, slept, native):
    client = guarded(Canned(snapshots("copying"), snapshots("copying"), snapshots("available")))
    made = (client.get_waiter if native else lambda name: waiter(client, name))("db_cluster_snapshot_available")
    host.wait_until(made, **SNAPSHOT)
    assert slept == [30, 30]


@pytest.mark.parametrize("guard_again", [False, True])
def test_it_is_asked_at_each_wait_who_answers(host, recorder, slept, guard_again):
    client = host.client(endpoint_url=recorder.url)
    guard = register(client, stub=Patient(snapshots("copying")))
    made = waiter(client, "db_cluster_snapshot_available")
    guard.unregister()
    if guard_again:
        register(client)  # without a stub
    with pytest.raises(WaiterError, match="Max attempts exceeded"):
        host.wait_until(made, **SNAPSHOT, WaiterConfig={"MaxAttempts": 2})
    assert (slept, len(recorder.received)) == ([30], 2)
    later = Patient(snapshots("copying"), snapshots("available"))
    register(client, stub=later)
    host.wait_until(made, **SNAPSHOT)
    assert (slept, later.waited) == ([30], [30])


def test_a_wait_whose_guard_is_taken_off_meanwhile_goes_on_at_its_pace(host, recorder, slept):
    client = host.client(endpoint_url=recorder.url)

    class Leaving(Patient):
        def respond(self, *args, **kwargs):
            guard.unregister()
            return super().respond(*args, **kwargs)

    responder = Leaving(snapshots("copying"))
    guard = register(client, stub=responder)
    with pytest.raises(WaiterError, match="Max attempts exceeded"):
        host.wait_until(waiter(client, "db_cluster_snapshot_available"), **SNAPSHOT, WaiterConfig={"MaxAttempts": 3})
    assert (len(responder.asked), responder.waited, slept) == (1, [], [30, 30])
    assert len(recorder.received) == 2


def test_a_service_that_the_stub_does_not_answer_is_really_waited_for(host, slept):
    session = host.session()
    register(session, stub=Patient())
    client = host.client(session, service="docdb")
    stubber = Stubber(client)
    for state in ("creating", "available"):
        stubber.add_response("describe_db_clusters", clusters(state)[1])
    with stubber:
        wait_for(host, client, "db_cluster_available", DBClusterIdentifier="graph")
    assert slept == [30]


def test_the_clients_of_httpx_do_not_sleep_either(slept):
    pytest.importorskip("httpx2")
    anyio = pytest.importorskip("anyio")
    httpx_session = pytest.importorskip("aiobotocore.httpxsession", reason="this aiobotocore has no httpx")
    from aiobotocore.config import AioConfig
    from aiobotocore.session import AioSession

    responder = Patient(snapshots("copying"), snapshots("available"))

    async def run():
        session = AioSession()
        register(session, stub=responder)
        config = AioConfig(http_session_cls=httpx_session.HttpxSession)
        async with session.create_client("neptune", region_name=REGION, config=config, **CREDENTIALS) as client:
            await client.get_waiter("db_cluster_snapshot_available").wait(**SNAPSHOT)
            await waiter(client, "db_cluster_snapshot_available").wait(**SNAPSHOT)

    anyio.run(run)
    assert (responder.waited, slept) == ([30], [])


def test_a_session_of_botocore_alone_is_served_too(slept):
    session = botocore.session.Session()
    responder = Patient(snapshots("copying"), snapshots("available"))
    register(session, stub=responder)
    client = session.create_client("neptune", region_name=REGION)
    client.get_waiter("db_cluster_snapshot_available").wait(**SNAPSHOT)
    assert (responder.waited, slept) == ([30], [])
