"""Makers of the values that the policy room works on."""

from collections.abc import Mapping
from typing import Any

import yaml

from approvalbot.events.event import Event
from approvalbot.policy.conditions.compile import compile_tree
from approvalbot.policy.conditions.parse import parse_match
from approvalbot.policy.conditions.placeholders import Placeholders
from approvalbot.policy.conditions.tree import Node
from approvalbot.policy.conditions.view import View
from approvalbot.policy.faults import Fault, Finding, PolicyFaults
from approvalbot.policy.folder import Folder
from approvalbot.policy.parse import load_policies
from approvalbot.policy.policyset import PolicySet
from tests.events.makers import event_of

SOURCES = """
version: 1
kind: Sources
id: sources
owner: team-platform
sources:
  - {name: generic, mapping: generic, auth: {type: bearer, secret: env:KEY}, may_wait: true, trust_actor: true}
  - {name: aws.cloudtrail, mapping: aws.cloudtrail, auth: {type: bearer, secret: env:KEY}}
  - {name: okta.system_log, mapping: okta.system_log, auth: {type: okta, secret: env:KEY}}
  - {name: github.webhook, mapping: github.webhook, auth: {type: github, secret: env:KEY}}
destinations:
  - {name: siem, url: https://siem.example.com/hook, secret: env:SIEM}
  - {name: grants, url: https://grants.example.com/hook, secret: env:GRANTS}
"""

APPROVAL: dict[str, Any] = {
    "levels": [{"name": "on-call", "approvers": [{"usergroup": "@team"}], "timeout": "30m"}],
}


def policy_document(**changes: Any) -> dict[str, Any]:
    """A whole policy as its author would write it; a change of None leaves a key out."""
    document = {
        "version": 1,
        "id": "a-policy",
        "owner": "team-security",
        "title": "A policy",
        "request": "review",
        "severity": "low",
        "source": "generic",
        "match": {"action": "deploy"},
        "approval": APPROVAL,
        **changes,
    }
    return {key: value for key, value in document.items() if value is not None}


def entitlement_document(**changes: Any) -> dict[str, Any]:
    document = {
        "version": 1,
        "kind": "Entitlement",
        "id": "prod-admin",
        "owner": "team-security",
        "title": "Production administrator",
        "severity": "medium",
        "requestable_by": [{"usergroup": "@engineers"}],
        "duration": {"default": "1h", "max": "4h"},
        "grant": {"provider": "webhook", "with": {"to": "grants"}},
        "approval": APPROVAL,
        **changes,
    }
    return {key: value for key, value in document.items() if value is not None}


def load(*documents: Mapping[str, Any] | str, sources: str = SOURCES, **files: str | bytes) -> PolicySet:
    """The set of these documents, each in a file of its own, beside the sources. `__` in a name stands for `/`."""
    held: dict[str, bytes] = {"sources.yaml": sources.encode()} if sources else {}
    for number, document in enumerate(documents):
        text = document if isinstance(document, str) else yaml.safe_dump(document, sort_keys=False)
        held[f"policy-{number}.yaml"] = text.encode()
    for name, body in files.items():
        path = name.replace("__", "/").replace("_ics", ".ics")
        held[path if path.endswith(".ics") else f"{path}.yaml"] = body.encode() if isinstance(body, str) else body
    return load_policies(Folder.of(held))


def faults_of(*documents: Mapping[str, Any] | str, sources: str = SOURCES, **files: str | bytes) -> tuple[Fault, ...]:
    """The faults that loading these documents gives."""
    try:
        load(*documents, sources=sources, **files)
    except PolicyFaults as fault:
        return fault.faults
    return ()


def tree_of(match: Mapping[str, Any], lists: Mapping[str, tuple[str, ...]] | None = None) -> Node:
    findings: list[Finding] = []
    tree = parse_match(dict(match), findings, Placeholders(lists or {}))
    assert not findings, findings
    return tree


def holds(match: Mapping[str, Any], body: Any, headers: dict[str, str] | None = None) -> bool:
    """Whether a condition holds for an event."""
    return compile_tree(tree_of(match))(View(event_of(body, headers=headers)))


def findings_of(match: Any) -> list[Finding]:
    findings: list[Finding] = []
    parse_match(match, findings)
    return findings


def event(body: Any = None, mapping: str = "generic", headers: dict[str, str] | None = None) -> Event:
    return event_of(body if body is not None else {"action": "deploy"}, mapping, headers)
