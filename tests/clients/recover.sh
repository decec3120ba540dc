# A recovery plan with the AWS CLI, in $AWS. Version 1 of it obeys AWS_ENDPOINT_URL_NEPTUNE everywhere but in us-east-1.
export AWS_DEFAULT_REGION=us-west-2 AWS_DEFAULT_OUTPUT=text AWS_PAGER=

available() {
    for look in 1 2 3 4 5 6 7 8 9 10; do
        status=$("$@")
        if [ "$status" = available ]; then return; fi
    done
    echo "$* is $status after ten looks"
    exit 1
}
cluster() { "$AWS" neptune describe-db-clusters --db-cluster-identifier "$1" --query 'DBClusters[0].Status'; }
snapshot() {
    "$AWS" neptune describe-db-cluster-snapshots --db-cluster-snapshot-identifier "$1" \
        --query 'DBClusterSnapshots[0].Status'
}

"$AWS" neptune create-db-cluster --db-cluster-identifier graph --engine neptune --tags 'Key=équipe,Value=graph'
available cluster graph

"$AWS" neptune create-db-cluster-snapshot --db-cluster-snapshot-identifier nightly --db-cluster-identifier graph
available snapshot nightly

"$AWS" neptune copy-db-cluster-snapshot --source-db-cluster-snapshot-identifier nightly \
    --target-db-cluster-snapshot-identifier nightly-copy --tags 'Key=purpose,Value=a/b=c +d'
available snapshot nightly-copy

account=$("$AWS" sts get-caller-identity --query Account)
tags=$("$AWS" neptune list-tags-for-resource --query 'TagList[0].Value' \
    --resource-name "arn:aws:rds:us-west-2:$account:cluster-snapshot:nightly-copy")
if [ "$tags" != 'a/b=c +d' ]; then echo "the tag is $tags"; exit 1; fi

# To another Region, by rds, as older scripts do.
AWS_DEFAULT_REGION=eu-west-1 "$AWS" rds copy-db-cluster-snapshot --source-region us-west-2 \
    --source-db-cluster-snapshot-identifier "arn:aws:rds:us-west-2:$account:cluster-snapshot:nightly-copy" \
    --target-db-cluster-snapshot-identifier nightly-far

"$AWS" neptune restore-db-cluster-from-snapshot --db-cluster-identifier graph-restored \
    --snapshot-identifier nightly-copy --engine neptune
available cluster graph-restored

"$AWS" neptune delete-db-cluster --db-cluster-identifier graph-restored --skip-final-snapshot
"$AWS" neptune delete-db-cluster-snapshot --db-cluster-snapshot-identifier nightly-copy
if snapshot nightly-copy 2>refusal; then echo "the copy is still there"; exit 1; fi
grep -q DBClusterSnapshotNotFoundFault refusal
echo "the plan holds"
