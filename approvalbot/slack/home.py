"""The home tab: gathers what concerns one person, and publishes it. Its buttons decide as those of a card do."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import orjson

from approvalbot.errors import ApprovalBotError, MoveRefused, NotFound, Unavailable
from approvalbot.flow.ask import requestable
from approvalbot.flow.leaving import come_back
from approvalbot.flow.members import full_member, person_of
from approvalbot.flow.ports import Journey, Member
from approvalbot.log import get_logger
from approvalbot.policy.entitlement import Entitlement
from approvalbot.request.case import Case
from approvalbot.request.held import may_be_open
from approvalbot.request.muting import is_muted
from approvalbot.request.request import Person, Request, State
from approvalbot.slack.api import SlackApi
from approvalbot.slack.away import shown_absence
from approvalbot.slack.checks import check_ours
from approvalbot.slack.forms import text_form
from approvalbot.slack.homeblocks import DECIDED_MOST, WAITING_MOST, HomeView, home_blocks
from approvalbot.slack.listing import Listing
from approvalbot.slack.mute import shown_mutes
from approvalbot.slack.ourselves import Ourselves
from approvalbot.slack.payloads import Interaction
from approvalbot.slack.ports import HomeMarks, Notes
from approvalbot.slack.replies import NOT_CONFIRMED, Reply
from approvalbot.slack.text import refusal, safe, section
from approvalbot.slack.values import Values

log = get_logger("home")

SYSTEMS = {
    "github": "GitHub",
    "aws": "AWS",
    "okta": "Okta",
    "azure": "Azure",
    "gcp": "Google Cloud",
    "kubernetes": "Kubernetes",
    "teleport": "Teleport",
    "vault": "Vault",
    "google": "Google",
}
"""How accounts are named beside e-mails. A Slack id says nothing to whoever reads it in Slack."""

DRAWN_FOR_S = 4 * 3600
"""Seconds for which it is remembered what a tab shows, so that the same is not sent again."""


@dataclass(frozen=True, slots=True)
class Home:
    """Draws the home tab of one person. `notices` says what is not as it should be just now."""

    journey: Journey
    api: SlackApi
    listing: Listing
    values: Values
    marks: HomeMarks
    memory: Notes
    ourselves: Ourselves
    notices: Callable[[], Sequence[str]] = tuple
    teams: frozenset[str] = frozenset()

    def opened(self, slack: str) -> None:
        """Somebody opened it: draw it now, and keep it up to date for a while."""
        try:
            self.marks.opened(slack)
        except ApprovalBotError as fault:
            log.warning("home not kept up to date", code=fault.code)
        self.publish(slack)

    def publish(self, slack: str) -> None:
        """Draw it now. Failing is no harm: it is drawn anew whenever it is opened."""
        try:
            self.draw(slack)
        except ApprovalBotError as fault:
            log.warning("home not drawn", code=fault.code)

    def draw(self, slack: str, *, unless_same: bool = False) -> None:
        """Draw it, `unless_same` only where it shows something else by now.

        Raises:
            ApprovalBotError: it could not be drawn now.
        """
        try:
            blocks = home_blocks(self._view(slack), self.values)
        except MoveRefused as fault:
            if fault.code == "membership_unknown":
                raise
            # A guest has a tab too; an empty one would look broken.
            blocks = [section(refusal(fault))]
        mark = hashlib.sha256(orjson.dumps(blocks)).hexdigest()
        if unless_same and self.memory.recall("home-drawn", slack) == mark:
            return
        self.api.write("views.publish", user_id=slack, view={"type": "home", "blocks": blocks})
        self.memory.remember("home-drawn", slack, mark, keep_s=DRAWN_FOR_S)

    def answer(self, payload: Interaction, reply: Reply | None) -> None:
        """Answer a press on the tab, which no message can: in a form of its own, and by drawing the tab anew."""
        try:
            if reply is not None:
                self.api.write("views.open", trigger_id=payload.trigger_id, view=text_form("Your press", reply.text))
        except ApprovalBotError as fault:
            log.warning("press on the home tab not answered", code=fault.code)
        self.publish(payload.user.id)

    def back(self, payload: Interaction) -> Reply | None:
        """Somebody is back before the time they said; gives why not, or None when the tab itself shows it."""
        try:
            check_ours(payload, self.ourselves.bot(), self.teams)
            come_back(self.journey, payload.user.id)
        except Unavailable:
            return Reply(NOT_CONFIRMED)
        except ApprovalBotError as fault:
            return Reply(refusal(fault))
        return None

    def _view(self, slack: str) -> HomeView:
        journey = self.journey
        member = full_member(journey.people, slack)
        person = person_of(member, journey.policies().identities)
        waiting = self.listing.waiting(person)
        mutes = journey.mutes.of([slack]).get(slack, ())
        heard = [request for request in waiting.requests if not is_muted(request, mutes)]
        asked = self.listing.asked_by(person, 50)
        held = [one for one in asked if one[0].state is State.ACTIVE or may_be_open(one[0])]
        return HomeView(
            now=journey.requests.now(),
            known_as=self._known_as(person, member),
            waiting=self._cases(heard[:WAITING_MOST]),
            more_waiting=max(0, len(heard) - WAITING_MOST) + waiting.unread,
            muted=len(waiting.requests) - len(heard),
            asked=asked,
            held=[(case, title) for request, title in held for case in self._cases([request])],
            offered=self._offered(slack),
            decided=self.listing.decided_by(person, DECIDED_MOST),
            person=person,
            settings=(shown_absence(journey, slack), shown_mutes(journey, slack)),
            away=slack in journey.absences.of([slack]),
            notices=self.notices(),
            page=f"{journey.url}/" if journey.url else "",
        )

    def _cases(self, requests: Sequence[Request]) -> list[Case]:
        found = []
        for request in requests:
            try:
                found.append(self.journey.requests.load(request.id)[0])
            except NotFound:
                log.info("gone while the home tab was drawn", request_id=request.id)
        return found

    def _offered(self, slack: str) -> Sequence[Entitlement]:
        try:
            return requestable(self.journey, slack)
        except MoveRefused:
            return ()

    def _known_as(self, person: Person, member: Member) -> str:
        """By which accounts we know somebody, so that they see whose doing counts as theirs."""
        known = self.journey.policies().identities.by_id.get(person.key)
        if known is None:
            return f"known here as {safe(member.name, 80)} alone: no identity ties other accounts to you"
        others = [f"{SYSTEMS[system]} {account}" for system, account in known.all_accounts() if system in SYSTEMS]
        return f"known as {safe(', '.join([*known.accounts('emails'), *others]) or known.name, 900)}"
