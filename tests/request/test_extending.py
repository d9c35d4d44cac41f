from typing import Any

import pytest

from approvalbot.errors import MoveRefused
from approvalbot.policy.entitlement import Entitlement, Extend
from approvalbot.policy.extending import extension_rule
from approvalbot.request.effects import Answer, AskExtension, EndGrant, ExtendGrant, Note, StartGrant, Tell
from approvalbot.request.held import may_be_ended, may_be_extended
from approvalbot.request.lifecycle import step
from approvalbot.request.moves import End, Move, Wake
from approvalbot.request.moves import Extend as Longer
from approvalbot.request.reports import ExtendFailed, ExtensionGiven, ExtensionRefused, GrantEnded, GrantExtended
from approvalbot.request.request import Request, State
from tests.request.makers import ANN, BOB, EVE, T0, active, change_of, make_entitlement, minutes, opened, taken, vote

RULE: dict[str, Any] = {"max_times": 2, "by": "1h", "approval": "none"}
TERMS = make_entitlement(grant={"extend": RULE})
ENDS = T0 + minutes(61)


def longer(extra_s: int = 3600, **facts: Any) -> Longer:
    rule = facts.pop("rule", TERMS.grant.extend)
    return Longer(**{"by": EVE, "key": "x1", "extra_s": extra_s, "rule": rule, **facts})


def refused(request: Request, move: Move, at: float = 5) -> MoveRefused:
    with pytest.raises(MoveRefused) as caught:
        step(request, TERMS, move, T0 + minutes(at))
    return caught.value


def ends_at(request: Request) -> object:
    assert request.grant is not None
    return request.grant.ends_at


def test_the_old_end_stays_in_force_until_the_provider_has_agreed() -> None:
    asked = change_of(active(TERMS), TERMS, longer(reason="not done"), T0 + minutes(30))

    assert ends_at(asked.request) == ENDS
    assert asked.effects[0] == ExtendGrant(key="x1")
    assert asked.entries[-1].detail == {"until": (ENDS + minutes(60)).isoformat(), "reason": "not done"}
    assert asked.valid_until == ENDS


def test_the_new_end_and_its_deadline_are_one_change_and_everybody_hears_of_it() -> None:
    terms = make_entitlement(grant={"extend": RULE}, on_approve=[{"callback": {"to": "pager"}}])
    warned = taken(active(terms), terms, Wake(), T0 + minutes(51))
    asked = taken(warned, terms, longer(), T0 + minutes(52))

    extended = change_of(asked, terms, GrantExtended("x1"), T0 + minutes(53))

    assert ends_at(extended.request) == ENDS + minutes(60)
    assert extended.request.due_at == ENDS + minutes(50), "the warning comes again before the new end"
    assert Tell(what="extended") in extended.effects
    assert [effect.what for effect in extended.effects if isinstance(effect, Note)] == ["extended"]
    assert [effect.event for effect in extended.effects if isinstance(effect, Answer)] == ["request.active"]
    assert change_of(extended.request, terms, GrantExtended("x1"), T0 + minutes(54)).is_nothing
    assert change_of(extended.request, terms, longer(), T0 + minutes(54)).is_nothing, "one key extends once"


def test_a_provider_that_refuses_leaves_the_old_end_in_force_and_uses_nothing_up() -> None:
    asked = taken(active(TERMS), TERMS, longer(), T0 + minutes(30))

    failed = change_of(asked, TERMS, ExtendFailed("x1", "no such grant"), T0 + minutes(31))

    assert ends_at(failed.request) == ENDS
    assert failed.request.due_at == T0 + minutes(51)
    assert Tell(what="extend_failed") in failed.effects
    assert may_be_extended(failed.request, TERMS)
    assert change_of(failed.request, TERMS, ExtendFailed("x1", "again"), T0 + minutes(31)).is_nothing


def test_a_provider_that_does_not_answer_in_time_leaves_the_old_end_in_force() -> None:
    asked = taken(active(TERMS), TERMS, longer(), T0 + minutes(30))
    assert asked.due_at == T0 + minutes(45), "start_within"

    fell = change_of(asked, TERMS, Wake(), T0 + minutes(45))

    assert fell.entries[-1].what == "extend_failed"
    assert ends_at(fell.request) == ENDS
    late = change_of(fell.request, TERMS, GrantExtended("x1"), T0 + minutes(46))
    assert late.effects == ()
    assert ends_at(late.request) == ENDS


def test_the_end_falls_while_an_extension_waits_and_a_late_yes_is_ended_once_more() -> None:
    asked = taken(active(TERMS), TERMS, longer(), T0 + minutes(50))
    warned = taken(asked, TERMS, Wake(), T0 + minutes(51))
    ending = change_of(warned, TERMS, Wake(), ENDS)
    assert ending.effects[0] == EndGrant(attempt=1)

    late = change_of(ending.request, TERMS, GrantExtended("x1"), ENDS)
    assert late.effects == (EndGrant(attempt=1, round=1),)
    assert change_of(late.request, TERMS, GrantEnded(round=0), ENDS).is_nothing
    ended = taken(late.request, TERMS, GrantEnded(round=1), ENDS)
    assert ended.state is State.ENDED
    after = change_of(ended, TERMS, GrantExtended("x1"), ENDS)
    assert after.request.state is State.ENDED
    assert after.effects == (EndGrant(attempt=1, round=2),)
    confirmed = change_of(after.request, TERMS, GrantEnded(round=2), ENDS)
    assert [entry.what for entry in confirmed.entries] == ["grant_end_confirmed"]


@pytest.mark.parametrize(
    ("move", "code", "words"),
    [
        (longer(by=BOB), "not_yours", "Only Eve or an owner"),
        (longer(3601), "duration_too_long", "At most 1 h more"),
        (longer(0), "duration_too_long", "At most 1 h more"),
        (longer(rule=None), "not_extendable", "cannot be extended"),
        (longer(rule=Extend.model_validate({"by": "1h"})), "not_extendable", "cannot be extended"),
    ],
)
def test_more_time_than_the_policy_allows_is_refused(move: Longer, code: str, words: str) -> None:
    fault = refused(active(TERMS), move)

    assert fault.code == code
    assert words in fault.text()


def test_it_is_extended_so_often_and_never_twice_at_once() -> None:
    first = taken(active(TERMS), TERMS, longer(), T0 + minutes(5))
    assert refused(first, longer(key="x2")).code == "already_open"
    first = taken(first, TERMS, GrantExtended("x1"), T0 + minutes(5))
    second = taken(first, TERMS, longer(key="x2"), T0 + minutes(6))
    second = taken(second, TERMS, GrantExtended("x2"), T0 + minutes(6))

    assert ends_at(second) == ENDS + minutes(120)
    assert "2 times" in refused(second, longer(key="x3"), at=7).text()
    assert not may_be_extended(second, TERMS)


def test_what_is_ending_or_over_is_not_extended_and_says_so() -> None:
    ending = taken(active(TERMS), TERMS, End(EVE), T0 + minutes(5))
    ended = taken(ending, TERMS, GrantEnded(), T0 + minutes(5))

    assert refused(ending, longer()).text().startswith("This access is being ended; it cannot be extended.")
    assert refused(ended, longer()).text().startswith("This access has ended")
    assert refused(opened(TERMS), longer()).text().startswith("This is still being decided")
    assert {refused(one, longer()).code for one in (ending, ended, opened(TERMS))} == {"not_extendable"}
    assert not may_be_extended(ending, TERMS)
    assert not may_be_ended(ending, TERMS)


def test_an_owner_extends_for_the_holder() -> None:
    assert (
        change_of(active(TERMS), TERMS, longer(by=BOB, owner=True), T0 + minutes(5)).effects[0].kind == "extend_grant"
    )


def extension(terms: Entitlement) -> Request:
    return taken(opened(terms, extends="7K3FABCDEFGHJKMNPQRT"), terms, vote(ANN))


def test_an_approved_extension_is_handed_on_to_its_grant_and_starts_nothing_itself() -> None:
    approved = change_of(opened(TERMS, extends="7K3FABCDEFGHJKMNPQRT"), TERMS, vote(ANN))
    assert AskExtension() in approved.effects
    assert StartGrant() not in approved.effects
    assert approved.request.due_at == T0 + minutes(15)

    again = change_of(approved.request, TERMS, Wake(), T0 + minutes(15))
    assert again.effects == (AskExtension(),)
    assert again.request.state is State.APPROVED

    given = change_of(again.request, TERMS, ExtensionGiven(ENDS + minutes(60)), T0 + minutes(16))
    assert given.request.state is State.APPROVED
    assert given.request.due_at is None
    assert ends_at(given.request) == ENDS + minutes(60)
    assert change_of(given.request, TERMS, ExtensionGiven(ENDS), T0 + minutes(17)).is_nothing


def test_an_approved_extension_of_access_that_is_gone_has_failed() -> None:
    failed = change_of(extension(TERMS), TERMS, ExtensionRefused("this access has ended"), T0 + minutes(1))

    assert failed.request.state is State.FAILED
    assert failed.request.due_at is None
    assert not any(isinstance(effect, EndGrant) for effect in failed.effects)
    assert Tell(what="failed") in failed.effects


def version(**extend: Any) -> Entitlement:
    return make_entitlement(grant={"extend": {**RULE, **extend}})


def test_tightening_the_extension_applies_at_once_and_loosening_does_not() -> None:
    assert extension_rule(TERMS, TERMS) == TERMS.grant.extend
    wider = extension_rule(TERMS, version(max_times=5, by="4h"))
    narrower = extension_rule(TERMS, version(max_times=1, by="30m", approval="same"))

    assert wider == TERMS.grant.extend
    assert narrower is not None
    assert (narrower.max_times, narrower.by_s, narrower.approval) == (1, 1800, "same")
    assert extension_rule(TERMS, None) is None
    assert extension_rule(TERMS, make_entitlement()) is None
    assert extension_rule(make_entitlement(), TERMS) is None
    for mode in ("off", "monitor"):
        assert extension_rule(TERMS, TERMS.model_copy(update={"mode": mode})) is None


def test_yesterdays_grant_is_read_today() -> None:
    stored = active(make_entitlement()).to_json()

    assert b"extensions" not in stored
    assert Request.model_validate_json(stored).grant == active(make_entitlement()).grant


def test_the_warning_offers_time_only_while_there_is_some() -> None:
    request = active(TERMS)
    assert may_be_extended(request, TERMS)
    assert may_be_ended(request, TERMS)
    assert not may_be_extended(request, make_entitlement())
    assert not may_be_ended(request, make_entitlement(grant={"end_on": ["duration"]}))
