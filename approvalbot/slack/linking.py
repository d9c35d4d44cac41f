"""Linking in Slack: whose account the actor's is. Whoever pressed says it, an owner of the identities confirms it."""

from dataclasses import dataclass

from approvalbot.errors import ApprovalBotError, MoveRefused
from approvalbot.flow.linking import account_to_link, identities_now, propose_link, settle_link, who_confirms
from approvalbot.flow.ports import Journey
from approvalbot.flow.press import Press, count_kept
from approvalbot.log import get_logger
from approvalbot.request.case import Case
from approvalbot.request.links import KEPT_S, Proposal
from approvalbot.slack.api import SlackApi, SlackFault
from approvalbot.slack.payloads import Interaction
from approvalbot.slack.replies import Reply
from approvalbot.slack.text import Block, actions, button, plain, refusal, safe, section
from approvalbot.slack.values import Value, Values

log = get_logger("linking")

LINK, CONFIRM, REFUSE = "request.link", "link.confirm", "link.refuse"

MOST_ASKED = 20
"""Owners asked one by one. A larger group is none that knows whose account it is."""

SYSTEMS = {
    "emails": "e-mail",
    "github": "GitHub",
    "aws": "AWS",
    "gcp": "Google Cloud",
    "okta": "Okta",
    "azure": "Azure",
}


KEPT = (
    f"Your press is kept for {KEPT_S // 60} minutes and counts once linked, if you may decide; a denial takes it back."
)
NOT_KEPT = "Press again once it is linked."


@dataclass(frozen=True, slots=True)
class Linking:
    """Everything that linking needs."""

    journey: Journey
    api: SlackApi
    values: Values

    def offer(self, fault: MoveRefused, request_id: str, *, kept: bool) -> Reply:
        """The refusal, with the menu that says whose account it is, where a link would help. `kept`: it waits."""
        case, _ = self.journey.requests.load(request_id)
        account = account_to_link(case, identities_now(self.journey)) if self.journey.links is not None else None
        if account is None:
            return Reply(refusal(fault))
        text = (
            f"We do not know whose {SYSTEMS.get(account.system, account.system)} account `{safe(account.name, 100)}` "
            f"is, so it may be yours. Link the account: say whose it is, and an owner of the identities confirms it. "
            + (KEPT if kept else NOT_KEPT)
        )
        menu: Block = {
            "type": "users_select",
            "action_id": LINK,
            "placeholder": plain("Link account: whose is it?", 150),
        }
        value = self.values.write(request_id, case.request.content)
        return Reply(text, (section(text), actions(f"link|{value}", [menu])))

    def propose(self, payload: Interaction, named: Value) -> Reply:
        """Somebody was chosen: ask the owners of the identities."""
        chosen = payload.actions[0].selected_user if payload.actions else ""
        proposal = propose_link(self.journey, named.request_id, payload.user.id, chosen)
        owners = who_confirms(self.journey, proposal)
        if not 0 < len(owners) <= MOST_ASKED:
            return Reply("There is nobody besides you who could confirm it now. An owner of the policies can add it.")
        case, _ = self.journey.requests.load(named.request_id)
        return Reply(
            "Asked an owner of the identities to confirm it. You hear when a press of yours that is kept has counted.",
            then=lambda: self._ask(sorted(owners), case, proposal),
        )

    def confirm(self, payload: Interaction, named: Value) -> Reply:
        """An owner confirms: the account is linked, and what waited is pressed anew."""
        proposal = settle_link(self.journey, named.request_id, named.content, payload.user.id, agreed=True)
        counted = count_kept(self.journey, proposal.account)
        return Reply(
            f"Linked: {_said(proposal)}. {len(counted)} kept presses were looked at again.",
            then=lambda: self._tell(counted),
        )

    def refuse(self, payload: Interaction, named: Value) -> Reply:
        """An owner says no: nothing is linked."""
        proposal = settle_link(self.journey, named.request_id, named.content, payload.user.id, agreed=False)
        return Reply(f"Not linked: {_said(proposal)}.")

    def _ask(self, owners: list[str], case: Case, proposal: Proposal) -> None:
        value = self.values.write(proposal.request_id, proposal.nonce)
        text = (
            f"<@{proposal.by_slack}> wants to decide `{case.request.short_id}` *{safe(case.about.title, 120)}* "
            f"and says: {_said(proposal)}. Confirm it only if you know it: otherwise somebody might approve what they "
            "did themselves. You will not be able to decide it."
        )
        name = f"the link of {proposal.account.name[:40]}"
        buttons = [
            button("Confirm", CONFIRM, value, f"Confirm {name}", style="primary"),
            button("Not so", REFUSE, value, f"Refuse {name}", style="danger"),
        ]
        for owner in owners:
            try:
                place = self.api.write("conversations.open", users=owner)["channel"]["id"]
                blocks = [section(text), actions("link.confirm", buttons)]
                self.api.write("chat.postMessage", channel=place, text=text, blocks=blocks)
            except SlackFault as fault:
                log.warning("owner not asked", error=fault.error)

    def _tell(self, counted: list[tuple[Press, ApprovalBotError | None]]) -> None:
        for pressed, fault in counted:
            came_of = "your approval counts" if fault is None else f"your press did not count: {refusal(fault)}"
            try:
                case, _ = self.journey.requests.load(pressed.request_id)
                text = f"The account is linked; {came_of} (`{case.request.short_id}` *{safe(case.about.title, 120)}*)"
                place = self.api.write("conversations.open", users=pressed.slack)["channel"]["id"]
                self.api.write("chat.postMessage", channel=place, text=text)
            except ApprovalBotError as not_told:
                log.warning("presser not told", code=not_told.code)


def _said(proposal: Proposal) -> str:
    system = SYSTEMS.get(proposal.account.system, proposal.account.system)
    return f"the {system} account `{safe(proposal.account.name, 100)}` belongs to *{safe(proposal.person, 80)}*"
