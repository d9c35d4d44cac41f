"""The home tab, pure: what waits for somebody, what they asked for and hold, what they may ask for, what they decided.

Slack takes 100 blocks. What waits comes first and is shortened last; whatever is left out is counted.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from approvalbot.policy.durations import show_duration
from approvalbot.policy.entitlement import Entitlement
from approvalbot.request.case import Case
from approvalbot.request.held import grant_of
from approvalbot.request.request import Person, Request, State
from approvalbot.slack.absent import absent
from approvalbot.slack.banners import banners
from approvalbot.slack.before import before_line
from approvalbot.slack.cardbuttons import decide_buttons, details_button
from approvalbot.slack.heldbuttons import holder_buttons
from approvalbot.slack.listing import credits_of, held_until
from approvalbot.slack.lookwords import claim_line
from approvalbot.slack.questionwords import question_rows, question_to_me
from approvalbot.slack.text import (
    Block,
    actions,
    bullets,
    button,
    context,
    day_and_time,
    header,
    rich_text,
    safe,
    section,
    words,
)
from approvalbot.slack.thread import WITHDRAW
from approvalbot.slack.values import Values
from approvalbot.slack.words import REASON_LABELS

BLOCKS_MOST = 100
"""Blocks of a home tab (Block Kit reference, "views")."""

WAITING_MOST, MINE_MOST, HELD_MOST, OFFERED_MOST, DECIDED_MOST = 12, 5, 5, 5, 10

DIVIDER: Block = {"type": "divider"}

REQUEST, BACK = "home.request", "home.back"
"""Buttons of the tab alone: ask for something, and be back before the time that was said."""


@dataclass(frozen=True, slots=True)
class HomeView:
    """What the tab of one person shows at `now`. `more_waiting` and `muted` count what waits besides `waiting`."""

    now: datetime
    known_as: str
    waiting: Sequence[Case] = ()
    more_waiting: int = 0
    muted: int = 0
    asked: Sequence[tuple[Request, str]] = ()
    held: Sequence[tuple[Case, str]] = ()
    offered: Sequence[Entitlement] = ()
    decided: Sequence[tuple[Request, str]] = ()
    person: Person | None = None
    settings: Sequence[str] = ()
    away: bool = False
    notices: Sequence[str] = ()
    page: str = ""


def home_blocks(view: HomeView, values: Values) -> list[Block]:
    """The blocks of the tab, at most 100."""
    for most in range(min(WAITING_MOST, len(view.waiting)), -1, -1):
        parts = [
            _waiting(view, values, most),
            _asked(view, values),
            _held(view, values),
            _offered(view),
            _decided(view),
            _credits(view, most),
            _settings(view),
        ]
        blocks = [block for part in parts if part for block in (*part, DIVIDER)][:-1]
        if len(blocks) <= BLOCKS_MOST:
            break
    return blocks[:BLOCKS_MOST]


def _waiting(view: HomeView, values: Values, most: int) -> list[Block]:
    blocks = [header("Waiting for you")]
    for case in view.waiting[:most]:
        blocks += _waiting_one(case, values)
    if not view.waiting:
        blocks.append(section(f"Nothing waits for you.{_last(view)} `/access` asks for something."))
    left = view.more_waiting + len(view.waiting) - min(most, len(view.waiting))
    if left:
        blocks.append(context(f"{left} more in {_dashboard(view)}"))
    if view.muted:
        blocks.append(context(f"{view.muted} of people you muted: `/access list waiting`"))
    return blocks


def _waiting_one(case: Case, values: Values) -> list[Block]:
    """One open question. Its facts stand whole, as on the card: nobody decides here on less than there."""
    request, about = case.request, case.about
    until = f", decide by {day_and_time(request.expires_at)}" if request.expires_at else ""
    what = safe(about.summary or f"{about.who}: {about.action} {about.resource}", 600)
    blocks = [section(f"*{safe(about.title, 120)}* `{request.short_id}`{until}\n{what}")]
    if lines := [*banners(case, repeat=False), *absent(case)]:
        blocks.append(context(*lines))
    if about.lines:
        blocks.append(rich_text(bullets(words((f"{line.label}: ", "bold"), line.value) for line in about.lines)))
    blocks += [context(line)] if (line := claim_line(case)) else []
    blocks += question_rows(case)
    blocks += [context(line)] if (line := before_line(case)) else []
    blocks.append(actions(f"home.{request.id}", [*decide_buttons(case, values), details_button(case, values)]))
    return blocks


def _last(view: HomeView) -> str:
    if not view.decided:
        return ""
    request, title = view.decided[0]
    return f" Last you decided *{safe(title, 120)}* `{request.short_id}`."


def _dashboard(view: HomeView) -> str:
    return f"<{view.page}|the dashboard>" if view.page else "`/access list waiting`"


def _asked(view: HomeView, values: Values) -> list[Block]:
    """What is still open, each with the way to take it back; then how the last others ended."""
    blocks = [header("Your requests")]
    pending = [one for one in view.asked if one[0].state is State.PENDING]
    for request, title in pending[:MINE_MOST]:
        until = f", they have until {day_and_time(request.expires_at)}" if request.expires_at else ""
        value = values.write(request.id, request.content)
        made = button("Withdraw", WITHDRAW, value, f"Withdraw request {request.short_id}")
        row = section(f"*{safe(title, 120)}* `{request.short_id}`{until}")
        blocks.append({**row, "accessory": made, "block_id": f"mine.{request.id}"})
        blocks += question_to_me(request, values)
    if len(pending) > MINE_MOST:
        blocks.append(context(f"{len(pending) - MINE_MOST} more open: `/access list mine`"))
    ended = [one for one in view.asked if one[0].state not in {State.PENDING, State.ACTIVE}][:MINE_MOST]
    if ended:
        blocks.append(
            section(
                "\n".join(f"• `{request.short_id}` {safe(title, 120)}: {_outcome(request)}" for request, title in ended)
            )
        )
    elif not pending:
        blocks.append(section("Nothing."))
    return blocks


def _outcome(request: Request) -> str:
    decision = request.decision
    why = REASON_LABELS.get(decision.reason_code, "") if decision is not None else ""
    return f"{request.state.value}{f' ({why.lower()})' if why else ''}"


def _held(view: HomeView, values: Values) -> list[Block]:
    """Each access that is held, or may still be open, with its time left and its buttons."""
    blocks = [header("Your access")]
    for case, title in view.held[:HELD_MOST]:
        request = case.request
        blocks.append(
            section(f"*{safe(title, 120)}*{held_until(request)}{_left(request, view.now)} `{request.short_id}`")
        )
        if buttons := holder_buttons(request, case.terms, values):
            blocks.append(actions(f"held.{request.id}", buttons))
    if len(view.held) > HELD_MOST:
        blocks.append(context(f"{len(view.held) - HELD_MOST} more: `/access list active`"))
    if not view.held:
        blocks.append(section("Nothing."))
    return blocks


def _left(request: Request, now: datetime) -> str:
    ends_at = grant_of(request).ends_at
    if request.state is not State.ACTIVE or ends_at is None or grant_of(request).ending:
        return ""
    return f", {show_duration((ends_at - now).total_seconds())} left"


def _offered(view: HomeView) -> list[Block]:
    blocks = [header("You may ask for")]
    for terms in view.offered[:OFFERED_MOST]:
        label = f"Request access: {terms.title}"
        row = section(
            f"*{safe(terms.title, 120)}*" + (f"\n{safe(terms.description, 200)}" if terms.description else "")
        )
        blocks.append(
            {**row, "accessory": button("Request access", REQUEST, terms.id, label), "block_id": f"ask.{terms.id}"}
        )
    if len(view.offered) > OFFERED_MOST:
        blocks.append(context(f"{len(view.offered) - OFFERED_MOST} more: `/access`"))
    if not view.offered:
        blocks.append(section("Nothing here."))
    return blocks


def _decided(view: HomeView) -> list[Block]:
    if not view.decided or view.person is None:
        return []
    lines = [f"• `{one.short_id}` {safe(title, 120)}: {_my_part(one, view.person)}" for one, title in view.decided]
    return [header("Recent decisions"), section("\n".join(lines[:DECIDED_MOST]))]


def _my_part(request: Request, person: Person) -> str:
    """What somebody pressed, and what came of it."""
    vote = next((vote for vote in request.votes if vote.by.is_same(person)), None)
    mine = "" if vote is None else f"you said {'yes' if vote.choice == 'approve' else 'no'}, "
    at = f" {day_and_time(request.decision.at)}" if request.decision is not None else ""
    return f"{mine}{request.state.value}{at}"


def _credits(view: HomeView, most: int) -> list[Block]:
    """Whose rules are behind what the tab shows (Detection Rule License 1.1)."""
    shown = [case.request for case in (*view.waiting[:most], *(case for case, _ in view.held))]
    shown += [request for request, _ in (*view.asked, *view.decided)]
    return [context(*lines) for lines in _by_ten(credits_of(shown))]


def _settings(view: HomeView) -> list[Block]:
    blocks = [header("Settings"), section("\n".join(view.settings))]
    if view.away:
        blocks.append(actions("home.settings", [button("I am back", BACK, "-", "End my absence")]))
    blocks.append(context(view.known_as))
    if view.notices:
        blocks.append(context(*(f":warning: {notice}" for notice in view.notices)))
    return blocks


def _by_ten(lines: list[str]) -> list[list[str]]:
    """A context block takes ten elements."""
    return [lines[start : start + 10] for start in range(0, len(lines), 10)]
