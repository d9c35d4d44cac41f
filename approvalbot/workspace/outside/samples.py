"""Sending a sample event to the bot's webhook, as the source it belongs to would."""

import copy
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin

import httpx
import orjson

from approvalbot.workspace.config import Sample, is_loopback
from approvalbot.workspace.errors import Json, Unable
from approvalbot.workspace.outside.book import Sent, Wait
from approvalbot.workspace.outside.proof import proof_headers
from approvalbot.workspace.outside.waiting import wait_for_answer
from approvalbot.workspace.workspace import Workspace

ANSWERS_WITHIN_S = 10.0
HIDDEN = frozenset({"authorization", "x-api-key", "webhook-signature"})


async def send_sample(workspace: Workspace, sample_id: str, changes: Mapping[str, Any]) -> Sent:
    """Send one event with a fresh id, and start waiting for its answer where the sample says so.

    `changes` replaces values of the body by dotted path, after the fresh ones.

    Raises:
        Unable: there is no such sample, or a path does not lead anywhere.
    """
    sample = next((one for one in workspace.config.samples if one.id == sample_id), None)
    if sample is None:
        raise Unable(f"there is no sample {sample_id!r}", status=404)
    now_s = workspace.clock.now_s()
    event = filled(sample, now_s, changes)
    body = orjson.dumps(event)
    headers = {"content-type": "application/json", **sample.headers, **proof_headers(sample.auth, body, now_s)}
    shown = {key: "(hidden)" if key.lower() in HIDDEN else value for key, value in headers.items()}
    number = workspace.book.next_number()
    sent = Sent(number, now_s, sample.id, sample.title, event, shown)
    entry = workspace.traffic.begin("sample", sample.title, request=body.decode())
    entry.request_headers = shown
    await _post(workspace, sample, body, headers, sent)
    workspace.traffic.end(entry, status=sent.status, answer=sent.answer, failure=sent.failure)
    workspace.book.keep(sent)
    if sample.wait and sent.status == 202:
        _start_waiting(workspace, sample, sent)
    return sent


async def _post(workspace: Workspace, sample: Sample, body: bytes, headers: dict[str, str], sent: Sent) -> None:
    try:
        response = await workspace.http.post(sample.url, content=body, headers=headers, timeout=ANSWERS_WITHIN_S)
    except httpx.HTTPError as fault:
        sent.failure = f"approvalbot could not be reached: {type(fault).__name__}"
    else:
        sent.status, sent.answer = response.status_code, response.text
        if not response.is_success:
            sent.failure = f"approvalbot answered with HTTP {response.status_code}"
    sent.elapsed_ms = round((workspace.clock.now_s() - sent.at_s) * 1000, 1)


def _start_waiting(workspace: Workspace, sample: Sample, sent: Sent) -> None:
    try:
        answer = orjson.loads(sent.answer)
        url = urljoin(sample.url, str(answer["wait_url"]))
    except (orjson.JSONDecodeError, KeyError, TypeError):
        sent.failure = "the answer holds no wait_url, so nobody can wait"
        workspace.book.keep(sent)
        return
    wait = Wait(workspace.book.next_number(), workspace.clock.now_s(), sample.id, url)
    sent.wait = wait.number
    workspace.book.keep(sent)
    if is_loopback(url):
        workspace.book.keep(wait)
        workspace.in_background(wait_for_answer(workspace, sample, wait))
    else:
        wait.state, wait.failure = "failed", f"{url} is not on this machine; the local workspace calls no other"
        workspace.book.keep(wait)


def filled(sample: Sample, now_s: float, changes: Mapping[str, Any]) -> Json:
    """The body of a sample with its fresh id and time, and the changes asked for.

    Raises:
        Unable: a path does not lead anywhere.
    """
    event = copy.deepcopy(sample.body)
    moment = datetime.fromtimestamp(now_s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    fresh: Json = {}
    if sample.fresh_id_path:
        fresh[sample.fresh_id_path] = str(uuid.uuid4())
    if sample.fresh_time_path:
        fresh[sample.fresh_time_path] = moment
    for path, value in (fresh | dict(changes)).items():
        _set(event, path, value)
    return event


def _set(event: Json, path: str, value: Any) -> None:
    *way, last = path.split(".")
    place: Any = event
    try:
        for step in way:
            place = place[int(step)] if isinstance(place, list) else place[step]
        if isinstance(place, list):
            place[int(last)] = value
        else:
            place[last] = value
    except (KeyError, IndexError, ValueError, TypeError):
        raise Unable(f"the sample has no place {path!r}", status=400) from None
