"""A whole bot in real processes (Valkey, web, workers, the least of Slack), and what a bench sends it."""

import asyncio
import hashlib
import hmac
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

import httpx
import orjson

from approvalbot.answers.sending import signed
from approvalbot.slack.cardbuttons import ACTIONS_BLOCK, APPROVE
from bench.calls import call
from bench.crowd import TEAM
from bench.documents import KEY, SOURCE, Document, deploy_event, surroundings, write
from bench.serving import Served, served, worked
from bench.slackstub import APP, BOT, CHANNEL_ID
from bench.stage import SIGNING_SECRET, free_port, listening, process, room

CARDS_WITHIN_S = 60.0
"""Seconds until every card must have been posted."""


@dataclass(frozen=True, slots=True)
class Card:
    """A posted card: the value of its Approve button, where it stands, and when its post came."""

    request: str
    value: str
    ts: str
    at: float


@dataclass(frozen=True, slots=True)
class WholeBot:
    """The running bot."""

    redis_url: str
    web: Served
    slack_url: str
    folder: Path

    def cards(self) -> dict[str, Card]:
        """Every card by its request, the first one posted."""
        posted = orjson.loads(httpx.get(f"{self.slack_url}/posted", trust_env=False).content)
        return {one["request"]: Card(**one) for one in reversed(posted)}

    async def all_cards(self, requests: Sequence[str]) -> dict[str, Card]:
        """The same, once all of these requests have one.

        Raises:
            TimeoutError: some never came.
        """
        until = time.monotonic() + CARDS_WITHIN_S
        while True:
            cards = self.cards()
            missing = [name for name in requests if name not in cards]
            if not missing:
                return cards
            if time.monotonic() > until:
                raise TimeoutError(f"{len(missing)} of {len(requests)} cards were not posted")
            await asyncio.sleep(0.05)


@contextmanager
def whole_bot(*policies: Document) -> Iterator[WholeBot]:
    """Start everything; it is ready when the web process is and the clock beats."""
    port = free_port()
    slack_url = f"http://127.0.0.1:{port}"
    with room() as (folder, redis_url), process("bench.slackstub", str(port)) as slack:
        written = write(folder / "policies", *surroundings(), *policies)
        with (
            listening(slack, port, "/posted"),
            served(redis_url, folder, written, f"{slack_url}/api/") as web,
            worked(web) as workers,
            listening(workers, web.port, "/readyz"),
        ):
            yield WholeBot(redis_url, web, slack_url, folder)


def event_call(name: str) -> bytes:
    """A signed event that matches, as bytes on the wire."""
    body = orjson.dumps(deploy_event(name))
    return call("POST", f"/v1/events/{SOURCE}", signed((KEY,), name, datetime.now(UTC), body), body)


def wait_call(request: str, wait_s: int = 30) -> bytes:
    """A waiting service's long-poll."""
    return call("GET", f"/v1/requests/{request}?wait={wait_s}", {"authorization": f"Bearer {KEY}"})


def press_call(card: Card, slack: str) -> bytes:
    """Approve on a card, as Slack sends and signs it."""
    payload = {
        "type": "block_actions",
        "team": {"id": TEAM, "domain": "bench"},
        "user": {"id": slack, "username": slack.lower(), "team_id": TEAM},
        "api_app_id": APP,
        "trigger_id": f"1.2.{card.ts}",
        "container": {"type": "message", "message_ts": card.ts, "channel_id": CHANNEL_ID, "is_ephemeral": False},
        "channel": {"id": CHANNEL_ID, "name": "approvals"},
        "message": {"type": "message", "bot_id": BOT, "app_id": APP, "ts": card.ts},
        "response_url": "",
        "actions": [
            {"type": "button", "action_id": APPROVE, "block_id": ACTIONS_BLOCK, "value": card.value, "action_ts": "1.2"}
        ],
    }
    body = urlencode({"payload": orjson.dumps(payload).decode()}).encode()
    stamp = str(int(time.time()))
    digest = hmac.digest(SIGNING_SECRET.encode(), b"v0:%s:%s" % (stamp.encode(), body), hashlib.sha256).hex()
    headers = {
        "content-type": "application/x-www-form-urlencoded",
        "x-slack-request-timestamp": stamp,
        "x-slack-signature": f"v0={digest}",
    }
    return call("POST", "/slack/events", headers, body)
