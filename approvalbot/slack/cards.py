"""Cards: each where it belongs, drawn anew as its request changes, elsewhere when that place is gone.

A channel that is archived, deleted or closed to us gets its card to the next place that the policy names, else to the
alarm channel. A channel that takes no more messages now gets its requests into one digest (`storms.py`).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from approvalbot.errors import DeliveryFailed
from approvalbot.flow.ports import Requests
from approvalbot.log import get_logger
from approvalbot.request.case import Case
from approvalbot.request.posting import Posting
from approvalbot.request.request import State
from approvalbot.slack.alarms import Alarms
from approvalbot.slack.api import SlackFault
from approvalbot.slack.budget import Urgency
from approvalbot.slack.card import draw
from approvalbot.slack.people import SlackPeople
from approvalbot.slack.posting import Poster
from approvalbot.slack.storms import DIGEST, Storms
from approvalbot.slack.values import Values

log = get_logger("cards")

CHANNEL_CARD, DM_CARD = "card:", "dm:"

LATE_S = 60
"""Seconds after which a card says that it comes late: below a minute nobody takes the clock of it for wrong."""


@dataclass(frozen=True, slots=True)
class Cards:
    """The card of each request, in every place where it stands."""

    poster: Poster
    storms: Storms
    people: SlackPeople
    alarms: Alarms
    values: Values
    requests: Requests

    def to_channels(self, case: Case, level: int) -> bool | None:
        """Post the card to the channels of a level; gives whether any was reached, None where it names none.

        Raises:
            DeliveryFailed: a channel has to wait; the others have it by now.
        """
        names = [notice.target for notice in case.terms.approval.levels[level].notify if notice.kind == "channel"]
        waiting: DeliveryFailed | None = None
        gone: list[SlackFault] = []
        for name in names:
            try:
                gone += self._to_channel(case, name)
            except DeliveryFailed as fault:
                waiting = waiting or fault
        instead = self._elsewhere(case, level, names) if gone and len(gone) == len(names) else ""
        for missing in gone:
            self.alarms.channel_gone(case, missing, instead)
        if waiting is not None:
            raise waiting
        return len(gone) < len(names) if names else None

    def to_person(self, case: Case, person: str) -> None:
        """Post the card to one person."""
        try:
            self._post(case, f"{DM_CARD}{person}", lambda: self.poster.direct(person), person=person)
        except SlackFault as fault:
            if not fault.gone:
                raise
            log.warning("person not reached", request_id=case.request.id, error=fault.error)

    def refresh(self, case: Case) -> None:
        """Draw the card anew wherever it stands and shows something older."""
        newest, _ = self.requests.load(case.request.id)
        for purpose, posting in self.poster.postings.all(case.request.id).items():
            if posting.is_posted and posting.version < newest.request.version:
                if purpose.startswith((CHANNEL_CARD, DM_CARD)):
                    self._redraw(newest, purpose, posting)
                elif purpose.startswith(DIGEST):
                    self._redraw_digest(newest, purpose, posting)

    def main(self, request_id: str) -> tuple[str, Posting] | None:
        """The message whose thread holds the timeline: the first card that stands in a channel, else a digest there."""
        held = [
            (purpose, one)
            for purpose, one in self.poster.postings.all(request_id).items()
            if one.is_posted and not one.person and purpose.startswith((CHANNEL_CARD, DIGEST))
        ]
        return min(held, key=lambda pair: (pair[0].startswith(DIGEST), pair[1].ts), default=None)

    def lost(self, newest: Case, purpose: str, posting: Posting, fault: SlackFault) -> None:
        """A message was deleted, or its channel closed to us: an open question then needs another place."""
        log.warning("card gone", request_id=newest.request.id, purpose=purpose, error=fault.error)
        self.poster.postings.drop(newest.request.id, purpose)
        if newest.request.state is not State.PENDING or posting.person or fault.error == "message_not_found":
            return
        if self.main(newest.request.id) is None:
            named = self._named(newest, posting.channel)
            instead = self._elsewhere(newest, newest.request.level, [named])
            self.alarms.channel_gone(newest, SlackFault(named, fault.error), instead)

    def _to_channel(self, case: Case, name: str) -> list[SlackFault]:
        """Post the card to a channel; gives the fault when the channel is not there for us."""
        channel = self.people.channel_id(name)
        if channel is None:
            return [SlackFault(name, "channel_not_found")]
        try:
            self._post(case, f"{CHANNEL_CARD}{channel}", lambda: channel)
        except SlackFault as fault:
            if not fault.gone:
                raise
            return [SlackFault(name, fault.error)]
        return []

    def _post(self, case: Case, purpose: str, channel_of: Callable[[], str], *, person: str = "") -> None:
        postings = self.poster.postings.all(case.request.id)
        held = postings.get(purpose)
        if held is not None and held.is_posted:
            return
        channel = channel_of()
        if any(_shows(name, one, channel) for name, one in postings.items()):
            return
        if not self.storms.may_be_a_card(case.request.id, channel):
            self.storms.wait(case, channel, person=person)
            return
        newest, now = self.requests.load(case.request.id)
        # A later level's own channel is on time when the level opens; the first card of all when the request does.
        stands = any(one.is_posted for one in postings.values())
        wanted_at = (newest.request.level_opened_at if stands else None) or newest.request.opened_at
        late_s = round((now - wanted_at).total_seconds())
        posting = Posting(
            version=newest.request.version,
            repeat=held is not None and held.sending,
            person=person,
            late_s=late_s if late_s >= LATE_S else 0,
        )
        drawn = draw(newest, self.values, repeat=posting.repeat, late_s=posting.late_s)
        try:
            self.poster.post(case.request.id, purpose, posting, channel, drawn, urgency=Urgency.CARD)
        except SlackFault as fault:
            if fault.retry_after_s is None:
                raise
            self.storms.wait(case, channel, person=person, fault=fault)

    def _redraw(self, newest: Case, purpose: str, posting: Posting) -> None:
        urgency = Urgency.LATER if newest.request.state is State.PENDING else Urgency.FIRST
        drawn = draw(newest, self.values, repeat=posting.repeat, late_s=posting.late_s)
        try:
            self.poster.redraw(posting, drawn, urgency)
        except SlackFault as fault:
            if not fault.gone:
                raise
            self.lost(newest, purpose, posting, fault)
            return
        drawn_now = posting.model_copy(update={"version": newest.request.version})
        self.poster.postings.put(newest.request.id, purpose, drawn_now)

    def _redraw_digest(self, newest: Case, purpose: str, posting: Posting) -> None:
        try:
            self.storms.refresh(newest, purpose, posting)
        except SlackFault as fault:
            if not fault.gone:
                raise
            self.lost(newest, purpose, posting, fault)

    def _named(self, case: Case, channel: str) -> str:
        """The policy's own name for a channel."""
        names = (notice.target for level in case.terms.approval.levels for notice in level.notify)
        return next(
            (name for name in names if name.startswith("#") and self.people.channel_id(name) == channel), channel
        )

    def _elsewhere(self, case: Case, level: int, tried: list[str]) -> str:
        """Post the card to the first other place that takes it; gives its name, or nothing."""
        for name in dict.fromkeys(self._other_places(case, level)):
            if name not in tried and not self._to_channel(case, name):
                return name
        return ""

    def _other_places(self, case: Case, level: int) -> Iterator[str]:
        levels = case.terms.approval.levels
        for other in (*levels[level + 1 :], *levels[: level + 1]):
            yield from (notice.target for notice in other.notify if notice.kind == "channel")
        if self.alarms.name:
            yield self.alarms.name


def _shows(purpose: str, posting: Posting, channel: str) -> bool:
    """Whether a digest of the channel shows the request already."""
    return purpose.startswith(DIGEST) and posting.channel == channel and posting.is_posted and posting.version > 0
