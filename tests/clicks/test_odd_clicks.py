"""Presses that are odd by themselves: old, copied, forged, unknown, too many, by an app, or into a silent store."""

import re
from typing import Any

import pytest

from approvalbot.store import keys
from tests.clicks.stage import Card, Seen, Stage
from tests.clicks.test_no_dead_clicks import brought, read, stage

__all__ = ["stage"]

UNKNOWN = "0" * 20


def pressed(stage: Stage, card: Card, **changes: Any) -> Seen:
    return stage.press("after", "U0BOB", "request.approve", card, **changes)


def with_value(value: str) -> dict[str, Any]:
    return {"actions": [{"action_id": "request.approve", "block_id": "request.actions", "value": value}]}


def test_a_card_from_before_the_content_changed_leads_to_the_current_one(stage: Stage) -> None:
    card = brought(stage, "pending", "gate")

    seen = pressed(stage, card, **with_value(stage.bot.house.values.write(card.id, 2)))

    assert read(seen) == (
        "The request changed after this card was drawn. Please look again. Use the current card.",
        "stale_card",
    )
    assert f"/archives/{card.channel}/p{card.ts.replace('.', '')}|" in seen.words


@pytest.mark.parametrize("place", ["ts", "channel", "bot"])
def test_a_copy_of_a_card_leads_to_the_current_one(stage: Stage, place: str) -> None:
    card = brought(stage, "pending", "gate")
    container = {"type": "message", "message_ts": card.ts, "channel_id": card.channel}
    changes: dict[str, Any] = {
        "ts": {"container": container | {"message_ts": "1700000000.000001"}},
        "channel": {"container": container | {"channel_id": "C0GENERAL"}},
        "bot": {"message": {"bot_id": "B0OTHER", "ts": card.ts}},
    }

    seen = pressed(stage, card, **changes[place])

    assert read(seen) == ("This is not the current card. Use this one.", "stale_card")


@pytest.mark.parametrize("value", ["", "x", "{id}.1", "{id}.1.AAAAAAAAAAAAAAAA", "{other}", "{id}.999999.{mac}"])
def test_a_value_that_is_none_of_ours_moves_nothing(stage: Stage, value: str) -> None:
    card, other = brought(stage, "pending", "gate"), brought(stage, "pending", "gate")
    mac = card.value.rsplit(".", 1)[1]

    seen = pressed(stage, card, **with_value(value.format(id=card.id, other=other.value, mac=mac)))

    if value == "{other}":
        assert "This is not the current card" in seen.words, "the value of one request on the card of another"
    else:
        assert seen.words == "This is not a button of a current card. Nothing was changed."
    assert stage.bot.request(card.id).votes == ()
    assert stage.bot.request(other.id).votes == ()


def test_a_request_that_is_gone_is_said_to_be(stage: Stage) -> None:
    card = brought(stage, "pending", "gate")

    seen = pressed(stage, card, **with_value(stage.bot.house.values.write(UNKNOWN, 1)))

    assert seen.words == "This request is not known here any more. Nothing was changed."


@pytest.mark.parametrize("change", [{"api_app_id": "A0OTHER"}, {"team": {"id": "T0OTHER"}}, {"team": None}])
def test_a_press_for_another_app_or_from_another_team_is_refused(stage: Stage, change: dict[str, Any]) -> None:
    card = brought(stage, "pending", "gate")

    seen = pressed(stage, card, **change)

    assert seen.words.endswith("Nothing was recorded.") or "another app" in seen.words
    assert [what for what, _ in seen.trail] == ["press_refused"]


def test_an_app_that_presses_is_told_nothing_and_somebody_hears_of_it(stage: Stage) -> None:
    card = brought(stage, "pending", "gate")

    seen = stage.send("after", "U0CIBOT", stage.payload("U0CIBOT", "request.approve", card), card.id, wait_s=0.05)
    stage.bot.settle()

    assert read(seen) == ("", "not_a_person")
    alarms = [one.words for one in stage.hands.messages("#general")]
    assert any("pressed a button" in one and "U0CIBOT" in one for one in alarms)


def test_an_actor_whom_nobody_knows_keeps_everybody_from_approving_and_says_so(stage: Stage) -> None:
    card = stage.open("gate", actor="ghost@nowhere.example")

    seen = pressed(stage, card)

    assert "We do not know whose e-mail account `ghost@nowhere.example` is" in seen.words
    assert seen.trail == (("press_refused", "actor_unknown"),)


def test_whoever_decides_too_fast_is_asked_to_wait_and_may_go_on_then(stage: Stage) -> None:
    pace = stage.bot.house.journey.pace
    assert pace is not None
    card = brought(stage, "pending", "gate")
    while pace.take("bob") == 0:
        pass

    seen = pressed(stage, card)

    assert seen.words.startswith("You have decided 30 requests in a minute. Please wait ")
    assert seen.trail == (("press_refused", "too_fast"),)
    for _ in range(30):
        pace.give_back("bob")
    assert pressed(stage, card).trail[0] == ("voted", "")


def test_a_press_that_is_refused_uses_up_no_pace(stage: Stage) -> None:
    card = brought(stage, "denied", "gate")

    for _ in range(35):
        assert read(pressed(stage, card))[1] == "already_decided"


def test_a_press_while_the_store_takes_no_writes_is_said_not_to_count(stage: Stage) -> None:
    card = brought(stage, "pending", "gate")
    redis = stage.bot.house.redis
    redis.config_set("min-replicas-to-write", 5)
    try:
        seen = pressed(stage, card)
    finally:
        redis.config_set("min-replicas-to-write", 0)

    assert seen.words == (
        "NOT confirmed: our storage did not answer. Do not rely on this press. "
        "Press again in a minute; it cannot count twice."
    )
    assert seen.trail == ()
    assert pressed(stage, card).trail[0] == ("voted", "")


def test_a_fault_of_ours_is_said_with_a_reference_and_without_what_broke(stage: Stage) -> None:
    card = brought(stage, "pending", "gate")
    stage.bot.house.redis.set(keys.request(card.id), b'{"not": "a request"}')

    seen = pressed(stage, card)

    assert re.fullmatch(
        r"Something broke on our side \(ref [0-9a-f]{6}\)\. Do not rely on this press; press again, "
        r"it cannot count twice\.",
        seen.words,
    )


def test_an_approval_that_fills_no_seat_says_whose_is_still_needed(stage: Stage) -> None:
    card = stage.open("seats")
    stage.vote(card, "U0ANN", "approve")

    seen = pressed(stage, card)

    assert seen.trail[0] == ("voted", "")
    assert seen.words == (
        "Your approval is kept but cannot fill another seat: still needed is one person from @sre-leads."
    )
