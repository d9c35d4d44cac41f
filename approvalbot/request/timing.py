"""When a level reminds, when it gives up, and what opens next. All deadlines are absolute and in UTC.

While a question pauses the clock, every deadline is computed as if the pause took all its time: nothing of the level is
due before the clock goes on. When it goes on earlier the deadlines move back, to where the real pause puts them.
"""

from datetime import datetime, timedelta

from approvalbot.policy.approval import Approval
from approvalbot.request.attention import Claim, Question
from approvalbot.request.request import Request

ASK_BEFORE = timedelta(minutes=1)
"""How long before a claim ends its holder is asked whether they still look (ux.md section 5)."""


def gives_up_at(request: Request, approval: Approval) -> datetime:
    """The moment at which the open level gives up and the next is called, or the request expires."""
    return clock_started(request) + timedelta(seconds=approval.levels[request.level].timeout_s)


def next_reminder_at(request: Request, approval: Approval) -> datetime | None:
    """The moment of the next reminder of the open level, or None after its last one."""
    offsets = approval.levels[request.level].remind_s
    return (
        clock_started(request) + timedelta(seconds=offsets[request.reminded])
        if request.reminded < len(offsets)
        else None
    )


def due_at(request: Request, approval: Approval) -> datetime:
    """The next moment at which something happens by itself while the request is pending."""
    moments = [gives_up_at(request, approval)]
    if (reminder := next_reminder_at(request, approval)) is not None:
        moments.append(reminder)
    if request.claim is not None:
        moments.append(_claim_moment(request.claim))
    if (pause := paused_by(request)) is not None and pause.paused_until is not None:
        moments.append(pause.paused_until)
    return min(moments)


def _claim_moment(claim: Claim) -> datetime:
    return claim.until if claim.warned else claim.until - ASK_BEFORE


def open_question(request: Request) -> Question | None:
    """The question that waits for its answer; only the last one can."""
    last = request.questions[-1] if request.questions else None
    return last if last is not None and last.answered_at is None else None


def paused_by(request: Request) -> Question | None:
    """The question for which the clock stands still now."""
    asked = open_question(request)
    return asked if asked is not None and asked.paused_until is not None and asked.resumed_at is None else None


def expires_at(request: Request, approval: Approval) -> datetime:
    """When the last level gives up, if nobody acts and every level takes its time."""
    rest = sum(level.timeout_s for level in approval.levels[request.level + 1 :])
    return gives_up_at(request, approval) + timedelta(seconds=rest)


def at_level(request: Request, approval: Approval, level: int, now: datetime) -> Request:
    """The request with `level` opened now: its clock starts, its reminders begin anew, earlier votes stay."""
    opened = request.model_copy(update={"level": level, "level_opened_at": now, "reminded": 0, "stood_ms": 0})
    return with_deadlines(opened, approval)


def with_deadlines(request: Request, approval: Approval) -> Request:
    """The request with `due_at` and `expires_at` computed anew."""
    return request.model_copy(update={"due_at": due_at(request, approval), "expires_at": expires_at(request, approval)})


def reminders_due(request: Request, approval: Approval, now: datetime) -> int:
    """How many of the level's reminders have come due by `now`, those already sent included."""
    elapsed = (now - clock_started(request)).total_seconds()
    return sum(offset <= elapsed for offset in approval.levels[request.level].remind_s)


def clock_started(request: Request) -> datetime:
    """Where the open level's clock counts from: its opening, moved by every pause of it."""
    opened = request.level_opened_at or request.opened_at
    started = opened + timedelta(milliseconds=request.stood_ms)
    pause = paused_by(request)
    return (
        started
        if pause is None or pause.paused_until is None
        else started + _of_level(request, pause, pause.paused_until)
    )


def stood_with(request: Request, pause: Question, until: datetime) -> int:
    """For how many milliseconds the level's clock has stood, when a pause of it ends at `until`."""
    return request.stood_ms + _of_level(request, pause, until) // timedelta(milliseconds=1)


def _of_level(request: Request, pause: Question, until: datetime) -> timedelta:
    """The part of a pause that belongs to the open level: it may have opened during it."""
    opened = request.level_opened_at or request.opened_at
    return max(until - max(pause.at, opened), timedelta(0))
