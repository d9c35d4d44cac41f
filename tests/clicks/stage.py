"""The stage of the walk: requests of every kind in every state, and presses on them through Slack's own door.

A press is signed as Slack signs and posted to the bot, by people whom no client would let press (deactivated, another
app, another company) as by all others. What the presser sees is read in the workspace: an answer by response_url, or
a form. There are two bots on one store: the second one stands for a restart, and knows only what is stored.
"""

import re
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx
import orjson
import pytest
import yaml

from approvalbot.flow.ask import Asking, ask
from approvalbot.flow.press import Press, press
from approvalbot.request.request import Choice, State
from approvalbot.store import keys
from approvalbot.store.trail import TrailStore
from approvalbot.wiring.house import build
from approvalbot.wiring.webside import make_asgi
from approvalbot.workspace.deliveries.link import FORM
from approvalbot.workspace.deliveries.payloads import envelope
from approvalbot.workspace.deliveries.sign import signature_headers
from approvalbot.workspace.hands import Hands
from approvalbot.workspace.sights import _words
from tests.bot import SIGNING_SECRET, Bot, running_bot
from tests.serving import serving

POLICIES = Path(__file__).parent / "policies"
WITHIN_S = 3.0
"""Slack gives up on a press after three seconds."""

_MOMENT = re.compile(r"<!date\^[0-9]+\^[^|>]+\|[^>]*>")


@dataclass(frozen=True)
class Card:
    """A request and where its card stands."""

    id: str
    channel: str
    ts: str
    value: str


@dataclass(frozen=True)
class Seen:
    """What a press came to. `words` are what the presser sees, moments as `{time}`; `code` is the trail's."""

    words: str
    form: str
    took_s: float
    trail: tuple[tuple[str, str], ...]


class Stage:
    """Two bots on one store, and the people around them."""

    def __init__(self, bot: Bot, second: str, hands: Hands) -> None:
        self.bot = bot
        self.doors = {"before": str(bot.http.base_url), "after": second}
        self.hands = hands
        self.http = httpx.Client(trust_env=False, timeout=10)
        self.lead = hands.join("lea", "Lea Lead", email="lea@example.com")
        hands.set_group("S0SERVICEOWNERS", ["U0ANN", "U0BOB", "U0DAN"])
        hands.set_group("S0SRELEADS", [self.lead])

    @cached_property
    def workspace(self) -> Any:
        return self.bot.running.workspace

    def open(self, kind: str, *, actor: str = "eve@example.com", entitlement: str = "access") -> Card:
        """A request of a kind. Dan is among those who were asked, and leaves the group at once."""
        self.hands.set_group("S0SERVICEOWNERS", ["U0ANN", "U0BOB", "U0DAN"])
        name = secrets.token_hex(6)
        if kind == "access":
            found = ask(self.bot.house.journey, Asking("U0EVE", entitlement, name, 900)).request.id
        elif kind.startswith("watched"):
            before = set(self.bot.names(keys.in_state("watched")))
            self.bot.deploy(id=name, kind=kind, actor={"id": actor})
            (found,) = set(self.bot.names(keys.in_state("watched"))) - before
        else:
            found = self.bot.deploy(id=name, kind=kind, actor={"id": actor}).json()["id"]
        self.bot.settle()
        self.hands.set_group("S0SERVICEOWNERS", ["U0ANN", "U0BOB"])
        return self.card(found)

    def card(self, request_id: str) -> Card:
        """Where its card stands now, with the value that its buttons carry."""
        held = next(one for name, one in self.bot.house.postings.all(request_id).items() if name.startswith("card:"))
        content = self.bot.request(request_id).content
        return Card(request_id, held.channel, held.ts, self.bot.house.values.write(request_id, content))

    def vote(self, card: Card, slack: str, choice: Choice) -> None:
        """A vote that brings the request into its state; the presses under test come afterwards."""
        press(self.bot.house.journey, Press(card.id, slack, choice, 1))

    def press(self, door: str, slack: str, action: str, card: Card, **changes: Any) -> Seen:
        """Press a button of a card, and wait for what the presser is shown."""
        return self.send(door, slack, self.payload(slack, action, card, **changes), card.id)

    def payload(self, slack: str, action: str, card: Card, **changes: Any) -> dict[str, Any]:
        """A press as Slack sends it; `changes` are what is wrong with it."""
        workspace = self.workspace
        app, person = workspace.directory.app, workspace.directory.people[slack]
        made = envelope(workspace, "block_actions", person)
        made |= {
            "trigger_id": workspace.triggers.make(slack, channel=card.channel),
            "container": {"type": "message", "message_ts": card.ts, "channel_id": card.channel},
            "channel": {"id": card.channel},
            "message": {"bot_id": app.bot_id, "app_id": app.id, "ts": card.ts},
            "response_url": workspace.origin + workspace.response_urls.make(card.channel, slack, card.ts),
            "actions": [{"action_id": action, "block_id": "request.actions", "value": card.value}],
        }
        return {**made, **changes}

    def send(
        self, door: str, slack: str, payload: dict[str, Any], request_id: str, *, wait_s: float = WITHIN_S
    ) -> Seen:
        """Send a press and give what came of it. Where nothing is shown the whole of `wait_s` is waited for it."""
        forms, entries = self._form(slack), self.workspace.traffic.entries
        after = entries[-1].number if entries else 0
        trail = TrailStore(self.bot.house.redis)
        before = trail.total()
        body = urlencode({"payload": orjson.dumps(payload).decode()}).encode()
        signed = {**signature_headers(SIGNING_SECRET, body, time.time()), "Content-Type": FORM}
        began_s = time.monotonic()
        answer = self.http.post(f"{self.doors[door]}/slack/events", content=body, headers=signed)
        assert answer.status_code == 200
        took_s = time.monotonic() - began_s
        steps = [one.entry for one in trail.records(before + 1) if one.entry["request"] == request_id]
        silent = any(one["what"] in {"voted", "approved", "denied"} for one in steps)
        # A vote that counts is shown on the card; a word beside it comes at once or not at all.
        until = time.monotonic() + (0.1 if silent else wait_s)
        while True:
            words, form = self._answer(after), self._form(slack)
            if words or form != forms or time.monotonic() >= until:
                break
            threading.Event().wait(0.002)
        self.workspace.views.stacks.pop(slack, None)
        codes = tuple((str(one["what"]), str(one.get("detail", {}).get("code", ""))) for one in steps)
        return Seen(plain(words), plain(form) if form != forms else "", took_s, codes)

    def _answer(self, after: int) -> str:
        """The private answer that came after the inspector's entry of that number, or an empty text."""
        sent = [one for one in self.workspace.traffic.entries if one.number > after and one.status == 200]
        return next((str(orjson.loads(one.request)["text"]) for one in sent if one.direction == "response_url"), "")

    def _form(self, slack: str) -> str:
        """The form that a person looks at: its title and its texts."""
        view = self.workspace.views.top(slack)
        return "" if view is None else "\n".join([view.id, view.body["title"]["text"], *_words(view.body["blocks"])])

    def shown(self, card: Card) -> str:
        """The texts of a card as it stands in its channel."""
        message = self.workspace.messages.get(card.channel, card.ts)
        return "\n".join([message.text, *_words(list(message.blocks))])

    def close(self) -> None:
        """Let go of what was opened."""
        self.http.close()


def plain(text: str) -> str:
    """What somebody reads, with every moment as `{time}`: a test cannot know the minute it runs in."""
    return _MOMENT.sub("{time}", text)


@contextmanager
def running_stage(valkey_url: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """A stage on an empty store."""
    with running_bot(valkey_url, folder, monkeypatch, policies=_policies(folder / "stage")) as bot:
        second = build(bot.house.settings, valkey_url, for_presses=True)
        second = replace(second, journey=replace(second.journey, outgoing=bot.carrier))
        with serving(make_asgi(second)) as url, bot.hands("BOB") as hands:
            stage = Stage(bot, url, hands)
            yield stage
            stage.close()


def _policies(folder: Path) -> Path:
    """The policies, with an entitlement for each state: nobody holds or asks for the same one twice at a time."""
    folder.mkdir()
    documents = list(yaml.safe_load_all((POLICIES / "all.yaml").read_text(encoding="utf-8")))
    (access,) = (one for one in documents if one["kind"] == "Entitlement")
    documents += [{**access, "id": f"access-{state.value}"} for state in State]
    documents += [
        {**access, "id": f"access-{name}"} for name in ("partly", "escalated", "claimed", "question-open", "taken-back")
    ]
    (folder / "all.yaml").write_text(yaml.safe_dump_all(documents, sort_keys=False), encoding="utf-8")
    return folder
