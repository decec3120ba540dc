"""What really leaves the process: real clients against servers on loopback."""

from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.config import Config

from neptune_guard import register
from neptune_guard.exceptions import ConstraintViolationError
from tests.helpers import ACCOUNT, arn

ADDED_BY_SIGNING = {
    "DestinationRegion",
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-SignedHeaders",
    "X-Amz-Signature",
}


def request(source, **more):
    return {"SourceDBClusterSnapshotIdentifier": source, "TargetDBClusterSnapshotIdentifier": "copy", **more}


@pytest.fixture
def copy(host, recorder):
    """Copy through a guarded client of AWS's own endpoints, with the recorder as proxy, and return what it received."""

    def sent(region, params, guarded=True, **config):
        session = host.session()
        if guarded:
            register(session, mode="strict", ignore=["pre-signed-url-*", "source-*", "snapshot-arn-*"])
        options = Config(proxies={"http": recorder.url}, **config)
        client = host.client(session, region, use_ssl=False, config=options)
        answer = host.wait(client.copy_db_cluster_snapshot(**params))
        assert answer["DBClusterSnapshot"]["Status"] == "copying"
        return recorder.received[-1]

    return sent


ACROSS = {
    "aws": ("us-west-2", arn("us-east-1"), {}, "rds.us-east-1.amazonaws.com"),
    "GovCloud": ("us-gov-west-1", arn("us-gov-east-1", partition="aws-us-gov"), {}, "rds.us-gov-east-1.amazonaws.com"),
    "China": ("cn-north-1", arn("cn-northwest-1", partition="aws-cn"), {}, "rds.cn-northwest-1.amazonaws.com.cn"),
    "FIPS": ("us-west-2", arn("us-east-1"), {"use_fips_endpoint": True}, "rds-fips.us-east-1.amazonaws.com"),
}


@pytest.mark.parametrize(("region", "source", "config", "expected_host"), ACROSS.values(), ids=ACROSS)
def test_a_copy_across_regions_leaves_with_a_url_of_the_source_region(copy, region, source, config, expected_host):
    params = request(source, CopyTags=False, Tags=[{"Key": "équipe", "Value": "a/b=c +d"}, {"Key": "empty"}])
    received = copy(region, params, **config)
    body = dict(received.body)
    url = urlsplit(body.pop("PreSignedUrl"))
    query = {name: value for name, (value,) in parse_qs(url.query, keep_blank_values=True).items()}

    assert url.hostname == expected_host
    assert query["X-Amz-Credential"].split("/")[2:] == [source.split(":")[3], "rds", "aws4_request"]
    assert query["DestinationRegion"] == region
    assert query["Action"] == "CopyDBClusterSnapshot"
    assert {name: value for name, value in query.items() if name not in ADDED_BY_SIGNING} == body
    assert query.keys() - body.keys() == ADDED_BY_SIGNING
    assert "SourceRegion" not in body
    assert body["SourceDBClusterSnapshotIdentifier"] == source
    assert body["Tags.Tag.1.Key"] == "équipe"
    assert body["Tags.Tag.1.Value"] == "a/b=c +d"
    assert f"/{region}/rds/aws4_request" in received.headers["Authorization"]


def test_the_url_takes_the_clients_key_and_the_requests_key(copy):
    key = f"arn:aws:kms:us-west-2:{ACCOUNT}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
    body = copy("us-west-2", request(arn("us-east-1"), KmsKeyId=key)).body
    query = parse_qs(urlsplit(body["PreSignedUrl"]).query)
    assert (query["KmsKeyId"], body["KmsKeyId"]) == ([key], key)
    assert query["X-Amz-Credential"][0].startswith("AKIDEXAMPLE/")


def test_temporary_credentials_sign_the_url_too(host, recorder):
    session = host.session()
    register(session, mode="strict")
    options = Config(proxies={"http": recorder.url})
    client = host.client(session, use_ssl=False, config=options, aws_session_token="made-up-token")
    host.wait(client.copy_db_cluster_snapshot(**request(arn("us-east-1"))))
    query = parse_qs(urlsplit(recorder.received[-1].body["PreSignedUrl"]).query)
    assert query["X-Amz-Security-Token"] == ["made-up-token"]


GIVEN_URL = f"https://rds.us-east-1.amazonaws.com/?Action=CopyDBClusterSnapshot&X-Amz-Signature={'0' * 64}"
LEFT = {
    "same Region": ("us-west-2", request(arn("us-west-2"))),
    "bare identifier": ("us-west-2", request("nightly")),
    "PreSignedUrl given": ("us-west-2", request(arn("us-east-1"), PreSignedUrl=GIVEN_URL)),
    "another partition": ("us-west-2", request(arn("cn-north-1", partition="aws-cn"))),
    "out of GovCloud": ("us-west-2", request(arn("us-gov-west-1", partition="aws-us-gov"))),
}


@pytest.mark.parametrize(("region", "params"), LEFT.values(), ids=LEFT)
def test_any_other_copy_leaves_as_without_a_guard(copy, region, params):
    without, guarded = copy(region, params, guarded=False), copy(region, params)
    assert guarded.body == without.body
    assert guarded.body.get("PreSignedUrl") == params.get("PreSignedUrl")


def test_a_given_source_region_leaves_as_without_a_guard(copy):
    params = request(arn("us-east-1"), SourceRegion="eu-west-1")
    urls = [urlsplit(copy("us-west-2", params, guarded).body["PreSignedUrl"]) for guarded in (False, True)]
    assert [url.hostname for url in urls] == ["rds.eu-west-1.amazonaws.com"] * 2


def test_a_custom_endpoint_is_used_for_the_url_too(host, recorder):
    session = host.session()
    register(session, mode="strict")
    client = host.client(session, endpoint_url=recorder.url)
    host.wait(client.copy_db_cluster_snapshot(**request(arn("us-east-1"))))
    body = recorder.received[-1].body
    url = urlsplit(body["PreSignedUrl"])
    assert f"{url.scheme}://{url.netloc}" == recorder.url
    assert "%2Fus-east-1%2Frds%2F" in url.query
    assert "SourceRegion" not in body


def test_an_endpoint_of_one_region_is_rewritten_to_the_other(host, recorder):
    session = host.session()
    register(session, mode="strict")
    vpc = "http://vpce-0a1b.rds.us-west-2.vpce.amazonaws.com"
    client = host.client(session, endpoint_url=vpc, config=Config(proxies={"http": recorder.url}))
    host.wait(client.copy_db_cluster_snapshot(**request(arn("us-east-1"))))
    url = urlsplit(recorder.received[-1].body["PreSignedUrl"])
    assert url.hostname == "vpce-0a1b.rds.us-east-1.vpce.amazonaws.com"


def test_prefill_false_leaves_the_url_out(host, recorder):
    session = host.session()
    register(session, prefill=False)
    client = host.client(session, endpoint_url=recorder.url)
    host.wait(client.copy_db_cluster_snapshot(**request(arn("us-east-1"))))
    assert "PreSignedUrl" not in recorder.received[-1].body


def test_what_is_refused_does_not_leave(host, recorder):
    session = host.session()
    register(session, mode="strict")
    client = host.client(session, endpoint_url=recorder.url)
    with pytest.raises(ConstraintViolationError):
        host.wait(client.copy_db_cluster_snapshot(**request("nightly", KmsKeyId="None")))
    assert recorder.received == []


@pytest.mark.parametrize("source", [arn("us-east-1"), arn("us-west-2"), "nightly"])
def test_generate_presigned_url_is_never_filled(host, source):
    params = request(source, Tags=[{"Key": "team", "Value": "graph"}])
    before = {**params, "Tags": [dict(tag) for tag in params["Tags"]]}
    guarded = host.session()
    register(guarded, mode="strict")
    queries = []
    for session in (host.session(), guarded):
        client = host.client(session)
        url = host.wait(client.generate_presigned_url("copy_db_cluster_snapshot", Params=params))
        queries.append(parse_qs(urlsplit(url).query))
    for query in queries:
        del query["X-Amz-Date"], query["X-Amz-Signature"], query["X-Amz-Credential"]
    assert queries[0] == queries[1]
    assert "SourceRegion" not in queries[1]
    assert params == before


def test_generate_presigned_url_is_checked(host):
    session = host.session()
    register(session, mode="strict")
    client = host.client(session)
    with pytest.raises(ConstraintViolationError, match=r"\[identifier-hyphens\]"):
        host.wait(
            client.generate_presigned_url(
                "copy_db_cluster_snapshot",
                Params={"SourceDBClusterSnapshotIdentifier": "a", "TargetDBClusterSnapshotIdentifier": "b--c"},
            )
        )


def test_moto_takes_the_request_and_keeps_the_tags(host, moto_url):
    session = host.session()
    register(session, mode="strict")
    client = host.client(session, endpoint_url=moto_url)
    name = f"guarded-{type(host).__name__.lower()}"
    host.wait(client.create_db_cluster(DBClusterIdentifier=name, Engine="neptune"))
    host.wait(client.create_db_cluster_snapshot(DBClusterSnapshotIdentifier=f"{name}-1", DBClusterIdentifier=name))
    source = f"arn:aws:rds:us-west-2:{ACCOUNT}:cluster-snapshot:{name}-1"
    host.wait(
        client.copy_db_cluster_snapshot(
            SourceDBClusterSnapshotIdentifier=source,
            TargetDBClusterSnapshotIdentifier=f"{name}-2",
            Tags=[{"Key": "équipe", "Value": "a/b=c +d"}],
        )
    )
    tags = host.wait(client.list_tags_for_resource(ResourceName=source[:-1] + "2"))["TagList"]
    assert tags == [{"Key": "équipe", "Value": "a/b=c +d"}]


def test_moto_copies_across_regions(host, moto_url):
    session = host.session()
    register(session, mode="strict")
    name = f"across-{type(host).__name__.lower()}"
    there, here = (host.client(session, region, endpoint_url=moto_url) for region in ("eu-west-1", "eu-central-1"))
    host.wait(there.create_db_cluster(DBClusterIdentifier=name, Engine="neptune"))
    host.wait(there.create_db_cluster_snapshot(DBClusterSnapshotIdentifier=f"{name}-1", DBClusterIdentifier=name))
    source = f"arn:aws:rds:eu-west-1:{ACCOUNT}:cluster-snapshot:{name}-1"
    host.wait(
        here.copy_db_cluster_snapshot(
            SourceDBClusterSnapshotIdentifier=source, TargetDBClusterSnapshotIdentifier=f"{name}-2"
        )
    )
    found = host.wait(here.describe_db_cluster_snapshots(DBClusterSnapshotIdentifier=f"{name}-2"))
    assert [each["DBClusterSnapshotIdentifier"] for each in found["DBClusterSnapshots"]] == [f"{name}-2"]
