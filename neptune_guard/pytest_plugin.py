"""Fixtures for test suites: `neptune_stub` and `neptune_session`.

pytest loads this module in every run, also where nobody uses it, so it imports nothing else.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    import boto3

    from neptune_guard.stub import NeptuneStub, PlannedFault

_cut_short = pytest.StashKey[bool]()
# An option of the fixture, not of the stub.
_ALLOW_UNMET = "allow_unmet_faults"


def pytest_configure(config: pytest.Config) -> None:
    """Make the marker known, also under --strict-markers."""
    config.addinivalue_line(
        "markers",
        "neptune_stub(**options): options of the NeptuneStub behind the fixture neptune_stub; with "
        "allow_unmet_faults=True a planned fault that was never met does not fail the test",
    )


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Remember whether a test failed or was skipped, for the end of the fixture `neptune_stub`."""
    report = yield
    if not report.passed:
        item.stash[_cut_short] = True
    return report


@pytest.fixture
def neptune_stub(request: pytest.FixtureRequest) -> Iterator[NeptuneStub]:
    """A fresh NeptuneStub in memory; `@pytest.mark.neptune_stub(imagine=True)` gives it options.

    Markers of a class or module count too; of an option given twice the marker nearest to the test decides. A fault
    that the test planned with `fail` and that was never met fails the test, unless the marker says
    `allow_unmet_faults=True`.
    """
    markers = list(request.node.iter_markers("neptune_stub"))
    if any(marker.args for marker in markers):
        pytest.fail("neptune_stub takes its options by name, as in neptune_stub(imagine=True)", pytrace=False)
    options = {name: value for marker in reversed(markers) for name, value in marker.kwargs.items()}
    allow_unmet = options.pop(_ALLOW_UNMET, False)
    if not isinstance(allow_unmet, bool):
        pytest.fail(f"neptune_stub({_ALLOW_UNMET}): give True or False, not {allow_unmet!r}", pytrace=False)
    request.node.stash[_cut_short] = False  # the test may be run again after a failure
    with _made(options) as stub:
        yield stub
        if not allow_unmet and not request.node.stash[_cut_short]:
            _fail_for_unmet(stub)


def _made(options: dict[str, Any]) -> NeptuneStub:
    from neptune_guard.stub import NeptuneStub

    try:
        return NeptuneStub(**options)
    except (TypeError, ValueError) as problem:  # an unknown option, or a ConfigurationError about a known one
        pytest.fail(f"neptune_stub({', '.join(options)}): {problem}", pytrace=False)


def _fail_for_unmet(stub: NeptuneStub) -> None:
    unmet = [f"{fault.code} for {fault.operation}, {fault.times} more to come" for fault in _pending(stub)]
    if unmet:
        pytest.fail(
            f"planned faults were never met: {'; '.join(unmet)}. Correct the test, or mark it with "
            f"@pytest.mark.neptune_stub({_ALLOW_UNMET}=True)",
            pytrace=False,
        )


def _pending(stub: NeptuneStub) -> list[PlannedFault]:
    from neptune_guard.exceptions import ConfigurationError

    try:
        return stub.pending
    except ConfigurationError:  # the test closed the stub
        return []


@pytest.fixture
def neptune_session(neptune_stub: NeptuneStub) -> boto3.Session:
    """A boto3 session in us-east-1 that the fixture's stub answers, guarded in strict mode."""
    return neptune_stub.session("us-east-1")
