"""Somebody is away and another stands in, and the home tab of those whom it concerns, in a browser."""

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.test_dedupe import put
from tests.plays.stage import PHONE, Play, card, says

pytestmark = pytest.mark.browser

TITLE = "Restart of the order queue"
STEPS = [
    {
        "name": name,
        "approvers": [{"usergroup": group}],
        "notify": [{"channel": "#deploys"}],
        "timeout": "30m",
    }
    for name, group in (("service owners", "@service-owners"), ("leads", "@sre-leads"))
]
POLICY = {
    "version": 1,
    "id": "queue-restart",
    "title": TITLE,
    "owner": "team-platform",
    "request": "gate",
    "severity": "medium",
    "source": "deploy-tool",
    "match": {"action": "queue.restart"},
    "approval": {"levels": STEPS},
    "message": {"summary": "{{ $actor.name }} wants to restart {{ $resource.id }}", "fields": ["ticket"]},
}
"""Bob and Dan own the service, Bob and Cat lead."""


def asked(play: Play, number: int = 1, queue: str = "orders-eu") -> str:
    sent = {
        "action": "queue.restart",
        "actor": {"id": "eve@example.com", "name": "Eve Eade"},
        "ticket": f"INC-{number}",
    }
    return str(play.bot.deploy(id=f"restart-{number}", resource={"id": queue}, **sent).json()["id"])


def type_command(page: Page, text: str) -> None:
    composer = page.locator(".composer textarea")
    composer.fill(text)
    composer.press("Enter")


def test_delegation(play: Play) -> None:
    put(play.bot, POLICY)
    dan = play.page("dan", "#general")
    type_command(dan, "/access away until 4h delegate @cat because I am at the dentist")
    said = dan.locator(".message.mine-only").last
    says(said, "You are away until", "Cat Cole stands in")
    play.picture(said, "play-away-said")

    asked(play)
    cat = play.page("cat", "#deploys")
    shown = card(cat, TITLE)
    says(shown, "Away", "Dan Dean until", "Cat Cole stands in")
    play.picture(shown, "play-away-card")

    phone = play.page("cat", f"/archives/{play.direct('cat')}", width=PHONE)
    says(phone.locator(".scroll").last, "named you to stand in", TITLE)
    play.picture(phone, "play-away-delegate-phone")

    shown.get_by_role("button", name="Approve request").click()
    says(shown, "Approved by", "Cat Cole for", "Dan Dean")
    says(card(phone, TITLE), "Approved by")
    expect(shown.get_by_role("button", name="1 reply")).to_be_visible()
    play.picture(shown, "play-away-settled")


def test_the_home_tab_decides_and_follows(play: Play) -> None:
    put(play.bot, POLICY)
    for number in range(1, 4):
        asked(play, 10 + number, "orders-us")
    dan = play.page("dan", "#deploys")
    buttons = dan.get_by_role("button", name="Approve request")
    for left in (2, 1, 0):
        buttons.last.click()
        expect(buttons).to_have_count(left)
    asked(play, 1, "orders-us")
    asked(play, 2, "orders-eu")

    with play.bot.hands("BOB") as hands:
        hands.command("/access", "away until 2h delegate @dan")
        hands.command("/access", "mute @ann for 1h")
        hands.command("/access", "request prod-database")
        values = {"duration": {"duration": "900"}, "input.database": {"database": "shop"}}
        assert hands.submit({**values, "reason": {"reason": "the stuck order queue"}}).ok

    bob, phone = play.page("bob", "/home"), play.page("bob", "/home", width=PHONE)
    says(
        bob.locator(".homebody"), "Waiting for you", "orders-us", "orders-eu", "Your requests", "Settings", "I am back"
    )
    says(phone.locator(".homebody"), "orders-eu")
    play.picture(bob, "play-home")
    play.picture(phone, "play-home-phone")

    bob.get_by_role("button", name="Approve request").first.click()
    says(bob.locator(".homebody"), "Recent decisions", "you said yes, approved")
    # The other page was opened before, and nobody touches it.
    says(phone.locator(".homebody"), "you said yes, approved")
    bob.get_by_role("button", name="End my absence").click()
    says(bob.locator(".homebody"), "You are not away")
    play.picture(bob.locator(".homebody"), "play-home-decided")
