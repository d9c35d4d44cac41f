"""Says things in Slack: the card where it belongs, drawn anew as it changes, and what stands in its thread.

One worker at a time writes for one request, and always draws the newest state, so that an older card never comes last.
What was posted for which purpose is recorded; a purpose is posted once, or, when nobody knows whether a post arrived,
once more and marked as a repeat.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

from approvalbot.errors import DeliveryFailed
from approvalbot.flow.ports import Requests
from approvalbot.log import get_logger
from approvalbot.request.case import Case
from approvalbot.request.posting import Posting
from approvalbot.request.refusals import level_entries, shown_entry
from approvalbot.request.request import State
from approvalbot.slack import thread
from approvalbot.slack.alarms import WARN_AGAIN_S, is_news
from approvalbot.slack.api import SlackApi, SlackFault
from approvalbot.slack.card import Drawn, draw
from approvalbot.slack.ourselves import Ourselves
from approvalbot.slack.people import SlackPeople
from approvalbot.slack.ports import Memory, Postings
from approvalbot.slack.text import Block, safe
from approvalbot.slack.values import Values

log = get_logger("messenger")

DRAWING_S = 15
"""Seconds for which nobody else writes for a request whose worker was killed: as long as the lease of its effect."""

AFTER_ANOTHER_S = 0.15
"""When another worker is writing for the request, we come again after this long."""


class SlackMessenger:
    """Every message of ours."""

    def __init__(
        self,
        api: SlackApi,
        people: SlackPeople,
        ourselves: Ourselves,
        postings: Postings,
        memory: Memory,
        values: Values,
        requests: Requests,
        alarm_channel: str = "",
    ) -> None:
        self._api = api
        self._people = people
        self._ourselves = ourselves
        self._postings = postings
        self._memory = memory
        self._values = values
        self._requests = requests
        self._alarm_channel = alarm_channel

    def announce(self, case: Case, level: int) -> bool:
        """Post the card to the level's channels and call the level in the thread of a card that stands.

        Gives whether the level's people must be told one by one: the policy wants it, or no channel was reached.
        """
        notices = case.terms.approval.levels[level].notify
        with self._writing(case):
            faults = [self._card_to(case, notice.target) for notice in notices if notice.kind == "channel"]
            if level > 0:
                self._call(case, level)
            for fault in faults:
                if fault is not None:
                    self._channel_gone(case, fault)
        # A later level that names no channel of its own is called in the thread of the card, which stands already.
        unreached = all(fault is not None for fault in faults) and (bool(faults) or level == 0)
        return unreached or any(notice.kind == "dm" for notice in notices)

    def announce_to(self, case: Case, people: Iterable[str]) -> None:
        """Post the card to each of these people."""
        with self._writing(case):
            for person in people:
                self._card_to_person(case, person)

    def refresh(self, case: Case) -> None:
        """Draw the card anew wherever it stands and shows something older."""
        with self._writing(case):
            newest, _ = self._requests.load(case.request.id)
            for purpose, posting in self._postings.all(case.request.id).items():
                if _is_card(purpose) and posting.is_posted and posting.version < newest.request.version:
                    self._redraw(newest, purpose, posting)

    def remind(self, case: Case, level: int, nth: int, key: str) -> None:
        """Say in the thread that the question is open and what comes next."""
        self._in_thread(case, key, lambda newest: thread.reminder(newest, level, nth))

    def note(self, case: Case, what: str, detail: Mapping[str, str], key: str) -> None:
        """One line of the timeline."""
        self._in_thread(case, key, lambda newest: thread.note(newest, what, detail))

    def tell(self, case: Case, what: str, key: str) -> None:
        """A direct message to the requester."""
        requester = case.request.requester
        if requester is None or requester.slack is None:
            return
        text, blocks = thread.told(case, what, self._values)
        with self._writing(case):
            self._post_once(case, f"tell:{key}", lambda: self.direct(str(requester.slack)), text, blocks)

    def alarm(self, case: Case, what: str, detail: Mapping[str, str], key: str) -> None:
        """A message to the owner of the policy: the alarm channel, else the thread of the card."""
        if not is_news(self._memory, case, what, key):
            return
        owner = self._mention(case.request.owner) if case.request.owner else safe(case.terms.owner, 80)
        text = thread.alarm(case, what, {**detail, "owner": owner})
        log.error("alarm", request_id=case.request.id, policy=case.request.policy_id, what=what)
        channel = self._people.channel_id(self._alarm_channel) if self._alarm_channel else None
        if channel is None:
            self._in_thread(case, key, lambda _: text)
            return
        with self._writing(case):
            self._post_once(case, f"alarm:{key}", lambda: channel, text, None)

    def say(self, case: Case, purpose: str, channel: Callable[[], str], text: str) -> None:
        """Say something once for a purpose, in a channel or to one person (`direct`)."""
        with self._writing(case):
            self._post_once(case, purpose, channel, text, None)

    def warn(self, text: str) -> None:
        """Say something in the alarm channel that concerns no request; once an hour for the same words, if at all."""
        if not self._alarm_channel or not self._memory.first_time("warned", text, keep_s=WARN_AGAIN_S):
            return
        try:
            channel = self._people.channel_id(self._alarm_channel)
            if channel is not None:
                self._api.write("chat.postMessage", channel=channel, text=f":warning: {safe(text)}")
        except SlackFault as fault:
            log.warning("warning not posted", error=fault.error)

    def _card_to(self, case: Case, name: str) -> SlackFault | None:
        """Post the card to a channel; gives the fault when the channel is not there for us."""
        channel = self._people.channel_id(name)
        if channel is None:
            return SlackFault(name, "channel_not_found")
        try:
            self._post_card(case, f"card:{channel}", lambda: channel)
        except SlackFault as fault:
            if not fault.gone:
                raise
            return SlackFault(name, fault.error)
        return None

    def _card_to_person(self, case: Case, person: str) -> None:
        try:
            self._post_card(case, f"dm:{person}", lambda: self.direct(person), person=person)
        except SlackFault as fault:
            if not fault.gone:
                raise
            log.warning("person not reached", request_id=case.request.id, error=fault.error)

    def _channel_gone(self, case: Case, fault: SlackFault) -> None:
        """A card that reached no channel is said aloud, to whoever can invite the bot or mend the policy."""
        detail = {"channel": fault.method, "fault": f"{fault.error}. {fault.hint}".strip()}
        text = thread.alarm(case, "channel_gone", detail)
        channel = self._people.channel_id(self._alarm_channel) if self._alarm_channel else None
        if channel is not None:
            self._post_once(case, f"alarm:gone:{fault.method}", lambda: channel, text, None)

    def _post_card(self, case: Case, purpose: str, channel: Callable[[], str], *, person: str = "") -> None:
        held = self._postings.all(case.request.id).get(purpose)
        if held is not None and held.is_posted:
            return
        newest, _ = self._requests.load(case.request.id)
        repeat = held is not None and held.sending
        drawn = draw(newest, self._values, repeat=repeat)
        posting = Posting(version=newest.request.version, repeat=repeat, person=person)
        self._post(case.request.id, purpose, posting, channel(), drawn)

    def _redraw(self, newest: Case, purpose: str, posting: Posting) -> None:
        drawn = draw(newest, self._values, repeat=posting.repeat)
        try:
            self._api.write("chat.update", channel=posting.channel, ts=posting.ts, text=drawn.text, blocks=drawn.blocks)
        except SlackFault as fault:
            if not fault.gone:
                raise
            # The message was deleted or its channel archived: there is nothing to draw on any more.
            log.warning("card gone", request_id=newest.request.id, purpose=purpose, error=fault.error)
            self._postings.drop(newest.request.id, purpose)
            return
        drawn_now = posting.model_copy(update={"version": newest.request.version})
        self._postings.put(newest.request.id, purpose, drawn_now)

    def _call(self, case: Case, level: int) -> None:
        """Call a later level in the thread of the card, mentioning only its groups."""
        newest, _ = self._requests.load(case.request.id)
        main = self._main_card(case.request.id)
        if main is None or newest.request.state is not State.PENDING:
            return
        entries = level_entries(newest.request, newest.terms.approval, level)
        mentions = " and ".join(self._mention(key) for key in entries)
        text = thread.escalation(newest, level, mentions, self._link(main))
        self._post_once(case, f"escalation:{level}", lambda: main.channel, text, None, thread_ts=main.ts)

    def _mention(self, key: str) -> str:
        group = self._people.usergroup_id(key)
        return f"<!subteam^{group}>" if group else safe(shown_entry(key), 80)

    def _link(self, posting: Posting) -> str:
        """The permalink of a message, as Slack builds them."""
        return f"{self._ourselves.bot().url}/archives/{posting.channel}/p{posting.ts.replace('.', '')}"

    def _in_thread(self, case: Case, key: str, text: Callable[[Case], str]) -> None:
        with self._writing(case):
            main = self._main_card(case.request.id)
            newest, _ = self._requests.load(case.request.id)
            line = text(newest)
            if main is not None and line:
                self._post_once(case, f"thread:{key}", lambda: main.channel, line, None, thread_ts=main.ts)

    def _main_card(self, request_id: str) -> Posting | None:
        """The card whose thread holds the timeline: the first that stands in a channel, else none."""
        cards = {name: held for name, held in self._postings.all(request_id).items() if name.startswith("card:")}
        posted = [held for _, held in sorted(cards.items(), key=lambda pair: pair[1].ts) if held.is_posted]
        return posted[0] if posted else None

    def _post_once(
        self,
        case: Case,
        purpose: str,
        channel: Callable[[], str],
        text: str,
        blocks: list[Block] | None,
        *,
        thread_ts: str | None = None,
    ) -> None:
        held = self._postings.all(case.request.id).get(purpose)
        if held is not None and held.is_posted:
            return
        try:
            drawn = Drawn(text, blocks or [])
            self._post(case.request.id, purpose, Posting(), channel(), drawn, thread_ts=thread_ts)
        except SlackFault as fault:
            if not fault.gone:
                raise
            log.warning("not said", request_id=case.request.id, purpose=purpose, error=fault.error)

    def _post(
        self,
        request_id: str,
        purpose: str,
        posting: Posting,
        channel: str,
        drawn: Drawn,
        *,
        thread_ts: str | None = None,
    ) -> None:
        """Post, with the purpose marked before and the place recorded after."""
        self._postings.put(request_id, purpose, posting.model_copy(update={"sending": True, "channel": channel}))
        try:
            said = self._api.write(
                "chat.postMessage",
                channel=channel,
                text=drawn.text,
                blocks=drawn.blocks or None,
                thread_ts=thread_ts,
                unfurl_links=False,
                unfurl_media=False,
            )
        except SlackFault as fault:
            if not fault.uncertain:
                self._postings.drop(request_id, purpose)
            raise
        done = posting.model_copy(update={"channel": said["channel"], "ts": said["ts"]})
        self._postings.put(request_id, purpose, done)

    def direct(self, person: str) -> str:
        """The channel of a person's messages with us."""
        return str(self._api.write("conversations.open", users=person)["channel"]["id"])

    @contextmanager
    def _writing(self, case: Case) -> Iterator[None]:
        """Be the only one who writes for this request."""
        with self._memory.holding("drawing", case.request.id, for_s=DRAWING_S) as alone:
            if not alone:
                raise DeliveryFailed(
                    "slack_failed", "Another worker draws this request.", retry_after_s=AFTER_ANOTHER_S, tried=False
                )
            yield


def _is_card(purpose: str) -> bool:
    return purpose.startswith(("card:", "dm:"))
