"""`neptune-guard check`: requests from files against the rules, offline."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from types import ModuleType

from neptune_guard._printing import ABSENT, did_you_mean, printable
from neptune_guard._rules import RULES, Request, Ruleset, refuse_unguarded
from neptune_guard._violations import Rule, Severity, Violation
from neptune_guard.cli._input import DUPLICATE, Entry, requests
from neptune_guard.cli._program import (
    CLEAN,
    EXIT_CODES,
    UNUSABLE,
    VIOLATED,
    Commands,
    Streams,
    Unusable,
    account_id,
    add_format,
    command,
    complain,
    operation,
    region,
)
from neptune_guard.cli.formats import REPORTS, Results, Summary
from neptune_guard.exceptions import RuleError

_FILE = "a JSON object, an array of objects or JSON Lines; - for standard input, which is the default"
_OPERATION = "the operation of requests that do not name theirs; CopyDBClusterSnapshot is the default"
_REGION = "the Region the requests go to; without it the rules that need it find nothing"
_RULES = "rules of your own: a Rule or a list of them; may be given again"
_IGNORE = "leave out a rule, 'tag-*' or 'Operation:rule'; may be given again, or with commas"


def add(commands: Commands) -> None:
    """Add the command to the parser."""
    parser = command(commands, "check", run, "check requests, offline", EXIT_CODES)
    parser.add_argument("files", metavar="FILE", nargs="*", default=["-"], help=_FILE)
    parser.add_argument("--operation", type=operation, default="CopyDBClusterSnapshot", metavar="NAME", help=_OPERATION)
    parser.add_argument("--region", type=region, help=_REGION)
    parser.add_argument("--account-id", type=account_id, metavar="ID", help="the caller's account, twelve digits")
    parser.add_argument("--rules", action="append", default=[], metavar="MODULE:NAME", help=_RULES)
    parser.add_argument("--ignore", action="append", default=[], metavar="RULE", help=_IGNORE)
    parser.add_argument("--exit-zero", action="store_true", help="end with 0 instead of 1 when there are violations")
    add_format(parser, REPORTS)


def run(arguments: argparse.Namespace, streams: Streams) -> int:
    """Check every request of every file and report what is found."""
    own = [rule for name in arguments.rules for rule in _own_rules(name)]
    checker = _Checker(arguments, own, streams)
    summary = checker.summary
    REPORTS[arguments.format](checker.results(), summary, streams)
    if summary.unusable:
        return UNUSABLE
    return VIOLATED if summary.errors and not arguments.exit_zero else CLEAN


class _Checker:
    """Checks the requests of all files and counts on the way."""

    def __init__(self, arguments: argparse.Namespace, own: Sequence[Rule], streams: Streams) -> None:
        patterns = [part.strip() for given in arguments.ignore for part in given.split(",") if part.strip()]
        known = [*RULES, *(rule.id for rule in own)]
        about_requests = [each for each in patterns if not _selects_duplicates(each) or _selects(each, known)]
        self.arguments = arguments
        self.streams = streams
        self.has_own_rules = bool(own)
        self.ruleset = Ruleset(own, about_requests, "--ignore")
        self.summary = Summary([*RULES.values(), DUPLICATE, *own])
        self.repeating = {each.rpartition(":")[0] for each in patterns if _selects_duplicates(each)}
        self.crashed: set[str] = set()

    def results(self) -> Results:
        """Yield every request with its violations; a file that cannot be used does not end the others."""
        for name in self.arguments.files:
            try:
                yield from self._results_of(name)
            except Unusable as problem:
                self._complain(problem)

    def _results_of(self, name: str) -> Results:
        region, account_id = self.arguments.region, self.arguments.account_id
        check, summary, on_crash = self.ruleset.check, self.summary, None
        for entry in requests(name, self.streams.stdin, self.arguments.operation):
            if isinstance(entry, Unusable):
                self._complain(entry)
                continue
            request = Request(entry.operation, entry.params, region=region, account_id=account_id)
            if self.has_own_rules:
                on_crash = partial(self._complain_once, entry)
            violations = check(request, on_crash=on_crash)
            if entry.repeats:
                violations = [*self._duplicates(entry), *violations]
            summary.requests += 1
            for violation in violations:
                if violation.severity is Severity.ERROR:
                    summary.errors += 1
                else:
                    summary.warnings += 1
            yield entry, violations

    def _duplicates(self, entry: Entry) -> Iterator[Violation]:
        if self.repeating & {"", entry.operation}:
            return
        message = "is given more than once in its object, and only one of the values counts; remove the others"
        for path in entry.repeated():
            yield DUPLICATE.found(path, ABSENT, message).violation(entry.operation)

    def _complain_once(self, entry: Entry, error: RuleError) -> None:
        if error.rule not in self.crashed:
            self.crashed.add(error.rule)
            self._complain(entry.unusable(str(error)))

    def _complain(self, problem: Unusable) -> None:
        self.summary.unusable.append(problem)
        self.streams.stdout.flush()
        complain(problem, self.streams)


def _selects(pattern: str, known: Iterable[str]) -> bool:
    """Tell whether a pattern of `--ignore` selects one of the known rules, whatever the operation."""
    rule_id = pattern.rpartition(":")[2]
    if rule_id.endswith("*"):
        return any(each.startswith(rule_id[:-1]) for each in known)
    return rule_id in known


def _selects_duplicates(pattern: str) -> bool:
    """Tell whether a pattern selects the rule about duplicate names, which a Ruleset does not know."""
    selected = _selects(pattern, [DUPLICATE.id])
    if selected and ":" in pattern:
        refuse_unguarded(pattern.rpartition(":")[0])
    return selected


# ---------------------------------------------------------------------- the user's own rules


def _own_rules(name: str) -> list[Rule]:
    """Return the rules that `module:attribute` names.

    Raises:
        Unusable: There is no such module or attribute, or it fails when it is imported.
    """
    module_name, colon, attribute = name.partition(":")
    if not (module_name and colon and attribute) or name.startswith("."):
        raise Unusable(f"--rules is {name!r}; give module:attribute, such as my_rules:RULES")
    module = _imported(module_name)
    try:
        found = getattr(module, attribute)
    except AttributeError as problem:
        hint = did_you_mean(attribute, [each for each in vars(module) if not each.startswith("_")])
        raise Unusable(f"--rules {name}: the module {module_name} has no attribute {attribute!r}{hint}") from problem
    except (Exception, SystemExit) as problem:  # the module may have a __getattr__
        raise _failed(name, problem) from problem
    rules = list(found) if isinstance(found, (list, tuple)) else [found]
    for each in rules:
        if not isinstance(each, Rule):
            raise Unusable(f"--rules {name} has {printable('', each)}; give a Rule or a list of them")
        if each.id == DUPLICATE.id:
            raise Unusable(f"--rules {name}: the rule id {each.id!r} is taken by neptune_guard itself; rename yours")
    return rules


def _imported(module_name: str) -> ModuleType:
    if os.getcwd() not in sys.path:  # as `python -m` does; a console script would not see the user's own module
        sys.path.insert(0, os.getcwd())
    try:
        return importlib.import_module(module_name)
    except ModuleNotFoundError as problem:
        if problem.name and f"{module_name}.".startswith(f"{problem.name}."):
            text = f"--rules: there is no module {problem.name!r}; it is looked for in this directory and on PYTHONPATH"
            raise Unusable(text) from problem
        raise _failed(module_name, problem) from problem
    except (Exception, SystemExit) as problem:
        raise _failed(module_name, problem) from problem


def _failed(name: str, problem: BaseException) -> Unusable:
    reason = " ".join(str(problem).split())
    return Unusable(f"--rules: importing {name} failed: {type(problem).__name__}: {reason}")
