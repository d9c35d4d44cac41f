"""The past: which requests are like one another, and what their outcomes add up to. Pure.

Two requests are alike when the same account wants the same action on the same resource under the same policy. Every
part is compared whole: `staging` is not `production`, and one account is not another.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import median

import orjson

from approvalbot.request.about import About, Before
from approvalbot.request.names import name_of
from approvalbot.request.request import Decision, Person, Request, State

FEWEST = 5
"""Decisions below which a usual time is not told: with fewer, one slow morning is the rule. Chosen by us."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one request ended. `by` is who approved it last; None where no person approved it."""

    state: str
    at: datetime
    by: Person | None = None


def alike(policy_id: str, about: About) -> str:
    """What requests of one kind share: a digest of policy, account, action and resource."""
    return name_of("alike", policy_id, asker(about), about.action, about.resource)


def asker(about: About) -> str:
    """The account that asks or acted, as its source names it; it may be nobody's."""
    return about.who_id or about.who


def outcome_mark(request: Request, decision: Decision) -> bytes:
    """An outcome as it is kept, with the request's id, so that writing it twice keeps it once."""
    by = decision.by[-1].model_dump() if decision.state is State.APPROVED and decision.by else None
    return orjson.dumps([request.id, decision.state.value, by])


def read_outcome(mark: bytes, at: datetime) -> Outcome:
    """The same, read back."""
    _, state, by = orjson.loads(mark)
    return Outcome(state, at, Person.model_validate(by) if by else None)


def before(outcomes: Sequence[Outcome], nth: int) -> Before:
    """What outcomes, the newest first, add up to. Only what people approved counts as approved: not silence, and
    neither what expired nor what was withdrawn.
    """
    approved = [one for one in outcomes if one.by is not None]
    last = approved[0] if approved else None
    return Before(
        settled=len(outcomes),
        approved=len(approved),
        last_by=last.by if last else None,
        last_at=last.at if last else None,
        nth=nth,
    )


def usual_s(took_s: Sequence[float]) -> float | None:
    """How many seconds a decision usually took: the median; None where there are too few to tell."""
    return median(took_s) if len(took_s) >= FEWEST else None
