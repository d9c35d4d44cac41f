"""The reference's expected Sigma hits: every rule judged on every event of its logsource, through both ways to load it.

`sigma_expected.jsonl` also names rules that are not in the folder; only those that are there count.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from approvalbot.events.event import Event
from approvalbot.events.normalise import BadEvent
from approvalbot.policy.folder import Folder
from approvalbot.policy.parse import load_policies
from approvalbot.policy.policyset import PolicySet
from tests.events.makers import MAPPING_OF, events_of, sample_headers, samples
from tests.policy.makers import APPROVAL

MAPPINGS = sorted({"aws.cloudtrail", "github.audit", "okta.system_log", *MAPPING_OF.values()})
SOURCES = {
    "version": 1,
    "kind": "Sources",
    "id": "sources",
    "owner": "o",
    "sources": [
        {"name": name, "mapping": name, "auth": {"type": "bearer", "secret": "env:KEY"}, "set": {"_cluster": "c"}}
        for name in MAPPINGS
    ],
}


def folder_of(shared: Path, **documents: dict[str, Any]) -> Folder:
    """The reference's rules below `sigma/`, unchanged, and these documents beside them."""
    rules = shared / "policies/sigma/rules"
    held = {f"sigma/{path.relative_to(rules)}": path.read_bytes() for path in sorted(rules.rglob("*.yml"))}
    held |= {f"{name}.yaml": yaml.safe_dump(one).encode() for name, one in {"sources": SOURCES, **documents}.items()}
    return Folder.of(held)


def as_pack(shared: Path) -> PolicySet:
    pack = {
        "version": 1,
        "kind": "SigmaPack",
        "id": "pack",
        "owner": "o",
        "title": "All of them",
        "include": "sigma/**",
        "severity": "low",
        "approval": APPROVAL,
    }
    return load_policies(folder_of(shared, pack=pack))


def as_policies(shared: Path) -> PolicySet:
    """One policy a rule, the rule by its file and the source by its folder."""
    documents = {}
    for number, name in enumerate(folder_of(shared).matching("sigma/**")):
        source = "okta.system_log" if "okta" in name else "aws.cloudtrail" if "aws" in name else "github.audit"
        documents[f"policy-{number}"] = {
            "version": 1,
            "id": f"policy-{number}",
            "owner": "o",
            "title": "A rule",
            "request": "review",
            "severity": "low",
            "source": source,
            "sigma": {"file": name},
            "approval": APPROVAL,
        }
    return load_policies(folder_of(shared, **documents))


def hits_of(policies: PolicySet, event: Event) -> set[str]:
    matches = policies.matcher.match(event)
    assert not [match.error for match in matches if match.error]
    return {match.rule.id for match in matches if match.rule is not None}


@pytest.mark.parametrize("loaded", [as_pack, as_policies])
def test_every_event_hits_exactly_the_rules_that_the_reference_names(
    loaded: Callable[[Path], PolicySet], shared: Path
) -> None:
    policies = loaded(shared)
    here = {one.policy.rule.id for one in policies.compiled if one.policy.rule is not None}
    lines = (shared / "events/sigma_expected.jsonl").read_text(encoding="utf-8").splitlines()
    expected = {one["id"]: set(one["sigma_expected"]) & here for one in map(json.loads, lines)}

    found: dict[str, set[str]] = {}
    for sample in (one for one in samples(shared) if one["id"] in expected):
        events = events_of(sample["event"], MAPPING_OF[sample["log_type"]], sample_headers(sample))
        # What is no event of its source is refused at the door, and no rule is ever judged on it.
        found[sample["id"]] = {hit for one in events if not isinstance(one, BadEvent) for hit in hits_of(policies, one)}

    assert len(here) == 93
    assert len(expected) == 101
    assert sum(map(len, expected.values())) == 15
    assert found == expected
