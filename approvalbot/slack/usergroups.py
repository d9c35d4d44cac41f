"""The members of user groups, read and written as Slack has them now."""

from collections.abc import Mapping, Sequence
from typing import Any

from approvalbot.errors import DeliveryFailed
from approvalbot.slack.api import SlackApi, SlackFault
from approvalbot.slack.people import SlackPeople

FINAL = frozenset(
    {
        "invalid_users",
        "missing_scope",
        "no_such_subteam",
        "no_users_provided",
        "not_allowed_token_type",
        "paid_teams_only",
        "permission_denied",
        "plan_upgrade_required",
        "single_channel_guests_cannot_be_added",
        "subteam_max_users_exceeded",
        "user_is_restricted",
    }
)
"""Answers that asking again will not change (docs.slack.dev, usergroups.users.update)."""

HINTS = {
    "missing_scope": "Install the app again with the scope usergroups:write: `approvalbot slack manifest --groups`.",
    "permission_denied": "Let everyone, and so the app, change user groups: Workspace settings, Permissions.",
}


class SlackUserGroups:
    """Reads without a cache, and forgets what was kept when it writes: approvals depend on who is in a group."""

    def __init__(self, api: SlackApi, people: SlackPeople) -> None:
        self._api = api
        self._people = people

    def named(self, name: str) -> str | None:
        """The id of a group by its @handle or its id, or None."""
        try:
            found = self._api.read("usergroups.list")["usergroups"]
        except SlackFault as fault:
            raise _failed(fault) from fault
        known = {str(group["handle"]): str(group["id"]) for group in found}
        return name if name in known.values() else known.get(name.removeprefix("@"))

    def members(self, group: str) -> Sequence[str]:
        """Who is in a group, as Slack says now."""
        try:
            return [str(user) for user in self._api.read("usergroups.users.list", usergroup=group)["users"]]
        except SlackFault as fault:
            raise _failed(fault) from fault

    def write(self, group: str, members: Sequence[str]) -> Sequence[str]:
        """Replace the members; gives those that Slack then has."""
        try:
            said: Mapping[str, Any] = self._api.write("usergroups.users.update", usergroup=group, users=list(members))
        except SlackFault as fault:
            raise _failed(fault) from fault
        finally:
            self._people.forget(f"usergroup:{group}")
        found = (said.get("usergroup") or {}).get("users")
        return [str(user) for user in found] if isinstance(found, list) else self.members(group)


def _failed(fault: SlackFault) -> DeliveryFailed:
    return DeliveryFailed(
        "grant_failed",
        fault.sentence,
        hint=HINTS.get(fault.error, fault.hint),
        retry_after_s=fault.retry_after_s,
        final=fault.error in FINAL,
    )
