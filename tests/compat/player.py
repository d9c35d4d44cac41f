"""Plays on a bot and a Slack-compatible server: events in, cards read, presses delivered as Slack delivers them."""

import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import orjson
import yaml

from approvalbot.flow.perform import perform
from approvalbot.settings import load_settings
from approvalbot.wiring.house import House, build
from approvalbot.wiring.webside import make_asgi
from approvalbot.workspace.deliveries.sign import signature_headers
from tests.bot import Carrier
from tests.compat.server import Server
from tests.serving import serving

SIGNING_SECRET = "the signing secret of the scenarios"
KEY = "the key of the source"
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Player:
    """A bot on a server, and the hands of Slack's own client."""

    server: Server
    house: House
    carrier: Carrier
    http: httpx.Client

    def event(self, actor: str) -> str:
        """An event that asks for an approval; gives the request's id, once its card stands."""
        body = {"id": secrets.token_hex(8), "action": "deploy.requested", "actor": {"id": actor}}
        answer = self.http.post("/v1/events/deploys", json=body, headers={"x-api-key": KEY})
        assert answer.status_code == 202, answer.text
        self.settle()
        return str(answer.json()["id"])

    def settle(self) -> None:
        """Let everything be said that is to be said."""
        while self.carrier.effects:
            perform(self.house.journey, self.carrier.effects.pop(0))

    def card(self, request_id: str) -> dict[str, Any]:
        """The card, as anybody reads it in the channel: Web API only."""
        short = f"`{self.house.requests.load(request_id)[0].request.short_id}`"
        found = self.server.reader().conversations_history(channel=self.server.channel, limit=50)["messages"]
        return next(one for one in found if short in orjson.dumps(one.get("blocks", [])).decode())

    def status(self, request_id: str) -> dict[str, Any]:
        """What the waiting service is told."""
        headers = {"authorization": f"Bearer {KEY}"}
        said: dict[str, Any] = self.http.get(f"/v1/requests/{request_id}", headers=headers).json()
        return said

    def press(self, who: str, action: str, card: dict[str, Any]) -> None:
        """Press a button of a card, with the value that stands on it."""
        elements = [one for block in card["blocks"] for one in block.get("elements", []) if isinstance(one, dict)]
        pressed = next(one for one in elements if one.get("action_id") == action)
        place = {"type": "message", "message_ts": card["ts"], "channel_id": self.server.channel}
        action_sent = {"action_id": action, "block_id": "request.actions", "value": pressed["value"]}
        self._interact(who, "block_actions", container=place, message=card, actions=[action_sent])

    def submit(self, who: str, callback: str, card: dict[str, Any], values: dict[str, Any]) -> None:
        """Submit a form about a card's request: what a form carries is what its buttons carry."""
        deny = next(
            one
            for block in card["blocks"]
            for one in block.get("elements", [])
            if isinstance(one, dict) and one.get("action_id") == "request.deny"
        )
        view = {"id": "V1", "type": "modal", "callback_id": callback, "private_metadata": deny["value"]}
        self._interact(who, "view_submission", view={**view, "state": {"values": values}})

    def _interact(self, who: str, kind: str, **more: Any) -> None:
        us = self.house.ourselves.bot()
        payload = {
            "type": kind,
            "team": {"id": us.team},
            "user": {"id": who, "team_id": us.team},
            "api_app_id": us.app,
            "trigger_id": secrets.token_hex(8),
            **more,
        }
        body = urlencode({"payload": orjson.dumps(payload).decode()}).encode()
        headers = {**signature_headers(SIGNING_SECRET, body, time.time()), "Content-Type": FORM}
        assert self.http.post("/slack/events", content=body, headers=headers).status_code == 200
        self.settle()


@contextmanager
def playing(server: Server, redis_url: str, folder: Path, monkeypatch: Any) -> Iterator[Player]:
    """A bot on a server, with one gate whose approver is the server's."""
    monkeypatch.setenv("SCENARIO_KEY", KEY)
    policies = folder / "policies"
    policies.mkdir()
    (policies / "all.yaml").write_text(yaml.safe_dump_all(_policies(server)), encoding="utf-8")
    settings = load_settings(
        _env_file=None,
        slack_bot_token=server.bot_token,
        slack_signing_secret=SIGNING_SECRET,
        slack_api_url=server.api_url,
        approvalbot_policies=policies,
        approvalbot_data_dir=folder / "data",
        approvalbot_secret="s" * 40,
    )
    house = build(settings, redis_url, for_presses=True)
    carrier = Carrier()
    house = replace(house, journey=replace(house.journey, outgoing=carrier))
    with serving(make_asgi(house)) as url, httpx.Client(base_url=url, trust_env=False, timeout=20) as http:
        yield Player(server, house, carrier, http)


def _policies(server: Server) -> list[dict[str, Any]]:
    people = [
        {"id": name, "name": name, "slack": slack, "emails": [f"{name}@scenario.example"]}
        for name, slack in (("approver", server.approver), ("requester", server.requester))
    ]
    level = {"name": "one", "approvers": [{"user": server.approver}], "notify": [{"channel": server.channel}]}
    auth = {"type": "header", "header": "x-api-key", "secret": "env:SCENARIO_KEY"}
    source = {"name": "deploys", "mapping": "generic", "auth": auth, "may_wait": True, "trust_actor": True}
    common = {"version": 1, "owner": server.approver}
    return [
        {
            **common,
            "kind": "Policy",
            "id": "scenario",
            "title": "Scenario",
            "request": "gate",
            "severity": "low",
            "source": "deploys",
            "match": {"action": "deploy.requested"},
            "approval": {"levels": [{**level, "timeout": "10m"}]},
        },
        {**common, "kind": "Sources", "id": "sources", "sources": [source]},
        {**common, "kind": "Identities", "id": "people", "people": people},
    ]
