"""`/metrics`, as Prometheus scrapes it."""

import threading

from prometheus_client.parser import text_string_to_metric_families as families
from redis import Redis

from approvalbot.policy.snapshots import from_snapshot
from approvalbot.store.connection import connect
from approvalbot.store.jobs import EFFECT_QUEUE, TIME_QUEUE
from approvalbot.store.requests import RequestStore
from approvalbot.store.statistics import Statistics
from approvalbot.web.figures import Figures
from tests.bot import Bot
from tests.cli.test_callers import approve, deny


def samples(bot: Bot) -> dict[tuple[str, ...], float]:
    text = bot.http.get("/metrics").text
    return {
        (
            one.name,
            *(value for key, value in one.labels.items() if key != "le"),
            *([one.labels["le"]] if "le" in one.labels else []),
        ): one.value
        for family in families(text)
        for one in family.samples
        if one.name.startswith("approvalbot_")
    }


def test_requests_are_counted_by_policy_and_outcome_with_the_time_they_took(bot: Bot) -> None:
    bot.deploy()
    approve(bot)
    bot.deploy(id="deploy-2", sha="badc0de")
    deny(bot)
    bot.deploy(id="deploy-3", sha="c0ffee")
    bot.settle()

    found = samples(bot)

    policy = "prod-deploy-gate"
    assert found["approvalbot_requests_opened_total", policy] == 3
    assert found["approvalbot_requests_settled_total", "approved", policy] == 1
    assert found["approvalbot_requests_settled_total", "denied", policy] == 1
    assert found["approvalbot_decision_seconds_count", policy] == 2
    assert found["approvalbot_decision_seconds_bucket", policy, "+Inf"] == 2
    assert found["approvalbot_deliveries_total", "delivered"] == 2
    assert (found["approvalbot_requests_pending",], found["approvalbot_outbox_effects",]) == (1, 0)
    assert found["approvalbot_intake_seconds_count",] >= 3
    assert samples(bot)["approvalbot_requests_opened_total", policy] == 3, "a second scrape counts nothing twice"


def test_each_entry_counts_once_however_many_processes_count(bot: Bot, redis: Redis) -> None:
    for number in range(30):
        bot.deploy(id=f"deploy-{number}", sha=str(number))
    counting = [Statistics(redis, RequestStore(redis, from_snapshot).find_many) for _ in range(6)]

    threads = [threading.Thread(target=one.catch_up) for one in counting]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert counting[0].catch_up()
    assert counting[0].total()["opened", "prod-deploy-gate"] == 30


def test_a_refused_press_is_counted_by_its_code(bot: Bot) -> None:
    bot.deploy()
    bot.settle()
    with bot.hands("EVE") as eve:
        card = [one for one in eve.messages("#deploys") if not one.only_you][-1]
        eve.press(card.channel, card.ts, "request.approve")

    assert sum(value for key, value in samples(bot).items() if key[0] == "approvalbot_presses_refused_total") == 1


def test_a_scrape_without_redis_says_nothing_of_it_and_is_still_answered() -> None:
    gone = connect("redis://127.0.0.1:1/0")

    figures = Figures(gone, Statistics(gone, RequestStore(gone, from_snapshot).find_many), len)

    assert figures.text() == b""


def test_jobs_that_no_worker_took_up_are_counted_by_queue(bot: Bot) -> None:
    bot.house.jobs.send(["A" * 20 + ":1:0", "B" * 20 + ":1:0"])

    found = samples(bot)

    assert (found["approvalbot_jobs_waiting", TIME_QUEUE], found["approvalbot_jobs_waiting", EFFECT_QUEUE]) == (0, 1)


def test_every_figure_that_grafana_shows_is_there_on_a_new_bot_or_after_one_request(bot: Bot) -> None:
    bot.deploy()
    approve(bot)
    bot.settle()
    there = {name for name, *_ in samples(bot)}

    for name in ("requests_opened", "requests_settled", "deliveries"):
        assert f"approvalbot_{name}_total" in there
    for name in ("outbox_late_seconds", "deadline_late_seconds", "auditor_silent_seconds", "slack_frozen"):
        assert f"approvalbot_{name}" in there
    assert "approvalbot_decision_seconds_bucket" in there
