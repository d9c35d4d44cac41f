"""Calling somebody: an end that fails reaches the people whom its entitlement names, and not only a channel.

One policy calls once in a while, however many of its grants fail: the first call has everybody look at all of them.
When a grant is given up the call comes in any case.
"""

from collections.abc import Callable, Iterable
from functools import partial

from approvalbot.log import get_logger
from approvalbot.policy.environment import Identities
from approvalbot.policy.people import owner_entry
from approvalbot.request.case import Case
from approvalbot.request.effects import Page
from approvalbot.slack import thread
from approvalbot.slack.alarmwords import alarm as alarm_text
from approvalbot.slack.messenger import SlackMessenger
from approvalbot.slack.people import SlackPeople
from approvalbot.slack.ports import Memory

log = get_logger("pager")

PAGE_AGAIN_S = 3600
"""Seconds in which one policy calls once: as long as the same warning is not said again in the alarm channel."""

MOST_PEOPLE = 20
"""People called one by one. A larger group is called by the alarm channel alone: a page to everybody is to nobody."""


class SlackPager:
    """Calls people by a direct message, or a channel by a message in it."""

    def __init__(
        self,
        messenger: SlackMessenger,
        people: SlackPeople,
        memory: Memory,
        identities: Callable[[], Identities],
    ) -> None:
        self._messenger = messenger
        self._people = people
        self._memory = memory
        self._identities = identities

    def page(self, case: Case, page: Page, key: str) -> None:
        """Call whom the page names. Whom it does not reach has the alarm, which is posted besides."""
        if not page.urgent and not self._is_the_first(case.request.policy_id, key):
            log.info("paged already", request_id=case.request.id, policy=case.request.policy_id)
            return
        text = alarm_text(case, page.what, page.detail)
        to = case.terms.owner if page.to == "owner" else page.to
        if to.startswith("#"):
            channel = self._people.channel_id(to)
            if channel is not None:
                self._messenger.say(case, f"page:{key}", lambda: channel, text)
            return
        people = self._people_behind(to)
        if not 0 < len(people) <= MOST_PEOPLE:
            log.error("nobody paged", request_id=case.request.id, policy=case.request.policy_id, to=to)
            return
        for person in sorted(people):
            self._messenger.say(case, f"page:{key}:{person}", partial(self._messenger.direct, person), text)

    def overrule(self, case: Case, people: Iterable[str]) -> None:
        """Tell these people why they were told of a request although they had muted whoever asked."""
        level = case.request.level
        for person in people:
            self._messenger.say(
                case, f"overruled:{level}:{person}", partial(self._messenger.direct, person), thread.overruled(case)
            )

    def _is_the_first(self, policy: str, key: str) -> bool:
        """Whether no other page of the policy went out lately. The same page tried again is still the first."""
        held = self._memory.recall("paged", policy)
        if held is None:
            # Two pages at one moment may both go out: better than one that is never sent.
            self._memory.remember("paged", policy, key, keep_s=PAGE_AGAIN_S)
        return held in {None, key}

    def _people_behind(self, name: str) -> frozenset[str]:
        """The Slack ids behind a name. What Slack does not say now is raised, and the page is tried again."""
        entry = owner_entry(name, self._identities())
        return self._people.members(entry, entry.name) or frozenset()
