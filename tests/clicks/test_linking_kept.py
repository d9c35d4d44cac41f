"""What a press that waits for a link may and may not do, and whom a link bars."""

import orjson
import pytest

from approvalbot.errors import MoveRefused
from approvalbot.flow.press import Press, press
from approvalbot.store import keys
from approvalbot.store.raw import text
from tests.clicks.stage import Card, Stage
from tests.clicks.test_linking import _nothing_linked, approve, asked, chosen, settled, unknown
from tests.clicks.test_no_dead_clicks import stage

__all__ = ["_nothing_linked", "stage"]


@pytest.fixture(autouse=True)
def _a_minute_has_passed(stage: Stage) -> None:
    for key in stage.bot.house.redis.scan_iter("ab:decided:*"):
        stage.bot.house.redis.delete(key)


def linked(stage: Stage) -> tuple[Card, str]:
    """A request whose actor was linked to Eve, on Bob's word and Ann's; Bob's approval counts."""
    card, account = unknown(stage)
    approve(stage, card)
    chosen(stage, card, "U0BOB", "U0EVE")
    settled(stage, asked(stage, "ANN"), "U0ANN", "link.confirm", card)
    return card, account


def test_whoever_confirmed_a_link_is_barred_in_whatever_case_an_event_writes_the_account(stage: Stage) -> None:
    _, account = linked(stage)

    seen = approve(stage, stage.open("gate", actor=account.upper()), "U0ANN")

    assert seen.trail == (("press_refused", "excluded"),)


def test_a_denial_takes_back_the_approval_that_waits(stage: Stage) -> None:
    card, _ = unknown(stage, "two-denials")
    approve(stage, card)
    chosen(stage, card, "U0BOB", "U0EVE")
    message = asked(stage, "ANN")
    stage.vote(card, "U0BOB", "deny")

    confirmed = settled(stage, message, "U0ANN", "link.confirm", card)

    assert "0 kept presses" in confirmed.words
    assert [(vote.by.key, vote.choice) for vote in stage.bot.request(card.id).votes] == [("bob", "deny")]


def test_a_press_whose_presser_is_not_told_so_is_not_kept(stage: Stage) -> None:
    card, account = unknown(stage)

    with pytest.raises(MoveRefused):
        press(stage.bot.house.journey, Press(card.id, "U0BOB", "approve", 1))

    assert not stage.bot.house.redis.exists(keys.kept_for(f"emails {account}"))


def test_a_press_that_asks_for_more_is_not_said_to_be_kept(stage: Stage) -> None:
    card, account = unknown(stage, "reasoned")

    refused = approve(stage, card)

    assert "We do not know whose e-mail account" in refused.words
    assert "kept" not in refused.words
    assert "Press again once it is linked." in refused.words
    assert not stage.bot.house.redis.exists(keys.kept_for(f"emails {account}"))


def test_a_kept_press_on_what_is_gone_takes_no_other_with_it(stage: Stage) -> None:
    gone, account = unknown(stage)
    card = stage.open("gate", actor=account)
    approve(stage, gone)
    approve(stage, card)
    chosen(stage, card, "U0BOB", "U0EVE")
    message = asked(stage, "ANN")
    stage.bot.house.redis.delete(keys.request(gone.id))

    confirmed = settled(stage, message, "U0ANN", "link.confirm", card)

    assert "Linked: " in confirmed.words
    assert [vote.by.key for vote in stage.bot.request(card.id).votes] == ["bob"]


def test_nobody_asks_the_owners_faster_than_people_decide(stage: Stage) -> None:
    card, _ = unknown(stage)
    approve(stage, card)
    most = stage.bot.house.settings.approvalbot_decisions_per_minute

    said = [chosen(stage, card, "U0BOB", ("U0EVE", "U0DAN")[turn % 2]).words for turn in range(most + 1)]

    assert any("Please wait" in words for words in said)
    assert stage.bot.steps(card.id).count("link_asked") <= most


def test_whoever_confirmed_a_link_is_barred_where_people_may_approve_their_own_too(stage: Stage) -> None:
    card, _ = unknown(stage, "own")
    approve(stage, card)
    chosen(stage, card, "U0BOB", "U0ANN")
    settled(stage, asked(stage, "ANN"), "U0ANN", "link.confirm", card)

    seen = approve(stage, card, "U0ANN")

    assert seen.trail == (("press_refused", "excluded"),)


def test_nothing_that_is_said_of_a_link_is_unfurled(stage: Stage) -> None:
    before = stage.workspace.traffic.entries[-1].number
    card, _ = linked(stage)
    with stage.bot.hands("BOB") as bob:
        bob.wait_for(lambda: [one for one in bob.direct_messages() if card.id[:6] in one.words])

    posts = [one for one in stage.workspace.traffic.entries if one.number > before and "chat.postMessage" in one.what]

    assert len(posts) >= 3
    for post in posts:
        sent = orjson.loads(post.request)
        assert (sent["unfurl_links"], sent["unfurl_media"]) == (False, False)


def test_an_account_that_was_linked_meanwhile_is_not_linked_to_somebody_else(stage: Stage) -> None:
    card, account = unknown(stage)
    other = stage.open("gate", actor=account.title())
    approve(stage, card)
    approve(stage, other)
    chosen(stage, other, "U0BOB", "U0DAN")
    late = asked(stage, "ANN")
    chosen(stage, card, "U0BOB", "U0EVE")
    settled(stage, asked(stage, "ANN"), "U0ANN", "link.confirm", card)

    refused = settled(stage, late, "U0ANN", "link.confirm", other)

    assert refused.words.startswith("This account is known by now.")
    (held,) = stage.bot.house.redis.hvals(keys.LINKS)
    assert orjson.loads(held)["person"] == "eve"


def test_a_later_press_keeps_no_earlier_one_beyond_its_ten_minutes(stage: Stage) -> None:
    card, account = unknown(stage)
    other = stage.open("gate", actor=account)
    approve(stage, card)
    redis, key = stage.bot.house.redis, keys.kept_for(f"emails {account}")
    ((field, held),) = redis.hgetall(key).items()
    since, press_ = text(held).split(" ", 1)
    redis.hset(key, field, f"{int(since) - 601_000} {press_}")
    approve(stage, other)
    chosen(stage, other, "U0BOB", "U0EVE")

    confirmed = settled(stage, asked(stage, "ANN"), "U0ANN", "link.confirm", other)

    assert "1 kept presses" in confirmed.words
    assert stage.bot.request(card.id).votes == ()
    assert [vote.by.key for vote in stage.bot.request(other.id).votes] == ["bob"]
