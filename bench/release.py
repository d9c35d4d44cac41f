"""release: from an Approve press on the wire to the answer in the hands of the service that waits for it.

The press comes as Slack sends it, signed, through `/slack/events`, the gate, Bolt and the commit; the service waits in
`GET /v1/requests/{id}?wait=30`, as many of them at once as there are requests.
"""

import asyncio
import time
from dataclasses import dataclass

import orjson

from bench.announce import LONGEST_S, paced, requests_of
from bench.calls import Answered, Line, connect
from bench.control import control
from bench.crowd import APPROVERS
from bench.documents import deploy_gate
from bench.report import Claim, Report, Row, latencies
from bench.wholebot import Card, WholeBot, press_call, wait_call, whole_bot


@dataclass(frozen=True, slots=True)
class Size:
    """How many requests, pressed at which pace. The first ones of them only warm up."""

    warm: int = 20
    presses: int = 200
    each_s: float = 0.06
    open_each_s: float = 0.02


@dataclass(frozen=True, slots=True)
class Released:
    """One press and what its waiter got."""

    pressed_at: float
    acknowledged: Answered
    waited: Answered

    @property
    def took_s(self) -> float:
        return self.waited.at - self.pressed_at

    @property
    def allowed(self) -> bool:
        return self.waited.status == 200 and orjson.loads(self.waited.body)["status"] == "approved"


def run(size: Size = Size()) -> Report:
    """Open requests, wait for all of them, press each."""
    with whole_bot(deploy_gate()) as bot:
        released, unrest = asyncio.run(asyncio.wait_for(_run(bot, size), LONGEST_S))
    right = sum(one.allowed and one.acknowledged.status == 200 for one in released)
    early = sum(one.waited.at < one.pressed_at for one in released)
    counted = released[size.warm :]
    return Report(
        "release",
        f"{size.presses} presses, one each {size.each_s * 1000:.0f} ms, {len(released)} services waiting by long-poll",
        [
            *latencies("Approve pressed → waiting service released", [one.took_s for one in counted], p99_ms=20),
            *latencies("Approve pressed → acknowledged", [one.acknowledged.took_s for one in counted], p99_ms=3000),
            *unrest,
        ],
        [
            Claim("every waiter was released with `approved`", right == len(released), f"{right} of {len(released)}"),
            Claim("no waiter was released before its press", not early, f"{early}"),
        ],
    )


async def _run(bot: WholeBot, size: Size) -> tuple[list[Released], list[Row]]:
    line = await connect(bot.web.port)
    names = requests_of(await paced(line, "release", size.warm + size.presses, size.open_each_s))
    line.close()
    cards = await bot.all_cards(names)
    line = await connect(bot.web.port)
    lines = [await connect(bot.web.port) for _ in names]
    waits = [waiter.ask(wait_call(name)) for waiter, name in zip(lines, names, strict=True)]
    # All of them wait once the last one's question has gone through the server.
    await asyncio.sleep(1)
    with control() as unrest:
        released = [
            await _pressed(line, cards[name], APPROVERS[number % len(APPROVERS)], wait, size.each_s)
            for number, (name, wait) in enumerate(zip(names, waits, strict=True))
        ]
    for one in (line, *lines):
        one.close()
    return released, unrest


async def _pressed(line: Line, card: Card, slack: str, wait: "asyncio.Future[Answered]", each_s: float) -> Released:
    begun = time.monotonic()
    wire = press_call(card, slack)
    pressed_at = time.monotonic()
    acknowledged = await line.ask(wire)
    waited = await wait
    await asyncio.sleep(max(0.0, begun + each_s - time.monotonic()))
    return Released(pressed_at, acknowledged, waited)
