"""A crowd of pressers: the one port that is faked, so that no press waits for Slack; and what each of them presses."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from approvalbot.flow.ports import Member
from approvalbot.policy.approval import Approver
from approvalbot.request.request import Choice
from bench.documents import GROUPS

APPROVERS = tuple(f"U0P{number:03}" for number in range(40))
OUTSIDERS = tuple(f"U0X{number:03}" for number in range(10))
REQUESTER, GUEST, ROBOT = "U0EVE", "U0GUEST", "U0ROBOT"
TEAM = "T0BENCH"

DENYING = 0.08
"""The share of presses on Deny: enough that some requests are denied, and many see people change their mind."""


class Crowd:
    """Who somebody is and what they belong to, by their id alone: no approver is asked of anything but this."""

    def who(self, slack: str) -> Member:
        return Member(slack, TEAM, slack.lower(), person=slack != ROBOT, full=slack != GUEST)

    def members(self, entry: Approver, name: str) -> frozenset[str] | None:
        if entry.kind != "usergroup":
            return None
        return frozenset(slack for number, slack in enumerate(APPROVERS) if GROUPS[number % len(GROUPS)] == name)

    def is_member(self, entry: Approver, name: str, member: Member) -> bool:
        return member.slack in (self.members(entry, name) or ())


@dataclass(frozen=True, slots=True)
class Planned:
    """One press to come."""

    request: str
    slack: str
    choice: Choice


def plan(requests: list[str], presses: int, seed: int = 7) -> list[Planned]:
    """As many presses as asked for, over all requests and in no order: most by people who may, some twice, some not."""
    chance = random.Random(seed)
    planned = [
        Planned(requests[number % len(requests)], slack, "deny" if chance.random() < DENYING else "approve")
        for number, slack in enumerate(_pressers(chance, presses))
    ]
    chance.shuffle(planned)
    return planned


def _pressers(chance: random.Random, count: int) -> Iterator[str]:
    others = (*OUTSIDERS, REQUESTER, GUEST, ROBOT)
    for _ in range(count):
        yield chance.choice(APPROVERS if chance.random() < 0.85 else others)
