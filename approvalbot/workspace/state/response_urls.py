"""The response_urls handed out with deliveries: each answers one interaction, a few times, for half an hour."""

import secrets
from dataclasses import dataclass

from approvalbot.workspace.config import Timing
from approvalbot.workspace.errors import Refusal
from approvalbot.workspace.state.clock import Clock

KEPT_URLS = 5_000


@dataclass(slots=True)
class ResponseUrl:
    """Where an answer goes. `ts` is the message that was pressed; None for a command or a shortcut."""

    channel: str
    user: str
    made_at_s: float
    ts: str | None = None
    uses: int = 0


class ResponseUrls:
    """The response_urls by their secret part."""

    def __init__(self, clock: Clock, timing: Timing) -> None:
        self._clock = clock
        self._timing = timing
        self._held: dict[str, ResponseUrl] = {}

    def make(self, channel: str, user: str, ts: str | None = None) -> str:
        """A new one; gives its path on the workspace's origin."""
        key = secrets.token_hex(16)
        self._held[key] = ResponseUrl(channel, user, self._clock.now_s(), ts)
        if len(self._held) > KEPT_URLS:
            self._held.pop(next(iter(self._held)))
        return f"/hooks/{key}"

    def use(self, key: str) -> ResponseUrl:
        """Count one use.

        Raises:
            Refusal: `invalid_url`, `expired_url` or `used_url` (the words are assumed).
        """
        held = self._held.get(key)
        if held is None:
            raise Refusal("invalid_url")
        if self._clock.now_s() - held.made_at_s > self._timing.response_url_life_s:
            raise Refusal("expired_url")
        if held.uses >= self._timing.response_url_uses:
            raise Refusal("used_url")
        held.uses += 1
        return held
