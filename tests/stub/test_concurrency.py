"""Threads and processes: one winner a target, nothing answered is lost, and the file stays whole."""

import gc
import multiprocessing
import os
import pickle
import signal
import sqlite3
import subprocess
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest

from neptune_guard.exceptions import ConfigurationError
from neptune_guard.stub import NeptuneStub, _database, _lookups

from .conftest import REGION, Asker, copied

THREADS, COPIES, TARGETS = 16, 200, 240
TAKEN = "DBClusterSnapshotAlreadyExistsFault"


def test_of_racing_threads_one_wins_each_target(make):
    stub = make(manual_snapshot_quota=1000)
    stub.add_snapshot("nightly", REGION, snapshot_type="automated")
    start = Barrier(THREADS)

    def race(thread):
        start.wait()
        targets = [f"copy-{(thread * 37 + number) % TARGETS}" for number in range(COPIES)]
        return [(target, copy(stub, target)) for target in targets]

    with ThreadPoolExecutor(THREADS) as pool:
        outcomes = [outcome for made in pool.map(race, range(THREADS)) for outcome in made]
    won = Counter(target for target, code in outcomes if code is None)
    assert Counter(code for _, code in outcomes) == {None: TARGETS, TAKEN: THREADS * COPIES - TARGETS}
    assert set(won.values()) == {1}
    assert len(Asker(stub).listed(SnapshotType="manual")) == TARGETS
    assert len(stub.calls) >= THREADS * COPIES


def copy(stub, target):
    return (
        stub.respond("CopyDBClusterSnapshot", copied("nightly", target), region=REGION)[1].get("Error", {}).get("Code")
    )


def test_racing_threads_never_exceed_the_quota(make):
    stub = make(manual_snapshot_quota=30)
    stub.add_snapshot("nightly", REGION, snapshot_type="automated")
    with ThreadPoolExecutor(8) as pool:
        codes = Counter(pool.map(lambda number: copy(stub, f"copy-{number}"), range(100)))
    assert codes == {None: 30, "SnapshotQuotaExceeded": 70}


# Says each copy that was answered; it may be killed between any two steps.
WORKER = """
import sys
from neptune_guard.stub import NeptuneStub

path, first, many, quota = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
with NeptuneStub(path, manual_snapshot_quota=quota) as stub:
    for number in range(many):
        target = f"copy-{(first + number) % 60}"
        params = {"SourceDBClusterSnapshotIdentifier": "nightly", "TargetDBClusterSnapshotIdentifier": target}
        status, answer = stub.respond("CopyDBClusterSnapshot", params, region="us-east-1")
        print(target, answer.get("Error", {}).get("Code"), flush=True)
"""


@pytest.mark.parametrize("after", [2, 17])
def test_of_racing_processes_one_of_them_killed_nothing_is_lost(make, state, after):
    quota = 50
    with make(state) as seeding:
        seeding.add_snapshot("nightly", REGION, snapshot_type="automated")
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", WORKER, str(state), str(number * 15), "60", str(quota)],
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(4)
    ]
    said = [workers[0].stdout.readline() for _ in range(after)]
    workers[0].kill()
    said += workers[0].stdout.readlines()
    for worker in workers[1:]:
        said += worker.communicate()[0].splitlines(keepends=True)
    workers[0].communicate()
    assert [worker.returncode for worker in workers] == [-signal.SIGKILL, 0, 0, 0]
    outcomes = [line.split() for line in said if line.endswith("\n")]
    won = Counter(target for target, code in outcomes if code == "None")
    assert set(won.values()) == {1}
    assert {code for _, code in outcomes} <= {"None", TAKEN, "SnapshotQuotaExceeded"}
    kept = Asker(make(state)).listed(SnapshotType="manual")
    # The killed one may have made a copy that it did not live to tell of.
    assert set(won) <= set(kept)
    assert len(kept) == quota
    assert len(kept) - len(won) <= 1
    assert whole(state)


def whole(path):
    connection = sqlite3.connect(path)
    try:
        return connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    finally:
        connection.close()


def test_many_processes_may_make_the_same_file(state):
    code = "import sys; from neptune_guard.stub import NeptuneStub; NeptuneStub(sys.argv[1]).close()"
    opening = [
        subprocess.Popen([sys.executable, "-c", code, str(state)], stderr=subprocess.PIPE, text=True) for _ in range(4)
    ]
    assert [(each.communicate()[1], each.returncode) for each in opening] == [("", 0)] * 4
    assert whole(state)


def test_a_second_stub_in_the_process_and_a_process_that_ends_take_nothing_from_the_first(make, state):
    """Closing a file drops the process's locks on it, and SQLite then takes the first stub's users for gone."""
    first = make(state)
    make(state).close()
    state.read_bytes()
    code = "import sys, neptune_guard.stub as n; n.NeptuneStub(sys.argv[1]).add_snapshot('b', 'us-east-1')"
    subprocess.run([sys.executable, "-c", code, str(state)], check=True)
    first.add_snapshot("a", REGION)
    first.close()
    assert Asker(make(state)).listed() == ["a", "b"]


def test_a_file_may_be_opened_while_others_write_to_it(make, state):
    """Seen without a lock, a file that grows looks damaged."""
    stub = make(state, manual_snapshot_quota=10_000)
    stub.add_snapshot("nightly", REGION, snapshot_type="automated")
    with ThreadPoolExecutor(2) as pool:
        writing = pool.submit(lambda: [copy(stub, f"copy-{number}") for number in range(400)])
        opened = 0
        while not writing.done():
            make(state).close()
            opened += 1
    assert writing.result() == [None] * 400
    assert opened
    assert whole(state)


fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")


def forked(work):
    """Run a function in a forked process, and return its exit code."""
    child = multiprocessing.get_context("fork").Process(target=work)
    child.start()
    child.join()
    return child.exitcode


@fork
def test_a_fork_shares_the_state_file(make, state):
    stub = make(state, manual_snapshot_quota=1000)
    stub.add_snapshot("nightly", REGION, snapshot_type="automated")

    def work():
        for number in range(20):
            assert copy(stub, f"child-{number}") is None
        stub.close()

    assert forked(work) == 0
    assert copy(stub, "parent") is None
    assert len(Asker(stub).listed(SnapshotType="manual")) == 21
    assert whole(state)


@fork
@pytest.mark.skipif(not os.path.isdir("/proc/self/fd"), reason="this system does not list a process's files")
def test_an_open_file_does_not_cross_a_fork(make, state):
    stub = make(state)
    stub.add_snapshot("nightly", REGION)

    def work():
        files = {os.path.realpath(each) for each in Path("/proc/self/fd").iterdir()}
        assert str(state.resolve()) not in files

    assert forked(work) == 0


@fork
def test_a_fork_while_other_threads_write_neither_hangs_nor_harms(make, state):
    on_file, in_memory = make(state, manual_snapshot_quota=10_000), make(manual_snapshot_quota=10_000)
    for stub in (on_file, in_memory):
        stub.add_snapshot("nightly", REGION, snapshot_type="automated")
    going = True

    def write(name):
        number = 0
        while going:
            for stub in (on_file, in_memory):
                assert copy(stub, f"{name}-{number}") is None
            number += 1
        return number

    def work():
        assert copy(on_file, f"child-{os.getpid()}") is None
        assert copy(in_memory, "child") is None

    with ThreadPoolExecutor(3) as pool:
        writing = [pool.submit(write, f"thread-{number}") for number in range(2)]
        codes = [forked(work) for _ in range(5)]
        going = False
    made = sum(each.result() for each in writing)
    assert codes == [0] * 5
    assert len(Asker(on_file).listed(SnapshotType="manual")) == made + 5
    assert len(Asker(in_memory).listed(SnapshotType="manual")) == made
    assert whole(state)


PROGRAMS = [("signals", 400), ("kills", 40), ("forks", 30)]


@fork
@pytest.mark.parametrize(("program", "times"), PROGRAMS)
def test_what_interrupts_calls_at_random_instants_leaves_all_usable_and_loses_nothing(program, times):
    # Without a measurement of coverage: a signal in the middle of its own lock hangs it for ever.
    env = {name: each for name, each in os.environ.items() if not name.startswith("COVERAGE_")}
    command = [sys.executable, "-m", f"tests.programs.{program}", str(times)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=env, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr


class Struck(BaseException):
    pass


GENERATOR = 0x20  # inspect.CO_GENERATOR: a profiler's exception skips a generator's cleanup, a signal's does not


def struck_at(number, work):
    """Run a function that meets an exception at the instant of this number at which Python runs signal handlers.

    Those are when a function starts and when one that is built in has returned. Return the exception, None where the
    function ended before.
    """
    left = number

    def strike(frame, event, argument):
        nonlocal left
        if "coverage" in frame.f_code.co_filename:
            return  # its own lock must come free again
        if event == "c_return" or (event == "call" and not frame.f_code.co_flags & GENERATOR):
            left -= 1
            if left < 0:
                sys.setprofile(None)
                raise Struck

    gc.disable()  # what others do at a collection is not the call's
    sys.setprofile(strike)
    try:
        work()
    except Struck as problem:
        return problem
    finally:
        sys.setprofile(None)
        gc.enable()
    return None


@pytest.mark.parametrize("where", [None, "state.db"])
def test_an_exception_at_any_instant_of_a_call_leaves_the_stub_usable(make, tmp_path, where):
    """The exceptions are kept, and so is whatever their tracebacks hold."""
    path = where and tmp_path / where
    stub = make(path, manual_snapshot_quota=100_000)
    stub.add_snapshot("nightly", REGION, snapshot_type="automated")
    kept, going = [], True
    with ThreadPoolExecutor(1) as other:
        while going:
            problem = struck_at(len(kept), lambda: copy(stub, f"copy-{len(kept)}"))
            going = problem is not None
            kept.append(problem)
            assert other.submit(copy, stub, f"other-{len(kept)}").result(30) is None
            assert path is None or free(path)
    assert len(kept) > 50
    listed = Asker(stub).listed(SnapshotType="manual")
    assert {f"other-{number + 1}" for number in range(len(kept))} <= set(listed)
    assert f"copy-{len(kept) - 1}" in listed


def create(stub):
    params = {"DBClusterIdentifier": "new", "Engine": "neptune"}
    assert stub.respond("CreateDBCluster", params, region=REGION)[0] == 200


@pytest.mark.parametrize("work", [NeptuneStub.reset, create], ids=lambda work: work.__name__)
def test_what_an_exception_interrupts_in_memory_is_done_as_a_whole_or_not_at_all(make, monkeypatch, work):
    """State, settings and log end together, also while the transaction is committed."""
    monkeypatch.setattr(_lookups, "resource_id", "{}-1".format)  # which takes another number of instants every time
    before, worked = everything(busy(make)), busy(make)
    work(worked)
    outcomes, problem = [before, everything(worked)], Struck()
    while problem is not None:
        stub = busy(make)
        problem = struck_at(len(outcomes) - 2, lambda stub=stub: work(stub))
        outcomes.append(everything(stub))
    assert before in outcomes[2:]
    assert [each for each in outcomes if each not in outcomes[:2]] == []


def busy(make):
    stub = make(create_duration=timedelta(hours=1))
    stub.add_cluster("graph", REGION)
    stub.respond("DeleteDBCluster", {"DBClusterIdentifier": "graph", "SkipFinalSnapshot": True}, region=REGION)
    stub.fail("DescribeDBClusters", "Throttling")
    return stub


def everything(stub):
    """Return the calls, the plan and whether it is met, and the clusters that are there when all deletions are over."""
    calls, pending = stub.calls, stub.pending
    stub.clock.advance(hours=2)
    answers = [stub.respond("DescribeDBClusters", {}, region=REGION)[1] for _ in range(2)]
    left = [each["DBClusterIdentifier"] for each in answers[1]["DBClusters"]]
    return calls, pending, answers[0].get("Error"), left


def free(path):
    """Tell whether nobody reads or writes the file."""
    other = sqlite3.connect(path, timeout=0, isolation_level=None)
    try:
        other.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError:
        return False
    finally:
        other.close()
    return True


@pytest.mark.parametrize("part", [lambda stub: stub, lambda stub: stub.clock], ids=["stub", "clock"])
def test_a_stub_is_not_sent_to_another_process_and_the_refusal_says_what_is(make, state, part):
    for stub in (make(), make(state)):
        with pytest.raises(TypeError, match=r"^a stub cannot be pickled; pass the path of a state file, "):
            pickle.dumps(part(stub))


def test_threads_behind_a_process_that_stopped_wait_side_by_side(make, state, monkeypatch):
    stub = make(state)
    stopped = sqlite3.connect(state, isolation_level=None)
    stopped.execute("BEGIN IMMEDIATE")
    now, asked, all_wait = 0, set(), threading.Event()

    def monotonic():
        asked.add(threading.get_ident())
        if len(asked) == 5:
            all_wait.set()
        return now

    # Time stands still until all five wait; then a minute has passed, for all of them.
    monkeypatch.setattr(_database.time, "monotonic", monotonic)
    with ThreadPoolExecutor(5) as pool:
        waiting = [pool.submit(stub.add_snapshot, f"snapshot-{number}", REGION) for number in range(5)]
        assert all_wait.wait(30)
        now = 61
        problems = [each.exception(30) for each in waiting]
    stopped.close()
    assert {type(problem) for problem in problems} == {ConfigurationError}
    assert all("is in use by another process or stub, which has kept it for 60 seconds" in str(p) for p in problems)
    stub.add_snapshot("later", REGION)


@fork
def test_a_fork_inside_a_transaction_cannot_use_the_file(make, state):
    stub = make(state)

    def work():
        with pytest.raises(ConfigurationError, match="was forked in the middle of a call"):
            stub.add_snapshot("child", REGION)
        with pytest.raises(ConfigurationError, match="was forked in the middle of a call"):
            make()

    with stub._state.transaction():
        stub.add_snapshot("parent", REGION)
        assert forked(work) == 0
    assert Asker(stub).listed() == ["parent"]
    assert whole(state)
