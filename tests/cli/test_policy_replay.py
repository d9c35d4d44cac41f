"""`policy replay`: what a script reads, what an author reads, and what is said of lines that are no events."""

import os
import pty
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from approvalbot.cli.samples import ADMIN, DEPLOY
from approvalbot.store import keys
from tests.bot import Bot
from tests.cli.conftest import Cli
from tests.cli.test_policy import BROKEN, POLICIES, ROOT

STAGING = {**DEPLOY, "id": "s1", "target": {"environment": "staging"}}


def lines(*bodies: Any) -> bytes:
    return b"\n".join(body if isinstance(body, bytes) else orjson.dumps(body) for body in bodies) + b"\n"


def rows(out: str) -> list[dict[str, Any]]:
    return [orjson.loads(line) for line in out.splitlines()]


@pytest.fixture
def events(tmp_path: Path) -> Path:
    """Three deploys, one of them to somewhere else and one a second delivery, and an envelope of another source."""
    path = tmp_path / "events.jsonl"
    path.write_bytes(lines(DEPLOY, STAGING, b"", DEPLOY, {"source": "aws.cloudtrail", "event": ADMIN}))
    return path


def test_a_script_gets_one_line_of_json_for_each_event(cli: Cli, events: Path) -> None:
    ran = cli("policy", "replay", POLICIES, events, "--source", "deploy-tool", "--json")

    assert (ran.code, ran.err) == (0, "")
    assert rows(ran.out) == [
        {"line": 1, "policies": ["prod-deploy-gate"], "opens": ["prod-deploy-gate"]},
        {"line": 2, "policies": []},
        {"line": 4, "policies": ["prod-deploy-gate"]},
        {"line": 5, "policies": ["aws-admin-escalation"], "opens": ["aws-admin-escalation"]},
    ]


def test_standard_input_is_read_as_a_file_is(cli: Cli, events: Path) -> None:
    how = ("--source", "deploy-tool", "--json")

    assert cli("policy", "replay", POLICIES, "-", *how, stdin=events.read_bytes()).out == (
        cli("policy", "replay", POLICIES, events, *how).out
    )


def test_an_author_reads_what_would_be_asked_of_whom_and_when(cli: Cli, events: Path) -> None:
    ran = cli("policy", "replay", POLICIES, events, "--source", "deploy-tool")
    escalation = "aws-admin-escalation  enforce        1      1        -        -        -  "

    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines() == [
        "4 events in 4 lines, 2026-03-03T12:00:00Z to 2026-03-03T12:00:00Z",
        "3 matches, 2 requests would open",
        "saved: 1 repeat by dedupe, 0 matches by correlation",
        "",
        "policy                mode     matches  opens  repeats  counted  not now  title",
        "prod-deploy-gate      enforce        2      1        1        -        -  Production deploy",
        escalation + "Admin privilege escalation requested",
        "",
        "presses asked: 6, 6.0 a day (1 day with events)",
        "presses needed: 3 at least, by the quorums",
        "who (by fixtures and Identities)  asked  a day         busiest hour  if it escalates",
        "bob                                   2    2.0  2 at 2026-03-03 12h                0",
        "cat                                   2    2.0  2 at 2026-03-03 12h                0",
        "dan                                   1    1.0  1 at 2026-03-03 12h                1",
        "ann                                   1    1.0  1 at 2026-03-03 12h                0",
        "",
        "requests by day: 2026-03-03 2",
        "requests by hour of the day (UTC): 12h 2",
        "",
        "top actors: eve 2",
    ]


def test_lines_that_are_no_events_are_told_with_their_numbers_and_stop_nothing(cli: Cli) -> None:
    body = lines(b"{", DEPLOY, b'"text"', {"source": "nobody", "event": {}}, *([b"nonsense"] * 30))

    plain = cli("policy", "replay", POLICIES, "-", "--source", "deploy-tool", stdin=body)
    strict = cli("policy", "replay", POLICIES, "-", "--source", "deploy-tool", "--strict", "--json", stdin=body)

    assert (plain.code, strict.code) == (0, 1)
    first, *others = plain.err.splitlines()
    assert first.startswith("line 1: body_invalid: The body is not usable JSON: ")
    assert first.endswith(" at line 1, column 2.")
    assert others[0] == "line 3: event_invalid: an event is a JSON object, not a text"
    assert others[1].startswith("line 4: unknown_source: There is no source nobody in this folder. Known are aws.")
    assert plain.err.splitlines()[-1] == "and 13 more lines"
    assert "33 lines with something that is no event\n" in plain.out
    assert [row["line"] for row in rows(strict.out) if "error" in row] == [1, 3, 4, *range(5, 35)]
    assert rows(strict.out)[1]["opens"] == ["prod-deploy-gate"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["nowhere.jsonl", "--source", "deploy-tool"], "nowhere.jsonl cannot be read: No such file or directory."),
        ([".", "--source", "deploy-tool"], ". cannot be read: Is a directory."),
        (
            ["-", "--source", "nobody"],
            "There is no source nobody in this folder. Known are aws.cloudtrail, deploy-tool",
        ),
        (["-"], "line 1: This is a raw event, and nobody says which source sent it. Say --source NAME; known are aws"),
        (["-", "--source", "deploy-tool", "--at", "soon"], "--at 'soon' is no time"),
        ([], "name a file of events, - for standard input, or --captured SOURCE"),
        (["-", "--captured", "deploy-tool"], "name a file of events, - for standard input, or --captured SOURCE"),
        (["-", "--source", "deploy-tool", "--against", "nowhere"], "there is no such file or folder"),
    ],
)
def test_what_cannot_be_replayed_is_one_clear_sentence(cli: Cli, arguments: list[str], told: str) -> None:
    ran = cli("policy", "replay", POLICIES, *arguments, stdin=lines(DEPLOY))

    assert (ran.code, ran.out) == (3, "")
    assert told in ran.err
    assert "Traceback" not in ran.err


def test_policies_that_do_not_load_replay_nothing(cli: Cli) -> None:
    ran = cli("policy", "replay", BROKEN, "-", "--source", "x", stdin=b"")

    assert (ran.code, ran.out) == (3, "")
    assert "faults in the policies" in ran.err


def test_one_file_of_a_folder_replays_its_own_policies(cli: Cli, events: Path) -> None:
    ran = cli("policy", "replay", POLICIES / "prod-deploy-gate.yaml", events, "--source", "deploy-tool", "--json")

    assert {key for row in rows(ran.out) for key in row["policies"]} == {"prod-deploy-gate"}


def test_what_a_change_adds_and_removes_is_told_against_what_was(cli: Cli, events: Path, tmp_path: Path) -> None:
    changed = tmp_path / "changed"
    shutil.copytree(POLICIES, changed)
    gate = changed / "prod-deploy-gate.yaml"
    gate.write_text(gate.read_text(encoding="utf-8").replace("^prod(uction)?(-|$)", "^staging$"), encoding="utf-8")
    how = ("--source", "deploy-tool", "--against", POLICIES, "--at", "2026-03-03T12:30:00Z")

    told = cli("policy", "replay", changed, events, *how)
    *found, sums = rows(cli("policy", "replay", changed, events, *how, "--json").out)
    same = cli("policy", "replay", POLICIES, events, *how)

    assert [told.code, same.code] == [0, 0]
    assert told.out.split("against the other policies:\n")[1].splitlines() == [
        "matches 3 → 2 (-1), requests 2 → 2 (+0)",
        "  matches: prod-deploy-gate 2 → 1 (-1)",
        "line 1: removed prod-deploy-gate; opens_removed prod-deploy-gate",
        "line 2: added prod-deploy-gate; opens_added prod-deploy-gate",
        "line 4: removed prod-deploy-gate",
    ]
    assert found[1] == {
        "line": 2,
        "policies": ["prod-deploy-gate"],
        "opens": ["prod-deploy-gate"],
        "added": ["prod-deploy-gate"],
        "opens_added": ["prod-deploy-gate"],
    }
    assert sums["against"]["totals"]["matches"] == {"before": 3, "after": 2}
    assert sums["against"]["matches"] == {"prod-deploy-gate": {"before": 2, "after": 1}}
    assert sums["against"]["opens"] == sums["against"]["asked"] == {}
    assert same.out.endswith("no line is judged differently\n")


def test_what_events_say_cannot_draw_on_the_terminal(cli: Cli) -> None:
    event = {**DEPLOY, "actor": {"id": "x", "name": "eve\x1b[2J\n✓ [red]approved"}}

    told = cli("policy", "replay", POLICIES, "-", "--source", "deploy-tool", stdin=lines(event)).out

    assert "\x1b" not in told
    assert "[red]approved" in told
    assert len(told.split("top actors")[1].splitlines()) == 1


def test_what_a_running_bot_received_is_replayed_as_it_came(
    bot: Bot, cli: Cli, monkeypatch: Any, valkey_url: str
) -> None:
    bot.deploy(id="one")
    bot.deploy(id="two", target={"environment": "staging"})
    bot.post("deploy-tool", orjson.dumps([DEPLOY, {**DEPLOY, "id": "three"}]))
    binary = {"ce-id": "four", "ce-source": "/ci", "ce-type": "deploy.requested", "ce-specversion": "1.0"}
    bot.post("deploy-tool", orjson.dumps({"environment": "production"}), **binary)
    monkeypatch.setenv("REDIS_URL", valkey_url)
    folder = bot.house.settings.approvalbot_policies

    ran = cli("policy", "replay", folder, "--captured", "deploy-tool", "--json")
    none = cli("policy", "replay", folder, "--captured", "aws.cloudtrail")

    assert (ran.code, ran.err) == (0, "")
    assert [row["line"] for row in rows(ran.out)] == [1, 2, 3, 4, 5]
    assert [bool(row["policies"]) for row in rows(ran.out)] == [True, False, True, True, False]
    assert (none.code, none.out) == (3, "")
    assert "Nothing of aws.cloudtrail was captured." in none.err


def test_headers_that_policies_see_are_captured_with_the_event(
    bot: Bot, cli: Cli, monkeypatch: Any, valkey_url: str
) -> None:
    folder = bot.house.settings.approvalbot_policies
    path = folder / "all.yaml"
    text = path.read_text(encoding="utf-8")
    changed = text.replace("  mapping: generic\n", "  mapping: generic\n  headers: [X-Stage]\n").replace(
        "target.environment: production", "$header.x-stage: last"
    )
    assert changed.count("X-Stage") == 1
    path.write_text(changed, encoding="utf-8")
    bot.house.keeper.reload()
    bot.post("deploy-tool", orjson.dumps(DEPLOY), **{"X-Stage": "last", "X-Other": "secret"})
    monkeypatch.setenv("REDIS_URL", valkey_url)

    ran = cli("policy", "replay", folder, "--captured", "deploy-tool", "--json")
    stored: Any = bot.house.redis.xrange(keys.captured("deploy-tool"))

    assert rows(ran.out)[0]["policies"] == ["prod-deploy-gate"]
    assert stored[0][1][b"headers"] == b'{"x-stage":"last"}'


def test_a_terminal_shows_how_far_it_is_and_a_pipe_shows_nothing(events: Path, tmp_path: Path) -> None:
    many = tmp_path / "many.jsonl"
    many.write_bytes(events.read_bytes() * 500)
    command = [sys.executable, "-m", "approvalbot", "policy", "replay", str(POLICIES), str(many)]
    command += ["--source", "deploy-tool", "--json"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "100"}

    def run(stderr: int) -> None:
        subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=stderr, check=True)  # noqa: S603 - ours

    reader, writer = pty.openpty()
    try:
        run(writer)
        assert b"reading" in os.read(reader, 65536)
    finally:
        os.close(writer)
        os.close(reader)
    quiet = tmp_path / "told"
    with quiet.open("wb") as told:
        run(told.fileno())
    assert quiet.read_bytes() == b""


def test_a_reader_that_has_seen_enough_ends_it_without_a_traceback(events: Path, tmp_path: Path) -> None:
    many = tmp_path / "many.jsonl"
    many.write_bytes(events.read_bytes() * 5000)
    command = f"{sys.executable} -m approvalbot policy replay {POLICIES} {many} --source deploy-tool --json | head -1"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    ended = subprocess.run(command, shell=True, env=environment, capture_output=True, check=True)  # noqa: S602 - ours

    assert orjson.loads(ended.stdout)["line"] == 1
    assert ended.stderr == b""
