"""What is not as it should be just now: the banners that every page carries until it is."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from approvalbot.dashboard.viewer import Viewer
from approvalbot.errors import Unavailable
from approvalbot.policy.durations import show_duration
from approvalbot.store.server import ServerState
from approvalbot.store.sessions import Sessions

KEEP_S = 5.0
"""Seconds for which what the server said of itself is used again."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One banner. `severe`: nothing can be decided while it is there."""

    what: str
    text: str
    severe: bool = False


@dataclass(slots=True)
class Conditions:
    """Looks at what the whole process depends on. `checks` are those of `/readyz`."""

    checks: Callable[[], dict[str, dict[str, Any]]]
    server: Callable[[], ServerState]
    sessions: Sessions
    _state: ServerState | None = field(default=None, init=False)
    _asked_at: float = field(default=-KEEP_S, init=False)

    def notices(self, viewer: Viewer | None) -> list[Notice]:
        """What somebody who is signed in has to know; strangers are told nothing."""
        if viewer is None:
            return []
        checks = self.checks()
        found = [
            self._store(checks),
            _slack(viewer),
            _socket(checks.get("slack_socket")),
            _posts(checks.get("slack_posts")),
            _workers(checks.get("workers")),
            _policies(checks["policies"], viewer),
        ]
        return [notice for notice in found if notice is not None]

    def state(self) -> ServerState | None:
        """What the server says of itself; None while it does not answer. What is well may be a few seconds old."""
        well = self.sessions.takes_writes and self._state is not None and not self._state.faults
        if not well or time.monotonic() - self._asked_at >= KEEP_S:
            try:
                self._state = self.server()
            except Unavailable:
                self._state = None
            self._asked_at = time.monotonic()
        return self._state

    def _store(self, checks: dict[str, dict[str, Any]]) -> Notice | None:
        if not checks["redis"]["ok"]:
            return Notice(
                "redis", "Redis does not answer. Nothing is recorded, and nothing counts as approved.", severe=True
            )
        state = self.state()
        faults = state.faults if state is not None else ()
        if self.sessions.takes_writes and not faults:
            return None
        why = f" {' '.join(faults)}" if faults else ""
        text = f"Redis takes no writes.{why} What you see may be old, and nothing can be decided until it does."
        return Notice("redis", text, severe=True)


def _slack(viewer: Viewer) -> Notice | None:
    if not viewer.unconfirmed:
        return None
    text = "Slack does not answer. Nobody can decide until it does; deadlines run on, and cards are posted late."
    return Notice("slack", text, severe=True)


def _socket(check: dict[str, Any] | None) -> Notice | None:
    if check is None or check["ok"]:
        return None
    return Notice("socket", "Slack does not reach this process: its socket is down. Presses in Slack may find nobody.")


def _posts(check: dict[str, Any] | None) -> Notice | None:
    if check is None or check["ok"]:
        return None
    return Notice(
        "posts", "Slack is limiting posts: cards and their changes come late. Decisions here wait for nothing."
    )


def _workers(check: dict[str, Any] | None) -> Notice | None:
    if check is None or check["ok"]:
        return None
    silent_s = check["silent_s"]
    if silent_s is None:
        return Notice("workers", "No worker was ever seen. Nobody is asked, reminded or told until one runs.")
    late = show_duration(max(1, round(silent_s)))
    return Notice("workers", f"No worker was seen for {late}. Messages, reminders and expiry may be as late.")


def _policies(check: dict[str, Any], viewer: Viewer) -> Notice | None:
    fault = check.get("fault")
    if not fault:
        return None
    where = f" {fault}" if viewer.is_a("viewer") else ""
    return Notice("policies", f"The policies were changed and do not load; the set before decides.{where}")
