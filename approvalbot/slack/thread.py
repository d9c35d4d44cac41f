"""What is said beside the card, pure: reminders, escalations, the timeline, messages to the requester and the owner."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from approvalbot.policy.durations import show_duration
from approvalbot.request.acting import acted_of
from approvalbot.request.case import Case
from approvalbot.request.held import grant_of
from approvalbot.request.quorum import entries_of
from approvalbot.request.refusals import level_entries, shown_entry
from approvalbot.request.request import NOBODY_ASKED, State, Vote
from approvalbot.request.timing import clock_started, gives_up_at
from approvalbot.slack.absent import for_whom
from approvalbot.slack.againbuttons import again_buttons
from approvalbot.slack.banners import SEVERE
from approvalbot.slack.card import credited as notices
from approvalbot.slack.card import standing
from approvalbot.slack.following import acted_line
from approvalbot.slack.grantwords import how_to_use, told_fault
from approvalbot.slack.heldbuttons import holder_buttons
from approvalbot.slack.lesswords import approved_word, granted_by, less_line
from approvalbot.slack.lookwords import claim_note
from approvalbot.slack.questionwords import note_blocks as question_note
from approvalbot.slack.questionwords import note_line, talk_buttons
from approvalbot.slack.text import Block, button, deadline, notice, quote, safe, section, show, when
from approvalbot.slack.values import Values
from approvalbot.slack.words import labels_of, outcome, told_line, written

WITHDRAW = "request.withdraw"


def group_names(case: Case, level: int) -> str:
    """The approver entries of a level, in one phrase."""
    return " and ".join(safe(shown_entry(key), 80) for key in level_entries(case.request, case.terms.approval, level))


def reminder(case: Case, level: int, nth: int) -> str:
    """It is still open, how it stands, and what comes next."""
    rules = case.terms.approval.levels[level]
    waited = show_duration(rules.remind_s[nth - 1]) if nth <= len(rules.remind_s) else ""
    approvals, needed = standing(case)
    count = f" {approvals} of {needed} {labels_of(case).approved.lower()}." if needed > 1 or approvals else ""
    return credited(case, f"Still waiting, {waited}.{count} {next_steps(case, nth)}")


def next_steps(case: Case, reminded: int) -> str:
    """The next reminder, then the next group or the end, each with its time."""
    request, approval = case.request, case.terms.approval
    level = approval.levels[request.level]
    started = clock_started(request)
    steps = []
    if reminded < len(level.remind_s):
        at = started + timedelta(seconds=level.remind_s[reminded])
        steps.append(f"Next reminder {deadline(at, request.opened_at)}")
    end = deadline(gives_up_at(request, approval), request.opened_at)
    if request.level + 1 < len(approval.levels):
        steps.append(f"{group_names(case, request.level + 1)} at {end}")
    else:
        steps.append(f"it {'would be approved' if approval.on_timeout == 'approve' else 'expires'} at {end}")
    text = ", then ".join(steps)
    return f"{text[0].upper()}{text[1:]}, unless someone decides."


def escalation(case: Case, level: int, mentions: str, link: str) -> str:
    """The call of a new level, in the card's thread. Only the new group is mentioned."""
    approval = case.terms.approval
    before = group_names(case, level - 1)
    took = show_duration(approval.levels[level - 1].timeout_s)
    last = level + 1 == len(approval.levels)
    ends = gives_up_at(case.request, approval)
    until = deadline(ends, case.request.opened_at) if case.request.level == level else ""
    asked = next((asked for asked in case.request.asked if asked.level == level - 1), None)
    why = "could not be asked" if asked is not None and not asked.people else f"did not act in {took}"
    card = f"<{link}|the card>"
    decide = f" Please decide on {card} by {until}." if until else f" {card}"
    told = f", and {safe(case.about.caller, 60)} is told so" if case.about.caller else ""
    end = " This is the last step." if last else ""
    if approval.on_timeout == "expire":
        end += f" If nobody does: it expires{told}."
    return credited(case, f"{mentions or group_names(case, level)}: {before} {why}.{decide}{end}")


def reminder_of_many(waiting: int) -> str:
    """A reminder in the thread of a digest: one for all of its requests."""
    many = "request" if waiting == 1 else "requests"
    return f"Still waiting: {waiting} {many} of those above. What ends soonest is on top."


def escalation_of_many(case: Case, level: int, mentions: str, waiting: int, link: str) -> str:
    """The call of a new level in the thread of a digest: one for all of its requests that come this far."""
    before, whom = group_names(case, level - 1), mentions or group_names(case, level)
    many = "request waits" if waiting == 1 else "requests wait"
    return f"{whom}: {before} did not act in time; {waiting} {many}. Please decide: {link}."


def credited(case: Case, text: str) -> str:
    """A message that a match caused, with whose rule it was below it, whole."""
    return f"{text}\n{''.join(notice(case.about.credit))}" if text and case.about.credit else text


def note(case: Case, what: str, detail: Mapping[str, str], mention: Callable[[str], str] | None = None) -> str:
    """One line of the timeline, or an empty text for what needs no line. `mention` calls an approver entry by its key.

    A denial where much is at stake calls everybody who was asked: who would have approved should know why not.
    """
    return credited(case, _called(case, what, _line(case, what, detail), mention))


def _called(case: Case, what: str, line: str, mention: Callable[[str], str] | None) -> str:
    if line and what == State.DENIED.value and case.about.severity in SEVERE and mention is not None:
        called = sorted(entries_of(case.request, case.terms.approval, case.request.level))
        return f"{' '.join(mention(key) for key in called)}: {line}"
    return line


def note_blocks(
    case: Case, what: str, detail: Mapping[str, str], mention: Callable[[str], str] | None = None
) -> list[Block]:
    """The blocks of a line in which somebody's own words stand, where nothing of them may be parsed."""
    if what == "note_added":
        return question_note(detail)
    vote = _vote_of(case, detail) if what == "voted" else None
    words = [quote(vote.reason)] if vote is not None and vote.reason else []
    if what == case.request.state.value:
        words = written(case)
    if not words:
        return []
    line = _called(case, what, _line(case, what, detail, quoted=True), mention)
    return [section(line), *words, *notices(case)]


def _line(case: Case, what: str, detail: Mapping[str, str], *, quoted: bool = False) -> str:
    if what in {state.value for state in State}:
        return _state_note(case, what, detail, quoted=quoted)
    match what:
        case "voted":
            return _vote_note(case, detail, quoted=quoted)
        case "repeated":
            return _repeats_note(case, detail)
        case "claimed" | "claim_released" | "claim_lapsed" | "note_added" | "resumed":
            return _attending_note(what, detail)
        case "extended" | "extend_failed":
            return _extension_note(case, what, detail)
        case "answer_given_up" | "action_done" | "action_failed" | "effect_not_run":
            return _effect_note(case, what, detail)
    return ""


def _attending_note(what: str, detail: Mapping[str, str]) -> str:
    """What people do about it besides deciding."""
    if what == "resumed":
        return "No answer came in time: the clock goes on. The question is still open."
    return note_line(detail) if what == "note_added" else claim_note(what, detail)


def _vote_of(case: Case, detail: Mapping[str, str]) -> Vote | None:
    return next((vote for vote in case.request.votes if vote.by.key == detail.get("by")), None)


def _vote_note(case: Case, detail: Mapping[str, str], *, quoted: bool) -> str:
    vote = _vote_of(case, detail)
    if vote is None:
        return ""
    labels, (approvals, needed) = labels_of(case), standing(case)
    word = labels.approved if vote.choice == "approve" else labels.against
    reason = f" “{safe(vote.reason)}”" if vote.reason and not quoted else ""
    said = f"{show(vote.by)}{for_whom(case, vote.by)}: {word.lower()}{granted_by(case, vote)}"
    return f"{said}.{reason} {approvals} of {needed}."


def _extension_note(case: Case, what: str, detail: Mapping[str, str]) -> str:
    if what == "extend_failed":
        return f"Not extended: {told_fault(detail.get('fault', ''))}. It still ends at its time."
    ends_at = grant_of(case.request).ends_at
    return f"Extended: it now ends at {when(ends_at)}." if ends_at else "Extended."


def _effect_note(case: Case, what: str, detail: Mapping[str, str]) -> str:
    """What came of something that followed the decision."""
    if what == "answer_given_up":
        receiver = safe(detail.get("to", "The receiver"))
        return f":rotating_light: {receiver} could not be told: {safe(detail.get('fault', ''))}"
    if what == "effect_not_run":
        name, fault = safe(detail.get("name", ""), 80), safe(detail.get("fault", ""))
        return f":rotating_light: `{name}` was not run: {fault}. The owner ({safe(case.terms.owner, 80)}) is told."
    acted = acted_of(case.request, detail.get("effect", ""))
    return acted_line(case, acted) if acted is not None else ""


def _repeats_note(case: Case, detail: Mapping[str, str]) -> str:
    """How many more of the same came, and what that means for them."""
    new, total = safe(detail.get("new", "")), int(detail.get("total", "0")) + 1
    line = f":repeat: {new} more of the same, {total} since {when(case.request.opened_at)}."
    undecided = case.request.state in {State.PENDING, State.WATCHED}
    return line if undecided else f"{line} The decision above stands for them."


def _state_note(case: Case, what: str, detail: Mapping[str, str], *, quoted: bool) -> str:
    if what == case.request.state.value:
        return outcome(case, quoted=quoted)
    # A later state stands by now; the timeline still says what happened, in its own order.
    return {
        "approved": f"{approved_word(case, labels_of(case).approved)}{less_line(case)}.",
        "active": "Access started.",
        "ended": "Access ended.",
        "failed": f"Access failed: {safe(detail.get('fault', ''))}",
    }.get(what, what.capitalize() + ".")


def told(case: Case, what: str, values: Values) -> tuple[str, list[Block]]:
    """A direct message to the requester: the text, and its blocks."""
    text = _told_text(case, what)
    blocks = [section(_told_text(case, what, quoted=True))]
    # Only these say how it was decided.
    blocks += [*(written(case) if what in {"approved", "denied"} else []), *notices(case)]
    value = values.write(case.request.id, case.request.content)
    if what == "asked" and case.request.state is State.PENDING:
        withdraw = button("Withdraw", WITHDRAW, value, f"Withdraw request {case.request.short_id}")
        blocks.append(_row(withdraw, *talk_buttons(case, values, mine=True)))
    held = [*again_buttons(case, what, values)]
    held += holder_buttons(case.request, case.terms, values) if what in _HELD else []
    if held:
        blocks.append(_row(*held))
    return credited(case, text), blocks


_HELD = {"active", "ending", "extended", "extend_failed"}
"""Messages about access that runs: with buttons to keep it or to end it."""


def _row(*elements: Block) -> Block:
    return {"type": "actions", "elements": list(elements)}


def _told_text(case: Case, what: str, *, quoted: bool = False) -> str:
    request, about = case.request, case.about
    title = f"*{safe(about.title, 120)}*"
    by = outcome(case, quoted=quoted)
    match what:
        case "asked":
            after = f", then {group_names(case, 1)}" if len(case.terms.approval.levels) > 1 else ""
            until = deadline(gives_up_at(request, case.terms.approval), request.opened_at)
            length = show_duration(request.wish.duration_s) if request.wish else ""
            wish = f"to let you keep {title} for {length} more" if request.extends else f"for {title}, {length}"
            return (
                f"Asked {group_names(case, 0)} {wish}. They have until {until}{after}. "
                f"You hear from me either way. `{request.short_id}`"
            )
        case "active":
            use = how_to_use(case)
            return f"{title}: {by}" + (f" How to use: {safe(use, 500)}" if use else "")
        case "ending":
            ends = request.grant.ends_at if request.grant else None
            return f"{title} ends at {when(ends)}." if ends else f"{title} ends soon."
        case "extend_failed":
            grant = grant_of(request)
            still = f" It still ends at {when(grant.ends_at)}." if grant.ends_at else ""
            return f"{title} could not be extended: {told_fault(grant.fault)}.{still}"
        case "expired":
            silent = request.decision is not None and request.decision.reason_code == NOBODY_ASKED
            nobody = "nobody could be asked" if silent else "nobody acted"
            return f"{title}: {nobody}, so there is no approval. This is not a denial. {told_line(case)}"
        case _:
            return f"{title}: {by}"


def overruled(case: Case) -> str:
    """To somebody who muted whoever asked: why they hear of it all the same."""
    who = safe(case.about.who or "whoever asked", 100)
    text = f"You muted {who}. You are told of `{case.request.short_id}` all the same, since nobody else would be."
    return credited(case, text)
