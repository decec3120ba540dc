"""Storing what a test adds to the stub: clusters, instances, snapshots and keys that the service could have too."""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, cast

from neptune_guard._hook.settings import flag
from neptune_guard._printing import did_you_mean, printable, redacted_text
from neptune_guard._rules._request import account
from neptune_guard.exceptions import ConfigurationError
from neptune_guard.stub import _arguments, _clock, _faults, _lookups, _validation, _views
from neptune_guard.stub._caller import Caller, caller_of
from neptune_guard.stub._state import State
from neptune_guard.stub._tables import Cluster, Key, PlannedFault, Snapshot
from neptune_guard.stub.operations import OPERATIONS
from neptune_guard.stub.operations.instances import new_instance
from neptune_guard.stub.operations.sharing import MOST_GRANTEES

if TYPE_CHECKING:
    from types_boto3_neptune.type_defs import DBClusterSnapshotTypeDef, DBClusterTypeDef, DBInstanceTypeDef

_KEY_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|mrk-[0-9a-f]{32}")


def owner(state: State, region: str, account_id: str | None) -> Caller:
    """Return on whose behalf a test adds something.

    Raises:
        ConfigurationError: `region` is misspelt, or `account_id` is not twelve digits.
    """
    region = _arguments.seeded_region(region)
    return caller_of(state, region, None if account_id is None else account(account_id))


def _taken(what: str, identifier: str, region: str) -> ConfigurationError:
    return ConfigurationError(f"the {what} {printable('', identifier)} exists in {region} already; name another one")


def add_cluster(
    owner: Caller,
    identifier: str,
    kms_key_id: str | None,
    tags: Mapping[str, str] | None,
    port: int,
    engine_version: str | None,
    storage_type: str | None,
    status: str,
) -> DBClusterTypeDef:
    """Store a cluster and return it as DescribeDBClusters shows it."""
    operation = "CreateDBCluster"
    _arguments.choice(status, "status", _arguments.CLUSTER_STATUSES)
    _validation.seeded(operation, "DBClusterIdentifier", identifier)
    details: dict[str, Any] = {"Port": _port(port)}
    if engine_version is not None:
        details["EngineVersion"] = _engine_version(engine_version)
    if (
        storage_type is not None
        and _arguments.choice(storage_type, "storage_type", _arguments.STORAGE_TYPES) == "iopt1"
    ):
        details["StorageType"] = storage_type
    row = _lookups.new_cluster(
        owner,
        identifier,
        kms_key=_key(owner, kms_key_id),
        details=details,
        tags=_arguments.tags(tags, operation),
    )._replace(status=None if status == "available" else status)
    if not owner.state.add(row):
        raise _taken("cluster", identifier, owner.region)
    return cast("DBClusterTypeDef", _views.cluster_view(row, [], owner.now))


def _port(port: int) -> int:
    if not isinstance(port, int) or isinstance(port, bool) or not 1150 <= port <= 65535:
        raise ConfigurationError(f"port is {printable('', port)}; give a whole number from 1150 to 65535")
    return port


def _engine_version(version: str) -> str:
    if not isinstance(version, str) or not re.fullmatch(r"[0-9]+(\.[0-9]+){1,3}", version):
        raise ConfigurationError(f"engine_version is {printable('', version)}; give a version such as '1.4.5.1'")
    return version


def add_instance(
    owner: Caller,
    identifier: str,
    cluster: str,
    instance_class: str,
    status: str,
    tags: Mapping[str, str] | None,
) -> DBInstanceTypeDef:
    """Store an instance of a cluster and return it as DescribeDBInstances shows it."""
    operation = "CreateDBInstance"
    _arguments.choice(status, "status", _arguments.INSTANCE_STATUSES)
    _validation.seeded(operation, "DBInstanceIdentifier", identifier)
    if not isinstance(instance_class, str) or not re.fullmatch(r"db\.[a-z0-9.]+", instance_class):
        raise ConfigurationError(
            f"instance_class is {printable('', instance_class)}; give a class such as 'db.r6g.large'"
        )
    name = _arguments.text(cluster, "cluster", "give the name of a cluster")
    found = owner.state.find(Cluster, owner.account_id, owner.region, name)
    if found is None:
        raise ConfigurationError(
            f"there is no cluster {printable('', cluster)} in {owner.region}; add it first, with add_cluster"
        )
    if found.gone is not None:
        raise ConfigurationError(
            f"{printable('', identifier)} cannot be added: its cluster {found.identifier} is being deleted"
        )
    row = new_instance(
        owner,
        identifier,
        found,
        status=None if status == "available" else status,
        details={"DBInstanceClass": instance_class},
        tags=_arguments.tags(tags, operation),
    )
    if not owner.state.add(row):
        raise _taken("instance", identifier, owner.region)
    return cast("DBInstanceTypeDef", _views.instance_view(row, found, owner.now))


def add_snapshot(
    owner: Caller,
    identifier: str,
    cluster: str | None,
    snapshot_type: str | None,
    status: str,
    kms_key_id: str | None,
    tags: Mapping[str, str] | None,
    created: datetime | None,
    shared_with: Iterable[str],
) -> DBClusterSnapshotTypeDef:
    """Store a snapshot and return it as DescribeDBClusterSnapshots shows it."""
    _validation.seeded_snapshot_name(identifier)
    if cluster is None:
        cluster, _ = _lookups.automated_from(identifier.lower()) or ("graph", None)
    _validation.seeded("CreateDBCluster", "DBClusterIdentifier", cluster)
    kind = _snapshot_type(identifier, snapshot_type)
    _arguments.choice(status, "status", _arguments.SNAPSHOT_STATUSES)
    source = owner.state.find(Cluster, owner.account_id, owner.region, cluster)
    taken = owner.now if created is None else _clock.instant(created, "created")
    row = Snapshot(
        account_id=owner.account_id,
        region=owner.region,
        identifier=identifier.lower(),
        cluster=cluster.lower(),
        cluster_created=taken,
        created=taken,
        started=taken,
        ready=taken,
        type=kind,
        kms_key=_key(owner, kms_key_id),
        tags=json.dumps(_arguments.tags(tags, "CreateDBClusterSnapshot")),
        status=None if status == "available" else status,
        # AWS Backup's snapshots are manual ones that do not count towards the quota.
        counted=int(kind == "manual" and not identifier.lower().startswith("awsbackup:")),
    )
    if source:
        row = _like(source, row)
    grantees = _arguments.grantees(shared_with)
    _refuse_impossible(owner, row, grantees)
    if not owner.state.add(row):
        raise _taken("snapshot", identifier, owner.region)
    owner.state.share(row, grantees)
    return cast("DBClusterSnapshotTypeDef", _views.snapshot_view(row, _views.shown(row, owner.now)))


def _like(source: Cluster, row: Snapshot) -> Snapshot:
    """Return a snapshot with what it has from its cluster."""
    details = _views.cluster_details(source)
    return row._replace(
        cluster_created=min(source.created, row.created),
        cluster_resource_id=source.resource_id,
        engine_version=details["EngineVersion"],
        port=details["Port"],
        storage_type=details.get("StorageType"),
        kms_key=row.kms_key or source.kms_key,
    )


def _snapshot_type(identifier: str, given: str | None) -> str:
    reserved = identifier.lower().startswith("rds:")
    if given is None:
        return "automated" if reserved else "manual"
    kind = _arguments.choice(given, "snapshot_type", ("manual", "automated"))
    if reserved and kind == "manual":
        raise ConfigurationError(
            f"{printable('', identifier)} is the name of an automated snapshot; leave snapshot_type out"
        )
    return kind


def _refuse_impossible(owner: Caller, row: Snapshot, grantees: list[str]) -> None:
    """Refuse a snapshot that the service cannot have, by AWS's guide to sharing snapshots."""
    problem = None
    if row.type == "automated" and row.status == "copying":
        problem = "a copy is always manual, so an automated snapshot is never copying"
    elif row.type == "automated" and row.identifier.startswith("awsbackup:"):
        problem = "a snapshot of AWS Backup is a manual one; leave snapshot_type out"
    elif not grantees:
        return
    elif row.type == "automated":
        problem = "an automated snapshot cannot be shared; share a manual copy of it"
    elif row.identifier.startswith("awsbackup:"):
        problem = "a snapshot of AWS Backup cannot be shared; share a copy of it"
    elif row.status in ("copying", "creating", "pending"):
        problem = f"a snapshot that is {row.status} cannot have been shared"
    elif row.kms_key is not None and "all" in grantees:
        problem = "an encrypted snapshot cannot be public; name the accounts that it is shared with"
    elif _lookups.has_default_key(owner, row):
        problem = "a snapshot under the default key alias/aws/rds cannot be shared; give it a key of its own"
    elif len({*grantees} - {"all"}) > MOST_GRANTEES:
        problem = f"a snapshot is shared with at most {MOST_GRANTEES} accounts, not {len(grantees)}"
    if problem:
        raise ConfigurationError(f"{printable('', row.identifier)} cannot be added: {problem}")


def planned_fault(operation: str, code: str, times: int, after: int, message: str | None) -> PlannedFault:
    """Return a fault as it is stored.

    Raises:
        ConfigurationError: `operation` or `code` is unknown, or `times` or `after` is not a count.
    """
    operation, code = _arguments.text(operation, "operation"), _arguments.text(code, "code")
    if operation not in OPERATIONS:
        hint = did_you_mean(operation, OPERATIONS, f"; it knows {', '.join(sorted(OPERATIONS))}")
        raise ConfigurationError(f"the stub has no {printable('', operation)}{hint}")
    known = _faults.lookup(code, operation)
    words = f"{known.code}, as planned for {operation}" if message is None else _arguments.text(message, "message")
    return PlannedFault(
        operation,
        known.code,
        redacted_text(words),
        after=_arguments.count(after, "after", 0),
        times=_arguments.count(times, "times", 1),
    )


def add_kms_key(owner: Caller, alias: str | None, enabled: bool, key_id: str | None) -> str:
    """Store a KMS key and return its ARN."""
    if key_id is None:
        key_id = str(uuid.uuid4())
    elif not isinstance(key_id, str) or not _KEY_ID.fullmatch(key_id):
        raise ConfigurationError(
            f"key_id is {printable('', key_id)}; give a UUID in lower case, or mrk- and 32 hexadecimal digits for a "
            "multi-Region key"
        )
    key = Key(_lookups.key_arn(owner, key_id), int(flag(enabled, "enabled")), owner.now)
    if not owner.state.add_key(key):
        raise _taken("key", key_id, owner.region)
    if alias is not None:
        name = f"alias/{_arguments.text(alias, 'alias').removeprefix('alias/')}"
        _validation.seeded("CreateDBCluster", "KmsKeyId", name, owner.region)
        if not owner.state.add_alias(_lookups.key_arn(owner, name), key):
            raise _taken("alias", alias, owner.region)
    return key.arn


def _key(owner: Caller, kms_key_id: str | None) -> str | None:
    if kms_key_id is None:
        return None
    _validation.seeded("CreateDBCluster", "KmsKeyId", kms_key_id, owner.region)
    found = _lookups.key(owner, kms_key_id, imagine=True)
    return found.arn if found else None
