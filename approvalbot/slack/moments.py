"""Moments as people type them, pure: `2h`, `17:30`, `2026-12-24` or `2026-12-24 09:00`, in their own time zone."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from approvalbot.errors import BadInput
from approvalbot.slack.grammar import read_length

_MOMENT = re.compile(r"(?:(?P<day>\d{4}-\d{2}-\d{2})[ T]?)?\s*(?P<time>\d{1,2}:\d{2})?")


def read_moment(text: str, now: datetime, tz: str) -> datetime:
    """The moment that a text names, in UTC. A time alone is the next such time, a date alone its first minute.

    Raises:
        BadInput: it names none, or one that is over.
    """
    found = _MOMENT.fullmatch(text.strip())
    moment = _written(found, now, _zone(tz)) if found and text.strip() else None
    if moment is None:
        moment = now + timedelta(seconds=_length(text))
    if moment <= now:
        raise BadInput("command_unknown", "`{text}` is over already.", text=text[:40])
    return moment


def _zone(tz: str) -> ZoneInfo:
    try:
        return ZoneInfo(tz)
    except (KeyError, ValueError, OSError):
        # Slack knows zones that this machine's tables may not.
        return ZoneInfo("UTC")


def _written(found: re.Match[str], now: datetime, zone: ZoneInfo) -> datetime | None:
    today = now.astimezone(zone).date()
    try:
        day = date.fromisoformat(found["day"]) if found["day"] else today
        hour, minute = (int(part) for part in (found["time"] or "0:0").split(":"))
        moment = datetime.combine(day, time(hour, minute), zone)
        is_over = moment.astimezone(UTC) <= now
        return (moment + timedelta(days=1) if is_over and not found["day"] else moment).astimezone(UTC)
    except (ValueError, OverflowError):
        # No such day or hour, or a last evening that is no day any more in UTC.
        return None


def _length(text: str) -> int:
    try:
        return read_length(text)
    except BadInput as fault:
        sentence = "I cannot read `{text}` as a time. Write 2h, 3d, 17:30, 2026-12-24 or 2026-12-24 09:00."
        raise BadInput("command_unknown", sentence, text=text[:40]) from fault
