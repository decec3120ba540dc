"""A piece of the long random run, and the run's own oracles: each must be able to say no."""

from __future__ import annotations

import random
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from neptune_guard._rules import GUARDED, RULES, check, rule
from neptune_guard._violations import Violation
from neptune_guard.exceptions import ConfigurationError, RuleError
from neptune_guard.stub import NeptuneStub
from tests.helpers import SOUND, SOURCE, TARGET, arn
from tests.programs import requests

COPY = SOUND["CopyDBClusterSnapshot"]


@pytest.mark.parametrize("seed", range(4))
def test_a_piece_of_the_long_run(seed, capsys):
    found = requests.run(400, seed)
    assert found == 0, capsys.readouterr().out


def test_the_run_draws_every_operation_and_most_of_their_parameters():
    source, drawn = requests.Source(1), {operation: set() for operation in GUARDED}
    for _ in range(3000):
        operation, params = source.request()
        drawn[operation].update(params)
    for operation, names in drawn.items():
        assert names >= set(SOUND[operation])
        assert len(names) > len(requests._NAMES[operation]) * 0.9


def breaks(params, monkeypatch, target, name, replacement, operation="CopyDBClusterSnapshot", with_stub=False):
    monkeypatch.setattr(target, name, replacement)
    with NeptuneStub(imagine=True) as stub, pytest.raises(AssertionError) as found:
        requests.examine(operation, params, "us-west-2", None, stub if with_stub else None)
    return str(found.value)


class Deaf:
    """Rules that find nothing."""

    def findings(self, request):
        return []


@pytest.mark.parametrize(
    ("params", "accepted", "words"),
    [
        ({**COPY, TARGET: "a--b"}, True, "the fast engine accepts"),
        (COPY, False, "the fast engine rejects"),
    ],
)
def test_oracle_engines(monkeypatch, params, accepted, words):
    # Not in the engines' own module: the rules keep the test that they get there, for the rest of the process.
    engines = SimpleNamespace(acceptor=lambda *_: lambda params: accepted, explain=requests._engines.explain)
    assert breaks(params, monkeypatch, requests, "_engines", engines).startswith(words)


@pytest.mark.parametrize(
    ("operation", "changes"),
    [
        ("CopyDBClusterSnapshot", {"CopyTags": 1}),
        ("DescribeDBClusterSnapshots", {"MaxRecords": 20.0}),
        ("DeleteDBCluster", {"Unknown": "x"}),
    ],
)
def test_oracle_botocore(operation, changes, monkeypatch):
    said = breaks({**SOUND[operation], **changes}, monkeypatch, requests, "_RULESET", Deaf(), operation)
    assert said.startswith("botocore refuses it")


def test_oracle_caller(monkeypatch):
    class Changing:
        def findings(self, request):
            request.params["Tags"].append({})
            return []

    assert "caller's objects" in breaks({**COPY, "Tags": []}, monkeypatch, requests, "_RULESET", Changing())


def test_oracle_filling(monkeypatch):
    said = breaks(COPY, monkeypatch, requests.prefill, "source_region", lambda request: "us-east-1")
    assert "filling twice" in said


def test_oracle_secret(monkeypatch):
    class Loud:
        def findings(self, request):
            return [RULES["tag-count"].found("Tags", "x", f"has {requests.SECRET}; hide it")]

    assert "secret" in breaks(COPY, monkeypatch, requests, "_RULESET", Loud())


def test_oracle_length(monkeypatch):
    class Wordy:
        def findings(self, request):
            return [RULES["tag-count"].found("Tags", "x", "is wrong; mend it" * 200)]

    assert "is long" in breaks(COPY, monkeypatch, requests, "_RULESET", Wordy())


# ---------------------------------------------------------------------- the stub answers what the guard finds


def test_oracle_the_stub_answers_the_code_of_the_rule(monkeypatch):
    class Other:
        def findings(self, request):
            return [RULES["sharing-count"].found("ValuesToAdd", "x", "is wrong; mend it")]

    said = breaks(COPY, monkeypatch, requests, "_RULESET", Other(), with_stub=True)
    assert said.startswith("the stub answers None (), not SharedSnapshotQuotaExceeded of sharing-count")


def test_oracle_the_stub_refuses_nothing_alone(monkeypatch):
    said = breaks(
        {"DBClusterIdentifier": "graph", "SkipFinalSnapshot": False},
        monkeypatch,
        requests,
        "_RULESET",
        Deaf(),
        "DeleteDBCluster",
        with_stub=True,
    )
    assert said.startswith("the stub refuses it alone: InvalidParameterCombination")


# ---------------------------------------------------------------------- what long runs found


@pytest.mark.parametrize(
    ("operation", "changes"),
    [
        ("CopyDBClusterSnapshot", {"Tags": [{"Key": "a", "PreSignedUrl": {}, 1: {}}]}),
        ("CopyDBClusterSnapshot", {"Unknown": "x"}),
        ("DescribeDBClusterSnapshots", {"MaxRecords": 20.0}),
        ("ListTagsForResource", {"ResourceName": arn("us-west-2", "n\ud800")}),
        ("CreateDBInstance", {"PromotionTier": 10**5000, "DBInstanceIdentifier": "bad--name"}),
        ("CreateDBCluster", {"Iops": 10**5000, "DBClusterIdentifier": "bad--name"}),
        ("CreateDBCluster", {"ServerlessV2ScalingConfiguration": {"MinCapacity": 10**400, "MaxCapacity": 1}}),
    ],
)
def test_what_long_runs_found(operation, changes):
    with NeptuneStub(imagine=True) as stub:
        requests.examine(operation, {**SOUND[operation], **changes}, "us-west-2", None, stub)


def test_the_long_run_counts_what_it_finds(monkeypatch, capsys):
    monkeypatch.setattr(requests, "examine", lambda *_: (_ for _ in ()).throw(RuntimeError("a find")))
    assert requests.main(3, random.Random(1).randint(0, 9)) == 1
    assert "3 finds" in capsys.readouterr().out


# ---------------------------------------------------------------------- rules of a user's own


@settings(max_examples=60, deadline=None, database=None)
@given(st.data())
def test_whatever_a_users_rules_yield_and_raise_what_comes_out_is_documented(data):
    def look(request):
        yield from findings
        if crashes:
            raise KeyError("mine")

    finding = st.one_of(
        st.text(max_size=9),
        st.tuples(st.text(max_size=9), st.text(max_size=9)),
        st.tuples(st.sampled_from(["Tags", "PreSignedUrl", ""]), st.binary(), st.text(max_size=9)),
        st.integers(),
    )
    operation = data.draw(st.sampled_from([*GUARDED]))
    findings, crashes = data.draw(st.lists(finding, max_size=3)), data.draw(st.booleans())
    odd = any(isinstance(each, int) for each in findings)
    try:
        mine = rule(id=data.draw(st.text(max_size=9)), severity="warning", summary="mine", operation=operation)(look)
        ignore = data.draw(st.lists(st.sampled_from([*RULES, "tag-*", "nonsense", "*", f"{operation}:*"]), max_size=2))
        violations = check({SOURCE: "nightly"}, operation=operation, rules=[mine], ignore=ignore)
    except ConfigurationError:
        return
    except RuleError as error:
        crashed = error.rule
        assert (crashed, True) == (mine.id, crashes or odd)
        return
    assert not (odd or crashes) or mine.id not in {each.rule for each in violations}
    assert all(isinstance(each, Violation) for each in violations)
