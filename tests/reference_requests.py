"""Faulty requests, a mistake each, over every rule: what AWS documents as refused, or as not what was meant.

Around them a world is supposed in which a sound request succeeds: account 123456789012 has a snapshot `nightly` in
us-west-2 and us-east-1, and a key with the alias `alias/graph` in both.
"""

from __future__ import annotations

from typing import Any, NamedTuple

SOURCE, TARGET = "SourceDBClusterSnapshotIdentifier", "TargetDBClusterSnapshotIdentifier"
ACCOUNT = "123456789012"
REMOTE = f"arn:aws:rds:us-east-1:{ACCOUNT}:cluster-snapshot:nightly"
SOUND = {SOURCE: "nightly", TARGET: "nightly-copy"}
GONE = object()


class Faulty(NamedTuple):
    """A mistake, the rule that is about it, and the request that makes it."""

    mistake: str
    rule: str
    params: dict[str, Any]
    region: str = "us-west-2"
    account_id: str | None = None


def _faulty(
    mistake: str, rule: str, *, region: str = "us-west-2", account_id: str | None = None, **changes: Any
) -> Faulty:
    names = {"source": SOURCE, "target": TARGET}
    params = {**SOUND, **{names.get(name, name): value for name, value in changes.items()}}
    return Faulty(
        mistake, rule, {name: value for name, value in params.items() if value is not GONE}, region, account_id
    )


def _tag(key: Any, value: Any = "graph") -> list[dict[str, Any]]:
    return [{"Key": key, "Value": value}]


def _url(**changes: str) -> str:
    query = {
        "Action": "CopyDBClusterSnapshot",
        SOURCE: REMOTE.replace(":", "%3A"),
        "DestinationRegion": "us-west-2",
        "X-Amz-Signature": "0" * 64,
        **changes,
    }
    return "https://rds.us-east-1.amazonaws.com/?" + "&".join(
        f"{name}={value}" for name, value in query.items() if value
    )


REQUESTS = (
    _faulty("no source", "missing-parameter", source=GONE),
    _faulty("no target", "missing-parameter", target=GONE),
    _faulty("KmsKeyId is None", "parameter-type", KmsKeyId=None),
    _faulty("CopyTags is the string 'true'", "parameter-type", CopyTags="true"),
    _faulty("Tags is a dict", "parameter-type", Tags={"team": "graph"}),
    _faulty("a tag's value is a number", "parameter-type", Tags=_tag("team", 7)),
    _faulty("the source is empty", "source-identifier-format", source=""),
    _faulty("the source has an underscore", "source-identifier-format", source="nightly_1"),
    _faulty("the source ends with a newline", "source-identifier-format", source="nightly\n"),
    _faulty("the source has two hyphens in a row", "source-identifier-format", source="night--ly"),
    _faulty("an instance snapshot's ARN", "source-arn-format", source=REMOTE.replace("cluster-snapshot", "snapshot")),
    _faulty("a cluster's ARN", "source-arn-format", source=REMOTE.replace("cluster-snapshot:nightly", "cluster:graph")),
    _faulty("an ARN of the service neptune", "source-arn-format", source=REMOTE.replace(":rds:", ":neptune:")),
    _faulty("an account of 11 digits", "source-arn-format", source=REMOTE.replace(ACCOUNT, ACCOUNT[1:])),
    _faulty("an ARN cut short", "source-arn-format", source="arn:aws:rds:us-east-1"),
    _faulty(
        "an ARN with a China Region in partition aws",
        "source-arn-region",
        source=REMOTE.replace("us-east-1", "cn-north-1"),
    ),
    _faulty("an ARN with a Region misspelt", "source-arn-region", source=REMOTE.replace("us-east-1", "us-east1")),
    _faulty(
        "a source in China, a client in the USA",
        "source-arn-partition",
        source=REMOTE.replace("aws:rds:us-east-1", "aws-cn:rds:cn-north-1"),
    ),
    _faulty("a client in GovCloud, a source outside", "source-arn-partition", source=REMOTE, region="us-gov-west-1"),
    _faulty("a bare source with another SourceRegion", "source-arn-required", SourceRegion="us-east-1"),
    _faulty("the target is empty", "target-identifier-length", target=""),
    _faulty("a target of 64 characters", "target-identifier-length", target="n" * 64),
    _faulty("the target begins with a digit", "target-identifier-first-letter", target="2026-nightly"),
    _faulty("the target has an underscore", "target-identifier-characters", target="nightly_copy"),
    _faulty("the target has a dot", "target-identifier-characters", target="nightly.copy"),
    _faulty("the target ends with a newline", "target-identifier-characters", target="nightly-copy\n"),
    _faulty("the target has a letter outside ASCII", "target-identifier-characters", target="nächtlich"),
    _faulty("the target ends with a hyphen", "target-identifier-hyphens", target="nightly-"),
    _faulty("the target has two hyphens in a row", "target-identifier-hyphens", target="nightly--copy"),
    _faulty("the target is an ARN", "target-identifier-arn", target=REMOTE.replace("us-east-1", "us-west-2")),
    _faulty("the target begins with rds:", "target-identifier-arn", target="rds:nightly-copy"),
    _faulty("the target is the source", "target-same-as-source", target="nightly"),
    _faulty("the target is the source in capitals", "target-same-as-source", target="NIGHTLY"),
    _faulty("KmsKeyId is the string None", "kms-key-format", KmsKeyId="None"),
    _faulty("KmsKeyId is empty", "kms-key-format", KmsKeyId=""),
    _faulty("an alias without alias/", "kms-key-format", KmsKeyId="graph"),
    _faulty("a KMS ARN of another Region", "kms-key-region", KmsKeyId=f"arn:aws:kms:us-east-1:{ACCOUNT}:alias/graph"),
    _faulty(
        "a KMS ARN of another partition",
        "kms-key-partition",
        KmsKeyId=f"arn:aws-cn:kms:us-west-2:{ACCOUNT}:alias/graph",
    ),
    _faulty(
        "another account's source without KmsKeyId",
        "kms-key-shared-source",
        source=REMOTE.replace(ACCOUNT, "999999999999"),
        account_id=ACCOUNT,
    ),
    _faulty("PreSignedUrl given by hand", "pre-signed-url-unsupported", source=REMOTE, PreSignedUrl=_url()),
    _faulty(
        "PreSignedUrl for another Region",
        "pre-signed-url-format",
        source=REMOTE,
        PreSignedUrl=_url(DestinationRegion="eu-west-1"),
    ),
    _faulty(
        "PreSignedUrl without signature",
        "pre-signed-url-format",
        source=REMOTE,
        PreSignedUrl=_url(**{"X-Amz-Signature": ""}),
    ),
    _faulty("PreSignedUrl is no URL", "pre-signed-url-format", source=REMOTE, PreSignedUrl="us-east-1"),
    _faulty("SourceRegion is empty", "source-region-format", source=REMOTE, SourceRegion=""),
    _faulty("SourceRegion in capitals", "source-region-format", source=REMOTE, SourceRegion="US-EAST-1"),
    _faulty("SourceRegion is another host", "source-region-format", source=REMOTE, SourceRegion="evil.example/x?"),
    _faulty("SourceRegion is not the ARN's", "source-region-mismatch", source=REMOTE, SourceRegion="us-east-2"),
    _faulty("SourceRegion is the client's", "source-region-redundant", SourceRegion="us-west-2"),
    _faulty("CopyTags together with Tags", "copy-tags-ignored", CopyTags=True, Tags=_tag("team")),
    _faulty("a tag without Key", "tag-key-required", Tags=[{"Value": "graph"}]),
    _faulty("an empty tag key", "tag-key-length", Tags=_tag("")),
    _faulty("a tag key of 129 characters", "tag-key-length", Tags=_tag("k" * 129)),
    _faulty("a tag key with a comma", "tag-key-characters", Tags=_tag("team,stage")),
    _faulty("a tag key that begins with aws:", "tag-key-reserved-prefix", Tags=_tag("aws:cloudformation:stack-name")),
    _faulty("the same tag key twice", "tag-key-duplicate", Tags=_tag("team") * 2),
    _faulty("a tag value of 257 characters", "tag-value-length", Tags=_tag("team", "v" * 257)),
    _faulty("an empty tag value", "tag-value-empty", Tags=_tag("team", "")),
    _faulty("an emoji in a tag value", "tag-value-characters", Tags=_tag("team", "graph \N{ROCKET}")),
    _faulty("a tag value that begins with rds:", "tag-value-reserved-prefix", Tags=_tag("team", "rds:graph")),
    _faulty("51 tags", "tag-count", Tags=[tag for number in range(51) for tag in _tag(f"key-{number}")]),
)
