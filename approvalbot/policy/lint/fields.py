"""Lint of field names that no known event of the source has: mostly a slip, sometimes a rare event."""

from collections.abc import Iterable, Mapping
from typing import Any

from approvalbot.events.paths import compile_path
from approvalbot.policy.conditions.tree import Node, leaves
from approvalbot.policy.documents import Policy
from approvalbot.policy.lint.finding import Smell, Smells
from approvalbot.policy.policyset import PolicySet

Samples = Mapping[str, Iterable[Mapping[str, Any]]]
"""Known raw events by the name of their mapping."""


def field_smells(policy: Policy, tree: Node, policies: PolicySet, samples: Samples) -> Smells:
    """The raw fields of a condition that no sample has, and headers that no source of the policy passes on."""
    known = [event for name in policy.source for event in samples.get(_mapping(policies, name), ())]
    told: set[str] = set()
    for leaf in leaves(tree):
        name = leaf.field.name
        if name in told:
            continue
        told.add(name)
        if name.startswith("$header."):
            yield from _header(policy, name, policies)
        elif known and not name.startswith("$") and not any(compile_path(name)(event, {}) for event in known):
            message = f"{name} stands in none of {len(known)} known events of {', '.join(policy.source)}"
            yield Smell("unknown-field", "warning", ("match",), message)


def _header(policy: Policy, name: str, policies: PolicySet) -> Smells:
    header = name.removeprefix("$header.").lower()
    sources = [policies.sources[one] for one in policy.source if one in policies.sources]
    passed = [
        source
        for source in sources
        if header in {one.lower() for one in source.headers} or header in policies.tables[source.mapping].headers
    ]
    if sources and not passed:
        message = f"no source of this policy passes the header {header} on; add it to the source's headers"
        yield Smell("unknown-field", "warning", ("match",), message)


def _mapping(policies: PolicySet, source: str) -> str:
    found = policies.sources.get(source)
    return found.mapping if found else source
