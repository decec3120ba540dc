"""A piece of what `tests/programs/secrets.py` sends."""

from __future__ import annotations

import pytest

from tests.programs import secrets

from .conftest import ACCOUNT, REGION


def test_a_secret_at_any_place_and_in_any_spelling_is_nowhere_to_be_seen(tmp_path):
    found = []
    assert secrets.run(400, seed=1, directory=tmp_path, tell=found.append) == 0, found


def test_a_secret_would_be_seen(tmp_path, monkeypatch):
    monkeypatch.setattr("neptune_guard.stub._calls.redacted", lambda value: value)
    assert secrets.run(200, seed=1, directory=tmp_path, tell=lambda text: None) > 0


NAME = "x-amz-credential-store"


def test_a_name_that_merely_reads_like_a_secrets_is_kept(make, asker, tmp_path):
    stub = make(tmp_path / "state.db")
    ask = asker(stub)
    key = stub.add_kms_key(REGION, alias=f"alias/{NAME}")
    made = ask("CreateDBCluster", DBClusterIdentifier=NAME, Engine="neptune", KmsKeyId=f"alias/{NAME}")["DBCluster"]
    assert (made["DBClusterIdentifier"], made["KmsKeyId"]) == (NAME, key)
    assert stub.calls[0].params == {"DBClusterIdentifier": NAME, "Engine": "neptune", "KmsKeyId": f"alias/{NAME}"}
    ask("CreateDBClusterSnapshot", DBClusterIdentifier=NAME, DBClusterSnapshotIdentifier=f"{NAME}-1")
    arn = f"arn:aws:rds:{REGION}:{ACCOUNT}:cluster-snapshot:{NAME}-1"
    ask.copy(arn, f"{NAME}-2")
    listed = [f"{NAME}-1", f"{NAME}-2"]
    assert ask.listed(Filters=[{"Name": "db-cluster-id", "Values": [NAME]}]) == listed
    assert ask.listed(DBClusterIdentifier=NAME, Marker=listed[0]) == listed[1:]
    assert ask.tags(arn) == {}


@pytest.mark.parametrize(
    "value",
    [
        "x-amz-credential=store",
        "x-amz-credential: store",
        "X-Amz-Signature:5ec2e7",
        "X-Amz-Signature/5ec2e7",
        "x%2Damz%2Dcredential",
        "x-amz/credential-store",
    ],
)
def test_what_may_have_a_value_is_redacted(make, asker, value):
    stub = make()
    made = asker(stub)("CreateDBCluster", DBClusterIdentifier="graph", Engine="neptune", DatabaseName=value)
    assert made["DBCluster"]["DatabaseName"] == stub.calls[0].params["DatabaseName"] == "<redacted>"


def test_a_tag_with_such_a_name_is_redacted(make, asker):
    ask, tags = asker(make()), [{"Key": NAME, "Value": "x"}, {"Key": "a", "Value": NAME}]
    made = ask("CreateDBCluster", DBClusterIdentifier="graph", Engine="neptune", Tags=tags)["DBCluster"]
    assert ask.tags(made["DBClusterArn"]) == {"<redacted>": "<redacted>", "a": "<redacted>"}
    ask("RemoveTagsFromResource", ResourceName=made["DBClusterArn"], TagKeys=[NAME])
    assert ask.tags(made["DBClusterArn"]) == {"a": "<redacted>"}
