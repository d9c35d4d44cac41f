"""Policies that ask when several events come together: counted in the store, across processes, each event once."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from redis import Redis

from approvalbot.events.event import Event
from approvalbot.policy.correlation import Correlator, completes
from approvalbot.store.counting import CountStore
from tests.bot import Bot
from tests.events.makers import event_of
from tests.policy.makers import load

NOON = datetime(2026, 3, 3, 12, tzinfo=UTC)
GROUPED = {"type": "event_count", "group_by": ["$actor.id"], "timespan": "10m", "condition": {"gte": 3}}
VALUES = {
    "type": "value_count",
    "field": "repo",
    "group_by": ["$actor.id"],
    "timespan": "10m",
    "condition": {"gte": 3},
}
ORDERED = {
    "type": "temporal_ordered",
    "group_by": ["$actor.id"],
    "timespan": "10m",
    "rules": {"off": {"what": "mfa-off"}, "key": {"what": "key-made"}},
}


def policy(correlate: dict[str, Any], **changes: Any) -> dict[str, Any]:
    return {
        "version": 1,
        "kind": "Policy",
        "id": "many-tokens",
        "title": "Many tokens",
        "owner": "team-security",
        "request": "review",
        "severity": "high",
        "source": "deploy-tool",
        "match": {"action": "token.created"},
        "correlate": correlate,
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
        **changes,
    }


def put(bot: Bot, document: dict[str, Any]) -> None:
    path = bot.house.settings.approvalbot_policies / "correlate.yaml"
    path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    bot.house.keeper.reload()
    assert bot.house.keeper.fault == ""


def token(bot: Bot, number: int, actor: str = "eve", **event: Any) -> dict[str, Any]:
    answer = bot.deploy(id=f"token-{number}", action="token.created", actor={"id": actor}, **event)
    return dict(answer.json())


def test_the_event_that_completes_the_count_asks(bot: Bot) -> None:
    put(bot, policy(GROUPED))

    first, second = token(bot, 1), token(bot, 2)
    assert first == second == {"status": "no_match", "reason_code": "counting"}
    assert token(bot, 2)["status"] == "no_match", "a redelivery counts once"
    assert token(bot, 3, actor="mallory")["status"] == "no_match", "another group"

    asked = token(bot, 4)
    assert asked["status"] == "pending"
    assert token(bot, 4)["id"] == asked["id"]


def test_different_values_are_counted_and_the_same_one_is_not(bot: Bot) -> None:
    put(bot, policy(VALUES))

    said = [token(bot, number, repo=repo)["status"] for number, repo in enumerate(["a", "A", "b", "a", "c"])]

    assert said == ["no_match"] * 4 + ["pending"]


def test_rules_in_their_order_and_no_other(bot: Bot) -> None:
    put(bot, policy(ORDERED))

    said = [token(bot, number, what=what)["status"] for number, what in enumerate(["key-made", "mfa-off", "key-made"])]

    assert said == ["no_match", "no_match", "pending"]


def test_what_is_too_long_ago_does_not_count(bot: Bot) -> None:
    put(bot, policy({**GROUPED, "clock": "event"}))
    times = [NOON, NOON + timedelta(minutes=1), NOON + timedelta(minutes=10, seconds=1), NOON + timedelta(minutes=10)]

    said = [token(bot, number, time=time.isoformat())["status"] for number, time in enumerate(times)]

    assert said == ["no_match", "no_match", "no_match", "pending"]


def test_an_unrelated_edit_of_the_policy_keeps_the_count(bot: Bot) -> None:
    put(bot, policy(GROUPED))
    token(bot, 1)
    token(bot, 2)

    put(bot, policy(GROUPED, title="Very many tokens"))

    assert token(bot, 3)["status"] == "pending"


@pytest.mark.parametrize("block", [GROUPED, VALUES, ORDERED], ids=lambda block: str(block["type"]))
def test_the_store_counts_as_the_replay_does(redis: Redis, block: dict[str, Any]) -> None:
    plan = load(policy({**block, "clock": "event"}, source="generic")).compiled[0].correlation
    assert plan is not None
    events = st.lists(
        st.tuples(st.integers(0, 400), st.sampled_from(["a", "b", "c"]), st.sampled_from(["mfa-off", "key-made"])),
        max_size=12,
    )

    @given(events)
    @settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def same(gaps: list[tuple[int, str, str]]) -> None:
        redis.flushall()
        store, memory, at = CountStore(redis), Correlator(), NOON
        for number, (gap_s, repo, what) in enumerate(gaps):
            at += timedelta(seconds=gap_s)
            event = made(number, at, repo, what)
            wanted = memory.completes(plan, "p", event, at.timestamp())
            assert completes(plan, "p", event, store, at) == wanted

    def made(number: int, at: datetime, repo: str, what: str) -> Event:
        body = {"id": str(number), "action": "token.created", "time": at.isoformat(), "repo": repo, "what": what}
        return event_of({**body, "actor": {"id": "eve"}})

    same()


def test_a_group_is_counted_to_its_limit_and_no_further(redis: Redis) -> None:
    store = CountStore(redis)
    at = NOON

    counts = [store.count("k", [f"m{n}"], span_s=60, most=3, at=at) for n in range(5)]

    assert counts == [1, 2, 3, 3, 3]
    assert store.count("k", ["m9"], span_s=60, most=3, at=at + timedelta(seconds=61)) == 1
