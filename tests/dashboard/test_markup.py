"""Nothing that anybody wrote is markup on any page (threat 49): events, policies, people, reasons, faults, forms."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

import pytest
from redis import Redis

from tests.bot import CLIENT_SECRET, Bot, running_bot
from tests.dashboard.access import held_by
from tests.dashboard.conftest import ADMIN, ROLES, Browser, Open
from tests.dashboard.test_admin_pages import dead_letter
from tests.dashboard.test_requests import asked

PAGES: tuple[str, ...] = (
    "/",
    "/policies",
    "/policies/prod-deploy-gate",
    "/explain",
    "/insight",
    "/trail",
    "/deliveries",
    "/sources",
)
PAGES += ("/access?show=all", "/access/prod-database", "/grants", "/grants?show=ended")
PAGES += ("/people", "/people/dan", "/system", "/passkeys")

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "{{7*7}}{% raw %}",
    "</textarea></script><svg/onload=alert(1)>",
    "javascript:alert(1)",
    "\u202egnp.exe\u200b\u0007",
    "&lt;b&gt;&#x3c;",
)
EVERYTHING = " ".join(HOSTILE)


class Elements(HTMLParser):
    """Every element of a page with its attributes; scripts, handlers and addresses among them."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.addresses += [value or "" for name, value in attrs if name in {"href", "src", "action"}]


def check_harmless(page: str) -> None:
    """Nothing of what was planted became markup."""
    found = Elements()
    found.feed(page)
    assert not {"img", "iframe", "object", "style"} & (found.tags - {"img"}), "no element of theirs"
    assert page.count("<img") == page.count('<img src="/static/icon.svg"')
    assert page.count("<script") == len(re.findall(r'<script src="/static/[a-z]+\.js" defer></script>', page))
    assert page.count("<svg") == len(re.findall(r"<svg (class|viewBox)=", page))
    assert not {name for name in found.attributes if name.startswith("on")} | ({"style"} & found.attributes)
    assert not [one for one in found.addresses if one.lower().startswith(("javascript", "data", "//"))]
    assert "\u202e" not in page
    assert "\u200b" not in page
    assert "\u0007" not in page


@pytest.fixture
def hostile(redis: Redis, valkey_url: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bot]:
    """A bot whose policies, people and events say nothing but attacks."""
    text = EVERYTHING.replace("\u0007", "")
    plain = text.replace("{{", "{")
    changes: dict[str, Any] = {
        "prod-deploy-gate": {
            "title": plain[:120],
            "owner": plain,
            "description": text,
            "message": {"summary": text},
        },
        "prod-database": {
            "title": plain[:120],
            "owner": "owners",
            "description": text,
            "tags": list(HOSTILE[:6]),
            "inputs": [{"id": "database", "label": plain[:70]}],
            "grant": {"how_to_use": text, "extend": {"by": "1h"}},
        },
        "people": {
            "owner": plain,
            "roles": {**ROLES, "owners": ["cat"]},
            "people": [
                {"id": "cat", "name": text, "slack": ADMIN, "emails": [text], "github": text},
                {"id": "bob", "name": text + "b", "slack": "U0BOB", "manager": "cat"},
                {"id": "dan", "name": text + "d", "slack": "U0DAN"},
                {"id": "eve", "name": text + "e", "slack": "U0EVE", "emails": ["eve@example.com"]},
            ],
        },
    }
    settings = {"slack_client_id": "111.222", "slack_client_secret": CLIENT_SECRET, "approvalbot_admins": ADMIN}
    with running_bot(valkey_url, tmp_path, monkeypatch, changes=changes, settings=settings) as running:
        yield running


def test_nothing_that_anybody_wrote_is_markup_on_any_page(hostile: Bot, redis: Redis) -> None:
    """Threat 49. Every field that others fill is an attack: events, policies, people, reasons, faults."""
    name = asked(
        hostile,
        actor={"id": EVERYTHING, "name": EVERYTHING},
        resource={"id": EVERYTHING},
        sha=EVERYTHING,
        ref=EVERYTHING,
    )
    dead_letter(redis, fault=EVERYTHING)
    cat = Browser(hostile, hostile.http)
    assert cat.sign_in(ADMIN).status_code == 303
    bob, eve = Browser(hostile, hostile.http), Browser(hostile, hostile.http)
    bob.sign_in("U0BOB")
    eve.sign_in("U0EVE")
    denied = asked(hostile, id="d2", sha=EVERYTHING)
    assert bob.decide(denied, "deny", reason_code="other", reason=EVERYTHING[:500]).status_code == 303
    held = held_by(eve, bob, **{"input.database": EVERYTHING[:200], "reason": EVERYTHING[:500]})
    assert hostile.request(held).state.value == "active"
    file = hostile.house.settings.approvalbot_policies / "all.yaml"
    whole = file.read_text(encoding="utf-8")
    file.write_text(whole.replace("request: gate", "request: '<img src=x onerror=alert(1)>'", 1), encoding="utf-8")
    hostile.house.keeper.reload()

    paths = [
        *PAGES,
        f"/requests/{name}",
        f"/requests/{denied}",
        f"/requests/{held}",
        "/?show=settled",
        "/people/cat",
        "/trail?text=alert",
        "/policies?q=script",
    ]
    paths += [f"{path}?q={quote(one)}" for path in ("/policies", "/people") for one in HOSTILE]
    paths += [f"{path}{quote(one)}" for path in ("/grants?person=", "/access?show=all&q=") for one in HOSTILE]
    paths += [f"/?show=settled&person={quote(one)}" for one in HOSTILE]
    paths += [f"/trail?person={quote(one)}&what={quote(one)}" for one in HOSTILE]
    for path in paths:
        page = cat.get(path)
        assert page.status_code == 200, path
        check_harmless(page.text)
        assert "{{7*7}}" in page.text or "49" not in re.sub(r"\w*49\w*", "", page.text)
    for path in ("/access", "/access/prod-database", "/grants", f"/requests/{held}"):
        check_harmless(eve.get(path).text)
    assert "alert(1)" in eve.get("/access").text
    assert "alert(1)" in cat.get(f"/requests/{name}").text, "it is shown as what it is"


@pytest.mark.parametrize("one", HOSTILE)
def test_nothing_that_a_form_says_is_markup(of_roles: Bot, browser_of: Open, one: str) -> None:
    cat = browser_of("U0CAT")
    csrf = cat.forms("/")["/signout#"]

    for path, form in (
        ("/explain", {"event": one, "source": one}),
        ("/trail/export", {"format": one, "after": one}),
        ("/deliveries/resend", {"effect": one}),
        ("/people/sessions/end", {"person": one}),
        ("/access/prod-database", {"key": "k" * 16, "duration": one, "reason": one, "input.database": one}),
        ("/access/prod-database", {"key": "k" * 16, "duration": "900", "reason": one, "input.database": one}),
    ):
        answer = cat.post(path, {**csrf, **form})
        assert answer.status_code in {400, 404, 422}, path
        check_harmless(answer.text)
