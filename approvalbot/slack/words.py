"""The words of each kind and state, in one place: header, buttons, outcome. Expired is never called denied."""

from dataclasses import dataclass

from approvalbot.policy.durations import show_duration
from approvalbot.request.case import Case
from approvalbot.request.following import policy_effects
from approvalbot.request.refusals import shown_people
from approvalbot.request.request import NOBODY_ASKED, Person, State
from approvalbot.request.timing import open_question
from approvalbot.request.undoing import can_undo, undoes
from approvalbot.slack.absent import for_whom
from approvalbot.slack.following import acted_lines
from approvalbot.slack.grantwords import extension_line, grant_line
from approvalbot.slack.lesswords import approved_word, less_line
from approvalbot.slack.text import Block, deadline, quote, safe, show, when


@dataclass(frozen=True, slots=True)
class Labels:
    """How a kind of request calls its two answers.

    The verbs fit a button. `denying` goes before the request's name, `deny_title` heads the form (24 characters), and
    `against` is what one vote says.
    """

    approve: str
    deny: str
    approved: str
    denied: str
    denying: str = "Deny"
    deny_title: str = "Deny request"
    against: str = "denied"


def labels_of(case: Case) -> Labels:
    """Approve and Deny; for what has already happened, Acknowledge, and Undo where a no undoes it, else Object."""
    if case.request.kind != "review":
        return Labels("Approve", "Deny", "Approved", "Denied")
    if can_undo(case):
        return Labels(
            "Acknowledge", "Undo", "Acknowledged", "Undo decided", "Undo", "Undo what happened", "wants it undone"
        )
    return Labels("Acknowledge", "Object", "Acknowledged", "Objected", "Object to", "Object to request", "objected")


REASON_LABELS = {
    "not_needed": "Not needed",
    "wrong_target": "Wrong target",
    "too_broad": "Too broad",
    "not_now": "Not now",
    "suspicious": "Suspicious",
    "other": "Other",
}
"""The one-tap reasons of a denial; the code goes back to the waiting service, the label to people."""


def state_header(case: Case, approvals: int, needed: int) -> str:
    """The header's emoji and words: what stands, before anything else."""
    request = case.request
    labels = labels_of(case)
    if request.state is State.PENDING:
        if open_question(request) is not None:
            return f":speech_balloon: Waiting for {_named(request.requester)}"
        if request.level:
            return f":large_orange_circle: Escalated to step {request.level + 1} of {len(case.terms.approval.levels)}"
        if approvals:
            return f":large_yellow_circle: {approvals} of {needed} {labels.approved.lower()}"
        if request.claim is not None:
            return f":eyes: {_named(request.claim.by)} is looking"
        return ":large_yellow_circle: " + ("Review needed" if request.kind == "review" else "Approval needed")
    if request.decision is not None and request.decision.by_timeout and request.state is State.APPROVED:
        return f":warning: {labels.approved} by timeout"
    if request.decision is not None and request.decision.reason_code == NOBODY_ASKED:
        return ":white_circle: Expired, nobody could be asked"
    return {
        State.APPROVED: f":large_green_circle: {approved_word(case, labels.approved)}",
        State.DENIED: f":red_circle: {labels.denied}",
        State.EXPIRED: ":white_circle: Expired, nobody acted",
        State.WITHDRAWN: ":white_circle: Withdrawn",
        State.ACTIVE: ":unlock: Access active",
        State.ENDED: ":lock: Access ended",
        State.FAILED: ":x: Access not extended" if request.extends else ":x: Access failed",
        State.WATCHED: ":eyes: Monitor only",
    }[request.state]


def _named(person: Person | None) -> str:
    """Somebody in a header, whose emoji are ours alone."""
    return person.name.replace(":", " ") if person is not None else "an answer"


def outcome(case: Case, *, quoted: bool = False) -> str:
    """The line that replaces the buttons: who, when, what was told or not given, and what follows. mrkdwn.

    `quoted` leaves out what people wrote, for `written` to show: in mrkdwn their words are escaped, and bold all the
    same where they hold asterisks.
    """
    return " ".join(part for part in (_decided(case, quoted=quoted), acted_lines(case)) if part)


def written(case: Case) -> list[Block]:
    """What whoever decided wrote, as they wrote it."""
    decision, shown = case.request.decision, case.request.state in {State.APPROVED, State.DENIED}
    return [quote(decision.reason)] if decision is not None and decision.reason and shown else []


def _decided(case: Case, *, quoted: bool) -> str:
    request, decision, labels = case.request, case.request.decision, labels_of(case)
    if decision is None:
        return ""
    by = _deciders(case, decision.by)
    told = told_line(case)
    note = "" if quoted else said(decision.reason)
    because = f" Reason: {note}." if note else ""
    match request.state:
        case State.APPROVED if decision.by_timeout:
            return f"Nobody acted; policy {safe(request.policy_id)} approves then. {told}"
        case State.APPROVED:
            taken = show_duration((decision.at - request.opened_at).total_seconds())
            then = _then(case) if request.kind == "access" else told
            approved = f"{approved_word(case, labels.approved)} by {by}, {when(decision.at)}, after {taken}"
            return f"{approved}{less_line(case)}.{because} {then}".strip()
        case State.DENIED:
            why = REASON_LABELS.get(decision.reason_code, "")
            said_why = "".join(f": {part}" for part in (why, note) if part)
            return f"{labels.denied} by {by}, {when(decision.at)}{said_why}. {told}"
        case State.EXPIRED:
            asked = ", ".join(safe(level.name) for level in case.terms.approval.levels)
            if decision.reason_code == NOBODY_ASKED:
                return f"Nobody could be asked by {when(decision.at)}. {told} Their owner is told. Tried: {asked}."
            return f"No decision by {deadline(decision.at, request.opened_at)}. {told} Asked: {asked}."
        case State.WITHDRAWN:
            return f"Withdrawn by {by}." if decision.by else "The caller stopped waiting before a decision."
        case _:
            return grant_line(case, by)


def _then(case: Case) -> str:
    return extension_line(case) if case.request.extends else "The grant is starting."


def told_line(case: Case) -> str:
    """What the bot itself told or did, by kind; never what the caller then made of it."""
    request, state = case.request, case.request.state
    caller = safe(case.about.caller, 60)
    if request.kind == "access":
        nothing = "The access still ends at its time." if request.extends else "No access was given."
        return nothing if state in {State.DENIED, State.EXPIRED} else ""
    if request.kind == "review":
        undone = any(undoes(one.action) and one.state != "failed" for one in request.acted)
        return {
            State.EXPIRED: "Nobody looked." if undone else "Nobody looked; what happened stands.",
            State.DENIED: f"{_destinations(case)}{'' if undone else 'What happened stands until somebody undoes it.'}",
        }.get(state, "").strip()
    approved = approved_word(case, "approved")
    word = {State.APPROVED: approved, State.DENIED: "denied", State.EXPIRED: "expired"}.get(state, "")
    # A caller that an action tells is told by it alone, and the action's own line says whether it was.
    by_action = any(not undoes(one.action) for one in request.acted)
    return f"{caller} is told “{word}”." if caller and word and not by_action else ""


def _destinations(case: Case) -> str:
    """Whom a denial tells besides: said as what we do, never as what they then undo."""
    listed = policy_effects(case.request, case.terms, State.DENIED)
    named = [safe(one.name, 60) for one in listed if one.effect.callback is not None and not one.why]
    return f"{', '.join(dict.fromkeys(named))} {'is' if len(set(named)) == 1 else 'are'} told. " if named else ""


def said(reason: str) -> str:
    """Somebody's own words inside a sentence of ours, which has its own full stop."""
    return safe(reason.rstrip(". ") or reason)


def people(persons: tuple[Person, ...]) -> str:
    """Several people in one phrase, as mentions where Slack knows them."""
    return _joined([show(person) for person in persons]) or shown_people(persons)


def _deciders(case: Case, persons: tuple[Person, ...]) -> str:
    """Who decided, each with those in whose place they did."""
    return _joined([f"{show(person)}{for_whom(case, person)}" for person in persons]) or shown_people(persons)


def _joined(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
