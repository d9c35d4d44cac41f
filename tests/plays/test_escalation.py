"""Escalation, as the people of each step see it: the same card, one thread, and a vote that stays open to all."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.test_dedupe import put, review
from tests.plays.stage import PHONE, Play, card, says

pytestmark = pytest.mark.browser

TITLE = "A token was made"


def step(name: str, group: str, channel: str) -> dict[str, Any]:
    return {
        "name": name,
        "approvers": [{"usergroup": group}],
        "notify": [{"channel": channel}],
        "remind": ["5m"],
        "timeout": "20m",
    }


STEPS = [
    step("on-call", "@sec-oncall", "#aws-approvals"),
    step("platform leads", "@aws-platform-leads", "#aws-approvals"),
    step("leadership", "@security-managers", "#sec-incidents"),
]


def test_escalation_over_two_levels(play: Play) -> None:
    put(play.bot, review(severity="high", approval={"levels": STEPS}))
    sent = {"action": "token.created", "actor": {"id": "eve@example.com", "name": "Eve Eade"}, "repo": "acme/shop"}
    request = str(play.bot.deploy(id="token-1", **sent).json()["id"])
    ann = play.page("ann", "#aws-approvals")
    asked = card(ann, TITLE)
    says(asked, "Review needed", "step 1 of 3", "@aws-platform-leads is asked at")

    play.later(request, minutes=6)
    asked.get_by_role("button", name="1 reply").click()
    thread = ann.get_by_role("complementary", name="Thread")
    says(thread, "Still waiting")

    play.later(request, minutes=15)
    says(asked, "Escalated to step 2 of 3", "step 2 of 3", "@security-managers is asked at")
    says(thread, "did not act")
    play.picture(ann, "play-escalation-step-2")

    play.later(request, minutes=21)
    says(asked, "Escalated to step 3 of 3", "step 3 of 3")
    says(thread, "This is the last step")
    dan = play.page("dan", "#sec-incidents", width=PHONE)
    called = card(dan, TITLE)
    says(called, "Escalated to step 3 of 3", "step 3 of 3")
    play.picture(called, "play-escalation-phone")

    # Whoever was asked first may still decide, and everybody learns of it.
    asked.get_by_role("button", name="Acknowledge").click()
    ann.get_by_role("alertdialog").get_by_role("button", name="Acknowledge").click()
    for shown in (asked, called):
        says(shown, "Acknowledged by")
        expect(shown.get_by_role("button", name="Acknowledge")).to_have_count(0)
    play.picture(ann, "play-escalation-settled")
