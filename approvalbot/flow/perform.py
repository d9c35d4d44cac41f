"""Perform: one effect of the outbox, told to the world. Doing it twice is safe; losing it is impossible.

A worker takes the effect, does it, and removes it. What fails is put back with a time; what keeps failing becomes a
dead letter and is said aloud. Nothing here decides anything: facts about what was done come back as moves.
"""

from datetime import datetime, timedelta
from typing import assert_never

from approvalbot.errors import ApprovalBotError, DeliveryFailed, MoveRefused, NotFound, Unavailable
from approvalbot.flow.advance import advance
from approvalbot.flow.asking import people_of_level
from approvalbot.flow.belonging import check_member
from approvalbot.flow.calling import call, concerned
from approvalbot.flow.extending import extend_grant, pass_on
from approvalbot.flow.granting import end_grant, start_grant
from approvalbot.flow.outward import not_delivered, run_action, send_answer
from approvalbot.flow.ports import Journey, TakenEffect
from approvalbot.flow.questions import put_question
from approvalbot.log import get_logger
from approvalbot.request.case import Case
from approvalbot.request.effects import (
    Act,
    Alarm,
    Announce,
    Answer,
    AskExtension,
    AskLooker,
    CheckMember,
    EndGrant,
    ExtendGrant,
    Note,
    Page,
    PutQuestion,
    Refresh,
    Remind,
    StartGrant,
    Tell,
    TellAnswer,
    TellPeople,
    TellRepeats,
    request_of,
)
from approvalbot.request.moves import LevelAsked
from approvalbot.request.request import State

log = get_logger("perform")

SLACK_DELAYS_S = (0.5, 1, 2, 5, 10, 20, 30, 60)
"""Seconds between attempts to say something in Slack; the last repeats. Chosen so that a message is at most a minute
late once Slack is back (threats.md section 5), and that ten minutes of outage cost a dozen calls, not hundreds."""

LOOK_UPS = 5
"""Look-ups of a level's people, over some nine seconds, before an entry nobody answers for counts as naming nobody: the
owner hears of it, and a level without anybody opens the next one, instead of the question standing before no one."""

SLACK_MOST = 1500
"""Attempts before a Slack message becomes a dead letter: a day of trying once a minute."""


def perform(journey: Journey, effect_id: str) -> None:
    """Do one effect, if it is still to be done."""
    taken: TakenEffect | None = journey.effects.take(effect_id)
    if taken is None:
        return
    now = journey.requests.now()
    try:
        case, now = journey.requests.load(request_of(effect_id))
        _do(journey, case, taken, now)
    except DeliveryFailed as fault:
        _failed(journey, taken, fault, now)
    except MoveRefused as fault:
        # Membership that is not known now, or a report that came too late: the first may change, the second does not.
        _put_back(journey, taken, fault, now) if fault.code == "membership_unknown" else _drop(journey, taken, fault)
    except NotFound as fault:
        _drop(journey, taken, fault)
    except Unavailable:
        # Our own store: the lease runs out and the effect is driven again.
        raise
    except Exception as fault:
        # Nobody foresaw it, such as a secret that is gone from the environment: it is retried and given up like any
        # other failure, so that it ends up where somebody sees it.
        log.exception("effect broke", effect=effect_id, kind=taken.effect.kind, error=type(fault).__name__)
        _failed(journey, taken, DeliveryFailed("delivery_failed", f"It broke on our side: {_named(fault)}."), now)
    else:
        journey.effects.done(taken)


def _named(fault: Exception) -> str:
    """What broke: our own sentence, or no more than the kind of somebody else's fault."""
    return fault.text() if isinstance(fault, ApprovalBotError) else type(fault).__name__


def _do(journey: Journey, case: Case, taken: TakenEffect, now: datetime) -> None:
    effect = taken.effect
    match effect:
        case Announce():
            _announce(journey, case, effect.level, taken)
        case Answer():
            send_answer(journey, case, effect, taken, now)
        case Act():
            run_action(journey, case, effect, taken, now)
        case StartGrant() | EndGrant() | AskExtension() | ExtendGrant() | CheckMember():
            _hold(journey, case, taken, effect, now)
        case TellRepeats():
            advance(journey, case.request.id, journey.requests.repeats(case.request.id, case.request.repeats))
        case AskLooker():
            journey.conversation.ask_looker(case, effect, taken.id)
        case PutQuestion():
            put_question(journey, case, effect.nth)
        case TellAnswer():
            journey.conversation.tell_answer(case, effect.nth)
        case Refresh() | Remind() | Note() | Tell() | TellPeople() | Alarm() | Page():
            _say(journey, case, effect, taken.id)
        case _:
            assert_never(effect)


def _hold(
    journey: Journey,
    case: Case,
    taken: TakenEffect,
    effect: StartGrant | EndGrant | AskExtension | ExtendGrant | CheckMember,
    now: datetime,
) -> None:
    """What concerns the access that a request gives."""
    match effect:
        case StartGrant():
            start_grant(journey, case, now, again=taken.attempt > 1)
        case EndGrant():
            end_grant(journey, case, effect, now)
        case AskExtension():
            pass_on(journey, case)
        case ExtendGrant():
            extend_grant(journey, case, effect, now)
        case CheckMember():
            check_member(journey, case)
        case _:
            assert_never(effect)


def _say(
    journey: Journey, case: Case, effect: Refresh | Remind | Note | Tell | TellPeople | Alarm | Page, key: str
) -> None:
    messenger = journey.messenger
    match effect:
        case Refresh():
            messenger.refresh(case)
            journey.homes.changed(concerned(case))
        case Remind():
            if case.request.state is State.PENDING and case.request.level == effect.level:
                messenger.remind(case, effect.level, effect.nth, key)
        case Note():
            messenger.note(case, effect.what, effect.detail, key)
        case Tell():
            messenger.tell(case, effect.what, key)
        case TellPeople():
            if case.request.state is State.PENDING:
                messenger.announce_to(case, effect.people)
        case Alarm():
            messenger.alarm(case, effect.what, effect.detail, key)
        case Page():
            journey.pager.page(case, effect, key)
        case _:
            assert_never(effect)


def _announce(journey: Journey, case: Case, level: int, taken: TakenEffect) -> None:
    if case.request.state is not State.PENDING or case.request.level != level:
        # Settled or moved on before anybody was told: the card still appears, showing how it ended.
        journey.messenger.announce(case, level, taken.id)
        return
    one_by_one = journey.messenger.announce(case, level, taken.id)
    asked = people_of_level(journey.people, case, level, journey.policies().identities)
    called = call(journey, case, asked.people, one_by_one=one_by_one)
    if called.told:
        journey.messenger.announce_to(case, called.told)
    journey.pager.overrule(case, called.overruled)
    if asked.fault is not None and taken.attempt < LOOK_UPS:
        raise asked.fault
    unresolved = (*asked.unresolved, *asked.unknown)
    report = LevelAsked(level, called.people, unresolved, asked.owner, called.away, called.called)
    advance(journey, case.request.id, report)
    journey.homes.changed({*called.people, *concerned(case)})


def _failed(journey: Journey, taken: TakenEffect, fault: DeliveryFailed, now: datetime) -> None:
    if isinstance(taken.effect, Answer | Act):
        not_delivered(journey, taken, fault, now)
    elif fault.final or (fault.tried and taken.attempt >= SLACK_MOST):
        journey.effects.give_up(taken, fault.text())
        log.error("gave up", effect=taken.id, kind=taken.effect.kind, fault=fault.text())
    else:
        _put_back(journey, taken, fault, now)


def _put_back(journey: Journey, taken: TakenEffect, fault: ApprovalBotError, now: datetime) -> None:
    asked_for = fault.retry_after_s if isinstance(fault, DeliveryFailed) else None
    planned = SLACK_DELAYS_S[min(taken.attempt, len(SLACK_DELAYS_S)) - 1]
    delay_s = planned if asked_for is None else asked_for
    tried = not isinstance(fault, DeliveryFailed) or fault.tried
    journey.effects.later(taken, now + timedelta(seconds=delay_s), tried=tried)
    # A storm waits its turn a hundred times a minute, and that is no news.
    say = log.warning if tried else log.debug
    say("put back", effect=taken.id, kind=taken.effect.kind, fault=fault.text(), delay_s=delay_s)


def _drop(journey: Journey, taken: TakenEffect, fault: ApprovalBotError) -> None:
    journey.effects.done(taken)
    log.info("not needed any more", effect=taken.id, kind=taken.effect.kind, why=fault.text())
