"""Who catches what: botocore's own validation, moto and neptune_guard on the same faulty requests.

    python -m tests.programs.caught [--print]

It writes docs/caught.md, and the ten most telling rows with the sums into README.md.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from botocore import xform_name
from botocore.exceptions import ClientError
from botocore.validate import ParamValidator

from neptune_guard._rules import GUARDED, check, shapes
from tests.helpers import HERE, THERE
from tests.programs.faulty import REQUESTS, SOUND_REQUESTS, TELLING, Faulty

PAGE = Path(__file__).parent.parent.parent / "docs" / "caught.md"
README = PAGE.parent.parent / "README.md"
_START, _END = "<!-- caught:start -->", "<!-- caught:end -->"
ACCEPTED, REJECTED, UNREACHED = "accepted", "rejected", "not reached"
_HEAD = """# What is caught

% Written by `python -m tests.programs.caught`; a test compares the two.

Each row is one request with one mistake, sent three times: to botocore's own validation (what every boto3 client does
before it sends), to moto {moto}, and to `neptune_guard.check`. A request that botocore rejects never reaches moto. The
world around them is one in which a sound request succeeds at the service. moto's answer is the code of its error,
whatever its reason; "crashes" is an exception that is not an answer of the service.

"""


class Outcome(NamedTuple):
    """What each of the three made of a request."""

    request: Faulty
    botocore: str
    moto: str
    neptune_guard: str

    @property
    def row(self) -> str:
        """The request as a row of a table, without its operation."""
        return (
            f"| {self.request.mistake} | `{self.request.rule}` | {self.botocore} | {self.moto} | {self.neptune_guard} |"
        )


def by_botocore(request: Faulty) -> str:
    """Return what botocore's own validation makes of a request."""
    shape = shapes.input_shape("neptune", request.operation)
    return REJECTED if ParamValidator().validate(request.params, shape).has_errors() else ACCEPTED


def by_neptune_guard(request: Faulty) -> str:
    """Return the severity with which the rule that a request is about, or any for a sound request, finds it."""
    found = check(request.params, operation=request.operation, region=request.region, account_id=request.account_id)
    return next((each.severity.value for each in found if request.rule in (each.rule, "")), ACCEPTED)


# ---------------------------------------------------------------------- moto


@contextmanager
def _no_settings() -> Iterator[None]:
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


@cache
def _client(service: str, region: str) -> Any:
    import boto3

    return boto3.Session(region_name=region).client(service)


def _keys() -> dict[str, str]:
    """Give moto a key with the alias alias/graph in two Regions, and return the ARNs by Region."""
    keys = {}
    for region in (HERE, THERE):
        kms = _client("kms", region)
        keys[region] = kms.create_key()["KeyMetadata"]["Arn"]
        kms.create_alias(AliasName="alias/graph", TargetKeyId=keys[region])
    return keys


@contextmanager
def moto_world() -> Iterator[Callable[[Faulty], str]]:
    """Give what sends a request to moto, each time to the same clusters and snapshots."""
    from moto import mock_aws
    from moto.backends import get_backend

    def send(request: Faulty) -> str:
        get_backend("rds").reset()
        for region, key in keys.items():
            neptune = _client("neptune", region)
            neptune.create_db_cluster(
                DBClusterIdentifier="graph", Engine="neptune", KmsKeyId=key, StorageEncrypted=True
            )
            neptune.create_db_cluster_snapshot(DBClusterIdentifier="graph", DBClusterSnapshotIdentifier="nightly")
        try:
            getattr(_client("neptune", request.region), xform_name(request.operation))(**request.params)
        except ClientError as error:
            return f"`{error.response['Error']['Code']}`"
        except NotImplementedError:
            return "not implemented"
        except Exception as crash:  # noqa: BLE001 - that it crashes is the outcome
            return f"crashes ({type(crash).__name__})"
        return ACCEPTED

    with _no_settings(), mock_aws():
        keys = _keys()
        yield send
        _client.cache_clear()


def outcomes(requests: Iterable[Faulty] = REQUESTS) -> list[Outcome]:
    """Return what each of the three makes of requests."""
    found = []
    with moto_world() as send:
        for request in requests:
            alone = by_botocore(request)
            moto = send(request) if alone == ACCEPTED else UNREACHED
            found.append(Outcome(request, alone, moto, by_neptune_guard(request)))
    return found


# ---------------------------------------------------------------------- the page


def sums(found: list[Outcome]) -> str:
    """Return a sentence that counts who catches what."""
    botocore = sum(each.botocore == REJECTED for each in found)
    moto = sum(each.moto.startswith("`") for each in found)
    crashed = sum(each.moto.startswith("crashes") for each in found)
    guard = sum(each.neptune_guard != ACCEPTED for each in found)
    errors = sum(each.neptune_guard == "error" for each in found)
    operations = len({each.request.operation for each in found})
    return (
        f"Of {len(found)} mistakes in {operations} operations botocore's validation catches {botocore}, moto {moto} "
        f"more (it crashes on {crashed}), neptune_guard {guard}: {errors} as errors, {guard - errors} as warnings."
    )


def telling(found: list[Outcome]) -> str:
    """Return the ten most telling rows as a table for the README."""
    chosen = [each for each in found if (each.request.operation, each.request.mistake) in TELLING]
    head = ["| operation | mistake | botocore | moto | neptune_guard |", "|---|---|---|---|---|"]
    rows = [
        f"| {each.request.operation} | {each.request.mistake} | {each.botocore} | {each.moto} | {each.neptune_guard} "
        f"`{each.request.rule}` |"
        for each in chosen
    ]
    return "\n".join([*head, *rows])


def page(found: list[Outcome], sound: list[Outcome]) -> str:
    """Return docs/caught.md.

    Args:
        found: What is made of the faulty requests.
        sound: What is made of a sound request of each operation.
    """
    from importlib.metadata import version

    parts = [_HEAD.format(moto=version("moto")), f"{sums(found)}\n"]
    for operation in GUARDED:
        rows = [each.row for each in found if each.request.operation == operation]
        head = ["| mistake | rule | botocore | moto | neptune_guard |", "|---|---|---|---|---|"]
        unable = [each.moto for each in sound if each.request.operation == operation and each.moto != ACCEPTED]
        notes = [f"moto: {each} on a sound request as well.\n" for each in unable]
        parts.append("\n".join(["", f"## {operation}", "", *notes, *head, *rows, ""]))
    return "".join(parts)


def readme(found: list[Outcome]) -> str:
    """Return README.md with the most telling rows and the sums as they are now."""
    before, start, rest = README.read_text(encoding="utf-8").partition(_START)
    after = rest.partition(_END)[2]
    return f"{before}{start}\n{telling(found)}\n\n{sums(found)}\n{_END}{after}"


def main(arguments: list[str]) -> int:
    """Write the page and the README's part, or print the page.

    Args:
        arguments: `--print`, or nothing.

    Returns:
        0.
    """
    found = outcomes()
    text = page(found, outcomes(SOUND_REQUESTS))
    if "--print" in arguments:
        print(text, end="")
    else:
        PAGE.write_text(text, encoding="utf-8")
        README.write_text(readme(found), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
