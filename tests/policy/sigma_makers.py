"""Makers of Sigma documents, and what becomes of them."""

from collections.abc import Mapping
from typing import Any

import yaml

from approvalbot.policy.conditions.compile import compile_tree
from approvalbot.policy.conditions.placeholders import Placeholders
from approvalbot.policy.conditions.tree import Node
from approvalbot.policy.conditions.view import View
from approvalbot.policy.faults import Finding
from approvalbot.policy.sigma.detection import parse_detection, sigma_reading
from approvalbot.policy.sigma.logsources import Known
from tests.events.makers import event_of
from tests.policy.makers import APPROVAL

AWS = {"product": "aws", "service": "cloudtrail"}


def sigma_rule(**changes: Any) -> dict[str, Any]:
    """A whole rule; a change of None leaves a key out."""
    document = {
        "title": "A rule",
        "id": "11111111-2222-4333-8444-555555555555",
        "status": "test",
        "level": "medium",
        "author": "A. Author",
        "logsource": AWS,
        "detection": {"selection": {"eventName": "CreateUser"}, "condition": "selection"},
        **changes,
    }
    return {key: value for key, value in document.items() if value is not None}


def sigma_pack(**changes: Any) -> dict[str, Any]:
    return {
        "version": 1,
        "kind": "SigmaPack",
        "id": "a-pack",
        "owner": "o",
        "title": "A pack",
        "include": ["sigma/**"],
        "severity": "low",
        "approval": APPROVAL,
        **changes,
    }


def in_one_file(*documents: Mapping[str, Any]) -> str:
    """Several documents as one YAML file."""
    return "---\n".join(yaml.safe_dump(dict(one), sort_keys=False) for one in documents)


def sigma_tree(detection: Any, lists: Mapping[str, tuple[str, ...]] | None = None) -> tuple[Node, list[Finding]]:
    findings: list[Finding] = []
    tree = parse_detection(detection, sigma_reading(Known(), Placeholders(lists or {})), findings)
    return tree, findings


def sigma_holds(detection: Any, body: Any, lists: Mapping[str, tuple[str, ...]] | None = None) -> bool:
    """Whether a detection holds for an event."""
    tree, findings = sigma_tree(detection, lists)
    assert not findings, findings
    return compile_tree(tree)(View(event_of(body)))


def selects(selection: Any, body: Any, lists: Mapping[str, tuple[str, ...]] | None = None) -> bool:
    """Whether a single selection holds for an event."""
    return sigma_holds({"selection": selection, "condition": "selection"}, body, lists)


def refusal(selection: Any) -> Finding:
    """Why a single selection is refused."""
    _, findings = sigma_tree({"selection": selection, "condition": "selection"})
    (finding,) = findings
    return finding
