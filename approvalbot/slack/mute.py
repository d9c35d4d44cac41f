"""`/access mute` and `/access unmute`: whom somebody does not want to be told of."""

from approvalbot.flow.members import full_member
from approvalbot.flow.muting import mute, unmute
from approvalbot.flow.ports import Journey
from approvalbot.slack.grammar import Typed
from approvalbot.slack.text import day_and_time, show

USUALLY_S = 3600
"""Seconds for which somebody is muted where no time is named (threats.md, attack 57)."""

MEANING = (
    "You get no direct messages of what they ask, unless nobody else would; cards, steps and who may decide stay the "
    "same."
)


def muting(journey: Journey, slack: str, typed: Typed) -> str:
    """Do what was typed; gives the private answer.

    Raises:
        ApprovalBotError: it is refused, with why; nothing was recorded.
    """
    if typed.verb == "unmute":
        journey.homes.changed([slack])
        return "You hear of them again." if unmute(journey, slack, typed.person) else "You had not muted them."
    if not typed.person:
        full_member(journey.people, slack)
        return shown_mutes(journey, slack)
    journey.homes.changed([slack])
    made = mute(journey, slack, typed.person, typed.duration_s or USUALLY_S)
    return f"Muted {show(made.person)} until {day_and_time(made.until)}. {MEANING}"


def shown_mutes(journey: Journey, slack: str) -> str:
    """Whom somebody has muted. mrkdwn."""
    held = journey.mutes.of([slack]).get(slack, ())
    named = ", ".join(f"{show(one.person)} until {day_and_time(one.until)}" for one in held)
    return f"You have muted {named}." if held else "You have muted nobody. `/access mute @person for 2h` does."
