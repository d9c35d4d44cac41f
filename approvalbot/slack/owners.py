"""Tells whoever owns a policy document what concerns it: in their channel, to them, else in the alarm channel.

An `owner` is a channel (`#platform`), or what an approver is (`owner_entry` of `policy/people.py`): a role or a person
of the identities, an e-mail, a Slack id, a user group. A plain name that is none of these is a channel's.
"""

from collections.abc import Callable, Iterable

from approvalbot.errors import MoveRefused
from approvalbot.log import get_logger
from approvalbot.policy.approval import Approver
from approvalbot.policy.environment import Identities
from approvalbot.policy.people import owner_entry
from approvalbot.slack.api import SlackFault
from approvalbot.slack.budget import OPEN_DM, POST, PacedApi, Urgency
from approvalbot.slack.people import SlackPeople

log = get_logger("owners")

MOST_PEOPLE = 20
"""Direct messages for one owner. Chosen by us: a larger group has a channel, and is better told in the alarm channel
than one by one."""


class Owners:
    """Says something to the owner of a document."""

    def __init__(
        self, api: PacedApi, people: SlackPeople, identities: Callable[[], Identities], alarm_channel: str = ""
    ) -> None:
        self._api = api
        self._people = people
        self._identities = identities
        self._alarm_channel = alarm_channel

    def tell(self, owner: str, text: str) -> bool:
        """Post `text`, which is mrkdwn, where the owner reads it; the alarm channel stands in for an owner whom nobody
        knows or who is not reached. Gives whether anybody was told.

        Raises:
            SlackFault: Slack did not do it now.
            MoveRefused: Slack does not say now who the owner is.
        """
        if self._post(self._places(owner), text):
            return True
        channel = self._people.channel_id(self._alarm_channel) if self._alarm_channel else None
        told = channel is not None and self._post([lambda: channel], text)
        if not told:
            log.error("nobody told", owner=owner, alarm_channel=self._alarm_channel or "none")
        return told

    def _places(self, owner: str) -> list[Callable[[], str]]:
        """Where the owner is told, each given when it is asked for."""
        if not owner:
            return []
        if owner.startswith("#"):
            return self._channel(owner)
        entry = owner_entry(owner, self._identities())
        return self._direct(entry) or ([] if "@" in owner else self._channel(f"#{owner}"))

    def _channel(self, name: str) -> list[Callable[[], str]]:
        channel = self._people.channel_id(name)
        return [] if channel is None else [lambda: channel]

    def _direct(self, entry: Approver) -> list[Callable[[], str]]:
        found = self._people.members(entry, entry.name) or frozenset()
        members = [one for one in sorted(found) if self._reads(one)] if len(found) <= MOST_PEOPLE else []
        return [lambda one=one: self._opened(one) for one in members]  # type: ignore[misc]

    def _reads(self, slack: str) -> bool:
        """Whether it is somebody of ours: a group may hold bots and guests, and people who have left."""
        try:
            member = self._people.who(slack)
        except MoveRefused as fault:
            if isinstance(fault.__cause__, SlackFault) and fault.__cause__.gone:
                return False
            raise
        return member.active and member.person and member.full

    def _opened(self, slack: str) -> str:
        self._api.ask(OPEN_DM, "", Urgency.CARD)
        return str(self._api.write(OPEN_DM, users=slack)["channel"]["id"])

    def _post(self, places: Iterable[Callable[[], str]], text: str) -> bool:
        """Whether it was said in one of the places at least. Only where it was said in none is it tried again: whoever
        has read it is not told twice because another was not reached.
        """
        said, failed = False, list[SlackFault]()
        for place in places:
            try:
                channel = place()
                self._api.ask(POST, channel, Urgency.CARD)
                self._api.write(POST, channel=channel, text=text, unfurl_links=False, unfurl_media=False)
            except SlackFault as fault:
                log.warning("owner not reached", error=fault.error)
                failed += [] if fault.gone else [fault]
            else:
                said = True
        if failed and not said:
            raise failed[0]
        return said
