"""The blocks, one table each, which of them may stand on which surface, and what must be unique."""

from collections.abc import Mapping
from typing import Any

from approvalbot.workspace.blockkit.composition import any_text, plain_text
from approvalbot.workspace.blockkit.elements import (
    ELEMENTS,
    IN_ACTIONS,
    IN_CONTEXT,
    IN_INPUT,
    IN_SECTION,
    SLACK_FILE,
    differing_action_ids,
)
from approvalbot.workspace.blockkit.findings import Findings
from approvalbot.workspace.blockkit.newer import FRAME, NEWER, container
from approvalbot.workspace.blockkit.rich_text import RICH_TEXT_ELEMENTS
from approvalbot.workspace.blockkit.rules import (
    Check,
    Need,
    anything,
    both,
    closed,
    flag,
    items,
    one_of,
    pointer_to,
    string,
    typed,
    url,
    when_object,
)


def _section(findings: Findings, value: dict[str, Any], pointer: str) -> None:
    if not value.keys() & {"text", "fields"}:
        findings.add(pointer, "missing_field", "at least one of text or fields is required", "text")


def _image(findings: Findings, value: dict[str, Any], pointer: str) -> None:
    if ("image_url" in value) == ("slack_file" in value):
        findings.add(pointer, "missing_field", "exactly one of image_url or slack_file is required", "image_url")


def _nested(findings: Findings, value: Any, pointer: str) -> None:
    typed(BLOCKS, allowed=IN_CONTAINER)(findings, value, pointer)


BLOCKS: Mapping[str, Check] = {
    "section": both(
        closed(
            {
                **FRAME,
                "text": any_text(3000),
                "fields": items(any_text(2000), 1, 10),
                "accessory": typed(ELEMENTS, allowed=IN_SECTION),
                "expand": flag,
            }
        ),
        when_object(_section),
    ),
    "divider": closed(FRAME),
    "header": closed({**FRAME, "text": Need(plain_text(150)), "level": anything}),
    "context": closed({**FRAME, "elements": Need(items(typed(ELEMENTS, allowed=IN_CONTEXT), 1, 10))}),
    "actions": both(
        closed({**FRAME, "elements": Need(items(typed(ELEMENTS, allowed=IN_ACTIONS), 1, 25))}),
        differing_action_ids("elements"),
    ),
    "image": both(
        closed(
            {
                **FRAME,
                "alt_text": Need(string(2000)),
                "image_url": url(),
                "slack_file": SLACK_FILE,
                "title": plain_text(2000),
            }
        ),
        when_object(_image),
    ),
    "input": closed(
        {
            **FRAME,
            "label": Need(plain_text(2000)),
            "element": Need(typed(ELEMENTS, allowed=IN_INPUT)),
            "hint": plain_text(2000),
            "optional": flag,
            "dispatch_action": flag,
        }
    ),
    "rich_text": closed({**FRAME, "elements": Need(RICH_TEXT_ELEMENTS)}),
    "file": closed({**FRAME, "external_id": Need(string(255)), "source": Need(one_of("remote"))}),
    "container": container(_nested),
    **NEWER,
}

EVERYWHERE = ("section", "divider", "header", "context", "actions", "image", "input", "rich_text", "video")
IN_CONTAINER = ("section", "divider", "header", "context", "actions", "image", "rich_text", "table")
ON_SURFACE: Mapping[str, tuple[str, ...]] = {
    "message": (
        *EVERYWHERE,
        *("markdown", "table", "file", "context_actions", "card", "carousel", "container"),
        *("plan", "task_card", "data_table", "data_visualization"),
    ),
    "modal": (*EVERYWHERE, "alert"),
    "home": (*EVERYWHERE, "alert"),
}


def check_block(findings: Findings, value: Any, pointer: str) -> None:
    """One block of a message or view: its table, its surface, and its block_id among the others."""
    typed(BLOCKS, allowed=ON_SURFACE[findings.surface])(findings, value, pointer)
    block_id = value.get("block_id") if isinstance(value, dict) else None
    if isinstance(block_id, str):
        if block_id in findings.block_ids:
            where = pointer_to(pointer, "block_id")
            findings.add(where, "duplicate", f"block_id {block_id[:100]!r} already exists")
        findings.block_ids.add(block_id)
