"""What a registered guard does with a request: fill it, check it, report it, and break nothing."""

import copy
import logging
import pickle
import threading
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.exceptions import ParamValidationError
from botocore.stub import Stubber

from neptune_guard import register, rule
from neptune_guard.exceptions import ConfigurationError, ConstraintViolationError, RuleError
from tests.helpers import ACCOUNT, COPY, arn, ids

THERE, HERE = arn("us-east-1"), arn("us-west-2")
GOOD = COPY
BAD = {**GOOD, "TargetDBClusterSnapshotIdentifier": "my--copy", "KmsKeyId": "None"}
BAD_RULES = {"identifier-hyphens", "kms-key-format"}
DUBIOUS = {**GOOD, "Tags": [{"Key": "team", "Value": ""}]}
URL = "https://rds.us-east-1.amazonaws.com/?Action=CopyDBClusterSnapshot&X-Amz-Signature=5ec2e7"


@pytest.fixture
def copied(host, canned):
    """Copy through a client of a session that was registered with the given settings, and return the responder."""

    def run(params, **settings):
        responder = canned()
        session = host.session()
        register(session, stub=responder, **settings)
        host.wait(host.client(session).copy_db_cluster_snapshot(**params))
        return responder

    return run


def messages(caplog):
    return [record.getMessage() for record in caplog.records if record.name == "neptune_guard"]


# ------------------------------------------------------------------ modes


def test_strict_raises_all_errors_at_once(copied, caplog):
    with pytest.raises(ConstraintViolationError) as caught:
        copied({**BAD, **DUBIOUS, "TargetDBClusterSnapshotIdentifier": "my--copy"}, mode="strict")
    assert {each.rule for each in caught.value.violations} == BAD_RULES | {"tag-value-empty"}
    assert str(caught.value).startswith("Parameter validation failed:\n")
    assert isinstance(caught.value, ParamValidationError)
    assert "tag-value-empty" not in str(caught.value)
    assert ids(messages(caplog)) == {"tag-value-empty"}


def test_what_strict_raises_survives_pickling_and_copying(copied):
    with pytest.raises(ConstraintViolationError) as caught:
        copied(BAD, mode="strict")
    for again in (pickle.loads(pickle.dumps(caught.value)), copy.deepcopy(caught.value)):
        assert (str(again), again.violations) == (str(caught.value), caught.value.violations)


def test_strict_lets_warnings_go(copied, caplog):
    assert len(copied(DUBIOUS, mode="strict").asked) == 1
    assert ids(messages(caplog)) == {"tag-value-empty"}


def test_warn_logs_everything_and_lets_the_request_go(copied, caplog):
    assert len(copied(BAD, mode="warn").asked) == 1
    assert ids(messages(caplog)) == BAD_RULES
    assert {record.levelno for record in caplog.records if record.name == "neptune_guard"} == {logging.ERROR}


def test_errors_are_logged_as_errors_and_warnings_as_warnings_with_their_data(copied, caplog):
    copied({**BAD, **DUBIOUS, "TargetDBClusterSnapshotIdentifier": "my--copy"}, mode="warn")
    logged = {record.neptune_guard["rule"]: record.levelno for record in caplog.records}
    assert logged == dict.fromkeys(BAD_RULES, logging.ERROR) | {"tag-value-empty": logging.WARNING}
    [target] = [each for each in caplog.records if each.neptune_guard["rule"] == "identifier-hyphens"]
    assert target.getMessage().startswith("error: TargetDBClusterSnapshotIdentifier: 'my--copy' has two")
    assert target.neptune_guard["value"] == "my--copy"
    assert target.neptune_guard["operation"] == "CopyDBClusterSnapshot"


@pytest.mark.parametrize(
    ("errors", "warnings", "last", "level"),
    [
        (20, 0, "aws:19", logging.ERROR),
        (21, 0, "and 1 more", logging.ERROR),
        (25, 0, "and 5 more", logging.ERROR),
        (20, 3, "and 3 more", logging.WARNING),
        (21, 3, "and 4 more", logging.ERROR),
    ],
)
def test_more_than_twenty_violations_are_counted_in_the_log(copied, caplog, errors, warnings, last, level):
    reserved = [{"Key": f"aws:{number}"} for number in range(errors)]
    empty = [{"Key": f"k{number}", "Value": ""} for number in range(warnings)]
    copied({**GOOD, "Tags": [*reserved, *empty]}, mode="warn")
    assert len(messages(caplog)) == 20 + (errors + warnings > 20)
    assert last in messages(caplog)[-1]
    assert caplog.records[-1].levelno == level


def test_off_says_nothing_and_still_fills(copied, caplog):
    responder = copied({**BAD, "SourceDBClusterSnapshotIdentifier": THERE}, mode="off")
    assert responder.asked[0].params["SourceRegion"] == "us-east-1"
    assert messages(caplog) == []


def test_a_sound_request_is_not_mentioned(copied, caplog):
    assert copied(GOOD, mode="strict").asked[0].params == GOOD
    assert messages(caplog) == []


PROFILE = "[profile staging]\nneptune_guard_mode = {}\nregion = eu-west-1\n"
PRECEDENCE = [  # argument, environment, profile, what holds
    (None, None, None, "warn"),
    (None, None, "off", "off"),
    (None, "strict", "off", "strict"),
    ("warn", "strict", "off", "warn"),
    (None, "", "strict", "strict"),
    ("", "off", None, "off"),
    ("", "", "", "warn"),
]


@pytest.mark.parametrize(("argument", "variable", "profile", "mode"), PRECEDENCE)
def test_the_mode_comes_from_the_first_place_that_gives_one(
    host, monkeypatch, tmp_path, argument, variable, profile, mode
):
    use_profile(monkeypatch, tmp_path, PROFILE.format(profile or ""))
    if variable is not None:
        monkeypatch.setenv("NEPTUNE_GUARD_MODE", variable)
    assert register(host.session(), mode=argument).mode == mode


def use_profile(monkeypatch, tmp_path, text):
    (tmp_path / "config").write_text(text)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_PROFILE", "staging")


UNKNOWN_MODES = [("Strict", None, None, "argument"), (None, "on", None, "NEPTUNE_GUARD_MODE"), (None, None, "x", "key")]


@pytest.mark.parametrize(("argument", "variable", "profile", "place"), UNKNOWN_MODES)
def test_an_unknown_mode_is_refused_with_its_place(host, monkeypatch, tmp_path, argument, variable, profile, place):
    use_profile(monkeypatch, tmp_path, PROFILE.format(profile or ""))
    if variable:
        monkeypatch.setenv("NEPTUNE_GUARD_MODE", variable)
    with pytest.raises(ConfigurationError, match=place):
        host.client(register_and_return(host.session(), mode=argument))


def register_and_return(session, **settings):
    register(session, **settings)
    return session


# ------------------------------------------------------------------ settings


@pytest.mark.parametrize("ignore", [["kms-key-format", "identifier-hyphens"], ["kms-*", "identifier-*"], ["*"]])
def test_ignored_rules_find_nothing(copied, caplog, ignore):
    assert len(copied(BAD, mode="strict", ignore=ignore).asked) == 1
    assert messages(caplog) == []


def test_the_environment_may_ignore_rules(copied, monkeypatch):
    monkeypatch.setenv("NEPTUNE_GUARD_IGNORE", "kms-*, identifier-hyphens")
    assert len(copied(BAD, mode="strict").asked) == 1


def test_an_unknown_rule_cannot_be_ignored(host):
    with pytest.raises(ConfigurationError, match="did you mean 'kms-key-format'"):
        register(host.session(), ignore=["kms-key-formt"])


@rule(id="team-tag", summary="A copy must name its team")
def team_tag(request):
    if not any(tag.get("Key") == "team" for tag in request.params.get("Tags", ())):
        yield "Tags", "name no team; add the tag team"


@rule(id="broken", summary="A rule must not crash")
def broken(request):
    yield request.params["PreSignedUrl"], 1 / 0


def test_a_rule_of_the_users_joins_the_others(copied):
    with pytest.raises(ConstraintViolationError) as caught:
        copied(BAD, mode="strict", rules=[team_tag])
    assert {each.rule for each in caught.value.violations} == BAD_RULES | {"team-tag"}


def test_a_crashing_rule_is_named_in_strict_mode(copied):
    with pytest.raises(
        RuleError, match=r"the rule broken crashed: ZeroDivisionError: division by zero; correct the rule"
    ) as caught:
        copied({**GOOD, "PreSignedUrl": URL}, mode="strict", rules=[broken])
    assert isinstance(caught.value.__cause__, ZeroDivisionError)


def test_a_crashing_rule_is_logged_in_warn_mode(copied, caplog):
    assert len(copied({**GOOD, "PreSignedUrl": URL}, rules=[broken]).asked) == 1
    assert any("the rule broken crashed" in line for line in messages(caplog))
    assert "5ec2e7" not in caplog.text


def test_a_crashing_rule_keeps_no_other_rule_from_looking(copied, caplog):
    copied({**GOOD, "TargetDBClusterSnapshotIdentifier": "my--copy"}, rules=[broken, team_tag])
    crash, hyphens, team = messages(caplog)
    assert "the rule broken crashed: KeyError: 'PreSignedUrl'" in crash
    assert hyphens.endswith("[identifier-hyphens]")
    assert team.endswith("[team-tag]")


def test_a_duplicate_rule_is_refused(host):
    with pytest.raises(ConfigurationError, match=r"team-tag.*taken"):
        register(host.session(), rules=[team_tag, team_tag])


def test_the_account_sharpens_the_rules(copied, caplog):
    params = {"SourceDBClusterSnapshotIdentifier": HERE, "TargetDBClusterSnapshotIdentifier": "NIGHTLY"}
    copied(params)
    assert messages(caplog) == []
    assert copied(params, account_id=ACCOUNT).asked[0].account_id == ACCOUNT
    assert ids(messages(caplog)) == {"target-same-as-source"}


def test_the_clients_region_is_known_to_the_rules(copied):
    key = f"arn:aws:kms:eu-west-1:{ACCOUNT}:alias/graph"
    with pytest.raises(ConstraintViolationError, match=r"\[kms-key-region\]"):
        copied({**GOOD, "KmsKeyId": key}, mode="strict")


# ------------------------------------------------------------------ on_violation


@pytest.mark.parametrize("mode", ["strict", "warn"])
def test_on_violation_is_told_in_both_modes(host, canned, mode):
    told = []
    session = host.session()
    register(session, mode=mode, stub=canned(), on_violation=lambda *args: told.append(args))
    client = host.client(session)
    with pytest.raises(ConstraintViolationError) if mode == "strict" else threading.Lock():
        host.wait(client.copy_db_cluster_snapshot(**BAD))
    [(violations, params, region)] = told
    assert ({each.rule for each in violations}, params, region) == (BAD_RULES, BAD, "us-west-2")


def test_on_violation_gets_a_copy_without_the_secret(copied):
    def scribble(violations, params, region):
        seen.append(params["PreSignedUrl"])
        params["Tags"][0]["Key"] = "scribbled"

    seen = []
    params = {**DUBIOUS, "Tags": [{"Key": "team", "Value": ""}], "PreSignedUrl": URL}
    assert copied(params, on_violation=scribble).asked[0].params == params
    assert seen == ["<redacted>"]
    assert params["Tags"] == [{"Key": "team", "Value": ""}]


def test_on_violation_is_not_told_of_a_sound_request(copied):
    told = []
    copied(GOOD, on_violation=lambda *args: told.append(args))
    assert told == []


@pytest.mark.parametrize("mode", ["strict", "warn"])
@pytest.mark.parametrize("problem", [ValueError, RecursionError, MemoryError, StopIteration, AssertionError])
def test_what_on_violation_raises_is_logged_only(copied, caplog, mode, problem):
    def crash(violations, params, region):
        raise problem("metrics are down")

    assert len(copied(DUBIOUS, mode=mode, on_violation=crash).asked) == 1
    assert "on_violation failed" in caplog.text
    assert "metrics are down" in caplog.text


def test_a_value_that_cannot_be_copied_reaches_on_violation_printed(host, canned):
    told = []
    guard = host.session()
    register(guard, stub=canned(), on_violation=lambda violations, params, region: told.append(params))
    client = host.client(guard)
    with pytest.raises(ParamValidationError):  # botocore's own, which comes after ours
        host.wait(client.copy_db_cluster_snapshot(**GOOD, KmsKeyId=threading.Lock()))
    assert told == [{**GOOD, "KmsKeyId": "<lock>"}]


# ------------------------------------------------------------------ nothing breaks


@pytest.fixture
def defect(monkeypatch):
    """A defect of our own, which no request is known to cause."""

    def source_region(request):
        raise LookupError("a defect")

    monkeypatch.setattr("neptune_guard._hook.prefill.source_region", source_region)


@pytest.mark.usefixtures("defect")
@pytest.mark.parametrize("mode", ["warn", "off"])
def test_a_defect_of_the_guard_is_logged_only(copied, caplog, mode):
    assert len(copied(GOOD, mode=mode).asked) == 1
    assert messages(caplog) == ["neptune_guard failed; the request goes on unchecked"]
    assert "LookupError: a defect" in caplog.text


@pytest.mark.usefixtures("defect")
def test_a_defect_of_the_guard_is_raised_in_strict_mode(copied):
    with pytest.raises(LookupError, match="a defect"):
        copied(GOOD, mode="strict")


def test_a_failing_log_filter_does_not_break_the_call(copied):
    def broken_filter(record):
        raise RuntimeError("filter")

    logger = logging.getLogger("neptune_guard")
    logger.addFilter(broken_filter)
    try:
        assert len(copied(BAD, mode="warn", on_violation=lambda *args: 1 / 0, rules=[broken]).asked) == 1
    finally:
        logger.removeFilter(broken_filter)


WRONG_TYPES = [None, b"nightly", 3, ["nightly"], {"a": 1}, object(), float("nan")]


@pytest.mark.parametrize("name", ["SourceDBClusterSnapshotIdentifier", "KmsKeyId", "Tags", "SourceRegion", "CopyTags"])
@pytest.mark.parametrize("value", WRONG_TYPES, ids=lambda value: type(value).__name__)
def test_in_warn_mode_botocore_has_the_last_word_on_types(host, canned, name, value):
    session = host.session()
    register(session, stub=canned(), mode="warn")
    client = host.client(session)
    with pytest.raises(ParamValidationError) as caught:
        host.wait(client.copy_db_cluster_snapshot(**{**GOOD, name: value}))
    assert not isinstance(caught.value, ConstraintViolationError)


def test_without_botocores_validation_the_guard_still_checks(host, canned):
    from botocore.config import Config

    session = host.session()
    register(session, mode="strict", stub=canned())
    client = host.client(session, config=Config(parameter_validation=False))
    with pytest.raises(ConstraintViolationError, match=r"\[missing-parameter\]"):
        host.wait(client.copy_db_cluster_snapshot(SourceDBClusterSnapshotIdentifier="nightly"))
    assert host.wait(client.copy_db_cluster_snapshot(**GOOD))["DBClusterSnapshot"]["Status"] == "copying"


@pytest.mark.parametrize("mode", ["strict", "warn", "off"])
def test_the_callers_objects_are_not_changed(copied, mode):
    tags = ({"Key": "team", "Value": "graph"}, {"Key": "env"})
    params = {**GOOD, "SourceDBClusterSnapshotIdentifier": THERE, "Tags": tags}
    assert copied(params, mode=mode).asked[0].params == {**params, "SourceRegion": "us-east-1"}
    assert params == {
        **GOOD,
        "SourceDBClusterSnapshotIdentifier": THERE,
        "Tags": ({"Key": "team", "Value": "graph"}, {"Key": "env"}),
    }


@pytest.mark.parametrize("mode", ["strict", "warn"])
def test_no_message_shows_the_presigned_url(host, canned, caplog, mode):
    caplog.set_level(logging.DEBUG, logger="neptune_guard")
    session = host.session()
    register(session, mode=mode, stub=canned(), on_violation=lambda violations, params, region: 1 / 0)
    client = host.client(session)
    shown = ""
    try:
        host.wait(client.copy_db_cluster_snapshot(**{**BAD, "PreSignedUrl": URL, "KmsKeyId": URL}))
    except ConstraintViolationError as refusal:
        shown = f"{refusal} {refusal!r} {refusal.violations} {[each.to_dict() for each in refusal.violations]}"
    assert "pre-signed-url-unsupported" in shown + " ".join(messages(caplog))
    ours = shown + "".join(f"{record.getMessage()}{record.exc_text}" for record in caplog.records)
    assert "5ec2e7" not in ours


def test_a_made_url_shows_up_in_no_message_either(host, recorder, caplog):
    caplog.set_level(logging.DEBUG, logger="neptune_guard")
    told = []
    session = host.session()
    register(session, mode="warn", on_violation=lambda violations, params, region: told.append(repr(params)))
    client = host.client(session, endpoint_url=recorder.url)
    params = {**BAD, "SourceDBClusterSnapshotIdentifier": THERE}
    host.wait(client.copy_db_cluster_snapshot(**params))
    secret = parse_qs(urlsplit(recorder.received[0].body["PreSignedUrl"]).query)["X-Amz-Signature"][0]
    assert len(told) == 1
    assert secret not in "".join([*told, *messages(caplog), repr(register(client))])


# ------------------------------------------------------------------ where the guard keeps quiet

ELSEWHERE = [
    ("neptune", "describe_event_categories", {"SourceType": "my--copy"}),
    ("rds", "delete_db_cluster_snapshot", {"DBClusterSnapshotIdentifier": "my--copy"}),
    ("docdb", "describe_db_cluster_snapshots", {"DBClusterSnapshotIdentifier": "my--copy"}),
]


@pytest.mark.parametrize(("service", "method", "params"), ELSEWHERE)
def test_other_operations_and_services_are_not_looked_at(host, recorder, caplog, service, method, params):
    session = host.session()
    register(session, mode="strict", on_violation=lambda *args: told.append(args))
    told = []
    client = host.client(session, service=service, endpoint_url=recorder.url)
    host.wait(getattr(client, method)(**params))
    assert (len(recorder.received), told, messages(caplog)) == (1, [], [])


@pytest.mark.parametrize("service", ["neptune", "rds", "docdb"])
def test_a_copy_is_filled_and_checked_on_every_client_of_the_control_plane(host, recorder, service):
    session = host.session()
    register(session, mode="strict")
    client = host.client(session, service=service, endpoint_url=recorder.url)
    host.wait(client.copy_db_cluster_snapshot(**{**GOOD, "SourceDBClusterSnapshotIdentifier": THERE}))
    assert "PreSignedUrl" in recorder.received[0].body
    with pytest.raises(ConstraintViolationError):
        host.wait(client.copy_db_cluster_snapshot(**BAD))


def test_rules_differ_by_service(host, canned, caplog):
    session = host.session()
    register(session, mode="warn", stub=canned(), services=["neptune", "rds", "docdb"])
    tagged = {**GOOD, "Tags": [{"Key": "owner", "Value": "a@b"}]}
    found = {}
    for service in ("neptune", "rds", "docdb"):
        caplog.clear()
        host.wait(host.client(session, service=service).copy_db_cluster_snapshot(**tagged))
        found[service] = ids(messages(caplog))
    assert found == {"neptune": {"tag-at-sign"}, "rds": set(), "docdb": {"tag-at-sign"}}


def test_a_stub_answers_the_services_it_is_given(host, canned, recorder):
    session = host.session()
    register(session, stub=canned(), services=["rds"])
    rds, neptune = (host.client(session, service=name, endpoint_url=recorder.url) for name in ("rds", "neptune"))
    assert host.wait(rds.copy_db_cluster_snapshot(**GOOD))["DBClusterSnapshot"] == {"Status": "copying"}
    assert recorder.received == []
    host.wait(neptune.copy_db_cluster_snapshot(**GOOD))
    assert len(recorder.received) == 1


# ------------------------------------------------------------------ beside other tools


def test_a_stubber_on_the_same_client_keeps_working(host):
    session = host.session()
    register(session, mode="strict")
    client = host.client(session)
    with Stubber(client) as stubber:
        stubber.add_response("copy_db_cluster_snapshot", {"DBClusterSnapshot": {"Status": "copying"}})
        with pytest.raises(ConstraintViolationError):
            host.wait(client.copy_db_cluster_snapshot(**BAD))
        assert host.wait(client.copy_db_cluster_snapshot(**GOOD))["DBClusterSnapshot"]["Status"] == "copying"
        stubber.assert_no_pending_responses()


def test_moto_on_the_same_client_keeps_working():
    import boto3
    from moto import mock_aws

    with mock_aws():
        session = boto3.Session(region_name="us-west-2")
        guard = register(session, mode="strict")
        client = session.client("neptune")
        client.create_db_cluster(DBClusterIdentifier="graph", Engine="neptune")
        client.create_db_cluster_snapshot(DBClusterSnapshotIdentifier="nightly", DBClusterIdentifier="graph")
        with pytest.raises(ConstraintViolationError):
            client.copy_db_cluster_snapshot(**BAD)
        client.copy_db_cluster_snapshot(**GOOD)
        found = client.describe_db_cluster_snapshots(SnapshotType="manual")["DBClusterSnapshots"]
        assert {each["DBClusterSnapshotIdentifier"] for each in found} == {"nightly", "copy"}
        assert guard.active


def test_a_stub_answers_before_moto(canned):
    import boto3
    from moto import mock_aws

    with mock_aws():
        session = boto3.Session(region_name="us-west-2")
        plain = session.client("neptune")
        register(session, stub=canned())
        assert session.client("neptune").copy_db_cluster_snapshot(**GOOD)["DBClusterSnapshot"] == {"Status": "copying"}
        assert plain.describe_db_cluster_snapshots()["DBClusterSnapshots"] == []
