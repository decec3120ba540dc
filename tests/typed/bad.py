"""What users get wrong: a type checker rejects every line that is marked so, and no other line."""

from __future__ import annotations

from datetime import timedelta

import boto3

import neptune_guard
from neptune_guard.stub import NeptuneStub
from neptune_guard.typing import Mode, Responder

session = boto3.Session()
stub = NeptuneStub()


class Silent:
    pass


def one_argument(violations: object) -> None: ...


neptune_guard.register(session, mode="strct")  # rejected
neptune_guard.register(session, stub=3)  # rejected
neptune_guard.register(session, stub=Silent())  # rejected
neptune_guard.register(session, services="neptune")  # rejected
neptune_guard.register(session, services=["s3"])  # rejected
neptune_guard.register(session, "strict")  # rejected
neptune_guard.register(session, account_id=123456789012)  # rejected
neptune_guard.register(session, on_violation=one_argument)  # rejected
neptune_guard.register(session, rules=["tag-count"])  # rejected
neptune_guard.register(session, ignores=["tag-count"])  # rejected
neptune_guard.register(session).mode = "off"  # rejected
neptune_guard.check("nightly")  # rejected
neptune_guard.check({}, operation=3)  # rejected
neptune_guard.rule(summary="An id must be given")  # rejected
neptune_guard.rule(id="x", summary="A rule must be a function")(3)  # rejected
neptune_guard.waiter(stub.session("us-west-2").client("neptune"))  # rejected
neptune_guard.chekc({})  # rejected
NeptuneStub(copy_duration=45)  # rejected
NeptuneStub(3)  # rejected
stub.session("us-west-2", mode="strct")  # rejected
stub.add_snapshot("nightly")  # rejected
stub.add_snapshot("nightly", "us-east-1", snapshot_type="auto")  # rejected
stub.add_cluster("graph", "us-east-1", storage_type="gp3")  # rejected
stub.fail("CopyDBClusterSnapshot", "Throttling", times="twice")  # rejected
stub.clock.advance(45)  # rejected
stub.clock.move_to(timedelta(hours=1))  # rejected
mode: Mode = "quiet"  # rejected
responder: Responder = Silent()  # rejected
