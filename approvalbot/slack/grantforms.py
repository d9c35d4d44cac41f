"""The modals of running access, pure: more time, and an end by somebody else than its holder."""

from collections.abc import Mapping

from approvalbot.policy.durations import show_duration
from approvalbot.policy.entitlement import Entitlement, Extend
from approvalbot.request.case import Case
from approvalbot.request.held import grant_of
from approvalbot.slack.accessform import DURATION, reason_input
from approvalbot.slack.forms import NOTE, NOTE_MOST, input_block, modal, option
from approvalbot.slack.text import Block, context, rich_text, safe, section, when, words
from approvalbot.slack.thread import group_names
from approvalbot.slack.values import Values

EXTEND_FORM, END_FORM = "form.extend", "form.end"


def extend_form(
    case: Case, terms: Entitlement, rule: Extend, values: Values, filled: Mapping[str, str] | None = None
) -> Block:
    """How much longer, and why. `terms` is the entitlement of today, whose people are asked."""
    filled = filled or {}
    ends_at = grant_of(case.request).ends_at
    held = f"*{safe(case.about.title, 120)}*" + (f" ends at {when(ends_at)}." if ends_at else "")
    blocks = [
        rich_text(words(case.about.summary or case.about.title)),
        section(held),
        _choices(rule, filled),
        reason_input(terms, filled),
        context(_what_follows(case, terms, rule)),
    ]
    submit = "Extend" if rule.approval == "none" else "Ask to extend"
    value = values.write(case.request.id, case.request.content)
    return modal("Extend access", EXTEND_FORM, blocks, submit=submit, metadata=value)


def end_form(case: Case, values: Values) -> Block:
    """Somebody else's access is ended with a reason, which its holder reads."""
    blocks = [
        rich_text(words(case.about.summary or case.about.title)),
        input_block(NOTE, "Reason", {"type": "plain_text_input", "action_id": NOTE, "max_length": NOTE_MOST}),
    ]
    return modal(
        "End access", END_FORM, blocks, submit="End now", metadata=values.write(case.request.id, case.request.content)
    )


def _choices(rule: Extend, filled: Mapping[str, str]) -> Block:
    offered = rule.offered_s
    wanted = int(filled.get(DURATION) or rule.by_s)
    chosen = wanted if wanted in offered else rule.by_s
    element: Block = {
        "type": "static_select",
        "action_id": DURATION,
        "options": [option(str(one), show_duration(one)) for one in offered],
        "initial_option": option(str(chosen), show_duration(chosen)),
    }
    return input_block(DURATION, "How much longer", element)


def _what_follows(case: Case, terms: Entitlement, rule: Extend) -> str:
    used = len(grant_of(case.request).extensions)
    times = f"Extension {used + 1} of {rule.max_times}."
    if rule.approval == "none":
        return f"{times} Nobody needs to approve it."
    asked = Case(case.request.model_copy(update={"level": 0}), terms, case.about)
    return f"{times} Asks {group_names(asked, 0)}. The old end holds until they approve."
