"""A past: requests that were asked and settled over some weeks, written as the bot would have left them.

Opening and settling a hundred thousand requests by the bot itself takes a quarter of an hour, and all of them in one
day. Here the same records, indexes and chained entries are written at once, each at a time of its own; whoever uses
them proves the trail first (`store/trail.prove`), so that a past which could not have been is no past.
"""

import heapq
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import orjson
from redis import Redis

from approvalbot.policy.documents import Policy
from approvalbot.policy.snapshots import snapshot
from approvalbot.request.about import About, Line
from approvalbot.request.names import name_of
from approvalbot.request.request import Asked, Decision, Person, Request, State, Vote
from approvalbot.request.trail import GENESIS, MARK, Draft, chain
from approvalbot.store import keys
from approvalbot.store.raw import text, to_ms

AT_ONCE = 2000
"""Entries written in one round trip."""

OUTCOMES = {State.APPROVED: 0.78, State.DENIED: 0.09, State.EXPIRED: 0.10, State.WITHDRAWN: 0.03}
HOURS = (1, 1, 1, 1, 1, 2, 4, 8, 16, 20, 22, 20, 14, 18, 22, 21, 17, 10, 6, 4, 3, 2, 2, 1)
"""How much is asked at each hour of the day."""

SERVICES = ("shop", "payments", "search", "mail", "ledger", "gateway")
REASONS = ("planned", "as in the ticket", "rollback of yesterday", "", "")
MEDIAN_S, LONGEST_S = 190.0, 14_000.0
HASTY = 0.04
"""The share of decisions that come faster than anybody reads."""

REFUSED = 0.06
"""The share of requests on which somebody presses whose press does not count."""

Step = tuple[datetime, Draft]


@dataclass(slots=True)
class Life:
    """One request and what its trail will say, in order: the moment and the entry."""

    request: Request
    about: About
    steps: list[Step]
    count: int = 0
    head: str = ""
    numbers: list[int] = field(default_factory=list)


def write_past(
    redis: "Redis", policies: Sequence[Policy], people: Sequence[Person], *, count: int, days: int, until: datetime
) -> list[str]:
    """Write `count` settled requests that opened in the `days` before `until`; gives their ids as they were settled."""
    chance = random.Random(7)
    for policy in policies:
        redis.set(keys.policy(policy.digest), orjson.dumps(snapshot(policy)))
    opened = sorted(_moment(chance, days, until) for _ in range(count))
    lives = (_life(chance, number, policies, people, at) for number, at in enumerate(opened))
    writer = _Writer(redis)
    for number, (life, step) in enumerate(_in_order(lives)):
        writer.write(life, *step)
        if number % AT_ONCE == 0:
            writer.flush()
    writer.flush()
    return writer.names


def _in_order(lives: Iterator[Life]) -> Iterator[tuple[Life, Step]]:
    """The steps of all lives in the order of their times. Lives come in the order of their openings."""
    waiting: list[tuple[datetime, int, int, Life]] = []
    for number, life in enumerate(lives):
        heapq.heappush(waiting, (life.steps[0][0], number, 0, life))
        while waiting[0][0] < life.steps[0][0]:
            yield _next(waiting)
    while waiting:
        yield _next(waiting)


def _next(waiting: list[tuple[datetime, int, int, Life]]) -> tuple[Life, Step]:
    _, number, place, life = heapq.heappop(waiting)
    if place + 1 < len(life.steps):
        heapq.heappush(waiting, (life.steps[place + 1][0], number, place + 1, life))
    return life, life.steps[place]


class _Writer:
    """Numbers and chains the entries, and writes each request when its last one is there."""

    def __init__(self, redis: "Redis") -> None:
        number, last = redis.hmget(keys.TRAIL_HEAD, "number", "hash")
        self._number = int(number or 0)
        self._after = text(last) if last else GENESIS[:MARK]
        self._pipe = redis.pipeline(transaction=False)
        self.names: list[str] = []

    def write(self, life: Life, at: datetime, draft: Draft) -> None:
        life.count, life.head, (entry,) = chain(life.request.id, life.count, life.head, at, [draft])
        self._number += 1
        fields: dict[str, str | bytes] = {"after": self._after, "entry": entry.stored()}
        self._pipe.xadd(keys.TRAIL, fields, id=f"{self._number}-0")  # type: ignore[arg-type]
        self._after = entry.hash[:MARK]
        life.numbers.append(self._number)
        if life.count == len(life.steps):
            self._settle(life)

    def flush(self) -> None:
        self._pipe.hset(keys.TRAIL_HEAD, mapping={"number": self._number, "hash": self._after})
        self._pipe.execute()

    def _settle(self, life: Life) -> None:
        request = life.request.model_copy(update={"trail_count": life.count, "trail_head": life.head})
        stored = f"{request.version} {request.state.value} ".encode() + request.to_json()
        score = float(to_ms(request.opened_at))
        self._pipe.set(keys.request(request.id), stored)
        self._pipe.set(keys.about(request.id), life.about.model_dump_json(exclude_defaults=True))
        self._pipe.rpush(keys.steps(request.id), *life.numbers)
        for index in (keys.in_state(request.state.value), keys.of_policy(request.policy_id)):
            self._pipe.zadd(index, {request.id: score})
        self._pipe.zadd(keys.of_source(request.source), {request.id: score})
        self.names.append(request.id)


def _moment(chance: random.Random, days: int, until: datetime) -> datetime:
    """A moment of some day, at the hours at which people work; in whole milliseconds, as everything is kept."""
    day = until.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=chance.randrange(days))
    (hour,) = chance.choices(range(24), HOURS)
    at = day + timedelta(hours=hour, milliseconds=chance.randrange(3_600_000))
    return at if at < until - timedelta(hours=5) else at - timedelta(days=1)


def _life(
    chance: random.Random, number: int, policies: Sequence[Policy], people: Sequence[Person], at: datetime
) -> Life:
    # A few policies ask for most of what is asked.
    policy = policies[min(int(chance.expovariate(1.0) * len(policies) / 4), len(policies) - 1)]
    requester, voter, *others = chance.sample(list(people), min(4, len(people)))
    (state,) = chance.choices(list(OUTCOMES), list(OUTCOMES.values()))
    settled_at = _whole(at + timedelta(seconds=LONGEST_S if state is State.EXPIRED else _took_s(chance)))
    reason = chance.choice(REASONS)
    request = Request(
        id=name_of("past", str(number)),
        kind=policy.request,
        policy_id=policy.key,
        policy_digest=policy.digest,
        opened_at=at,
        state=state,
        version=4,
        source=policy.source[0],
        event_digest=f"{number:064x}",
        requester=requester,
        asked=(Asked(level=0, people=tuple(one.slack or "" for one in (voter, *others))),),
        decision=Decision(state=state, at=settled_at),
    )
    votes = _votes(state, voter, settled_at, reason)
    if votes:
        decision = Decision(state=state, at=settled_at, by=(voter,), reason=reason)
        request = request.model_copy(update={"votes": votes, "decision": decision})
    refused = chance.random() < REFUSED
    return Life(request, _about(number, policy, requester), list(_steps(request, refused=refused)))


def _took_s(chance: random.Random) -> float:
    if chance.random() < HASTY:
        return chance.uniform(1, 4.9)
    return min(LONGEST_S, max(6.0, chance.lognormvariate(0, 1.3) * MEDIAN_S))


def _votes(state: State, voter: Person, at: datetime, reason: str) -> tuple[Vote, ...]:
    if state is State.APPROVED:
        return (Vote(by=voter, choice="approve", at=at, reason=reason),)
    return (Vote(by=voter, choice="deny", at=at, reason=reason),) if state is State.DENIED else ()


def _steps(request: Request, *, refused: bool) -> Iterator[Step]:
    """What the trail says of a request, from its opening to the delivery of its answer."""
    at, decision = request.opened_at, request.decision
    assert decision is not None
    yield at, Draft("opened", request.requester, {"policy": request.policy_id, "digest": request.policy_digest})
    yield _whole(at + timedelta(milliseconds=40)), Draft("level_asked", None, {"level": "1", "people": "3"})
    if refused and decision.at - at > timedelta(seconds=10):
        press = {"choice": "approve", "code": "self_approval"}
        yield _whole(at + timedelta(seconds=5)), Draft("press_refused", request.requester, press)
    for vote in request.votes:
        detail = {"choice": vote.choice, "reason": vote.reason, "progress": "1 of 1"}
        yield decision.at, Draft("voted", vote.by, detail)
    by = request.votes[0].by if request.votes else None
    yield decision.at, Draft(request.state.value, by, {"by": by.key} if by else {})
    told = {"to": "deploy-tool", "event": f"request.{request.state.value}", "status": "200", "attempt": "1"}
    yield _whole(decision.at + timedelta(milliseconds=60)), Draft("answer_delivered", None, told)


def _about(number: int, policy: Policy, requester: Person) -> About:
    service = SERVICES[number % len(SERVICES)]
    event = {
        "id": f"past-{number}",
        "action": "deploy.requested",
        "actor": {"id": requester.key, "name": requester.name},
        "resource": {"id": f"acme/{service}"},
        "target": {"environment": "production", "cluster": "eu-west-1-blue"},
        "sha": f"{number:040x}",
    }
    return About(
        title=policy.title,
        severity=policy.severity,
        who=requester.name,
        who_id=requester.key,
        action="deploy.requested",
        resource=f"acme/{service}",
        summary=f"{requester.name} asked about acme/{service}: {policy.title}",
        lines=(Line(label="sha", value=f"{number:040x}"),),
        origin=policy.source[0],
        event=event,
    )


def _whole(moment: datetime) -> datetime:
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)
