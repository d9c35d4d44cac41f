"""announce: from an event on the wire to its card at Slack, through the web process, RQ and a real worker.

Events come one at a time, each a while after the one before, so that the figure is the way and not a queue. A second
round sends them faster than that.
"""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass

import orjson

from bench.calls import Answered, Line, connect
from bench.control import control
from bench.documents import deploy_gate
from bench.report import Claim, Report, latencies
from bench.wholebot import WholeBot, event_call, whole_bot

LONGEST_S = 180.0
"""Seconds after which a bench that does not end is a fault."""


@dataclass(frozen=True, slots=True)
class Size:
    """How many events at which pace."""

    warm: int = 20
    events: int = 300
    each_s: float = 0.05


def run(size: Size = Size()) -> Report:
    """Send events, then ask the stand-in when each card came."""
    with whole_bot(deploy_gate()) as bot:
        return asyncio.run(asyncio.wait_for(_run(bot, size), LONGEST_S))


async def _run(bot: WholeBot, size: Size) -> Report:
    line = await connect(bot.web.port)
    warm = await paced(line, "warm", size.warm, size.each_s)
    line.close()
    await bot.all_cards(requests_of(warm))
    line = await connect(bot.web.port)
    with control() as unrest:
        answers = await paced(line, "event", size.events, size.each_s)
        names = requests_of(answers)
        cards = await bot.all_cards(names)
    line.close()
    whole = [cards[name].at - one.sent_at for name, one in zip(names, answers, strict=True)]
    after = [max(0.0, cards[name].at - one.at) for name, one in zip(names, answers, strict=True)]
    return Report(
        "announce",
        f"{size.events} events, one each {size.each_s * 1000:.0f} ms, web process + `work` + a stand-in for Slack",
        [
            *latencies("event sent → card posted", whole, p50_ms=10, p99_ms=50),
            *latencies("event accepted (202) → card posted", after, p99_ms=50),
            *latencies("event sent → accepted (202)", [one.took_s for one in answers], p99_ms=50),
            *unrest,
        ],
        [Claim("every event has its card", len(set(names)) == size.events, f"{len(set(names))}")],
    )


async def paced(line: Line, name: str, count: int, each_s: float) -> list[Answered]:
    """Send events at a pace, whatever the answers take."""
    begun, answers = time.monotonic(), []
    for number in range(count):
        await asyncio.sleep(max(0.0, begun + number * each_s - time.monotonic()))
        answers.append(await line.ask(event_call(f"{name}-{number}")))
    return answers


def requests_of(answers: Sequence[Answered]) -> list[str]:
    """The requests that events opened.

    Raises:
        RuntimeError: one was not accepted.
    """
    refused = [one.body for one in answers if one.status != 202]
    if refused:
        raise RuntimeError(f"{len(refused)} events were not accepted, the first: {refused[0]!r}")
    return [str(orjson.loads(one.body)["id"]) for one in answers]
