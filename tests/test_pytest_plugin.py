"""The fixtures and the marker, in test runs of their own; and what loading the plugin costs a run that uses neither."""

import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path

import pytest

pytest_plugins = ["pytester"]
QUIET = ("-p", "no:cacheprovider", "-p", "no:randomly")
SUITE = """
    import pytest

    ARN = "arn:aws:rds:us-east-1:123456789012:cluster-snapshot:nightly"

    def copy(session, region="us-west-2"):
        return session.client("neptune", region_name=region).copy_db_cluster_snapshot(
            SourceDBClusterSnapshotIdentifier=ARN, TargetDBClusterSnapshotIdentifier="copy"
        )["DBClusterSnapshot"]
"""
COPIES = """
    def test_copy(neptune_stub, neptune_session):
        assert neptune_stub.calls == []
        assert neptune_session.region_name == "us-east-1"
        neptune_stub.add_snapshot("nightly", region="us-east-1")
        assert copy(neptune_session)["Status"] == "copying"
        assert [call.operation for call in neptune_stub.calls] == ["CopyDBClusterSnapshot"]
"""
AGAIN = COPIES.replace("test_copy", "test_again")


# As pytest-rerunfailures does it.
RERUN = """
    import pytest
    from _pytest.runner import runtestprotocol

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(item, nextitem):
        runtestprotocol(item, nextitem=nextitem, log=False)
        item._initrequest()
        for report in runtestprotocol(item, nextitem=nextitem, log=False):
            item.ihook.pytest_runtest_logreport(report=report)
        return True
"""


@pytest.fixture
def suite(pytester):
    """Run a suite in a process of its own, and return how its tests ended and what was printed."""

    def run(*tests, arguments=(), conftest=None):
        pytester.makepyfile(test_suite=SUITE + "\n".join(tests))
        if conftest:
            pytester.makeconftest(conftest)
        result = pytester.runpytest_subprocess("--strict-markers", "--strict-config", *QUIET, *arguments)
        return result.parseoutcomes(), result.stdout.str() + result.stderr.str()

    return run


@pytest.mark.parametrize(
    ("arguments", "conftest"),
    [
        ((), 'pytest_plugins = ["neptune_guard.pytest_plugin"]'),
        (("-p", "no:neptune_guard.pytest_plugin", "-p", "neptune_guard.pytest_plugin"), None),
        (("--disable-plugin-autoload", "-p", "neptune_guard.pytest_plugin"), None),
        (("-n", "2"), None),
        (("-W", "error"), None),
    ],
    ids=["also in a conftest", "taken back", "without autoload", "in parallel", "by itself, warnings as errors"],
)
def test_each_test_gets_a_fresh_stub_and_its_session(suite, arguments, conftest):
    if "--disable-plugin-autoload" in arguments and pytest.version_tuple < (8, 4):
        arguments = ("-p", "neptune_guard.pytest_plugin")
    outcomes, printed = suite(COPIES, AGAIN, arguments=arguments, conftest=conftest)
    assert outcomes.get("passed") == 2, printed
    assert set(outcomes) == {"passed"}


STRICT = """
    def test_refused(neptune_session):
        from neptune_guard.exceptions import ConstraintViolationError
        with pytest.raises(ConstraintViolationError, match="missing-parameter"):
            neptune_session.client("neptune").copy_db_cluster_snapshot()
    """
CLOSED = """
    KEPT = []

    def test_1(neptune_stub):
        KEPT.append(neptune_stub)

    def test_2():
        from neptune_guard.exceptions import ConfigurationError
        with pytest.raises(ConfigurationError, match="closed"):
            KEPT[0].calls
    """
MARKED = """
    @pytest.mark.neptune_stub(imagine=True, account_id="210987654321")
    def test_imagined(neptune_stub, neptune_session):
        assert copy(neptune_session)["DBClusterSnapshotArn"].split(":")[4] == "210987654321"
    """
NESTED = """
    @pytest.mark.neptune_stub(imagine=True, account_id="222222222222")
    class TestNested:
        def test_outer(self, neptune_session):
            assert copy(neptune_session)["DBClusterSnapshotArn"].split(":")[4] == "222222222222"

        @pytest.mark.neptune_stub(account_id="333333333333")
        def test_inner(self, neptune_session):
            assert copy(neptune_session)["DBClusterSnapshotArn"].split(":")[4] == "333333333333"
    """


def test_what_the_fixtures_and_the_marker_do(suite):
    """One run for all: strict sessions, stubs closed after their test, options from markers, the nearest deciding."""
    outcomes, printed = suite(STRICT, CLOSED, MARKED, NESTED)
    assert outcomes == {"passed": 6}, printed


UNMET = """
    PLAN = lambda stub, **more: stub.fail("DescribeDBClusters", "ReadTimeout", **more)

    def test_never_met(neptune_stub):
        PLAN(neptune_stub)
        neptune_stub.fail("CopyDBClusterSnapshot", "AccessDenied", times=3)

    def test_met_once_of_twice(neptune_stub, neptune_session):
        neptune_stub.fail("DescribeDBClusters", "AccessDenied", times=2)
        neptune = neptune_session.client("neptune")
        with pytest.raises(neptune.exceptions.ClientError):
            neptune.describe_db_clusters()

    def test_met(neptune_stub, neptune_session):
        neptune_stub.fail("DescribeDBClusters", "AccessDenied", after=1)
        neptune = neptune_session.client("neptune")
        neptune.describe_db_clusters()
        with pytest.raises(neptune.exceptions.ClientError):
            neptune.describe_db_clusters()

    @pytest.mark.neptune_stub(allow_unmet_faults=True)
    def test_allowed(neptune_stub):
        PLAN(neptune_stub)

    def test_closed(neptune_stub):
        PLAN(neptune_stub)
        neptune_stub.close()

    def test_failed_already(neptune_stub):
        PLAN(neptune_stub)
        raise AssertionError("the reason that counts")

    def test_skipped(neptune_stub):
        PLAN(neptune_stub)
        pytest.skip("no reason")
    """


def test_a_planned_fault_that_was_never_met_fails_the_test(suite):
    outcomes, printed = suite(UNMET)
    # What fails at teardown has passed before; pytest counts both.
    assert outcomes == {"passed": 5, "errors": 2, "failed": 1, "skipped": 1}, printed
    assert (
        "planned faults were never met: ReadTimeout for DescribeDBClusters, 1 more to come; AccessDenied for "
        "CopyDBClusterSnapshot, 3 more to come. Correct the test, or mark it with "
        "@pytest.mark.neptune_stub(allow_unmet_faults=True)" in printed
    )
    assert "AccessDenied for DescribeDBClusters, 1 more to come" in printed
    assert "the reason that counts" in printed


def test_a_fault_that_is_unmet_in_every_run_of_a_test_fails_the_last(suite):
    test = """
    def test_unmet(neptune_stub):
        neptune_stub.fail("CopyDBClusterSnapshot", "Throttling")
    """
    assert suite(test, conftest=RERUN)[0] == {"passed": 1, "errors": 1}


WRONG = {
    "neptune_stub(imagin=True)": "neptune_stub(imagin): *unexpected keyword argument 'imagin'*",
    "neptune_stub(account_id=1)": "neptune_stub(account_id): account_id is 1; give twelve digits as a string",
    "neptune_stub(tick=5)": "neptune_stub(tick): tick has type int; give a datetime.timedelta",
    "neptune_stub(allow_unmet_faults='no')": "neptune_stub(allow_unmet_faults): give True or False, not 'no'",
    "neptune_stub(True)": "neptune_stub takes its options by name, as in neptune_stub(imagine=True)",
}


def test_a_wrong_option_is_one_clear_line(pytester):
    tests = (f"@pytest.mark.{marker}\ndef test_{n}(neptune_stub):\n    pass\n" for n, marker in enumerate(WRONG))
    pytester.makepyfile("import pytest\n\n" + "\n".join(tests))
    result = pytester.runpytest_subprocess("--strict-markers", *QUIET)
    result.assert_outcomes(errors=len(WRONG))
    result.stdout.fnmatch_lines([message.replace("[", "[[]") for message in WRONG.values()])
    assert "Traceback" not in result.stdout.str()
    assert "pytest_plugin.py" not in result.stdout.str()


def test_the_marker_and_the_fixtures_are_listed(pytester):
    markers = pytester.runpytest_subprocess("--markers", *QUIET).stdout
    markers.fnmatch_lines(["@pytest.mark.neptune_stub(*options): options of the NeptuneStub behind*"])
    fixtures = pytester.runpytest_subprocess("--fixtures", *QUIET).stdout
    fixtures.fnmatch_lines(["neptune_stub*", "*A fresh NeptuneStub in memory*"])
    fixtures.fnmatch_lines(["neptune_session*", "*A boto3 session in us-east-1*"])


def test_where_the_plugin_is_left_out_there_is_no_fixture(suite):
    outcomes, printed = suite(COPIES, arguments=("-p", "no:neptune_guard.pytest_plugin"))
    assert outcomes == {"errors": 1}
    assert "fixture 'neptune_stub' not found" in printed


def test_the_entry_point_is_named_as_its_module():
    """Else pytest_plugins in a conftest would load the module a second time, which pytest refuses."""
    [found] = [each for each in entry_points(group="pytest11") if each.value.startswith("neptune_guard")]
    assert (found.name, found.value) == ("neptune_guard.pytest_plugin", "neptune_guard.pytest_plugin")


def test_a_run_that_uses_no_fixture_imports_pytest_alone():
    program = "import pytest, sys; before = set(sys.modules); import neptune_guard.pytest_plugin\n"
    program += "print(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["neptune_guard", "neptune_guard.pytest_plugin"]


def test_the_example_passes_where_it_stands(pytester, monkeypatch):
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    example = Path(__file__).parent.parent / "examples" / "test_with_stub.py"
    result = pytester.runpytest_subprocess(example, *QUIET)
    outcomes = result.parseoutcomes()
    assert set(outcomes) == {"passed"}
    assert outcomes["passed"] > 10
