"""The last row of the budgets: input that was made to be slow.

python -m tests.benchmarks.hostile
"""

from __future__ import annotations

from typing import Any

import neptune_guard
from tests.benchmarks.measure import Row, minima, show

SOUND: dict[str, Any] = {
    "SourceDBClusterSnapshotIdentifier": "nightly",
    "TargetDBClusterSnapshotIdentifier": "copy",
}
ARN = "arn:aws:rds:us-east-1:123456789012:cluster-snapshot:"
NEAR_MISSES = {
    "target, hyphens": lambda n: {"TargetDBClusterSnapshotIdentifier": "a-" * (n // 2)},
    "source, a bad end": lambda n: {"SourceDBClusterSnapshotIdentifier": "a" * n + "_"},
    "source ARN, a bad end": lambda n: {"SourceDBClusterSnapshotIdentifier": ARN + "a-" * (n // 2)},
    "KMS alias": lambda n: {"KmsKeyId": "alias/" + "a" * n},
    "SourceRegion": lambda n: {"SourceRegion": "a-" * (n // 2) + "1"},
    "PreSignedUrl": lambda n: {"PreSignedUrl": "https://x/?" + "a=b&" * (n // 4)},
    "tag key": lambda n: {"Tags": [{"Key": "a" * n + "@"}]},
}


def seconds(params: dict[str, Any], rounds: int = 5) -> float:
    return minima([lambda: neptune_guard.check({**SOUND, **params}, region="us-west-2")], calls=1, rounds=rounds)[0]


def rows() -> list[Row]:
    growth, two_megabytes = [], []
    for name, made in NEAR_MISSES.items():
        small, large = seconds(made(1_000_000)), seconds(made(10_000_000), 3)
        growth.append(Row(f"{name}: time for 10 MB / for 1 MB (10 is linear)", large / small, 15))
        two_megabytes.append(seconds(made(2_000_000)))
    tags = [{"Key": f"key-{number}", "Value": "value"} for number in range(100_000)]
    return [
        Row("100,000 tags", seconds({"Tags": tags}), 0.3, "s"),
        Row("the slowest string of 2 MB", max(two_megabytes), 0.3, "s"),
        *growth,
    ]


if __name__ == "__main__":
    show(rows())
