"""Operations: is it alive, is it ready, what does it count."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import anyio.to_thread
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from redis import Redis
from redis.exceptions import RedisError
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from approvalbot.policy.policyset import PolicySet
from approvalbot.store import keys
from approvalbot.store.raw import text
from approvalbot.web.figures import Figures
from approvalbot.web.problems import answer

BEHIND_S = 15
"""Seconds without a sign of any worker's clock after which reminders and escalations must be called late."""


@dataclass(frozen=True, slots=True)
class Health:
    """What `/healthz`, `/readyz` and `/metrics` say."""

    redis: Redis
    policies: Callable[[], PolicySet]
    policy_fault: Callable[[], str]
    figures: Figures
    socket_is_up: Callable[[], bool] | None = None

    async def alive(self, _request: Request) -> Response:
        """The process answers."""
        return PlainTextResponse("ok\n")

    async def ready(self, _request: Request) -> Response:
        """Whether events are taken and decisions made; 503 when they are not."""
        checks = await anyio.to_thread.run_sync(self.checks)
        good = all(check["ok"] for check in checks.values() if check.get("needed", True))
        return answer({"ready": good, "checks": checks}, 200 if good else 503)

    async def metrics(self, _request: Request) -> Response:
        """Prometheus' text format."""
        shared = await anyio.to_thread.run_sync(self.figures.text)
        return Response(generate_latest() + shared, media_type=CONTENT_TYPE_LATEST)

    def checks(self) -> dict[str, dict[str, Any]]:
        """Each check with whether it holds; what is not needed for taking events only warns."""
        policies = self.policies()
        state: dict[str, Any] = {"ok": True, "digest": policies.digest[:12], "count": len(policies.policies)}
        if fault := self.policy_fault():
            # The set before is in force and decides: we are ready, and somebody has a file to mend.
            state |= {"ok": False, "needed": False, "fault": fault}
        found: dict[str, dict[str, Any]] = {"policies": state}
        try:
            pipe = self.redis.pipeline(transaction=False)
            pipe.get(keys.AUDITOR)
            pipe.zrange(keys.FROZEN, 0, -1, withscores=True)
            pipe.time()
            seen, stopped, (seconds, _) = pipe.execute()
            found["redis"] = {"ok": True}
        except RedisError as fault:
            found["redis"] = {"ok": False, "error": type(fault).__name__}
            return found
        silent_s = time.time() - float(text(seen)) if seen else None
        late = silent_s is None or silent_s > BEHIND_S
        if self.socket_is_up is not None:
            # Deadlines run and events are taken without it; only presses in Slack do not reach this process.
            found["slack_socket"] = {"ok": self.socket_is_up(), "needed": False}
        if frozen := sum(thaws > int(seconds) * 1000 for _, thaws in stopped):
            # What is said in Slack comes late; what is decided does not wait for it.
            found["slack_posts"] = {"ok": False, "needed": False, "frozen": frozen}
        found["workers"] = {
            "ok": not late,
            "needed": False,
            "silent_s": None if silent_s is None else round(silent_s, 1),
        }
        return found
