"""The form that approves with less, pure: a shorter time, a narrower scope, and a line that says what that gives."""

from datetime import datetime, timedelta

from approvalbot.policy.durations import show_duration
from approvalbot.request.case import Case
from approvalbot.request.less import Choices
from approvalbot.request.request import Less
from approvalbot.slack.card import credited
from approvalbot.slack.forms import approval_inputs, first_line, input_block, modal, option
from approvalbot.slack.lesswords import granted
from approvalbot.slack.text import Block, context, rich_text, safe, when, words
from approvalbot.slack.values import Values

LESS_FORM = "form.less"
LESS_DURATION, LESS_SCOPE = "less.duration", "less.scope"
AS_ASKED = "as-asked"
"""The choice that leaves one half as it was asked. Slack takes no empty value."""


def first_choice(choices: Choices) -> Less:
    """What the form starts with: the one step down that its reader most likely came for."""
    if choices.scopes:
        return Less(scope=choices.scopes[0].id)
    return Less(duration_s=choices.durations_s[-1]) if choices.durations_s else Less()


def less_form(case: Case, choices: Choices, chosen: Less, values: Values, now: datetime, *, typed: bool) -> Block:
    """What to grant instead of the whole. A choice draws the form anew, with its preview."""
    blocks = [rich_text(words(first_line(case)))]
    if choices.durations_s:
        blocks.append(_durations(case, choices, chosen))
    if choices.scopes:
        blocks.append(_scopes(choices, chosen))
    blocks.append(context(preview(case, chosen, now)))
    blocks += [*approval_inputs(case, typed=typed, optional_reason=False), *credited(case)]
    value = values.write(case.request.id, case.request.content)
    return modal("Approve with less", LESS_FORM, blocks, submit="Approve with less", metadata=value)


def preview(case: Case, chosen: Less, now: datetime) -> str:
    """What the choice gives, as if everybody agreed now: `until 15:05, read-only`."""
    asked_s = case.request.wish.duration_s if case.request.wish else 0
    lasts_s = chosen.duration_s or asked_s
    scope = granted(case, Less(scope=chosen.scope)) if chosen.scope else ""
    if not chosen.duration_s and not chosen.scope:
        return "*This gives*  all that is asked; choose less, or press Approve on the card"
    if case.request.extends:
        return f"*This gives*  {show_duration(lasts_s)} more"
    until = f"until {when(now + timedelta(seconds=lasts_s))}" if lasts_s else ""
    return f"*This gives*  {', '.join(part for part in (until, safe(scope)) if part)}"


def _durations(case: Case, choices: Choices, chosen: Less) -> Block:
    asked_s = case.request.wish.duration_s if case.request.wish else 0
    whole = option(AS_ASKED, f"{show_duration(asked_s)}, as asked")
    shorter = [option(str(one), show_duration(one)) for one in choices.durations_s]
    return _menu(LESS_DURATION, "For how long", [*shorter, whole], str(chosen.duration_s or AS_ASKED))


def _scopes(choices: Choices, chosen: Less) -> Block:
    whole = option(AS_ASKED, f"{choices.asked}, as asked")
    narrower = [option(one.id, one.label) for one in choices.scopes]
    return _menu(LESS_SCOPE, "What", [whole, *narrower], chosen.scope or AS_ASKED)


def _menu(name: str, label: str, options: list[Block], value: str) -> Block:
    held = next((one for one in options if one["value"] == value), options[-1])
    element: Block = {"type": "static_select", "action_id": name, "options": options, "initial_option": held}
    return input_block(name, label, element, dispatch=True)
