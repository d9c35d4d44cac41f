"""The provider `slack_group`: whoever asked is in a Slack user group for the time of the grant.

Slack writes the members of a group whole, so they are read, changed and written by one worker at a time, and read once
more. What somebody else writes between our reading and our writing, a few hundred milliseconds, is overwritten: Slack
has no way to say "unless it changed".
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from approvalbot.errors import DeliveryFailed
from approvalbot.grants.allowing import allowed
from approvalbot.grants.sharing import Holds, Seat, give, take


class UserGroups(Protocol):
    """The user groups of the workspace. Every method raises `DeliveryFailed` when Slack does not do it."""

    def named(self, name: str) -> str | None:
        """The id of a group by its @handle or its id, or None."""

    def members(self, group: str) -> Sequence[str]:
        """Who is in a group, as Slack says now."""

    def write(self, group: str, members: Sequence[str]) -> Sequence[str]:
        """Replace the members; gives those that Slack then has."""


class SlackGroupGrants:
    """Puts people into a user group, and takes out what it put in."""

    def __init__(self, groups: UserGroups, holds: Holds) -> None:
        self._groups = groups
        self._holds = holds

    def start(self, order: Mapping[str, Any], _key: str, _now: datetime) -> str:
        """Put the requester in."""
        return give(self._holds, self._seat(order), str(order["request_id"]))

    def extend(self, order: Mapping[str, Any], _key: str, _now: datetime) -> None:
        """A group knows no end of its own; whoever was taken out meanwhile is put in again."""
        give(self._holds, self._seat(order), str(order["request_id"]))

    def end(self, order: Mapping[str, Any], _key: str, _now: datetime) -> None:
        """Take the requester out, if they were put in by this grant and no other holds them there."""
        take(self._holds, self._seat(order), str(order["request_id"]), str(order.get("reference") or ""))

    def _seat(self, order: Mapping[str, Any]) -> Seat:
        name, user = allowed(order["parameters"], "group"), order["requester"].get("slack")
        if not user:
            raise DeliveryFailed("grant_failed", "Whoever asked has no Slack account that is known here.", final=True)
        group = self._groups.named(name)
        if group is None:
            raise DeliveryFailed("grant_failed", f"There is no user group {name}.", final=True)
        return Seat(
            name=f"slack_group:{group}:{user}",
            lock=f"slack_group:{group}",
            is_there=lambda: user in self._groups.members(group),
            add=lambda: self._add(group, name, user),
            remove=lambda: self._remove(group, name, user),
        )

    def _add(self, group: str, name: str, user: str) -> None:
        before = self._groups.members(group)
        if not before:
            # Slack keeps no empty group, so whoever is put in alone could not be taken out again.
            sentence = f"{name} has nobody in it; put somebody in who stays, or nobody could be taken out again."
            raise DeliveryFailed("grant_failed", sentence, final=True)
        if user not in self._groups.write(group, [*before, user]):
            raise DeliveryFailed("grant_failed", f"Slack did not put them into {name}.")

    def _remove(self, group: str, name: str, user: str) -> None:
        left = [one for one in self._groups.members(group) if one != user]
        if not left:
            raise DeliveryFailed("grant_failed", f"They are the last in {name}, and Slack keeps no empty group.")
        if user in self._groups.write(group, left):
            raise DeliveryFailed("grant_failed", f"Slack did not take them out of {name}.")
