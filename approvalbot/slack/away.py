"""`/access away`: who is away until when, who stands in, and what that changes."""

from approvalbot.errors import ApprovalBotError
from approvalbot.flow.leaving import Leave, come_back, go_away
from approvalbot.flow.members import full_member
from approvalbot.flow.ports import Journey
from approvalbot.log import get_logger
from approvalbot.request.request import Absence
from approvalbot.slack.api import SlackApi
from approvalbot.slack.grammar import Typed
from approvalbot.slack.moments import read_moment
from approvalbot.slack.text import day_and_time, safe, show

log = get_logger("away")

WHERE = "where they are an approver of the same policy, or it names them for that"


def away(journey: Journey, api: SlackApi, slack: str, typed: Typed) -> str:
    """Do what was typed; gives the private answer.

    Raises:
        ApprovalBotError: it is refused, with why; nothing was recorded.
    """
    member = full_member(journey.people, slack)
    if typed.what == "":
        return shown_absence(journey, slack)
    journey.homes.changed([slack])
    if typed.what == "off":
        return "Welcome back: you are asked like before." if come_back(journey, slack) else "You were not away."
    until = read_moment(typed.what, journey.requests.now(), member.tz)
    absence = go_away(journey, Leave(slack, until, typed.person, typed.reason))
    _tell_delegate(api, absence)
    journey.homes.changed([str(absence.delegate.slack)] if absence.delegate else [])
    return shown_absence(journey, slack)


def shown_absence(journey: Journey, slack: str) -> str:
    """Whether somebody is away, and for whom they stand in. mrkdwn."""
    mine = journey.absences.of([slack]).get(slack)
    lines = ["You are not away. `/access away until 17:00 delegate @person` says that you are."]
    if mine is not None:
        stands_in = f"{show(mine.delegate)} stands in, {WHERE}." if mine.delegate else "Nobody stands in for you."
        lines = [f"You are away until {day_and_time(mine.until)}. {stands_in} You may vote all the same."]
    for one in journey.absences.stood_in_for_by(slack):
        hindered = ", but not while you are away yourself" if mine is not None else ""
        lines.append(f"You stand in for {show(one.person)} until {day_and_time(one.until)}{hindered}.")
    return "\n".join(lines)


def _tell_delegate(api: SlackApi, absence: Absence) -> None:
    """Whoever stands in hears of it. Not being told is no harm: they are told of each request anyway."""
    if absence.delegate is None:
        return
    why = f" ({safe(absence.reason)})" if absence.reason else ""
    text = (
        f"{show(absence.person)} is away until {day_and_time(absence.until)}{why}, and named you to stand in. "
        "Where you are an approver of the same policy, or it names you for that, you are asked in their place. "
        "Your vote counts once."
    )
    try:
        api.write("chat.postMessage", channel=absence.delegate.slack, text=text, unfurl_links=False)
    except ApprovalBotError as fault:
        log.warning("delegate not told", code=fault.code)
