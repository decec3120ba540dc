"""The state file: whose it is, who may read it, what it keeps."""

import gc
import os
import sqlite3
import stat
from datetime import timedelta

import pytest

from neptune_guard.exceptions import ConfigurationError
from neptune_guard.stub import NeptuneStub

from .conftest import REGION, Asker, copied


def sqlite_file(path, *statements):
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement)
    connection.commit()
    connection.close()


def somebody_elses_text(path):
    path.write_text("SQLite format is what this is not, " * 20)


def a_few_bytes(path):
    path.write_bytes(b"some bytes")


def another_database(path):
    sqlite_file(path, "CREATE TABLE settings (a)", "INSERT INTO settings VALUES (1)")


def another_database_with_a_log(path):
    sqlite_file(path, "PRAGMA journal_mode = WAL", "CREATE TABLE clusters (a)")


def a_newer_version(path):
    NeptuneStub(path).close()
    sqlite_file(path, "PRAGMA user_version = 99")


def a_mark_that_was_overwritten(path):
    NeptuneStub(path).close()
    damaged = bytearray(path.read_bytes())
    damaged[68:72] = b"\xff\xff\xff\xff"
    path.write_bytes(damaged)


FOREIGN = {
    somebody_elses_text: "is not a state file of neptune_guard, or a damaged one (file is not a database); it was left",
    a_few_bytes: "is not a state file of neptune_guard, or a damaged one (file is not a database); it was left",
    another_database: "is not a state file of neptune_guard; it was left as it is, name another one",
    another_database_with_a_log: "is not a state file of neptune_guard; it was left as it is, name another one",
    a_mark_that_was_overwritten: "is not a state file of neptune_guard; it was left as it is, name another one",
    a_newer_version: "is of version 99, this neptune_guard writes version 1; upgrade neptune_guard",
}


@pytest.mark.parametrize("kind", FOREIGN, ids=lambda kind: kind.__name__)
def test_a_file_that_is_not_a_stubs_is_left_as_it_is(state, kind):
    kind(state)
    before = {path: (path.read_bytes(), path.stat().st_mode) for path in state.parent.iterdir()}
    with pytest.raises(ConfigurationError) as refusal:
        NeptuneStub(state)
    assert str(state) in str(refusal.value)
    assert FOREIGN[kind] in str(refusal.value)
    assert {path: (path.read_bytes(), path.stat().st_mode) for path in state.parent.iterdir()} == before


def test_a_newer_version_that_stands_only_in_a_write_ahead_log_is_refused(state):
    NeptuneStub(state).close()
    newer = sqlite3.connect(state, isolation_level=None)
    newer.execute("PRAGMA journal_mode = WAL")
    newer.execute("PRAGMA user_version = 99")
    with pytest.raises(ConfigurationError, match=f"the state file {state} is of version 99, this neptune_guard writes"):
        NeptuneStub(state)
    newer.close()


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("", "is not a file; name a state file, or a new one"),
        ("no/such/directory/state.db", "cannot be used: "),
    ],
)
def test_a_path_that_cannot_hold_a_file_is_refused(tmp_path, where, words):
    with pytest.raises(ConfigurationError, match=words):
        NeptuneStub(tmp_path / where)


def cut_off(content):
    return content[: len(content) // 2]


def torn_schema(content):
    return content[:100] + bytes(4000) + content[4100:]


def torn_middle(content):
    return content[:4096] + b"\xa5" * (len(content) - 4096)


@pytest.mark.parametrize("damage", [cut_off, torn_schema, torn_middle], ids=lambda damage: damage.__name__)
def test_a_damaged_file_is_one_clear_error(make, state, damage):
    with NeptuneStub(state) as stub:
        stub.add_snapshot("nightly", REGION)
    state.write_bytes(damage(state.read_bytes()))
    with pytest.raises(ConfigurationError, match=f"{state} .*(cannot be used|is damaged or in use|or a damaged one)"):
        Asker(make(state)).listed()


def test_a_file_that_is_damaged_while_in_use_is_one_clear_error(make, state):
    stub = make(state)
    stub.add_snapshot("nightly", REGION)
    with state.open("r+b") as file:
        file.write(b"\x00" * state.stat().st_size)
    with pytest.raises(ConfigurationError, match="is damaged or in use"):
        stub.respond("CopyDBClusterSnapshot", copied("nightly", "copy"), region=REGION)


def test_a_closed_stub_says_so(make, state):
    for stub in (make(), make(state)):
        client = stub.session(REGION).client("neptune")
        stub.close()
        stub.close()
        for use in (stub.reset, stub.clock.now, client.describe_db_clusters, lambda stub=stub: stub.calls):
            with pytest.raises(ConfigurationError, match=r"^the stub is closed; make a new NeptuneStub$"):
                use()


def test_what_failed_to_open_can_be_thrown_away(tmp_path):
    with pytest.raises(ConfigurationError):
        NeptuneStub(tmp_path, tick=timedelta(1))
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_path_leaves_nothing_to_close():
    with pytest.raises(TypeError):
        NeptuneStub(5)
    gc.collect()  # an error in a finalizer would be one of this test


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_nobody_else_can_read_the_file_or_what_lies_beside_it(make, state):
    stub = make(state)
    seen = set()
    with stub._state.transaction():
        stub.add_snapshot("nightly", REGION)
        seen |= {(path.name, stat.S_IMODE(path.stat().st_mode)) for path in state.parent.iterdir()}
    assert {mode for _, mode in seen} == {0o600}
    assert "state.db" in {name for name, _ in seen}


@pytest.mark.parametrize("name", [":memory:", "with space#and?query.db", "file:x.db"])
def test_a_strange_name_is_a_file_all_the_same(make, tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    make(name).add_snapshot("nightly", REGION)
    assert (tmp_path / name).stat().st_size
    assert Asker(make(name)).listed() == ["nightly"]


def test_a_relative_path_is_where_the_stub_was_made(make, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    stub = make("state.db")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    stub._state._database.before_fork()  # lets go of the file
    stub._state._database.after_fork()
    stub.add_snapshot("nightly", REGION)
    assert list((tmp_path / "elsewhere").iterdir()) == []


OPTIONS = {
    "account_id": "111122223333",
    "imagine": True,
    "copy_duration": timedelta(minutes=5),
    "create_duration": timedelta(minutes=6),
    "tick": timedelta(minutes=7),
    "manual_snapshot_quota": 8,
    "cross_region_copy_quota": 9,
}


def test_options_stay_in_the_file_until_others_are_given(state):
    def settings(**options):
        with NeptuneStub(state, **options) as stub, stub._state.transaction():
            return stub._state.settings()._asdict()

    first = settings(**OPTIONS)
    assert settings() == first
    assert settings(imagine=False) == {**first, "imagine": 0}
    assert settings(copy_duration=timedelta(0), manual_snapshot_quota=0) == {
        **first,
        "imagine": 0,
        "copy_duration": 0,
        "manual_snapshot_quota": 0,
    }
    assert {name: first[name] for name in ("account_id", "tick", "cross_region_copy_quota")} == {
        "account_id": "111122223333",
        "tick": 7 * 60 * 10**6,
        "cross_region_copy_quota": 9,
    }


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("account_id", "12345", "account_id is '12345'; give twelve digits as a string"),
        ("account_id", 123456789012, "account_id is 123456789012"),
        ("account_id", "", "account_id is ''"),
        ("account_id", "١٢٣٤٥٦٧٨٩٠١٢", "give twelve digits"),
        ("copy_duration", 5, "copy_duration has type int; give a datetime.timedelta"),
        ("create_duration", timedelta(-1), "create_duration is negative"),
        ("tick", "5", "tick has type str"),
        ("manual_snapshot_quota", -1, "manual_snapshot_quota is -1; give a whole number of at least 0"),
        ("cross_region_copy_quota", 1.5, "cross_region_copy_quota is 1.5"),
        ("cross_region_copy_quota", True, "cross_region_copy_quota is True"),
    ],
)
def test_an_option_that_cannot_be_used_is_refused(state, option, value, words):
    with pytest.raises(ConfigurationError, match=words):
        NeptuneStub(state, **{option: value})
    assert not state.exists()


def test_a_file_keeps_everything(make, state):
    with make(state) as stub:
        stub.add_cluster("graph", REGION, tags={"a": "b"})
        key = stub.add_kms_key(REGION, alias="dr")
        stub.add_snapshot("nightly", REGION, kms_key_id=key, tags={"c": "d"}, shared_with=["111122223333"])
        stub.fail("CopyDBClusterSnapshot", "Throttling")
        Asker(stub).copy_refused("nightly", "copy")
        stub.fail("DescribeDBClusters", "AccessDenied")
        stub.clock.move_to(stub.clock.now() + timedelta(days=400))
        frozen, calls = stub.clock.freeze(), stub.calls
    stub = make(state)
    ask = Asker(stub)
    assert (stub.clock.now(), stub.calls) == (frozen, calls)
    assert ask.refused("DescribeDBClusters") == ("AccessDenied", "AccessDenied, as planned for DescribeDBClusters")
    assert [each["DBClusterIdentifier"] for each in ask("DescribeDBClusters")["DBClusters"]] == ["graph"]
    assert ask.copy("nightly", "copy", KmsKeyId="alias/dr")["KmsKeyId"] == key
    assert ask.tags(f"arn:aws:rds:{REGION}:123456789012:cluster-snapshot:nightly") == {"c": "d"}
    assert len(ask.at(REGION, "111122223333").listed(SnapshotType="shared")) == 1


def test_reset_forgets_all_but_the_options(make, asker):
    stub = make(imagine=True, manual_snapshot_quota=1)
    ask = asker(stub)
    ask.copy("nightly", "copy")
    stub.fail("CopyDBClusterSnapshot", "Throttling")
    stub.add_kms_key(REGION, alias="dr")
    stub.clock.advance(days=3)
    ahead = stub.clock.freeze()
    stub.reset()
    assert stub.clock.now() < ahead - timedelta(days=2)
    assert stub.clock.now() < stub.clock.now() + timedelta(microseconds=1)
    assert (stub.calls, ask.listed()) == ([], [])
    stub.add_kms_key(REGION, alias="dr")
    ask.copy("nightly", "copy")
    assert ask.copy_refused("nightly", "more")[0] == "SnapshotQuotaExceeded"


@pytest.mark.parametrize(
    "name", ["x' OR '1'='1", "x'; DROP TABLE snapshots; --", 'x"', "%", "x\x00y", "\N{SNOWMAN}", "a/b", "_"]
)
def test_a_name_is_data_and_never_sql(stub, ask, name):
    stub.add_snapshot("nightly", REGION)
    assert ask.refused("DescribeDBClusterSnapshots", DBClusterSnapshotIdentifier=name)[0] == (
        "DBClusterSnapshotNotFoundFault"
    )
    assert ask("DescribeDBClusterSnapshots", DBClusterIdentifier=name)["DBClusterSnapshots"] == []
    assert ask.refused("DeleteDBClusterSnapshot", DBClusterSnapshotIdentifier=name)[0] == (
        "DBClusterSnapshotNotFoundFault"
    )
    assert ask.refused("AddTagsToResource", ResourceName=name, Tags=[])[0] == "InvalidParameterValue"
    ask("DescribeDBClusterSnapshots", Marker=name)
    assert ask.copy_refused(name, "copy")[0] == "InvalidParameterValue"
    assert ask.copy_refused("nightly", name)[0] == "InvalidParameterValue"
    assert ask.listed() == ["nightly"]


URL = "https://rds.eu-west-1.amazonaws.com/?Action=CopyDBClusterSnapshot&X-Amz-Signature=sekret"


def test_a_presigned_url_is_neither_in_the_file_nor_in_the_call_log(make, state):
    stub = make(state, imagine=True)
    code, message = Asker(stub).copy_refused("nightly", "copy", PreSignedUrl=URL)
    stub.fail("CopyDBClusterSnapshot", "Throttling")
    client = stub.session(REGION, mode="off").client("neptune")
    source = "arn:aws:rds:eu-west-1:123456789012:cluster-snapshot:nightly"
    client.copy_db_cluster_snapshot(**copied(source, "copy"))
    stub.close()
    assert (code, message) == ("InvalidParameterValue", "PreSignedurl could not be authenticated")
    for path in state.parent.iterdir():
        assert b"sekret" not in path.read_bytes()
        assert b"X-Amz-Sig" not in path.read_bytes()
    calls = make(state).calls
    assert calls[0].params["PreSignedUrl"] == "<redacted>"
    assert "sekret" not in repr(calls)
