"""One human with several accounts (threats 12 to 14): what the identities learn meanwhile counts at once."""

from typing import Any

import yaml

from approvalbot.cli.samples import WHO
from approvalbot.request.request import State
from tests.bot import Bot, merge
from tests.journeys.test_presses import card_of, told


def learn(bot: Bot, *people: dict[str, Any]) -> None:
    """Write the identity document anew, as its owner would, and let the bot reload."""
    edit(bot, "people", {"people": list(people)})


def edit(bot: Bot, document_id: str, changes: dict[str, Any]) -> None:
    file = bot.house.settings.approvalbot_policies / "all.yaml"
    documents = list(yaml.safe_load_all(file.read_text(encoding="utf-8")))
    for document in documents:
        if document["id"] == document_id:
            merge(document, changes)
    file.write_text(yaml.safe_dump_all(documents, sort_keys=False), encoding="utf-8")
    bot.house.keeper.reload()
    assert not bot.house.keeper.fault


ANN = {"id": "ann", "name": "Ann Ames", "slack": "U0ANN", "emails": ["ann@example.com"]}
BOB = {"id": "bob", "name": "Bob Bell", "slack": "U0BOB", "emails": ["bob@example.com"]}
CAT = {"id": "cat", "name": "Cat Cole", "slack": "U0CAT", "emails": ["cat@example.com"]}


def test_a_vote_of_somebody_who_turns_out_to_be_the_actor_stops_counting(bot: Bot) -> None:
    learn(bot, BOB, CAT)
    unknown = {**WHO, "userName": "break-glass", "arn": "arn:aws:iam::111122223333:user/break-glass"}
    asked = bot.aws_escalation(userIdentity=unknown)
    with bot.hands("ANN") as ann, bot.hands("BOB") as bob, bot.hands("CAT") as cat:
        card = card_of(bot, ann, "#aws-approvals")
        assert ann.press(card.channel, card.ts, "request.approve", confirmed=True).ok
        assert [vote.by.key for vote in bot.request(asked).votes] == ["slack:T0ACME/U0ANN"]

        learn(bot, {**ANN, "aws": ["break-glass"]}, BOB, CAT)
        assert cat.press(card.channel, card.ts, "request.approve", confirmed=True).ok

        assert bot.request(asked).state is State.PENDING, "Ann's own vote on her own act was counted"
        assert [vote.by.key for vote in bot.request(asked).votes] == ["cat"]
        assert ann.press(card.channel, card.ts, "request.approve", confirmed=True).ok
        assert "about your own account" in told(ann, card.channel)
        assert bob.press(card.channel, card.ts, "request.approve", confirmed=True).ok
    assert bot.request(asked).state is State.APPROVED
    assert "vote_dropped" in bot.steps(asked)


def test_two_accounts_that_turn_out_to_be_one_person_count_once(bot: Bot) -> None:
    learn(bot, ANN, CAT)
    asked = bot.aws_escalation()
    with bot.hands("CAT") as cat, bot.hands("BOB") as bob:
        card = card_of(bot, cat, "#aws-approvals")
        assert bob.press(card.channel, card.ts, "request.approve", confirmed=True).ok

        learn(bot, ANN, {**CAT, "slack": ["U0CAT", "U0BOB"]})
        assert cat.press(card.channel, card.ts, "request.approve", confirmed=True).ok
        assert "already counted" in told(cat, card.channel)
    assert bot.request(asked).state is State.PENDING


def test_a_policy_that_is_tightened_meanwhile_counts_tight_and_one_loosened_counts_as_it_was(bot: Bot) -> None:
    """Threat 46, both ways."""
    first, second = bot.deploy().json()["id"], bot.deploy(id="deploy-2").json()["id"]
    with bot.hands("BOB") as bob, bot.hands("DAN") as dan, bot.hands("EVE") as eve:
        bot.settle()
        cards = {one.ts: one for one in bob.messages("#deploys") if "request.approve" in one.buttons}
        older, newer = (cards[ts] for ts in sorted(cards))
        edit(bot, "prod-deploy-gate", {"approval": {"quorum": 2}})
        assert bob.press(older.channel, older.ts, "request.approve").ok
        assert bot.request(first).state is State.PENDING

        edit(bot, "prod-deploy-gate", {"approval": {"quorum": 1, "self_approval": True, "unsafe": True}})
        assert eve.press(newer.channel, newer.ts, "request.approve").ok
        assert "You asked for this" in told(eve, newer.channel)
        assert bot.request(second).state is State.PENDING

        edit(bot, "prod-deploy-gate", {"mode": "off"})
        assert dan.press(newer.channel, newer.ts, "request.approve").ok
    assert bot.request(second).state is State.APPROVED, "without a current policy the snapshot alone decides"


def test_nobody_approves_a_gate_whose_asker_only_the_sender_names(bot: Bot) -> None:
    """The sender could name anybody but the one who presses; the ban on self-approval would hold on paper alone."""
    sources = yaml.safe_load_all((bot.house.settings.approvalbot_policies / "all.yaml").read_text(encoding="utf-8"))
    (held,) = [one["sources"] for one in sources if one["id"] == "sources"]
    edit(bot, "sources", {"sources": [{**source, "trust_actor": False} for source in held]})
    asked = bot.deploy().json()["id"]
    assert not bot.request(asked).actor_known

    with bot.hands("BOB") as bob:
        card = card_of(bot, bob, "#deploys")
        assert bob.press(card.channel, card.ts, "request.approve").ok
        bot.settle()

    assert bot.request(asked).state is State.PENDING
    assert bot.request(asked).votes == ()
    assert bot.steps(asked)[-1] == "press_refused"
