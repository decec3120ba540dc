"""Rows of the rules about sharing a snapshot."""

from __future__ import annotations

from neptune_guard._printing import ABSENT
from tests.helpers import OTHER_ACCOUNT
from tests.rules.rows import ERROR, WARNING, Table, of

share = of("ModifyDBClusterSnapshotAttribute")
ACCOUNTS = [f"1234567890{number}" for number in range(10, 31)]
TABLES = {
    "sharing-attribute": Table(
        ERROR,
        [share(AttributeName="restore")],
        [*(share(AttributeName=name) for name in ("", "Restore", "copy", "restore\n", "all"))],
        [
            (
                share(AttributeName="copy"),
                "error: AttributeName: 'copy' is not an attribute of a cluster snapshot; give restore "
                "[sharing-attribute]",
            )
        ],
    ),
    "sharing-account": Table(
        ERROR,
        [share(), share(ValuesToAdd=["all"]), share(ValuesToRemove=("999999999999", "all")), share(ValuesToAdd=[])],
        [
            *(
                share(**{name: [each]})
                for name in ("ValuesToAdd", "ValuesToRemove")
                for each in ("", "12345678901", "1234567890123", "ALL", "all\n", "\u0661" * 12, "123456789012\n", "me")
            ),
            share(ValuesToAdd=["123456789012", "12345678901"]),
        ],
        [
            (
                share(ValuesToAdd=["all", "team"]),
                "error: ValuesToAdd[1]: 'team' is not an account; give twelve digits, or all [sharing-account]",
            )
        ],
    ),
    "sharing-both-lists": Table(
        ERROR,
        [
            share(ValuesToRemove=["999999999999"]),
            share(ValuesToAdd=ABSENT, ValuesToRemove=[OTHER_ACCOUNT]),
            share(ValuesToAdd=["all"], ValuesToRemove=[OTHER_ACCOUNT]),
        ],
        [
            share(ValuesToRemove=[OTHER_ACCOUNT]),
            share(ValuesToAdd=["all"], ValuesToRemove=("all",)),
            share(ValuesToAdd=ACCOUNTS[:3], ValuesToRemove=ACCOUNTS[1:3]),
        ],
        [
            (
                share(ValuesToAdd=ACCOUNTS[:3], ValuesToRemove=ACCOUNTS[1:4]),
                "error: ValuesToRemove: '123456789011, 123456789012' is to be added by ValuesToAdd and removed; leave "
                "it out of one of the lists [sharing-both-lists]",
            )
        ],
    ),
    "sharing-count": Table(
        ERROR,
        [share(ValuesToAdd=ACCOUNTS[:20]), share(ValuesToAdd=[*ACCOUNTS[:20], "all", ACCOUNTS[0]]), share()],
        [share(ValuesToAdd=ACCOUNTS), share(ValuesToAdd=tuple(ACCOUNTS)), share(ValuesToAdd=ACCOUNTS * 100)],
        [
            (
                share(ValuesToAdd=ACCOUNTS),
                "error: ValuesToAdd: a list of 21 items has more than 20 accounts; share copies of the snapshot with "
                "the others [sharing-count]",
            )
        ],
    ),
    "sharing-nothing": Table(
        WARNING,
        [share(), share(ValuesToAdd=ABSENT, ValuesToRemove=["all"]), share(ValuesToAdd=[], ValuesToRemove=["all"])],
        [share(ValuesToAdd=ABSENT), share(ValuesToAdd=[]), share(ValuesToAdd=(), ValuesToRemove=[])],
        [
            (
                share(ValuesToAdd=ABSENT),
                "warning: ValuesToAdd: has no value, and ValuesToRemove has none; nothing would change "
                "[sharing-nothing]",
            )
        ],
    ),
    "sharing-public": Table(
        WARNING,
        [share(), share(ValuesToAdd=ABSENT, ValuesToRemove=["all"])],
        [share(ValuesToAdd=["all"]), share(ValuesToAdd=[OTHER_ACCOUNT, "all"])],
        [
            (
                share(ValuesToAdd=["all"]),
                "warning: ValuesToAdd: 'all' gives every AWS account the data; name the accounts, unless that is meant "
                "[sharing-public]",
            ),
            (
                share(ValuesToAdd=[OTHER_ACCOUNT, "all"]),
                "warning: ValuesToAdd: 'all' gives every AWS account the data, and makes the other values pointless; "
                "name the accounts, unless that is meant [sharing-public]",
            ),
        ],
    ),
}
