"""Whether every press was counted rightly: what pressers were told, against what the store and the trail hold."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from approvalbot.request.request import Request, State
from bench.report import Claim

COUNTED, REFUSED, UNAVAILABLE = "counted", "refused", "unavailable"
DECIDED = frozenset({"approved", "denied"})

Vote = tuple[str, str, str]
"""A request, a person's Slack id, a choice."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """One press with what its presser was told. `code` is the refusal's; `took_s` how long the answer took."""

    request: str
    slack: str
    choice: str
    told: str
    code: str = ""
    took_s: float = 0.0

    @property
    def vote(self) -> Vote:
        return self.request, self.slack, self.choice


@dataclass(frozen=True, slots=True)
class Held:
    """What is there afterwards: the requests, the trail's entries in order, its faults, the answers to be sent."""

    requests: Sequence[Request]
    entries: Sequence[Mapping[str, Any]]
    faults: Sequence[str]
    answers: int


def check(pressed: Sequence[Pressed], held: Held) -> list[Claim]:
    """Every claim of the bench."""
    decisions = Counter(str(one["request"]) for one in held.entries if one["what"] in DECIDED)
    settled = [one for one in held.requests if one.decision and one.state in {State.APPROVED, State.DENIED}]
    wanted = len(held.requests)
    lost, unasked = difference(pressed, held.entries)
    repeated = list(_counted_twice(held))
    late = list(_after_the_decision(held.entries))
    return [
        Claim(f"{wanted} requests have {wanted} decisions", len(settled) == wanted, f"{len(settled)}"),
        Claim(
            f"{wanted} decision entries stand in the trail, one for each request",
            len(decisions) == wanted and set(decisions.values()) == {1},
            f"{decisions.total()}",
        ),
        Claim(f"{wanted} answers are to be sent", held.answers == wanted, f"{held.answers}"),
        Claim("the trail verifies", not held.faults, _some(held.faults) or f"{len(held.entries)} entries"),
        Claim("nobody is counted twice", not repeated, _some(repeated)),
        Claim("nothing is counted after the decision", not late, _some(late)),
        Claim("no vote that was confirmed is lost", not lost, _some(lost)),
        Claim("no vote stands that nobody cast", not unasked, _some(unasked)),
    ]


def difference(pressed: Iterable[Pressed], entries: Iterable[Mapping[str, Any]]) -> tuple[list[str], list[str]]:
    """The confirmed votes that the trail does not have, and the trail's votes that nobody was confirmed.

    A presser whom the store did not answer does not know; their vote may stand.
    """
    pressed = list(pressed)
    confirmed = Counter(one.vote for one in pressed if one.told == COUNTED)
    unknown = Counter(one.vote for one in pressed if one.told == UNAVAILABLE)
    kept = Counter(
        (str(one["request"]), str(one["by"]["slack"]), str(one["detail"]["choice"]))
        for one in entries
        if one["what"] == "voted"
    )
    return [str(vote) for vote in confirmed - kept], [str(vote) for vote in kept - confirmed - unknown]


def _counted_twice(held: Held) -> Iterator[str]:
    for request in held.requests:
        voters = [vote.by.slack for vote in request.votes]
        deciders = [person.slack for person in request.decision.by] if request.decision else []
        for names in (voters, deciders):
            if len(set(names)) < len(names):
                yield f"{request.id}: {sorted(map(str, names))}"
        if request.state is State.APPROVED and len(set(deciders)) < request.quorum:
            yield f"{request.id}: approved by {deciders}, needs {request.quorum}"
    last: dict[tuple[str, str], str] = {}
    for entry in held.entries:
        if entry["what"] == "voted":
            who, choice = (str(entry["request"]), str(entry["by"]["slack"])), str(entry["detail"]["choice"])
            if last.get(who) == choice:
                yield f"{who}: {choice} twice"
            last[who] = choice


def _after_the_decision(entries: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    decided: set[str] = set()
    for entry in entries:
        if entry["what"] == "voted" and entry["request"] in decided:
            yield f"{entry['request']} step {entry['n']}"
        if entry["what"] in DECIDED:
            decided.add(str(entry["request"]))


def _some(found: Sequence[str]) -> str:
    return f"{len(found)}: {'; '.join(found[:3])}" if found else ""
