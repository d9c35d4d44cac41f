"""Two at one moment: whatever must open once opens once, however many processes and threads ask for it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import TypeVar

from approvalbot.errors import AccessRefused
from approvalbot.flow.ask import Asking, ask
from tests.bot import Bot

Answer = TypeVar("Answer")


def at_once(count: int, act: Callable[[int], Answer]) -> list[Answer]:
    """Run `act` so often, all at the same moment."""
    gate = Barrier(count)

    def run(number: int) -> Answer:
        gate.wait(timeout=10)
        return act(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(run, range(count)))


def test_two_wishes_for_the_same_at_one_moment_open_one_request(bot: Bot) -> None:
    def wish(number: int) -> str:
        asking = Asking("U0EVE", "prod-database", f"form-{number}", 900, "the stuck order queue", {"database": "shop"})
        try:
            return ask(bot.house.journey, asking).request.id
        except AccessRefused as fault:
            return fault.code

    answers = at_once(12, wish)

    (opened,) = bot.names("ab:in:pending")
    assert sorted(set(answers)) == sorted({opened, "already_open"})
    assert answers.count("already_open") == 11
