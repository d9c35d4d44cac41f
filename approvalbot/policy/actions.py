"""The named actions that an effect may run: their parameters, and which of those are addresses.

The table is what a document is checked against; the edges that perform the actions are elsewhere. An action that takes
an address from the event needs hosts it may go to: whoever sends the event must not choose where our answer goes
(threat 30).
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Action:
    """The parameters of one action. `hosts` are the hosts that its `urls` may name; a deployment may add its own."""

    required: frozenset[str]
    optional: frozenset[str] = frozenset()
    urls: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()


ACTIONS: Mapping[str, Action] = {
    "aws.detach_policy": Action(frozenset({"policy"}), frozenset({"user", "role", "group", "account"})),
    "aws.remove_user_from_group": Action(frozenset({"user", "group"}), frozenset({"account"})),
    "github.deployment_callback": Action(
        frozenset({"url", "environment", "state"}),
        frozenset({"comment"}),
        urls=frozenset({"url"}),
        hosts=frozenset({"api.github.com"}),
    ),
    "kubernetes.delete_pod": Action(frozenset({"cluster", "namespace", "name"})),
    "okta.revoke_admin_role": Action(frozenset({"user"}), frozenset({"role"})),
}
