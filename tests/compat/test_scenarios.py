"""The bot's journeys on any Slack-compatible server: `SLACK_SCENARIO_API_URL` names one, else the local workspace."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis

import approvalbot
from approvalbot.workspace.api.methods import METHODS
from tests.compat.player import Player, playing
from tests.compat.server import API_URL, server

REQUESTER = "requester@scenario.example"


@pytest.fixture
def player(redis: Redis, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Player]:
    with server() as found, playing(found, valkey_url, tmp_path, monkeypatch) as running:
        yield running


def buttons(card: dict[str, object]) -> set[str]:
    return set(re.findall(r"request\.[a-z]+", str(card["blocks"])))


def test_an_approval_reaches_the_service_and_the_card(player: Player) -> None:
    name = player.event(REQUESTER)
    card = player.card(name)
    assert {"request.approve", "request.deny"} <= buttons(card)

    player.press(player.server.approver, "request.approve", card)

    assert (player.status(name)["status"], player.status(name)["allowed"]) == ("approved", True)
    settled = player.card(name)
    assert settled["ts"] == card["ts"]
    assert "request.approve" not in buttons(settled)


def test_a_denial_by_its_form_reaches_the_service(player: Player) -> None:
    name = player.event(REQUESTER)

    values = {"reason_code": {"reason_code": {"type": "static_select", "selected_option": {"value": "too_broad"}}}}
    player.submit(player.server.approver, "form.deny", player.card(name), values)

    assert player.status(name)["status"] == "denied"
    assert player.status(name)["reason_code"] == "too_broad"


@pytest.mark.parametrize("who", ["requester", "outsider"])
def test_whoever_may_not_decide_decides_nothing(player: Player, who: str) -> None:
    name = player.event(REQUESTER)

    player.press(getattr(player.server, who), "request.approve", player.card(name))

    assert player.status(name)["status"] == "pending"


def test_a_press_twice_counts_once_and_a_second_decision_changes_nothing(player: Player) -> None:
    name = player.event(REQUESTER)
    card = player.card(name)

    for action in ("request.approve", "request.approve", "request.deny"):
        player.press(player.server.approver, action, card)

    assert player.status(name)["status"] == "approved"


def test_the_outcome_stands_in_the_thread(player: Player) -> None:
    name = player.event(REQUESTER)
    card = player.card(name)
    player.press(player.server.approver, "request.approve", card)

    replies = player.server.reader().conversations_replies(channel=player.server.channel, ts=card["ts"])["messages"]

    assert any("Approved by" in str(one) for one in replies[1:])


def test_the_bot_calls_the_web_api_and_nothing_else(player: Player) -> None:
    if os.environ.get(API_URL):
        pytest.skip("the calls are seen only where the local workspace is played on")
    player.press(player.server.approver, "request.approve", player.card(player.event(REQUESTER)))

    methods = {path.removeprefix("/api/") for path in player.server.calls}

    assert {"chat.postMessage", "chat.update", "users.info", "auth.test"} <= methods
    assert methods <= set(METHODS), "only methods that Slack documents"


def test_the_bot_s_code_knows_no_door_of_the_workspace() -> None:
    root = Path(approvalbot.__file__).parent
    ours = [path for path in root.rglob("*.py") if path.relative_to(root).parts[0] not in {"workspace", "cli"}]

    wrong = [
        path.name for path in ours if re.search(r"/local/|/hooks/|approvalbot\.workspace", path.read_text("utf-8"))
    ]

    assert len(ours) > 100
    assert wrong == []
