"""Leaving: somebody says that they are away, and who stands in for them; or that they are back."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from approvalbot.errors import AccessRefused, MoveRefused, NotFound
from approvalbot.flow.advance import advance
from approvalbot.flow.calling import with_fit_delegate
from approvalbot.flow.delegating import MOST, is_away
from approvalbot.flow.members import full_member, person_of
from approvalbot.flow.ports import Journey
from approvalbot.log import get_logger
from approvalbot.plaintext import cut, one_line
from approvalbot.request.moves import AwayChanged
from approvalbot.request.request import Absence, Person

log = get_logger("away")

LONGEST = timedelta(days=366)
"""Chosen by us: who is away for longer is better taken out of the groups."""

REASON_MOST = 200

MOST_SHOWN = 20
"""Open requests whose cards say at once that somebody is away. Each is a commit within the three seconds of a command;
the others say it when their next step asks.
"""


@dataclass(frozen=True, slots=True)
class Leave:
    """What somebody said: until when they are away, who stands in (a Slack id), and why."""

    slack: str
    until: datetime
    delegate: str = ""
    reason: str = ""


def go_away(journey: Journey, leave: Leave) -> Absence:
    """Somebody is away from now on.

    Raises:
        AccessRefused: `delegate_refused`, that person cannot stand in for them; `duration_too_long`.
        MoveRefused: one of both is no full member, or Slack does not say.
        Unavailable: nothing was recorded.
    """
    now = journey.requests.now()
    person = person_of(full_member(journey.people, leave.slack), journey.policies().identities)
    if leave.until - now > LONGEST:
        raise AccessRefused("duration_too_long", "At most {days} days away; choose less.", days=LONGEST.days)
    delegate = _delegate(journey, person, leave.delegate) if leave.delegate else None
    reason = cut(one_line(leave.reason.strip()), REASON_MOST)
    absence = Absence(person=person, until=leave.until, since=now, delegate=delegate, reason=reason)
    journey.absences.begin(absence)
    _show_on_open_requests(journey, absence, back=False)
    return absence


def _delegate(journey: Journey, person: Person, slack: str) -> Person:
    """Whoever is to stand in, if they could for anything. What a policy says of it is looked up at the press."""
    identities = journey.policies().identities
    found = journey.people.who(slack)
    delegate = person_of(found, identities)
    if not (found.person and found.active and found.full):
        raise AccessRefused("delegate_refused", "{who} is no full member of this workspace.", who=delegate)
    if delegate.is_same(person):
        raise AccessRefused("delegate_refused", "You cannot stand in for yourself. Name somebody else.")
    if is_away(journey, identities, delegate):
        # Nothing is passed on twice, so a delegate who is away stands in for nobody.
        sentence = "{who} is away too, so they cannot stand in for you. Name somebody else."
        raise AccessRefused("delegate_refused", sentence, who=delegate)
    others = [one for one in journey.absences.stood_in_for_by(slack) if not one.person.is_same(person)]
    if len(others) >= MOST:
        sentence = "{who} stands in for {most} people already. Name somebody else."
        raise AccessRefused("delegate_refused", sentence, who=delegate, most=MOST)
    return delegate


def come_back(journey: Journey, slack: str) -> bool:
    """Somebody is back; gives whether they were away.

    Raises:
        MoveRefused: they are no full member, or Slack does not say.
        Unavailable: nothing was recorded.
    """
    person = person_of(full_member(journey.people, slack), journey.policies().identities)
    absence = journey.absences.of([slack]).get(slack)
    was_away = journey.absences.end(person)
    if absence is not None:
        _show_on_open_requests(journey, absence, back=True)
    return was_away


def _show_on_open_requests(journey: Journey, absence: Absence, *, back: bool) -> None:
    """The newest open requests that ask this person say so, and their delegate is called. A request that does not take
    it now keeps what it says: who may vote is looked up at the press.
    """
    for name in journey.absences.waits_for(str(absence.person.slack), MOST_SHOWN):
        try:
            advance(journey, name, lambda case: AwayChanged(with_fit_delegate(journey, case, absence), back))
        except (MoveRefused, NotFound) as fault:
            log.info("absence not shown", request_id=name, code=fault.code)
