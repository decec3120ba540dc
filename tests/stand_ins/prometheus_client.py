"""As much of prometheus_client as docs/recipes.md uses, with its names and its arithmetic."""

from __future__ import annotations

_VALUES: dict[tuple[str, tuple[tuple[str, str], ...]], float] = {}


class Counter:
    def __init__(self, name: str, documentation: str, labelnames: list[str]) -> None:
        self._name = f"{name}_total"
        self._labelnames = labelnames
        self._key: tuple[tuple[str, str], ...] = ()

    def labels(self, *values: str) -> Counter:
        if len(values) != len(self._labelnames):
            raise ValueError("Incorrect label count")
        child = Counter(self._name.removesuffix("_total"), "", self._labelnames)
        child._key = tuple(sorted(zip(self._labelnames, map(str, values), strict=True)))
        return child

    def inc(self, amount: float = 1) -> None:
        _VALUES[self._name, self._key] = _VALUES.get((self._name, self._key), 0.0) + amount


class REGISTRY:
    @staticmethod
    def get_sample_value(name: str, labels: dict[str, str]) -> float | None:
        return _VALUES.get((name, tuple(sorted(labels.items()))))
