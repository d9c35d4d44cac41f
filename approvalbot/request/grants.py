"""The life of a grant: it must start in time, it ends by itself, and an end that is not proven is said aloud.

Access is never called ended before its provider confirmed it. A start that comes too late, or after the request was
given up, is ended again at once.
"""

from datetime import datetime, timedelta

from approvalbot.policy.entitlement import EndFailure, Entitlement
from approvalbot.request import settling
from approvalbot.request.change import Change, Here, Terms
from approvalbot.request.effects import Alarm, AskExtension, Effect, EndGrant, Note, Page, Tell
from approvalbot.request.following import follow
from approvalbot.request.held import end_effect, grant_of, next_due
from approvalbot.request.less import granted_s
from approvalbot.request.moves import End, Wake
from approvalbot.request.refusals import access_is_gone, held_to_its_time, not_yours
from approvalbot.request.reports import EndFailed, GrantEnded, GrantRefused, GrantStarted
from approvalbot.request.request import GrantState, Request, State
from approvalbot.request.trail import Draft

PAGE_AFTER = 3
"""Failed attempts to end access before somebody is paged: one may be a hiccup, three are not (ux.md section 3)."""

FIRST_RETRY_S, LONGEST_RETRY_S = 5, 900
"""Seconds between attempts to end access: doubling from the first to the longest. Open access does not wait hours."""

CHECK_S = 300
"""Seconds between two looks at a holder's groups. Slack reports changes at once where it does; this is for those it
does not report. A look costs two calls, which all grants of one group share for a minute."""


def started(here: Here, terms: Terms, move: GrantStarted) -> Change:
    """Access was given; its clock starts now, at the grant, not at the asking."""
    ends_at = here.now + timedelta(seconds=granted_s(here.request))
    watched = isinstance(terms, Entitlement) and "requester_leaves_group" in terms.grant.end_on
    grant = grant_of(here.request).model_copy(
        update={
            "reference": move.reference,
            "started_at": here.now,
            "ends_at": ends_at,
            "check_at": here.now + timedelta(seconds=CHECK_S) if watched else None,
        }
    )
    followed = follow(here.request, terms, State.ACTIVE)
    active = {"state": State.ACTIVE, "grant": grant, "due_at": next_due(grant), "acted": followed.acted}
    detail = {"reference": move.reference, "ends_at": ends_at.isoformat()}
    effects = [*settling.redraw(), note(here, "active", detail), Tell(what="active"), *followed.effects]
    drafts = [Draft("active", detail=detail), *followed.drafts]
    return here.becomes(here.request.model_copy(update=active), drafts, effects)


def started_too_late(here: Here, terms: Terms, move: GrantStarted) -> Change:
    """The provider gave access after we had given it up: take it back, for as long as any failed access is."""
    give_up_at = here.now + timedelta(seconds=_on_failure(terms).retry_for_s)
    grant = grant_of(here.request).model_copy(update={"give_up_at": give_up_at})
    due_at = _try_at(grant, here.now, LONGEST_RETRY_S)
    failed = here.request.model_copy(update={"grant": grant, "due_at": due_at})
    return end_once_more(here, failed, Draft("grant_started_late", detail={"reference": move.reference}))


def started_after_end(here: Here, _terms: Terms, move: GrantStarted) -> Change:
    """The provider gave access that it had confirmed to be gone: take it back."""
    return end_once_more(here, here.request, Draft("grant_started_late", detail={"reference": move.reference}))


def end_once_more(here: Here, request: Request, draft: Draft) -> Change:
    """Access was opened although its end was under way. The provider must not take this end for the one it has seen."""
    grant = grant_of(request)
    grant = grant.model_copy(update={"end_round": grant.end_round + 1, "closed": False})
    return here.becomes(request.model_copy(update={"grant": grant}), [draft], [end_effect(grant)])


def refused(here: Here, terms: Terms, move: GrantRefused) -> Change:
    """The provider said no, finally. Access that an unanswered attempt may have opened is ended."""
    return _failed(here, terms, move.fault, may_be_open=move.uncertain)


def not_started_in_time(here: Here, terms: Terms, _move: Wake) -> Change:
    """Approved, but access did not start by its time. It is ended all the same: a start may be on its way.

    What was approved may be an extension. Then the grant it is for decides, and it is asked once more.
    """
    if here.request.grant is None or here.request.due_at is None or here.now < here.request.due_at:
        return here.nothing()
    if here.request.extends:
        again = here.request.model_copy(update={"due_at": here.now + timedelta(seconds=LONGEST_RETRY_S)})
        return here.becomes(again, [Draft("extension_asked_again")], [AskExtension()])
    return _failed(here, terms, "access did not start in time", may_be_open=True)


def end_early(here: Here, terms: Terms, move: End) -> Change:
    """The requester or an owner ends access before its time."""
    grant, requester = grant_of(here.request), here.request.requester
    _check_may_end(here, move)
    if not move.owner and isinstance(terms, Entitlement) and "withdraw" not in terms.grant.end_on:
        raise held_to_its_time(terms.title, grant.ends_at or here.now)
    if grant.ending:
        return here.nothing()
    own = requester is not None and requester.is_same(move.by)
    return ending(here, terms, "requester" if own else "owner", move)


def end_again(here: Here, _terms: Terms, move: End) -> Change:
    """Somebody has mended what kept failed access open, and wants it ended once more."""
    grant = grant_of(here.request)
    _check_may_end(here, move)
    if grant.closed:
        raise access_is_gone()
    detail = {"attempt": str(grant.failures + 1), **({"reason": move.reason} if move.reason else {})}
    return here.becomes(here.request, [Draft("ending_again", move.by, detail)], [end_effect(grant)])


def _check_may_end(here: Here, move: End) -> None:
    requester = here.request.requester
    if not move.owner and (requester is None or not requester.is_same(move.by)):
        raise not_yours(requester or "the requester")


def ended(here: Here, terms: Terms, move: GrantEnded) -> Change:
    """The provider confirmed: access is gone."""
    grant = grant_of(here.request)
    if move.round < grant.end_round:
        # It confirms an end from before access was opened once more.
        return here.nothing()
    closed = grant.model_copy(update={"closed": True, "ended_at": here.now})
    request = here.request.model_copy(update={"state": State.ENDED, "due_at": None, "grant": closed})
    detail = {"because": grant.ending}
    effects: list[Effect] = [*settling.redraw(), note(here, "ended", detail), Tell(what="ended")]
    return here.becomes(
        request, [Draft("ended", detail=detail)], [*effects, *settling.answers(request, terms, State.ENDED)]
    )


def end_confirmed(here: Here, _terms: Terms, move: GrantEnded) -> Change:
    """Access that we had to call failed, or that was opened after its end, is proven gone: no more attempts."""
    grant = grant_of(here.request)
    if move.round < grant.end_round or grant.closed:
        return here.nothing()
    closed = grant.model_copy(update={"closed": True})
    request = here.request.model_copy(update={"due_at": None, "grant": closed})
    effects: list[Effect] = [*settling.redraw(), note(here, "ended", {})]
    return here.becomes(request, [Draft("grant_end_confirmed")], effects)


def end_failed(here: Here, terms: Terms, move: EndFailed) -> Change:
    """Ending did not work: access may still be open. Try again soon, and page somebody when it is no hiccup."""
    grant = grant_of(here.request)
    failures = grant.failures + 1
    held = grant.model_copy(
        update={"failures": failures, "fault": move.fault[:300], "ending": grant.ending or "failed"}
    )
    wait_s = min(FIRST_RETRY_S * 2 ** (failures - 1), LONGEST_RETRY_S)
    # What was given up stays given up: an attempt that somebody made by hand begins no new round of them.
    due_at = _try_at(held, here.now, wait_s) if here.request.due_at is not None else None
    request = here.request.model_copy(update={"grant": held, "due_at": due_at})
    detail = {"attempt": str(failures), "fault": move.fault[:300]}
    effects: list[Effect] = []
    if failures == PAGE_AFTER:
        to = _on_failure(terms).page
        effects = [Alarm(what="end_failed", detail=detail), Page(what="end_failed", to=to, detail=detail)]
    return here.becomes(request, [Draft("end_failed", detail=detail)], [*effects, *settling.redraw()])


def wake_failed(here: Here, terms: Terms, _move: Wake) -> Change:
    """A failed grant that may still be open keeps being ended until its time for that is over."""
    if here.request.due_at is None or here.now < here.request.due_at:
        return here.nothing()
    return try_again(here, terms)


def ending(here: Here, terms: Terms, why: str, move: End | None = None) -> Change:
    """Begin to take access back. An extension that its provider has not answered falls: the old end is in force."""
    give_up_at = here.now + timedelta(seconds=_on_failure(terms).retry_for_s)
    grant = grant_of(here.request)
    given = tuple(one for one in grant.extensions if one.given)
    grant = grant.model_copy(
        update={
            "ending": why,
            "give_up_at": give_up_at,
            "extensions": given,
            "check_at": None,
            "ended_by": move.by if move else None,
            "end_reason": move.reason if move else "",
        }
    )
    # Due again soon: an attempt that is lost on its way is made once more. Ending twice does nothing the second time.
    due_at = _try_at(grant, here.now, LONGEST_RETRY_S)
    request = here.request.model_copy(update={"grant": grant, "due_at": due_at})
    detail = {"because": why, **({"reason": move.reason} if move and move.reason else {})}
    effects = [end_effect(grant), *settling.redraw()]
    return here.becomes(request, [Draft("ending", move.by if move else None, detail)], effects)


def try_again(here: Here, terms: Terms) -> Change:
    """Ending is tried once more, or given up when its time for that is over."""
    request, grant = here.request, grant_of(here.request)
    if grant.give_up_at is not None and here.now >= grant.give_up_at:
        return _given_up(here, terms)
    waiting = request.model_copy(update={"due_at": _try_at(grant, here.now, LONGEST_RETRY_S)})
    detail = {"attempt": str(grant.failures + 1)}
    return here.becomes(waiting, [Draft("ending_again", detail=detail)], [end_effect(grant)])


def _given_up(here: Here, terms: Terms) -> Change:
    grant = grant_of(here.request)
    given_up = here.request.model_copy(update={"state": State.FAILED, "due_at": None})
    detail = {"attempts": str(grant.failures), "fault": grant.fault}
    effects: list[Effect] = [
        *settling.redraw(),
        note(here, "failed", detail),
        Tell(what="failed"),
        Alarm(what="still_open", detail=detail),
        Page(what="still_open", to=_on_failure(terms).page, detail=detail, urgent=True),
    ]
    return here.becomes(
        given_up, [Draft("failed", detail=detail)], [*effects, *settling.answers(given_up, terms, State.FAILED)]
    )


def _failed(here: Here, terms: Terms, fault: str, *, may_be_open: bool) -> Change:
    give_up_at = here.now + timedelta(seconds=_on_failure(terms).retry_for_s)
    grant = grant_of(here.request).model_copy(
        update={"fault": fault[:300], "give_up_at": give_up_at, "closed": not may_be_open}
    )
    due_at = _try_at(grant, here.now, LONGEST_RETRY_S) if may_be_open else None
    request = here.request.model_copy(update={"state": State.FAILED, "grant": grant, "due_at": due_at})
    detail = {"fault": fault[:300]}
    effects: list[Effect] = [
        *([EndGrant(attempt=1)] if may_be_open else []),
        *settling.redraw(),
        note(here, "failed", detail),
        Tell(what="failed"),
        Alarm(what="grant_failed", detail=detail),
    ]
    return here.becomes(
        request, [Draft("failed", detail=detail)], [*effects, *settling.answers(request, terms, State.FAILED)]
    )


def _try_at(grant: GrantState, now: datetime, wait_s: int) -> datetime:
    """When ending is tried next; not after the moment at which it is given up, so that this comes exactly."""
    again = now + timedelta(seconds=wait_s)
    return min(again, grant.give_up_at) if grant.give_up_at is not None and grant.give_up_at > now else again


def _on_failure(terms: Terms) -> EndFailure:
    return terms.grant.on_end_failure if isinstance(terms, Entitlement) else EndFailure.model_validate_json("{}")


def note(here: Here, what: str, detail: dict[str, str]) -> Note:
    """The step as a line in the card's thread."""
    return Note(entry=here.request.trail_count + 1, what=what, detail=detail)
