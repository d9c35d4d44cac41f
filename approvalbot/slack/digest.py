"""The digest, pure: one message for the many requests of a storm. Golden files hold it.

What waits comes first, what ends soonest on top. The first few have all that an approver needs and their buttons; the
others are one line each, and move up as those above are decided. What is decided shows how. What does not fit is
counted, and is in the dashboard.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from approvalbot.plaintext import one_line
from approvalbot.request.case import Case
from approvalbot.request.request import State
from approvalbot.slack.banners import SEVERE, banners
from approvalbot.slack.card import Drawn, progress_line, standing
from approvalbot.slack.cardbuttons import details_button, pending_buttons
from approvalbot.slack.text import MRKDWN_MOST, Block, actions, context, header, notice, safe, section, when
from approvalbot.slack.values import Values
from approvalbot.slack.words import people, state_header

MOST_BLOCKS = 50
MOST_CHARACTERS = 11_500
"""Characters of all texts and values of a message. Slack refuses some above 12,000, how it counts is not documented
(slackapi/bolt-js#2509, #2867); the rest is left to it."""

ITEMS, ITEMS_AT_LEAST = 12, 8
"""Requests with buttons of their own: as many as leave a line for all others, and never fewer. Nobody goes through more
of them at once, and those below move up."""

CREDITS = 10
"""Authors of rules that one digest names."""

LEFT = 200
"""Characters that are left for what is counted below the lines."""

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
    top = [header(title), context(*_about(len(waiting), values, repeat=repeat))]
    named, below = _credited([*waiting, *settled])
    shown = [case for case in waiting if case.about.credit in named]
    done = [_Line("", _outcome(case), case.request.short_id) for case in settled if case.about.credit in named]
    # As many items as leave room to name everything else; in a large and mixed storm what is left is counted.
    for items in range(min(ITEMS, len(shown)), -1, -1):
        room, missing = _filled(top, shown, items, values, below)
        if not missing or items <= ITEMS_AT_LEAST:
            break
    _draw_lines(room, done, below)
    if hidden := missing + len(waiting) - len(shown):
        room.add(context(f"{hidden} more {_link(values.waiting_page, 'in the dashboard')}."))
    room.blocks.extend(below)
    return Drawn(_summary(waiting, title), room.blocks)


def _filled(
    top: Sequence[Block], waiting: Sequence[Case], items: int, values: Values, below: Sequence[Block]
) -> tuple[_Room, int]:
    """The message with so many items, as far as they fit, and the others in lines; how many of them do not fit."""
    room = _Room()
    room.add(*top)
    drawn = 0
    for case in waiting[:items]:
        item = _item(case, values)
        if not room.fits(*item, leave=characters(below) + LEFT, blocks_left=len(below) + 4):
            break
        room.add(*item)
        drawn += 1
    lines = [_Line(_when(case), _what(case), case.request.short_id) for case in waiting[drawn:]]
    return room, _draw_lines(room, lines, below)


def _credited(cases: Sequence[Case]) -> tuple[set[str], list[Block]]:
    """The authors of rules stand on every message that a match caused, whole. Gives those that find room, and their
    blocks; a request whose author finds none is only counted.
    """
    named, blocks = {""}, list[Block]()
    for credit in dict.fromkeys(case.about.credit for case in cases):
        block = context(*notice(credit)) if credit else None
        if block is not None and len(blocks) < CREDITS and characters([*blocks, block]) <= MOST_CHARACTERS // 3:
            blocks.append(block)
            named.add(credit)
    return named, blocks


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
        f"Slack is limiting posts; {waiting} {wait}, {decide}.",
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
    # Measured as it is shown: what nobody sees is written out, and what is escaped grows.
    shown = sum(len(one_line(line.value)) for line in about.lines if line.must_show)
    whole = shown <= MUST_SHOW_MOST and len(text) <= MRKDWN_MOST
    # What takes longer than one press is done from its page or from `/access show`.
    buttons = [*(pending_buttons(case, values)[:2] if whole else ()), details_button(case, values)]
    return [section(text), actions(f"digest.{request.id}", buttons)]


def _draw_lines(room: _Room, lines: Sequence[_Line], below: Sequence[Block]) -> int:
    """Draw as many as fit, those that say the same on one line; gives how many do not fit."""
    drawn, block, before = 0, "", _Line("", "", "")
    for line in lines:
        piece = _piece(line, before)
        if len(block) + len(piece) > LINES_AT_ONCE:
            room.add(section(block))
            block, piece = "", _piece(line, _Line("", "", "")).lstrip("\n")
        if not room.fits(section(block + piece), leave=characters(below) + LEFT, blocks_left=len(below) + 1):
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
