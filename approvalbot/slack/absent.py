"""Who is away, on a card and beside it, pure.

People are named here and not mentioned: a mention in a new message would call the very one who is away.
"""

from approvalbot.request.case import Case
from approvalbot.request.request import Absence, Person
from approvalbot.slack.text import day_and_time, safe

MOST = 5
"""Absences that a card lists. Chosen by us: a card is read in seconds."""


def absent(case: Case) -> list[str]:
    """The line of those who were away when the card's steps were asked; none where nobody was."""
    latest = {one.person.key: one for asked in case.request.asked for one in asked.away}
    # Whom somebody stands in for comes first: a long list must not hide who may vote.
    listed = sorted(latest.values(), key=lambda one: (one.delegate is None, one.until))
    more = f"; {len(listed) - MOST} more are away" if len(listed) > MOST else ""
    return [f"*Away*  {'; '.join(_away(one) for one in listed[:MOST])}{more}"] if listed else []


def _away(absence: Absence) -> str:
    stands_in = f"{_name(absence.delegate)} stands in" if absence.delegate else "nobody stands in"
    return f"{_name(absence.person)} until {day_and_time(absence.until)}, {stands_in}"


def for_whom(case: Case, person: Person) -> str:
    """In whose place somebody voted, after their name; empty where they voted as themselves."""
    vote = next((vote for vote in case.request.votes if vote.by.is_same(person)), None)
    names = " and ".join(_name(one.by) for one in vote.delegated) if vote else ""
    return f" for {names}" if names else ""


def _name(person: Person) -> str:
    return safe(person.name, 80)
