"""The words of access that was given: until when, why it ended, and, when ending fails, that it is still open."""

from approvalbot.policy.durations import show_duration
from approvalbot.policy.entitlement import Entitlement
from approvalbot.request.case import Case
from approvalbot.request.grants import PAGE_AFTER
from approvalbot.request.held import grant_of, open_extension
from approvalbot.request.request import GrantState, State
from approvalbot.slack.lesswords import approved_word, less_line
from approvalbot.slack.text import deadline, safe, show, when

ENDED_BECAUSE = {
    "duration": "as planned",
    "requester": "early, by the requester",
    "owner": "early, by an owner",
    "left_group": "early, because its holder left the groups that may ask for it",
    "deactivated": "early, because the account of its holder was deactivated",
}
"""Why access ended, by the reason its grant keeps."""


def grant_line(case: Case, by: str) -> str:
    """How a grant stands, after who approved it."""
    request, grant = case.request, case.request.grant
    approved = f"{approved_word(case, 'Approved')} by {by}{less_line(case)}. "
    if grant is None:
        return approved
    if request.extends:
        return f"{approved}But the access was not extended: {told_fault(grant.fault)}."
    match request.state:
        case State.ACTIVE:
            return _active(case, grant, approved)
        case State.ENDED:
            return f"{approved}Ended {_because(grant)}{_confirmed(grant)}."
        case _ if grant.failures and grant.closed:
            return f"{approved}Ending failed {times(grant.failures)}; the provider has confirmed the end since."
        case _ if grant.failures:
            return f"{_still_open(grant)}; {paged(case)} is paged."
        case _:
            return f"{approved}But the grant could not be made: {told_fault(grant.fault)}."


def _active(case: Case, grant: GrantState, approved: str) -> str:
    if grant.failures:
        return _still_open(grant) + (f"; {paged(case)} is paged." if grant.failures >= PAGE_AFTER else ".")
    if grant.ending:
        return f"{approved}The access is being ended ({_because(grant)})."
    if grant.ends_at is None or grant.started_at is None:
        return approved
    length = show_duration((grant.ends_at - grant.started_at).total_seconds())
    given = sum(one.given for one in grant.extensions)
    longer = f", extended {times(given)}" if given else ""
    asked = open_extension(grant)
    more = f" More time, until {when(asked.until)}, is asked of the provider." if asked else ""
    return f"{approved}Active until {deadline(grant.ends_at, grant.started_at)} ({length}{longer}).{more}"


def _confirmed(grant: GrantState) -> str:
    # Grants that ended before this was kept have no moment.
    return f", confirmed by the provider at {when(grant.ended_at)}" if grant.ended_at else ", confirmed by the provider"


def _because(grant: GrantState) -> str:
    """Why it ended; whoever ended it early is named with what they said."""
    if grant.ended_by is None:
        return ENDED_BECAUSE.get(grant.ending, "")
    said = f" (“{safe(grant.end_reason)}”)" if grant.end_reason else ""
    return f"early by {show(grant.ended_by)}{said}"


def _still_open(grant: GrantState) -> str:
    return f":rotating_light: STILL OPEN: ending failed {times(grant.failures)} ({told_fault(grant.fault)})"


def times(count: int) -> str:
    """How often, in words."""
    return "once" if count == 1 else f"{count} times"


def told_fault(fault: str) -> str:
    """A fault inside a sentence of ours, which has its own full stop."""
    return safe(fault.rstrip(". "))


def paged(case: Case) -> str:
    """Whom an end that fails calls."""
    page = case.terms.grant.on_end_failure.page if isinstance(case.terms, Entitlement) else "owner"
    return f"the owner {safe(case.terms.owner, 80)}" if page == "owner" else safe(page, 80)


def extension_line(case: Case) -> str:
    """What became of an extension that was approved."""
    ends_at = grant_of(case.request).ends_at
    return f"The access now ends at {when(ends_at)}." if ends_at else "The access is being extended."


def how_to_use(case: Case) -> str:
    """The entitlement's own sentence for whoever got access."""
    return case.terms.grant.how_to_use if isinstance(case.terms, Entitlement) else ""
