"""Rules about sharing a snapshot with other accounts."""

from __future__ import annotations

from collections.abc import Iterator

from neptune_guard._printing import ABSENT
from neptune_guard._rules._relation import finds
from neptune_guard._rules._request import Request, texts
from neptune_guard._violations import Finding, Rule, ServiceFault, Severity

ADD, REMOVE = "ValuesToAdd", "ValuesToRemove"
MOST_GRANTEES = 20
"""How many accounts a snapshot can be shared with."""
_ATTRIBUTE = "https://docs.aws.amazon.com/neptune/latest/apiref/API_ModifyDBClusterSnapshotAttribute.html"
_SHARING = "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-share-snapshot.html"

SHARING_NOTHING = Rule(
    "sharing-nothing",
    Severity.WARNING,
    "A change of sharing must add or remove a value",
    _ATTRIBUTE,
    explanation="Without ValuesToAdd and ValuesToRemove the request changes nothing. A list that a program computed "
    "and that came out empty is the usual cause.",
    accepted={ADD: ["210987654321"]},
    rejected={ADD: [], REMOVE: []},
)
SHARING_BOTH_LISTS = Rule(
    "sharing-both-lists",
    Severity.ERROR,
    "A value must not be in ValuesToAdd and in ValuesToRemove",
    _ATTRIBUTE,
    explanation="A request that adds and removes the same account contradicts itself; moto refuses it.",
    fault=ServiceFault(
        "InvalidParameterCombination",
        "A value may not appear in both the add list and remove list. [{value}]",
        "inferred, after moto (moto/rds/models.py)",
    ),
    accepted={ADD: ["210987654321"], REMOVE: ["999999999999"]},
    rejected={ADD: ["210987654321"], REMOVE: ["210987654321"]},
)
SHARING_COUNT = Rule(
    "sharing-count",
    Severity.ERROR,
    "A snapshot must not be shared with more than 20 accounts",
    _SHARING,
    explanation="The limit is for the snapshot, so the accounts that it is shared with already count too; this rule "
    "sees the request alone.",
    fault=ServiceFault(
        "SharedSnapshotQuotaExceeded",
        "The cluster snapshot cannot be shared with more than 20 accounts.",
        "the code is documented, the words are inferred",
    ),
    accepted={ADD: [f"1234567890{number}" for number in range(10, 30)]},
    rejected={ADD: [f"1234567890{number}" for number in range(10, 31)]},
)
SHARING_PUBLIC = Rule(
    "sharing-public",
    Severity.WARNING,
    "A snapshot must not be shared with all unless everybody may read the data",
    _ATTRIBUTE,
    explanation="With the value all every AWS account can copy and restore the snapshot, as the documentation warns.",
    accepted={ADD: ["210987654321"]},
    rejected={ADD: ["all"]},
)


@finds(SHARING_NOTHING)
def anything(request: Request, name: str) -> Iterator[Finding]:
    """See whether the request changes anything; `name` is empty, since both lists may be absent."""
    lists = [request.params[each] for each in (ADD, REMOVE) if each in request.params]
    if all(isinstance(each, (list, tuple)) and not each for each in lists):
        yield SHARING_NOTHING.found(
            ADD, request.params.get(ADD, ABSENT), "has no value, and ValuesToRemove has none; nothing would change"
        )


@finds(SHARING_COUNT, SHARING_PUBLIC)
def added(request: Request, name: str) -> Iterator[Finding]:
    """Count the accounts to add, and see whether everybody is among them."""
    values = request.params[name]
    accounts = set(texts(values))
    if len(accounts - {"all"}) > MOST_GRANTEES:
        yield SHARING_COUNT.found(
            name, values, f"has more than {MOST_GRANTEES} accounts; share copies of the snapshot with the others"
        )
    if "all" in accounts:
        others = ", and makes the other values pointless" if len(accounts) > 1 else ""
        yield SHARING_PUBLIC.found(
            name, "all", f"gives every AWS account the data{others}; name the accounts, unless that is meant"
        )


@finds(SHARING_BOTH_LISTS)
def removed(request: Request, name: str) -> Iterator[Finding]:
    """Compare the values to remove with those to add."""
    both = sorted(set(texts(request.params[name])) & set(texts(request.params.get(ADD))))
    if both:
        yield SHARING_BOTH_LISTS.found(
            name, ", ".join(both), "is to be added by ValuesToAdd and removed; leave it out of one of the lists"
        )
