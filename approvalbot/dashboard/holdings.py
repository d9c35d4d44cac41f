"""How access stands that was given, and where it has drifted from what the policies of today would give. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from approvalbot.errors import AccessRefused
from approvalbot.policy.access import check_wish
from approvalbot.policy.durations import show_duration
from approvalbot.policy.entitlement import Entitlement
from approvalbot.policy.policyset import PolicySet
from approvalbot.request.held import grant_of, may_be_open
from approvalbot.request.request import Person, Request, State

SOON = timedelta(hours=1)
"""Before its end, access is said to end soon: time to wind down or to ask for more."""

LATE = timedelta(seconds=60)
"""After its end, access is called open: workers take milliseconds, a provider some seconds."""

Standing = Literal["starting", "active", "soon", "ending", "open", "failed", "ended"]

WORDS: Mapping[Standing, str] = {
    "starting": "starting",
    "active": "active",
    "soon": "ends soon",
    "ending": "being ended",
    "open": "still open",
    "failed": "failed",
    "ended": "ended",
}

ENDED_BECAUSE: Mapping[str, str] = {
    "duration": "as planned",
    "requester": "early, by the requester",
    "owner": "early, by an owner",
    "left_group": "early, because its holder left the groups that may ask for it",
    "deactivated": "early, because the account of its holder was deactivated",
}
"""Why access ended: the words of the card (`slack/grantwords.py`)."""

MayAsk = Callable[[Entitlement, Person], bool | None]
"""Whether somebody belongs to those who may ask for it; None where that is not known now."""


@dataclass(frozen=True, slots=True)
class Held:
    """Access that was given, as it stands now. `drift` says what the policies of today would not give."""

    request: Request
    standing: Standing
    drift: tuple[str, ...] = ()

    @property
    def word(self) -> str:
        """How it stands, in a word."""
        return WORDS[self.standing]


def standing_of(request: Request, now: datetime) -> Standing | None:
    """How the access of a request stands; None for a request that gives none, or has not yet been approved."""
    grant = request.grant
    if grant is None or request.kind != "access" or request.extends:
        return None
    match request.state:
        case State.APPROVED:
            return "starting"
        case State.ACTIVE:
            late = grant.ends_at is not None and now > grant.ends_at + LATE
            if grant.failures or (late and not grant.ending):
                return "open"
            if grant.ending:
                return "ending"
            return "soon" if grant.ends_at is not None and grant.ends_at - now <= SOON else "active"
        case State.FAILED:
            return "open" if may_be_open(request) else "failed"
        case State.ENDED:
            return "ended"
        case _:
            return None


def drift_of(request: Request, policies: PolicySet, may_ask: MayAsk) -> tuple[str, ...]:
    """Why the policies of today would not give what somebody holds; empty where they would."""
    terms, wish = policies.entitlements.get(request.policy_id), request.wish
    if terms is None:
        return ("No policy gives this any more.",)
    if terms.mode != "enforce":
        return ("It is switched off by now." if terms.mode == "off" else "It only watches by now.",)
    found = []
    if wish is not None:
        try:
            check_wish(terms, duration_s=wish.duration_s, reason="x" * terms.reason.min_length, inputs=wish.inputs)
        except AccessRefused as fault:
            most = show_duration(terms.duration.max_s)
            found.append(
                f"It was given for {show_duration(wish.duration_s)}; at most {most} is allowed by now."
                if fault.code == "duration_too_long"
                else f"It could not be asked for like this by now. {fault.text()}"
            )
    if request.requester is not None and may_ask(terms, request.requester) is False:
        found.append("Its holder is in none of the groups any more that may ask for it.")
    return tuple(found)


def order_of(held: Held) -> tuple[bool, datetime]:
    """What is still open first, then by its end."""
    grant = grant_of(held.request)
    return held.standing != "open", grant.ends_at or held.request.opened_at
