"""A request as the rules see it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

from neptune_guard._arn import Arn, is_account_id, partition_of, snapshot_arn
from neptune_guard._printing import Opaque, printable, type_name
from neptune_guard.exceptions import ConfigurationError

MOST_TAGS = 50
MOST_FINDINGS = 51
"""How many findings about the entries of a list are enough."""
_MOST_BITS = 64
_DEEPEST = 8  # no request of these operations nests deeper than four levels
_EXACT = (str, bool, int, float, type(None), datetime, bytes, bytearray)


class Request:
    """One request to be checked.

    Attributes:
        operation: The API operation, `CopyDBClusterSnapshot`.
        service: The service whose client makes it: `neptune`, `rds` or `docdb`.
        params: Its parameters, not yet checked for types. A user's own rule sees secrets redacted.
        region: The client's Region, None where it is not known.
        account_id: The caller's account, None where it is not known.
        partition: The partition of the Region, None where botocore's data cannot place it.
    """

    __slots__ = ("_now", "account_id", "operation", "params", "partition", "region", "service")

    def __init__(
        self,
        operation: str,
        params: Mapping[str, Any],
        *,
        service: str = "neptune",
        region: str | None = None,
        account_id: str | None = None,
        now: Callable[[], datetime] | None = None,
    ) -> None:
        self.operation = operation
        self.service = service
        self.params = params
        self.region = region if type(region) is str or region is None else str.__str__(region)  # not an Enum's words
        self.account_id = account_id
        self.partition = partition_of(self.region)
        self._now = now

    def __repr__(self) -> str:
        return f"<Request {self.operation} of {self.service} in {self.region}>"

    def now(self) -> datetime:
        """Return the time in UTC: the stub's where one answers."""
        return self._now() if self._now else datetime.now(timezone.utc)

    def text(self, name: str) -> str:
        """Return a parameter's value, empty where it is absent or not a string."""
        value = self.params.get(name)
        return value if isinstance(value, str) else ""

    def snapshot_arn(self, name: str) -> Arn | None:
        """Return the parts of the cluster snapshot's ARN that a parameter holds, None where it holds none."""
        return snapshot_arn(self.params.get(name))

    def is_foreign(self, arn: Arn | None) -> bool:
        """Tell whether an ARN is known to belong to another account than the caller's."""
        return arn is not None and self.account_id is not None and arn.account_id != self.account_id

    def with_params(self, params: Mapping[str, Any]) -> Request:
        """Return the same request with other parameters."""
        return Request(
            self.operation,
            params,
            service=self.service,
            region=self.region,
            account_id=self.account_id,
            now=self._now,
        )


def account(account_id: object) -> str:
    """Return an argument that is the number of an account.

    Raises:
        ConfigurationError: It is not twelve digits.
    """
    if not is_account_id(account_id):
        raise ConfigurationError(f"account_id is {printable('', account_id)}; give twelve digits as a string")
    return str.__str__(account_id)


def is_exact(params: Mapping[str, Any]) -> bool:
    """Tell whether names and values are exact strings, booleans, numbers, lists and dicts, as far as a fast look sees.

    The fast schema engine judges some subclasses by other data than botocore sends: `enum.Enum` by its `.value`. Of a
    request with an integer that Python refuses to print it accepts everything.
    """
    for name, value in params.items():
        kind = type(value)
        if type(name) is not str:
            return False
        if kind is str or kind is bool or (kind is int and value.bit_length() < _MOST_BITS):
            continue
        if kind is list or kind is tuple:
            for item in value:
                if type(item) is dict:
                    for name, member in item.items():
                        if type(member) is not str or type(name) is not str:
                            return False
                elif type(item) is not str:
                    return False
        elif kind is not dict or not all(map(_is_exact_number, value.items())):
            return False
    return True


def _is_exact_number(member: tuple[Any, Any]) -> bool:
    name, value = member
    kind = type(value)
    return type(name) is str and (kind is float or (kind is int and value.bit_length() < _MOST_BITS))


def texts(values: Any) -> list[str]:
    """Return the strings in a list, nothing for anything that is not a list."""
    return [each for each in values if isinstance(each, str)] if isinstance(values, (list, tuple)) else []


def plain(value: Any, *, depth: int = 0) -> Any:
    """Return a copy in exact built-in types, so that a rule runs no method of the caller's own types.

    Text becomes the `str` that botocore sends, an unknown type an `Opaque`.

    Args:
        value: Parameters, or any part of them.
        depth: How deep `value` is nested.
    """
    kind = type(value)
    if any(kind is exact for exact in _EXACT):  # by identity: a metaclass may be unhashable, or equal to anything
        return value
    if issubclass(kind, str):
        return str.__str__(value)
    if issubclass(kind, dict) and depth < _DEEPEST:
        members = dict.items(value)
        return {exact_name(name): plain(each, depth=depth + 1) for name, each in members}
    if issubclass(kind, (list, tuple)) and depth < _DEEPEST:
        base: Any = list if issubclass(kind, list) else tuple
        return [plain(each, depth=depth + 1) for each in base.__iter__(value)]
    if issubclass(kind, (int, float, Decimal)):
        return _number(value)
    if issubclass(kind, datetime):
        return datetime.combine(datetime.date(value), datetime.timetz(value))
    return Opaque(value)


def _number(value: Any) -> int | float | Opaque:
    if not _is_sent_in_digits(type(value)):
        return Opaque(value)
    try:
        return int.__int__(value) if isinstance(value, int) else float(value)
    except Exception:  # noqa: BLE001 - a Decimal may be a signalling NaN, a subclass may do anything
        return Opaque(value)


def _is_sent_in_digits(kind: type) -> bool:
    """Tell whether `str()` of a number, which botocore sends, is its base's; `class P(int, Enum)` is sent by name."""
    own = _attribute(kind, "__str__")
    return isinstance(_attribute(kind, "__repr__") if own is object.__str__ else own, type(int.__repr__))


def _attribute(kind: type, name: str) -> Any:
    # Past a metaclass, which may run code of its own.
    members = map(type.__dict__["__dict__"].__get__, type.__dict__["__mro__"].__get__(kind))
    return next(each[name] for each in members if name in each)


def exact_name(name: Any) -> str:
    """Return a parameter's name in an exact `str`; that of its type for what is no text."""
    return str.__str__(name) if issubclass(type(name), str) else type_name(name)
