"""The words of each kind and state, in one place: header, buttons, outcome. Expired is never called denied."""

from dataclasses import dataclass

from approvalbot.policy.durations import show_duration
from approvalbot.request.case import Case
from approvalbot.request.refusals import shown_people
from approvalbot.request.request import Person, State
from approvalbot.slack.grantwords import extension_line, grant_line
from approvalbot.slack.text import safe, show, when


@dataclass(frozen=True, slots=True)
class Labels:
    """How a kind of request calls its two answers.

    The verbs fit a button. `denying` goes before the request's name, `deny_title` heads the form (24 characters).
    """

    approve: str
    deny: str
    approved: str
    denied: str
    denying: str = "Deny"
    deny_title: str = "Deny request"


def labels_of(case: Case) -> Labels:
    """Approve and Deny; for what has already happened, Acknowledge and Object."""
    if case.request.kind != "review":
        return Labels("Approve", "Deny", "Approved", "Denied")
    return Labels("Acknowledge", "Object", "Acknowledged", "Objected", "Object to", "Object to request")


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
        if request.level:
            return f":large_orange_circle: Escalated to step {request.level + 1} of {len(case.terms.approval.levels)}"
        if approvals:
            return f":large_yellow_circle: {approvals} of {needed} {labels.approved.lower()}"
        return ":large_yellow_circle: " + ("Review needed" if request.kind == "review" else "Approval needed")
    if request.decision is not None and request.decision.by_timeout and request.state is State.APPROVED:
        return f":warning: {labels.approved} by timeout"
    return {
        State.APPROVED: f":large_green_circle: {labels.approved}",
        State.DENIED: f":red_circle: {labels.denied}",
        State.EXPIRED: ":white_circle: Expired, nobody acted",
        State.WITHDRAWN: ":white_circle: Withdrawn",
        State.ACTIVE: ":unlock: Access active",
        State.ENDED: ":lock: Access ended",
        State.FAILED: ":x: Access not extended" if request.extends else ":x: Access failed",
    }[request.state]


def outcome(case: Case) -> str:
    """The line that replaces the buttons: who, when, and what was told or not given. mrkdwn."""
    request, decision, labels = case.request, case.request.decision, labels_of(case)
    if decision is None:
        return ""
    by = people(decision.by)
    told = told_line(case)
    because = f" Reason: {safe(decision.reason)}." if decision.reason else ""
    match request.state:
        case State.APPROVED if decision.by_timeout:
            return f"Nobody acted; policy {safe(request.policy_id)} approves then. {told}"
        case State.APPROVED:
            taken = show_duration((decision.at - request.opened_at).total_seconds())
            then = _then(case) if request.kind == "access" else told
            return f"{labels.approved} by {by}, {when(decision.at)}, after {taken}.{because} {then}"
        case State.DENIED:
            why = REASON_LABELS.get(decision.reason_code, "")
            reason = (
                f": {': '.join(part for part in (why, safe(decision.reason)) if part)}"
                if why or decision.reason
                else ""
            )
            return f"{labels.denied} by {by}, {when(decision.at)}{reason}. {told}"
        case State.EXPIRED:
            asked = ", ".join(safe(level.name) for level in case.terms.approval.levels)
            return f"No decision by {when(decision.at)}. {told} Asked: {asked}."
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
        return {
            State.EXPIRED: "Nobody looked; what happened stands.",
            State.DENIED: f"{_destinations(case)}What happened stands until somebody undoes it.",
        }.get(state, "")
    word = {State.APPROVED: "approved", State.DENIED: "denied", State.EXPIRED: "expired"}.get(state, "")
    return f"{caller} is told “{word}”." if caller and word else ""


def _destinations(case: Case) -> str:
    """Whom a denial tells besides: said as what we do, never as what they then undo."""
    named = [safe(effect.callback.to, 60) for effect in case.terms.on_deny if effect.callback is not None]
    return f"{', '.join(dict.fromkeys(named))} {'is' if len(set(named)) == 1 else 'are'} told. " if named else ""


def people(persons: tuple[Person, ...]) -> str:
    """Several people in one phrase, as mentions where Slack knows them."""
    if not persons:
        return shown_people(persons)
    names = [show(person) for person in persons]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
