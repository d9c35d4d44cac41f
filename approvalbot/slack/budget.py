"""Writing to Slack within what it takes: asked before each write, and frozen where Slack says stop.

Slack takes about one message a second in a channel, some hundred a minute in a workspace, and so many calls a minute of
each method (docs.slack.dev, "Rate limits"). Whoever may not write now is told when; nobody sleeps.
"""

from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, Protocol

from approvalbot.slack.api import SlackApi, SlackFault

POST, UPDATE, OPEN_DM = "chat.postMessage", "chat.update", "conversations.open"

Bucket = tuple[str, float, float, float]
"""Its name, how many tokens a second it gains, how many it holds at most, and how many must be left afterwards."""


class Tokens(Protocol):
    """The budgets, shared by every process. Every method may raise `Unavailable`."""

    def take(self, buckets: Sequence[Bucket]) -> float:
        """Take one token of each; 0, or the seconds until there may be one of each."""

    def freeze(self, name: str, for_s: float) -> None:
        """Let nobody take from a bucket for so long."""


class Urgency(Enum):
    """What a write has to leave to more urgent ones, in tokens of its channel, of all posts, and of its method."""

    FIRST = (0, 0, 0)
    """Decisions that are shown, alarms, escalations, and the digest that stands for many cards."""
    CARD = (1, 0, 0)
    """New cards leave one message for a digest."""
    LATER = (3, 10, 6)
    """Reminders, the timeline, and what changed on a question that is still open."""


CHANNEL = (1.0, 10.0)
"""Messages a second in one channel, and how many may come at once. Slack: one a second, short bursts are tolerated."""

POSTS = (4.0, 60.0)
"""Messages a second in all channels: 300 in any minute, of Slack's "several hundred messages per minute"."""

TIER_3 = (0.5, 20.0)
"""Calls a second of a tier 3 method: 50 in any minute, which Slack promises at least."""

UNLIMITED = (1_000_000.0, 1_000_000.0)


class PacedApi:
    """Slack's Web API for workers. With `paced` False only what Slack itself stopped is waited for."""

    def __init__(self, api: SlackApi, tokens: Tokens, *, paced: bool = True) -> None:
        self._api = api
        self._tokens = tokens
        self._paced = paced

    def ask(self, method: str, channel: str, urgency: Urgency, *more: Bucket) -> None:
        """Take what a write costs.

        Raises:
            SlackFault: `our_budget`; not now, `retry_after_s` says when. Nothing was taken.
        """
        in_channel, in_all, of_method = urgency.value
        if method == POST:
            wanted = [self._bucket(f"channel:{channel}", CHANNEL, in_channel), self._bucket("posts", POSTS, in_all)]
        else:
            wanted = [self._bucket(f"method:{method}", TIER_3, of_method)]
        wait_s = self._tokens.take([*wanted, *(more if self._paced else ())])
        if wait_s > 0:
            raise SlackFault(method, "our_budget", retry_after_s=wait_s)

    def write(self, method: str, **arguments: Any) -> Mapping[str, Any]:
        """Call a method that was asked for; where Slack says stop, everybody stops."""
        try:
            return self._api.write(method, **arguments)
        except SlackFault as fault:
            if fault.retry_after_s is not None:
                self._tokens.freeze(_stopped(fault, str(arguments.get("channel", ""))), fault.retry_after_s)
            raise

    def _bucket(self, name: str, pace: tuple[float, float], reserve: float) -> Bucket:
        return (name, *(pace if self._paced else UNLIMITED), reserve)


def _stopped(fault: SlackFault, channel: str) -> str:
    """What Slack's stop is about: one channel, as a rule; a code of its own says that it is the whole workspace."""
    if fault.method != POST:
        return f"method:{fault.method}"
    return "posts" if fault.error == "message_limit_exceeded" or not channel else f"channel:{channel}"
