"""Excluding: whom a policy keeps from deciding, by the values that its `exclude` names in an event or in a wish."""

from collections.abc import Iterable, Mapping
from typing import Any

from approvalbot.events.event import Event
from approvalbot.events.facts import event_of
from approvalbot.flow.granting import names_of
from approvalbot.flow.today import current_of
from approvalbot.policy.approval import Approval
from approvalbot.policy.environment import Identities
from approvalbot.policy.people import actor_of, excluded_by
from approvalbot.policy.policyset import PolicySet
from approvalbot.request.about import About
from approvalbot.request.case import Case
from approvalbot.request.request import Bar


def excluded_today(policies: PolicySet, case: Case) -> tuple[Bar, ...]:
    """Who may not vote by an `exclude` that was added since the request opened."""
    current = current_of(policies, case)
    if current is None:
        return ()
    added = tuple(path for path in current.approval.exclude if path not in case.terms.approval.exclude)
    if not added:
        return ()
    approval = current.approval.model_copy(update={"exclude": added})
    if case.request.kind == "access":
        return excluded_by_wish(policies.identities, approval, names_of(case, policies.identities))
    event = event_asked_about(case.about)
    system = next((bar.system for bar in case.request.bars), "") or actor_of(policies, event).system
    return excluded_by_event(policies.identities, approval, event, system)


def excluded_by_event(identities: Identities, approval: Approval, event: Event, system: str) -> tuple[Bar, ...]:
    """Whom the policy's `exclude` names in an event whose accounts are those of `system`."""
    accounts = excluded_by(approval, event)
    return _bars((system, account, identities.lookup(system, account)) for account in accounts)


def excluded_by_wish(identities: Identities, approval: Approval, names: Mapping[str, Any]) -> tuple[Bar, ...]:
    """The same of a wish for access, whose names are people by id, e-mail or Slack id."""
    accounts = excluded_by(approval, None, names)
    return _bars(
        ("slack", account, account if account in identities.by_id else identities.lookup("slack", account))
        for account in accounts
    )


def event_asked_about(about: About) -> Event:
    """The event that a request is about, as far as it is kept: secrets in it are hidden."""
    if about.facts:
        return event_of(about.facts, about.event)
    # A request of an earlier version kept no facts beyond those of its card.
    shown = {
        "actor": {"id": about.who_id or None, "name": about.who or None},
        "resource": {"id": about.resource or None},
        "source": {"name": about.origin},
        "action": about.action or None,
    }
    return event_of(shown, about.event)


def _bars(named: Iterable[tuple[str, str, str | None]]) -> tuple[Bar, ...]:
    return tuple(
        Bar(role="excluded", system=system, account=account, person=person)
        for system, account, person in dict.fromkeys(named)
    )
