"""Leaving: somebody whom an open request asks goes away, or comes back. Pure.

It changes who is called and what the card says; who is asked stays asked, and no clock moves.
"""

from dataclasses import replace

from approvalbot.request.change import Change, Here, Terms
from approvalbot.request.delegating import told_absence
from approvalbot.request.effects import Refresh, TellPeople
from approvalbot.request.moves import AwayChanged
from approvalbot.request.request import Absence, Asked
from approvalbot.request.trail import Draft


def away_changed(here: Here, _terms: Terms, move: AwayChanged) -> Change:
    """The steps that asked this person show it, and whoever stands in from now on is told."""
    before = here.request.asked
    asked = tuple(_changed(one, move) for one in before)
    if asked == before:
        return here.nothing()
    called, gone = _people(asked) - _people(before), _people(before) - _people(asked)
    detail = {
        "away": "" if move.back else told_absence(move.absence),
        "called": " ".join(sorted(called)),
        "released": " ".join(sorted(gone)),
    }
    told = [TellPeople(people=tuple(sorted(called)))] if called else []
    draft = Draft(
        "approver_back" if move.back else "approver_away",
        move.absence.person,
        {name: value for name, value in detail.items() if value},
    )
    change = here.becomes(here.request.model_copy(update={"asked": asked}), [draft], [Refresh(), *told])
    return replace(change, asked_before=before)


def _changed(asked: Asked, move: AwayChanged) -> Asked:
    slack = move.absence.person.slack
    if slack not in asked.people or slack in asked.called:
        return asked
    others = tuple(one for one in asked.away if not one.person.is_same(move.absence.person))
    away = others if move.back else (*others, move.absence)
    own = set(asked.people) - set(asked.called)
    called = {str(one.delegate.slack) for one in away if one.delegate is not None} - own
    people = tuple(sorted(own | called))
    return asked.model_copy(update={"away": away, "called": tuple(sorted(called)), "people": people})


def _people(asked: tuple[Asked, ...]) -> set[str]:
    return {person for one in asked for person in one.people}


def is_called_in_vain(asked: tuple[Asked, ...], slack: str, absences: tuple[Absence, ...]) -> bool:
    """Whether somebody was asked only in the place of people who are not away any more. `absences` are those that name
    them now.
    """
    here = [one for one in asked if slack in one.people]
    if not here or any(slack not in one.called for one in here):
        return False
    return not any(one.person.slack in step.people for one in absences for step in here)
