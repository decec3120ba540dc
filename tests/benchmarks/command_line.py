"""`neptune-guard check`: the cost beside reading the same JSON, and inputs that are made to be slow."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator

from neptune_guard._rules import Request, Ruleset
from neptune_guard.cli import main
from tests.benchmarks.measure import Row, minima

REQUESTS = 2000
REQUEST = {
    "SourceDBClusterSnapshotIdentifier": "arn:aws:rds:us-east-1:123456789012:cluster-snapshot:nightly",
    "TargetDBClusterSnapshotIdentifier": "nightly-copy",
    "KmsKeyId": "arn:aws:kms:us-west-2:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab",
    "Tags": [{"Key": "team", "Value": "graph"}, {"Key": "env", "Value": "prod"}],
}
FORMS = ("text", "json", "github", "sarif", "junit")


def check(text: bytes, form: str = "text") -> None:
    """Run `check` on standard input, as the program does."""
    argv = ["check", "--region", "us-west-2", "--format", form]
    main(argv, stdin=io.BytesIO(text), stdout=io.StringIO(), stderr=io.StringIO())


def _jsonl() -> Iterator[Row]:
    lines = [json.dumps({**REQUEST, "TargetDBClusterSnapshotIdentifier": f"copy-{n}"}) for n in range(REQUESTS)]
    values, ruleset = [json.loads(line) for line in lines], Ruleset()
    text = "".join(f"{line}\n" for line in lines).encode()

    def rules() -> None:
        for params in values:
            ruleset.check(Request("CopyDBClusterSnapshot", params, region="us-west-2"))

    def loads() -> None:
        for line in lines:
            json.loads(line)

    read, ruled, checked = minima([loads, rules, lambda: check(text)], calls=1, rounds=20)
    each = checked / REQUESTS * 1e6
    yield Row("`check` of JSON Lines, against json.loads alone", checked / read, 4.5, f"{each:.1f} us a request")
    yield Row("the rules alone, against json.loads alone", ruled / read, None)


def _hostile(name: str, small: bytes, large: bytes, times: int) -> Row:
    one, many = minima([lambda: check(small), lambda: check(large)], calls=1, rounds=5)
    return Row(f"{name}, {times} times as large", many / one / times, 1.5, f"{many:.2f} s")


def _array(number: int) -> bytes:
    return json.dumps([{**REQUEST, "CopyTags": "yes"}] * number, indent=1).encode()


def _names(number: int) -> bytes:
    return json.dumps({f"n{each}": each for each in range(number)}, indent=0).encode()


def _repeated(number: int) -> bytes:
    return b'{"Tags": [' + b",\n".join([b'{"Key": "a", "Key": "b"}'] * number) + b"]}"


def rows() -> list[Row]:
    """Measure all of it."""
    return [
        *_jsonl(),
        _hostile("an array over many lines with a finding in each request", _array(200), _array(2000), 10),
        _hostile("unknown names in one object", _names(1000), _names(10_000), 10),
        _hostile("repeated names in one request", _repeated(1000), _repeated(10_000), 10),
    ]
