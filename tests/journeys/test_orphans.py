"""Cards that stand where nobody knows of them, and what a press on one does."""

from typing import Any
from urllib.parse import parse_qs

import orjson

from approvalbot.request.request import State
from approvalbot.workspace.hands import Hands
from tests.bot import SIGNING_SECRET, Bot
from tests.journeys.test_messages import cards_in, drive
from tests.journeys.test_storms import digests, item_of, limited, names_every, work
from tests.slack.test_gate import form, sign

__all__ = ["limited"]


def orphaned(bot: Bot, hands: Hands) -> tuple[str, Any, Any]:
    """A request with a lost first card and a second that stands; gives its id and both."""
    asked = bot.deploy().json()
    hands.fault("drop", "chat.postMessage", times=1)
    bot.settle()
    drive(bot, lambda: len(cards_in(hands)) == 2)
    first, second = cards_in(hands)
    return asked["id"], first, second


def edits(hands: Hands) -> int:
    return len(hands.traffic("call", what="chat.update"))


def told(hands: Hands, channel: str = "#deploys") -> str:
    return hands.wait_for(lambda: hands.only_you(channel))[-1].words


def test_an_orphan_decides_nothing_and_the_second_press_is_told_the_same(bot: Bot) -> None:
    with bot.hands("BOB") as bob, bot.hands("ANN") as ann:
        asked, first, _ = orphaned(bot, bob)
        bob.press("#deploys", first.ts, "request.deny")

        assert "Use <" in told(bob)
        assert bob.modal() is None
        bob.wait_for(lambda: [one for one in cards_in(bob) if one.ts == first.ts and not one.buttons])
        assert [one.ts for one in cards_in(ann) if one.buttons] != [first.ts]
    assert bot.request(asked).state is State.PENDING
    assert bot.request(asked).votes == ()


def test_an_orphan_that_cannot_be_edited_now_is_left_for_the_next_press(bot: Bot) -> None:
    with bot.hands("BOB") as bob:
        _, first, _ = orphaned(bot, bob)
        bob.fault("rate_limited", "chat.update", times=1, retry_after="0.2")

        bob.press("#deploys", first.ts, "request.approve")
        assert "Use <" in told(bob)
        assert first.buttons == next(one for one in cards_in(bob) if one.ts == first.ts).buttons
        before = edits(bob)

        bob.wait_for(lambda: pressed_again(bob, first.ts, before))


def pressed_again(bob: Hands, ts: str, before: int) -> bool:
    shown = next(one for one in cards_in(bob) if one.ts == ts)
    if shown.buttons:
        bob.press("#deploys", ts, "request.approve")
    return edits(bob) > before and not shown.buttons


def test_while_no_other_card_stands_an_orphan_keeps_its_buttons_and_the_page_is_named(bot: Bot) -> None:
    asked = bot.deploy().json()
    with bot.hands("BOB") as bob:
        bob.fault("drop", "chat.postMessage", times=1)
        bot.settle()
        (orphan,) = cards_in(bob)

        bob.press("#deploys", orphan.ts, "request.approve")

        assert f"/requests/{asked['id']}|its page>" in told(bob)
        assert edits(bob) == 0


def test_a_message_of_somebody_else_is_never_touched(bot: Bot) -> None:
    """The press of a copied card: everything is signed by Slack, and the message is another bot's."""
    asked = bot.deploy().json()
    with bot.hands("BOB") as bob:
        bot.settle()
        (card,) = cards_in(bob)
        bob.press("#deploys", card.ts, "request.deny")
        payload = last_press(bob)
        payload["trigger_id"] = "1.2.another-press"
        payload["message"]["bot_id"] = "B0ANOTHER"
        payload["container"]["message_ts"] = payload["message"]["ts"] = "1700000000.000100"

        assert slack_says(bot, payload) == 200

        assert edits(bob) == 0
    assert bot.steps(asked["id"])[-1] == "press_refused"


def test_a_lost_digest_points_to_the_one_that_stands(limited: Bot) -> None:
    ids = [limited.deploy(id=f"d-{n}", sha=f"s{n}").json()["id"] for n in range(11)]
    with limited.hands("BOB") as bob:
        limited.settle()
        assert len(cards_in(bob)) == 9, "the last of the ten is left for a digest"
        ids.append(limited.deploy(id="d-11", sha="s11").json()["id"])
        bob.fault("drop", "chat.postMessage", times=1)
        work(limited, lambda: len(digests(bob)) == 2)
        lost, current = digests(bob)
        item = item_of(lost, limited, ids)
        assert "delivery was uncertain" in current.words
        assert "delivery was uncertain" not in lost.words

        bob.press("#deploys", lost.ts, "request.approve", block_id=f"digest.{item}")

        assert f"p{current.ts.replace('.', '')}|this one>" in told(bob)
        bob.wait_for(lambda: [one for one in cards_in(bob) if one.ts == lost.ts and not one.buttons])
        assert limited.request(item).state is State.PENDING
        assert bob.press("#deploys", current.ts, "request.approve", block_id=f"digest.{item}").ok
    assert limited.request(item).state is State.APPROVED


def test_a_digest_decides_only_what_stands_in_it(limited: Bot) -> None:
    """A press that Slack signed, on a digest that stands, with the good value of a request whose card is elsewhere."""
    ids = [limited.deploy(id=f"d-{n}", sha=f"s{n}").json()["id"] for n in range(14)]
    with limited.hands("BOB") as bob:
        work(limited, lambda: names_every(bob, ids))
        (digest,) = digests(bob)
        carded = next(one for one in ids if one[:6] not in digest.words)
        item = item_of(digest, limited, ids)
        bob.press("#deploys", digest.ts, "request.deny", block_id=f"digest.{item}")
        payload = last_press(bob)
        payload["trigger_id"] = "1.2.another-press"
        action = payload["actions"][0]
        action |= {"action_id": "request.approve", "value": limited.house.values.write(carded, 1)}

        assert slack_says(limited, payload) == 200

    assert limited.request(carded).state is State.PENDING
    assert limited.steps(carded)[-1] == "press_refused"


def last_press(hands: Hands) -> dict[str, Any]:
    entry = hands.traffic(what="block_actions")[-1]
    return dict(orjson.loads(parse_qs(entry["request"])["payload"][0]))


def slack_says(bot: Bot, payload: dict[str, Any]) -> int:
    body = form(payload=orjson.dumps(payload).decode())
    return bot.http.post("/slack/events", content=body, headers=sign(body, secret=SIGNING_SECRET)).status_code
