"""One journey through the whole workspace with the real slack_sdk: a card, a press, a form, an answer."""

from typing import Any

from slack_sdk import WebClient
from starlette.responses import JSONResponse, Response

from approvalbot.workspace.hands import Hands
from tests.workspace.conftest import Bot, Got, actions, button, modal, text_input


def test_a_card_is_posted_pressed_and_answered(client: WebClient, bot: Bot, ann: Hands) -> None:
    posted = client.chat_postMessage(channel="#aws-approvals", text="Approval needed", blocks=[actions(button())])

    card = ann.messages("#aws-approvals")[-1]
    outcome = ann.press("#aws-approvals", card.ts, "go")

    assert outcome.ok
    assert outcome.status == 200
    assert posted["channel"] == "C0AWSAPPROVALS"
    (got,) = bot.of_kind("block_actions")
    assert bot.genuine(got)
    assert got.payload["user"] == {"id": "U0ANN", "username": "ann", "name": "ann", "team_id": "T0ACME"}
    assert got.payload["container"]["message_ts"] == posted["ts"]


def test_a_form_opens_from_a_press_and_is_submitted(client: WebClient, bot: Bot, ann: Hands) -> None:
    client.chat_postMessage(channel="#deploys", text="x", blocks=[actions(button())])
    ts = ann.messages("#deploys")[-1].ts
    ann.press("#deploys", ts, "go")
    trigger = bot.of_kind("block_actions")[0].payload["trigger_id"]
    opened = client.views_open(trigger_id=trigger, view=modal(text_input()))

    form = ann.modal()
    outcome = ann.submit({"note": {"text": "because"}})

    assert form is not None
    assert form.id == opened["view"]["id"]
    assert outcome.ok
    assert ann.modal() is None
    view: dict[str, Any] = bot.of_kind("view_submission")[0].payload["view"]
    assert view["state"]["values"] == {"note": {"text": {"type": "plain_text_input", "value": "because"}}}


def test_a_command_is_answered_to_its_sender_alone(bot: Bot, ann: Hands, eve: Hands) -> None:
    def answer(_got: Got) -> Response:
        return JSONResponse({"text": "Asked @dba-oncall"})

    bot.answer = answer
    outcome = eve.command("/access", "request db", channel="#access-requests")

    assert outcome.ok
    assert bot.of_kind("/access")[0].payload["text"] == "request db"
    assert [one.text for one in eve.only_you("#access-requests")] == ["Asked @dba-oncall"]
    assert ann.only_you("#access-requests") == []
