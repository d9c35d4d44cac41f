"""The waiting service's side: its requests, their answers, and using one up."""

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import anyio.to_thread
import orjson
from starlette.requests import Request as HttpRequest
from starlette.responses import Response, StreamingResponse

from approvalbot.answers.receipts import GOOD_FOR_S, Receipts
from approvalbot.errors import BadInput, Conflict, NotFound
from approvalbot.policy.environment import Source
from approvalbot.request.answer import answer_of, ends_at, etag_of, stamp, terms_of, terms_together
from approvalbot.request.request import Request, State
from approvalbot.request.trail import Record
from approvalbot.store import keys
from approvalbot.store.requests import Named, RequestStore
from approvalbot.web.bodies import read_body
from approvalbot.web.counts import WAITS
from approvalbot.web.delivery import delivery_of
from approvalbot.web.doors import Doors
from approvalbot.web.intake import worst_of
from approvalbot.web.problems import answer
from approvalbot.web.streaming import HEADERS, Streams, last_seen
from approvalbot.web.waiting import Changes, heard

LONGEST_WAIT_S = 55
"""Seconds of one long-poll: load balancers cut idle connections at 60 (protocols.md section 2)."""

_WAIT = re.compile(r"(?:^|[,;\s])wait=(\d{1,4})(?:$|[,;\s])")
_ID = re.compile(r"[0-9A-Z]{20}")


@dataclass(frozen=True, slots=True)
class RequestRoutes:
    """`/v1/requests`: a caller sees what its own source opened or joined, and nothing else."""

    store: RequestStore
    doors: Callable[[], Doors]
    changes: Changes
    receipts: Receipts
    public_keys: Mapping[str, Any]
    streams: Streams

    async def get(self, http_request: HttpRequest) -> Response:
        """The answer, at once or as soon as it is no longer pending, whichever the caller wants."""
        source = await self._source(http_request)
        wait_s, preferred = wait_of(http_request)
        named = await self._named(http_request.path_params["id"])
        found = await self._settled(named.ids, source.name, wait_s)
        body, tag = self._body(http_request.path_params["id"], named, found, accepts_less=_accepts_less(source))
        WAITS.labels(body["status"]).inc()
        headers = {"etag": tag, "cache-control": "private, no-cache"}
        if preferred:
            headers["preference-applied"] = f"wait={wait_s}"
        if body["status"] == State.PENDING.value:
            headers["retry-after"] = "1"
        if http_request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=headers)
        return answer(body, headers=headers)

    async def events(self, http_request: HttpRequest) -> Response:
        """The steps of one request as server-sent events; `Last-Event-ID` goes on after one."""
        source, name = await self._source(http_request), http_request.path_params["id"]
        (request,) = await self._settled((await self._named(name)).ids[:1], source.name, 0)
        after = last_seen(http_request.headers.get("last-event-id", ""))
        steps = self.streams.steps(request.id, after, _step)
        return StreamingResponse(steps, media_type="text/event-stream", headers=HEADERS)

    async def listed(self, http_request: HttpRequest) -> Response:
        """The caller's requests, newest first, with a cursor; `status` and `limit` narrow it."""
        source = await self._source(http_request)
        query = http_request.query_params
        status, limit = query.get("status"), _whole(query.get("limit"), "limit", 50, 200)
        if status is not None and status not in {state.value for state in State if state is not State.WATCHED}:
            raise BadInput("parameter_invalid", f"status={status[:40]!r} is no state of a request.")
        before = _cursor(query.get("cursor"))
        index = keys.of_source(source.name)
        page = await anyio.to_thread.run_sync(lambda: self.store.listed(index, before=before, most=limit))
        found = await anyio.to_thread.run_sync(self.store.find_many, [name for name, _ in page])
        accepts = _accepts_less(source)
        shown = [answer_of(one, accepts_less=accepts) for one in found if status in {None, one.state.value}]
        cursor = str(int(page[-1][1])) if page and len(page) == limit else None
        return answer({"requests": shown, "next_cursor": cursor})

    async def consume(self, http_request: HttpRequest) -> Response:
        """Use an approval up: 200 once, 409 ever after. What the body names must be what was approved."""
        source = await self._source(http_request)
        name = http_request.path_params["id"]
        told = _object(await read_body(http_request, 16 * 1024))
        named = await self._named(name)
        found = await self._settled(named.ids, source.name, 0)
        request = worst_of(found)
        decided = request.decision.at if request.decision else None
        if not all(one.allowed for one in found) or decided is None:
            raise Conflict("not_approved", f"This request is {request.state.value}; there is no approval to use.")
        if terms_of(request) and not _accepts_less(source):
            sentence = "This was approved with less than was asked, and your source does not say that it accepts that."
            raise Conflict("not_approved", sentence)
        # The store's own clock gave the decision its time, so it alone says how old that is.
        now = await anyio.to_thread.run_sync(self.store.now)
        if now > decided + timedelta(seconds=GOOD_FOR_S):
            raise Conflict("not_approved", "This approval is over a day old; ask again.")
        digest = told.get("event_digest")
        if digest is not None and digest != (named.event or request.event_digest):
            raise Conflict("not_approved", "The approval is for another content than event_digest names.")
        # An event that joined another's request uses its own share of the answer up, and not that of the other.
        for share in named.shares:
            if not await anyio.to_thread.run_sync(self.store.consume, share):
                raise Conflict("already_consumed", "This approval has been used already.")
        return answer({"id": name, "consumed": True})

    async def keys(self, _http_request: HttpRequest) -> Response:
        """The public keys that receipts verify with."""
        return answer(dict(self.public_keys), headers={"cache-control": "public, max-age=300"})

    async def _source(self, http_request: HttpRequest) -> Source:
        return (await self.doors().caller(delivery_of(http_request))).source

    async def _named(self, name: str) -> Named:
        """What an id stands for."""
        if not _ID.fullmatch(name):
            raise _unknown()
        return await anyio.to_thread.run_sync(self.store.named, name)

    async def _settled(self, ids: list[str], source: str, wait_s: int) -> list[Request]:
        """The requests, once none of them waits any more or the time is over."""
        until = time.monotonic() + wait_s
        async with self.changes.waiting(*ids) as event:
            while True:
                event.clear()
                found = await anyio.to_thread.run_sync(self.store.find_many, ids)
                if len(found) != len(ids) or not await self._are_of(source, found):
                    raise _unknown()
                left = until - time.monotonic()
                if worst_of(found).state is not State.PENDING or left <= 0:
                    return found
                await heard(event, left)

    async def _are_of(self, source: str, found: list[Request]) -> bool:
        """Whether a source opened all of these, or joined them by an event that asked the same."""
        # What a policy in monitor saw nobody asked for: it is in no source's list, so it is nobody's.
        others = [one.id for one in found if one.source != source or one.state is State.WATCHED]
        return not others or await anyio.to_thread.run_sync(self.store.are_of, source, others)

    def _body(self, name: str, named: Named, found: list[Request], *, accepts_less: bool) -> tuple[dict[str, Any], str]:
        chosen = worst_of(found)
        body = answer_of(chosen, accepts_less=accepts_less)
        if "terms" in body:
            body["terms"] = terms_together(found)
        if named.event:
            body |= {"id": name, "event_digest": named.event, "repeat_of": chosen.id}
        if chosen.decision is not None:
            body["receipt"] = self.receipts.sign(body, chosen.decision.at)
        if len(found) > 1:
            body["id"] = name
            body["requests"] = [{"id": one.id, "policy": one.policy_id, "status": one.state.value} for one in found]
        return body, etag_of(chosen)


def _accepts_less(source: Source) -> bool:
    return "less" in source.accepts


def _step(record: Record, request: Request) -> dict[str, Any]:
    """What a caller is told of a step: when, what, and how the request stands; no names of people who only looked."""
    entry = record.entry
    terms = terms_of(request)
    told = {"step": entry["n"], "at": entry["at"], "what": entry["what"], "status": request.state.value}
    told["expires_at"] = stamp(ends_at(request))
    return {**told, "terms": terms} if terms else told


def wait_of(http_request: HttpRequest) -> tuple[int, bool]:
    """How long to wait, in seconds, and whether `Prefer: wait=` said so (RFC 7240). At most `LONGEST_WAIT_S`."""
    if "wait" in http_request.query_params:
        return _whole(http_request.query_params["wait"], "wait", 0, LONGEST_WAIT_S), False
    preferred = _WAIT.search(http_request.headers.get("prefer", ""))
    return (min(int(preferred[1]), LONGEST_WAIT_S), True) if preferred else (0, False)


def _whole(text: str | None, name: str, otherwise: int, most: int) -> int:
    if text is None:
        return otherwise
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        raise BadInput("parameter_invalid", f"{name}={text[:20]!r} is no whole number.", hint=f"Write 0 to {most}.")
    return min(int(text), most)


def _cursor(text: str | None) -> float | None:
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 15:
        raise BadInput("parameter_invalid", "That cursor is none of ours.")
    return float(text)


def _object(body: bytes) -> Mapping[str, Any]:
    if not body.strip():
        return {}
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError as fault:
        raise BadInput("body_invalid", f"The body is no JSON: {fault}.") from fault
    if not isinstance(value, dict):
        raise BadInput("body_invalid", "The body is a JSON object or empty.")
    return value


def _unknown() -> NotFound:
    return NotFound("unknown_request", "No request of yours has this id.")
