"""Every rule with requests that it accepts and rejects, rules of one's own, and what `check` makes of bad input."""

import functools
import re
from collections import UserDict
from types import MappingProxyType
from typing import Any, NamedTuple
from unittest.mock import Mock
from urllib.parse import urlencode

import botocore.session
import hypothesis.strategies as st
import pytest
from botocore.validate import ParamValidator
from hypothesis import given, settings

from neptune_guard._request import PARAMETERS, Request
from neptune_guard._rules import RULES, Ruleset, check, rule
from neptune_guard._violations import OPERATION, Rule, Severity
from neptune_guard.exceptions import ConfigurationError, RuleError
from tests.conftest import Boto3

SOURCE, TARGET = PARAMETERS[:2]
ACCOUNT, OTHER = "123456789012", "999999999999"
KEY_ID = "1234abcd-12ab-34cd-56ef-1234567890ab"
SOUND = {SOURCE: "nightly", TARGET: "nightly-copy"}
GONE = object()
SECRET = "0123456789abcdef" * 4

ERRORS = {
    "missing-parameter",
    "parameter-type",
    "source-identifier-format",
    "source-arn-format",
    "source-arn-region",
    "source-arn-partition",
    "source-arn-required",
    "target-identifier-length",
    "target-identifier-first-letter",
    "target-identifier-characters",
    "target-identifier-hyphens",
    "target-identifier-arn",
    "target-same-as-source",
    "kms-key-format",
    "kms-key-region",
    "kms-key-partition",
    "pre-signed-url-format",
    "source-region-format",
    "source-region-mismatch",
    "tag-key-required",
    "tag-key-length",
    "tag-key-characters",
    "tag-key-reserved-prefix",
    "tag-key-duplicate",
    "tag-value-length",
    "tag-value-characters",
    "tag-value-reserved-prefix",
    "tag-count",
}
WARNINGS = {
    "kms-key-shared-source",
    "pre-signed-url-unsupported",
    "source-region-redundant",
    "copy-tags-ignored",
    "tag-value-empty",
}


class Row(NamedTuple):
    changes: dict[str, Any]
    region: str | None = "us-west-2"
    account_id: str | None = None


def params_of(row):
    return {name: value for name, value in {**SOUND, **row.changes}.items() if value is not GONE}


def ids(params, region="us-west-2", account_id=None, **kwargs):
    return [each.rule for each in check(params, region=region, account_id=account_id, **kwargs)]


def arn(
    region="us-west-2", partition="aws", account_id=ACCOUNT, name="nightly", kind="cluster-snapshot", service="rds"
):
    return f"arn:{partition}:{service}:{region}:{account_id}:{kind}:{name}"


def kms(region="us-west-2", partition="aws", resource=f"key/{KEY_ID}"):
    return f"arn:{partition}:kms:{region}:{ACCOUNT}:{resource}"


def source(value, **kwargs):
    return Row({SOURCE: value}, **kwargs)


def target(value, **kwargs):
    return Row({TARGET: value}, **kwargs)


def key(value, **kwargs):
    return Row({"KmsKeyId": value}, **kwargs)


def from_region(value, given=GONE, **kwargs):
    return Row({SOURCE: value, "SourceRegion": given}, **kwargs)


def tags(*members, **changes):
    return Row({"Tags": [*members], **changes})


def tag_key(value):
    return tags({"Key": value})


def tag_value(value):
    return tags({"Key": "team", "Value": value})


def presigned(changes=(), **params):
    """Return a copy from us-east-1 together with a URL as botocore makes it."""
    given = {SOURCE: arn("us-east-1"), TARGET: "nightly-copy", "KmsKeyId": kms(), **params}
    query = {
        "Action": OPERATION,
        "Version": "2014-10-31",
        **{name: value for name, value in given.items() if isinstance(value, str)},
        "DestinationRegion": "us-west-2",
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256",
        "X-Amz-Credential": "AKIDEXAMPLE/20261123/us-east-1/rds/aws4_request",
        "X-Amz-Expires": "3600",
        "X-Amz-Signature": SECRET,
    }
    url = f"https://rds.us-east-1.amazonaws.com/?{urlencode(query)}"
    for old, new in dict(changes).items():
        assert old in url
        url = url.replace(old, new)
    return Row({**given, "PreSignedUrl": url})


ACCEPT = {
    "missing-parameter": [Row({}), source(""), target("")],
    "parameter-type": [
        Row({"CopyTags": True}),
        Row({"CopyTags": False}),
        Row({"Tags": ()}),
        Row({"Tags": ({"Key": "team", "Value": "graph"},)}),
        key("alias/" + "x"),
        source(type("Text", (str,), {})("nightly")),
    ],
    "source-identifier-format": [
        *map(source, ("nightly", "n", "Nightly-1", "rds:graph-2026-01-01-00-00", "awsbackup:job-1234", "n" * 64)),
        source(arn()),
        source("arn:whatever"),
    ],
    "source-arn-format": [
        source("nightly"),
        *(source(arn(name=name)) for name in ("n", "rds:graph-2026-01-01-00-00", "awsbackup:copyjob-12-34", "n" * 300)),
        source(arn("cn-north-1", "aws-cn"), region="cn-north-1"),
        source(arn("us-iso-east-1", "aws-iso"), region=None),
    ],
    "source-arn-region": [
        source(arn("us-east-1")),
        source(arn("us-east-99")),
        source(arn("eusc-de-east-1", "aws-eusc"), region=None),
        source(arn("moon-base-1", "aws-moon"), region=None),
        source(arn("us-gov-west-1", "aws-us-gov"), region=None),
    ],
    "source-arn-partition": [
        source(arn("us-east-1")),
        source(arn("us-east-1", "aws-cn"), region=None),
        source(arn("us-east-1", "aws-cn"), region="mars"),
        source(arn("cn-north-1", "aws-cn"), region="cn-northwest-1"),
    ],
    "source-arn-required": [
        from_region("nightly", "us-west-2"),
        from_region(arn("us-east-1"), "us-east-1"),
        from_region("nightly", "us-east-1", region=None),
        source("nightly"),
    ],
    "target-identifier-length": [*map(target, ("n", "n" * 63))],
    "target-identifier-first-letter": [*map(target, ("n", "N1", ""))],
    "target-identifier-characters": [*map(target, ("n", "Nightly-2026", "a--b", "1", ""))],
    "target-identifier-hyphens": [*map(target, ("n", "a-b-c", "-a", ""))],
    "target-identifier-arn": [*map(target, ("arn", "rds-nightly", "awsbackup", "my:rds:x", ""))],
    "target-same-as-source": [
        target("nightly-2"),
        Row({SOURCE: arn(), TARGET: "nightly"}),
        Row({SOURCE: arn(), TARGET: "nightly"}, account_id=OTHER),
        Row({SOURCE: arn("us-east-1"), TARGET: "nightly"}, account_id=ACCOUNT),
        Row({SOURCE: "nightly", TARGET: "nightly", "SourceRegion": "us-east-1"}),
        Row({SOURCE: "rds:nightly", TARGET: "rds:nightly"}),
        Row({SOURCE: "arn:x", TARGET: "arn:x"}),
    ],
    "kms-key-format": [
        *map(key, (KEY_ID, KEY_ID.upper(), "mrk-" + "0a" * 16, "alias/graph", "alias/aws/rds", "alias/" + "a" * 250)),
        *(key(kms(resource=each)) for each in (f"key/{KEY_ID}", "key/mrk-" + "0a" * 16, "alias/graph_1/x")),
    ],
    "kms-key-region": [
        key(kms()),
        key(KEY_ID),
        key("alias/graph"),
        key(kms("us-east-1"), region=None),
        key(kms("us-east-1"), region="mars"),
    ],
    "kms-key-partition": [key(kms()), key(kms("cn-north-1", "aws-cn"), region=None), key("arn:aws-cn")],
    "kms-key-shared-source": [
        source(arn(account_id=OTHER)),
        source(arn(), account_id=ACCOUNT),
        source("nightly", account_id=ACCOUNT),
        Row({SOURCE: arn(account_id=OTHER), "KmsKeyId": KEY_ID}, account_id=ACCOUNT),
    ],
    "pre-signed-url-unsupported": [Row({}), from_region(arn("us-east-1"), "us-east-1"), Row({"PreSignedUrl": None})],
    "pre-signed-url-format": [
        Row({}),
        presigned(),
        presigned(KmsKeyId="alias/graph", Tags=[{"Key": "Größe", "Value": "a b+c/d=e"}], CopyTags=True),
        presigned({"DestinationRegion=us-west-2": "DestinationRegion=eu-west-1"})._replace(region=None),
        presigned(KmsKeyId=""),
    ],
    "source-region-format": [
        from_region(arn(each), each)
        for each in ("us-east-1", "us-gov-east-1", "ap-southeast-12", "eusc-de-east-1", "us-isob-east-1")
    ],
    "source-region-mismatch": [
        from_region(arn("us-east-1"), "us-east-1"),
        from_region(arn("us-east-1")),
        from_region("nightly", "us-east-1"),
        from_region("arn:aws:rds", "us-east-1"),
    ],
    "source-region-redundant": [
        from_region(arn("us-east-1"), "us-east-1"),
        from_region(arn(), "us-west-2", region=None),
        source(arn()),
    ],
    "copy-tags-ignored": [
        Row({"CopyTags": True}),
        tags(CopyTags=True),
        tags({"Key": "a"}, CopyTags=False),
        tags({"Key": "a"}, CopyTags=1),
        Row({"CopyTags": True, "Tags": "no list"}),
    ],
    "tag-key-required": [tag_key("team"), tag_key(""), tags()],
    "tag-key-length": [tag_key("k"), tag_key("k" * 128), tag_key("\N{KEY}" * 128)],
    "tag-key-characters": [
        *map(
            tag_key, ("Tag Two", "cost:center", "a_b.c/d=e+f-g", "größe", "名前", "\u0661\u0662", "Ⅷ", "a\u2003b", "")
        ),
    ],
    "tag-key-reserved-prefix": [*map(tag_key, ("aws", "awsome:x", "my:aws:", "rdss:x", "\uff41\uff57\uff53:x", ""))],
    "tag-key-duplicate": [
        tags({"Key": "team"}, {"Key": "Team"}),
        tags({"Key": "a"}, {"Value": "a"}, {"Value": "a"}),
        tags({"Key": 1}, {"Key": 1}),
        tags("a", "a"),
    ],
    "tag-value-length": [tag_value("v" * 256), tag_value("\N{KEY}" * 256), tag_value("")],
    "tag-value-empty": [tag_value("v"), tag_value(" "), tag_key("k"), tag_value(None)],
    "tag-value-characters": [*map(tag_value, ("", "a b", "cost:center", "größe", "名前", "\u3000"))],
    "tag-value-reserved-prefix": [*map(tag_value, ("aws", "my aws:", "rds-x:", ""))],
    "tag-count": [tags(*({"Key": f"k{number}"} for number in range(50))), tags()],
}

WRONG = (None, 1, 1.5, True, b"nightly", ["nightly"], {"a": 1}, {"a"}, object(), UserDict(), (each for each in ()))
WRONG_TAGS = (None, 1, "team", b"team", {"Key": "team"}, {"a"}, UserDict(), iter([{"Key": "team"}]))

REJECT = {
    "missing-parameter": [source(GONE), target(GONE)],
    "parameter-type": [
        *(
            Row({name: value})
            for name in (SOURCE, TARGET, "KmsKeyId", "PreSignedUrl", "SourceRegion")
            for value in WRONG
        ),
        *(Row({"CopyTags": value}) for value in (None, 0, 1, "true", "", [], {})),
        *(Row({"Tags": value}) for value in WRONG_TAGS),
        *(tags(value) for value in (None, 1, "team", ["Key", "team"], MappingProxyType({"Key": "team"}))),
        *(tag_key(value) for value in WRONG),
        *(tag_value(value) for value in WRONG),
        source(Mock(spec=str)),
    ],
    "source-identifier-format": [
        *map(
            source,
            ("", "1nightly", "-nightly", "nightly-", "night--ly", "night ly", "night_ly", "nightly\n", "nächtlich"),
        ),
        *map(source, ("rds:", "rds:1", "backup:nightly", "awsbackup:rds:x", "ARN:aws:x", "nightly\0", "\ud800")),
    ],
    "source-arn-format": [
        *map(source, ("arn:", "arn:aws", "arn:aws:rds:us-east-1:123456789012:cluster-snapshot:")),
        *(
            source(arn(name=name))
            for name in ("1n", "n-", "a--b", "n\n", "rds:", "manual:n", "n\ud800", "n" * 9 + "--")
        ),
        *(source(arn(account_id=each)) for each in ("", "12345678901", "1234567890123", "12345678901x", "\u0661" * 12)),
        *(source(arn(kind=each)) for each in ("snapshot", "cluster", "db", "")),
        source(arn(service="neptune")),
        source(arn(service="kms")),
        source(arn("US-EAST-1")),
        source(arn("evil.example/x?")),
        source(arn(partition="azure")),
    ],
    "source-arn-region": [
        source(arn("mars-1")),
        source(arn("cn-north-1")),
        source(arn("us-east-1", "aws-cn"), region=None),
        source(arn("")),
        source(arn("us-east-1" * 20)),
        source(arn("us-east-1\n")),
    ],
    "source-arn-partition": [
        source(arn("cn-north-1", "aws-cn")),
        source(arn("us-east-1"), region="us-gov-west-1"),
        source(arn("moon-base-1", "aws-moon")),
    ],
    "source-arn-required": [
        from_region("nightly", "us-east-1"),
        from_region("rds:graph-2026-01-01-00-00", "us-east-1"),
        from_region("nightly", "us-east-1", region="us-east-99"),
    ],
    "target-identifier-length": [target(""), target("n" * 64)],
    "target-identifier-first-letter": [*map(target, ("1n", "-n", "_n", "ñ", " n", "\n"))],
    "target-identifier-characters": [
        *map(target, ("n_1", "n 1", "n.1", "n\n", "ñandu", "n\0", "n\u0661", "\ud800", "my:n"))
    ],
    "target-identifier-hyphens": [*map(target, ("n-", "a--b", "-", "a---"))],
    "target-identifier-arn": [*map(target, (arn(), "arn:", "rds:graph", "awsbackup:job-1"))],
    "target-same-as-source": [
        target("nightly"),
        target("NIGHTLY"),
        target("nightly", region=None),
        Row({SOURCE: "nightly", TARGET: "nightly", "SourceRegion": "us-west-2"}),
        Row({SOURCE: arn(), TARGET: "Nightly"}, account_id=ACCOUNT),
    ],
    "kms-key-format": [
        *map(
            key,
            ("None", "null", "none", "", "undefined", "graph", "my key", "alias/", "alias", KEY_ID + "\n", KEY_ID[:-1]),
        ),
        *map(key, ("mrk-123", "alias/ä", "alias/" + "a" * 251, "arn:aws:kms", "key/" + KEY_ID, "ALIAS/graph")),
        *(key(kms(resource=each)) for each in ("key/", "key/x", KEY_ID, f"key/{KEY_ID}-")),
        key(kms().replace(":kms:", ":rds:")),
    ],
    "kms-key-region": [key(kms("us-east-1")), key(kms("us-east-1", resource="alias/graph")), key(kms(""))],
    "kms-key-partition": [key(kms("cn-north-1", "aws-cn")), key(kms(partition="aws-us-gov"))],
    "kms-key-shared-source": [
        source(arn(account_id=OTHER), account_id=ACCOUNT),
        source(arn("us-east-1", account_id=OTHER), account_id=ACCOUNT, region=None),
    ],
    "pre-signed-url-unsupported": [presigned(), Row({"PreSignedUrl": ""})],
    "pre-signed-url-format": [
        *(
            Row({"PreSignedUrl": each})
            for each in ("", "x", "https://", "https://[", "https://\u2100.example/", "\ud800")
        ),
        presigned({"https://": "http://"}),
        presigned({"https://": "file://"}),
        presigned({"Action=CopyDBClusterSnapshot": "Action=CopyDBSnapshot"}),
        presigned({"DestinationRegion=us-west-2": "DestinationRegion=eu-west-1"}),
        presigned({"X-Amz-Signature": "X-Amz-Autograph"}),
        presigned({"cluster-snapshot%3Anightly": "cluster-snapshot%3Aweekly"}),
        presigned({"KmsKeyId=": "KeyId="}),
        Row({"PreSignedUrl": presigned().changes["PreSignedUrl"], SOURCE: arn("us-east-1"), "KmsKeyId": "alias/x"}),
    ],
    "source-region-format": [
        *(
            from_region("nightly", each)
            for each in (
                "evil.example/x?",
                "us-east-1.evil.example",
                "us-east-111",
                "us-ëast-1",
                "-us-east-1",
                "us-east-1\0",
            )
        ),
        *(
            from_region(arn("us-east-1"), each)
            for each in (
                "",
                " ",
                "US-EAST-1",
                "us-east-1\n",
                "us_east_1",
                "us-east",
                "useast1",
                "us--east-1",
                "a-" * 40 + "a-1",
            )
        ),
    ],
    "source-region-mismatch": [
        from_region(arn("us-east-1"), "us-east-2"),
        from_region(arn("us-east-1"), ""),
        from_region(arn("us-east-1\n" * 20), "us-east-1"),
        from_region(arn("us-east-1"), "us-west-2", region=None),
    ],
    "source-region-redundant": [from_region(arn(), "us-west-2"), from_region("nightly", "us-west-2")],
    "copy-tags-ignored": [
        tags({"Key": "team"}, CopyTags=True),
        Row({"Tags": ({"Key": "team"},), "CopyTags": True}),
        Row({"Tags": type("Tags", (list,), {})([{"Key": "team"}]), "CopyTags": True}),
    ],
    "tag-key-required": [tags({}), tags({"Value": "v"}), tags({"key": "team"})],
    "tag-key-length": [tag_key(""), tag_key("k" * 129), tag_key("\N{KEY}" * 129)],
    "tag-key-characters": [
        *map(tag_key, ("a@b", "a\n", "a\tb", "a\0", "e\u0301", "\N{KEY}", "a,b", "\ud800", "a\u200bb"))
    ],
    "tag-key-reserved-prefix": [*map(tag_key, ("aws:", "aws:cloudformation:stack", "AWS:x", "aWs:x", "rds:x", "RDS:"))],
    "tag-key-duplicate": [
        tags({"Key": "a"}, {"Key": "b"}, {"Key": "a"}),
        tags({"Key": ""}, {"Key": ""}),
        tags({"Key": "a"}, {"Key": type("Text", (str,), {})("a")}),
    ],
    "tag-value-length": [tag_value("v" * 257), tag_value("\N{KEY}" * 257)],
    "tag-value-empty": [tag_value("")],
    "tag-value-characters": [*map(tag_value, ("a@b", "v\n", "a\0", "e\u0301", "\ud800", "<v>"))],
    "tag-value-reserved-prefix": [*map(tag_value, ("aws:", "AWS:x", "rds:x", "Rds:"))],
    "tag-count": [tags(*({"Key": f"k{number}"} for number in range(count))) for count in (51, 52, 1000)],
}


def cases(table):
    return [
        pytest.param(rule_id, row, id=f"{rule_id}-{number}")
        for rule_id, rows in table.items()
        for number, row in enumerate(rows)
    ]


@pytest.mark.parametrize(("rule_id", "row"), cases(ACCEPT))
def test_a_rule_accepts(rule_id, row):
    assert rule_id not in ids(params_of(row), row.region, row.account_id)


@pytest.mark.parametrize(("rule_id", "row"), cases(REJECT))
def test_a_rule_rejects(rule_id, row):
    found = [
        each for each in check(params_of(row), region=row.region, account_id=row.account_id) if each.rule == rule_id
    ]
    assert len(found) == 1
    (one,) = found
    assert (one.severity, one.help_url) == (RULES[rule_id].severity, RULES[rule_id].help_url)
    assert one.path.partition("[")[0] in PARAMETERS
    # What is wrong, then what to do.
    assert re.fullmatch(r"[^;]+; .+|.* \(.*\); .+", one.message)
    assert str(one).isprintable()


@pytest.mark.parametrize("rule_id", RULES)
def test_every_rule_is_documented_and_has_both_tables(rule_id):
    each = RULES[rule_id]
    assert ACCEPT[rule_id]
    assert REJECT[rule_id]
    assert each.id == rule_id
    assert each.summary[0].isupper()
    assert not each.summary.endswith(".")
    assert each.explanation.endswith(".")
    assert each.source.startswith("https://docs.aws.amazon.com/")
    assert each.help_url.endswith(f"rules.html#{rule_id}")
    assert each.operation == OPERATION


def test_the_rules_and_their_severities_are_these():
    assert {each.id for each in RULES.values() if each.severity == "error"} == ERRORS
    assert {each.id for each in RULES.values() if each.severity == "warning"} == WARNINGS


def test_the_built_in_rules_cannot_be_changed():
    with pytest.raises(TypeError):
        RULES["mine"] = RULES["tag-count"]


URL = presigned().changes["PreSignedUrl"]
LINES = [
    (
        target("my--copy"),
        "TargetDBClusterSnapshotIdentifier: 'my--copy' has two consecutive hyphens; use single ones "
        "[target-identifier-hyphens]",
    ),
    (
        target("my-copy-"),
        "TargetDBClusterSnapshotIdentifier: 'my-copy-' ends with a hyphen; end with a letter or digit "
        "[target-identifier-hyphens]",
    ),
    (
        target(GONE),
        "TargetDBClusterSnapshotIdentifier: is missing; the service needs a source and a target identifier "
        "[missing-parameter]",
    ),
    (
        source(arn(kind="snapshot")),
        f"SourceDBClusterSnapshotIdentifier: '{arn(kind='snapshot')}' is the ARN of an instance snapshot; a cluster "
        "snapshot's ARN has cluster-snapshot: before the name [source-arn-format]",
    ),
    (
        source(arn(kind="cluster")),
        f"SourceDBClusterSnapshotIdentifier: '{arn(kind='cluster')}' is the ARN of a cluster, not of a snapshot; give "
        "one of its snapshots, ...:cluster-snapshot:NAME [source-arn-format]",
    ),
    (
        source(arn(service="neptune", kind="snapshot")),
        f"SourceDBClusterSnapshotIdentifier: '{arn(service='neptune', kind='snapshot')}' is not an ARN of the service "
        "rds; Neptune's snapshots are named arn:aws:rds:REGION:ACCOUNT:cluster-snapshot:NAME [source-arn-format]",
    ),
    (
        key("None"),
        "KmsKeyId: 'None' looks like a value that was never set and then turned into a string; leave KmsKeyId out, or "
        "give the key [kms-key-format]",
    ),
    (
        key(None),
        "KmsKeyId: None is not a string; give a str, or leave the parameter out [parameter-type]",
    ),
    (
        tags(*({"Key": f"k{number}"} for number in range(60))),
        "Tags: 60 items are more than 50; a resource holds at most 50 tags [tag-count]",
    ),
    (
        tags({"Key": "a"}, {"Key": "AWS:x", "Value": "v"}),
        "Tags[1].Key: 'AWS:x' begins with a prefix that AWS reserves; use a key without aws: or rds: "
        "[tag-key-reserved-prefix]",
    ),
    (
        from_region("nightly", "us-east-1"),
        "SourceDBClusterSnapshotIdentifier: 'nightly' is a bare identifier, but SourceRegion is not the client's "
        "us-west-2; give the snapshot's ARN [source-arn-required]",
    ),
    (
        from_region(arn("us-east-1"), "us-east-2"),
        "SourceRegion: 'us-east-2' is not us-east-1, the Region of the source ARN; leave it out, it follows from the "
        "ARN [source-region-mismatch]",
    ),
    (
        Row({"PreSignedUrl": URL.encode()}),
        "PreSignedUrl: <redacted> is not a string; give a str, or leave the parameter out [parameter-type]",
    ),
    (
        source(arn("cn-north-1")),
        f"SourceDBClusterSnapshotIdentifier: '{arn('cn-north-1')}' names a Region that is not in partition aws; "
        "correct the ARN [source-arn-region]",
    ),
    (
        source(arn("cn-north-1", "aws-cn")),
        f"SourceDBClusterSnapshotIdentifier: '{arn('cn-north-1', 'aws-cn')}' is not of aws, the partition of the "
        "client's Region us-west-2; copy inside one partition [source-arn-partition]",
    ),
    (
        target("NIGHTLY"),
        "TargetDBClusterSnapshotIdentifier: 'NIGHTLY' is the source itself; choose another name for the copy "
        "[target-same-as-source]",
    ),
    (
        key(kms("us-east-1")),
        f"KmsKeyId: '{kms('us-east-1')}' is not a key of us-west-2, where the copy is made; give one of that Region "
        "[kms-key-region]",
    ),
    (
        key(kms(partition="aws-us-gov")),
        f"KmsKeyId: '{kms(partition='aws-us-gov')}' is not of aws, the partition of the client's Region us-west-2; "
        "give a key of aws [kms-key-partition]",
    ),
    (
        presigned(),
        "PreSignedUrl: <redacted> is documented as not supported; leave it out, botocore makes it from SourceRegion "
        "[pre-signed-url-unsupported]",
    ),
    (
        from_region(arn(), "us-west-2"),
        "SourceRegion: 'us-west-2' is the client's own Region; leave it out for a copy inside one Region "
        "[source-region-redundant]",
    ),
    (
        tags({"Key": "team"}, CopyTags=True),
        "CopyTags: True is ignored while Tags are given; leave one of them out, or repeat the source's tags in Tags "
        "[copy-tags-ignored]",
    ),
    (
        tags({"Key": "team"}, {"Key": "a"}, {"Key": "team"}),
        "Tags[2].Key: 'team' is the key of an earlier tag too; give each key once [tag-key-duplicate]",
    ),
    (
        tags({"Key": "team"}, {"Key": "a", "Value": ""}),
        "Tags[1].Value: '' is empty; leave Value out, or give it at least one character [tag-value-empty]",
    ),
]


@pytest.mark.parametrize(("row", "line"), LINES, ids=lambda value: "" if isinstance(value, Row) else value[-30:])
def test_a_message_says_where_what_why_and_what_to_do(row, line):
    assert [str(each).replace(arn(), "ARN") for each in check(params_of(row), region=row.region)] == [line]


def test_a_missing_key_for_a_shared_source_is_found_at_the_key():
    (found,) = check({**SOUND, SOURCE: arn(account_id=OTHER)}, region="us-west-2", account_id=ACCOUNT)
    assert str(found) == (
        "KmsKeyId: is missing while the source is another account's; if it is encrypted, give a key of your own "
        "[kms-key-shared-source]"
    )


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
    found = check(params_of(presigned(changes)), region="us-west-2")
    assert [str(each) for each in found if each.rule == "pre-signed-url-format"] == [
        f"PreSignedUrl: <redacted> is no presigned URL of this copy ({reason}); leave it out, botocore makes it from "
        "SourceRegion [pre-signed-url-format]"
    ]


# The spare fields of a URL: two for each of fifty tags, and those of other signatures.
@pytest.mark.parametrize(("fields", "expected"), [(200, False), (201, True)])
def test_a_url_has_at_most_two_hundred_fields(fields, expected):
    row = presigned()
    url = row.changes["PreSignedUrl"]
    url += "".join(f"&Spare{number}=" for number in range(fields - url.count("=")))
    assert ("pre-signed-url-format" in ids({**params_of(row), "PreSignedUrl": url})) is expected


LONG = "x" * 63


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (source(arn(partition=LONG), region="mars"), None),  # of an unknown partition nothing is said
        (source(arn(LONG)), "not in partition aws"),
        (from_region(arn(LONG), "us-west-2"), f"is not {LONG}, the Region"),
        (from_region(arn(LONG + "x"), "us-west-2"), "is not another one, the Region"),
        (from_region(arn("us-east-1\n"), "us-west-2"), "is not another one, the Region"),
    ],
)
def test_a_name_from_the_request_is_repeated_only_where_it_is_short_and_plain(row, words):
    found = {"source-arn-region", "source-region-mismatch"}
    texts = [each.message for each in check(params_of(row), region=row.region) if each.rule in found]
    assert any(words in text for text in texts) if words else texts == []


SOUND_ROWS = [
    (Row({}), ()),
    (from_region(arn("us-east-1"), "us-east-1"), ()),
    (Row({SOURCE: arn("us-east-1"), "KmsKeyId": kms(), "CopyTags": True}, account_id=ACCOUNT), ()),
    (Row({SOURCE: arn("us-east-1", account_id=OTHER), "KmsKeyId": kms()}, account_id=ACCOUNT), ()),
    (tags({"Key": "team", "Value": "graph"}, {"Key": "stage"}), ()),
    (presigned(), ("pre-signed-url-unsupported",)),
    (Row({"Unknown": object(), 1: 2, None: 3}), ()),  # botocore says what is wrong with a name
]


@pytest.mark.parametrize(("row", "expected"), SOUND_ROWS)
def test_a_sound_request_has_no_other_finding(row, expected):
    assert tuple(ids(params_of(row), row.region, row.account_id)) == expected


ALONE = [
    (target(arn()), ["target-identifier-arn"]),
    (target("rds:-a--b_" + "c" * 70), ["target-identifier-arn"]),
    (Row({SOURCE: "rds:x", TARGET: "rds:x"}), ["target-identifier-arn"]),
    (target(""), ["target-identifier-length"]),
    (source(""), ["source-identifier-format"]),
    (source(arn(service="neptune")), ["source-arn-format"]),
    (key(""), ["kms-key-format"]),
    *((Row({name: value}), ["parameter-type"]) for name in PARAMETERS for value in (None, b"x", 1.5)),
]


@pytest.mark.parametrize(("row", "expected"), ALONE)
def test_one_mistake_is_one_finding(row, expected):
    assert ids(params_of(row)) == expected


def test_all_mistakes_are_found_at_once_in_the_order_of_the_parameters():
    found = check(
        {
            "Tags": [{"Key": "aws:x", "Value": "a@b"}, {"Key": "aws:x", "Value": ""}, {}, None],
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
        ("Target", "target-identifier-first-letter"),
        ("Target", "target-identifier-characters"),
        ("Target", "target-identifier-hyphens"),
        ("KmsKeyId", "kms-key-region"),
        ("PreSignedUrl", "pre-signed-url-unsupported"),
        ("PreSignedUrl", "pre-signed-url-format"),
        ("SourceRegion", "source-region-redundant"),
        ("CopyTags", "copy-tags-ignored"),
        ("Tags[0].Key", "tag-key-reserved-prefix"),
        ("Tags[0].Value", "tag-value-characters"),
        ("Tags[1].Key", "tag-key-reserved-prefix"),
        ("Tags[2].Key", "tag-key-required"),
        ("Tags[3]", "parameter-type"),
        ("Tags[1].Key", "tag-key-duplicate"),
        ("Tags[1].Value", "tag-value-empty"),
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
    found = check({**SOUND, "Tags": [{"Key": "aws:x"}] * 100}, region="us-west-2")
    assert {each.path for each in found} == {"Tags", *(f"Tags[{number}].Key" for number in range(51))}


def test_check_changes_nothing_and_takes_any_mapping():
    params = {**SOUND, "Tags": [{"Key": "team"}]}
    assert check(UserDict(params)) == check(MappingProxyType(params)) == check(params) == []
    assert params == {**SOUND, "Tags": [{"Key": "team"}]}


# ---------------------------------------------------------------------- secrets


PLACES = [
    Row({"PreSignedUrl": value})
    for value in (
        f"https://example/{SECRET}",
        f"https://example/{SECRET}".encode(),
        [SECRET],
        {SECRET: SECRET},
        {SECRET},
        (SECRET,),
        SECRET,
        type("Url", (str,), {})(SECRET),
        int(SECRET, 16),
        float(int(SECRET, 16)),
        type(SECRET, (), {"__repr__": lambda self: SECRET})(),
    )
] + [
    row
    for url in (f"https://x/?X-Amz-Signature={SECRET}", f"https://x/?AWSAccessKeyId=x&Signature={SECRET}")
    for row in (source(url), target(url), key(url), key(url.encode()), tag_key(url), tag_value(bytearray(url.encode())))
]


@pytest.mark.parametrize("row", PLACES)
def test_no_finding_shows_a_signed_url(row):
    found = check(params_of(row), region=row.region)
    assert found
    for each in found:
        assert SECRET[:16] not in f"{each} {each!r} {each.to_dict()}".lower()


def test_a_rule_of_ones_own_sees_no_signed_url():
    seen = []

    class Name(str):
        __slots__ = ()
        __hash__ = str.__hash__

        def __eq__(self, other):
            return False

    @rule(id="mine", summary="Looks")
    def mine(request):
        seen.extend([request.params["PreSignedUrl"], *request.params.values()])
        yield "PreSignedUrl", "is looked at; do not"

    found = check({**SOUND, "PreSignedUrl": URL}, rules=[mine])
    assert URL not in seen
    assert "<redacted>" in str(next(each for each in found if each.rule == "mine"))
    Ruleset([mine]).check(Request({**SOUND, Name("PreSignedUrl"): URL, "PreSignedUrl": "<other>"}))
    assert URL not in seen


# ---------------------------------------------------------------------- hostile values


def hostile(kind):
    """Return a subclass whose every ordinary method raises."""

    def refuse(self, *args, **kwargs):
        raise ZeroDivisionError

    names = set(dir(kind)) - {"__class__", "__new__", "__init__", "__init_subclass__", "__subclasshook__", "__doc__"}
    names -= {"__getattribute__", "__setattr__", "__delattr__", "__hash__", "__reduce__", "__reduce_ex__", "__dict__"}
    methods = dict.fromkeys((name for name in names if callable(getattr(kind, name))), refuse)
    return type("Hostile", (kind,), {**methods, "__hash__": refuse})


Text, Dict, List, Tuple, Bytes, Int, Float = map(hostile, (str, dict, list, tuple, bytes, int, float))


class Liar:
    """Says that it is a string."""

    __class__ = property(lambda self: str)


class Silent:
    def __getattribute__(self, name):
        raise ZeroDivisionError

    def __repr__(self):
        raise ZeroDivisionError


class Meta(type):
    """Makes classes that cannot be hashed, compared or named."""

    def __eq__(cls, other):
        raise ZeroDivisionError

    __hash__ = None
    __name__ = property(lambda cls: 1 / 0)


class Strange(metaclass=Meta):
    pass


# Made when they are needed: pytest itself looks at parameters, and some are large.
HOSTILE = {
    "class without hash": lambda: Strange(),
    "text": lambda: Text("nightly"),
    "ARN": lambda: Text("arn:aws:rds:us-east-1:123456789012:cluster-snapshot:x--"),
    "dict": lambda: Dict({"Key": "a--"}),
    "list": lambda: List([{"Key": "aws:"}]),
    "tuple": lambda: Tuple([{"Key": "aws:"}]),
    "bytes": lambda: Bytes(b"x"),
    "int": lambda: Int(7),
    "float": lambda: Float(7.0),
    "liar": Liar,
    "silent": Silent,
    "mock": lambda: Mock(spec=dict),
    "many digits": lambda: 10**5000,
    "nan": lambda: float("nan"),
    "many bytes": lambda: b"x" * 10_000_000,
    "class called dict": type("dict", (), {}),
    "class called list": type("list", (), {"__module__": "builtins"}),
    "long name": type("x" * 10_000, (), {}),
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize(
    "place",
    [
        *(lambda value, name=name: {name: value} for name in PARAMETERS),
        lambda value: {"Tags": [value, value]},
        lambda value: {"Tags": (value,) * 60},
        lambda value: {"Tags": [{"Key": value, "Value": value}, {"Key": value}]},
        lambda value: {"Tags": List([Dict({"Key": value})]), "CopyTags": True},
        lambda value: {"Unknown": value},
    ],
)
def test_no_value_makes_check_crash(place, name):
    for each in check({**SOUND, **place(HOSTILE[name]())}, region="us-west-2", account_id=ACCOUNT):
        assert str(each).isprintable()
        assert len(str(each)) < 1000


def test_a_hostile_subclass_is_judged_by_what_it_holds():
    held = {**SOUND, TARGET: Text("a--b"), "Tags": List([Dict({"Key": "aws:x", "Value": Text("")})])}
    assert ids(held) == ["target-identifier-hyphens", "tag-key-reserved-prefix", "tag-value-empty"]
    assert ids({**SOUND, TARGET: Text("nightly")}) == ["target-same-as-source"]
    assert ids({**SOUND, "Tags": Tuple([Dict({"Key": "team"})])}) == []


def nested(depth):
    value = []
    for _ in range(depth):
        value = [value]
    return value


CYCLE: dict[str, Any] = {}
CYCLE["Key"] = CYCLE
HUGE = [
    (lambda: source("x" * 10_000_000), set()),
    (lambda: source("x-" * 5_000_000), {"source-identifier-format"}),
    (lambda: source("arn:aws" + "-a" * 5_000_000), {"source-arn-format"}),
    (lambda: source(arn(name="x-" * 5_000_000)), {"source-arn-format"}),
    (lambda: source("arn:" + "cluster-snapshot:" * 600_000), {"source-arn-format"}),
    (lambda: target("x-" * 5_000_000), {"target-identifier-length", "target-identifier-hyphens"}),
    (lambda: key("alias/" + "x" * 10_000_000), {"kms-key-format"}),
    (lambda: from_region(arn("us-east-1"), "a-" * 5_000_000 + "1"), {"source-region-format", "source-region-mismatch"}),
    (
        lambda: Row({"PreSignedUrl": "https://x/?" + "a=b&" * 500_000}),
        {"pre-signed-url-unsupported", "pre-signed-url-format"},
    ),
    (lambda: tag_key("a@" * 5_000_000), {"tag-key-length", "tag-key-characters"}),
    (lambda: tag_value("é" * 10_000_000), {"tag-value-length"}),
    (lambda: tags(*[{"Key": "a"}] * 100_000), {"tag-count", "tag-key-duplicate"}),
    (lambda: Row({"Tags": ({"Key": "a"},) * 100_000}), {"tag-count", "tag-key-duplicate"}),
    *((lambda name=name: Row({name: nested(2000)}), {"parameter-type"}) for name in PARAMETERS),
    (lambda: tag_key(nested(100_000)), {"parameter-type"}),
    (lambda: tags(CYCLE), {"parameter-type"}),
    (lambda: Row({"Unknown": nested(2000)}), set()),
]


@pytest.mark.parametrize(("made", "expected"), HUGE)
def test_a_huge_value_is_judged_too(made, expected):
    row = made()
    found = check(params_of(row), region=row.region)
    assert {each.rule for each in found} == expected
    assert all(len(str(each)) < 1000 for each in found)


JUNK = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)) | st.binary(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text() | st.integers(), inner, max_size=3),
    max_leaves=8,
)
WORDS = st.from_regex(r"\A(arn:aws:rds:[a-z0-9-]{1,9}:[0-9]{12}:cluster-snapshot:|rds:)?[a-zA-Z0-9-]{0,70}\n?\Z")
ODD = dict.fromkeys(PARAMETERS, JUNK | WORDS) | {
    "Tags": JUNK | st.lists(JUNK | st.fixed_dictionaries({}, optional={"Key": JUNK | WORDS, "Value": JUNK}), max_size=3)
}
thorough = settings(database=None, deadline=None, max_examples=200)


@thorough
@given(
    params=st.fixed_dictionaries({}, optional=ODD),
    region=st.none() | st.text(st.characters(codec=None)) | st.sampled_from(["us-west-2", "cn-north-1"]),
    account_id=st.none() | st.text() | st.just(ACCOUNT),
)
def test_anything_gives_findings_or_none(params, region, account_id):
    for each in check(params, region=region, account_id=account_id):
        assert each.rule in RULES
        assert str(each).isprintable()


# A wide net for values that are about right: many of them are accepted.
LIKELY = {
    SOURCE: st.sampled_from(["nightly", "rds:nightly", arn("us-east-1"), arn(), "", "a--b"]),
    TARGET: st.sampled_from(["copy", "nightly", "", "rds:x", "c" * 63]),
}
LIKELY_TOO = {
    "KmsKeyId": JUNK | st.sampled_from([kms(), KEY_ID, "alias/x"]),
    "PreSignedUrl": JUNK | st.just(URL),
    "SourceRegion": JUNK | st.sampled_from(["us-east-1", "us-west-2"]),
    "CopyTags": JUNK | st.booleans(),
    "Tags": JUNK
    | st.lists(st.fixed_dictionaries({"Key": WORDS}, optional={"Value": JUNK | WORDS}), max_size=3)
    | st.lists(st.fixed_dictionaries({"Key": WORDS}), max_size=3).map(tuple),
}
SHAPE = botocore.session.Session().get_service_model("neptune").operation_model(OPERATION).input_shape


@thorough
@given(params=st.fixed_dictionaries(LIKELY, optional=LIKELY_TOO))
def test_what_check_accepts_botocore_accepts(params):
    if not any(each.severity == "error" for each in check(params, region="us-west-2")):
        assert not ParamValidator().validate(params, SHAPE).has_errors()


# ---------------------------------------------------------------------- rules of one's own


@rule(id="team-tag", severity="warning", summary="The copy carries the tag team", help_url="https://example.com/tags")
def team_tag(request):
    """Why it exists."""
    if not any(each.get("Key") == "team" for each in request.params.get("Tags", ())):
        yield "Tags", "has no tag team; add one"


def mine(*findings, rule_id="mine"):
    @rule(id=rule_id, summary="Always broken")
    def always(request):
        yield from findings

    return always


def test_a_rule_of_ones_own_joins_in():
    (found,) = check({**SOUND, "Tags": [{"Key": "a"}]}, rules=[team_tag])
    assert str(found) == "Tags: 1 item has no tag team; add one [team-tag]"
    assert (found.severity, found.help_url) == (Severity.WARNING, "https://example.com/tags")
    assert check({**SOUND, "Tags": [{"Key": "team"}]}, rules=[team_tag]) == []
    assert isinstance(team_tag, Rule)
    assert (team_tag.explanation, team_tag.operation) == ("Why it exists.", OPERATION)


def test_what_the_decorator_makes():
    def told(request):
        """Why it exists."""

    def untold(request):
        return ()

    made = rule(id="mine", severity="warning", summary="Looks", help_url="https://example.com")(told)
    assert made == Rule(
        "mine", Severity.WARNING, "Looks", "https://example.com", explanation="Why it exists.", check=told
    )
    assert rule(id="mine", summary="Looks")(untold) == Rule("mine", Severity.ERROR, "Looks", "", check=untold)


REFUSED_RULES = [
    ({"id": "x*"}, "'x*' cannot be a rule's id; give it a name such as 'target-prefix'"),
    ({"id": 1}, "1 cannot be a rule's id; give it a name such as 'target-prefix'"),
    ({"id": "x", "severity": "loud"}, "the rule x has the severity 'loud'; it is 'error' or 'warning'"),
]


@pytest.mark.parametrize(("given", "text"), REFUSED_RULES)
def test_a_refused_rule_is_told_in_full(given, text):
    with pytest.raises(ConfigurationError) as caught:
        rule(summary="x", **given)
    assert str(caught.value) == text


def test_what_is_decorated_is_named_in_full():
    with pytest.raises(ConfigurationError) as caught:
        rule(id="mine", summary="x")("text")
    assert str(caught.value) == "the rule mine is a str; decorate a generator function"


def test_the_forms_of_a_finding_are_told():
    with pytest.raises(RuleError) as caught:
        check(SOUND, rules=[mine((TARGET, 1, 2, "is wrong"))])
    assert str(caught.value.__cause__) == "a finding is (path, message), (path, value, message) or a message"


def test_a_rule_made_without_the_decorator_is_held_to_the_same():
    def always(request):
        yield "is wrong; mend it"

    (found,) = check(SOUND, rules=[Rule("mine", "warning", "Never", "https://example.com", check=always)])
    assert found.severity is Severity.WARNING
    assert found.to_dict()["severity"] == "warning"
    for rule_id, severity in (("mine", "loud"), ("m*", "error"), ("", "error")):
        with pytest.raises(ConfigurationError, match=r"severity 'loud'|cannot be a rule's id"):
            check(SOUND, rules=[Rule(rule_id, severity, "Never", "https://example.com", check=always)])


def test_a_rule_of_ones_own_sees_region_and_account():
    seen = []
    looking = rule(id="mine", summary="Looks")(lambda request: seen.append((request.region, request.account_id)))
    assert check(SOUND, region="us-west-2", account_id=ACCOUNT, rules=[looking]) == []
    assert seen == [("us-west-2", ACCOUNT)]


def test_a_rule_of_ones_own_cannot_change_the_request():
    @rule(id="mine", summary="Changes")
    def changing(request):
        request.params["KmsKeyId"] = "x"
        yield "never"

    with pytest.raises(RuleError) as caught:
        check(SOUND, rules=[changing])
    assert isinstance(caught.value.__cause__, TypeError)


FINDINGS = [
    ("is wrong; mend it", "is wrong; mend it [mine]"),
    ((TARGET, "is wrong; mend it"), f"{TARGET}: 'nightly-copy' is wrong; mend it [mine]"),
    (("KmsKeyId", "is missing; give it"), "KmsKeyId: is missing; give it [mine]"),
    (("Tags[0].Key", "x", "is wrong; mend it"), "Tags[0].Key: 'x' is wrong; mend it [mine]"),
    (["Elsewhere", None, "is wrong; mend it"], "Elsewhere: None is wrong; mend it [mine]"),
]


@pytest.mark.parametrize(("finding", "line"), FINDINGS)
def test_a_finding_is_a_message_with_or_without_place_and_value(finding, line):
    assert [str(each) for each in check(SOUND, rules=[mine(finding)])] == [line]


@pytest.mark.parametrize("finding", [1, (), ("a",), (1, "a"), ("a", 1), ("a", "b", "c", "d"), (["a"], "b"), None])
def test_a_malformed_finding_is_the_rules_fault(finding):
    with pytest.raises(RuleError, match=r"the rule mine crashed with (TypeError|ValueError)") as caught:
        check(SOUND, rules=[mine(finding)])
    assert caught.value.rule == "mine"


def test_a_tag_that_is_none_does_not_hide_the_next():
    assert ids({**SOUND, "Tags": [1, {"Key": "a", "Value": ""}]}) == ["parameter-type", "tag-value-empty"]


def test_findings_stand_in_the_order_of_the_parameters():
    own = mine("comes last", ("Tags[0].Key", "is wrong; mend it"), (TARGET, "is wrong; mend it"))
    found = check({**SOUND, TARGET: "a--b", "Tags": [{"Key": "aws:a"}]}, rules=[own])
    assert [(each.rule, each.path) for each in found] == [
        ("target-identifier-hyphens", TARGET),
        ("mine", TARGET),
        ("tag-key-reserved-prefix", "Tags[0].Key"),
        ("mine", "Tags[0].Key"),
        ("mine", ""),
    ]


def test_a_rule_that_returns_text_is_told_to_yield():
    with pytest.raises(RuleError) as caught:
        check(SOUND, rules=[rule(id="mine", summary="Returns")(lambda request: "is wrong")])
    assert str(caught.value.__cause__) == "a rule returned a str; yield the findings"


def test_a_crash_names_the_rule_and_keeps_the_cause():
    @rule(id="broken", summary="Breaks")
    def broken(request):
        yield "a first finding"
        raise KeyError(URL)

    with pytest.raises(RuleError) as caught:
        check(SOUND, rules=[broken])
    assert str(caught.value) == (
        "the rule broken crashed with KeyError; correct the rule, or leave it out with ignore=['broken']"
    )
    assert isinstance(caught.value.__cause__, KeyError)
    assert check(SOUND, rules=[broken], ignore=["broken"]) == []


@pytest.mark.parametrize("rule_id", ["", " x", "x\n", "x*", "a,b", None, 1, pytest.param(10**5000, id="many digits")])
def test_an_id_that_cannot_be_one(rule_id):
    with pytest.raises(ConfigurationError, match=r"cannot be a rule's id; give it a name such as 'target-prefix'"):
        rule(id=rule_id, summary="x")


@pytest.mark.parametrize("severity", ["ERROR", "", "fatal", None, 1, [], pytest.param(10**5000, id="many digits")])
def test_a_severity_that_is_none(severity):
    with pytest.raises(ConfigurationError, match=r"the rule mine has the severity .*; it is 'error' or 'warning'"):
        rule(id="mine", severity=severity, summary="x")


def test_what_is_decorated_is_a_function():
    with pytest.raises(ConfigurationError, match=r"the rule mine is a int; decorate a generator function"):
        rule(id="mine", summary="x")(1)


def test_a_taken_id_names_both_owners():
    with pytest.raises(ConfigurationError) as caught:
        Ruleset([mine(), mine()])
    name = f"{__name__}.mine.<locals>.always"
    assert str(caught.value) == f"the rule id 'mine' is taken: by {name} and by {name}; rename one"
    with pytest.raises(ConfigurationError, match=r"'tag-count' is taken: by neptune_guard itself and by "):
        Ruleset([mine(rule_id="tag-count")])


def test_the_owner_of_an_id_may_be_any_callable():
    def nameless(number):
        return Rule("mine", Severity.ERROR, "x", "", check=functools.partial(mine, number))

    with pytest.raises(ConfigurationError, match=r"is taken: by functools\.partial\(.*, 1\) and by .*, 2\); rename"):
        Ruleset([nameless(1), nameless(2)])
    builtin = Rule("mine", Severity.ERROR, "x", "", check=str.upper)
    with pytest.raises(ConfigurationError, match=r"is taken: by \?\.str\.upper and by \?\.str\.upper; rename"):
        Ruleset([builtin, builtin])


@pytest.mark.parametrize(
    ("rules", "text"),
    [
        ([RULES["tag-count"]], "the rule tag-count, without a check, is not a rule of your own"),
        ([lambda request: ()], "<function> is not a rule of your own; decorate a generator with neptune_guard.rule"),
        ("mine", "'m' is not a rule of your own"),
        ([object()], "<object> is not a rule of your own"),
        (1, "rules is 1; give a list"),
        (team_tag, "rules is <Rule>; give a list"),
    ],
)
def test_rules_that_are_none(rules, text):
    with pytest.raises(ConfigurationError, match=re.escape(text)):
        check(SOUND, rules=rules)


# ---------------------------------------------------------------------- leaving rules out

BROKEN = {SOURCE: "nightly", TARGET: "a--_", "Tags": [{"Key": "aws:@"}]}
ALL = [
    "target-identifier-characters",
    "target-identifier-hyphens",
    "tag-key-characters",
    "tag-key-reserved-prefix",
]


@pytest.mark.parametrize(
    ("ignore", "left"),
    [
        ((), ALL),
        (None, ALL),
        ("", ALL),
        (" , ", ALL),
        (["tag-count"], ALL),
        (["tag-key-characters"], [ALL[0], ALL[1], ALL[3]]),
        ("tag-*, target-identifier-hyphens", [ALL[0]]),
        ({"target-*"}, ALL[2:]),
        ({"*"}, []),
    ],
)
def test_ignored_rules_find_nothing(ignore, left):
    assert ids(BROKEN, ignore=ignore) == left


def test_ignore_may_be_a_one_shot_iterator():
    assert ids(BROKEN, ignore=iter(["target-*"])) == ALL[2:]


@pytest.mark.parametrize(
    ("ignore", "text"),
    [
        (["tag-cuont"], "ignore names 'tag-cuont', which is no rule; did you mean 'tag-count'?"),
        (["zzz"], "ignore names 'zzz', which is no rule; 'neptune-guard rules' lists them"),
        (["tagg*"], "ignore names 'tagg*', which is no rule; 'neptune-guard rules' lists them"),
        (["TAG-COUNT"], "ignore names 'TAG-COUNT', which is no rule; 'neptune-guard rules' lists them"),
        ([None], "ignore names None, which is no rule; 'neptune-guard rules' lists them"),
        ([""], "ignore names '', which is no rule; 'neptune-guard rules' lists them"),
        pytest.param(
            [10**5000],
            "ignore names <int of 16610 bits>, which is no rule; 'neptune-guard rules' lists them",
            id="many digits",
        ),
        (1, "ignore is 1; give a list"),
    ],
)
def test_ignoring_what_is_no_rule(ignore, text):
    with pytest.raises(ConfigurationError) as caught:
        check(SOUND, ignore=ignore)
    assert str(caught.value) == text


def test_a_rule_of_ones_own_can_be_ignored_by_its_prefix():
    assert check(SOUND, rules=[team_tag], ignore=["team-*"]) == []


@pytest.mark.parametrize(
    ("kwargs", "text"),
    [
        ({"params": [("a", 1)]}, "params is a list; give the request's parameters as a dict"),
        ({"params": None}, "params is a NoneType; give the request's parameters as a dict"),
        ({"params": SOUND, "region": 1}, "region is 1; give a str, or leave it out"),
        ({"params": SOUND, "region": b"us-east-1"}, "region is b'us-east-1'; give a str, or leave it out"),
        ({"params": SOUND, "account_id": 123456789012}, "account_id is 123456789012; give a str, or leave it out"),
    ],
)
def test_arguments_of_a_wrong_type(kwargs, text):
    with pytest.raises(TypeError) as caught:
        check(**kwargs)
    assert str(caught.value) == text
