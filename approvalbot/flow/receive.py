"""Receive: an event that policies matched becomes one request for each of them, once, however often it is delivered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from approvalbot.errors import Busy, Conflict
from approvalbot.events.event import Event
from approvalbot.flow.advance import hand_on
from approvalbot.flow.claiming import ceilings_of, stands_for
from approvalbot.flow.correlating import correlated
from approvalbot.flow.describe import about_event
from approvalbot.flow.excluding import excluded_by_event
from approvalbot.flow.ports import Journey
from approvalbot.log import get_logger
from approvalbot.policy.calendars import schedule_row
from approvalbot.policy.dedupe import asks_once
from approvalbot.policy.documents import Policy
from approvalbot.policy.environment import Identities, Source
from approvalbot.policy.matching import Match
from approvalbot.policy.parameters import parameters_of
from approvalbot.policy.people import ActorOf, actor_of
from approvalbot.policy.policyset import PolicySet
from approvalbot.policy.seats import filled_by_event
from approvalbot.policy.snapshots import snapshot
from approvalbot.request.lifecycle import open_request
from approvalbot.request.names import name_of
from approvalbot.request.opening import Delivery, Opened, Opening
from approvalbot.request.request import Bar, Person, Request, Role

log = get_logger("flow")

ROOM_AFTER_S = 60
"""When a sender should come again where too many requests wait. People answer in minutes; sooner would be in vain."""


@dataclass(frozen=True, slots=True)
class Received:
    """An authenticated event, ready to open requests. `identity` is what a redelivery shares.

    `is_new`: it was never seen before, so that nothing needs to be looked up that it may have come to. `at` is when it
    came, by the store's own clock, where that was a moment ago.
    """

    source: Source
    event: Event
    identity: str
    digest: str
    is_new: bool = False
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What an event came to under one policy: the request that stands for it now, and how it came to do so.

    `own_id` is the id of the request that it opens by itself; where it joined another's, a name of that one's answer
    for this event alone. `unkeyed`: it has no value of its policy's dedupe key.
    """

    match: Match
    opened: Opened
    own_id: str
    unkeyed: bool = False

    @property
    def request(self) -> Request:
        return self.opened.request


def request_id_of(received: Received, match: Match) -> str:
    """The id of the request that this event opens under this policy: always the same."""
    return name_of("event", received.identity, match.key)


def group_id_of(received: Received) -> str:
    """The id that stands for all requests of one event."""
    return name_of("group", received.identity)


def receive(journey: Journey, received: Received, matches: Sequence[Match]) -> list[Asked]:
    """Open a request for each match, or find the one that stands for it. A policy that still counts opens none.

    The order is that of the policy language: what was delivered before is found first and counted nowhere again; then
    the policy counts (`correlate`), then it asks whether the question is open already (`dedupe`), then whether there is
    room for another (`limits`), then it opens.

    Raises:
        Busy: code `too_many_open`, a policy has as many open requests as it may; whatever else the event asks is open.
        Conflict: code `event_id_reused`, the same event id came with another body.
        Unavailable: the store does not answer; sending the event again opens what is missing.
    """
    policies = journey.policies()
    found = (_ask(journey, policies, received, match) for match in matches)
    asked = [one for one in found if one is not None]
    for one in asked:
        if one.opened.how == "full":
            raise _too_many(one)
    if len(asked) > 1:
        journey.requests.group(group_id_of(received), {one.own_id: one.request.id for one in asked})
    return asked


def _ask(journey: Journey, policies: PolicySet, received: Received, match: Match) -> Asked | None:
    # What opens finds by itself whether it stands already, and most events are new. Counting must know before.
    if not received.is_new or match.compiled.correlation is not None:
        own_id = request_id_of(received, match)
        delivered = journey.requests.delivered(own_id)
        if delivered is not None:
            return Asked(match, _same(delivered, received), own_id)
    counted = correlated(journey, match)
    return None if counted is None else _open(journey, policies, received, counted)


def _open(journey: Journey, policies: PolicySet, received: Received, found: Match) -> Asked:
    actor = actor_of(policies, received.event)
    ceilings = ceilings_of(found.policy, actor)
    needed = parameters_of(found.policy, received.event)
    counted_in = tuple(one.counted_in for one in ceilings)
    request = new_request(journey, policies, received, found, actor)
    request = request.model_copy(update={"counted_in": counted_in, "left_out": dict(needed.left_out)})
    about = about_event(received.source, found, vouched=actor.vouched)
    about = about.model_copy(update={"before": journey.past.before(request.policy_id, about, request.opened_at)})
    detail = {"source": received.source.name, "event": received.digest, "content": about.digest}
    change = open_request(request, found.policy, request.opened_at, detail)
    stands = stands_for(policies, found)
    delivery = Delivery(received.digest, received.source.replay_window_s) if stands is not None else None
    opening = Opening(about, snapshot(found.policy), stands, delivery, ceilings, needed.values)
    opened = journey.requests.open(change, opening)
    match opened.how:
        case "new":
            hand_on(journey, change)
        case "repeat":
            state = opened.request.state.value
            log.info("repeat", request_id=opened.request.id, policy=found.key, state=state, digest=received.digest)
            journey.outgoing.send(opened.effects)
        case "full":
            log.warning("too many open", policy=found.key, limit=opened.ceiling, digest=received.digest)
            journey.outgoing.send(opened.effects)
            return Asked(found, opened, request.id)
    return Asked(found, _same(opened, received), request.id, unkeyed=stands is None and asks_once(found.policy))


def _too_many(asked: Asked) -> Busy:
    policy, limit = asked.match.policy.id, asked.opened.ceiling
    whose = "of this actor " if limit == "per_actor" else ""
    return Busy(
        f"As many requests {whose}wait for an answer as the policy {policy} allows; this one was not opened.",
        retry_after_s=ROOM_AFTER_S,
        code="too_many_open",
        hint="Send the same event again later.",
        policy=policy,
        limit=limit,
    )


def _same(opened: Opened, received: Received) -> Opened:
    if opened.event != received.digest:
        raise Conflict(
            "event_id_reused",
            "An event with this id was received with another body.",
            hint="Give every event an id of its own.",
        )
    return opened


def new_request(journey: Journey, policies: PolicySet, received: Received, match: Match, actor: ActorOf) -> Request:
    """The request of a match before anything has befallen it."""
    policy, source = match.policy, received.source
    now = received.at or journey.requests.now()
    row = schedule_row(policy.approval, policies.calendars, now)
    bars = bars_of(policies.identities, policy, received.event, actor)
    return Request(
        id=request_id_of(received, match),
        kind=policy.request,
        policy_id=policy.key,
        policy_digest=policy.digest,
        opened_at=now,
        source=source.name,
        event_digest=received.digest,
        requester=_requester(actor, policies.identities),
        bars=bars,
        # Somebody excluded whom nobody knows could be whoever presses, just like an actor whom nobody knows.
        actor_known=actor.known and all(bar.person is not None for bar in bars if bar.role == "excluded"),
        # A policy that could not be evaluated asks two people, whatever it says: its own rules were not applied.
        quorum=max(row.quorum, 2) if match.error else row.quorum,
        distinct=row.from_distinct_groups,
        filled=filled_by_event(policy, received.event, policies.identities, actor.system),
        callback=source.callback or "",
        policy_error=match.error,
        credit=match.rule.notice if match.rule else "",
        accepts_less="less" in source.accepts,
    )


def bars_of(identities: Identities, policy: Policy, event: Event, actor: ActorOf) -> tuple[Bar, ...]:
    """Who may not decide: whoever acted, by every account the event names them with, and whom the policy excludes."""
    role: Role = "actor" if policy.request == "review" else "requester"
    acted = (
        Bar(role=role, system=actor.system, account=account, person=identities.lookup(actor.system, account))
        for account in actor.accounts
    )
    return (*acted, *excluded_by_event(identities, policy.approval, event, actor.system))


def _requester(actor: ActorOf, identities: Identities) -> Person | None:
    """The person who acted, if their accounts tell; nobody hears of a request because a sender claims they acted."""
    if actor.person is None or not actor.vouched:
        return None
    person = identities.by_id[actor.person]
    return Person(key=person.id, name=person.name, slack=next(iter(person.accounts("slack")), None))
