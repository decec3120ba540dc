"""The state file: whose it is, who may read it, what it keeps."""

import gc
import os
import random
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path

import boto3
import pytest

from neptune_guard import register
from neptune_guard.exceptions import ConfigurationError
from neptune_guard.stub import NeptuneStub, _database
from neptune_guard.stub._decoders import number
from neptune_guard.stub._state_file import in_memory

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


def an_older_version(path):
    NeptuneStub(path).close()
    sqlite_file(path, "PRAGMA user_version = 0")


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
    a_newer_version: "is of version 99, this neptune_guard reads and writes version 2; upgrade neptune_guard",
    an_older_version: "is of version 0, this neptune_guard reads and writes version 2; delete it, or name another",
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
    with pytest.raises(ConfigurationError, match=f"the state file {state} is of version 99, this neptune_guard reads"):
        NeptuneStub(state)
    newer.close()


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("", "is not a file; name a state file, or a new one"),
        ("no/such/directory/state.db", "cannot be used: .*No such file or directory"),
        ("x" * 300, "cannot be used: .*File name too long"),
        ("a\0b", r"a\\x00b' cannot be a state file: a path has no NUL character in it"),
        ("pipe", "is not a file; name a state file, or a new one"),
        ("dangling", "is not a file; name a state file, or a new one"),
        ("circle", "is not a file|Too many levels of symbolic links"),
    ],
)
@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes")
def test_a_path_that_cannot_hold_a_file_is_refused(tmp_path, where, words):
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "dangling").symlink_to(tmp_path / "missing" / "state.db")
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
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
    with pytest.raises(ConfigurationError, match=f"{state} .*(is damaged|or a damaged one)"):
        Asker(make(state)).listed()


def test_a_file_that_is_damaged_while_in_use_is_one_clear_error(make, state):
    stub = make(state)
    stub.add_snapshot("nightly", REGION)
    with state.open("r+b") as file:
        file.write(b"\x00" * state.stat().st_size)
    with pytest.raises(ConfigurationError, match=f"the state file {state} is damaged "):
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
    stub._state._database.keep_still()
    _database._held.clear()
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
        ("most_calls", -1, "most_calls is -1; give a whole number of at least 0"),
        ("imagine", "no", "imagine is 'no'; give True or False"),
        ("cross_region_copy_quota", 1.5, "cross_region_copy_quota is 1.5"),
        ("cross_region_copy_quota", True, "cross_region_copy_quota is True"),
    ],
)
def test_an_option_that_cannot_be_used_is_refused(state, option, value, words):
    with pytest.raises(ConfigurationError, match=words):
        NeptuneStub(state, **{option: value})
    assert not state.exists()


@pytest.mark.parametrize("of", ["file", "memory"])
@pytest.mark.parametrize("most", [0, 1, 3])
def test_a_log_may_be_bounded_to_the_newest_calls(make, state, of, most):
    stub = make(state if of == "file" else None, most_calls=most)
    made = []
    for records in range(20, 26):
        made.append({"MaxRecords": records})
        stub.respond("DescribeDBClusters", made[-1], region=REGION)
        assert [call.params for call in stub.calls] == made[max(0, len(made) - most) :]
    stub.reset()
    assert stub.calls == []


def test_a_call_that_is_undone_is_not_in_a_bounded_log(make):
    stub = make(most_calls=2)
    for records in (20, 21, 22):
        stub.respond("DescribeDBClusters", {"MaxRecords": records}, region=REGION)

    def interrupted():
        with stub._state.transaction():
            for _ in range(3):
                stub.respond("DescribeDBClusters", {}, region=REGION)
            raise KeyboardInterrupt  # as from a signal handler

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    stub.respond("DescribeDBClusters", {"MaxRecords": 23}, region=REGION)
    assert [call.params for call in stub.calls][-1] == {"MaxRecords": 23}
    assert {} not in [call.params for call in stub.calls]


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
    assert ask.refused("DescribeDBClusterSnapshots", DBClusterSnapshotIdentifier=name)[0] == "InvalidParameterValue"
    assert ask.refused("DescribeDBClusters", DBClusterIdentifier=name)[0] == "DBClusterNotFoundFault"
    assert ask.refused("DescribeDBInstances", DBInstanceIdentifier=name)[0] == "DBInstanceNotFound"
    assert ask.listed(Filters=[{"Name": "db-cluster-id", "Values": [name]}]) == []
    assert ask.listed(Marker=name) in ([], ["nightly"])
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


DAMAGED_ROWS = [
    "UPDATE settings SET account_id = x'00'",
    "UPDATE settings SET tick = 'soon'",
    "UPDATE settings SET tick = 9223372036854775807",
    "UPDATE settings SET copy_duration = 9223372036854775807",
    "UPDATE settings SET create_duration = -1",
    "UPDATE settings SET frozen_at = 9000000000000000000",
    "DELETE FROM settings",
    "UPDATE settings SET account_id = '1'",
    "UPDATE settings SET clock_offset = 9223372036854775807",
    "UPDATE settings SET clock_offset = -9223372036854775807",
    "UPDATE settings SET clock_offset = 9223372036854775807, deletions = 1",
    "UPDATE clusters SET details = '[]'",
    'UPDATE clusters SET details = \'{"VpcSecurityGroups": "abc"}\'',
    'UPDATE clusters SET details = \'{"VpcSecurityGroups": [{"VpcSecurityGroupId": 1, "Status": "active"}]}\'',
    'UPDATE clusters SET details = \'{"VpcSecurityGroups": [{"VpcSecurityGroupId": "a"}]}\'',
    'UPDATE clusters SET details = \'{"VpcSecurityGroups": ["a"]}\'',
    'UPDATE clusters SET details = \'{"AvailabilityZones": "abc"}\'',
    "UPDATE clusters SET details = '{\"AvailabilityZones\": [1]}'",
    "UPDATE clusters SET details = '{\"DatabaseName\": 1}'",
    'UPDATE clusters SET details = \'{"ServerlessV2ScalingConfiguration": {"MaxCapacity": "x"}}\'',
    "UPDATE clusters SET details = '{\"ServerlessV2ScalingConfiguration\": 5}'",
    "UPDATE clusters SET details = '{\"Port\": true}'",
    "UPDATE clusters SET details = '{\"Port\": 99999999999999999999}'",
    'UPDATE clusters SET details = \'{"Status": "available"}\'',
    "UPDATE clusters SET details = '{\"DeletionProtection\": 1}'",
    'UPDATE instances SET details = \'{"PromotionTier": "x"}\'',
    "UPDATE instances SET details = '{\"Port\": 8182}'",
    "UPDATE instances SET cluster = 'nowhere'",
    "UPDATE snapshots SET port = 99999999999",
    "UPDATE faults SET code = 'x'",
    "UPDATE faults SET after = -1",
    "UPDATE faults SET times = -1",
    "UPDATE calls SET params = '[]'",
    'UPDATE clusters SET details = \'{"BackupRetentionPeriod": "x"}\'',
    "UPDATE clusters SET resource_id = x'35'",
    "UPDATE instances SET details = '{\"DBParameterGroupName\": 1}'",
    "UPDATE instances SET created = 9000000000000000000",
    "UPDATE clusters SET tags = 'none'",
    "UPDATE clusters SET created = 9000000000000000000",
    "UPDATE clusters SET kms_key = 'arn'",
    "UPDATE snapshots SET tags = '[1]'",
    "UPDATE snapshots SET tags = '{\"a\": 1}'",
    "UPDATE snapshots SET ready = 'never'",
    "UPDATE snapshots SET cluster = x'ff'",
    "UPDATE snapshots SET cluster = CAST(x'ff' AS TEXT)",
    "UPDATE calls SET params = '{'",
    "UPDATE calls SET operation = x'35'",
    "UPDATE kms_keys SET created = 1.5",
    "UPDATE shares SET grantee = x'31'",
    "UPDATE faults SET message = x'31'",
    "DROP TABLE snapshots",
    "ALTER TABLE clusters DROP COLUMN tags",
    "ALTER TABLE snapshots ADD COLUMN more",
]


def seeded(path):
    with NeptuneStub(path) as stub:
        stub.add_cluster("graph", REGION, tags={"a": "b"})
        stub.add_instance("writer", REGION, cluster="graph")
        stub.add_kms_key(REGION, alias="dr")
        stub.add_snapshot("nightly", REGION, tags={"c": "d"}, shared_with=["111122223333"])
        stub.fail("DescribeDBClusters", "Throttling")
        Asker(stub).listed()


def look_at_everything(path):
    """Ask for each thing that is stored, and hold each answer against the model."""
    with NeptuneStub(path) as stub:
        ask = Asker(stub)
        ask.answer("DescribeDBClusters")
        ask.answer("DescribeDBClusters")
        ask.answer("DescribeDBInstances")
        ask.answer("DescribeDBClusterSnapshots")
        ask.answer("DescribeDBClusterSnapshotAttributes", DBClusterSnapshotIdentifier="nightly")
        ask.answer("CopyDBClusterSnapshot", **copied("nightly", "copy"), KmsKeyId="alias/dr")
        ask.answer("CreateDBClusterSnapshot", DBClusterIdentifier="graph", DBClusterSnapshotIdentifier="made")
        stub.describe_key("alias/dr", region=REGION)
        return stub.calls


@pytest.mark.parametrize("damage", DAMAGED_ROWS)
def test_a_row_that_makes_no_sense_is_damage_of_the_file(state, damage):
    seeded(state)
    look_at_everything(shutil.copy(state, state.with_name("whole.db")))
    sqlite_file(state, damage)
    with pytest.raises(ConfigurationError, match=f"the state file {state} is damaged "):
        look_at_everything(state)


def test_any_bytes_that_were_overwritten_give_an_answer_or_one_clear_error(state):
    seeded(state)
    whole, chance, refused = state.read_bytes(), random.Random(1), 0
    for _ in range(150):
        content = bytearray(whole)
        place, length = chance.randrange(len(whole)), chance.choice((1, 8, 300))
        content[place : place + length] = chance.randbytes(length)
        for path in state.parent.iterdir():
            path.unlink()
        state.write_bytes(content)
        problem = outcome_of(look_at_everything, state)
        refused += isinstance(problem, ConfigurationError)
        # Some values are answered as they are, and the model of the answer then objects.
        assert problem is None or isinstance(problem, AssertionError) or str(state) in str(problem)
    assert refused


def outcome_of(function, *args):
    try:
        function(*args)
    except (AssertionError, ConfigurationError) as problem:
        return problem
    return None


@pytest.mark.parametrize("problem", [KeyError("x"), sqlite3.DatabaseError("mine"), KeyboardInterrupt(), ValueError()])
def test_an_exception_of_the_code_inside_a_transaction_is_not_damage(make, state, problem):
    stub = make(state)

    def work():
        with stub._state.transaction():
            stub.add_snapshot("nightly", REGION)
            raise problem

    with pytest.raises(type(problem)) as raised:
        work()
    assert raised.value is problem
    assert Asker(stub).listed() == []


@pytest.mark.parametrize("where", [None, "state.db"])
@pytest.mark.parametrize("option", ["copy_duration", "create_duration", "tick"])
def test_a_duration_beyond_all_calendars_is_named_for_what_it_is(tmp_path, where, option):
    with pytest.raises(ConfigurationError, match=f"^{option} is 999999999 days, .*; give at most 3652058 days$"):
        NeptuneStub(where and tmp_path / where, **{option: timedelta.max})


@pytest.mark.parametrize("where", [None, "state.db"])
def test_a_tick_that_leaves_the_calendar_is_named_for_what_it_is(make, tmp_path, where):
    stub = make(where and tmp_path / where, tick=timedelta(days=3_000_000))
    for _ in range(2):
        with pytest.raises(ConfigurationError, match=r"^the clock cannot be moved out of the years 1 to 9999$"):
            Asker(stub).listed()
    assert stub.clock.now() < datetime.now(timezone.utc)


def test_a_mistake_in_memory_keeps_its_own_name(stub):
    with stub._state.transaction(), pytest.raises(KeyError):
        stub._state._database.rows(lambda row: {}["x"], "SELECT 1")
    with stub._state.transaction(), pytest.raises(sqlite3.OperationalError, match="no such table"):
        stub._state._database.rows(tuple, "SELECT * FROM nowhere")


@pytest.mark.parametrize("kind", [MemoryError, sqlite3.ProgrammingError])
def test_a_mistake_that_says_nothing_of_the_file_keeps_its_own_name(make, state, kind):
    def decode(row):
        raise MemoryError

    statement = "SELECT ?" if kind is sqlite3.ProgrammingError else "SELECT 1"
    database = make(state)._state._database
    with database.transaction(), pytest.raises(kind):
        database.rows(decode, statement)


def imagines(path):
    """Register with a state file as a program does, and tell whether what was not added is made up."""
    session = boto3.Session(region_name=REGION)
    with register(session, stub=path) as guard:
        status, _ = guard.responder.respond("CopyDBClusterSnapshot", copied("nightly", "copy"), region=REGION)
        guard.responder.close()
    return status == 200


@pytest.mark.parametrize(("content", "expected"), [(None, True), (b"", True), ("made", False)])
def test_an_empty_file_counts_as_none(state, content, expected):
    if content == "made":
        NeptuneStub(state).close()
    elif content is not None:
        state.write_bytes(content)
    assert imagines(state) is expected


def test_the_first_user_of_a_file_is_told(make, state):
    state.touch()
    assert [make(state)._state._database.new, make(state)._state._database.new, make()._state._database.new] == [
        True,
        False,
        True,
    ]


def deleted(path):
    path.unlink()


def replaced(path):
    other = path.with_name("other.db")
    NeptuneStub(other).close()
    other.replace(path)


def emptied(path):
    os.truncate(path, 0)


CHANGES = {deleted: "was deleted or replaced while", replaced: "was deleted or replaced while", emptied: "is damaged "}


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_a_file_that_goes_while_it_is_used_is_one_clear_error(make, state, change):
    stub = make(state)
    stub.add_snapshot("nightly", REGION)
    change(state)
    left = state.read_bytes() if state.exists() else None
    with pytest.raises(ConfigurationError, match=f"the state file {state} {CHANGES[change]}"):
        stub.add_snapshot("weekly", REGION)
    assert (state.read_bytes() if state.exists() else None) == left


def test_a_file_that_was_emptied_before_a_stub_comes_back_to_it_is_not_begun_anew(make, state):
    stub = make(state)
    stub._state._database.keep_still()
    emptied(state)
    _database._held.clear()
    with pytest.raises(ConfigurationError, match="was emptied while this stub used it"):
        stub.add_snapshot("nightly", REGION)


def test_a_stub_that_is_closed_inside_a_transaction_says_so(make, state):
    for stub in (make(), make(state)):
        with pytest.raises(ConfigurationError, match="the stub is closed"), stub._state.transaction():
            stub.close()


DISK_FULL = """
import resource, sys
from neptune_guard.exceptions import ConfigurationError
from neptune_guard.stub import NeptuneStub

stub = NeptuneStub(sys.argv[1], manual_snapshot_quota=10**6)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), -1))
try:
    for number in range(10_000):
        stub.add_snapshot(f"snapshot-{number}", "us-east-1")
except ConfigurationError as problem:
    print(number, problem)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such limits")
def test_a_full_disk_is_named_and_what_was_answered_is_kept(make, state):
    said = subprocess.run(
        [sys.executable, "-c", DISK_FULL, str(state), "200000"], capture_output=True, text=True, check=True
    ).stdout
    number, _, words = said.partition(" ")
    assert f"the state file {state} cannot be used: " in words
    assert len(Asker(make(state)).listed()) == int(number)


@contextmanager
def unprivileged():
    """Do without the rights of root, which no mode of a file holds off."""
    if os.geteuid():
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def folder():
    """A folder that any user may write to."""
    with tempfile.TemporaryDirectory() as made:
        os.chmod(made, 0o777)
        yield Path(made)


def a_read_only_file(path):
    path.chmod(0o444)


def a_read_only_folder(path):
    path.parent.chmod(0o555)


def an_unreadable_file(path):
    path.chmod(0)


def an_unreadable_folder(path):
    path.parent.chmod(0)


@pytest.mark.skipif(not hasattr(os, "seteuid"), reason="this system has no such modes")
@pytest.mark.parametrize(
    "forbid", [a_read_only_file, a_read_only_folder, an_unreadable_file, an_unreadable_folder], ids=lambda f: f.__name__
)
def test_a_file_that_may_not_be_used_is_named(folder, forbid):
    path = folder / "state.db"
    with unprivileged():
        NeptuneStub(path).close()
    forbid(path)
    try:
        with (
            unprivileged(),
            pytest.raises(ConfigurationError, match=f"the state file {path} cannot be used: "),
            NeptuneStub(path) as stub,
        ):
            stub.add_snapshot("nightly", REGION)
    finally:
        folder.chmod(0o777)
        with suppress(FileNotFoundError):
            path.chmod(0o600)


def test_a_state_in_memory_with_an_option_that_does_not_exist_is_refused():
    with pytest.raises(TypeError, match="no_such_option"):
        in_memory({"no_such_option": 1})


def test_a_number_that_is_none_is_damage():
    assert number((7,)) == 7
    assert number((None,)) == 0
    with pytest.raises(TypeError, match="a number has type str"):
        number(("7",))
