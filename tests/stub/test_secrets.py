"""A piece of what `tests/programs/secrets.py` sends."""

from __future__ import annotations

from tests.programs import secrets


def test_a_secret_at_any_place_and_in_any_spelling_is_nowhere_to_be_seen(tmp_path):
    found = []
    assert secrets.run(400, seed=1, directory=tmp_path, tell=found.append) == 0, found


def test_a_secret_would_be_seen(tmp_path, monkeypatch):
    monkeypatch.setattr("neptune_guard.stub._calls.redacted", lambda value: value)
    assert secrets.run(200, seed=1, directory=tmp_path, tell=lambda text: None) > 0
