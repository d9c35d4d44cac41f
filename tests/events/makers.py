"""Makers of the values that the events room works on."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from approvalbot.events.event import Event
from approvalbot.events.mapping import load_tables
from approvalbot.events.normalise import BadEvent, RawEvent, normalise, unwrap, visible_headers

T0 = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)

MAPPING_OF = {
    "AWS.CloudTrail": "aws.cloudtrail",
    "GitHub.Webhook": "github.webhook",
    "GitHub.Audit": "github.audit",
    "Okta.SystemLog": "okta.system_log",
    "GCP.AuditLog": "gcp.audit",
    "GCP.CloudEvents": "gcp.audit",
    "Azure.MonitorActivity": "azure.activity",
    "Azure.Audit": "azure.activity",
    "Kubernetes.Audit": "kubernetes.audit",
    "Gravitational.TeleportAudit": "teleport",
    "HashiCorp.Vault": "vault",
    "GSuite.ActivityEvent": "google.workspace",
    "Slack.AuditLogs": "slack.audit",
}
"""Which mapping reads the sample events of a log type; `generic` reads the rest."""


def events_of(
    body: Any, mapping: str, headers: dict[str, str] | None = None, constants: dict[str, str] | None = None
) -> list[Event | BadEvent]:
    table = load_tables()[mapping]
    return [
        raw
        if isinstance(raw, BadEvent)
        else normalise(
            table,
            raw,
            source=mapping,
            headers=visible_headers(table, headers or {}, headers or ()),
            received_at=T0,
            constants=constants or {},
        )
        for raw in unwrap(table, body)
    ]


def event_of(body: Any, mapping: str = "generic", headers: dict[str, str] | None = None, **constants: str) -> Event:
    (event,) = events_of(body, mapping, headers, constants)
    assert isinstance(event, Event), event
    return event


def raw_of(body: Any, mapping: str) -> list[RawEvent | BadEvent]:
    return unwrap(load_tables()[mapping], body)


def samples(shared: Path) -> Iterator[dict[str, Any]]:
    """Every sample event with its metadata."""
    for path in sorted((shared / "events").glob("*.jsonl")):
        if path.name != "sigma_expected.jsonl":
            for line in path.read_text(encoding="utf-8").splitlines():
                yield json.loads(line)


def sample_headers(sample: dict[str, Any]) -> dict[str, str]:
    kind = sample["label"].get("x_github_event")
    return {"x-github-event": kind, "x-github-delivery": sample["id"]} if kind else {}


def fields_of(event: Event) -> dict[str, Any]:
    """The normalised fields that are there, by the names that policies use; `raw`, digests and headers left out."""
    made: dict[str, Any] = {"id": event.id, "action": event.action, "outcome": event.outcome, "reason": event.reason}
    made["time"] = event.time.strftime("%Y-%m-%dT%H:%M:%S") if event.time else None
    for room in ("actor", "resource", "source"):
        made |= {f"{room}.{key}": value for key, value in asdict(getattr(event, room)).items()}
    return {key: value for key, value in made.items() if value not in (None, (), "") and key != "source.name"}
