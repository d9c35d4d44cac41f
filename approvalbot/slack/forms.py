"""The modals, pure. Each title holds its verb in 24 characters; the first line repeats who, what and where."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from approvalbot.plaintext import cut, one_line
from approvalbot.request.case import Case
from approvalbot.request.request import State
from approvalbot.request.typed import TYPED_MOST, to_type
from approvalbot.slack.card import credited, footer, if_nobody_acts, progress_line, why_now, why_you
from approvalbot.slack.following import what_follows
from approvalbot.slack.text import Block, bullets, context, plain, rich_text, safe, section, words
from approvalbot.slack.values import Values
from approvalbot.slack.words import REASON_LABELS, labels_of, outcome, written

DENY_FORM, APPROVE_FORM, TEXT_FORM = "form.deny", "form.approve", "form.text"
REASON_CODE, NOTE, TYPED, ALERT = "reason_code", "note", "typed", "alert"

NOTE_MOST = 500
EVENT_MOST = 6000
"""Characters of the event shown in Details; the whole of it is on the request's page."""


def modal(title: str, callback_id: str, blocks: Sequence[Block], *, submit: str = "", metadata: str = "") -> Block:
    """A modal. Title and buttons hold 24 characters (Block Kit reference)."""
    view: Block = {
        "type": "modal",
        "callback_id": callback_id,
        "title": plain(title, 24),
        "close": plain("Back" if submit else "Close", 24),
        "blocks": list(blocks),
        "private_metadata": metadata,
    }
    if submit:
        view["submit"] = plain(submit, 24)
    return view


def text_form(title: str, text: str) -> Block:
    """A modal that says one thing, in mrkdwn."""
    return modal(title, TEXT_FORM, [section(text)])


def deny_form(case: Case, values: Values, code: str = "") -> Block:
    """Why not: one tap for the caller, a note for the requester. `code` is the tap, which draws the form anew."""
    rule, labels = case.terms.approval.reason.deny, labels_of(case)
    blocks = [rich_text(words(first_line(case)))]
    if rule != "none":
        blocks += [_reason_codes(code), _note("Note to the requester", optional=code != "other")]
        blocks += [_alert()] if code == "suspicious" else []
    if follows := what_follows(case):
        blocks.append(context(f"*What follows*  {follows}"))
    blocks += credited(case)
    value = values.write(case.request.id, case.request.content)
    return modal(labels.deny_title, DENY_FORM, blocks, submit=labels.deny, metadata=value)


def approve_form(case: Case, values: Values, *, typed: bool = False) -> Block:
    """Why yes, and on what, where the policy wants to know."""
    labels = labels_of(case)
    blocks = [rich_text(words(first_line(case))), *approval_inputs(case, typed=typed), *credited(case)]
    value = values.write(case.request.id, case.request.content)
    return modal(f"{labels.approve} request", APPROVE_FORM, blocks, submit=labels.approve, metadata=value)


def approval_inputs(case: Case, *, typed: bool, optional_reason: bool = True) -> list[Block]:
    """What an approval has to say: its reason, unless the policy wants none, and the name of what it is about."""
    rule = case.terms.approval.reason.approve
    shown = rule == "required" or (optional_reason and rule == "optional")
    blocks = [_note("Reason", optional=rule != "required")] if shown else []
    if typed:
        wanted = to_type(case.request, case.about)
        blocks.append(rich_text(words("To approve, type every letter of ", (wanted, "bold"))))
        element = {"type": "plain_text_input", "action_id": TYPED, "max_length": TYPED_MOST}
        blocks.append(input_block(TYPED, "What you approve", element))
    return blocks


def details_form(case: Case) -> Block:
    """Everything the card shows and more: all fields, what matched, who voted, and the event itself."""
    about = case.about
    facts = [
        ("Policy", f"{case.request.policy_id}@{case.request.policy_digest[:12]}"),
        ("Source", about.origin),
        ("Who", " · ".join(part for part in (about.who, about.who_id) if part)),
        ("Action", about.action),
        ("Resource", about.resource),
        ("Content", about.digest[:16]),
    ]
    lines = [*((name, value) for name, value in facts if value), *((line.label, line.value) for line in about.lines)]
    blocks: list[Block] = [rich_text(bullets(words((f"{name}: ", "bold"), value) for name, value in lines))]
    if about.matched:
        matched = (words((f"{line.label} ", "bold"), line.value) for line in about.matched)
        blocks += [section("*Why this asked*"), rich_text(bullets(matched))]
    if case.request.state is State.PENDING:
        rows = [why_you(case), why_now(case), if_nobody_acts(case), progress_line(case)]
    else:
        rows = [why_now(case), outcome(case, quoted=True)]
    blocks += [context(*(row for row in rows if row)), *written(case)]
    if about.runbook:
        blocks.append(context(f"Runbook: {safe(about.runbook, 2000)}"))
    blocks.append(rich_text({"type": "rich_text_preformatted", "elements": [{"type": "text", "text": _event(case)}]}))
    blocks += [*credited(case), context(footer(case))]
    return modal("Request details", TEXT_FORM, blocks)


def first_line(case: Case) -> str:
    """Who, what and where."""
    about = case.about
    return cut(about.summary or f"{about.who}: {about.action} on {about.resource}", 1000)


def _reason_codes(chosen: str) -> Block:
    radio: Block = {
        "type": "radio_buttons",
        "action_id": REASON_CODE,
        "options": [option(code, label) for code, label in REASON_LABELS.items()],
    }
    if chosen in REASON_LABELS:
        radio["initial_option"] = option(chosen, REASON_LABELS[chosen])
    return input_block(REASON_CODE, "Why not?", radio, dispatch=True)


def _alert() -> Block:
    box: Block = {"type": "checkboxes", "action_id": ALERT, "options": [option("security", "Alert security now")]}
    return input_block(ALERT, "Security", box, optional=True)


def _note(label: str, *, optional: bool) -> Block:
    element = {"type": "plain_text_input", "action_id": NOTE, "multiline": True, "max_length": NOTE_MOST}
    return input_block(NOTE, label, element, optional=optional)


def input_block(
    block_id: str, label: str, element: Mapping[str, Any], *, optional: bool = False, dispatch: bool = False
) -> Block:
    """One field of a form; `dispatch` tells us of a choice before the form is submitted."""
    block: Block = {
        "type": "input",
        "block_id": block_id,
        "label": plain(label, 2000),
        "element": dict(element),
        "optional": optional,
    }
    if dispatch:
        block["dispatch_action"] = True
    return block


def option(value: str, label: str) -> Block:
    """One choice of a menu."""
    return {"text": plain(label, 75), "value": value}


def _event(case: Case) -> str:
    if not case.about.event:
        return "(no event: this was asked for by a person)"
    # Not orjson: an event may hold integers beyond 64 bits, and the details must open all the same.
    shown = json.dumps(case.about.event, indent=2, sort_keys=True, ensure_ascii=False)
    return cut("\n".join(one_line(line) for line in shown.split("\n")), EVENT_MOST)
