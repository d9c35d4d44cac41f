"""What the journeys of running access share: access that can be extended, and the ways to get it."""

from typing import Any

from approvalbot.store import keys
from approvalbot.workspace.hands import Hands, Message
from tests.bot import Bot

FORM = {
    "entitlement": {"entitlement": "prod-database"},
    "duration": {"duration": "900"},
    "input.database": {"database": "shop"},
    "reason": {"reason": "the stuck order queue"},
}
MORE = {"duration": {"duration": "3600"}, "reason": {"reason": "the queue is still stuck"}}
OWNERS = {"people": {"roles": {"team-platform": ["cat"]}}}
"""Cat owns the entitlement, and is in none of the groups that may ask for it or approve it."""


def grant(**changes: Any) -> dict[str, Any]:
    """Changes of the policies: the grant of the entitlement, and who owns it."""
    return {"prod-database": {"grant": changes}, **OWNERS}


EXTENDABLE = {"max_times": 2, "by": "1h", "approval": "none"}
ASKING = {"max_times": 2, "by": "1h", "approval": "same"}


def held(bot: Bot, eve: Hands, dan: Hands) -> str:
    """Eve asks, Dan approves, access runs; gives the request's id."""
    eve.command("/access", "request prod-database")
    assert eve.submit(FORM).ok
    (name,) = bot.names("ab:in:pending")
    bot.settle()
    approve(bot, dan, name)
    return name


def approve(bot: Bot, dan: Hands, request_id: str) -> None:
    card = card_with(dan, request_id)
    assert dan.press(card.channel, card.ts, "request.approve").ok
    bot.settle()


def card_with(hands: Hands, request_id: str) -> Message:
    """The card of a request, in the channel where access is asked for."""
    return next(one for one in hands.messages("#access-requests") if f"`{request_id[:6]}`" in one.words)


def told(hands: Hands) -> Message:
    return hands.direct_messages()[-1]


def private(hands: Hands, channel: str = "#general") -> str:
    return hands.wait_for(lambda: hands.only_you(channel))[-1].words


def sent(hands: Hands, kind: str) -> list[dict[str, Any]]:
    """What the service was told of a kind, oldest first."""
    return [one for one in hands.service()["received"] if one["kind"] == kind]


def well_again(hands: Hands) -> None:
    """The service answers as it does by itself."""
    hands._call("DELETE", "service/behaviour")


def drive_again(bot: Bot) -> list[str]:
    """What was put back is due now."""
    bot.house.redis.delete(keys.HOLDS)
    bot.carrier.send([one.id for one in bot.house.outbox.soonest(50)])
    return bot.settle()
