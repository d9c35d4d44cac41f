"""The way that a stolen Slack session cannot go, in a real browser: from the card to a passkey and back to the card."""

import pytest
from playwright.sync_api import Page, expect

from tests.bot import Bot
from tests.dashboard.access import settled
from tests.dashboard.test_passkeys import dashboard, enrol, page

__all__ = ["dashboard", "page"]

pytestmark = pytest.mark.browser


def test_from_the_card_in_slack_to_an_approval_with_a_passkey(dashboard: Bot, page: Page) -> None:
    enrol(dashboard, page)
    name = dashboard.aws_escalation()
    settled(dashboard)
    page.context.request.post(f"{dashboard.workspace}/local/session", data={"user": "U0BOB"})

    page.goto(dashboard.workspace)
    page.get_by_role("button", name="aws-approvals").or_(page.get_by_role("link", name="aws-approvals")).first.click()
    card = page.locator(".message").filter(has_text="Admin privilege escalation requested").first
    with page.context.expect_page() as opening:
        card.get_by_text("Acknowledge with passkey").click()
    address = opening.value.url
    assert address == f"{dashboard.house.settings.url}/requests/{name}"
    opening.value.close()
    page.goto(address)
    page.check("input[name='sure']")
    page.get_by_role("button", name="Acknowledge with passkey").click()
    expect(page.get_by_text("Your approval is counted.")).to_be_visible()
    settled(dashboard)

    page.goto(dashboard.workspace)
    page.get_by_role("button", name="aws-approvals").or_(page.get_by_role("link", name="aws-approvals")).first.click()
    expect(page.get_by_text("1 of 2").first).to_be_visible()
    (vote,) = dashboard.request(name).votes
    assert vote.confirmed.startswith("passkey ")
