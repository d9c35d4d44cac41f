"""What the tests of access on the dashboard share: a wish from the browser, and access that runs."""

import contextlib
import html
import re
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx

from tests.bot import CLIENT_SECRET, Bot, running_bot
from tests.dashboard.conftest import ADMIN, ROLES, Browser
from tests.journeys.holding import EXTENDABLE

WISH = {"duration": "900", "input.database": "shop", "reason": "the stuck order queue"}
OWNED = {"people": {"roles": ROLES}}
"""Cat owns the entitlement by a role, and is an admin; Dan, who approves, is a viewer; Eve and Ann have no role."""

Run = Callable[..., Any]


def plain(page: str) -> str:
    """A page as its reader reads it: without what marks it up."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", page)).split())


@contextlib.contextmanager
def access_bot(valkey_url: str, tmp_path: Path, monkeypatch: Any, **changes: Any) -> Iterator[Bot]:
    """A bot whose dashboard people sign in to, with an entitlement that Cat owns."""
    settings = {"slack_client_id": "111.222", "slack_client_secret": CLIENT_SECRET, "approvalbot_admins": ADMIN}
    terms = {"grant": {"extend": EXTENDABLE}, **changes}
    with running_bot(
        valkey_url, tmp_path, monkeypatch, changes={"prod-database": terms, **OWNED}, settings=settings
    ) as running:
        yield running


def wish(browser: Browser, **changes: str) -> httpx.Response:
    """Fill in the form of the entitlement and send it."""
    fields = browser.forms("/access/prod-database")["/access/prod-database#"]
    return browser.post("/access/prod-database", {**fields, **WISH, **changes})


def asked_by(browser: Browser, **changes: str) -> str:
    """Ask from the browser; gives the request's id."""
    answer = wish(browser, **changes)
    assert answer.status_code == 303, plain(answer.text)
    return str(answer.headers["location"]).partition("?")[0].rpartition("/")[2]


def settled(bot: Bot) -> None:
    """Everything said and done, also where a browser keeps this thread's event loop."""
    thread = threading.Thread(target=bot.settle)
    thread.start()
    thread.join()


def held_by(eve: Browser, dan: Browser, **changes: str) -> str:
    """Eve asks, Dan approves, access runs; gives the request's id."""
    name = asked_by(eve, **changes)
    settled(eve.bot)
    assert dan.decide(name, "approve").status_code == 303
    settled(eve.bot)
    return name


@contextlib.contextmanager
def browser_for(bot: Bot, user: str) -> Iterator[Browser]:
    """A browser for somebody of a bot that the test made itself."""
    with httpx.Client(base_url=bot.house.settings.url, trust_env=False, timeout=20) as client:
        made = Browser(bot, client)
        assert made.sign_in(user).status_code == 303
        yield made


def end(browser: Browser, name: str, **more: str) -> httpx.Response:
    fields = browser.forms("/")["/signout#"]
    return browser.post(f"/requests/{name}/end", {**fields, "form": "end", **more})


def extend(browser: Browser, name: str, **more: str) -> httpx.Response:
    fields = browser.forms(f"/requests/{name}").get(f"/requests/{name}/extend#") or browser.forms("/")["/signout#"]
    sent_with = {"key": "k" * 16, **fields, "duration": "1800", "reason": "the queue is still stuck", **more}
    return browser.post(f"/requests/{name}/extend", sent_with)
