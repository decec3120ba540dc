"""A guarded operation compares a parameter as the others compare those of the same kind.

The rows for a newly guarded operation follow from its document and its row of GUARDED, so they cannot miss what that
row leaves out; these tests do. `test_tables.py` holds the parameters of one name against each other.
"""

import pytest

from neptune_guard._rules import GUARDED, shapes
from neptune_guard._rules._documents import parameters_of
from tests.helpers import SOUND

RELATED = {
    "cluster-identifier-format": {"arn-other-region"},
    "snapshot-identifier-format": {"region-unknown", "snapshot-arn-region", "snapshot-arn-partition"},
    "kms-key-format": {"kms-key-region", "kms-key-partition"},
    "resource-arn-format": {"arn-other-region", "resource-arn-type", "resource-arn-partition"},
    "source-region-format": {"region-unknown", "source-region-mismatch"},
    "tag-key-required": {"tag-key-duplicate", "tag-value-empty", "tag-at-sign"},
}
"""Rules that compare: wherever a parameter has the rule before the colon, it has these as well."""


def rules_of(operation, name):
    """Return the ids of the rules about a parameter in the operation's document, and of those that compare it."""
    relations = GUARDED[operation].relations.get(name, ())
    return set(parameters_of(operation).get(name, ())), {rule.id for each in relations for rule in each.rules}


@pytest.mark.parametrize("operation", GUARDED)
def test_a_parameter_of_a_kind_is_compared_as_the_others_of_its_kind(operation):
    for name in shapes.input_shape("neptune", operation).members:
        alone, compared = rules_of(operation, name)
        for rule_id in alone & set(RELATED):
            missing = RELATED[rule_id] - alone - compared
            assert missing == set(), (
                f"{operation} does not find these about {name}, which has the rule {rule_id}: add the generators that "
                "yield them to its row of GUARDED"
            )


def test_every_rule_that_is_named_here_is_one_of_some_parameter():
    alone = {id_ for operation in GUARDED for ids in parameters_of(operation).values() for id_ in ids}
    assert set(RELATED) <= alone


@pytest.mark.parametrize("operation", GUARDED)
def test_a_sound_request_says_what_it_is_about(operation):
    """Only what describes may leave everything out: FailoverDBCluster needs a cluster, and botocore does not ask."""
    assert SOUND[operation] or operation.startswith("Describe"), (
        f"botocore requires no parameter of {operation}: add those of a sound request to _BESIDE in tests/helpers.py"
    )
