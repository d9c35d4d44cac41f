import base64
import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from approvalbot.events.event import Event
from approvalbot.events.mapping import load_tables
from approvalbot.events.normalise import BadEvent, RawEvent, normalise_in_its_time, visible_headers
from approvalbot.policy.conditions.fields import EVENT_NAMES
from tests.events.makers import MAPPING_OF, T0, event_of, events_of, raw_of, sample_headers, samples

CLOUDTRAIL = {
    "eventID": "e1",
    "eventTime": "2026-03-03T10:00:00Z",
    "eventSource": "iam.amazonaws.com",
    "eventName": "AttachUserPolicy",
    "awsRegion": "eu-west-1",
    "recipientAccountId": "111122223333",
    "sourceIPAddress": "203.0.113.7",
    "userAgent": "aws-cli/2",
    "userIdentity": {"type": "AssumedRole", "arn": "arn:aws:sts::111122223333:assumed-role/Ops/eve@example.com"},
    "requestParameters": {"userName": "bob", "policyArn": "arn:aws:iam::aws:policy/AdministratorAccess"},
}


def test_a_cloudtrail_record_becomes_an_event() -> None:
    event = event_of(CLOUDTRAIL, "aws.cloudtrail")

    assert event.id == "e1"
    assert event.action == "iam.amazonaws.com:AttachUserPolicy"
    assert event.actor.id == "arn:aws:sts::111122223333:assumed-role/Ops/eve@example.com"
    assert event.actor.email == "eve@example.com"
    assert event.actor.ip == "203.0.113.7"
    assert event.resource.id == "arn:aws:iam::aws:policy/AdministratorAccess"
    assert event.source.tenant == "111122223333"
    assert event.source.region == "eu-west-1"
    assert event.outcome == "success"
    assert event.time is not None
    assert event.raw == CLOUDTRAIL
    assert len(event.identity) == len(event.digest) == 64


@pytest.mark.parametrize(
    "body",
    [
        CLOUDTRAIL,
        {"version": "0", "detail-type": "AWS API Call via CloudTrail", "detail": CLOUDTRAIL},
        {"Records": [CLOUDTRAIL]},
        [CLOUDTRAIL],
    ],
)
def test_every_envelope_gives_the_same_event(body: Any) -> None:
    event = event_of(body, "aws.cloudtrail")

    assert event.identity == event_of(CLOUDTRAIL, "aws.cloudtrail").identity
    assert event.raw == CLOUDTRAIL


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        ({}, "success"),
        ({"errorCode": "AccessDenied"}, "denied"),
        ({"errorCode": "Client.UnauthorizedOperation"}, "denied"),
        ({"errorCode": "NoSuchEntity"}, "failure"),
        ({"responseElements": {"ConsoleLogin": "Failure"}}, "failure"),
        ({"responseElements": {"ConsoleLogin": "Success"}, "errorCode": "x"}, "success"),
    ],
)
def test_the_outcome_of_a_cloudtrail_record(change: dict[str, Any], outcome: str) -> None:
    assert event_of({**CLOUDTRAIL, **change}, "aws.cloudtrail").outcome == outcome


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ({"kind": 0}, "it has no eventSource, eventName, so it is no event of the mapping aws.cloudtrail"),
        ({"Records": [7]}, "an event is a JSON object, not a number"),
        ("text", "an event is a JSON object, not a text"),
        (None, "an event is a JSON object, not null"),
        ([[1]], "an event is a JSON object, not a number"),
    ],
)
def test_a_bad_event_is_a_value_with_a_reason(body: Any, reason: str) -> None:
    (bad,) = raw_of(body, "aws.cloudtrail")

    assert isinstance(bad, BadEvent)
    assert bad.reason == reason
    assert bad.fault().code == "event_invalid"
    assert str(bad.fault()) == reason


def test_a_bad_event_spoils_no_other_of_its_delivery() -> None:
    found = raw_of({"Records": [CLOUDTRAIL, {"x": 1}, CLOUDTRAIL]}, "aws.cloudtrail")

    assert [type(one) for one in found] == [RawEvent, BadEvent, RawEvent]


def test_an_empty_delivery_has_no_events() -> None:
    assert raw_of({"Records": []}, "aws.cloudtrail") == []
    assert raw_of([], "generic") == []


def test_a_github_webhook_takes_type_and_id_from_its_headers() -> None:
    event = event_of(
        {"action": "deleted", "sender": {"login": "eve", "type": "User"}, "repository": {"full_name": "a/b"}},
        "github.webhook",
        {"x-github-event": "branch_protection_rule", "x-github-delivery": "d-1"},
    )

    assert event.action == "branch_protection_rule.deleted"
    assert event.id == "d-1"
    assert event.time == T0
    assert event.headers["x-github-event"] == "branch_protection_rule"


def test_events_of_one_delivery_that_share_a_header_id_stay_apart() -> None:
    first, second = events_of([{"action": "a"}, {"action": "b"}], "github.webhook", {"x-github-delivery": "d-1"})

    assert isinstance(first, Event)
    assert isinstance(second, Event)
    assert first.id != second.id


def test_only_headers_that_are_asked_for_are_carried() -> None:
    table = load_tables()["github.webhook"]

    seen = visible_headers(table, {"X-GitHub-Event": "push", "Authorization": "Bearer x", "X-Team": "a"}, ["X-Team"])

    assert seen == {"x-github-event": "push", "x-team": "a"}


def test_a_kubernetes_event_is_identified_by_audit_id_and_stage() -> None:
    body = {
        "kind": "EventList",
        "items": [
            {
                "auditID": "a1",
                "stage": stage,
                "verb": "create",
                "user": {"username": "eve@example.com", "groups": ["dev", "system:authenticated"]},
                "objectRef": {"resource": "pods", "subresource": "exec", "namespace": "prod", "name": "web-0"},
                "responseStatus": {"code": 403},
                "annotations": {"authorization.k8s.io/reason": "no"},
            }
            for stage in ("ResponseStarted", "ResponseComplete")
        ],
    }

    started, complete = events_of(body, "kubernetes.audit")

    assert isinstance(started, Event)
    assert isinstance(complete, Event)
    assert (started.id, complete.id) == ("a1/ResponseStarted", "a1/ResponseComplete")
    assert started.action == "create:pods/exec"
    assert started.resource.id == "prod/web-0"
    assert started.actor.groups == ("dev", "system:authenticated")
    assert started.outcome == "denied"
    assert started.reason == "no"


def test_a_workspace_activity_gives_one_event_per_entry_and_equal_names_stay_apart() -> None:
    body = {
        "items": [
            {
                "id": {"uniqueQualifier": "q", "applicationName": "admin", "time": "2026-03-03T10:00:00Z"},
                "actor": {"email": "eve@example.com"},
                "events": [
                    {"name": "GRANT", "parameters": [{"name": "USER_EMAIL", "value": "bob@example.com"}]},
                    {"name": "GRANT", "parameters": [{"name": "USER_EMAIL", "value": "cat@example.com"}]},
                    "not an object",
                ],
            }
        ]
    }

    first, second, bad = events_of(body, "google.workspace")

    assert isinstance(first, Event)
    assert isinstance(second, Event)
    assert isinstance(bad, BadEvent)
    assert (first.id, second.id) == ("q/GRANT", "q/GRANT#2")
    assert first.action == "admin.GRANT"
    assert first.resource.id == "bob@example.com"
    assert first.actor.email == "eve@example.com"


def test_a_pubsub_push_is_decoded_and_a_broken_one_is_a_bad_event() -> None:
    entry = {"insertId": "i1", "protoPayload": {"methodName": "m", "status": {"code": 7}}}
    data = base64.b64encode(json.dumps(entry).encode()).decode()

    assert event_of({"message": {"data": data}}, "gcp.audit").outcome == "denied"
    assert event_of({"data": entry}, "gcp.audit").id == "i1"
    (bad,) = raw_of({"message": {"data": "%%%"}}, "gcp.audit")
    assert isinstance(bad, BadEvent)
    assert "message.data is not base64 of JSON" in bad.reason


def test_an_event_is_frozen_and_looks_a_field_up_once() -> None:
    event = event_of({"id": "1", "action": "x"})

    with pytest.raises(AttributeError):
        event.action = "y"  # type: ignore[misc]
    assert event.action is event.action
    assert replace(event, action="y").action == "y"
    assert event.source_name == "generic"
    assert event == event_of({"id": "1", "action": "x"})


def test_every_sample_event_normalises_without_a_fault(shared: Path) -> None:
    seen = 0
    for sample in samples(shared):
        mapping = MAPPING_OF.get(sample["log_type"], "generic")
        for event in events_of(sample["event"], mapping, sample_headers(sample)):
            if isinstance(event, BadEvent):
                assert event.reason
                continue
            seen += 1
            assert repr(event)
            assert event.time is None or event.time.tzinfo is not None
    assert seen > 230


def test_every_real_cloudtrail_event_has_action_actor_and_resource(shared: Path) -> None:
    real = [one for one in samples(shared) if one["source"] == "stratus"]

    assert len(real) == 29
    for sample in real:
        event = event_of(sample["event"], "aws.cloudtrail")
        assert event.action
        assert event.actor.id
        assert event.resource.id
        assert event.id
        assert event.time is not None


def test_every_real_github_webhook_has_action_and_actor(shared: Path) -> None:
    for sample in samples(shared):
        if sample["source"] == "octokit":
            event = event_of(sample["event"], "github.webhook", sample_headers(sample))
            assert event.action
            assert event.action.startswith(sample["label"]["x_github_event"])
            assert event.actor.id
            assert event.id == sample["id"]


def test_the_hostile_kubernetes_event_is_refused_with_a_reason(shared: Path) -> None:
    (sample,) = [one for one in samples(shared) if one["event"] == {"kind": 0}]

    (bad,) = raw_of(sample["event"], "kubernetes.audit")

    assert isinstance(bad, BadEvent)


def test_an_event_of_the_past_is_received_when_it_happened() -> None:
    table = load_tables()["aws.cloudtrail"]
    dated, undated = {"eventTime": "2024-08-02T08:23:24Z", "eventName": "X", "eventSource": "s"}, {"eventName": "X"}

    def received(body: dict[str, Any]) -> Event:
        return normalise_in_its_time(table, RawEvent(body), source="aws", headers={}, otherwise=T0)

    assert received(dated).received_at == received(dated).time == datetime(2024, 8, 2, 8, 23, 24, tzinfo=UTC)
    assert (received(undated).received_at, received(undated).time) == (T0, None)
    assert received(dated).digest == event_of(dated, "aws.cloudtrail").digest


def test_one_text_of_an_actor_is_what_the_whole_actor_says(shared: Path) -> None:
    names = [name for name in EVENT_NAMES if name.count(".") == 1 and name not in {"$actor.groups", "$event.dedupe_id"}]
    for sample in samples(shared):
        mapping = MAPPING_OF.get(sample["log_type"], "generic")
        for event in events_of(sample["event"], mapping, sample_headers(sample)):
            if isinstance(event, Event):
                alone = {name: event.text(name[1:]) for name in names}
                whole = {name: getattr(getattr(event, name[1:].split(".")[0]), name.split(".")[1]) for name in names}
                assert alone == whole == {name: event.text(name[1:]) for name in names}
