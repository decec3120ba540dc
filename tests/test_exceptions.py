"""The exceptions: what they are, what they say, and that they survive copying and pickling."""

import copy
import multiprocessing
import pickle
from concurrent.futures import ProcessPoolExecutor

import pytest
from botocore.exceptions import BotoCoreError, ParamValidationError

from neptune_guard import check
from neptune_guard.exceptions import ConfigurationError, ConstraintViolationError, NotStubbedError, RuleError

BROKEN = {"TargetDBClusterSnapshotIdentifier": "a--b", "Tags": [{"Key": "aws:x"}] * 30, "CopyTags": True}


def broken():
    return ConstraintViolationError(violations=check(BROKEN))


def refuse():
    raise broken()


def test_it_is_botocores_own_refusal():
    error = broken()
    assert isinstance(error, ParamValidationError)
    assert isinstance(error, BotoCoreError)
    assert error.violations == tuple(check(BROKEN))
    assert error.kwargs["violations"] == error.violations


def test_its_text_shows_twenty_errors_and_no_warnings():
    lines = str(broken()).splitlines()
    errors = [each for each in check(BROKEN) if each.severity == "error"]
    assert lines[0] == "Parameter validation failed:"
    assert lines[1:21] == [str(each) for each in errors[:20]]
    assert lines[21:] == [f"and {len(errors) - 20} more"]
    assert len(errors) < len(check(BROKEN))


def test_braces_in_a_value_are_only_braces():
    error = ConstraintViolationError(violations=check({**BROKEN, "Tags": [], "KmsKeyId": "{report} {0}"}))
    assert "KmsKeyId: '{report} {0}' is not a KMS key" in str(error)


def copied(error):
    return copy.copy(error)


def deeply_copied(error):
    return copy.deepcopy(error)


def pickled(error):
    return pickle.loads(pickle.dumps(error))


@pytest.mark.parametrize("again", [copied, deeply_copied, pickled])
def test_it_is_the_same_again(again):
    error = broken()
    twin = again(error)
    assert type(twin) is ConstraintViolationError
    assert (str(twin), twin.violations, twin.kwargs) == (str(error), error.violations, error.kwargs)


def test_it_comes_back_from_another_process():
    with (
        ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool,
        pytest.raises(ConstraintViolationError) as caught,
    ):
        pool.submit(refuse).result()
    assert caught.value.violations == broken().violations


def test_a_rule_error_says_which_rule_and_what_to_do():
    error = RuleError("mine")
    assert str(error) == "the rule mine crashed; correct the rule, or ignore 'mine'"
    error.__cause__ = KeyError("x")
    assert str(error) == "the rule mine crashed: KeyError: 'x'; correct the rule, or ignore 'mine'"
    assert (pickled(error).rule, copied(error).rule) == ("mine", "mine")


@pytest.mark.parametrize(
    ("kind", "base"),
    [(ConfigurationError, ValueError), (RuleError, RuntimeError), (NotStubbedError, NotImplementedError)],
)
def test_the_others_are_ordinary_errors(kind, base):
    assert issubclass(kind, base)
    assert not issubclass(kind, BotoCoreError)
