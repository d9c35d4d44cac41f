"""What a policy tightens bars on open requests too (law 5, threat 46): exclusions, and actors whom nobody knows."""

import json
from typing import Any

import orjson
import pytest

from approvalbot.cli.samples import WHO
from approvalbot.flow.advance import advance
from approvalbot.request.moves import Wake
from approvalbot.request.request import State
from approvalbot.store import keys
from tests.bot import Bot
from tests.journeys.test_access import ask as ask_for_access
from tests.journeys.test_attacks_identity import edit, learn
from tests.journeys.test_presses import card_of, told

EXTRA = {"reviewer": {"login": "bob@example.com"}, "also_by": ["dan@example.com", "nobody@example.com"]}


def tighten(bot: Bot, policy: str = "prod-deploy-gate", **approval: Any) -> None:
    edit(bot, policy, {"approval": approval})


@pytest.mark.parametrize("path", ["reviewer.login", "$raw.reviewer.login", "$actor.name", "$header.x-reviewer"])
def test_an_exclusion_that_is_added_later_bars_on_what_is_open(bot: Bot, path: str) -> None:
    sources = [one.model_dump(exclude_defaults=True) for one in bot.house.policies.sources.values()]
    edit(bot, "sources", {"sources": [{**one, "headers": ["x-reviewer"]} for one in sources]})
    body = {"id": "1", "action": "deploy.requested", "target": {"environment": "production"}, **EXTRA}
    body["actor"] = {"id": "eve@example.com", "name": "bob@example.com"}
    asked = bot.post("deploy-tool", orjson.dumps(body), **{"x-reviewer": "bob@example.com"}).json()["id"]
    tighten(bot, exclude=[path])

    with bot.hands("BOB") as bob, bot.hands("DAN") as dan:
        card = card_of(bot, bob)
        assert bob.press(card.channel, card.ts, "request.approve").ok
        assert "The policy keeps you from deciding this one" in told(bob, card.channel)
        assert bot.request(asked).state is State.PENDING
        assert dan.press(card.channel, card.ts, "request.approve").ok
    assert bot.request(asked).state is State.APPROVED


def test_the_earlier_vote_of_somebody_excluded_since_is_dropped(bot: Bot) -> None:
    tighten(bot, quorum=2)
    asked = bot.deploy(**EXTRA).json()["id"]
    with bot.hands("BOB") as bob, bot.hands("DAN") as dan:
        card = card_of(bot, bob)
        assert bob.press(card.channel, card.ts, "request.approve").ok
        tighten(bot, exclude=["reviewer.login"])

        assert dan.press(card.channel, card.ts, "request.approve").ok

    assert bot.request(asked).state is State.PENDING
    assert [vote.by.key for vote in bot.request(asked).votes] == ["dan"]
    assert "vote_dropped" in bot.steps(asked)


def test_an_exclusion_that_is_taken_away_later_still_bars(bot: Bot) -> None:
    tighten(bot, exclude=["reviewer.login"])
    asked = bot.deploy(**EXTRA).json()["id"]
    tighten(bot, exclude=[])

    with bot.hands("BOB") as bob:
        card = card_of(bot, bob)
        assert bob.press(card.channel, card.ts, "request.approve").ok
        assert "keeps you from deciding" in told(bob, card.channel)
    assert bot.request(asked).votes == ()


@pytest.mark.parametrize("when", ["before", "after"])
def test_an_excluded_account_that_nobody_knows_could_be_whoever_presses(bot: Bot, when: str) -> None:
    """As with an actor whom nobody knows: a gate is approved by nobody until an identity is added."""
    if when == "before":
        tighten(bot, exclude=["also_by"])
    asked = bot.deploy(**EXTRA).json()["id"]
    tighten(bot, exclude=["also_by"])
    with bot.hands("BOB") as bob, bot.hands("DAN") as dan:
        card = card_of(bot, bob)
        assert dan.press(card.channel, card.ts, "request.approve").ok
        assert "keeps you from deciding" in told(dan, card.channel)
        assert bob.press(card.channel, card.ts, "request.approve").ok
        assert "Nobody can approve this yet" in told(bob, card.channel)
        assert bot.request(asked).state is State.PENDING

        people = [one.model_dump(exclude_defaults=True) for one in bot.house.policies.identities.people]
        learn(bot, *people, {"id": "zoe", "name": "Zoe", "emails": ["nobody@example.com"]})
        assert bob.press(card.channel, card.ts, "request.approve").ok
    assert bot.request(asked).state is State.APPROVED


UNKNOWN = {**WHO, "userName": "break-glass", "arn": "arn:aws:iam::111122223333:user/break-glass"}


def test_an_actor_nobody_knows_bars_at_once_where_the_policy_says_so_now(bot: Bot) -> None:
    tighten(bot, "aws-admin-escalation", unmapped_actor="allow", unsafe=True, quorum=1, from_distinct_groups=False)
    first, second = (bot.aws_escalation(userIdentity=UNKNOWN, eventID=name) for name in ("a", "b"))
    with bot.hands("BOB") as bob, bot.hands("ANN") as ann:
        bot.settle()
        cards = [one for one in bob.messages("#aws-approvals") if not one.only_you]
        older = next(one for one in cards if first[:6] in one.words)
        newer = next(one for one in cards if second[:6] in one.words)
        tighten(bot, "aws-admin-escalation", unmapped_actor="extra_vote")
        assert bob.press(older.channel, older.ts, "request.approve", confirmed=True).ok
        assert bot.request(first).state is State.PENDING, "one more vote is asked now"

        tighten(bot, "aws-admin-escalation", unmapped_actor="refuse")
        assert ann.press(newer.channel, newer.ts, "request.approve", confirmed=True).ok
        assert "We do not know whose AWS account" in told(ann, newer.channel)
        assert ann.press(older.channel, older.ts, "request.approve", confirmed=True).ok
    assert bot.request(first).state is bot.request(second).state is State.PENDING


def test_a_looser_rule_for_unknown_actors_changes_nothing_for_what_is_open(bot: Bot) -> None:
    tighten(bot, "aws-admin-escalation", unmapped_actor="refuse", quorum=1, from_distinct_groups=False)
    asked = bot.aws_escalation(userIdentity=UNKNOWN)
    tighten(bot, "aws-admin-escalation", unmapped_actor="allow", unsafe=True)

    with bot.hands("BOB") as bob:
        card = card_of(bot, bob, "#aws-approvals")
        assert bob.press(card.channel, card.ts, "request.approve", confirmed=True).ok
        assert "We do not know whose AWS account" in told(bob, card.channel)
    assert bot.request(asked).votes == ()


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({}, State.APPROVED),
        ({"on_timeout": "expire"}, State.EXPIRED),
        ({"mode": "off"}, State.APPROVED),
    ],
)
def test_silence_approves_only_while_the_policy_still_says_so(bot: Bot, change: dict[str, Any], state: State) -> None:
    tighten(bot, on_timeout="approve", unsafe=True)
    asked = bot.deploy().json()["id"]
    bot.settle()
    edit(bot, "prod-deploy-gate", change if "mode" in change else {"approval": change})
    held = bot.request(asked)
    over = {"due_at": held.opened_at, "level_opened_at": held.opened_at.replace(year=2020)}
    body = held.model_copy(update=over).to_json()
    bot.house.redis.set(keys.request(asked), b"%d pending %s" % (held.version, body))

    advance(bot.house.journey, asked, Wake())

    assert bot.request(asked).state is state


def test_a_request_of_an_earlier_version_is_judged_by_what_it_kept(bot: Bot) -> None:
    asked = bot.deploy(**EXTRA).json()["id"]
    stored = orjson.loads(bot.house.redis.get(keys.about(asked)) or b"")
    assert stored.pop("facts")["actor"]["id"] == "eve@example.com"
    bot.house.redis.set(keys.about(asked), orjson.dumps(stored))
    tighten(bot, exclude=["reviewer.login", "$actor.email"])

    with bot.hands("BOB") as bob:
        card = card_of(bot, bob)
        assert bob.press(card.channel, card.ts, "request.approve").ok
        assert "keeps you from deciding" in told(bob, card.channel)


def test_what_is_kept_of_an_event_holds_no_secret(bot: Bot) -> None:
    secret = "ghp_" + "s" * 36

    asked = bot.deploy(reason=f"with {secret}", actor={"id": "eve@example.com", "name": secret}).json()["id"]

    assert secret.encode() not in (bot.house.redis.get(keys.about(asked)) or b"")


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_wish_excludes_whom_its_entitlement_names(bot: Bot, when: str) -> None:
    people = [one.model_dump(exclude_defaults=True) for one in bot.house.policies.identities.people]
    learn(bot, *({**one, "manager": "dan"} if one["id"] == "eve" else one for one in people))
    if when == "before":
        tighten(bot, "prod-database", exclude=["$requester.manager"])
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan, bot.hands("BOB") as bob:
        asked = ask_for_access(bot, eve)
        tighten(bot, "prod-database", exclude=["$requester.manager"])
        card = card_of(bot, dan, "#access-requests")
        assert dan.press(card.channel, card.ts, "request.approve").ok
        assert "keeps you from deciding" in told(dan, card.channel)
        assert bob.press(card.channel, card.ts, "request.approve").ok
    assert bot.request(asked).state is State.APPROVED


def test_a_passkey_that_is_wanted_later_is_asked_for_at_the_press_with_the_way_to_it(bot: Bot) -> None:
    asked = bot.deploy().json()["id"]
    tighten(bot, assurance="step_up")

    with bot.hands("BOB") as bob:
        card = card_of(bot, bob)
        assert bob.press(card.channel, card.ts, "request.approve").ok

        answer = bob.wait_for(lambda: bob.only_you(card.channel))[-1]

    assert "This one needs your passkey" in answer.words
    assert f"{bot.house.settings.url}/requests/{asked}" in json.dumps(answer.raw)
    assert bot.request(asked).state is State.PENDING
