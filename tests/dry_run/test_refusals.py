"""What the account does not tell, and what ends a dry run."""

import re
import socket

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, EndpointConnectionError, NoCredentialsError

from neptune_guard import dry_run, register, rule
from neptune_guard.exceptions import RuleError
from neptune_guard.stub import NeptuneStub
from tests.dry_run.builders import (
    AUTOMATED,
    HOME,
    OTHER,
    OWN,
    Service,
    arn,
    kms,
    outcomes,
    reasons,
    request,
    shown,
)

SOURCE_CHECKS = ("source found", "source available", "source cluster available")


@pytest.mark.parametrize(
    ("answers", "unknown"),
    [
        (
            {"manual": "AccessDenied"},
            {"source cluster available", "target free", "snapshot quota", "copies in progress"},
        ),
        (
            {"name": "AccessDenied"},
            {*SOURCE_CHECKS, "encryption", "source key usable", "key usable"},
        ),
        (
            {"name": {}, "arn": {}, "shared": "AccessDenied"},
            {*SOURCE_CHECKS, "encryption", "source key usable", "key usable"},
        ),
    ],
    ids=["destination", "source", "shared"],
)
def test_what_is_refused_is_unknown_and_says_why(host, answers, unknown):
    found = {"DBClusterSnapshots": [shown(account=OTHER, SnapshotType="shared")]}
    client = host.client()
    register(client, stub=Service(**{"name": found, **answers}))
    report = host.wait(dry_run(client, **request(arn(account=OTHER))))
    assert {name for name, outcome in outcomes(report).items() if outcome == "unknown"} == unknown
    assert report.ok
    for name in unknown - {"key usable", "source cluster available"}:
        assert re.fullmatch(
            r"describe_db_cluster_snapshots in us-\w+-\d was refused: AccessDenied", reasons(report)[name]
        )


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ({"StorageEncrypted": True}, ("unknown", "the source does not tell its key")),
        (
            {"StorageEncrypted": True, "KmsKeyId": kms(region=HOME)},
            ("failed", f"there is no key {kms(region=HOME)} in us"),
        ),
    ],
    ids=["no key", "no such key"],
)
def test_an_answer_may_tell_less_than_is_documented(host, found, expected):
    client = host.client()
    register(client, stub=Service(name={"DBClusterSnapshots": [shown(account=OWN, **found)]}))
    report = host.wait(dry_run(client, **request()))
    assert outcomes(report)["source key usable"] == expected[0]
    assert reasons(report)["source key usable"].startswith(expected[1])


@pytest.mark.parametrize(
    ("about", "outcome", "reason"),
    [
        ({}, "passed", f"{kms()} is enabled"),
        ({"KeyState": "PendingDeletion"}, "failed", "the key is PendingDeletion; enable it, or give another one"),
        ({"KeySpec": "RSA_2048"}, "failed", "the key is RSA_2048; snapshots are encrypted with symmetric keys only"),
    ],
)
def test_a_key_is_looked_at(host, about, outcome, reason):
    client = host.client()
    found = {"DBClusterSnapshots": [shown(account=OWN, StorageEncrypted=True, KmsKeyId=kms(region=HOME))]}
    register(client, stub=Service(name=found, key={"KeyState": "Enabled", "Arn": kms(), **about}))
    report = host.wait(dry_run(client, **request(KmsKeyId=kms())))
    assert (outcomes(report)["key usable"], reasons(report)["key usable"]) == (outcome, reason)


def test_a_responder_without_keys_is_not_passed_over_for_kms(host, canned, no_socket):
    client = host.client()
    register(client, stub=canned((200, {"DBClusterSnapshots": [shown(account=OWN)]})))
    report = host.wait(dry_run(client, **request(KmsKeyId="alias/dr")))
    assert (outcomes(report)["key usable"], reasons(report)["key usable"]) == (
        "unknown",
        "what answers for Neptune here has no describe_key",
    )


@pytest.mark.parametrize("more", [{}, {"KmsKeyId": "alias/dr"}], ids=["plain", "encrypted"])
@pytest.mark.parametrize("source", ["nightly", arn(), arn(account=OTHER), AUTOMATED])
def test_a_stub_that_imagines_would_make_up_the_source_and_the_key(host, source, more):
    client = host.client()
    with NeptuneStub(imagine=True) as stub:
        register(client, stub=stub)
        report = host.wait(dry_run(client, **request(source, **more)))
        assert set(outcomes(report).values()) == {"passed"}
        assert reasons(report)["source found"] == f"imagined snapshot {source}"
        host.wait(client.copy_db_cluster_snapshot(**request(source, **more)))


def test_a_closed_port_ends_it(host):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
    client = host.client(endpoint_url=url, config=Config(retries={"total_max_attempts": 1}))
    with pytest.raises(EndpointConnectionError):
        host.wait(dry_run(client, **request()))


def test_missing_credentials_end_it(host):
    client = host.client(aws_access_key_id=None, aws_secret_access_key=None)
    with pytest.raises(NoCredentialsError):
        host.wait(dry_run(client, **request()))


@pytest.mark.parametrize("code", ["ExpiredToken", "InvalidClientTokenId", "SignatureDoesNotMatch"])
def test_credentials_that_are_not_valid_end_it(host, code):
    client = host.client()
    register(client, stub=Service(manual=code))
    with pytest.raises(ClientError, match=code):
        host.wait(dry_run(client, **request()))


def test_credentials_that_the_source_region_does_not_know_end_nothing(host):
    client = host.client()
    register(client, stub=Service(name="InvalidClientTokenId"))
    report = host.wait(dry_run(client, **request()))
    assert (
        reasons(report)["source found"]
        == "describe_db_cluster_snapshots in us-east-1 was refused: InvalidClientTokenId"
    )


def test_a_rule_of_the_users_that_crashes_ends_it(look):
    @rule(id="mine", summary="A rule must not crash")
    def mine(request):
        yield request.params["nothing"]

    with pytest.raises(RuleError, match="mine"):
        look(request(), rules=[mine])


@pytest.mark.parametrize("client", [None, "neptune", 3, boto3, object()])
def test_what_is_no_client_is_refused(client):
    with pytest.raises(TypeError, match=f"client has type {type(client).__name__}; give a client of nep"):
        dry_run(client, **request())


@pytest.mark.parametrize("service", ["s3", "kms"])
def test_another_services_client_is_refused(host, service):
    with pytest.raises(TypeError, match="give a client of neptune, rds, docdb"):
        dry_run(host.client(service=service), **request())


@pytest.mark.parametrize("service", ["rds", "docdb"])
def test_the_control_planes_other_clients_are_as_good(host, stub, service):
    stub.add_snapshot("nightly", HOME)
    client = host.client(service=service)
    register(client, stub=stub, services=[service])
    assert host.wait(dry_run(client, **request())).ok
    assert not host.wait(dry_run(client, **request(target="a--b")))


def test_a_session_is_no_client(host):
    with pytest.raises(TypeError, match=r"client has type (Aio)?Session"):
        dry_run(host.session(), **request())
