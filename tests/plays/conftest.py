"""A play's fixtures."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.bot import Bot
from tests.plays.stage import Play, Workers


@pytest.fixture
def play(bot: Bot, browser: Browser, request: pytest.FixtureRequest) -> Iterator[Play]:
    """A whole bot, its workers, and a browser."""
    workers = Workers(bot)
    pictures = bool(request.config.getoption("--take-pictures"))
    with workers.working():
        made = Play(bot, browser, workers, pictures=pictures)
        yield made
        made.close()
