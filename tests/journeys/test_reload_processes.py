"""The policies break and are mended while real processes run: two web processes and their workers."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from approvalbot.cli.demo import TOUR_POLICIES
from approvalbot.cli.stage import Place, Stage, free_port, staged
from approvalbot.workspace.hands import Hands
from tests.journeys.test_processes import ask, card_of, status, until

BROKEN = "version: 1\nid: broken\nowner: '#deploys'\ntitle: [not a text]\n"


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    shutil.copytree(TOUR_POLICIES, tmp_path / "policies")
    with staged(Place(tmp_path, tmp_path / "policies", free_port(), free_port())) as running:
        yield running


@pytest.fixture
def second(stage: Stage) -> Iterator[str]:
    """A second web process on the same Redis; gives its address."""
    port = free_port()
    environment = {**stage.environment, "APPROVALBOT_PORT": str(port)}
    with (stage.place.data / "second.log").open("wb") as log:
        child = subprocess.Popen(
            [sys.executable, "-m", "approvalbot", "serve"], env=environment, stdout=log, stderr=log
        )
    try:
        url = f"http://127.0.0.1:{port}"
        until(lambda: bool(policies(url)), 30, "the second web process")
        yield url
    finally:
        child.terminate()
        child.wait(10)


def policies(url: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = httpx.get(f"{url}/readyz", trust_env=False, timeout=5).json()["checks"]["policies"]
    except httpx.HTTPError:
        return {}
    return found


def test_a_hang_up_on_a_broken_file_changes_nothing_but_what_is_said(stage: Stage, second: str) -> None:
    asked = ask(stage, id="before")
    with Hands(stage.place.workspace, user="U0BOB") as bob:
        card = card_of(bob, "wants to deploy")
        file = stage.place.policies / "broken.yaml"
        file.write_text(BROKEN, encoding="utf-8")
        for name in ("web", "worker"):
            os.kill(stage.children[name].pid, signal.SIGHUP)

        def told() -> list[str]:
            return [one.words for one in bob.messages("#deploys") if "The policies" in one.words]

        for url in (stage.place.bot, second):
            until(lambda url=url: policies(url)["ok"] is False, 10, "the fault on /readyz")  # type: ignore[misc]
            assert "broken.yaml:" in policies(url)["fault"]
        until(lambda: bool(told()), 10, "the owner is told")
        assert "approvalbot_policies_broken 1.0" in httpx.get(f"{second}/metrics", trust_env=False).text
        for name in ("web", "worker", "second"):
            until(lambda name=name: "policies not reloaded" in stage.log_of(name, 50), 10, f"the log of {name}")  # type: ignore[misc]

        bob.press(card.channel, card.ts, "request.approve")
        until(lambda: status(stage, asked.id) == "approved", 10, "a press on what is open")
        ask(stage, id="while-broken", sha="beef0001")
        card_of(bob, "beef0001")

        assert len(told()) == 1
        file.unlink()

        for url in (stage.place.bot, second):
            until(lambda url=url: policies(url)["ok"] is True, 10, "/readyz after the mending")  # type: ignore[misc]
        until(lambda: len(told()) == 2, 10, "the owner is told of the end")
        assert ["do not load" in one for one in told()] == [True, False]
    assert stage.ended() is None
