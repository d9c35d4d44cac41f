"""One person's session with the local API: signing in, and calls that say in the page's words what cannot be done."""

from types import TracebackType
from typing import Self

import httpx

from approvalbot.workspace.errors import Json
from approvalbot.workspace.loopback import plain_http


class CannotDo(Exception):
    """The page would not let this person do that; the message is the page's own sentence."""

    def __init__(self, sentence: str, status: int) -> None:
        super().__init__(sentence)
        self.status = status


class NothingHappened(Exception):
    """What was waited for did not come in time."""


class Session:
    """A signed-in person."""

    def __init__(self, url: str, *, user: str, timeout_s: float = 30.0) -> None:
        self.user = user
        self._http = httpx.Client(base_url=url, timeout=timeout_s, **plain_http())
        self._call("POST", "session", {"user": user})

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the session's connections."""
        self._http.close()

    def _call(self, method: str, path: str, body: Json | None = None) -> Json:
        response = self._http.request(method, f"/local/{path}", json=body)
        answer: Json = response.json()
        if response.is_error:
            raise CannotDo(answer["error"], response.status_code)
        return answer


def name_of(channel: str) -> str:
    """A channel as it stands in a path: without the #, which would begin a fragment."""
    return channel.removeprefix("#")
