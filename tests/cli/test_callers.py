"""`gate` and `wait`: the exit code is the answer, and nothing but a yes runs anything."""

import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from approvalbot.cli.callers import TERMS
from approvalbot.request.lifecycle import step
from approvalbot.request.moves import Wake, Withdraw
from tests.bot import KEY, Bot, running_bot
from tests.cli.conftest import Cli
from tests.journeys.deciding import offer_regions, open_less
from tests.journeys.test_presses import card_of

ROOT = Path(__file__).parent.parent.parent
DEPLOY = (
    *("--action", "deploy.requested", "--resource", "acme/shop", "--actor", "eve@example.com"),
    *("--field", "target.environment=production"),
)


def approve(bot: Bot) -> None:
    with bot.hands("BOB") as bob:
        card = card_of(bot, bob)
        assert bob.press(card.channel, card.ts, "request.approve").ok


def deny(bot: Bot) -> None:
    with bot.hands("BOB") as bob:
        card = card_of(bot, bob)
        assert bob.press(card.channel, card.ts, "request.deny").ok
        assert bob.submit({"reason_code": {"reason_code": "not_now"}, "note": {"note": "freeze"}}).ok


def expire(bot: Bot) -> None:
    """Let the time of the only open request be over: its own deadline is the clock."""
    (name,) = bot.names("ab:in:pending")
    case, _ = bot.house.requests.load(name)
    due = case.request.due_at
    assert due is not None
    change = step(case.request, case.terms, Wake(), due)
    assert bot.house.requests.commit(replace(change, valid_from=None))


def withdraw(bot: Bot) -> None:
    (name,) = bot.names("ab:in:pending")
    case, now = bot.house.requests.load(name)
    assert bot.house.requests.commit(step(case.request, case.terms, Withdraw(), now))


@pytest.fixture
def calling(bot: Bot, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Bot:
    """The environment of a deploy tool that calls the bot."""
    monkeypatch.setenv("APPROVALBOT_URL", str(bot.http.base_url))
    monkeypatch.setenv("APPROVALBOT_SOURCE", "deploy-tool")
    monkeypatch.setenv("APPROVALBOT_KEY", KEY)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    return bot


@contextmanager
def gate(*words: str) -> Iterator[subprocess.Popen[str]]:
    """A gate in a process of its own, once it says that it waits."""
    command = [sys.executable, "-m", "approvalbot", "gate", *words]
    with subprocess.Popen(  # noqa: S603 - our own program
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as running:
        assert running.stderr is not None
        first = running.stderr.readline()
        assert "asked, waiting: http" in first, first + running.stderr.read()
        yield running


ANSWERS = [(approve, 0, "approved by Bob Bell"), (deny, 1, "denied by Bob Bell: freeze"), (expire, 2, "expired")]


@pytest.mark.parametrize(("act", "code", "told"), [*ANSWERS, (withdraw, 2, "withdrawn")])
def test_a_gate_runs_its_command_on_a_yes_alone(
    calling: Bot, tmp_path: Path, act: Callable[[Bot], None], code: int, told: str
) -> None:
    mark = tmp_path / "deployed"
    with gate(*DEPLOY, "--", sys.executable, "-c", f"open({str(mark)!r}, 'w')") as running:
        assert not mark.exists(), "nothing runs while somebody may still say no"
        act(calling)
        _, err = running.communicate(timeout=30)

    assert running.returncode == code
    assert told in err
    assert mark.exists() is (code == 0)


@pytest.mark.parametrize("code", [0, 1, 2, 3, 42])
def test_the_commands_own_exit_code_is_passed_on(calling: Bot, code: int) -> None:
    with gate(*DEPLOY, "--", sys.executable, "-c", f"print('ran'); raise SystemExit({code})") as running:
        approve(calling)
        out, _ = running.communicate(timeout=30)

    assert running.returncode == code
    assert out == "ran\n"


def test_a_command_that_does_not_start_is_a_fault(calling: Bot) -> None:
    with gate(*DEPLOY, "--", "/nowhere/deploy") as running:
        approve(calling)
        _, err = running.communicate(timeout=30)

    assert running.returncode == 3
    assert "approved, but /nowhere/deploy did not start" in err


@pytest.mark.parametrize(("act", "code", "told"), [*ANSWERS, (withdraw, 2, "withdrawn")])
def test_the_exit_code_of_a_wait_is_the_answer(
    calling: Bot, cli: Cli, act: Callable[[Bot], None], code: int, told: str
) -> None:
    asked = calling.deploy().json()
    act(calling)

    plain = cli("wait", asked["id"])
    document = cli("wait", asked["id"], "--json")

    assert plain.code == document.code == code
    assert told in plain.err
    assert document.json()["status"] == told.split(maxsplit=1)[0]
    assert document.json()["allowed"] is (code == 0)


def test_a_wait_whose_time_is_over_is_no_answer(calling: Bot, cli: Cli) -> None:
    asked = calling.deploy().json()

    ran = cli("wait", asked["id"], "--timeout", "1")

    assert ran.code == 3
    assert "no answer, so no approval" in ran.err
    assert "still pending after 1 s" in ran.err


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"APPROVALBOT_KEY": "guess"}, "answered 401"),
        ({"APPROVALBOT_KEY": "whsec_not base64!"}, "no answer, so no approval"),
        ({"APPROVALBOT_SOURCE": "nobody"}, "answered 404"),
        ({"APPROVALBOT_URL": "not a url"}, "no answer, so no approval"),
        ({"APPROVALBOT_URL": "http://[::1"}, "no answer, so no approval"),
    ],
)
def test_a_gate_that_is_not_understood_runs_nothing(
    calling: Bot, cli: Cli, monkeypatch: pytest.MonkeyPatch, change: dict[str, str], told: str
) -> None:
    for name, value in change.items():
        monkeypatch.setenv(name, value)

    ran = cli("gate", *DEPLOY, "--", "echo", "deployed")

    assert (ran.code, ran.out) == (3, "")
    assert told in ran.err
    assert "Traceback" not in ran.err


def test_a_gate_that_reaches_nobody_runs_nothing(calling: Bot, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    monkeypatch.setenv("APPROVALBOT_URL", f"http://127.0.0.1:{port}")

    ran = cli("gate", *DEPLOY, "--", "echo", "deployed")

    assert (ran.code, ran.out) == (3, "")
    assert f"127.0.0.1:{port} was not reached: " in ran.err
    assert "refused. Is this the bot's address, and is it up?" in ran.err


def test_an_event_no_policy_asks_about_is_not_a_yes(calling: Bot, cli: Cli) -> None:
    ran = cli("gate", "--action", "coffee.made", "--", "echo", "deployed")

    assert (ran.code, ran.out) == (3, "")
    assert "no_match: nobody was asked, so nothing is run" in ran.err


def test_a_source_that_says_no_to_what_nobody_asks_about_denies(
    valkey_url: str, redis: Any, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = {
        "name": "deploy-tool",
        "mapping": "generic",
        "auth": {"type": "standard_webhooks", "secret": "env:DEPLOY_TOOL_SECRET"},
        "may_wait": True,
        "trust_actor": True,
        "on_no_match": "deny",
    }
    aws = {"name": "aws.cloudtrail", "mapping": "aws.cloudtrail", "auth": {"type": "none", "unsafe": True}}
    changes = {"sources": {"sources": [source, aws]}}
    with running_bot(valkey_url, tmp_path / "bot", monkeypatch, changes=changes) as bot:
        known = ("--url", str(bot.http.base_url), "--source", "deploy-tool", "--key", KEY)

        ran = cli("gate", "--action", "coffee.made", *known, "--", "echo", "deployed")

    assert (ran.code, ran.out) == (1, "")
    assert "denied: nobody was asked, so nothing is run" in ran.err


@pytest.mark.parametrize(
    ("field", "told"), [("sha", "write name=value"), ("=x", "write name=value"), ("action.x=1", "action is a value")]
)
def test_a_field_that_is_none_is_told(calling: Bot, cli: Cli, field: str, told: str) -> None:
    ran = cli("gate", *DEPLOY, "--field", field, "--", "true")

    assert ran.code == 3
    assert told in ran.err


def test_options_after_the_dashes_are_the_commands_own(calling: Bot) -> None:
    with gate(*DEPLOY, "--", "echo", "--json", "-h", "--", "x") as running:
        approve(calling)
        out, _ = running.communicate(timeout=30)

    assert out == "--json -h -- x\n"


def approve_a_canary(bot: Bot) -> None:
    with bot.hands("BOB") as bob:
        open_less(bot, bob, "#deploys")
        assert bob.submit({"less.scope": {"less.scope": "canary"}}).ok


@pytest.mark.parametrize(("option", "code"), [(("--accepts-less",), 0), ((), 3)])
def test_an_approval_with_less_runs_only_for_a_gate_that_keeps_to_its_terms(
    calling: Bot, option: tuple[str, ...], code: int
) -> None:
    offer_regions(calling)
    show = f"import os; print(os.environ[{TERMS!r}])"
    with gate(*DEPLOY, *option, "--", sys.executable, "-c", show) as running:
        approve_a_canary(calling)
        out, err = running.communicate(timeout=30)

    assert running.returncode == code
    assert "with less" in err
    assert ('"percent":5' in out) is (code == 0)
    assert ("--accepts-less" in err) is (code == 3)


@pytest.mark.parametrize(("option", "code"), [(("--accepts-less",), 0), ((), 3)])
def test_waiting_for_an_approval_with_less_says_so(calling: Bot, cli: Cli, option: tuple[str, ...], code: int) -> None:
    offer_regions(calling)
    name = calling.deploy().json()["id"]
    approve_a_canary(calling)

    told = cli("wait", name, *option)

    assert told.code == code
    assert '"scope":"canary"' in told.err


def test_the_command_of_an_approval_of_the_whole_finds_no_terms_of_somebody_else(
    calling: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(TERMS, '{"less":true}')
    show = f"import os; print(os.environ.get({TERMS!r}))"
    with gate(*DEPLOY, "--", sys.executable, "-c", show) as running:
        approve(calling)
        out, _ = running.communicate(timeout=30)

    assert out == "None\n"
