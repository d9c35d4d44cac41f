"""Lints of Sigma rules and packs."""

from collections import Counter
from collections.abc import Iterable

from approvalbot.policy.compiled import Compiled
from approvalbot.policy.conditions.tree import Node, Not
from approvalbot.policy.documents import Policy
from approvalbot.policy.faults import Finding, KeyPath
from approvalbot.policy.folder import LICENCE, SIGMA, Folder
from approvalbot.policy.index import offers
from approvalbot.policy.lint.conditions import condition_smells, nodes
from approvalbot.policy.lint.finding import Smell, Smells
from approvalbot.policy.pack import SigmaPack
from approvalbot.policy.policyset import PolicySet
from approvalbot.policy.sigma.lists import read_lists
from approvalbot.policy.sigma.logsources import Logsource, known_logsource
from approvalbot.policy.sigma.packs import Library
from approvalbot.policy.sigma.rules import SigmaFilter

RULE_LINTS = frozenset({"null-in-list", "empty-match", "contradiction"})
"""What is worth saying of an imported rule: it is used unchanged, so matters of style are its author's."""


def rule_smells(compiled: Compiled, path: KeyPath, policies: PolicySet) -> Smells:
    """What is wrong with one Sigma rule as it is used here."""
    policy, rule = compiled.policy, compiled.policy.rule
    if rule is None:
        return
    if not rule.author:
        yield Smell(
            "credit-missing",
            "error",
            path,
            f"rule {rule.id} ({rule.path}) names no author, whom every message must name",
        )
    for smell in condition_smells(compiled.tree, policy.source):
        if smell.name in RULE_LINTS:
            yield Smell(smell.name, smell.severity, path, f"rule {rule.id} ({rule.path}): {smell.message}")
    if not offers(compiled.tree):
        message = f"rule {rule.id} ({rule.path}) has no condition that can be indexed, so it is always judged"
        yield Smell("unindexed", "warning", path, message)
    yield from _logsource(policy, path, policies)


def _logsource(policy: Policy, path: KeyPath, policies: PolicySet) -> Smells:
    rule = policy.rule
    written = Logsource.of(rule.document.get("logsource")) if rule else Logsource()
    meant = known_logsource(written).mappings
    used = {policies.sources[name].mapping for name in policy.source if name in policies.sources}
    if rule is not None and meant and used and used.isdisjoint(meant):
        message = f"rule {rule.id} is for {written}, and {', '.join(sorted(used))} delivers something else"
        yield Smell("logsource-unknown", "warning", path, message)


def pack_smells(pack: SigmaPack, policies: PolicySet, files: Folder) -> Smells:
    """What is wrong with a pack as a whole."""
    for note in policies.notes:
        if note.name == "logsource-unknown" and note.document == pack.id:
            yield Smell("logsource-unknown", "warning", ("include",), note.text)
    rules = [one.policy.rule for one in policies.compiled if one.policy.pack == pack.id and one.policy.rule]
    licensed = any(name.rsplit("/", 1)[-1].startswith(LICENCE) for name in files.names if name.startswith(f"{SIGMA}/"))
    if any(rule.is_sigmahq for rule in rules) and not licensed:
        message = f"no {LICENCE} file lies beside the rules; the Detection Rule License wants it kept with them"
        yield Smell("drl-links", "info", ("include",), message)
    library = Library(files, read_lists(files, []))
    names = dict.fromkeys(name for pattern in (*pack.include, *pack.filters) for name in files.matching(pattern))
    for file in filter(None, map(library.file, names)):
        for one in file.filters:
            yield from _filter(one, library)


def _filter(one: SigmaFilter, library: Library) -> Smells:
    found: list[Finding] = []
    tree = one.tree(library.placeholders, found)
    if not found and not _denies(tree):
        message = (
            f"the filter in {one.file} keeps only what it names; an exception is written `condition: not selection`"
        )
        yield Smell("filter-positive", "warning", ("filters",), message)


def _denies(tree: Node) -> bool:
    """Whether a `not` stands anywhere in it."""
    return any(isinstance(node, Not) for node in nodes(tree))


def duplicate_rules(policies: Iterable[Compiled]) -> frozenset[str]:
    """The ids of Sigma rules that more than one policy stands on."""
    seen = Counter(one.policy.rule.id for one in policies if one.policy.rule is not None)
    return frozenset(rule for rule, count in seen.items() if count > 1)
