"""Who is on call in a test, and how the vendor that knows it behaves."""

from dataclasses import dataclass, field, fields
from typing import Any

import anyio
import orjson
from starlette.requests import Request
from starlette.responses import Response

TOKEN = "the-token-of-the-rota"


@dataclass
class Rota:
    """Who is on call, and how the vendor behaves. `status` and `body` answer everything; `slow_s` holds each answer."""

    schedules: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    """By id: a name, and the e-mails of those on call."""
    policies: dict[str, tuple[str, list[list[str]]]] = field(default_factory=dict)
    """By id: a name, and the e-mails of each level."""
    bare_users: bool = False
    gone: set[str] = field(default_factory=set)
    per_page: int = 100
    status: int | None = None
    body: bytes = b"{}"
    slow_s: float = 0.0
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def forget(self) -> None:
        """As it was at the start, at the same address."""
        new = Rota(url=self.url)
        for one in fields(self):
            setattr(self, one.name, getattr(new, one.name))

    async def first(self, request: Request) -> Response | None:
        self.asked.append(request.url.path + (f"?{request.url.query}" if request.url.query else ""))
        if self.slow_s:
            await anyio.sleep(self.slow_s)
        return None if self.status is None else Response(self.body, self.status)

    def everybody(self) -> list[str]:
        people = [email for _, on_call in self.schedules.values() for email in on_call]
        people += [email for _, levels in self.policies.values() for level in levels for email in level]
        return sorted(set(people))

    def user_id(self, email: str) -> str:
        return f"PU{self.everybody().index(email):06d}"


def answer(document: Any, status: int = 200) -> Response:
    return Response(orjson.dumps(document), status, media_type="application/json")
