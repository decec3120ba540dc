"""Every budget in one run: prints the table and writes docs/benchmarks.md.

python -m tests.benchmarks [REQUESTS for the server's memory, 200000 by default]
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.benchmarks import command_line, guard, hostile, serve, stub
from tests.benchmarks.measure import show, table

PAGE = Path(__file__).parent.parent.parent / "docs" / "benchmarks.md"
HEAD = """# Benchmarks

What `python -m tests.benchmarks` measured, made by that command: ratios within one run, which hardly depend on the
machine; the command prints times too. All are the best of many rounds, the variants taking turns. Costs of the guard
are taken inside a real client's call, where caches are as cold as for a user; a bare loop over the same function shows
a half to a third of them.
"""
NOTES = """
## Where a budget is missed, and why

- The guard on two tags: the floor is what the fast engine and the guard in mode off cost together, see their rows. The
  rest are the checks that relate the parameters of a copy to each other: in a loop they take 2 us, and twice as much in
  a real call, where the caches are cold. On 50 tags, where the work outweighs the calls, the budget is met.
- A copy by the stub: it looks up the source, checks every rule and quota, stores the copy and logs the call; a Stubber
  returns a dict that somebody wrote by hand. One SELECT and two INSERTs, with nothing checked, are the floor: see their
  row.
- A whole test: the floor is botocore's own work for a session and a client, see its row. The budgets were set on a
  machine on which a Stubber's session took 46 ms and moto's test 60 ms.
- A cold process: the rules of 15 operations and the stub are imported, which makes enough objects for Python to collect
  its garbage once more than in the Stubber's process; that takes a third of the difference.
- `check`: the rules take most of the budget on requests with many parameters; noticing repeated names while the lines
  are read is the rest.
"""


def main() -> None:
    """Measure, print and write."""
    parts = (
        ("A test and the stub", stub.rows()),
        ("The guard", guard.rows()),
        ("The server", serve.rows(*map(int, sys.argv[1:]))),
        ("The command line", command_line.rows()),
        ("Hostile input", hostile.rows()),
    )
    for _, rows in parts:
        show(rows)
    page = "".join(f"\n## {title}\n\n{table(rows, absolute=False)}\n" for title, rows in parts)
    PAGE.write_text(HEAD + page + NOTES, encoding="utf-8")


if __name__ == "__main__":
    main()
