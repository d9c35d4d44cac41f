"""Describe: what the card will say of an event, worked out once, from the event and the policy's own template."""

from approvalbot.events.event import Event
from approvalbot.events.facts import facts_of
from approvalbot.events.values import text_of
from approvalbot.plaintext import cut, one_line
from approvalbot.policy.conditions.reasons import Reason
from approvalbot.policy.environment import Source
from approvalbot.policy.matching import Match
from approvalbot.policy.parameters import banners_of
from approvalbot.policy.templates import field_text, fill_text
from approvalbot.request.about import About, Line
from approvalbot.request.redaction import HIDDEN, is_secret_name, redact, redact_text

FIELD_MOST, SUMMARY_MOST = 300, 200
"""Characters of one value in a field and in the summary (policy.md section 10)."""


def about_event(source: Source, match: Match, *, vouched: bool) -> About:
    """What approvers see of an event. Everything is one line, redacted, and cut with the number of letters cut."""
    policy, event = match.policy, match.event
    lines = [_line(match, event, path) for path in policy.message.fields]
    return About(
        title=policy.title,
        severity=policy.severity,
        who=_shown(event.actor.shown, 100),
        who_id=_shown(event.actor.id),
        action=_shown(event.action),
        resource=_shown(event.resource.id),
        happened_at=event.time,
        summary=redact_text(fill_text(policy.message.summary, match.names(), event)) if policy.message.summary else "",
        lines=tuple(lines),
        matched=tuple(_matched(reason) for reason in match.reasons),
        caller=source.name if policy.request == "gate" else "",
        claimed_by="" if vouched else source.name,
        credit=match.rule.notice if match.rule else "",
        runbook=policy.message.runbook or "",
        origin=source.name,
        event=redact(dict(event.raw)),
        facts=redact(facts_of(event)),
        banners=banners_of(policy.message, event),
    )


def _line(match: Match, event: Event, path: str) -> Line:
    hidden = is_secret_name(path.rsplit(".", 1)[-1])
    value = HIDDEN if hidden else redact_text(field_text(path, match.names(), event))
    return Line(label=path.removeprefix("$"), value=_shown(value) or "—")


def _matched(reason: Reason) -> Line:
    hidden = is_secret_name(reason.field.rsplit(".", 1)[-1])
    values = HIDDEN if hidden else ", ".join(text_of(value) for value in reason.values)
    return Line(label=reason.field, value=_shown(values, 200))


def _shown(text: str | None, most: int = FIELD_MOST) -> str:
    return cut(one_line(redact_text(text)), most) if text else ""
