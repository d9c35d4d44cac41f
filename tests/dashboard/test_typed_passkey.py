"""A passkey and the name typed, where the policy wants both: neither stands in for the other."""

import pytest
from playwright.sync_api import Page

from approvalbot.request.typed import to_type
from tests.bot import Bot
from tests.dashboard.test_passkeys import dashboard, enrol, page
from tests.journeys.deciding import change

__all__ = ["dashboard", "page"]


@pytest.mark.browser
def test_the_passkey_and_the_name_are_both_wanted(dashboard: Bot, page: Page) -> None:
    change(dashboard, aws_admin_escalation={"approval": {"confirm": {"type": "resource"}, "assurance": "step_up"}})
    enrol(dashboard, page)
    name = dashboard.aws_escalation()
    dashboard.settle()
    case, _ = dashboard.house.requests.load(name)
    page.goto(f"{dashboard.house.settings.url}/requests/{name}")

    for typed, told in (("something else", "every letter counts"), (to_type(case.request, case.about), "is counted")):
        page.fill("#typed", typed)
        page.check("input[name='sure']")
        page.click("button:has-text('with passkey')")
        page.wait_for_selector(f"text={told}")

    (vote,) = dashboard.request(name).votes
    assert vote.confirmed.startswith("passkey ")
    assert vote.typed
    assert dashboard.steps(name).count("press_refused") == 1
