"""Every cell of the table of the lifecycle: a change, or a refusal that changes nothing."""

from typing import get_args

import pytest

from approvalbot.errors import CODES
from approvalbot.request.attention import Claim as Looking
from approvalbot.request.attention import Question
from approvalbot.request.lifecycle import TABLE, step
from approvalbot.request.moves import (
    AddNote,
    AnswerQuestion,
    AskQuestion,
    AwayChanged,
    CastVote,
    Claim,
    End,
    Extend,
    LevelAsked,
    Move,
    Noted,
    Recheck,
    Release,
    Repeated,
    Wake,
    Withdraw,
)
from approvalbot.request.reports import (
    ActionDelayed,
    ActionDone,
    ActionFailed,
    EndFailed,
    ExtendFailed,
    ExtensionGiven,
    ExtensionRefused,
    GrantEnded,
    GrantExtended,
    GrantRefused,
    GrantStarted,
    Left,
    MembershipRead,
    MembershipUnread,
)
from approvalbot.request.request import Absence, Acted, Decision, Extension, GrantState, State
from tests.request.makers import ANN, CAT, EVE, T0, asked, make_entitlement, minutes, opened, refusal, vote

TERMS = make_entitlement(grant={"extend": {"by": "1h", "max_times": 2, "approval": "none"}})
WAITING = Extension(key="x1", by=EVE, until=T0 + minutes(120), give_up_at=T0 + minutes(15))
MOVES: dict[type[Move], Move] = {
    CastVote: vote(ANN),
    Claim: Claim(vote(ANN, "deny"), "keep"),
    Release: Release(ANN),
    AskQuestion: AskQuestion(vote(ANN, "deny"), "why now?"),
    AnswerQuestion: AnswerQuestion(vote(EVE, "deny", ()), "the queue is stuck"),
    AddNote: AddNote(EVE, "it is urgent"),
    Withdraw: Withdraw(EVE),
    Wake: Wake(),
    End: End(EVE),
    Extend: Extend(EVE, "x1", 3600, TERMS.grant.extend),
    Recheck: Recheck(),
    LevelAsked: asked(0, "U0ANN"),
    AwayChanged: AwayChanged(Absence(person=ANN, since=T0, until=T0 + minutes(60), delegate=CAT)),
    GrantStarted: GrantStarted("g"),
    GrantRefused: GrantRefused("no"),
    GrantEnded: GrantEnded(),
    EndFailed: EndFailed("down"),
    GrantExtended: GrantExtended("x1"),
    ExtendFailed: ExtendFailed("x1", "no"),
    ExtensionGiven: ExtensionGiven(T0 + minutes(120)),
    ExtensionRefused: ExtensionRefused("it has ended"),
    Left: Left("left_group"),
    MembershipRead: MembershipRead(),
    MembershipUnread: MembershipUnread("down"),
    Repeated: Repeated(3, T0 + minutes(1)),
    ActionDone: ActionDone("on_deny.0"),
    ActionDelayed: ActionDelayed("on_deny.0", "down", 1),
    ActionFailed: ActionFailed("on_deny.0", "no"),
    Noted: Noted("posted"),
}


def test_the_walk_knows_every_move() -> None:
    assert set(MOVES) == set(get_args(Move))


@pytest.mark.parametrize("state", list(State))
@pytest.mark.parametrize("kind", list(MOVES))
def test_every_cell_of_the_table_is_a_change_or_a_refusal_that_changes_nothing(state: State, kind: type[Move]) -> None:
    settled = state is not State.PENDING
    held = GrantState(
        started_at=T0, ends_at=T0 + minutes(60), check_at=T0 + minutes(5), unread=1, extensions=(WAITING,)
    )
    request = opened(TERMS).model_copy(
        update={
            "state": state,
            "decision": Decision(state=state, at=T0, by=(ANN,)) if settled else None,
            "grant": held if settled else None,
            "acted": (Acted(key="on_deny.0", action="aws.detach_policy"),) if settled else (),
            "claim": None if settled else Looking(by=ANN, at=T0, until=T0 + minutes(5)),
            "questions": (Question(by=ANN, at=T0, text="why now?"),) if kind is AnswerQuestion else (),
        }
    )
    before = request.to_json()

    if (state, kind) in TABLE:
        change = step(request, TERMS, MOVES[kind], T0 + minutes(1))
        assert change.expected == request.version
        assert change.is_nothing or change.request.version == request.version + 1
        assert not change.entries or change.request.trail_head == change.entries[-1].hash
    else:
        fault = refusal(request, TERMS, MOVES[kind], T0 + minutes(1))
        expected = {"monitor_only"} if state is State.WATCHED else {"already_decided", "wrong_state", "not_extendable"}
        assert fault.code in expected
        assert fault.code in CODES
        assert fault.text()
    assert request.to_json() == before
