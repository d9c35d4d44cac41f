"""Somebody whom an open request asks goes away and comes back: who is called, and who is no longer."""

from approvalbot.request.effects import Refresh, TellPeople
from approvalbot.request.leaving import is_called_in_vain
from approvalbot.request.moves import AwayChanged, LevelAsked
from approvalbot.request.request import Absence, Person, Request
from tests.request.makers import ANN, BOB, CAT, DAN, T0, change_of, make_policy, minutes, opened, taken

POLICY = make_policy()


def away(person: Person, delegate: Person | None = None) -> Absence:
    return Absence(person=person, since=T0, until=T0 + minutes(60), delegate=delegate)


def asked(*people: Person) -> Request:
    return taken(opened(POLICY), POLICY, LevelAsked(0, tuple(str(one.slack) for one in people)))


def test_a_delegate_is_called_and_the_card_drawn_anew() -> None:
    change = change_of(asked(ANN, BOB), POLICY, AwayChanged(away(BOB, DAN)))

    (step,) = change.request.asked
    assert (step.people, step.called, step.away) == (("U0ANN", "U0BOB", "U0DAN"), ("U0DAN",), (away(BOB, DAN),))
    assert change.effects == (Refresh(), TellPeople(people=("U0DAN",)))
    assert change.entries[0].what == "approver_away"
    assert change.entries[0].detail["called"] == "U0DAN"


def test_whoever_comes_back_releases_whom_they_named() -> None:
    request = taken(asked(ANN, BOB), POLICY, AwayChanged(away(BOB, DAN)))

    change = change_of(request, POLICY, AwayChanged(away(BOB, DAN), back=True))

    assert change.request.asked == asked(ANN, BOB).asked
    assert change.entries[0].what == "approver_back"
    assert change.entries[0].detail["released"] == "U0DAN"


def test_another_delegate_takes_the_place_of_the_first() -> None:
    request = taken(asked(ANN, BOB), POLICY, AwayChanged(away(BOB, DAN)))

    change = change_of(request, POLICY, AwayChanged(away(BOB, CAT)))

    assert change.request.asked[0].people == ("U0ANN", "U0BOB", "U0CAT")
    assert change.entries[0].detail["released"] == "U0DAN"


def test_somebody_who_is_asked_anyway_is_neither_called_nor_released() -> None:
    request = taken(asked(ANN, BOB), POLICY, AwayChanged(away(BOB, ANN)))
    assert request.asked[0].called == ()

    request = taken(request, POLICY, AwayChanged(away(BOB, ANN), back=True))

    assert request.asked[0].people == ("U0ANN", "U0BOB")


def test_nothing_changes_where_they_were_not_asked_or_only_stand_in() -> None:
    assert change_of(asked(ANN), POLICY, AwayChanged(away(BOB, DAN))).is_nothing
    request = taken(asked(ANN, BOB), POLICY, AwayChanged(away(BOB, DAN)))
    assert change_of(request, POLICY, AwayChanged(away(DAN, CAT))).is_nothing


def test_a_call_is_in_vain_once_nobody_is_away_who_was_asked() -> None:
    request = taken(asked(ANN, BOB), POLICY, AwayChanged(away(BOB, DAN)))

    assert not is_called_in_vain(request.asked, "U0DAN", (away(BOB, DAN),))
    assert is_called_in_vain(request.asked, "U0DAN", ())
    assert is_called_in_vain(request.asked, "U0DAN", (away(CAT, DAN),)), "of somebody else"
    assert not is_called_in_vain(request.asked, "U0ANN", ())
