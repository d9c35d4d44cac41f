"""The doors of the validator: a message's blocks, or a whole view. Both only compute.

`validate_message([...])` and `validate_view({...})` give every fault with a JSON pointer, an empty list when Slack
would take it. They accept any decoded JSON and never raise.
"""

from collections.abc import Mapping
from typing import Any

import orjson

from approvalbot.workspace.blockkit.blocks import check_block
from approvalbot.workspace.blockkit.composition import plain_text
from approvalbot.workspace.blockkit.findings import BlockFault, Findings, kind_of
from approvalbot.workspace.blockkit.rules import Check, Need, anything, closed, flag, items, one_of, string

BLOCKS_IN = {"message": 50, "modal": 100, "home": 100}
"""Most blocks on a surface (docs.slack.dev, "Blocks")."""

VIEW_BYTES = 250_000
"""250 kB as JSON: `view_too_large` (views.open)."""

MESSAGE_CHARACTERS = 13_300
"""All texts and values of a message's blocks, above which Slack answers `msg_blocks_too_long`.

It is undocumented; reports of refused messages put it at 13,200 to 13,300 (slackapi/bolt-js issues 2509 and 2867).
"""

_COMMON: Mapping[str, Check | Need] = {
    "type": Need(one_of("modal", "home")),
    "callback_id": string(255, minimum=0),
    "private_metadata": string(3000, minimum=0),
    "external_id": string(255, minimum=0),
}
_MODAL: Mapping[str, Check | Need] = {
    **_COMMON,
    "title": Need(plain_text(24)),
    "submit": plain_text(24),
    "close": plain_text(24),
    "clear_on_close": flag,
    "notify_on_close": flag,
    "submit_disabled": flag,
    "blocks": Need(anything),
}
_HOME: Mapping[str, Check | Need] = {**_COMMON, "blocks": Need(anything)}
_IGNORED_IN_HOME = frozenset({"title", "submit", "close", "clear_on_close", "notify_on_close"})
"""Slack takes these in a Home view and leaves them out; builders that share code with modals send them."""


def validate_blocks(blocks: Any, surface: str = "message") -> list[BlockFault]:
    """Every fault in a list of blocks that is to stand on `surface`: `message`, `modal` or `home`."""
    return _blocks(Findings(surface), blocks).faults


def validate_message(blocks: Any) -> list[BlockFault]:
    """Every fault in the `blocks` of a message."""
    return validate_blocks(blocks, "message")


def validate_view(view: Any) -> list[BlockFault]:
    """Every fault in a view, `type: modal` or `type: home`. Pointers start at the view (`/title/text`)."""
    if not isinstance(view, dict):
        return [BlockFault("", "wrong_type", f"must be an object, not {kind_of(view)}")]
    surface = "home" if view.get("type") == "home" else "modal"
    findings = Findings(surface)
    fields = {key: value for key, value in view.items() if surface == "modal" or key not in _IGNORED_IN_HOME}
    closed(_MODAL if surface == "modal" else _HOME)(findings, fields, "")
    if "blocks" in view:
        _blocks(findings, view["blocks"])
    if surface == "modal" and has_inputs(view) and "submit" not in view:
        findings.add("", "missing_field", "submit is required when there are input blocks", "submit")
    return findings.faults


def has_inputs(view: Mapping[str, Any]) -> bool:
    """Whether a view has an input block, which makes `submit` necessary."""
    blocks = view.get("blocks")
    return isinstance(blocks, list) and any(isinstance(one, dict) and one.get("type") == "input" for one in blocks)


def view_bytes(view: Any) -> int:
    """The size of a view as compact JSON."""
    return len(orjson.dumps(view))


def message_characters(blocks: Any) -> int:
    """The characters of every text and value in a message's blocks, which Slack adds up."""
    total, waiting = 0, [blocks]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            total += len(one)
        elif isinstance(one, dict):
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
    return total


def _blocks(findings: Findings, blocks: Any) -> Findings:
    items(check_block, 0, BLOCKS_IN[findings.surface])(findings, blocks, "/blocks")
    return findings
