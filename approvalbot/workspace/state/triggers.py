"""Trigger ids: the right to open one modal for one person, which dies young and works once."""

import secrets
from dataclasses import dataclass

from approvalbot.workspace.errors import Refusal
from approvalbot.workspace.state.clock import Clock

KEPT_TRIGGERS = 5_000
"""Spent and expired ones are remembered that long, so that each can still be refused by its own name."""


@dataclass(slots=True)
class Trigger:
    """One right to open a modal. `from_view` is the modal whose button made it, `channel` where the person was."""

    user: str
    made_at_s: float
    from_view: str | None = None
    channel: str | None = None
    used: bool = False


class Triggers:
    """The trigger ids handed out with deliveries."""

    def __init__(self, clock: Clock, life_s: float) -> None:
        self._clock = clock
        self._life_s = life_s
        self._held: dict[str, Trigger] = {}

    def make(
        self, user: str, *, from_view: str | None = None, channel: str | None = None, expired: bool = False
    ) -> str:
        """A new trigger id. `expired` makes one that is already too old, for the fault of that name."""
        key = f"{secrets.randbelow(10**12)}.{secrets.randbelow(10**12)}.{secrets.token_hex(16)}"
        made_at_s = self._clock.now_s() - (self._life_s if expired else 0)
        self._held[key] = Trigger(user=user, made_at_s=made_at_s, from_view=from_view, channel=channel)
        if len(self._held) > KEPT_TRIGGERS:
            self._held.pop(next(iter(self._held)))
        return key

    def use(self, key: str) -> Trigger:
        """Spend a trigger id.

        Raises:
            Refusal: `invalid_trigger_id`, `exchanged_trigger_id` (used before) or `expired_trigger_id`.
        """
        trigger = self._held.get(key)
        if trigger is None:
            raise Refusal("invalid_trigger_id")
        if trigger.used:
            raise Refusal("exchanged_trigger_id")
        if self._clock.now_s() - trigger.made_at_s >= self._life_s:
            raise Refusal("expired_trigger_id")
        trigger.used = True
        return trigger
