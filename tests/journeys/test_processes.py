"""The real processes: the tour, a press in a browser, and what is left when one of them is killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from approvalbot.cli.demo import TOUR_POLICIES
from approvalbot.cli.samples import DEPLOY
from approvalbot.cli.stage import Place, Stage, free_port, staged
from approvalbot.client import Approvals, Asked
from approvalbot.store.outbox import LEASE_S
from approvalbot.workspace.hands import Hands, Message

RECOVERY_S = 5.0
"""Seconds from a restart after any kill until what was due is done (the promise of docs/running.md)."""

STARTS_WITHIN_S = 40.0
"""Seconds until restarted processes work, at most: each takes one of a free processor, which a test may not find."""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path, TOUR_POLICIES, free_port(), free_port())


@pytest.fixture
def stage(place: Place) -> Iterator[Stage]:
    with staged(place) as running:
        yield running


@contextmanager
def working(stage: Stage) -> Iterator[None]:
    """Another set of workers beside, or in place of, the stage's own."""
    child = subprocess.Popen(
        [sys.executable, "-m", "approvalbot", "work"], env=stage.environment, start_new_session=True
    )
    try:
        yield
    finally:
        child.terminate()
        child.wait(10)


def ask(stage: Stage, **event: object) -> Asked:
    key = stage.secrets["DEPLOY_TOOL_SECRET"]
    with Approvals(stage.place.bot, source="deploy-tool", key=key) as approvals:
        return approvals.ask({**DEPLOY, **event})


def card_of(hands: Hands, words: str) -> Message:
    return hands.wait_for(lambda: [one for one in hands.messages("#deploys") if words in one.words])[0]


def until(true: Callable[[], bool], within_s: float, what: str) -> float:
    """Seconds until it is true; fails past the bound."""
    began = time.monotonic()
    while not true():
        if time.monotonic() - began > within_s:
            pytest.fail(f"{what}: not within {within_s} s")
        time.sleep(0.02)
    return time.monotonic() - began


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()]


def status(stage: Stage, name: str) -> str:
    headers = {"authorization": f"Bearer {stage.secrets['DEPLOY_TOOL_SECRET']}"}
    return str(httpx.get(f"{stage.place.bot}/v1/requests/{name}", headers=headers, trust_env=False).json()["status"])


def test_the_tour_holds_at_every_step() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "approvalbot", "demo", "--tour"],
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
    assert "Every step held" in done.stdout


def test_what_was_due_while_no_worker_lived_is_done_by_the_next(stage: Stage) -> None:
    os.killpg(stage.children["worker"].pid, signal.SIGKILL)
    stage.children["worker"].wait()
    posted = ask(stage, id="while-dead", sha="aaaa1111")
    silent = ask(stage, id="silent", sha="bbbb2222", target={"environment": "prod-silent"})
    with Hands(stage.place.workspace, user="U0BOB") as bob:
        assert not bob.messages("#deploys")
        with working(stage):
            # The processes start first, each of them a second of a free processor.
            bob.wait_for(lambda: bob.messages("#deploys"), timeout_s=STARTS_WITHIN_S)

            took = until(
                lambda: any("aaaa1111" in one.words for one in bob.messages("#deploys")), RECOVERY_S, "the card"
            )
            card = card_of(bob, "aaaa1111")
            bob.press(card.channel, card.ts, "request.approve")

            until(lambda: status(stage, posted.id) == "approved", RECOVERY_S, "the approval")
            until(lambda: status(stage, silent.id) == "expired", 15, "both levels of the silent one")
    assert took < RECOVERY_S


def test_one_killed_worker_is_started_again_and_nothing_is_said_twice(stage: Stage) -> None:
    pool = stage.children["worker"].pid
    children = children_of(pool)
    assert len(children) >= 2

    asked = [ask(stage, id=f"kill-{n}", sha=f"cafe{n:04}") for n in range(10)]
    for child in children:
        os.kill(child, signal.SIGKILL)

    with Hands(stage.place.workspace, user="U0BOB") as bob:

        def shown() -> list[str]:
            return [one.words for one in bob.messages("#deploys")]

        # An effect in a killed worker's hands comes up again when its lease has run out.
        within_s = LEASE_S + 30
        until(lambda: all(any(f"cafe{n:04}" in one for one in shown()) for n in range(10)), within_s, "ten cards")
        for n in range(10):
            cards = [one for one in shown() if f"cafe{n:04}" in one]
            # A post whose answer was lost with its worker is repeated once, and says that it is.
            assert len(cards) <= 2
    assert {status(stage, one.id) for one in asked} == {"pending"}


def test_a_stop_while_workers_are_being_restarted_leaves_none_behind(stage: Stage) -> None:
    pool = stage.children["worker"]
    for child in children_of(pool.pid):
        os.kill(child, signal.SIGKILL)
    until(lambda: len(children_of(pool.pid)) == 0, 5, "the pool notices")

    pool.terminate()

    pool.wait(5)
    with pytest.raises(ProcessLookupError):
        os.killpg(pool.pid, 0)


def test_a_restart_of_everything_keeps_what_was_asked(place: Place) -> None:
    with staged(place) as stage:
        asked = ask(stage, id="kept")
        with Hands(place.workspace, user="U0BOB") as bob:
            card = card_of(bob, "wants to deploy")
    with staged(place) as stage, Hands(place.workspace, user="U0BOB") as bob:
        assert status(stage, asked.id) == "pending"

        bob.press(card.channel, card.ts, "request.approve")

        until(lambda: status(stage, asked.id) == "approved", 10, "the approval")
        again = ask(stage, id="kept")
        assert again.id == asked.id


def test_a_stopped_demo_leaves_nothing_behind(place: Place) -> None:
    options = ["--data", str(place.data), "--port", str(place.bot_port), "--workspace-port", str(place.workspace_port)]
    command = [sys.executable, "-m", "approvalbot", "demo", "--policies", str(place.policies), *options]
    demo = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603 - our own program
    try:
        until(lambda: answers(f"{place.bot}/readyz") and answers(place.workspace), 40, "the demo")
        started = [child for child in children_of(demo.pid) if Path(f"/proc/{child}/exe").exists()]
        assert len(started) >= 3

        demo.terminate()

        assert demo.wait(15) == 0
        assert not answers(place.workspace)
        assert not [child for child in started if Path(f"/proc/{child}/exe").exists()]
    finally:
        demo.kill()


def answers(url: str) -> bool:
    try:
        return httpx.get(url, trust_env=False, timeout=2).is_success
    except httpx.HTTPError:
        return False


@pytest.mark.browser
def test_a_visitor_sends_a_sample_and_presses_in_the_browser(stage: Stage, context: BrowserContext) -> None:
    page = open_channel(stage, context, "U0BOB", "#deploys")
    opener = page.get_by_role("navigation").get_by_role("button", name="Send a sample event")
    if opener.get_attribute("aria-pressed") != "true":
        opener.click()
    with Hands(stage.place.workspace, user="U0BOB") as bob:
        title = next(one["title"] for name, one in bob.samples().items() if "deploy" in name)
    page.get_by_role("button", name=f"Send: {title}").click()
    card = page.locator(".message", has_text="wants to deploy").last
    expect(card).to_be_visible(timeout=10_000)

    card.get_by_role("button", name="Approve").click()
    confirm = page.get_by_role("dialog").get_by_role("button", name="Approve")
    if confirm.count():
        confirm.click()

    expect(card).to_contain_text("Approved by", timeout=10_000)
    expect(card.get_by_role("button", name="Approve")).to_have_count(0)


def open_channel(stage: Stage, context: BrowserContext, user: str, channel: str) -> Page:
    with Hands(stage.place.workspace, user=user) as hands:
        channel_id = hands.channels()[channel.lstrip("#")]["id"]
    context.request.post(f"{stage.place.workspace}/local/session", data={"user": user})
    page = context.new_page()
    page.goto(f"{stage.place.workspace}/archives/{channel_id}")
    return page
