"""A storm while workers are killed: real processes, and nothing of it is lost or said twice without saying so."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from approvalbot.cli.demo import TOUR_POLICIES
from approvalbot.cli.stage import Place, Stage, free_port, staged
from approvalbot.store.outbox import LEASE_S
from approvalbot.workspace.hands import Hands
from tests.journeys.test_processes import ask, children_of, until
from tests.journeys.test_storms import digests, messages, names_every

MANY = 40


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with staged(Place(tmp_path, TOUR_POLICIES, free_port(), free_port())) as running:
        yield running


def test_a_storm_outlives_the_death_of_every_worker(stage: Stage) -> None:
    pool = stage.children["worker"].pid
    with Hands(stage.place.workspace, user="U0BOB") as bob:
        asked = [ask(stage, id=f"storm-{n}", sha=f"{n:08x}").id for n in range(MANY)]
        bob.wait_for(lambda: digests(bob))
        for child in children_of(pool):
            os.kill(child, signal.SIGKILL)

        until(lambda: names_every(bob, asked), LEASE_S + 15, "every request in the channel")

        # A digest that was being posted when its worker died is posted once more, and says so.
        assert len(digests(bob)) <= 2
        uncertain = [one for one in messages(bob) if "delivery was uncertain" in one.words]
        assert len(uncertain) <= 3
        digest = digests(bob)[-1]
        item = next(one for one in asked if f"digest.{one}" in str(digest.blocks))
        assert bob.press("#deploys", digest.ts, "request.approve", block_id=f"digest.{item}").ok
        until(lambda: "Approved by" in " ".join(one.words for one in digests(bob)), LEASE_S + 15, "its outcome")
