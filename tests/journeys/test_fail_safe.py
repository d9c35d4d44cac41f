"""A policy that cannot be evaluated asks all the same: two people of its owner answer for it, and nothing is undone."""

from typing import Any

import pytest
import yaml

from approvalbot.policy.message import Effect
from approvalbot.policy.people import owner_entry
from approvalbot.request.following import follows
from approvalbot.request.request import State
from approvalbot.workspace.hands import Hands, Message
from tests.bot import Bot
from tests.journeys.test_attacks_grants import sent
from tests.journeys.test_dedupe import put, review
from tests.journeys.test_presses import card_of, told
from tests.passing import time_passes
from tests.request.makers import make_policy, make_request

ENDED = {
    "version": 1,
    "kind": "Calendar",
    "id": "last-year",
    "owner": "team-platform",
    "tz": "UTC",
    "weekly": {"mon-sun": ["00:00-24:00"]},
    "valid_until": "2025-01-01",
}
DURING = {"calendar": "last-year", "is": "inside"}
OWNERS = "security-managers"
"""Cat and Dan; the on-call, Ann and Bob, are those that the policy itself asks."""


def broken(bot: Bot, **changes: Any) -> None:
    put(bot, ENDED, review(**{"owner": OWNERS, "dedupe": None, "during": DURING, **changes}))


def ask(bot: Bot, number: int = 1) -> str:
    answer = bot.deploy(id=f"token-{number}", action="token.created").json()
    assert answer["status"] == "pending", answer
    return str(answer["id"])


def the_card(bot: Bot, hands: Hands) -> Message:
    return card_of(bot, hands, "#aws-approvals")


def test_only_the_owners_people_approve_and_two_of_them(bot: Bot) -> None:
    broken(bot)
    asked = ask(bot)
    with bot.hands("BOB") as bob, bot.hands("CAT") as cat, bot.hands("DAN") as dan:
        card = the_card(bot, bob)
        assert "two people of @security-managers, who owns the policy" in card.words
        assert bob.press(card.channel, card.ts, "request.approve").ok
        assert "only its owner can approve it: two people of @security-managers" in told(bob, card.channel)

        assert cat.press(card.channel, card.ts, "request.approve").ok
        assert bot.request(asked).state is State.PENDING
        bot.settle()
        assert "1 of 2" in the_card(bot, bob).words
        assert dan.press(card.channel, card.ts, "request.approve").ok

    assert bot.request(asked).state is State.APPROVED
    assert [vote.by.key for vote in bot.request(asked).votes] == ["cat", "dan"]
    assert set(bot.request(asked).asked[0].people) == {"U0ANN", "U0BOB", "U0CAT", "U0DAN"}


def test_whoever_is_asked_may_deny_and_receivers_are_told(bot: Bot) -> None:
    broken(bot, on_deny=[{"callback": {"to": "deploy-tool", "status": "contain"}}])
    asked = ask(bot)
    with bot.hands("BOB") as bob:
        card = the_card(bot, bob)
        assert "undoes nothing here" in card.words
        assert bob.press(card.channel, card.ts, "request.deny").ok
        assert bob.submit({"reason_code": {"reason_code": "suspicious"}}).ok
        bot.settle()

        assert bot.request(asked).state is State.DENIED
        assert any('"policy_status": "contain"' in str(one).replace("'", '"') for one in sent(bob, "request.denied"))


@pytest.mark.parametrize("owner", ["team-nobody-knows", "@empty", "nobody@example.com"])
def test_an_owner_who_names_nobody_leaves_it_to_two_of_the_policys_own_approvers(bot: Bot, owner: str) -> None:
    broken(bot, owner=owner)
    asked = ask(bot)
    with bot.hands("BOB") as bob, bot.hands("ANN") as ann, bot.hands("CAT") as cat:
        card = the_card(bot, bob)
        assert cat.press(card.channel, card.ts, "request.approve").ok
        assert "not decide it" in told(cat, card.channel)
        assert bob.press(card.channel, card.ts, "request.approve").ok
        assert bot.request(asked).state is State.PENDING
        assert ann.press(card.channel, card.ts, "request.approve").ok

    assert bot.request(asked).state is State.APPROVED


def test_an_owner_who_cannot_be_looked_up_is_not_one_who_names_nobody(bot: Bot) -> None:
    broken(bot)
    asked = ask(bot)
    with bot.hands("BOB") as bob:
        card = the_card(bot, bob)
        bot.house.people.forget("usergroup:S0SECMANAGERS")
        bob.fault("error", "usergroups.users.list", times=None, error="internal_error")
        bob.fault("error", "usergroups.list", times=None, error="internal_error")

        assert bob.press(card.channel, card.ts, "request.approve").ok
        assert "Slack did not confirm your groups" in told(bob, card.channel)

    assert bot.request(asked).votes == ()


def test_one_person_is_not_two_even_as_the_owner(bot: Bot) -> None:
    broken(bot, owner="cat")
    asked = ask(bot)
    with bot.hands("CAT") as cat, bot.hands("BOB") as bob:
        card = the_card(bot, cat)
        assert cat.press(card.channel, card.ts, "request.approve").ok
        assert bob.press(card.channel, card.ts, "request.approve").ok

    assert bot.request(asked).state is State.PENDING
    assert len(bot.request(asked).votes) == 1


def test_an_owner_who_is_replaced_meanwhile_approves_nothing_and_nor_does_the_new_one(bot: Bot) -> None:
    broken(bot)
    asked = ask(bot)
    with bot.hands("CAT") as cat, bot.hands("BOB") as bob:
        card = the_card(bot, cat)
        assert cat.press(card.channel, card.ts, "request.approve").ok
        broken(bot, owner="sre-leads")

        assert bob.press(card.channel, card.ts, "request.approve").ok
        assert "only its owner" in told(bob, card.channel)
    assert bot.request(asked).state is State.PENDING


def test_a_gate_stays_shut_until_the_owner_opens_it(bot: Bot) -> None:
    broken(bot, request="gate")
    asked = ask(bot)
    url = f"/v1/requests/{asked}"
    with bot.hands("CAT") as cat, bot.hands("DAN") as dan:
        card = the_card(bot, cat)
        for hands in (cat, dan):
            assert bot.http.get(url, headers=bot.bearer()).json()["allowed"] is False
            assert hands.press(card.channel, card.ts, "request.approve").ok

    assert bot.http.get(url, headers=bot.bearer()).json()["allowed"] is True


def test_the_owner_is_told_once_an_hour_and_not_once_an_event(bot: Bot) -> None:
    broken(bot)
    with bot.hands("ANN") as ann:

        def alarms() -> list[str]:
            return [one.words for one in ann.messages("#general") if "could not be evaluated" in one.words]

        for number in range(4):
            ask(bot, number)
        bot.settle()
        (alarm,) = alarms()
        assert "<!subteam^S0SECMANAGERS>" in alarm
        assert "last-year" in alarm

        time_passes(bot.house.redis, 3601)
        ask(bot, 9)
        bot.settle()
        assert len(alarms()) == 2


@pytest.mark.parametrize(
    ("kind", "error", "runs"), [("review", "x", False), ("gate", "x", True), ("review", "", True), ("gate", "", True)]
)
def test_no_action_follows_a_review_of_a_policy_that_could_not_be_evaluated(kind: str, error: str, runs: bool) -> None:
    """A gate that its owner lets through must be let through: its caller is released by an action too."""
    request = make_request(make_policy(request=kind), policy_error=error)
    action = Effect.model_validate({"action": "aws.detach_policy", "with": {}})
    callback = Effect.model_validate({"callback": {"to": "pager", "status": "incident"}})

    assert follows(request, action) is runs
    assert follows(request, callback) is True


def test_an_owner_that_an_event_would_fill_does_not_load_and_breaks_nothing(bot: Bot) -> None:
    path = bot.house.settings.approvalbot_policies / "more.yaml"
    path.write_text(yaml.safe_dump(review(owner="{{ $actor.id }}"), sort_keys=False), encoding="utf-8")

    bot.house.keeper.reload()

    assert "more.yaml:4" in bot.house.keeper.fault
    assert "an owner is not filled from the event" in bot.house.keeper.fault


def test_an_owner_kept_from_before_templates_were_refused_names_nobody(bot: Bot) -> None:
    entry = owner_entry("{{ $actor.id }}", bot.house.policies.identities)

    assert entry.kind == "usergroup"
    assert "{{" not in entry.name
