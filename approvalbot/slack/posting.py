"""Posts and edits of ours, each for a purpose, within the budget.

A post cannot be made safe to repeat in Slack. So its purpose is marked as being posted before the call and its place is
recorded after it; found marked by a later attempt, nobody knows whether it arrived, and it is posted once more, marked.
"""

from collections.abc import Callable

from approvalbot.log import get_logger
from approvalbot.request.posting import Posting
from approvalbot.slack.api import SlackFault
from approvalbot.slack.budget import OPEN_DM, POST, UPDATE, PacedApi, Urgency
from approvalbot.slack.card import Drawn
from approvalbot.slack.ports import Notes, Postings

log = get_logger("posting")

DM_KEPT_S = 86_400
"""Seconds for which we remember the channel of a person's messages with us; Slack never gives them another."""


class Poster:
    """Writes messages and records where they stand."""

    def __init__(self, api: PacedApi, postings: Postings, memory: Notes) -> None:
        self.api = api
        self.postings = postings
        self._memory = memory

    def post_once(
        self,
        request_id: str,
        purpose: str,
        channel: Callable[[], str],
        drawn: Drawn,
        *,
        thread_ts: str | None = None,
        urgency: Urgency = Urgency.FIRST,
    ) -> SlackFault | None:
        """Post for a purpose unless it was; gives the fault when the place is gone."""
        held = self.postings.all(request_id).get(purpose)
        if held is not None and held.is_posted:
            return None
        try:
            self.post(request_id, purpose, Posting(), channel(), drawn, thread_ts=thread_ts, urgency=urgency)
        except SlackFault as fault:
            if not fault.gone:
                raise
            log.warning("not said", request_id=request_id, purpose=purpose, error=fault.error)
            return fault
        return None

    def post(
        self,
        request_id: str,
        purpose: str,
        posting: Posting,
        channel: str,
        drawn: Drawn,
        *,
        thread_ts: str | None = None,
        urgency: Urgency = Urgency.FIRST,
    ) -> None:
        """Post, with the purpose marked before and the place recorded after.

        Raises:
            SlackFault: not posted; with `retry_after_s` it was too soon, and nothing was tried or marked.
        """
        self.api.ask(POST, channel, urgency)
        self.postings.put(request_id, purpose, posting.model_copy(update={"sending": True, "channel": channel}))
        try:
            done = self.send(posting, channel, drawn, thread_ts=thread_ts)
        except SlackFault as fault:
            if not fault.uncertain:
                self.postings.drop(request_id, purpose)
            raise
        self.postings.put(request_id, purpose, done)

    def send(self, posting: Posting, channel: str, drawn: Drawn, *, thread_ts: str | None = None) -> Posting:
        """Post what was asked for; gives the posting with its place."""
        said = self.api.write(
            POST,
            channel=channel,
            text=drawn.text,
            blocks=drawn.blocks or None,
            thread_ts=thread_ts,
            unfurl_links=False,
            unfurl_media=False,
        )
        return posting.model_copy(update={"channel": said["channel"], "ts": said["ts"]})

    def redraw(self, posting: Posting, drawn: Drawn, urgency: Urgency) -> None:
        """Draw a message anew."""
        self.api.ask(UPDATE, posting.channel, urgency)
        self.edit(posting, drawn)

    def edit(self, posting: Posting, drawn: Drawn) -> None:
        """Draw anew what was asked for."""
        self.api.write(UPDATE, channel=posting.channel, ts=posting.ts, text=drawn.text, blocks=drawn.blocks)

    def direct(self, person: str) -> str:
        """The channel of a person's messages with us."""
        known = self._memory.recall("dm", person)
        if known is None:
            self.api.ask(OPEN_DM, "", Urgency.CARD)
            known = str(self.api.write(OPEN_DM, users=person)["channel"]["id"])
            self._memory.remember("dm", person, known, keep_s=DM_KEPT_S)
        return known
