"""The state of the system: a short form for everybody, the figures behind it for admins."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from starlette.responses import Response

from approvalbot.dashboard.conditions import Conditions
from approvalbot.dashboard.door import Door, Visit
from approvalbot.dashboard.render import size
from approvalbot.errors import ApprovalBotError, SignatureRejected
from approvalbot.request.seal import Checkpoint
from approvalbot.store.checkpoints import CheckpointStore

ASK_SLACK_EVERY_S = 15.0
"""Seconds for which Slack's last answer stands: the page may be reloaded as often as anybody likes."""

LATE_S = 5.0
"""Seconds by which an effect or a deadline may be overdue before somebody should look."""


@dataclass(frozen=True, slots=True)
class Check:
    """One line of the page. `ok` is None where it is neither good nor bad."""

    name: str
    ok: bool | None
    text: str


@dataclass(slots=True)
class SlackCheck:
    """Asks Slack who we are; gives the workspace's id, or raises."""

    ask: Callable[[], str]
    _held: Check | None = field(default=None, init=False)
    _asked_at: float = field(default=0.0, init=False)

    def look(self) -> Check:
        """Slack's answer, a few seconds old at most."""
        if self._held is None or time.monotonic() - self._asked_at >= ASK_SLACK_EVERY_S:
            began = time.monotonic()
            try:
                team = self.ask()
                took_ms = round((time.monotonic() - began) * 1000)
                self._held = Check("Slack", True, f"answers for workspace {team} in {took_ms} ms")
            except ApprovalBotError as fault:
                self._held = Check("Slack", False, fault.text())
            self._asked_at = time.monotonic()
        return self._held


@dataclass(frozen=True, slots=True)
class SystemPage:
    """What everything depends on. `gauges` are those of `/metrics`, `queues` the jobs that wait."""

    door: Door
    conditions: Conditions
    gauges: Callable[[], dict[str, float]]
    queues: Callable[[], dict[str, int]]
    slack: SlackCheck
    checkpoints: CheckpointStore
    opened: Callable[[str], Checkpoint]
    version: str

    def show(self, visit: Visit) -> Response:
        """`GET /system`."""
        admin = visit.viewer.is_a("admin")
        checks = [*self._short(visit), *(self._long() if admin else ())]
        return self.door.render.page(
            "system.html",
            visit.viewer,
            title="System",
            checks=checks,
            well=all(check.ok is not False for check in checks),
            figures=self._figures() if admin else (),
            version=self.version,
        )

    def _short(self, visit: Visit) -> list[Check]:
        checks = self.conditions.checks()
        notices = {notice.what: notice.text for notice in self.conditions.notices(visit.viewer)}
        policies = checks["policies"]
        silent_s = checks.get("workers", {}).get("silent_s")
        return [
            Check("Storage", "redis" not in notices, notices.get("redis", "answers and takes what is decided")),
            Check("Workers", "workers" not in notices, notices.get("workers", f"seen {silent_s or 0:.0f} s ago")),
            Check("People", "slack" not in notices, notices.get("slack", "Slack says who is who")),
            Check(
                "Policies",
                "policies" not in notices,
                notices.get("policies", f"{self._in_force()} in force, set {policies['digest']}"),
            ),
        ]

    def _in_force(self) -> int:
        """As many as the page of policies lists: each rule of a pack, and what can be asked for."""
        policies = self.door.journey.policies()
        return len(policies.compiled) + len(policies.entitlements)

    def _long(self) -> list[Check]:
        gauges, now = self.gauges(), self.door.journey.requests.now()
        dead = int(gauges["approvalbot_dead_letters"])
        return [
            self.slack.look(),
            _lateness("Effects", gauges["approvalbot_outbox_late_seconds"]),
            _lateness("Deadlines", gauges["approvalbot_deadline_late_seconds"]),
            Check("Deliveries", dead == 0, f"given up: {dead}" if dead else "none was given up"),
            self._checkpoint(now),
        ]

    def _checkpoint(self, now: datetime) -> Check:
        newest = next(iter(self.checkpoints.newest(1)), None)
        if newest is None:
            return Check("Checkpoint", None, "none was made yet; a worker makes one every few minutes")
        try:
            found = self.opened(newest)
        except SignatureRejected as fault:
            return Check("Checkpoint", False, fault.text())
        age_min = max(0, round((now - found.at).total_seconds() / 60))
        sealed = "the first entry" if found.number == 1 else f"the first {found.number:,} entries"
        return Check("Checkpoint", None, f"{age_min} min old, seals {sealed} of the trail")

    def _figures(self) -> list[tuple[str, Any]]:
        gauges, state = self.gauges(), self.conditions.state()
        found: list[tuple[str, Any]] = [
            ("Requests that wait", int(gauges["approvalbot_requests_pending"])),
            ("Grants that are open", int(gauges["approvalbot_grants_active"])),
            ("Effects to perform", int(gauges["approvalbot_outbox_effects"])),
            ("Entries of the trail", int(gauges["approvalbot_trail_entries"])),
            ("Entries sealed", int(gauges["approvalbot_trail_sealed_entries"])),
        ]
        found += [(f"Jobs in {name}", count) for name, count in self.queues().items()]
        if state is not None:
            full = f" of {size(state.most_memory)}" if state.most_memory else ""
            found += [
                ("Server", f"{state.name} {state.version}"),
                ("Its memory", f"{size(state.memory)}{full}"),
                ("Its clients", state.clients),
                ("Append-only file", "on" if state.append_only else "off"),
            ]
        return found


def _lateness(name: str, late_s: float) -> Check:
    if late_s <= 0:
        return Check(name, True, "none is overdue")
    return Check(name, late_s < LATE_S, f"the oldest is {late_s:.1f} s overdue")
