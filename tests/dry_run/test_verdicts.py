"""What a dry run says of an account, held against what the copy then does."""

import pytest
from botocore.exceptions import BotoCoreError, ClientError
from hypothesis import given, settings
from hypothesis import strategies as st

from neptune_guard import dry_run
from neptune_guard.stub import NeptuneStub
from tests.dry_run.builders import (
    AUTOMATED,
    AWAY,
    HOME,
    KEY,
    NAMES,
    OTHER,
    OWN,
    arn,
    beside,
    copying,
    kms,
    outcomes,
    reasons,
    request,
    seeded,
    with_key,
)

OTHERS_CLUSTER = {"source cluster available": ("unknown", "the cluster is another account's")}
BROKEN = "it breaks {} of the rules: {}"
NO_SOURCE = {
    "source found": ("failed", "there is no such snapshot that you may see; correct the identifier"),
    "source available": ("unknown", "the source was not found"),
    "source cluster available": ("unknown", "the source was not found"),
    "encryption": ("unknown", "the source was not found"),
    "source key usable": ("unknown", "the source was not found"),
    "key usable": ("unknown", "none is given"),
}


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
    "a broken rule": (
        seeded(),
        request(target="a--b"),
        {"request": ("failed", BROKEN.format(1, "identifier-hyphens"))},
    ),
    "two broken rules": (
        seeded(),
        request(target="a--b", Tags=[{"Key": "aws:x"}]),
        {"request": ("failed", BROKEN.format(2, "identifier-hyphens, tag-key-reserved-prefix"))},
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
    "no automated source": (
        lambda stub: None,
        request(arn(AUTOMATED)),
        {**NO_SOURCE, "source found": ("failed", "of another account cannot be shared, its owner must copy it first")},
    ),
    "a cluster that is busy": (
        lambda stub: (stub.add_cluster("graph", HOME, status="creating"), seeded()(stub)),
        request(),
        {"source cluster available": ("failed", "the cluster graph is creating; wait until it is available")},
    ),
    "a cluster that is available": (
        lambda stub: (stub.add_cluster("graph", HOME), seeded()(stub)),
        request(),
        {"source cluster available": ("passed", "the cluster graph is available")},
    ),
    "a source of AWS Backup, by its name": (
        lambda stub: stub.add_snapshot("awsbackup:job-1", AWAY),
        request("awsbackup:job-1"),
        {"source found": ("passed", arn("awsbackup:job-1", AWAY))},
    ),
    "a shared source": (
        seeded(account_id=OTHER, shared_with=[OWN]),
        request(arn(account=OTHER)),
        {**OTHERS_CLUSTER, "source found": ("passed", f"shared snapshot {arn(account=OTHER)}")},
    ),
    "a public source": (
        seeded(account_id=OTHER, shared_with=["all"]),
        request(arn(account=OTHER)),
        {**OTHERS_CLUSTER, "source found": ("passed", f"public snapshot {arn(account=OTHER)}")},
    ),
    "another account's, not shared": (
        seeded(account_id=OTHER),
        request(arn(account=OTHER)),
        NO_SOURCE,
    ),
    "a shared source beside": (
        beside(account_id=OTHER, shared_with=[OWN]),
        request(arn(region=AWAY, account=OTHER)),
        {**OTHERS_CLUSTER, "source found": ("passed", "shared")},
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
            **OTHERS_CLUSTER,
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
        {**OTHERS_CLUSTER, "encryption": ("passed", "the given key"), "key usable": ("passed", "is enabled")},
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
        {
            "request": ("failed", "it breaks 1 of the rules: kms-key-region"),
            "key usable": ("unknown", "the request names no sound key"),
        },
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
    options = {
        "status": status,
        "kms_key_id": under,
        "account_id": owner,
        "shared_with": [OWN] if shared and status == "available" else (),
    }
    stub.add_snapshot("nightly", source_region, **options)
    if taken:
        stub.add_snapshot("copy", AWAY)
    params = request(arn(region=source_region, account=owner) if by_arn else "nightly")
    params |= {"KmsKeyId": key} if key else {}
    client = session.client("neptune")
    report = dry_run(client, session=session, **params)
    assert report.ok is succeeds(client, params), report


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
