"""Clients made like a given one: same credentials, configuration and addresses, in another Region or for KMS."""

import asyncio
from datetime import datetime, timedelta, timezone

import boto3
import botocore.session
import pytest
from botocore import UNSIGNED
from botocore.config import Config
from botocore.credentials import RefreshableCredentials

from neptune_guard import register
from neptune_guard._dry_run import clients as _clients
from neptune_guard._hook import held_by
from neptune_guard._rules import Request
from neptune_guard.stub import NeptuneStub
from tests.helpers import COPY

ELSEWHERE = "us-east-1"
SERVER = "http://localhost:4566"
AWS = "https://rds.us-west-2.amazonaws.com"


@pytest.fixture
def like(host):
    """Make a client of a service and Region like a given one, and return it while it is open."""

    def made(client, service="neptune", region=ELSEWHERE, session=None):
        if not hasattr(client, "__aenter__"):
            return _clients.Clients(client, session).get(service, region)

        async def opened():
            async with _clients.AsyncClients(client, session) as clients:
                return await clients.get(service, region)

        return host.wait(opened())

    return made


def test_botocore_keeps_a_clients_private_parts_where_they_are_looked_for(host):
    client = host.client(endpoint_url=SERVER, use_ssl=False, verify=False)
    parts = _clients.private_parts(client)
    assert (parts.credentials.access_key, parts.credentials.secret_key) == ("AKIDEXAMPLE", "made-up")
    assert parts[1:] == (SERVER, False, False)
    assert _clients.private_parts(host.client(verify="/ca.pem"))[1:] == (None, True, "/ca.pem")


@pytest.mark.parametrize("service", ["neptune", "kms"])
def test_credentials_are_carried_as_the_object_that_they_are(host, like, service):
    client = host.client()
    credentials = _clients.private_parts(client).credentials
    assert _clients.private_parts(like(client, service)).credentials is credentials


def test_credentials_that_ran_out_are_refreshed_where_they_are_used():
    refreshed = []

    def refresh():
        refreshed.append("once")
        later = datetime.now(timezone.utc) + timedelta(hours=1)
        return {"access_key": "new", "secret_key": "new", "token": "new", "expiry_time": later.isoformat()}

    old = RefreshableCredentials("old", "old", "old", datetime.now(timezone.utc), refresh, "test")
    session = botocore.session.Session()
    session._credentials = old
    client = session.create_client("neptune", region_name="us-west-2")
    other = _clients.Clients(client, None).get("neptune", ELSEWHERE)
    assert _clients.private_parts(other).credentials.get_frozen_credentials().token == "new"
    assert refreshed == ["once"]


ADDRESSES = {
    "none": (None, "neptune", ELSEWHERE, "https://rds.us-east-1.amazonaws.com"),
    "none, KMS": (None, "kms", "us-west-2", "https://kms.us-west-2.amazonaws.com"),
    "a server": (SERVER, "neptune", ELSEWHERE, SERVER),
    "a server, KMS": (SERVER, "kms", ELSEWHERE, SERVER),
    "Amazon's": (AWS, "neptune", ELSEWHERE, "https://rds.us-east-1.amazonaws.com"),
    "Amazon's, KMS": (AWS, "kms", "us-west-2", "https://kms.us-west-2.amazonaws.com"),
    "VPC endpoint": (
        "https://vpce-0a1b.rds.us-west-2.vpce.amazonaws.com",
        "neptune",
        ELSEWHERE,
        "https://rds.us-east-1.amazonaws.com",
    ),
}


@pytest.mark.parametrize(("given", "service", "region", "expected"), ADDRESSES.values(), ids=ADDRESSES)
def test_an_address_is_kept_where_it_serves(host, like, given, service, region, expected):
    made = like(host.client(endpoint_url=given), service, region)
    assert (made.meta.endpoint_url, made.meta.region_name) == (expected, region)


def test_an_address_from_the_environment_is_kept_as_one_that_was_given(host, like, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL_NEPTUNE", SERVER)
    assert like(host.client()).meta.endpoint_url == SERVER


def test_an_address_that_the_client_ignores_is_ignored_again(host, like, monkeypatch):
    monkeypatch.setenv("AWS_ENDPOINT_URL", SERVER)
    client = host.client(config=Config(ignore_configured_endpoint_urls=True))
    assert like(client).meta.endpoint_url == "https://rds.us-east-1.amazonaws.com"


@pytest.mark.parametrize("service", ["neptune", "kms"])
def test_the_configuration_is_carried(host, like, service):
    config = Config(
        connect_timeout=7,
        read_timeout=8,
        retries={"total_max_attempts": 2, "mode": "adaptive"},
        proxies={"https": "http://localhost:3128"},
        use_fips_endpoint=True,
    )
    made = like(host.client(config=config, verify="/ca.pem"), service).meta
    assert (made.config.connect_timeout, made.config.read_timeout) == (7, 8)
    assert made.config.retries == {"total_max_attempts": 2, "mode": "adaptive"}
    assert made.config.proxies == {"https": "http://localhost:3128"}
    assert "fips.us-east-1" in made.endpoint_url


def test_certificates_and_plain_http_are_carried(host, like):
    made = like(host.client(use_ssl=False, verify=False))
    assert _clients.private_parts(made)[2:] == (False, False)
    assert made.meta.endpoint_url == "http://rds.us-east-1.amazonaws.com"


@pytest.mark.parametrize(
    ("region", "other", "suffix"),
    [
        ("us-gov-west-1", "us-gov-east-1", "amazonaws.com"),
        ("cn-north-1", "cn-northwest-1", "amazonaws.com.cn"),
    ],
)
def test_other_partitions_have_addresses_of_their_own(host, like, region, other, suffix):
    client = host.client(region=region)
    assert like(client, "neptune", other).meta.endpoint_url == f"https://rds.{other}.{suffix}"
    assert like(client, "kms", other).meta.endpoint_url == f"https://kms.{other}.{suffix}"


def test_a_client_without_credentials_makes_others_without_looking_for_any(host, like, monkeypatch):
    client = host.client(aws_access_key_id=None, aws_secret_access_key=None, config=Config(signature_version=UNSIGNED))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "somebody-elses")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "somebody-elses")
    made = like(client)
    assert _clients.private_parts(made).credentials is None
    assert made.meta.config.signature_version is UNSIGNED


REQUEST = Request("CopyDBClusterSnapshot", {**COPY, "Tags": [{"Key": "aws:x"}]})


@pytest.mark.parametrize("mode", ["off", "warn", "strict"])
def test_another_client_carries_the_guard_and_the_stub(host, like, mode):
    client = host.client()
    with NeptuneStub(account_id="210987654321") as stub:
        guard = register(client, mode=mode, stub=stub, account_id="210987654321", ignore=["tag-*"])
        other = held_by(like(client))
        assert (other.mode, other.account_id, other.responder) == (mode, "210987654321", stub)
        assert other.ruleset.check(REQUEST) == guard.ruleset.check(REQUEST) == []
        assert guard.active
        assert other is not guard


def test_without_a_guard_there_is_none_on_the_other_client(host, like):
    assert held_by(like(host.client())) is None


def test_a_client_is_made_once(host):
    clients = _clients.Clients(boto3.client("neptune", "us-west-2"), boto3.Session())
    assert clients.get("kms", ELSEWHERE) is clients.get("kms", ELSEWHERE)
    assert clients.get("neptune", "us-west-2") is clients._client


@pytest.mark.parametrize("session", [boto3.Session, botocore.session.Session], ids=["boto3", "botocore"])
def test_a_given_session_makes_the_clients(session):
    given = session()
    seen = []
    events = getattr(given, "events", None) or given.get_component("event_emitter")
    events.register("creating-client-class.kms", lambda **kwargs: seen.append("kms"))
    _clients.Clients(boto3.client("neptune", "us-west-2"), given).get("kms", ELSEWHERE)
    assert seen == ["kms"]


def test_a_given_aiobotocore_session_makes_the_clients():
    aiobotocore = pytest.importorskip("aiobotocore.session")
    seen = []

    async def run():
        given = aiobotocore.AioSession()
        given.register("creating-client-class.kms", lambda **kwargs: seen.append("kms"))
        making = given.create_client("neptune", region_name="us-west-2")
        async with making as client, _clients.AsyncClients(client, given) as clients:
            made = await clients.get("kms", ELSEWHERE)
            assert await clients.get("kms", ELSEWHERE) is made

    asyncio.run(run())
    assert seen == ["kms"]


@pytest.mark.parametrize("session", ["us-east-1", 1, object(), ""])
def test_what_makes_no_clients_is_refused(host, like, session):
    with pytest.raises(TypeError, match=f"session is a {type(session).__name__}"):
        like(host.client(), session=session)


class DescribesKeys:
    def respond(self, operation, params, *, region, account_id):
        return 200, {}

    def describe_key(self, key_id, *, region, account_id):
        return None


@pytest.mark.parametrize(
    ("responder", "expected"),
    [
        (None, _clients.StandIn(imagines=False, knows_keys=True)),
        (True, _clients.StandIn(imagines=True, knows_keys=True)),
        (NeptuneStub, _clients.StandIn(imagines=False, knows_keys=True)),
        (DescribesKeys, _clients.StandIn(imagines=False, knows_keys=True)),
        ("canned", _clients.StandIn(imagines=False, knows_keys=False)),
    ],
    ids=["none", "imagining", "stub", "with keys", "without keys"],
)
def test_what_answers_behind_a_client(canned, responder, expected):
    stub = canned() if responder == "canned" else responder() if isinstance(responder, type) else responder
    guard = register(boto3.client("neptune", "us-west-2"), stub=stub)
    assert _clients.stand_in_of(guard) == expected
    if hasattr(guard.responder, "close"):
        guard.responder.close()


def test_an_unguarded_client_has_aws_behind_it():
    assert _clients.stand_in_of(None) == _clients.StandIn()
