"""Faults on request, as a bot's client sees them."""

import socket
from http.client import RemoteDisconnected
from urllib.error import URLError

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from approvalbot.workspace.hands import Hands
from approvalbot.workspace.serving import Running
from tests.workspace.conftest import TOKEN, Bot, actions, button, modal


def refusal(error: pytest.ExceptionInfo[SlackApiError]) -> str:
    return str(error.value.response["error"])


def post(client: WebClient) -> None:
    client.chat_postMessage(channel="#general", text="x")


@pytest.mark.parametrize("retry_after", ["3", "2.5", "soon"])
def test_a_429_carries_the_header_as_ordered(client: WebClient, ann: Hands, retry_after: str) -> None:
    ann.fault("rate_limited", "chat.postMessage", retry_after=retry_after)

    with pytest.raises(SlackApiError) as refused:
        post(client)
    post(client)

    assert refused.value.response.status_code == 429
    assert refused.value.response.headers["retry-after"] == retry_after
    assert len(ann.messages("#general")) == 1


def test_a_fault_strikes_its_own_method_and_as_often_as_ordered(client: WebClient, ann: Hands) -> None:
    ann.fault("error", "chat.postMessage", times=2, error="fatal_error")

    client.auth_test()
    codes = []
    for _ in range(3):
        try:
            post(client)
            codes.append("")
        except SlackApiError as refused:
            codes.append(refused.response["error"])

    assert codes == ["fatal_error", "fatal_error", ""]


@pytest.mark.parametrize("status", [500, 502, 503, 504])
def test_a_5xx_is_not_json(client: WebClient, ann: Hands, status: int) -> None:
    ann.fault("http_error", status=status)

    with pytest.raises(SlackApiError) as refused:
        post(client)

    assert refused.value.response.status_code == status
    assert ann.messages("#general") == []


def test_a_5xx_may_come_after_the_work_was_done(client: WebClient, ann: Hands) -> None:
    ann.fault("http_error", "chat.postMessage", after=True)

    with pytest.raises(SlackApiError):
        post(client)

    assert len(ann.messages("#general")) == 1


def test_a_dropped_line_leaves_the_message_posted(client: WebClient, ann: Hands) -> None:
    ann.fault("drop", "chat.postMessage")

    with pytest.raises((URLError, RemoteDisconnected, ConnectionError)):
        post(client)

    assert len(ann.messages("#general")) == 1


def test_the_sdks_own_retry_posts_twice_after_a_dropped_line(workspace: Running, ann: Hands) -> None:
    client = WebClient(TOKEN, base_url=workspace.api_url)
    ann.fault("drop", "chat.postMessage")

    post(client)

    assert len(ann.messages("#general")) == 2


def test_a_slow_answer_comes_after_the_callers_patience(workspace: Running, ann: Hands) -> None:
    client = WebClient(TOKEN, base_url=workspace.api_url, timeout=1, retry_handlers=[])
    ann.fault("slow", "chat.postMessage", delay_s=1.5)

    with pytest.raises((TimeoutError, URLError, socket.timeout)):
        post(client)

    assert len(ann.messages("#general")) == 1


@pytest.mark.parametrize(("kind", "code"), [("token_revoked", "token_revoked"), ("missing_scope", "missing_scope")])
def test_a_token_can_lose_its_power(client: WebClient, ann: Hands, kind: str, code: str) -> None:
    ann.fault(kind)

    with pytest.raises(SlackApiError) as refused:
        post(client)

    assert refusal(refused) == code


def test_a_duplicate_delivery_is_the_same_twice(client: WebClient, bot: Bot, ann: Hands) -> None:
    ts = client.chat_postMessage(channel="#general", text="x", blocks=[actions(button())])["ts"]
    ann.fault("duplicate", "block_actions")

    ann.press("#general", str(ts), "go")

    first, second = bot.of_kind("block_actions")
    assert first.payload["trigger_id"] == second.payload["trigger_id"]
    assert first.body == second.body


def test_an_expired_trigger_opens_nothing(client: WebClient, bot: Bot, ann: Hands) -> None:
    ann.fault("expired_trigger", "/access")
    ann.command("/access")

    with pytest.raises(SlackApiError) as refused:
        client.views_open(trigger_id=bot.of_kind("/access")[0].payload["trigger_id"], view=modal())

    assert refusal(refused) == "expired_trigger_id"


def test_a_replay_has_the_old_signature_to_the_byte(bot: Bot, ann: Hands) -> None:
    ann.command("/access")
    (entry,) = ann.traffic("delivery", what="/access")

    ann.replay(entry["n"])
    ann.replay(entry["n"], fresh=True)

    first, same, fresh = bot.of_kind("/access")
    assert same.body == first.body == fresh.body
    assert same.headers["x-slack-signature"] == first.headers["x-slack-signature"]
    assert bot.genuine(fresh)


def test_faults_are_listed_and_taken_back(client: WebClient, ann: Hands) -> None:
    number = ann.fault("error", times=None)

    listed = ann._call("GET", "faults")["faults"]
    ann._call("DELETE", f"faults/{number}")
    post(client)

    assert [(one["id"], one["left"]) for one in listed] == [(number, None)]


def test_a_call_in_trouble_is_marked_in_the_inspector(client: WebClient, ann: Hands) -> None:
    ann.fault("drop", "chat.postMessage")
    with pytest.raises((URLError, RemoteDisconnected, ConnectionError)):
        post(client)

    (entry,) = ann.traffic("call", what="chat.postMessage")
    assert entry["ok"] is False
    assert "dropped" in entry["failure"]
