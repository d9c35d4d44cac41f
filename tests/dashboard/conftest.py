"""Somebody's browser, without one: cookies as the dashboard sets them, forms as its pages hold them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from redis import Redis

from tests.bot import CLIENT_SECRET, Bot, running_bot

ADMIN = "U0CAT"


class Forms(HTMLParser):
    """The forms of a page: for each its address and its fields."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append((held.get("action", ""), {}))
        elif tag == "input" and self.found and held.get("type") == "hidden":
            self.found[-1][1][held["name"]] = held["value"]


@dataclass
class Browser:
    """One person's session with the dashboard. `Secure` cookies are kept over plain http, as on loopback."""

    bot: Bot
    http: httpx.Client
    cookies: dict[str, str] = field(default_factory=dict)

    def call(self, method: str, path: str, *, headers: dict[str, str] | None = None, **how: Any) -> httpx.Response:
        cookie = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        sent = {**({"cookie": cookie} if cookie else {}), **(headers or {})}
        answer = self.http.request(method, path, headers=sent, follow_redirects=False, **how)
        for line in answer.headers.get_list("set-cookie"):
            name, _, rest = line.partition("=")
            value = rest.partition(";")[0].strip('"')
            if "Max-Age=0" in line or not value:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        return answer

    def get(self, path: str, **how: Any) -> httpx.Response:
        return self.call("GET", path, **how)

    def post(self, path: str, form: dict[str, str], **headers: str) -> httpx.Response:
        sent = {"origin": self.bot.house.settings.url, "content-type": "application/x-www-form-urlencoded"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        return self.call("POST", path, content=urlencode(form), headers=sent)

    def forms(self, path: str) -> dict[str, dict[str, str]]:
        """The hidden fields of the forms of a page, by their address and, where one has it, its choice."""
        parser = Forms()
        parser.feed(self.get(path).text)
        found: dict[str, dict[str, str]] = {}
        for action, fields in parser.found:
            # Of two to approve, with the whole and with less, the whole stands first.
            found.setdefault(f"{action}#{fields.get('choice', '')}", fields)
        return found

    def decide(self, request_id: str, choice: str, **more: str) -> httpx.Response:
        """Fill in the form of a request's page and send it."""
        fields = self.forms(f"/requests/{request_id}")[f"/requests/{request_id}/decide#{choice}"]
        return self.post(f"/requests/{request_id}/decide", {**fields, **more})

    def begin(self, where: str = "/") -> dict[str, str]:
        """Begin to sign in; gives what Slack is asked."""
        answer = self.get(f"/signin/slack?next={where}")
        assert answer.status_code == 303, answer.text
        return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["location"]).query).items()}

    def consent(self, asked: dict[str, str], user: str) -> str:
        """Say in the workspace who one is; gives the address to come back to."""
        form = {**asked, "user": user}
        answer = httpx.post(f"{self.bot.workspace}/openid/connect/authorize", data=form, trust_env=False)
        assert answer.status_code == 302, answer.text
        return str(answer.headers["location"])

    def sign_in(self, user: str, where: str = "/") -> httpx.Response:
        back = urlsplit(self.consent(self.begin(where), user))
        return self.get(f"{back.path}?{back.query}")


Open = Callable[[str], Browser]


@pytest.fixture
def dashboard(redis: Redis, valkey_url: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bot]:
    """A bot whose dashboard people can sign in to; Cat is its admin."""
    settings = {"slack_client_id": "111.222", "slack_client_secret": CLIENT_SECRET, "approvalbot_admins": ADMIN}
    with running_bot(valkey_url, tmp_path, monkeypatch, settings=settings) as running:
        yield running


ROLES = {"viewer": ["dan"], "auditor": ["bob"], "team-platform": ["cat"]}
"""Roles in `of_roles`; Cat is an admin by the settings and owns the entitlement, Ann and Eve have none."""


@pytest.fixture
def of_roles(redis: Redis, valkey_url: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bot]:
    """The same, with a viewer and an auditor, a manager, tests in a policy, and access that can be extended."""
    settings = {"slack_client_id": "111.222", "slack_client_secret": CLIENT_SECRET, "approvalbot_admins": ADMIN}
    access = {
        "grant": {"extend": {"max_times": 2, "by": "1h"}},
        "requestable_by": [{"usergroup": "@engineers"}, {"role": "team-platform"}],
    }
    changes = {"people": {"roles": ROLES}, "prod-deploy-gate": {"tests": TESTS}, "prod-database": access}
    with running_bot(valkey_url, tmp_path, monkeypatch, changes=changes, settings=settings) as running:
        yield running


TESTS = [
    {
        "name": "asks about production",
        "event": {"id": "t1", "action": "deploy.requested", "target": {"environment": "production"}},
        "expect": "match",
    },
    {
        "name": "asks about staging too, or so its author thinks",
        "event": {"id": "t2", "action": "deploy.requested", "target": {"environment": "staging"}},
        "expect": "match",
    },
]


@pytest.fixture
def browser_of(request: pytest.FixtureRequest) -> Iterator[Open]:
    """Opens a browser for a person, signed in; with an empty name nobody is. The bot is the one that the test has."""
    opened: list[httpx.Client] = []
    names = [name for name in ("of_roles", "dashboard") if name in request.fixturenames]
    bot: Bot = request.getfixturevalue(names[0] if names else "dashboard")

    def open_for(user: str) -> Browser:
        client = httpx.Client(base_url=bot.house.settings.url, trust_env=False, timeout=20)
        opened.append(client)
        made = Browser(bot, client)
        if user:
            answer = made.sign_in(user)
            assert answer.status_code == 303, answer.text
        return made

    yield open_for
    for client in opened:
        client.close()
