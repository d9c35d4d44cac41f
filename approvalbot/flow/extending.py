"""Extending: more time for a running grant, at once or by a request of its own, and what its provider says to it."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from approvalbot.errors import DeliveryFailed, MoveRefused, NotFound
from approvalbot.flow.advance import advance
from approvalbot.flow.ask import belongs, new_request, open_access
from approvalbot.flow.granting import key_of, order_of
from approvalbot.flow.members import full_member, person_of
from approvalbot.flow.owning import is_owner
from approvalbot.flow.ports import Journey
from approvalbot.flow.refusing import in_the_trail
from approvalbot.policy.access import check_reason
from approvalbot.policy.durations import show_duration
from approvalbot.policy.entitlement import Entitlement
from approvalbot.policy.entitlement import Extend as ExtendRule
from approvalbot.policy.extending import extension_rule
from approvalbot.request.about import About, Line
from approvalbot.request.answer import stamp
from approvalbot.request.case import Case
from approvalbot.request.effects import ExtendGrant
from approvalbot.request.held import extension_named, grant_of
from approvalbot.request.less import granted_s
from approvalbot.request.lifecycle import step
from approvalbot.request.moves import Extend, Move
from approvalbot.request.names import name_of
from approvalbot.request.refusals import no_more_time
from approvalbot.request.reports import ExtendFailed, ExtensionGiven, ExtensionRefused, GrantExtended
from approvalbot.request.request import Bar, Extension, Person, Wish


@dataclass(frozen=True, slots=True)
class MoreTime:
    """What somebody typed or filled in. `key` names the form or the command, so that sending it twice asks once."""

    request_id: str
    slack: str
    key: str
    extra_s: int | None = None
    reason: str = ""


def more_time(journey: Journey, wanted: MoreTime) -> Case:
    """Extend a grant. Gives the grant's own case where nobody needs to be asked, else the request that asks them.

    Raises:
        MoveRefused: not this person, not any more, not so long; or Slack does not say who they are.
        AccessRefused: the reason is too short, or the same is asked already.
        Unavailable: nothing was recorded.
    """
    with in_the_trail(journey, wanted.request_id, wanted.slack, "extend"):
        case, move = _move(journey, wanted)
    terms = journey.policies().entitlements[case.request.policy_id]
    check_reason(terms, wanted.reason)
    if move.rule is not None and move.rule.approval == "none":
        return advance(journey, wanted.request_id, move)[0]
    return _asked(journey, case, terms, move)


def check_more_time(journey: Journey, request_id: str, slack: str) -> tuple[Case, ExtendRule]:
    """Find out whether a grant could be extended by somebody, before they fill in a form; gives what it allows.

    Raises:
        MoveRefused: as `more_time` would.
    """
    with in_the_trail(journey, request_id, slack, "extend"):
        return weigh_more_time(journey, request_id, slack)


def weigh_more_time(journey: Journey, request_id: str, slack: str) -> tuple[Case, ExtendRule]:
    """The same for a page that only shows it: nothing is recorded.

    Raises:
        MoveRefused: as `more_time` would.
    """
    case, move = _move(journey, MoreTime(request_id, slack, "rehearsal"))
    if move.rule is None:
        raise no_more_time("This access cannot be extended.")
    return case, move.rule


def _move(journey: Journey, wanted: MoreTime) -> tuple[Case, Extend]:
    policies = journey.policies()
    member = full_member(journey.people, wanted.slack)
    person = person_of(member, policies.identities)
    case, _ = journey.requests.load(wanted.request_id)
    rule = rule_of(journey, case)
    requester = case.request.requester
    own = requester is not None and requester.is_same(person)
    owner = not own and is_owner(journey, case.terms, member)
    current = policies.entitlements.get(case.request.policy_id)
    extra_s = wanted.extra_s or (rule.by_s if rule else 0)
    key = name_of("extension", wanted.request_id, wanted.key)
    move = Extend(by=person, key=key, extra_s=extra_s, rule=rule, reason=wanted.reason.strip(), owner=owner)
    _rehearsed(journey, case, move)
    if owner and requester is not None and requester.slack is not None:
        member = journey.people.who(requester.slack)
    if (own or owner) and current is not None and not (member.active and belongs(journey, current, member)):
        raise no_more_time("Whoever holds this is not among the people any more who may ask for it.")
    return case, move


def rule_of(journey: Journey, case: Case) -> ExtendRule | None:
    """What the grant's own version of the entitlement and that of today allow."""
    if not isinstance(case.terms, Entitlement):
        return None
    rule = extension_rule(case.terms, journey.policies().entitlements.get(case.request.policy_id))
    decision = case.request.decision
    if rule is None or decision is None or decision.less is None or not decision.less.duration_s:
        return rule
    # Somebody gave a shorter time than was asked: more of it is theirs to give, and not for the holder to take.
    return rule.model_copy(update={"approval": "same"})


def _rehearsed(journey: Journey, case: Case, move: Extend) -> None:
    """The step as it would be taken now, and thrown away: who cannot have more time learns it before anybody is asked.

    Raises:
        MoveRefused: as the step itself.
    """
    step(case.request, case.terms, replace(move, request="(to be asked)"), journey.requests.now())


def _asked(journey: Journey, case: Case, terms: Entitlement, move: Extend) -> Case:
    """Open the request that asks for more time, under the entitlement's own rule of today."""
    held, grant = case.request, grant_of(case.request)
    holder = held.requester or move.by
    inputs = held.wish.inputs if held.wish else {}
    wish = Wish(entitlement=terms.id, duration_s=move.extra_s, reason=move.reason, inputs=inputs)
    request = new_request(journey, terms, holder, wish, name_of("extension", move.key), held.named)
    bars = request.bars
    if not holder.is_same(move.by):
        bars = (*bars, Bar(role="requester", system="slack", account=move.by.slack or "", person=move.by.key))
    request = request.model_copy(update={"extends": held.id, "bars": bars})
    about = about_extension(case, terms, move)
    # An extension that was given, or that fell, leaves the question free for the next one.
    question = name_of("extension", held.id, str(len(grant.extensions)))
    return open_access(journey, terms, request, about, question)


def shown_moment(moment: datetime | None) -> str:
    """For a card's field, which is plain text and the same for every reader."""
    return f"{moment.astimezone(UTC):%d %b %H:%M} UTC" if moment else ""


def about_extension(case: Case, terms: Entitlement, move: Extend) -> About:
    """What approvers see of a wish for more time."""
    grant, holder = grant_of(case.request), case.request.requester or move.by
    extra, ends_at = show_duration(move.extra_s), shown_moment(grant.ends_at)
    labels = {one.id: one.label for one in terms.inputs}
    inputs = case.request.wish.inputs if case.request.wish else {}
    lines = [
        Line(label="More time", value=extra, must_show=True),
        Line(label="Held until", value=ends_at, must_show=True),
        *(Line(label=labels.get(name, name), value=value) for name, value in inputs.items() if value),
    ]
    if not holder.is_same(move.by):
        lines.append(Line(label="Asked by", value=move.by.name, must_show=True))
    if move.reason:
        lines.append(Line(label="Reason", value=f"“{move.reason}”", must_show=True))
    return About(
        title=terms.title,
        severity=terms.severity,
        who=holder.name,
        who_id=holder.key,
        action=f"keep {terms.title}",
        summary=f"{holder.name} asks to keep {terms.title} for {extra} more",
        lines=tuple(lines),
        runbook=terms.message.runbook or "",
        origin=f"extension of {case.request.short_id}",
    )


def pass_on(journey: Journey, case: Case) -> None:
    """Hand an approved extension on to its grant. What the grant does not take any more, the request hears at once."""
    request = case.request
    by = request.requester or Person(key="nobody", name="nobody")
    extra_s = granted_s(request)
    reason = request.wish.reason if request.wish else ""

    def move(held: Case) -> Extend:
        return Extend(by, request.id, extra_s, rule_of(journey, held), reason, owner=True, request=request.id)

    try:
        held, _ = advance(journey, request.extends, move)
    except (MoveRefused, NotFound) as fault:
        _report(journey, request.id, ExtensionRefused(fault.text()))
        return
    known = extension_named(grant_of(held.request), request.id)
    if known is not None and known.given:
        _report(journey, request.id, ExtensionGiven(known.until))


def extend_grant(journey: Journey, case: Case, effect: ExtendGrant, now: datetime) -> None:
    """Tell the provider the new end, and report what it said. Until then, and whatever fails, the old end holds."""
    known = extension_named(grant_of(case.request), effect.key)
    refused = "it ended, or its provider did not agree in time"
    if known is not None and not known.given and isinstance(case.terms, Entitlement):
        outcome = _told(journey, case, case.terms, known, now)
        refused = outcome.fault if isinstance(outcome, ExtendFailed) else refused
        case, _ = advance(journey, case.request.id, outcome)
        known = extension_named(grant_of(case.request), effect.key)
    if effect.request and known is not None and known.given:
        _report(journey, effect.request, ExtensionGiven(known.until))
    elif effect.request:
        _report(journey, effect.request, ExtensionRefused(refused))


def _told(
    journey: Journey, case: Case, terms: Entitlement, wanted: Extension, now: datetime
) -> GrantExtended | ExtendFailed:
    """What the provider says to a new end. What may still succeed is raised, and tried again."""
    started_at = grant_of(case.request).started_at or now
    order = {
        **order_of(case, terms, journey.policies().identities),
        "duration_s": round((wanted.until - started_at).total_seconds()),
        "ends_at": stamp(wanted.until),
    }
    try:
        journey.granter.extend(terms.grant.provider, order, f"{key_of(case)}:{wanted.key}", now)
    except DeliveryFailed as fault:
        if not fault.final:
            raise
        return ExtendFailed(wanted.key, fault.text())
    return GrantExtended(wanted.key)


def _report(journey: Journey, request_id: str, report: Move) -> None:
    """Tell the request that asked. It may have heard already, from an attempt that was lost on its way back."""
    try:
        advance(journey, request_id, report)
    except MoveRefused:
        return
