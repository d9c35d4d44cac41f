"""Lints of what a policy does: its effects, its dedupe key, its mode and its tests."""

import re
from collections.abc import Mapping
from datetime import date

from approvalbot.events.event import Event
from approvalbot.policy.actions import Action
from approvalbot.policy.conditions.tree import Node, leaves
from approvalbot.policy.documents import Policy
from approvalbot.policy.entitlement import Entitlement
from approvalbot.policy.faults import EvaluationFault, KeyPath
from approvalbot.policy.lacking import lacking
from approvalbot.policy.lint.finding import Smell, Smells, by_severity
from approvalbot.policy.message import Effect
from approvalbot.policy.pack import SigmaPack
from approvalbot.policy.parameters import applies, event_paths
from approvalbot.policy.policyset import PolicySet
from approvalbot.policy.templates import paths_in, terminals_of

Asking = Policy | SigmaPack | Entitlement

ERROR_FIELDS = frozenset(
    {"$outcome", "$reason", "errorcode", "errormessage", "error", "outcome.result", "responsestatus.code"}
    | {
        "protopayload.status.code",
        "resulttype",
        "properties.result",
        "status",
        "success",
        "responseelements.consolelogin",
    }
)
"""Fields that tell a failed call from one that happened."""

FORGOTTEN_AFTER_DAYS = 30
_SINCE = re.compile(r"\b([0-9]{4}-[0-9]{2}-[0-9]{2})\b")


def test_smells(document: Asking, policies: PolicySet) -> Smells:
    """Whether there are tests, and one that says when nobody is asked."""
    if not document.tests:
        yield Smell(
            "no-tests",
            by_severity(document, policies),
            (),
            "there are no tests; write one that matches and one that does not",
        )
        return
    expected = {str(test.get("expect", "")) for test in document.tests}
    if not expected & {"no_match", "refused"} and not any(test.get("opens") == [] for test in document.tests):
        message = "no test says when nobody is asked; add one with expect: no_match"
        yield Smell("no-negative-test", by_severity(document, policies), ("tests",), message)


def gate_smells(policy: Policy, policies: PolicySet) -> Smells:
    """Whether the caller of a gate can ever hear the answer."""
    if policy.request != "gate":
        return
    if policy.mode == "monitor":
        yield Smell(
            "monitor-gate", "warning", ("mode",), "a gate in monitor answers no_match at once, which is never a yes"
        )
    for place, name in enumerate(policy.source):
        source = policies.sources.get(name)
        if source is None:
            continue
        path: KeyPath = ("source", place) if isinstance(policy.document.get("source"), list) else ("source",)
        if policy.narrower is not None and "less" not in source.accepts:
            message = f"{name} does not say accepts: [less], so nothing narrower is offered for its events"
            yield Smell("less-unheard", "warning", path, message)
        if not source.may_wait and source.callback is None and not (policy.on_approve and policy.on_deny):
            message = f"{name} neither waits (may_wait) nor has a callback, so nobody hears the answer of this gate"
            yield Smell("gate-cannot-wait", "error", path, message)


def mode_smells(document: Asking, line: str, today: date | None) -> Smells:
    """Whether a policy has been watching for too long. Its `mode:` line says since when: `# since 2026-03-01`."""
    found = _SINCE.search(line.partition("#")[2])
    if document.mode != "monitor" or found is None or today is None:
        return
    try:
        days = (today - date.fromisoformat(found[1])).days
    except ValueError:
        return
    if days > FORGOTTEN_AFTER_DAYS:
        yield Smell(
            "monitor-forgotten", "warning", ("mode",), f"in monitor for {days} days; enforce it, or switch it off"
        )


def effect_smells(document: Asking, actions: Mapping[str, Action]) -> Smells:
    """Whether an address could come from the event."""
    for name in ("on_approve", "on_deny", "on_expire"):
        effects: tuple[Effect, ...] = getattr(document, name)
        for place, effect in enumerate(effects):
            action = actions.get(effect.action or "")
            for key in sorted(action.urls & set(effect.with_)) if action else ():
                if any(paths_in(effect.with_[key])) and action and not action.hosts:
                    message = f"{effect.action} goes where the event says; give the action the hosts it may go to"
                    yield Smell("unscoped-callback-host", "error", (name, place, "with", key), message)


def provider_smells(document: Asking, policies: PolicySet) -> Smells:
    """Whether every action has a provider that performs it."""
    for path, needed in lacking(document, policies.providers):
        message = f"there is no provider {needed}, so this is not run; add it to the providers of a Sources document"
        yield Smell("provider-missing", "warning", path, message)


def outcome_smells(policy: Policy, tree: Node) -> Smells:
    """Whether an undo could run for a call that never happened."""
    if policy.request != "review" or not any(effect.action for effect in policy.on_deny):
        return
    if not any(leaf.field.name.casefold() in ERROR_FIELDS for leaf in leaves(tree)):
        message = "failed calls match too, and deny would undo what never happened; test $outcome or the error field"
        yield Smell("failed-call-included", "warning", ("match",) if policy.match is not None else ("sigma",), message)


def dedupe_smells(document: Asking, matching: list[Event]) -> Smells:
    """Whether a dedupe key tells tenants apart, and is ever there."""
    if document.dedupe is None or not document.dedupe.key or isinstance(document, Entitlement):
        return
    key = document.dedupe.key
    if not any("tenant" in path or path in {"$id", "$event.dedupe_id"} for path in key):
        message = "two tenants with the same values would be one question; add $source.tenant"
        yield Smell("dedupe-missing-tenant", "warning", ("dedupe", "key"), message)
    for place, path in enumerate(key):
        if matching and not path.startswith("$rule.") and not any(_is_there(path, event) for event in matching):
            message = f"{path} is missing in every matching test, so it tells nothing apart"
            yield Smell("dedupe-null", "warning", ("dedupe", "key", place), message)


def undo_smells(document: Asking, matching: list[Event]) -> Smells:
    """Whether an undo has its parameters in every event that matches."""
    for place, effect in enumerate(document.on_deny):
        if effect.action is None:
            continue
        for path in event_paths(effect):
            if any(not _is_there(path, event) for event in matching if _applies(effect, event)):
                message = f"{path} is missing in a matching test, and without it {effect.action} is not run"
                yield Smell("undo-without-params", "warning", ("on_deny", place, "with"), message)


def _applies(effect: Effect, event: Event) -> bool:
    """Whether `only_if` lets the effect run for an event; what cannot be judged here counts as a yes."""
    try:
        return applies(effect.only_if, event)
    except EvaluationFault:
        return True


def _is_there(path: str, event: Event) -> bool:
    return any(value not in (None, "", []) for value in terminals_of(path, {}, event))
