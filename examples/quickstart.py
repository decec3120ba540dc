"""One request with several mistakes, then the same request mended: filled, checked and answered.

Runs without network and without credentials: `python examples/quickstart.py`.
"""

from __future__ import annotations

from neptune_guard.exceptions import ConstraintViolationError
from neptune_guard.stub import NeptuneStub


def main() -> None:
    """Show what the guard says, and what the stub answers."""
    stub = NeptuneStub()
    source = stub.add_snapshot("nightly", "us-east-1", kms_key_id="alias/graph")
    key = stub.add_kms_key("us-west-2", alias="graph")
    neptune = stub.session("us-west-2", mode="strict").client("neptune")

    print("A request with mistakes:\n")
    try:
        neptune.copy_db_cluster_snapshot(
            SourceDBClusterSnapshotIdentifier=source["DBClusterSnapshotArn"],
            TargetDBClusterSnapshotIdentifier="nightly--copy-",
            KmsKeyId=source["KmsKeyId"],
            Tags=[{"Key": "aws:team", "Value": "graph"}],
        )
    except ConstraintViolationError as error:
        print(error)

    print("\nThe same request, mended:\n")
    answer = neptune.copy_db_cluster_snapshot(
        SourceDBClusterSnapshotIdentifier=source["DBClusterSnapshotArn"],
        TargetDBClusterSnapshotIdentifier="nightly-copy",
        KmsKeyId=key,
        Tags=[{"Key": "team", "Value": "graph"}],
    )["DBClusterSnapshot"]
    print(f"{answer['DBClusterSnapshotArn']} is {answer['Status']}")
    print(f"SourceRegion was filled in: {stub.calls[-1].params['SourceRegion']}")


if __name__ == "__main__":
    main()
