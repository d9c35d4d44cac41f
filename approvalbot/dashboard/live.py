"""A page learns that its request, or its list, has changed: one event, and the page draws itself anew."""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from functools import partial

import anyio.to_thread
from starlette.requests import Request as HttpRequest
from starlette.responses import Response, StreamingResponse

from approvalbot.dashboard.door import Door
from approvalbot.dashboard.viewer import Viewer, may_see
from approvalbot.errors import ApprovalBotError, BadInput, NotAllowed
from approvalbot.store.requests import RequestStore
from approvalbot.store.trail import TrailStore
from approvalbot.web.problems import problem_of
from approvalbot.web.streaming import COMMENT_S, HEADERS, RETRY_MS, event
from approvalbot.web.waiting import ANYTHING, Changes, heard

MOST_ROUNDS = 240
"""Looks of one stream: an hour of silence, then the page asks again."""


@dataclass(frozen=True, slots=True)
class Live:
    """Tells pages of changes."""

    door: Door
    requests: RequestStore
    trail: TrailStore
    changes: Changes

    async def lists(self, http_request: HttpRequest) -> Response:
        """`GET /live?after=N`: `changed` as soon as the trail has more than N entries, whatever they are about."""
        try:
            after = await anyio.to_thread.run_sync(self._asked_of_lists, http_request, limiter=self.door.limiter)
        except ApprovalBotError as fault:
            return problem_of(fault)
        newer = partial(self._grown, after)
        return StreamingResponse(self._changed(ANYTHING, newer), media_type="text/event-stream", headers=HEADERS)

    async def request(self, http_request: HttpRequest) -> Response:
        """`GET /requests/{id}/live?version=N`: `changed` as soon as the request is newer than that."""
        try:
            name, version = await anyio.to_thread.run_sync(self._asked, http_request, limiter=self.door.limiter)
        except ApprovalBotError as fault:
            return problem_of(fault)
        newer = partial(self._moved_on, name, version)
        return StreamingResponse(self._changed(name, newer), media_type="text/event-stream", headers=HEADERS)

    def _asked(self, http_request: HttpRequest) -> tuple[str, int]:
        viewer = self._viewer(http_request)
        name, version = str(http_request.path_params["id"]).upper(), http_request.query_params.get("version", "")
        if not name.isalnum() or len(name) > 40 or not is_number(version):
            raise BadInput("parameter_invalid", "That is no request, or no version of one.")
        case, _ = self.requests.load(name)
        if not may_see(viewer, case, self.door.journey):
            raise NotAllowed("not_allowed", "You have no part in this request.")
        return case.request.id, int(version)

    def _asked_of_lists(self, http_request: HttpRequest) -> int:
        self._viewer(http_request)
        after = http_request.query_params.get("after", "")
        if not is_number(after):
            raise BadInput("parameter_invalid", "after is the number of an entry.")
        return int(after)

    def _viewer(self, http_request: HttpRequest) -> Viewer:
        viewer = self.door.viewer(http_request)
        if viewer is None:
            raise NotAllowed("not_signed_in", "Nobody is signed in.", hint="Sign in again.")
        return viewer

    def _moved_on(self, name: str, version: int) -> int | None:
        """The number of the change, if the request is newer than that."""
        found = self.requests.find(name)
        return version if found is None or found.version > version else None

    def _grown(self, after: int) -> int | None:
        total = self.trail.total()
        return total if total > after else None

    async def _changed(self, name: str, newer: Callable[[], int | None]) -> AsyncIterator[bytes]:
        yield b"retry: %d\n\n" % RETRY_MS
        async with self.changes.waiting(name) as changed:
            for turn in range(MOST_ROUNDS):
                changed.clear()
                number = await anyio.to_thread.run_sync(newer)
                if number is not None:
                    yield event("changed", {}, number)
                    return
                if turn % 3 == 2:
                    yield b": still here\n\n"
                await heard(changed, COMMENT_S)


def is_number(written: str) -> bool:
    """Whether a text is a whole number that we could have written."""
    return written.isascii() and written.isdigit() and len(written) <= 12
