"""Questions through Slack's own door: asked on the card, answered in person or in the thread, time standing still."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import orjson
import pytest
from redis import Redis

from approvalbot.request.request import State
from approvalbot.workspace.hands import Hands, Message
from tests.bot import Bot, running_bot
from tests.journeys.test_looking import LEVEL, card_of, private

PAUSING = {"prod-deploy-gate": {"approval": {"quorum": 2, "levels": [LEVEL], "question_pause": "10m"}}}
QUESTION, ANSWER = "Why *now*, on a Friday? <!channel>", "The queue is <stuck> & _growing_"


@pytest.fixture
def bot(redis: Redis, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bot]:
    """A bot whose deploys need two, have a quarter of an hour, and wait for answers."""
    assert redis
    with running_bot(valkey_url, tmp_path, monkeypatch, changes=PAUSING) as running:
        yield running


def ask(bot: Bot, hands: Hands, text: str = QUESTION) -> Message:
    """Ask from the card's menu; gives the card as it then is."""
    assert hands.choose(card_of(bot, hands), "Ask a question…").ok
    assert hands.submit({"written": {"written": text}}).ok
    return card_of(bot, hands)


def answered(hands: Hands, at: Message, text: str = ANSWER) -> None:
    """Press Answer in a message, and write the answer."""
    assert hands.press(at.channel, at.ts, "request.answer").ok
    assert hands.submit({"written": {"written": text}}).ok


def expires(bot: Bot, request_id: str) -> datetime:
    answer = bot.http.get(f"/v1/requests/{request_id}", headers=bot.bearer()).json()
    return datetime.fromisoformat(answer["expires_at"])


def test_a_question_goes_to_the_requester_and_into_the_thread_and_its_answer_comes_back(bot: Bot) -> None:
    asked = bot.deploy().json()
    with bot.hands("BOB") as bob, bot.hands("EVE") as eve:
        assert bob.choose(card_of(bot, bob), "Ask a question…").ok
        form = bob.modal()
        assert form is not None
        assert form.title == "Ask a question"
        assert "The clock stops until the answer, for 10 min at most" in form.words
        assert "It goes to <@U0EVE> and into the thread." in form.words
        assert bob.submit({"written": {"written": QUESTION}}).ok
        assert bob.modal() is None

        card = card_of(bot, bob)
        assert ":speech_balloon: Waiting for Eve Eade" in card.words
        assert QUESTION in card.words
        assert "the clock is paused until" in card.words
        assert "Ask a question…" not in card.menu, "one at a time"
        in_thread = bob.thread(card.channel, card.ts)[-1]
        by_message = eve.direct_messages()[-1]
        for message in (in_thread, by_message):
            assert "<@U0BOB> asks" in message.words
            assert QUESTION in message.words
            assert message.buttons == {"request.answer": "Answer"}

        answered(eve, by_message)
        card = card_of(bot, bob)
        assert ANSWER in card.words
        assert ":large_yellow_circle: Approval needed" in card.words
        replies = bob.thread(card.channel, card.ts)
        assert "<@U0EVE> answers <@U0BOB>" in replies[-1].words
        assert ANSWER in replies[-1].words
        assert "<@U0EVE> answers <@U0BOB> about" in bob.direct_messages()[-1].words
        closed = next(one for one in replies if one.ts == in_thread.ts)
        assert closed.buttons == eve.direct_messages()[-1].buttons == {}, "an answered question has no button"
        assert ANSWER in eve.direct_messages()[-1].words

    assert bot.request(asked["id"]).state is State.PENDING, "an answer approves nothing"
    assert bot.steps(asked["id"]) == ["opened", "level_asked", "asked", "paused", "answered", "resumed"]


def test_what_people_write_is_never_markup(bot: Bot) -> None:
    bot.deploy()
    with bot.hands("BOB") as bob, bot.hands("EVE") as eve:
        card = ask(bot, bob)
        answered(eve, eve.direct_messages()[-1])
        bot.settle()
        for message in (*bob.messages(card.channel), *bob.thread(card.channel, card.ts), *bob.direct_messages()):
            assert "<!channel>" not in message.text
            for block in message.blocks:
                texts = [block.get("text"), *block.get("elements", [])]
                marked = [one["text"] for one in texts if isinstance(one, dict) and one.get("type") == "mrkdwn"]
                assert not any("<!channel>" in one or "<stuck>" in one for one in marked)


def test_the_waiting_caller_learns_the_new_end_and_time_goes_on_with_the_answer(bot: Bot) -> None:
    asked = bot.deploy().json()
    with bot.hands("BOB") as bob, bot.hands("EVE") as eve:
        before = expires(bot, asked["id"])
        ask(bot, bob)
        paused = expires(bot, asked["id"])
        answered(eve, eve.direct_messages()[-1])
        after = expires(bot, asked["id"])

        with bot.http.stream("GET", f"/v1/requests/{asked['id']}/events", headers=bot.bearer()) as stream:
            told = next(line for line in stream.iter_lines() if '"what":"paused"' in line)

    assert paused == before + timedelta(minutes=10)
    assert datetime.fromisoformat(orjson.loads(told.removeprefix("data: "))["expires_at"]) == after
    assert before < after < before + timedelta(seconds=60), "only the time that the clock stood is added"


def test_a_pause_that_nobody_answers_ends_by_itself_and_the_request_still_expires(bot: Bot) -> None:
    asked = bot.deploy().json()
    with bot.hands("BOB") as bob:
        card = ask(bot, bob)
        bot.later(asked["id"], timedelta(minutes=9))
        assert bot.steps(asked["id"])[-1] == "paused"
        bot.later(asked["id"], timedelta(minutes=2))
        assert bot.steps(asked["id"])[-1] == "resumed"
        assert "the clock goes on" in bob.thread(card.channel, card.ts)[-1].words
        assert "the clock runs" in card_of(bot, bob).words
        bot.later(asked["id"], timedelta(minutes=13))
        assert bot.request(asked["id"]).state is State.PENDING
        bot.later(asked["id"], timedelta(minutes=2))

        assert bot.request(asked["id"]).state is State.EXPIRED
        assert "Question" not in card_of(bot, bob).words


def test_the_answer_comes_from_the_thread_too_and_a_second_one_is_told_who_was_first(bot: Bot) -> None:
    asked = bot.deploy().json()
    with bot.hands("BOB") as bob, bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        card = ask(bot, bob)
        in_thread = dan.thread(card.channel, card.ts)[-1]
        by_message = eve.direct_messages()[-1]
        assert eve.press(by_message.channel, by_message.ts, "request.answer").ok
        answered(dan, in_thread, "I asked Eve: the queue is stuck")
        assert eve.submit({"written": {"written": ANSWER}}).ok
        form = eve.modal()

    assert form is not None
    assert "<@U0DAN> answered this at" in form.words
    assert bot.request(asked["id"]).questions[0].answer == "I asked Eve: the queue is stuck"


@pytest.mark.parametrize(
    ("name", "word"), [("ANN", "Only <@U0EVE>, an owner of the policy"), ("GUS", "Only full members")]
)
def test_a_stranger_answers_nothing(bot: Bot, name: str, word: str) -> None:
    asked = bot.deploy(target={"environment": "partner"}).json() if name == "GUS" else bot.deploy().json()
    channel = "#partner-shared" if name == "GUS" else "#deploys"
    with bot.hands("BOB") as bob, bot.hands(name) as hands:
        assert bob.choose(card_of(bot, bob, channel), "Ask a question…").ok
        assert bob.submit({"written": {"written": QUESTION}}).ok
        card = card_of(bot, bob, channel)
        in_thread = hands.thread(card.channel, card.ts)[-1]
        assert hands.press(in_thread.channel, in_thread.ts, "request.answer").ok
        assert hands.modal() is None
        told = hands.wait_for(lambda: hands.only_you(card.channel) or hands.thread(card.channel, card.ts)[1:])[-1]

    assert word in told.words
    assert bot.request(asked["id"]).questions[0].answered_at is None
    assert bot.steps(asked["id"])[-1] == "press_refused"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("EVE", "You asked for this, so someone else has to decide"),
        ("ANN", "You can see this request but not decide it"),
    ],
)
def test_whoever_may_not_decide_may_not_ask(bot: Bot, name: str, words: str) -> None:
    asked = bot.deploy().json()
    with bot.hands(name) as hands:
        card = card_of(bot, hands)
        assert hands.choose(card, "Ask a question…").ok
        assert hands.modal() is None, "nobody fills in a form for nothing"
        assert words in private(hands, card.channel).words

    assert bot.request(asked["id"]).questions == ()
    assert bot.steps(asked["id"])[-1] == "press_refused"


def test_two_who_ask_at_once_are_told_of_each_other(bot: Bot) -> None:
    bot.deploy()
    with bot.hands("BOB") as bob, bot.hands("DAN") as dan:
        card = card_of(bot, bob)
        dan.choose(card, "Ask a question…")
        ask(bot, bob)
        assert dan.submit({"written": {"written": "me too"}}).ok
        form = dan.modal()

    assert form is not None
    assert "<@U0BOB> asked something at" in form.words


def test_a_question_whose_request_was_decided_meanwhile_says_so(bot: Bot) -> None:
    asked = bot.deploy().json()
    with bot.hands("BOB") as bob, bot.hands("DAN") as dan, bot.hands("EVE") as eve:
        card = ask(bot, bob)
        by_message = eve.direct_messages()[-1]
        bob.press(card.channel, card.ts, "request.approve")
        dan.press(card.channel, card.ts, "request.approve")
        bot.settle()
        assert bot.request(asked["id"]).state is State.APPROVED
        assert eve.press(by_message.channel, by_message.ts, "request.answer").ok
        told = eve.wait_for(lambda: eve.only_you(by_message.channel))[-1]

    assert "Already approved by" in told.words


def test_an_answer_is_kept_in_the_form_when_it_is_too_long(bot: Bot) -> None:
    bot.deploy()
    with bot.hands("BOB") as bob:
        assert bob.choose(card_of(bot, bob), "Ask a question…").ok
        outcome = bob.submit({"written": {"written": "   "}})

    assert outcome.errors == {"written": "Write the question in 1 to 1000 characters."}


def test_a_question_about_what_nobody_of_slack_asked_for_stands_in_the_thread(bot: Bot) -> None:
    asked = bot.deploy(actor={"id": "robot-7", "name": "Robot 7"}).json()
    with bot.hands("BOB") as bob, bot.hands("DAN") as dan:
        card = ask(bot, bob)
        assert ":speech_balloon: Waiting for an answer" in card.words
        in_thread = dan.thread(card.channel, card.ts)[-1]
        assert "Whoever acted, an owner of the policy or whoever may decide can answer" in in_thread.words
        answered(dan, in_thread)

    assert bot.request(asked["id"]).questions[0].answer == ANSWER
    assert bot.request(asked["id"]).votes == ()
