"""`slack`: the app manifest."""

from typing import Annotated

import typer
import yaml

from approvalbot.cli.output import emit
from approvalbot.slack.manifest import manifest as make_manifest

app = typer.Typer(help="Connecting a Slack workspace.", no_args_is_help=True)


@app.callback()
def _slack() -> None:
    """Connecting a Slack workspace."""


@app.command()
def manifest(
    url: Annotated[
        str, typer.Option(envvar="APPROVALBOT_URL", help="Where Slack and people reach approvalbot: https://host")
    ] = "",
    name: Annotated[str, typer.Option(help="The bot's name in Slack.")] = "approvalbot",
    groups: Annotated[bool, typer.Option("--groups", help="Let it change user groups: for grants in them.")] = False,
    socket: Annotated[
        bool, typer.Option("--socket", help="Socket Mode: the bot calls Slack, and needs no public address.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="JSON instead of YAML; Slack takes both.")] = False,
) -> None:
    """Print the app manifest to paste at api.slack.com/apps, "Create New App", "From a manifest"."""
    if not url and not socket:
        raise typer.BadParameter("Missing option '--url': where Slack reaches approvalbot. --socket needs none.")
    made = make_manifest(url, name=name, groups=groups, socket=socket)
    if json:
        emit(made)
    else:
        typer.echo(yaml.safe_dump(made, sort_keys=False, allow_unicode=True, width=120).rstrip())
