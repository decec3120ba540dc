"""Measuring in one process on a noisy machine: rounds of every variant in turn, the best of each."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple

UNITS = ("ms", "s", "bytes")


class Row(NamedTuple):
    """One measured figure and its budget, None where the row stands for comparison only."""

    what: str
    ratio: float
    budget: float | None
    absolute: str = ""
    """The unit of a figure that is no ratio, or what was measured beside the ratio; both are of this machine."""


def minima(variants: Sequence[Callable[[], object]], *, calls: int = 100, rounds: int = 40) -> list[float]:
    """Return the seconds a call of each variant takes at its best."""
    best = [float("inf")] * len(variants)
    for variant in variants:
        variant()
    gc.collect()
    gc.disable()
    try:
        for _ in range(rounds):
            for number, variant in enumerate(variants):
                start = time.perf_counter()
                for _ in range(calls):
                    variant()
                best[number] = min(best[number], (time.perf_counter() - start) / calls)
    finally:
        gc.enable()
    return best


def table(rows: Sequence[Row], *, absolute: bool) -> str:
    """Return the rows as a Markdown table, with or without what holds on this machine alone and has no budget."""
    lines = ["| what | measured | budget | |", "|---|---|---|---|"]
    for row in rows:
        if row.absolute in UNITS and not absolute and row.budget is None:
            continue
        what = f"{row.what} ({row.absolute})" if row.absolute in UNITS or (absolute and row.absolute) else row.what
        budget = "" if row.budget is None else f"{row.budget:g}"
        verdict = "" if row.budget is None else "met" if row.ratio <= row.budget else "missed"
        lines.append(f"| {what} | {row.ratio:.3g} | {budget} | {verdict} |")
    return "\n".join(lines)


def show(rows: Sequence[Row]) -> None:
    print(table(rows, absolute=True))
