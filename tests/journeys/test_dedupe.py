"""Events that ask the same: one request and one card for all of them, counted, and none swallowed (threat 56)."""

from datetime import UTC, datetime
from typing import Any

import httpx
import orjson
import yaml
from prometheus_client import REGISTRY

from approvalbot.answers.receipts import verify
from approvalbot.request.effects import TellRepeats
from approvalbot.request.request import State
from approvalbot.store import keys
from approvalbot.workspace.hands import Hands, Message
from tests.bot import Bot
from tests.journeys.test_attacks_grants import drive_again
from tests.journeys.test_attacks_identity import edit
from tests.journeys.test_openings import at_once
from tests.journeys.test_presses import card_of
from tests.passing import time_passes

KEY = {"key": ["$actor.id", "repo"], "window": "1h"}


def review(**changes: Any) -> dict[str, Any]:
    level = {
        "name": "on-call",
        "approvers": [{"usergroup": "@sec-oncall"}],
        "notify": [{"channel": "#aws-approvals"}],
        "timeout": "5m",
    }
    return {
        "version": 1,
        "id": "token-made",
        "title": "A token was made",
        "owner": "team-security",
        "request": "review",
        "severity": "medium",
        "source": ["deploy-tool", "aws.cloudtrail"],
        "match": {"action": "token.created"},
        "dedupe": KEY,
        "approval": {"levels": [level]},
        **changes,
    }


def put(bot: Bot, *documents: dict[str, Any]) -> None:
    path = bot.house.settings.approvalbot_policies / "more.yaml"
    path.write_text(yaml.safe_dump_all(documents, sort_keys=False), encoding="utf-8")
    bot.house.keeper.reload()
    assert bot.house.keeper.fault == ""


def token(bot: Bot, number: int, **event: Any) -> dict[str, Any]:
    event = {"action": "token.created", "actor": {"id": "eve@example.com"}, "repo": "shop", **event}
    response = bot.deploy(id=f"token-{number}", **event)
    assert response.status_code == 202, response.text
    return dict(response.json())


def lines(hands: Hands, card: Message) -> list[str]:
    return [one.words for one in hands.thread(card.channel, card.ts) if "of the same" in one.words]


def counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"approvalbot_{name}_total", labels) or 0


def test_a_repeat_joins_the_open_request_and_the_card_counts_it(bot: Bot) -> None:
    put(bot, review())
    first = token(bot, 1)
    bot.settle()

    again = token(bot, 2)
    bot.settle()

    assert "repeat" not in first
    assert (again["id"], again["status"], again["repeat"]) == (first["id"], "pending", True)
    assert bot.steps(first["id"]) == ["opened", "level_asked", "repeated"]
    with bot.hands("BOB") as bob:
        (card,) = [one for one in bob.messages("#aws-approvals") if not one.only_you]
        assert "2 of the same* since" in card.words
        assert [line.split(" since")[0] for line in lines(bob, card)] == [":repeat: 1 more of the same, 2"]


def test_other_values_of_the_key_are_another_question(bot: Bot) -> None:
    put(bot, review())

    ids = {token(bot, number, repo=repo)["id"] for number, repo in enumerate(["shop", "pay", "shop"])}

    assert len(ids) == 2


def test_a_press_on_the_card_as_it_stood_before_the_repeat_counts(bot: Bot) -> None:
    put(bot, review())
    asked = token(bot, 1)
    with bot.hands("BOB") as bob:
        card = card_of(bot, bob, "#aws-approvals")
        token(bot, 2)
        token(bot, 3)

        assert bob.press(card.channel, card.ts, "request.approve").ok

    assert bot.request(asked["id"]).state is State.APPROVED


def test_one_decision_answers_every_sender_of_the_same(bot: Bot) -> None:
    put(bot, review())
    ids = {token(bot, number)["id"] for number in range(5)}
    with bot.hands("BOB") as bob:
        card = card_of(bot, bob, "#aws-approvals")
        assert bob.press(card.channel, card.ts, "request.approve").ok

    (asked,) = ids
    answer = bot.http.get(f"/v1/requests/{asked}", headers=bot.bearer()).json()
    assert (answer["status"], answer["allowed"]) == ("approved", True)
    assert answer["receipt"]


def test_each_of_the_same_has_a_receipt_of_its_own_that_is_used_once(bot: Bot) -> None:
    edit(bot, "prod-deploy-gate", {"dedupe": {"key": ["$resource.id"]}})
    asked = bot.deploy().json()["id"]
    joined = [bot.deploy(id=f"deploy-{number}").json() for number in (2, 3)]
    with bot.hands("BOB") as bob:
        card = card_of(bot, bob)
        assert bob.press(card.channel, card.ts, "request.approve").ok
    keys_ = bot.http.get("/.well-known/jwks.json").json()

    digests = []
    for name in [asked, *(one["own_id"] for one in joined)]:
        url = f"/v1/requests/{name}"
        answer = bot.http.get(url, headers=bot.bearer()).json()
        receipt = verify(answer["receipt"], keys_, datetime.now(UTC))
        assert (receipt["jti"], receipt["event_digest"]) == (name, answer["event_digest"])
        assert answer.get("repeat_of", asked) == asked
        digests.append(receipt["event_digest"])
        wrong = bot.http.post(f"{url}/consume", headers=bot.bearer(), json={"event_digest": "0" * 64})
        assert wrong.json()["code"] == "not_approved"
        body = {"event_digest": answer["event_digest"]}
        assert bot.http.post(f"{url}/consume", headers=bot.bearer(), json=body).status_code == 200
        assert bot.http.post(f"{url}/consume", headers=bot.bearer()).json()["code"] == "already_consumed"
    assert len(set(digests)) == 3


def test_a_thousand_of_the_same_make_one_card_with_a_counter_and_few_calls_to_slack(bot: Bot) -> None:
    put(bot, review())
    bodies = [
        b"\n".join(
            orjson.dumps({"id": f"{part}-{n}", "action": "token.created", "actor": {"id": "eve@example.com"}, "n": n})
            for n in range(250)
        )
        for part in range(4)
    ]

    def send(part: int) -> httpx.Response:
        return bot.post("deploy-tool", bodies[part], **{"content-type": "application/x-ndjson"})

    answers = [one.json() for one in at_once(4, send)]
    bot.settle()
    drive_again(bot)

    results = [result for answer in answers for result in answer["results"]]
    assert len(results) == 1000
    assert len({result["id"] for result in results}) == 1
    assert sum("repeat" not in result for result in results) == 1
    with bot.hands("BOB") as bob:
        (card,) = [one for one in bob.messages("#aws-approvals") if not one.only_you]
        assert "1000 of the same* since" in card.words
        assert 1 <= len(lines(bob, card)) <= 4
        calls = [one["what"] for one in bob.traffic("call") if str(one["what"]).startswith("chat.")]
        assert len(calls) <= 10, calls
    assert bot.request(results[0]["id"]).version <= 8, "a storm must not race with the presses"


def test_a_storm_is_told_at_once_and_then_with_growing_gaps(bot: Bot) -> None:
    put(bot, review())
    asked = token(bot, 1)["id"]
    bot.settle()
    gaps = []
    for number in range(2, 8):
        token(bot, number)
        waiting = [one for one in bot.house.outbox.soonest(9) if one.effect == TellRepeats()]
        gaps += [round((one.due_at - bot.house.requests.now()).total_seconds()) for one in waiting]
        drive_again(bot)

    assert gaps[1:] == [5, 10, 20, 40, 60]
    assert gaps[0] <= 2, "handed on at once; the outbox drives it if that is lost"
    assert bot.steps(asked).count("repeated") == 6


def test_what_is_ignored_is_counted_in_the_metrics_alone(bot: Bot) -> None:
    put(bot, review(dedupe={**KEY, "on_repeat": "ignore"}))
    before = counted("repeats", policy="token-made", on_repeat="ignore")
    asked = token(bot, 1)
    bot.settle()

    assert token(bot, 2)["id"] == asked["id"]
    bot.settle()

    assert bot.steps(asked["id"]) == ["opened", "level_asked"]
    assert counted("repeats", policy="token-made", on_repeat="ignore") == before + 1


def test_new_always_opens(bot: Bot) -> None:
    put(bot, review(dedupe={**KEY, "on_repeat": "new"}))

    assert token(bot, 1)["id"] != token(bot, 2)["id"]
    assert bot.house.redis.keys("ab:dedupe:*") == []


def test_without_a_key_of_its_own_the_event_id_is_the_key(bot: Bot) -> None:
    put(bot, review(dedupe={"window": "1h"}))
    first, other = token(bot, 1), token(bot, 2)
    body = {"action": "token.created", "actor": {"id": "eve@example.com"}, "id": "token-1", "repo": "shop"}

    keyed = bot.post("deploy-tool", orjson.dumps(body), **{"idempotency-key": "another"}).json()

    assert first["id"] != other["id"]
    assert (keyed["id"], keyed["repeat"]) == (first["id"], True)


def test_events_without_any_value_of_the_key_are_each_their_own_and_flagged(bot: Bot) -> None:
    put(bot, review(dedupe={"key": ["nothing.here", "nor.here"]}))
    before = counted("undeduplicated", policy="token-made")

    ids = {token(bot, number)["id"] for number in range(3)}
    token(bot, 1)

    assert len(ids) == 3
    assert counted("undeduplicated", policy="token-made") == before + 3


def test_after_the_decision_repeats_of_a_review_are_still_told_and_open_nothing(bot: Bot) -> None:
    put(bot, review())
    asked = token(bot, 1)["id"]
    with bot.hands("BOB") as bob:
        card = card_of(bot, bob, "#aws-approvals")
        bob.press(card.channel, card.ts, "request.deny")
        bob.submit({"reason_code": {"reason_code": "not_now"}})
        bot.settle()

        again = token(bot, 2)
        bot.settle()

        assert (again["id"], again["status"], again["repeat"]) == (asked, "denied", True)
        assert "decision above stands" in lines(bob, card)[-1]
        assert "2 of the same" in card_of(bot, bob, "#aws-approvals").words
    assert bot.names(keys.in_state("pending")) == []


def test_after_the_window_the_same_is_asked_anew(bot: Bot) -> None:
    put(bot, review())
    asked = token(bot, 1)["id"]
    time_passes(bot.house.redis, 3590)
    assert token(bot, 2)["id"] == asked

    time_passes(bot.house.redis, 20)

    assert token(bot, 3)["id"] != asked, "the window runs from the first event, not from the last"
    assert token(bot, 2)["id"] == asked, "what joined stays joined"


def test_many_at_one_moment_open_one_request(bot: Bot) -> None:
    put(bot, review())

    ids = {answer["id"] for answer in at_once(16, lambda number: token(bot, number))}

    assert len(ids) == 1
    assert bot.names(keys.in_state("pending")) == list(ids)
    assert bot.house.redis.hget(keys.repeats(ids.pop()), "count") == b"15"


def test_a_question_held_by_a_request_that_is_not_there_is_free(bot: Bot) -> None:
    put(bot, review())
    asked = token(bot, 1)["id"]
    bot.house.redis.delete(keys.request(asked))
    bot.house.redis.zrem(keys.in_state("pending"), asked)

    other = token(bot, 2)

    assert "repeat" not in other
    assert bot.names(keys.in_state("pending")) == [other["id"]]
    assert token(bot, 3)["id"] == other["id"]
