"""Deciding by a form: what has to be typed, why not, and what a form says that came too late."""

from collections.abc import Callable

import pytest

from approvalbot.request.request import State
from approvalbot.workspace.hands import Hands, Message
from tests.bot import Bot
from tests.journeys.deciding import ask_four_hours, change, choose, less, offer_regions, offer_roles, open_less
from tests.journeys.test_presses import card_of

TYPED, NOTE, CODE, SCOPE = "typed", "note", "reason_code", "less.scope"


def typing(text: str, **more: dict[str, str]) -> dict[str, dict[str, str]]:
    return {TYPED: {TYPED: text}, **more}


def because(code: str, note: str = "") -> dict[str, dict[str, object]]:
    return {CODE: {CODE: code}, **({NOTE: {NOTE: note}} if note else {})}


def want_typing(bot: Bot, **approval: object) -> None:
    change(bot, prod_deploy_gate={"approval": {"confirm": {"type": "resource"}, **approval}})


def press(bot: Bot, hands: Hands, action: str, channel: str = "#deploys") -> Message:
    card = card_of(bot, hands, channel)
    assert hands.press(card.channel, card.ts, action).ok
    return card


def test_approve_opens_a_form_and_counts_with_the_name_alone(bot: Bot) -> None:
    want_typing(bot)
    asked = bot.deploy().json()["id"]
    with bot.hands("BOB") as bob:
        press(bot, bob, "request.approve")
        form = bob.modal()
        assert form is not None
        assert form.title == "Approve request"
        assert "To approve, type every letter of" in form.words
        assert "acme/shop" in form.words
        assert bot.request(asked).state is State.PENDING

        assert "That is not acme/shop" in bob.submit(typing("acme/Shop")).errors[TYPED]
        assert bot.request(asked).state is State.PENDING
        assert bob.submit(typing(" acme/shop ")).ok
        assert bob.modal() is None

    assert bot.request(asked).state is State.APPROVED
    assert bot.steps(asked).count("press_refused") == 1


def test_the_name_is_never_filled_in(bot: Bot) -> None:
    want_typing(bot)
    bot.deploy()
    with bot.hands("BOB") as bob:
        press(bot, bob, "request.approve")
        form = bob.modal()

    assert form is not None
    assert "initial_value" not in str(form.raw)


def test_a_policy_that_wants_it_by_now_opens_the_form_for_what_is_open(bot: Bot) -> None:
    asked = bot.deploy().json()["id"]
    bot.settle()
    want_typing(bot)
    with bot.hands("BOB") as bob:
        press(bot, bob, "request.approve")
        assert bob.modal() is not None
        assert bob.submit(typing("acme/shop")).ok

    assert bot.request(asked).state is State.APPROVED


def test_what_cannot_be_typed_is_approved_by_the_short_id(bot: Bot) -> None:
    want_typing(bot)
    asked = bot.deploy(resource={"id": "shop\u202egnp.exe"}).json()["id"]
    with bot.hands("BOB") as bob:
        press(bot, bob, "request.approve")
        form = bob.modal()
        assert form is not None
        assert f"To approve, type every letter of {asked[:6]}" in form.words.replace("\n", " ").replace("  ", " ")
        assert bob.submit(typing(asked[:6])).ok

    assert bot.request(asked).state is State.APPROVED


def test_less_wants_the_name_and_the_reason_too(bot: Bot) -> None:
    offer_regions(bot, confirm={"type": "resource"}, reason={"approve": "required", "deny": "required"})
    asked = bot.deploy().json()["id"]
    with bot.hands("BOB") as bob:
        open_less(bot, bob, "#deploys")
        form = bob.modal()
        assert form is not None
        assert list(form.inputs) == [SCOPE, NOTE, TYPED]
        chosen = {SCOPE: {SCOPE: "europe"}}
        assert list(bob.submit({**chosen, **typing("acme/shop", note={NOTE: " "})}).errors) == [NOTE]
        assert list(bob.submit({**chosen, **typing("shop", note={NOTE: "eu first"})}).errors) == [TYPED]
        assert bob.submit({**chosen, **typing("acme/shop", note={NOTE: "eu first"})}).ok

    assert bot.request(asked).state is State.APPROVED


def test_access_is_named_by_its_title(bot: Bot) -> None:
    offer_roles(bot, approval={"confirm": {"type": "resource"}})
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        asked = ask_four_hours(bot, eve)
        press(bot, dan, "request.approve", "#access-requests")
        assert dan.submit(typing("Production database, read-only")).ok

    assert bot.request(asked).state in {State.APPROVED, State.ACTIVE}


@pytest.mark.parametrize("code", ["not_needed", "wrong_target", "too_broad", "not_now", "suspicious"])
def test_one_tap_is_reason_enough_and_reaches_whoever_waits(bot: Bot, code: str) -> None:
    asked = bot.deploy().json()["id"]
    with bot.hands("BOB") as bob:
        press(bot, bob, "request.deny")
        assert bob.submit(because(code)).ok
        bot.settle()
        (callback,) = [one["body"] for one in bob.service()["received"] if "request.denied" in str(one)]

    answer = bot.http.get(f"/v1/requests/{asked}", headers=bot.bearer()).json()
    assert (answer["reason_code"], callback["data"]["reason_code"]) == (code, code)


def test_other_needs_a_note_and_keeps_the_form(bot: Bot) -> None:
    asked = bot.deploy().json()["id"]
    with bot.hands("BOB") as bob:
        press(bot, bob, "request.deny")

        refused = bob.submit(because("other"))

        assert "Write in a note what it is" in refused.errors[NOTE]
        assert bob.modal() is not None
        assert bot.request(asked).state is State.PENDING
        assert bob.submit(because("other", "the freeze of Friday")).ok

    assert bot.request(asked).state is State.DENIED


def test_the_form_changes_with_its_reason(bot: Bot) -> None:
    bot.deploy()
    with bot.hands("BOB") as bob:
        press(bot, bob, "request.deny")
        first = bob.modal()
        assert first is not None
        assert list(first.inputs) == [CODE, NOTE]

        assert bob.press_modal(CODE, value="suspicious", values=because("suspicious", "a strange hour")).ok
        drawn = bob.modal()

    assert drawn is not None
    assert list(drawn.inputs) == [CODE, NOTE, "alert"]


@pytest.mark.parametrize(("checked", "alarms"), [(["security"], 1), ([], 0)])
def test_security_is_told_of_what_is_suspicious_where_the_approver_says_so(
    bot: Bot, checked: list[str], alarms: int
) -> None:
    bot.deploy()
    with bot.hands("BOB") as bob:
        press(bot, bob, "request.deny")
        bob.press_modal(CODE, value="suspicious", values=because("suspicious"))
        assert bob.submit({**because("suspicious", "a strange hour"), "alert": {"alert": checked}}).ok
        bot.settle()
        told = [one.words for one in bob.messages("#general") if "wants security to look" in one.words]

    assert len(told) == alarms
    assert all("Bob Bell denied it as suspicious" in one and "a strange hour" in one for one in told)


def test_whoever_asked_reads_the_reason_and_asks_again_with_changes(bot: Bot) -> None:
    offer_roles(bot)
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        ask_four_hours(bot, eve)
        press(bot, dan, "request.deny", "#access-requests")
        assert dan.submit(because("too_broad", "an hour will do")).ok
        bot.settle()
        message = eve.direct_messages()[-1]
        assert "Too broad: an hour will do" in message.words
        assert message.buttons["request.again"] == "Ask again with changes"

        assert eve.press(message.channel, message.ts, "request.again").ok
        assert eve.submit({"duration": {"duration": "3600"}}).ok

    (again,) = bot.names("ab:in:pending")
    wish = bot.request(again).wish
    assert wish is not None
    assert wish.duration_s == 3600


@pytest.mark.parametrize(("severity", "called"), [("high", True), ("medium", False)])
def test_a_denial_calls_the_groups_where_much_is_at_stake(bot: Bot, severity: str, called: bool) -> None:
    change(bot, prod_deploy_gate={"severity": severity})
    bot.deploy()
    with bot.hands("BOB") as bob:
        card = press(bot, bob, "request.deny")
        bob.submit(because("not_now"))
        bot.settle()
        thread = [one.words for one in bob.thread(card.channel, card.ts) if "Denied by" in one.words]

    assert ["<!subteam^S0SERVICEOWNERS" in one for one in thread] == [called]


Filled = dict[str, dict[str, object]]


def decide_by(action: str, filled: Filled) -> Callable[[Bot, Hands], Filled]:
    def opened(bot: Bot, hands: Hands) -> Filled:
        press(bot, hands, action, "#access-requests")
        return filled

    return opened


def decide_by_less(bot: Bot, hands: Hands) -> Filled:
    open_less(bot, hands, "#access-requests")
    return {**less("3600"), TYPED: {TYPED: "Production database, read-only"}}


def ask_a_question(bot: Bot, hands: Hands) -> Filled:
    assert choose(hands, card_of(bot, hands, "#access-requests"), "Ask a question…")
    return {"written": {"written": "why now?"}}


FORMS = {
    "deny": decide_by("request.deny", because("not_now", "kept")),
    "approve": decide_by("request.approve", {TYPED: {TYPED: "Production database, read-only"}}),
    "less": decide_by_less,
    "question": ask_a_question,
}


@pytest.mark.parametrize("form", FORMS)
def test_a_form_that_comes_after_the_decision_says_who_decided_and_changes_nothing(bot: Bot, form: str) -> None:
    offer_roles(bot, approval={"confirm": {"type": "resource"}})
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan, bot.hands("BOB") as bob:
        asked = ask_four_hours(bot, eve)
        filled = FORMS[form](bot, dan)
        press(bot, bob, "request.deny", "#access-requests")
        assert bob.submit(because("not_needed")).ok
        bot.settle()
        before = bot.request(asked)

        assert dan.submit(filled).ok
        said = dan.modal()

    assert said is not None
    assert "Nothing was changed" in said.words
    assert "Already denied by <@U0BOB>" in said.words
    after = bot.request(asked)
    assert (after.state, after.votes, after.decision) == (before.state, before.votes, before.decision)


def test_somebody_elses_request_is_not_asked_again(bot: Bot) -> None:
    offer_roles(bot)
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        ask_four_hours(bot, eve)
        press(bot, dan, "request.deny", "#access-requests")
        dan.submit(because("not_now"))
        bot.settle()
        message = eve.direct_messages()[-1]
        with pytest.raises(Exception, match="not"):
            dan.press(message.channel, message.ts, "request.again")


def test_what_an_approver_writes_is_never_markup(bot: Bot) -> None:
    bot.deploy()
    written = "*urgent* _no_ `rm` ~x~ :white_check_mark: <!channel> https://evil.example"
    with bot.hands("BOB") as bob:
        card = press(bot, bob, "request.deny")
        assert bob.submit(because("not_now", written)).ok
        done = card_of(bot, bob)
        thread = bob.thread(card.channel, card.ts)[-1]

    for shown in (done, thread):
        held = [one for one in shown.blocks if one["type"] == "rich_text" and "urgent" in str(one)]
        assert held[0]["elements"] == [{"type": "rich_text_quote", "elements": [{"type": "text", "text": written}]}]
        assert not any("urgent" in str(one) for one in shown.blocks if one not in held)
