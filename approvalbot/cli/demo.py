"""`demo`: the whole product on this machine, with a Slack of its own; `--tour` plays its story without a browser."""

import signal
import tempfile
import time
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from approvalbot.cli.output import say
from approvalbot.cli.stage import Place, Stage, free_port, staged
from approvalbot.cli.telling import Broken
from approvalbot.cli.tour import tour
from approvalbot.errors import SettingsFault

BOT_PORT, WORKSPACE_PORT = 8080, 8300
TOUR_POLICIES = Path(__file__).parent / "tour_policies"


def demo(
    play_tour: Annotated[
        bool, typer.Option("--tour", help="Play the whole story and exit 0 if every step held.")
    ] = False,
    policies: Annotated[Path, typer.Option(help="The policies to run.")] = Path("policies"),
    data: Annotated[Path, typer.Option(help="Where the demo keeps its state between runs.")] = Path(
        ".approvalbot/demo"
    ),
    port: Annotated[int, typer.Option(min=1, max=65535, help="The bot's port.")] = BOT_PORT,
    workspace_port: Annotated[int, typer.Option(min=1, max=65535, help="The workspace's port.")] = WORKSPACE_PORT,
) -> None:
    """Run everything here: Valkey, a local Slack workspace, the bot and its workers."""
    if play_tour:
        _tour()
        return
    if not policies.is_dir():
        raise SettingsFault(f"There is no folder {policies}.", hint="Run in the project's folder, or give --policies.")
    for name in (signal.SIGTERM, signal.SIGINT):
        # Also where a shell started us in the background, which ignores Ctrl-C: nothing of ours may stay behind.
        signal.signal(name, _interrupt)
    place = Place(data.resolve(), policies.resolve(), port, workspace_port)
    say("Starting Valkey, the workspace, the bot and its workers …")
    try:
        with staged(place) as stage:
            _welcome(stage)
            while (ended := stage.ended()) is None:
                time.sleep(0.5)
            raise SettingsFault(f"The {ended} process ended:\n{stage.log_of(ended)}")
    except KeyboardInterrupt:
        say("\nStopped. Everything is kept; `make demo` goes on, `make demo-reset` forgets it.")


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _tour() -> None:
    with tempfile.TemporaryDirectory(prefix="approvalbot-tour-") as folder:
        place = Place(Path(folder), TOUR_POLICIES, free_port(), free_port())
        say("Starting Valkey, the workspace, the bot and its workers …")
        try:
            with staged(place) as stage:
                try:
                    tour(stage)
                except Broken as fault:
                    say(f"✗ {fault}", "bold red")
                    for name in ("web", "worker"):
                        say(f"--- the end of {name}.log\n{stage.log_of(name)}", "red")
                    raise typer.Exit(1) from None
        except KeyboardInterrupt:
            raise typer.Exit(1) from None


def _welcome(stage: Stage) -> None:
    place = stage.place
    say("")
    say(f"  Open   {place.workspace}/", "bold green")
    say("         a Slack workspace of your own. Choose “Send a sample event” on the left, look at the card in")
    say(
        "         #aws-approvals or #deploys, become Ann or Bob (top right), press. Or type /access in the message box."
    )
    say("")
    say(f"  Dashboard   {place.url}/   sign in as anybody; Cat is its admin")
    say("")
    say(f"  The bot listens at {place.bot}, its policies are in {place.policies}")
    say(f"  Logs and state are in {place.data}. Ctrl-C stops everything and keeps it.")
