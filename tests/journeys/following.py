"""A whole bot whose decisions set something off, and the vendor that they are set off at."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest

from approvalbot.cli.samples import ADMIN
from approvalbot.flow.perform import perform
from approvalbot.request.effects import Act
from approvalbot.store import keys
from approvalbot.workspace.hands import Hands
from tests.actions.standin import Got, Say, StandIn, standing_in
from tests.bot import AWS_KEY, Bot, running_bot
from tests.journeys.test_attacks_grants import drive_again
from tests.journeys.test_presses import card_of

POLICIES = Path(__file__).parent / "policies"
SECRET = "the-vendors-own-secret"


class Vendor:
    """Answers what it is told to, for each path that starts so; everything else is done."""

    def __init__(self) -> None:
        self.answers: list[tuple[str, Say]] = []

    def __call__(self, got: Got) -> Say:
        for place, (start, say) in enumerate(self.answers):
            if got.path.startswith(start):
                del self.answers[place]
                return say
        if b"GetCallerIdentity" in got.body:
            return Say(200, b"<Account>111122223333</Account>")
        if got.method == "GET" and "/pods/" in got.path:
            return Say(200, {"metadata": {"uid": "u1", "creationTimestamp": "2026-03-01T00:00:00Z"}})
        if got.method == "GET":
            return Say(200, [{"id": "R1", "label": "Org Admin", "type": "ORG_ADMIN", "assignmentType": "USER"}])
        empty = "/deployment_protection_rule" in got.path or (got.method == "DELETE" and "/roles/" in got.path)
        return Say(204 if empty else 200)


@contextmanager
def following(
    redis_url: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    changes: dict[str, Any] | None = None,
    settings: dict[str, Any] | None = None,
) -> Iterator[tuple[Bot, Vendor, StandIn, StandIn]]:
    """The bot, the vendor, what the vendor got, and what the receiver `siem` got."""
    vendor = Vendor()
    with standing_in(vendor) as at, standing_in(lambda _got: Say(200)) as siem:
        for name, value in {"VENDOR_URL": at.url, "VENDOR_SECRET": SECRET, "VENDOR_KEY": "AKID"}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("SIEM_URL", f"{siem.url}/hook")
        with running_bot(redis_url, folder, monkeypatch, policies=POLICIES, changes=changes, settings=settings) as bot:
            yield bot, vendor, at, siem


def escalation(bot: Bot, event_id: str = "e1", **parameters: Any) -> str:
    """Report an attached policy; gives the request's id."""
    event = {**ADMIN, "eventID": event_id, "requestParameters": {**ADMIN["requestParameters"], **parameters}}
    return str(bot.aws({key: value for key, value in event.items() if value is not None}).json()["id"])


def deny(bot: Bot, hands: Hands, channel: str, **form: str) -> None:
    """Press the second button of the newest card and fill in its form."""
    card = card_of(bot, hands, channel)
    assert hands.press(card.channel, card.ts, "request.deny").ok
    note = {"note": {"note": form["note"]}} if "note" in form else {}
    assert hands.submit({"reason_code": {"reason_code": "suspicious"}, **note}).ok
    bot.settle()


def again(bot: Bot, times: int = 1) -> None:
    """What was put back is due now, so often."""
    for _ in range(times):
        drive_again(bot)


def actions_of(bot: Bot) -> dict[str, bytes]:
    """The actions that wait in the outbox, by id, in their stored form."""
    return {name: body for name, body in _effects(bot).items() if b'"kind":"act"' in body}


def put_back(bot: Bot, stored: dict[str, bytes]) -> None:
    """As if these effects had never been taken out of the outbox: a worker died before it could say so."""
    for name, body in stored.items():
        bot.house.redis.hset(keys.EFFECTS, name, body)
        perform(bot.house.journey, name)
    bot.settle()


def _effects(bot: Bot) -> dict[str, bytes]:
    held: Any = bot.house.redis.hgetall(keys.EFFECTS)
    return {bytes(name).decode(): bytes(body) for name, body in held.items()}


def in_hand(bot: Bot) -> list[Act]:
    """The actions that are still to be done."""
    return [one.effect for one in bot.house.outbox.soonest(99) if isinstance(one.effect, Act)]


def post_as(bot: Bot, source: str, event: Any, **headers: str) -> dict[str, Any]:
    answer: dict[str, Any] = bot.http.post(
        f"/v1/events/{source}", content=orjson.dumps(event), headers={"x-api-key": AWS_KEY, **headers}
    ).json()
    return answer
