"""`approvalbot`: the commands, thin. Each says what it does in one line and hands on.

Usage faults exit with 3, as every fault of `wait` and `gate` does: in a script, 2 already means "expired or withdrawn",
and nothing but 0 may ever be taken for a yes.
"""

import os
import sys
import traceback
from typing import Annotated

import typer
from rich.console import Console

from approvalbot import __version__
from approvalbot.cli import callers, demo, links, outbox, passkeys, policies, serve, slack, trail
from approvalbot.errors import ApprovalBotError

FAULT = 3
"""The exit code of whatever went wrong before there was an answer."""

app = typer.Typer(
    name="approvalbot",
    help="Turns audit events into decisions: a card in Slack, a press, a signed answer.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(policies.app, name="policy")
app.add_typer(trail.app, name="audit")
app.add_typer(outbox.app, name="outbox")
app.add_typer(passkeys.app, name="passkey")
app.add_typer(links.app, name="link")
app.add_typer(slack.app, name="slack")
app.add_typer(callers.receipt_app, name="receipt")
for command in (serve.serve, serve.work, serve.doctor, demo.demo, callers.wait):
    app.command()(command)
app.command(
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True}, options_metavar="[OPTIONS] -- CMD..."
)(callers.gate)


@app.callback(invoke_without_command=True)
def _version(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.", is_eager=True)] = False,
) -> None:
    if version:
        typer.echo(f"approvalbot {__version__}")
        raise typer.Exit


def run() -> None:
    """The entry point: a fault of ours is one sentence on standard error, never a traceback."""
    try:
        code = app(standalone_mode=False, prog_name="approvalbot")
    except typer.TyperException as fault:
        _show(fault)
        sys.exit(FAULT)
    except (typer.Abort, KeyboardInterrupt):
        sys.exit(FAULT)
    except ApprovalBotError as fault:
        Console(stderr=True, soft_wrap=True, highlight=False).print(
            f"approvalbot: {fault.text()}", style="red", markup=False
        )
        sys.exit(FAULT)
    except BrokenPipeError:
        # Whoever read what we wrote has seen enough. Python would complain once more when it closes standard output.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(FAULT)
    except Exception:  # noqa: BLE001 - the outermost edge: Python's own exit code for a bug is 1, which is "denied" here
        traceback.print_exc()
        sys.exit(FAULT)
    sys.exit(code if isinstance(code, int) else 0)


def _show(fault: typer.TyperException) -> None:
    """Say what is wrong with a command line, and how it is written."""
    context = getattr(fault, "ctx", None)
    # A group without a command has shown its whole help already, and its fault says nothing.
    if context is not None and fault.format_message():
        typer.echo(context.get_usage(), err=True)
    if fault.format_message():
        typer.echo(f"approvalbot: {fault.format_message()}", err=True)


if __name__ == "__main__":
    run()
