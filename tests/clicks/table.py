"""The table of the walk: for every state, presser and button what the presser sees and what the trail keeps.

A new state is a row of `STATES`, a new presser one of `VOTE_REFUSED`, a new button one of `Row`. The words are those of
the product's own documentation of refusals, whole; moments stand as `{time}`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from approvalbot.flow.advance import advance
from approvalbot.flow.ending import end_access
from approvalbot.flow.looking import claim
from approvalbot.flow.questions import ask_question
from approvalbot.request.moves import Withdraw
from tests.clicks.stage import Card, Stage

KINDS = ("gate", "review", "access")
TITLES = {"gate": "Production deploy", "review": "Role was changed", "access": "Production database"}

PEOPLE = {
    "requester": "U0EVE",
    "second identity": "U0CAT",
    "ex-member": "U0DAN",
    "guest": "U0GUS",
    "outsider": "U0OLG",
    "bot": "U0CIBOT",
    "deactivated": "U0ZED",
    "eligible": "U0BOB",
}
"""Who presses. Whoever acted in a review is its requester here: the bar is the same, its words are not."""

NOT_FULL = {
    "guest": ("Only full members of this workspace can decide. Nothing was recorded.", "not_a_member"),
    "outsider": ("Only full members of this workspace can decide. Nothing was recorded.", "not_a_member"),
    "deactivated": ("Your account is not active. Nothing was recorded.", "not_a_member"),
    "bot": ("", "not_a_person"),
}
"""Who may do nothing at all, in whatever state, with whatever button. Nobody is there to read what a bot is told."""

ASKED_FOR, ABOUT_YOU = "You asked for this", "This is about your own account"
LINKED = "You are linked to <@U0EVE>, {why}. Someone else has to decide. Asked: {group}."
SEEN = (
    "You can see this request but not decide it. Needed now: someone from {group}. "
    "You are in: none of the groups asked."
)
NOT_YOURS = "Only <@U0EVE> or an owner can do that. Nothing was changed."
NOT_YOURS_TO_NOTE = "Only <@U0EVE> can add a note. Nothing was recorded."
STAYS_OPEN = "This has happened already, so it stays open until someone else has looked at it."
WATCHES = "The policy only watches: nobody is asked and nothing follows. Nothing was changed."
ANEW = " `/access request` asks for it anew when you need it again."
APPROVED = "Already approved by Ann Ames and Lea Lead at {time}"


@dataclass(frozen=True)
class Row:
    """One state: the kinds that have it, how a request gets there, and what it says to a vote or a withdrawal.

    `settled` is empty while votes are taken; `asked` is whom the refusals name then. `held` is what it says of access.
    """

    kinds: tuple[str, ...]
    reach: Callable[[Stage, Card], None]
    settled: str = ""
    asked: str = "@service-owners"
    held: str = ""
    code: str = "already_decided"


def _approved(stage: Stage, card: Card) -> None:
    stage.hands.set_group("S0SERVICEOWNERS", ["U0ANN", "U0BOB", stage.lead])
    stage.vote(card, "U0ANN", "approve")
    stage.vote(card, stage.lead, "approve")
    stage.hands.set_group("S0SERVICEOWNERS", ["U0ANN", "U0BOB"])


def _active(stage: Stage, card: Card) -> None:
    _approved(stage, card)
    stage.bot.settle()


def _failed(stage: Stage, card: Card) -> None:
    stage.hands.service_answers("grants", status=400, times=1)
    _active(stage, card)


def _ended(stage: Stage, card: Card) -> None:
    _active(stage, card)
    end_access(stage.bot.house.journey, card.id, "U0EVE")


def _withdrawn(stage: Stage, card: Card) -> None:
    """The caller of a gate or a review stops waiting; who asked for access takes it back."""
    request = stage.bot.request(card.id)
    advance(stage.bot.house.journey, card.id, Withdraw(request.requester if request.kind == "access" else None))


def _claimed(stage: Stage, card: Card) -> None:
    claim(stage.bot.house.journey, card.id, "U0ANN")


def _question_open(stage: Stage, card: Card) -> None:
    ask_question(stage.bot.house.journey, card.id, "U0ANN", "Which database, and why now?")


def _pass(steps: int) -> Callable[[Stage, Card], None]:
    def later(stage: Stage, card: Card) -> None:
        for _ in range(steps):
            stage.bot.later(card.id, timedelta(minutes=31))

    return later


STATES: Mapping[str, Row] = {
    "pending": Row(KINDS, _pass(0), held="This is still being decided; there is nothing to {verb} yet."),
    "partly": Row(
        KINDS,
        lambda stage, card: stage.vote(card, "U0ANN", "approve"),
        held="This is still being decided; there is nothing to {verb} yet.",
    ),
    "escalated": Row(
        KINDS,
        _pass(1),
        asked="@service-owners or @sre-leads",
        held="This is still being decided; there is nothing to {verb} yet.",
    ),
    "claimed": Row(
        KINDS,
        _claimed,
        held="This is still being decided; there is nothing to {verb} yet.",
    ),
    "question open": Row(
        KINDS,
        _question_open,
        held="This is still being decided; there is nothing to {verb} yet.",
    ),
    "approved": Row(
        KINDS,
        _approved,
        f"{APPROVED}. Nothing was changed.",
        held="This access has not started yet; there is nothing to {verb}.",
    ),
    "denied": Row(
        KINDS,
        lambda stage, card: stage.vote(card, "U0ANN", "deny"),
        "Already denied by <@U0ANN> at {time}. Nothing was changed.",
    ),
    "expired": Row(
        KINDS,
        _pass(2),
        "This expired at {time}; nobody acted, and no approval was given. <@U0EVE> can ask again.",
    ),
    "withdrawn": Row(("gate", "review"), _withdrawn, "The caller stopped waiting at {time}."),
    "taken back": Row(("access",), _withdrawn, "<@U0EVE> withdrew this at {time}."),
    "watched": Row(("watched-gate", "watched-review"), _pass(0), WATCHES, code="monitor_only"),
    "active": Row(("access",), _active, f"{APPROVED}. Nothing was changed."),
    "ended": Row(
        ("access",),
        _ended,
        f"{APPROVED}; the access has ended since. Nothing was changed.",
        held="This access has ended; there is nothing to {verb} any more.",
    ),
    "failed": Row(
        ("access",),
        _failed,
        f"{APPROVED}; the access failed. Nothing was changed.",
        held="This access failed; there is nothing to {verb}.",
    ),
}

REVIEWED = {
    STATES["approved"].settled: "Already acknowledged by Ann Ames and Lea Lead at {time}. Nothing was changed.",
    STATES["denied"].settled: "Already objected to by <@U0ANN> at {time}. Nothing was changed.",
    STATES["expired"].settled: "This expired at {time}; nobody looked at it in time. Nothing was changed.",
}
"""The same of what has already happened, where nothing was approved and nothing is asked again."""

Expected = tuple[str, str]
"""What the presser reads, and the code in the trail. A form is its title; an empty code is no refusal."""


def expected(kind: str, row: Row, who: str, action: str) -> Expected | None:
    """The cell; None where the press would be taken and change the state under the others' feet."""
    if who in NOT_FULL:
        return NOT_FULL[who]
    if action == "request.details":
        return "Request details", ""
    if action == "request.nonsense":
        return "This button is not known here any more. Nothing was changed. Use the current card.", "stale_card"
    if action == "request.again":
        return _again(kind, who)
    if action in {"grant.end", "grant.extend"}:
        return _of_access(kind, row, who, action)
    if row.settled:
        return REVIEWED.get(row.settled, row.settled) if kind == "review" else row.settled, row.code
    # Whoever may not decide has no claim and no question to put either.
    if action == "request.withdraw":
        return _withdrawal(kind, who)
    return _note(who) if action == "request.note" else _vote(kind, row, who)


def _vote(kind: str, row: Row, who: str) -> Expected | None:
    if who == "requester":
        why = ABOUT_YOU if kind == "review" else ASKED_FOR
        return f"{why}, so someone else has to decide. Asked: {_asked_last(row)}.", "self_approval"
    if who == "second identity":
        why = "who did this" if kind == "review" else "who asked for this"
        return LINKED.format(why=why, group=_asked_last(row)), "self_approval"
    return None if who == "eligible" else (SEEN.format(group=row.asked), "not_an_approver")


def _note(who: str) -> Expected | None:
    return None if who in {"requester", "second identity"} else (NOT_YOURS_TO_NOTE, "not_yours")


def _again(kind: str, who: str) -> Expected | None:
    if kind != "access":
        return "An event asked for this, so it takes another event to ask again.", "wrong_state"
    return None if who == "requester" else (NOT_YOURS, "not_yours")


def _withdrawal(kind: str, who: str) -> Expected | None:
    if kind == "review":
        return STAYS_OPEN, "not_yours"
    return None if who in {"requester", "second identity"} else (NOT_YOURS, "not_yours")


def _of_access(kind: str, row: Row, who: str, action: str) -> Expected | None:
    verb = action.removeprefix("grant.")
    if row.code == "monitor_only":
        return WATCHES, "monitor_only"
    if row.settled and not row.held and row.reach is _active:
        return None if who in {"requester", "second identity"} else (NOT_YOURS, "not_yours")
    nothing = f"No access was given here; there is nothing to {verb}."
    said = (row.held.format(verb=verb) if kind == "access" else "") or nothing
    if row.reach is _failed and verb == "end":
        said = "This access is gone already." if who in {"requester", "second identity"} else ""
        return (f"{said} Nothing was changed.", "wrong_state") if said else (NOT_YOURS, "not_yours")
    return (said + ANEW, "not_extendable") if verb == "extend" else (f"{said} Nothing was changed.", "wrong_state")


def _asked_last(row: Row) -> str:
    return row.asked.rsplit(" or ", 1)[-1]
