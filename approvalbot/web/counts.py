"""What is counted, for `/metrics`. Names follow Prometheus' own advice: a unit, and `_total` for what only grows."""

from prometheus_client import Counter, Gauge, Histogram

EVENTS = Counter("approvalbot_events_total", "Events received, by what became of them.", ["source", "status"])
REPEATS = Counter(
    "approvalbot_repeats_total", "Events that joined a request of another, by their policy.", ["policy", "on_repeat"]
)
LIMITED = Counter(
    "approvalbot_limited_total", "Events refused because too many requests of their policy wait.", ["policy", "limit"]
)
UNKEYED = Counter(
    "approvalbot_undeduplicated_total", "Events without any value of their policy's dedupe key.", ["policy"]
)
WAITS = Counter("approvalbot_waits_total", "Long-polls answered, by the status they were given.", ["status"])
INTAKE_SECONDS = Histogram(
    "approvalbot_intake_seconds",
    "Seconds from the first byte of a delivery to its answer.",
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0),
)
PREVIOUS_KEYS = Counter(
    "approvalbot_previous_keys_total", "Deliveries that only the key before the last rotation verified.", ["source"]
)
RELOADS = Counter("approvalbot_policy_reloads_total", "Reloads of the policies, by how they ended.", ["result"])
POLICIES_BROKEN = Gauge("approvalbot_policies_broken", "1 while the newest policy files do not load.")
