"""Registering, unregistering and leaving a `with` block, interrupted at every instant as by a signal handler."""

import contextlib
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count

import boto3
import botocore.hooks
import pytest

from neptune_guard import register
from neptune_guard._hook import emitters, guard

# Where the exception comes: at each instant in files of ours, at some in botocore's.
PLACES = {"ours": ((emitters.__file__, guard.__file__), 1), "botocore's": ((botocore.hooks.__file__,), 5)}

# An exception that strikes as Python closes a generator goes nowhere.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


class Named:
    def __init__(self, name):
        self.name = name

    def respond(self, operation, params, *, region, account_id):
        return 200, {"Marker": self.name}


class Interrupted(BaseException):
    """What a signal handler may raise."""


def interrupted(files, after, work):
    """Do something, and raise at instant number `after` in `files`; tell whether there were as many instants.

    A signal's exception arrives as a function starts, or when a call has returned.
    """
    left = after

    def strike(frame, event, arg):
        nonlocal left
        if event in ("call", "c_return") and frame.f_code.co_filename in files:
            left -= 1
            if left == 0:
                sys.setprofile(None)
                raise Interrupted

    sys.setprofile(strike)
    try:
        with contextlib.suppress(Interrupted):
            work()
    finally:
        sys.setprofile(None)
    return left <= 0


@pytest.fixture(scope="module")
def session():
    return boto3.Session("fake", "fake", region_name="us-west-2")


def answers(client):
    return client.describe_db_clusters()["Marker"]


@pytest.fixture(params=PLACES.values(), ids=PLACES)
def at_many_lines(request):
    """Tell a story many times, each time with the exception at a later instant, until there is none."""
    files, step = request.param

    def tell(story):
        for after in count(1, step):
            if not story(partial(interrupted, files, after)):
                assert after > 25 * step
                break
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(emitters.lock.acquire, timeout=5).result(), "somebody keeps the lock"
            pool.submit(emitters.lock.release).result()

    return tell


def test_an_interrupted_register_leaves_the_guard_that_was_there(session, no_socket, at_many_lines):
    def story(interrupt):
        client = session.client("neptune")
        first = register(client, stub=Named("first"))
        was = interrupt(lambda: register(client, stub=Named("second")))
        # The second one stays only if the exception came after the last change, or went nowhere.
        assert (answers(client), first.active) in [("first", True), ("second", False)]
        seconds.append(first.active)
        third = register(client, stub=Named("third"))
        assert (answers(client), third.active, first.active) == ("third", True, False)
        third.unregister()
        assert [answer for _, answer in client.meta.events.emit("neptune-guard-who") if answer] == []
        return was

    seconds = []
    at_many_lines(story)
    assert seconds.count(False) < 12


def test_an_interrupted_end_of_a_block_puts_the_outer_guard_back(session, no_socket, at_many_lines):
    def story(interrupt):
        client = session.client("neptune")
        with register(client, stub=Named("outer")) as outer:
            inner = register(client, stub=Named("inner")).__enter__()
            was = interrupt(lambda: inner.__exit__(None, None, None))
            if inner.active:  # the exception came before the first instruction
                inner.__exit__(None, None, None)
            assert (answers(client), outer.active, inner.active) == ("outer", True, False)
        assert not outer.active
        return was

    at_many_lines(story)


def test_an_interrupted_unregister_leaves_nothing_that_stays(session, no_socket, at_many_lines):
    def story(interrupt):
        client = session.client("neptune")
        only = register(client, stub=Named("only"))
        was = interrupt(only.unregister)
        if not only.unregistered:
            only.unregister()
        assert not only.active
        again = register(client, stub=Named("again"))
        assert (answers(client), again.active) == ("again", True)
        return was

    at_many_lines(story)
