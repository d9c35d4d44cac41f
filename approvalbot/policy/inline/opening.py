"""A match as the request it would open: the quorum that holds then, who may not vote, whose names are filled in."""

from datetime import datetime

from approvalbot.policy.calendars import schedule_row
from approvalbot.policy.inline.port import BarRole, Opening
from approvalbot.policy.inline.world import World
from approvalbot.policy.matching import Match
from approvalbot.policy.people import actor_of, excluded_by, opening_quorum
from approvalbot.policy.policyset import PolicySet
from approvalbot.policy.seats import filled_by_event


def opening_of(policies: PolicySet, match: Match, at: datetime, world: World) -> Opening:
    """The request that a match opens at `at`, with the people of `world`."""
    policy, event = match.policy, match.event
    row = schedule_row(policy.approval, policies.calendars, at)
    # As the service does: a policy that could not be judged asks two people, whatever it says.
    quorum = max(row.quorum, 2) if match.error else row.quorum
    actor, excluded = actor_of(policies, event), excluded_by(policy.approval, event)
    known = actor.known and None not in [policies.identities.lookup(actor.system, account) for account in excluded]
    role: BarRole = "actor" if policy.request == "review" else "requester"
    bars: list[tuple[BarRole, str, str]] = [(role, actor.system, account) for account in actor.accounts]
    bars += [("excluded", actor.system, account) for account in excluded]
    return Opening(
        terms=policy,
        opened_at=at,
        quorum=opening_quorum(quorum, policy.approval, policy.request, actor_known=known),
        distinct=row.from_distinct_groups,
        world=world,
        calendars=policies.calendars,
        actor=actor.person,
        actor_known=known,
        bars=tuple(bars),
        event=event,
        names=match.names(),
        filled=filled_by_event(policy, event, policies.identities, actor.system),
        policy_error=match.error,
    )
