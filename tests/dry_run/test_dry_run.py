"""What a dry run says of an account, what it asks for that, and that it asks nothing else."""

import io
import json
import re
import socket
import threading
import uuid
from datetime import timedelta

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError, NoCredentialsError
from hypothesis import given, settings
from hypothesis import strategies as st

from neptune_guard import DryRun, dry_run, register, rule
from neptune_guard._dry_run import Check
from neptune_guard.exceptions import RuleError
from neptune_guard.stub import NeptuneStub

HOME, AWAY = "us-east-1", "us-west-2"
OWN, OTHER = "123456789012", "210987654321"
KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"
AUTOMATED = "rds:graph-2026-03-01-04-05"


def arn(name="nightly", region=HOME, account=OWN, partition="aws"):
    return f"arn:{partition}:rds:{region}:{account}:cluster-snapshot:{name}"


def kms(key=KEY, region=AWAY, account=OWN):
    return f"arn:aws:kms:{region}:{account}:{key if key.startswith('alias/') else f'key/{key}'}"


def request(source=None, target="copy", **more):
    return {
        "SourceDBClusterSnapshotIdentifier": arn() if source is None else source,
        "TargetDBClusterSnapshotIdentifier": target,
        **more,
    }


def outcomes(report):
    return {check.name: check.outcome for check in report.checks}


def reasons(report):
    return {check.name: check.reason for check in report.checks}


@pytest.fixture
def stub():
    with NeptuneStub(manual_snapshot_quota=1000, copy_duration=timedelta(hours=1)) as made:
        yield made


@pytest.fixture(scope="module")
def sessions():
    """Sessions by host: they keep what botocore reads from its data files, which takes longer than a dry run."""
    return {}


@pytest.fixture
def look(host, stub, sessions):
    """Make a dry run through a real client that the stub answers."""
    session = sessions.setdefault(type(host), host.session())

    def made(params, region=AWAY, **options):
        client = host.client(session, region)
        register(client, stub=stub, **options)
        return host.wait(dry_run(client, session=session, **params))

    return made


# ---------------------------------------------------------------------- what it says, against what the copy then does


NO_SOURCE = {
    "source found": ("failed", "there is no such snapshot that you may see; correct the identifier"),
    "source available": ("unknown", "the source was not found"),
    "encryption": ("unknown", "the source was not found"),
    "source key usable": ("unknown", "the source was not found"),
    "key usable": ("unknown", "none is given"),
}


def seeded(**options):
    return lambda stub: stub.add_snapshot("nightly", HOME, **options)


def beside(**options):
    return lambda stub: stub.add_snapshot("nightly", AWAY, **options)


def with_key(enabled=True, **options):
    """Seed an encrypted source, and the key alias/dr of the destination."""

    def seed(stub):
        seeded(kms_key_id="alias/source", **options)(stub)
        stub.add_kms_key(AWAY, alias="dr", enabled=enabled)

    return seed


def copying(number, start=HOME):
    """Begin copies that are still running."""

    def seed(stub):
        stub.add_snapshot("nightly", HOME)
        stub.add_snapshot("beside", AWAY)
        source = arn() if start == HOME else "beside"
        client = stub.session(AWAY).client("neptune")
        for index in range(number):
            client.copy_db_cluster_snapshot(**request(source, f"running-{index}"))

    return seed


def succeeds(client, params):
    try:
        client.copy_db_cluster_snapshot(**params)
    except (ClientError, BotoCoreError):
        return False
    return True


SAYS = {
    "all well": (seeded(), request(), {}),
    "in the same Region": (beside(), request("nightly"), {}),
    "in the same Region, by ARN": (beside(), request(arn(region=AWAY)), {}),
    "in another case": (beside(), request("Nightly", "COPY"), {}),
    "a broken rule": (seeded(), request(target="a--b"), {"request": ("failed", "errors found: 1, see below")}),
    "two broken rules": (
        seeded(),
        request(target="a--b", Tags=[{"Key": "aws:x"}]),
        {"request": ("failed", "errors found: 2, see below")},
    ),
    "only a warning": (seeded(), request(Tags=[{"Key": "a", "Value": ""}]), {}),
    "no source": (lambda stub: None, request(), NO_SOURCE),
    "a source of another Region by its bare name": (seeded(), request("nightly"), NO_SOURCE),
    "an automated source beside, by its name": (
        lambda stub: stub.add_snapshot(AUTOMATED, AWAY, snapshot_type="automated"),
        request(AUTOMATED),
        {"source found": ("passed", f"automated snapshot {arn(AUTOMATED, AWAY)}")},
    ),
    "an automated source elsewhere, by its ARN": (
        lambda stub: stub.add_snapshot(AUTOMATED, HOME, snapshot_type="automated"),
        request(arn(AUTOMATED)),
        {"source found": ("passed", f"automated snapshot {arn(AUTOMATED)}")},
    ),
    "no automated source": (lambda stub: None, request(arn(AUTOMATED)), NO_SOURCE),
    "a source of AWS Backup, by its name": (
        lambda stub: stub.add_snapshot("awsbackup:job-1", AWAY),
        request("awsbackup:job-1"),
        {"source found": ("passed", arn("awsbackup:job-1", AWAY))},
    ),
    "a shared source": (
        seeded(account_id=OTHER, shared_with=[OWN]),
        request(arn(account=OTHER)),
        {"source found": ("passed", f"shared snapshot {arn(account=OTHER)}")},
    ),
    "a public source": (
        seeded(account_id=OTHER, shared_with=["all"]),
        request(arn(account=OTHER)),
        {"source found": ("passed", f"public snapshot {arn(account=OTHER)}")},
    ),
    "another account's, not shared": (
        seeded(account_id=OTHER),
        request(arn(account=OTHER)),
        NO_SOURCE,
    ),
    "a shared source beside": (
        beside(account_id=OTHER, shared_with=[OWN]),
        request(arn(region=AWAY, account=OTHER)),
        {"source found": ("passed", "shared")},
    ),
    "a source that is not ready": (
        seeded(status="creating"),
        request(),
        {"source available": ("failed", "it is creating; wait until it is available")},
    ),
    "a failed source": (seeded(status="failed"), request(), {"source available": ("failed", "it is failed")}),
    "an encrypted source without a key": (
        seeded(kms_key_id="alias/source"),
        request(),
        {
            "encryption": ("failed", "the source is encrypted and in another Region; give a KmsKeyId of us-west-2"),
            "key usable": ("unknown", "none is given"),
        },
    ),
    "an encrypted, shared source without a key": (
        beside(kms_key_id="alias/source", account_id=OTHER, shared_with=[OWN]),
        request(arn(region=AWAY, account=OTHER)),
        {
            "encryption": ("failed", "the source is encrypted and another account's; give a KmsKeyId of us-west-2"),
            "key usable": ("unknown", "none is given"),
        },
    ),
    "an encrypted source beside keeps its key": (
        beside(kms_key_id="alias/source"),
        request("nightly"),
        {"encryption": ("passed", "the copy gets its key"), "key usable": ("passed", "is enabled")},
    ),
    "an encrypted source with a key": (
        with_key(),
        request(KmsKeyId="alias/dr"),
        {
            "encryption": ("passed", "the source is encrypted; the copy gets the given key"),
            "source key usable": ("passed", "is enabled"),
            "key usable": ("passed", "is enabled"),
        },
    ),
    "an encrypted, shared source with a key": (
        with_key(account_id=OTHER, shared_with=[OWN]),
        request(arn(account=OTHER), KmsKeyId=kms("alias/dr")),
        {"encryption": ("passed", "the given key"), "key usable": ("passed", "is enabled")},
    ),
    "a key for a source that is not encrypted": (
        seeded(),
        request(KmsKeyId="alias/none"),
        {
            "encryption": ("failed", "the source is not encrypted; leave KmsKeyId out"),
            "key usable": ("failed", "there is no key alias/none in us-west-2; correct it"),
        },
    ),
    "a key that does not exist": (
        seeded(kms_key_id="alias/source"),
        request(KmsKeyId="alias/none"),
        {"key usable": ("failed", "there is no key alias/none in us-west-2; correct it")},
    ),
    "a disabled key": (
        with_key(enabled=False),
        request(KmsKeyId="alias/dr"),
        {"key usable": ("failed", "the key is Disabled; enable it, or give another one")},
    ),
    "a source under a disabled key": (
        lambda stub: (
            with_key()(stub),
            stub.add_snapshot("old", HOME, kms_key_id=stub.add_kms_key(HOME, enabled=False)),
        ),
        request(arn("old"), KmsKeyId="alias/dr"),
        {"source key usable": ("failed", "the key is Disabled")},
    ),
    "a source beside under a disabled key": (
        lambda stub: stub.add_snapshot("old", AWAY, kms_key_id=stub.add_kms_key(AWAY, enabled=False)),
        request("old"),
        {"source key usable": ("failed", "the key is Disabled"), "key usable": ("failed", "the key is Disabled")},
    ),
    "a key of another Region": (
        seeded(kms_key_id=KEY),
        request(KmsKeyId=kms(region=HOME)),
        {"request": ("failed", "errors found: 1"), "key usable": ("unknown", "the request names no sound key")},
    ),
    "a taken target": (
        lambda stub: (seeded()(stub), stub.add_snapshot("copy", AWAY)),
        request(target="Copy"),
        {"target free": ("failed", "us-west-2 has a snapshot of that name; choose another name")},
    ),
    "a target that is taken elsewhere": (lambda stub: (seeded()(stub), stub.add_snapshot("copy", HOME)), request(), {}),
    "four copies in progress": (
        copying(4),
        request(),
        {"copies in progress": ("passed", "4 of 5 copies from other Regions are in progress to us-west-2")},
    ),
    "five copies in progress": (
        copying(5),
        request(),
        {
            "copies in progress": (
                "failed",
                "5 of 5 copies from other Regions are in progress to us-west-2; wait for one",
            )
        },
    ),
    "five copies in progress inside the Region": (
        copying(5, start=AWAY),
        request(),
        {"copies in progress": ("passed", "0 of 5")},
    ),
    "copies in progress do not hinder one inside the Region": (
        copying(5),
        request("beside"),
        {"copies in progress": ("passed", "the copy stays in its Region")},
    ),
}
NAMES = (
    "request",
    "source found",
    "source available",
    "encryption",
    "source key usable",
    "key usable",
    "target free",
    "snapshot quota",
    "copies in progress",
)


@pytest.mark.parametrize(("seed", "params", "expected"), SAYS.values(), ids=SAYS)
def test_a_report_names_what_speaks_against_the_copy_and_is_right(look, stub, seed, params, expected):
    seed(stub)
    report = look(params)
    assert tuple(outcomes(report)) == NAMES
    for name, outcome in outcomes(report).items():
        wanted, reason = expected.get(name, ("passed", ""))
        assert outcome == wanted, name
        assert reason in reasons(report)[name]
    assert report.ok is succeeds(stub.session(AWAY).client("neptune"), params)


@pytest.fixture(scope="module")
def world():
    with NeptuneStub() as stub:
        yield stub, stub.session(AWAY)


@settings(max_examples=60, deadline=None)
@given(
    source_region=st.sampled_from([HOME, AWAY]),
    owner=st.sampled_from([OWN, OTHER]),
    shared=st.booleans(),
    status=st.sampled_from(["available", "available", "creating"]),
    source_key=st.sampled_from([None, "on", "off"]),
    key=st.sampled_from([None, "alias/on", "alias/off", "alias/none"]),
    taken=st.booleans(),
    by_arn=st.booleans(),
)
def test_a_report_is_ok_exactly_where_the_copy_goes_through(
    world, source_region, owner, shared, status, source_key, key, taken, by_arn
):
    stub, session = world
    stub.reset()
    for name in ("on", "off"):
        stub.add_kms_key(AWAY, alias=name, enabled=name == "on")
    under = source_key and stub.add_kms_key(source_region, enabled=source_key == "on", account_id=owner)
    options = {"status": status, "kms_key_id": under, "account_id": owner, "shared_with": [OWN] if shared else ()}
    stub.add_snapshot("nightly", source_region, **options)
    if taken:
        stub.add_snapshot("copy", AWAY)
    params = request(arn(region=source_region, account=owner) if by_arn else "nightly")
    params |= {"KmsKeyId": key} if key else {}
    client = session.client("neptune")
    report = dry_run(client, session=session, **params)
    assert report.ok is succeeds(client, params), report


# ---------------------------------------------------------------------- the quota, which nobody tells


@pytest.mark.parametrize(
    ("number", "outcome", "reason"),
    [
        (99, "passed", "manual snapshots in us-west-2: 99; the default quota is 100"),
        (100, "failed", "manual snapshots in us-west-2: 100; the default quota is 100; delete one"),
        (101, "unknown", "manual snapshots in us-west-2: 101; the default quota is 100, yours was raised"),
    ],
)
def test_the_quota_is_compared_with_the_default_one(look, stub, number, outcome, reason):
    for index in range(number):
        stub.add_snapshot(f"old-{index}", AWAY)
    for name, kind in ((AUTOMATED, "automated"), ("awsbackup:job-1", "manual")):
        stub.add_snapshot(name, AWAY, snapshot_type=kind)
    report = look(request("old-0"))
    assert outcomes(report)["snapshot quota"] == outcome
    assert reasons(report)["snapshot quota"].startswith(reason)


# ---------------------------------------------------------------------- what it asks


def asked(stub):
    """Return the Neptune calls that a stub answered: Region, and what was given."""
    assert {call.operation for call in stub.calls} <= {"DescribeDBClusterSnapshots"}
    return [(call.region, call.params) for call in stub.calls]


MANUAL = (AWAY, {"SnapshotType": "manual"})
ASKS = {
    "a source beside is in the one listing": (beside(), request("nightly"), {}, []),
    "so is one that is not there": (seeded(), request("nightly"), {}, []),
    "another Region is asked for the name": (
        seeded(),
        request(),
        {},
        [(HOME, {"DBClusterSnapshotIdentifier": "nightly"})],
    ),
    "an automated one needs its type": (
        lambda stub: stub.add_snapshot(AUTOMATED, HOME, snapshot_type="automated"),
        request(arn(AUTOMATED)),
        {},
        [(HOME, {"DBClusterSnapshotIdentifier": AUTOMATED, "SnapshotType": "automated"})],
    ),
    "an automated one is not shared": (
        lambda stub: None,
        request(arn(AUTOMATED)),
        {},
        [(HOME, {"DBClusterSnapshotIdentifier": AUTOMATED, "SnapshotType": "automated"})],
    ),
    "one's own is not among shared ones": (
        lambda stub: None,
        request(),
        {"account_id": OWN},
        [(HOME, {"DBClusterSnapshotIdentifier": "nightly"})],
    ),
    "another account's is not among one's own": (
        seeded(account_id=OTHER, shared_with=[OWN]),
        request(arn(account=OTHER)),
        {"account_id": OWN},
        [(HOME, {"DBClusterSnapshotIdentifier": arn(account=OTHER), "IncludeShared": True, "IncludePublic": True})],
    ),
    "where the owner is not known all is asked": (
        lambda stub: None,
        request(arn(account=OTHER)),
        {},
        [
            (HOME, {"DBClusterSnapshotIdentifier": "nightly"}),
            (HOME, {"DBClusterSnapshotIdentifier": arn(account=OTHER), "IncludeShared": True, "IncludePublic": True}),
            (HOME, {"SnapshotType": "shared"}),
        ],
    ),
    "an unsound source is not asked for": (lambda stub: None, request("a--b"), {}, []),
}


@pytest.mark.parametrize(("seed", "params", "options", "expected"), ASKS.values(), ids=ASKS)
def test_no_more_is_asked_than_has_to_be(look, stub, seed, params, options, expected):
    seed(stub)
    look(params, **options)
    assert asked(stub) == [MANUAL, *expected]


def test_every_page_of_the_destination_is_read(look, stub):
    for index in range(250):
        stub.add_snapshot(f"old-{index:03}", AWAY)
    report = look(request("old-249", "OLD-248"))
    assert [each.get("Marker") for _, each in asked(stub)] == [None, "old-099", "old-199"]
    assert (outcomes(report)["source found"], outcomes(report)["target free"]) == ("passed", "failed")
    assert reasons(report)["snapshot quota"].startswith("manual snapshots in us-west-2: 250")


class Service:
    """Answers DescribeDBClusterSnapshots from a table: (Region, SnapshotType, Marker) -> answer or code."""

    def __init__(self, **answers):
        self.answers = answers
        self.asked = []

    def respond(self, operation, params, *, region, account_id):
        assert operation == "DescribeDBClusterSnapshots"
        kind = params.get("SnapshotType") or ("arn" if "IncludeShared" in params else "name")
        self.asked.append((region, kind, params.get("Marker")))
        answer = self.answers.get(kind, {})
        answer = answer(params) if callable(answer) else answer
        return (400, {"Error": {"Code": answer, "Message": "no"}}) if isinstance(answer, str) else (200, answer)

    def describe_key(self, key_id, *, region, account_id):
        return self.answers.get("key")


def shown(name=None, account=OTHER, **more):
    of = arn(name or "nightly", account=account)
    return {"DBClusterSnapshotIdentifier": of, "DBClusterSnapshotArn": of, "Status": "available", **more}


def third_page(params):
    pages = {
        None: {"DBClusterSnapshots": [shown("one")], "Marker": "a"},
        "a": {"DBClusterSnapshots": [], "Marker": "b"},
        "b": {"DBClusterSnapshots": [shown(SnapshotType="shared")]},
    }
    return pages[params.get("Marker")]


@pytest.mark.parametrize(
    "by_arn", [{"DBClusterSnapshots": []}, "DBClusterSnapshotNotFoundFault", "InvalidParameterValue"]
)
def test_every_page_of_the_shared_ones_is_read(host, by_arn):
    service = Service(name="DBClusterSnapshotNotFoundFault", arn=by_arn, shared=third_page)
    client = host.client()
    register(client, stub=service)
    report = host.wait(dry_run(client, **request(arn(account=OTHER))))
    assert service.asked == [
        (AWAY, "manual", None),
        (HOME, "name", None),
        (HOME, "arn", None),
        *((HOME, "shared", marker) for marker in (None, "a", "b")),
    ]
    assert report.ok


def test_a_marker_that_comes_again_ends_the_listing(host):
    service = Service(manual={"DBClusterSnapshots": [], "Marker": "again"})
    client = host.client()
    register(client, stub=service)
    host.wait(dry_run(client, **request("nightly")))
    assert service.asked == [(AWAY, "manual", None), (AWAY, "manual", "again")]


# ---------------------------------------------------------------------- what the account does not tell


@pytest.mark.parametrize(
    ("answers", "unknown"),
    [
        ({"manual": "AccessDenied"}, {"target free", "snapshot quota", "copies in progress"}),
        (
            {"name": "AccessDenied"},
            {"source found", "source available", "encryption", "source key usable", "key usable"},
        ),
        (
            {"name": {}, "arn": {}, "shared": "AccessDenied"},
            {"source found", "source available", "encryption", "source key usable", "key usable"},
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
    for name in unknown - {"key usable"}:
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


# ---------------------------------------------------------------------- what ends it


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


def test_a_rule_of_ones_own_that_crashes_ends_it(look):
    @rule(id="mine", summary="crashes")
    def mine(request):
        yield request.params["nothing"]

    with pytest.raises(RuleError, match="mine"):
        look(request(), rules=[mine])


@pytest.mark.parametrize("client", [None, "neptune", 3, boto3, object()])
def test_what_is_no_client_is_refused(client):
    with pytest.raises(TypeError, match=f"client is a {type(client).__name__}; give a Neptune client"):
        dry_run(client, **request())


@pytest.mark.parametrize("service", ["rds", "docdb", "kms"])
def test_another_services_client_is_refused(host, service):
    with pytest.raises(TypeError, match="give a Neptune client"):
        dry_run(host.client(service=service), **request())


def test_a_session_is_no_client(host):
    with pytest.raises(TypeError, match=r"client is a (Aio)?Session"):
        dry_run(host.session(), **request())


# ---------------------------------------------------------------------- the request


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


def test_a_region_that_is_none_is_not_asked(look):
    report = look(request("arn:aws:rds:evil.example/x?:123456789012:cluster-snapshot:a"), ignore=["source-*"])
    assert (
        reasons(report)["source found"] == "describe_db_cluster_snapshots in evil.example/x? failed: InvalidRegionError"
    )


def test_an_unknown_parameter_is_named(look, stub):
    stub.add_snapshot("nightly", HOME)
    report = look(request(Colour="red", Target="x"))
    assert (outcomes(report)["request"], reasons(report)["request"]) == (
        "failed",
        "there is no parameter Colour, Target",
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


# ---------------------------------------------------------------------- guards


@rule(id="dr-prefix", summary="Targets of ours begin with dr-")
def dr_prefix(request):
    if not request.params["TargetDBClusterSnapshotIdentifier"].startswith("dr-"):
        yield "TargetDBClusterSnapshotIdentifier", "does not begin with dr-"


@pytest.mark.parametrize("mode", ["off", "warn", "strict"])
@pytest.mark.parametrize(
    ("options", "params", "found"),
    [
        ({}, request(), []),
        ({}, request(target="a--b"), ["target-identifier-hyphens"]),
        ({"ignore": ["target-*"]}, request(target="a--b"), []),
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


# ---------------------------------------------------------------------- the report


def test_the_report_is_a_table(look, stub):
    stub.add_snapshot("nightly", HOME)
    assert str(look(request(target="a--b"))).splitlines() == [
        "Dry run of CopyDBClusterSnapshot: not ok",
        "FAILED  request             errors found: 1, see below",
        f"PASSED  source found        manual snapshot {arn()}",
        "PASSED  source available    it is available",
        "PASSED  encryption          the source is not encrypted",
        "PASSED  source key usable   the source is not encrypted",
        "PASSED  key usable          the source is not encrypted",
        "PASSED  target free         no snapshot of us-west-2 has that name",
        "PASSED  snapshot quota      manual snapshots in us-west-2: 0; the default quota is 100",
        "PASSED  copies in progress  0 of 5 copies from other Regions are in progress to us-west-2",
        "TargetDBClusterSnapshotIdentifier: 'a--b' has two consecutive hyphens; use single ones "
        "[target-identifier-hyphens]",
    ]


def test_the_report_goes_through_json(look, stub):
    report = look(request(target="a--b"))
    assert json.loads(json.dumps(report.to_dict())) == report.to_dict()
    assert report.to_dict().keys() == {"ok", "violations", "checks"}
    assert report.to_dict()["ok"] is False
    assert report.to_dict()["checks"][0] == {
        "name": "request",
        "outcome": "failed",
        "reason": "errors found: 1, see below",
    }
    assert [each["rule"] for each in report.to_dict()["violations"]] == ["target-identifier-hyphens"]


@pytest.mark.parametrize(
    ("outcome", "ok"),
    [("passed", True), ("unknown", True), ("failed", False)],
)
def test_what_is_unknown_does_not_count_against_it(outcome, ok):
    assert DryRun((), (Check("request", "passed", "well"), Check("source found", outcome, "so"))).ok is ok


# ---------------------------------------------------------------------- on the wire, against moto


class Wire:
    """A moto server on loopback that keeps what it was asked, and refuses what it is told to refuse."""

    def __init__(self):
        self.asked = []
        self.refused = {}
        self.url = None

    def __call__(self, environ, start_response):
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        region, service = environ["HTTP_AUTHORIZATION"].split("Credential=")[1].split("/")[2:4]
        target = environ.get("HTTP_X_AMZ_TARGET")
        operation = target or re.search(rb"Action=(\w+)", body)[1].decode()
        self.asked.append((service, region, operation))
        refused = self.refused.get((operation, region))
        if refused is None:
            return self.moto(environ, start_response)
        form = ('{{"__type": "{}"}}', "application/x-amz-json-1.1")
        if not target:
            form = ("<ErrorResponse><Error><Code>{}</Code></Error></ErrorResponse>", "text/xml")
        start_response("400 Bad Request", [("Content-Type", form[1])])
        return [form[0].format(refused).encode()]


@pytest.fixture(scope="module")
def server():
    moto = pytest.importorskip("moto.server")
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        def log(self, *args):
            pass

    wire = Wire()
    wire.moto = moto.DomainDispatcherApplication(moto.create_backend_app)
    served = make_server("127.0.0.1", 0, wire, threaded=True, request_handler=Quiet)
    wire.url = f"http://127.0.0.1:{served.server_port}"
    thread = threading.Thread(target=served.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield wire
    served.shutdown()
    thread.join()
    served.server_close()


@pytest.fixture
def wire(server):
    server.asked.clear()
    server.refused.clear()
    return server


@pytest.fixture
def account(wire):
    """What moto has: an encrypted snapshot, its ARN, and a key of the other Region."""
    options = {"endpoint_url": wire.url, "aws_access_key_id": "AKIDEXAMPLE", "aws_secret_access_key": "made-up"}
    neptune, name = boto3.client("neptune", HOME, **options), f"nightly-{uuid.uuid4()}"
    keys = [boto3.client("kms", region, **options).create_key()["KeyMetadata"]["Arn"] for region in (HOME, AWAY)]
    neptune.create_db_cluster(DBClusterIdentifier=name, Engine="neptune", StorageEncrypted=True, KmsKeyId=keys[0])
    made = neptune.create_db_cluster_snapshot(DBClusterIdentifier=name, DBClusterSnapshotIdentifier=name)
    wire.asked.clear()
    yield made["DBClusterSnapshot"]["DBClusterSnapshotArn"], keys[1]
    neptune.delete_db_cluster_snapshot(DBClusterSnapshotIdentifier=name)
    neptune.delete_db_cluster(DBClusterIdentifier=name, SkipFinalSnapshot=True)


READ_ONLY = [
    ("rds", AWAY, "DescribeDBClusterSnapshots"),
    ("rds", HOME, "DescribeDBClusterSnapshots"),
    ("kms", HOME, "TrentService.DescribeKey"),
    ("kms", AWAY, "TrentService.DescribeKey"),
]


@pytest.mark.parametrize("session", [False, True], ids=["own session", "given session"])
def test_four_read_only_requests_are_all_that_leaves(host, wire, account, session, monkeypatch):
    source, key = account
    client = host.client(endpoint_url=wire.url)
    if session:
        for name, value in (("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"), ("AWS_SECRET_ACCESS_KEY", "made-up")):
            monkeypatch.setenv(name, value)
    given = host.session() if session else None
    report = host.wait(dry_run(client, session=given, **request(source, KmsKeyId=key)))
    assert set(outcomes(report).values()) == {"passed"}
    assert wire.asked == READ_ONLY


def test_what_is_not_there_takes_no_other_requests(host, wire):
    client = host.client(endpoint_url=wire.url)
    report = host.wait(dry_run(client, **request(arn("none"), KmsKeyId="alias/none")))
    assert (outcomes(report)["source found"], outcomes(report)["key usable"]) == ("failed", "failed")
    assert set(wire.asked) == {READ_ONLY[0], READ_ONLY[1], READ_ONLY[3]}


@pytest.mark.parametrize("region", [HOME, AWAY])
def test_a_key_that_may_not_be_described_is_unknown(host, wire, account, region):
    wire.refused["TrentService.DescribeKey", region] = "AccessDeniedException"
    source, key = account
    report = host.wait(dry_run(host.client(endpoint_url=wire.url), **request(source, KmsKeyId=key)))
    name = "source key usable" if region == HOME else "key usable"
    assert report.ok
    assert (outcomes(report)[name], reasons(report)[name]) == (
        "unknown",
        f"describe_key in {region} was refused: AccessDeniedException",
    )


@pytest.mark.parametrize(("region", "unknown"), [(AWAY, "target free"), (HOME, "source found")])
def test_a_region_that_may_not_be_asked_is_unknown(host, wire, account, region, unknown):
    wire.refused["DescribeDBClusterSnapshots", region] = "AccessDenied"
    report = host.wait(dry_run(host.client(endpoint_url=wire.url), **request(account[0], KmsKeyId=account[1])))
    assert report.ok
    assert outcomes(report)[unknown] == "unknown"
    assert reasons(report)[unknown] == f"describe_db_cluster_snapshots in {region} was refused: AccessDenied"
