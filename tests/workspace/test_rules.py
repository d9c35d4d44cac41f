"""The rules of a team: who may post where, what may be edited, what a plan has, how fast the app may be."""

from typing import Any

import httpx
import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.webhook import WebhookClient
from starlette.responses import JSONResponse, Response

from approvalbot.workspace.config import BOT_SCOPES, RateLimits, Timing
from approvalbot.workspace.hands import CannotDo, Hands
from approvalbot.workspace.loopback import plain_http
from approvalbot.workspace.serving import Running, running_workspace
from tests.workspace.conftest import TOKEN, Bot, make_config


def refused(error: pytest.ExceptionInfo[SlackApiError]) -> str:
    return str(error.value.response["error"])


@pytest.mark.parametrize(
    ("posting", "in_thread", "code"),
    [
        ("read_only", False, "restricted_action_read_only_channel"),
        ("read_only", True, "restricted_action_read_only_channel"),
        ("thread_only", False, "restricted_action_thread_only_channel"),
        ("no_threads", True, "restricted_action_non_threadable_channel"),
    ],
)
def test_a_channel_says_what_may_be_posted(
    client: WebClient, ann: Hands, posting: str, in_thread: bool, code: str
) -> None:
    head = client.chat_postMessage(channel="#deploys", text="head")
    ann.change_channel("#deploys", posting=posting)
    thread: dict[str, Any] = {"thread_ts": str(head["ts"])} if in_thread else {}

    with pytest.raises(SlackApiError) as posted:
        client.chat_postMessage(channel="#deploys", text="x", **thread)
    with pytest.raises(SlackApiError) as whispered:
        client.chat_postEphemeral(channel="C0DEPLOYS", user="U0ANN", text="x", **thread)
    with pytest.raises(CannotDo):
        ann.write("#deploys", "x", thread_ts=str(head["ts"]) if in_thread else None)

    assert refused(posted) == code
    assert refused(whispered) == "restricted_action"


@pytest.mark.parametrize(("posting", "in_thread"), [("thread_only", True), ("no_threads", False), ("everyone", True)])
def test_what_the_rule_allows_is_posted(client: WebClient, ann: Hands, posting: str, in_thread: bool) -> None:
    head = client.chat_postMessage(channel="#deploys", text="head")
    ann.change_channel("#deploys", posting=posting)
    thread: dict[str, Any] = {"thread_ts": str(head["ts"])} if in_thread else {}

    assert client.chat_postMessage(channel="#deploys", text="x", **thread)["ok"]
    assert client.conversations_info(channel="C0DEPLOYS")["channel"]["is_thread_only"] is (posting == "thread_only")


def test_a_locked_thread_takes_no_reply(client: WebClient, ann: Hands) -> None:
    head = str(client.chat_postMessage(channel="#general", text="head")["ts"])
    reply = str(client.chat_postMessage(channel="#general", text="reply", thread_ts=head)["ts"])
    ann.lock_thread("#general", head)

    with pytest.raises(SlackApiError) as posted:
        client.chat_postMessage(channel="#general", text="x", thread_ts=head)
    with pytest.raises(SlackApiError) as whispered:
        client.chat_postEphemeral(channel="C0GENERAL", user="U0ANN", text="x", thread_ts=head)
    with pytest.raises(CannotDo, match="locked"):
        ann.write("#general", "x", thread_ts=head)
    with pytest.raises(CannotDo, match="can have a thread"):
        ann.lock_thread("#general", reply)
    changed = client.chat_update(channel="C0GENERAL", ts=head, text="still editable")
    ann.lock_thread("#general", head, locked=False)

    assert refused(posted) == "restricted_action_thread_locked"
    assert refused(whispered) == "restricted_action"
    assert changed["message"]["is_locked"] is True
    assert client.chat_postMessage(channel="#general", text="x", thread_ts=head)["ok"]


def test_reactions_stop_where_a_thread_is_locked(bot: Bot) -> None:
    with running_workspace(make_config(bot.url, scopes=(*BOT_SCOPES, "reactions:write"))) as running:
        client = WebClient(TOKEN, base_url=running.api_url)
        head = str(client.chat_postMessage(channel="#general", text="head")["ts"])
        with running.hands("U0ANN") as ann:
            client.reactions_add(channel="C0GENERAL", timestamp=head, name="eyes")
            ann.lock_thread("#general", head)
            with pytest.raises(SlackApiError) as added:
                client.reactions_add(channel="C0GENERAL", timestamp=head, name="tada")
            with pytest.raises(CannotDo, match="locked"):
                ann._call("POST", "reactions", {"channel": "general", "ts": head, "name": "tada"})

    assert refused(added) == "thread_locked"


def test_a_team_may_close_its_messages_for_editing() -> None:
    with running_workspace(make_config(edit_window_s=0)) as running:
        client = WebClient(TOKEN, base_url=running.api_url)
        posted = client.chat_postMessage(channel="#general", text="x")
        with pytest.raises(SlackApiError) as edited:
            client.chat_update(channel="C0GENERAL", ts=str(posted["ts"]), text="y")

    assert refused(edited) == "edit_window_closed"


def test_the_free_plan_has_no_user_groups() -> None:
    with running_workspace(make_config(plan="free")) as running:
        client = WebClient(TOKEN, base_url=running.api_url)
        with pytest.raises(SlackApiError) as listed:
            client.usergroups_list()
        with pytest.raises(SlackApiError) as members:
            client.usergroups_users_list(usergroup="S0ENGINEERS")

    assert refused(listed) == refused(members) == "plan_upgrade_required"


def test_a_team_may_have_no_files_and_a_file_needs_a_channel(bot: Bot) -> None:
    scopes = (*BOT_SCOPES, "files:write")
    without = running_workspace(make_config(scopes=scopes, file_uploads=False))
    with without as running, pytest.raises(SlackApiError) as asked:
        WebClient(TOKEN, base_url=running.api_url).files_getUploadURLExternal(filename="x.txt", length=1)
    with running_workspace(make_config(scopes=scopes)) as running:
        client = WebClient(TOKEN, base_url=running.api_url)
        upload = client.files_getUploadURLExternal(filename="x.txt", length=1)
        httpx.post(str(upload["upload_url"]), content=b"x", **plain_http())
        with pytest.raises(SlackApiError) as nonsense:
            client.files_completeUploadExternal(files=[{"id": upload["file_id"]}], channel_id="#general")
        with pytest.raises(SlackApiError) as unknown:
            client.files_completeUploadExternal(files=[{"id": upload["file_id"]}], channel_id="C0NOWHERE")

    assert refused(asked) == "file_uploads_disabled"
    assert refused(nonsense) == "invalid_channel"
    assert refused(unknown) == "channel_not_found"


def test_a_dm_and_a_group_dm_need_scopes_of_their_own(client: WebClient) -> None:
    direct = client.conversations_open(users="U0ANN")["channel"]["id"]

    for call in (client.conversations_info, client.conversations_members):
        with pytest.raises(SlackApiError) as looked:
            call(channel=direct)
        assert looked.value.response["needed"] == "im:read"


def test_user_groups_come_in_pages_where_asked_for(client: WebClient) -> None:
    first = client.usergroups_list(limit=5)
    second = client.usergroups_list(limit=5, cursor=first["response_metadata"]["next_cursor"])
    members = client.usergroups_users_list(usergroup="S0ENGINEERS", limit=2)

    assert (len(first["usergroups"]), len(second["usergroups"])) == (5, 2)
    assert second["response_metadata"]["next_cursor"] == ""
    assert members["users"] == ["U0ANN", "U0BOB"]
    assert "response_metadata" not in client.usergroups_list().data


def test_all_posts_together_have_a_limit() -> None:
    limits = RateLimits(all_posts_per_min=2)
    with running_workspace(make_config(rate_limits=limits)) as running:
        client = WebClient(TOKEN, base_url=running.api_url)
        for channel in ("#general", "#deploys"):
            client.chat_postMessage(channel=channel, text="x")
        with pytest.raises(SlackApiError) as limited:
            client.chat_postMessage(channel="#prod-access", text="x")

    assert limited.value.response.status_code == 429
    assert limited.value.response.headers["retry-after"] == "30"


def test_too_many_events_are_held_back_and_the_bot_is_told_once(bot: Bot) -> None:
    limits = RateLimits(events_per_hour=1)
    with running_workspace(make_config(bot.url, rate_limits=limits)) as running, running.hands("U0ANN") as ann:
        ann.open_home()
        bot.wait_for("app_home_opened")
        ann.open_home()
        (told,) = bot.wait_for("app_rate_limited")
        ann.open_home()

    assert told.payload["minute_rate_limited"] % 60 == 0
    assert told.payload["api_app_id"] == "A0APPROVE"
    assert len(bot.of_kind("app_home_opened")) == 1


@pytest.mark.parametrize(("kind", "status"), [("rate_limited", 429), ("http_error", 503)])
def test_an_answer_by_response_url_can_fail(bot: Bot, eve: Hands, kind: str, status: int) -> None:
    eve.command("/access")
    hook = WebhookClient(bot.of_kind("/access")[0].payload["response_url"], retry_handlers=[])
    eve.fault(kind, "response_url")

    first, second = hook.send(text="one"), hook.send(text="two")

    assert (first.status_code, second.status_code) == (status, 200)
    assert [one.text for one in eve.only_you("#general")] == ["two"]


def test_a_fault_of_any_call_leaves_response_urls_alone(bot: Bot, eve: Hands) -> None:
    eve.command("/access")
    eve.fault("rate_limited", "*")

    assert WebhookClient(bot.of_kind("/access")[0].payload["response_url"]).send(text="x").status_code == 200


def test_an_answer_is_for_one_or_for_all_and_for_nothing_else(bot: Bot, eve: Hands) -> None:
    eve.command("/access")
    hook = WebhookClient(bot.of_kind("/access")[0].payload["response_url"])

    assert hook.send(text="x", response_type="in-channel").status_code == 400


def test_a_bot_that_takes_hardly_any_event_loses_them_until_it_is_verified(bot: Bot) -> None:
    bot.answer = lambda _got: Response(status_code=500)
    config = make_config(
        bot.url, rate_limits=RateLimits(enforced=False, health_from_events=2), timing=Timing(event_retries_s=(0,))
    )
    with running_workspace(config) as running, running.hands("U0ANN") as ann:
        ann.open_home()
        bot.wait_for("app_rate_limited")
        ann.wait_for(lambda: ann.directory()["events_disabled"])
        ann.set_group("S0EMPTY", ["U0ANN"])
        bot.answer = lambda got: JSONResponse({"challenge": got.payload.get("challenge", "")})
        assert ann.verify_bot().ok
        ann.open_home()
        bot.wait_for("app_home_opened", 3)

    assert bot.of_kind("subteam_updated") == []


def test_an_app_without_tabs_hears_of_none(bot: Bot) -> None:
    config = make_config(bot.url, home_tab=False, messages_tab="off")
    with running_workspace(config) as running, running.hands("U0ANN") as ann:
        for tab in ("home", "messages"):
            with pytest.raises(CannotDo, match=f"no {tab} tab"):
                ann.open_home(tab)
        with pytest.raises(SlackApiError) as published:
            WebClient(TOKEN, base_url=running.api_url).views_publish(
                user_id="U0ANN", view={"type": "home", "blocks": []}
            )
        with pytest.raises(SlackApiError) as posted:
            WebClient(TOKEN, base_url=running.api_url).chat_postMessage(channel="U0ANN", text="x")

    assert refused(published) == "not_enabled"
    assert refused(posted) == "messages_tab_disabled"
    assert bot.got == []


def test_the_app_token_says_which_app_it_is(workspace: Running) -> None:
    answer = WebClient("xapp-local-approvalbot", base_url=workspace.api_url).auth_test()

    assert (answer["app_id"], answer["app_name"]) == ("A0APPROVE", "approvalbot")
