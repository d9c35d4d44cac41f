"""Calling: which people of a level are told one by one, and who is called in the place of those who are away.

Being away, or having muted whoever asks, changes who is told and never who is asked: each may vote all the same, and a
level whose people are all away waits its time like any other. The card says who is away.
"""

from collections.abc import Collection
from dataclasses import dataclass

from approvalbot.errors import MoveRefused
from approvalbot.flow.delegating import is_away, is_taken
from approvalbot.flow.members import bars_now, entries_of_member, full_member, person_of
from approvalbot.flow.ports import Journey
from approvalbot.request.case import Case
from approvalbot.request.muting import is_muted
from approvalbot.request.request import Absence


@dataclass(frozen=True, slots=True)
class Called:
    """Whom a level asks, by Slack id, with those who stand in; which of them are told one by one; who is away, each
    with a delegate only where that one may stand in here. `overruled` muted whoever asks, and are told all the same.
    `called` are asked only in the place of others.
    """

    people: tuple[str, ...]
    told: tuple[str, ...]
    away: tuple[Absence, ...] = ()
    overruled: tuple[str, ...] = ()
    called: tuple[str, ...] = ()


def call(journey: Journey, case: Case, asked: Collection[str], *, one_by_one: bool) -> Called:
    """Whom to tell of a level whose people were looked up. Delegates are told in any case: no group of theirs was."""
    absences = journey.absences.of(asked)
    away = tuple(with_fit_delegate(journey, case, one) for one in absences.values())
    standing_in = {str(one.delegate.slack) for one in away if one.delegate is not None}
    told = standing_in | ({one for one in asked if one not in absences} if one_by_one else set())
    if one_by_one and not told:
        # Somebody who is away hears of it rather than nobody.
        told = set(asked)
    muted = {one for one, mutes in journey.mutes.of(told).items() if is_muted(case.request, mutes)}
    # A mute that would leave nobody to be told does not hold: whoever muted may be the only one who is there.
    overruled, told = (muted, told) if muted >= told else (set[str](), told - muted)
    called = standing_in - set(asked)
    people, told_now = tuple(sorted({*asked, *called})), tuple(sorted(told))
    return Called(people, told_now, away, tuple(sorted(overruled)), tuple(sorted(called)))


def concerned(case: Case) -> set[str]:
    """Everybody whose own lists hold the request, by Slack id: who was asked, who asked, who voted."""
    request = case.request
    people = {person for asked in request.asked for person in asked.people}
    others = [request.requester, *(vote.by for vote in request.votes)]
    return people | {one.slack for one in others if one is not None and one.slack}


def with_fit_delegate(journey: Journey, case: Case, absence: Absence) -> Absence:
    """The absence, with its delegate only where that one could stand in here."""
    if absence.delegate is not None and _is_fit(journey, case, str(absence.delegate.slack)):
        return absence
    return absence.model_copy(update={"delegate": None})


def _is_fit(journey: Journey, case: Case, slack: str) -> bool:
    """Whether somebody could fill a seat here as a delegate. Who cannot be looked up now is not called: the card
    shows more than everybody may see.
    """
    identities = journey.policies().identities
    try:
        member = full_member(journey.people, slack)
        person = person_of(member, identities)
        own = entries_of_member(journey.people, case, member)
        return (
            person.key not in bars_now(case.request, identities, member, person)
            and not is_away(journey, identities, person)
            and is_taken(journey, case, member, own)
        )
    except MoveRefused:
        return False
