"""What is true of a grant: when it needs something next, how often it was made longer, what its holder may still do."""

from datetime import datetime, timedelta

from approvalbot.policy.entitlement import Entitlement
from approvalbot.request.change import Terms
from approvalbot.request.effects import EndGrant
from approvalbot.request.request import Extension, GrantState, Request, State


def grant_of(request: Request) -> GrantState:
    """The request's grant; an empty one where there is none."""
    return request.grant or GrantState()


def warn_at(grant: GrantState) -> datetime | None:
    """Ten minutes before the end; for grants under 30 minutes, when a third is left (ux.md section 7)."""
    if grant.started_at is None or grant.ends_at is None:
        return None
    whole = grant.ends_at - grant.started_at
    return grant.ends_at - (whole / 3 if whole < timedelta(minutes=30) else timedelta(minutes=10))


def next_due(grant: GrantState) -> datetime | None:
    """What comes first of a running grant: its warning, its end, the end of a wait, a look at its holder's groups."""
    moments = [None if grant.warned else warn_at(grant), grant.ends_at, grant.check_at]
    moments += [one.give_up_at for one in grant.extensions if not one.given]
    return min((moment for moment in moments if moment is not None), default=None)


def open_extension(grant: GrantState) -> Extension | None:
    """The extension that its provider has not answered yet."""
    return next((one for one in grant.extensions if not one.given), None)


def extension_named(grant: GrantState, key: str) -> Extension | None:
    """The extension of that key, open or given; None when it was refused, given up, or never asked for."""
    return next((one for one in grant.extensions if one.key == key), None)


def end_effect(grant: GrantState) -> EndGrant:
    """The next attempt to end a grant."""
    return EndGrant(attempt=grant.failures + 1, round=grant.end_round)


def may_be_extended(request: Request, terms: Terms) -> bool:
    """Whether a holder should be offered more time: a button that could only be refused is not shown."""
    grant = grant_of(request)
    rule = terms.grant.extend if isinstance(terms, Entitlement) else None
    return (
        request.state is State.ACTIVE
        and rule is not None
        and not grant.ending
        and len(grant.extensions) < rule.max_times
        and open_extension(grant) is None
    )


def may_be_open(request: Request) -> bool:
    """Whether access that is called failed may still be there: nobody has confirmed that it is gone."""
    grant = grant_of(request)
    tried = request.due_at is not None or grant.failures > 0
    return request.state is State.FAILED and not grant.closed and tried


def may_be_ended(request: Request, terms: Terms) -> bool:
    """Whether the holder may end it before its time."""
    allowed = isinstance(terms, Entitlement) and "withdraw" in terms.grant.end_on
    return allowed and request.state is State.ACTIVE and not grant_of(request).ending
