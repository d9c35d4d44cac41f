"""The blocks that came in 2025 and 2026. Where sources disagree, the stricter reading holds.

`alert` is taken in modals and Home tabs only: java-slack-sdk says modals, another source shows it in a message.
`data_table` and `data_visualization` have no settled description, so only their frame is checked.
"""

from collections.abc import Mapping
from typing import Any

from approvalbot.workspace.blockkit.composition import any_text, plain_text
from approvalbot.workspace.blockkit.elements import ELEMENTS, IMAGE, IN_CONTEXT_ACTIONS, differing_action_ids
from approvalbot.workspace.blockkit.findings import Findings
from approvalbot.workspace.blockkit.rich_text import RICH_TEXT_VALUE
from approvalbot.workspace.blockkit.rules import (
    Check,
    Fields,
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

MARKDOWN_LIMIT = 12_000
"""Characters over all markdown blocks of one message (docs.slack.dev, "Markdown block")."""
TABLE_CHARACTERS = 10_000

FRAME: Fields = {"type": anything, "block_id": string(255)}


def _markdown(findings: Findings, value: dict[str, Any], pointer: str) -> None:
    text = value.get("text")
    before = findings.markdown_length
    findings.markdown_length += len(text) if isinstance(text, str) else 0
    if before <= MARKDOWN_LIMIT < findings.markdown_length:
        findings.add(
            pointer_to(pointer, "text"),
            "too_long",
            f"all markdown of a message must be less than {MARKDOWN_LIMIT + 1} characters",
            MARKDOWN_LIMIT,
        )


def _card(findings: Findings, value: dict[str, Any], pointer: str) -> None:
    if not value.keys() & {"hero_image", "title", "actions", "body"}:
        findings.add(pointer, "missing_field", "at least one of hero_image, title, actions or body is required")


def _container(findings: Findings, value: dict[str, Any], pointer: str) -> None:
    if not value.keys() & {"title", "rich_text_title"}:
        findings.add(pointer, "missing_field", "missing required field: title", "title")
    if value.get("is_collapsible") is True and value.get("has_header_divider") is True:
        findings.add(pointer, "invalid_value", "has_header_divider cannot be set when is_collapsible is true")


def _table(findings: Findings, value: dict[str, Any], pointer: str) -> None:
    findings.tables += 1
    if findings.tables > 1:
        findings.add(pointer, "too_many", "only one table is allowed in a message", 1)
    rows = value.get("rows")
    if isinstance(rows, list) and _characters(rows) > TABLE_CHARACTERS:
        message = f"a table must hold less than {TABLE_CHARACTERS + 1} characters"
        findings.add(pointer_to(pointer, "rows"), "too_long", message, TABLE_CHARACTERS)


def _characters(value: Any) -> int:
    """The characters of every `text` in a value, at any depth the JSON reader let through."""
    total, waiting = 0, [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            total += len(one["text"]) if isinstance(one.get("text"), str) else 0
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)
    return total


CELL = typed(
    {
        "raw_text": closed({"type": anything, "text": Need(string(TABLE_CHARACTERS))}),
        "raw_number": closed({"type": anything, "value": Need(anything), "text": string(100)}),
        "rich_text": RICH_TEXT_VALUE,
    }
)
COLUMN = closed({"align": one_of("left", "center", "right"), "is_wrapped": flag})


def _column(findings: Findings, value: Any, pointer: str) -> None:
    if value is not None:
        COLUMN(findings, value, pointer)


CARD = both(
    closed(
        {
            **FRAME,
            "hero_image": IMAGE,
            "icon": IMAGE,
            "title": any_text(150),
            "subtitle": any_text(150),
            "body": any_text(200),
            "actions": items(typed(ELEMENTS, allowed=["button"]), 1, 5),
        }
    ),
    when_object(_card),
    differing_action_ids("actions"),
)
SOURCE = closed({"type": anything, "url": Need(url()), "text": Need(string(1000))})
TASK_CARD = closed(
    {
        **FRAME,
        "task_id": Need(string(255)),
        "title": Need(string(1000)),
        "details": RICH_TEXT_VALUE,
        "output": RICH_TEXT_VALUE,
        "sources": items(SOURCE, 0, 100),
        "status": Need(one_of("pending", "in_progress", "complete", "error")),
    }
)

NEWER: Mapping[str, Check] = {
    "alert": closed(
        {**FRAME, "text": Need(any_text(3000)), "level": one_of("default", "info", "warning", "error", "success")}
    ),
    "card": CARD,
    "carousel": closed({**FRAME, "elements": Need(items(typed({"card": CARD}), 1, 10))}),
    "context_actions": both(
        closed({**FRAME, "elements": Need(items(typed(ELEMENTS, allowed=IN_CONTEXT_ACTIONS), 1, 5))}),
        differing_action_ids("elements"),
    ),
    "markdown": both(closed({**FRAME, "text": Need(string(MARKDOWN_LIMIT))}), when_object(_markdown)),
    "table": both(
        closed(
            {
                **FRAME,
                "rows": Need(items(items(CELL, 1, 20), 1, 100)),
                "column_settings": items(_column, 0, 20),
            }
        ),
        when_object(_table),
    ),
    "video": closed(
        {
            **FRAME,
            "alt_text": Need(string(2000)),
            "video_url": Need(url()),
            "thumbnail_url": Need(url()),
            "title": Need(plain_text(199)),
            "title_url": url(),
            "description": plain_text(200),
            "provider_icon_url": url(),
            "provider_name": string(200),
            "author_name": string(49),
        }
    ),
    "task_card": TASK_CARD,
    "plan": closed({**FRAME, "title": Need(string(1000)), "tasks": items(typed({"task_card": TASK_CARD}), 0, 100)}),
    "data_table": anything,
    "data_visualization": anything,
}

CONTAINER_FIELDS: Fields = {
    **FRAME,
    "title": plain_text(150),
    "rich_text_title": RICH_TEXT_VALUE,
    "subtitle": plain_text(150),
    "icon": IMAGE,
    "width": one_of("narrow", "standard", "wide", "full"),
    "is_collapsible": flag,
    "default_collapsed": flag,
    "has_header_divider": flag,
}


def container(children: Check) -> Check:
    """The container block around a check for its children."""
    return both(closed({**CONTAINER_FIELDS, "child_blocks": Need(items(children, 1, 10))}), when_object(_container))
