"""The words of the pages: the same as the card's, without Slack's marks."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from approvalbot.flow.foretelling import Foretold
from approvalbot.policy.durations import show_duration
from approvalbot.request.case import Case
from approvalbot.request.questions import pause_of
from approvalbot.request.refusals import shown_entry
from approvalbot.request.request import NOBODY_ASKED, State
from approvalbot.request.trail import Record
from approvalbot.request.undoing import can_undo, does, undo_listed

REASONS: Mapping[str, str] = {
    "not_needed": "Not needed",
    "wrong_target": "Wrong target",
    "too_broad": "Too broad",
    "not_now": "Not now",
    "suspicious": "Suspicious",
    "other": "Other",
}
"""The one-tap reasons of a denial: the codes that the waiting service is told."""

DONE: Mapping[str, str] = {
    "approve": "Your approval is counted.",
    "deny": "Your denial is counted.",
    "end": "It is being ended. It has ended when the provider confirms.",
    "extend": "More time is asked for. The old end holds until you hear of the new one.",
    "ask": "Asked. You hear in Slack either way.",
    "withdraw": "It is withdrawn. Nobody is asked any more.",
    "question": "Your question is put.",
    "answer": "Your answer is told.",
    "note": "Your note is told.",
    "look": "Everybody who is asked sees it.",
}
"""What a page says after a form was taken, by the word in its address."""

_HEADLINES: Mapping[State, str] = {
    State.PENDING: "Approval needed",
    State.APPROVED: "Approved",
    State.DENIED: "Denied",
    State.EXPIRED: "Expired, nobody acted",
    State.WITHDRAWN: "Withdrawn",
    State.ACTIVE: "Access active",
    State.ENDED: "Access ended",
    State.FAILED: "Access failed",
    State.WATCHED: "Monitor only: nobody is asked",
}
_OF_A_REVIEW: Mapping[State, str] = {
    State.PENDING: "Review needed",
    State.APPROVED: "Acknowledged",
    State.DENIED: "Objected",
}
STEPS: Mapping[str, str] = {
    "opened": "Opened",
    "level_asked": "Asked step {level}: {people} people",
    "approver_away": "Away: {away}",
    "approver_back": "{who} is back",
    "away": "{who} is away until {until}",
    "back": "{who} is back",
    "muted": "{who} muted {whom} until {until}",
    "unmuted": "{who} hears of {whom} again",
    "reminded": "Reminded step {level}",
    "escalated": "Escalated to step {level}, {name}: {because}",
    "voted": "{who} pressed {choice} ({progress})",
    "vote_dropped": "A vote of {who} no longer counts",
    "claimed": "{who} looks",
    "claim_kept": "{who} still looks",
    "claim_released": "{who} stopped looking",
    "claim_lapsed": "{who} is not looking any more",
    "asked": "{who} asked: {question}",
    "answered": "{who} answered: {answer}",
    "paused": "The clock stops until {until}, at the latest",
    "resumed": "The clock goes on after {stood_s} s",
    "note_added": "{who} adds: {note}",
    "approved": "Approved",
    "denied": "Denied",
    "expired": "Expired: nobody acted",
    "withdrawn": "Withdrawn",
    "active": "Access started",
    "ended": "Access ended, confirmed by the provider",
    "failed": "Access failed",
    "repeated": "{new} more of the same, {total} besides the first",
    "press_refused": "A press of {who} did not count: {code}",
    "answer_delivered": "{to} was told",
    "answer_failed": "{to} could not be told yet: {fault}",
    "answer_given_up": "{to} was given up: {fault}",
    "posted": "Posted",
    "post_uncertain": "It is not known whether a post arrived",
    "alarmed": "The owner was told",
    "watched": "Seen by a policy in monitor",
    "action_done": "{action} is done: {answer}",
    "action_delayed": "{action} is not done yet: {fault}",
    "action_failed": "{action} failed: {fault}",
    "effect_not_run": "{name} was not run: {fault}",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the timeline."""

    number: int
    at: datetime
    what: str
    text: str
    reason: str
    hash: str


def headline(case: Case) -> str:
    """The state in words, by kind: expired is never called denied."""
    state = case.request.state
    decision = case.request.decision
    if decision is not None and decision.by_timeout and state is State.APPROVED:
        return "Approved by timeout"
    if decision is not None and decision.reason_code == NOBODY_ASKED:
        return "Expired, nobody could be asked"
    if state is State.DENIED and can_undo(case):
        return "Undo decided"
    if case.request.kind == "review" and state in _OF_A_REVIEW:
        return _OF_A_REVIEW[state]
    with_less = decision is not None and decision.less is not None and state is State.APPROVED
    return f"{_HEADLINES[state]} with less" if with_less else _HEADLINES[state]


def what_follows(case: Case) -> str:
    """What an approval and a denial lead to, in a sentence."""
    match case.request.kind:
        case "gate":
            return f"{case.about.caller or 'The caller'} waits for the answer."
        case "access":
            return "Approving starts the access; it ends by itself."
        case _:
            undo = " and ".join(does(one.name) for one in undo_listed(case) if not one.why)
            told = f"; denying would {undo}" if undo else ""
            return f"This has already happened: approving acknowledges it{told}."


def no_word(case: Case) -> str:
    """What the second button says."""
    if case.request.kind != "review":
        return "Deny"
    return "Undo" if can_undo(case) else "Object"


def whom(told: Foretold) -> str:
    """Whom a wish asks: the words of the form in Slack."""
    names = " or ".join(shown_entry(key) for key in told.entries)
    people = f" ({told.people} {'person' if told.people == 1 else 'people'})" if told.people else ""
    return f"Asks {names}{people}."


def effect_on_the_clock(case: Case) -> str:
    """What a question would do to the clock: the words of the form in Slack (`slack/questionwords.py`)."""
    pause_s = pause_of(case.request, case.terms.approval)
    if not pause_s:
        return "The clock runs on while it is open."
    return (
        f"The clock stops until the answer, for {show_duration(pause_s)} at most: meanwhile nobody else is called and "
        "nothing expires. Everybody may still decide."
    )


def who_answers(case: Case) -> str:
    """Who may answer: the same words."""
    requester = case.request.requester
    first = f"{requester.name}, " if requester is not None else "Whoever acted, "
    return f"{first}an owner of the policy or whoever may decide can answer. An answer approves nothing."


def question_goes_to(case: Case) -> str:
    """To whom a question is put: the same words."""
    requester = case.request.requester
    if requester is None:
        return "It goes into the thread, and to whoever acted if we know them in Slack."
    return f"It goes to {requester.name} and into the thread."


def step_line(record: Record) -> Step:
    """An entry of the trail for a reader."""
    entry = record.entry
    detail = {name: str(value) for name, value in (entry.get("detail") or {}).items()}
    who = str((entry.get("by") or {}).get("name", "")) or "somebody"
    what = str(entry["what"])
    reasons = (REASONS.get(detail.get("reason_code", ""), ""), detail.get("reason", ""))
    text = STEPS.get(what, what.replace("_", " ").capitalize()).format_map(_Blank({**detail, "who": who}))
    by = f" by {who}" if entry.get("by") and what in {"approved", "denied", "withdrawn", "ended"} else ""
    return Step(
        number=record.number,
        at=datetime.fromisoformat(str(entry["at"])),
        what=what,
        text=f"{text}{by}{_less(detail)}{_in_place_of(detail)}",
        reason=": ".join(part for part in reasons if part),
        hash=str(entry.get("hash", "")),
    )


def _in_place_of(detail: Mapping[str, str]) -> str:
    return f" for {detail['for']}" if detail.get("for") else ""


def _less(detail: Mapping[str, str]) -> str:
    """What a vote or a decision granted instead of the whole."""
    length = show_duration(int(detail["less_s"])) if detail.get("less_s") else ""
    granted = ", ".join(part for part in (length, detail.get("less_scope", "")) if part)
    return f", with less: {granted}" if granted else ""


class _Blank(dict[str, str]):
    """What an entry does not say is said to be missing."""

    def __missing__(self, key: str) -> str:
        return "(not said)"
