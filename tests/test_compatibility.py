"""What neptune_guard relies on in botocore, boto3 and aiobotocore; much of it is promised nowhere.

A failure here means that a new version of theirs needs a look before anything else does.
"""

import copy
import json
import pickle
from contextvars import ContextVar
from types import SimpleNamespace

import boto3
import botocore
import botocore.handlers
import pytest
from botocore.exceptions import ParamValidationError
from botocore.hooks import HierarchicalEmitter
from botocore.loaders import create_loader
from botocore.session import Session

EVENT = "neptune.CopyDBClusterSnapshot"
GOOD = {"SourceDBClusterSnapshotIdentifier": "nightly", "TargetDBClusterSnapshotIdentifier": "copy"}
ACROSS = {
    "SourceDBClusterSnapshotIdentifier": "arn:aws:rds:eu-west-1:123456789012:cluster-snapshot:nightly",
    "TargetDBClusterSnapshotIdentifier": "copy",
    "SourceRegion": "eu-west-1",
}
RELIED_ON = ["before-parameter-build", "before-call", "choose-signer", "before-send", "after-call"]


@pytest.fixture
def client(host, recorder):
    """An unguarded client of the recording server."""
    return host.client(endpoint_url=recorder.url)


@pytest.fixture
def sent(host, client):
    """Copy through the client and return what each handler of the events relied on was given."""

    def run(params=GOOD):
        seen = []
        for name in RELIED_ON:
            client.meta.events.register(f"{name}.{EVENT}", lambda **kwargs: seen.append(kwargs))
        answer = host.wait(client.copy_db_cluster_snapshot(**params))
        return seen, answer

    return run


def test_the_events_come_in_this_order(sent):
    seen, _ = sent()
    names = [kwargs["event_name"] for kwargs in seen]
    assert names == [f"{name}.{EVENT}" for name in RELIED_ON], "botocore's events have other names or another order"


ARGUMENTS = {
    "before-parameter-build": {"params", "context"},
    "before-call": {"model", "params", "context"},
    "choose-signer": {"context"},
    "before-send": {"request"},
    "after-call": {"parsed", "context"},
}


@pytest.mark.parametrize(("name", "arguments"), ARGUMENTS.items(), ids=ARGUMENTS)
def test_the_events_bring_these_arguments(sent, name, arguments):
    seen, _ = sent()
    [kwargs] = [each for each in seen if each["event_name"] == f"{name}.{EVENT}"]
    assert arguments <= kwargs.keys(), f"botocore's {name} lost an argument"


def test_one_context_goes_through_a_call(sent):
    seen, _ = sent()
    contexts = [kwargs["context"] for kwargs in seen if "context" in kwargs]
    assert len(contexts) == 4
    assert all(each is contexts[0] for each in contexts), "the events of a call no longer share one context dict"


def test_the_context_names_the_region(sent):
    context = sent()[0][0]["context"]
    assert context.get("client_region") == "us-west-2", "the context of a call has no client_region now"
    assert "is_presign_request" not in context, "an ordinary call is marked as a presigning one"


def test_presigning_is_marked_and_not_answerable(host, client):
    seen = []
    client.meta.events.register(f"before-parameter-build.{EVENT}", lambda **kwargs: seen.append(kwargs))
    client.meta.events.register(f"before-call.{EVENT}", lambda **kwargs: seen.append(kwargs))
    host.wait(client.generate_presigned_url("copy_db_cluster_snapshot", Params=GOOD))
    assert [kwargs["event_name"] for kwargs in seen] == [f"before-parameter-build.{EVENT}"]
    assert seen[0]["context"].get("is_presign_request") is True, "is_presign_request is gone from the context"


def test_params_are_a_dict_of_the_calls_own(host, client):
    given, seen = dict(GOOD), []
    client.meta.events.register(f"before-parameter-build.{EVENT}", lambda params, **kwargs: seen.append(params))
    host.wait(client.copy_db_cluster_snapshot(**given))
    assert type(seen[0]) is dict
    assert seen[0] is not given


def test_what_is_added_at_before_parameter_build_is_sent(host, client, recorder):
    def add(params, **kwargs):
        params["KmsKeyId"] = "alias/added"

    client.meta.events.register(f"before-parameter-build.{EVENT}", add)
    host.wait(client.copy_db_cluster_snapshot(**GOOD))
    assert recorder.received[0].body["KmsKeyId"] == "alias/added", "params are no longer taken from this event"


def test_wildcards_run_before_exact_names(host, client):
    order = []
    client.meta.events.register_first(f"before-call.{EVENT}", lambda **kwargs: order.append("exact"))
    client.meta.events.register_last("before-call.neptune.*", lambda **kwargs: order.append("wildcard"))
    host.wait(client.copy_db_cluster_snapshot(**GOOD))
    assert order == ["wildcard", "exact"], "a stub registered on a wildcard no longer answers before botocore signs"


def test_botocore_presigns_from_source_region(host, client, recorder):
    bodies = []
    client.meta.events.register("before-call.neptune.*", lambda params, **kwargs: bodies.append(dict(params["body"])))
    host.wait(client.copy_db_cluster_snapshot(**ACROSS))
    assert bodies[0]["SourceRegion"] == "eu-west-1", "SourceRegion is no longer in the body at before-call"
    assert "PreSignedUrl" not in bodies[0], "the URL is made before before-call now"
    assert "PreSignedUrl" in recorder.received[0].body, "botocore no longer makes a PreSignedUrl from SourceRegion"
    assert "SourceRegion" not in recorder.received[0].body, "botocore now sends SourceRegion"


def test_the_injection_is_registered_by_name():
    inject = ("before-call.neptune.CopyDBClusterSnapshot", botocore.handlers.inject_presigned_url_rds)
    assert inject in [handler[:2] for handler in botocore.handlers.BUILTIN_HANDLERS]


def test_the_model_has_the_parameters_and_wrappers(client):
    model = client.meta.service_model
    members = model.operation_model("CopyDBClusterSnapshot").input_shape.members
    assert set(members) == {
        "SourceDBClusterSnapshotIdentifier",
        "TargetDBClusterSnapshotIdentifier",
        "KmsKeyId",
        "PreSignedUrl",
        "CopyTags",
        "Tags",
        "SourceRegion",
    }, "CopyDBClusterSnapshot has gained or lost a parameter; the rules need a look"
    for name in model.operation_names:
        shape = model.operation_model(name).output_shape
        wrapper = shape.serialization.get("resultWrapper") if shape else None
        assert wrapper in (None, f"{name}Result"), f"{name} wraps its result in {wrapper}"


def test_a_short_circuit_needs_a_status_alone(host, client, recorder):
    answer = {"DBClusterSnapshot": {}}
    client.meta.events.register("before-call.neptune.*", lambda **kwargs: (SimpleNamespace(status_code=200), answer))
    assert host.wait(client.copy_db_cluster_snapshot(**GOOD)) == answer
    assert recorder.received == [], "an answer at before-call no longer stops the request"


def test_a_short_circuit_above_300_is_the_modelled_exception(host, client):
    answer = SimpleNamespace(status_code=404), {"Error": {"Code": "DBClusterSnapshotNotFoundFault", "Message": ""}}
    client.meta.events.register("before-call.neptune.*", lambda **kwargs: answer)
    with pytest.raises(client.exceptions.DBClusterSnapshotNotFoundFault):
        host.wait(client.copy_db_cluster_snapshot(**GOOD))


def test_kms_is_asked_in_json(host):
    bodies = []

    def answer(params, **kwargs):
        bodies.append(json.loads(params["body"]))
        return SimpleNamespace(status_code=200), {}

    client = host.client(service="kms")
    client.meta.events.register("before-call.kms.DescribeKey", answer)
    host.wait(client.describe_key(KeyId="alias/graph"))
    assert bodies == [{"KeyId": "alias/graph"}], "botocore speaks another protocol to KMS now"


def test_unsigned_is_honoured_at_choose_signer(host, recorder):
    nobody = {"aws_access_key_id": None, "aws_secret_access_key": None}
    client = host.client(endpoint_url=recorder.url, **nobody)
    client.meta.events.register("choose-signer.neptune.*", lambda **kwargs: botocore.UNSIGNED)
    host.wait(client.copy_db_cluster_snapshot(**GOOD))
    assert "Authorization" not in recorder.received[0].headers, "choose-signer no longer decides about signing"


def test_before_call_and_before_send_share_their_context_variables(host, client):
    variable, seen = ContextVar("variable", default=None), []
    client.meta.events.register("before-call.neptune.*", lambda **kwargs: variable.set("here") and None)
    client.meta.events.register("before-send.neptune.*", lambda **kwargs: seen.append(variable.get()))
    host.wait(client.copy_db_cluster_snapshot(**GOOD))
    assert seen == ["here"], "before-send runs in another thread or task than before-call"


def test_after_call_holds_what_the_caller_gets(sent):
    seen, answer = sent()
    assert seen[-1]["parsed"] is answer, "changing parsed at after-call no longer changes the answer"


def test_param_validation_error_is_made_and_rebuilt_from_keywords():
    problem = ParamValidationError(report="what {is} wrong", more=1)
    assert str(problem) == "Parameter validation failed:\nwhat {is} wrong"
    for again in (pickle.loads(pickle.dumps(problem)), copy.copy(problem)):
        assert (str(again), again.kwargs) == (str(problem), {"report": "what {is} wrong", "more": 1})


def test_a_client_copies_the_handlers_of_its_session(host):
    def emit():
        made = client.meta.events.emit("made-up")
        return host.wait(made) if hasattr(made, "send") else made

    session, heard = host.session(), []
    emitter = getattr(session, "events", None) or session.get_component("event_emitter")
    emitter.register("made-up", lambda **kwargs: heard.append("before"), unique_id="ours")
    client = host.client(session)
    emitter.register("made-up", lambda **kwargs: heard.append("after"))
    emit()
    assert heard == ["before"], "clients no longer hold a copy of their session's handlers"
    client.meta.events.unregister("made-up", unique_id="ours")
    assert emit() == [], "clients no longer copy the unique ids of their session's handlers"


def test_a_unique_id_is_taken_once_for_all_events():
    emitter, heard = HierarchicalEmitter(), []
    emitter.register("one", lambda **kwargs: heard.append(1), unique_id="ours")
    emitter.register("one", lambda **kwargs: heard.append(2), unique_id="ours")
    emitter.register("two", lambda **kwargs: heard.append(3), unique_id="ours")
    emitter.emit("one")
    emitter.emit("two")
    assert heard == [1], "a second handler with the same unique_id is no longer dropped"
    emitter.unregister("one", unique_id="ours")
    emitter.emit("one")
    assert heard == [1]


def test_boto3_keeps_its_botocore_session():
    session = boto3.Session()
    assert isinstance(session._session, Session), "boto3.Session has no _session now; the profile cannot be read"
    assert session.events is session._session.get_component("event_emitter")
    assert session._session.get_scoped_config() == {}


def test_a_client_of_either_host_has_its_emitter_at_meta_events(client):
    for name in ("emit", "register", "register_first", "register_last", "unregister"):
        assert callable(getattr(client.meta.events, name))


def test_the_partitions_are_in_botocores_data():
    partitions = create_loader().load_data("partitions")["partitions"]
    assert {"aws", "aws-cn", "aws-us-gov"} <= {each["id"] for each in partitions}
    assert all({"regions", "regionRegex"} <= each.keys() for each in partitions)
