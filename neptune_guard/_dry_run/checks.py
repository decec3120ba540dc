"""The checks of a dry run: what to ask the account about a copy, and what its answers mean; they ask nobody."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from neptune_guard._arn import is_arn, is_reserved, snapshot_arn
from neptune_guard._dry_run.clients import StandIn, stand_in_of
from neptune_guard._hook import held_by, prefill
from neptune_guard._rules import Request, Ruleset
from neptune_guard._rules._request import plain
from neptune_guard._rules.regions import SOURCE
from neptune_guard._rules.snapshots import TARGET
from neptune_guard._violations import Severity, Violation, errors

OPERATION = "CopyDBClusterSnapshot"

Outcome = Literal["passed", "failed", "unknown"]
Snapshot = Mapping[str, Any]
_DESCRIBE: Literal["describe_db_cluster_snapshots"] = "describe_db_cluster_snapshots"
_IN_PROGRESS = ("copying", "creating", "pending")
_SYMMETRIC = "SYMMETRIC_DEFAULT"
_UNSOUND = "the request names no sound source"
_DEFAULT_QUOTA = 100
_MOST_COPIES = 5
# Whether an ARN may stand for a name is not documented, hence the last two.
_NOT_FOUND = (
    "DBClusterSnapshotNotFoundFault",
    "DBClusterSnapshotNotFound",
    "InvalidParameterValue",
    "InvalidParameterCombination",
)


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


class Ask(NamedTuple):
    """A read-only call that the checks want; without its answer the `vital` one ends the run."""

    service: str
    region: str
    operation: Literal["describe_db_cluster_snapshots", "describe_db_clusters", "describe_key"]
    params: dict[str, Any]
    vital: bool = False


class Refused(NamedTuple):
    """An answer that is no answer: the service's code, or why nothing was asked."""

    code: str
    reason: str


Answer = Mapping[str, Any] | Refused
Source = Snapshot | Refused | None
Found = tuple[tuple[Violation, ...], tuple["Check", ...]]
Asking = Generator[Ask, Answer, Found]


def run(params: dict[str, Any], client: Any) -> Asking:
    """Ask what there is to know about a copy; return what the rules and the account say."""
    region, guard, model = client.meta.region_name, held_by(client), client.meta.service_model
    request = Request(
        OPERATION,
        plain(params),
        service=model.service_name,
        region=region,
        account_id=guard.account_id if guard else None,
    )
    source_region = prefill.source_region(request)
    if source_region:
        request = request.with_params({**request.params, prefill.NAME: source_region})
    shape = model.operation_model(OPERATION).input_shape
    violations = tuple((guard.ruleset if guard else Ruleset()).check(request, shape))
    stand_in = stand_in_of(guard)
    checks = [_static(violations)]
    # One listing tells about the target, the quota and the copies in progress, and often about the source.
    beside = yield from _pages(Ask(request.service, region, _DESCRIBE, {"SnapshotType": "manual"}, vital=True))
    source: Source = Refused("", _UNSOUND)
    is_sound = _is_sound(request, SOURCE, violations)
    if is_sound:
        source = (yield from _source(request, beside)) or _imagined(request, stand_in)
    checks += _source_checks(request, source)
    checks.append((yield from _cluster(request, source)))
    checks.append(_encryption(request, source))
    checks += yield from _keys(request, source, violations, stand_in)
    checks += _destination_checks(request, beside, is_sound)
    return violations, tuple(checks)


def _static(violations: tuple[Violation, ...]) -> Check:
    found = errors(violations)
    if found:
        rules = ", ".join(dict.fromkeys(each.rule for each in found))
        return Check("request", "failed", f"it breaks {len(found)} of the rules: {rules}")
    return Check("request", "passed", "every rule is kept")


def _is_sound(request: Request, name: str, violations: Iterable[Violation]) -> bool:
    """Tell whether a parameter is worth asking about. Rules may be left out, so its type is looked at again."""
    wrong = any(each.path == name and each.severity is Severity.ERROR for each in violations)
    given = request.params.get(name)
    return isinstance(given, str) and bool(given) and not wrong


def _pages(ask: Ask) -> Generator[Ask, Answer, list[Snapshot] | Refused]:
    found: list[Snapshot] = []
    marker: str | None = None
    while True:
        answer = yield ask
        if isinstance(answer, Refused):
            return answer
        found += answer.get("DBClusterSnapshots", ())
        marker, last = answer.get("Marker"), marker
        if not marker or marker == last:
            return found
        ask = ask._replace(params={**ask.params, "Marker": marker})


# ---------------------------------------------------------------------- the source


def _source(request: Request, beside: list[Snapshot] | Refused) -> Generator[Ask, Answer, Source]:
    """Find the source: among what is known, else by name, else among what other accounts shared."""
    given = request.params[SOURCE]
    found = None if isinstance(beside, Refused) else _named(given, beside)
    for ask in () if found else _asks_for_source(request, known=not isinstance(beside, Refused)):
        answer = yield from _pages(ask)
        if not isinstance(answer, Refused):
            found = _named(given, answer)
        elif answer.code not in _NOT_FOUND:
            return answer
        if found:
            break
    return found


def _asks_for_source(request: Request, *, known: bool) -> Iterator[Ask]:
    """Yield what to ask for the source, in turn; `known` are the manual snapshots of the destination already."""
    given, arn = request.params[SOURCE], request.snapshot_arn(SOURCE)
    region, name = (arn.region, arn.name) if arn else (str(request.region), given)

    def describe(wanted: dict[str, Any]) -> Ask:
        return Ask(request.service, region, _DESCRIBE, wanted)

    automated = name.startswith("rds:")
    if not (known and region == request.region and not is_reserved(name)) and not request.is_foreign(arn):
        # An automated snapshot is found by its name only together with its type.
        kind = {"SnapshotType": "automated"} if automated else {}
        yield describe({"DBClusterSnapshotIdentifier": name, **kind})
    if arn and not automated and arn.account_id != request.account_id:
        yield describe({"DBClusterSnapshotIdentifier": given, "IncludeShared": True, "IncludePublic": True})
        yield describe({"SnapshotType": "shared"})


def _named(given: str, snapshots: Iterable[Snapshot]) -> Snapshot | None:
    names = ("DBClusterSnapshotArn", "DBClusterSnapshotIdentifier")
    return next((each for each in snapshots if given.lower() in (each.get(name, "").lower() for name in names)), None)


def _imagined(request: Request, stand_in: StandIn) -> Snapshot | None:
    """Return the source that an imagining stub would make up, which is encrypted where the copy is to be."""
    if not stand_in.imagines:
        return None
    return {
        "DBClusterSnapshotArn": request.params[SOURCE],
        "SnapshotType": "imagined",
        "Status": "available",
        "StorageEncrypted": "KmsKeyId" in request.params,
    }


def _source_checks(request: Request, source: Source) -> Iterator[Check]:
    if not isinstance(source, Mapping):
        yield Check("source found", "unknown" if source else "failed", source.reason if source else _missing(request))
        yield Check("source available", "unknown", _why_unknown(source))
        return
    yield Check("source found", "passed", f"{source.get('SnapshotType')} snapshot {source.get('DBClusterSnapshotArn')}")
    status = source.get("Status")
    if status == "available":
        yield Check("source available", "passed", "it is available")
    else:
        yield Check("source available", "failed", f"it is {status}; wait until it is available")


def _missing(request: Request) -> str:
    arn = request.snapshot_arn(SOURCE)
    if arn and is_reserved(arn.name) and arn.account_id != request.account_id:
        return (
            "there is no such snapshot that you may see; an automated or AWS Backup snapshot of another account cannot "
            "be shared, its owner must copy it first"
        )
    return "there is no such snapshot that you may see; correct the identifier"


def _cluster(request: Request, source: Source) -> Generator[Ask, Answer, Check]:
    """Ask for the cluster that the source was taken of: a copy is rejected while it is not available."""
    name = "source cluster available"
    if not isinstance(source, Mapping):
        return Check(name, "unknown", _why_unknown(source))
    cluster, arn = source.get("DBClusterIdentifier"), snapshot_arn(source.get("DBClusterSnapshotArn"))
    if source.get("SnapshotType") in ("shared", "public") or request.is_foreign(arn):
        return Check(name, "unknown", "the cluster is another account's")
    if not cluster:
        return Check(name, "passed", "the source names no cluster")
    region = arn.region if arn else str(request.region)
    answer = yield Ask(request.service, region, "describe_db_clusters", {"DBClusterIdentifier": cluster})
    if isinstance(answer, Refused):
        gone = answer.code == "DBClusterNotFoundFault"
        return Check(name, "passed" if gone else "unknown", "the cluster is gone" if gone else answer.reason)
    status = answer["DBClusters"][0].get("Status") if answer.get("DBClusters") else None
    if status in (None, "available"):
        return Check(name, "passed", f"the cluster {cluster} is {status or 'gone'}")
    return Check(name, "failed", f"the cluster {cluster} is {status}; wait until it is available")


def _why_unknown(source: Refused | None) -> str:
    return source.reason if source else "the source was not found"


# ---------------------------------------------------------------------- encryption and keys


def _encryption(request: Request, source: Source) -> Check:
    name = "encryption"
    if not isinstance(source, Mapping):
        return Check(name, "unknown", _why_unknown(source))
    given = request.params.get("KmsKeyId") is not None
    if not source.get("StorageEncrypted"):
        reason = "the source is not encrypted; leave KmsKeyId out" if given else "the source is not encrypted"
        return Check(name, "failed" if given else "passed", reason)
    arn = request.snapshot_arn(SOURCE)
    crossing = arn is not None and arn.region != request.region
    foreign = request.is_foreign(arn) or source.get("SnapshotType") in ("shared", "public")
    if given or not (crossing or foreign):
        key = "the given key" if given else "its key"
        return Check(name, "passed", f"the source is encrypted; the copy gets {key}")
    why = "in another Region" if crossing else "another account's"
    return Check(name, "failed", f"the source is encrypted and {why}; give a KmsKeyId of {request.region}")


def _keys(
    request: Request, source: Source, violations: Iterable[Violation], stand_in: StandIn
) -> Generator[Ask, Answer, list[Check]]:
    """Ask KMS about the key that the source is under, and about the one that the copy is to get."""
    own = yield from _source_key(request, source, stand_in)
    name, given = "key usable", request.params.get("KmsKeyId")
    if given is None:
        kept = _encryption(request, source).outcome == "passed"
        return [own, Check(name, own.outcome, own.reason) if kept else Check(name, "unknown", "none is given")]
    if not _is_sound(request, "KmsKeyId", violations):
        return [own, Check(name, "unknown", "the request names no sound key")]
    return [own, (yield from _key(name, given, str(request.region), stand_in))]


def _source_key(request: Request, source: Source, stand_in: StandIn) -> Generator[Ask, Answer, Check]:
    name = "source key usable"
    if not isinstance(source, Mapping):
        return Check(name, "unknown", _why_unknown(source))
    if not source.get("StorageEncrypted"):
        return Check(name, "passed", "the source is not encrypted")
    key, arn = source.get("KmsKeyId"), snapshot_arn(source.get("DBClusterSnapshotArn"))
    if not key:
        reason = "the stub makes the key up" if stand_in.imagines else "the source does not tell its key"
        return Check(name, "passed" if stand_in.imagines else "unknown", reason)
    return (yield from _key(name, key, arn.region if arn else str(request.region), stand_in))


def _key(name: str, key: str, region: str, stand_in: StandIn) -> Generator[Ask, Answer, Check]:
    if not stand_in.knows_keys:
        return Check(name, "unknown", "what answers for Neptune here has no describe_key")
    answer = yield Ask("kms", region, "describe_key", {"KeyId": key})
    if isinstance(answer, Refused):
        if answer.code != "NotFoundException":
            return Check(name, "unknown", answer.reason)
        return Check(name, "failed", f"there is no key {key} in {region}; correct it")
    about = answer["KeyMetadata"]
    state, spec = about.get("KeyState", "Enabled"), about.get("KeySpec", _SYMMETRIC)
    if state != "Enabled":
        return Check(name, "failed", f"the key is {state}; enable it, or give another one")
    if spec != _SYMMETRIC:
        return Check(name, "failed", f"the key is {spec}; snapshots are encrypted with symmetric keys only")
    return Check(name, "passed", f"{about['Arn']} is enabled")


# ---------------------------------------------------------------------- the destination


def _destination_checks(request: Request, beside: list[Snapshot] | Refused, is_sound: bool) -> Iterator[Check]:
    names = ("target free", "snapshot quota", "copies in progress")
    if isinstance(beside, Refused):
        yield from (Check(name, "unknown", beside.reason) for name in names)
        return
    yield _target(request, beside)
    yield _quota(request, beside)
    yield _copies(request, beside) if is_sound else Check("copies in progress", "unknown", _UNSOUND)


def _target(request: Request, beside: list[Snapshot]) -> Check:
    target = request.params.get(TARGET)
    if not isinstance(target, str) or not target:
        return Check("target free", "unknown", "the request names no target")
    if _named(target, beside):
        return Check("target free", "failed", f"{request.region} has a snapshot of that name; choose another name")
    return Check("target free", "passed", f"no snapshot of {request.region} has that name")


def _quota(request: Request, beside: list[Snapshot]) -> Check:
    """Compare with the default quota: the real one may be higher, and Neptune does not tell it."""
    count = sum(not is_reserved(each.get("DBClusterSnapshotIdentifier", "")) for each in beside)
    found = f"manual snapshots in {request.region}: {count}; the default quota is {_DEFAULT_QUOTA}"
    if count < _DEFAULT_QUOTA:
        return Check("snapshot quota", "passed", found)
    if count == _DEFAULT_QUOTA:
        return Check("snapshot quota", "failed", f"{found}; delete one, or have the quota raised")
    return Check("snapshot quota", "unknown", f"{found}, yours was raised to an unknown number")


def _copies(request: Request, beside: list[Snapshot]) -> Check:
    name, arn = "copies in progress", request.snapshot_arn(SOURCE)
    if arn is None and is_arn(request.params[SOURCE]):
        return Check(name, "unknown", _UNSOUND)
    if arn is None or arn.region == request.region:
        return Check(name, "passed", "the copy stays in its Region")
    count = sum(each.get("Status") in _IN_PROGRESS and _crossed(each) for each in beside)
    found = f"{count} of {_MOST_COPIES} copies from other Regions are in progress to {request.region}"
    if count < _MOST_COPIES:
        return Check(name, "passed", found)
    return Check(name, "failed", f"{found}; wait for one")


def _crossed(snapshot: Snapshot) -> bool:
    source, copy = (snapshot_arn(snapshot.get(name)) for name in ("SourceDBClusterSnapshotArn", "DBClusterSnapshotArn"))
    return source is not None and copy is not None and source.region != copy.region
