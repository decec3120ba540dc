"""Whole requests at random, sound, nearly sound and absurd, against oracles that need no expected value.

    python -m tests.fuzz 1000000 [SEED]

What a run finds is printed as a request that can be pasted into a test. `tests/test_fuzz.py` runs a piece every time.
"""

from __future__ import annotations

import copy
import random
import sys
import time
import unicodedata
from collections.abc import Callable, Iterator
from typing import Any

import botocore.session
from botocore.validate import ParamValidator
from neptune_guard._request import Request

import neptune_guard
from neptune_guard import _prefill, _schema
from neptune_guard._violations import Severity
from neptune_guard.stub import NeptuneStub

SECRET = "SECRETSIGNATURE"
REGIONS = (None, "us-east-1", "us-west-2", "eu-west-1", "us-gov-west-1", "cn-north-1", "local", "", "us-east-99")
ACCOUNTS = (None, "123456789012", "210987654321")
_SHAPE = botocore.session.Session().get_service_model("neptune").operation_model("CopyDBClusterSnapshot").input_shape
_ALPHABET = "aZ9-_.:/=+@ \n\x00\u00a0\u0301éЖ漢😀\ud800'\"{}%"
_KEY = "arn:aws:kms:us-west-2:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
_ARN = "arn:aws:rds:us-east-1:123456789012:cluster-snapshot:nightly"
_SOUND: dict[str, tuple[Any, ...]] = {
    "SourceDBClusterSnapshotIdentifier": ("nightly", "rds:graph-2026-01-01-00-00", "awsbackup:job-1", _ARN),
    "TargetDBClusterSnapshotIdentifier": ("copy", "nightly", "a" * 63, "NIGHTLY"),
    "KmsKeyId": (_KEY, "alias/graph", "mrk-" + "a" * 32, "None"),
    "PreSignedUrl": (
        f"https://rds.us-east-1.amazonaws.com/?Action=CopyDBClusterSnapshot&X-Amz-Signature={SECRET}",
        SECRET,
    ),
    "SourceRegion": ("us-east-1", "us-west-2", "evil.example/x?"),
    "CopyTags": (True, False),
    "Tags": (
        [{"Key": "team", "Value": "graph"}],
        [{"Key": "team"}, {"Key": "team", "Value": ""}],
        (),
        [{"Value": "x"}],
    ),
    "Unknown": ("x",),
}


class Text(str):
    """A caller's own kind of string."""


class Source:
    """Random requests, each from a number alone."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def request(self) -> dict[str, Any]:
        names = [name for name in _SOUND if self.random.random() < (0.9 if "Identifier" in name else 0.35)]
        return {name: self.value(self.random.choice(_SOUND[name])) for name in names}

    def value(self, sound: Any) -> Any:
        kind = self.random.random()
        if kind < 0.6:
            return copy.deepcopy(sound)
        if kind < 0.85:
            return self.near(sound)
        return self.junk(3)

    def near(self, sound: Any) -> Any:
        if isinstance(sound, str):
            at = self.random.randint(0, len(sound))
            return sound[:at] + self.random.choice(_ALPHABET) * self.random.choice((0, 1, 1, 2, 300)) + sound[at + 1 :]
        if isinstance(sound, (list, tuple)):
            tags = [{name: self.value(text) for name, text in tag.items()} for tag in sound]
            return tags * self.random.choice((1, 1, 2, 60))
        return int(sound)

    def junk(self, depth: int) -> Any:
        leaves: tuple[Callable[[], Any], ...] = (
            lambda: None,
            lambda: self.random.choice((0, 1, -1, 10**5000, 1.5, float("nan"))),
            lambda: "".join(self.random.choices(_ALPHABET, k=self.random.randint(0, 8))),
            lambda: Text("copy"),
            lambda: b"bytes",
            lambda: {1, 2},
            lambda: (each for each in "x"),
            object,
        )
        kind = self.random.randint(0, 3) if depth else 3
        if kind == 0:
            return [self.junk(depth - 1) for _ in range(self.random.randint(0, 3))]
        if kind == 1:
            keys = ("Key", "Value", "PreSignedUrl", 1, None)
            return {self.random.choice(keys): self.junk(depth - 1) for _ in range(self.random.randint(0, 3))}
        return self.random.choice(leaves)()


def settled(params: dict[str, Any]) -> bool:
    """Tell whether every character is one that both engines' Unicode tables know."""
    return not any(unicodedata.category(each) == "Cn" for text in _texts(params) for each in text)


def _shown(params: dict[str, Any]) -> str:
    """Return a request as it can be pasted; the package itself has to do with Python's limit on digits."""
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        return repr(params)
    finally:
        sys.set_int_max_str_digits(limit)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _texts([*value.keys(), *value.values()])
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _texts(each)


def examine(params: dict[str, Any], region: str | None, account_id: str | None, stub: NeptuneStub) -> None:
    """Hold a request against every oracle; an AssertionError or any other exception is a find."""
    before = dict(params), _frozen(params)
    violations = neptune_guard.check(params, region=region, account_id=account_id)
    assert (dict(params), _frozen(params)) == before, "the caller's objects changed"
    printed = "".join(map(str, violations)) + str([each.to_dict() for each in violations])
    assert SECRET not in printed, "a secret is printed"
    if settled(params):
        assert not (_schema.accepts(params) and list(_schema.explain(params))), "the engines disagree"
    errors = [each for each in violations if each.severity is Severity.ERROR]
    if not errors:
        # Names that the model lacks are no rule's affair: botocore refuses them at every call.
        report = ParamValidator().validate(params, _SHAPE).generate_report().splitlines()
        assert all(line.startswith("Unknown parameter in ") for line in report), f"botocore refuses it: {report}"
    if not errors and "Unknown" not in params:
        status, answer = stub.respond("CopyDBClusterSnapshot", params, region=region or "us-east-1")
        assert status == 200 or answer["Error"]["Code"] != "InternalFailure"
        assert SECRET not in str(stub.calls[-1]), "a secret is logged"
    filled = {**params, **_prefill.additions(Request(params, region))}
    assert _prefill.additions(Request(filled, region)) == {}, "filling twice differs"


def _frozen(params: dict[str, Any]) -> list[tuple[str, int]]:
    """Return what a change inside would change, without asking a caller's own objects."""
    return [(name, len(value)) for name, value in params.items() if isinstance(value, (list, tuple, dict))]


def run(requests: int, seed: int) -> int:
    """Examine so many requests; print and count what is found."""
    source, found = Source(seed), 0
    with NeptuneStub(imagine=True) as stub:
        for number in range(requests):
            params = source.request()
            region, account_id = source.random.choice(REGIONS), source.random.choice(ACCOUNTS)
            try:
                examine(params, region, account_id, stub)
            except Exception as problem:  # noqa: BLE001 - whatever comes out is the find
                found += 1
                print(f"{type(problem).__name__}: {problem}\n  {_shown(params)}, {region=}, {account_id=}")
            if number % 100 == 0:
                stub.reset()
    return found


def main(requests: int = 1_000_000, seed: int = 1) -> int:
    start = time.perf_counter()
    found = run(requests, seed)
    print(f"{requests} requests with seed {seed} in {time.perf_counter() - start:.0f} s: {found} finds")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:3])))
