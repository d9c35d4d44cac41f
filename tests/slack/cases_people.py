"""Cases in which people are away, or ask a lot: as approvers meet them."""

from datetime import timedelta

from approvalbot.request.about import Before
from approvalbot.request.case import Case
from approvalbot.request.moves import LevelAsked
from approvalbot.request.request import Absence, Delegated
from tests.request.makers import ANN, BOARD, BOB, CAT, DAN, ONCALL, T0, make_policy, vote
from tests.slack.cases import GATE, GATE_ABOUT, make_case

AWAY = (
    Absence(person=BOB, since=T0, until=T0 + timedelta(hours=5), delegate=DAN),
    Absence(person=CAT, since=T0, until=T0 + timedelta(days=3)),
)
OF_BOB = (Delegated(by=BOB, entries=(ONCALL,)),)
TWO = make_policy(request="gate", severity="medium", quorum=2)
ASKED = LevelAsked(0, (ANN.slack or "", BOB.slack or "", DAN.slack or ""), away=AWAY)
PAST = GATE_ABOUT.model_copy(
    update={"before": Before(settled=10, approved=9, last_by=ANN, last_at=T0 - timedelta(days=4), nth=7)}
)
FIRST = GATE_ABOUT.model_copy(update={"before": Before(nth=1)})
NEVER = GATE_ABOUT.model_copy(update={"before": Before(settled=3, nth=2)})

CASES_OF_PEOPLE: dict[str, Case] = {
    "gate-some-away": make_case(GATE, (0, ASKED), about=GATE_ABOUT),
    "gate-partly-approved-for-another": make_case(
        TWO, (0, ASKED), (2, vote(DAN, entries=(BOARD,), delegated=OF_BOB)), about=GATE_ABOUT
    ),
    "gate-approved-for-another": make_case(
        GATE, (0, ASKED), (2, vote(DAN, entries=(BOARD,), delegated=OF_BOB)), about=GATE_ABOUT
    ),
    "gate-with-a-past": make_case(GATE, about=PAST),
    "gate-first-of-its-kind": make_case(GATE, about=FIRST),
    "gate-never-approved": make_case(GATE, about=NEVER),
}
