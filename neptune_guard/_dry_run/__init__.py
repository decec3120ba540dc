"""A dry run of a copy: the account is asked, nothing is changed."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import asdict, dataclass
from typing import Any, Protocol, overload

from botocore.exceptions import BotoCoreError, ClientError

from neptune_guard._dry_run import checks as account
from neptune_guard._dry_run.checks import OPERATION, Answer, Ask, Asking, Check, Refused
from neptune_guard._dry_run.clients import AsyncClients, Clients
from neptune_guard._hook import SERVICES
from neptune_guard._violations import Violation, describe_all

_NO_ACCESS = (
    "AuthFailure",
    "ExpiredToken",
    "ExpiredTokenException",
    "InvalidClientTokenId",
    "RequestExpired",
    "SignatureDoesNotMatch",
    "UnrecognizedClientException",
)


@dataclass(frozen=True)
class DryRun:
    """What a dry run found; `str()` is a readable report.

    Attributes:
        violations: What the static rules found.
        checks: What the account said.
    """

    violations: tuple[Violation, ...]
    checks: tuple[Check, ...]

    def __bool__(self) -> bool:
        return self.ok

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


class _AsyncClient(Protocol):
    async def __aenter__(self) -> Any: ...


@overload
def dry_run(client: _AsyncClient, *, session: Any = None, **params: Any) -> Awaitable[DryRun]: ...
@overload
def dry_run(client: Any, *, session: Any = None, **params: Any) -> DryRun: ...
def dry_run(client: Any, *, session: Any = None, **params: Any) -> Any:
    """Tell whether a copy would go through, without making it.

    The static rules are checked, then the account is asked: DescribeDBClusterSnapshots in the source and the
    destination Region, KMS DescribeKey. Nothing else is called and nothing changed. A passed dry run is no promise:
    the account may change before the copy, and the rights to copy are not looked at.

    Args:
        client: A `neptune`, `rds` or `docdb` client of the destination Region, of boto3 or of aiobotocore.
        session: The session that makes the client for the source Region and the one for KMS; by default they are made
            with the client's own credentials and configuration.
        params: What `copy_db_cluster_snapshot` would be given.

    Returns:
        The report; for a client of aiobotocore an awaitable of it.

    Raises:
        botocore.exceptions.BotoCoreError: Neptune cannot be reached, or there are no credentials.
        botocore.exceptions.ClientError: The credentials are not valid.
        neptune_guard.exceptions.RuleError: One of your own rules crashed.
        TypeError: `client` is not a client of these services, or `session` makes no clients.
    """
    model = getattr(getattr(client, "meta", None), "service_model", None)
    if getattr(model, "service_name", None) not in SERVICES:
        raise TypeError(
            f"client has type {type(client).__name__}; give a client of {', '.join(SERVICES)}, of boto3 or aiobotocore"
        )
    checks = account.run(params, client)
    if hasattr(client, "__aenter__"):
        return _drive_async(checks, client, session)
    return _drive(checks, client, session)


def _drive(checks: Asking, client: Any, session: Any) -> DryRun:
    clients = Clients(client, session)
    answer: Answer | None = None
    while True:
        ask = _next(checks, answer)
        if isinstance(ask, DryRun):
            return ask
        try:
            answer = getattr(clients.get(ask.service, ask.region), ask.operation)(**ask.params)
        except (ClientError, BotoCoreError) as problem:
            answer = _refused(ask, problem)


async def _drive_async(checks: Asking, client: Any, session: Any) -> DryRun:
    async with AsyncClients(client, session) as clients:
        answer: Answer | None = None
        while True:
            ask = _next(checks, answer)
            if isinstance(ask, DryRun):
                return ask
            try:
                answer = await getattr(await clients.get(ask.service, ask.region), ask.operation)(**ask.params)
            except (ClientError, BotoCoreError) as problem:
                answer = _refused(ask, problem)


def _next(checks: Asking, answer: Answer | None) -> Ask | DryRun:
    """Return what the checks ask next, or the result if they ask no more."""
    try:
        return checks.send(answer)  # type: ignore[arg-type]  # None starts a generator
    except StopIteration as end:
        return DryRun(*end.value)


def _refused(ask: Ask, problem: ClientError | BotoCoreError) -> Refused:
    """Return a refusal as an answer; where the destination itself is out of reach there is nothing to report."""
    if isinstance(problem, ClientError):
        code = problem.response["Error"]["Code"]
        if ask.vital and code in _NO_ACCESS:
            raise problem
        return Refused(code, f"{ask.operation} in {ask.region} was refused: {code}")
    if ask.vital:
        raise problem
    return Refused("", f"{ask.operation} in {ask.region} failed: {type(problem).__name__}")
