"""The form that asks for access, pure: what, for how long, the entitlement's own fields, and why."""

import re
from collections.abc import Mapping, Sequence

from approvalbot.policy.durations import show_duration
from approvalbot.policy.entitlement import Entitlement, Input
from approvalbot.slack.forms import input_block, modal, option
from approvalbot.slack.text import Block, context, plain, safe

ACCESS_FORM = "form.access"
ENTITLEMENT, DURATION, REASON, INPUT = "entitlement", "duration", "reason", "input."

MENU_MOST = 100
"""Options of one menu (Block Kit reference). More are found by typing."""

REASON_MOST = 3000
"""Characters of a text field (Block Kit reference), for a reason whose entitlement is not chosen yet."""

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def access_form(
    entitlements: Sequence[Entitlement],
    chosen: Entitlement | None,
    filled: Mapping[str, str] | None = None,
    told: Sequence[str] = (),
) -> Block:
    """Ask for access. Choosing an entitlement draws the form anew with that entitlement's own fields.

    `filled` is what was typed so far, by block; `told` are lines of mrkdwn about the one that is chosen.
    """
    filled = filled or {}
    blocks = [input_block(ENTITLEMENT, "Access", _choice(entitlements, chosen), dispatch=True)]
    if chosen is not None:
        lines = ([safe(chosen.description, 500)] if chosen.description else []) + list(told)
        blocks += [context(*lines)] if lines else []
        blocks += [_duration(chosen, filled), *(_field(one, filled) for one in chosen.inputs)]
        blocks.append(reason_input(chosen, filled))
    elif filled.get(REASON):
        # What a shortcut brought along stays on the page until the choice draws the fields around it.
        blocks.append(_reason_block({"max_length": REASON_MOST}, filled[REASON], optional=True))
    return modal("Request access", ACCESS_FORM, blocks, submit="Request", metadata=chosen.id if chosen else "")


def too_long(chosen: Entitlement | None, wanted_s: int | None) -> list[str]:
    """What to say of a length that the menu cannot offer, for it shows another one instead."""
    if chosen is None or wanted_s is None or wanted_s <= chosen.duration.max_s:
        return []
    return [f"{show_duration(wanted_s)} is too long: at most {show_duration(chosen.duration.max_s)}. Choose below."]


def found_options(entitlements: Sequence[Entitlement], typed: str) -> list[Block]:
    """What matches the letters typed so far, by title or id."""
    wanted = typed.strip().casefold()
    found = [one for one in entitlements if wanted in one.title.casefold() or wanted in one.id]
    return [option(one.id, one.title) for one in found[:MENU_MOST]]


def reason_input(terms: Entitlement, filled: Mapping[str, str]) -> Block:
    """Why, as long as the entitlement wants it."""
    rules = terms.reason
    lengths = {"max_length": rules.max_length} | ({"min_length": rules.min_length} if rules.min_length > 1 else {})
    return _reason_block(lengths, filled.get(REASON, ""), optional=not rules.required)


def _reason_block(lengths: Mapping[str, int], held: str, *, optional: bool) -> Block:
    element: Block = {"type": "plain_text_input", "action_id": REASON, "multiline": True, **lengths}
    if held:
        # Slack opens no form whose text is longer than its field.
        element["initial_value"] = held[: lengths["max_length"]]
    return input_block(REASON, "Why", element, optional=optional)


def _choice(entitlements: Sequence[Entitlement], chosen: Entitlement | None) -> Block:
    long = len(entitlements) > MENU_MOST
    choice: Block = {
        "type": "external_select" if long else "static_select",
        "action_id": ENTITLEMENT,
        "placeholder": plain("What do you need?", 150),
    }
    if long:
        choice["min_query_length"] = 0
    else:
        choice["options"] = [option(one.id, one.title) for one in entitlements]
    if chosen is not None:
        choice["initial_option"] = option(chosen.id, chosen.title)
    return choice


def _duration(chosen: Entitlement, filled: Mapping[str, str]) -> Block:
    rules = chosen.duration
    wanted = int(filled.get(DURATION) or rules.default_s)
    wanted = wanted if wanted <= rules.max_s else rules.default_s
    offered = sorted({*rules.offered_s, wanted})
    element: Block = {
        "type": "static_select",
        "action_id": DURATION,
        "options": [option(str(one), show_duration(one)) for one in offered],
        "initial_option": option(str(wanted), show_duration(wanted)),
    }
    return input_block(DURATION, "For how long", element)


def _field(field: Input, filled: Mapping[str, str]) -> Block:
    block = f"{INPUT}{field.id}"
    element = {**_element(field, filled.get(block, "")), "action_id": field.id}
    return input_block(block, field.label, element, optional=not field.required)


def _element(field: Input, held: str) -> Block:
    """The element of a field, with what was typed or chosen before where it still fits."""
    match field.type:
        case "select":
            chosen = [option(one.value, one.label) for one in field.options if one.value == held]
            options = [option(one.value, one.label) for one in field.options]
            return {"type": "static_select", "options": options} | ({"initial_option": chosen[0]} if chosen else {})
        case "user":
            return {"type": "users_select"} | ({"initial_user": held} if held else {})
        case "date":
            return {"type": "datepicker"} | ({"initial_date": held} if _DATE.fullmatch(held) else {})
        case "text":
            element: Block = {"type": "plain_text_input", "max_length": field.max_length}
            return element | ({"initial_value": held[: field.max_length]} if held else {})
