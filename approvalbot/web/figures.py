"""What `/metrics` says beyond one process's own counts: the trail added up, and how far behind everything is.

Read from Redis at each scrape, so every web process says the same: scrape them all, and take the maximum of these
rather than the sum.
"""

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector
from redis import Redis

from approvalbot.errors import Unavailable
from approvalbot.request.statistics import BUCKETS_S, Counts
from approvalbot.store import keys
from approvalbot.store.checkpoints import CheckpointStore
from approvalbot.store.raw import answering, text
from approvalbot.store.statistics import Statistics

COUNTERS: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "opened": ("approvalbot_requests_opened", "Requests opened.", ("policy",)),
    "outcome": ("approvalbot_requests_settled", "Requests settled, by outcome.", ("policy", "outcome")),
    "fast": ("approvalbot_fast_approvals", "Approvals within five seconds of the opening.", ("policy",)),
    "escalated": ("approvalbot_escalations", "Levels opened because nobody acted before.", ("policy",)),
    "reminded": ("approvalbot_reminders", "Reminders.", ("policy",)),
    "grant": ("approvalbot_grants", "Grants, by what became of them.", ("policy", "state")),
    "delivery": (
        "approvalbot_deliveries",
        "Signed answers, by how they ended.",
        ("result",),
    ),
    "refused": ("approvalbot_presses_refused", "Presses that did not count, by code.", ("code",)),
}
"""By the first word of a count: the metric's name (Prometheus adds `_total`), what it is, its labels."""

BUDGET_WAITS = (
    "approvalbot_slack_budget_waits",
    "Writes to Slack that had to wait, by what for: channel, posts, method or digest.",
)

JOBS = ("approvalbot_jobs_waiting", "Jobs that no worker has taken up yet, by queue.")

DECISION = ("approvalbot_decision_seconds", "Seconds from the opening to an approval or a denial.")

GAUGES: Mapping[str, str] = {
    "approvalbot_requests_pending": "Requests that wait for an answer.",
    "approvalbot_grants_active": "Grants that are open.",
    "approvalbot_outbox_effects": "Effects that are still to be performed.",
    "approvalbot_outbox_late_seconds": "Seconds by which the oldest effect is overdue; 0 when none is.",
    "approvalbot_deadline_late_seconds": "Seconds by which the oldest deadline is overdue; 0 when none is.",
    "approvalbot_dead_letters": "Deliveries that were given up.",
    "approvalbot_auditor_silent_seconds": "Seconds since any worker's clock was seen; -1 when none ever was.",
    "approvalbot_slack_frozen": "Channels and methods of Slack that are not written to, as Slack has asked.",
    "approvalbot_trail_entries": "Entries ever written to the trail.",
    "approvalbot_trail_sealed_entries": "Entries that the newest checkpoint seals.",
}


@dataclass(frozen=True, slots=True)
class Figures(Collector):
    """Collects at each scrape. `sealed` gives how many entries the newest checkpoint seals, from its token; `queues`
    how many jobs wait in each queue.
    """

    redis: Redis
    statistics: Statistics
    sealed: Callable[[str], int]
    queues: Callable[[], Mapping[str, int]] = dict

    def text(self) -> bytes:
        """The figures in Prometheus' text format; nothing while Redis does not answer, which `/readyz` says."""
        registry = CollectorRegistry()
        try:
            registry.register(self)
            return generate_latest(registry)
        except Unavailable:
            return b""

    def collect(self) -> Iterator[Metric]:
        """Every figure."""
        self.statistics.catch_up()
        yield from _counters(self.statistics.total())
        yield self._waits()
        yield self._jobs()
        for name, value in self.gauges().items():
            gauge = GaugeMetricFamily(name, GAUGES[name])
            gauge.add_metric([], value)
            yield gauge

    def _waits(self) -> Metric:
        waits = CounterMetricFamily(*BUDGET_WAITS, labels=("budget",))
        with answering():
            held: Any = self.redis.hgetall(keys.BUDGET_WAITS)
        for budget, number in held.items():
            waits.add_metric([text(budget)], int(number))
        return waits

    def _jobs(self) -> Metric:
        jobs = GaugeMetricFamily(*JOBS, labels=("queue",))
        with answering():
            held = self.queues()
        for queue, number in held.items():
            jobs.add_metric([queue], number)
        return jobs

    def gauges(self) -> dict[str, float]:
        """Every figure of `GAUGES`, as it is now."""
        with answering():
            pipe = self.redis.pipeline(transaction=False)
            pipe.zcard(keys.in_state("pending"))
            pipe.zcard(keys.in_state("active"))
            pipe.zcard(keys.OUTBOX)
            pipe.zrange(keys.OUTBOX, 0, 0, withscores=True)
            pipe.zrange(keys.DEADLINES, 0, 0, withscores=True)
            pipe.hlen(keys.DEAD_LETTERS)
            pipe.get(keys.AUDITOR)
            pipe.hget(keys.TRAIL_HEAD, "number")
            pipe.zrange(keys.FROZEN, 0, -1, withscores=True)
            pipe.time()
            pending, active, effects, effect, deadline, dead, seen, entries, frozen, (seconds, micro) = pipe.execute()
        _, newest = CheckpointStore(self.redis).last()
        now_ms = int(seconds) * 1000 + int(micro) / 1000
        return {
            "approvalbot_requests_pending": pending,
            "approvalbot_grants_active": active,
            "approvalbot_outbox_effects": effects,
            "approvalbot_outbox_late_seconds": _late_s(effect, now_ms),
            "approvalbot_deadline_late_seconds": _late_s(deadline, now_ms),
            "approvalbot_dead_letters": dead,
            "approvalbot_auditor_silent_seconds": max(0.0, time.time() - float(text(seen))) if seen else -1,
            "approvalbot_slack_frozen": sum(thaws > now_ms for _, thaws in frozen),
            "approvalbot_trail_entries": int(entries or 0),
            "approvalbot_trail_sealed_entries": self.sealed(newest) if newest else 0,
        }


def _late_s(first: list[tuple[bytes, float]], now_ms: float) -> float:
    return max(0.0, (now_ms - first[0][1]) / 1000) if first else 0.0


def _counters(total: Counts) -> Iterator[Metric]:
    families = {word: CounterMetricFamily(name, told, labels=labels) for word, (name, told, labels) in COUNTERS.items()}
    classes: dict[str, dict[int, int]] = {}
    for name, number in total.items():
        if name[0] == "decided_in":
            classes.setdefault(name[1], {})[int(name[2])] = number
        elif name[0] in families and len(name) == len(COUNTERS[name[0]][2]) + 1:
            families[name[0]].add_metric(name[1:], number)
    yield from families.values()
    histogram = HistogramMetricFamily(*DECISION, labels=("policy",))
    for policy, found in classes.items():
        histogram.add_metric((policy,), _buckets(found), total["decision_ms", policy] / 1000)
    yield histogram


def _buckets(classes: Mapping[int, int]) -> list[tuple[str, float]]:
    """Cumulative, as Prometheus wants them."""
    made, seen = [], 0
    for place, end in enumerate((*BUCKETS_S, None)):
        seen += classes.get(place, 0)
        made.append(("+Inf" if end is None else f"{float(end)}", float(seen)))
    return made
