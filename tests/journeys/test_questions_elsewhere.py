"""Questions away from the card: notes, commands, lists and the home tab, for whoever asked and whoever decides."""

import pytest

from approvalbot.errors import MoveRefused
from approvalbot.flow.questions import add_note
from tests.bot import Bot
from tests.journeys.holding import FORM, card_with
from tests.journeys.test_looking import card_of, private
from tests.journeys.test_questions import ANSWER, QUESTION, answered, ask


def test_a_requester_adds_a_note_and_answers_from_the_command(bot: Bot) -> None:
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        eve.command("/access", "request prod-database")
        assert eve.submit(FORM).ok
        bot.settle()
        (name,) = bot.names("ab:in:pending")
        told = eve.direct_messages()[-1]
        assert told.buttons == {"request.withdraw": "Withdraw", "request.note": "Add a note"}
        assert eve.press(told.channel, told.ts, "request.note").ok
        assert eve.submit({"written": {"written": "See *INC-42* <!here>"}}).ok
        bot.settle()
        card = card_with(dan, name)
        note = dan.thread(card.channel, card.ts)[-1]
        assert "<@U0EVE> adds:" in note.words
        assert "See *INC-42* <!here>" in note.words, "word for word, and no mention"

        assert dan.choose(card, "Ask a question…").ok
        assert dan.submit({"written": {"written": QUESTION}}).ok
        bot.settle()
        eve.command("/access", f"show {name[:6]}")
        shown = eve.wait_for(lambda: eve.only_you("#general"))[-1]
        assert QUESTION in shown.words
        assert "request.answer" in shown.buttons
        answered(eve, shown)

    assert bot.request(name).questions[0].answer == ANSWER
    assert bot.steps(name)[-3:] == ["note_added", "asked", "answered"]


def test_a_note_on_what_somebody_else_asked_for_is_refused(bot: Bot) -> None:
    asked = bot.deploy().json()
    with bot.hands("BOB") as bob:
        card_of(bot, bob)
        with pytest.raises(MoveRefused, match="Only Eve Eade can add a note"):
            add_note(bot.house.journey, asked["id"], "U0BOB", "so what")

    assert bot.steps(asked["id"])[-1] == "press_refused"


def test_the_list_of_what_waits_says_who_looks_and_that_a_question_is_open(bot: Bot) -> None:
    bot.deploy()
    with bot.hands("BOB") as bob, bot.hands("DAN") as dan:
        card = ask(bot, bob)
        bob.press(card.channel, card.ts, "request.claim")
        dan.command("/access", "list waiting")

        assert "; <@U0BOB> is looking; a question is open" in private(dan, "#general").words


def test_the_home_tab_shows_question_and_answer_to_both_sides(bot: Bot) -> None:
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        eve.command("/access", "request prod-database")
        assert eve.submit(FORM).ok
        bot.settle()
        (name,) = bot.names("ab:in:pending")
        assert dan.choose(card_with(dan, name), "Ask a question…").ok
        assert dan.submit({"written": {"written": QUESTION}}).ok
        assert dan.press("#access-requests", card_with(dan, name).ts, "request.claim").ok
        eve.open_home()
        mine = eve.wait_for(eve.home)
        assert mine is not None
        assert QUESTION in mine.words
        assert eve.press_home("request.answer").ok
        assert eve.submit({"written": {"written": ANSWER}}).ok
        dan.open_home()
        waiting = dan.wait_for(dan.home)

    assert waiting is not None
    assert QUESTION in waiting.words
    assert ANSWER in waiting.words
    assert "*Looking*  <@U0DAN>, until" in waiting.words
