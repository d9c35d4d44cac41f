"""The entry point: every command has its help, and every fault its exit code; in a script 1 and 2 are answers."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from approvalbot import __version__
from approvalbot.cli.main import make_app
from tests.cli.conftest import Cli

ROOT = Path(__file__).parent.parent.parent
CONTRACT = """
demo | serve | work | doctor | wait | gate | policy check | policy lint | policy test | policy explain | policy schema
receipt verify | audit show | audit verify | slack manifest | outbox list | outbox dead | outbox resend
"""
"""The commands whose names scripts rely on."""


def commands(group: Any = None, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    group = typer.main.get_command(make_app()) if group is None else group
    for name, command in group.commands.items():
        yield (*before, name)
        if hasattr(command, "commands"):
            yield from commands(command, (*before, name))


ALL = sorted(commands())


@pytest.mark.parametrize("words", [(), *ALL], ids=" ".join)
@pytest.mark.parametrize("option", ["--help", "-h"])
def test_every_command_explains_itself(cli: Cli, words: tuple[str, ...], option: str) -> None:
    ran = cli(*words, option)

    assert ran.code == 0
    assert f"Usage: {' '.join(['approvalbot', *words])}" in ran.out
    assert ran.err == ""


def test_the_contract_is_there() -> None:
    wanted = {tuple(one.split()) for one in CONTRACT.replace("\n", "|").split("|") if one.strip()}

    assert wanted <= set(ALL)


def test_a_gate_says_where_its_command_goes(cli: Cli) -> None:
    assert "-- CMD" in cli("gate", "--help").out


def test_the_version_is_told(cli: Cli) -> None:
    assert cli("--version").out == f"approvalbot {__version__}\n"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["nonsense"], "No such command 'nonsense'"),
        (["gate"], "Missing option '--action'"),
        (["gate", "--action", "x"], "nothing to run: write the command after --"),
        (["gate", "--action", "x", "--timeout", "0", "--", "true"], "--timeout"),
        (["wait"], "Missing argument"),
        (["wait", "X"], "not set: --url (APPROVALBOT_URL), --source (APPROVALBOT_SOURCE), --key (APPROVALBOT_KEY)"),
        (["wait", "X", "--timeout", "soon"], "Invalid value for '--timeout'"),
        (["outbox", "resend"], "name one effect, or write --all"),
        (["outbox", "resend", "X", "--all"], "name one effect, or write --all"),
        (["work", "--queue", "mail"], "'mail' is no queue; write time or effects"),
        (["receipt", "verify", "nowhere", "--keys", "k"], "nowhere cannot be read: No such file or directory"),
        (["policy", "explain", "."], "Missing argument"),
    ],
)
def test_a_wrong_command_line_is_a_fault_and_never_an_answer(cli: Cli, words: list[str], told: str) -> None:
    ran = cli(*words)

    assert ran.code == 3, "1 is denied and 2 is expired: a slip of the pen is neither"
    assert told in ran.err
    assert "Traceback" not in ran.err
    assert ran.out == ""


@pytest.mark.parametrize("group", ["policy", "audit", "outbox", "receipt", "slack"])
def test_a_group_without_a_command_shows_its_help(cli: Cli, group: str) -> None:
    ran = cli(group)

    assert "Commands" in ran.out + ran.err
    assert ran.code == 3


def test_a_setting_that_cannot_be_is_one_sentence(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APPROVALBOT_PORT", "many")

    ran = cli("doctor")

    assert ran.code == 3
    assert ran.err.startswith("approvalbot: APPROVALBOT_PORT='many' is not valid")
    assert len(ran.err.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["serve"], "SLACK_BOT_TOKEN is not set."),
        (["work", "--queue", "time"], "SLACK_BOT_TOKEN is not set."),
        (["demo", "--policies", "nowhere"], "There is no folder nowhere."),
    ],
)
def test_a_process_that_cannot_start_says_why_in_one_sentence(
    tmp_path: Path, valkey_url: str, words: list[str], told: str
) -> None:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "REDIS_URL": valkey_url}

    ran = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "approvalbot", *words],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )

    assert ran.returncode == 3
    assert ran.stderr.startswith(f"approvalbot: {told}")
    assert len(ran.stderr.splitlines()) == 1
