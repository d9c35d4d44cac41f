"""What a set's policies stand in: its sources, destinations, calendars and people, from all of its documents."""

import posixpath
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from approvalbot.policy.calendar import Calendar
from approvalbot.policy.calendars import CalendarTimes
from approvalbot.policy.environment import SYSTEMS, Destination, Identities, OnCallProvider, Source, Sources, fold
from approvalbot.policy.faults import Fault, Finding
from approvalbot.policy.folder import Folder
from approvalbot.policy.ics import IcsFault, Occurrences, read_ics
from approvalbot.policy.policyset import NOBODY
from approvalbot.policy.written import Written


@dataclass(slots=True)
class Environment:
    """The named things of a set."""

    sources: dict[str, Source] = field(default_factory=dict)
    destinations: dict[str, Destination] = field(default_factory=dict)
    oncall: dict[str, OnCallProvider] = field(default_factory=dict)
    calendars: dict[str, CalendarTimes] = field(default_factory=dict)
    identities: Identities = NOBODY

    def sources_by_mapping(self) -> dict[str, tuple[str, ...]]:
        """The names of the sources that each mapping reads."""
        found: dict[str, tuple[str, ...]] = {}
        for source in self.sources.values():
            found[source.mapping] = (*found.get(source.mapping, ()), source.name)
        return found


def environment_of(documents: Iterable[Written], files: Folder, faults: list[Fault]) -> Environment:
    """The named things of all documents; a name that stands twice is a fault."""
    made = Environment()
    people: list[Written] = []
    for written in documents:
        match written.document:
            case Sources() as document:
                _add_sources(written, document, made, faults)
            case Calendar() as calendar:
                made.calendars[calendar.id] = CalendarTimes(calendar, _occurrences(written, calendar, files, faults))
            case Identities():
                people.append(written)
            case _:
                pass
    made.identities = _merged(people, faults)
    return made


def _add_sources(written: Written, document: Sources, made: Environment, faults: list[Fault]) -> None:
    for place, source in enumerate(document.sources):
        if source.name in made.sources:
            faults.append(written.fault(_twice(("sources", place, "name"), "source", source.name)))
        made.sources[source.name] = source
    for place, destination in enumerate(document.destinations):
        if destination.name in made.destinations:
            faults.append(written.fault(_twice(("destinations", place, "name"), "destination", destination.name)))
        made.destinations[destination.name] = destination
    for place, provider in enumerate(document.oncall):
        if provider.name in made.oncall:
            faults.append(written.fault(_twice(("oncall", place, "name"), "on-call provider", provider.name)))
        made.oncall[provider.name] = provider


def _twice(path: tuple[str | int, ...], what: str, name: str) -> Finding:
    return Finding(path, f"the {what} {name} stands twice in the folder", "names are unique", "duplicate-id")


def _occurrences(written: Written, calendar: Calendar, files: Folder, faults: list[Fault]) -> Occurrences:
    if calendar.ics is None:
        return Occurrences()
    name = posixpath.normpath(posixpath.join(posixpath.dirname(written.file), calendar.ics))
    body = files.read(name)
    if body is None:
        problem = f"there is no file {calendar.ics} beside this one"
        faults.append(written.fault(Finding(("ics",), problem, "write the name of an .ics file", "bad-value")))
        return Occurrences()
    try:
        found = read_ics(body, calendar.zone)
    except IcsFault as fault:
        faults.append(Fault(name, fault.line, 1, (), str(fault).partition(": ")[2], "", "bad-calendar"))
        return Occurrences()
    if not calendar.weekly and not calendar.spans and not found.spans:
        problem = "nothing is ever inside: the file has only whole days, which are holidays"
        faults.append(written.fault(Finding(("ics",), problem, "add weekly or spans", "bad-value")))
    return found


def _merged(people: list[Written], faults: list[Fault]) -> Identities:
    """One document of all people. A person, a role or an account that two documents claim is a fault."""
    if not people:
        return NOBODY
    documents = [written.document for written in people if isinstance(written.document, Identities)]
    if len(documents) == 1:
        return documents[0]
    owner: dict[Any, str] = {}
    for written, document in zip(people, documents, strict=True):
        for place, person in enumerate(document.people):
            claims = [("person", person.id), *((s, fold(a)) for s in SYSTEMS for a in person.accounts(s))]
            for claim in claims:
                if owner.setdefault(claim, written.file) != written.file:
                    problem = f"{claim[0]} {claim[1]} stands in {owner[claim]} too"
                    faults.append(written.fault(Finding(("people", place), problem, "keep one", "duplicate-id")))
    roles: dict[str, tuple[str, ...]] = {}
    for document in documents:
        for role, members in document.roles.items():
            roles[role] = tuple(dict.fromkeys((*roles.get(role, ()), *members)))
    everyone = tuple(person for document in documents for person in document.people)
    return documents[0].model_copy(update={"people": everyone, "roles": roles})
