"""The life of a grant: it must start in time, it ends by itself, and an end that is not proven is said aloud.

Access is never called ended before its provider confirmed it. A start that comes too late, or after the request was
given up, is ended again at once.
"""

from datetime import datetime, timedelta

from approvalbot.policy.entitlement import Entitlement
from approvalbot.request import settling
from approvalbot.request.change import Change, Here, Terms
from approvalbot.request.effects import Alarm, Effect, EndGrant, Note, Tell
from approvalbot.request.following import follow
from approvalbot.request.moves import End, EndFailed, GrantEnded, GrantRefused, GrantStarted, Wake
from approvalbot.request.refusals import not_yours
from approvalbot.request.request import GrantState, Request, State
from approvalbot.request.trail import Draft

PAGE_AFTER = 3
"""Failed attempts to end access before the owner is paged: one may be a hiccup, three are not (ux.md section 3)."""

FIRST_RETRY_S, LONGEST_RETRY_S = 5, 900
"""Seconds between attempts to end access: doubling from the first to the longest. Open access does not wait hours."""


def started(here: Here, terms: Terms, move: GrantStarted) -> Change:
    """Access was given; its clock starts now, at the grant, not at the asking."""
    wish = here.request.wish
    ends_at = here.now + timedelta(seconds=wish.duration_s if wish else 0)
    grant = _grant(here.request).model_copy(
        update={"reference": move.reference, "started_at": here.now, "ends_at": ends_at}
    )
    request = here.request.model_copy(update={"state": State.ACTIVE, "grant": grant, "due_at": warn_at(grant)})
    followed = follow(request, terms, State.ACTIVE)
    request = request.model_copy(update={"acted": followed.acted})
    detail = {"reference": move.reference, "ends_at": ends_at.isoformat()}
    effects = [*settling.redraw(), _note(here, "active", detail), Tell(what="active"), *followed.effects]
    return here.becomes(request, [Draft("active", detail=detail), *followed.drafts], effects)


def started_too_late(here: Here, _terms: Terms, move: GrantStarted) -> Change:
    """The provider gave access after we had given it up: take it back."""
    drafts = [Draft("grant_started_late", detail={"reference": move.reference})]
    return here.becomes(here.request, drafts, [EndGrant(attempt=1)])


def refused(here: Here, terms: Terms, move: GrantRefused) -> Change:
    """The provider said no, finally. Access that an unanswered attempt may have opened is ended."""
    return _failed(here, terms, move.fault, [EndGrant(attempt=1)] if move.uncertain else [])


def not_started_in_time(here: Here, terms: Terms, _move: Wake) -> Change:
    """Approved, but access did not start by its time. It is ended all the same: a start may be on its way."""
    if here.request.grant is None or here.request.due_at is None or here.now < here.request.due_at:
        return here.nothing()
    return _failed(here, terms, "access did not start in time", [EndGrant(attempt=1)])


def wake_active(here: Here, terms: Terms, _move: Wake) -> Change:
    """Warn before the end, end at the end, try again while ending fails."""
    request, grant = here.request, _grant(here.request)
    if request.due_at is None or here.now < request.due_at:
        return here.nothing()
    if grant.ending:
        return _try_again(here, terms)
    if grant.ends_at is not None and here.now >= grant.ends_at:
        return _ending(here, terms, "duration", None)
    warned = request.model_copy(update={"grant": grant.model_copy(update={"warned": True}), "due_at": grant.ends_at})
    return here.becomes(warned, [Draft("warned")], [Tell(what="ending")], valid_from=request.due_at)


def end_early(here: Here, terms: Terms, move: End) -> Change:
    """The requester or an owner ends access before its time."""
    requester = here.request.requester
    if not move.owner and (requester is None or not requester.is_same(move.by)):
        raise not_yours(requester or "the requester")
    if _grant(here.request).ending:
        return here.nothing()
    return _ending(here, terms, "owner" if move.owner else "requester", move)


def ended(here: Here, terms: Terms, _move: GrantEnded) -> Change:
    """The provider confirmed: access is gone."""
    request = here.request.model_copy(update={"state": State.ENDED, "due_at": None})
    detail = {"because": _grant(request).ending}
    effects: list[Effect] = [*settling.redraw(), _note(here, "ended", detail), Tell(what="ended")]
    return here.becomes(
        request, [Draft("ended", detail=detail)], [*effects, *settling.answers(request, terms, State.ENDED)]
    )


def end_confirmed_after_failure(here: Here, _terms: Terms, _move: GrantEnded) -> Change:
    """Access that we had to call failed is proven gone after all: no more attempts."""
    request = here.request.model_copy(update={"due_at": None})
    return here.becomes(request, [Draft("grant_end_confirmed")], settling.redraw())


def end_failed(here: Here, _terms: Terms, move: EndFailed) -> Change:
    """Ending did not work: access may still be open. Try again soon, and page the owner when it is no hiccup."""
    grant = _grant(here.request)
    failures = grant.failures + 1
    held = grant.model_copy(
        update={"failures": failures, "fault": move.fault[:300], "ending": grant.ending or "failed"}
    )
    retry_at = here.now + timedelta(seconds=min(FIRST_RETRY_S * 2 ** (failures - 1), LONGEST_RETRY_S))
    request = here.request.model_copy(update={"grant": held, "due_at": retry_at})
    detail = {"attempt": str(failures), "fault": move.fault[:300]}
    effects: list[Effect] = [Alarm(what="end_failed", detail=detail)] if failures == PAGE_AFTER else []
    return here.becomes(request, [Draft("end_failed", detail=detail)], [*effects, *settling.redraw()])


def wake_failed(here: Here, terms: Terms, _move: Wake) -> Change:
    """A failed grant that may still be open keeps being ended until its time for that is over."""
    if here.request.due_at is None or here.now < here.request.due_at:
        return here.nothing()
    return _try_again(here, terms)


def warn_at(grant: GrantState) -> datetime | None:
    """Ten minutes before the end; for grants under 30 minutes, when a third is left (ux.md section 7)."""
    if grant.started_at is None or grant.ends_at is None:
        return None
    whole = grant.ends_at - grant.started_at
    return grant.ends_at - (whole / 3 if whole < timedelta(minutes=30) else timedelta(minutes=10))


def _ending(here: Here, terms: Terms, why: str, move: End | None) -> Change:
    retry_for_s = terms.grant.on_end_failure.retry_for_s if isinstance(terms, Entitlement) else 0
    grant = _grant(here.request).model_copy(
        update={"ending": why, "give_up_at": here.now + timedelta(seconds=retry_for_s)}
    )
    # Due again soon: an attempt that is lost on its way is made once more. Ending twice does nothing the second time.
    due_at = here.now + timedelta(seconds=LONGEST_RETRY_S)
    request = here.request.model_copy(update={"grant": grant, "due_at": due_at})
    detail = {"because": why, **({"reason": move.reason} if move and move.reason else {})}
    return here.becomes(request, [Draft("ending", move.by if move else None, detail)], [EndGrant(attempt=1)])


def _try_again(here: Here, terms: Terms) -> Change:
    request, grant = here.request, _grant(here.request)
    if grant.give_up_at is not None and here.now >= grant.give_up_at:
        given_up = request.model_copy(update={"state": State.FAILED, "due_at": None})
        detail = {"attempts": str(grant.failures), "fault": grant.fault}
        effects: list[Effect] = [
            *settling.redraw(),
            _note(here, "failed", detail),
            Tell(what="failed"),
            Alarm(what="still_open", detail=detail),
        ]
        return here.becomes(
            given_up, [Draft("failed", detail=detail)], [*effects, *settling.answers(given_up, terms, State.FAILED)]
        )
    attempt = grant.failures + 1
    waiting = request.model_copy(update={"due_at": here.now + timedelta(seconds=LONGEST_RETRY_S)})
    return here.becomes(waiting, [Draft("ending_again", detail={"attempt": str(attempt)})], [EndGrant(attempt=attempt)])


def _failed(here: Here, terms: Terms, fault: str, more: list[Effect]) -> Change:
    retry_for_s = terms.grant.on_end_failure.retry_for_s if isinstance(terms, Entitlement) else 0
    grant = _grant(here.request).model_copy(
        update={"fault": fault[:300], "give_up_at": here.now + timedelta(seconds=retry_for_s)}
    )
    due_at = here.now + timedelta(seconds=LONGEST_RETRY_S) if more else None
    request = here.request.model_copy(update={"state": State.FAILED, "grant": grant, "due_at": due_at})
    detail = {"fault": fault[:300]}
    effects: list[Effect] = [
        *more,
        *settling.redraw(),
        _note(here, "failed", detail),
        Tell(what="failed"),
        Alarm(what="grant_failed", detail=detail),
    ]
    return here.becomes(
        request, [Draft("failed", detail=detail)], [*effects, *settling.answers(request, terms, State.FAILED)]
    )


def _note(here: Here, what: str, detail: dict[str, str]) -> Note:
    return Note(entry=here.request.trail_count + 1, what=what, detail=detail)


def _grant(request: Request) -> GrantState:
    return request.grant or GrantState()
