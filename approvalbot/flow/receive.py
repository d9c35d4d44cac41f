"""Receive: an event that policies matched becomes one request for each of them, once, however often it is delivered."""

from collections.abc import Sequence
from dataclasses import dataclass

from approvalbot.errors import Conflict
from approvalbot.events.event import Event
from approvalbot.flow.advance import hand_on
from approvalbot.flow.correlating import correlated
from approvalbot.flow.describe import about_event
from approvalbot.flow.ports import Journey
from approvalbot.policy.calendars import schedule_row
from approvalbot.policy.documents import Policy
from approvalbot.policy.environment import Identities, Source
from approvalbot.policy.matching import Match
from approvalbot.policy.people import ActorOf, actor_of, excluded_by
from approvalbot.policy.policyset import PolicySet
from approvalbot.policy.seats import filled_by_event
from approvalbot.policy.snapshots import snapshot
from approvalbot.request.lifecycle import open_request
from approvalbot.request.opening import Opening
from approvalbot.request.request import Bar, Person, Request, Role, name_of


@dataclass(frozen=True, slots=True)
class Received:
    """An authenticated event, ready to open requests. `identity` is what a redelivery shares."""

    source: Source
    event: Event
    identity: str
    digest: str


def request_id_of(received: Received, match: Match) -> str:
    """The id of the request that this event opens under this policy: always the same."""
    return name_of("event", received.identity, match.key)


def group_id_of(received: Received) -> str:
    """The id that stands for all requests of one event."""
    return name_of("group", received.identity)


def receive(journey: Journey, received: Received, matches: Sequence[Match]) -> list[Request]:
    """Open a request for each match, or find the one that stands already. A policy that still counts opens none.

    Raises:
        Conflict: code `event_id_reused`, the same event id came with another body.
        Unavailable: the store does not answer; sending the event again opens what is missing.
    """
    policies = journey.policies()
    opened = (_open(journey, policies, received, match) for match in matches)
    requests = [request for request in opened if request is not None]
    if len(requests) > 1:
        journey.requests.group(group_id_of(received), [request.id for request in requests])
    return requests


def _open(journey: Journey, policies: PolicySet, received: Received, match: Match) -> Request | None:
    standing = journey.requests.find(request_id_of(received, match))
    if standing is not None:
        return _same(standing, received)
    counted = correlated(journey, match)
    if counted is None:
        return None
    match = counted
    request = _new(journey, policies, received, match)
    about = about_event(received.source, match, vouched=actor_of(policies, received.event).vouched)
    detail = {"source": received.source.name, "event": received.digest, "content": about.digest}
    change = open_request(request, match.policy, request.opened_at, detail)
    opened = journey.requests.open(change, Opening(about, snapshot(match.policy)))
    if opened.how == "new":
        hand_on(journey, change)
    return _same(opened.request, received)


def _same(standing: Request, received: Received) -> Request:
    if standing.event_digest != received.digest:
        raise Conflict(
            "event_id_reused",
            "An event with this id was received with another body.",
            hint="Give every event an id of its own.",
        )
    return standing


def _new(journey: Journey, policies: PolicySet, received: Received, match: Match) -> Request:
    policy, source = match.policy, received.source
    now = journey.requests.now()
    row = schedule_row(policy.approval, policies.calendars, now)
    actor = actor_of(policies, received.event)
    return Request(
        id=request_id_of(received, match),
        kind=policy.request,
        policy_id=policy.key,
        policy_digest=policy.digest,
        opened_at=now,
        source=source.name,
        event_digest=received.digest,
        requester=_requester(actor, policies.identities),
        bars=bars_of(policies, policy, received.event),
        actor_known=actor.known,
        # A policy that could not be evaluated asks two people, whatever it says: its own rules were not applied.
        quorum=max(row.quorum, 2) if match.error else row.quorum,
        distinct=row.from_distinct_groups,
        filled=filled_by_event(policy, received.event, policies.identities, actor.system),
        callback=source.callback or "",
        policy_error=match.error,
    )


def bars_of(policies: PolicySet, policy: Policy, event: Event) -> tuple[Bar, ...]:
    """Who may not decide: whoever acted, by every account the event names them with, and whom the policy excludes."""
    actor, identities = actor_of(policies, event), policies.identities
    role: Role = "actor" if policy.request == "review" else "requester"
    named: list[tuple[Role, str, str]] = [(role, actor.system, account) for account in actor.accounts]
    named += [("excluded", actor.system, account) for account in excluded_by(policy.approval, event)]
    return tuple(
        Bar(role=role, system=system, account=account, person=identities.lookup(system, account))
        for role, system, account in dict.fromkeys(named)
    )


def _requester(actor: ActorOf, identities: Identities) -> Person | None:
    """The person who acted, if their accounts tell; nobody hears of a request because a sender claims they acted."""
    if actor.person is None or not actor.vouched:
        return None
    person = identities.by_id[actor.person]
    return Person(key=person.id, name=person.name, slack=next(iter(person.accounts("slack")), None))
