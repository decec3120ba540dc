"""Rows of the rules about keys and presigned URLs."""

from __future__ import annotations

from typing import Any

from tests.helpers import SOURCE, arn, kms
from tests.rules.rows import ERROR, KEY_ID, WARNING, Row, Table, from_region, having, key, of, presigned

create = of("CreateDBCluster")


def keys(value: str, **context: Any) -> list[Row]:
    """Return a row of every KmsKeyId."""
    return [made(KmsKeyId=value, **context) for made in having("KmsKeyId")]


TABLES = {
    "kms-key-format": Table(
        ERROR,
        [
            *map(
                key, (KEY_ID, KEY_ID.upper(), "mrk-" + "0a" * 16, "alias/graph", "alias/aws/rds", "alias/" + "a" * 250)
            ),
            *(key(kms(resource=each)) for each in (f"key/{KEY_ID}", "key/mrk-" + "0a" * 16, "alias/graph_1/x")),
            *keys("alias/graph"),
            *keys(kms()),
        ],
        [
            *map(
                key,
                (
                    *("None", "null", "none", "", "undefined", "graph", "my key", "alias/", "alias"),
                    *(KEY_ID + "\n", KEY_ID[:-1]),
                ),
            ),
            *map(key, ("mrk-123", "alias/ä", "alias/" + "a" * 251, "arn:aws:kms", "key/" + KEY_ID, "ALIAS/graph")),
            *(key(kms(resource=each)) for each in ("key/", "key/x", KEY_ID, f"key/{KEY_ID}-")),
            key(kms().replace(":kms:", ":rds:")),
            *keys("graph"),
        ],
        [
            (
                key("None"),
                "error: KmsKeyId: 'None' looks like a value that was never set and then turned into a string; leave "
                "KmsKeyId out, or give the key [kms-key-format]",
            ),
            (
                key("graph"),
                "error: KmsKeyId: 'graph' is not a KMS key; give a key id (a UUID, or mrk- and 32 hex digits), a key "
                "ARN, alias/NAME or an alias ARN [kms-key-format]",
            ),
        ],
    ),
    "kms-key-region": Table(
        ERROR,
        [
            *keys(kms()),
            key(KEY_ID),
            key("alias/graph"),
            *keys(kms("us-east-1"), region=None),
            key(kms("us-east-1"), region="mars"),
        ],
        [*keys(kms("us-east-1")), key(kms("us-east-1", "alias/graph")), key(kms(""))],
        [
            (
                key(kms("us-east-1")),
                f"error: KmsKeyId: '{kms('us-east-1')}' is not a key of us-west-2, the client's Region; give one of "
                "that Region [kms-key-region]",
            )
        ],
    ),
    "kms-key-partition": Table(
        ERROR,
        [*keys(kms()), key(kms("cn-north-1", partition="aws-cn"), region=None), key("arn:aws-cn")],
        [key(kms("cn-north-1", partition="aws-cn")), *keys(kms(partition="aws-us-gov"))],
        [
            (
                key(kms(partition="aws-us-gov")),
                f"error: KmsKeyId: '{kms(partition='aws-us-gov')}' belongs to another partition than the client's "
                "Region us-west-2 (aws); use a key in partition aws [kms-key-partition]",
            )
        ],
    ),
    "kms-key-unencrypted": Table(
        WARNING,
        [
            create(KmsKeyId="alias/graph"),
            create(KmsKeyId="alias/graph", StorageEncrypted=True),
            create(StorageEncrypted=False),
        ],
        [create(KmsKeyId="alias/graph", StorageEncrypted=False)],
        [
            (
                create(KmsKeyId="alias/graph", StorageEncrypted=False),
                "warning: StorageEncrypted: False contradicts KmsKeyId; give True, or leave KmsKeyId out "
                "[kms-key-unencrypted]",
            )
        ],
    ),
    "pre-signed-url-unsupported": Table(
        WARNING,
        [
            Row({}),
            from_region(arn("us-east-1"), "us-east-1"),
            Row({"PreSignedUrl": None}),
            presigned()._replace(service="docdb"),
            presigned()._replace(service="rds", region="us-gov-west-1"),
        ],
        [presigned(), Row({"PreSignedUrl": ""}), presigned()._replace(service="rds")],
        [
            (
                presigned(),
                "warning: PreSignedUrl: <redacted> is documented as not supported; leave it out, botocore makes it "
                "from SourceRegion [pre-signed-url-unsupported]",
            )
        ],
    ),
    "pre-signed-url-format": Table(
        ERROR,
        [
            Row({}),
            presigned(),
            presigned(KmsKeyId="alias/graph", Tags=[{"Key": "Größe", "Value": "a b+c/d=e"}], CopyTags=True),
            presigned({"DestinationRegion=us-west-2": "DestinationRegion=eu-west-1"})._replace(region=None),
            presigned(KmsKeyId=""),
            # The JavaScript SDK writes an empty KmsKeyId where there is none.
            Row({**presigned(KmsKeyId="").changes, "KmsKeyId": ""}),
            presigned({"DestinationRegion=us-west-2&": ""})._replace(service="docdb"),
            presigned({"KmsKeyId=": "KeyId="})._replace(service="docdb"),
        ],
        [
            *(
                Row({"PreSignedUrl": each})
                for each in ("", "x", "https://", "https://[", "https://\u2100.example/", "\ud800")
            ),
            presigned({"https://": "http://"}),
            presigned({"https://": "file://"}),
            presigned({"Action=CopyDBClusterSnapshot": "Action=CopyDBSnapshot"}),
            presigned({"DestinationRegion=us-west-2": "DestinationRegion=eu-west-1"}),
            presigned({"DestinationRegion=us-west-2&": ""}),
            presigned({"DestinationRegion=us-west-2": "DestinationRegion=eu-west-1"})._replace(service="docdb"),
            presigned({"&KmsKeyId=": "&KmsKeyId=x"})._replace(service="docdb"),
            presigned({"X-Amz-Signature": "X-Amz-Autograph"}),
            presigned({"cluster-snapshot%3Anightly": "cluster-snapshot%3Aweekly"}),
            presigned({"KmsKeyId=": "KeyId="}),
            Row(
                {
                    "PreSignedUrl": presigned().changes["PreSignedUrl"],
                    SOURCE: arn("us-east-1"),
                    "KmsKeyId": "alias/x",
                }
            ),
        ],
        [],
    ),
}
