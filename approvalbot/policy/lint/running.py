"""Linting a folder: every lint of every document, with places, severities, and what its authors allow.

`# lint: allow NAME because …` on the line of a finding allows it; errors cannot be allowed.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from approvalbot.events.digests import digest_of
from approvalbot.policy.actions import ACTIONS, Action
from approvalbot.policy.calendar import Calendar
from approvalbot.policy.compiled import Compiled
from approvalbot.policy.conditions.parse import parse_match
from approvalbot.policy.documents import Policy
from approvalbot.policy.entitlement import Entitlement
from approvalbot.policy.faults import Fault, Finding
from approvalbot.policy.inline.event_tests import matching_events
from approvalbot.policy.lint.approving import approval_smells
from approvalbot.policy.lint.conditions import companion_smells, condition_smells
from approvalbot.policy.lint.effecting import (
    dedupe_smells,
    effect_smells,
    gate_smells,
    mode_smells,
    outcome_smells,
    provider_smells,
    test_smells,
    undo_smells,
)
from approvalbot.policy.lint.fields import Samples, field_smells
from approvalbot.policy.lint.finding import ORDER, Lint, Smell, Smells
from approvalbot.policy.lint.granting import grant_smells
from approvalbot.policy.lint.numbers import number_smells
from approvalbot.policy.lint.sigma import duplicate_rules, pack_smells, rule_smells
from approvalbot.policy.pack import SigmaPack
from approvalbot.policy.parse import Loaded
from approvalbot.policy.sigma.lists import read_lists
from approvalbot.policy.written import Written

EXPIRING = timedelta(days=60)
"""How long before its end a calendar is mentioned: policy.md section 12."""

_CONDITIONS = ("match", "sigma", "during", "when", "correlate")
"""What decides whether a policy asks: two that differ in one may be halves of one rule, such as day and night."""

_ALLOW = re.compile(r"#\s*lint:\s*allow\s+([a-z-]+)\s+because\s+(\S.*?)\s*(?=#\s*lint:|$)")


@dataclass(frozen=True)
class Knowledge:
    """What lints may know besides the folder: the day, known events by mapping, and the actions there are."""

    today: date | None = None
    samples: Samples = field(default_factory=dict)
    actions: Mapping[str, Action] = field(default_factory=lambda: ACTIONS)


def lint_folder(loaded: Loaded, known: Knowledge | None = None) -> list[Lint]:
    """Every lint of a folder that loads, the worst first, then by place."""
    known = known or Knowledge()
    found: list[Lint] = []
    shadows = _shadows(loaded)
    twice = duplicate_rules(loaded.policies.compiled)
    for written in loaded.written:
        smells = [
            *_smells(written, loaded, known, loaded.lines(written.file)),
            *_shadowed(written, shadows),
            *_duplicated(written, loaded, twice),
        ]
        found += placed(smells, written, loaded)
    return in_order(found)


def in_order(found: list[Lint]) -> list[Lint]:
    """The worst first, then by place."""
    return sorted(found, key=lambda one: (ORDER[one.severity], one.file, one.line, one.column, one.name))


def placed(smells: Iterable[Smell], written: Written, loaded: Loaded) -> list[Lint]:
    """What was found in a document, each once, with its place and what its author allows."""
    lines = loaded.lines(written.file)
    return [_placed(smell, written, lines) for smell in dict.fromkeys(smells)]


def lints_of_faults(faults: tuple[Fault, ...]) -> list[Lint]:
    """The faults of a folder that does not load, in the same form."""
    return [
        Lint(
            one.name,
            "error",
            one.file,
            one.line,
            one.column,
            one.path,
            one.problem + (f"; {one.hint}" if one.hint else ""),
        )
        for one in faults
    ]


def fails(lints: list[Lint], *, strict: bool = False) -> bool:
    """Whether a check with these findings fails."""
    bad = {"error", "warning"} if strict else {"error"}
    return any(one.severity in bad and not one.allowed for one in lints)


def _smells(written: Written, loaded: Loaded, known: Knowledge, lines: list[str]) -> Smells:
    document = written.document
    match document:
        case Policy() | SigmaPack() | Entitlement():
            yield from approval_smells(document, loaded.policies)
            yield from test_smells(document, loaded.policies)
            yield from mode_smells(document, _line_of(written, "mode", lines), known.today)
            yield from effect_smells(document, known.actions)
            yield from provider_smells(document, loaded.policies)
            matching = [] if isinstance(document, Entitlement) else matching_events(loaded.policies, document)
            yield from dedupe_smells(document, matching)
            yield from undo_smells(document, matching)
            yield from grant_smells(document, loaded.policies) if isinstance(document, Entitlement) else ()
        case Calendar():
            yield from _expiring(document, loaded, known.today)
        case _:
            pass
    if isinstance(document, Policy):
        yield from _policy_smells(written, document, loaded, known)
    if isinstance(document, SigmaPack):
        yield from pack_smells(document, loaded.policies, loaded.files)
        for compiled in loaded.policies.compiled_of(document):
            yield from rule_smells(compiled, ("include",), loaded.policies)


def _policy_smells(written: Written, policy: Policy, loaded: Loaded, known: Knowledge) -> Smells:
    policies = loaded.policies
    yield from gate_smells(policy, policies)
    yield from number_smells(written.node, "match")
    for compiled in policies.compiled_of(policy):
        yield from outcome_smells(policy, compiled.tree)
        yield from rule_smells(compiled, ("sigma",), policies)
        if policy.match is not None:
            yield from _match_smells(policy, compiled, loaded, known)


def _match_smells(policy: Policy, compiled: Compiled, loaded: Loaded, known: Knowledge) -> Smells:
    findings: list[Finding] = []
    own = parse_match(policy.match, findings, read_lists(loaded.files, []))
    for smell in condition_smells(own, policy.source):
        # Beside a Sigma rule the own part only narrows; alone it need neither be indexed nor be positive.
        if policy.sigma is None or smell.name not in {"unindexed", "not-without-exists"}:
            yield smell
    mappings = frozenset(
        source.mapping for name in policy.source if (source := loaded.policies.sources.get(name)) is not None
    )
    yield from companion_smells(compiled.tree, mappings)
    yield from field_smells(policy, own, loaded.policies, known.samples)


def _expiring(calendar: Calendar, loaded: Loaded, today: date | None) -> Smells:
    end = loaded.policies.calendars[calendar.id].ends_on()
    if today is not None and end is not None and end <= today + EXPIRING:
        message = f"the calendar ends on {end.isoformat()}; after that every policy that uses it fails safe"
        yield Smell("calendar-expiring", "info", ("valid_until",) if calendar.valid_until else ("ics",), message)


def _shadows(loaded: Loaded) -> dict[str, Policy]:
    """For each policy whose condition an earlier one has too, by its id, that one: both ask about every event."""
    first: dict[str, Policy] = {}
    found: dict[str, Policy] = {}
    for policy in loaded.policies.policies:
        if policy.match is not None and policy.mode != "off":
            written = {key: policy.document.get(key) for key in _CONDITIONS}
            key = digest_of({**written, "source": sorted(policy.source)})
            earlier = first.setdefault(key, policy)
            if earlier is not policy:
                found[policy.id] = earlier
    return found


def _shadowed(written: Written, shadows: dict[str, Policy]) -> Smells:
    earlier = shadows.get(written.document.id) if isinstance(written.document, Policy) else None
    if earlier is not None:
        message = f"{earlier.id} ({earlier.place}) has the same condition, so both ask about every event"
        yield Smell("shadowed", "warning", ("match",), message)


def _duplicated(written: Written, loaded: Loaded, twice: frozenset[str]) -> Smells:
    document = written.document
    if isinstance(document, Policy | SigmaPack):
        for compiled in loaded.policies.compiled_of(document):
            rule = compiled.policy.rule
            if rule is not None and rule.id in twice:
                path = ("include",) if isinstance(document, SigmaPack) else ("sigma",)
                yield Smell("duplicate-rule", "warning", path, f"rule {rule.id} is used more than once in this folder")


def _line_of(written: Written, key: str, lines: list[str]) -> str:
    line, _ = written.node.place((key,))
    return lines[line - 1] if line <= len(lines) else ""


def _placed(smell: Smell, written: Written, lines: list[str]) -> Lint:
    line, column = written.node.place(smell.path)
    allowed = ""
    if smell.severity != "error" and line <= len(lines):
        allowed = next((why for name, why in _ALLOW.findall(lines[line - 1]) if name == smell.name), "")
    return Lint(smell.name, smell.severity, written.file, line, column, smell.path, smell.message, allowed)
