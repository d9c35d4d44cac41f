"""Commands about one request that is named by the first letters of its id: show, cancel, revoke, extend.

Somebody who has nothing to do with a request is told the same of it as of one that does not exist.
"""

from dataclasses import dataclass

from approvalbot.errors import BadInput, MoveRefused, NotFound
from approvalbot.flow.extending import MoreTime
from approvalbot.flow.members import entries_of_member, full_member, person_of
from approvalbot.flow.owning import is_owner
from approvalbot.flow.ports import Journey, Member
from approvalbot.flow.withdrawing import withdraw
from approvalbot.request.case import Case
from approvalbot.request.request import Person, Request, State
from approvalbot.slack.card import draw
from approvalbot.slack.cardbuttons import ACTIONS_BLOCK, details_button
from approvalbot.slack.cardlink import card_link
from approvalbot.slack.grammar import Typed
from approvalbot.slack.heldbuttons import card_buttons, holder_buttons
from approvalbot.slack.holding import Holding
from approvalbot.slack.listing import Listing
from approvalbot.slack.ourselves import Ourselves
from approvalbot.slack.payloads import Command
from approvalbot.slack.ports import Postings
from approvalbot.slack.questionwords import talk_buttons
from approvalbot.slack.replies import Reply
from approvalbot.slack.text import Block, actions, button, context, safe
from approvalbot.slack.thread import WITHDRAW
from approvalbot.slack.values import Values

LEAST = 4
"""Letters that name a request (ux.md section 8): among a thousand open ones, two share four in one case of two."""

MOST_FITTING = 20

LISTS_YOURS = "`/access list` has yours."


@dataclass(frozen=True, slots=True)
class Named:
    """Everything that these commands need."""

    journey: Journey
    holding: Holding
    listing: Listing
    postings: Postings
    ourselves: Ourselves
    values: Values

    def run(self, command: Command, typed: Typed) -> Reply | None:
        """Do it.

        Raises:
            BadInput: too few letters, or letters that fit several.
            NotFound: no request of theirs is called so.
            MoveRefused: it is theirs, and this cannot be done.
        """
        member = full_member(self.journey.people, command.user_id)
        person = person_of(member, self.journey.policies().identities)
        case = self._case(typed.what, member, person)
        match typed.verb:
            case "cancel":
                case = withdraw(self.journey, case.request.id, command.user_id)
                return Reply(f"Withdrawn: *{safe(case.about.title)}*. Nobody is asked any more.")
            case "revoke":
                return self.holding.end(command.trigger_id, case.request.id, command.user_id, typed.reason)
            case "extend":
                wanted = MoreTime(case.request.id, command.user_id, command.trigger_id, typed.duration_s, typed.reason)
                return self.holding.extend(command.trigger_id, wanted)
            case _:
                return self._shown(case, member, person)

    def _case(self, letters: str, member: Member, person: Person) -> Case:
        if len(letters) < LEAST:
            raise BadInput("parameter_invalid", "Give at least {least} letters of the request's id.", least=LEAST)
        fitting = [
            case
            for request in self.listing.named(letters, person, MOST_FITTING)
            if (case := self._seen(request, member, person)) is not None
        ]
        if not fitting:
            raise NotFound(
                "unknown_request",
                "No request that you may see begins with {letters}.",
                hint=LISTS_YOURS,
                letters=letters[:40],
            )
        if len(fitting) > 1:
            listed = ", ".join(case.request.id[: len(letters) + 4] for case in fitting)
            sentence = "{letters} fits {count} requests: {listed}. Give more letters."
            raise BadInput("parameter_invalid", sentence, letters=letters[:40], count=len(fitting), listed=listed)
        return fitting[0]

    def _seen(self, request: Request, member: Member, person: Person) -> Case | None:
        """The case, for whoever asked for it, was asked, voted, could be asked, or owns its policy."""
        case, _ = self.journey.requests.load(request.id)
        mine = request.requester is not None and request.requester.is_same(person)
        asked = any(member.slack in one.people for one in request.asked)
        if mine or asked or any(vote.by.is_same(person) for vote in request.votes):
            return case
        if is_owner(self.journey, case.terms, member):
            return case
        try:
            return case if entries_of_member(self.journey.people, case, member) else None
        except MoveRefused:
            return None

    def _shown(self, case: Case, member: Member, person: Person) -> Reply:
        """The card, with the buttons that this person may use. Deciding happens on the card that everybody sees."""
        drawn = draw(case, self.values)
        blocks = [block for block in drawn.blocks if block.get("block_id") != ACTIONS_BLOCK]
        footer = blocks.pop()
        blocks.append(actions("shown.actions", self._buttons(case, member, person)))
        link = self._link(case)
        if case.request.state is State.PENDING and link:
            blocks.append(context(f"Decide on the card: <{link}>"))
        return Reply(drawn.text, (*blocks, footer))

    def _buttons(self, case: Case, member: Member, person: Person) -> list[Block]:
        request = case.request
        mine = request.requester is not None and request.requester.is_same(person)
        made: list[Block] = []
        if mine and request.state is State.PENDING:
            value = self.values.write(request.id, request.content)
            made.append(button("Withdraw", WITHDRAW, value, f"Withdraw request {request.short_id}"))
        made += talk_buttons(case, self.values, mine=mine)
        if mine:
            made += holder_buttons(request, case.terms, self.values)
        elif is_owner(self.journey, case.terms, member):
            made += card_buttons(case, self.values)
        return [*made, details_button(case, self.values)]

    def _link(self, case: Case) -> str:
        return card_link(self.postings.all(case.request.id), self.ourselves.bot().url)
