"""More requests at once than Slack takes messages: one digest, decisions from it, and no flood afterwards."""

import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from redis import Redis

from approvalbot.flow.audit import sweep
from approvalbot.request.request import State
from approvalbot.store.outbox import Clockwork
from approvalbot.workspace.hands import Hands, Message
from tests.bot import Bot, running_bot
from tests.passing import time_passes

MANY = 100
SEEN_WITHIN_S = 15.0
"""Seconds until everybody sees every request of a storm (the promise of docs/slack-experience.md)."""

MOST_CARDS = 30
"""Cards that the budget allows in those seconds: ten at once, then at most one a second."""


@pytest.fixture
def limited(redis: Redis, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bot]:
    """A bot whose workspace counts calls as Slack does."""
    with running_bot(valkey_url, tmp_path, monkeypatch, limited=True) as running:
        yield running


def work(bot: Bot, done: Callable[[], bool], *, within_s: float = SEEN_WITHIN_S) -> float:
    """Work as the workers do, each effect when it is due, until it is done; gives the seconds that took."""
    clockwork, began = Clockwork(bot.house.redis), time.monotonic()
    while not done():
        assert time.monotonic() - began < within_s, "not done in time"
        sweep(clockwork, bot.carrier)
        bot.settle(most=5000)
        time.sleep(0.02)
    return time.monotonic() - began


def storm(bot: Bot, many: int = MANY, name: str = "storm") -> list[str]:
    return [bot.deploy(id=f"{name}-{n}", sha=f"{name}{n:03}").json()["id"] for n in range(many)]


def messages(hands: Hands) -> list[Message]:
    return [one for one in hands.messages("#deploys") if not one.only_you]


def digests(hands: Hands) -> list[Message]:
    marks = ("Slack is limiting posts", "Nothing waits here")
    return [one for one in messages(hands) if any(mark in one.words for mark in marks)]


def cards(hands: Hands) -> list[Message]:
    shown = {one.ts for one in digests(hands)}
    return [one for one in messages(hands) if one.ts not in shown]


def names_every(hands: Hands, requests: list[str]) -> bool:
    """Whether each request stands in a card or in the digest, by the name that people call it."""
    words = " ".join(one.words for one in messages(hands))
    return all(request[:6] in words for request in requests)


def refusals(hands: Hands) -> list[str]:
    return [one["what"] for one in hands.traffic("call") if "ratelimited" in str(one)]


def item_of(digest: Message, bot: Bot, requests: list[str]) -> str:
    """The first request of a digest that has buttons there."""
    return next(one for one in requests if f"digest.{one}" in str(digest.blocks))


def told(hands: Hands) -> str:
    return hands.wait_for(lambda: hands.only_you("#deploys"))[-1].words


def test_a_hundred_requests_at_once_are_seen_within_seconds_in_few_messages(limited: Bot) -> None:
    with limited.hands("BOB") as bob:
        requests = storm(limited)

        took = work(limited, lambda: names_every(bob, requests))

        assert took < SEEN_WITHIN_S
        assert len(digests(bob)) == 1
        assert len(cards(bob)) <= MOST_CARDS
        assert refusals(bob) == [], "Slack never had to say stop"
        few = len(messages(bob))
        work(limited, lambda: not limited.carrier.effects and limited.house.outbox.waiting() == 0)
        assert len(messages(bob)) == few, "what was a line of the digest is never a card later"


def test_a_request_is_decided_from_its_item_which_then_shows_how(limited: Bot) -> None:
    with limited.hands("BOB") as bob:
        requests = storm(limited, 40)
        work(limited, lambda: names_every(bob, requests))
        (digest,) = digests(bob)
        first = item_of(digest, limited, requests)

        assert bob.press("#deploys", digest.ts, "request.approve", block_id=f"digest.{first}").ok

        assert limited.request(first).state is State.APPROVED, "at once, whatever Slack takes"
        work(limited, lambda: "Approved by <@U0BOB>" in digests(bob)[0].words)
        assert f"digest.{first}" not in str(digests(bob)[0].blocks)
        assert names_every(bob, requests)
        assert "posted" not in limited.steps(first)


def test_an_item_is_checked_as_strictly_as_a_card(limited: Bot) -> None:
    with limited.hands("BOB") as bob, limited.hands("ANN") as ann, limited.hands("EVE") as eve:
        requests = storm(limited, 20)
        work(limited, lambda: names_every(bob, requests))
        (digest,) = digests(bob)
        item = item_of(digest, limited, requests)

        ann.press("#deploys", digest.ts, "request.approve", block_id=f"digest.{item}")
        eve.press("#deploys", digest.ts, "request.approve", block_id=f"digest.{item}")
        assert "not decide it" in told(ann)
        assert "You asked for this" in told(eve)
        assert bob.press("#deploys", digest.ts, "request.deny", block_id=f"digest.{item}").ok
        assert bob.modal() is not None, "a denial wants its reason here too"
        bob.close_modal()

    assert limited.request(item).state is State.PENDING
    assert limited.steps(item).count("press_refused") == 2


def test_when_everything_is_decided_the_digest_says_so(limited: Bot) -> None:
    with limited.hands("BOB") as bob:
        requests = storm(limited, 14)
        work(limited, lambda: names_every(bob, requests))
        (digest,) = digests(bob)

        for request in requests:
            if f"digest.{request}" in str(digest.blocks):
                assert bob.press("#deploys", digest.ts, "request.approve", block_id=f"digest.{request}").ok

        work(limited, lambda: "Nothing waits here any more" in digests(bob)[0].words)
        assert len(digests(bob)) == 1


def test_after_a_storm_new_requests_are_cards_again(limited: Bot, redis: Redis) -> None:
    with limited.hands("BOB") as bob:
        requests = storm(limited, 14)
        work(limited, lambda: names_every(bob, requests))
        before = len(cards(bob))
        time_passes(redis, 30)

        (late,) = storm(limited, 1, "late")

        work(limited, lambda: late[:6] in " ".join(one.words for one in cards(bob)))
        assert len(cards(bob)) == before + 1


def test_two_that_wait_are_cards_a_moment_later(limited: Bot) -> None:
    with limited.hands("BOB") as bob:
        requests = storm(limited, 11)

        work(limited, lambda: names_every(bob, requests))

        assert digests(bob) == []
        assert len(cards(bob)) == 11


def test_reminders_and_escalations_of_a_digest_are_said_once_for_all(limited: Bot) -> None:
    with limited.hands("BOB") as bob:
        requests = [
            limited.deploy(id=f"r-{n}", sha=f"r{n}", target={"environment": "prod-silent"}).json()["id"]
            for n in range(30)
        ]
        work(limited, lambda: names_every(bob, requests))
        (digest,) = digests(bob)
        waiting = [one for one in requests if one[:6] in digest.words]
        for minutes in (6, 5):
            for one in waiting:
                limited.later(one, timedelta(minutes=minutes))
            work(limited, lambda: limited.house.outbox.waiting() == 0, within_s=30)

        lines = [one.words for one in bob.thread("#deploys", digest.ts)]

    assert {limited.request(one).level for one in waiting} == {1}
    assert [line[:13] for line in lines[:1]] == ["Still waiting"]
    assert len([line for line in lines if "did not act in time" in line]) == 1
    assert len(lines) == 2, "one line for all of them, each time"


def test_a_storm_of_direct_messages_is_one_digest_for_each_approver(
    redis: Redis, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    level = {"name": "owners", "approvers": [{"usergroup": "@service-owners"}], "notify": [{"dm": "approvers"}]}
    changes = {"prod-deploy-gate": {"approval": {"levels": [{**level, "timeout": "5m"}]}}}
    with (
        running_bot(valkey_url, tmp_path, monkeypatch, limited=True, changes=changes) as bot,
        bot.hands("BOB") as bob,
        bot.hands("DAN") as dan,
    ):
        requests = storm(bot, 30)

        def told_whole(hands: Hands) -> bool:
            words = " ".join(one.words for one in hands.direct_messages())
            return all(request[:6] in words for request in requests)

        work(bot, lambda: told_whole(bob) and told_whole(dan), within_s=30)

        (digest,) = [one for one in bob.direct_messages() if "Slack is limiting posts" in one.words]
        item = item_of(digest, bot, requests)
        assert bob.press(digest.channel, digest.ts, "request.approve", block_id=f"digest.{item}").ok
        assert bot.request(item).state is State.APPROVED
        work(bot, lambda: any("Approved by" in one.words for one in dan.direct_messages()), within_s=30)
        assert len(bob.direct_messages()) <= MOST_CARDS


def test_a_stop_in_the_midst_of_a_storm_delays_the_digest_and_nothing_comes_twice(limited: Bot) -> None:
    with limited.hands("BOB") as bob:
        requests = storm(limited, 11)
        limited.settle()
        bob.fault("rate_limited", "chat.postMessage", times=1, retry_after="1.5")
        requests += storm(limited, 20, "more")

        work(limited, lambda: names_every(bob, requests))

        assert len(refusals(bob)) == 1, "what Slack stopped is not tried before its time"
        assert len(digests(bob)) == 1
        assert "delivery was uncertain" not in digests(bob)[0].words
        assert len(cards(bob)) <= MOST_CARDS
