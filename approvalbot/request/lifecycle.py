"""The lifecycle of a request, as a table: which move each state takes, and what follows.

    pending  -> approved | denied | expired | withdrawn
    approved -> active | failed                              (with a grant)
    active   -> ended | failed
    watched                                                  (a policy in monitor: born settled, never asked)

A missing key in `TABLE` *is* the refusal: `step` raises, and the request stands as it stood. Every move that is taken
gives one `Change`, which the store commits whole or not at all. Nothing here reads a clock, a network or a random
number: `now` is Redis time, read just before the step, and the commit holds `Change.valid_from` and `valid_until`
against the clock once more, so that a vote cannot slip in after the deadline it raced with.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from approvalbot.request import acting, belonging, extending, grants, looking, questions, settling, voting
from approvalbot.request.change import Change, Here, Terms
from approvalbot.request.delegating import told_absence
from approvalbot.request.effects import Alarm, Announce, Effect, Note, Remind, Tell
from approvalbot.request.leaving import away_changed
from approvalbot.request.moves import (
    AddNote,
    AnswerQuestion,
    AskQuestion,
    AwayChanged,
    CastVote,
    Claim,
    End,
    Extend,
    LevelAsked,
    Move,
    Noted,
    Recheck,
    Release,
    Repeated,
    Wake,
    Withdraw,
)
from approvalbot.request.outofstate import not_in_this_state
from approvalbot.request.reports import (
    ActionDelayed,
    ActionDone,
    ActionFailed,
    EndFailed,
    ExtendFailed,
    ExtensionGiven,
    ExtensionRefused,
    GrantEnded,
    GrantExtended,
    GrantRefused,
    GrantStarted,
    Left,
    MembershipRead,
    MembershipUnread,
)
from approvalbot.request.request import Asked, Request, State
from approvalbot.request.running import wake_active
from approvalbot.request.timing import at_level, gives_up_at, reminders_due, with_deadlines
from approvalbot.request.trail import Draft


def open_request(request: Request, terms: Terms, now: datetime, detail: Mapping[str, str]) -> Change:
    """The first change of a request: its first level opens, its people are to be told.

    `request` comes without level, deadlines and trail; `detail` is what the trail says of its cause.
    """
    opened = at_level(request, terms.approval, 0, now)
    effects: list[Effect] = [Announce(level=0)]
    if request.kind == "access":
        effects.append(Tell(what="asked"))
    if request.policy_error:
        effects.append(Alarm(what="policy_error", detail={"fault": request.policy_error[:300]}))
    cause = {**_cause(request), **detail}
    return Here(request, now).becomes(opened, [Draft("opened", request.requester, cause)], effects)


def open_watched(request: Request, terms: Terms, now: datetime, detail: Mapping[str, str]) -> Change:
    """The only change of what a policy in monitor saw, but for reports: it is shown in the channels of the first level
    that names one. No level opens, no deadline is set, nobody is asked or told, nothing follows.
    """
    levels = terms.approval.levels
    shown = next((n for n, level in enumerate(levels) if any(one.kind == "channel" for one in level.notify)), None)
    effects: list[Effect] = [] if shown is None else [Announce(level=shown)]
    cause = {**_cause(request), **detail}
    watched = request.model_copy(update={"state": State.WATCHED, "left_out": {}, "callback": ""})
    return Here(request, now).becomes(watched, [Draft("watched", request.requester, cause)], effects)


def _cause(request: Request) -> dict[str, str]:
    """What the trail says of every request: by which policy, and by whose rule."""
    cause = {"policy": request.policy_id, "digest": request.policy_digest}
    return {**cause, "credit": request.credit} if request.credit else cause


def step(request: Request, terms: Terms, move: Move, now: datetime) -> Change:
    """What `move` does to `request` at `now`.

    Raises:
        MoveRefused: the request does not take this move, now or from this person; nothing changed.
    """
    taken = TABLE.get((request.state, type(move)))
    if taken is None:
        raise not_in_this_state(request, move)
    return taken(Here(request, now), terms, move)


def is_due(request: Request, now: datetime) -> bool:
    """Whether something is overdue that must happen before any other move."""
    return request.due_at is not None and now >= request.due_at


def _wake_pending(here: Here, terms: Terms, move: Wake) -> Change:
    request, approval = here.request, terms.approval
    if questions.is_over(request, here.now):
        return questions.pause_is_over(here, terms)
    if here.now >= gives_up_at(request, approval):
        if request.level + 1 >= len(approval.levels):
            return settling.expire(here, terms, move.today)
        opened, draft, effects = _next_level(request, terms, here.now, "nobody acted in time")
        return here.becomes(opened, [draft], effects, valid_from=request.due_at)
    if request.claim is not None and looking.is_due(request.claim, here.now):
        return looking.passes(here, terms, request.claim)
    due = reminders_due(request, approval, here.now)
    if due <= request.reminded:
        return here.nothing()
    # After an outage several reminders may be overdue: one is sent, the others have lost their meaning.
    reminded = with_deadlines(request.model_copy(update={"reminded": due}), approval)
    draft = Draft("reminded", detail={"level": str(request.level + 1), "reminder": str(due)})
    return here.becomes(reminded, [draft], [Remind(level=request.level, nth=due)], valid_from=request.due_at)


def _next_level(request: Request, terms: Terms, now: datetime, why: str) -> tuple[Request, Draft, list[Effect]]:
    level = request.level + 1
    detail = {"level": str(level + 1), "name": terms.approval.levels[level].name, "because": why}
    # The card is drawn anew too: its rows say who may decide and what happens next.
    effects: list[Effect] = [Announce(level=level), *settling.redraw()]
    return at_level(request, terms.approval, level, now), Draft("escalated", detail=detail), effects


def _level_asked(here: Here, terms: Terms, move: LevelAsked) -> Change:
    """Whom a level reached. Nobody is never anybody: the next level opens at once, and the owner hears of it."""
    if any(asked.level == move.level for asked in here.request.asked):
        return here.nothing()
    asked = Asked(level=move.level, people=move.people, unresolved=move.unresolved, away=move.away, called=move.called)
    owner = move.owner or here.request.owner
    request = here.request.model_copy(update={"asked": (*here.request.asked, asked), "owner": owner})
    detail = {"level": str(move.level + 1), "people": str(len(move.people))}
    effects: list[Effect] = settling.redraw() if owner != here.request.owner or move.away else []
    if move.unresolved:
        detail["unresolved"] = ", ".join(move.unresolved)
        what = "entry_unresolved" if move.people else "level_unresolved"
        effects = [Alarm(what=what, detail=dict(detail)), *settling.redraw()]
    if owner != here.request.owner:
        detail["owner"] = owner
    if move.away:
        detail["away"] = ", ".join(told_absence(one) for one in move.away)
    drafts = [Draft("level_asked", detail=detail)]
    if not move.people and move.level == request.level and request.level + 1 < len(terms.approval.levels):
        request, draft, more = _next_level(request, terms, here.now, "nobody could be asked")
        drafts.append(draft)
        effects = [*effects, *more]
    return here.becomes(request, drafts, effects)


def _level_asked_late(here: Here, _terms: Terms, move: LevelAsked) -> Change:
    """The request settled while its people were being told; the trail still says whom it reached."""
    return here.becomes(
        here.request, [Draft("level_asked", detail={"level": str(move.level + 1), "people": str(len(move.people))})], []
    )


def _noted(here: Here, _terms: Terms, move: Noted) -> Change:
    effects: list[Effect] = []
    if move.what == "answer_given_up":
        detail = dict(move.detail)
        note = Note(entry=here.request.trail_count + 1, what=move.what, detail=detail)
        effects = [note, Alarm(what=move.what, detail=detail)]
    if move.what == "press_refused" and move.detail.get("code") == "not_a_person":
        # Nobody is there to be told: an app or a workflow that presses buttons is for somebody to look into.
        effects = [Alarm(what="pressed_by_app", detail={"by": move.by.name if move.by else ""})]
    return here.becomes(here.request, [Draft(move.what, move.by, move.detail)], effects)


def _repeated(here: Here, _terms: Terms, move: Repeated) -> Change:
    """The same was asked again. Neither what the card asks nor any deadline moves, so a press on it stays good."""
    new = move.total - here.request.repeats
    if new <= 0:
        return here.nothing()
    request = here.request.model_copy(update={"repeats": move.total, "repeated_at": move.last_at})
    detail = {"new": str(new), "total": str(move.total)}
    note = Note(entry=request.trail_count + 1, what="repeated", detail=dict(detail))
    if move.marks:
        detail["events"] = " ".join(move.marks[:new])
    return here.becomes(request, [Draft("repeated", detail=detail)], [*settling.redraw(), note])


def _withdraw(here: Here, terms: Terms, move: Withdraw) -> Change:
    return settling.withdraw(here, terms, move)


Handler = Callable[[Here, Terms, Any], Change]


def _of_access(taken: Handler) -> Handler:
    """A row for approved access alone: an approved gate or review gives nothing that could start or be refused."""

    def handler(here: Here, terms: Terms, move: Move) -> Change:
        if here.request.grant is None:
            raise not_in_this_state(here.request, move)
        return taken(here, terms, move)

    return handler


OF_EVENTS = (State.PENDING, State.APPROVED, State.DENIED, State.EXPIRED, State.WITHDRAWN, State.WATCHED)
"""The states of a request that an event opened. The others belong to grants, which nobody asks for by an event."""
ACTED_IN = (State.APPROVED, State.DENIED, State.EXPIRED, State.ACTIVE, State.ENDED, State.FAILED)
"""The states in which an action may be under way: those that follow a decision of people or of time."""

TABLE: Mapping[tuple[State, type[Move]], Handler] = {
    (State.PENDING, CastVote): voting.cast,
    (State.PENDING, Claim): looking.claim,
    (State.PENDING, Release): looking.release,
    (State.PENDING, AskQuestion): questions.ask,
    (State.PENDING, AnswerQuestion): questions.answer,
    (State.PENDING, AddNote): questions.add_note,
    (State.PENDING, Withdraw): _withdraw,
    (State.PENDING, Wake): _wake_pending,
    (State.PENDING, LevelAsked): _level_asked,
    (State.PENDING, AwayChanged): away_changed,
    (State.APPROVED, Wake): grants.not_started_in_time,
    (State.APPROVED, GrantStarted): _of_access(grants.started),
    (State.APPROVED, GrantRefused): _of_access(grants.refused),
    (State.APPROVED, ExtensionGiven): _of_access(extending.given),
    (State.APPROVED, ExtensionRefused): _of_access(extending.not_given),
    (State.ACTIVE, Wake): wake_active,
    (State.ACTIVE, End): grants.end_early,
    (State.ACTIVE, GrantEnded): grants.ended,
    (State.ACTIVE, EndFailed): grants.end_failed,
    (State.ACTIVE, Extend): extending.extend,
    (State.ACTIVE, GrantExtended): extending.extended,
    (State.ACTIVE, ExtendFailed): extending.extend_failed,
    (State.ACTIVE, Recheck): belonging.recheck,
    (State.ACTIVE, Left): belonging.left,
    (State.ACTIVE, MembershipRead): belonging.read,
    (State.ACTIVE, MembershipUnread): belonging.unread,
    (State.FAILED, Wake): grants.wake_failed,
    (State.FAILED, End): grants.end_again,
    (State.FAILED, GrantStarted): grants.started_too_late,
    (State.FAILED, GrantExtended): extending.extended_too_late,
    (State.FAILED, GrantEnded): grants.end_confirmed,
    (State.FAILED, EndFailed): grants.end_failed,
    (State.ENDED, GrantStarted): grants.started_after_end,
    (State.ENDED, GrantExtended): extending.extended_too_late,
    (State.ENDED, GrantEnded): grants.end_confirmed,
    **{(state, ActionDone): acting.done for state in ACTED_IN},
    **{(state, ActionDelayed): acting.delayed for state in ACTED_IN},
    **{(state, ActionFailed): acting.failed for state in ACTED_IN},
    **{(state, Noted): _noted for state in State},
    **{(state, Repeated): _repeated for state in OF_EVENTS},
    **{(state, LevelAsked): _level_asked_late for state in State if state is not State.PENDING},
}
