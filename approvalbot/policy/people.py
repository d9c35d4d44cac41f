"""Tying the actor of an event to a person, so that nobody approves what they did themselves."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from approvalbot.events.event import Event
from approvalbot.events.values import fan_out, text_of
from approvalbot.policy.approval import Approval, Approver
from approvalbot.policy.environment import SYSTEMS, Identities, Source, identity_system
from approvalbot.policy.policyset import PolicySet
from approvalbot.policy.templates import terminals_of

NO_NAMES: Mapping[str, Any] = {}

_SLACK_PERSON, _SLACK_GROUP = re.compile(r"[UW][A-Z0-9]{2,}"), re.compile(r"S[A-Z0-9]{2,}")
"""Ids of people and of user groups. Source: docs.slack.dev, "Identifying users" and the method usergroups.list."""


@dataclass(frozen=True, slots=True)
class ActorOf:
    """Who acted: the accounts by which the source names them, and the person they belong to (None: nobody knows).

    `vouched` is false where only the sender's own word says who it was.
    """

    system: str
    accounts: tuple[str, ...] = ()
    person: str | None = None
    vouched: bool = True

    @property
    def known(self) -> bool:
        """Whether the self-approval ban can be checked."""
        return self.person is not None and self.vouched


def actor_of(policies: PolicySet, event: Event) -> ActorOf:
    """The actor of an event, by the source's own kind of account first and by e-mail after it."""
    source = policies.sources.get(event.source_name)
    mapping = source.mapping if source is not None else event.source_name
    system = identity_system(mapping)
    accounts = tuple(dict.fromkeys(one for one in (event.text("actor.id"), event.text("actor.email")) if one))
    table = policies.tables.get(mapping)
    vouched = source is None or source.trust_actor or table is None or not table.asserted
    return ActorOf(system, accounts, person_of(policies.identities, system, accounts), vouched)


def person_of(identities: Identities, system: str, accounts: tuple[str, ...]) -> str | None:
    """The one person that accounts belong to; None where nobody or two different people claim them."""
    found = {person for account in accounts if (person := identities.lookup(system, account)) is not None}
    return found.pop() if len(found) == 1 else None


def slack_named(identities: Identities, text: str) -> str | None:
    """The Slack id that a text names: itself, or of the person with that id or e-mail; None where it names nobody."""
    known = text if text in identities.by_id else identities.lookup("emails", text) or identities.lookup("slack", text)
    if known is not None:
        return next(iter(identities.by_id[known].accounts("slack")), None)
    return text if text[:1] in {"U", "W"} and text.isalnum() and text.isupper() and len(text) > 3 else None


def excluded_by(approval: Approval, event: Event | None, names: Mapping[str, Any] = NO_NAMES) -> tuple[str, ...]:
    """The accounts that the policy's `exclude` paths name in an event, or in `names`, each once."""
    found = (value for path in approval.exclude for value in fan_out(terminals_of(path, names, event)))
    return tuple(dict.fromkeys(text_of(value) for value in found if value not in (None, "")))


def requester_names(identities: Identities, person: str, slack: str = "", name: str = "") -> dict[str, Any]:
    """What `$requester.…` stands for: id, name, e-mail, manager and the first account in each system."""
    known = identities.by_id.get(person)
    if known is None:
        return {"id": person, "name": name or person, "slack": slack}
    accounts = {system: held[0] for system in SYSTEMS if (held := known.accounts(system))}
    found = {"id": known.id, "name": known.name, "email": accounts.get("emails"), "manager": known.manager, **accounts}
    return {key: value for key, value in {**found, **({"slack": slack} if slack else {})}.items() if value is not None}


def opening_quorum(approval_quorum: int, approval: Approval, kind: str, *, actor_known: bool) -> int:
    """The quorum a request opens with: an actor nobody can name asks for one more vote where the policy says so."""
    rule = approval.unmapped_actor or ("extra_vote" if kind == "review" else "refuse")
    return max(approval_quorum, 2) if rule == "extra_vote" and not actor_known else approval_quorum


def owner_entry(owner: str, identities: Identities) -> Approver:
    """The approver entry that a document's `owner` stands for.

    A role or a person of the identities, an e-mail, a Slack id; any other name is that of a user group. A template is
    none of these: a document that has one does not load, and one that was kept from before names nobody.
    """
    if "{{" in owner:
        return Approver(kind="usergroup", name="@(no owner)")
    if owner in identities.roles:
        return Approver(kind="role", name=owner)
    if owner in identities.by_id or "@" in owner[1:] or _SLACK_PERSON.fullmatch(owner):
        return Approver(kind="user", name=owner)
    handle = owner if owner.startswith("@") or _SLACK_GROUP.fullmatch(owner) else f"@{owner}"
    return Approver(kind="usergroup", name=handle)


def may_send(source: Source, event: Event) -> bool:
    """Whether the tenant of an event is on its source's list; without a list all are, with one no unknown tenant is."""
    return source.tenants is None or event.source.tenant in source.tenants
