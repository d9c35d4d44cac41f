"""Cases in every state, as approvers meet them."""

from datetime import timedelta
from typing import Any

from approvalbot.request.about import About, Line
from approvalbot.request.case import Case
from approvalbot.request.change import Terms
from approvalbot.request.lifecycle import open_watched
from approvalbot.request.moves import (
    AnswerQuestion,
    AskQuestion,
    Claim,
    End,
    Extend,
    LevelAsked,
    Move,
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
)
from tests.request.makers import (
    ANN,
    BOB,
    CAT,
    EVE,
    LEADS,
    T0,
    asked,
    make_entitlement,
    make_policy,
    make_request,
    minutes,
    opened,
    taken,
    vote,
)

ABOUT = About(
    title="Admin privilege escalation requested",
    severity="critical",
    who="eve",
    who_id="arn:aws:iam::111122223333:user/eve",
    action="iam.amazonaws.com:AttachUserPolicy",
    resource="arn:aws:iam::aws:policy/AdministratorAccess",
    happened_at=T0,
    lines=(
        Line(label="actor.ip", value="198.51.100.7"),
        Line(label="requestParameters.policyArn", value="arn:aws:iam::aws:policy/AdministratorAccess"),
    ),
    matched=(Line(label="eventName", value="AttachUserPolicy"), Line(label="eventSource", value="iam.amazonaws.com")),
    origin="aws.cloudtrail",
    runbook="https://wiki.example.com/runbooks/aws-admin",
    event={"eventName": "AttachUserPolicy"},
)


def make_case(terms: Terms, *moves: tuple[float, Move], about: About = ABOUT, **fields: Any) -> Case:
    """The case after some moves, each at so many minutes."""
    request = opened(terms, policy_digest="a1b2c3d4" * 8, **fields)
    for at, move in moves:
        request = taken(request, terms, move, T0 + minutes(at))
    return Case(request, terms, about)


REVIEW = make_policy(quorum=2, from_distinct_groups=True, severity="critical")
GATE = make_policy(request="gate", severity="medium")
DETACH = {"action": "aws.detach_policy", "with": {"user": "{{ requestParameters.userName }}", "policy": "x"}}
UNDO = make_policy(severity="critical", on_deny=[DETACH, {"callback": {"to": "pagerduty"}}])
DEPLOYMENT = {"action": "github.deployment_callback", "with": {"url": "x", "environment": "p", "state": "approved"}}
ANSWERED = make_policy(request="gate", on_approve=[DEPLOYMENT])
ACCESS = make_entitlement()
GATE_ABOUT = ABOUT.model_copy(
    update={
        "title": "Production deploy",
        "severity": "medium",
        "caller": "deploy-tool",
        "summary": "Eve Eade wants to deploy acme/shop",
    }
)
ACCESS_ABOUT = About(
    title="Production database, read-only",
    severity="medium",
    who="Eve",
    who_id="eve",
    action="hold Production database",
    summary="Eve asks for Production database for 1 h",
    lines=(Line(label="For", value="1 h", must_show=True), Line(label="Reason", value="“stuck queue”", must_show=True)),
    origin="/access",
)


EXTENDABLE = make_entitlement(
    grant={"extend": {"max_times": 2, "by": "1h"}, "end_on": ["duration", "withdraw", "requester_leaves_group"]}
)
"""Access that may be kept for longer with a new approval, and only by members of the groups that may ask."""

GIVEN: tuple[tuple[float, Move], ...] = ((1, vote(ANN)), (2, GrantStarted("g-1")))
MORE = Extend(EVE, "x1", 3600, EXTENDABLE.grant.extend, "not done yet", request="9M4QABCDEFGHJKMNPQRS")
EXTENSION_ABOUT = ACCESS_ABOUT.model_copy(
    update={
        "action": "keep Production database",
        "summary": "Eve asks to keep Production database, read-only for 1 h more",
        "lines": (
            Line(label="More time", value="1 h", must_show=True),
            Line(label="Held until", value="03 Mar 13:02 UTC", must_show=True),
            Line(label="Reason", value="“not done yet”", must_show=True),
        ),
        "origin": "extension of 7K3FAB",
    }
)


def _access(*moves: tuple[float, Move]) -> Case:
    return make_case(ACCESS, *moves, about=ACCESS_ABOUT)


def _held(*moves: tuple[float, Move]) -> Case:
    return make_case(EXTENDABLE, *GIVEN, *moves, about=ACCESS_ABOUT)


def _extension(*moves: tuple[float, Move]) -> Case:
    return make_case(EXTENDABLE, *moves, about=EXTENSION_ABOUT, extends="7K3FABCDEFGHJKMNPQRT")


PAUSING = make_policy(request="gate", severity="medium", quorum=2, question_pause="15m")
LOOKS = Claim(vote(ANN, "deny"))
ASKS = AskQuestion(vote(ANN, "deny"), "Why *now*, on a <Friday>?")
ANSWERS = AnswerQuestion(vote(EVE, "deny", ()), "The queue is stuck & grows.")


def _asked(*moves: tuple[float, Move], terms: Terms = PAUSING, **fields: Any) -> Case:
    return make_case(terms, *moves, about=GATE_ABOUT, **fields)


CASES: dict[str, Case] = {
    "review-pending": make_case(REVIEW),
    "claim": make_case(GATE, (1, LOOKS), about=GATE_ABOUT),
    "claim-taken-over": make_case(GATE, (1, LOOKS), (2, Claim(vote(BOB, "deny"), "take_over")), about=GATE_ABOUT),
    "claim-none": make_case(make_policy(request="gate", claim="off"), about=GATE_ABOUT),
    "claim-and-vote": make_case(REVIEW, (1, vote(ANN)), (2, Claim(vote(BOB, "deny")))),
    "question": _asked((1, ASKS), terms=GATE),
    "question-to-nobody": _asked((1, ASKS), terms=GATE, requester=None),
    "question-paused": _asked((1, LOOKS), (1, vote(BOB)), (2, ASKS)),
    "question-pause-over": _asked((1, ASKS), (16, Wake())),
    "question-answered": _asked((1, ASKS), (3, ANSWERS)),
    "question-decided": _asked((1, ASKS), (4, vote(ANN)), (5, vote(CAT))),
    "review-partly-approved": make_case(REVIEW, (1, vote(ANN, reason="planned change"))),
    "review-escalated": make_case(REVIEW, (1, vote(ANN)), (15, Wake())),
    "review-nobody-found": make_case(REVIEW, (15, Wake()), (15, LevelAsked(1, (), ("usergroup:@board",)))),
    "review-acknowledged": make_case(REVIEW, (1, vote(ANN)), (3, vote(CAT, entries=(LEADS,)))),
    "review-objected": make_case(REVIEW, (1, vote(ANN, "deny", reason="not known", reason_code="suspicious"))),
    "review-expired": make_case(REVIEW, (0, asked(0, "U0ANN")), (15, Wake()), (45, Wake())),
    "review-actor-unknown": make_case(REVIEW, actor_known=False, requester=None),
    "review-repeated": make_case(REVIEW, (1, vote(ANN)), (2, Repeated(11, T0 + minutes(2)))),
    "review-repeated-after": make_case(
        REVIEW, (1, vote(ANN, "deny", reason="not known")), (2, Repeated(2, T0 + minutes(2)))
    ),
    "review-policy-error": make_case(
        REVIEW,
        (0, LevelAsked(0, ("U0ANN",), owner="usergroup:@sec-owners")),
        policy_error="the calendar office-hours has ended",
    ),
    "gate-pending": make_case(GATE, about=GATE_ABOUT),
    "gate-passkey": make_case(make_policy(request="gate", assurance="step_up"), about=GATE_ABOUT),
    "gate-approved": make_case(GATE, (2, vote(BOB)), about=GATE_ABOUT),
    "gate-denied": make_case(GATE, (2, vote(BOB, "deny", reason_code="not_now")), about=GATE_ABOUT),
    "gate-expired": make_case(GATE, (0, asked(0, "U0ANN")), (15, Wake()), (45, Wake()), about=GATE_ABOUT),
    "gate-nobody-asked": make_case(GATE, (15, Wake()), (45, Wake()), about=GATE_ABOUT),
    "gate-withdrawn": make_case(GATE, (1, Withdraw(EVE)), about=GATE_ABOUT),
    "gate-caller-gone": make_case(GATE, (1, Withdraw()), about=GATE_ABOUT),
    "gate-approved-by-timeout": make_case(
        make_policy(request="gate", on_timeout="approve", unsafe=True),
        (0, asked(0, "U0ANN")),
        (15, Wake()),
        (45, Wake()),
        about=GATE_ABOUT,
    ),
    "access-pending": _access(),
    "access-approved": _access((1, vote(ANN))),
    "access-denied": _access((1, vote(ANN, "deny", reason="use the replica"))),
    "access-active": _access((1, vote(ANN)), (2, GrantStarted("g-1"))),
    "access-ending": _access((1, vote(ANN)), (2, GrantStarted("g-1")), (30, End(EVE))),
    "access-ended": _access((1, vote(ANN)), (2, GrantStarted("g-1")), (30, End(EVE)), (30, GrantEnded())),
    "access-failed": _access((1, vote(ANN)), (2, GrantRefused("no such account"))),
    "access-still-open": _access((1, vote(ANN)), (2, GrantStarted("g-1")), (30, End(EVE)), (31, EndFailed("503"))),
    "access-held": _held(),
    "access-extending": _held((30, MORE)),
    "access-extended": _held((30, MORE), (31, GrantExtended("x1"))),
    "access-not-extended": _held((30, MORE), (31, ExtendFailed("x1", "no such grant."))),
    "access-ended-by-owner": _held((30, End(BOB, "the incident is over", owner=True)), (30, GrantEnded())),
    "access-left": _held((30, Left("left_group")), (30, GrantEnded())),
    "access-paged": _held((30, End(EVE)), *((31 + n, EndFailed("503")) for n in range(3))),
    "access-given-up": _held((30, End(EVE)), *((31 + n, EndFailed("503")) for n in range(3)), (1500, Wake())),
    "access-closed-later": _held(
        (30, End(EVE)), (31, EndFailed("503")), (1500, Wake()), (1501, End(BOB, owner=True)), (1501, GrantEnded())
    ),
    "extension-pending": _extension(),
    "extension-approved": _extension((1, vote(ANN))),
    "extension-given": _extension((1, vote(ANN)), (2, ExtensionGiven(T0 + minutes(122)))),
    "extension-denied": _extension((1, vote(ANN, "deny", reason="use the replica"))),
    "extension-failed": _extension((1, vote(ANN)), (2, ExtensionRefused("This access has ended."))),
}

OBJECTED = (1, vote(ANN, "deny", reason="not known", reason_code="suspicious"))
STARTED = (OBJECTED, (2, ActionDelayed("on_deny.0", "aws answered 503.", 1)))
CASES |= {
    "undo-pending": make_case(UNDO),
    "undo-wanted-by-one": make_case(
        make_policy(severity="critical", deny_quorum=2, quorum=2, on_deny=[DETACH]), (1, vote(ANN, "deny"))
    ),
    "undo-cannot": make_case(UNDO, left_out={"on_deny.0": "requestParameters.userName has no value in this event"}),
    "undo-not-for-this-event": make_case(UNDO, left_out={"on_deny.0": ""}),
    "undo-on-silence": make_case(make_policy().model_copy(update={"on_expire": UNDO.on_deny})),
    "undo-started": make_case(UNDO, OBJECTED),
    "undo-delayed": make_case(UNDO, *STARTED),
    "undo-done": make_case(UNDO, *STARTED, (7, ActionDone("on_deny.0", "it was gone already"))),
    "undo-failed": make_case(UNDO, *STARTED, (7, ActionFailed("on_deny.0", "aws answered 403 AccessDenied."))),
    "undo-not-run": make_case(
        UNDO, OBJECTED, left_out={"on_deny.0": "requestParameters.userName has no value in this event"}
    ),
    "acknowledged-with-an-action": make_case(
        make_policy().model_copy(update={"on_approve": UNDO.on_deny}), (1, vote(ANN)), (2, ActionDone("on_approve.0"))
    ),
    "gate-answered": make_case(ANSWERED, (2, vote(BOB)), (2, ActionDone("on_approve.0")), about=GATE_ABOUT),
    "gate-not-answered": make_case(
        ANSWERED, (2, vote(BOB)), (2, ActionFailed("on_approve.0", "github answered 404.")), about=GATE_ABOUT
    ),
}


def _watched(terms: Terms, about: About, *moves: tuple[float, Move], **fields: Any) -> Case:
    request = open_watched(make_request(terms, policy_digest="a1b2c3d4" * 8, **fields), terms, T0, {}).request
    for at, move in moves:
        request = taken(request, terms, move, T0 + minutes(at))
    return Case(request, terms, about)


CASES |= {
    "watched-review": _watched(UNDO, ABOUT),
    "watched-gate": _watched(GATE, GATE_ABOUT, requester=None, actor_known=False),
    "watched-access": _watched(ACCESS, ACCESS_ABOUT),
    "watched-again": _watched(UNDO, ABOUT, (2, Repeated(11, T0 + minutes(2)))),
}

CREDITED = ABOUT.model_copy(
    update={
        "credit": "Rule by Ann Ames & Bob, SigmaHQ, DRL 1.1, https://github.com/SigmaHQ/sigma/blob/master/rules/a.yml"
    }
)
CASES |= {"review-of-a-rule": make_case(REVIEW, about=CREDITED), "watched-rule": _watched(REVIEW, CREDITED)}

LATER = timedelta(minutes=1)
