"""Every envelope that brings a vendor's events: what lies in it is the event, and what only it says is used."""

import base64
import json
from typing import Any

import pytest

from approvalbot.events.cloudevents import fold_binary_mode, is_binary_mode
from approvalbot.events.event import Event
from tests.events import vendors, vendors_cloud
from tests.events.makers import event_of, events_of, fields_of


def encoded(value: Any) -> str:
    return base64.b64encode(json.dumps(value).encode()).decode()


AWS, LOGIN = vendors_cloud.CLOUDTRAIL, vendors_cloud.CONSOLE_LOGIN
ENTRY = vendors_cloud.LOG_ENTRY_WHOLE
PUSH = {"message": {"data": encoded(ENTRY), "messageId": "1", "attributes": {}}, "subscription": "projects/p/x"}
EVENTARC = {
    "specversion": "1.0",
    "id": "e1",
    "source": "//cloudaudit.googleapis.com/projects/p/logs/activity",
    "type": "google.cloud.audit.log.v1.written",
    "data": ENTRY,
}
BRIDGE = {"version": "0", "id": "b1", "source": "aws.iam", "account": "111122223333", "region": "us-east-1"}
LIST = {"kind": "EventList", "apiVersion": "audit.k8s.io/v1", "items": [vendors.POD_EXEC]}

SAME: list[tuple[str, str, Any, dict[str, Any]]] = [
    ("EventBridge", "aws.cloudtrail", {**BRIDGE, "detail-type": "AWS API Call via CloudTrail", "detail": AWS}, AWS),
    (
        "EventBridge, a sign-in",
        "aws.cloudtrail",
        {**BRIDGE, "detail-type": "AWS Console Sign In via CloudTrail", "detail": LOGIN},
        LOGIN,
    ),
    ("a file of S3", "aws.cloudtrail", {"Records": [AWS]}, AWS),
    ("Pub/Sub", "gcp.audit", PUSH, ENTRY),
    ("Eventarc", "gcp.audit", EVENTARC, ENTRY),
    ("diagnostic settings", "azure.activity", {"records": [vendors_cloud.AUDIT]}, vendors_cloud.AUDIT),
    ("an audit webhook", "kubernetes.audit", LIST, vendors.POD_EXEC),
    ("the Audit Logs API", "slack.audit", {"entries": [vendors.SLACK], "response_metadata": {}}, vendors.SLACK),
    ("a batch of CloudEvents", "cloudevents", [vendors.CLOUD_EVENT], vendors.CLOUD_EVENT),
    ("an array", "generic", [vendors.GENERIC], vendors.GENERIC),
]


@pytest.mark.parametrize(("name", "mapping", "body", "inner"), SAME, ids=[one[0] for one in SAME])
def test_an_envelope_gives_the_event_that_lies_in_it(name: str, mapping: str, body: Any, inner: dict[str, Any]) -> None:
    event = event_of(body, mapping)

    assert event.raw == inner
    assert fields_of(event) == fields_of(event_of(inner, mapping))
    assert event.identity == event_of(inner, mapping).identity


def test_an_okta_hook_names_its_organisation() -> None:
    event = event_of(vendors.OKTA_HOOK, "okta.system_log", {"host": "approvals.example.com"})

    assert event.raw == vendors.OKTA_EVENT
    assert event.source.tenant == "acme.okta.com"
    assert event.id == "u"


def test_event_grid_has_the_id_and_the_time_in_its_envelope() -> None:
    wanted = {
        "id": "g1",
        "time": "2026-03-03T10:00:00",
        "action": "Microsoft.Network/networkSecurityGroups/write",
        "outcome": "success",
        "actor.id": "eve@example.com",
        "actor.email": "eve@example.com",
        "actor.ip": "203.0.113.7",
        "resource.id": "/subscriptions/0/resourceGroups/rg/providers/Microsoft.Network/networkSecurityGroups/nsg",
        "source.tenant": "t1",
    }
    as_cloud_event = {
        "specversion": "1.0",
        "id": "g1",
        "time": vendors_cloud.EVENT_GRID["eventTime"],
        "data": vendors_cloud.EVENT_GRID["data"],
    }

    assert fields_of(event_of([vendors_cloud.EVENT_GRID], "azure.activity")) == wanted
    assert fields_of(event_of(as_cloud_event, "azure.activity")) == wanted


def test_the_start_and_the_end_of_an_azure_operation_are_two_events() -> None:
    started = {**vendors_cloud.ACTIVITY, "resultType": "Start"}

    first, second = events_of({"records": [started, vendors_cloud.ACTIVITY]}, "azure.activity")

    assert isinstance(first, Event)
    assert isinstance(second, Event)
    assert first.raw["correlationId"] == second.raw["correlationId"]
    assert first.identity != second.identity


def test_a_workspace_activity_is_merged_with_each_of_its_events() -> None:
    event = event_of({"kind": "admin#reports#activities", "items": [vendors_cloud.WORKSPACE_ITEM]}, "google.workspace")

    assert fields_of(event) == {
        "id": "q/CHANGE_APPLICATION_SETTING",
        "time": "2026-03-03T10:00:00",
        "action": "admin.CHANGE_APPLICATION_SETTING",
        "outcome": "success",
        "actor.id": "eve@example.com",
        "actor.email": "eve@example.com",
        "resource.id": "ContextAwareAccess x",
        "source.service": "admin",
    }


def test_a_github_webhook_has_its_type_and_its_id_in_headers() -> None:
    headers = {"x-github-event": "branch_protection_rule", "x-github-delivery": "d-1"}

    assert fields_of(event_of(vendors.GITHUB_HOOK, "github.webhook", headers)) == {
        "id": "d-1",
        "time": "2026-03-03T10:00:00",
        "action": "branch_protection_rule.deleted",
        "outcome": "success",
        "actor.id": "eve-acme",
        "actor.name": "eve-acme",
        "actor.type": "User",
        "resource.id": "acme/shop",
        "resource.type": "repository",
        "source.service": "github",
        "source.tenant": "acme",
    }


def test_a_binary_cloudevent_is_the_structured_one() -> None:
    event = vendors.CLOUD_EVENT
    headers = {f"ce-{name}": str(value) for name, value in event.items() if name != "data"}

    assert is_binary_mode(headers)
    assert fold_binary_mode(headers, event["data"]) == event
    assert fold_binary_mode({**headers, "ce-subject": "caf%C3%A9"}, {})["subject"] == "café"
    assert not is_binary_mode({"ce-id": "1", "ce-type": "t", "ce-source": "s"})


def test_a_binary_event_of_eventarc_is_a_log_entry() -> None:
    headers = {f"ce-{name}": str(value) for name, value in EVENTARC.items() if name != "data"}

    assert event_of(fold_binary_mode(headers, ENTRY), "gcp.audit").raw == ENTRY


@pytest.mark.parametrize(
    ("written", "host"),
    [
        ("203.0.113.7:52412", "203.0.113.7"),
        ("203.0.113.7", "203.0.113.7"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("2001:db8::1", "2001:db8::1"),
        ("db-1.example.com:22", "db-1.example.com"),
        ("https://acme.okta.com/api/v1", "acme.okta.com"),
        ("https://acme.okta.com:8443", "acme.okta.com"),
    ],
)
def test_an_address_is_told_without_its_port(written: str, host: str) -> None:
    event = event_of({**vendors.TELEPORT, "addr.remote": written}, "teleport")

    assert event.actor.ip == host
