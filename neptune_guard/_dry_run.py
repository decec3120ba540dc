"""A look at the account before a copy: read-only calls, and what they say about the request."""

from __future__ import annotations

from collections.abc import Awaitable, Generator, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, NamedTuple, Protocol, overload

from botocore.exceptions import BotoCoreError, ClientError

from neptune_guard import _clients, _prefill
from neptune_guard._request import SOURCE, TARGET, Request
from neptune_guard._rules import Ruleset
from neptune_guard._violations import OPERATION, Severity, Violation, describe_all

Outcome = Literal["passed", "failed", "unknown"]
Snapshot = Mapping[str, Any]
_DEFAULT_QUOTA = 100
_MOST_COPIES = 5
_NOT_FOUND = ("DBClusterSnapshotNotFoundFault", "DBClusterSnapshotNotFound")


@dataclass(frozen=True)
class Check:
    """One thing that was looked at.

    Attributes:
        name: What was looked at.
        outcome: `"passed"`, `"failed"`, or `"unknown"` where the account did not say.
        reason: What was found, and for a failed check what to do.
    """

    name: str
    outcome: Outcome
    reason: str


@dataclass(frozen=True)
class DryRun:
    """What a dry run found; `str()` is a readable report.

    Attributes:
        violations: What the static rules found.
        checks: What the account said.
    """

    violations: tuple[Violation, ...]
    checks: tuple[Check, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing speaks against the copy: no error, no failed check. What is unknown does not count."""
        return not any(each.outcome == "failed" for each in self.checks)

    def to_dict(self) -> dict[str, Any]:
        """Return the report as plain dicts and lists, ready for JSON."""
        return {
            "ok": self.ok,
            "violations": [each.to_dict() for each in self.violations],
            "checks": [asdict(each) for each in self.checks],
        }

    def __str__(self) -> str:
        width = max(len(each.name) for each in self.checks)
        lines = [f"{each.outcome.upper():<8}{each.name:<{width}}  {each.reason}" for each in self.checks]
        return "\n".join(
            [f"Dry run of {OPERATION}: {'ok' if self.ok else 'not ok'}", *lines, *describe_all(self.violations)]
        )


class _Ask(NamedTuple):
    """A read-only call that the checks want."""

    service: Literal["neptune", "kms"]
    region: str
    operation: Literal["describe_db_cluster_snapshots", "describe_key"]
    params: dict[str, Any]


class _Refused(NamedTuple):
    """An answer that is no answer: the service's code, or why nothing was asked."""

    code: str
    reason: str


Answer = Mapping[str, Any] | _Refused
Asking = Generator[_Ask, Answer, Any]


class _AsyncClient(Protocol):
    async def __aenter__(self) -> Any: ...


@overload
def dry_run(client: _AsyncClient, *, session: Any = None, **params: Any) -> Awaitable[DryRun]: ...
@overload
def dry_run(client: Any, *, session: Any = None, **params: Any) -> DryRun: ...
def dry_run(client: Any, *, session: Any = None, **params: Any) -> Any:
    """Tell whether a copy would go through, without making it: EC2 has DryRun, Neptune has not.

    The static rules are checked, then the account is asked: DescribeDBClusterSnapshots in the source and the
    destination Region, KMS DescribeKey. Nothing else is called and nothing changed. A passed dry run is no promise:
    the account may change before the copy, and the rights to copy are not looked at.

    Args:
        client: A Neptune client of the destination Region, of boto3 or of aiobotocore.
        session: The session that makes the client for the source Region and the one for KMS; by default they are made
            with the client's own credentials and configuration.
        params: What `copy_db_cluster_snapshot` would be given.

    Returns:
        The report; for a client of aiobotocore an awaitable of it.

    Raises:
        botocore.exceptions.BotoCoreError: Neptune cannot be reached, or there are no credentials.
    """
    checks = _run(params, client)
    if hasattr(client, "__aenter__"):
        return _drive_async(checks, client, session)
    return _drive(checks, client, session)


def _drive(checks: Asking, client: Any, session: Any) -> DryRun:
    clients = _clients.Clients(client, session)
    answer: Answer | None = None
    while True:
        try:
            ask = checks.send(answer)  # type: ignore[arg-type]  # None starts a generator
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return]  # the checks return a DryRun
        try:
            answer = getattr(clients.get(ask.service, ask.region), ask.operation)(**ask.params)
        except (ClientError, BotoCoreError) as problem:
            answer = _refused(ask, problem)


async def _drive_async(checks: Asking, client: Any, session: Any) -> DryRun:
    async with _clients.AsyncClients(client, session) as clients:
        answer: Answer | None = None
        while True:
            try:
                ask = checks.send(answer)  # type: ignore[arg-type]  # None starts a generator
            except StopIteration as end:
                return end.value  # type: ignore[no-any-return]  # the checks return a DryRun
            try:
                answer = await getattr(await clients.get(ask.service, ask.region), ask.operation)(**ask.params)
            except (ClientError, BotoCoreError) as problem:
                answer = _refused(ask, problem)


def _refused(ask: _Ask, problem: ClientError | BotoCoreError) -> _Refused:
    """Return a refusal as an answer. Neptune out of reach ends the run; KMS may be closed to the caller."""
    if isinstance(problem, ClientError):
        code = problem.response["Error"]["Code"]
        return _Refused(code, f"{ask.operation} in {ask.region} was refused: {code}")
    if ask.service == "kms":
        return _Refused("", f"{ask.operation} in {ask.region} failed: {type(problem).__name__}")
    raise problem


# ---------------------------------------------------------------------- the checks, each asking for what it needs


def _run(params: dict[str, Any], client: Any) -> Asking:
    region, guard = client.meta.region_name, _clients.guard_of(client)
    request = Request(dict(params), region, guard.account_id if guard else None)
    request.params.update(_prefill.additions(request))  # type: ignore[attr-defined]  # it is the dict made above
    violations = tuple((guard.ruleset if guard else Ruleset()).check(request))
    checks = [_static(violations, sorted(set(params) - _members(client)))]
    beside = yield from _manual_snapshots(region)
    sound = not any(each.path == SOURCE and each.severity is Severity.ERROR for each in violations)
    source = (yield from _source(request, beside)) if sound else _Refused("", "the request names no sound source")
    checks += _source_checks(request, source)
    checks.append(_encryption(request, source))
    checks.append((yield from _key(request, source)))
    checks += _destination_checks(request, beside)
    return DryRun(violations, tuple(checks))


def _members(client: Any) -> set[str]:
    return set(client.meta.service_model.operation_model(OPERATION).input_shape.members)


def _static(violations: tuple[Violation, ...], unknown: list[str]) -> Check:
    errors = sum(each.severity is Severity.ERROR for each in violations)
    problems = [f"errors found: {errors}, see below"] if errors else []
    problems += [f"there is no parameter {', '.join(unknown)}"] if unknown else []
    if problems:
        return Check("request", "failed", "; ".join(problems))
    return Check("request", "passed", "every rule is kept")


def _manual_snapshots(region: str) -> Generator[_Ask, Answer, list[Snapshot] | _Refused]:
    """Ask once for the destination's manual snapshots: they tell target, quota, copies, and often the source."""
    return (yield from _pages(region, {"SnapshotType": "manual"}))


def _pages(region: str, wanted: dict[str, str]) -> Generator[_Ask, Answer, list[Snapshot] | _Refused]:
    found: list[Snapshot] = []
    marker: dict[str, str] = {}
    while True:
        answer = yield _Ask("neptune", region, "describe_db_cluster_snapshots", {**wanted, **marker})
        if isinstance(answer, _Refused):
            return answer
        found += answer["DBClusterSnapshots"]
        if not answer.get("Marker"):
            return found
        marker = {"Marker": answer["Marker"]}


def _source(request: Request, beside: list[Snapshot] | _Refused) -> Generator[_Ask, Answer, Snapshot | _Refused | None]:
    """Find the source: among what is known, else by name, else among what other accounts shared."""
    given = request.params[SOURCE]
    for each in beside if isinstance(beside, list) else ():
        if given.lower() in (each["DBClusterSnapshotArn"].lower(), each["DBClusterSnapshotIdentifier"].lower()):
            return each
    arn = request.source_arn
    region = arn.region if arn else request.region
    name = arn.identifier if arn else given
    # An automated snapshot is found by its name only together with its type.
    kind = {"SnapshotType": "automated"} if name.startswith("rds:") else {}
    wanted = {"DBClusterSnapshotIdentifier": given, **kind}
    answer = yield _Ask("neptune", str(region), "describe_db_cluster_snapshots", wanted)
    if not isinstance(answer, _Refused) and answer["DBClusterSnapshots"]:
        return answer["DBClusterSnapshots"][0]  # type: ignore[no-any-return]  # botocore's answers are untyped
    if isinstance(answer, _Refused) and answer.code not in _NOT_FOUND:
        return answer
    if not arn:
        return None
    shared = yield from _pages(arn.region, {"SnapshotType": "shared"})
    if isinstance(shared, _Refused):
        return shared
    return next((each for each in shared if each["DBClusterSnapshotArn"].lower() == given.lower()), None)


def _source_checks(request: Request, source: Snapshot | _Refused | None) -> Iterator[Check]:
    if source is None:
        yield Check("source found", "failed", "there is no such snapshot that you may see; correct the identifier")
        yield Check("source available", "unknown", "the source was not found")
    elif isinstance(source, _Refused):
        yield Check("source found", "unknown", source.reason)
        yield Check("source available", "unknown", source.reason)
    else:
        yield Check("source found", "passed", f"{source['SnapshotType']} snapshot {source['DBClusterSnapshotArn']}")
        status = source["Status"]
        if status == "available":
            yield Check("source available", "passed", "it is available")
        else:
            yield Check("source available", "failed", f"it is {status}; wait until it is available")


def _encryption(request: Request, source: Snapshot | _Refused | None) -> Check:
    name = "encryption"
    if source is None or isinstance(source, _Refused):
        return Check(name, "unknown", "the source was not found" if source is None else source.reason)
    given = request.params.get("KmsKeyId") is not None
    if not source["StorageEncrypted"]:
        reason = "the source is not encrypted; leave KmsKeyId out" if given else "the source is not encrypted"
        return Check(name, "failed" if given else "passed", reason)
    arn = request.source_arn
    crossing = arn is not None and arn.region != request.region
    foreign = source["SnapshotType"] in ("shared", "public")
    if given or not (crossing or foreign):
        return Check(
            name, "passed", "the source is encrypted; the copy gets " + ("the given key" if given else "its key")
        )
    why = "in another Region" if crossing else "another account's"
    return Check(name, "failed", f"the source is encrypted and {why}; give a KmsKeyId of {request.region}")


def _key(request: Request, source: Snapshot | _Refused | None) -> Generator[_Ask, Answer, Check]:
    """Ask KMS about the key of the copy: the given one, else the source's where it is kept."""
    name = "key usable"
    key = request.params.get("KmsKeyId")
    if key is None and isinstance(source, Mapping):
        key = source.get("KmsKeyId") if _encryption(request, source).outcome == "passed" else None
        if key is None:
            return Check(name, "passed" if not source["StorageEncrypted"] else "unknown", "there is no key to look at")
    if not isinstance(key, str) or not key:
        return Check(name, "unknown", "there is no key to look at")
    answer = yield _Ask("kms", str(request.region), "describe_key", {"KeyId": key})
    if isinstance(answer, _Refused):
        missing = answer.code == "NotFoundException"
        reason = f"there is no key {key} in {request.region}; correct it" if missing else answer.reason
        return Check(name, "failed" if missing else "unknown", reason)
    state = answer["KeyMetadata"]["KeyState"]
    if state != "Enabled":
        return Check(name, "failed", f"the key is {state}; enable it, or give another one")
    return Check(name, "passed", f"{answer['KeyMetadata']['Arn']} is enabled")


def _destination_checks(request: Request, beside: list[Snapshot] | _Refused) -> Iterator[Check]:
    names = ("target free", "snapshot quota", "copies in progress")
    if isinstance(beside, _Refused):
        yield from (Check(name, "unknown", beside.reason) for name in names)
        return
    yield _target(request, beside)
    yield _quota(request, beside)
    yield _copies(request, beside)


def _target(request: Request, beside: list[Snapshot]) -> Check:
    target = request.params.get(TARGET)
    if not isinstance(target, str) or not target:
        return Check("target free", "unknown", "the request names no target")
    taken = any(each["DBClusterSnapshotIdentifier"] == target.lower() for each in beside)
    if taken:
        return Check("target free", "failed", f"{request.region} has a snapshot of that name; choose another name")
    return Check("target free", "passed", f"no snapshot of {request.region} has that name")


def _quota(request: Request, beside: list[Snapshot]) -> Check:
    """Compare with the default quota: the real one may be higher, and Neptune does not tell it."""
    count = sum(not each["DBClusterSnapshotIdentifier"].startswith("awsbackup:") for each in beside)
    found = f"{request.region} has {count} manual snapshots; the default quota is {_DEFAULT_QUOTA}"
    if count < _DEFAULT_QUOTA:
        return Check("snapshot quota", "passed", found)
    if count == _DEFAULT_QUOTA:
        return Check("snapshot quota", "failed", f"{found}; delete one, or have the quota raised")
    return Check("snapshot quota", "unknown", f"{found}, yours was raised to an unknown number")


def _copies(request: Request, beside: list[Snapshot]) -> Check:
    name, arn = "copies in progress", request.source_arn
    if arn is None or arn.region == request.region:
        return Check(name, "passed", "the copy stays in its Region")
    count = sum(each["Status"] in ("copying", "creating", "pending") and _crossed(each) for each in beside)
    found = f"{count} of {_MOST_COPIES} copies from other Regions are in progress to {request.region}"
    return Check(
        name, "passed" if count < _MOST_COPIES else "failed", found + ("" if count < _MOST_COPIES else "; wait for one")
    )


def _crossed(snapshot: Snapshot) -> bool:
    source = snapshot.get("SourceDBClusterSnapshotArn")
    return source is not None and source.split(":")[3] != snapshot["DBClusterSnapshotArn"].split(":")[3]
