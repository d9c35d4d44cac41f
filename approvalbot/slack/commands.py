"""`/access`: what was typed is run, and answered in private."""

from dataclasses import dataclass

from approvalbot.errors import AccessRefused, BadInput, MoveRefused, NotFound, Unavailable
from approvalbot.flow.members import full_member, person_of
from approvalbot.log import get_logger
from approvalbot.slack.api import SlackFault
from approvalbot.slack.asking import Access
from approvalbot.slack.away import away
from approvalbot.slack.checks import check_ours
from approvalbot.slack.grammar import HELP, Typed, read_command, unknown
from approvalbot.slack.listing import listed
from approvalbot.slack.mute import muting
from approvalbot.slack.naming import Named
from approvalbot.slack.payloads import Command
from approvalbot.slack.replies import NOT_CONFIRMED, Reply
from approvalbot.slack.text import escape, refusal
from approvalbot.slack.whom import whom

log = get_logger("command")


@dataclass(frozen=True, slots=True)
class Commands:
    """Everything that a command needs."""

    access: Access
    named: Named

    def on_command(self, command: Command) -> Reply | None:
        """A slash command; gives the private answer, or None when a form answers."""
        try:
            check_ours(command, self.access.ourselves.bot(), self.access.teams)
            return self._run(command, read_command(command.text))
        except Unavailable:
            return Reply(NOT_CONFIRMED)
        except SlackFault as fault:
            log.warning("form not opened", error=fault.error)
            return Reply("Slack did not open the form in time. Nothing was recorded; try again.")
        except (BadInput, AccessRefused, MoveRefused, NotFound) as fault:
            return Reply(refusal(fault))

    def _run(self, command: Command, typed: Typed) -> Reply | None:
        match typed.verb:
            case "request":
                return self.access.request(command, typed)
            case "list":
                return self._list(command, typed)
            case "show" | "cancel" | "revoke" | "extend":
                return self.named.run(command, typed)
            case "away":
                return Reply(away(self.access.journey, self.access.api, command.user_id, typed))
            case "mute" | "unmute":
                return Reply(muting(self.access.journey, command.user_id, typed))
            case "oncall":
                return Reply(whom(self.access.journey, command.user_id, typed.what))
            case "help":
                return Reply(_help(typed.what))
            case _:
                self.access.open_form(command.trigger_id, command.user_id, typed)
                return None

    def _list(self, command: Command, typed: Typed) -> Reply:
        journey = self.access.journey
        person = person_of(full_member(journey.people, command.user_id), journey.policies().identities)
        return Reply(listed(self.access.listing, person, typed.what))


def _help(verb: str) -> str:
    """How a verb is written, or all of them. Slack takes whatever stands between `<` and `>` for a link of its own."""
    if verb in HELP:
        return escape(HELP[verb])
    lines = [] if not verb else [refusal(unknown(verb))]
    return "\n".join([*lines, *map(escape, ["`/access` opens the request form.", *HELP.values()])])
