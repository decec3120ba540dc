"""The AWS CLI plugin: in the real `aws` program, and on a session of this process that plays the CLI's part."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import botocore.session
import pytest
from botocore.loaders import Loader

from neptune_guard.awscli import awscli_initialize
from neptune_guard.exceptions import ConfigurationError, ConstraintViolationError
from neptune_guard.stub import NeptuneStub

AWS = os.environ.get("NEPTUNE_GUARD_TEST_AWS", "")
in_aws = pytest.mark.skipif(not AWS, reason="NEPTUNE_GUARD_TEST_AWS names no aws program; it needs its own virtualenv")
ROOT = Path(__file__).parent.parent

CONFIG = """\
[plugins]
neptune_guard = neptune_guard.awscli
[default]
region = us-east-1
[profile staging]
region = us-east-1
neptune_guard_mode = strict
[profile broken]
region = us-east-1
neptune_guard_mode = loud
"""
SOURCE = "arn:aws:rds:us-east-1:123456789012:cluster-snapshot:nightly"
LINE = (
    "error: TargetDBClusterSnapshotIdentifier: 'my--copy' has two consecutive hyphens; use single ones "
    "[identifier-hyphens]"
)
MODE_TEXT = "is not a mode; use 'strict', 'warn' or 'off'"


def copy_to(target, source="nightly"):
    return (
        *("neptune", "copy-db-cluster-snapshot", "--source-db-cluster-snapshot-identifier", source),
        *("--target-db-cluster-snapshot-identifier", target),
    )


@pytest.fixture
def config(tmp_path, monkeypatch):
    path = tmp_path / "config"
    path.write_text(CONFIG)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(path))
    return path


@pytest.fixture
def aws(tmp_path, config):
    """Runs the program without anybody's settings; nothing can be reached but what the arguments name."""

    def run(*argv, **environment):
        clean = {
            "HOME": str(tmp_path),
            "PATH": os.environ["PATH"],
            "AWS_CONFIG_FILE": str(config),
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": "*",
        }
        return subprocess.run(
            [AWS, *argv], env={**clean, **environment}, capture_output=True, text=True, timeout=120, check=False
        )

    return run


@pytest.fixture
def aws_to(aws, recorder):
    """Runs the program against a server on this machine that answers everything."""
    keys = {"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "made-up"}

    def run(*argv, **environment):
        return aws(*argv, "--endpoint-url", recorder.url, **keys, **environment)

    return run


@in_aws
def test_warn_mode_prints_the_finding_and_lets_the_request_go(aws_to, recorder):
    done = aws_to(*copy_to("my--copy"))
    assert (done.returncode, done.stderr) == (0, f"neptune_guard: {LINE}\n")
    assert json.loads(done.stdout)["DBClusterSnapshot"]["Status"] == "copying"
    assert [each.body["TargetDBClusterSnapshotIdentifier"] for each in recorder.received] == ["my--copy"]


@in_aws
@pytest.mark.parametrize(
    ("argv", "environment"),
    [((), {"NEPTUNE_GUARD_MODE": "strict"}), (("--profile", "staging"), {}), ((), {"AWS_PROFILE": "staging"})],
    ids=["environment", "argument", "profile"],
)
def test_strict_mode_refuses_before_anything_is_sent(aws_to, recorder, argv, environment):
    done = aws_to(*copy_to("my--copy"), *argv, **environment)
    assert (done.returncode, done.stdout) == (255, "")
    assert done.stderr.strip() == f"Parameter validation failed:\n{LINE}"
    assert recorder.received == []


@in_aws
def test_a_sound_request_passes_in_silence_also_under_debug(aws_to, recorder):
    done = aws_to(*copy_to("my-copy"), NEPTUNE_GUARD_MODE="strict")
    assert (done.returncode, done.stderr) == (0, "")
    assert aws_to(*copy_to("my-copy"), "--debug", NEPTUNE_GUARD_MODE="strict").returncode == 0
    assert len(recorder.received) == 2


@in_aws
def test_a_copy_from_another_region_is_completed(aws_to, recorder):
    done = aws_to(*copy_to("my-copy", SOURCE), "--region", "us-west-2")
    assert (done.returncode, done.stderr) == (0, "")
    [received] = recorder.received
    assert "DestinationRegion=us-west-2" in received.body["PreSignedUrl"]


@in_aws
@pytest.mark.parametrize(
    ("argv", "environment", "text"),
    [
        (("--profile", "broken"), {}, f"'loud', read from the key neptune_guard_mode of the AWS profile, {MODE_TEXT}"),
        (
            (),
            {"NEPTUNE_GUARD_MODE": "loud"},
            f"'loud', read from the environment variable NEPTUNE_GUARD_MODE, {MODE_TEXT}",
        ),
        (
            (),
            {"NEPTUNE_GUARD_IGNORE": "tga-count"},
            "the environment variable NEPTUNE_GUARD_IGNORE names 'tga-count', which is not a rule",
        ),
    ],
    ids=["profile", "environment", "ignore"],
)
def test_a_setting_that_cannot_be_used_is_one_line(aws_to, recorder, argv, environment, text):
    done = aws_to(*copy_to("my-copy"), *argv, **environment)
    assert (done.returncode, done.stdout, recorder.received) == (255, "", [])
    assert done.stderr.strip().startswith(f"neptune_guard: {text}")
    assert len(done.stderr.split("\n")) == 3  # the CLI puts an empty line before what it says


@in_aws
def test_commands_about_other_services_do_not_meet_the_guard(aws):
    done = aws("configure", "set", "region", "eu-west-1", "--profile", "new", NEPTUNE_GUARD_MODE="loud")
    assert (done.returncode, done.stderr) == (0, "")
    assert aws("configure", "get", "region", "--profile", "new", NEPTUNE_GUARD_MODE="loud").stdout == "eu-west-1\n"


@in_aws
def test_an_alias_of_the_command_is_guarded_too(aws_to, tmp_path):
    (tmp_path / ".aws" / "cli").mkdir(parents=True)
    (tmp_path / ".aws" / "cli" / "alias").write_text("[toplevel]\ngraph = neptune\n")
    done = aws_to("graph", *copy_to("my--copy")[1:], NEPTUNE_GUARD_MODE="strict")
    assert (done.returncode, done.stderr.strip()) == (255, f"Parameter validation failed:\n{LINE}")


@in_aws
def test_the_input_skeleton_is_input_of_check(aws):
    skeleton = aws("neptune", "copy-db-cluster-snapshot", "--generate-cli-skeleton", "input").stdout
    done = subprocess.run(
        [sys.executable, "-m", "neptune_guard", "check"], input=skeleton, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert "error: TargetDBClusterSnapshotIdentifier: '' is empty; choose a name" in done.stdout
    assert done.stderr.startswith("1 request checked: ")


def announced(path):
    """Return the line that says who answers, which every process prints."""
    return (
        f"neptune_guard: a stub answers instead of AWS: the state file {path}, read from the environment variable "
        "NEPTUNE_GUARD_STUB\n"
    )


@in_aws
def test_a_stub_is_shared_by_processes_and_needs_no_credentials(aws, tmp_path):
    stub = {"NEPTUNE_GUARD_STUB": str(tmp_path / "neptune.db")}
    copied = aws(*copy_to("my-copy", SOURCE), "--region", "us-west-2", **stub)
    assert (copied.returncode, copied.stderr) == (0, announced(tmp_path / "neptune.db"))
    assert json.loads(copied.stdout)["DBClusterSnapshot"]["SourceDBClusterSnapshotArn"] == SOURCE
    listed = aws("neptune", "describe-db-cluster-snapshots", "--region", "us-west-2", **stub)
    assert [each["DBClusterSnapshotIdentifier"] for each in json.loads(listed.stdout)["DBClusterSnapshots"]] == [
        "my-copy"
    ]
    again = aws(*copy_to("my-copy", SOURCE), "--region", "us-west-2", **stub)
    assert again.returncode == 255
    assert "(DBClusterSnapshotAlreadyExistsFault)" in again.stderr


WAITERS = ("db-cluster-available", "db-cluster-deleted", "db-cluster-snapshot-available", "db-cluster-snapshot-deleted")


@in_aws
@pytest.mark.parametrize("service", ["neptune", "docdb"])
def test_wait_lists_the_waiters(aws, service):
    done = aws(service, "wait", "for-something-else")
    assert done.returncode != 0
    assert {*WAITERS, "db-instance-available", "db-instance-deleted"} <= set(done.stderr.replace("|", " ").split())


@in_aws
def test_wait_ends_when_the_stub_s_copy_is_there_and_does_not_sleep(aws, tmp_path):
    path = tmp_path / "neptune.db"
    with NeptuneStub(path, copy_duration=timedelta(hours=5)) as stub:
        stub.add_snapshot("nightly", "us-east-1")
        aws(*copy_to("my-copy", SOURCE), "--region", "us-west-2", NEPTUNE_GUARD_STUB=str(path))
        before = stub.clock.freeze()
        wait = ("neptune", "wait", "db-cluster-snapshot-available", "--region", "us-west-2")
        done = aws(*wait, "--db-cluster-snapshot-identifier", "my-copy", NEPTUNE_GUARD_STUB=str(path))
        assert (done.returncode, done.stdout, done.stderr) == (0, "", announced(path))
        assert timedelta(hours=4.9) < stub.clock.now() - before <= timedelta(hours=5, seconds=30)


@in_aws
@pytest.mark.parametrize(("name", "code"), [("db-cluster-snapshot-available", 255), ("db-cluster-snapshot-deleted", 0)])
def test_wait_on_an_unknown_snapshot_ends_at_once(aws, tmp_path, name, code):
    done = aws(
        *("neptune", "wait", name, "--region", "us-west-2", "--db-cluster-snapshot-identifier", "my-cpoy"),
        NEPTUNE_GUARD_STUB=str(tmp_path / "neptune.db"),
    )
    assert done.returncode == code
    assert ("DBClusterSnapshotNotFoundFault" in done.stderr) is (code != 0)


@in_aws
def test_the_example_runs(tmp_path):
    environment = {"PATH": f"{Path(AWS).parent}{os.pathsep}{os.environ['PATH']}", "HOME": str(tmp_path)}
    done = subprocess.run(
        [ROOT / "examples" / "aws_cli" / "demo.sh"],
        env={**environment, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert LINE in done.stdout
    assert '"Status": "available"' in done.stdout
    assert list(tmp_path.glob("*")) == []


# The CLI's part, played in this process: it makes a session, names it to the plugin, and later makes a client.


@pytest.fixture
def started(config, monkeypatch):
    """Starts a session as `aws --profile` does."""
    logger = logging.getLogger("neptune_guard")
    monkeypatch.setattr(logger, "handlers", [])

    def start(profile=None):
        session = botocore.session.Session(profile=profile)
        awscli_initialize(session.get_component("event_emitter"))
        session.emit("session-initialized", session=session, parsed_args=None)
        return session

    return start


def client_of(session, service="neptune", **options):
    keys = {"aws_access_key_id": "AKIDEXAMPLE", "aws_secret_access_key": "made-up"}
    return session.create_client(service, region_name="us-east-1", **keys, **options)


def test_the_settings_of_the_profile_apply(started):
    request = {"SourceDBClusterSnapshotIdentifier": "nightly", "TargetDBClusterSnapshotIdentifier": "my--copy"}
    with pytest.raises(ConstraintViolationError, match="identifier-hyphens"):
        client_of(started("staging")).copy_db_cluster_snapshot(**request)


def test_a_broken_setting_names_its_owner_and_concerns_only_neptune(started):
    session = started("broken")
    assert client_of(session, "sts").meta.service_model.service_name == "sts"
    with pytest.raises(ConfigurationError, match=r"^neptune_guard: 'loud', read from the key neptune_guard_mode"):
        client_of(session)


@pytest.mark.parametrize("service", ["neptune", "docdb"])
@pytest.mark.parametrize("asked_before", [False, True])
def test_the_command_table_of_a_service_brings_its_waiters(started, service, asked_before):
    session = started("broken")  # settings are of no interest here
    session.register_component("data_loader", Loader())
    if asked_before:
        assert len(session.get_waiter_model(service).waiter_names) == 2
    session.emit("building-command-table.sqs", session=session, command_table={}, command_object=None)
    assert len(session.get_waiter_model(service).waiter_names) == 2
    session.emit(f"building-command-table.{service}", session=session, command_table={}, command_object=None)
    assert "DBClusterSnapshotAvailable" in session.get_waiter_model(service).waiter_names


def test_a_client_of_the_cli_waits_without_sleeping(started, tmp_path, monkeypatch):
    monkeypatch.setenv("NEPTUNE_GUARD_STUB", str(tmp_path / "neptune.db"))
    monkeypatch.setattr("time.sleep", lambda seconds: pytest.fail("slept") if seconds else None)
    with NeptuneStub(tmp_path / "neptune.db", create_duration=timedelta(hours=1)) as stub:
        stub.add_cluster("graph", "us-east-1")
        session = started()
        client_of(session)  # a second client meets the guard that the first one brought
        client = client_of(session)
        client.create_db_cluster_snapshot(DBClusterSnapshotIdentifier="nightly", DBClusterIdentifier="graph")
        client.get_waiter("db_cluster_snapshot_available").wait(DBClusterSnapshotIdentifier="nightly")


@pytest.mark.parametrize("handlers", [[], [logging.NullHandler()]], ids=["bare", "configured"])
def test_findings_are_printed_where_nobody_configured_the_logger(started, recorder, monkeypatch, capsys, handlers):
    logger = logging.getLogger("neptune_guard")
    monkeypatch.setattr(logger, "propagate", False)
    session = started()
    logger.handlers = list(handlers)
    client = client_of(session, endpoint_url=recorder.url)
    request = {"SourceDBClusterSnapshotIdentifier": "nightly", "TargetDBClusterSnapshotIdentifier": "my--copy"}
    client.copy_db_cluster_snapshot(**request)
    assert capsys.readouterr().err == ("" if handlers else f"neptune_guard: {LINE}\n")
    assert len(recorder.received) == 1
