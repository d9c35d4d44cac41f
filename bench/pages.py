"""pages: how long the dashboard takes to draw each page, with a hundred thousand requests behind it.

The past is written by `bench/past.py` over ninety days and forty policies, proven, sealed and counted as the workers
do; then `serve` runs as a process of its own and an admin asks for each page, one after the other, over HTTP.
"""

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import httpx

from approvalbot.answers.signing import key_set
from approvalbot.audit.sealing import Sealer, opened
from approvalbot.dashboard.door import COOKIE
from approvalbot.request.request import Person
from approvalbot.store.checkpoints import CheckpointStore
from approvalbot.store.sessions import Sessions
from approvalbot.store.statistics import Statistics
from approvalbot.store.trail import TrailStore, prove
from approvalbot.wiring.house import House
from approvalbot.wiring.trail import checkpoint_key
from bench.control import control
from bench.documents import Document, policy, surroundings, write
from bench.held import entitlements, write_held
from bench.past import write_past
from bench.report import Claim, Report, Row, quantile
from bench.stage import environment, free_port, listening, make_house, process, room

ADMIN = "U0ADMIN"
POLICIES = 40
DAYS = 90
OFFERED, HELD = 200, 1000
"""Things that can be asked for, and accesses that run."""
MOST_MS = 100.0
WARMING = 2
"""Looks at each page before those that count: templates are compiled and ninety days are read once for each process."""


@dataclass(frozen=True, slots=True)
class Size:
    """How many past requests, people and looks at each page."""

    requests: int = 100_000
    people: int = 60
    looks: int = 25


@dataclass(frozen=True, slots=True)
class Looked:
    """How a page was answered, and how long each look took in milliseconds."""

    statuses: set[int]
    ms: list[float]


def run(size: Size = Size()) -> Report:
    """Fill, prove, count, look."""
    people = [_person(number) for number in range(size.people)]
    stub, port = free_port(), free_port()
    with room() as (folder, url), process("bench.slackstub", str(stub)) as slack, listening(slack, stub, "/posted"):
        slack_url = f"http://127.0.0.1:{stub}/api/"
        policies = write(folder / "policies", *_documents(people))
        house = make_house(url, policies, slack_url=slack_url)
        terms = [one.policy for one in house.policies.compiled]
        now = datetime.now(UTC)
        began = time.perf_counter()
        names = write_past(house.redis, terms, people, count=size.requests, days=DAYS, until=now)
        filled_s = time.perf_counter() - began
        write_held(house.redis, list(house.policies.entitlements.values()), people, count=HELD)
        faults = prove(TrailStore(house.redis)).faults
        _seal(house, now)
        counting = Statistics(house.redis, house.requests.find_many)
        began = time.perf_counter()
        while not counting.catch_up():
            pass
        counted_s = time.perf_counter() - began
        entries = TrailStore(house.redis).total()
        token = Sessions(house.redis).begin(ADMIN, {"csrf": "c" * 32, "team": "T0BENCH"})
        env = {**environment(url, folder, policies, port, slack_url), "APPROVALBOT_ADMINS": ADMIN}
        with process("approvalbot", "serve", env=env) as serve, listening(serve, port) as base, control() as machine:
            looked = _look(base, token, _paths(names, terms[0].key), size.looks)
        memory = int(house.redis.info("memory")["used_memory"])
        claims = _claims(looked, faults, counting, size)
    slowest = max(looked, key=lambda name: quantile(looked[name].ms, 0.99))
    rows = [
        *(Row(f"{name}, p50", statistics.median(one.ms), "ms", most=MOST_MS) for name, one in looked.items()),
        Row(f"the slowest look of all: {slowest}", max(looked[slowest].ms), "ms"),
        *machine,
        Row("entries counted for the plots", entries / counted_s, "entries/s"),
        Row("the past in Redis, for each request", memory / size.requests, "B"),
        Row("writing the past", filled_s, "s"),
    ]
    how = f"{size.requests:,} settled requests of {DAYS} days, {entries:,} entries, {POLICIES} policies"
    return Report("pages", how, rows, claims)


def _person(number: int) -> Person:
    return Person(key=f"p{number:02}", name=f"Person {number:02}", slack=f"U0P{number:03}")


def _documents(people: Sequence[Person]) -> list[Document]:
    made = [
        {**policy(f"gate-{number:02}", {"action": f"job{number:02}.requested"}), "title": f"Gate {number:02}"}
        for number in range(POLICIES)
    ]
    sources, identities = surroundings(callback=True)
    known = [{"id": one.key, "name": one.name, "slack": one.slack} for one in people]
    return [*made, *entitlements(OFFERED), sources, {**identities, "people": [*identities["people"], *known]}]


def _seal(house: House, now: datetime) -> None:
    key = checkpoint_key(house.settings)
    Sealer(TrailStore(house.redis), CheckpointStore(house.redis), key, "https://bot").seal(now)
    assert opened(CheckpointStore(house.redis).newest(1)[0], key_set(key))


def _paths(names: Sequence[str], policy_key: str) -> dict[str, str]:
    """Every page, and what makes each work hardest."""
    return {
        "waiting for me": "/",
        "all open": "/?show=open",
        "settled": "/?show=settled",
        "settled, of one policy": f"/?show=settled&policy={policy_key}",
        "settled, of one outcome": "/?show=settled&outcome=withdrawn",
        "settled, a text that nobody wrote": "/?show=settled&q=nothing-like-it",
        "settled, of one person": "/?show=settled&person=person%2007",
        "a request": f"/requests/{names[len(names) // 2]}",
        "access that can be asked for": "/access?show=all",
        "the form that asks for one": "/access/access-007",
        "grants, of 1,000": "/grants",
        "grants, those that drifted": "/grants?show=drift",
        "policies": "/policies",
        "a policy": f"/policies/{policy_key}",
        "explain, the form": "/explain",
        "insight, 30 days": "/insight",
        "insight, 90 days": "/insight?days=90",
        "trail": "/trail",
        "trail, a text that nobody wrote": "/trail?text=nothing-like-it",
        "trail, of one request": f"/trail?request={names[3]}",
        "trail, an hour of a month ago": f"/trail?{_hour()}",
        "deliveries": "/deliveries",
        "sources": "/sources",
        "people": "/people",
        "a person": "/people/p07",
        "system": "/system",
    }


def _hour() -> str:
    day = datetime.fromtimestamp(time.time() - 30 * 86_400, UTC)
    return f"since={day:%Y-%m-%d}T10:00&until={day:%Y-%m-%d}T11:00"


def _look(base: str, token: str, paths: dict[str, str], looks: int) -> dict[str, Looked]:
    """Ask for each page so often; the pages take turns."""
    found = {name: Looked(set(), []) for name in paths}
    headers = {"cookie": f"{COOKIE}={token}"}
    with httpx.Client(base_url=base, headers=headers, trust_env=False, timeout=60) as http:
        for turn in range(-WARMING, looks):
            for name, path in paths.items():
                began = time.perf_counter()
                answer = http.get(path, follow_redirects=False)
                if turn >= 0:
                    found[name].ms.append((time.perf_counter() - began) * 1000)
                found[name].statuses.add(answer.status_code)
    return found


def _claims(looked: dict[str, Looked], faults: list[str], counting: Statistics, size: Size) -> list[Claim]:
    bad = {name: one.statuses for name, one in looked.items() if one.statuses != {200}}
    settled = sum(number for name, number in counting.total().items() if name[0] == "outcome")
    return [
        Claim("the past could have been: its trail verifies", not faults, faults[0] if faults else ""),
        Claim("every page answers 200", not bad, str(bad) if bad else f"{len(looked)} pages"),
        Claim("every settled request is counted once", settled == size.requests + HELD, f"{settled:,}"),
    ]
