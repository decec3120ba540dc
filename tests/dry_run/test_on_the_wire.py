"""What leaves the process: against a moto server on loopback."""

import io
import re
import threading
import uuid

import boto3
import pytest

from neptune_guard import dry_run
from tests.dry_run.builders import (
    AWAY,
    HOME,
    arn,
    outcomes,
    reasons,
    request,
)


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
    ("rds", HOME, "DescribeDBClusters"),
    ("kms", HOME, "TrentService.DescribeKey"),
    ("kms", AWAY, "TrentService.DescribeKey"),
]


@pytest.mark.parametrize("session", [False, True], ids=["own session", "given session"])
def test_five_read_only_requests_are_all_that_leaves(host, wire, account, session, monkeypatch):
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
    assert set(wire.asked) == {READ_ONLY[0], READ_ONLY[1], READ_ONLY[4]}


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
