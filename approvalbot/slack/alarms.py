"""Alarms: said in the alarm channel, and so that a storm of one fault does not become a storm of these."""

from approvalbot.request.case import Case
from approvalbot.slack.alarmwords import alarm as alarm_text
from approvalbot.slack.api import SlackFault
from approvalbot.slack.card import Drawn
from approvalbot.slack.people import SlackPeople
from approvalbot.slack.ports import Memory
from approvalbot.slack.posting import Poster
from approvalbot.slack.text import safe

WARN_AGAIN_S = 3600
"""Seconds before the same warning is said again."""

OF_POLICIES = ("policy_error",)


class Alarms:
    """The alarm channel, if one is set."""

    def __init__(self, poster: Poster, people: SlackPeople, memory: Memory, name: str) -> None:
        self.name = name
        self._poster = poster
        self._people = people
        self._memory = memory

    def channel(self) -> str | None:
        """Its id, or None where there is none."""
        return self._people.channel_id(self.name) if self.name else None

    def say(self, case: Case, key: str, text: str) -> bool:
        """Say it once for a key. False: there is no alarm channel."""
        channel = self.channel()
        if channel is None:
            return False
        self._poster.post_once(case.request.id, f"alarm:{key}", lambda: channel, Drawn(text, []))
        return True

    def channel_gone(self, case: Case, fault: SlackFault, instead: str) -> None:
        """Say once an hour that a channel takes no cards, and what its owner can do; `instead` took the card."""
        name = fault.method
        if not first_of(self._memory, f"gone {name}", case.request.id):
            return
        detail = {
            "channel": name,
            "fault": f"{fault.error}. {fault.hint}".strip(),
            "instead": instead,
            "owner": safe(case.terms.owner, 80),
        }
        self.say(case, f"gone:{name}", alarm_text(case, "channel_gone", detail))


def is_news(memory: Memory, case: Case, what: str, key: str) -> bool:
    """Whether an alarm is to be said: one about a policy once an hour, every other always.

    `key` names the effect: the one that was first stays the first when it is tried again.
    """
    return what not in OF_POLICIES or first_of(memory, f"{what} {case.terms.id}", key)


def first_of(memory: Memory, what: str, key: str, *, for_s: float = WARN_AGAIN_S) -> bool:
    """Whether `key` is the first to say this in so long; it stays the first when it is tried again."""
    return memory.hold("alarmed", what, key, for_s=for_s) or memory.recall("alarmed", what) == key
