"""One policy compiled: its own condition and its Sigma rule as one tree, its correlation, its expression."""

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field

from approvalbot.events.digests import digest_of
from approvalbot.policy.compiled import Compiled
from approvalbot.policy.conditions.compile import compile_tree
from approvalbot.policy.conditions.fields import NameFault, event_field
from approvalbot.policy.conditions.parse import NEVER, parse_match
from approvalbot.policy.conditions.tree import AllOf, Node
from approvalbot.policy.conditions.view import Field
from approvalbot.policy.correlate import Correlate
from approvalbot.policy.correlation import CorrelationPlan, Strand
from approvalbot.policy.documents import Policy, SigmaRef
from approvalbot.policy.faults import Fault, Finding, KeyPath, parted
from approvalbot.policy.sigma.collection import Collection, Member
from approvalbot.policy.sigma.correlations import plan_of
from approvalbot.policy.sigma.packs import Library, credit_of
from approvalbot.policy.sigma.rules import SigmaCorrelation, SigmaFile
from approvalbot.policy.when import When, WhenFault, compile_when


@dataclass(slots=True)
class Compilation:
    """What is found while compiling: `findings` at the policy's own keys, `faults` in the Sigma files it names.

    `sources_of` has the names of the sources that each mapping reads.
    """

    library: Library
    sources_of: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def compile_policy(policy: Policy, file: str, work: Compilation) -> Compiled:
    """The policy ready to judge events; with anything in `work` it is not to be used."""
    trees: list[Node] = []
    plan: CorrelationPlan | None = None
    if policy.sigma is not None:
        tree, plan = _sigma(policy, policy.sigma, file, work)
        trees.append(tree)
    if policy.match is not None:
        found: list[Finding] = []
        trees.append(parse_match(policy.match, found, work.library.placeholders))
        work.findings += [finding.under("match") for finding in found]
    if policy.correlate is not None:
        if plan is not None:
            work.findings.append(Finding(("correlate",), "the Sigma file has a correlation already", "leave one out"))
        plan = correlation_plan(policy.correlate, work)
    return Compiled(policy, trees[0] if len(trees) == 1 else AllOf(tuple(trees)), plan, when_of(policy.when, work))


def correlation_plan(block: Correlate, work: Compilation) -> CorrelationPlan:
    """A `correlate:` block ready to use."""
    group_by = tuple(_field(name, ("correlate", "group_by", place), work) for place, name in enumerate(block.group_by))
    value = () if block.field is None else (_field(block.field, ("correlate", "field"), work),)
    strands = []
    for name, match in block.rules.items():
        found: list[Finding] = []
        strands.append(Strand(name, compile_tree(parse_match(match, found, work.library.placeholders)), group_by))
        work.findings += [finding.under("correlate", "rules", name) for finding in found]
    return CorrelationPlan(
        type=block.type,
        strands=tuple(strands) or (Strand(group_by=group_by, value=value),),
        timespan_s=block.timespan_s,
        threshold=block.condition,
        block=digest_of(block.model_dump(mode="json", by_alias=True)),
        by_event_time=block.clock == "event",
    )


def when_of(source: str | None, work: Compilation) -> When | None:
    """A `when:` ready to run."""
    if source is None:
        return None
    try:
        return compile_when(source)
    except WhenFault as fault:
        work.findings.append(Finding(("when",), *parted(str(fault)), "bad-expression"))
        return None


def _field(name: str, path: KeyPath, work: Compilation) -> Field:
    try:
        return event_field(name)
    except NameFault as fault:
        work.findings.append(Finding(path, fault.problem, fault.hint, "bad-path"))
        return Field(name, lambda _: [])


def _sigma(policy: Policy, named: SigmaRef, file: str, work: Compilation) -> tuple[Node, CorrelationPlan | None]:
    """The tree of the rule a policy names, and what it counts; the policy then stands on that rule."""
    if named.rule is not None:
        found = work.library.rule(named.rule)
        if found is None:
            work.findings.append(
                Finding(("sigma", "rule"), f"no rule below sigma/ has the id {named.rule}", "check the id", "bad-value")
            )
            return NEVER, None
        rule, held = found
        return _tree(rule, held, policy, work)
    path = ("sigma", "file")
    wanted = named.file or ""
    beside = posixpath.normpath(posixpath.join(posixpath.dirname(file), wanted))
    opened = work.library.file(beside) or work.library.file(posixpath.normpath(wanted))
    if opened is None:
        hint = "write its path from this file or from the policy folder"
        work.findings.append(Finding(path, f"there is no file {wanted}", hint, "bad-value"))
        return NEVER, None
    work.faults += opened.faults
    if opened.faults:
        return NEVER, None
    only = _collection(opened, work).outermost or opened.rules
    if len(only) != 1:
        problem = f"the file has {len(opened.rules)} rules and {len(opened.correlations)} correlations"
        work.findings.append(Finding(path, problem, "name one by its id: sigma: {rule: …}", "bad-value"))
        return NEVER, None
    return _tree(only[0], opened, policy, work)


def _collection(file: SigmaFile, work: Compilation) -> Collection:
    return Collection.of([file], work.library.placeholders, work.sources_of)


def _tree(rule: Member, file: SigmaFile, policy: Policy, work: Compilation) -> tuple[Node, CorrelationPlan | None]:
    """A rule as its file has it: with the filters that stand there, and a correlation with the rules it counts."""
    collection = _collection(file, work)
    policy.of_rule(credit_of(rule, collection))
    work.faults += collection.faults()
    if isinstance(rule, SigmaCorrelation):
        return plan_of(rule, collection, work.faults) or (NEVER, None)
    return collection.tree(rule, work.faults), None
