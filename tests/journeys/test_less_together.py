"""One event that several policies ask about, approved with less: its caller gets one answer, and all of its terms."""

from approvalbot.answers.receipts import verify
from tests.bot import Bot
from tests.journeys.deciding import accept_less, change, choose, offer_regions
from tests.journeys.test_less import SCOPE, answer


def test_terms_of_two_policies_both_hold_for_the_one_caller(bot: Bot) -> None:
    offer_regions(bot)
    hours = {"asked": "at any time", "scopes": [{"id": "night", "label": "at night", "with": {"from": "22:00"}}]}
    change(bot, second_look={"narrower": hours})
    asked = bot.deploy(also="watched").json()
    with bot.hands("BOB") as bob:
        bot.settle()
        for card in [one for one in bob.messages("#deploys") if not one.only_you]:
            assert choose(bob, card, "Approve with less…")
            form = bob.modal()
            assert form is not None
            scope = "night" if "at night" in form.words else "europe"
            assert bob.submit({SCOPE: {SCOPE: scope}}).ok

    body = answer(bot, asked["id"])

    assert (body["status"], body["allowed"]) == ("approved", True)
    terms = dict(body["terms"])  # type: ignore[call-overload]
    assert terms["less"] is True
    assert sorted(one["scope"] for one in terms["each"]) == ["europe", "night"]
    claims = verify(str(body["receipt"]), bot.http.get("/.well-known/jwks.json").json(), bot.house.requests.now())
    assert claims["terms"] == terms


def test_the_whole_of_one_policy_hides_no_terms_of_the_other(bot: Bot) -> None:
    offer_regions(bot)
    asked = bot.deploy(also="watched").json()
    with bot.hands("BOB") as bob:
        bot.settle()
        for card in [one for one in bob.messages("#deploys") if not one.only_you]:
            if "Approve with less…" in card.menu:
                assert choose(bob, card, "Approve with less…")
                assert bob.submit({SCOPE: {SCOPE: "canary"}}).ok
            else:
                assert bob.press(card.channel, card.ts, "request.approve").ok

    body = answer(bot, asked["id"])
    assert dict(body["terms"])["scope"] == "canary"  # type: ignore[call-overload]
    accept_less(bot, accepts=False)
    assert answer(bot, asked["id"])["allowed"] is False
    assert bot.http.post(f"/v1/requests/{asked['id']}/consume", headers=bot.bearer(), json={}).status_code == 409
