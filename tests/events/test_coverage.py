"""How much of the reference's events the mappings read: for each field, the share of events where it finds a value.

The figures are those of the shipped tables; a change of a table that reads less has to say so here.
"""

from collections import Counter, defaultdict
from pathlib import Path

import pytest

from approvalbot.events.event import Event
from tests.events.makers import MAPPING_OF, events_of, sample_headers, samples

FIELDS = ("id", "time", "action", "actor", "resource", "outcome", "tenant")
LEAST: dict[tuple[str, str], tuple[int, ...]] = {
    ("stratus", "AWS.CloudTrail"): (100, 100, 100, 100, 100, 100, 100),
    ("octokit", "GitHub.Webhook"): (100, 100, 100, 100, 100, 97, 100),
    ("dd-vault", "HashiCorp.Vault"): (100, 100, 100, 100, 100, 100, 100),
    ("falco-k8s", "Kubernetes.Audit"): (88, 88, 88, 88, 88, 88, 88),
    ("google-cloudevents", "GCP.CloudEvents"): (35, 35, 35, 35, 35, 35, 35),
    ("panther", "AWS.CloudTrail"): (83, 91, 100, 75, 100, 100, 83),
    ("panther", "GCP.AuditLog"): (83, 100, 100, 75, 83, 100, 100),
    ("panther", "Azure.MonitorActivity"): (100, 100, 100, 0, 100, 100, 100),
    ("panther", "Azure.Audit"): (100, 100, 100, 100, 100, 100, 100),
    ("panther", "Okta.SystemLog"): (75, 75, 75, 75, 75, 16, 75),
    ("panther", "GSuite.ActivityEvent"): (33, 83, 100, 100, 100, 100, 83),
    ("panther", "GitHub.Audit"): (11, 55, 100, 88, 100, 100, 100),
    ("panther", "Gravitational.TeleportAudit"): (100, 100, 100, 100, 100, 100, 85),
    ("panther", "Slack.AuditLogs"): (0, 0, 100, 100, 100, 100, 100),
}


@pytest.fixture(scope="module")
def found(shared: Path) -> dict[tuple[str, str], Counter[str]]:
    seen: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    for sample in samples(shared):
        count = seen[sample["source"], sample["log_type"]]
        mapping = MAPPING_OF.get(sample["log_type"], "generic")
        for event in events_of(sample["event"], mapping, sample_headers(sample), {"_cluster": "c"}):
            count["all"] += 1
            count.update(fields_found(event) if isinstance(event, Event) else ())
    return seen


def fields_found(event: Event) -> list[str]:
    values = (
        event.id,
        event.time,
        event.action,
        event.actor.id,
        event.resource.id,
        event.outcome != "unknown",
        event.source.tenant,
    )
    return [name for name, value in zip(FIELDS, values, strict=True) if value]


@pytest.mark.parametrize("log", LEAST, ids=" ".join)
def test_a_mapping_reads_no_less_than_it_did(log: tuple[str, str], found: dict[tuple[str, str], Counter[str]]) -> None:
    count = found[log]

    assert tuple(100 * count[name] // count["all"] for name in FIELDS) >= LEAST[log]
    assert all(100 * count[name] // count["all"] >= least for name, least in zip(FIELDS, LEAST[log], strict=True))
