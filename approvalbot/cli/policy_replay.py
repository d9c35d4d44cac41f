"""`policy replay`: many events through the policies, without effects: what they would ask, of whom, how often."""

from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from approvalbot.cli.files import open_lines
from approvalbot.cli.output import emit_lines, err, read_through, say
from approvalbot.cli.policy_explain import moment_of
from approvalbot.cli.reading import read_policies
from approvalbot.errors import BadInput
from approvalbot.policy.envelopes import Delivered
from approvalbot.policy.replay.against import Against
from approvalbot.policy.replay.running import NOT_ITS_TENANT, Replay, Replayed
from approvalbot.policy.replay.text import replay_text
from approvalbot.reloading import uncollected
from approvalbot.settings import load_settings
from approvalbot.store.captured import CapturedEvents
from approvalbot.store.connection import connect
from approvalbot.wiring.address import redis_address

MOST_TOLD = 20
"""Lines that are told to be no event before only their number is."""


def replay(
    path: Annotated[Path, typer.Argument(help="A policy folder, or one file of it: then only its policies.")],
    file: Annotated[
        str, typer.Argument(metavar="[EVENTS.jsonl]", help="Events, one a line, or - for standard input.")
    ] = "",
    source: Annotated[str, typer.Option(help="The source that raw events come from; an envelope names its own.")] = "",
    captured: Annotated[
        str, typer.Option(help="Instead of a file: what a running bot received from this source.")
    ] = "",
    at: Annotated[str, typer.Option(help="When events happened that do not say when; default: now.")] = "",
    against: Annotated[Path | None, typer.Option(help="Other policies: say what PATH would change.")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="Exit 1 if a line is no event.")] = False,
    json: Annotated[bool, typer.Option("--json", help="JSON Lines, one for each line.")] = False,
) -> None:
    """Replay events in the order of their times, without effects, and say what the policies would ask."""
    if bool(file) == bool(captured):
        raise typer.BadParameter("name a file of events, - for standard input, or --captured SOURCE")
    how = Delivered(moment_of(at), captured or source)
    runs = [_ready(path, how), *([_ready(against, how)] if against else [])]
    # What matched is held until all is read; full collections would walk it again and again in vain.
    with uncollected():
        if captured:
            _take_captured(runs, captured)
        else:
            _take_file(runs, file)
        replayed = [run.finish() for run in runs]
    _tell(replayed, json=json)
    if strict and replayed[0].read.bad_lines:
        raise typer.Exit(1)


def _ready(path: Path, how: Delivered) -> Replay:
    policies = read_policies(path).policies
    return Replay(policies, how, policies.compiled_in(None if path.is_dir() else path.name))


def _take_file(runs: list[Replay], file: str) -> None:
    with open_lines(file) as (lines, total_bytes):
        for number, body in enumerate(read_through(lines, "reading", total_bytes), start=1):
            for run in runs:
                run.take(number, body)


def _take_captured(runs: list[Replay], source: str) -> None:
    with redis_address(load_settings()) as url, closing(connect(url)) as redis:
        held = CapturedEvents(redis, source)
        if not len(held):
            raise BadInput("parameter_invalid", "Nothing of {source} was captured.", hint=_NOT_CAPTURED, source=source)
        for number, one in enumerate(held, start=1):
            came = Delivered(one.at, source, one.headers, timed=True)
            for run in runs:
                run.take(number, one.body, came, one.identity)


_NOT_CAPTURED = "The bot keeps the newest APPROVALBOT_CAPTURE events of each source, in the Redis of REDIS_URL."


def _tell(replayed: list[Replayed], *, json: bool) -> None:
    new = replayed[0]
    if json:
        emit_lines(new.json_lines() if len(replayed) == 1 else Against(new, replayed[1]).json_lines())
        return
    _tell_bad_lines(new)
    say(replay_text(new))
    if len(replayed) > 1:
        say("\nagainst the other policies:")
        for line in Against(new, replayed[1]).lines():
            say(line)


def _tell_bad_lines(replayed: Replayed) -> None:
    bad = [
        (number, row.error) for number, row in sorted(replayed.rows.items()) if row.error not in {"", NOT_ITS_TENANT}
    ]
    for number, error in bad[:MOST_TOLD]:
        err.print(f"line {number}: {error}", style="red", markup=False)
    if len(bad) > MOST_TOLD:
        err.print(f"and {len(bad) - MOST_TOLD:,} more lines", style="red", markup=False)
