"""Sending a captured delivery again: what an attacker with a copy of one signed request would do."""

from approvalbot.workspace.deliveries.deliver import SENTENCES
from approvalbot.workspace.deliveries.link import HttpLink
from approvalbot.workspace.deliveries.sign import signature_headers
from approvalbot.workspace.errors import Unable
from approvalbot.workspace.state.traffic import Entry
from approvalbot.workspace.workspace import Workspace


async def replay(workspace: Workspace, number: int, *, fresh: bool) -> Entry:
    """Post the bytes of an earlier delivery again; `fresh` signs them anew, so that only the content is a repeat.

    Raises:
        Unable: there is no such delivery, or it did not go by HTTP.
    """
    old = workspace.traffic.find(number)
    if old is None or not old.raw_body or not isinstance(workspace.link, HttpLink):
        raise Unable("that line holds nothing that could be sent again", status=404)
    headers = dict(old.raw_headers)
    if fresh:
        headers |= signature_headers(workspace.config.signing_secret, old.raw_body, workspace.clock.now_s())
    entry = workspace.traffic.begin("delivery", f"{old.what} (replay of {number})", user=old.user, request=old.request)
    entry.request_headers = headers
    ack_s = workspace.config.timing.ack_s
    reply = await workspace.link.post(old.raw_body, headers, within_s=ack_s)
    failure = SENTENCES[reply.failure].format(ack_s=ack_s, status=reply.status)
    answer = reply.body.decode("utf-8", "replace")
    return workspace.traffic.end(entry, status=reply.status, answer=answer, failure=failure)
