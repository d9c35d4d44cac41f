"""From single documents to a set: what they refer to is looked up, and every policy is compiled."""

from collections.abc import Mapping
from dataclasses import dataclass

from approvalbot.events.mapping import Table
from approvalbot.policy.actions import Action
from approvalbot.policy.checks import (
    Surroundings,
    check_entitlement,
    check_owner,
    check_pack,
    check_policy,
    check_sources,
)
from approvalbot.policy.compiled import Compiled
from approvalbot.policy.compiling import Compilation, compile_policy, correlation_plan, when_of
from approvalbot.policy.documents import Policy
from approvalbot.policy.entitlement import Entitlement
from approvalbot.policy.environment import Sources
from approvalbot.policy.faults import Fault
from approvalbot.policy.folder import Folder
from approvalbot.policy.granters import Provider
from approvalbot.policy.inline.shapes import check_tests
from approvalbot.policy.pack import SigmaPack
from approvalbot.policy.policyset import Note, PolicySet
from approvalbot.policy.sigma.lists import read_lists
from approvalbot.policy.sigma.packs import Library, expand_pack
from approvalbot.policy.surroundings import Environment, environment_of
from approvalbot.policy.written import Written


@dataclass(frozen=True, slots=True)
class Limits:
    """What a set may use from outside its documents. `mentioned` are names that unreadable documents seem to define."""

    tables: Mapping[str, Table]
    actions: Mapping[str, Action]
    providers: Mapping[str, Provider]
    mentioned: frozenset[str] = frozenset()

    def around(self, environment: Environment) -> Surroundings:
        """What documents are checked against."""
        return Surroundings(
            sources=environment.sources,
            destinations=environment.destinations,
            calendars=environment.calendars,
            mentioned=self.mentioned,
            tables=self.tables,
            actions=self.actions,
            providers=self.providers,
        )


def assemble(
    documents: list[Written],
    files: Folder,
    limits: Limits,
    faults: list[Fault],
) -> PolicySet:
    """The set of these documents. With anything added to `faults` it is not to be used."""
    environment = environment_of(documents, files, faults)
    library = Library(files, read_lists(files, faults))
    around = limits.around(environment)
    notes: list[Note] = []
    compiled: list[Compiled] = []
    for written in documents:
        faults += [written.fault(finding) for finding in check_owner(written.document)]
        faults += [written.fault(finding) for finding in check_tests(written.document)]
        match written.document:
            case Policy() as policy:
                faults += [written.fault(finding) for finding in check_policy(policy, around)]
                work = Compilation(library, environment.sources_by_mapping())
                compiled.append(compile_policy(policy, written.file, work))
                faults += [*(written.fault(finding) for finding in work.findings), *work.faults]
            case SigmaPack() as pack:
                faults += [written.fault(finding) for finding in check_pack(pack, around)]
                compiled += _expanded(pack, written, library, environment.sources_by_mapping(), faults, notes)
            case Entitlement() as entitlement:
                faults += [written.fault(finding) for finding in check_entitlement(entitlement, around)]
            case Sources() as sources:
                faults += [written.fault(finding) for finding in check_sources(sources, around)]
            case _:
                pass
    return PolicySet(
        documents=tuple(written.document for written in documents),
        compiled=tuple(compiled),
        sources=environment.sources,
        destinations=environment.destinations,
        oncall=environment.oncall,
        providers=environment.providers,
        identities=environment.identities,
        calendars=environment.calendars,
        tables=limits.tables,
        notes=tuple(notes),
    )


def _expanded(
    pack: SigmaPack,
    written: Written,
    library: Library,
    sources_of: Mapping[str, tuple[str, ...]],
    faults: list[Fault],
    notes: list[Note],
) -> list[Compiled]:
    expansion = expand_pack(pack, library, sources_of)
    work = Compilation(library)
    plan = None if pack.correlate is None else correlation_plan(pack.correlate, work)
    when = when_of(pack.when, work)
    faults += [written.fault(finding) for finding in [*expansion.findings, *work.findings]]
    faults += expansion.faults
    notes += [
        Note("logsource-unknown", pack.id, f"{rule.file}: no source delivers {rule.logsource}; the rule is not used")
        for rule in expansion.unplaced
    ]
    return [Compiled(one.policy, one.tree, one.plan or plan, when) for one in expansion.policies]
