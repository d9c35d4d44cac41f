"""Waiting for an answer, as a service would: a long poll that is asked again until the question is settled."""

import asyncio

import httpx
import orjson

from approvalbot.workspace.config import Sample
from approvalbot.workspace.outside.book import Wait
from approvalbot.workspace.outside.proof import proof_headers
from approvalbot.workspace.workspace import Workspace

POLL_S = 30
AGAIN_AFTER_S = 1.0
"""After a poll that failed on the way: the bot may be restarting."""

HOPELESS = frozenset({400, 401, 403, 404, 410})


async def wait_for_answer(workspace: Workspace, sample: Sample, wait: Wait) -> None:
    """Poll until there is an answer, and note when it came and how long after the last press."""
    while wait.state == "waiting":
        wait.polls += 1
        try:
            response = await _poll(workspace, sample, wait)
        except httpx.HTTPError as fault:
            wait.failure = f"asking again: {type(fault).__name__}"
            workspace.book.keep(wait)
            await asyncio.sleep(AGAIN_AFTER_S)
            continue
        _note(workspace, wait, response)
        if wait.state == "waiting" and not response.is_success:
            await asyncio.sleep(AGAIN_AFTER_S)


async def _poll(workspace: Workspace, sample: Sample, wait: Wait) -> httpx.Response:
    headers = proof_headers(sample.wait_auth or sample.auth, b"", workspace.clock.now_s())
    url = httpx.URL(wait.url).copy_merge_params({"wait": str(POLL_S)})
    return await workspace.http.get(url, headers=headers, timeout=POLL_S + 10)


def _note(workspace: Workspace, wait: Wait, response: httpx.Response) -> None:
    now_s = workspace.clock.now_s()
    if response.status_code in HOPELESS:
        wait.state, wait.failure = "failed", f"HTTP {response.status_code}: {response.text[:300]}"
    elif response.is_success:
        try:
            answer = orjson.loads(response.content)
        except orjson.JSONDecodeError:
            answer = {}
        wait.answer, wait.failure = answer, ""
        if answer.get("status") not in {None, "pending"}:
            wait.state, wait.released_at_s = "released", now_s
            if workspace.last_press_s > wait.at_s:
                wait.after_press_ms = round((now_s - workspace.last_press_s) * 1000, 1)
    else:
        wait.failure = f"HTTP {response.status_code}, asking again"
    workspace.book.keep(wait)


def resume_waiting(workspace: Workspace) -> None:
    """Go on with the waits that the last stop cut off."""
    samples = {sample.id: sample for sample in workspace.config.samples}
    for wait in workspace.book.waits.values():
        if wait.state == "waiting" and wait.sample in samples:
            workspace.in_background(wait_for_answer(workspace, samples[wait.sample], wait))
