"""Submitting and closing modals: what the bot's answers do to the stack."""

from collections.abc import Callable
from typing import Any

import pytest
from slack_sdk import WebClient
from starlette.responses import PlainTextResponse, Response

from approvalbot.workspace.hands import CannotDo, Hands
from tests.workspace.conftest import Bot, actions, button, modal, says, text_input

Open = Callable[[dict[str, Any]], None]


@pytest.fixture
def opened(client: WebClient, bot: Bot, ann: Hands) -> Open:
    """Open a modal for Ann."""

    def open_for_ann(view: dict[str, Any]) -> None:
        ann.command("/access")
        client.views_open(trigger_id=str(bot.of_kind("/access")[-1].payload["trigger_id"]), view=view)

    return open_for_ann


def test_an_empty_answer_closes_the_modal(opened: Open, ann: Hands) -> None:
    opened(modal(text_input()))

    assert ann.submit({"note": {"text": "x"}}).ok
    assert ann.modal() is None


def test_errors_stand_beside_their_inputs_and_keep_the_text(opened: Open, bot: Bot, ann: Hands) -> None:
    opened(modal(text_input()))
    bot.answer = says({"response_action": "errors", "errors": {"note": "Too short"}})

    outcome = ann.submit({"note": {"text": "x"}})

    assert outcome.errors == {"note": "Too short"}
    form = ann.modal()
    assert form is not None
    assert form.state["note"]["text"]["value"] == "x"


def test_an_answer_can_change_push_and_clear(opened: Open, bot: Bot, ann: Hands) -> None:
    opened(modal(callback_id="first"))
    bot.answer = says({"response_action": "push", "view": modal(callback_id="second")})
    ann.submit()
    pushed = [form.raw["callback_id"] for form in ann.modals()]
    bot.answer = says({"response_action": "update", "view": modal(callback_id="third")})
    ann.submit()
    updated = [form.raw["callback_id"] for form in ann.modals()]
    bot.answer = says({"response_action": "clear"})
    ann.submit()

    assert pushed == ["first", "second"]
    assert updated == ["first", "third"]
    assert ann.modals() == []


@pytest.mark.parametrize(
    "answer",
    [
        says({"response_action": "errors", "errors": {"nowhere": "x"}}),
        says({"response_action": "errors", "errors": {}}),
        says({"response_action": "update", "view": {"type": "modal", "blocks": []}}),
        says({"response_action": "dance"}),
        lambda _got: PlainTextResponse("ok"),
        lambda _got: Response(status_code=503),
    ],
    ids=["unknown block", "no errors", "wrong view", "unknown action", "no JSON", "HTTP 503"],
)
def test_an_answer_slack_does_not_understand_leaves_the_modal_open(
    opened: Open, bot: Bot, ann: Hands, answer: Callable[..., Response]
) -> None:
    opened(modal(text_input()))
    bot.answer = answer

    outcome = ann.submit({"note": {"text": "x"}})

    assert outcome.failure.startswith("We had some trouble connecting")
    assert ann.modal() is not None


def test_a_required_input_is_asked_for_without_asking_the_bot(opened: Open, bot: Bot, ann: Hands) -> None:
    opened(modal(text_input("must"), text_input("may", optional=True)))

    outcome = ann.submit()

    assert outcome.errors == {"must": "Please complete this required field."}
    assert not outcome.delivered
    assert bot.of_kind("view_submission") == []


@pytest.mark.parametrize(
    ("element", "value", "sentence"),
    [
        ({"type": "plain_text_input", "min_length": 5}, "x", "at least 5"),
        ({"type": "plain_text_input", "max_length": 3}, "xxxx", "at most 3"),
        ({"type": "number_input", "is_decimal_allowed": False}, "1.5", "a number"),
        ({"type": "number_input", "is_decimal_allowed": True, "max_value": "10"}, "11", "at most 10"),
        ({"type": "email_text_input"}, "nobody", "e-mail"),
        ({"type": "url_text_input"}, "nowhere", "web address"),
    ],
)
def test_the_page_checks_what_slacks_client_checks(
    opened: Open, ann: Hands, element: dict[str, Any], value: str, sentence: str
) -> None:
    opened(modal(text_input(element=element)))

    assert sentence in ann.submit({"note": {"text": value}}).errors["note"]


def test_an_unknown_input_cannot_be_filled_in(opened: Open, ann: Hands) -> None:
    opened(modal(text_input()))

    with pytest.raises(CannotDo, match="no input"):
        ann.submit({"nowhere": {"text": "x"}})


def test_an_untouched_input_is_null_and_a_preset_one_is_kept(opened: Open, bot: Bot, ann: Hands) -> None:
    opened(modal(text_input("empty", optional=True), text_input("full", element={"initial_value": "as it was"})))
    ann.submit()

    values = bot.of_kind("view_submission")[0].payload["view"]["state"]["values"]
    assert values["empty"]["text"]["value"] is None
    assert values["full"]["text"]["value"] == "as it was"


def test_the_bot_hears_of_a_closing_only_where_it_asked(opened: Open, bot: Bot, ann: Hands) -> None:
    opened(modal())
    ann.close_modal()
    opened(modal(notify_on_close=True))
    ann.close_modal()

    (got,) = bot.of_kind("view_closed")
    assert got.payload["is_cleared"] is False
    assert "trigger_id" not in got.payload


def test_clear_on_close_takes_the_whole_stack(opened: Open, bot: Bot, ann: Hands) -> None:
    opened(modal(notify_on_close=True))
    bot.answer = says({"response_action": "push", "view": modal(clear_on_close=True)})
    ann.submit()
    bot.answer = lambda _got: Response()
    ann.close_modal()

    assert ann.modals() == []
    assert bot.of_kind("view_closed")[0].payload["is_cleared"] is True


def test_a_submission_comes_with_a_trigger_of_its_own(opened: Open, bot: Bot, client: WebClient, ann: Hands) -> None:
    opened(modal(actions(button())))
    ann.submit()
    trigger = str(bot.of_kind("view_submission")[0].payload["trigger_id"])
    client.views_open(trigger_id=trigger, view=modal(callback_id="after"))

    form = ann.modal()
    assert form is not None
    assert form.raw["callback_id"] == "after"
