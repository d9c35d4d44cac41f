"""A page learns that its request has changed: one event, and the page draws itself anew."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import anyio.to_thread
from starlette.requests import Request as HttpRequest
from starlette.responses import Response, StreamingResponse

from approvalbot.dashboard.door import Door
from approvalbot.dashboard.viewer import Viewer, may_see
from approvalbot.errors import ApprovalBotError, BadInput, NotAllowed
from approvalbot.store.requests import RequestStore
from approvalbot.web.problems import problem_of
from approvalbot.web.streaming import COMMENT_S, HEADERS, RETRY_MS, event
from approvalbot.web.waiting import Changes, heard

MOST_ROUNDS = 240
"""Looks of one stream: an hour of silence, then the page asks again."""


@dataclass(frozen=True, slots=True)
class Live:
    """Tells pages of changes."""

    door: Door
    requests: RequestStore
    changes: Changes

    async def request(self, http_request: HttpRequest) -> Response:
        """`GET /requests/{id}/live?version=N`: `changed` as soon as the request is newer than that."""
        try:
            name, version = await anyio.to_thread.run_sync(self._asked, http_request, limiter=self.door.limiter)
        except ApprovalBotError as fault:
            return problem_of(fault)
        return StreamingResponse(self._changed(name, version), media_type="text/event-stream", headers=HEADERS)

    def _asked(self, http_request: HttpRequest) -> tuple[str, int]:
        viewer: Viewer | None = self.door.viewer(http_request)
        if viewer is None:
            raise NotAllowed("not_signed_in", "Nobody is signed in.", hint="Sign in again.")
        name, version = str(http_request.path_params["id"]).upper(), http_request.query_params.get("version", "")
        if not name.isalnum() or len(name) > 40 or not version.isdigit() or len(version) > 9:
            raise BadInput("parameter_invalid", "That is no request, or no version of one.")
        case, _ = self.requests.load(name)
        if not may_see(viewer, case, self.door.journey.people):
            raise NotAllowed("not_allowed", "You have no part in this request.")
        return case.request.id, int(version)

    async def _changed(self, name: str, version: int) -> AsyncIterator[bytes]:
        yield b"retry: %d\n\n" % RETRY_MS
        async with self.changes.waiting(name) as changed:
            for turn in range(MOST_ROUNDS):
                changed.clear()
                found = await anyio.to_thread.run_sync(self.requests.find, name)
                if found is None or found.version > version:
                    yield event("changed", {}, version)
                    return
                if turn % 3 == 2:
                    yield b": still here\n\n"
                await heard(changed, COMMENT_S)
