"""Deciding, as everybody around a card sees it: two people, a reason, nobody's own request, less, and a name typed."""

from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.deciding import ask_four_hours, offer_roles
from tests.journeys.test_dedupe import put
from tests.plays.stage import PHONE, Play, card, says
from tests.plays.test_attending import choose, only_for_me

pytestmark = pytest.mark.browser

TITLE = "Rotation of a signing key"
DATABASE = "Production database"
KEY = "keys/release-2026"
NOTE = "Nobody planned this, and it is *midnight* here."


def policy(**approval: Any) -> dict[str, Any]:
    level = {
        "name": "service owners",
        "approvers": [{"usergroup": "@service-owners"}],
        "notify": [{"channel": "#deploys"}],
        "timeout": "30m",
    }
    return {
        "version": 1,
        "id": "key-rotation",
        "title": TITLE,
        "owner": "team-security",
        "request": "gate",
        "severity": "high",
        "source": "deploy-tool",
        "match": {"action": "key.rotate"},
        "approval": {"levels": [level], **approval},
        "message": {"summary": "{{ $actor.name }} wants to rotate {{ $resource.id }}"},
    }


def asked(play: Play, **approval: Any) -> str:
    put(play.bot, policy(**approval))
    sent = {"action": "key.rotate", "actor": {"id": "eve@example.com", "name": "Eve Eade"}}
    return str(play.bot.deploy(id="rotate-1", resource={"id": KEY}, **sent).json()["id"])


def press(shown: Locator, words: str) -> None:
    shown.get_by_role("button", name=words).click()


def sure(page: Page) -> None:
    """Answer the dialog that asks once more where much is at stake."""
    page.get_by_role("alertdialog").get_by_role("button", name="Approve").click()


def select(form: Locator, label: str, words: str) -> None:
    form.get_by_label(label).select_option(label=words)


def test_approve_by_two_people(play: Play) -> None:
    asked(play, quorum=2)
    bob, dan = play.page("bob", "#deploys"), play.page("dan", "#deploys", width=PHONE)
    mine, theirs = card(bob, TITLE), card(dan, TITLE)
    says(theirs, "Approval needed", "Needed", "2 people")

    press(mine, "Approve request")
    sure(bob)
    for shown in (mine, theirs):
        says(shown, "1 of 2 approved", "@Bob Bell approved", "1 more person needed")
    play.picture(theirs, "play-approve-one-of-two-phone")
    press(mine, "Approve request")
    sure(bob)
    says(only_for_me(bob, "already counted"), "Your vote is already counted")

    press(theirs, "Approve request")
    sure(dan)
    for shown in (mine, theirs):
        says(shown, "Approved by @Bob Bell and @Dan Dean", "deploy-tool is told")
        expect(shown.get_by_role("button", name="Approve request")).to_have_count(0)
    play.picture(mine, "play-approved-by-two")


def test_deny_with_a_reason(play: Play) -> None:
    request = asked(play)
    bob, ann = play.page("bob", "#deploys", width=PHONE), play.page("ann", "#general")
    shown = card(bob, TITLE)

    press(shown, "Deny request")
    form = bob.get_by_role("dialog", name="Deny request")
    form.get_by_role("radio", name="Suspicious").check()
    form.get_by_role("checkbox", name="Alert security now").check()
    note = form.get_by_role("textbox")
    note.fill(NOTE)
    play.picture(form, "play-deny-form-phone")
    # A reason that says nothing by itself needs a note; whoever thinks better of it keeps what was typed.
    form.get_by_role("radio", name="Other").check()
    expect(form.get_by_role("checkbox", name="Alert security now")).to_have_count(0)
    note.fill("")
    press(form, "Deny")
    says(form, "Please complete this required field")
    note.fill(NOTE)
    form.get_by_role("radio", name="Suspicious").check()
    form.get_by_role("checkbox", name="Alert security now").check()
    press(form, "Deny")

    says(
        shown,
        "Denied by @Bob Bell",
        "Suspicious. deploy-tool",
        "is told “denied”",
        NOTE,
    )
    says(card(ann, "wants security to look"), "Bob Bell denied it as suspicious", "Nobody planned this")
    thread = play.page("dan", "#deploys")
    press(card(thread, TITLE), "1 reply")
    says(thread.get_by_role("complementary", name="Thread"), "@service-owners", "Denied by @Bob Bell")
    play.picture(thread, "play-denied")
    assert play.bot.request(request).state.value == "denied"


def test_self_approval_is_refused(play: Play) -> None:
    request = asked(play)
    eve = play.page("eve", "#deploys")
    shown = card(eve, TITLE)

    press(shown, "Approve request")
    sure(eve)

    refusal = only_for_me(eve, "You asked for this")
    says(refusal, "so someone else has to decide", "@service-owners")
    says(shown, "Approval needed")
    play.picture(eve, "play-self-approval")
    assert play.bot.request(request).votes == ()
    assert play.bot.steps(request).count("press_refused") == 1


def test_approve_with_less(play: Play) -> None:
    offer_roles(play.bot, title=DATABASE)
    with play.bot.hands("EVE") as hands:
        ask_four_hours(play.bot, hands)
        messages = f"/archives/{hands.app_dm()}"
    eve, dan = play.page("eve", messages), play.page("dan", "#access-requests", width=PHONE)
    shown = card(dan, DATABASE)
    says(shown, "Approval needed", "4 h")

    choose(dan, shown, "Approve with less…")
    form = dan.get_by_role("dialog", name="Approve with less")
    says(form, "This gives", "read-only")
    select(form, "For how long", "1 h")
    says(form, "This gives", "until", "read-only")
    play.picture(form, "play-less-form-phone")
    form.get_by_role("button", name="Approve with less").click()

    says(shown, "Access active", "Approved with less by @Dan Dean", "1 h instead of 4 h, read-only instead of writing")
    play.picture(shown, "play-less-phone")
    told = card(eve, "Approved with less")
    says(told, "1 h instead of 4 h, read-only instead of writing", "Ask for more", "End now")
    play.picture(told, "play-less-told")
    press(told, "Ask for more")
    again = eve.get_by_role("dialog", name="Request access")
    expect(again.get_by_label("Why")).to_have_value("the stuck order queue")


def test_the_name_is_typed(play: Play) -> None:
    request = asked(play, confirm={"type": "resource"}, reason={"approve": "required", "deny": "required"})
    bob = play.page("bob", "#deploys")
    shown = card(bob, TITLE)

    press(shown, "Approve request")
    form = bob.get_by_role("dialog", name="Approve request")
    says(form, "Eve Eade wants to rotate", "type every letter of", KEY)
    form.get_by_role("textbox", name="Reason").fill("the yearly rotation")
    form.get_by_role("textbox", name="What you approve").fill("keys/release-2025")
    press(form, "Approve")
    says(form, f"That is not {KEY}")
    play.picture(form, "play-typed")
    form.get_by_role("textbox", name="What you approve").fill(KEY)
    press(form, "Approve")

    says(shown, "Approved by @Bob Bell", "the yearly rotation")
    assert play.bot.request(request).votes[0].typed
