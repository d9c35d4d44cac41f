"""When a level reminds, when it gives up, and what opens next. All deadlines are absolute and in UTC."""

from datetime import datetime, timedelta

from approvalbot.policy.approval import Approval
from approvalbot.request.request import Request


def gives_up_at(request: Request, approval: Approval) -> datetime:
    """The moment at which the open level gives up and the next is called, or the request expires."""
    return _opened(request) + timedelta(seconds=approval.levels[request.level].timeout_s)


def next_reminder_at(request: Request, approval: Approval) -> datetime | None:
    """The moment of the next reminder of the open level, or None after its last one."""
    offsets = approval.levels[request.level].remind_s
    return _opened(request) + timedelta(seconds=offsets[request.reminded]) if request.reminded < len(offsets) else None


def due_at(request: Request, approval: Approval) -> datetime:
    """The next moment at which something happens by itself while the request is pending."""
    reminder = next_reminder_at(request, approval)
    return min(reminder, gives_up_at(request, approval)) if reminder else gives_up_at(request, approval)


def expires_at(request: Request, approval: Approval) -> datetime:
    """When the last level gives up, if nobody acts and every level takes its time."""
    rest = sum(level.timeout_s for level in approval.levels[request.level + 1 :])
    return gives_up_at(request, approval) + timedelta(seconds=rest)


def at_level(request: Request, approval: Approval, level: int, now: datetime) -> Request:
    """The request with `level` opened now: its clock starts, its reminders begin anew, earlier votes stay."""
    opened = request.model_copy(update={"level": level, "level_opened_at": now, "reminded": 0})
    return with_deadlines(opened, approval)


def with_deadlines(request: Request, approval: Approval) -> Request:
    """The request with `due_at` and `expires_at` computed anew."""
    return request.model_copy(update={"due_at": due_at(request, approval), "expires_at": expires_at(request, approval)})


def reminders_due(request: Request, approval: Approval, now: datetime) -> int:
    """How many of the level's reminders have come due by `now`, those already sent included."""
    elapsed = (now - _opened(request)).total_seconds()
    return sum(offset <= elapsed for offset in approval.levels[request.level].remind_s)


def _opened(request: Request) -> datetime:
    return request.level_opened_at or request.opened_at
