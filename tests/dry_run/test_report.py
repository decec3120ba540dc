"""The request, the guard of the client and the report."""

import json
import socket

import pytest
from botocore.exceptions import NoCredentialsError

from neptune_guard import DryRun, dry_run, register, rule
from neptune_guard._dry_run import Check
from tests.dry_run.builders import (
    AWAY,
    HOME,
    NAMES,
    OTHER,
    OWN,
    arn,
    outcomes,
    reasons,
    request,
)


class Text(str):
    """A string that fails wherever it is used."""

    def lower(self):
        raise RuntimeError

    __bool__ = __len__ = startswith = split = lower


VALUES = [
    None,
    1,
    1.5,
    True,
    b"nightly",
    "",
    " ",
    "arn:",
    "arn:aws:rds",
    [],
    {},
    object(),
    ["a"],
    {"Key": 1},
    Text("x"),
]
PARAMETERS = (
    "SourceDBClusterSnapshotIdentifier",
    "TargetDBClusterSnapshotIdentifier",
    "KmsKeyId",
    "PreSignedUrl",
    "SourceRegion",
    "CopyTags",
    "Tags",
)


@pytest.mark.parametrize("ignore", [[], ["*"]], ids=["all rules", "no rules"])
@pytest.mark.parametrize("name", PARAMETERS)
def test_no_value_crashes_it(stub, name, ignore):
    stub.add_snapshot("nightly", HOME, kms_key_id="alias/source")
    session = stub.session(AWAY)
    client = session.client("neptune")
    register(client, stub=stub, ignore=ignore)
    for value in VALUES:
        report = dry_run(client, session=session, **{**request(), name: value})
        assert tuple(outcomes(report)) == NAMES
        assert "Signature" not in str(report)


def test_a_malformed_source_leaves_open_whether_the_copy_crosses(look):
    report = look({**request(), "SourceDBClusterSnapshotIdentifier": "arn:aws:rds:us-east-1:1:snapshot:nightly"})
    assert outcomes(report)["copies in progress"] == "unknown"


@pytest.mark.parametrize("source", [["a"], "a b", "", 5])
def test_nothing_is_said_about_the_way_of_an_unsound_source(look, source):
    report = look({**request(), "SourceDBClusterSnapshotIdentifier": source})
    for name in ("source found", "copies in progress"):
        assert (outcomes(report)[name], reasons(report)[name]) == ("unknown", "the request names no sound source")


@pytest.mark.parametrize("missing", [set(), {"Source"}, {"Target"}, {"Source", "Target"}])
@pytest.mark.parametrize("ignore", [[], ["*"]], ids=["all rules", "no rules"])
def test_missing_parameters_are_reported(look, missing, ignore):
    params = {name: value for name, value in request().items() if name.split("DB")[0] not in missing}
    report = look(params, ignore=ignore)
    assert (outcomes(report)["request"] == "failed") is bool(missing and not ignore)
    if "Source" in missing:
        assert reasons(report)["source found"] == "the request names no sound source"
        assert outcomes(report)["copies in progress"] == "unknown"
    if "Target" in missing:
        assert (outcomes(report)["target free"], reasons(report)["target free"]) == (
            "unknown",
            "the request names no target",
        )


def test_a_malformed_region_is_not_asked(look):
    report = look(
        request("arn:aws:rds:evil.example/x?:123456789012:cluster-snapshot:a"), ignore=["source-*", "snapshot-*"]
    )
    assert (
        reasons(report)["source found"] == "describe_db_cluster_snapshots in evil.example/x? failed: InvalidRegionError"
    )


def test_an_unknown_parameter_is_named(look, stub):
    stub.add_snapshot("nightly", HOME)
    report = look(request(Colour="red", Target="x"))
    assert (outcomes(report)["request"], reasons(report)["request"]) == (
        "failed",
        "it breaks 2 of the rules: unknown-parameter",
    )


def test_the_callers_objects_stay_as_they_are(look, stub):
    stub.add_snapshot("nightly", HOME)
    params = request(Tags=[{"Key": "a", "Value": "b"}])
    look(params)
    assert params == request(Tags=[{"Key": "a", "Value": "b"}])


def test_a_pre_signed_url_is_not_printed(look):
    secret = "https://rds.us-east-1.amazonaws.com/?X-Amz-Signature=5ecret"
    report = look(request(PreSignedUrl=secret))
    assert "PreSignedUrl" in str(report)
    assert "5ecret" not in str(report) + repr(report) + json.dumps(report.to_dict())


@rule(id="dr-prefix", summary="A target must begin with dr-")
def dr_prefix(request):
    if not request.params["TargetDBClusterSnapshotIdentifier"].startswith("dr-"):
        yield "TargetDBClusterSnapshotIdentifier", "does not begin with dr-"


@pytest.mark.parametrize("mode", ["off", "warn", "strict"])
@pytest.mark.parametrize(
    ("options", "params", "found"),
    [
        ({}, request(), []),
        ({}, request(target="a--b"), ["identifier-hyphens"]),
        ({"ignore": ["identifier-*"]}, request(target="a--b"), []),
        ({"rules": [dr_prefix]}, request(), ["dr-prefix"]),
        ({"account_id": OWN}, request(arn(region=AWAY), "nightly"), ["target-same-as-source"]),
    ],
    ids=["sound", "broken", "ignored", "own rule", "account"],
)
def test_the_clients_guard_brings_its_rules_in_every_mode(look, stub, mode, options, params, found):
    stub.add_snapshot("nightly", HOME)
    assert [each.rule for each in look(params, mode=mode, **options).violations] == found


def test_an_unregistered_guard_brings_nothing(host, stub, no_socket):
    client = host.client(aws_access_key_id=None, aws_secret_access_key=None)
    register(client, stub=stub).unregister()
    with pytest.raises(NoCredentialsError):
        host.wait(dry_run(client, **request()))


def test_the_guard_speaks_for_its_account(look, stub):
    stub.add_snapshot("nightly", HOME, account_id=OTHER)
    assert look(request(arn(account=OTHER)), account_id=OTHER).ok
    assert {call.account_id for call in stub.calls} == {OTHER}


def test_with_a_stub_nobody_looks_for_credentials(host, stub, monkeypatch):
    stub.add_snapshot("nightly", HOME, kms_key_id="alias/source")
    stub.add_kms_key(AWAY, alias="dr")
    client = host.client(aws_access_key_id=None, aws_secret_access_key=None)
    register(client, stub=stub)
    opened = []
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "false")
    monkeypatch.setattr(socket.socket, "connect", lambda self, address: opened.append(address))
    report = host.wait(dry_run(client, **request(KmsKeyId="alias/dr")))
    assert set(outcomes(report).values()) == {"passed"}
    assert opened == []


def test_a_stubs_session_serves_as_it_is(stub, no_socket):
    stub.add_snapshot("nightly", HOME)
    session = stub.session(AWAY)
    assert dry_run(session.client("neptune"), session=session, **request()).ok
    assert dry_run(session.client("neptune"), **request()).ok


@pytest.mark.parametrize(
    ("partition", "home", "away"),
    [("aws-us-gov", "us-gov-east-1", "us-gov-west-1"), ("aws-cn", "cn-northwest-1", "cn-north-1")],
)
def test_other_partitions(look, stub, partition, home, away):
    stub.add_snapshot("nightly", home, kms_key_id="alias/source")
    key = stub.add_kms_key(away)
    found = stub.session(home).client("neptune").describe_db_cluster_snapshots()["DBClusterSnapshots"][0]
    report = look(request(found["DBClusterSnapshotArn"], KmsKeyId=key), away)
    assert set(outcomes(report).values()) == {"passed"}
    assert found["DBClusterSnapshotArn"].startswith(f"arn:{partition}:")


def test_the_report_is_a_table(look, stub):
    stub.add_snapshot("nightly", HOME)
    assert str(look(request(target="a--b"))).splitlines() == [
        "Dry run of CopyDBClusterSnapshot: not ok",
        "FAILED  request                   it breaks 1 of the rules: identifier-hyphens",
        f"PASSED  source found              manual snapshot {arn()}",
        "PASSED  source available          it is available",
        "PASSED  source cluster available  the cluster is gone",
        "PASSED  encryption                the source is not encrypted",
        "PASSED  source key usable         the source is not encrypted",
        "PASSED  key usable                the source is not encrypted",
        "PASSED  target free               no snapshot of us-west-2 has that name",
        "PASSED  snapshot quota            manual snapshots in us-west-2: 0; the default quota is 100",
        "PASSED  copies in progress        0 of 5 copies from other Regions are in progress to us-west-2",
        "error: TargetDBClusterSnapshotIdentifier: 'a--b' has two consecutive hyphens; use single ones "
        "[identifier-hyphens]",
    ]


def test_the_report_goes_through_json(look, stub):
    report = look(request(target="a--b"))
    assert json.loads(json.dumps(report.to_dict())) == report.to_dict()
    assert report.to_dict().keys() == {"ok", "violations", "checks"}
    assert report.to_dict()["ok"] is False
    assert report.to_dict()["checks"][0] == {
        "name": "request",
        "outcome": "failed",
        "reason": "it breaks 1 of the rules: identifier-hyphens",
    }
    assert [each["rule"] for each in report.to_dict()["violations"]] == ["identifier-hyphens"]


@pytest.mark.parametrize(
    ("outcome", "ok"),
    [("passed", True), ("unknown", True), ("failed", False)],
)
def test_what_is_unknown_does_not_count_against_it(outcome, ok):
    assert DryRun((), (Check("request", "passed", "well"), Check("source found", outcome, "so"))).ok is ok
