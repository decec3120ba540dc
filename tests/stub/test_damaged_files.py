"""A state file with flipped bytes works, or is refused in the documented way."""

from __future__ import annotations

import random

import pytest

from neptune_guard.exceptions import ConfigurationError
from neptune_guard.stub import NeptuneStub
from tests.helpers import SOUND

COPY = SOUND["CopyDBClusterSnapshot"]


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    """The bytes of a state file with something of everything in it."""
    path = tmp_path_factory.mktemp("state") / "state.db"
    with NeptuneStub(path) as stub:
        stub.add_cluster("graph", "us-west-2", kms_key_id="alias/graph", tags={"team": "graph"})
        stub.add_snapshot("nightly", "us-west-2", kms_key_id="alias/graph", shared_with=["210987654321"])
        stub.fail("CreateDBClusterSnapshot", "Throttling")
        stub.respond("CopyDBClusterSnapshot", {**COPY}, region="us-west-2")
    return path.read_bytes()


@pytest.mark.parametrize("seed", range(100))
def test_flipped_bytes_of_a_state_file(state, tmp_path, seed):
    """A damaged file works or is refused in the documented way; it never ends in anything else."""
    source, damaged = random.Random(seed), bytearray(state)
    for _ in range(source.choice((1, 3, 30))):
        damaged[source.randrange(len(damaged))] = source.randrange(256)
    path = tmp_path / "state.db"
    path.write_bytes(damaged)
    try:
        with NeptuneStub(path) as stub:
            for operation, params in (
                ("DescribeDBClusterSnapshots", {}),
                ("DescribeDBClusters", {}),
                ("CopyDBClusterSnapshot", {**COPY, "TargetDBClusterSnapshotIdentifier": "other"}),
            ):
                status, answer = stub.respond(operation, params, region="us-west-2")
                assert (status == 200) is ("Error" not in answer)
            assert len(stub.calls) >= 0
    except ConfigurationError as refused:
        assert str(path) in str(refused)  # noqa: PT017 - either is fine
