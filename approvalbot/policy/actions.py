"""The named actions that an effect may run: their parameters, which of those are addresses, and what each does.

The table is what a document is checked against; the edges that perform the actions are elsewhere. An action that takes
an address from the event needs hosts it may go to: whoever sends the event must not choose where our answer goes
(threat 30).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Action:
    """The parameters of one action. `hosts` are the hosts that its `urls` may name; a deployment may add its own.

    `choices` are the values that a parameter may have; `yes` is the one among them that lets something through, which
    only an approval may send. `does` completes "this would …", and `undoes` says whether that takes something back.
    `facts` are further values that the action is checked against, by the path at which an event has them.
    """

    required: frozenset[str]
    optional: frozenset[str] = frozenset()
    urls: frozenset[str] = frozenset()
    hosts: frozenset[str] = frozenset()
    choices: Mapping[str, frozenset[str]] = field(default_factory=dict)
    yes: Mapping[str, str] = field(default_factory=dict)
    does: str = ""
    undoes: bool = True
    facts: Mapping[str, str] = field(default_factory=dict)


ACTIONS: Mapping[str, Action] = {
    "aws.detach_policy": Action(
        frozenset({"policy"}),
        frozenset({"user", "role", "group", "account"}),
        does="take the IAM policy away",
        facts={"account": "$source.tenant"},
    ),
    "aws.remove_user_from_group": Action(
        frozenset({"user", "group"}),
        frozenset({"account"}),
        does="take the IAM user out of the group",
        facts={"account": "$source.tenant"},
    ),
    "github.deployment_callback": Action(
        frozenset({"url", "environment", "state"}),
        frozenset({"comment"}),
        urls=frozenset({"url"}),
        hosts=frozenset({"api.github.com"}),
        choices={"state": frozenset({"approved", "rejected"})},
        yes={"state": "approved"},
        does="answer the deployment at GitHub",
        undoes=False,
        facts={
            "repository": "repository.full_name",
            "repository_id": "repository.id",
            "installation": "installation.id",
        },
    ),
    "kubernetes.delete_pod": Action(frozenset({"cluster", "namespace", "name"}), does="delete the pod"),
    "okta.revoke_admin_role": Action(
        frozenset({"user"}), frozenset({"role"}), does="take the Okta administrator role away"
    ),
}


def provider_type(action: str) -> str:
    """The type of provider that performs an action: `aws` for `aws.detach_policy`."""
    return action.partition(".")[0]
