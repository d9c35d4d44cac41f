"""Importing Sigma rules: which of them can be used here, under which packs, and why the others cannot.

The rules are used unchanged. A file is taken whole or left out whole. What is asked of a rule: it compiles, names its
author (every message must), has a level (the pack takes its severity from it), and a source of the folder delivers its
logsource. Packs start in mode `monitor`.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import yaml

from approvalbot.policy.conditions.placeholders import Placeholders
from approvalbot.policy.faults import Fault, Finding
from approvalbot.policy.folder import SIGMA, Folder
from approvalbot.policy.parse import Loaded
from approvalbot.policy.sigma.collection import Collection
from approvalbot.policy.sigma.correlations import plan_of
from approvalbot.policy.sigma.lists import read_lists
from approvalbot.policy.sigma.logsources import Logsource
from approvalbot.policy.sigma.rules import SigmaFile, SigmaRule, read_sigma
from approvalbot.policy.sigma.trying import tests_of

DEDUPE = {"key": ["$rule.id", "$source.tenant", "$actor.id", "$resource.id"], "window": "1h", "on_repeat": "thread"}
MESSAGE = {
    "summary": "{{ $rule.title }}: {{ $actor.id }} ran {{ $action }} on {{ $resource.id }}",
    "fields": ["$actor.id", "$actor.ip", "$resource.id", "$outcome"],
}


@dataclass(frozen=True, slots=True)
class Terms:
    """What the author says of the packs: who is asked, who owns them, and a source instead of the logsource's."""

    owner: str
    approver: Mapping[str, str]
    today: date
    source: str = ""


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A rule, or a whole file, that is not imported, and why."""

    file: str
    rule: str
    why: str

    def __str__(self) -> str:
        return f"{self.file}: {self.rule}: {self.why}" if self.rule else f"{self.file}: {self.why}"


@dataclass(frozen=True, slots=True)
class Imported:
    """What is to be written: rule files by their path from the folder, packs by their file's name."""

    rules: Mapping[str, bytes]
    packs: Mapping[str, Mapping[str, Any]]
    left_out: tuple[LeftOut, ...]
    by_logsource: Counter[str]
    by_level: Counter[str]


@dataclass(slots=True)
class _Taken:
    """The rules that are taken so far."""

    files: dict[str, bytes] = field(default_factory=dict)
    groups: dict[tuple[Logsource, tuple[str, ...]], list[SigmaRule]] = field(default_factory=dict)
    left_out: list[LeftOut] = field(default_factory=list)


def plan_import(given: Mapping[str, bytes], into: Loaded, terms: Terms) -> Imported:
    """What to write into a folder so that the given files (by the path they will have there) are in force."""
    read = {name: read_sigma(name, body) for name, body in given.items()}
    known = [rule for file in read.values() for rule in file.rules]
    elsewhere = _rules_elsewhere(into, frozenset(given))
    work = _Work(into, terms, read_lists(into.files, []), tuple(read.values()), known, elsewhere)
    taken = _Taken()
    for name, file in read.items():
        why = list(work.against(file))
        if why:
            taken.left_out += why
            continue
        taken.files[name] = given[name]
        for rule in file.rules:
            taken.groups.setdefault((rule.logsource, work.sources_of(rule)), []).append(rule)
    rules = [rule for group in taken.groups.values() for rule in group]
    return Imported(
        rules=taken.files,
        packs=dict(work.packs(taken)),
        left_out=tuple(taken.left_out),
        by_logsource=Counter(str(rule.logsource) for rule in rules),
        by_level=Counter(rule.text("level") for rule in rules),
    )


def pack_text(document: Mapping[str, Any], today: date) -> str:
    """A pack as its file: what to look at stands in comments, the day it was written beside its mode."""
    written: str = yaml.safe_dump(dict(document), sort_keys=False, allow_unicode=True, width=110)
    return (
        "# Written by `approvalbot policy import-sigma`. Look at owner, approvers and notices, and set mode: enforce\n"
        "# once its cards have been watched for a while.\n"
        + written.replace("\nmode: monitor\n", f"\nmode: monitor  # since {today.isoformat()}\n", 1)
    )


def _rules_elsewhere(into: Loaded, given: frozenset[str]) -> list[SigmaRule]:
    """The rules that lie in the folder already, in other files than those that are given."""
    bodies = ((name, body) for name, body in into.files.below(SIGMA) if name not in given)
    return [rule for name, body in bodies for rule in read_sigma(name, body).rules]


@dataclass(frozen=True, slots=True)
class _Work:
    into: Loaded
    terms: Terms
    placeholders: Placeholders
    given: tuple[SigmaFile, ...]
    known: list[SigmaRule]
    elsewhere: list[SigmaRule]

    def against(self, file: SigmaFile) -> Iterator[LeftOut]:
        """Why a file cannot be imported; nothing where it can."""
        for fault in file.faults:
            yield LeftOut(fault.file, "", f"line {fault.line}: {fault.problem}")
        for one in file.filters:
            why = "a filter is not imported; put it under sigma/filters and name it in the `filters` of a pack"
            yield LeftOut(one.file, one.text("title"), why)
        for correlation in file.correlations:
            faults: list[Fault] = []
            plan_of(correlation, Collection.of(self.given, self.placeholders, {}), faults)
            yield from (LeftOut(correlation.file, correlation.text("title"), _told(one)) for one in faults)
        for rule in file.rules:
            yield from (LeftOut(rule.file, rule.text("title") or rule.id, why) for why in self._against(rule))

    def _against(self, rule: SigmaRule) -> Iterator[str]:
        findings: list[Finding] = []
        rule.tree(self.placeholders, findings)
        yield from map(_told, findings)
        if not rule.text("id"):
            yield "it has no id"
        if not rule.text("author"):
            yield "it names no author, whom every message must name"
        if rule.text("level") not in {"informational", "low", "medium", "high", "critical"}:
            yield f"its level is {rule.text('level') or 'missing'}, and the pack takes its severity from it"
        others = [one.file for one in [*self.elsewhere, *self.known] if one.id == rule.id]
        if others[0] != rule.file:
            yield f"the rule {rule.id} lies in {others[0]} already"
        if not self.sources_of(rule):
            meant = " or ".join(rule.known.mappings)
            hint = f"add a source with mapping {meant}" if meant else "no mapping is known for it; name one by --source"
            yield f"no source of the folder delivers {rule.logsource}; {hint}"

    def sources_of(self, rule: SigmaRule) -> tuple[str, ...]:
        """The sources whose events a rule is for."""
        if self.terms.source:
            return (self.terms.source,)
        sources = self.into.policies.sources.values()
        return tuple(source.name for source in sources if source.mapping in rule.known.mappings)

    def packs(self, taken: _Taken) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """A pack for each logsource of which some rule lies in no pack yet."""
        for (logsource, sources), rules in taken.groups.items():
            uncovered = [rule for rule in rules if not self._is_covered(rule.file)]
            if uncovered:
                name = re.sub(r"[^a-z0-9]+", "-", f"sigma-{logsource}".casefold()).strip("-")[:63]
                yield f"{name}.yaml", self._pack(name, logsource, sources, rules)

    def _is_covered(self, file: str) -> bool:
        alone = Folder.of({file: b""})
        return any(alone.matching(pattern) for pack in self.into.policies.packs for pattern in pack.include)

    def _pack(self, name: str, of: Logsource, sources: tuple[str, ...], rules: list[SigmaRule]) -> Mapping[str, Any]:
        level = {"name": "on call", "approvers": [dict(self.terms.approver)], "timeout": "1h"}
        folders = sorted({rule.file.rpartition("/")[0] for rule in rules})
        # A folder may hold rules of several logsources; one without a service cannot be told from them by `select`.
        include = [f"{folder}/*.y*ml" for folder in folders] if of.service else sorted(rule.file for rule in rules)
        select = {"product": [of.product], "service": [of.service]} if of.product and of.service else {}
        # What lies there already is in the pack too, and may find what a new rule finds.
        beside = [one for one in self.elsewhere if one.logsource == of and one.file.rpartition("/")[0] in folders]
        tests = tests_of([*rules, *beside], self.into.policies, sources[0], self.placeholders)
        return {
            "version": 1,
            "kind": "SigmaPack",
            "id": name,
            "title": f"Sigma rules for {of}",
            "owner": self.terms.owner,
            "mode": "monitor",
            "source": list(sources),
            "include": include,
            **({"select": select} if select else {}),
            "severity_from": "level",
            "dedupe": DEDUPE,
            "approval": {"levels": [level]},
            "message": MESSAGE,
            **({"tests": tests} if tests else {}),
        }


def _told(finding: Finding | Fault) -> str:
    return f"{finding.problem}; {finding.hint}" if finding.hint else finding.problem
