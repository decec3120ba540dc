"""Measuring in one process on a noisy machine: rounds of every variant in turn, the best of each."""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Sequence
from typing import NamedTuple


class Row(NamedTuple):
    """One measured ratio and its budget, None where the row stands for comparison only."""

    what: str
    ratio: float
    budget: float | None


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


def table(rows: Sequence[Row]) -> str:
    """Return the rows as a Markdown table."""
    lines = ["| what | measured | budget | |", "|---|---|---|---|"]
    for row in rows:
        budget = "" if row.budget is None else f"{row.budget:g}"
        verdict = "" if row.budget is None else "met" if row.ratio <= row.budget else "missed"
        lines.append(f"| {row.what} | {row.ratio:.3g} | {budget} | {verdict} |")
    return "\n".join(lines)


def show(rows: Sequence[Row]) -> None:
    print(table(rows))
