"""Whose Sigma rule it was: on everything that its match caused, whole, however long the name (DRL 1.1)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from redis import Redis

from approvalbot.answers.receipts import verify
from approvalbot.cli.samples import ADMIN
from approvalbot.request.request import State
from approvalbot.slack.text import escape
from approvalbot.store import keys
from approvalbot.store.trail import TrailStore
from tests.bot import AWS_KEY, Bot, running_bot
from tests.journeys.test_presses import card_of

AUTHOR = "Ann Ames & Söhne <ann@example.com>, " + ", ".join(f"Author Number {number} & Co" for number in range(60))
RULE = {
    "title": "A policy is attached",
    "id": "22222222-2222-4333-8444-555555555555",
    "status": "test",
    "level": "medium",
    "author": AUTHOR,
    "logsource": {"product": "aws", "service": "cloudtrail"},
    "detection": {"selection": {"eventName": "PutGroupPolicy"}, "condition": "selection"},
}
CREDIT = f"Rule by {AUTHOR}, SigmaHQ, DRL 1.1"


def pack(**changes: Any) -> dict[str, Any]:
    return {
        "version": 1,
        "kind": "SigmaPack",
        "id": "aws-rules",
        "title": "AWS rules",
        "owner": "team-security",
        "include": "sigma/rules/**",
        "severity": "medium",
        "approval": {
            "levels": [
                {
                    "name": "on-call",
                    "approvers": [{"usergroup": "@sec-oncall"}],
                    "notify": [{"channel": "#aws-approvals"}],
                    "timeout": "5m",
                }
            ]
        },
        "on_approve": [{"callback": {"to": "deploy-tool", "with": {"whose": "{{ $rule.author }}"}}}],
        **changes,
    }


def writing(folder: Path, document: dict[str, Any]) -> None:
    rules = folder / "policies" / "sigma" / "rules"
    rules.mkdir(parents=True)
    (rules / "attached.yml").write_text(yaml.safe_dump(RULE, allow_unicode=True), encoding="utf-8")
    (folder / "policies" / "pack.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")


@pytest.fixture
def bot(redis: Redis, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bot]:
    writing(tmp_path, pack())
    # The source may read its own requests, so that a receipt can be fetched.
    with running_bot(valkey_url, tmp_path, monkeypatch, changes={"sources": {}}) as running:
        file = running.house.settings.approvalbot_policies / "all.yaml"
        text = file.read_text(encoding="utf-8")
        assert "name: aws.cloudtrail\n" in text
        file.write_text(text.replace("name: aws.cloudtrail\n", "name: aws.cloudtrail\n  may_wait: true\n", 1))
        running.house.keeper.reload()
        assert running.house.keeper.fault == ""
        yield running


def attached(bot: Bot, event_id: str = "s1") -> dict[str, Any]:
    answer: dict[str, Any] = bot.aws({**ADMIN, "eventName": "PutGroupPolicy", "eventID": event_id}).json()
    return answer


def words_of(message: Any) -> str:
    """The whole of a message with its lines joined: a notice may stand in several elements."""
    return str(message.words).replace("\n", "")


def test_the_card_the_thread_and_the_forms_name_the_author_whole(bot: Bot) -> None:
    attached(bot)
    whole = escape(CREDIT)
    with bot.hands("BOB") as bob, bot.hands("ANN") as ann:
        card = card_of(bot, bob, "#aws-approvals")
        assert whole in words_of(card)
        bob.choose(card, "Full details")
        assert whole in words_of(bob.modal())
        bob.press(card.channel, card.ts, "request.deny")
        assert whole in words_of(bob.modal())
        ann.press(card.channel, card.ts, "request.approve")
        bot.settle()

        settled = card_of(bot, bob, "#aws-approvals")
        assert whole in words_of(settled)
        lines = [one.words for one in bob.thread(card.channel, card.ts)]
        assert lines
        assert all(whole in line for line in lines)


def test_callbacks_answers_receipts_and_the_trail_carry_it(bot: Bot) -> None:
    asked = attached(bot)["id"]
    with bot.hands("BOB") as bob:
        card = card_of(bot, bob, "#aws-approvals")
        bob.press(card.channel, card.ts, "request.approve")
        bot.settle()
        (told,) = [one for one in bob.service()["received"] if asked in str(one)]

    answer = bot.http.get(f"/v1/requests/{asked}", headers={"authorization": f"Bearer {AWS_KEY}"}).json()
    claims = verify(answer["receipt"], bot.http.get("/.well-known/jwks.json").json(), bot.house.requests.now())
    (listed,) = bot.http.get("/v1/requests", headers={"authorization": f"Bearer {AWS_KEY}"}).json()["requests"]
    opened = next(one.entry for one in TrailStore(bot.house.redis).records() if one.entry["what"] == "opened")

    for place in (answer["credit"], claims["credit"], listed["credit"], opened["detail"]["credit"]):
        assert place.startswith(CREDIT)
        assert "https://github.com/SigmaHQ/sigma/blob/master/rules/attached.yml" in place
    assert CREDIT in str(told)
    assert AUTHOR in str(told)


def test_an_alarm_names_it_too(bot: Bot) -> None:
    with bot.hands("BOB") as bob:
        bob.set_group("S0SECONCALL", [])
        attached(bot)
        bot.settle()
        (alarm,) = [one.words for one in bob.messages("#general") if "nobody of step 1" in one.words]

    assert escape(CREDIT) in alarm


def test_what_is_only_watched_names_it(
    redis: Redis, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    writing(tmp_path, pack(mode="monitor"))
    with running_bot(valkey_url, tmp_path, monkeypatch) as bot:
        assert attached(bot) == {"status": "no_match", "reason_code": "monitor"}
        with bot.hands("BOB") as bob:
            card = card_of(bot, bob, "#aws-approvals")
        (seen,) = bot.names(keys.in_state("watched"))
        entry = next(one.entry for one in TrailStore(bot.house.redis).records() if one.entry["what"] == "watched")

    assert escape(CREDIT) in words_of(card)
    assert bot.request(seen).state is State.WATCHED
    assert entry["detail"]["credit"].startswith(CREDIT)


def test_a_request_of_no_rule_speaks_of_none(bot: Bot) -> None:
    asked = bot.deploy().json()
    bot.settle()

    assert "credit" not in bot.http.get(f"/v1/requests/{asked['id']}", headers=bot.bearer()).json()
    assert bot.request(asked["id"]).credit == ""


def test_a_list_of_what_waits_names_it_once_and_whole(bot: Bot) -> None:
    attached(bot)
    attached(bot, "s2")
    bot.settle()
    with bot.hands("BOB") as bob:
        bob.command("/access", "list waiting")
        answer = bob.wait_for(lambda: bob.only_you("#general"))[-1].words

    assert answer.count(escape(CREDIT)) == 1


def test_the_home_tab_names_it_once_and_whole(bot: Bot) -> None:
    names = [attached(bot)["id"], attached(bot, "s2")["id"]]
    bot.settle()
    with bot.hands("BOB") as bob:
        bob.open_home()
        bob.wait_for(bob.home)
        assert words_of(bob.home()).count(escape(CREDIT)) == 1

        for name in names:
            assert bob.press_home("request.approve", block_id=f"home.{name}").ok
        bob.wait_for(lambda: "Nothing waits for you" in str(bob.home()))

        assert words_of(bob.home()).count(escape(CREDIT)) == 1, "what was decided names it too"
