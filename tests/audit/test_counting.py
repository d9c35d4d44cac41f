"""The trail is counted while nobody asks for its counts."""

from redis import Redis

from approvalbot.audit.counting import Counting
from approvalbot.policy.snapshots import from_snapshot
from approvalbot.store.guards import Guards
from approvalbot.store.requests import RequestStore
from approvalbot.store.statistics import Statistics
from tests.bot import Bot
from tests.journeys.test_processes import until


def test_a_worker_counts_what_is_new_by_itself(bot: Bot, redis: Redis) -> None:
    statistics = Statistics(redis, RequestStore(redis, from_snapshot).find_many)
    counting = Counting(statistics, Guards(redis), every_s=0.05)
    counting.start()
    try:
        bot.deploy()
        until(lambda: statistics.total()["opened", "prod-deploy-gate"] == 1, 10, "the first is counted")
        bot.deploy(id="deploy-2", sha="2")
        until(lambda: statistics.total()["opened", "prod-deploy-gate"] == 2, 10, "and the second")
    finally:
        counting.stop()
        counting.join(5)

    assert not counting.is_alive()


def test_counting_outlives_a_store_that_takes_no_writes(bot: Bot, redis: Redis) -> None:
    statistics = Statistics(redis, RequestStore(redis, from_snapshot).find_many)
    counting = Counting(statistics, Guards(redis), every_s=0.02)
    bot.deploy()
    redis.config_set("min-replicas-to-write", 1)
    counting.start()
    try:
        counting.join(0.2)
        assert counting.is_alive()
        redis.config_set("min-replicas-to-write", 0)
        until(lambda: statistics.total()["opened", "prod-deploy-gate"] == 1, 10, "it is counted afterwards")
    finally:
        redis.config_set("min-replicas-to-write", 0)
        counting.stop()
        counting.join(5)
