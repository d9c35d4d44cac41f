"""One delivery, with its line in the inspector and the faults that were ordered for it."""

import asyncio

from approvalbot.workspace.deliveries.link import Delivery, Reply
from approvalbot.workspace.state.traffic import Entry
from approvalbot.workspace.workspace import Workspace

SENTENCES = {
    "": "",
    "http_timeout": "approvalbot did not answer within {ack_s:g} s",
    "http_error": "approvalbot answered with HTTP {status}",
    "connection_failed": "approvalbot could not be reached",
}


async def deliver(workspace: Workspace, delivery: Delivery, user: str | None) -> tuple[Reply, Entry]:
    """Send one delivery and wait for its reply; gives the reply and its entry in the inspector."""
    if workspace.faults.take(("lost_socket",), delivery.what):
        await workspace.link.break_off()
    if workspace.faults.take(("refresh_socket",), delivery.what):
        await workspace.link.refresh()
    doubled = workspace.faults.take(("duplicate",), delivery.what)
    first = asyncio.ensure_future(_once(workspace, delivery, user))
    if doubled:
        # The copy goes out without waiting for the first reply: a bot must hold even when both arrive at once.
        await asyncio.gather(first, _once(workspace, delivery, user))
    return await first


async def _once(workspace: Workspace, delivery: Delivery, user: str | None) -> tuple[Reply, Entry]:
    ack_s = workspace.config.timing.ack_s
    entry = workspace.traffic.begin("delivery", delivery.what, user=user)
    entry.attempt = delivery.attempt
    reply = await workspace.link.send(delivery, at_s=workspace.clock.now_s(), within_s=ack_s)
    entry.request = reply.sent_body.decode("utf-8", "replace")
    entry.request_headers = dict(reply.sent_headers)
    entry.raw_body, entry.raw_headers = reply.sent_body, dict(reply.sent_headers)
    failure = SENTENCES[reply.failure].format(ack_s=ack_s, status=reply.status)
    workspace.traffic.end(entry, status=reply.status, answer=reply.body.decode("utf-8", "replace"), failure=failure)
    return reply, entry
