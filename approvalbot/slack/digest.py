"""The digest, pure: one message for the many requests of a storm. Golden files hold it.

What waits comes first, what ends soonest on top. The first few have all that an approver needs and their buttons; the
others are one line each, and move up as those above are decided. What is decided shows how. What does not fit is
counted, and is in the dashboard.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from approvalbot.request.case import Case
from approvalbot.request.request import State
from approvalbot.slack.banners import SEVERE, banners
from approvalbot.slack.card import Drawn, progress_line, standing
from approvalbot.slack.cardbuttons import details_button, pending_buttons
from approvalbot.slack.text import Block, actions, context, header, notice, safe, section, when
from approvalbot.slack.values import Values
from approvalbot.slack.words import people, state_header

MOST_BLOCKS = 50
MOST_CHARACTERS = 11_500
"""Characters of all texts and values of a message. Slack refuses some above 12,000, how it counts is not documented
(slackapi/bolt-js#2509, #2867); the rest is left to it."""

ITEMS = 18
"""Requests with buttons of their own at most, two blocks each; in a large storm there is room for twelve."""

LINES_AT_ONCE = 2500
"""Characters of one block of lines; Slack takes 3,000."""

MUST_SHOW_MOST = 600
"""Characters of must-show fields that still fit an item; above them the request is decided where all of it is shown."""


@dataclass(slots=True)
class _Room:
    """What is drawn, and how much more fits."""

    blocks: list[Block] = field(default_factory=list)
    characters: int = 0

    def fits(self, *blocks: Block, leave: int = 0, blocks_left: int = 0) -> bool:
        """Whether these fit and as much is left."""
        most, drawn = MOST_CHARACTERS - leave, self.characters + characters(blocks)
        return drawn <= most and len(self.blocks) + len(blocks) <= MOST_BLOCKS - blocks_left

    def add(self, *blocks: Block) -> None:
        """Draw these."""
        self.blocks.extend(blocks)
        self.characters += characters(blocks)


@dataclass(frozen=True, slots=True)
class _Line:
    """One request in a line: when it ends, what it is, and its short id. Lines that say the same become one."""

    time: str
    words: str
    short_id: str


def characters(value: Any) -> int:
    """All characters of the texts and values of blocks: what Slack adds up, as far as is known."""
    if isinstance(value, str):
        return len(value)
    if isinstance(value, dict):
        return sum(characters(one) for one in value.values())
    return sum(characters(one) for one in value) if isinstance(value, list | tuple) else 0


def draw_digest(cases: Sequence[Case], values: Values, *, repeat: bool = False) -> Drawn:
    """The digest of these requests as they stand. `repeat` marks a second post whose first may have been lost."""
    waiting = sorted((case for case in cases if case.request.state is State.PENDING), key=_ends)
    settled = sorted((case for case in cases if case.request.state is not State.PENDING), key=_decided, reverse=True)
    title = _title(len(waiting), len(settled))
    room = _Room()
    room.add(header(title), context(*_about(len(waiting), values, repeat=repeat)))
    # The authors of rules stand on every message that a match caused, whole; they take their room first.
    credited = [context(*notice(credit)) for credit in dict.fromkeys(case.about.credit for case in cases) if credit]
    left, below = characters(credited) + 200, len(credited) + 1
    shown = 0
    for case in waiting[:ITEMS]:
        # Below the items room stays for the lines of the others, at most half of the message.
        item = _item(case, values)
        lines_need = min(MOST_CHARACTERS // 2, 100 * (len(waiting) - shown - 1))
        if not room.fits(*item, leave=left + lines_need, blocks_left=below + 8):
            break
        room.add(*item)
        shown += 1
    lines = [_Line(_when(case), _what(case), case.request.short_id) for case in waiting[shown:]]
    hidden = _draw_lines(room, lines, left, below)
    done = [_Line("", _outcome(case), case.request.short_id) for case in settled]
    _draw_lines(room, done, left, below)
    if hidden:
        room.add(context(f"{hidden} more {_link(values.waiting_page, 'in the dashboard')}."))
    room.blocks.extend(credited)
    return Drawn(_summary(waiting, title), room.blocks)


def _title(waiting: int, settled: int) -> str:
    if waiting:
        return f":hourglass_flowing_sand: {waiting} {'request waits' if waiting == 1 else 'requests wait'} here"
    return f":ballot_box_with_check: Nothing waits here any more; {settled} are settled"


def _about(waiting: int, values: Values, *, repeat: bool) -> list[str]:
    lines = [":repeat: repeat of a post whose delivery was uncertain"] if repeat else []
    if not waiting:
        return [*lines, "They came faster than Slack takes messages, and share this one."]
    wait = "request waits" if waiting == 1 else "requests wait"
    decide = f"decide here or in the {_link(values.waiting_page, 'dashboard')}"
    return [
        *lines,
        f":hourglass: Slack is limiting posts; {waiting} {wait}, {decide}.",
        "What ends soonest is on top; `/access show ID` shows any in full.",
    ]


def _summary(waiting: Sequence[Case], title: str) -> str:
    until = waiting[0].request.expires_at if waiting else None
    words = title.split(": ", 1)[-1]
    return f"{words}, the first until {when(until)}" if until else words


def _item(case: Case, values: Values) -> list[Block]:
    """One request with all that decides about it, and its buttons."""
    about, request = case.about, case.request
    must = [f"*{safe(line.label, 60)}:* {safe(line.value, MUST_SHOW_MOST)}" for line in about.lines if line.must_show]
    what = about.summary or f"{about.who or 'somebody'}: {about.action or about.title} {about.resource}".strip()
    facts = [_until(case), progress_line(case)]
    text = "\n".join(
        (
            f"*{safe(about.title, 100)}*",
            safe(what, 160),
            *must,
            *banners(case),
            " · ".join([f"`{request.short_id}`", *(fact for fact in facts if fact)]),
        )
    )
    # A field that must be seen and does not fit leaves no press here that could count without having seen it.
    whole = sum(len(line.value) for line in about.lines if line.must_show) <= MUST_SHOW_MOST
    # What takes longer than one press is done from its page or from `/access show`.
    buttons = [*(pending_buttons(case, values)[:2] if whole else ()), details_button(case, values)]
    return [section(text), actions(f"digest.{request.id}", buttons)]


def _draw_lines(room: _Room, lines: Sequence[_Line], left: int, below: int) -> int:
    """Draw as many as fit, those that say the same on one line; gives how many do not fit."""
    drawn, block, before = 0, "", _Line("", "", "")
    for line in lines:
        piece = _piece(line, before)
        if len(block) + len(piece) > LINES_AT_ONCE:
            room.add(section(block))
            block, piece = "", _piece(line, _Line("", "", "")).lstrip("\n")
        if not room.fits(section(block + piece), leave=left, blocks_left=below):
            break
        block, before, drawn = block + piece, line, drawn + 1
    if block:
        room.add(section(block.lstrip("\n")))
    return len(lines) - drawn


def _piece(line: _Line, before: _Line) -> str:
    """What a line adds below the one before: its time and its words only where they differ."""
    new_time = f"\n*{line.time}*" if line.time and line.time != before.time else ""
    if not new_time and line.words == before.words:
        return f" `{line.short_id}`"
    return f"{new_time}\n• {line.words} `{line.short_id}`"


def _when(case: Case) -> str:
    """Its end to the minute, as it is shown, so that what ends within one stands together."""
    ends = case.request.expires_at
    return f"Until {when(ends.replace(second=0, microsecond=0))}" if ends else "Without an end"


def _what(case: Case) -> str:
    about = case.about
    severe = ":rotating_light: " if about.severity in SEVERE else ""
    return severe + " · ".join(
        safe(part, most) for part, most in ((about.title, 60), (about.who, 40), (about.resource, 50)) if part
    )


def _outcome(case: Case) -> str:
    decision = case.request.decision
    by = f" by {people(decision.by)}" if decision is not None and decision.by else ""
    at = f", {when(decision.at)}" if decision is not None else ""
    return f"{state_header(case, *standing(case))}{by}{at}: {safe(case.about.title, 60)}"


def _until(case: Case) -> str:
    return f"until {when(case.request.expires_at)}" if case.request.expires_at else ""


def _link(page: str, words: str) -> str:
    return f"<{page}|{words}>" if page else words


def _ends(case: Case) -> tuple[bool, datetime]:
    ends = case.request.expires_at
    return ends is None, ends or datetime.max.replace(tzinfo=UTC)


def _decided(case: Case) -> datetime:
    decision = case.request.decision
    return decision.at if decision is not None else case.request.opened_at
