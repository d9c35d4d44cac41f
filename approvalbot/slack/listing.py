"""`/access list` and the home tab: what waits for me, what I asked for, what I hold."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from approvalbot.request.held import grant_of, may_be_open
from approvalbot.request.request import Person, Request, State
from approvalbot.request.timing import open_question
from approvalbot.slack.grantwords import times
from approvalbot.slack.text import deadline, notice, safe, show
from approvalbot.slack.words import REASON_LABELS

MOST = 10
"""Lines of one list (ux.md section 8)."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for somebody, the oldest deadline first, and how many more of their list were not read."""

    requests: Sequence[Request]
    unread: int = 0


class Listing(Protocol):
    """Finds requests. Titles come from what a request is about."""

    def waiting(self, person: Person) -> Waiting:
        """Open requests that this person was asked to decide and has not, oldest deadline first."""

    def waiting_for(self, person: Person, most: int) -> Sequence[tuple[Request, str]]:
        """Open requests that this person was asked to decide and has not, oldest deadline first, with their titles."""

    def decided_by(self, person: Person, most: int) -> Sequence[tuple[Request, str]]:
        """The settled requests that this person voted on, the newest first."""

    def asked_by(self, person: Person, most: int) -> Sequence[tuple[Request, str]]:
        """What this person asked for, newest first."""

    def named(self, letters: str, person: Person, most: int) -> Sequence[Request]:
        """The newest requests whose id begins with these letters, whatever case they are in; this person's own too."""


def listed(listing: Listing, person: Person, what: str) -> str:
    """The lists that were asked for, in one private message."""
    asked = listing.asked_by(person, 50)
    parts, shown = [], list[Request]()
    if what in {"", "waiting"}:
        waiting = listing.waiting_for(person, MOST + 1)
        parts.append(_part("Waiting for you", [_waiting(*one) for one in waiting]))
        shown += [request for request, _ in waiting[:MOST]]
    if what in {"", "mine"}:
        parts.append(_part("You asked for", [_mine(*one) for one in asked]))
        shown += [request for request, _ in asked[:MOST]]
    if what in {"", "active"}:
        held = [one for one in asked if one[0].state is State.ACTIVE or may_be_open(one[0])]
        parts.append(_part("You hold", [_held(*one) for one in held]))
        shown += [request for request, _ in held[:MOST]]
    return "\n\n".join([*parts, *credits_of(shown)])


def credits_of(requests: Sequence[Request]) -> list[str]:
    """Whose rules are behind these requests, each once and whole (Detection Rule License 1.1). mrkdwn."""
    return ["".join(notice(credit)) for credit in dict.fromkeys(one.credit for one in requests if one.credit)]


def _part(title: str, lines: list[str]) -> str:
    more = ["… and more; the dashboard lists them all."] if len(lines) > MOST else []
    return "\n".join([f"*{title}*", *(lines[:MOST] or ["nothing"]), *more])


def _waiting(request: Request, title: str) -> str:
    until = f", until {deadline(request.expires_at, request.opened_at)}" if request.expires_at else ""
    return f"• `{request.short_id}` {safe(title, 120)}{until}{attended(request)}"


def attended(request: Request) -> str:
    """What people do about an open request, for a line of a list: who looks, and whether an answer is awaited."""
    looks = f"; {show(request.claim.by)} is looking" if request.claim is not None else ""
    return f"{looks}; a question is open" if open_question(request) is not None else looks


def _mine(request: Request, title: str) -> str:
    word = request.state.value
    if request.decision is not None and request.decision.reason_code in REASON_LABELS:
        word += f" ({REASON_LABELS[request.decision.reason_code].lower()})"
    return f"• `{request.short_id}` {safe(title, 120)}: {word}"


def _held(request: Request, title: str) -> str:
    return f"• `{request.short_id}` {safe(title, 120)}{held_until(request)}"


def held_until(request: Request) -> str:
    """How long somebody holds it, after its title; what is not proven to have ended is never called ended."""
    grant = grant_of(request)
    if may_be_open(request):
        return ": :rotating_light: MAY BE OPEN: ending it was given up"
    if grant.failures:
        return f": :rotating_light: STILL OPEN: ending failed {times(grant.failures)}"
    if grant.ending:
        return ": being ended"
    return f", until {deadline(grant.ends_at, grant.started_at or grant.ends_at)}" if grant.ends_at else ""
