"""Who belongs to what while inline tests run: the fixtures of a document, and nothing else."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from approvalbot.policy.approval import Approver
from approvalbot.policy.base import Document
from approvalbot.policy.documents import Policy
from approvalbot.policy.environment import Identities
from approvalbot.policy.inline.shapes import Fixtures
from approvalbot.policy.policyset import PolicySet


@dataclass(frozen=True, slots=True)
class World:
    """Membership by person id. What the fixtures lack names nobody: it is unresolved, never "anyone"."""

    fixtures: Fixtures
    identities: Identities

    def person(self, written: str) -> str:
        """The id of a person written by id, by e-mail, or by a name that only the tests know."""
        return self.identities.lookup("emails", written) or self.identities.lookup("slack", written) or written

    def members(self, kind: str, name: str) -> frozenset[str] | None:
        """The people behind an approver entry, or None where nobody can be named."""
        found: tuple[str, ...] | None
        match kind:
            case "user":
                found = (name,)
            case "usergroup":
                found = self.fixtures.groups.get(name)
            case "channel_members":
                found = self.fixtures.channels.get(name)
            case "oncall":
                found = self.fixtures.oncall.get(name)
            case "role":
                found = self.fixtures.roles.get(name) or self.identities.roles.get(name)
            case _:
                found = self._manager(name)
        people = frozenset(person for one in found or () if not self.refusal(person := self.person(one)))
        return people or None

    def refusal(self, person: str) -> str:
        """The code by which Slack's word on a person keeps them from everything, or nothing."""
        said = (standing for name, standing in self.fixtures.people.items() if self.person(name) == person)
        return next((standing.refusal for standing in said), "")

    def belongs(self, entry: Approver, person: str) -> bool:
        """Whether a person is a member of a fixed approver entry."""
        return person in (self.members(entry.kind, entry.name) or ())

    def _manager(self, name: str) -> tuple[str, ...] | None:
        person = self.person(name)
        known = self.identities.by_id.get(person)
        manager = self.fixtures.managers.get(person) or (known.manager if known else None)
        return (manager,) if manager else None


class Worlds:
    """The people of each policy as far as the whole set tells: its own fixtures, then those of all other documents.

    A test sees its own document alone; what a set would ask is told of all policies with the same groups.
    """

    def __init__(self, policies: PolicySet) -> None:
        self._policies = policies
        self._everybodys = _merged(policies.documents)
        self._held: dict[str, World] = {}

    def of(self, policy: Policy) -> World:
        """The people of one policy."""
        held = self._held.get(policy.id)
        if held is None:
            own = _merged((self._policies.document_of(policy),))
            kinds = {**self._everybodys, **{kind: {**self._everybodys.get(kind, {}), **own[kind]} for kind in own}}
            held = self._held[policy.id] = World(Fixtures.model_validate(kinds), self._policies.identities)
        return held


def _merged(documents: Iterable[Document]) -> dict[str, dict[str, Any]]:
    merged: dict[str, dict[str, Any]] = {}
    for document in documents:
        for kind, named in document.fixtures.items():
            merged[kind] = {**named, **merged.get(kind, {})}
    return merged
