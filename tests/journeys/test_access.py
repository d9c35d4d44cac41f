"""An engineer asks for access, through the command and the form, and holds it for a while."""

from datetime import timedelta

import pytest

from approvalbot.request.lifecycle import step
from approvalbot.request.moves import Wake
from approvalbot.request.request import State
from approvalbot.workspace.hands import Hands
from tests.bot import Bot
from tests.journeys.test_presses import card_of

FORM = {
    "entitlement": {"entitlement": "prod-database"},
    "duration": {"duration": "900"},
    "input.database": {"database": "shop"},
    "reason": {"reason": "the stuck order queue"},
}


def private(hands: Hands) -> str:
    return hands.wait_for(lambda: hands.only_you("#general"))[-1].words


def ask(bot: Bot, eve: Hands, **changes: dict[str, str]) -> str:
    eve.command("/access", "request prod-database")
    assert eve.submit({**FORM, **changes}).ok
    (name,) = bot.names("ab:in:pending")
    return name


def test_the_form_asks_and_approval_gives_access_until_its_time(bot: Bot) -> None:
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        asked = ask(bot, eve)
        card = card_of(bot, dan, "#access-requests")
        assert "Eve Eade asks for" in card.words
        assert dan.press(card.channel, card.ts, "request.approve").ok
        bot.settle()

        request = bot.request(asked)
        assert request.state is State.ACTIVE
        assert request.grant is not None
        assert request.grant.ends_at is not None
        assert "How to use" in eve.direct_messages()[-1].words
        (grant,) = [one for one in eve.service()["received"] if "grant.start" in str(one)]
        assert "eve@example.com" in str(grant)
        assert "readonly" in str(grant)


def test_access_ends_early_by_its_holder_and_only_the_provider_makes_it_ended(bot: Bot) -> None:
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        asked = ask(bot, eve)
        card = card_of(bot, dan, "#access-requests")
        dan.press(card.channel, card.ts, "request.approve")
        bot.settle()
        eve.service_answers("grants", status=503, times=1)
        message = eve.direct_messages()[-1]

        assert eve.press(message.channel, message.ts, "grant.end").ok
        bot.settle()
        assert bot.request(asked).state is State.ACTIVE, "the provider has not confirmed"
        assert "STILL OPEN" in card_of(bot, dan, "#access-requests").words

        case, _ = bot.house.requests.load(asked)
        assert case.request.due_at is not None
        retry = step(case.request, case.terms, Wake(), case.request.due_at + timedelta(seconds=1))
        assert retry.effects[0].kind == "end_grant"


def test_a_question_is_withdrawn_by_whoever_asked(bot: Bot) -> None:
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        asked = ask(bot, eve)
        bot.settle()
        message = eve.direct_messages()[-1]
        assert "Asked @service-owners" in message.words

        assert eve.press(message.channel, message.ts, "request.withdraw").ok
        bot.settle()

        assert bot.request(asked).state is State.WITHDRAWN
        assert "Withdrawn by" in card_of(bot, dan, "#access-requests").words


def test_the_same_wish_is_open_once(bot: Bot) -> None:
    with bot.hands("EVE") as eve:
        ask(bot, eve)
        eve.command("/access", "request prod-database")
        again = eve.submit(FORM)

        assert "You already asked" in again.errors["entitlement"]
        assert eve.modal() is not None, "what was typed is kept"
        other = {**FORM, "input.database": {"database": "payments"}}
        eve.close_modal(whole=True)
        eve.command("/access", "request prod-database")
        assert eve.submit(other).ok
        assert eve.modal() is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": {"reason": "short"}}, "reason"),
        ({"reason": {"reason": ""}}, "reason"),
        ({"input.database": {}}, "input.database"),
    ],
)
def test_a_form_with_a_fault_says_where_and_keeps_what_was_typed(
    bot: Bot, changes: dict[str, dict[str, str]], field: str
) -> None:
    with bot.hands("EVE") as eve:
        eve.command("/access", "request prod-database")

        outcome = eve.submit({**FORM, **changes})

        assert not outcome.ok
        assert field in outcome.errors
        assert eve.modal() is not None


def test_choosing_an_entitlement_draws_its_own_fields(bot: Bot) -> None:
    with bot.hands("EVE") as eve:
        assert eve.command("/access", "").ok
        first = eve.modal()
        assert first is not None
        assert list(first.inputs) == ["entitlement"]

        eve.press_modal("entitlement", value="prod-database", block_id="entitlement")
        chosen = eve.modal()

    assert chosen is not None
    assert list(chosen.inputs) == ["entitlement", "duration", "input.database", "reason"]


def test_a_length_beyond_the_longest_is_not_shortened_in_silence(bot: Bot) -> None:
    with bot.hands("EVE") as eve:
        assert eve.command("/access", "request prod-database for 99h because the stuck order queue").ok

        form = eve.modal()

    assert form is not None
    assert "4 d 3 h is too long: at most" in form.words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("help", "asks for access; missing parts open the form"),
        ("help list", "shows what waits for you"),
        ("help show", "`/access show &lt;id&gt;`"),
        ("help lst", "I do not know `lst`. Did you mean `list`?"),
        ("end 4CT3", "Did you mean `revoke`?"),
        ("back", "Did you mean `away off`?"),
        ("lst", "I do not know `lst`. Did you mean `list`?"),
        ("list wating", "Did you mean `list waiting`?"),
        ("request nothing", "There is nothing called nothing to ask for. You may ask for: `prod-database`"),
        ("request prod-database for ever", "is not a length of time"),
        ("list", "Waiting for you"),
        ("<script> & <!channel>", "I do not know `&lt;script&gt;`"),
    ],
)
def test_every_command_has_a_private_answer(bot: Bot, text: str, words: str) -> None:
    with bot.hands("EVE") as eve, bot.hands("ANN") as ann:
        assert eve.command("/access", text, channel="#general").ok

        assert words in private(eve)
        assert ann.only_you("#general") == []


def test_whoever_may_ask_for_nothing_is_told_so(bot: Bot) -> None:
    with bot.hands("DAN") as dan:
        dan.command("/access", "request prod-database", channel="#general")
        assert "nothing you may ask for" in private(dan)


def test_the_lists_show_what_waits_and_what_is_held(bot: Bot) -> None:
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        ask(bot, eve)
        bot.settle()
        dan.command("/access", "list waiting", channel="#general")
        assert "Production database, read-only" in private(dan)
        dan.open_home()
        home = dan.wait_for(dan.home)

    assert home is not None
    assert "Production database, read-only" in home.words


def test_a_list_that_is_cut_says_that_there_is_more(bot: Bot) -> None:
    for number in range(11):
        assert bot.deploy(id=f"deploy-{number}", resource={"id": f"acme/shop-{number}"}).status_code == 202
    bot.settle()

    with bot.hands("DAN") as dan:
        dan.command("/access", "list waiting", channel="#general")
        said = private(dan)

    assert (said.count("• "), said.count("… and more; the dashboard lists them all.")) == (10, 1)


def test_a_provider_that_refuses_fails_the_grant_aloud(bot: Bot) -> None:
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        eve.service_answers("grants", status=403, times=1)
        asked = ask(bot, eve)
        card = card_of(bot, dan, "#access-requests")
        dan.press(card.channel, card.ts, "request.approve")
        bot.settle()

        assert bot.request(asked).state is State.FAILED
        assert "could not be made" in card_of(bot, dan, "#access-requests").words
        assert [one for one in dan.messages("#general") if "access could not be given" in one.words]
