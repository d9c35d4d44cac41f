"""What a document must agree on with the rest of its folder: sources, calendars, destinations, actions, names."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from approvalbot.events.mapping import Table
from approvalbot.policy.actions import ACTIONS, Action
from approvalbot.policy.approval import Approval
from approvalbot.policy.base import Document
from approvalbot.policy.conditions.parse import parse_match
from approvalbot.policy.conditions.regexes import RegexFault, compile_regex
from approvalbot.policy.documents import Policy
from approvalbot.policy.during import During
from approvalbot.policy.entitlement import Entitlement
from approvalbot.policy.environment import Sources
from approvalbot.policy.faults import Finding, KeyPath, guess, parted, quoted
from approvalbot.policy.granters import PROVIDERS, Provider, check_grant
from approvalbot.policy.message import EFFECT_LISTS, Dedupe, Effect, Message
from approvalbot.policy.narrowing import check_narrower_gate, check_narrower_grant
from approvalbot.policy.pack import SigmaPack
from approvalbot.policy.scopes import Scope
from approvalbot.policy.templates import check_path, check_template, paths_in


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The names that documents may refer to.

    `mentioned` are names that a document which could not be read seems to define: one broken Sources document must not
    turn into a fault of every policy.
    """

    sources: Collection[str] = ()
    destinations: Collection[str] = ()
    calendars: Collection[str] = ()
    mentioned: Collection[str] = ()
    tables: Mapping[str, Table] = field(default_factory=dict)
    actions: Mapping[str, Action] = field(default_factory=lambda: ACTIONS)
    providers: Mapping[str, Provider] = field(default_factory=lambda: PROVIDERS)


def check_owner(document: Document) -> Iterator[Finding]:
    """Whoever answers for a document is named in it: an event must not choose who approves what it broke."""
    if "{{" in document.owner:
        problem = f"{quoted(document.owner)}: an owner is not filled from the event, which must not choose its judges"
        yield Finding(("owner",), problem, "name a group, a role or a person", "template-in-approver")


def check_policy(policy: Policy, around: Surroundings) -> Iterator[Finding]:
    """What a policy says that leads nowhere."""
    yield from _sources(policy.document.get("source"), policy.source, around)
    yield from _during(policy.during, around)
    yield from _common(policy, Scope(rule=policy.sigma is not None), around)
    yield from check_narrower_gate(policy)


def check_pack(pack: SigmaPack, around: Surroundings) -> Iterator[Finding]:
    """What a pack says that leads nowhere; its rules are checked where they are expanded."""
    if pack.source is not None:
        yield from _sources(pack.document.get("source"), pack.source, around)
    yield from _during(pack.during, around)
    yield from _common(pack, Scope(rule=True), around)


def check_entitlement(entitlement: Entitlement, around: Surroundings) -> Iterator[Finding]:
    """What an entitlement says that leads nowhere."""
    scope = Scope(event=False, inputs=tuple(one.id for one in entitlement.inputs))
    yield from _common(entitlement, scope, around)
    yield from check_template(entitlement.grant.with_, scope, ("grant", "with"))
    for place, one in enumerate(entitlement.inputs):
        if one.pattern is not None:
            try:
                compile_regex(one.pattern, whole=True)
            except RegexFault as fault:
                yield Finding(("inputs", place, "pattern"), *parted(str(fault)), "bad-regex")
    yield from check_grant(entitlement, around.providers, {*around.destinations, *around.mentioned})
    yield from check_narrower_grant(entitlement, around.providers, scope)


def check_sources(document: Sources, around: Surroundings) -> Iterator[Finding]:
    """A source's mapping must be a table."""
    for place, source in enumerate(document.sources):
        if source.mapping not in around.tables and source.mapping not in around.mentioned:
            hint = guess(source.mapping, sorted(around.tables))
            yield Finding(
                ("sources", place, "mapping"), f"{source.mapping} is no mapping table", hint, "unknown-mapping"
            )


def _common(document: Policy | SigmaPack | Entitlement, scope: Scope, around: Surroundings) -> Iterator[Finding]:
    if "{{" in document.title:
        yield Finding(("title",), "a title is not filled from the event", "move the template to message.summary")
    yield from _message(document.message, scope)
    yield from _approval(document.approval, scope, around)
    yield from _dedupe(document.dedupe, scope)
    decided = Scope(event=scope.event, decided=True, rule=scope.rule, inputs=scope.inputs)
    for name in EFFECT_LISTS:
        effects: tuple[Effect, ...] = getattr(document, name)
        for place, effect in enumerate(effects):
            yield from _effect(effect, decided, around, (name, place))


def _sources(written: Any, sources: tuple[str, ...], around: Surroundings) -> Iterator[Finding]:
    for place, name in enumerate(sources):
        if name not in around.sources and name not in around.mentioned:
            path: KeyPath = ("source", place) if isinstance(written, list) else ("source",)
            hint = guess(name, sorted(around.sources), "add it to a Sources document")
            yield Finding(path, f"{name} is no source", hint, "unknown-source")


def _during(during: During | None, around: Surroundings) -> Iterator[Finding]:
    if during is not None:
        yield from _calendar(during.calendar, ("during", "calendar"), around)


def _calendar(name: str, path: KeyPath, around: Surroundings) -> Iterator[Finding]:
    if name not in around.calendars and name not in around.mentioned:
        hint = guess(name, sorted(around.calendars), "add a Calendar document of that id")
        yield Finding(path, f"{name} is no calendar", hint, "unknown-calendar")


def _message(message: Message, scope: Scope) -> Iterator[Finding]:
    for place, banner in enumerate(message.banners):
        path: KeyPath = ("message", "banners", place)
        if "{{" in banner.text:
            yield Finding((*path, "text"), "a banner is not filled from the event", "write it out", "bad-value")
        yield from _only_if(banner.only_if, scope, path)
    yield from check_template(message.summary, scope, ("message", "summary"))
    for place, name in enumerate(message.fields):
        yield from check_path(name, scope, ("message", "fields", place))


def _approval(approval: Approval, scope: Scope, around: Surroundings) -> Iterator[Finding]:
    # Whom a rule excludes does not depend on the rule: its names mean nothing here.
    for place, name in enumerate(approval.exclude):
        yield from check_path(name, replace(scope, rule=False), ("approval", "exclude", place))
    for place, row in enumerate(approval.schedule):
        if row.during is not None:
            yield from _calendar(row.during, ("approval", "schedule", place, "during"), around)
    for number, level in enumerate(approval.levels):
        for place, entry in enumerate(level.approvers):
            path = ("approval", "levels", number, "approvers", place, entry.kind)
            for name in paths_in(entry.name):
                yield from check_path(name, scope, path)
            if entry.kind == "manager_of" and entry.name.startswith("$"):
                yield from check_path(entry.name, scope, path)


def _dedupe(dedupe: Dedupe | None, scope: Scope) -> Iterator[Finding]:
    for place, name in enumerate(dedupe.key if dedupe else ()):
        yield from check_path(name, scope, ("dedupe", "key", place))


def _effect(effect: Effect, scope: Scope, around: Surroundings, path: KeyPath) -> Iterator[Finding]:
    if effect.callback is not None:
        if effect.callback.to not in around.destinations and effect.callback.to not in around.mentioned:
            hint = guess(
                effect.callback.to, sorted(around.destinations), "add it to the destinations of a Sources document"
            )
            yield Finding(
                (*path, "callback", "to"), f"{effect.callback.to} is no destination", hint, "unknown-destination"
            )
        yield from check_template(effect.callback.with_, scope, (*path, "callback", "with"))
    if effect.action is not None:
        yield from _action(effect.action, effect.with_, around, path)
    yield from check_template(effect.with_, scope, (*path, "with"))
    yield from _only_if(effect.only_if, scope, path)


def _only_if(written: Mapping[str, Any] | None, scope: Scope, path: KeyPath) -> Iterator[Finding]:
    if written is None:
        return
    if not scope.event:
        problem = "only_if tests the event, and an entitlement has none"
        yield Finding((*path, "only_if"), problem, "leave it out", "bad-value")
    found: list[Finding] = []
    parse_match(dict(written), found)
    yield from (one.under(*path, "only_if") for one in found)


def _action(name: str, given: Mapping[str, Any], around: Surroundings, path: KeyPath) -> Iterator[Finding]:
    action = around.actions.get(name)
    if action is None:
        hint = guess(name, sorted(around.actions))
        yield Finding((*path, "action"), f"{name} is no action", hint, "unknown-action")
        return
    for lacking in sorted(action.required - set(given)):
        yield Finding((*path, "with"), f"{name} needs the parameter {lacking}", f"add {lacking}: …", "bad-parameter")
    yield from _choices(name, action, given, path)
    known = sorted(action.required | action.optional)
    for extra in sorted(set(given) - set(known)):
        yield Finding(
            (*path, "with", extra), f"{extra} is no parameter of {name}", guess(extra, known), "bad-parameter"
        )


def _choices(name: str, action: Action, given: Mapping[str, Any], path: KeyPath) -> Iterator[Finding]:
    """Written values that an action does not take, and a yes where something else than an approval would send it."""
    for key, choices in action.choices.items():
        value = given.get(key)
        if not isinstance(value, str) or "{{" in value:
            continue
        if value not in choices:
            hint = guess(value, sorted(choices))
            yield Finding((*path, "with", key), f"{value} is no {key} of {name}", hint, "bad-parameter")
        elif action.yes.get(key) == value and path[0] != "on_approve":
            problem = f"{key}: {value} under {path[0]} would let through what nobody approved"
            yield Finding((*path, "with", key), problem, "write it under on_approve", "bad-parameter")
