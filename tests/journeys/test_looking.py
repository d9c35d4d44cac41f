"""Claims through Slack's own door: who looks is shown to all, and nobody is kept from deciding."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from redis import Redis

from approvalbot.request.request import State
from approvalbot.workspace.hands import Hands, Message
from tests.bot import Bot, running_bot
from tests.plays.stage import Workers
from tests.timing import TRIES, fastest_s

LEVEL = {
    "name": "service owners",
    "approvers": [{"usergroup": "@service-owners"}],
    "notify": [{"channel": "#deploys"}],
    "timeout": "15m",
}
LONG = {"prod-deploy-gate": {"approval": {"quorum": 2, "levels": [LEVEL]}}}


@pytest.fixture
def bot(redis: Redis, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bot]:
    """A bot whose deploys need two, and have a quarter of an hour."""
    assert redis
    with running_bot(valkey_url, tmp_path, monkeypatch, changes=LONG) as running:
        yield running


def card_of(bot: Bot, hands: Hands, channel: str = "#deploys") -> Message:
    bot.settle()
    return [one for one in hands.messages(channel) if not one.only_you][-1]


def private(hands: Hands, channel: str) -> Message:
    """The newest message that only this person sees."""
    return hands.wait_for(lambda: hands.only_you(channel))[-1]


def card_with(hands: Hands, request_id: str) -> Message:
    return next(one for one in hands.messages("#deploys") if f"`{request_id[:6]}`" in one.words)


def thread_of(hands: Hands, card: Message) -> str:
    return "\n".join(one.words for one in hands.thread(card.channel, card.ts))


def test_a_claim_is_shown_to_all_and_a_second_person_may_take_over(bot: Bot) -> None:
    asked = bot.deploy().json()
    with bot.hands("BOB") as bob, bot.hands("DAN") as dan:
        card = card_of(bot, bob)
        assert card.buttons["request.claim"] == "I'm looking"
        assert bob.press(card.channel, card.ts, "request.claim").ok
        mine = private(bob, card.channel)

        looked_at = card_of(bot, dan)
        assert ":eyes: Bob Bell is looking" in looked_at.words
        assert "<@U0BOB>, until" in looked_at.words
        assert looked_at.buttons["request.take_over"] == "Take over"
        assert "You are looking until" in mine.words
        assert mine.buttons == {"request.keep": "Keep 5 min", "request.release": "Release"}

        assert dan.press(card.channel, card.ts, "request.take_over").ok
        assert ":eyes: Dan Dean is looking" in card_of(bot, bob).words
        assert "<@U0DAN> is looking, until" in thread_of(bob, card)
        assert "in place of Bob" in thread_of(bob, card)

    assert bot.steps(asked["id"]) == ["opened", "level_asked", "claimed", "claimed"]


def test_a_card_that_was_not_drawn_yet_names_who_looks(bot: Bot) -> None:
    asked = bot.deploy().json()
    with bot.hands("BOB") as bob, bot.hands("DAN") as dan:
        card = card_of(bot, bob)
        bob.press(card.channel, card.ts, "request.claim")
        assert dan.press(card.channel, card.ts, "request.claim").ok, "the card still says that nobody looks"

        told = private(dan, card.channel).words
        assert "<@U0BOB> is looking until" in told
        assert "You may still decide." in told

    assert bot.steps(asked["id"])[-1] == "press_refused"


def test_a_claim_blocks_nobody_and_ends_with_the_claimers_vote(bot: Bot) -> None:
    asked = bot.deploy().json()
    with bot.hands("BOB") as bob, bot.hands("DAN") as dan:
        card = card_of(bot, bob)
        bob.press(card.channel, card.ts, "request.claim")
        assert dan.press(card.channel, card.ts, "request.approve").ok
        partly = card_of(bot, bob)
        assert "1 of 2 approved" in partly.words
        assert "*Looking*  <@U0BOB>, until" in partly.words
        assert bob.press(card.channel, card.ts, "request.approve").ok
        done = card_of(bot, bob)

    assert bot.request(asked["id"]).state is State.APPROVED
    assert bot.request(asked["id"]).claim is None
    assert "Looking" not in done.words


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("EVE", "You asked for this, so someone else has to decide"),
        ("ANN", "You can see this request but not decide it"),
    ],
)
def test_whoever_may_not_decide_may_not_claim(bot: Bot, name: str, words: str) -> None:
    asked = bot.deploy().json()
    with bot.hands(name) as hands:
        card = card_of(bot, hands)
        assert hands.press(card.channel, card.ts, "request.claim").ok
        assert words in private(hands, card.channel).words

    assert bot.request(asked["id"]).claim is None
    assert bot.steps(asked["id"])[-1] == "press_refused"


def test_it_is_kept_and_released_from_the_private_message(bot: Bot) -> None:
    asked = bot.deploy().json()
    with bot.hands("BOB") as bob:
        card = card_of(bot, bob)
        bob.press(card.channel, card.ts, "request.claim")
        first = bot.request(asked["id"]).claim
        mine = private(bob, card.channel)
        assert bob.press(mine.channel, mine.ts, "request.keep").ok
        kept = bot.request(asked["id"]).claim
        assert first is not None
        assert kept is not None
        assert kept.until > first.until
        assert bob.press(mine.channel, mine.ts, "request.release").ok
        assert "is free again" in private(bob, card.channel).words

        assert card_of(bot, bob).buttons["request.claim"] == "I'm looking"
        assert "<@U0BOB> stopped looking: it is free again." in thread_of(bob, card)
        assert bob.press(mine.channel, mine.ts, "request.release").ok
        assert "You are not looking any more" in private(bob, card.channel).words

    assert bot.steps(asked["id"])[2:] == ["claimed", "claim_kept", "claim_released", "press_refused"]


def test_pressing_the_card_again_offers_to_keep_or_release(bot: Bot) -> None:
    bot.deploy()
    with bot.hands("BOB") as bob:
        card = card_of(bot, bob)
        bob.press(card.channel, card.ts, "request.claim")
        assert bob.press(card.channel, card_of(bot, bob).ts, "request.take_over").ok

        mine = private(bob, card.channel)
        assert "You are looking until" in mine.words
        assert set(mine.buttons) == {"request.keep", "request.release"}


def test_a_minute_before_the_end_the_claimer_alone_is_asked_and_then_it_is_free_again(bot: Bot) -> None:
    asked = bot.deploy().json()
    with bot.hands("BOB") as bob, bot.hands("DAN") as dan:
        card = card_of(bot, bob)
        bob.press(card.channel, card.ts, "request.claim")
        bot.settle()
        before = len(bob.only_you(card.channel))

        bot.later(asked["id"], timedelta(minutes=4, seconds=1))
        question = private(bob, card.channel)
        assert len(bob.only_you(card.channel)) == before + 1
        assert "Still looking?" in question.words
        assert "1 min left" in question.words
        assert set(question.buttons) == {"request.keep", "request.release"}
        assert dan.only_you(card.channel) == []

        bot.later(asked["id"], timedelta(minutes=1))
        assert len(bob.only_you(card.channel)) == before + 1, "asked once"
        assert card_of(bot, bob).buttons["request.claim"] == "I'm looking"
        assert "<@U0BOB> is not looking any more: it is free again." in thread_of(dan, card)
        assert bob.press(question.channel, question.ts, "request.keep").ok
        assert "You are not looking any more" in private(bob, card.channel).words


def test_where_nobody_can_be_told_in_the_channel_the_question_comes_by_message(bot: Bot) -> None:
    asked = bot.deploy().json()
    with bot.hands("BOB") as bob:
        card = card_of(bot, bob)
        bob.press(card.channel, card.ts, "request.claim")
        bot.settle()
        bob.fault("error", "chat.postEphemeral", times=1, error="user_not_in_channel")
        bot.later(asked["id"], timedelta(minutes=4, seconds=1))

        assert "Still looking?" in bob.direct_messages()[-1].words
        assert bob.press(bob.app_dm(), bob.direct_messages()[-1].ts, "request.keep").ok

    claim = bot.request(asked["id"]).claim
    assert claim is not None
    assert not claim.warned


def test_everybody_sees_within_two_seconds_who_looks(bot: Bot) -> None:
    """Bound: 2 s, from the press to the card in another's eyes (ux.md section 13)."""
    deploys = [str(bot.deploy(id=f"deploy-{number}", sha=f"{number}").json()["id"]) for number in range(TRIES)]
    bot.settle()
    with Workers(bot).working(), bot.hands("BOB") as bob, bot.hands("DAN") as dan:

        def look() -> None:
            card = card_with(bob, deploys.pop())
            assert bob.press(card.channel, card.ts, "request.claim").ok
            dan.wait_for(
                lambda: "is looking" in next(one for one in dan.messages("#deploys") if one.ts == card.ts).words
            )

        assert fastest_s(look, 2) < 2


def test_nobody_sits_on_a_request(bot: Bot) -> None:
    asked = bot.deploy().json()
    with bot.hands("BOB") as bob:
        card = card_of(bot, bob)
        bob.press(card.channel, card.ts, "request.claim")
        mine = private(bob, card.channel)
        for _ in range(4):
            assert bob.press(mine.channel, mine.ts, "request.keep").ok

        assert "You have looked 4 times, 20 min in all" in private(bob, card.channel).words

    assert bot.steps(asked["id"])[-1] == "press_refused"


def test_a_policy_without_claims_has_no_button(
    redis: Redis, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert redis
    off = {"prod-deploy-gate": {"approval": {"claim": "off"}}}
    with running_bot(valkey_url, tmp_path, monkeypatch, changes=off) as bot, bot.hands("BOB") as bob:
        bot.deploy()

        assert "request.claim" not in card_of(bot, bob).buttons
