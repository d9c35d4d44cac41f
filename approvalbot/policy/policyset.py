"""A whole set of documents that was loaded together: what is in force, as one frozen value."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from approvalbot.events.digests import digest_of
from approvalbot.events.mapping import Table, load_tables
from approvalbot.policy.action_providers import ActionProvider
from approvalbot.policy.base import Document
from approvalbot.policy.calendars import CalendarTimes
from approvalbot.policy.compiled import Compiled
from approvalbot.policy.documents import Policy
from approvalbot.policy.entitlement import Entitlement
from approvalbot.policy.environment import Destination, Identities, OnCallProvider, Source
from approvalbot.policy.matching import Matcher
from approvalbot.policy.pack import SigmaPack

NOBODY = Identities.model_validate({"version": 1, "kind": "Identities", "id": "nobody", "owner": "nobody"})
"""What stands where no Identities document does: every look-up finds nobody."""


@dataclass(frozen=True, slots=True)
class Note:
    """Something that is no fault and must not be silent: a rule of a pack that no source delivers, and the like."""

    name: str
    document: str
    text: str


@dataclass(frozen=True)
class PolicySet:
    """Everything that is in force. `compiled` are the policies that judge events, the rules of packs among them."""

    documents: tuple[Document, ...] = ()
    compiled: tuple[Compiled, ...] = ()
    sources: Mapping[str, Source] = field(default_factory=dict)
    destinations: Mapping[str, Destination] = field(default_factory=dict)
    oncall: Mapping[str, OnCallProvider] = field(default_factory=dict)
    providers: Mapping[str, ActionProvider] = field(default_factory=dict)
    identities: Identities = NOBODY
    calendars: Mapping[str, CalendarTimes] = field(default_factory=dict)
    tables: Mapping[str, Table] = field(default_factory=load_tables)
    notes: tuple[Note, ...] = ()

    @cached_property
    def policies(self) -> tuple[Policy, ...]:
        """The `kind: Policy` documents, in the order of their files."""
        return tuple(document for document in self.documents if isinstance(document, Policy))

    @cached_property
    def packs(self) -> tuple[SigmaPack, ...]:
        """The `kind: SigmaPack` documents."""
        return tuple(document for document in self.documents if isinstance(document, SigmaPack))

    @cached_property
    def entitlements(self) -> Mapping[str, Entitlement]:
        """What engineers can ask for, by id."""
        return {document.id: document for document in self.documents if isinstance(document, Entitlement)}

    @cached_property
    def by_key(self) -> Mapping[str, Compiled]:
        """The judging policies by `policy.key`."""
        return {one.policy.key: one for one in self.compiled}

    @cached_property
    def _by_document(self) -> Mapping[tuple[str, bool], tuple[Compiled, ...]]:
        found: dict[tuple[str, bool], list[Compiled]] = {}
        for one in self.compiled:
            found.setdefault((one.policy.id, bool(one.policy.pack)), []).append(one)
        return {key: tuple(held) for key, held in found.items()}

    def compiled_of(self, document: Document) -> tuple[Compiled, ...]:
        """The judging policies that a document became: one for a policy, one for each rule of a pack."""
        return self._by_document.get((document.id, isinstance(document, SigmaPack)), ())

    def compiled_in(self, file: str | None) -> tuple[Compiled, ...]:
        """The judging policies of the documents in a file, by its path from the folder; None for all of them."""
        if file is None:
            return self.compiled
        return tuple(one for one in self.compiled if one.policy.place is not None and one.policy.place.file == file)

    def document_of(self, policy: Policy) -> Document:
        """The document that a judging policy comes from: itself, or its pack."""
        return next((pack for pack in self.packs if pack.id == policy.pack), policy)

    @cached_property
    def matcher(self) -> Matcher:
        """The index over all policies that are not `off`."""
        return Matcher.of(one for one in self.compiled if one.policy.mode != "off")

    def current(self, key: str, kind: str) -> Policy | Entitlement | None:
        """The version in force of what a request was opened under: `policy.key`, for `access` an entitlement's id."""
        if kind == "access":
            return self.entitlements.get(key)
        found = self.by_key.get(key)
        return None if found is None else found.policy

    def table_of(self, source: str) -> Table:
        """The mapping table of a source. Raises KeyError for an unknown source; every known one has a table."""
        return self.tables[self.sources[source].mapping]

    def expiring(self, until: date) -> Iterator[tuple[str, date]]:
        """The calendars that end by a date, and when."""
        for name, times in self.calendars.items():
            end = times.ends_on()
            if end is not None and end <= until:
                yield name, end

    @cached_property
    def digest(self) -> str:
        """The sha256 of the whole set: every document as written, and every Sigma rule."""
        rules: list[Any] = sorted(one.policy.digest for one in self.compiled)
        return digest_of({"documents": sorted(document.digest for document in self.documents), "policies": rules})
