"""A SigmaPack expanded: one policy per selected rule, all with the pack's approval block."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import ValidationError

from approvalbot.policy.conditions.placeholders import Placeholders
from approvalbot.policy.conditions.tree import Node
from approvalbot.policy.correlation import CorrelationPlan
from approvalbot.policy.credit import Credit
from approvalbot.policy.documents import Policy
from approvalbot.policy.faults import Fault, Finding
from approvalbot.policy.folder import Folder
from approvalbot.policy.pack import Select, SigmaPack
from approvalbot.policy.sigma.collection import Collection, Member
from approvalbot.policy.sigma.correlations import plan_of
from approvalbot.policy.sigma.lists import FILE as LISTS
from approvalbot.policy.sigma.rules import SigmaCorrelation, SigmaFile, SigmaRule, read_sigma

_SEVERITY = {"informational": "info"}
_LEVELS = ("informational", "low", "medium", "high", "critical")
_TAKEN_OVER = (
    *("owner", "mode", "during", "when", "correlate", "dedupe", "limits", "approval", "message"),
    *("on_approve", "on_deny", "on_expire"),
)


@dataclass(frozen=True, slots=True)
class Expanded:
    """One rule of a pack as a policy, with the tree its events must meet and what it counts."""

    policy: Policy
    tree: Node
    plan: CorrelationPlan | None = None


@dataclass(slots=True)
class Expansion:
    """What a pack became. `findings` are at the pack's own keys, `faults` in its rule files.

    `unplaced` are rules whose logsource no source delivers: counted and listed, never silent.
    """

    policies: list[Expanded] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    unplaced: list[Member] = field(default_factory=list)


@dataclass(slots=True)
class Library:
    """The Sigma files of a folder, each read once."""

    folder: Folder
    placeholders: Placeholders = field(default_factory=Placeholders)
    _read: dict[str, SigmaFile] = field(default_factory=dict)

    def file(self, name: str) -> SigmaFile | None:
        """A file by its path from the root, or None."""
        if name not in self._read:
            body = self.folder.read(name)
            if body is None:
                return None
            self._read[name] = read_sigma(name, body)
        return self._read[name]

    def rule(self, rule_id: str) -> tuple[Member, SigmaFile] | None:
        """A rule or correlation by its id, anywhere below `sigma/`, and the file it stands in."""
        for name, body in self.folder.below("sigma"):
            # The id stands in the file as text; reading every rule of a large set to find one would take seconds.
            file = self.file(name) if rule_id.encode() in body else None
            members: tuple[Member, ...] = () if file is None else (*file.rules, *file.correlations)
            for rule in members:
                if file is not None and rule.id == rule_id:
                    return rule, file
        return None


def expand_pack(pack: SigmaPack, library: Library, sources_of: Mapping[str, tuple[str, ...]]) -> Expansion:
    """The policies of a pack. `sources_of` has the names of the sources that each mapping reads."""
    made = Expansion()
    files = _files(pack, "include", pack.include, library, made)
    filters = [file for file in _files(pack, "filters", pack.filters, library, made) if file not in files]
    # A filter among the rules themselves joins them too: it is part of their file.
    collection = replace(
        Collection.of([*files, *filters], library.placeholders, sources_of),
        rules=tuple(rule for file in files for rule in file.rules),
        correlations=tuple(one for file in files for one in file.correlations),
    )
    made.faults += collection.faults()
    for place, excluded in enumerate(pack.exclude_ids):
        if collection.named(excluded) is None:
            made.findings.append(collection.unknown(excluded, ("exclude_ids", place)))
    counted = {name for one in collection.correlations if not one.generates for name in one.rules}
    selected = [one for one in collection.members if is_selected(one, collection, pack.select)]
    chosen = [one for one in selected if not one.names & {*pack.exclude_ids, *counted}]
    if collection.members and not chosen:
        made.findings.append(Finding(("select",), "no rule is selected", "widen select, or leave it out", "bad-value"))
    for one in chosen:
        _expand(one, pack, collection, made)
    return made


def is_selected(rule: Member, collection: Collection, select: Select) -> bool:
    """Whether every list that `select` gives holds for a rule. A correlation may say less than the rules it counts."""
    counted = list(collection.rules_of(rule))
    given: tuple[tuple[Iterable[str] | None, frozenset[str]], ...] = (
        (select.level, frozenset({level_of(rule, collection)})),
        (select.status, frozenset(one.casefold() for one in _said(rule, "status", counted))),
        (select.tags, frozenset(tag for one in (rule, *counted) for tag in one.tags)),
        (select.product, frozenset(one.logsource.product for one in counted)),
        (select.service, frozenset(one.logsource.service for one in counted)),
    )
    return all(wanted is None or any(one.casefold() in own for one in wanted) for wanted, own in given)


def level_of(rule: Member, collection: Collection) -> str:
    """A rule's level; a correlation that says none has the highest of the rules it counts."""
    said = [one.casefold() for one in _said(rule, "level", list(collection.rules_of(rule)))]
    return max(said, key=lambda level: _LEVELS.index(level) if level in _LEVELS else len(_LEVELS), default="")


def _said(rule: Member, key: str, counted: list[SigmaRule]) -> list[str]:
    return [text for text in (rule.text(key),) if text] or [text for one in counted if (text := one.text(key))]


def _files(pack: SigmaPack, key: str, patterns: tuple[str, ...], library: Library, made: Expansion) -> list[SigmaFile]:
    names: dict[str, None] = {}
    written = pack.document.get(key)
    for place, pattern in enumerate(patterns):
        found = [name for name in library.folder.matching(pattern) if name != LISTS]
        if not found:
            path = (key, place) if isinstance(written, list) else (key,)
            made.findings.append(
                Finding(
                    path, f"{pattern} names no file", "globs start at the policy folder; ** is any folders", "bad-value"
                )
            )
        names.update(dict.fromkeys(found))
    files = [file for name in names if (file := library.file(name)) is not None]
    made.faults += [fault for file in files for fault in file.faults]
    return files


def _expand(rule: Member, pack: SigmaPack, collection: Collection, made: Expansion) -> None:
    compiled = _compiled(rule, collection, made)
    if compiled is None:
        return
    sources = pack.source or collection.sources(rule)
    if not sources:
        made.unplaced.append(rule)
        return
    level = level_of(rule, collection)
    severity = pack.severity or _SEVERITY.get(level, level)
    if not severity:
        finding = Finding(("level",), "the rule has no level", "give the pack a severity of its own")
        made.faults.append(rule.fault(finding))
        return
    try:
        policy = policy_of(pack, rule, sources, severity)
    except ValidationError as fault:
        told = fault.errors(include_url=False)[0]["msg"]
        made.findings.append(Finding(("approval",), f"rule {rule.id} of severity {severity}: {told}"))
        return
    credit = credit_of(rule, collection)
    made.policies.append(Expanded(policy.of_rule(credit, pack=pack.id, place=pack.place), *compiled))


def _compiled(rule: Member, collection: Collection, made: Expansion) -> tuple[Node, CorrelationPlan | None] | None:
    """The tree of a rule with its filters, and what a correlation counts; None where it does not compile."""
    faults: list[Fault] = []
    hint = "exclude the rule by its id in exclude_ids"
    planned: tuple[Node, CorrelationPlan | None] | None
    if isinstance(rule, SigmaCorrelation):
        planned = plan_of(rule, collection, faults, hint)
    else:
        planned = collection.tree(rule, faults, hint), None
    made.faults += [fault for fault in faults if fault not in made.faults]
    return None if faults else planned


def credit_of(rule: Member, collection: Collection) -> Credit:
    """Whose rule it is; what a correlation counts has its authors too, and the licence wants each of them named."""
    authors = dict.fromkeys(one.text("author") for one in (rule, *collection.rules_of(rule)))
    beside = tuple(dict(one.document) for one in collection.beside(rule))
    return replace(rule.credit, author=", ".join(author for author in authors if author), beside=beside)


def policy_of(pack: SigmaPack, rule: Member, sources: tuple[str, ...], severity: str) -> Policy:
    """The policy that one rule of a pack is. Raises ValueError where the pack's approval does not suit its severity."""
    document: dict[str, Any] = {
        "version": 1,
        "kind": "Policy",
        "id": pack.id,
        "title": _title(rule.text("title") or pack.title),
        "request": "review",
        "severity": severity,
        "source": list(sources),
        "sigma": {"rule": rule.id},
        **{key: pack.document[key] for key in _TAKEN_OVER if key in pack.document},
    }
    return Policy.model_validate(document)


def _title(text: str) -> str:
    return text if len(text) <= 120 else text[:119] + "…"
