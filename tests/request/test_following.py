"""What a decision sets off: which effects follow, how an action stands, and what is said when one cannot be done."""

from typing import Any

import pytest

from approvalbot.request.acting import PAGE_AFTER
from approvalbot.request.answer import decision_names
from approvalbot.request.effects import EFFECT, Act, Alarm, Answer, Note, Refresh
from approvalbot.request.lifecycle import step
from approvalbot.request.moves import Move, Wake
from approvalbot.request.reports import ActionDelayed, ActionDone, ActionFailed, EndFailed, GrantStarted
from approvalbot.request.request import Acted, Request, State
from tests.request.makers import (
    ANN,
    BOB,
    T0,
    asked,
    change_of,
    make_entitlement,
    make_policy,
    minutes,
    opened,
    refusal,
    taken,
    vote,
)

UNDO = {"action": "aws.detach_policy", "with": {"user": "{{ requestParameters.userName }}", "policy": "p"}}
TOLD = {"callback": {"to": "siem", "status": "incident", "with": {"who": "{{ $actor.id }}"}}}
POLICY = make_policy(on_deny=[UNDO, TOLD], on_approve=[{"callback": {"to": "siem"}}])
DENY = vote(ANN, "deny", reason="not known", reason_code="suspicious")


def denied(**fields: Any) -> Request:
    return taken(opened(POLICY, **fields), POLICY, DENY)


def test_a_denial_starts_its_actions_and_tells_its_receivers() -> None:
    change = change_of(opened(POLICY), POLICY, DENY)

    assert [one for one in change.effects if isinstance(one, Act | Answer)] == [
        Act(action="aws.detach_policy", key="on_deny.0"),
        Answer(to="siem", event="request.denied", status="incident", effect_index=1),
    ]
    assert change.request.acted == (Acted(key="on_deny.0", action="aws.detach_policy"),)


def test_an_approval_sets_off_its_own_list_alone() -> None:
    change = change_of(opened(POLICY), POLICY, vote(BOB))

    assert [one for one in change.effects if isinstance(one, Act | Answer)] == [
        Answer(to="siem", event="request.approved", effect_index=0)
    ]
    assert change.request.acted == ()


def test_what_only_if_leaves_out_is_not_spoken_of() -> None:
    change = change_of(opened(POLICY, left_out={"on_deny.0": "", "on_deny.1": ""}), POLICY, DENY)

    assert not [one for one in change.effects if isinstance(one, Act | Answer | Alarm)]
    assert [entry.what for entry in change.entries] == ["voted", "denied"]
    assert change.request.acted == ()


@pytest.mark.parametrize(("key", "name"), [("on_deny.0", "aws.detach_policy"), ("on_deny.1", "siem")])
def test_an_effect_with_a_hole_in_it_is_not_done_and_its_owner_the_trail_and_the_thread_say_so(
    key: str, name: str
) -> None:
    why = "requestParameters.userName has no value in this event"

    change = change_of(opened(POLICY, left_out={key: why}), POLICY, DENY)

    detail = {"effect": key, "name": name, "fault": why}
    assert change.entries[-1].what == "effect_not_run"
    assert change.entries[-1].detail == detail
    assert Alarm(what="effect_not_run", detail=detail) in change.effects
    assert [one.what for one in change.effects if isinstance(one, Note)] == ["denied", "effect_not_run"]
    done = {type(one).__name__ for one in change.effects if isinstance(one, Act | Answer)}
    assert done == ({"Answer"} if key == "on_deny.0" else {"Act"}), "the other one follows all the same"


def test_an_undo_that_is_done_is_said_once_however_often_it_is_reported() -> None:
    request = denied()

    change = change_of(request, POLICY, ActionDone("on_deny.0", "it was gone already"))

    assert change.request.acted[0].state == "done"
    assert change.entries[-1].what == "action_done"
    assert change.entries[-1].detail == {
        "effect": "on_deny.0",
        "action": "aws.detach_policy",
        "answer": "it was gone already",
    }
    assert [type(one) for one in change.effects] == [Refresh, Note]
    for late in (ActionDone("on_deny.0"), ActionFailed("on_deny.0", "x"), ActionDelayed("on_deny.0", "x", 1)):
        assert step(change.request, POLICY, late, T0 + minutes(9)).is_nothing


def test_an_undo_that_keeps_failing_pages_its_owner_once_and_then_for_good() -> None:
    request = denied()
    alarms = []
    for attempt in (1, PAGE_AFTER):
        change = change_of(request, POLICY, ActionDelayed("on_deny.0", "aws answered 503.", attempt))
        request = change.request
        alarms += [one.what for one in change.effects if isinstance(one, Alarm)]
    assert request.acted[0] == Acted(key="on_deny.0", action="aws.detach_policy", fault="aws answered 503.")

    change = change_of(request, POLICY, ActionFailed("on_deny.0", "aws answered 403."))

    alarms += [one.what for one in change.effects if isinstance(one, Alarm)]
    assert alarms == ["action_delayed", "action_failed"]
    assert change.request.acted[0].state == "failed"
    assert change.request.state is State.DENIED, "the decision stands in any case"


def test_an_undo_sent_again_by_hand_may_still_be_done() -> None:
    failed = taken(denied(), POLICY, ActionFailed("on_deny.0", "no such role"))

    assert taken(failed, POLICY, ActionDone("on_deny.0")).acted[0].state == "done"


@pytest.mark.parametrize(
    "move", [ActionDone("on_deny.0"), ActionDelayed("on_deny.0", "x", 1), ActionFailed("on_deny.0", "x")]
)
def test_a_question_that_is_open_has_no_action_under_way(move: Move) -> None:
    assert refusal(opened(POLICY), POLICY, move).code == "wrong_state"


@pytest.mark.parametrize(
    "move", [ActionDone("on_deny.7"), ActionDelayed("on_deny.7", "x", 3), ActionFailed("on_deny.7", "x")]
)
def test_a_report_of_an_action_that_never_started_changes_nothing(move: Move) -> None:
    assert step(denied(), POLICY, move, T0 + minutes(1)).is_nothing


def test_what_an_entitlement_lists_for_approval_follows_the_access_and_not_the_vote() -> None:
    terms = make_entitlement()
    terms = terms.model_copy(update={"on_approve": POLICY.on_approve, "on_deny": POLICY.on_approve})

    approved = change_of(opened(terms), terms, vote(ANN))
    active = change_of(approved.request, terms, GrantStarted("g-1"), T0 + minutes(1))
    refused = change_of(opened(terms), terms, vote(ANN, "deny"))

    assert not [one for one in approved.effects if isinstance(one, Answer)]
    assert [one.event for one in active.effects if isinstance(one, Answer)] == ["request.active"]
    assert [one.event for one in refused.effects if isinstance(one, Answer)] == ["request.denied"]


def test_an_action_of_an_entitlement_is_reported_while_the_access_lives_and_after() -> None:
    terms = make_entitlement().model_copy(update={"on_approve": POLICY.on_deny[:1]})
    active = taken(taken(opened(terms), terms, vote(ANN)), terms, GrantStarted("g-1"), T0 + minutes(1))
    assert active.acted == (Acted(key="on_approve.0", action="aws.detach_policy"),)

    still_open = taken(active, terms, EndFailed("503"), T0 + minutes(2))

    assert taken(still_open, terms, ActionDone("on_approve.0")).acted[0].state == "done"


def test_a_no_to_more_time_is_told_and_runs_nothing() -> None:
    terms = make_entitlement().model_copy(update={"on_deny": POLICY.on_deny})
    first, more = (
        change_of(opened(terms, extends=held), terms, vote(ANN, "deny")) for held in ("", "6J2EABCDEFGHJKMNPQRS")
    )

    assert [type(one) for one in first.effects if isinstance(one, Act | Answer)] == [Act, Answer]
    assert [type(one) for one in more.effects if isinstance(one, Act | Answer)] == [Answer]
    assert more.request.acted == ()


def test_the_names_of_a_decision_never_lack_a_value() -> None:
    by_people = decision_names(denied())
    nobody = decision_names(
        taken(
            taken(taken(opened(POLICY), POLICY, asked(0, "U0ANN")), POLICY, Wake(), T0 + minutes(15)),
            POLICY,
            Wake(),
            T0 + minutes(45),
        )
    )
    silent = decision_names(taken(opened(POLICY), POLICY, vote(BOB)))

    assert by_people == {
        "state": "denied",
        "summary": "Undo decided by Ann: suspicious: not known",
        "by": "Ann",
        "reason": "not known",
        "at": "2026-03-03T12:00:00.000Z",
    }
    assert nobody["summary"] == "Nobody acted in time, so there is no approval"
    assert (nobody["by"], nobody["reason"]) == ("nobody", "")
    assert (silent["summary"], silent["reason"]) == ("Acknowledged by Bob", "")
    assert decision_names(opened(POLICY)) == {}


def test_stored_effects_and_requests_of_before_are_read_as_they_were() -> None:
    assert EFFECT.validate_json('{"kind":"act","action":"a.b","key":"on_deny.0"}') == Act(action="a.b", key="on_deny.0")
    before = '{"id":"7K3F","kind":"review","policy_id":"p","policy_digest":"d","opened_at":"2026-03-03T12:00:00Z"}'

    read = Request.model_validate_json(before)

    assert (read.left_out, read.acted) == ({}, ())
