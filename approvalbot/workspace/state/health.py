"""How the bot takes events: Slack switches a subscription off when hardly any delivery of an hour succeeds."""

from collections import deque

from approvalbot.workspace.state.clock import Clock

HOUR_S = 3600.0
LEAST_SHARE = 0.05
"""docs.slack.dev, "Using the Events API": success below 5 % in 60 minutes may disable the subscription …"""
LEAST_EVENTS = 1_000
"""… unless the app gets fewer events than this an hour."""


class EventHealth:
    """The deliveries of events of the last hour, and whether the subscription is still on."""

    def __init__(self, clock: Clock, least_events: int = LEAST_EVENTS) -> None:
        self._clock = clock
        self._least_events = least_events
        self._seen: deque[tuple[float, bool]] = deque()
        self._taken = 0
        self.is_disabled = False

    def note(self, *, taken: bool) -> None:
        """Count one delivery."""
        now_s = self._clock.now_s()
        self._seen.append((now_s, taken))
        self._taken += taken
        while self._seen and now_s - self._seen[0][0] > HOUR_S:
            self._taken -= self._seen.popleft()[1]
        if len(self._seen) >= self._least_events and self._taken < LEAST_SHARE * len(self._seen):
            self.is_disabled = True

    def restore(self) -> None:
        """Switch the subscription on again, as a developer does once the request URL is verified anew."""
        self._seen.clear()
        self._taken = 0
        self.is_disabled = False
