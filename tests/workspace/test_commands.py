"""Slash commands, shortcuts, and answers by response_url."""

import pytest
from slack_sdk import WebClient
from slack_sdk.webhook import WebhookClient
from starlette.responses import PlainTextResponse

from approvalbot.workspace.config import Timing
from approvalbot.workspace.hands import CannotDo, Hands
from approvalbot.workspace.serving import Running, running_workspace
from tests.workspace.conftest import Bot, actions, button, make_config, says


def test_a_command_carries_slacks_fields(bot: Bot, eve: Hands) -> None:
    eve.command("/access", "request prod-db for 2h", channel="#access-requests")

    (got,) = bot.of_kind("/access")
    fields = got.payload
    assert bot.genuine(got)
    assert fields["text"] == "request prod-db for 2h"
    assert fields["user_id"] == "U0EVE"
    assert fields["channel_id"] == "C0ACCESSREQUESTS"
    assert fields["team_domain"] == "acme"
    assert fields["is_enterprise_install"] == "false"


def test_mentions_in_a_command_arrive_as_ids(bot: Bot, eve: Hands) -> None:
    eve.command("/access", "away delegate @ann and @sec-oncall in #deploys see https://example.com/x")

    text = bot.of_kind("/access")[0].payload["text"]
    assert text == (
        "away delegate <@U0ANN|ann> and <!subteam^S0SECONCALL|@sec-oncall> "
        "in <#C0DEPLOYS|deploys> see <https://example.com/x>"
    )


def test_a_line_that_starts_with_a_slash_is_a_command(bot: Bot, eve: Hands) -> None:
    eve._call("POST", "messages", {"channel": "general", "text": "/access help"})

    assert bot.of_kind("/access")[0].payload["text"] == "help"
    assert eve.messages("#general") == []


def test_an_unknown_command_is_not_sent(bot: Bot, eve: Hands) -> None:
    with pytest.raises(CannotDo, match="/nope is not a valid command"):
        eve.command("/nope")

    assert bot.got == []


def test_an_answer_may_be_plain_text_or_for_everybody(bot: Bot, ann: Hands, eve: Hands) -> None:
    bot.answer = lambda _got: PlainTextResponse("Asked.")
    eve.command("/access", "request db")
    bot.answer = says({"text": "Everybody hears this", "response_type": "in_channel"})
    eve.command("/access", "list")

    assert [one.text for one in eve.messages("#general")] == ["Asked.", "Everybody hears this"]
    assert [one.text for one in ann.messages("#general")] == ["Everybody hears this"]


def test_an_answer_with_wrong_blocks_fails_visibly(bot: Bot, eve: Hands) -> None:
    bot.answer = says({"text": "x", "blocks": [{"type": "hologram"}]})

    assert "invalid_blocks" in eve.command("/access").failure


def test_a_guest_from_another_company_comes_with_their_team(bot: Bot, workspace: Running) -> None:
    with workspace.hands("U0OLG") as olga:
        olga.command("/access", channel="#partner-shared")

    assert bot.of_kind("/access")[0].payload["team_id"] == "T0OTHER"


def test_shortcuts_come_with_and_without_a_message(bot: Bot, ann: Hands) -> None:
    message = ann.write("#general", "deploy of payments")
    ann.shortcut("request_access")
    ann.shortcut("request_about_message", channel="#general", ts=message.ts)

    plain, about = bot.of_kind("shortcut")[0].payload, bot.of_kind("message_action")[0].payload
    assert plain["callback_id"] == "request_access"
    assert "channel" not in plain
    assert about["message"]["text"] == "deploy of payments"
    assert about["message_ts"] == message.ts
    assert about["response_url"]


def test_an_unknown_shortcut_is_not_sent(bot: Bot, ann: Hands) -> None:
    with pytest.raises(CannotDo):
        ann.shortcut("request_about_message")

    assert bot.got == []


def test_a_response_url_answers_five_times(bot: Bot, eve: Hands) -> None:
    eve.command("/access")
    hook = WebhookClient(bot.of_kind("/access")[0].payload["response_url"])

    answers = [hook.send(text=f"{n}") for n in range(6)]

    assert [one.status_code for one in answers] == [200, 200, 200, 200, 200, 404]
    assert "used_url" in answers[-1].body
    assert [one.text for one in eve.only_you("#general")] == ["0", "1", "2", "3", "4"]


def test_a_response_url_dies_after_its_time(bot: Bot) -> None:
    config = make_config(bot.url, timing=Timing(response_url_life_s=0.000001))
    with running_workspace(config) as running, running.hands("U0EVE") as eve:
        eve.command("/access")
        answer = WebhookClient(bot.of_kind("/access")[0].payload["response_url"]).send(text="late")

    assert answer.status_code == 404
    assert "expired_url" in answer.body


def test_an_answer_to_a_press_replaces_the_message_unless_told_otherwise(
    bot: Bot, client: WebClient, ann: Hands, eve: Hands
) -> None:
    ts = str(client.chat_postMessage(channel="#general", text="card", blocks=[actions(button())])["ts"])
    ann.press("#general", ts, "go")
    hook = WebhookClient(bot.of_kind("block_actions")[0].payload["response_url"])

    hook.send(text="only for you", response_type="ephemeral")
    hook.send(text="beside it", replace_original=False, response_type="in_channel")
    hook.send(text="instead of it")

    assert [one.text for one in eve.messages("#general")] == ["instead of it", "beside it"]
    assert [one.text for one in ann.only_you("#general")] == ["only for you"]


def test_an_ephemeral_message_is_replaced_and_deleted_by_its_own_response_url(
    bot: Bot, client: WebClient, ann: Hands
) -> None:
    client.chat_postEphemeral(channel="C0GENERAL", user="U0ANN", text="x", blocks=[actions(button())])
    ann.press("#general", ann.only_you("#general")[0].ts, "go")
    hook = WebhookClient(bot.of_kind("block_actions")[0].payload["response_url"])

    hook.send(text="done")
    replaced = [one.text for one in ann.only_you("#general")]
    hook.send(delete_original=True)

    assert replaced == ["done"]
    assert ann.only_you("#general") == []


def test_a_response_with_wrong_blocks_is_refused(bot: Bot, eve: Hands) -> None:
    eve.command("/access")
    hook = WebhookClient(bot.of_kind("/access")[0].payload["response_url"])

    answer = hook.send(text="x", blocks=[{"type": "hologram"}])

    assert answer.status_code == 400
    assert "invalid_blocks" in answer.body
