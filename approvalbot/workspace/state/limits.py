"""Rate limits as Slack counts them: calls a minute for each method, and posts a second for each channel."""

import math
from dataclasses import dataclass

from approvalbot.workspace.config import RateLimits
from approvalbot.workspace.state.clock import Clock


@dataclass(slots=True)
class Bucket:
    """A token bucket: `tokens` are left, as of `at_s`."""

    tokens: float
    at_s: float


class Limits:
    """The buckets of one workspace."""

    def __init__(self, rates: RateLimits, clock: Clock) -> None:
        self._rates = rates
        self._clock = clock
        self._buckets: dict[str, Bucket] = {}
        self._events = (0, 0)
        self._told_minute = 0

    def retry_after_s(self, method: str, tier: int | None, channel: str | None) -> int | None:
        """Count one call; None lets it through, a number is Slack's `Retry-After` in whole seconds.

        `tier` None is a method without a documented tier; `channel` is given for posts only, which have no tier.
        """
        if not self._rates.enforced:
            return None
        if channel is not None:
            own = self._take(f"post/{channel}", self._rates.posts_per_s, self._rates.post_burst)
            return own or self._take("post", self._rates.all_posts_per_min / 60, self._rates.all_posts_per_min)
        if tier is None:
            return None
        per_min = self._rates.tier_per_min.get(tier, 100)
        return self._take(f"call/{method}", per_min / 60, per_min)

    def takes_event(self) -> bool:
        """Count one event of this hour; False once there were too many (docs.slack.dev, "app_rate_limited")."""
        hour = int(self._clock.now_s() // 3600)
        held, count = self._events
        self._events = (hour, count + 1 if hour == held else 1)
        return not self._rates.enforced or self._events[1] <= self._rates.events_per_hour

    def minute_to_tell(self) -> int | None:
        """The minute in which events were held back, as Unix time, the first time that minute is asked for."""
        minute = int(self._clock.now_s() // 60) * 60
        if minute == self._told_minute:
            return None
        self._told_minute = minute
        return minute

    def _take(self, key: str, per_s: float, burst: float) -> int | None:
        now_s = self._clock.now_s()
        bucket = self._buckets.setdefault(key, Bucket(burst, now_s))
        bucket.tokens = min(burst, bucket.tokens + (now_s - bucket.at_s) * per_s)
        bucket.at_s = now_s
        if bucket.tokens >= 1:
            bucket.tokens -= 1
            return None
        return max(1, math.ceil((1 - bucket.tokens) / per_s))
