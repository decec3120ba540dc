"""Whole requests at random, sound, nearly sound and absurd, against oracles that need no expected value.

    python -m tests.programs.requests 1000000 [SEED]

What a run finds is printed as a request that can be pasted into a test. `tests/rules/test_properties.py` runs a piece
every time.
"""

from __future__ import annotations

import copy
import random
import sys
import time
import unicodedata
from collections.abc import Callable, Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from botocore.validate import ParamValidator

from neptune_guard._hook import prefill
from neptune_guard._printing import ABSENT
from neptune_guard._rules import GUARDED, Request, Ruleset, _engines, shapes
from neptune_guard._rules._request import is_exact, plain
from neptune_guard._violations import Finding, Severity
from neptune_guard.exceptions import NotStubbedError
from neptune_guard.stub import NeptuneStub
from tests.helpers import SOUND
from tests.rules.rows import NOW
from tests.rules.tables import TABLES

SECRET = "SECRETSIGNATURE"
REGIONS = (None, "us-east-1", "us-west-2", "us-west-2", "us-gov-west-1", "cn-north-1", "local", "", "us-east-99")
ACCOUNTS = (None, "123456789012", "210987654321")
_ALPHABET = "aZ9-_.:/=+@ \n\x00\u00a0\u0301éЖ漢😀\ud800'\"{}%"
_RULESET = Ruleset()
_EXTRA = {
    "PreSignedUrl": (
        f"https://rds.us-east-1.amazonaws.com/?Action=CopyDBClusterSnapshot&X-Amz-Signature={SECRET}",
        f"https://x/?X-Amz-Credential={SECRET}",
    ),
    "Unknown": ("x",),
}
REASONS_OF_STATE = frozenset(
    {
        "AuthorizationNotFound",
        "DBClusterAlreadyExistsFault",
        "DBClusterNotFoundFault",
        "DBClusterSnapshotAlreadyExistsFault",
        "DBClusterSnapshotNotFoundFault",
        "DBSnapshotNotFound",
        "DBInstanceAlreadyExists",
        "DBInstanceNotFound",
        "InvalidDBClusterSnapshotStateFault",
        "InvalidDBClusterStateFault",
        "InvalidRestoreFault",
        "KMSKeyNotAccessibleFault",
        "SharedSnapshotQuotaExceeded",
        "SnapshotQuotaExceeded",
    }
)
"""Codes by which the stub may refuse a request in which the guard finds no error: they depend on what exists."""
RECORDED = (
    ("InvalidParameterValue", "Must specify new KMS key for cross region encrypted snapshot copy."),
    ("InvalidParameterValue", "Must specify a KMS key of your own"),
    ("InvalidParameterValue", "Invalid resource name:"),  # of another Region, about which the guard only warns
    ("InvalidParameterValue", "a resource holds at most 50 tags"),  # with those that it has already
    ("InvalidParameterValue", "needs engine version 1.3.0.0"),  # with what the cluster has already
    ("InvalidParameterValue", "window must not overlap"),  # likewise
    ("InvalidParameterValue", "is above MaxCapacity"),  # likewise
    ("InvalidParameterValue", "Both MinCapacity and MaxCapacity must be specified"),  # for what was not serverless
    ("InvalidParameterValue", "is encrypted with the default key and cannot be shared"),
    ("InvalidParameterValue", "cannot be made public"),
    ("InvalidParameterValue", "is not a valid identifier."),  # sharing a snapshot of AWS Backup
    ("InvalidParameterCombination", "is not encrypted"),
    ("InvalidParameterCombination", "Cannot delete protected Cluster"),
    ("InvalidParameterCombination", "StorageEncrypted set to false"),  # inferred, so the guard only warns
)
"""Other refusals that the stub may make without an error of a rule: a code, and words from its message."""


# ---------------------------------------------------------------------- requests


def _pool() -> dict[str, list[Any]]:
    """Return every value of the tables by its parameter: they are the edges that the rules have."""
    pool: dict[str, list[Any]] = {name: list(values) for name, values in _EXTRA.items()}
    for table in TABLES.values():
        for row in (*table.accepts, *table.rejects):
            for name, value in row.changes.items():
                if value is not ABSENT and isinstance(name, str) and _is_data(value):
                    pool.setdefault(name, []).append(value)
    return pool


def _is_data(value: Any, depth: int = 0) -> bool:
    if isinstance(value, (list, tuple, dict)):
        inside = value.values() if isinstance(value, dict) else value
        return depth < 4 and len(value) < 60 and all(_is_data(each, depth + 1) for each in inside)
    return type(value) in (type(None), str, bool, int, float, bytes, datetime, Decimal)


_POOL = _pool()
_NAMES = {
    operation: [name for name in (*shapes.input_shape("neptune", operation).members, "Unknown") if name in _POOL]
    for operation in GUARDED
}


class Text(str):
    """A caller's own kind of string."""


class Source:
    """Random requests, each from a number alone."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def request(self) -> tuple[str, dict[str, Any]]:
        operation = self.random.choice(list(GUARDED))
        params = copy.deepcopy(SOUND[operation])
        names, changes = _NAMES[operation], self.random.choice((0, 1, 1, 2, 2, 3, 5, 9))
        for name in self.random.sample(names, min(changes, len(names))):
            params[name] = self.value(self.random.choice(_POOL[name]))
        if params and self.random.random() < 0.05:
            del params[self.random.choice(list(params))]
        return operation, params

    def value(self, given: Any) -> Any:
        kind = self.random.random()
        if kind < 0.75:
            return copy.deepcopy(given)
        return self.near(given) if kind < 0.92 else self.junk(3)

    def near(self, given: Any) -> Any:
        if isinstance(given, str):
            at = self.random.randint(0, len(given))
            return given[:at] + self.random.choice(_ALPHABET) * self.random.choice((0, 1, 1, 2, 300)) + given[at + 1 :]
        if isinstance(given, dict):
            return {name: self.value(each) for name, each in given.items() if self.random.random() < 0.9}
        if isinstance(given, (list, tuple)):
            return [self.value(each) for each in given] * self.random.choice((1, 1, 1, 2, 60))
        if isinstance(given, (int, float)) and not isinstance(given, bool) and abs(given) < 2**64:
            return given + self.random.choice((-1, 1, 0.5, 1000))
        return given

    def junk(self, depth: int) -> Any:
        leaves: tuple[Callable[[], Any], ...] = (
            lambda: None,
            lambda: self.random.choice((0, 1, -1, 10**5000, 1.5, float("nan"), float("inf"), True)),
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
            keys = ("Key", "Value", "MinCapacity", "EnableLogTypes", "PreSignedUrl", 1, None)
            return {self.random.choice(keys): self.junk(depth - 1) for _ in range(self.random.randint(0, 3))}
        return self.random.choice(leaves)()


# ---------------------------------------------------------------------- oracles


def examine(
    operation: str, params: dict[str, Any], region: str | None, account_id: str | None, stub: NeptuneStub | None = None
) -> None:
    """Hold a request against every oracle; an AssertionError or any other exception is a find."""
    before = dict(params), _frozen(params)
    request = Request(operation, params, region=region, account_id=account_id, now=lambda: NOW)
    found = _RULESET.findings(request)
    violations = [each.violation(operation) for each in found]
    assert (dict(params), _frozen(params)) == before, "the caller's objects changed"
    printed = "".join(map(str, violations)) + str([each.to_dict() for each in violations])
    assert SECRET not in printed, "a secret is printed"
    assert len(printed) < 3000 * len(violations) or not violations, "a finding is long"
    errors = [each for each in found if each.severity is Severity.ERROR]
    _engines_agree(operation, params)
    if not errors:
        report = ParamValidator().validate(params, shapes.input_shape("neptune", operation)).generate_report()
        assert not report, f"botocore refuses it: {report}"
    if operation == "CopyDBClusterSnapshot":
        _filling_once(params, region)
    # The stub keeps JSON, which has no number of thousands of digits and no Decimal; nobody can send a lone surrogate.
    can_be_sent = _is_settled(params) and not _has_odd_numbers(params)
    if stub is not None and region in ("us-east-1", "us-west-2", "cn-north-1") and can_be_sent:
        _stub_agrees(operation, params, region, stub)


def _engines_agree(operation: str, params: dict[str, Any]) -> None:
    shape = shapes.input_shape("neptune", operation)
    exact = plain(params)
    without_times = shapes.without_times(shape, exact)
    if not _is_settled(exact) or not is_exact(without_times) or list(shapes.findings(operation, shape, exact)):
        return
    accepted = _engines.acceptor(operation, shapes.structure(shape))(without_times)
    explained = not list(_engines.explain(operation, exact))
    # The fast engine takes no time that is text or a number, no NaN and no infinity; those go the slow way.
    assert not accepted or explained, "the fast engine accepts what the other explains"
    plainly = "RestoreToTime" not in without_times and not _has_odd_numbers(exact)
    assert accepted or not explained or not plainly, "the fast engine rejects what the other does not explain"


def _filling_once(params: dict[str, Any], region: str | None) -> None:
    request = Request("CopyDBClusterSnapshot", plain(params), region=region)
    filled = prefill.source_region(request)
    if filled is not None:
        again = request.with_params({**request.params, prefill.NAME: filled})
        assert prefill.source_region(again) is None, "filling twice differs"


def _stub_agrees(operation: str, params: dict[str, Any], region: str, stub: NeptuneStub) -> None:
    """Hold the stub's answer against the guard's findings for the stub's own account and clock."""
    request = Request(operation, params, region=region, account_id="123456789012", now=stub.now)
    errors = [each for each in _RULESET.findings(request) if each.severity is Severity.ERROR]
    try:
        status, answer = stub.respond(operation, params, region=region)
    except NotStubbedError:
        return
    assert SECRET not in _shown(answer), "a secret is answered"
    assert SECRET not in _shown(stub.calls[-1]), "a secret is logged"
    code, words = (None, "") if status == 200 else (answer["Error"]["Code"], answer["Error"]["Message"])
    if errors:
        assert code == errors[0].fault.code, f"the stub answers {code} ({words}), not {_shown_rule(errors[0])}"
    else:
        recorded = any(code == each and part in words for each, part in RECORDED)
        assert code is None or code in REASONS_OF_STATE or recorded, f"the stub refuses it alone: {code}: {words}"


def _shown_rule(found: Finding) -> str:
    return f"{found.fault.code} of {found.rule.id}"


# ---------------------------------------------------------------------- what oracles cannot judge


def _is_settled(params: Any) -> bool:
    """Tell whether every character is one that both engines' Unicode tables know, and that UTF-8 can write."""
    return not any(unicodedata.category(each) in ("Cn", "Cs") for text in _texts(params) for each in text)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _texts([*value.keys(), *value.values()])
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from _texts(each)


def _has_odd_numbers(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_odd_numbers, value.values()))
    if isinstance(value, (list, tuple)):
        return any(map(_has_odd_numbers, value))
    odd_float = isinstance(value, float) and (value != value or value in (float("inf"), float("-inf")))
    return odd_float or isinstance(value, Decimal) or (isinstance(value, int) and value.bit_length() > 64)


def _frozen(params: dict[str, Any]) -> list[tuple[str, int]]:
    """Return what a change inside would change, without asking a caller's own objects."""
    return [(name, len(value)) for name, value in params.items() if isinstance(value, (list, tuple, dict))]


def _shown(params: Any) -> str:
    """Return a value as it can be pasted; the package itself has to do with Python's limit on digits."""
    limit = sys.get_int_max_str_digits()
    sys.set_int_max_str_digits(0)
    try:
        return repr(params)
    finally:
        sys.set_int_max_str_digits(limit)


# ---------------------------------------------------------------------- the run


def run(requests: int, seed: int, *, with_stub: bool = True) -> int:
    """Examine so many requests; print and count what is found."""
    source, found = Source(seed), 0
    with NeptuneStub(imagine=True) as stub:
        for number in range(requests):
            operation, params = source.request()
            region, account_id = source.random.choice(REGIONS), source.random.choice(ACCOUNTS)
            try:
                examine(operation, params, region, account_id, stub if with_stub else None)
            except Exception as problem:  # noqa: BLE001 - whatever comes out is the find
                found += 1
                print(f"{type(problem).__name__}: {problem}\n  {operation} {_shown(params)}, {region=}, {account_id=}")
            if number % 100 == 0:
                stub.reset()
    return found


def main(requests: int = 1_000_000, seed: int = 1) -> int:
    """Run, and print the sum.

    Args:
        requests: How many.
        seed: Where the random numbers start.

    Returns:
        0 without a find, else 1.
    """
    start = time.perf_counter()
    found = run(requests, seed)
    print(f"{requests} requests with seed {seed} in {time.perf_counter() - start:.0f} s: {found} finds")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:3])))
