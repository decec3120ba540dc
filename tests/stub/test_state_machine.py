"""All operations in any order, by two accounts in two Regions, with a clock that moves: what always holds."""

from collections import Counter
from datetime import timedelta

import hypothesis.strategies as st
from hypothesis import settings
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from neptune_guard.stub import NeptuneStub

from .conftest import ACCOUNT, Asker, copied

OTHER = "210987654321"
REGIONS = ("us-east-1", "eu-west-1")
QUOTA, CROSSING = 4, 2

callers = st.tuples(st.sampled_from(REGIONS), st.sampled_from([ACCOUNT, OTHER]))
names = st.sampled_from(["a", "B", "c-1", "D-2", "e"])
clusters = st.sampled_from(["graph", "Other"])
tags = st.lists(st.sampled_from(["x", "y", "z"]), unique=True, max_size=3).map(
    lambda keys: [{"Key": key, "Value": "v"} for key in keys]
)
keys = st.sampled_from([{}, {}, {"KmsKeyId": "alias/dr"}, {"KmsKeyId": "alias/no"}])


def arn(region, account, name):
    return f"arn:aws:rds:{region}:{account}:cluster-snapshot:{name}"


def is_arn(name):
    return name.startswith("arn:")


class Service(RuleBasedStateMachine):
    def __init__(self):
        super().__init__()
        self.stub = NeptuneStub(
            manual_snapshot_quota=QUOTA,
            cross_region_copy_quota=CROSSING,
            copy_duration=timedelta(minutes=10),
            create_duration=timedelta(minutes=3),
        )
        self.stub.clock.freeze()
        self.calls, self.progress, self.sources = 0, {}, {}
        for region in REGIONS:
            for account in (ACCOUNT, OTHER):
                self.stub.add_kms_key(region, alias="dr", account_id=account)
                self.stub.add_cluster("graph", region, account_id=account, kms_key_id="alias/dr")
                self.stub.add_snapshot("a", region, account_id=account, tags={"x": "v"}, shared_with=[OTHER])
                self.stub.add_snapshot("e", region, account_id=account, kms_key_id="alias/dr")

    def teardown(self):
        self.stub.close()

    def ask(self, caller, operation, **params):
        """Return the answer, empty for a refusal; every answer is held against the model there."""
        self.calls += 1
        status, answer = Asker(self.stub, *caller).answer(operation, **params)
        return answer if status == 200 else {}

    # ------------------------------------------------------------------ what can happen

    @rule(caller=callers, source=names, name=names, key=keys, far=st.booleans(), tags=tags, copy_tags=st.booleans())
    def copy(self, caller, source, name, key, far, tags, copy_tags):
        region, account = (REGIONS[1 - REGIONS.index(caller[0])], OTHER) if far else caller
        given = arn(region, account, source) if far else source
        before = self.snapshot((region, account), source)
        more = {"Tags": tags, "CopyTags": copy_tags, **key}
        answer = self.ask(caller, "CopyDBClusterSnapshot", **copied(given, name), **more)
        if not answer:
            return
        made = answer["DBClusterSnapshot"]
        kept = ("SnapshotCreateTime", "DBClusterIdentifier", "ClusterCreateTime", "EngineVersion")
        assert [made[each] for each in kept] == [before[each] for each in kept]
        assert before["Status"] == "available"
        assert made["SourceDBClusterSnapshotArn"] == before["DBClusterSnapshotArn"]
        assert made["StorageEncrypted"] == before["StorageEncrypted"]
        self.sources[made["DBClusterSnapshotArn"]] = before["DBClusterSnapshotArn"]
        if tags:
            assert self.tags_of(made) == {each["Key"]: "v" for each in tags}
        else:
            assert self.tags_of(made) == (self.tags_of(before) if copy_tags else {})

    @rule(caller=callers, name=names, cluster=clusters, tags=tags)
    def create(self, caller, name, cluster, tags):
        params = {"DBClusterSnapshotIdentifier": name, "DBClusterIdentifier": cluster, "Tags": tags}
        answer = self.ask(caller, "CreateDBClusterSnapshot", **params)
        if answer:
            self.sources.pop(answer["DBClusterSnapshot"]["DBClusterSnapshotArn"], None)

    @rule(caller=callers, name=names)
    def delete(self, caller, name):
        answer = self.ask(caller, "DeleteDBClusterSnapshot", DBClusterSnapshotIdentifier=name)
        assert not answer or self.snapshot(caller, name) is None

    @rule(caller=callers, name=names, adding=st.sampled_from([[OTHER], ["all"], [ACCOUNT], []]), stop=st.booleans())
    def share(self, caller, name, adding, stop):
        values = {"ValuesToRemove": adding} if stop else {"ValuesToAdd": adding}
        params = {"DBClusterSnapshotIdentifier": name, "AttributeName": "restore", **values}
        answer = self.ask(caller, "ModifyDBClusterSnapshotAttribute", **params)
        if answer:
            described = self.ask(caller, "DescribeDBClusterSnapshotAttributes", DBClusterSnapshotIdentifier=name)
            parts = [each["DBClusterSnapshotAttributesResult"] for each in (answer, described)]
            assert parts[0] == parts[1]
            grantees = set(parts[0]["DBClusterSnapshotAttributes"][0]["AttributeValues"])
            assert not grantees & set(adding) if stop else grantees >= set(adding)

    @rule(caller=callers, name=names, cluster=st.sampled_from(["Other", "third"]), key=keys)
    def restore(self, caller, name, cluster, key):
        params = {"DBClusterIdentifier": cluster, "SnapshotIdentifier": name, "Engine": "neptune", **key}
        self.ask(caller, "RestoreDBClusterFromSnapshot", **params)

    @rule(caller=callers, cluster=clusters, key=keys)
    def create_cluster(self, caller, cluster, key):
        self.ask(caller, "CreateDBCluster", DBClusterIdentifier=cluster, Engine="neptune", **key)

    @rule(caller=callers, cluster=clusters, final=names)
    def delete_cluster(self, caller, cluster, final):
        self.ask(caller, "DeleteDBCluster", DBClusterIdentifier=cluster, FinalDBSnapshotIdentifier=final)

    @rule(caller=callers, name=names, tags=tags, gone=st.sampled_from(["x", "y"]))
    def retag(self, caller, name, tags, gone):
        resource = arn(*caller, name)
        if self.ask(caller, "AddTagsToResource", ResourceName=resource, Tags=tags):
            self.ask(caller, "RemoveTagsFromResource", ResourceName=resource, TagKeys=[gone])
            kept = self.tags_of({"DBClusterSnapshotArn": resource})
            assert {each["Key"] for each in tags} - {gone} <= set(kept)
            assert gone not in kept

    @rule(minutes=st.integers(min_value=1, max_value=7))
    def wait(self, minutes):
        self.stub.clock.advance(minutes=minutes)

    @rule(caller=callers, source=names)
    def planned(self, caller, source):
        self.stub.fail("CopyDBClusterSnapshot", "AccessDenied")
        assert not self.ask(caller, "CopyDBClusterSnapshot", **copied(source, "never"))
        assert self.stub.calls[-1].error == "AccessDenied"

    # ------------------------------------------------------------------ looking

    def snapshot(self, caller, name):
        region, account = caller
        seen = Asker(self.stub, region, account)
        params = {"DBClusterSnapshotIdentifier": name}
        self.calls += 1
        status, answer = seen.answer("DescribeDBClusterSnapshots", **params)
        return answer["DBClusterSnapshots"][0] if status == 200 else None

    def tags_of(self, snapshot):
        region, account = snapshot["DBClusterSnapshotArn"].split(":")[3:5]
        self.calls += 1
        return Asker(self.stub, region, account).tags(snapshot["DBClusterSnapshotArn"])

    def listed(self, caller, **params):
        self.calls += 1
        return Asker(self.stub, *caller)("DescribeDBClusterSnapshots", **params)["DBClusterSnapshots"]

    def everything(self):
        return [each for region in REGIONS for account in (ACCOUNT, OTHER) for each in self.listed((region, account))]

    # ------------------------------------------------------------------ what always holds

    @invariant()
    def identifiers_are_unique_and_in_lower_case(self):
        seen = Counter(each["DBClusterSnapshotArn"] for each in self.everything())
        assert all(count == 1 and name == name.lower() for name, count in seen.items())

    @invariant()
    def quotas_are_kept(self):
        everything = self.everything()
        own = Counter(tuple(each["DBClusterSnapshotArn"].split(":")[3:5]) for each in everything)
        crossing = Counter(
            tuple(each["DBClusterSnapshotArn"].split(":")[3:5])
            for each in everything
            if each["Status"] == "copying"
            and each["SourceDBClusterSnapshotArn"].split(":")[3] != each["DBClusterSnapshotArn"].split(":")[3]
        )
        assert max(own.values(), default=0) <= QUOTA
        assert max(crossing.values(), default=0) <= CROSSING

    @invariant()
    def a_snapshot_shows_what_it_is(self):
        for each in self.everything():
            assert each["SnapshotType"] == "manual"
            assert each["StorageEncrypted"] == ("KmsKeyId" in each)
            assert each.get("KmsKeyId", each["DBClusterSnapshotArn"]).split(":")[3] in REGIONS
            assert each.get("SourceDBClusterSnapshotArn") == self.sources.get(each["DBClusterSnapshotArn"])
            assert (each["Status"] == "available") == (each["PercentProgress"] == 100)

    @invariant()
    def progress_goes_up(self):
        everything = {each["DBClusterSnapshotArn"]: each for each in self.everything()}
        for name, each in everything.items():
            assert each["PercentProgress"] >= self.progress.get(name, 0)
        self.progress = {name: each["PercentProgress"] for name, each in everything.items()}
        self.sources = {name: source for name, source in self.sources.items() if name in everything}

    @precondition(lambda self: self.calls)
    @invariant()
    def others_see_only_what_was_shared_and_by_its_arn(self):
        for region in REGIONS:
            for account in (ACCOUNT, OTHER):
                foreign = self.listed((region, account), SnapshotType="shared")
                assert all(is_arn(each["DBClusterSnapshotIdentifier"]) for each in foreign)
                assert all(each["DBClusterSnapshotArn"].split(":")[4] != account for each in foreign)

    @invariant()
    def every_call_is_in_the_log(self):
        assert len(self.stub.calls) >= self.calls


Service.TestCase.settings = settings(max_examples=16, stateful_step_count=30, deadline=None, database=None)
TestService = Service.TestCase
