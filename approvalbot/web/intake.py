"""Intake: events come in by `POST /v1/events/{source}`, are proven, read, matched and answered.

Reading and matching are pure and take microseconds, so they stay on the event loop; only what matched goes to a thread,
to be committed. Every event is remembered before it is answered, in batches of whatever arrives at once.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import anyio.to_thread
import orjson
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from approvalbot.errors import ApprovalBotError, BadInput, Busy, Conflict
from approvalbot.events.bodies import is_lines, read_lines
from approvalbot.events.cloudevents import fold_binary_mode, is_binary_mode
from approvalbot.events.event import Event
from approvalbot.events.normalise import BadEvent, RawEvent, normalise, unwrap, visible_headers
from approvalbot.events.reading import read_json
from approvalbot.flow.ports import Journey
from approvalbot.flow.receive import Asked, Received, group_id_of, receive
from approvalbot.flow.watching import watch
from approvalbot.log import get_logger
from approvalbot.policy.matching import Match
from approvalbot.policy.people import may_send
from approvalbot.policy.stages import judge_event
from approvalbot.request.answer import stamp, terms_of
from approvalbot.request.request import Request
from approvalbot.store.capture import Capture, Recorded
from approvalbot.store.capture import Received as Captured
from approvalbot.web.bodies import MOST_BATCH, MOST_SINGLE, read_body, too_large
from approvalbot.web.counts import EVENTS, INTAKE_SECONDS, LIMITED, REPEATS, UNKEYED, WATCHED
from approvalbot.web.delivery import Proven, delivery_of
from approvalbot.web.doors import Door, Doors
from approvalbot.web.problems import answer

log = get_logger("intake")

POLL_AFTER_S = 1
"""What `Retry-After` tells a caller that polls: the answer may come any second."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One event with what it matched, or the fault that keeps it from being judged."""

    event: Event | None = None
    raw: bytes = b""
    matches: tuple[Match, ...] = ()
    fault: ApprovalBotError | None = None


class Intake:
    """The webhook."""

    def __init__(
        self, journey: Journey, doors: Callable[[], Doors], capture: Capture, *, url: str, threads: int
    ) -> None:
        self._journey = journey
        self._doors = doors
        self._capture = capture
        self._url = url
        self._limiter = anyio.CapacityLimiter(threads)

    async def post(self, http_request: HttpRequest) -> Response:
        """Take one event or many."""
        with INTAKE_SECONDS.time():
            return await self._post(http_request)

    async def _post(self, http_request: HttpRequest) -> Response:
        door = self._doors().named(http_request.path_params["source"])
        proven = await door.prove(delivery_of(http_request, await read_body(http_request, MOST_BATCH)))
        if proven.told is not None:
            return answer(proven.told)
        judged, is_batch = self._judge_all(door, proven.headers, proven.body)
        door.admit(len(judged))
        results = await self._settle(door, proven, judged, is_batch=is_batch)
        return self._batch(results) if is_batch else self._single(results[0])

    def _judge_all(self, door: Door, headers: Mapping[str, str], body: bytes) -> tuple[list[Judged], bool]:
        """Every event of a body, and whether the answer is a list.

        Raises:
            BadInput: the body is no JSON, holds no event, or is one event and too large or not of this source.
        """
        received_at = datetime.now(UTC)
        content_type = headers.get("content-type", "")
        if is_lines(body, content_type):
            lines = [
                (line.fault or item, line.body)
                for line in read_lines(body, strict=False)
                for item in ([None] if line.fault else unwrap(door.table, line.value))
            ]
            return [self._judge(door, headers, item, raw, received_at) for item, raw in lines], True
        if len(body) > MOST_SINGLE and not body.lstrip().startswith((b"[", b"{")):
            raise too_large(MOST_SINGLE)
        value = read_json(body, strict=True)
        folded = is_binary_mode(headers)
        if folded:
            value = fold_binary_mode(headers, value)
        items = unwrap(door.table, value)
        is_batch = isinstance(value, list) or len(items) != 1
        if not is_batch:
            if len(body) > MOST_SINGLE:
                raise too_large(MOST_SINGLE)
            # Of a CloudEvent in binary mode the body is only a part; what is captured is the whole event.
            judged = self._judge(door, headers, items[0], b"" if folded else body, received_at)
            if judged.fault is not None:
                raise judged.fault
            return [judged], False
        return [self._judge(door, headers, item, b"", received_at) for item in items], True

    def _judge(self, door: Door, headers: Mapping[str, str], item: object, raw: bytes, received_at: datetime) -> Judged:
        if isinstance(item, ApprovalBotError):
            return Judged(fault=item)
        if isinstance(item, BadEvent):
            return Judged(fault=item.fault())
        assert isinstance(item, RawEvent)  # noqa: S101 - the reader gives nothing else
        source = door.source
        event = normalise(
            door.table,
            item,
            source=source.name,
            headers=visible_headers(door.table, headers, source.headers),
            received_at=received_at,
            constants=source.set,
        )
        if not may_send(source, event):
            tenant = event.source.tenant or "(none)"
            return Judged(fault=BadInput("tenant_not_allowed", f"{source.name} takes no events of tenant {tenant}."))
        return Judged(event, raw, judge_event(self._journey.policies(), event, received_at).holds)

    async def _settle(
        self, door: Door, proven: Proven, judged: Sequence[Judged], *, is_batch: bool
    ) -> list[dict[str, Any]]:
        """Remember everything that can be judged, open what matched, and give each event its answer."""
        key = proven.headers.get("idempotency-key", "") if not is_batch else ""
        good = [
            (place, one, self._received(door, one, key or _own_key(proven, one, is_batch=is_batch)))
            for place, one in enumerate(judged)
            if one.event
        ]
        remembered = await self._capture.record_all([_captured(received, one) for _, one, received in good])
        results: list[dict[str, Any]] = [_refused(one.fault) if one.fault else {} for one in judged]
        for (place, one, received), recorded in zip(good, remembered, strict=True):
            try:
                if recorded.seen is not None and recorded.seen.digest != received.digest:
                    raise _reused()
                results[place] = await self._answer(received, one, recorded, alone=not is_batch)
            except ApprovalBotError as fault:
                if not is_batch:
                    raise
                results[place] = _refused(fault)
        for result in results:
            EVENTS.labels(door.source.name, result["status"]).inc()
        return results

    @staticmethod
    def _received(door: Door, one: Judged, key: str) -> Received:
        assert one.event is not None  # noqa: S101 - only judged events come here
        identity = hashlib.sha256(f"{door.source.name}\n{key}".encode()).hexdigest() if key else one.event.identity
        return Received(door.source, one.event, identity, one.event.digest)

    async def _answer(self, received: Received, one: Judged, recorded: Recorded, *, alone: bool) -> dict[str, Any]:
        if not one.matches:
            return _no_match(received)
        await self._watch(received, [match for match in one.matches if match.policy.mode == "monitor"])
        asked = [match for match in one.matches if match.policy.mode == "enforce"]
        if not asked:
            return {**_no_match(received), "reason_code": "monitor"}
        if one.raw:
            # What opens a request is read strictly: a key that stands twice is refused, not silently the last one.
            read_json(one.raw, strict=True)
        if recorded.seen is None:
            # The last of a batch is opened long after it was recorded: its people's time must not have begun then.
            received = replace(received, is_new=True, at=recorded.at if alone else None)
        try:
            found = await anyio.to_thread.run_sync(receive, self._journey, received, asked, limiter=self._limiter)
        except Busy as fault:
            LIMITED.labels(fault.facts["policy"], fault.facts["limit"]).inc()
            raise
        if not found:
            return {**_no_match(received), "reason_code": "counting"}
        _count(found)
        return self._pending(received, found)

    async def _watch(self, received: Received, matches: Sequence[Match]) -> None:
        """Show what policies in monitor match. The caller's answer does not depend on it."""
        if not matches:
            return
        seen = await anyio.to_thread.run_sync(watch, self._journey, received, matches, limiter=self._limiter)
        for opened in seen:
            WATCHED.labels(opened.request.policy_id.partition("/")[0]).inc()

    def _pending(self, received: Received, found: Sequence[Asked]) -> dict[str, Any]:
        requests = [one.request for one in found]
        name = requests[0].id if len(requests) == 1 else group_id_of(received)
        url = f"{self._url}/v1/requests/{name}"
        answered: dict[str, Any] = {
            "id": name,
            "status": worst_of(requests).state.value,
            "url": url,
            "wait_url": f"{url}?wait=30",
            "expires_at": stamp(max((one.expires_at for one in requests if one.expires_at), default=None)),
        }
        if len(found) > 1:
            answered["requests"] = [_one_of(one) for one in found]
        elif found[0].opened.is_repeat:
            answered |= {"repeat": True, "own_id": found[0].own_id}
        return answered

    @staticmethod
    def _single(result: dict[str, Any]) -> Response:
        if "id" not in result:
            return answer(result)
        headers = {"location": f"/v1/requests/{result['id']}", "retry-after": str(POLL_AFTER_S)}
        return answer(result, 202, headers)

    @staticmethod
    def _batch(results: list[dict[str, Any]]) -> Response:
        matched = sum("id" in result for result in results)
        body = {"received": len(results), "matched": matched, "results": results}
        return answer(body, 202 if matched else 200)


def _own_key(proven: Proven, one: Judged, *, is_batch: bool) -> str:
    """What names an event without an id of its own: the message it came in, where that has one."""
    return proven.event_id if not is_batch and one.event is not None and not one.event.id else ""


def worst_of(requests: Sequence[Request]) -> Request:
    """The request whose answer counts for all: any no first, then any that waits, then a yes with less, then a yes."""
    return min(requests, key=lambda one: (one.allowed, one.state.value == "pending", not terms_of(one)))


def _one_of(asked: Asked) -> dict[str, Any]:
    request = asked.request
    told = {"id": request.id, "policy": request.policy_id, "status": request.state.value}
    return {**told, "repeat": True, "own_id": asked.own_id} if asked.opened.is_repeat else told


def _count(found: Sequence[Asked]) -> None:
    """Count what became of the questions of one event; what was counted at its first delivery is not counted again."""
    for one in found:
        dedupe = one.match.policy.dedupe
        if one.opened.how == "repeat" and dedupe is not None:
            REPEATS.labels(one.match.policy.id, dedupe.on_repeat).inc()
        if one.opened.how == "new" and one.unkeyed:
            UNKEYED.labels(one.match.policy.id).inc()


def _captured(received: Received, one: Judged) -> Captured:
    verdict = ",".join(match.policy.id for match in one.matches) or "-"
    body = one.raw or _written(received.event.raw)
    keep_s = received.source.replay_window_s
    headers = orjson.dumps(dict(received.event.headers)) if received.event.headers else b""
    return Captured(received.source.name, received.identity, received.digest, verdict, body, keep_s, headers)


def _written(event: Mapping[str, Any]) -> bytes:
    """An event of an array as JSON again. orjson takes no integer beyond 64 bits; JSON does, and so do we."""
    try:
        return orjson.dumps(event)
    except TypeError:
        return json.dumps(event, ensure_ascii=False).encode()


def _no_match(received: Received) -> dict[str, Any]:
    if received.source.on_no_match == "deny":
        return {"status": "denied", "allowed": False, "reason_code": "no_match"}
    return {"status": "no_match"}


def _refused(fault: ApprovalBotError) -> dict[str, Any]:
    return {"status": "refused", "code": fault.code, "detail": fault.text()}


def _reused() -> Conflict:
    return Conflict(
        "event_id_reused",
        "An event with this id was received with another body.",
        hint="Give every event an id of its own.",
    )
