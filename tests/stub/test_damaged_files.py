"""A piece of what `tests/programs/damaged_files.py` tries."""

from __future__ import annotations

import random

import pytest

from tests.programs import damaged_files


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    return damaged_files.state(tmp_path_factory.mktemp("state"))


@pytest.mark.parametrize("seed", range(100))
def test_a_damaged_state_file_works_or_is_refused_in_the_documented_way(whole, tmp_path, seed):
    path = tmp_path / "state.db"
    path.write_bytes(damaged_files.damaged(whole, random.Random(seed)))
    assert damaged_files.use(path) in ("works", "refused")


def test_a_whole_file_works_and_a_blank_page_is_refused(whole, tmp_path):
    path = tmp_path / "state.db"
    path.write_bytes(whole)
    assert damaged_files.use(path) == "works"
    path.write_bytes(whole[: damaged_files.PAGE] + bytes(len(whole) - damaged_files.PAGE))
    assert damaged_files.use(path) == "refused"
