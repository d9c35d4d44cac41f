"""The Block Kit validator, alone: every limit at its edge and one over, and never an exception."""

from typing import Any

import pytest

from approvalbot.workspace.blockkit import validate_message, validate_view
from tests.workspace.conftest import actions, button, modal, text_input

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def section(**fields: Any) -> Json:
    return {"type": "section", **fields}


def option(value: str = "a", text: str = "A", **more: Any) -> Json:
    return {"text": plain(text), "value": value, **more}


def select(count: int = 1, **more: Any) -> Json:
    return {"type": "static_select", "action_id": "s", "options": [option(str(n)) for n in range(count)], **more}


def overflow(count: int) -> Json:
    return {"type": "overflow", "action_id": "o", "options": [option(str(n)) for n in range(count)]}


def table(rows: int, columns: int, text: str = "x") -> Json:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": text}] * columns] * rows}


def confirm(**changes: Any) -> Json:
    return {"title": plain("t"), "text": mrkdwn("x"), "confirm": plain("y"), "deny": plain("n"), **changes}


def rich(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}


DIVIDER: Json = {"type": "divider"}

ALLOWED = {
    "a section of 3000 characters": section(text=mrkdwn("x" * 3000)),
    "ten fields of 2000 characters": section(fields=[mrkdwn("x" * 2000)] * 10),
    "a header of 150 characters": {"type": "header", "text": plain("x" * 150)},
    "a context of ten elements": {"type": "context", "elements": [mrkdwn("x")] * 10},
    "25 actions": actions(*(button(f"a{n}") for n in range(25))),
    "a button at its limits": actions(button("a" * 255, "x" * 75, value="v" * 2000, style="danger")),
    "a confirm dialog at its limits": actions(button(confirm=confirm(title=plain("t" * 100), text=plain("x" * 300)))),
    "100 options": actions(select(100)),
    "five overflow options": actions(overflow(5)),
    "a markdown block of 12000 characters": {"type": "markdown", "text": "x" * 12_000},
    "a table of 100 rows": table(100, 1),
    "a table of 20 columns": table(1, 20),
    "a block_id of 255 characters": {"type": "divider", "block_id": "b" * 255},
    "rich text with every inline element": rich(
        {"type": "text", "text": "x", "style": {"bold": True}},
        {"type": "link", "url": "https://example.com"},
        {"type": "user", "user_id": "U0ANN"},
        {"type": "usergroup", "usergroup_id": "S0SECONCALL"},
        {"type": "channel", "channel_id": "C0GENERAL"},
        {"type": "emoji", "name": "eyes"},
        {"type": "broadcast", "range": "here"},
        {"type": "date", "timestamp": 1_700_000_000, "format": "{time}"},
        {"type": "color", "value": "#1f2937"},
    ),
}


@pytest.mark.parametrize("name", ALLOWED)
def test_what_stands_at_a_limit_is_taken(name: str) -> None:
    assert validate_message([ALLOWED[name]]) == []


REFUSED: dict[str, tuple[Json, str, str]] = {
    "a section of 3001 characters": (section(text=mrkdwn("x" * 3001)), "/blocks/0/text/text", "too_long"),
    "an empty text": (section(text=mrkdwn("")), "/blocks/0/text/text", "too_short"),
    "a section with nothing in it": (section(), "/blocks/0", "missing_field"),
    "eleven fields": (section(fields=[mrkdwn("x")] * 11), "/blocks/0/fields", "too_many"),
    "a field of 2001 characters": (section(fields=[mrkdwn("x" * 2001)]), "/blocks/0/fields/0/text", "too_long"),
    "a header of 151 characters": ({"type": "header", "text": plain("x" * 151)}, "/blocks/0/text/text", "too_long"),
    "a header in mrkdwn": ({"type": "header", "text": mrkdwn("x")}, "/blocks/0/text/type", "not_allowed"),
    "eleven context elements": ({"type": "context", "elements": [mrkdwn("x")] * 11}, "/blocks/0/elements", "too_many"),
    "no context element": ({"type": "context", "elements": []}, "/blocks/0/elements", "too_few"),
    "26 actions": (actions(*(button(f"a{n}") for n in range(26))), "/blocks/0/elements", "too_many"),
    "a button text of 76": (actions(button("a", "x" * 76)), "/blocks/0/elements/0/text/text", "too_long"),
    "a button value of 2001": (actions(button(value="v" * 2001)), "/blocks/0/elements/0/value", "too_long"),
    "a button with a script for a link": (
        actions(button(url="javascript:alert(1)")),
        "/blocks/0/elements/0/url",
        "invalid_url",
    ),
    "a style that is none": (actions(button(style="success")), "/blocks/0/elements/0/style", "invalid_value"),
    "an accessibility label of 76": (
        actions(button(accessibility_label="x" * 76)),
        "/blocks/0/elements/0/accessibility_label",
        "too_long",
    ),
    "an action_id of 256": (actions(button("a" * 256)), "/blocks/0/elements/0/action_id", "too_long"),
    "the same action_id twice in a block": (
        actions(button("a"), button("a")),
        "/blocks/0/elements/1/action_id",
        "duplicate",
    ),
    "a confirm text of 301": (
        actions(button(confirm=confirm(text=mrkdwn("x" * 301)))),
        "/blocks/0/elements/0/confirm/text/text",
        "too_long",
    ),
    "101 options": (actions(select(101)), "/blocks/0/elements/0/options", "too_many"),
    "an option value of 151": (
        actions(select(options=[option("v" * 151)])),
        "/blocks/0/elements/0/options/0/value",
        "too_long",
    ),
    "a select without options": (
        actions({"type": "static_select", "action_id": "s"}),
        "/blocks/0/elements/0",
        "missing_field",
    ),
    "an initial option that is not offered": (
        actions(select(initial_option=option("zzz"))),
        "/blocks/0/elements/0/initial_option",
        "invalid_value",
    ),
    "six overflow options": (actions(overflow(6)), "/blocks/0/elements/0/options", "too_many"),
    "a text input among actions": (
        actions({"type": "plain_text_input", "action_id": "t"}),
        "/blocks/0/elements/0/type",
        "not_allowed",
    ),
    "12001 characters of markdown": ({"type": "markdown", "text": "x" * 12_001}, "/blocks/0/text", "too_long"),
    "a table of 101 rows": (table(101, 1), "/blocks/0/rows", "too_many"),
    "a table of 21 columns": (table(1, 21), "/blocks/0/rows/0", "too_many"),
    "a table of 10001 characters": (table(1, 1, "x" * 10_001), "/blocks/0/rows", "too_long"),
    "an unknown block": ({"type": "hologram"}, "/blocks/0/type", "unknown_type"),
    "an unknown field": ({"type": "divider", "color": "red"}, "/blocks/0/color", "unknown_field"),
    "a block that is a text": ("divider", "/blocks/0", "wrong_type"),  # type: ignore[dict-item]
    "an image without its words": (
        {"type": "image", "image_url": "https://example.com/x.png"},
        "/blocks/0",
        "missing_field",
    ),
    "an alert in a message": ({"type": "alert", "text": plain("x")}, "/blocks/0/type", "not_allowed"),
    "an empty text in rich text": (
        rich({"type": "text", "text": ""}),
        "/blocks/0/elements/0/elements/0/text",
        "too_short",
    ),
    "an invented inline element": (rich({"type": "sticker"}), "/blocks/0/elements/0/elements/0/type", "unknown_type"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_over_a_limit_is_refused_with_a_pointer(name: str) -> None:
    block, pointer, code = REFUSED[name]

    faults = validate_message([block])

    assert (pointer, code) in [(fault.pointer, fault.code) for fault in faults]


def test_a_message_holds_at_most_fifty_blocks() -> None:
    assert validate_message([DIVIDER] * 50) == []
    assert [fault.pointer for fault in validate_message([DIVIDER] * 51)] == ["/blocks"]


def test_a_view_holds_at_most_a_hundred_blocks() -> None:
    assert validate_view(modal(*[DIVIDER] * 100)) == []
    assert [fault.code for fault in validate_view(modal(*[DIVIDER] * 101))] == ["too_many"]


def test_a_block_id_is_unique_in_a_message() -> None:
    twice = {"type": "divider", "block_id": "same"}

    (fault,) = validate_message([twice, twice])

    assert (fault.pointer, fault.code) == ("/blocks/1/block_id", "duplicate")


def test_the_same_action_id_may_stand_in_two_blocks() -> None:
    assert validate_message([actions(button("a"), block_id="one"), actions(button("a"), block_id="two")]) == []


def test_markdown_is_counted_over_the_whole_message() -> None:
    half = {"type": "markdown", "text": "x" * 6_001}

    assert [fault.pointer for fault in validate_message([half, half])] == ["/blocks/1/text"]


def test_a_message_has_one_table() -> None:
    assert [fault.pointer for fault in validate_message([table(1, 1), table(1, 1)])] == ["/blocks/1"]


VIEWS: dict[str, tuple[Json, str, str]] = {
    "a modal without title": ({"type": "modal", "blocks": []}, "", "missing_field"),
    "a title of 25": (modal(title=plain("x" * 25)), "/title/text", "too_long"),
    "inputs without submit": (
        {key: value for key, value in modal(text_input()).items() if key != "submit"},
        "",
        "missing_field",
    ),
    "private_metadata of 3001": (modal(private_metadata="x" * 3001), "/private_metadata", "too_long"),
    "a callback_id of 256": (modal(callback_id="x" * 256), "/callback_id", "too_long"),
    "an external_id of 256": (modal(external_id="x" * 256), "/external_id", "too_long"),
    "a table in a modal": (modal(table(1, 1)), "/blocks/0/type", "not_allowed"),
    "a max_length of 3001": (
        modal(text_input(element={"max_length": 3001})),
        "/blocks/0/element/max_length",
        "out_of_range",
    ),
    "crossed lengths": (
        modal(text_input(element={"min_length": 9, "max_length": 3})),
        "/blocks/0/element",
        "invalid_value",
    ),
    "two focused inputs": (
        modal(
            text_input("a", element={"focus_on_load": True}),
            text_input("b", element={"focus_on_load": True}),
        ),
        "/blocks/1/element/focus_on_load",
        "duplicate",
    ),
    "a button in an input": (
        modal({"type": "input", "label": plain("x"), "element": button()}),
        "/blocks/0/element/type",
        "not_allowed",
    ),
    "a view of an unknown type": ({"type": "popup", "blocks": []}, "/type", "invalid_value"),
    "a title in mrkdwn": (modal(title=mrkdwn("x")), "/title/type", "not_allowed"),
}


@pytest.mark.parametrize("name", VIEWS)
def test_a_wrong_view_is_refused_with_a_pointer(name: str) -> None:
    view, pointer, code = VIEWS[name]

    assert (pointer, code) in [(fault.pointer, fault.code) for fault in validate_view(view)]


def test_an_alert_stands_in_a_modal() -> None:
    assert validate_view(modal({"type": "alert", "text": plain("x"), "level": "warning"})) == []


def test_a_home_view_needs_no_title() -> None:
    assert validate_view({"type": "home", "blocks": [section(text=mrkdwn("x"))]}) == []


def test_a_fault_reads_like_slacks() -> None:
    (fault,) = validate_message([{"type": "header", "text": plain("x" * 151)}])

    assert fault.line() == "[ERROR] must be less than 151 characters [json-pointer:/blocks/0/text/text]"
    assert fault.shown()["constraint"] == 150
