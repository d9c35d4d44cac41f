"""Every limit of Block Kit, at its edge: what just fits is taken, one more is refused at the place that is too much."""

from collections.abc import Callable
from typing import Any

import pytest

from approvalbot.workspace.blockkit import validate_message, validate_view
from tests.workspace.conftest import actions, button, modal, text_input

Json = dict[str, Any]
Make = Callable[[int], Json]


def plain(count: int) -> Json:
    return {"type": "plain_text", "text": "x" * count}


def mrkdwn(count: int) -> Json:
    return {"type": "mrkdwn", "text": "x" * count}


def option(text: int = 1, value: str = "v", **more: Any) -> Json:
    return {"text": plain(text), "value": value, **more}


def many(count: int) -> list[Json]:
    return [option(value=str(number)) for number in range(count)]


def select(**fields: Any) -> Json:
    return actions({"type": "static_select", "action_id": "s", **fields})


def confirm(**changes: Any) -> Json:
    return button(confirm={"title": plain(1), "text": plain(1), "confirm": plain(1), "deny": plain(1), **changes})


def picture(url: int = 30, alt: int = 1) -> Json:
    return {"type": "image", "image_url": "https://e.com/" + "x" * (url - 14), "alt_text": "x" * alt}


def card(**fields: Any) -> Json:
    return {"type": "card", "title": plain(1), **fields}


def container(**fields: Any) -> Json:
    return {"type": "container", "title": plain(1), "child_blocks": [{"type": "divider"}], **fields}


def table(rows: int, columns: int, text: str = "x") -> Json:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": text}] * columns] * rows}


MESSAGE: dict[str, tuple[int, Make]] = {
    "section text": (3000, lambda n: {"type": "section", "text": mrkdwn(n)}),
    "section fields": (10, lambda n: {"type": "section", "fields": [mrkdwn(1)] * n}),
    "section field": (2000, lambda n: {"type": "section", "fields": [mrkdwn(n)]}),
    "header": (150, lambda n: {"type": "header", "text": plain(n)}),
    "context elements": (10, lambda n: {"type": "context", "elements": [mrkdwn(1)] * n}),
    "actions": (25, lambda n: actions(*(button(f"a{i}") for i in range(n)))),
    "context actions": (
        5,
        lambda n: {
            "type": "context_actions",
            "elements": [
                {"type": "icon_button", "icon": "trash", "text": plain(1), "action_id": f"{i}"} for i in range(n)
            ],
        },
    ),
    "block_id": (255, lambda n: {"type": "divider", "block_id": "x" * n}),
    "action_id": (255, lambda n: actions(button("x" * n))),
    "button text": (75, lambda n: actions(button(text="x" * n))),
    "button value": (2000, lambda n: actions(button(value="x" * n))),
    "button url": (3000, lambda n: actions(button(url="https://e.com/" + "x" * (n - 14)))),
    "button accessibility label": (75, lambda n: actions(button(accessibility_label="x" * n))),
    "confirm title": (100, lambda n: actions(confirm(title=plain(n)))),
    "confirm text": (300, lambda n: actions(confirm(text=mrkdwn(n)))),
    "confirm button": (30, lambda n: actions(confirm(confirm=plain(n)))),
    "deny button": (30, lambda n: actions(confirm(deny=plain(n)))),
    "options": (100, lambda n: select(options=many(n))),
    "option groups": (100, lambda n: select(option_groups=[{"label": plain(1), "options": many(1)}] * n)),
    "group label": (75, lambda n: select(option_groups=[{"label": plain(n), "options": many(1)}])),
    "option text": (75, lambda n: select(options=[option(n)])),
    "option description": (75, lambda n: select(options=[option(description=plain(n))])),
    "option value": (150, lambda n: select(options=[option(value="x" * n)])),
    "placeholder": (150, lambda n: select(options=many(1), placeholder=plain(n))),
    "checkboxes": (10, lambda n: actions({"type": "checkboxes", "action_id": "c", "options": many(n)})),
    "radio buttons": (10, lambda n: actions({"type": "radio_buttons", "action_id": "r", "options": many(n)})),
    "overflow": (5, lambda n: actions({"type": "overflow", "action_id": "o", "options": many(n)})),
    "image address": (3000, lambda n: picture(url=n)),
    "image words": (2000, lambda n: picture(alt=n)),
    "markdown": (12_000, lambda n: {"type": "markdown", "text": "x" * n}),
    "table rows": (100, lambda n: table(n, 1)),
    "table columns": (20, lambda n: table(1, n)),
    "table characters": (10_000, lambda n: table(1, 1, "x" * n)),
    "card title": (150, lambda n: card(title=plain(n))),
    "card subtitle": (150, lambda n: card(subtitle=plain(n))),
    "card body": (200, lambda n: card(body=mrkdwn(n))),
    "carousel": (10, lambda n: {"type": "carousel", "elements": [card()] * n}),
    "container title": (150, lambda n: container(title=plain(n))),
    "container children": (10, lambda n: container(child_blocks=[{"type": "divider"}] * n)),
}

VIEW: dict[str, tuple[int, Make]] = {
    "blocks": (100, lambda n: modal(*[{"type": "divider"}] * n)),
    "title": (24, lambda n: modal(title=plain(n))),
    "submit": (24, lambda n: modal(submit=plain(n))),
    "close": (24, lambda n: modal(close=plain(n))),
    "callback_id": (255, lambda n: modal(callback_id="x" * n)),
    "private_metadata": (3000, lambda n: modal(private_metadata="x" * n)),
    "external_id": (255, lambda n: modal(external_id="x" * n)),
    "input label": (2000, lambda n: modal(text_input(label=plain(n)))),
    "input hint": (2000, lambda n: modal(text_input(hint=plain(n)))),
    "max_length": (3000, lambda n: modal(text_input(element={"max_length": n}))),
}


@pytest.mark.parametrize("name", MESSAGE)
def test_a_message_holds_exactly_that_much(name: str) -> None:
    most, make = MESSAGE[name]

    assert validate_message([make(most)]) == []
    assert validate_message([make(most + 1)]) != []


@pytest.mark.parametrize("name", VIEW)
def test_a_view_holds_exactly_that_much(name: str) -> None:
    most, make = VIEW[name]

    assert validate_view(make(most)) == []
    assert validate_view(make(most + 1)) != []


EMPTY: dict[str, Json] = {
    "a section": {"type": "section", "text": mrkdwn(0)},
    "a section without anything": {"type": "section"},
    "a header": {"type": "header", "text": plain(0)},
    "a context": {"type": "context", "elements": []},
    "actions": {"type": "actions", "elements": []},
    "a button": actions(button(text="")),
    "an option's value": select(options=[option(value="")]),
    "a carousel": {"type": "carousel", "elements": []},
    "a container": container(child_blocks=[]),
    "a card": {"type": "card"},
    "a table": {"type": "table", "rows": []},
    "an image's words": picture(alt=0),
}


@pytest.mark.parametrize("name", EMPTY)
def test_nothing_may_be_empty(name: str) -> None:
    assert validate_message([EMPTY[name]]) != []


TWICE: dict[str, Json] = {
    "actions": actions(button("a"), button("a")),
    "context actions": {
        "type": "context_actions",
        "elements": [{"type": "icon_button", "icon": "trash", "text": plain(1), "action_id": "a"}] * 2,
    },
    "a card": card(actions=[button("a"), button("a")]),
    "a card of a carousel": {"type": "carousel", "elements": [card(actions=[button("a"), button("a")])]},
    "actions in a container": container(child_blocks=[actions(button("a"), button("a"))]),
}


@pytest.mark.parametrize("name", TWICE)
def test_an_action_id_is_unique_within_its_block(name: str) -> None:
    assert [fault.code for fault in validate_message([TWICE[name]])] == ["duplicate"]


@pytest.mark.parametrize("day", ["2026-02-30", "2026-13-01", "26-01-01", "2026-1-1", "2026-01-01T00:00"])
def test_a_day_is_one_of_the_calendar(day: str) -> None:
    picker = actions({"type": "datepicker", "action_id": "d", "initial_date": day})

    assert [fault.pointer for fault in validate_message([picker])] == ["/blocks/0/elements/0/initial_date"]


def test_a_zone_is_one_of_the_world() -> None:
    def picker(zone: str) -> Json:
        return actions({"type": "timepicker", "action_id": "t", "timezone": zone})

    assert validate_message([picker("America/Chicago")]) == []
    assert [fault.code for fault in validate_message([picker("Mars/Olympus")])] == ["invalid_value"]


def test_files_are_asked_for_in_modals_only() -> None:
    chosen = text_input(element={"type": "file_input", "action_id": "f"})

    assert validate_view(modal(chosen)) == []
    assert [fault.code for fault in validate_message([chosen])] == ["not_allowed"]
    assert [fault.code for fault in validate_view({"type": "home", "blocks": [chosen]})] == ["not_allowed"]
