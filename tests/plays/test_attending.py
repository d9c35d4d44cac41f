"""Looking and asking, as everybody around a card sees it: who is at it, what was asked, and what was answered."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.test_dedupe import put
from tests.plays.stage import DESKTOP, PHONE, Play, card, says

pytestmark = pytest.mark.browser

TITLE = "Restart of the order queue"
POLICY = {
    "version": 1,
    "id": "queue-restart",
    "title": TITLE,
    "owner": "team-platform",
    "request": "gate",
    "severity": "medium",
    "source": "deploy-tool",
    "match": {"action": "queue.restart"},
    "approval": {
        "quorum": 2,
        "question_pause": "15m",
        "levels": [
            {
                "name": "service owners",
                "approvers": [{"usergroup": "@service-owners"}],
                "notify": [{"channel": "#deploys"}],
                "timeout": "30m",
            }
        ],
    },
    "message": {"summary": "{{ $actor.name }} wants to restart {{ $resource.id }}"},
}
QUESTION = "Can it wait until *Monday*? <!channel> is asleep."
ANSWER = "No: 4,000 orders wait & the queue grows."


def asked(play: Play) -> str:
    put(play.bot, POLICY)
    sent = {"action": "queue.restart", "actor": {"id": "eve@example.com", "name": "Eve Eade"}}
    return str(play.bot.deploy(id="restart-1", resource={"id": "orders-eu"}, **sent).json()["id"])


def only_for_me(page: Page, words: str) -> Locator:
    return page.locator(".message.mine-only").filter(has_text=words).last


def choose(page: Page, shown: Locator, words: str) -> None:
    """Choose from the menu behind a card's buttons."""
    shown.get_by_role("button", name="More choices").click()
    page.get_by_role("menuitem", name=words).click()


def test_claim_and_release(play: Play) -> None:
    request = asked(play)
    bob, dan = play.page("bob", "#deploys"), play.page("dan", "#deploys", width=PHONE)
    mine, theirs = card(bob, TITLE), card(dan, TITLE)
    says(theirs, "Approval needed", "I'm looking")

    mine.get_by_role("button", name="Say that you look at request").click()
    says(theirs, "Bob Bell is looking", "Others may still decide", "Take over")
    says(mine, "Bob Bell is looking")
    whisper = only_for_me(bob, "You are looking until")
    says(whisper, "Keep 5 min", "Release")
    play.picture(bob, "play-claim")
    play.picture(theirs, "play-claim-phone")

    theirs.get_by_role("button", name="Take request").click()
    says(mine, "Dan Dean is looking")
    whisper.get_by_role("button", name="Stop looking at request").click()
    says(only_for_me(bob, "is looking until"), "Dan Dean is looking until", "not you. You may still decide")

    play.later(request, minutes=4.1)
    question = only_for_me(dan, "Still looking?")
    says(question, "1 min left")
    play.picture(question, "play-claim-ending")
    question.get_by_role("button", name="Stop looking at request").click()
    says(mine, "Approval needed", "I'm looking")
    says(only_for_me(dan, "free again"), "You are not looking any more")
    mine.get_by_role("button", name="2 replies").or_(mine.get_by_role("button", name="3 replies")).click()
    thread = bob.get_by_role("complementary", name="Thread")
    says(thread, "is looking, until", "in place of Bob Bell", "stopped looking: it is free again")
    play.picture(bob, "play-claim-released")


def test_question_and_answer(play: Play) -> None:
    asked(play)
    with play.bot.hands("EVE") as hands:
        messages = f"/archives/{hands.app_dm()}"
    bob, eve = play.page("bob", "#deploys"), play.page("eve", messages, width=PHONE)
    shown = card(bob, TITLE)
    says(shown, "Approval needed")

    choose(bob, shown, "Ask a question…")
    form = bob.get_by_role("dialog", name="Ask a question")
    says(form, "Eve Eade wants to restart orders-eu", "The clock stops until the answer, for 15 min at most")
    form.get_by_role("textbox", name="Your question").fill(QUESTION)
    play.picture(form, "play-question-form")
    form.get_by_role("button", name="Ask", exact=True).click()
    says(shown, "Waiting for Eve Eade", QUESTION, "the clock is paused until")
    expect(form).to_have_count(0)
    play.picture(shown, "play-question")

    put_to_me = card(eve, "asks about")
    says(put_to_me, TITLE, QUESTION, "An answer approves nothing")
    play.picture(put_to_me, "play-question-phone")
    put_to_me.get_by_role("button", name="Answer the question").click()
    reply = eve.get_by_role("dialog", name="Answer the question")
    says(reply, QUESTION)
    reply.get_by_role("textbox", name="Your answer").fill(ANSWER)
    reply.get_by_role("button", name="Answer", exact=True).click()

    says(shown, "Approval needed", QUESTION, ANSWER)
    expect(shown).not_to_contain_text("the clock is paused")
    expect(put_to_me.get_by_role("button", name="Answer the question")).to_have_count(0)
    says(put_to_me, ANSWER)
    shown.get_by_role("button", name="2 replies").click()
    says(bob.get_by_role("complementary", name="Thread"), "answers", ANSWER)
    bob.set_viewport_size({"width": DESKTOP, "height": 1020})
    play.picture(bob, "play-question-answered")
    play.picture(card(play.page("dan", "#deploys", width=PHONE), TITLE), "play-question-answered-phone")
