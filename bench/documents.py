"""The policies that the benches load: written into a folder, as an operator would."""

from pathlib import Path
from typing import Any

import yaml

KEY = "whsec_YSBiZW5jaCdzIG93biBrZXkgb2YgMzIgYnl0ZXMhIQ=="
"""The key of the one source: opens nothing outside a bench."""

CALLBACK_URL = "http://127.0.0.1:9/callbacks"
"""Nobody listens at the discard port: answers are written to the outbox, and no bench performs them there."""

GROUPS = ("@first", "@second", "@third")
SOURCE = "deploy-tool"
CHANNEL = "#approvals"
ENVIRONMENT = {"BENCH_KEY": KEY}

Document = dict[str, Any]


def policy(name: str, match: Document, **approval: Any) -> Document:
    """A gate whose one level asks the three groups, or those of `asking`."""
    timeout = approval.pop("timeout", "1h")
    level = {
        "name": "owners",
        "approvers": [{"usergroup": group} for group in approval.pop("asking", GROUPS)],
        "notify": [{"channel": CHANNEL}],
        "timeout": timeout,
    }
    return {
        "version": 1,
        "kind": "Policy",
        "id": name,
        "title": "Production deploy",
        "owner": "team-platform",
        "request": "gate",
        "severity": "medium",
        "source": SOURCE,
        "match": match,
        "approval": {**approval, "levels": [level]},
        "message": {
            "summary": "{{ $actor.name }} wants to deploy {{ $resource.id }} to {{ target.environment }}",
            "fields": ["target.environment", "sha"],
        },
    }


def deploy_gate(**approval: Any) -> Document:
    """The policy that an event of `deploy_event` matches."""
    return policy("deploy-gate", {"action": "deploy.requested", "target.environment": "production"}, **approval)


def others(count: int) -> list[Document]:
    """Policies that look at the same fields and match none of our events."""
    return [
        policy(f"other-{number:05}", {"action": f"job{number:05}.requested", "target.environment": "production"})
        for number in range(count)
    ]


def surroundings(*, callback: bool = False) -> list[Document]:
    """The source, who signs by Standard Webhooks, and the identities of the requesters."""
    source: Document = {
        "name": SOURCE,
        "mapping": "generic",
        "auth": {"type": "standard_webhooks", "secret": "env:BENCH_KEY"},
        "may_wait": True,
        "trust_actor": True,
        "rate": 1_000_000,
    }
    sources: Document = {"version": 1, "kind": "Sources", "id": "sources", "owner": "team-platform"}
    if callback:
        source["callback"] = "deploy-tool"
        sources["destinations"] = [{"name": "deploy-tool", "url": CALLBACK_URL, "secret": "env:BENCH_KEY"}]
    eve = {"id": "eve", "name": "Eve Eade", "slack": "U0EVE", "emails": ["eve@example.com"]}
    people = {"version": 1, "kind": "Identities", "id": "people", "owner": "team-identity", "people": [eve]}
    return [{**sources, "sources": [source]}, people]


def write(folder: Path, *documents: Document) -> Path:
    """Write documents into a folder; gives the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "all.yaml").write_text(yaml.safe_dump_all(documents, sort_keys=False), encoding="utf-8")
    return folder


def deploy_event(name: str, *, action: str = "deploy.requested") -> Document:
    """An event of half a kilobyte, as a deploy tool sends it."""
    return {
        "id": name,
        "action": action,
        "time": "2026-03-03T12:00:00Z",
        "actor": {"id": "eve@example.com", "name": "Eve Eade", "type": "user", "ip": "203.0.113.7"},
        "resource": {"id": "acme/shop", "type": "repository"},
        "target": {"environment": "production", "cluster": "eu-west-1-blue", "namespace": "shop"},
        "sha": "4f2c9e1b7a6d5c4b3a291807f6e5d4c3b2a19081",
        "ref": "refs/tags/v2026.03.03",
        "changes": {"files": 42, "added": 311, "removed": 97},
        "pipeline": {"id": 918273, "url": "https://ci.example.com/pipelines/918273", "stage": "deploy"},
    }
