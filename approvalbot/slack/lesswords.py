"""The words of an approval with less, pure: what was granted instead of what, as a whole and by each vote."""

from approvalbot.policy.durations import show_duration
from approvalbot.request.case import Case
from approvalbot.request.less import less_in_words
from approvalbot.request.request import Less, Vote
from approvalbot.slack.text import safe


def less_of(case: Case) -> Less | None:
    """What was approved instead of the whole; None where it was the whole, or nothing."""
    return case.request.decision.less if case.request.decision else None


def approved_word(case: Case, approved: str) -> str:
    """`Approved`, or `Approved with less`."""
    return f"{approved} with less" if less_of(case) is not None else approved


def less_line(case: Case) -> str:
    """`: 1 h instead of 4 h, read-only instead of admin`, to follow who approved; empty for the whole."""
    less = less_of(case)
    return f": {safe(less_in_words(case.request, case.terms, less))}" if less is not None else ""


def granted_by(case: Case, vote: Vote) -> str:
    """` (1 h, read-only)`, to follow what one vote said; empty for the whole."""
    return f" ({safe(granted(case, vote.less))})" if vote.less is not None else ""


def granted(case: Case, less: Less) -> str:
    """`1 h, read-only`."""
    scope = case.terms.narrower.named(less.scope) if case.terms.narrower and less.scope else None
    length = show_duration(less.duration_s) if less.duration_s else ""
    return ", ".join(part for part in (length, scope.label if scope else less.scope) if part)
