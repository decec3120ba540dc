"""Builders that the tests of the dry run share: requests, seeds of a stub, and a responder of a table."""

from __future__ import annotations

from tests.helpers import ACCOUNT as OWN
from tests.helpers import OTHER_ACCOUNT as OTHER
from tests.helpers import arn as any_arn

HOME, AWAY = "us-east-1", "us-west-2"
KEY = "1234abcd-12ab-34cd-56ef-1234567890ab"
AUTOMATED = "rds:graph-2026-03-01-04-05"


def arn(name="nightly", region=HOME, account=OWN, partition="aws"):
    return any_arn(region, name, account_id=account, partition=partition)


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


class Service:
    """Answers DescribeDBClusterSnapshots from a table: (Region, SnapshotType, Marker) -> answer or code."""

    def __init__(self, **answers):
        self.answers = answers
        self.asked = []

    def respond(self, operation, params, *, region, account_id):
        if operation == "DescribeDBClusters":
            return 404, {"Error": {"Code": "DBClusterNotFoundFault", "Message": "no"}}
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


NAMES = (
    "request",
    "source found",
    "source available",
    "source cluster available",
    "encryption",
    "source key usable",
    "key usable",
    "target free",
    "snapshot quota",
    "copies in progress",
)
