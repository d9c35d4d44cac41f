"""A passkey with what else an approval says: the name typed, and less than the whole."""

from collections.abc import Mapping

import pytest
from playwright.sync_api import Page

from approvalbot.request.typed import to_type
from tests.bot import Bot
from tests.dashboard.test_passkeys import dashboard, enrol, page
from tests.journeys.deciding import ask_four_hours, change, offer_roles
from tests.journeys.test_processes import until

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
        page.locator("input[name='typed']").first.fill(typed)
        page.locator("input[name='sure']").first.check()
        page.locator("button:has-text('with passkey')").first.click()
        page.wait_for_selector(f"text={told}")

    (vote,) = dashboard.request(name).votes
    assert vote.confirmed.startswith("passkey ")
    assert vote.typed
    assert dashboard.steps(name).count("press_refused") == 1


@pytest.mark.browser
def test_what_was_confirmed_as_less_approves_neither_more_nor_something_else(dashboard: Bot, page: Page) -> None:
    offer_roles(dashboard, approval={"assurance": "step_up"})
    enrol(dashboard, page)
    with dashboard.hands("EVE") as eve:
        name = ask_four_hours(dashboard, eve)
    dashboard.settle()
    url = dashboard.house.settings.url

    def confirmed() -> dict[str, str]:
        """The form as the page would send it, with what the authenticator said."""
        page.goto(f"{url}/requests/{name}")
        page.click("text=Approve with less…")
        page.evaluate(
            """() => { for (const form of document.querySelectorAll("form[data-passkey='confirm']")) {
              form.submit = () => { window.kept = Object.fromEntries(new FormData(form)); }; } }"""
        )
        page.select_option("#less-duration", "3600")
        page.click("button:has-text('Approve with less')")
        until(lambda: bool(page.evaluate("window.kept")), 10, "the form is filled in")
        return dict(page.evaluate("window.kept"))

    def sent(form: Mapping[str, str]) -> int:
        answer = page.request.post(
            f"{url}/requests/{name}/decide", form=dict(form), headers={"origin": url}, max_redirects=0
        )
        return answer.status

    assert sent({**confirmed(), "form": "whole"}) == 403, "more than was confirmed"
    assert sent({**confirmed(), "less_duration": "900"}) == 403, "something else than was confirmed"
    assert dashboard.request(name).votes == ()
    assert sent(confirmed()) == 303
    (vote,) = dashboard.request(name).votes
    assert vote.less is not None
    assert vote.less.duration_s == 3600
