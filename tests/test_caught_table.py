"""The README's comparison: measured, up to date, and neptune_guard misses nothing in it."""

import pytest

from neptune_guard import RULES, check
from tests import caught_table
from tests.reference_requests import REQUESTS, SOUND, Faulty


@pytest.fixture(scope="module")
def outcomes():
    return list(caught_table.outcomes(REQUESTS))


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda each: each.mistake.replace(" ", "-"))
def test_neptune_guard_catches(request_):
    found = check(request_.params, region=request_.region, account_id=request_.account_id)
    assert request_.rule in [each.rule for each in found]
    assert caught_table.by_neptune_guard(request_) == RULES[request_.rule].severity


def test_every_rule_and_every_mistake_is_there():
    assert {each.rule for each in REQUESTS} == set(RULES)
    assert len({each.mistake for each in REQUESTS}) == len(REQUESTS)


def test_nobody_refuses_a_sound_request():
    sound = [
        Faulty("none", "tag-count", dict(SOUND)),
        Faulty("none", "tag-count", {**SOUND, "KmsKeyId": "alias/graph", "Tags": [{"Key": "team", "Value": "graph"}]}),
    ]
    assert [each[1:] for each in caught_table.outcomes(sound)] == [("accepted", "accepted", "accepted")] * 2
    assert [check(each.params, region=each.region) for each in sound] == [[], []]


def test_the_readme_is_up_to_date(outcomes):
    readme = caught_table.README.read_text(encoding="utf-8")
    if caught_table.START in readme or caught_table.END in readme:
        assert caught_table.written(readme, caught_table.table(outcomes)) == readme


def test_the_table_counts_what_it_shows(outcomes):
    lines = caught_table.table(outcomes).splitlines()
    rows = [line for line in lines if line.startswith("| ")][1:]
    assert len(rows) == len(REQUESTS)
    assert lines[-1].endswith(f"neptune_guard {len(REQUESTS)}.")
    assert f"boto3 alone finds {sum('| refused |' in row for row in rows)}," in lines[-1]


def test_only_the_part_between_the_markers_is_replaced():
    before, after = "# Title\n<!-- caught:start -->", "<!-- caught:end -->\nrest\n"
    assert caught_table.written(f"{before}\nold\n{after}", "new") == f"{before}\nnew\n{after}"


@pytest.mark.parametrize(
    "readme", ["", "<!-- caught:start -->", "<!-- caught:end -->", "<!-- caught:end --><!-- caught:start -->"]
)
def test_a_missing_marker_is_said(readme, tmp_path, monkeypatch, capsys):
    file = tmp_path / "README.md"
    file.write_text(readme)
    monkeypatch.setattr(caught_table, "README", file)
    monkeypatch.setattr(caught_table, "REQUESTS", REQUESTS[:1])
    assert caught_table.main([]) == 1
    assert capsys.readouterr().err == (
        "README.md has no <!-- caught:start --> followed by <!-- caught:end -->; put them where the table belongs\n"
    )
    assert file.read_text() == readme


def test_the_table_is_printed_on_request(monkeypatch, capsys):
    monkeypatch.setattr(caught_table, "REQUESTS", REQUESTS[:1])
    assert caught_table.main(["--print"]) == 0
    assert capsys.readouterr().out.endswith("neptune_guard 1.\n")


def test_the_readme_is_rewritten(tmp_path, monkeypatch):
    file = tmp_path / "README.md"
    file.write_text("<!-- caught:start --><!-- caught:end -->")
    monkeypatch.setattr(caught_table, "README", file)
    monkeypatch.setattr(caught_table, "REQUESTS", REQUESTS[:1])
    assert caught_table.main([]) == 0
    assert "| no source | `missing-parameter` | refused | not reached | error |" in file.read_text()
