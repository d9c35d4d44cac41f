"""What people say to each other about a request, through us: questions, answers, and whether somebody still looks."""

from collections.abc import Iterable
from functools import partial

from approvalbot.log import get_logger
from approvalbot.request.case import Case
from approvalbot.request.effects import AskLooker
from approvalbot.slack.api import SlackFault
from approvalbot.slack.budget import Urgency
from approvalbot.slack.card import Drawn
from approvalbot.slack.lookbuttons import looker_blocks, still_looking
from approvalbot.slack.messenger import SlackMessenger
from approvalbot.slack.ports import Memory
from approvalbot.slack.posting import Poster
from approvalbot.slack.questionwords import answer_message, question_message
from approvalbot.slack.values import Values

log = get_logger("conversation")

KEPT_S = 3600
"""Seconds for which it is remembered that a claimer was asked: as long as a claim lasts at most."""


class SlackConversation:
    """Says it in the thread, in private and by direct messages."""

    def __init__(self, messenger: SlackMessenger, poster: Poster, memory: Memory, values: Values) -> None:
        self._messenger = messenger
        self._poster = poster
        self._memory = memory
        self._values = values

    def ask_looker(self, case: Case, effect: AskLooker, key: str) -> None:
        """Ask in the channel of the card where only they see it, else by a message; once, while that turn lasts."""
        claim = case.request.claim
        if claim is None or claim.until != effect.until or not effect.person or self._memory.recall("asked", key):
            return
        text = still_looking(case)
        drawn = Drawn(text, looker_blocks(case, self._values, text))
        if not self._whispered(case, effect.person, drawn):
            self._to_one(case, f"looker:{key}", effect.person, drawn)
        self._memory.remember("asked", key, "yes", keep_s=KEPT_S)

    def put_question(self, case: Case, nth: int, people: Iterable[str]) -> None:
        """In the thread, and to each of these people."""
        named = self._messenger.is_of_many(case)
        self._messenger.reply(case, f"{_of(nth)}thread", self._question(case, nth, named=named))
        for person in people:
            self._to_one(case, f"{_of(nth)}{person}", person, self._question(case, nth, named=True))

    def tell_answer(self, case: Case, nth: int) -> None:
        """In the thread, and to whoever asked; the question itself then shows its answer in place of the button."""
        asked, main = case.request.questions[nth], self._messenger.main(case)
        link = self._messenger.link(main) if main is not None else ""
        named = self._messenger.is_of_many(case)
        self._messenger.reply(case, f"answer:{nth}:thread", Drawn(*answer_message(case, nth, link if named else "")))
        if asked.by.slack and asked.by != asked.answered_by:
            drawn = Drawn(*answer_message(case, nth, link))
            self._to_one(case, f"answer:{nth}:{asked.by.slack}", asked.by.slack, drawn)
        self._close(case, nth)

    def _close(self, case: Case, nth: int) -> None:
        """Draw the question anew wherever it was put. One that is gone has no button that could be pressed."""
        for purpose, held in self._poster.postings.all(case.request.id).items():
            if not purpose.startswith(_of(nth)) or not held.is_posted:
                continue
            named = not purpose.endswith("thread") or self._messenger.is_of_many(case)
            try:
                self._poster.redraw(held, self._question(case, nth, named=named), Urgency.LATER)
            except SlackFault as fault:
                if not fault.gone:
                    raise
                log.warning("question gone", request_id=case.request.id, purpose=purpose, error=fault.error)

    def _question(self, case: Case, nth: int, *, named: bool) -> Drawn:
        return Drawn(*question_message(case, nth, self._values, named=named))

    def _to_one(self, case: Case, purpose: str, person: str, drawn: Drawn) -> None:
        self._messenger.say(case, purpose, partial(self._messenger.direct, person), drawn.text, drawn.blocks)

    def _whispered(self, case: Case, person: str, drawn: Drawn) -> bool:
        """Whether Slack took it as a message that only this person sees, in the channel of the card."""
        main, write = self._messenger.main(case), self._poster.api.write
        if main is None:
            return False
        try:
            write("chat.postEphemeral", channel=main.channel, user=person, text=drawn.text, blocks=drawn.blocks)
        except SlackFault as fault:
            log.info("not said in the channel", request_id=case.request.id, error=fault.error)
            # It may have arrived: a second one by another way would ask twice.
            return fault.uncertain
        return True


def _of(nth: int) -> str:
    """What the purpose of every message begins with that puts this question."""
    return f"question:{nth}:"
