"""A check that relates a parameter to others, to the client's Region or to the caller's account."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from neptune_guard._rules._request import Request
from neptune_guard._violations import Finding, Rule

Check = Callable[[Request, str], Iterator[Finding]]


class Relation(NamedTuple):
    """A generator over a request and the name of a parameter, and the rules whose findings it may yield."""

    check: Check
    rules: tuple[Rule, ...]


def finds(*rules: Rule) -> Callable[[Check], Relation]:
    """Say which rules a generator yields findings of; it then stands in GUARDED as a relation."""

    def relation(check: Check) -> Relation:
        return Relation(check, rules)

    return relation
