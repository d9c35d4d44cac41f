"""A round of keeping the trail, with a real bot and its workspace."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from approvalbot.answers.signing import key_set
from approvalbot.audit.keeping import Keeper
from approvalbot.audit.sealing import opened
from approvalbot.store import keys
from approvalbot.store.checkpoints import CheckpointStore
from approvalbot.wiring.trail import checkpoint_key, make_keeping
from tests.bot import Bot
from tests.journeys.test_processes import until


@pytest.fixture
def kept(bot: Bot, tmp_path: Path) -> Bot:
    places = ("#general", f"file:{tmp_path / 'checkpoints.txt'}")
    settings = bot.house.settings.model_copy(update={"approvalbot_checkpoints": places})
    return replace(bot, house=replace(bot.house, settings=settings))


def test_a_checkpoint_is_posted_where_everyone_can_keep_it(kept: Bot, tmp_path: Path) -> None:
    kept.deploy()

    make_keeping(kept.house).round(kept.house.requests.now())

    (token,) = (tmp_path / "checkpoints.txt").read_text(encoding="ascii").splitlines()
    with kept.hands("ANN") as ann:
        posted = ann.messages("#general")[-1]
    assert token in posted.text
    assert (
        f"The trail is sealed at entry {opened(token, key_set(checkpoint_key(kept.house.settings))).number}"
        in posted.text
    )


def test_a_trail_that_cannot_be_sealed_is_said_aloud(kept: Bot) -> None:
    kept.deploy()
    kept.house.redis.xdel(keys.TRAIL, "1-0")

    make_keeping(kept.house).round(kept.house.requests.now())

    with kept.hands("ANN") as ann:
        assert "The trail could not be sealed. Entry 2 does not follow" in ann.messages("#general")[-1].text


def test_of_many_keepers_one_goes_round_at_a_time(kept: Bot) -> None:
    kept.deploy()
    keeping = replace(make_keeping(kept.house), every=timedelta(seconds=60))
    keepers = [Keeper(keeping, kept.house.requests.now) for _ in range(4)]

    for keeper in keepers:
        keeper.start()
    with kept.hands("ANN") as ann:

        def sealed() -> int:
            return sum("The trail is sealed" in one.text for one in ann.messages("#general"))

        until(lambda: sealed() > 0, 10, "a checkpoint is posted")
        for keeper in keepers:
            keeper.stop()
            keeper.join(10)

        assert sealed() == 1
    assert len(CheckpointStore(kept.house.redis).all()) == 1
