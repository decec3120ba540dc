"""A piece of the long random run, and the run's own oracles: each must be able to say no."""

from __future__ import annotations

import io
import json
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import neptune_guard
from neptune_guard.cli import main
from neptune_guard.exceptions import ConfigurationError
from neptune_guard.stub import NeptuneStub
from tests import fuzz


@pytest.mark.parametrize("seed", range(4))
def test_a_piece_of_the_long_run(seed, capsys):
    found = fuzz.run(400, seed)
    assert found == 0, capsys.readouterr().out


SOUND = {"SourceDBClusterSnapshotIdentifier": "nightly", "TargetDBClusterSnapshotIdentifier": "copy"}


def breaks(request, monkeypatch, target, name, replacement):
    monkeypatch.setattr(target, name, replacement)
    with NeptuneStub(imagine=True) as stub, pytest.raises(AssertionError) as found:
        fuzz.examine(request, "us-west-2", None, stub)
    return str(found.value)


def test_oracle_engines(monkeypatch):
    monkeypatch.setattr(fuzz._schema, "accepts", lambda params: True)
    with NeptuneStub() as stub, pytest.raises(AssertionError, match="engines disagree"):
        fuzz.examine({**SOUND, "TargetDBClusterSnapshotIdentifier": "a--b"}, "us-west-2", None, stub)


def test_oracle_botocore(monkeypatch):
    said = breaks({**SOUND, "CopyTags": 1}, monkeypatch, neptune_guard, "check", lambda params, **_: [])
    assert "botocore refuses" in said


def test_oracle_caller(monkeypatch):
    said = breaks(
        {**SOUND, "Tags": []}, monkeypatch, neptune_guard, "check", lambda params, **_: params["Tags"].append({}) or []
    )
    assert "caller's objects" in said


def test_oracle_filling(monkeypatch):
    said = breaks(SOUND, monkeypatch, fuzz._prefill, "additions", lambda request: {"SourceRegion": "us-east-1"})
    assert "filling twice" in said


def test_oracle_secret(monkeypatch):
    class Loud:
        severity = "warning"

        def __str__(self):
            return fuzz.SECRET

        def to_dict(self):
            return {}

    said = breaks(SOUND, monkeypatch, neptune_guard, "check", lambda params, **_: [Loud()])
    assert "secret" in said


# A name that the model lacks: no rule speaks of it, and botocore refuses it at the call.
@pytest.mark.parametrize("found", [{"Tags": [{"Key": "a", "PreSignedUrl": {}, 1: {}}]}, {"Unknown": "x"}])
def test_what_long_runs_found(found):
    with NeptuneStub(imagine=True) as stub:
        fuzz.examine({**SOUND, **found}, "us-west-2", None, stub)
    assert neptune_guard.check({**SOUND, **found}, region="us-west-2") == []


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_rule_sets(data):
    """Whatever a user's rules yield and raise, what comes out is documented."""

    def check(request):
        yield from findings
        if crashes:
            raise KeyError("mine")

    finding = st.one_of(
        st.text(max_size=9),
        st.tuples(st.text(max_size=9), st.text(max_size=9)),
        st.tuples(st.sampled_from(["Tags", "PreSignedUrl", ""]), st.binary(), st.text(max_size=9)),
        st.integers(),
    )
    findings, crashes = data.draw(st.lists(finding, max_size=3)), data.draw(st.booleans())
    odd = any(isinstance(each, int) for each in findings)
    try:
        rule = neptune_guard.rule(id=data.draw(st.text(max_size=9)), severity="warning", summary="mine")(check)
        ignore = data.draw(st.lists(st.sampled_from([*neptune_guard.RULES, "tag-*", "nonsense", "*"]), max_size=2))
        violations = neptune_guard.check({}, rules=[rule], ignore=ignore)
    except ConfigurationError:
        return
    except neptune_guard.exceptions.RuleError as error:
        crashed = error.rule
        assert (crashed, True) == (rule.id, crashes or odd)
        return
    assert not (odd or crashes) or rule.id not in {each.rule for each in violations}
    assert len(violations) == len({id(each) for each in violations})


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([*fuzz._SOUND, "Key"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=80, deadline=None)
@given(st.one_of(JSON.map(lambda value: json.dumps(value).encode()), st.binary(max_size=60)), st.booleans())
def test_command_line_input(given_bytes, as_json):
    """Any bytes are requests or one clear line, never a traceback."""
    stdin, stdout, stderr = io.BytesIO(given_bytes), io.StringIO(), io.StringIO()
    arguments = ["check", "-", "--region", "us-west-2", *(["--format", "json"] if as_json else [])]
    code = main(arguments, stdin=stdin, stdout=stdout, stderr=stderr)
    assert code in (0, 1, 2)
    assert "Traceback" not in stderr.getvalue()
    if code == 2:
        assert stderr.getvalue().strip()


@pytest.fixture(scope="module")
def state(tmp_path_factory):
    """The bytes of a state file with something of everything in it."""
    path = tmp_path_factory.mktemp("state") / "state.db"
    with NeptuneStub(path) as stub:
        stub.add_cluster("graph", "us-west-2", kms_key_id="alias/graph", tags={"team": "graph"})
        stub.add_snapshot("nightly", "us-west-2", kms_key_id="alias/graph", shared_with=["210987654321"])
        stub.fail("CreateDBClusterSnapshot", "Throttling")
        stub.respond("CopyDBClusterSnapshot", {**SOUND}, region="us-west-2")
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
                ("CopyDBClusterSnapshot", {**SOUND, "TargetDBClusterSnapshotIdentifier": "other"}),
            ):
                status, answer = stub.respond(operation, params, region="us-west-2")
                assert (status == 200) is ("Error" not in answer)
            assert len(stub.calls) >= 0
    except ConfigurationError as refused:
        assert str(path) in str(refused)  # noqa: PT017 - either is fine


def test_the_long_run_counts_what_it_finds(monkeypatch, capsys):
    monkeypatch.setattr(fuzz, "examine", lambda *_: (_ for _ in ()).throw(RuntimeError("a find")))
    assert fuzz.main(3, random.Random(1).randint(0, 9)) == 1
    assert "3 finds" in capsys.readouterr().out
