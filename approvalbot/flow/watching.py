"""Watching: what a policy in `monitor` matches is shown and counted, and nobody is asked.

It is written as a request that is born settled: it has its place in the trail, its card and its count of repeats, and
no move decides it. The same seen again within the window is counted on the card that stands.
"""

from collections.abc import Mapping, Sequence

from approvalbot.flow.advance import hand_on
from approvalbot.flow.correlating import correlated
from approvalbot.flow.describe import about_event
from approvalbot.flow.ports import Journey
from approvalbot.flow.receive import Received, new_request, request_id_of
from approvalbot.log import get_logger
from approvalbot.policy.entitlement import Entitlement
from approvalbot.policy.matching import Match
from approvalbot.policy.people import actor_of
from approvalbot.policy.policyset import PolicySet
from approvalbot.policy.snapshots import snapshot
from approvalbot.policy.watching import WINDOW_S, seen_as
from approvalbot.request.about import About
from approvalbot.request.change import Terms
from approvalbot.request.lifecycle import open_watched
from approvalbot.request.opening import Delivery, Opened, Opening, Stands
from approvalbot.request.request import Request, State

log = get_logger("flow")

WATCHED = frozenset({State.WATCHED})


def watch(journey: Journey, received: Received, matches: Sequence[Match]) -> list[Opened]:
    """Show each match of a policy in monitor, or count it where the same stands already; gives those not seen before.

    Raises:
        Unavailable: the store does not answer; sending the event again shows what is missing.
    """
    policies = journey.policies()
    found = (_watch(journey, policies, received, match) for match in matches)
    return [opened for opened in found if opened is not None and opened.how in {"new", "repeat"}]


def watch_wish(journey: Journey, request: Request, terms: Entitlement, about: About, question: str) -> Opened:
    """Show what somebody would have asked for."""
    stands = Stands(f"watched:{terms.id}:{question}", WATCHED, WINDOW_S, counted=True)
    detail = {"entitlement": terms.id, "content": about.digest}
    return _show(journey, request, terms, detail, Opening(about, snapshot(terms), stands))


def _watch(journey: Journey, policies: PolicySet, received: Received, match: Match) -> Opened | None:
    if journey.requests.delivered(request_id_of(received, match)) is not None:
        return None
    found = correlated(journey, match)
    if found is None:
        return None
    actor = actor_of(policies, received.event)
    about = about_event(received.source, found, vouched=actor.vouched)
    seen = seen_as(policies, found)
    stands = None if seen is None else Stands(f"watched:{seen.key}", WATCHED, seen.window_s, counted=True)
    delivery = Delivery(received.digest, received.source.replay_window_s) if stands is not None else None
    detail = {"source": received.source.name, "event": received.digest, "content": about.digest}
    opening = Opening(about, snapshot(found.policy), stands, delivery)
    request = new_request(journey, policies, received, found, actor)
    return _show(journey, request, found.policy, detail, opening)


def _show(journey: Journey, request: Request, terms: Terms, detail: Mapping[str, str], opening: Opening) -> Opened:
    change = open_watched(request, terms, request.opened_at, detail)
    opened = journey.requests.open(change, opening)
    if opened.how == "new":
        hand_on(journey, change)
    elif opened.how == "repeat":
        log.info("seen again", request_id=opened.request.id, policy=request.policy_id)
        journey.outgoing.send(opened.effects)
    return opened
