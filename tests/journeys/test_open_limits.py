"""As many requests wait as a policy allows, and no more: the rest is refused, and nothing accepted is dropped."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from approvalbot.flow.advance import advance
from approvalbot.request.moves import Withdraw
from approvalbot.store import keys
from tests.bot import Bot
from tests.journeys.test_attacks_grants import drive_again
from tests.journeys.test_attacks_identity import edit
from tests.journeys.test_dedupe import counted, put, review
from tests.journeys.test_dedupe_joining import GATE
from tests.journeys.test_openings import at_once
from tests.journeys.test_presses import card_of
from tests.passing import time_passes


def ask(bot: Bot, number: int, actor: str = "eve", **event: Any) -> tuple[int, dict[str, Any]]:
    response = bot.deploy(id=f"token-{number}", action="token.created", actor={"id": f"{actor}@example.com"}, **event)
    return response.status_code, response.json()


def limited(bot: Bot, **limits: int) -> None:
    put(bot, review(dedupe={"key": ["$id"]}, limits=limits))


def pending(bot: Bot) -> int:
    return int(bot.house.redis.zcard(keys.in_state("pending")))


def alarms(bot: Bot, words: str = "as many as it may") -> list[str]:
    with bot.hands("ANN") as ann:
        return [one.words for one in ann.messages("#general") if words in one.words]


def approve(bot: Bot, request_id: str) -> None:
    with bot.hands("BOB") as bob:
        bot.settle()
        short = request_id[:6]
        card = next(one for one in bob.messages("#aws-approvals") if short in one.words and not one.only_you)
        assert bob.press(card.channel, card.ts, "request.approve").ok


def withdraw(bot: Bot, request_id: str) -> None:
    advance(bot.house.journey, request_id, Withdraw())


@pytest.mark.parametrize("settle", [approve, withdraw])
def test_what_is_over_the_limit_is_refused_and_opens_when_there_is_room(
    bot: Bot, settle: Callable[[Bot, str], None]
) -> None:
    limited(bot, open=2)
    opened = [ask(bot, number)[1]["id"] for number in range(2)]
    before = counted("limited", policy="token-made", limit="open")

    response = bot.deploy(id="token-2", action="token.created", actor={"id": "eve@example.com"})

    assert response.status_code == 429
    assert response.headers["content-type"] == "application/problem+json"
    assert response.json()["code"] == "too_many_open"
    assert "token-made" in response.json()["detail"]
    assert int(response.headers["retry-after"]) == 60
    assert counted("limited", policy="token-made", limit="open") == before + 1
    assert sorted(bot.names(keys.in_state("pending"))) == sorted(opened)

    settle(bot, opened[0])
    assert ask(bot, 2)[0] == 202, "nothing remembers the refused event as done"
    assert ask(bot, 3)[0] == 429


def test_one_actor_takes_no_room_from_another(bot: Bot) -> None:
    limited(bot, per_actor=1)

    said = [ask(bot, number, actor)[0] for number, actor in enumerate(["eve", "EVE", "ann", "zoe", "eve", "zoe"])]

    assert said == [202, 429, 202, 202, 429, 429]


def test_both_limits_hold(bot: Bot) -> None:
    limited(bot, open=3, per_actor=2)

    said = [ask(bot, number, actor)[0] for number, actor in enumerate(["eve", "eve", "eve", "ann", "bob"])]

    assert said == [202, 202, 429, 202, 429]


def test_a_crowd_at_one_moment_does_not_get_past_the_limit(bot: Bot) -> None:
    limited(bot, open=3)

    said = [status for status, _ in at_once(16, lambda number: ask(bot, number))]

    assert sorted(said) == [202] * 3 + [429] * 13
    assert pending(bot) == 3


def test_in_a_batch_each_event_is_refused_by_itself(bot: Bot) -> None:
    limited(bot, open=2)
    events = [{"id": f"b-{n}", "action": "token.created", "actor": {"id": "eve@example.com"}} for n in range(4)]

    response = bot.post("deploy-tool", orjson.dumps(events))

    answer = response.json()
    assert (response.status_code, answer["matched"]) == (202, 2)
    assert [one["status"] for one in answer["results"]] == ["pending", "pending", "refused", "refused"]
    assert {one["code"] for one in answer["results"][2:]} == {"too_many_open"}


def test_what_stands_or_repeats_needs_no_room(bot: Bot) -> None:
    put(bot, review(limits={"open": 1}))
    first = ask(bot, 1, repo="shop")[1]

    assert ask(bot, 1, repo="shop")[1] == first
    assert ask(bot, 2, repo="shop")[1]["repeat"] is True
    assert ask(bot, 3, repo="pay")[0] == 429


def test_the_owner_hears_of_it_once_an_hour(bot: Bot) -> None:
    limited(bot, open=1)
    ask(bot, 0)
    for number in range(1, 6):
        ask(bot, number)
    bot.settle()
    (alarm,) = alarms(bot)
    assert "1 requests open" in alarm

    ask(bot, 6)
    drive_again(bot)
    assert len(alarms(bot)) == 1

    time_passes(bot.house.redis, 3601)
    ask(bot, 7)
    bot.settle()
    assert len(alarms(bot)) == 2


def test_a_request_that_was_deleted_by_hand_makes_room(bot: Bot) -> None:
    limited(bot, open=1)
    gone = ask(bot, 1)[1]["id"]
    bot.house.redis.delete(keys.request(gone))
    bot.house.redis.zrem(keys.in_state("pending"), gone)

    assert ask(bot, 2)[0] == 202
    assert ask(bot, 3)[0] == 429


def test_a_limit_that_is_lifted_meanwhile_leaves_nothing_behind(bot: Bot) -> None:
    limited(bot, open=1, per_actor=1)
    asked = ask(bot, 1)[1]["id"]
    put(bot, review())

    withdraw(bot, asked)

    assert bot.house.redis.keys(f"{keys.PREFIX}open:*") == []


def test_what_the_event_asks_besides_is_open_all_the_same(bot: Bot) -> None:
    """A refused gate must not go by unseen because another policy asked about it too; nor the other way round."""
    edit(bot, "second-look", {"limits": {"open": 1}})
    first = bot.deploy(also="watched").json()

    refused = bot.deploy(id="deploy-2", also="watched")

    assert refused.status_code == 429
    assert pending(bot) == 3
    with bot.hands("BOB") as bob:
        card = card_of(bot, bob)
        assert card
    withdraw(bot, first["requests"][1]["id"])
    again = bot.deploy(id="deploy-2", also="watched").json()
    assert [one["policy"] for one in again["requests"]] == ["prod-deploy-gate", "second-look"]
    assert pending(bot) == 3


RULE = """
title: Token rule {number}
id: 00000000-0000-4000-8000-00000000000{number}
status: stable
author: somebody
level: medium
logsource: {{product: tool}}
detection:
  selection: {{action: token.created, n: {number}}}
  condition: selection
"""


def test_a_pack_counts_all_its_rules_together(bot: Bot) -> None:
    folder = bot.house.settings.approvalbot_policies / "sigma"
    folder.mkdir()
    for number in (1, 2):
        (folder / f"rule-{number}.yml").write_text(RULE.format(number=number), encoding="utf-8")
    pack = {key: value for key, value in review().items() if key not in {"request", "severity", "match", "dedupe"}}
    more = {"kind": "SigmaPack", "include": ["sigma/*.yml"], "severity_from": "level", "source": ["deploy-tool"]}
    put(bot, {**pack, **more, "limits": {"open": 2}, "dedupe": {"key": ["repo"]}})

    said = [ask(bot, number, n=number % 2 + 1, repo=str(number // 2))[0] for number in range(3)]

    assert said == [202, 202, 429]
    assert ask(bot, 9, n=1, repo="0")[1]["repeat"] is True, "each rule asks its own questions"


def test_a_gate_that_is_full_is_not_let_through(bot: Bot) -> None:
    edit(bot, "prod-deploy-gate", {"limits": {"open": 1}, "dedupe": GATE})
    bot.deploy(sha="1")

    refused = bot.deploy(id="deploy-2", sha="2")

    assert refused.status_code == 429
    assert "id" not in refused.json()


def test_redelivery_correlation_dedupe_and_limits_come_in_this_order(bot: Bot) -> None:
    """Each stage sees only what the one before it let through, and what was delivered before passes none again."""
    counts = {"type": "event_count", "group_by": ["$actor.id"], "timespan": "10m", "condition": {"gte": 2}}
    put(bot, review(correlate=counts, dedupe={"key": ["repo"]}, limits={"open": 1}))

    assert ask(bot, 1, repo="shop") == (200, {"status": "no_match", "reason_code": "counting"})
    opened = ask(bot, 2, repo="shop")[1]
    repeat = ask(bot, 3, repo="shop")[1]
    full = ask(bot, 4, repo="pay")[0]
    assert "repeat" not in opened, "what only counted holds no question"
    assert (repeat["id"], repeat["repeat"]) == (opened["id"], True), "a repeat needs no room"
    assert full == 429

    counted_before = {key: bot.house.redis.zcard(key) for key in bot.house.redis.keys("ab:counted:*")}
    assert list(counted_before.values()) == [4], "each event counts, also one that finds no room"
    assert ask(bot, 2, repo="shop")[1] == opened
    assert ask(bot, 3, repo="shop")[1] == repeat
    assert ask(bot, 4, repo="pay")[0] == 429
    bot.house.redis.delete(*counted_before)
    assert ask(bot, 3, repo="shop")[1] == repeat, "what was delivered is found before anything is counted"
    assert bot.house.redis.keys("ab:counted:*") == []

    withdraw(bot, opened["id"])
    assert ask(bot, 5, repo="pay")[1] == {"status": "no_match", "reason_code": "counting"}
    assert ask(bot, 4, repo="pay")[1]["status"] == "pending", "the refused event has its room now"
    assert ask(bot, 6, repo="shop")[1]["id"] == opened["id"], "the window of a review outlives its decision"
    assert int(bot.house.redis.hget(keys.repeats(opened["id"]), "count") or 0) == 2
