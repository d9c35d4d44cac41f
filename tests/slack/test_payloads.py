"""What Slack sends, read with nothing taken for granted."""

import json

import pytest

from approvalbot.slack.payloads import View


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ({"value": "typed"}, "typed"),
        ({"value": None}, ""),
        ({"selected_option": {"value": "chosen"}}, "chosen"),
        ({"selected_option": None, "value": ""}, ""),
        ({"selected_user": "U1"}, "U1"),
        ({"selected_date": "2026-11-24"}, "2026-11-24"),
        (json.loads('{"value": "half \\ud800 a character"}'), "half ? a character"),
        ({}, ""),
    ],
)
def test_an_answer_is_a_text_whatever_element_gave_it(answer: dict[str, object], text: str) -> None:
    view = View(state={"values": {"block": {"action": answer}}})

    assert view.text("block") == text
    assert view.text("another") == ""
