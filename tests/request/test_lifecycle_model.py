"""A model of the whole lifecycle under arbitrary moves in arbitrary order, at times that only go forward."""

from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from approvalbot.errors import MoveRefused
from approvalbot.request.change import Change
from approvalbot.request.lifecycle import open_request, step
from approvalbot.request.moves import (
    AddNote,
    AnswerQuestion,
    AskQuestion,
    Claim,
    End,
    Extend,
    Move,
    Recheck,
    Release,
    Repeated,
    Wake,
    Withdraw,
)
from approvalbot.request.reports import (
    EndFailed,
    ExtendFailed,
    GrantEnded,
    GrantExtended,
    GrantRefused,
    GrantStarted,
    Left,
    MembershipRead,
    MembershipUnread,
)
from approvalbot.request.request import Less, State
from approvalbot.request.trail import GENESIS, Entry
from tests.request.makers import (
    ANN,
    BOARD,
    BOB,
    CAT,
    EVE,
    LEADS,
    ONCALL,
    T0,
    asked,
    make_entitlement,
    make_policy,
    make_request,
    vote,
)

ACCESS = make_entitlement(
    quorum=2,
    grant={
        "extend": {"max_times": 2, "by": "1h", "approval": "none"},
        "end_on": ["duration", "withdraw", "requester_leaves_group"],
    },
)
SETTLED = {State.DENIED, State.EXPIRED, State.WITHDRAWN, State.ENDED}
SEATS = {"ann": (ONCALL, LEADS), "bob": (ONCALL,), "cat": (BOARD,), "eve": (ONCALL, LEADS, BOARD)}


class Lifecycle(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.now = T0
        self.terms = make_policy(quorum=2, from_distinct_groups=True, question_pause="15m")
        self._open()

    def _open(self) -> None:
        request = make_request(self.terms)
        change = open_request(request, self.terms, T0, {})
        self.request = change.request
        self.entries: list[Entry] = list(change.entries)
        self.settled_at: int | None = None

    def move(self, move: Move) -> None:
        before = self.request
        try:
            change: Change = step(self.request, self.terms, move, self.now)
        except MoveRefused:
            assert self.request == before
            return
        if not change.is_nothing:
            assert change.request.version == before.version + 1
            self.request = change.request
            self.entries.extend(change.entries)
        if before.state in SETTLED:
            assert self.request.state is before.state, "an end is an end"

    @rule(kind=st.sampled_from(["review", "access"]))
    def start_over(self, kind: str) -> None:
        if self.request.state in SETTLED:
            self.now = T0
            self.terms = make_policy(quorum=2) if kind == "review" else ACCESS  # type: ignore[assignment]
            self._open()

    @rule(seconds=st.sampled_from([1, 60, 299, 300, 900, 1800, 3600]))
    def time_passes(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)
        self.move(Wake())

    @rule(person=st.sampled_from([ANN, BOB, CAT, EVE]), choice=st.sampled_from(["approve", "deny"]))
    def press(self, person: object, choice: str) -> None:
        self.move(vote(person, choice, SEATS[person.key]))  # type: ignore[arg-type,attr-defined]

    @rule(person=st.sampled_from([ANN, BOB, CAT, EVE]), seconds=st.sampled_from([0, 900, 1800, 3600, 7200]))
    def approve_less(self, person: object, seconds: int) -> None:
        less = Less(duration_s=seconds)
        self.move(vote(person, "approve", SEATS[person.key], less=less, offered=True))  # type: ignore[arg-type,attr-defined]

    @rule(person=st.sampled_from([ANN, BOB, CAT, EVE]), how=st.sampled_from(["look", "take_over", "keep"]))
    def look(self, person: object, how: str) -> None:
        self.move(Claim(vote(person, "deny", SEATS[person.key]), how))  # type: ignore[arg-type,attr-defined]

    @rule(person=st.sampled_from([ANN, BOB, CAT, EVE]))
    def ask(self, person: object) -> None:
        self.move(AskQuestion(vote(person, "deny", SEATS[person.key]), "why?"))  # type: ignore[arg-type,attr-defined]

    @rule(person=st.sampled_from([ANN, BOB, CAT, EVE]))
    def answer(self, person: object) -> None:
        self.move(AnswerQuestion(vote(person, "deny", SEATS[person.key]), "so"))  # type: ignore[arg-type,attr-defined]

    @rule(
        move=st.sampled_from(
            [
                Withdraw(EVE),
                Withdraw(BOB),
                GrantStarted("g"),
                GrantRefused("no"),
                GrantEnded(),
                EndFailed("down"),
                End(EVE),
                *(Extend(EVE, key, 3600, ACCESS.grant.extend) for key in ("x1", "x2", "x3")),
                *(GrantExtended(key) for key in ("x1", "x2", "x3")),
                ExtendFailed("x2", "no"),
                Recheck(),
                MembershipRead(),
                MembershipUnread("down"),
                Left("left_group"),
                asked(0, "U0ANN"),
                asked(0),
                Repeated(1, T0),
                Repeated(2, T0),
                Release(ANN),
                AddNote(EVE, "it is urgent"),
            ]
        )
    )
    def something_else(self, move: Move) -> None:
        self.move(move)

    @invariant()
    def no_requester_ever_decides(self) -> None:
        assert all(cast.by != EVE for cast in self.request.votes)
        decision = self.request.decision
        if decision is not None and self.request.state != State.WITHDRAWN:
            assert EVE not in decision.by

    @invariant()
    def an_approval_has_its_quorum(self) -> None:
        if self.request.allowed:
            assert self.request.decision is not None
            assert len({person.key for person in self.request.decision.by}) >= 2

    @invariant()
    def silence_has_no_author(self) -> None:
        if self.request.state is State.EXPIRED:
            assert self.request.decision is not None
            assert self.request.decision.by == ()

    @invariant()
    def whatever_waits_has_a_deadline(self) -> None:
        if self.request.state in {State.PENDING, State.ACTIVE}:
            assert self.request.due_at is not None

    @invariant()
    def what_waits_is_due_after_it_was_looked_at(self) -> None:
        if self.request.state is State.PENDING:
            step(self.request, self.terms, Wake(), self.now)
            expires = self.request.expires_at
            assert expires is not None
            longest = sum(level.timeout_s for level in self.terms.approval.levels) + 3 * 900
            assert expires <= T0 + timedelta(seconds=longest) + (self.now - T0)

    @invariant()
    def whoever_asked_for_it_neither_looks_nor_asks(self) -> None:
        assert self.request.claim is None or self.request.claim.by != EVE
        assert all(asked.by != EVE for asked in self.request.questions)
        assert self.request.state is State.PENDING or self.request.claim is None

    @invariant()
    def access_lasts_as_long_as_was_agreed_and_no_longer(self) -> None:
        grant = self.request.grant
        if self.request.wish and grant is not None and grant.started_at is not None and grant.ends_at is not None:
            given = sum(one.given for one in grant.extensions)
            assert len(grant.extensions) <= 2
            shortest = min([one.less.duration_s for one in self.request.votes if one.less] or [3600])
            assert shortest in {900, 1800, 3600}
            assert grant.ends_at == grant.started_at + timedelta(seconds=shortest, hours=given)

    @invariant()
    def the_trail_is_one_chain(self) -> None:
        head = GENESIS
        for n, entry in enumerate(self.entries, 1):
            assert (entry.n, entry.prev) == (n, head)
            head = entry.hash
        assert (self.request.trail_count, self.request.trail_head) == (len(self.entries), head)


TestLifecycle = Lifecycle.TestCase
TestLifecycle.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
