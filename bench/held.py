"""Access that runs: asked, approved and started by the lifecycle itself, so that its trail could have been."""

from collections.abc import Sequence
from datetime import datetime

from redis import Redis

from approvalbot.policy.entitlement import Entitlement
from approvalbot.policy.snapshots import from_snapshot, snapshot
from approvalbot.request.about import About, Line
from approvalbot.request.lifecycle import open_request, step
from approvalbot.request.moves import CastVote
from approvalbot.request.names import name_of
from approvalbot.request.opening import Opening
from approvalbot.request.reports import GrantStarted
from approvalbot.request.request import Bar, Person, Request, Wish
from approvalbot.store.requests import RequestStore
from bench.documents import GROUPS, Document


def entitlements(count: int) -> list[Document]:
    """So many things to ask for, each of the same people."""
    level = {"name": "owners", "approvers": [{"usergroup": GROUPS[0]}], "timeout": "1h"}
    return [
        {
            "version": 1,
            "kind": "Entitlement",
            "id": f"access-{number:03}",
            "title": f"Database {number:03}, read-only",
            "owner": "team-platform",
            "severity": "medium",
            "requestable_by": [{"usergroup": GROUPS[number % len(GROUPS)]}],
            "duration": {"default": "1h", "max": "4h"},
            "grant": {"provider": "webhook", "with": {"to": "deploy-tool"}, "extend": {"by": "1h"}},
            "approval": {"levels": [level]},
        }
        for number in range(count)
    ]


def write_held(redis: "Redis", terms: Sequence[Entitlement], people: Sequence[Person], *, count: int) -> None:
    """Give `count` accesses, of one after the other to one after the other."""
    store = RequestStore(redis, from_snapshot)
    for number in range(count):
        one, holder, approver = (
            terms[number % len(terms)],
            people[number % len(people)],
            people[(number + 1) % len(people)],
        )
        _hold(store, one, holder, approver, number, store.now())


def _hold(
    store: RequestStore, terms: Entitlement, holder: Person, approver: Person, number: int, now: datetime
) -> None:
    wish = Wish(entitlement=terms.id, duration_s=3600, reason="looking into an incident")
    request = Request(
        id=name_of("held", str(number)),
        kind="access",
        policy_id=terms.id,
        policy_digest=terms.digest,
        opened_at=now,
        requester=holder,
        bars=(Bar(role="requester", system="slack", account=str(holder.slack), person=holder.key),),
        wish=wish,
    )
    about = About(
        title=terms.title,
        severity=terms.severity,
        who=holder.name,
        who_id=holder.key,
        action=f"hold {terms.title}",
        lines=(Line(label="For", value="1 h", must_show=True),),
    )
    opened = open_request(request, terms, now, {"entitlement": terms.id})
    store.open(opened, Opening(about, snapshot(terms)))
    entry = terms.approval.levels[0].approvers[0].key
    vote = CastVote(approver, "approve", frozenset({entry}), bars={holder.key: "requester"}, actor_known=True)
    for move in (vote, GrantStarted(f"grant-{number}")):
        case, at = store.load(request.id)
        assert store.commit(step(case.request, terms, move, at))
