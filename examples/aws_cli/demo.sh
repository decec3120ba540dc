#!/usr/bin/env bash
# Shows the AWS CLI plugin at work, without a network and without credentials.
# It wants an `aws` that has neptune-guard beside it: in a clone of the project, pip install awscli .
set -eu

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
exec 2>&1

# No settings but these: no credentials file, no instance metadata, nobody's own configuration.
unset "${!AWS_@}" "${!NEPTUNE_GUARD_@}"
export AWS_CONFIG_FILE=$folder/config AWS_SHARED_CREDENTIALS_FILE=/dev/null AWS_EC2_METADATA_DISABLED=true AWS_PAGER=
cat >"$AWS_CONFIG_FILE" <<CONFIG
[plugins]
neptune_guard = neptune_guard.awscli

[default]
region = us-west-2

[profile staging]
region = us-west-2
neptune_guard_mode = strict

[profile test]
region = us-west-2
neptune_guard_stub = $folder/neptune.db
CONFIG

show() {
    printf '\n$ aws %s\n' "$*"
    aws "$@" || printf '(exit code %s)\n' $?
}

nightly=arn:aws:rds:us-east-1:123456789012:cluster-snapshot:nightly
copy=(neptune copy-db-cluster-snapshot --source-db-cluster-snapshot-identifier "$nightly")

echo '1. Warn mode, the default: the finding is printed, the request goes on, and ends here for want of credentials.'
show "${copy[@]}" --target-db-cluster-snapshot-identifier my--copy

printf '\n%s\n' '2. Strict mode, asked for by the profile: nothing is sent, and everything that is wrong is said at once.'
show "${copy[@]}" --target-db-cluster-snapshot-identifier my--copy --kms-key-id None --profile staging

printf '\n%s\n' '3. Stub mode: answered by a state file that outlives each command, so that a second one sees the copy.'
show "${copy[@]}" --target-db-cluster-snapshot-identifier my-copy --profile test --query DBClusterSnapshot.Status
show neptune wait db-cluster-snapshot-available --db-cluster-snapshot-identifier my-copy --profile test
show neptune describe-db-cluster-snapshots --profile test \
    --query 'DBClusterSnapshots[].{Name: DBClusterSnapshotIdentifier, Status: Status}'
show "${copy[@]}" --target-db-cluster-snapshot-identifier my-copy --profile test
