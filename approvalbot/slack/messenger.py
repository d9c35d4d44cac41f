"""Says things in Slack: the card where it belongs, drawn anew as it changes, and what stands in its thread.

One worker at a time writes for one request, and always draws the newest state, so that an older card never comes last.
What was posted for which purpose is recorded; a purpose is posted once, or, when nobody knows whether a post arrived,
once more and marked as a repeat. What may not go out now is put back by whoever asked, and nobody waits for it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial

from approvalbot.errors import DeliveryFailed
from approvalbot.flow.ports import Requests
from approvalbot.log import get_logger
from approvalbot.request.case import Case
from approvalbot.request.posting import Posting
from approvalbot.request.refusals import level_entries, shown_entry
from approvalbot.request.request import State
from approvalbot.slack import thread
from approvalbot.slack.alarms import WARN_AGAIN_S, Alarms, first_of, is_news
from approvalbot.slack.alarmwords import alarm as alarm_text
from approvalbot.slack.api import SlackFault
from approvalbot.slack.budget import POST, Urgency
from approvalbot.slack.card import Drawn
from approvalbot.slack.cards import Cards
from approvalbot.slack.ourselves import Ourselves
from approvalbot.slack.people import SlackPeople
from approvalbot.slack.ports import Digests, Memory
from approvalbot.slack.posting import Poster
from approvalbot.slack.storms import DIGEST, Storms
from approvalbot.slack.text import Block, safe
from approvalbot.slack.turns import Turns
from approvalbot.slack.values import Values

log = get_logger("messenger")

DRAWING_S = 15
"""Seconds for which nobody else writes for a request whose worker was killed: as long as the lease of its effect."""

AFTER_ANOTHER_S = 0.15
"""When another worker is writing for the request, we come again after this long."""

OF_MANY_S = 60
"""Seconds for which one line in a digest's thread stands for all of its requests: those of one moment come together,
and whoever is called later is called."""


class SlackMessenger:
    """Every message of ours."""

    def __init__(
        self,
        poster: Poster,
        people: SlackPeople,
        ourselves: Ourselves,
        digests: Digests,
        memory: Memory,
        values: Values,
        requests: Requests,
        alarm_channel: str = "",
    ) -> None:
        self._poster = poster
        self._people = people
        self._ourselves = ourselves
        self._memory = memory
        self._values = values
        self._requests = requests
        self._turns = Turns(memory)
        self._alarms = Alarms(poster, people, memory, alarm_channel)
        self._storms = Storms(poster, digests, memory, values, requests)
        self._cards = Cards(poster, self._storms, people, self._alarms, values, requests)

    def announce(self, case: Case, level: int, key: str) -> bool:
        """Post the card to the level's channels and call the level in the thread of a card that stands.

        Gives whether the level's people must be told one by one: the policy wants it, or no channel was reached.
        """
        waiting: DeliveryFailed | None = None
        reached: bool | None = None
        with self._writing(case), self._turns.of(case.request.id, key):
            try:
                reached = self._cards.to_channels(case, level)
            except DeliveryFailed as fault:
                waiting = fault
            if level > 0:
                self._call(case, level, key)
            if waiting is not None:
                raise waiting
        # A later level that names no channel of its own is called in the thread of the card, which stands already.
        unreached = reached is False or (reached is None and level == 0)
        return unreached or any(notice.kind == "dm" for notice in case.terms.approval.levels[level].notify)

    def announce_to(self, case: Case, people: Iterable[str]) -> None:
        """Post the card to each of these people; whoever has to wait holds up nobody else."""
        waiting: DeliveryFailed | None = None
        with self._writing(case):
            for person in people:
                try:
                    self._cards.to_person(case, person)
                except DeliveryFailed as fault:
                    waiting = waiting or fault
        if waiting is not None:
            raise waiting

    def refresh(self, case: Case) -> None:
        """Draw the card anew wherever it stands and shows something older."""
        with self._writing(case):
            self._cards.refresh(case)

    def remind(self, case: Case, level: int, nth: int, key: str) -> None:
        """Say in the thread that the question is open and what comes next."""
        self._in_thread(case, key, lambda newest: thread.reminder(newest, level, nth), f"reminder:{level}:{nth}")

    def note(self, case: Case, what: str, detail: Mapping[str, str], key: str) -> None:
        """One line of the timeline; a digest says it itself."""
        self._in_thread(
            case,
            key,
            lambda newest: thread.note(newest, what, detail, self._mention),
            blocks=lambda newest: thread.note_blocks(newest, what, detail, self._mention),
        )

    def tell(self, case: Case, what: str, key: str) -> None:
        """A direct message to the requester."""
        requester = case.request.requester
        if requester is None or requester.slack is None:
            return
        drawn = Drawn(*thread.told(case, what, self._values))
        with self._writing(case):
            self._poster.post_once(
                case.request.id, f"tell:{key}", partial(self.direct, requester.slack), drawn, urgency=Urgency.CARD
            )

    def alarm(self, case: Case, what: str, detail: Mapping[str, str], key: str) -> None:
        """A message to the owner of the policy: the alarm channel, else the thread of the card."""
        if not is_news(self._memory, case, what, key):
            return
        owner = self._mention(case.request.owner) if case.request.owner else safe(case.terms.owner, 80)
        text = alarm_text(case, what, {**detail, "owner": owner})
        log.error("alarm", request_id=case.request.id, policy=case.request.policy_id, what=what)
        with self._writing(case):
            if self._alarms.say(case, key, text):
                return
        # It names its request, so a digest's thread takes each of them.
        self._in_thread(case, key, lambda _: text, f"alarm {key}")

    def say(
        self, case: Case, purpose: str, channel: Callable[[], str], text: str, blocks: Sequence[Block] = ()
    ) -> None:
        """Say something once for a purpose, in a channel or to one person (`direct`)."""
        with self._writing(case):
            self._poster.post_once(case.request.id, purpose, channel, Drawn(text, list(blocks)))

    def reply(self, case: Case, purpose: str, drawn: Drawn) -> None:
        """Say something once for a purpose in the thread of the card, if one stands in a channel."""
        with self._writing(case):
            if (main := self.main(case)) is not None:
                post_once = self._poster.post_once
                post_once(case.request.id, purpose, lambda: main.channel, drawn, thread_ts=main.ts)

    def main(self, case: Case) -> Posting | None:
        """The message whose thread holds the timeline, if one stands in a channel."""
        held = self._cards.main(case.request.id)
        return held[1] if held is not None else None

    def is_of_many(self, case: Case) -> bool:
        """Whether that thread is a digest's, so that what is said in it must name its request."""
        held = self._cards.main(case.request.id)
        return held is not None and held[0].startswith(DIGEST)

    def warn(self, text: str) -> None:
        """Say something in the alarm channel that concerns no request; once an hour for the same words, if at all."""
        if not self._alarms.name or not self._memory.first_time("warned", text, keep_s=WARN_AGAIN_S):
            return
        try:
            channel = self._alarms.channel()
            if channel is not None:
                self._poster.api.ask(POST, channel, Urgency.FIRST)
                self._poster.api.write(POST, channel=channel, text=f":warning: {safe(text)}")
        except SlackFault as fault:
            log.warning("warning not posted", error=fault.error)

    def _call(self, case: Case, level: int, key: str) -> None:
        """Call a later level in the thread of the card, mentioning only its groups."""
        newest, _ = self._requests.load(case.request.id)
        main = self._cards.main(case.request.id)
        if main is None or newest.request.state is not State.PENDING:
            return
        purpose, posting = main
        entries = level_entries(newest.request, newest.terms.approval, level)
        mentions = " and ".join(self._mention(entry) for entry in entries)
        text = thread.escalation(newest, level, mentions, self.link(posting))
        if purpose.startswith(DIGEST):
            if not first_of(self._memory, f"{purpose} {level} {mentions}", key, for_s=OF_MANY_S):
                return
            waiting = self._storms.waiting_in(purpose)
            text = thread.escalation_of_many(newest, level, mentions, waiting, self.link(posting))
        self._say_below(newest, main, f"escalation:{level}", Drawn(text, []), Urgency.FIRST)

    def _mention(self, key: str) -> str:
        group = self._people.usergroup_id(key)
        return f"<!subteam^{group}>" if group else safe(shown_entry(key), 80)

    def link(self, posting: Posting) -> str:
        """The permalink of a message, as Slack builds them."""
        return f"{self._ourselves.bot().url}/archives/{posting.channel}/p{posting.ts.replace('.', '')}"

    def _in_thread(
        self,
        case: Case,
        key: str,
        text: Callable[[Case], str],
        of_many: str = "",
        *,
        blocks: Callable[[Case], Sequence[Block]] = lambda _: (),
    ) -> None:
        """Say something in the thread. In that of a digest only what has a name for all of its requests, and once."""
        with self._writing(case), self._turns.of(case.request.id, key):
            main = self._cards.main(case.request.id)
            newest, _ = self._requests.load(case.request.id)
            line = text(newest)
            if main is None or not line:
                return
            purpose, _ = main
            if purpose.startswith(DIGEST):
                if not of_many or not first_of(self._memory, f"{purpose} {of_many}", key, for_s=OF_MANY_S):
                    return
                if of_many.startswith("reminder"):
                    line = thread.reminder_of_many(self._storms.waiting_in(purpose))
            self._say_below(newest, main, f"thread:{key}", Drawn(line, list(blocks(newest))), Urgency.LATER)

    def _say_below(self, case: Case, main: tuple[str, Posting], what: str, drawn: Drawn, urgency: Urgency) -> None:
        """Post in the thread of a card or a digest; where its channel is closed to us, the card goes elsewhere."""
        purpose, posting = main
        gone = self._poster.post_once(
            case.request.id, what, lambda: posting.channel, drawn, thread_ts=posting.ts, urgency=urgency
        )
        if gone is not None:
            self._cards.lost(case, purpose, posting, gone)

    def direct(self, person: str) -> str:
        """The channel of a person's messages with us."""
        return self._poster.direct(person)

    @contextmanager
    def _writing(self, case: Case) -> Iterator[None]:
        """Be the only one who writes for this request."""
        with self._memory.holding("drawing", case.request.id, for_s=DRAWING_S) as alone:
            if not alone:
                raise DeliveryFailed(
                    "slack_failed", "Another worker draws this request.", retry_after_s=AFTER_ANOTHER_S, tried=False
                )
            yield
