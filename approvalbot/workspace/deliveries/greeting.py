"""The first word to the bot: Slack checks a request URL before it sends anything there."""

import asyncio

from approvalbot.workspace.deliveries.events import verify_bot
from approvalbot.workspace.workspace import Workspace

TRIES = 20
BETWEEN_S = 0.5
"""Ten seconds in all: the bot usually starts beside the workspace. After that the page's button asks again."""


async def greet_bot(workspace: Workspace) -> None:
    """Verify the bot's address as soon as somebody answers there; a bot that answers wrongly is told once only."""
    for _ in range(TRIES):
        outcome = await verify_bot(workspace)
        workspace.hub.tell("app")
        if outcome.status is not None:
            return
        # Nobody is listening yet. The tries before the last would only fill the inspector.
        workspace.traffic.entries.pop()
        await asyncio.sleep(BETWEEN_S)
