"""Secrets at random places of requests, in random spellings: none may be answered, logged, told or stored.

python -m tests.programs.secrets [REQUESTS] [SEED]
"""

from __future__ import annotations

import copy
import io
import logging
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

import boto3
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError

from neptune_guard import register
from neptune_guard._data import service_model
from neptune_guard.exceptions import ConstraintViolationError, NotStubbedError
from neptune_guard.stub import NeptuneStub
from neptune_guard.stub.operations import OPERATIONS
from tests.helpers import HERE, SOUND

SECRET = "5ec2e7word"
_MARKS = ("X-Amz-Signature", "X-Amz-Security-Token", "X-Amz-Credential")
_NAMES = (*_MARKS, "PreSignedUrl", "MasterUserPassword", "TdeCredentialPassword")
_SEPARATORS = ("", "", "", "", "-", "_", " ", ".", "/", "--", "\x01", "\u2011", "\u200b")
_NO_VALIDATION = Config(parameter_validation=False, retries={"total_max_attempts": 1})
_OURS = (ClientError, ConstraintViolationError, NotStubbedError)
"""Errors whose texts are this package's; those of botocore's own serializer quote what they were given."""


class Source:
    """Random requests with a secret in each."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)

    def request(self) -> tuple[str, dict[str, Any]]:
        operation = self.random.choice(list(OPERATIONS))
        params = copy.deepcopy(SOUND.get(operation, {}))
        name = self.random.choice([*service_model("neptune").operation_model(operation).input_shape.members, "Nope"])
        params.update(self.random.choice(self.places(name)))
        return operation, params

    def places(self, name: str) -> list[dict[str, Any]]:
        """Return what puts a secret into a request: by its value or its name, at any depth."""
        value, spelt = self.value(), self.spelt(self.random.choice(_NAMES))
        return [
            {name: value},
            {name: [value]},
            {name: {"a": value}},
            {name: value.encode(self.random.choice(("utf-8", "utf-16", "utf-16-be")))},
            {spelt: SECRET},
            {value: "x"},
            {"Tags": [{"Key": value, "Value": "x"}]},
            {"Tags": [{"Key": "k", "Value": value}]},
            {"Tags": [{"Key": "k", spelt: SECRET}]},
            {"Tags": [{"Key": self.random.choice(_NAMES), "Value": SECRET}]},
            {"Tags": [{"key": self.random.choice(_NAMES), "value": SECRET}]},
            {"Filters": [{"Name": self.random.choice(_NAMES), "Values": [SECRET]}]},
            {"Tags": [{"Key": "k", value: "x"}]},
            {"Filters": [{"Name": "x", "Values": [value]}]},
        ]

    def value(self) -> str:
        mark = self.random.choice(_MARKS)
        mark = mark.lower() if self.random.random() < 0.2 else mark
        plain = self.random.choice((f"{mark}={SECRET}", f"{mark}: {SECRET}", f"a b {mark} = {SECRET} c"))
        url = f"https://rds.us-east-1.amazonaws.com/?Action=CopyDBClusterSnapshot&{mark}={SECRET}&x=1"
        json = "".join(f"\\u{ord(each):04x}" if self.random.random() < 0.7 else each for each in f"{mark}=") + SECRET
        return self.random.choice(
            (
                plain,
                url,
                json,
                f"{mark} is {SECRET}",
                f"{mark} (old) {SECRET}",
                self.encoded(f"{mark}={SECRET}", self.random.choice((1, 2, 3))),
            )
        )

    def spelt(self, name: str) -> str:
        """Return a name in any case, with anything between its letters."""
        if self.random.random() < 0.3:
            return name
        letters = [each for each in name if each.isalpha()]
        spelt = "".join(
            self.random.choice((each.upper(), each.lower())) + self.random.choice(_SEPARATORS) for each in letters
        )
        prefix = self.random.choice(("", "", "HTTP_", "amp;", "Headers."))
        return self.random.choice((f"{prefix}{spelt}", f"{prefix}{spelt}", self.encoded(f"{prefix}{name}", 2)))

    def encoded(self, text: str, times: int) -> str:
        for _ in range(times):
            text = "".join(f"%{ord(each):02X}" if self.random.random() < 0.3 else quote(each) for each in text)
        return text


class World:
    """A stub with a strict and a lenient client, and everything that they say."""

    def __init__(self, path: Path | None) -> None:
        self.stub, self.path = NeptuneStub(path, imagine=True), path
        self.told: list[object] = []
        self.log = io.StringIO()
        self.clients = [self.client("strict"), self.client("warn")]

    def client(self, mode: Any) -> Any:
        session = boto3.Session("made-up", "made-up")
        register(session, stub=self.stub, mode=mode, on_violation=lambda *given: self.told.append(given))
        return session.client("neptune", region_name=HERE, config=_NO_VALIDATION)

    def said(self, operation: str, params: dict[str, Any]) -> dict[str, str]:
        """Make a call in three ways, and return what can be seen of it, by where."""
        methods: list[Callable[[], object]] = [lambda: self.stub.respond(operation, params, region=HERE)]
        methods += [lambda made=made: getattr(made, xform_name(operation))(**params) for made in self.clients]
        answers = [_outcome(method) for method in methods]
        seen = {"answers": answers, "calls": self.stub.calls[-3:], "callback": self.told, "log": [self.log.getvalue()]}
        texts = {where: f"{what} {[*map(str, what)]}" for where, what in seen.items()}
        self.told.clear()
        self.log.truncate(0)
        return texts

    def close(self) -> str:
        """Close the stub and return what its file holds."""
        self.stub.close()
        return self.path.read_bytes().decode("latin-1") if self.path else ""


def _outcome(method: Callable[[], object]) -> object:
    try:
        return method()
    except _OURS as problem:
        return f"{problem} {problem!r}"
    except Exception:  # noqa: BLE001 - botocore's own, about values that it cannot serialize
        return ""


def run(requests: int, seed: int, directory: Path, tell: Callable[[str], object] = print, *, batch: int = 200) -> int:
    """Make so many requests, in memory and on a file in turns; tell and count where a secret was seen."""
    source, found, logger = Source(seed), 0, logging.getLogger("neptune_guard")
    for first in range(0, requests, batch):
        world = World(directory / f"{first}.db" if first // batch % 2 else None)
        handler = logging.StreamHandler(world.log)
        logger.addHandler(handler)
        try:
            for _ in range(min(batch, requests - first)):
                operation, params = source.request()
                for where, text in world.said(operation, params).items():
                    if SECRET in text:
                        found += 1
                        tell(f"in the {where}: {operation} {params}")
        finally:
            logger.removeHandler(handler)
        if SECRET in world.close():
            found += 1
            tell(f"in the state file of the requests from {first} on")
    return found


def main(requests: int = 100_000, seed: int = 1) -> int:
    """Run, and print the sum; return 0 without a find, else 1."""
    start = time.perf_counter()
    logging.getLogger("neptune_guard").propagate = False
    with tempfile.TemporaryDirectory() as directory:
        found = run(requests, seed, Path(directory))
    print(f"{requests} secrets with seed {seed} in {time.perf_counter() - start:.0f} s: {found} finds")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*(int(argument) for argument in sys.argv[1:3])))
