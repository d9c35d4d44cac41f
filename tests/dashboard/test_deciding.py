"""Deciding on the page of a request: the name that has to be typed, and reasons that need more."""

from datetime import UTC, datetime

import pytest

from approvalbot.answers.receipts import verify
from approvalbot.flow.press import Press, press
from approvalbot.request.request import Less
from tests.bot import Bot
from tests.dashboard.conftest import Open
from tests.journeys.deciding import accept_less, change, offer_regions


def asked(bot: Bot, **event: object) -> str:
    name = str(bot.deploy(**event).json()["id"])
    bot.settle()
    return name


def want_typing(bot: Bot) -> None:
    change(bot, prod_deploy_gate={"approval": {"confirm": {"type": "resource"}}})


def test_the_page_asks_for_the_name_and_counts_nothing_without_it(dashboard: Bot, browser_of: Open) -> None:
    want_typing(dashboard)
    name, bob = asked(dashboard), browser_of("U0BOB")
    assert "type every letter of <b>acme/shop</b>" in bob.get(f"/requests/{name}").text

    empty = bob.decide(name, "approve", reason="planned")
    wrong = bob.decide(name, "approve", reason="planned", typed="acme/shopp")

    assert (empty.status_code, wrong.status_code) == (422, 422)
    assert "wants you to type what you approve: acme/shop" in empty.text
    assert "That is not acme/shop" in wrong.text
    assert 'value="acme/shopp"' in wrong.text, "what was typed is kept"
    assert "planned" in wrong.text
    assert dashboard.request(name).state.value == "pending"
    assert bob.decide(name, "approve", typed="acme/shop ").status_code == 303
    assert dashboard.request(name).state.value == "approved"


def test_what_cannot_be_typed_is_named_by_the_short_id(dashboard: Bot, browser_of: Open) -> None:
    want_typing(dashboard)
    name, bob = asked(dashboard, resource={"id": "shop\u202egnp.exe"}), browser_of("U0BOB")

    assert f"type every letter of <b>{name[:6]}</b>" in bob.get(f"/requests/{name}").text
    assert bob.decide(name, "approve", typed=name[:6]).status_code == 303


def test_a_page_without_that_wish_shows_no_such_field(dashboard: Bot, browser_of: Open) -> None:
    assert 'name="typed"' not in browser_of("U0BOB").get(f"/requests/{asked(dashboard)}").text


def test_other_needs_a_note_on_the_page_too(dashboard: Bot, browser_of: Open) -> None:
    name, bob = asked(dashboard), browser_of("U0BOB")

    refused = bob.decide(name, "deny", reason_code="other")

    assert refused.status_code == 422
    assert "Write in a note what it is" in refused.text
    assert bob.decide(name, "deny", reason_code="other", reason="the freeze").status_code == 303


@pytest.mark.parametrize(("code", "alarms"), [("suspicious", 1), ("not_now", 0)])
def test_security_hears_of_what_is_suspicious_alone(dashboard: Bot, browser_of: Open, code: str, alarms: int) -> None:
    name = asked(dashboard)

    browser_of("U0BOB").decide(name, "deny", reason_code=code, alert="yes")
    dashboard.settle()

    with dashboard.hands("BOB") as bob:
        told = [one for one in bob.messages("#general") if "wants security to look" in one.words]
    assert len(told) == alarms


def test_an_approval_with_less_says_so_on_the_page_and_in_its_steps(dashboard: Bot, browser_of: Open) -> None:
    offer_regions(dashboard)
    name = asked(dashboard)

    press(dashboard.house.journey, Press(name, "U0BOB", "approve", 1, less=Less(scope="canary")))

    page = browser_of("U0DAN").get(f"/requests/{name}").text
    assert "Approved with less" in page
    assert "one canary instead of every region." in page
    assert "with less: canary" in page


def test_the_page_leads_to_the_card_and_gives_the_receipt_that_verifies(dashboard: Bot, browser_of: Open) -> None:
    name, bob = asked(dashboard), browser_of("U0BOB")
    page = bob.get(f"/requests/{name}").text
    assert f'href="{dashboard.workspace}/archives/C0DEPLOYS/p' in page
    assert bob.get(f"/requests/{name}/receipt").status_code == 409
    bob.decide(name, "approve", reason="planned")

    answer = bob.get(f"/requests/{name}/receipt")

    assert answer.headers["content-disposition"] == f'attachment; filename="{name}.jws"'
    claims = verify(answer.text, dashboard.http.get("/.well-known/jwks.json").json(), datetime.now(UTC))
    assert (claims["jti"], claims["allowed"]) == (name, True)
    assert browser_of("U0ANN").get(f"/requests/{name}/receipt").status_code == 403
    assert "Bob Bell</b> approved “planned”" in bob.get(f"/requests/{name}").text


def test_a_receipt_from_the_page_allows_less_only_while_its_caller_keeps_to_it(
    dashboard: Bot, browser_of: Open
) -> None:
    offer_regions(dashboard)
    name, bob = asked(dashboard), browser_of("U0BOB")
    press(dashboard.house.journey, Press(name, "U0BOB", "approve", 1, less=Less(scope="canary")))
    keys = dashboard.http.get("/.well-known/jwks.json").json()

    before = verify(bob.get(f"/requests/{name}/receipt").text, keys, datetime.now(UTC))
    accept_less(dashboard, accepts=False)
    after = verify(bob.get(f"/requests/{name}/receipt").text, keys, datetime.now(UTC))

    assert (before["allowed"], before["terms"]["scope"]) == (True, "canary")
    assert (after["status"], after["allowed"]) == ("approved", False)


@pytest.mark.parametrize("content", ["\u00b2", "\uff11", "", "1 ", "-1", "x", "9" * 10])
def test_a_form_without_a_number_of_ours_is_bad_input(dashboard: Bot, browser_of: Open, content: str) -> None:
    name, bob = asked(dashboard), browser_of("U0BOB")

    refused = bob.decide(name, "approve", content=content)

    assert refused.status_code == 400
    assert dashboard.request(name).votes == ()
