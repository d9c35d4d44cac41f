"""The approval card, pure: a case in, Slack blocks out. Golden files hold every state of it.

Top to bottom: state and title; banners; who wants what; the facts; who decides and why; what happens if nobody acts;
how the votes stand; the buttons, or the outcome that replaced them; which request, policy and content this is.
"""

from dataclasses import dataclass

from approvalbot.request.case import Case
from approvalbot.request.quorum import bench_of, entries_of, needed_approvals, tally
from approvalbot.request.refusals import level_entries, shown_entry
from approvalbot.request.request import State, Vote
from approvalbot.request.timing import gives_up_at, paused_by
from approvalbot.request.undoing import does, undo_listed
from approvalbot.slack.absent import absent, for_whom
from approvalbot.slack.banners import banners
from approvalbot.slack.before import before_line
from approvalbot.slack.cardbuttons import ACTIONS_BLOCK, details_button, pending_buttons
from approvalbot.slack.heldbuttons import card_buttons
from approvalbot.slack.lesswords import granted_by
from approvalbot.slack.lookwords import claim_line
from approvalbot.slack.questionwords import question_rows
from approvalbot.slack.text import (
    Block,
    actions,
    bullets,
    context,
    day_and_time,
    deadline,
    header,
    notice,
    rich_text,
    safe,
    section,
    when,
    words,
)
from approvalbot.slack.values import Values
from approvalbot.slack.words import labels_of, outcome, people, state_header, written


@dataclass(frozen=True, slots=True)
class Drawn:
    """A message: its blocks, and the text that notifications and screen readers get."""

    text: str
    blocks: list[Block]


def draw(case: Case, values: Values, *, repeat: bool = False, late_s: int = 0) -> Drawn:
    """The card of a case as it stands. `repeat` marks a second post of a message whose first may have been lost,
    `late_s` one that came late by so many seconds.
    """
    blocks = [header(f"{_state(case)}: {case.about.title}")]
    if lines := banners(case, repeat=repeat, late_s=late_s):
        blocks.append(context(*lines))
    blocks.append(rich_text(_sentence(case)))
    if case.about.lines:
        blocks.append(rich_text(bullets(words((f"{line.label}: ", "bold"), line.value) for line in case.about.lines)))
    if case.request.state is State.PENDING:
        blocks += [context(why_you(case), why_now(case), *absent(case)), context(if_nobody_acts(case))]
        if lines := [line for line in (progress_line(case), claim_line(case)) if line]:
            blocks.append(context(*lines))
        blocks += question_rows(case)
        blocks += [context(line)] if (line := before_line(case)) else []
        blocks.append(actions(ACTIONS_BLOCK, pending_buttons(case, values)))
    elif case.request.state is State.WATCHED:
        blocks += [context(would_ask(case), why_now(case)), actions(ACTIONS_BLOCK, [details_button(case, values)])]
    else:
        blocks += [section(outcome(case, quoted=True)), *written(case)]
        blocks.append(actions(ACTIONS_BLOCK, [*card_buttons(case, values), details_button(case, values)]))
    blocks += [*credited(case), context(footer(case))]
    return Drawn(_summary(case), blocks)


def _state(case: Case) -> str:
    counted = standing(case)
    return state_header(case, *counted)


def standing(case: Case) -> tuple[int, int]:
    """How many approvals stand, and how many are needed, by the snapshot's rules."""
    request = case.request
    bench = bench_of(request, case.terms.approval, None, actor_known=request.actor_known, owner=request.owner)
    counted = tally(case.request.votes, bench)
    return counted.approvals, counted.needed


def _summary(case: Case) -> str:
    about, request = case.about, case.request
    state = _state(case).split(": ", 1)[-1] if ": " in _state(case) else _state(case)
    who = f", by {safe(about.who, 100)}" if about.who else ""
    until = (
        f", decide by {deadline(request.expires_at, request.opened_at)}"
        if request.expires_at and request.state is State.PENDING
        else ""
    )
    return f"{state}: {safe(about.title, 120)}{who}{until}"


def _sentence(case: Case) -> Block:
    about = case.about
    if about.summary:
        return words(about.summary)
    who, resource = about.who or "somebody", about.resource
    verb = "did" if case.request.kind == "review" else "wants to"
    tail = (" on ", (resource, "bold")) if resource else ("",)
    return words((who, "bold"), f" {verb} ", (about.action or case.about.title, "bold"), *tail)


def why_you(case: Case) -> str:
    """Which groups are asked, and at which step of how many."""
    levels = case.terms.approval.levels
    if case.request.owner:
        owner = safe(shown_entry(case.request.owner), 80)
        return f"*Who decides*  two people of {owner}, who owns the policy; whoever is asked may say no"
    names = " or ".join(
        safe(shown_entry(key), 80) for key in sorted(entries_of(case.request, case.terms.approval, case.request.level))
    )
    return f"*Who decides*  {names} · step {case.request.level + 1} of {len(levels)}"


def would_ask(case: Case) -> str:
    """Whom the policy would have asked first."""
    names = " or ".join(safe(shown_entry(key), 80) for key in level_entries(case.request, case.terms.approval, 0))
    return f"*Would ask*  {names}"


def why_now(case: Case) -> str:
    """Which policy asked, and the fields that matched it."""
    fields = ", ".join(safe(line.label, 60) for line in case.about.matched[:6])
    because = f" matched {fields}" if fields else ""
    return f"*Why now*  policy {safe(case.request.policy_id, 80)}{because}"


def credited(case: Case) -> list[Block]:
    """Whose rule it is: on every message that its match caused, never cut (Detection Rule License 1.1)."""
    return [context(*notice(case.about.credit))] if case.about.credit else []


def if_nobody_acts(case: Case) -> str:
    """The next step and the end, in the reader's own time."""
    request, approval = case.request, case.terms.approval
    if request.level_opened_at is None or request.expires_at is None:
        return ""
    pause = paused_by(request)
    parts = [f"the clock is paused until {when(pause.paused_until)}"] if pause and pause.paused_until else []
    if request.level + 1 < len(approval.levels):
        names = " and ".join(safe(shown_entry(key), 80) for key in level_entries(request, approval, request.level + 1))
        parts.append(f"{names} is asked at {deadline(gives_up_at(request, approval), request.opened_at)}")
    if approval.on_timeout == "approve":
        parts.append(f":warning: would be approved at {day_and_time(request.expires_at)}")
    else:
        told = f", {safe(case.about.caller, 60)} is told “expired”" if case.about.caller else ""
        parts.append(f"expires {day_and_time(request.expires_at)}{told}")
    if undo := [one for one in undo_listed(case, State.EXPIRED) if not one.why]:
        parts.append(f":warning: and then this would {' and '.join(safe(does(one.name)) for one in undo)}")
    return f"*If nobody acts*  {'; '.join(parts)}"


def progress_line(case: Case) -> str:
    """How the votes stand; empty while nobody has voted."""
    approvals, needed = standing(case)
    votes = case.request.votes
    if not votes:
        needs_more = needed_approvals(case.request, case.terms.approval, actor_known=case.request.actor_known)
        distinct = " of different groups" if case.request.distinct else ""
        return f"*Needed*  {needs_more} people{distinct}" if needs_more > 1 else ""
    said = ", ".join(_said(case, vote) for vote in votes)
    missing = needed - approvals
    whom = ("person" if missing == 1 else "people") + (" from another group" if case.request.distinct else "")
    return f"*Progress*  {approvals} of {needed}: {said}. {missing} more {whom} needed."


def _said(case: Case, vote: Vote) -> str:
    labels = labels_of(case)
    word = labels.approved.lower() if vote.choice == "approve" else labels.against
    return f"{people((vote.by,))}{for_whom(case, vote.by)} {word}{granted_by(case, vote)} {when(vote.at)}"


def footer(case: Case) -> str:
    """Which request, which version of which policy, which content: the same everywhere it is shown."""
    request = case.request
    return (
        f"`{request.short_id}` · policy {safe(request.policy_id, 80)}@{request.policy_digest[:8]}"
        f" · content {case.about.digest[:8]} · opened {day_and_time(request.opened_at)}"
    )
