"""docs/caught.md: measured, up to date, and neptune_guard misses nothing in it."""

import pytest

from neptune_guard._rules import GUARDED, RULES, check
from tests.programs import caught
from tests.programs.faulty import REQUESTS, SOUND_REQUESTS, TELLING
from tests.programs.pages import ANEW
from tests.rules.rows import Row

pytestmark = pytest.mark.skipif(
    not Row({"NetworkType": "IPV4"}, "CreateDBCluster").is_modelled,
    reason="the pages show botocore with a NetworkType, which this one's model has not",
)


@pytest.fixture(scope="module")
def outcomes():
    return caught.outcomes()


@pytest.fixture(scope="module")
def sound():
    return caught.outcomes(SOUND_REQUESTS)


@pytest.mark.parametrize("request_", REQUESTS, ids=lambda each: f"{each.operation}-{each.mistake.replace(' ', '-')}")
def test_neptune_guard_catches(request_):
    found = check(request_.params, operation=request_.operation, region=request_.region, account_id=request_.account_id)
    (severity,) = {each.severity for each in found if each.rule == request_.rule}
    assert caught.by_neptune_guard(request_) == severity


def test_every_rule_and_every_mistake_is_there():
    assert set(RULES) - {each.rule for each in REQUESTS} == set(), "no request breaks these"
    assert set(GUARDED) - {each.operation for each in REQUESTS} == set(), "no request is of these"
    assert {each.rule for each in REQUESTS} == set(RULES)
    assert {each.operation for each in REQUESTS} == set(GUARDED)
    assert len({(each.operation, each.mistake) for each in REQUESTS}) == len(REQUESTS)


def test_every_rule_of_an_operation_is_there():
    shown = {(each.operation, each.rule) for each in REQUESTS}
    missing = {
        (operation, rule.id)
        for rule in RULES.values()
        for operation in rule.operations
        if (operation, rule.id) not in shown
    }
    # The rules about shapes are the same everywhere; a few rows stand for all.
    unexplained = {
        each for each in missing if each[1] not in ("missing-parameter", "parameter-type", "unknown-parameter")
    }
    assert unexplained == set(), "the rule's example does not break it in the operation: see tests/rules/examples.py"


def test_nobody_but_moto_refuses_a_sound_request(sound):
    assert {(each.botocore, each.neptune_guard) for each in sound} == {("accepted", "accepted")}
    assert {each.request.operation for each in sound} == set(GUARDED)


def test_the_page_is_up_to_date(outcomes, sound):
    assert caught.PAGE.read_text(encoding="utf-8") == caught.page(outcomes, sound), ANEW


def test_the_readme_is_up_to_date(outcomes):
    assert caught.README.read_text(encoding="utf-8") == caught.readme(outcomes), ANEW


def test_the_sums_count_what_the_page_shows(outcomes, sound):
    lines = caught.page(outcomes, sound).splitlines()
    rows = [line.split(" | ") for line in lines if line.startswith("| ") and not line.startswith("| mistake")]
    assert len(rows) == len(REQUESTS)
    rejected = sum(row[2] == "rejected" for row in rows)
    answered = sum(row[3].startswith("`") for row in rows)
    errors = sum(row[4] == "error |" for row in rows)
    sums = caught.sums(outcomes)
    assert sums.startswith(f"Of {len(rows)} mistakes in {len(GUARDED)} operations botocore's validation catches ")
    assert f"catches {rejected}, moto {answered} more" in sums
    assert f"neptune_guard {len(rows)}: {errors} as errors, {len(rows) - errors} as warnings." in sums


def test_ten_rows_are_for_the_readme(outcomes):
    lines = caught.telling(outcomes).splitlines()
    assert len(lines) == 2 + len(TELLING) == 12
    assert all(line.endswith("` |") for line in lines[2:])


def test_the_page_is_printed_on_request(monkeypatch, capsys):
    monkeypatch.setattr(caught, "REQUESTS", REQUESTS[:1])
    monkeypatch.setattr(caught, "outcomes", lambda requests=(): [])
    assert caught.main(["--print"]) == 0
    assert capsys.readouterr().out.startswith("# What is caught\n")


def test_the_page_is_written(tmp_path, monkeypatch):
    monkeypatch.setattr(caught, "outcomes", lambda requests=(): [])
    monkeypatch.setattr(caught, "PAGE", tmp_path / "caught.md")
    monkeypatch.setattr(caught, "README", tmp_path / "README.md")
    (tmp_path / "README.md").write_text("a <!-- caught:start -->old<!-- caught:end --> b")
    assert caught.main([]) == 0
    assert (tmp_path / "caught.md").read_text().startswith("# What is caught\n")
    written = (tmp_path / "README.md").read_text()
    assert written.startswith("a <!-- caught:start -->\n| operation |")
    assert written.endswith("\n<!-- caught:end --> b")
