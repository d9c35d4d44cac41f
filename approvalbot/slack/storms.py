"""Storms: more requests for a channel than it takes messages. One digest stands for those that find no room.

A request that has to wait joins the storm of its channel. The first two are cards a moment later; from the third on a
digest is posted, and what joins is drawn into it: by one worker at a time, at most every two seconds, always from the
newest state of every request in it. Whoever comes after finds its request drawn already and has nothing left to do.
"""

from collections.abc import Iterator
from datetime import timedelta

from approvalbot.errors import DeliveryFailed, NotFound
from approvalbot.flow.ports import Requests
from approvalbot.log import get_logger
from approvalbot.request.case import Case
from approvalbot.request.posting import Posting
from approvalbot.request.request import Request, State
from approvalbot.slack.api import SlackFault
from approvalbot.slack.budget import POST, UPDATE, Bucket, Urgency
from approvalbot.slack.digest import draw_digest
from approvalbot.slack.ports import Digests, Memory
from approvalbot.slack.posting import Poster
from approvalbot.slack.values import Values

log = get_logger("storms")

DIGEST = "digest:"
"""How the purpose of a digest begins, among the postings of its requests."""

DRAWING_S = 15
AFTER_ANOTHER_S = 0.5
"""When another worker draws the digest, we come again after this long, and usually find ourselves in it."""

REDRAW_S = 2.0
"""Seconds between two drawings of one digest: everybody sees a change soon, and the channel's edits last for others."""


class Storms:
    """Puts requests into digests and keeps those drawn."""

    def __init__(self, poster: Poster, digests: Digests, memory: Memory, values: Values, requests: Requests) -> None:
        self._poster = poster
        self._digests = digests
        self._memory = memory
        self._values = values
        self._requests = requests

    def may_be_a_card(self, request_id: str, channel: str) -> bool:
        """Whether a request may have a card of its own now."""
        return self._digests.may_be_a_card(channel, request_id)

    def wait(self, case: Case, channel: str, *, person: str = "", fault: SlackFault | None = None) -> None:
        """Wait for room in a channel; gives when a digest shows the request. `person`: the channel is theirs alone.

        Raises:
            DeliveryFailed: not yet; it says when to come again.
        """
        # What never ends, since nobody is asked, comes last.
        ends = case.request.expires_at or case.request.opened_at + timedelta(days=365)
        joined = self._digests.join(channel, case.request.id, round(ends.timestamp() * 1000))
        if joined.opened:
            self._show(joined.storm, Posting(channel=channel, person=person), case, first=True)
        else:
            raise fault or _later(AFTER_ANOTHER_S)

    def refresh(self, case: Case, purpose: str, posting: Posting) -> None:
        """See that the digest shows the request as it now is."""
        self._show(purpose.removeprefix(DIGEST), posting, case, first=case.request.state is not State.PENDING)

    def waiting_in(self, purpose: str) -> int:
        """How many requests of a digest still wait."""
        return sum(case.request.state is State.PENDING for case in self._cases(purpose.removeprefix(DIGEST)))

    def _show(self, storm: str, place: Posting, case: Case, *, first: bool) -> None:
        purpose, request = DIGEST + storm, case.request
        if self._is_shown(request, purpose):
            return
        with self._memory.holding("digest", storm, for_s=DRAWING_S) as alone:
            if not alone:
                raise _later(AFTER_ANOTHER_S)
            if not self._is_shown(request, purpose):
                self._draw(storm, purpose, place, Urgency.FIRST if first else Urgency.LATER)

    def _is_shown(self, request: Request, purpose: str) -> bool:
        held = self._poster.postings.all(request.id).get(purpose)
        return held is not None and held.is_posted and held.version >= request.version

    def _draw(self, storm: str, purpose: str, place: Posting, urgency: Urgency) -> None:
        message = self._digests.message(storm)
        pace: Bucket = (f"digest:{storm}", 1 / REDRAW_S, 1.0, 0.0)
        # Asked before a hundred requests are read: most of those that come here are refused, and come again.
        method, channel = (UPDATE, message.channel) if message.is_posted else (POST, place.channel)
        self._poster.api.ask(method, channel, urgency if message.is_posted else Urgency.FIRST, pace)
        cases = list(self._cases(storm))
        if message.is_posted:
            # Version 0 shows nothing yet. Whoever presses in the moment before all is recorded presses what stands.
            standing = Posting(channel=message.channel, ts=message.ts, person=place.person)
            self._poster.postings.put_all(purpose, {case.request.id: standing for case in cases}, only_new=True)
            try:
                self._poster.edit(message, draw_digest(cases, self._values, repeat=message.repeat))
            except SlackFault as fault:
                if fault.error != "message_not_found":
                    raise
                log.warning("digest gone", channel=message.channel)
                self._digests.put(storm, Posting())
                raise _later(AFTER_ANOTHER_S) from fault
        else:
            message = self._post(storm, purpose, message, place, cases)
        shown = {
            case.request.id: Posting(
                channel=message.channel, ts=message.ts, version=case.request.version, person=place.person
            )
            for case in cases
        }
        self._poster.postings.put_all(purpose, shown)

    def _post(self, storm: str, purpose: str, message: Posting, place: Posting, cases: list[Case]) -> Posting:
        wanted = Posting(channel=place.channel, repeat=message.sending)
        self._digests.put(storm, wanted.model_copy(update={"sending": True}))
        # Whoever presses before Slack has told us where it stands waits for that, as on a card.
        on_its_way = place.model_copy(update={"sending": True, "ts": ""})
        self._poster.postings.put_all(purpose, {case.request.id: on_its_way for case in cases})
        try:
            done = self._poster.send(wanted, place.channel, draw_digest(cases, self._values, repeat=wanted.repeat))
        except SlackFault as fault:
            if not fault.uncertain:
                self._digests.put(storm, Posting(sending=message.sending))
            raise
        self._digests.put(storm, done)
        log.info("digest posted", channel=place.channel, requests=len(cases))
        return done

    def _cases(self, storm: str) -> Iterator[Case]:
        for request_id in self._digests.requests(storm):
            try:
                yield self._requests.load(request_id)[0]
            except NotFound:
                # Kept no longer, so nobody looks for it here either.
                continue


def _later(wait_s: float) -> DeliveryFailed:
    return DeliveryFailed("slack_failed", "Its digest is being drawn.", retry_after_s=wait_s, tried=False)
