"""Write everything anew that the documentation derives from the code.

    python -m tests.programs.pages

That is docs/rules.md, the tables of operations in docs/start.md and docs/stub.md, and what `tests.programs.caught`
writes: docs/caught.md and a part of README.md.
"""

from __future__ import annotations

import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path

from neptune_guard._rules import GUARDED
from neptune_guard.stub.operations import OPERATIONS
from tests.programs import caught

DOCS = Path(__file__).parent.parent.parent / "docs"
ANEW = "run python -m tests.programs.pages"
_START, _END = "<!-- operations:start -->\n\n", "\n\n<!-- operations:end -->"


def guarded() -> str:
    """Return the table of the guarded operations: at most three in a row, guarded on the same clients."""
    alike: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name, row in GUARDED.items():
        alike[row.services].append(name)
    rows = [
        f"| {', '.join(names[at : at + 3])} | {', '.join(f'`{each}`' for each in services)} |"
        for services, names in alike.items()
        for at in range(0, len(names), 3)
    ]
    return "\n".join(["| Operations | On clients of |", "|---|---|", *rows])


def stubbed() -> str:
    """Return the table of the stub's operations; each one's docstring says what it does."""
    rows = [f"| {name} | {' '.join((row.run.__doc__ or '').split())} |" for name, row in OPERATIONS.items()]
    return "\n".join(["| operation | what it does |", "|---|---|", *rows])


TABLES: Mapping[str, Callable[[], str]] = {"start.md": guarded, "stub.md": stubbed}
"""The pages that hold a table of operations, and what makes it."""


def with_table(page: str) -> str:
    """Return a page of `TABLES` with its table as it is now."""
    before, start, rest = (DOCS / page).read_text(encoding="utf-8").partition(_START)
    after = rest.partition(_END)[2]
    return f"{before}{start}{TABLES[page]()}{_END}{after}"


def main() -> None:
    """Write them all; nothing is written if the rules cannot be imported."""
    command = [sys.executable, "-m", "neptune_guard", "rules", "--format", "markdown"]
    rules = subprocess.run(command, check=True, stdout=subprocess.PIPE, encoding="utf-8").stdout
    (DOCS / "rules.md").write_text(rules, encoding="utf-8")
    for page in TABLES:
        (DOCS / page).write_text(with_table(page), encoding="utf-8")
    caught.main([])


if __name__ == "__main__":
    main()
