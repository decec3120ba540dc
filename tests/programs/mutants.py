"""Mutation testing: make one small mistake after another in a module, and see whether a test fails.

python -m tests.programs.mutants map TESTS...     # once: which test runs which lines
python -m tests.programs.mutants run MODULE...    # one mutant per line and operator
python -m tests.programs.mutants more MODULE...   # those that were not tried yet
python -m tests.programs.mutants again MODULE...  # the survivors once more, in a loaded session
python -m tests.programs.mutants import MODULE... # the survivors once more, each in a process that imports it
python -m tests.programs.mutants table            # what was found

--all tries every mutant, --step N every Nth, --budget SECONDS how much time of tests a mutant has to survive.

A mutant inside a function is put into a loaded test session by fork. A mutant of module-level data gets a process that
imports the package with the mistake in it. Only a test that passes without the mistake kills.
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import gc
import importlib.util
import json
import os
import re
import resource
import select
import signal
import sys
import tempfile
import time
import zlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from functools import partial
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, NamedTuple

import pytest

from tests.programs.mistakes import ROOT, Mutant, mutants

FOLDER = ROOT / "mutants"
PYTEST = ["-q", "-x", "-p", "no:cacheprovider", "-p", "_hypothesis_pytestplugin", "--hypothesis-seed=0"]
PYTEST += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # a second session in one process
BUDGET = 5.0  # seconds of tests, as they were mapped, that a mutant has to survive
PRELOADED = ("boto3", "aiobotocore.session", "botocore.waiter", "hypothesis.stateful", "jsonschema", "jsonschema_rs")
NOT_LOADED = "the module with the mistake was not loaded"


class Results(NamedTuple):
    status: str  # killed, survived, timeout
    by: str


def in_child(work: Callable[[], str], seconds: float) -> Results:
    """Run `work`, which returns the test that failed, in a fork that is killed when it takes far too long."""
    reads, writes = os.pipe()
    child = os.fork()
    if not child:
        os.setsid()
        null = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(null, stream)
        spent = int(sum(resource.getrusage(resource.RUSAGE_SELF)[:2]))
        with contextlib.suppress(OSError, ValueError):
            resource.setrlimit(resource.RLIMIT_CPU, (spent + int(4 * seconds) + 10,) * 2)
            resource.setrlimit(resource.RLIMIT_AS, (4 << 30,) * 2)
        try:
            said = work()
        except BaseException as problem:  # noqa: BLE001 - pytest, which a mistake stops, raises anything
            said = f"{type(problem).__name__} outside of tests"
        os.write(writes, json.dumps(said).encode() + b"\n")
        os._exit(0)
    os.close(writes)
    ready, _, _ = select.select([reads], [], [], 20 + 4 * seconds)  # the machine is shared
    said = os.read(reads, 65536) if ready else b""
    os.close(reads)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if not said:
        return Results("timeout", f"ended by signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else "")
    by = json.loads(said)
    return Results("killed" if by else "survived", by)


class Failing:
    """A pytest plugin that keeps the first test that failed, and runs only the tests it is told."""

    def __init__(self, left_out: Callable[[str], bool] = lambda name: False) -> None:
        self.by, self.left_out = "", left_out

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if not self.left_out(item.nodeid)]

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.failed and not self.by:
            self.by = report.nodeid

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed and not self.by:
            self.by = f"{report.nodeid} could not be imported"


class Mapper(Failing):
    """Runs every test once, and writes down its duration and the lines of the package that it runs."""

    def __init__(self, source: Path) -> None:
        super().__init__()
        self.source, self.failed, self.spent = source, set(), Counter()

    def pytest_runtest_logreport(self, report: Any) -> None:
        self.spent[report.nodeid] += report.duration
        if report.failed or report.skipped:
            self.failed.add(report.nodeid)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        import coverage

        measured = coverage.Coverage(data_file=None, source=["neptune_guard"], config_file=False)
        measured.start()
        for item, following in zip(session.items, [*session.items[1:], None], strict=True):
            measured.switch_context(item.nodeid)
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
        measured.stop()
        data = measured.get_data()
        tests: dict[str, dict[str, Any]] = {
            name: {"seconds": spent, "lines": defaultdict(list)} for name, spent in self.spent.items()
        }
        for path in data.measured_files():
            for line, names in data.contexts_by_lineno(path).items():
                for name in set(names) & tests.keys() - self.failed:
                    tests[name]["lines"][str(Path(path).relative_to(ROOT))].append(line)
        self.source.write_text(json.dumps(tests))
        print(f"{len(tests)} tests, {sum(self.spent.values()):.0f} s, left out: {sorted(self.failed)}")
        return True


class Tests:
    """The tests of one module: those that run its lines, its own first."""

    def __init__(self, module: str) -> None:
        self.module, self.kills, self.left_out = module, Counter[str](), set[str]()
        self.seconds: dict[str, float] = {}
        self.lines: dict[str, set[int]] = {}
        self.share: dict[str, float] = {}
        self.mapped: set[str] = set()
        self.rules = set(
            re.findall(r'"([a-z]+(?:-[a-z]+)+)",$', (ROOT / module).read_text(encoding="utf-8"), re.MULTILINE)
        )
        for source in sorted(FOLDER.glob("map-*.json")):
            for name, test in json.loads(source.read_text()).items():
                self.mapped.add(name)
                if module in test["lines"]:
                    self.seconds[name] = test["seconds"]
                    self.lines[name] = set(test["lines"][module])
                    self.share[name] = len(self.lines[name]) / sum(map(len, test["lines"].values()))

    def of(self, lines: set[int] | None = None) -> list[str]:
        """Return the tests that run one of the lines, as many as the budget has room for."""
        names = [name for name in self.lines if name not in self.left_out and (not lines or lines & self.lines[name])]
        rank: Counter[str] = Counter()
        ordered = []
        for name in sorted(names, key=lambda name: (-self.kills[name], -len(self.lines[name]), self.seconds[name])):
            function = name.partition("[")[0]
            strange = not any(rule in name for rule in self.rules)
            ordered.append((-self.kills[name], strange, rank[function], self.seconds[name], name))
            rank[function] += 1  # one row of every test first, then a second one of each
        spent, chosen = 0.0, []
        for *_, name in sorted(ordered):
            spent += self.seconds[name]
            if spent < BUDGET:
                chosen.append(name)
        return chosen

    def files(self, names: list[str]) -> list[str]:
        """Return the files of tests, those first that kill most and have most to do with the module."""
        worth: Counter[str] = Counter()
        for name in names:
            worth[name.partition("::")[0]] += 100 * self.kills[name] + self.share[name]
        return [file for file, _ in worth.most_common()]


def codes(code: CodeType) -> Iterator[CodeType]:
    yield code
    for each in code.co_consts:
        if isinstance(each, CodeType):
            yield from codes(each)


class Loaded:
    """A pytest plugin: a collected session that forks for each mutant, and changes its functions in the child."""

    def __init__(self, work: Callable[[Loaded], None]) -> None:
        self.work, self.failing = work, Failing()

    def pytest_runtest_logreport(self, report: Any) -> None:
        self.failing.pytest_runtest_logreport(report)

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        self.items = {item.nodeid: item for item in session.items}
        self.work(self)
        return True

    def load(self, tests: Tests) -> None:
        """Find the functions of another module."""
        self.tests, self.path = tests, str(ROOT / tests.module)
        self.functions = defaultdict(list)
        for each in gc.get_objects():
            if isinstance(each, FunctionType) and each.__code__.co_filename == self.path:
                self.functions[each.__code__.co_qualname, each.__code__.co_firstlineno].append(each)

    def change(self, tree: ast.Module) -> None:
        for code in codes(compile(tree, self.path, "exec")):
            for function in self.functions[code.co_qualname, code.co_firstlineno]:
                if function.__code__ != code:
                    function.__code__ = code

    def run(self, names: list[str], tree: ast.Module | None) -> Results:
        def work() -> str:
            if tree:
                try:
                    self.change(tree)
                except ValueError:  # another number of free variables: only an import can tell
                    return ""
            items = [self.items[name] for name in names if name in self.items]
            for item, following in zip(items, [*items[1:], None], strict=True):
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
                if self.failing.by:
                    break
            return self.failing.by

        return in_child(work, sum(self.tests.seconds[name] for name in names))


class Mistaken(SourceFileLoader):
    """Loads a module with a mistake in it, and finds it too."""

    def __init__(self, module: str, tree: ast.Module) -> None:
        name = module.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
        super().__init__(name, str(ROOT / module))
        self.tree = tree

    def get_code(self, fullname: str) -> CodeType:
        return compile(self.tree, self.path, "exec")

    def find_spec(self, fullname: str, path: Any = None, target: Any = None) -> Any:
        if fullname != self.name:
            return None
        return importlib.util.spec_from_file_location(fullname, self.path, loader=self)


def imported(tests: Tests, names: list[str], tree: ast.Module | None) -> Results:
    """Run tests, file by file, in a process that imports the package anew; tests that are not mapped yet run too."""
    chosen = set(names)

    def left_out(name: str) -> bool:
        return name not in chosen and (name in tests.mapped or name in tests.left_out)

    def work() -> str:
        mistaken = Mistaken(tests.module, tree or ast.parse((ROOT / tests.module).read_text(encoding="utf-8")))
        sys.meta_path.insert(0, mistaken)
        for file in tests.files(names):
            failing = Failing(left_out)
            pytest.main([*PYTEST, file], plugins=[failing])
            if failing.by:
                return failing.by
        return "" if sys.modules[mistaken.name].__loader__ is mistaken else NOT_LOADED

    return in_child(work, sum(tests.seconds[name] for name in names))


Run = Callable[[list[str], "ast.Module | None"], Results]


class Work:
    """The mutants of one module that are to be tried, and what was found, kept in a file."""

    def __init__(self, module: str, command: str, every: bool, step: int) -> None:
        everything = list(mutants(ROOT / module))
        first_of_each = {(each.line, each.operator): each for each in reversed(everything)}
        self.module, self.total, self.tests = module, len(everything), Tests(module)
        self.wanted = (everything if every else list(first_of_each.values())[::-1])[::step]
        self.found: dict[str, Results] = {}
        self.proven: set[str] = set()  # tests that killed, and pass without a mistake
        self.command = command
        if command != "run":
            self.load()
        if command == "more":
            self.wanted = [each for each in self.wanted if each.name not in self.found]
        if command in {"again", "import"}:
            self.wanted = [each for each in everything if self.lives(each) and each.name in self.found]

    @property
    def source(self) -> Path:
        return FOLDER / f"{self.module.replace('/', '.')}.json"

    def load(self) -> None:
        if self.source.exists():
            kept = json.loads(self.source.read_text())
            self.found = {name: Results(*result) for name, result in kept["found"].items()}
            self.tests.kills.update(by for _, by in self.found.values() if by in self.tests.seconds)
            self.tests.left_out.update(kept["left_out"])

    def save(self) -> None:
        kept = {"total": self.total, "found": self.found, "left_out": sorted(self.tests.left_out)}
        self.source.write_text(json.dumps(kept, indent=1))

    def lives(self, mutant: Mutant) -> bool:
        return mutant.name not in self.found or self.found[mutant.name].status == "survived"

    def attempt(self, mutant: Mutant, names: list[str], run: Run) -> None:
        """Try one mutant, and keep what was found; a test that fails without the mistake too does not count."""
        names = [name for name in names if name not in self.tests.left_out]
        result = run(names, mutant.made())
        if result.by in self.tests.seconds and result.by not in self.proven:
            if (without := run([result.by], None)).status != "survived":
                print(f"  left out, since it fails without a mistake: {result.by}, {without}", flush=True)
                self.tests.left_out.add(result.by)
                return self.attempt(mutant, names, run)
            self.proven.add(result.by)
        self.found[mutant.name] = result
        if result.by in self.tests.seconds:
            self.tests.kills[result.by] += 1
        return None

    def loaded(self, session: Loaded) -> None:
        """Try the mutants inside functions, in a session that is loaded."""
        chosen = [(each, self.tests.of({each.line})) for each in self.wanted if each.inside and self.lives(each)]
        session.load(self.tests)
        for mutant, names in chosen:
            if names:
                self.attempt(mutant, self.tests.of({mutant.line}), session.run)
                self.save()

    def imported(self) -> None:
        """Try the mutants of module-level data, and those that survived, by importing them."""
        began = time.monotonic()
        self.load()
        run = partial(imported, self.tests)
        for mutant in self.wanted:
            if mutant.name not in self.found or (self.command == "import" and self.lives(mutant)):
                names = self.tests.of({mutant.line} if mutant.inside else None) or self.tests.of()
                self.attempt(mutant, names, run)
                self.save()
        statuses = dict(Counter(result.status for result in self.found.values()))
        print(f"{self.module}: {statuses} of {self.total}, {time.monotonic() - began:.0f} s", flush=True)
        for name, result in self.found.items():
            if result.status == "survived":
                print(f"  {name}", flush=True)


def run(works: list[Work]) -> None:
    session = -1 if works[0].command == "import" else os.fork()
    if not session:
        files = dict.fromkeys(file for work in works for file in work.tests.files(list(work.tests.seconds)))

        def hot(loaded: Loaded) -> None:
            for work in works:
                work.loaded(loaded)

        os.dup2(os.open(FOLDER / f"log-{os.getppid()}.txt", os.O_RDWR | os.O_CREAT | os.O_TRUNC), 1)
        pytest.main([*PYTEST, *files], plugins=[Loaded(hot)])
        os._exit(0)
    if session > 0:
        os.waitpid(session, 0)
    for work in works:
        work.imported()


def table() -> None:
    print("| module | mutants | tried | killed | survived | score |\n|---|---|---|---|---|---|")
    sums: Counter[str] = Counter()
    for source in sorted(FOLDER.glob("neptune_guard.*.json")):
        kept = json.loads(source.read_text())
        lived = sum(status == "survived" for status, _ in kept["found"].values())
        row = {"mutants": kept["total"], "tried": len(kept["found"]), "survived": lived}
        sums.update(row)
        show(source.stem.removeprefix("neptune_guard.").removesuffix(".py").replace(".", "/"), row)
    show("all", sums)


def show(name: str, row: dict[str, int]) -> None:
    tried, lived = row["tried"], row["survived"]
    print(f"| `{name}` | {row['mutants']} | {tried} | {tried - lived} | {lived} | {(tried - lived) / tried:.1%} |")


def main() -> None:
    global BUDGET
    parser = argparse.ArgumentParser()
    parser.add_argument("command", choices=["map", "run", "more", "again", "import", "table"])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--all", action="store_true")
    parser.add_argument("--step", type=int, default=1)
    parser.add_argument("--budget", type=float, default=BUDGET)
    given = parser.parse_intermixed_args()
    BUDGET = given.budget
    FOLDER.mkdir(exist_ok=True)
    os.chdir(ROOT)
    if given.command == "table":
        return table()
    with tempfile.TemporaryDirectory() as folder:
        os.chmod(folder, 0o755)  # some tests give up their rights, and need a way to their files
        os.environ["TMPDIR"] = tempfile.tempdir = folder
        os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"  # pytest would load the package past `Mistaken`, as a plugin
        if given.command == "map":
            kept = FOLDER / f"map-{zlib.crc32(' '.join(given.names).encode()):08x}.json"
            pytest.main([*(each for each in PYTEST if each != "-x"), *given.names], plugins=[Mapper(kept)])
            return None
        for name in PRELOADED:
            importlib.import_module(name)
        run([Work(module, given.command, given.all, given.step) for module in given.names])
    return None


if __name__ == "__main__":
    main()
