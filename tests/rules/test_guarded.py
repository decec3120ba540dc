"""A guarded operation asks about each parameter what the others ask about the same one.

The rows for a newly guarded operation follow from its document and its row of GUARDED, so they cannot miss what both
leave out; these tests do.
"""

import pytest

from neptune_guard._rules import GUARDED, shapes
from neptune_guard._rules._engines import parameters_of

# Parameters that only CreateDBInstance warns about: they are the cluster's.
WITHOUT_RULES = {"EnableIAMDatabaseAuthentication", "StorageEncrypted"}
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


def has_rules(operation, name):
    return any(rules_of(operation, name))


@pytest.mark.parametrize("operation", GUARDED)
def test_a_parameter_that_has_rules_elsewhere_has_rules_here(operation):
    members = set(shapes.input_shape("neptune", operation).members)
    elsewhere = {
        name for each in GUARDED for name in members if each != operation and has_rules(each, name)
    } - WITHOUT_RULES
    without = {name for name in elsewhere if not has_rules(operation, name)}
    assert without == set(), f"schemas/{operation}.json and GUARDED say nothing about these"


@pytest.mark.parametrize("operation", GUARDED)
def test_a_parameter_of_a_kind_is_compared_as_the_others_of_its_kind(operation):
    for name in shapes.input_shape("neptune", operation).members:
        alone, compared = rules_of(operation, name)
        for rule_id in alone & set(RELATED):
            assert RELATED[rule_id] <= alone | compared, f"GUARDED lacks a relation of {name}"


def test_every_rule_that_is_named_here_is_one_of_some_parameter():
    alone = {id_ for operation in GUARDED for ids in parameters_of(operation).values() for id_ in ids}
    assert set(RELATED) <= alone
