"""`approvalbot`: the commands, thin. Each says what it does in one line and hands on.

Usage faults exit with 3, as every fault of `wait` and `gate` does: in a script, 2 already means "expired or withdrawn",
and nothing but 0 may ever be taken for a yes.
"""

import importlib
import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.console import Console

from approvalbot import __version__
from approvalbot.errors import ApprovalBotError

FAULT = 3
"""The exit code of whatever went wrong before there was an answer."""

Part = tuple[str, str]
"""A module of this room, and the name of what it holds."""

GROUPS: Mapping[str, Part] = {
    "policy": ("policies", "app"),
    "audit": ("trail", "app"),
    "outbox": ("outbox", "app"),
    "passkey": ("passkeys", "app"),
    "link": ("links", "app"),
    "slack": ("slack", "app"),
    "receipt": ("receipts", "app"),
}
COMMANDS: Mapping[str, Part] = {
    "serve": ("serve", "serve"),
    "work": ("serve", "work"),
    "doctor": ("serve", "doctor"),
    "demo": ("demo", "demo"),
    "wait": ("callers", "wait"),
    "gate": ("callers", "gate"),
}


def make_app(word: str = "") -> typer.Typer:
    """The command line. With the word of a group or a command, that one alone is loaded.

    All of them together load the whole house, which took 1.7 s of CPU at every `approvalbot wait` in a script.
    """
    app = typer.Typer(
        name="approvalbot",
        help="Turns audit events into decisions: a card in Slack, a press, a signed answer.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    app.callback(invoke_without_command=True)(_version)
    known = word in GROUPS or word in COMMANDS
    for name, part in GROUPS.items():
        if name == word or not known:
            app.add_typer(_held(part), name=name)
    for name, part in COMMANDS.items():
        if name == word or not known:
            app.command(**_TAKES_ANYTHING if name == "gate" else {})(_held(part))
    return app


_TAKES_ANYTHING: Mapping[str, Any] = {
    "context_settings": {"allow_extra_args": True, "ignore_unknown_options": True},
    "options_metavar": "[OPTIONS] -- CMD...",
}
"""A gate's own command follows, whatever its options are."""


def _held(part: Part) -> Any:
    module, name = part
    return getattr(importlib.import_module(f"approvalbot.cli.{module}"), name)


def _version(
    version: Annotated[bool, typer.Option("--version", help="Print the version and exit.", is_eager=True)] = False,
) -> None:
    if version:
        typer.echo(f"approvalbot {__version__}")
        raise typer.Exit


def _word(arguments: Sequence[str]) -> str:
    """The group or command that is meant. Before it stand options alone: ours take no value."""
    return next((one for one in arguments if not one.startswith("-")), "")


def run() -> None:
    """The entry point: a fault of ours is one sentence on standard error, never a traceback."""
    try:
        if sys.argv[1:] == ["--version"]:
            # Asked by scripts too, and answered without loading anything.
            typer.echo(f"approvalbot {__version__}")
            sys.exit(0)
        code = make_app(_word(sys.argv[1:]))(standalone_mode=False, prog_name="approvalbot")
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
