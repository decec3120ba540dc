"""A stub whose copies take an hour, and a dry run through a real client that it answers."""

from datetime import timedelta

import pytest

from neptune_guard import dry_run, register
from neptune_guard.stub import NeptuneStub
from tests.dry_run.builders import AWAY


@pytest.fixture
def stub():
    with NeptuneStub(manual_snapshot_quota=1000, copy_duration=timedelta(hours=1)) as made:
        yield made


@pytest.fixture(scope="module")
def sessions():
    """Sessions by host: they keep what botocore reads from its data files, which takes longer than a dry run."""
    return {}


@pytest.fixture
def look(host, stub, sessions):
    """Make a dry run through a real client that the stub answers."""
    session = sessions.setdefault(type(host), host.session())

    def made(params, region=AWAY, **options):
        client = host.client(session, region)
        register(client, stub=stub, **options)
        return host.wait(dry_run(client, session=session, **params))

    return made
