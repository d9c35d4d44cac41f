"""Which provider performs which action. An action without one is not done, and says so."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from approvalbot.actions.aws import detach_policy, remove_user_from_group
from approvalbot.actions.calling import Network
from approvalbot.actions.github import answer_deployment
from approvalbot.actions.kubernetes import delete_pod
from approvalbot.actions.okta import revoke_admin_role
from approvalbot.actions.order import Order, Provider, quoted, refused

Providers = Callable[[str], list[Provider]]
"""The providers of a type, as they are configured now."""


class Registry:
    """Runs actions by name."""

    def __init__(self, network: Network, providers: Providers) -> None:
        self._providers = providers
        self._actions: Mapping[str, Callable[[Order], str]] = {
            "aws.detach_policy": lambda order: detach_policy(network, self._only("aws"), order),
            "aws.remove_user_from_group": lambda order: remove_user_from_group(network, self._only("aws"), order),
            "github.deployment_callback": lambda order: answer_deployment(network, self._some("github"), order),
            "kubernetes.delete_pod": lambda order: delete_pod(network, self._cluster(order), order),
            "okta.revoke_admin_role": lambda order: revoke_admin_role(network, self._only("okta"), order),
        }

    @property
    def names(self) -> frozenset[str]:
        """Every action that can be run."""
        return frozenset(self._actions)

    def run(self, action: str, order: Mapping[str, Any], key: str, now: datetime) -> str:
        """Run one; gives what was found or changed, in a few words.

        Raises:
            DeliveryFailed: not done; `final` when trying again is pointless.
        """
        found = self._actions.get(action)
        if found is None:
            raise refused(f"No action is called {quoted(action)}.")
        return found(Order.of(order, key, now))

    def _some(self, kind: str) -> list[Provider]:
        found = self._providers(kind)
        if not found:
            raise refused(f"No provider {kind} is configured; add it to the providers of a Sources document.")
        return found

    def _only(self, kind: str) -> Provider:
        return self._some(kind)[0]

    def _cluster(self, order: Order) -> Provider:
        """The provider of the cluster that the order names, and no other."""
        name = f"kubernetes/{order.text('cluster')}"
        for provider in self._providers("kubernetes"):
            if provider.name == name:
                return provider
        raise refused(f"No provider {quoted(name)} is configured; add it to the providers of a Sources document.")
