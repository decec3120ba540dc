"""What is found in whole copies: messages, order, and that a sound one has no finding."""

import subprocess
import sys
from collections import UserDict
from types import MappingProxyType
from unittest.mock import Mock

import pytest

from neptune_guard._rules import check
from tests.conftest import Boto3
from tests.helpers import ACCOUNT, HERE, OTHER_ACCOUNT, SOUND, SOURCE, TARGET, arn, kms
from tests.rules.rows import SECRET, Row, from_region, key, presigned, source, tags, target

COPY = SOUND["CopyDBClusterSnapshot"]
COPYING = (SOURCE, TARGET, "KmsKeyId", "PreSignedUrl", "SourceRegion", "CopyTags", "Tags")


def ids(params, region=HERE, account_id=None, **kwargs):
    return [each.rule for each in check(params, region=region, account_id=account_id, **kwargs)]


REASONS = [
    ({"https://": "http://"}, "it is not an https URL"),
    ({"https://rds.us-east-1.amazonaws.com/?": "https:///?"}, "it is not an https URL"),
    ({"https://rds.": "https://[rds."}, "it is not a URL"),
    ({"Action=Copy": "Action=Paste"}, "its Action is not CopyDBClusterSnapshot"),
    ({"DestinationRegion=us-west-2": "DestinationRegion=us-west-1"}, "its DestinationRegion is not us-west-2"),
    ({"X-Amz-Signature": "X-Amz-Autograph"}, "it has no signature"),
    ({SECRET: ""}, "it has no signature"),
    ({"%3Anightly": "%3Aweekly"}, "its SourceDBClusterSnapshotIdentifier is not the request's"),
    ({"KmsKeyId=arn": "KmsKeyId=urn"}, "its KmsKeyId is not the request's"),
    (
        {"https://": "http://", "Action=Copy": "Action=Paste"},
        "it is not an https URL, its Action is not CopyDBClusterSnapshot",
    ),
]


@pytest.mark.parametrize(("changes", "reason"), REASONS)
def test_what_is_wrong_with_a_url_is_said(changes, reason):
    found = presigned(changes).check()
    assert [str(each) for each in found if each.rule == "pre-signed-url-format"] == [
        f"error: PreSignedUrl: <redacted> is not a presigned URL for this copy ({reason}); leave it out, botocore "
        "makes it from SourceRegion [pre-signed-url-format]"
    ]


# The spare fields of a URL: two for each of fifty tags, and those of other signatures.
@pytest.mark.parametrize(("fields", "expected"), [(200, False), (201, True)])
def test_a_url_has_at_most_two_hundred_fields(fields, expected):
    row = presigned()
    url = row.changes["PreSignedUrl"]
    url += "".join(f"&Spare{number}=" for number in range(fields - url.count("=")))
    assert ("pre-signed-url-format" in ids({**row.params, "PreSignedUrl": url})) is expected


LONG = "us-" + "e" * 58 + "-1"


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (source(arn(partition=LONG), region="mars"), None),  # of an unknown partition nothing is said
        (source(arn("x" * 63)), "names no Region"),
        (from_region(arn(LONG), "us-west-2"), f"is not {LONG}, the Region"),
        (from_region(arn(LONG + "x"), "us-west-2"), "is not the one given, the Region"),
        (from_region(arn("us-east-1\n"), "us-west-2"), "is not the one given, the Region"),
    ],
)
def test_a_name_from_the_request_is_repeated_only_where_it_is_short_and_plain(row, words):
    found = {"snapshot-arn-region", "source-region-mismatch"}
    texts = [each.message for each in row.check() if each.rule in found]
    assert any(words in text for text in texts) if words else texts == []


SOUND_COPIES = [
    (Row({}), ()),
    (from_region(arn("us-east-1"), "us-east-1"), ()),
    (Row({SOURCE: arn("us-east-1"), "KmsKeyId": kms(), "CopyTags": True}, account_id=ACCOUNT), ()),
    (Row({SOURCE: arn("us-east-1", account_id=OTHER_ACCOUNT), "KmsKeyId": kms()}, account_id=ACCOUNT), ()),
    (tags({"Key": "team", "Value": "graph"}, {"Key": "stage"}), ()),
    (presigned(), ("pre-signed-url-unsupported",)),
    (Row({"Unknown": object(), 1: 2, None: 3}), ("unknown-parameter",) * 3),
]


@pytest.mark.parametrize(("row", "expected"), SOUND_COPIES)
def test_a_sound_request_has_no_other_finding(row, expected):
    assert tuple(ids(row.params, row.region, row.account_id)) == expected


ALONE = [
    (target(arn(HERE)), ["identifier-arn"]),
    (target("rds:-a--b_" + "c" * 70), ["identifier-arn"]),
    (Row({SOURCE: "rds:x", TARGET: "rds:x"}), ["identifier-arn"]),
    (target(""), ["identifier-length"]),
    (source(""), ["snapshot-identifier-format"]),
    (source(arn(HERE).replace(":rds:", ":neptune:")), ["snapshot-arn-format"]),
    (key(""), ["kms-key-format"]),
    *((Row({name: value}), ["parameter-type"]) for name in COPYING for value in (None, b"x", 1.5)),
]


@pytest.mark.parametrize(("row", "expected"), ALONE)
def test_one_mistake_is_one_finding(row, expected):
    assert ids(row.params) == expected


def test_all_mistakes_are_found_at_once_in_the_order_of_the_parameters():
    found = check(
        {
            "Tags": [{"Key": "aws:x", "Value": "a;b"}, {"Key": "aws:x", "Value": ""}, {}, None],
            "CopyTags": True,
            "SourceRegion": "us-west-2",
            "PreSignedUrl": "http://",
            "KmsKeyId": kms("us-east-1"),
            TARGET: "-a--b_\n",
        },
        region="us-west-2",
    )
    assert [(each.path.replace("DBClusterSnapshotIdentifier", ""), each.rule) for each in found] == [
        ("Source", "missing-parameter"),
        ("Target", "identifier-first-letter"),
        ("Target", "identifier-characters"),
        ("Target", "identifier-hyphens"),
        ("KmsKeyId", "kms-key-region"),
        ("PreSignedUrl", "pre-signed-url-unsupported"),
        ("PreSignedUrl", "pre-signed-url-format"),
        ("CopyTags", "copy-tags-ignored"),
        ("Tags[3]", "parameter-type"),
        ("Tags[0].Key", "tag-key-reserved-prefix"),
        ("Tags[0].Value", "tag-value-characters"),
        ("Tags[1].Key", "tag-key-reserved-prefix"),
        ("Tags[2].Key", "tag-key-required"),
        ("Tags[1].Key", "tag-key-duplicate"),
        ("Tags[1].Value", "tag-value-empty"),
        ("SourceRegion", "source-region-redundant"),
    ]


@pytest.mark.parametrize("extra", [{}, {"KmsKeyId": "alias/graph", "Tags": [{"Key": "Größe", "Value": "a b+c/d=e"}]}])
def test_the_url_that_botocore_makes_is_one_of_this_copy(extra):
    params, bodies = {SOURCE: arn("us-east-1"), TARGET: "nightly-copy", **extra}, []

    def answer(params, **kwargs):
        bodies.append(params["body"])
        return Mock(status_code=200), {}

    client = Boto3().client()
    client.meta.events.register("before-call.neptune.CopyDBClusterSnapshot", answer)
    client.copy_db_cluster_snapshot(**params, SourceRegion="us-east-1")
    assert ids({**params, "PreSignedUrl": bodies[0]["PreSignedUrl"]}) == ["pre-signed-url-unsupported"]


def test_of_too_many_tags_the_first_51_are_looked_at():
    found = check({**COPY, "Tags": [{"Key": "aws:x"}] * 100}, region="us-west-2")
    assert {each.path for each in found} == {"Tags", *(f"Tags[{number}].Key" for number in range(51))}


BYTES = """
from botocore.session import get_session
from neptune_guard import check
from neptune_guard._rules import GUARDED

model = get_session().get_service_model("neptune")
for operation in GUARDED:
    for name in model.operation_model(operation).input_shape.members:
        for value in (b"x", [b"x"], [{"Key": b"x", "Value": b""}], {"EnableLogTypes": [b"x"], "MinCapacity": b"1"}):
            assert check({name: value}, operation=operation, region="us-west-2", account_id="123456789012")
"""


def test_bytes_are_compared_with_no_text():
    done = subprocess.run([sys.executable, "-bb", "-c", BYTES], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


LONG = ["111122223333"] * 51
# Lists of which only an entry after the fifty-first is wrong.
LATE = [
    ("ModifyDBClusterSnapshotAttribute", {"ValuesToAdd": [*LONG, "bad"]}, ("sharing-account", "ValuesToAdd[51]")),
    ("ModifyDBClusterSnapshotAttribute", {"ValuesToAdd": [*LONG * 9, 5]}, ("parameter-type", "ValuesToAdd[459]")),
    (
        "ModifyDBClusterSnapshotAttribute",
        {"ValuesToRemove": (*LONG, "", *LONG)},
        ("sharing-account", "ValuesToRemove[51]"),
    ),
    ("ModifyDBClusterSnapshotAttribute", {"ValuesToAdd": [*LONG, "all"]}, ("sharing-public", "ValuesToAdd")),
    (
        "ModifyDBClusterSnapshotAttribute",
        {"ValuesToAdd": [*LONG, *(f"{number:012}" for number in range(30))]},
        ("sharing-count", "ValuesToAdd"),
    ),
    (
        "ModifyDBClusterSnapshotAttribute",
        {"ValuesToAdd": [*LONG, "444455556666"], "ValuesToRemove": ["444455556666"]},
        ("sharing-both-lists", "ValuesToRemove"),
    ),
    (
        "CreateDBCluster",
        {"EnableCloudwatchLogsExports": ["audit"] * 51 + ["error"]},
        ("log-types", "EnableCloudwatchLogsExports[51]"),
    ),
    (
        "ModifyDBCluster",
        {"CloudwatchLogsExportConfiguration": {"EnableLogTypes": ["audit"] * 200 + ["error", "audit"]}},
        ("log-types", "CloudwatchLogsExportConfiguration.EnableLogTypes[200]"),
    ),
    ("RemoveTagsFromResource", {"TagKeys": ["a"] * 51 + [""]}, ("tag-key-length", "TagKeys[51]")),
]


@pytest.mark.parametrize(("operation", "changes", "expected"), LATE)
def test_the_end_of_a_long_list_is_looked_at(operation, changes, expected):
    found = check({**SOUND[operation], **changes}, operation=operation)
    assert expected in {(each.rule, each.path) for each in found}


def test_of_the_rest_of_a_long_list_51_findings_are_enough():
    found = check(
        {**SOUND["RemoveTagsFromResource"], "TagKeys": ["a"] * 51 + [""] * 900}, operation="RemoveTagsFromResource"
    )
    assert len([each for each in found if each.rule == "tag-key-length"]) == 51


def test_check_changes_nothing_and_takes_any_mapping():
    params = {**COPY, "Tags": [{"Key": "team"}]}
    assert check(UserDict(params)) == check(MappingProxyType(params)) == check(params) == []
    assert params == {**COPY, "Tags": [{"Key": "team"}]}
