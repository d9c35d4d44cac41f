"""A press and what it does, through Slack's own door: every kind of presser, every answer."""

import threading
import time
from pathlib import Path

import pytest
from redis import Redis

from approvalbot.request.request import State
from approvalbot.slack.presses import KNOWN_WITHIN_S
from approvalbot.store import keys
from approvalbot.workspace.hands import Hands, Message
from tests.bot import Bot, running_bot


def card_of(bot: Bot, hands: Hands, channel: str = "#deploys") -> Message:
    bot.settle()
    return [one for one in hands.messages(channel) if not one.only_you][-1]


def told(hands: Hands, channel: str) -> str:
    return hands.wait_for(lambda: hands.only_you(channel))[-1].words


def test_an_approval_settles_and_the_card_says_so_everywhere(bot: Bot) -> None:
    asked = bot.deploy().json()
    with bot.hands("BOB") as bob:
        card = card_of(bot, bob)
        assert bob.press(card.channel, card.ts, "request.approve").ok
        bot.settle()

        done = card_of(bot, bob)

    assert bot.request(asked["id"]).state is State.APPROVED
    assert "Approved by <@U0BOB>" in done.words
    assert "request.approve" not in done.buttons
    assert bot.steps(asked["id"]) == ["opened", "level_asked", "voted", "approved", "answer_delivered"]


@pytest.mark.parametrize(
    ("name", "code", "words"),
    [
        ("EVE", "self_approval", "You asked for this, so someone else has to decide"),
        ("ANN", "not_an_approver", "You can see this request but not decide it"),
    ],
)
def test_whoever_may_not_decide_is_told_why_and_the_trail_has_it(bot: Bot, name: str, code: str, words: str) -> None:
    asked = bot.deploy().json()
    with bot.hands(name) as hands:
        card = card_of(bot, hands)
        assert hands.press(card.channel, card.ts, "request.approve").ok
        assert words in told(hands, card.channel)
        assert hands.press(card.channel, card.ts, "request.deny").ok
        assert hands.modal() is None, "nobody fills in a form for nothing"

    assert bot.request(asked["id"]).state is State.PENDING
    assert bot.steps(asked["id"]).count("press_refused") == 2
    assert code


def test_a_guest_and_a_person_of_another_company_cannot_decide(bot: Bot) -> None:
    bot.house.redis.flushall()
    for name in ("GUS", "OLG"):
        with bot.hands("BOB") as bob, bot.hands(name) as hands:
            asked = bot.deploy(id=f"for-{name}", target={"environment": "partner"}).json()
            card = card_of(bot, bob, "#partner-shared")
            assert hands.press(card.channel, card.ts, "request.approve").ok
            assert "Only full members of this workspace can decide" in told(hands, card.channel)
        assert bot.request(asked["id"]).state is State.PENDING


def test_membership_is_asked_at_the_press_and_not_remembered_from_the_posting(bot: Bot) -> None:
    asked = bot.deploy().json()
    with bot.hands("BOB") as bob, bot.hands("CAT") as cat:
        card = card_of(bot, bob)
        bob.set_group("S0SERVICEOWNERS", ["U0CAT"])

        assert bob.press(card.channel, card.ts, "request.approve").ok
        assert "not decide it" in told(bob, card.channel)
        assert cat.press(card.channel, card.ts, "request.approve").ok

    assert bot.request(asked["id"]).state is State.APPROVED


def test_a_group_that_slack_does_not_confirm_counts_for_nobody(bot: Bot) -> None:
    asked = bot.deploy().json()
    with bot.hands("BOB") as bob:
        card = card_of(bot, bob)
        bot.house.people.forget("usergroup:S0SERVICEOWNERS")
        bot.house.people.forget("usergroups")
        bob.fault("error", "usergroups.users.list", times=None, error="internal_error")
        bob.fault("error", "usergroups.list", times=None, error="internal_error")

        assert bob.press(card.channel, card.ts, "request.approve").ok
        assert "Slack did not confirm your groups" in told(bob, card.channel)

    assert bot.request(asked["id"]).state is State.PENDING


def test_a_denial_wants_its_reason_and_sends_the_code_back(bot: Bot) -> None:
    asked = bot.deploy().json()
    with bot.hands("BOB") as bob:
        card = card_of(bot, bob)
        assert bob.press(card.channel, card.ts, "request.deny").ok
        form = bob.modal()
        assert form is not None
        assert form.title == "Deny request"
        assert not bob.submit({}).ok
        assert bob.submit({"reason_code": {"reason_code": "too_broad"}, "note": {"note": "only eu-1"}}).ok
        assert bob.modal() is None

    answer = bot.http.get(f"/v1/requests/{asked['id']}", headers=bot.bearer()).json()
    assert (answer["status"], answer["allowed"], answer["reason_code"]) == ("denied", False, "too_broad")
    assert answer["reason"] == "only eu-1"


def test_a_form_that_is_older_than_the_decision_says_who_decided(bot: Bot) -> None:
    bot.deploy()
    with bot.hands("BOB") as bob, bot.hands("DAN") as dan:
        card = card_of(bot, bob)
        bob.press(card.channel, card.ts, "request.deny")
        dan.press(card.channel, card.ts, "request.approve")

        assert bob.submit({"reason_code": {"reason_code": "not_now"}}).ok
        form = bob.modal()

    assert form is not None
    assert "Already approved by <@U0DAN>" in form.words


def test_a_press_on_a_settled_card_that_was_not_redrawn_yet_is_answered(bot: Bot) -> None:
    bot.deploy()
    with bot.hands("BOB") as bob, bot.hands("DAN") as dan:
        card = card_of(bot, bob)
        bob.press(card.channel, card.ts, "request.approve")

        assert dan.press(card.channel, card.ts, "request.approve").ok
        assert "Already approved by <@U0BOB>" in told(dan, card.channel)


def test_details_show_the_event_to_whoever_may_see_the_card(bot: Bot) -> None:
    bot.deploy(sha="4f2c9e1b", password="hunter2")
    with bot.hands("ANN") as ann:
        card = card_of(bot, ann)
        assert ann.choose(card, "Full details").ok
        form = ann.modal()

    assert form is not None
    assert "4f2c9e1b" in form.words
    assert "hunter2" not in form.words
    assert "hunter2" not in str(card.raw)


def test_the_same_signed_press_a_thousand_times_is_one_vote(bot: Bot) -> None:
    asked = bot.aws_escalation()
    with bot.hands("BOB") as bob:
        card = card_of(bot, bob, "#aws-approvals")
        assert bob.press(card.channel, card.ts, "request.approve", confirmed=True).ok
        (line,) = bob.traffic("delivery", what="block_actions")
        for _ in range(50):
            bob.replay(line["n"])

    assert bot.steps(asked).count("voted") == 1
    assert bot.steps(asked).count("press_refused") == 0


def test_a_press_while_the_store_is_down_is_said_not_to_count(bot: Bot) -> None:
    asked = bot.deploy().json()
    with bot.hands("BOB") as bob:
        card = card_of(bot, bob)
        bot.house.redis.config_set("min-replicas-to-write", 5)
        try:
            assert bob.press(card.channel, card.ts, "request.approve").ok
            assert "NOT confirmed" in told(bob, card.channel)
        finally:
            bot.house.redis.config_set("min-replicas-to-write", 0)
        assert bot.request(asked["id"]).state is State.PENDING
        assert bob.press(card.channel, card.ts, "request.approve").ok

    assert bot.request(asked["id"]).state is State.APPROVED


def test_a_card_that_is_no_posting_of_ours_cannot_be_pressed(bot: Bot) -> None:
    asked = bot.deploy().json()
    with bot.hands("BOB") as bob:
        card = card_of(bot, bob)
        bot.house.redis.delete(keys.postings(asked["id"]))

        assert bob.press(card.channel, card.ts, "request.approve").ok
        assert "not the current card" in told(bob, card.channel)

    assert bot.request(asked["id"]).state is State.PENDING


def test_a_deactivated_voters_approval_does_not_help_to_settle(bot: Bot) -> None:
    asked = bot.aws_escalation()
    with bot.hands("BOB") as bob, bot.hands("CAT") as cat, bot.hands("ANN") as ann:
        card = card_of(bot, bob, "#aws-approvals")
        bob.press(card.channel, card.ts, "request.approve", confirmed=True)
        cat.set_active("U0BOB", active=False)
        cat.press(card.channel, card.ts, "request.approve", confirmed=True)
        assert bot.request(asked).state is State.PENDING

        ann.press(card.channel, card.ts, "request.approve", confirmed=True)

    assert bot.request(asked).state is State.APPROVED
    assert "vote_dropped" in bot.steps(asked)


def test_a_press_counts_where_the_client_of_the_sign_in_stands_in_the_environment(
    redis: Redis, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Bolt takes those two names for an OAuth installation of its own, and then authorises nobody."""
    monkeypatch.setenv("SLACK_CLIENT_ID", "111.222")
    monkeypatch.setenv("SLACK_CLIENT_SECRET", "local-client-secret")
    with running_bot(valkey_url, tmp_path, monkeypatch) as bot:
        name = bot.deploy().json()["id"]
        bot.settle()
        with bot.hands("BOB") as bob:
            card = [one for one in bob.messages("#deploys") if not one.only_you][-1]
            bob.press(card.channel, card.ts, "request.approve")

        assert bot.request(name).state.value == "approved"


def test_a_press_that_is_faster_than_slacks_answer_to_the_post_counts(bot: Bot) -> None:
    name = bot.deploy().json()["id"]
    bot.settle()
    (purpose, posting) = next((key, one) for key, one in bot.house.postings.all(name).items() if one.is_posted)
    bot.house.postings.put(name, purpose, posting.model_copy(update={"ts": "", "sending": True}))

    answered = threading.Timer(0.3, bot.house.postings.put, (name, purpose, posting))
    answered.start()
    with bot.hands("BOB") as bob:
        bob.press(posting.channel, posting.ts, "request.approve")

    answered.join()
    assert bot.request(name).state is State.APPROVED


def test_a_copy_of_a_card_is_refused_at_once_and_does_not_wait(bot: Bot) -> None:
    name = bot.deploy().json()["id"]
    bot.settle()
    (purpose, posting) = next((key, one) for key, one in bot.house.postings.all(name).items() if one.is_posted)
    bot.house.postings.drop(name, purpose)

    began = time.monotonic()
    with bot.hands("BOB") as bob:
        bob.press(posting.channel, posting.ts, "request.approve")

    assert time.monotonic() - began < KNOWN_WITHIN_S
    assert bot.request(name).state is State.PENDING
