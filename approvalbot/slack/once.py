"""Once: what Slack sends is handed to Bolt one time, whichever door it came by. A repeat gets the first one's answer.

Slack's signature carries no nonce and an envelope of Socket Mode none that holds across connections. What stays the
same is what the delivery is about: the id of an event, the trigger of a press, a form or a command. So both doors ask
here, and a press that comes by both of them, or twice by one, counts once.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from slack_bolt import BoltRequest, BoltResponse

from approvalbot.errors import Unavailable
from approvalbot.log import get_logger
from approvalbot.slack.ports import Memory

log = get_logger("once")

REMEMBER_S = 900
"""How long a delivery is remembered; longer than a signature stays valid (docs: at least ten minutes)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What Bolt answered, in a form that can be kept."""

    status: int
    body: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


class Once:
    """Runs Bolt for what is new. `dispatch` is Bolt."""

    def __init__(self, dispatch: Callable[[BoltRequest], BoltResponse], memory: Memory) -> None:
        self._dispatch = dispatch
        self._memory = memory

    def run(self, bolt_request: BoltRequest, fallback: str) -> Answer:
        """Bolt's answer. `fallback` tells deliveries apart that name neither an event nor a trigger."""
        delivery = _delivery(bolt_request.body) or fallback
        try:
            if not self._memory.first_time("slack", delivery, keep_s=REMEMBER_S):
                held = self._memory.recall("slack-answer", delivery)
                log.info("repeat", answered=held is not None)
                return Answer(**orjson.loads(held)) if held else Answer(200)
        except Unavailable:
            # Without the store no decision can be made, but whoever pressed is still told so.
            log.warning("replay guard unavailable")
        answer = self._ask_bolt(bolt_request)
        try:
            kept = {"status": answer.status, "body": answer.body, "headers": dict(answer.headers)}
            self._memory.remember("slack-answer", delivery, orjson.dumps(kept).decode(), keep_s=REMEMBER_S)
        except Unavailable:
            log.warning("answer not kept")
        return answer

    def _ask_bolt(self, bolt_request: BoltRequest) -> Answer:
        try:
            answered = self._dispatch(bolt_request)
        except Exception as fault:  # outermost edge: Bolt's own matchers raise on a payload without its usual parts
            log.exception("payload broke Bolt", error=type(fault).__name__)
            return Answer(400)
        plain = {name: values[0] for name, values in answered.headers.items() if values}
        return Answer(answered.status, answered.body or "", plain)


def _delivery(body: Any) -> str:
    """What makes a delivery the same one when it comes again; empty where it does not say."""
    if not isinstance(body, dict):
        return ""
    kind = body.get("type") or body.get("command")
    named = body.get("event_id") or body.get("trigger_id")
    return f"{kind}:{named}" if isinstance(kind, str) and isinstance(named, str) and named else ""
