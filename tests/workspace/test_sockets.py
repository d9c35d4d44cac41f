"""Socket Mode with slack_sdk's own client: envelopes, acknowledgements, lost and refused connections."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from slack_sdk.socket_mode import SocketModeClient
from slack_sdk.socket_mode.client import BaseSocketModeClient
from slack_sdk.socket_mode.request import SocketModeRequest
from slack_sdk.socket_mode.response import SocketModeResponse

from approvalbot.workspace.config import Timing
from approvalbot.workspace.hands import Hands
from approvalbot.workspace.serving import Running, running_workspace
from tests.workspace.conftest import TOKEN, actions, button, make_config, modal, text_input

APP_TOKEN = "xapp-local-test"


class Connected:
    """A bot with one WebSocket, which remembers what came and acknowledges with `payload` (None: not at all)."""

    def __init__(self, running: Running) -> None:
        self.got: list[SocketModeRequest] = []
        self.payload: dict[str, Any] | None = {}
        self.arrived = threading.Condition()
        web = WebClient(APP_TOKEN, base_url=running.api_url)
        self.client = SocketModeClient(app_token=APP_TOKEN, web_client=web, ping_interval=1)
        self.client.socket_mode_request_listeners.append(self.take)
        self.client.connect()

    def take(self, client: BaseSocketModeClient, request: SocketModeRequest) -> None:
        """Remember and acknowledge."""
        with self.arrived:
            self.got.append(request)
            self.arrived.notify_all()
        if self.payload is not None:
            client.send_socket_mode_response(SocketModeResponse(request.envelope_id, self.payload))


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    """A workspace in Socket Mode."""
    config = make_config(mode="socket", app_token=APP_TOKEN, timing=Timing(ack_s=1))
    with running_workspace(config) as workspace:
        yield workspace


@pytest.fixture(scope="module")
def connected(running: Running) -> Iterator[Connected]:
    """One connection for the whole module: the SDK takes three seconds to close one."""
    held = Connected(running)
    yield held
    held.client.close()


@pytest.fixture
def bot(connected: Connected) -> Connected:
    """The connected bot, which acknowledges everything with nothing."""
    connected.got.clear()
    connected.payload = {}
    return connected


@pytest.fixture
def ann(running: Running, bot: Connected) -> Iterator[Hands]:
    """Ann's session, once the bot is connected."""
    with running.hands("U0ANN") as hands:
        hands.wait_for(lambda: hands.verify_bot().ok)
        yield hands


def test_a_command_comes_as_an_envelope(bot: Connected, ann: Hands) -> None:
    bot.payload = {"text": "Asked."}

    assert ann.command("/access", "list").ok

    (got,) = [one for one in bot.got if one.type == "slash_commands"]
    assert got.payload["text"] == "list"
    assert got.accepts_response_payload is True
    assert [one.text for one in ann.only_you("#general")][-1] == "Asked."


def test_a_press_and_a_form_go_both_ways(bot: Connected, ann: Hands, running: Running) -> None:
    client = WebClient(TOKEN, base_url=running.api_url)
    ts = str(client.chat_postMessage(channel="#general", text="x", blocks=[actions(button())])["ts"])
    ann.press("#general", ts, "go")
    trigger = next(one.payload["trigger_id"] for one in bot.got if one.payload.get("type") == "block_actions")
    client.views_open(trigger_id=trigger, view=modal(text_input()))
    bot.payload = {"response_action": "errors", "errors": {"note": "Say more"}}

    outcome = ann.submit({"note": {"text": "x"}})

    assert outcome.errors == {"note": "Say more"}
    ann.close_modal()


def test_an_event_comes_as_an_envelope(bot: Connected, ann: Hands) -> None:
    ann.set_group("S0EMPTY", ["U0ANN"])

    with bot.arrived:
        assert bot.arrived.wait_for(lambda: any(one.type == "events_api" for one in bot.got), 5)
    got = next(one for one in bot.got if one.type == "events_api")
    assert got.payload["event"]["type"] == "subteam_members_changed"
    assert got.retry_attempt == 0


def test_an_envelope_nobody_acknowledges_is_a_dead_click(bot: Connected, ann: Hands) -> None:
    bot.payload = None

    assert "operation_timeout" in ann.command("/access").failure


def test_a_lost_socket_is_a_dead_click_and_the_bot_comes_back(bot: Connected, ann: Hands) -> None:
    ann.fault("lost_socket", "/access")

    lost = ann.command("/access")
    ann.wait_for(lambda: ann.verify_bot().ok, timeout_s=15)

    assert "dispatch_failed" in lost.failure
    assert ann.command("/access").ok


def test_a_moved_socket_costs_no_delivery(bot: Connected, ann: Hands) -> None:
    ann.fault("refresh_socket", "/access")

    assert ann.command("/access", "after the move").ok

    assert [one.payload["text"] for one in bot.got if one.type == "slash_commands"] == ["after the move"]


def test_a_bot_token_opens_no_connection(running: Running) -> None:
    with pytest.raises(SlackApiError) as refused:
        WebClient(TOKEN, base_url=running.api_url).apps_connections_open(app_token=TOKEN)

    assert refused.value.response["error"] == "not_allowed_token_type"


def test_without_a_connection_the_failure_says_so(running: Running) -> None:
    with running_workspace(make_config(mode="socket")) as alone, alone.hands("U0ANN") as ann:
        outcome = ann.verify_bot()

    assert "no WebSocket" in outcome.failure
