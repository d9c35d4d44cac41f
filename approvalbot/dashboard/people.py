"""People as the identities know them: their accounts, what they may decide, and their sessions here."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote

from starlette.responses import RedirectResponse, Response

from approvalbot.dashboard.deciders import Seat, entries_elsewhere, seats_of
from approvalbot.dashboard.door import Door, Visit
from approvalbot.dashboard.policies import policy_path
from approvalbot.dashboard.viewer import INCLUDES, Viewer
from approvalbot.errors import BadInput, NotAllowed, NotFound
from approvalbot.plaintext import visible
from approvalbot.policy.environment import SYSTEMS, Identities, Person
from approvalbot.request.refusals import shown_entry
from approvalbot.request.request import Absence
from approvalbot.request.trail import Draft
from approvalbot.store.chains import Chains

PAGE = 100
MOST_SEATS = 200


@dataclass(frozen=True, slots=True)
class Shown:
    """Somebody on a page. `known` is False for a member of the workspace whom no identity document names."""

    person: Person
    roles: tuple[str, ...]
    manager: Person | None
    accounts: tuple[tuple[str, str], ...]
    known: bool = True
    away: Absence | None = None

    @property
    def path(self) -> str:
        """The address of their page."""
        return f"/people/{quote(self.person.id)}"


@dataclass(frozen=True, slots=True)
class PeoplePages:
    """Everybody sees themselves, auditors see everybody, and admins end sessions."""

    door: Door
    chains: Chains

    def show(self, visit: Visit) -> Response:
        """`GET /people`: everybody, for an auditor; oneself, for everybody else."""
        identities = self.door.journey.policies().identities
        if not visit.viewer.is_a("auditor"):
            return self._one(visit, _own(visit.viewer, identities))
        wanted = visible(visit.query.get("q", "")[:100]).strip()
        found = [one for one in identities.people if wanted.casefold() in _text(one)]
        return self.door.render.page(
            "people.html",
            visit.viewer,
            title="People",
            people=self._with_absences([_shown(one, identities) for one in found[:PAGE]]),
            more=max(0, len(found) - PAGE),
            total=len(found),
            wanted=wanted,
            ended=_ended(visit),
        )

    def one(self, visit: Visit) -> Response:
        """`GET /people/{id}`: oneself, or anybody for an auditor."""
        identities = self.door.journey.policies().identities
        own = _own(visit.viewer, identities)
        name = str(visit.path["id"])[:100]
        if name == own.person.id:
            return self._one(visit, own)
        if not visit.viewer.is_a("auditor"):
            raise NotAllowed("not_allowed", "You see your own page.", hint="Auditors see everybody's.")
        if name not in identities.by_id:
            raise NotFound("not_found", "Nobody in the identities has the id {name}.", name=visible(name))
        return self._one(visit, _shown(identities.by_id[name], identities))

    def end_sessions(self, visit: Visit) -> Response:
        """`POST /people/sessions/end`: every session of a person, or of a Slack id that no identity names."""
        identities = self.door.journey.policies().identities
        name = visit.form.get("person", "").strip()
        person = identities.by_id.get(name)
        slacks = person.accounts("slack") if person is not None else (name,) if _is_slack(name) else ()
        if not slacks:
            hint = "Write the id of a person, or a Slack id such as U0123ABC."
            raise BadInput(
                "parameter_invalid", "{name} is nobody with sessions here.", hint=hint, name=visible(name[:60])
            )
        # Written first: if it cannot be, nothing ends, and the page says so.
        self.chains.append("signin", [Draft("sessions_ended", visit.viewer.person, {"of": name})])
        ended = sum(self.door.sessions.end_all(slack) for slack in slacks)
        where = f"/people/{quote(name)}" if person is not None else "/people"
        return RedirectResponse(f"{where}?ended={ended}", 303)

    def _with_absences(self, people: Sequence[Shown]) -> list[Shown]:
        """The same people, with who of them is away."""
        absences = self.door.journey.absences.of(slack for one in people for slack in one.person.accounts("slack"))
        return [
            replace(one, away=next((absences[name] for name in one.person.accounts("slack") if name in absences), None))
            for one in people
        ]

    def _one(self, visit: Visit, shown: Shown) -> Response:
        (shown,) = self._with_absences([shown])
        policies = self.door.journey.policies()
        seats = seats_of(policies, shown.person)
        is_self = shown.person.id == _own(visit.viewer, policies.identities).person.id
        admin = visit.viewer.is_a("admin")
        return self.door.render.page(
            "person.html",
            visit.viewer,
            title=shown.person.name,
            crumbs=[("/people", "People")] if visit.viewer.is_a("auditor") else None,
            shown_person=shown,
            is_self=is_self,
            seats=[(seat, policy_path(seat.key, seat.kind)) for seat in seats[:MOST_SEATS]],
            more_seats=max(0, len(seats) - MOST_SEATS),
            elsewhere=_summed(entries_elsewhere(policies)),
            sessions=self._sessions(shown.person) if admin or is_self else None,
            may_end=admin,
            ended=_ended(visit),
        )

    def _sessions(self, person: Person) -> int:
        return sum(self.door.sessions.count(slack) for slack in person.accounts("slack"))


def _own(viewer: Viewer, identities: Identities) -> Shown:
    """The viewer themselves, known to the identities or not."""
    person = identities.by_id.get(viewer.person.key)
    if person is not None:
        return _shown(person, identities, viewer)
    made = Person.model_construct(id=viewer.member.slack, name=viewer.member.name, slack=viewer.member.slack)
    return Shown(made, tuple(sorted(viewer.roles)), None, (("slack", viewer.member.slack),), known=False)


def _shown(person: Person, identities: Identities, viewer: Viewer | None = None) -> Shown:
    roles = {name for name, holders in identities.roles.items() if person.id in holders}
    if viewer is not None:
        roles |= viewer.roles & INCLUDES.keys()
    return Shown(
        person=person,
        roles=tuple(sorted(roles)),
        manager=identities.by_id.get(person.manager or ""),
        accounts=tuple((system, account) for system in SYSTEMS for account in person.accounts(system)),
    )


def _summed(entries: dict[str, list[Seat]]) -> list[tuple[str, int, list[str]]]:
    """Each entry with how many policies it stands in, and the first of them."""
    return [
        (shown_entry(key), len({seat.key for seat in seats}), sorted({seat.title for seat in seats})[:3])
        for key, seats in entries.items()
    ]


def _text(person: Person) -> str:
    accounts = (account for system in SYSTEMS for account in person.accounts(system))
    return " ".join((person.id, person.name, *accounts)).casefold()


def _is_slack(name: str) -> bool:
    return 3 <= len(name) <= 20 and name[0] in "UW" and name.isascii() and name.isalnum() and name.isupper()


def _ended(visit: Visit) -> int | None:
    written = visit.query.get("ended", "")
    return int(written) if written.isascii() and written.isdigit() and len(written) <= 6 else None
