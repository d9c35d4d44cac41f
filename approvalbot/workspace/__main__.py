"""`python -m approvalbot.workspace --config FILE`: run the workspace in the foreground."""

import argparse
import os
import sys
from pathlib import Path

from pydantic import ValidationError

from approvalbot.workspace.config import WorkspaceConfig, production_fault
from approvalbot.workspace.errors import WorkspaceFault
from approvalbot.workspace.serving import serve


def main(arguments: list[str]) -> int:
    """Read the configuration and serve; 2 when it cannot be started with, 0 after an interrupt."""
    parser = argparse.ArgumentParser(
        prog="python -m approvalbot.workspace", description="The local stand-in for Slack."
    )
    parser.add_argument("--config", type=Path, help="a JSON file (default: Acme on port 8300)")
    parser.add_argument("--port", type=int, help="listen here instead")
    chosen = parser.parse_args(arguments)
    try:
        refuse_production()
        config = WorkspaceConfig.load(chosen.config) if chosen.config else WorkspaceConfig()
        if chosen.port is not None:
            config = config.model_copy(update={"port": chosen.port})
        sys.stderr.write(f"LOCAL DEMO workspace at {config.origin}/\n")
        serve(config)
    except (WorkspaceFault, ValidationError, OSError) as fault:
        sys.stderr.write(f"The workspace does not start: {fault}\n")
        return 2
    return 0


def refuse_production() -> None:
    """Refuse to start beside settings of a real workspace: one of them would end up in the wrong place.

    Raises:
        WorkspaceFault: a token in the environment is not one of the local workspace's.
    """
    for name in ("SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"):
        if fault := production_fault(name, os.environ.get(name) or "xoxb-local-none"):
            raise WorkspaceFault(fault)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
