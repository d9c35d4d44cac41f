"""Looking: somebody says that they are at it, so that the others need not be.

Theory. A claim informs and locks nothing: every vote counts as it would without one. It ends by the claimer's own vote,
by the decision, by their release, when somebody takes over, or by itself. A minute before its end the claimer is asked,
once, whether they still look. Nobody can sit on a request: each person may take or keep its claim `MOST_TURNS` times.
"""

from datetime import datetime, timedelta

from approvalbot.policy.approval import Approval
from approvalbot.request import refusals, settling
from approvalbot.request.attention import Claim
from approvalbot.request.change import Change, Here, Terms
from approvalbot.request.effects import AskLooker, Note
from approvalbot.request.eligible import no_say
from approvalbot.request.moves import Claim as ClaimMove
from approvalbot.request.moves import Release
from approvalbot.request.request import Person, Request
from approvalbot.request.timing import ASK_BEFORE, with_deadlines
from approvalbot.request.trail import Draft

MOST_TURNS = 4
"""How often one person may take or keep the claim of one request: twenty minutes by default. Chosen by us: whoever
needs longer to decide can ask a question, and a request that is always claimed tells nobody anything."""


def claim(here: Here, terms: Terms, move: ClaimMove) -> Change:
    """Take the claim, take it over, or keep it.

    Raises:
        MoveRefused: not this person, the policy knows no claims, somebody else looks, or it was kept often enough.
    """
    request, approval, by = here.request, terms.approval, move.seen.by
    if not approval.claim_s:
        raise refusals.no_claims()
    if fault := no_say(request, approval, move.seen):
        raise fault
    held = request.claim
    own = held is not None and held.by.is_same(by)
    if move.how == "keep" and not own:
        raise refusals.not_looking(held)
    if held is not None and move.how != "keep" and (own or move.how == "look"):
        raise refusals.already_looking(held) if own else refusals.somebody_looks(held)
    turns = request.looked.get(by.key, 0)
    if turns >= MOST_TURNS:
        raise refusals.looked_often(turns, approval.claim_s)
    until = _until(request, approval, here.now)
    since = held.at if held is not None and own else here.now
    # What ends within a minute needs no question whether it goes on.
    taken = Claim(by=by, at=since, until=until, warned=until - here.now <= ASK_BEFORE)
    changed = request.model_copy(update={"claim": taken, "looked": {**request.looked, by.key: turns + 1}})
    return _told(here, with_deadlines(changed, approval), "claim_kept" if own else "claimed", taken, held)


def release(here: Here, terms: Terms, move: Release) -> Change:
    """Stop looking.

    Raises:
        MoveRefused: this person does not look.
    """
    held = here.request.claim
    if held is None or not held.by.is_same(move.by):
        raise refusals.not_looking(held)
    return _told(here, _without(here.request, terms.approval), "claim_released", held)


def passes(here: Here, terms: Terms, held: Claim) -> Change:
    """A moment of a claim has come: its end, or the question whether somebody still looks."""
    if here.now >= held.until:
        return _told(here, _without(here.request, terms.approval), "claim_lapsed", held)
    asked = here.request.model_copy(update={"claim": held.model_copy(update={"warned": True})})
    effect = AskLooker(person=held.by.slack or "", until=held.until)
    return here.becomes(with_deadlines(asked, terms.approval), [], [effect], valid_from=here.request.due_at)


def is_due(held: Claim | None, now: datetime) -> bool:
    """Whether a moment of a claim has come."""
    return held is not None and now >= (held.until if held.warned else held.until - ASK_BEFORE)


def without_claim_of(request: Request, person: Person) -> Request:
    """The request after somebody's vote: whoever has decided does not look any more."""
    ends = request.claim is not None and request.claim.by.is_same(person)
    return request.model_copy(update={"claim": None}) if ends else request


def _until(request: Request, approval: Approval, now: datetime) -> datetime:
    until = now + timedelta(seconds=approval.claim_s)
    return min(until, request.expires_at) if request.expires_at is not None else until


def _without(request: Request, approval: Approval) -> Request:
    return with_deadlines(request.model_copy(update={"claim": None}), approval)


def _told(here: Here, request: Request, what: str, claim: Claim, before: Claim | None = None) -> Change:
    said = {"slack": claim.by.slack or "", "name": claim.by.name}
    detail = {}
    if what in {"claimed", "claim_kept"}:
        detail["until"] = claim.until.isoformat()
    if before is not None and what == "claimed":
        detail["from"], said["over"] = before.by.key, before.by.name
    # The trail says each turn; the thread says who looks and that nobody does, and not that somebody still does.
    entry = here.request.trail_count + 1
    note = [] if what == "claim_kept" else [Note(entry=entry, what=what, detail={**detail, **said})]
    lapsed = what == "claim_lapsed"
    return here.becomes(
        request,
        [Draft(what, claim.by, detail)],
        [*settling.redraw(), *note],
        valid_from=here.request.due_at if lapsed else None,
        valid_until=None if lapsed else here.request.due_at,
    )
