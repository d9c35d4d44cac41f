"""What came before a request, on its card, pure: how those like it ended, and how much the same account asks."""

from approvalbot.request.case import Case
from approvalbot.slack.text import day, safe
from approvalbot.slack.words import labels_of

MANY = 5
"""Requests of one account within a day from which on the card counts them. Chosen by us: a busy day has a few."""


def before_line(case: Case) -> str:
    """How the requests like this one ended; empty for one that opened before they were counted. mrkdwn."""
    past = case.about.before
    if past is None:
        return ""
    if not past.settled:
        return "*Before*  first of its kind in 30 days"
    share = f"{past.approved} of {past.settled}" if past.approved else f"none of {past.settled}"
    last = ""
    if past.last_by is not None and past.last_at is not None:
        # By name: a mention would call whoever approved the last at each new card.
        last = f", last by {safe(past.last_by.name, 80)} on {day(past.last_at)}"
    return f"*Before*  {share} like this {labels_of(case).approved.lower()} in 30 days{last}"


def much_asked(case: Case) -> list[str]:
    """The banner of an account that asks a lot; none for the others."""
    past = case.about.before
    if past is None or past.nth < MANY:
        return []
    who = "person" if case.request.requester is not None else "account"
    return [f":warning: {ordinal(past.nth)} request by this {who} in 24 h"]


def ordinal(number: int) -> str:
    """`7th`, `21st`, `112th`."""
    last = number % 10 if number % 100 not in {11, 12, 13} else 0
    return f"{number}{ {1: 'st', 2: 'nd', 3: 'rd'}.get(last, 'th') }"
