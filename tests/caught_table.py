"""Who catches what: botocore's own validation, moto and neptune_guard on the same faulty requests.

`python -m tests.caught_table` rewrites the table in README.md between its two markers; with `--print` it prints it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import botocore.session
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator

from neptune_guard import RULES, check
from tests.reference_requests import REQUESTS, Faulty

README = Path(__file__).parent.parent / "README.md"
START, END = "<!-- caught:start -->", "<!-- caught:end -->"
ACCEPTED = "accepted"


class Outcome(NamedTuple):
    """What each of the three made of a request."""

    request: Faulty
    botocore: str
    moto: str
    neptune_guard: str


@cache
def shape() -> Any:
    return botocore.session.Session().get_service_model("neptune").operation_model("CopyDBClusterSnapshot").input_shape


def by_botocore(params: dict[str, Any]) -> str:
    return "refused" if ParamValidator().validate(params, shape()).has_errors() else ACCEPTED


def by_neptune_guard(request: Faulty) -> str:
    found = {each.rule for each in check(request.params, region=request.region, account_id=request.account_id)}
    return str(RULES[request.rule].severity) if request.rule in found else ACCEPTED


@contextmanager
def no_settings() -> Iterator[None]:
    """Leave out anybody's own AWS configuration; moto makes up the credentials."""
    kept = dict(os.environ)
    for name in kept:
        if name.startswith("AWS_"):
            del os.environ[name]
    os.environ.update(AWS_CONFIG_FILE=os.devnull, AWS_SHARED_CREDENTIALS_FILE=os.devnull)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(kept)


@contextmanager
def moto_world() -> Iterator[Callable[[Faulty], str]]:
    """Give what sends a request to moto, with a snapshot and a key where a sound request needs them."""
    import boto3
    from moto import mock_aws

    @cache
    def client(service: str, region: str) -> Any:
        return boto3.Session(region_name=region).client(service)

    def send(request: Faulty) -> str:
        neptune = client("neptune", request.region)
        try:
            made = neptune.copy_db_cluster_snapshot(**request.params)["DBClusterSnapshot"]
        except ClientError as error:
            return f"`{error.response['Error']['Code']}`"
        except Exception as crash:  # noqa: BLE001 - that it crashes is the outcome
            return f"crashes ({type(crash).__name__})"
        neptune.delete_db_cluster_snapshot(DBClusterSnapshotIdentifier=made["DBClusterSnapshotIdentifier"])
        return ACCEPTED

    with no_settings(), mock_aws():
        for region in ("us-west-2", "us-east-1"):
            key = client("kms", region).create_key()["KeyMetadata"]["Arn"]
            client("kms", region).create_alias(AliasName="alias/graph", TargetKeyId=key)
            neptune = client("neptune", region)
            neptune.create_db_cluster(
                DBClusterIdentifier="graph", Engine="neptune", KmsKeyId=key, StorageEncrypted=True
            )
            neptune.create_db_cluster_snapshot(DBClusterIdentifier="graph", DBClusterSnapshotIdentifier="nightly")
        yield send


def outcomes(requests: Iterable[Faulty]) -> Iterator[Outcome]:
    with moto_world() as send:
        for request in requests:
            alone = by_botocore(request.params)
            yield Outcome(
                request, alone, send(request) if alone == ACCEPTED else "not reached", by_neptune_guard(request)
            )


def table(found: list[Outcome]) -> str:
    rows = [
        f"| {each.request.mistake} | `{each.request.rule}` | {each.botocore} | {each.moto} | {each.neptune_guard} |"
        for each in found
    ]
    head = ["| mistake | rule | boto3 alone | moto | neptune_guard |", "|---|---|---|---|---|"]
    return "\n".join([*head, *rows, "", summary(found)])


def summary(found: list[Outcome]) -> str:
    def caught(answers: list[str]) -> int:
        return sum(answer in ("refused", "error", "warning") or answer.startswith("`") for answer in answers)

    crashed = sum(each.moto.startswith("crashes") for each in found)
    return (
        f"Of {len(found)} mistakes boto3 alone finds {caught([each.botocore for each in found])}, moto "
        f"{caught([each.moto for each in found])} more (and crashes on {crashed}), neptune_guard "
        f"{caught([each.neptune_guard for each in found])}."
    )


def written(readme: str, text: str) -> str:
    """Return the README with the part between the markers replaced.

    Raises:
        ValueError: A marker is missing, or they are in the wrong order.
    """
    start, end = readme.find(START), readme.find(END)
    if start < 0 or end < start:
        raise ValueError(f"README.md has no {START} followed by {END}; put them where the table belongs")
    return f"{readme[: start + len(START)]}\n{text}\n{readme[end:]}"


def main(arguments: list[str]) -> int:
    if "--print" in arguments:
        print(table(list(outcomes(REQUESTS))))
        return 0
    readme = README.read_text(encoding="utf-8")
    try:
        written(readme, "")
    except ValueError as problem:
        print(problem, file=sys.stderr)
        return 1
    README.write_text(written(readme, table(list(outcomes(REQUESTS)))), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
