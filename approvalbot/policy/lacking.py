"""Actions that nobody performs: an effect names one, and no provider of the folder can do it."""

from collections.abc import Iterator, Mapping

from approvalbot.policy.action_providers import ActionProvider
from approvalbot.policy.actions import provider_type
from approvalbot.policy.documents import Policy
from approvalbot.policy.entitlement import Entitlement
from approvalbot.policy.faults import KeyPath
from approvalbot.policy.message import EFFECT_LISTS, Effect
from approvalbot.policy.pack import SigmaPack


def lacking(
    document: Policy | SigmaPack | Entitlement, providers: Mapping[str, ActionProvider]
) -> Iterator[tuple[KeyPath, str]]:
    """The effects whose action no provider performs: where each stands, and which provider it needs."""
    for listed in EFFECT_LISTS:
        effects: tuple[Effect, ...] = getattr(document, listed)
        for place, effect in enumerate(effects):
            if effect.action is not None and (needed := _needed(effect, providers)):
                yield (listed, place, "action"), needed


def _needed(effect: Effect, providers: Mapping[str, ActionProvider]) -> str:
    """The name of the provider that an effect needs and that is not there, or an empty text."""
    kind = provider_type(effect.action or "")
    if kind in {"okta", "aws"}:
        return "" if kind in providers else kind
    cluster = effect.with_.get("cluster")
    if kind == "kubernetes" and isinstance(cluster, str) and "{{" not in cluster:
        name = f"kubernetes/{cluster}"
        return "" if name in providers else name
    there = any(one.type == kind for one in providers.values())
    return "" if there else {"kubernetes": "kubernetes/<cluster>"}.get(kind, kind)
