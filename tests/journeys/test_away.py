"""Somebody is away and another stands in: who is told, who may press, and every way to get more out of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from approvalbot.request.request import State
from approvalbot.store.absences import AbsenceStore
from approvalbot.store.trail import TrailStore
from tests.bot import Bot, running_bot
from tests.journeys.test_attacks_identity import edit
from tests.journeys.test_presses import card_of
from tests.passing import time_passes

DM = [{"dm": "approvers"}]
LEVELS = [
    {"name": name, "approvers": [{"usergroup": group}], "notify": [{"channel": "#deploys"}], "timeout": "5m"}
    for name, group in (("owners", "@service-owners"), ("leads", "@sre-leads"))
]
"""Bob and Dan own the service, Bob and Cat lead: Cat is a peer of another step, Ann of none."""


def gate(**approval: Any) -> dict[str, Any]:
    return {"prod-deploy-gate": {"approval": {"levels": LEVELS, **approval}}}


@pytest.fixture
def changes() -> dict[str, Any]:
    return gate()


@pytest.fixture
def bot(
    redis: Redis, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any]
) -> Iterator[Bot]:
    with running_bot(valkey_url, tmp_path, monkeypatch, changes=changes) as running:
        yield running


def away(bot: Bot, name: str, text: str) -> str:
    """Say something of being away, in a channel where nothing else is said; gives the answer."""
    with bot.hands(name) as hands:
        before = len(hands.only_you("#general"))
        assert hands.command("/access", f"away {text}").ok
        return hands.wait_for(lambda: hands.only_you("#general")[before:])[-1].words


def asked(bot: Bot, **event: Any) -> str:
    name = str(bot.deploy(**event).json()["id"])
    bot.settle()
    return name


def press(bot: Bot, name: str, action: str = "request.approve", channel: str = "#deploys") -> None:
    """Press on the newest card, and let everything that follows be said."""
    with bot.hands(name) as hands:
        card = card_of(bot, hands, channel)
        assert hands.press(card.channel, card.ts, action, confirmed=True).ok
        bot.settle()


def refused(bot: Bot, name: str, channel: str = "#deploys") -> str:
    """Press on the newest card; gives what the presser is told in private."""
    with bot.hands(name) as hands:
        before = len(hands.only_you(channel))
        press(bot, name, channel=channel)
        return hands.wait_for(lambda: hands.only_you(channel)[before:])[-1].words


def voted(bot: Bot, request_id: str) -> list[str]:
    return [one.by.key for one in bot.request(request_id).votes]


def people_chain(bot: Bot) -> list[tuple[str, str, dict[str, str]]]:
    records = (one.entry for one in TrailStore(bot.house.redis).records() if one.entry["request"] == "people")
    return [(one["what"], one["by"]["key"], one.get("detail", {})) for one in records]


def test_a_delegate_of_the_same_policy_decides_in_the_place_of_whoever_is_away(bot: Bot) -> None:
    answer = away(bot, "DAN", "until 2h delegate @cat because of the dentist")
    assert "You are away until" in answer
    assert "<@U0CAT> stands in" in answer
    name = asked(bot)

    with bot.hands("CAT") as cat:
        told = [one.words for one in cat.direct_messages()]
        assert any("<@U0DAN> is away until" in one and "of the dentist" in one for one in told)
        assert any("Production deploy" in one for one in told), "no group of theirs was told"
        card = card_of(bot, cat, "#deploys")
        assert "Away" in card.words
        assert "Dan Dean until" in card.words
        assert "Cat Cole stands in" in card.words

    press(bot, "CAT")
    request = bot.request(name)
    assert request.state is State.APPROVED
    assert [(one.by.key, one.delegated[0].by.key) for one in request.votes] == [("cat", "dan")]
    entries = [one.entry for one in TrailStore(bot.house.redis).records() if one.entry["request"] == name]
    assert next(one for one in entries if one["what"] == "voted")["detail"]["for"] == "Dan Dean (dan)"
    assert people_chain(bot)[0][:2] == ("away", "dan")
    assert people_chain(bot)[0][2]["delegate"] == "cat"
    with bot.hands("BOB") as bob:
        assert "Approved by <@U0CAT> for Dan Dean" in card_of(bot, bob, "#deploys").words


def test_somebody_of_no_step_of_the_policy_stands_in_for_nobody(bot: Bot) -> None:
    away(bot, "DAN", "until 2h delegate @ann")
    name = asked(bot)

    answer = refused(bot, "ANN")

    assert "You can see this request but not decide it" in answer
    assert "You stand in for <@U0DAN>, and this policy does not take your vote in their place." in answer
    assert voted(bot, name) == []
    with bot.hands("ANN") as ann:
        assert not any("Production deploy" in one.words for one in ann.direct_messages()), "not theirs to see"
        assert "Dan Dean until" in card_of(bot, ann, "#deploys").words
        assert "nobody stands in" in card_of(bot, ann, "#deploys").words


def test_a_policy_names_who_may_stand_in_and_tightening_it_holds_at_once(bot: Bot) -> None:
    edit(bot, "prod-deploy-gate", {"approval": {"delegation": {"allow": [{"usergroup": "@sec-oncall"}]}}})
    away(bot, "DAN", "until 2h delegate @ann")
    first = asked(bot)
    press(bot, "ANN")
    assert bot.request(first).state is State.APPROVED

    second = asked(bot, id="deploy-2", resource={"id": "acme/pay"})
    edit(bot, "prod-deploy-gate", {"approval": {"delegation": {"allow": "none"}}})
    assert "does not take your vote" in refused(bot, "ANN")
    assert voted(bot, second) == []


def test_a_policy_that_opened_without_delegates_gains_none_by_a_later_version(bot: Bot) -> None:
    edit(bot, "prod-deploy-gate", {"approval": {"delegation": {"allow": "none"}}})
    away(bot, "DAN", "until 2h delegate @cat")
    name = asked(bot)
    edit(bot, "prod-deploy-gate", {"approval": {"delegation": {"allow": "peers"}}})

    assert "does not take your vote" in refused(bot, "CAT")
    assert voted(bot, name) == []


def test_a_delegation_that_ended_before_the_press_does_not_count(bot: Bot) -> None:
    away(bot, "DAN", "until 2h delegate @cat")
    name = asked(bot)
    assert "Welcome back" in away(bot, "DAN", "off")

    assert "Your group is asked from" in refused(bot, "CAT")
    away(bot, "DAN", "until 1h delegate @cat")
    time_passes(bot.house.redis, 3700)
    assert "Your group is asked from" in refused(bot, "CAT")
    assert voted(bot, name) == []
    assert [what for what, _, _ in people_chain(bot)] == ["away", "back", "away"]


def test_the_requester_does_not_stand_in_for_an_approver_of_their_own_request(bot: Bot) -> None:
    away(bot, "DAN", "until 2h delegate @bob")
    name = asked(bot, actor={"id": "bob@example.com", "name": "Bob Bell"})

    assert "someone else has to decide" in refused(bot, "BOB")
    assert voted(bot, name) == []


def test_whoever_asked_passes_no_vote_on_to_a_delegate(bot: Bot) -> None:
    away(bot, "DAN", "until 2h delegate @cat")
    name = asked(bot, actor={"id": "dan@example.com", "name": "Dan Dean"})

    answer = refused(bot, "CAT")

    assert "You stand in for <@U0DAN>, who may not decide this one either." in answer
    assert voted(bot, name) == []


def test_nothing_is_passed_on_twice_nor_in_a_circle(bot: Bot) -> None:
    away(bot, "CAT", "until 2h delegate @ann")
    assert "<@U0CAT> is away too, so they cannot stand in for you" in away(bot, "DAN", "until 2h delegate @cat")

    away(bot, "CAT", "off")
    away(bot, "DAN", "until 2h delegate @cat")
    assert "You stand in for <@U0DAN>" in away(bot, "CAT", "until 2h delegate @ann")
    name = asked(bot)
    assert "are away yourself" in refused(bot, "CAT")
    assert "You can see this request but not decide it" in refused(bot, "ANN"), "a delegate's delegate is none"
    assert "<@U0DAN> is away too" in away(bot, "CAT", "until 2h delegate @dan")
    assert voted(bot, name) == []


def test_both_being_away_the_absent_person_may_vote_all_the_same(bot: Bot) -> None:
    away(bot, "DAN", "until 2h delegate @cat")
    name = asked(bot)

    press(bot, "DAN")
    assert voted(bot, name) == ["dan"]


@pytest.mark.parametrize("changes", [gate(quorum=2)])
def test_one_human_is_one_vote_and_the_absent_person_replaces_their_delegate(bot: Bot) -> None:
    away(bot, "DAN", "until 2h delegate @bob")
    name = asked(bot)
    press(bot, "BOB")
    assert voted(bot, name) == ["bob"]
    assert "already counted" in refused(bot, "BOB"), "standing in gives no second vote"
    assert bot.request(name).state is State.PENDING

    away(bot, "DAN", "until 2h delegate @cat")
    other = asked(bot, id="deploy-2", resource={"id": "acme/pay"})
    press(bot, "CAT")
    assert voted(bot, other) == ["cat"]
    press(bot, "DAN")
    assert voted(bot, other) == ["dan"], "the seat is one, whoever of both fills it"
    assert "who has voted themselves" in refused(bot, "CAT")
    assert bot.request(other).state is State.PENDING


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("until 2h delegate @dan", "You cannot stand in for yourself"),
        ("until 2h delegate @gus", "is no full member of this workspace"),
        ("until 2h delegate @ci-bot", "is no full member of this workspace"),
        ("until 2h delegate @zed", "is no full member of this workspace"),
        ("until 2h delegate @nobody-here", "is no person whom Slack knows here"),
        ("until 2020-01-01", "is over already"),
        ("until soon", "I cannot read `soon` as a time"),
        ("until 400d", "At most 366 days away"),
        ("tomorrow", "I cannot read that."),
        ("off", "You were not away."),
        ("", "You are not away."),
    ],
)
def test_what_cannot_be_said_is_refused_with_the_way_to_say_it(bot: Bot, text: str, words: str) -> None:
    assert words in away(bot, "DAN", text)
    assert AbsenceStore(bot.house.redis).listed() == []
    assert people_chain(bot) == []


def test_one_person_stands_in_for_ten_others_at_most(bot: Bot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("approvalbot.flow.leaving.MOST", 1)
    away(bot, "DAN", "until 2h delegate @cat")

    assert "stands in for 1 people already" in away(bot, "BOB", "until 2h delegate @cat")
    assert "<@U0CAT> stands in" in away(bot, "DAN", "until 3h delegate @cat"), "saying it anew takes no second place"


def test_a_guest_is_not_away_and_names_nobody(bot: Bot) -> None:
    assert "Only full members of this workspace can decide" in away_of_guest(bot)


def away_of_guest(bot: Bot) -> str:
    with bot.hands("GUS") as gus:
        gus.command("/access", "away until 2h", channel="#partner-shared")
        return gus.wait_for(lambda: gus.only_you("#partner-shared"))[-1].words
