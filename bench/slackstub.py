"""The least of Slack that a bench needs: it answers the methods the bot calls and notes when each card came.

`GET /posted` gives every card with its request, where it stands, its Approve value and when its post arrived (seconds
of the machine's monotonic clock, which all processes share). It checks nothing: the local workspace does that, slower.
"""

import re
import sys
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from approvalbot.slack.cardbuttons import APPROVE
from bench.crowd import APPROVERS, TEAM
from bench.documents import CHANNEL, GROUPS

APP, BOT, CHANNEL_ID = "A0BENCH", "B0BENCH", "C0BENCH"

Json = dict[str, Any]

_VALUE = re.compile(rb'"value":\s*"(([0-9A-Z]{20})\.[0-9]+\.[A-Za-z0-9_-]{16})"')
_PRESSABLE = APPROVE.encode()


class Slack:
    """What was posted."""

    def __init__(self) -> None:
        self._posted: list[Json] = []
        self._count = 0

    def post(self, body: bytes, at: float) -> Json:
        """Note a message, if it is a card that can be pressed."""
        self._count += 1
        ts = f"1772539200.{self._count:06}"
        found = _VALUE.search(body) if _PRESSABLE in body else None
        if found is not None:
            value, request = found[1].decode(), found[2].decode()
            self._posted.append({"request": request, "value": value, "ts": ts, "at": at})
        return {"channel": CHANNEL_ID, "ts": ts, "message": {"ts": ts}}

    async def answer(self, http_request: Request) -> Response:
        """Answer one method."""
        at = time.monotonic()
        body = await http_request.body()
        method = http_request.path_params["method"]
        if method == "chat.postMessage":
            return _ok(self.post(body, at))
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()} if body[:1] != b"{" else {}
        return _ok(METHODS[method](form) if method in METHODS else {})

    async def posted(self, _http_request: Request) -> Response:
        """Everything that was posted."""
        return Response(orjson.dumps(self._posted))


def _ok(answer: Json) -> Response:
    return Response(orjson.dumps({"ok": True, **answer}), media_type="application/json")


def _user(form: Json) -> Json:
    name = str(form.get("user", ""))
    profile = {"real_name": name.title(), "email": f"{name.lower()}@example.com"}
    facts = dict.fromkeys(("deleted", "is_bot", "is_app_user", "is_restricted", "is_ultra_restricted"), False)
    return {"user": {"id": name, "team_id": TEAM, **facts, "profile": profile}}


def _members(form: Json) -> Json:
    place = int(str(form["usergroup"]).removeprefix("S0"))
    return {"users": [slack for number, slack in enumerate(APPROVERS) if number % len(GROUPS) == place]}


METHODS: dict[str, Callable[[Json], Json]] = {
    "auth.test": lambda _: {"team_id": TEAM, "user_id": "U0BENCHBOT", "bot_id": BOT, "url": "http://127.0.0.1/"},
    "bots.info": lambda _: {"bot": {"id": BOT, "app_id": APP}},
    "conversations.list": lambda _: {"channels": [{"id": CHANNEL_ID, "name": CHANNEL[1:]}]},
    "conversations.open": lambda _: {"channel": {"id": "D0BENCH"}},
    "usergroups.list": lambda _: {
        "usergroups": [{"id": f"S0{place}", "handle": group[1:]} for place, group in enumerate(GROUPS)]
    },
    "usergroups.users.list": _members,
    "users.info": _user,
}


def main() -> None:
    """Serve on the port that is given."""
    slack = Slack()
    routes = [
        Route("/api/{method}", slack.answer, methods=["POST"]),
        Route("/posted", slack.posted, methods=["GET"]),
    ]
    app = Starlette(routes=routes)
    uvicorn.run(app, host="127.0.0.1", port=int(sys.argv[1]), log_config=None, access_log=False)


if __name__ == "__main__":
    main()
