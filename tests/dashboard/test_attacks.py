"""Every page and form against what strangers and insiders try (threats 49, 50, 53): one table of pages for all."""

import re
from urllib.parse import quote

import pytest
from redis import Redis
from starlette.routing import Route

from approvalbot.wiring.webside import make_asgi
from tests.bot import Bot
from tests.dashboard.conftest import ADMIN, Open
from tests.dashboard.test_admin_pages import dead_letter
from tests.dashboard.test_markup import check_harmless
from tests.dashboard.test_requests import asked

ALL, VIEWER, AUDITOR, CAT = (
    {"U0EVE", "U0DAN", "U0BOB", "U0CAT"},
    {"U0DAN", "U0BOB", "U0CAT"},
    {"U0BOB", "U0CAT"},
    {ADMIN},
)

PAGES: dict[str, set[str]] = {
    "/": ALL,
    "/access": ALL,
    "/access/prod-database": ALL,
    "/grants": ALL,
    "/policies": VIEWER,
    "/policies/prod-deploy-gate": VIEWER,
    "/explain": AUDITOR,
    "/insight": VIEWER,
    "/trail": AUDITOR,
    "/deliveries": CAT,
    "/sources": CAT,
    "/people": ALL,
    "/people/dan": {"U0DAN", *AUDITOR},
    "/passkeys": ALL,
    "/system": ALL,
}
"""Who may read which page: Eve has no role, Dan is a viewer, Bob an auditor, Cat an admin."""

FORMS: dict[str, tuple[set[str], dict[str, str], int]] = {
    "/access/prod-database": (ALL, {"key": "k" * 16, "duration": "soon"}, 400),
    "/explain": (AUDITOR, {"event": "{}", "source": "deploy-tool"}, 200),
    "/trail/verify": (AUDITOR, {}, 200),
    "/trail/export": (AUDITOR, {"format": "jsonl", "after": ""}, 200),
    "/deliveries/resend": (CAT, {"effect": "nobody"}, 404),
    "/people/sessions/end": (CAT, {"person": "nobody"}, 400),
}
"""Who may send which form, what it holds, and how it is answered then."""


def test_each_page_is_for_its_role_and_for_nobody_who_is_not_signed_in(of_roles: Bot, browser_of: Open) -> None:
    browsers = {user: browser_of(user) for user in sorted(ALL)}
    stranger = browser_of("")

    seen = {path: {user for user, one in browsers.items() if one.get(path).status_code == 200} for path in PAGES}

    assert seen == PAGES
    for path in PAGES:
        answer = stranger.get(path)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/signin?next={quote(path, safe='')}")


@pytest.mark.parametrize("path", FORMS)
def test_each_form_is_for_its_role(of_roles: Bot, browser_of: Open, path: str) -> None:
    allowed, form, status = FORMS[path]

    for user in ALL:
        one = browser_of(user)
        answer = one.post(path, {**one.forms("/")["/signout#"], **form})
        assert answer.status_code == (status if user in allowed else 403), user


ELSEWHERE: tuple[dict[str, str], ...] = (
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": ""},
    {"sec_fetch_site": "cross-site"},
    {"sec_fetch_site": "same-site"},
    {"content_type": "text/plain"},
    {"content_type": "application/json"},
)


@pytest.mark.parametrize("path", FORMS)
def test_no_form_comes_from_elsewhere(of_roles: Bot, browser_of: Open, redis: Redis, path: str) -> None:
    """Threat 50."""
    cat = browser_of("U0CAT")
    csrf = cat.forms("/")["/signout#"]
    theirs = browser_of("U0BOB").forms("/")["/signout#"]
    before = held(redis)

    answers = [cat.post(path, {**csrf, **FORMS[path][1]}, **how) for how in ELSEWHERE]
    answers += [cat.post(path, {**word, **FORMS[path][1]}) for word in ({}, {"csrf": ""}, {"csrf": "x"}, theirs)]

    assert [answer.status_code for answer in answers] == [*[403] * 5, *[415] * 2, *[403] * 4]
    assert held(redis) == before


@pytest.mark.parametrize("path", FORMS)
def test_only_a_post_does_anything(of_roles: Bot, browser_of: Open, redis: Redis, path: str) -> None:
    cat = browser_of("U0CAT")
    before = held(redis)

    for method in ("GET", "HEAD", "PUT", "DELETE", "PATCH"):
        answer = cat.call(method, f"{path}?effect=x&format=csv&person=U0BOB&event=1")
        shows = path in {"/explain", "/access/prod-database"} and method in {"GET", "HEAD"}
        assert answer.status_code == (200 if shows else 405), method

    assert held(redis) == before


def held(redis: Redis) -> dict[bytes, bytes]:
    """All that is kept, but for the marks that a session and a look-up leave, and counts made from the trail."""
    aside = (b"ab:session", b"ab:people", b"ab:statistics")
    return {key: redis.dump(key) or b"" for key in redis.scan_iter("*") if not key.startswith(aside)}


def test_no_get_changes_anything(of_roles: Bot, browser_of: Open, redis: Redis) -> None:
    """Threat 50: prefetching, previews in Slack, a crawler with a cookie."""
    name = asked(of_roles)
    dead_letter(redis)
    cat = browser_of("U0CAT")
    before = held(redis)

    for path in (
        *PAGES,
        f"/requests/{name}",
        f"/requests/{name}/event",
        "/?show=settled",
        "/signin",
        "/static/live.js",
    ):
        for method in ("GET", "HEAD"):
            for headers in ({}, {"purpose": "prefetch", "sec-purpose": "prefetch"}, {"user-agent": "Slackbot 1.0"}):
                cat.call(method, path, headers=headers)

    assert held(redis) == before


def test_every_page_carries_what_keeps_a_browser_in_check(of_roles: Bot, browser_of: Open) -> None:
    """Threats 49 and 53."""
    cat = browser_of("U0CAT")

    for path in (*PAGES, "/people/nobody", "/policies/nothing", "/?show=x", "/signin"):
        answer = cat.get(path)
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy, path
        assert "frame-ancestors 'none'" in policy, path
        assert "unsafe" not in policy, path
        assert answer.headers["x-frame-options"] == "DENY", path
        assert answer.headers["x-content-type-options"] == "nosniff", path
        assert answer.headers["cache-control"] == "no-store", path
        check_harmless(answer.text)


def test_what_is_downloaded_is_never_a_page(of_roles: Bot, browser_of: Open) -> None:
    cat = browser_of("U0CAT")

    answer = cat.post("/trail/export", {**cat.forms("/trail")["/trail/export#"], "format": "csv"})

    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert answer.headers["cache-control"] == "no-store"


JUNK: tuple[str, ...] = (
    "",
    "x",
    "0",
    "-1",
    "1e9",
    "9" * 400,
    "%00",
    "%ff%fe",
    "%ed%a0%80",
    "a" * 1000,
    "../..",
    "{{7*7}}",
    "*",
    "[a",
)
JUNK += ("%0d%0aset-cookie:x=1", "\\u0000", "%F0%9F%92%A9", "%u0041", ";drop", "true", "null", "\N{SUPERSCRIPT TWO}")


WORDS: tuple[str, ...] = (
    "q",
    "page",
    "days",
    "before",
    "since",
    "until",
    "request",
    "person",
    "what",
    "text",
    "show",
    "policy",
)
WORDS += ("source", "severity", "kind", "outcome", "sent", "ended", "after")


@pytest.mark.parametrize("path", PAGES)
def test_no_query_breaks_a_page(of_roles: Bot, browser_of: Open, path: str) -> None:
    cat = browser_of("U0CAT")

    for junk in JUNK:
        answers = [cat.get(f"{path}?{word}={junk}") for word in WORDS if path not in {"/sources", "/system"}]
        answers.append(cat.get(f"{path}?" + "&".join(f"{word}={junk}" for word in (*WORDS, *WORDS))))
        assert {answer.status_code for answer in answers} <= {200, 400, 404}, junk
        assert not any("set-cookie" in answer.headers for answer in answers)


NOT_PAGES = ("/v1", "/slack", "/healthz", "/readyz", "/metrics", "/.well-known", "/openapi.json", "/requests")


def test_the_tables_of_these_tests_name_every_route(of_roles: Bot) -> None:
    """A new page or form must stand in the tables above, or nothing here holds it."""
    apart = {"/", "/live", "/signin", "/signin/slack", "/signin/callback", "/signout", "/static/{name}"}
    routes = {
        (method, route.path)
        for route in make_asgi(of_roles.house).routes
        if isinstance(route, Route)
        for method in set(route.methods or ()) - {"HEAD"}
        if not route.path.startswith(NOT_PAGES)
    }
    pages = {re.sub(r"^/(policies|people|access)/[a-z-]+$", r"/\1/*", path) for path in PAGES}
    shown = {re.sub(r"\{[a-z:]+\}", "*", path) for method, path in routes if method == "GET" and path not in apart}

    assert shown == pages - {"/"}
    forms = {
        re.sub(r"\{id\}", "prod-database", path)
        for method, path in routes
        if method == "POST" and not path.startswith("/passkeys/")
    }
    assert {re.sub(r"\{id\}", "prod-database", path) for path in forms - apart} == set(FORMS), (
        "those of passkeys have tests of their own"
    )
