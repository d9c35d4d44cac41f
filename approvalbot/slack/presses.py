"""Presses on a card and its forms: parse, authorise, one move, answer. Every press gets one visible answer."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from approvalbot.errors import ApprovalBotError, MoveRefused, NotFound, Unavailable
from approvalbot.flow.linking import KeptForLink
from approvalbot.flow.members import full_member
from approvalbot.flow.ports import Journey
from approvalbot.flow.refusing import in_the_trail
from approvalbot.flow.withdrawing import withdraw
from approvalbot.log import get_logger
from approvalbot.request.posting import Posting
from approvalbot.slack.againbuttons import AGAIN
from approvalbot.slack.api import SlackApi, SlackFault
from approvalbot.slack.asking import Access
from approvalbot.slack.attending import Attending
from approvalbot.slack.cardbuttons import APPROVE, DENY, DETAILS, LESS, PAGE
from approvalbot.slack.cardlink import card_link
from approvalbot.slack.checks import check_card, check_home, check_ours, on_its_way, stands
from approvalbot.slack.deciding import Deciding
from approvalbot.slack.forms import details_form, text_form
from approvalbot.slack.heldbuttons import END_NOW, EXTEND
from approvalbot.slack.holding import Holding
from approvalbot.slack.linking import CONFIRM as LINK_CONFIRM
from approvalbot.slack.linking import LINK, Linking
from approvalbot.slack.linking import REFUSE as LINK_REFUSE
from approvalbot.slack.lookbuttons import CLAIM, KEEP, RELEASE, TAKE_OVER
from approvalbot.slack.orphans import Orphans
from approvalbot.slack.ourselves import Ourselves
from approvalbot.slack.payloads import Interaction
from approvalbot.slack.ports import Postings
from approvalbot.slack.questionwords import ADD_NOTE, ANSWER, ASK
from approvalbot.slack.replies import NOT_CONFIRMED, Reply
from approvalbot.slack.text import Block, refusal, safe
from approvalbot.slack.thread import WITHDRAW
from approvalbot.slack.values import Value, Values

log = get_logger("press")

KNOWN_WITHIN_S, LOOK_AGAIN_S = 1.0, 0.02
"""Seconds to wait for Slack's answer to a post whose card is pressed already, of the three that a press has."""

ON_HOME = (APPROVE, DENY)
"""What the home tab may do of that which a card does: the rest speaks to the channel that the card stands in."""

OnPress = Callable[[Interaction, Value], Reply | None]
"""Answers a press on a button of ours whose value names a request; what it raises is said to the presser."""


@dataclass(frozen=True, slots=True)
class Presses:
    """Everything that a press needs."""

    journey: Journey
    api: SlackApi
    ourselves: Ourselves
    postings: Postings
    values: Values
    holding: Holding
    attending: Attending
    orphans: Orphans
    linking: Linking
    deciding: Deciding
    access: Access
    teams: frozenset[str] = frozenset()
    kept_days: int = 0

    def on_card(self, payload: Interaction) -> Reply | None:
        """A press on a message of ours; gives what the presser is told, or None when a form or the card answers."""
        return self._answered(payload, lambda: self._card(payload))

    def on_form(self, payload: Interaction) -> tuple[dict[str, str], Block | None]:
        """A submitted form that decides; gives the faults by field, or a form that replaces it, or neither."""
        faults: dict[str, str] = {}

        def submit() -> None:
            faults.update(self.deciding.submit(payload))

        reply = self._answered(payload, submit)
        return faults, None if reply is None else text_form("Not recorded", reply.text)

    def _card(self, payload: Interaction) -> Reply | None:
        bot = self.ourselves.bot()
        action, value = payload.pressed
        named = self.values.read(value)
        with in_the_trail(self.journey, named.request_id, payload.user.id, action):
            check_ours(payload, bot, self.teams)
        if payload.view is not None and action in ON_HOME:
            with in_the_trail(self.journey, named.request_id, payload.user.id, action):
                check_home(payload, bot)
            return self._on_current_card()[action](payload, named)
        if action in self._on_current_card():
            postings = self._postings(payload, named.request_id)
            try:
                with in_the_trail(self.journey, named.request_id, payload.user.id, action):
                    check_card(payload, bot, postings)
            except MoveRefused:
                return self.orphans.answer(payload, named.request_id, postings, bot)
        if (answer := self._on_current_card().get(action) or self._anywhere().get(action)) is not None:
            return answer(payload, named)
        with in_the_trail(self.journey, named.request_id, payload.user.id, action):
            full_member(self.journey.people, payload.user.id)
            raise MoveRefused("stale_card", "This button is not known here any more. Nothing was changed.")

    def _on_current_card(self) -> Mapping[str, OnPress]:
        """What only a card that stands may do: a copy of one, or a forwarded one, decides nothing."""
        return {
            APPROVE: lambda payload, named: self.deciding.choose(payload, named, "approve"),
            DENY: lambda payload, named: self.deciding.choose(payload, named, "deny"),
            LESS: self.deciding.narrow,
            CLAIM: self.attending.look,
            TAKE_OVER: lambda payload, named: self.attending.look(payload, named, "take_over"),
            ASK: self.attending.ask,
        }

    def _anywhere(self) -> Mapping[str, OnPress]:
        """What a message to one person, the home tab and a form may do as well."""
        holding, attending = self.holding, self.attending
        return {
            KEEP: lambda payload, named: attending.look(payload, named, "keep"),
            RELEASE: attending.release,
            ANSWER: attending.answer,
            ADD_NOTE: attending.note,
            DETAILS: self._details,
            AGAIN: self.access.again,
            LINK: self.linking.propose,
            LINK_CONFIRM: self.linking.confirm,
            LINK_REFUSE: self.linking.refuse,
            WITHDRAW: lambda payload, named: self._withdraw(payload, named.request_id),
            PAGE: lambda _payload, _named: None,
            END_NOW: lambda payload, named: holding.on_press(payload, END_NOW, named.request_id),
            EXTEND: lambda payload, named: holding.on_press(payload, EXTEND, named.request_id),
        }

    def _details(self, payload: Interaction, named: Value) -> None:
        # The card shows what its policy lets it; the details show the whole event, so a guest of the channel stays out.
        with in_the_trail(self.journey, named.request_id, payload.user.id, "details"):
            full_member(self.journey.people, payload.user.id)
        case, _ = self.journey.requests.load(named.request_id)
        self._open(payload, details_form(case))

    def _postings(self, payload: Interaction, request_id: str) -> dict[str, Posting]:
        """Where the request's messages stand.

        Slack shows a card a moment before it has told us where it stands: whoever presses faster than that waits.
        """
        until = time.monotonic() + KNOWN_WITHIN_S
        while True:
            held = self.postings.all(request_id)
            if stands(payload, held) or not on_its_way(payload, held) or time.monotonic() > until:
                return held
            time.sleep(LOOK_AGAIN_S)

    def _withdraw(self, payload: Interaction, request_id: str) -> Reply | None:
        case = withdraw(self.journey, request_id, payload.user.id)
        return Reply(f"Withdrawn: *{safe(case.about.title)}*. Nobody is asked any more.")

    def _open(self, payload: Interaction, view: Block) -> None:
        """Open a form within the 3 s of the trigger."""
        self.api.write("views.open", trigger_id=payload.trigger_id, view=view)

    def _refused(self, fault: MoveRefused, payload: Interaction) -> Reply | None:
        """A refusal in words, with the way on. An app or a workflow is told nothing: there is nobody to tell."""
        if fault.code == "not_a_person":
            return None
        if fault.code == "stale_card" and payload.view is not None:
            return Reply("This form is older than the request. Close it and open it again. Nothing was recorded.")
        if fault.code == "actor_unknown" and payload.view is None:
            request_id = self.values.read(payload.pressed[1]).request_id
            return self.linking.offer(fault, request_id, kept=isinstance(fault, KeptForLink))
        return Reply(refusal(fault) + self._way_on(fault, payload))

    def _way_on(self, fault: MoveRefused, payload: Interaction) -> str:
        """Where a passkey is wanted, the link to the page that takes one; for an old card, the one to the current."""
        try:
            carried = payload.view.private_metadata if payload.view is not None else payload.pressed[1]
            request_id = self.values.read(carried).request_id
            if fault.code == "step_up_required" and (page := self.values.page(request_id)):
                return f" <{page}|Approve with passkey…>"
            if fault.code == "stale_card":
                link = card_link(self.postings.all(request_id), self.ourselves.bot().url)
                return f" Use <{link}|the current card>." if link else ""
        except ApprovalBotError:
            # A button that is none of ours names no request, and a store that is silent no card.
            return ""
        return ""

    def _answered(self, payload: Interaction, act: Callable[[], Reply | None]) -> Reply | None:
        """Run a press; whatever is refused or breaks is said to the one who pressed."""
        try:
            return act()
        except MoveRefused as fault:
            log.info("refused", code=fault.code, slack=payload.user.id)
            return self._refused(fault, payload)
        except NotFound as fault:
            log.info("refused", code=fault.code, slack=payload.user.id)
            kept = f" (kept {self.kept_days} days)" if self.kept_days and fault.code == "unknown_request" else ""
            return Reply(refusal(fault).replace(" any more.", f" any more{kept}.", 1))
        except SlackFault as fault:
            log.warning("form not opened", error=fault.error)
            return Reply("Slack did not open the form in time. Nothing was recorded; press again.")
        except Unavailable:
            return Reply(NOT_CONFIRMED)
        except ApprovalBotError as fault:
            return Reply(refusal(fault))
