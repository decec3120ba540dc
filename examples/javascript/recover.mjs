// A recovery plan, rehearsed against the simulator: npm install && npm run rehearse
//
// The SDK reads AWS_ENDPOINT_URL_NEPTUNE by itself; nothing here knows that it talks to a simulator,
// apart from the one request that plans a fault.

import assert from "node:assert/strict";
import {
  CopyDBClusterSnapshotCommand,
  CreateDBClusterCommand,
  CreateDBClusterSnapshotCommand,
  DBClusterSnapshotNotFoundFault,
  DeleteDBClusterCommand,
  DeleteDBClusterSnapshotCommand,
  DescribeDBClusterSnapshotsCommand,
  DescribeDBClustersCommand,
  ListTagsForResourceCommand,
  NeptuneClient,
  RestoreDBClusterFromSnapshotCommand,
} from "@aws-sdk/client-neptune";

const home = new NeptuneClient({ region: "us-east-1" });
const refuge = new NeptuneClient({ region: "eu-west-1" });

// The clock of the simulator moves at every request, so this loop ends without waiting.
async function available(what, status) {
  for (let look = 0; look < 20; look++) {
    if ((await status()) === "available") {
      console.log(`${what} is available`);
      return;
    }
  }
  throw new Error(`${what} is not available after 20 looks`);
}

async function clusterStatus(client, name) {
  const { DBClusters } = await client.send(new DescribeDBClustersCommand({ DBClusterIdentifier: name }));
  return DBClusters[0].Status;
}

async function snapshotStatus(client, name) {
  const { DBClusterSnapshots } = await client.send(
    new DescribeDBClusterSnapshotsCommand({ DBClusterSnapshotIdentifier: name }),
  );
  return DBClusterSnapshots[0].Status;
}

await home.send(
  new CreateDBClusterCommand({ DBClusterIdentifier: "graph", Engine: "neptune", Tags: [{ Key: "équipe", Value: "graph" }] }),
);
await available("the cluster", () => clusterStatus(home, "graph"));

const { DBClusterSnapshot: nightly } = await home.send(
  new CreateDBClusterSnapshotCommand({ DBClusterSnapshotIdentifier: "nightly", DBClusterIdentifier: "graph" }),
);
await available("the snapshot", () => snapshotStatus(home, "nightly"));

// One throttled attempt on the way: the SDK's own retries have to cope.
const planned = await fetch(`${process.env.AWS_ENDPOINT_URL_NEPTUNE}/_neptune-guard/fail`, {
  method: "POST",
  headers: { "Content-Type": "application/json" },
  body: JSON.stringify({ operation: "CopyDBClusterSnapshot", code: "Throttling" }),
});
assert.equal(planned.status, 200);

const { DBClusterSnapshot: copy, $metadata } = await refuge.send(
  new CopyDBClusterSnapshotCommand({
    SourceDBClusterSnapshotIdentifier: nightly.DBClusterSnapshotArn,
    TargetDBClusterSnapshotIdentifier: "nightly-copy",
    Tags: [{ Key: "équipe", Value: "a/b=c +d" }],
  }),
);
assert.equal($metadata.attempts, 2);
assert.equal(copy.SourceDBClusterSnapshotArn, nightly.DBClusterSnapshotArn);
await available("the copy", () => snapshotStatus(refuge, "nightly-copy"));

const { TagList } = await refuge.send(new ListTagsForResourceCommand({ ResourceName: copy.DBClusterSnapshotArn }));
assert.deepEqual(TagList, [{ Key: "équipe", Value: "a/b=c +d" }]);

await refuge.send(
  new RestoreDBClusterFromSnapshotCommand({
    DBClusterIdentifier: "graph-restored",
    SnapshotIdentifier: "nightly-copy",
    Engine: "neptune",
  }),
);
await available("the restored cluster", () => clusterStatus(refuge, "graph-restored"));

await refuge.send(new DeleteDBClusterCommand({ DBClusterIdentifier: "graph-restored", SkipFinalSnapshot: true }));
await refuge.send(new DeleteDBClusterSnapshotCommand({ DBClusterSnapshotIdentifier: "nightly-copy" }));
await assert.rejects(snapshotStatus(refuge, "nightly-copy"), DBClusterSnapshotNotFoundFault);
console.log("the plan holds");
