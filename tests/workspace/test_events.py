"""The Events API: what the bot hears of, and how often it is told."""

from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from starlette.responses import JSONResponse, Response

from approvalbot.workspace.config import Timing
from approvalbot.workspace.hands import Hands
from approvalbot.workspace.serving import running_workspace
from tests.workspace.conftest import Bot, Got, make_config

AT_ONCE = Timing(event_retries_s=(0, 0, 0))


def test_an_edited_group_sends_both_events(bot: Bot, ann: Hands) -> None:
    ann.set_group("S0SECONCALL", ["U0BOB", "U0DAN"])

    (changed,) = bot.wait_for("subteam_members_changed")
    (updated,) = bot.wait_for("subteam_updated")
    event = changed.payload["event"]
    assert bot.genuine(changed)
    assert (event["added_users"], event["removed_users"]) == (["U0DAN"], ["U0ANN"])
    assert updated.payload["event"]["subteam"]["users"] == ["U0BOB", "U0DAN"]
    assert changed.payload["type"] == "event_callback"
    assert changed.payload["authorizations"][0]["is_bot"] is True


def test_a_deactivated_person_is_a_user_change(bot: Bot, ann: Hands) -> None:
    ann.set_active("U0DAN", active=False)

    (got,) = bot.wait_for("user_change")
    assert got.payload["event"]["user"]["id"] == "U0DAN"
    assert got.payload["event"]["user"]["deleted"] is True


def test_opening_the_home_tab_is_told_with_the_view(bot: Bot, client: WebClient, ann: Hands) -> None:
    ann.open_home()
    bot.wait_for("app_home_opened")
    client.views_publish(user_id="U0ANN", view={"type": "home", "blocks": []})
    ann.open_home()

    first, second = (one.payload["event"] for one in bot.wait_for("app_home_opened", 2))
    assert first["tab"] == "home"
    assert "view" not in first
    assert second["view"]["type"] == "home"


def test_leaving_and_deleting_a_channel_is_told(bot: Bot, ann: Hands) -> None:
    members = ann.channels()["deploys"]["members"]
    ann.change_channel("#deploys", members=[one for one in members if one != "U0APPROVE"])
    ann.change_channel("#prod-access", deleted=True)

    assert bot.wait_for("member_left_channel")[0].payload["event"]["user"] == "U0APPROVE"
    assert bot.wait_for("channel_deleted")[0].payload["event"]["channel"] == "C0PRODACCESS"
    assert "prod-access" not in ann.channels()


def test_an_uninstalled_app_loses_its_token(bot: Bot, client: WebClient, ann: Hands) -> None:
    ann.set_installed(installed=False)

    bot.wait_for("app_uninstalled")
    bot.wait_for("tokens_revoked")
    try:
        client.auth_test()
        code = ""
    except SlackApiError as refused:
        code = refused.response["error"]
    assert code == "account_inactive"


def test_an_event_is_told_up_to_four_times_with_the_same_id(bot: Bot) -> None:
    bot.answer = lambda _got: Response(status_code=500)
    with running_workspace(make_config(bot.url, timing=AT_ONCE)) as running, running.hands("U0ANN") as ann:
        ann.open_home()
        tries = bot.wait_for("app_home_opened", 4)

    assert len({one.payload["event_id"] for one in tries}) == 1
    assert [one.headers.get("x-slack-retry-num") for one in tries] == [None, "1", "2", "3"]
    assert {one.headers.get("x-slack-retry-reason") for one in tries[1:]} == {"http_error"}


def test_a_bot_can_say_that_it_wants_no_retry(bot: Bot) -> None:
    bot.answer = lambda _got: Response(status_code=500, headers={"x-slack-no-retry": "1"})
    with running_workspace(make_config(bot.url, timing=AT_ONCE)) as running, running.hands("U0ANN") as ann:
        ann.open_home()
        ann.wait_for(lambda: [one for one in ann.traffic("delivery") if one["failure"]])
        ann.open_home("messages")
        bot.wait_for("app_home_opened", 2)

    tabs = [one.payload["event"]["tab"] for one in bot.of_kind("app_home_opened")]
    assert tabs == ["home", "messages"]


def test_what_the_app_did_not_subscribe_to_is_not_told(bot: Bot) -> None:
    config = make_config(bot.url, events=["subteam_updated"])
    with running_workspace(config) as running, running.hands("U0ANN") as ann:
        ann.set_group("S0SECONCALL", ["U0DAN"])
        bot.wait_for("subteam_updated")

    assert bot.of_kind("subteam_members_changed") == []


def test_the_bots_address_is_checked_at_the_start(bot: Bot) -> None:
    def answer(got: Got) -> Response:
        return JSONResponse({"challenge": got.payload.get("challenge", "")})

    bot.answer = answer
    with running_workspace(make_config(bot.url, verify_bot_at_start=True)):
        (got,) = bot.wait_for("url_verification")

    assert bot.genuine(got)


def test_a_bot_that_starts_later_is_greeted_then(bot: Bot) -> None:
    with running_workspace(make_config(verify_bot_at_start=True)) as running, running.hands("U0ANN") as ann:
        outcome = ann.verify_bot()

    assert "could not be reached" in outcome.failure


def test_a_wrong_answer_to_the_challenge_is_shown(bot: Bot, ann: Hands) -> None:
    outcome = ann.verify_bot()

    assert "did not echo" in outcome.failure
