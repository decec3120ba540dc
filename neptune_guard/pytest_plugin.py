"""Fixtures for test suites: `neptune_stub` and `neptune_session`.

pytest loads this module in every run, also where nobody uses it, so it imports nothing else.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import boto3

    from neptune_guard.stub import NeptuneStub


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known, also under --strict-markers."""
    config.addinivalue_line(
        "markers", "neptune_stub(**options): options of the NeptuneStub behind the fixture neptune_stub"
    )


@pytest.fixture
def neptune_stub(request: pytest.FixtureRequest) -> Iterator[NeptuneStub]:
    """A fresh NeptuneStub in memory; `@pytest.mark.neptune_stub(imagine=True)` gives it options.

    Markers of a class or module count too; of an option given twice the marker nearest to the test decides.
    """
    stub = _made(list(request.node.iter_markers("neptune_stub")))
    with stub:
        yield stub


def _made(markers: list[pytest.Mark]) -> NeptuneStub:
    from neptune_guard.stub import NeptuneStub

    options = {name: value for marker in reversed(markers) for name, value in marker.kwargs.items()}
    if any(marker.args for marker in markers):
        pytest.fail("neptune_stub takes its options by name, as in neptune_stub(imagine=True)", pytrace=False)
    try:
        return NeptuneStub(**options)
    except (TypeError, ValueError) as problem:  # an unknown option, or a ConfigurationError about a known one
        pytest.fail(f"neptune_stub({', '.join(options)}): {problem}", pytrace=False)


@pytest.fixture
def neptune_session(neptune_stub: NeptuneStub) -> boto3.Session:
    """A boto3 session in us-east-1 that the fixture's stub answers, guarded in strict mode."""
    return neptune_stub.session("us-east-1")
