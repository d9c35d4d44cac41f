"""The shortcuts, as a person uses them: from anywhere, and on a message whose link becomes the reason."""

import pytest

from tests.bot import Bot

MESSAGE, GLOBAL = "request_about_message", "request_access"


def test_the_global_shortcut_opens_the_request_form(bot: Bot) -> None:
    with bot.hands("EVE") as eve:
        assert eve.shortcut(GLOBAL).ok
        form = eve.modal()

    assert form is not None
    assert form.title == "Request access"
    assert "reason" not in form.inputs


def test_a_message_s_link_is_the_reason_and_stays_when_something_is_chosen(bot: Bot) -> None:
    with bot.hands("EVE") as eve:
        said = eve.write("#general", "<!channel> the *database* is down")
        assert eve.shortcut(MESSAGE, channel="#general", ts=said.ts).ok
        form = eve.modal()
        assert form is not None
        (why,) = [one["element"] for one in form.blocks if one["block_id"] == "reason"]
        link = why["initial_value"]
        eve.press_modal("entitlement", value="prod-database", values={"reason": {"reason": link}})
        drawn = eve.wait_for(lambda: [one for one in eve.modals() if "duration" in one.inputs])[0]

    assert link == f"{bot.house.ourselves.bot().url}/archives/{said.channel}/p{said.ts.replace('.', '')}"
    (kept,) = [one["element"] for one in drawn.blocks if one["block_id"] == "reason"]
    assert kept["initial_value"] == link
    assert "is down" not in str(form.raw)


def test_what_is_asked_because_of_a_message_holds_its_link(bot: Bot) -> None:
    with bot.hands("EVE") as eve:
        said = eve.write("#general", "the database is down")
        eve.shortcut(MESSAGE, channel="#general", ts=said.ts)
        eve.press_modal("entitlement", value="prod-database")
        eve.wait_for(lambda: "duration" in eve.modal().inputs)  # type: ignore[union-attr]
        assert eve.submit({"input.database": {"database": "shop"}}).ok

    bot.settle()
    with bot.hands("BOB") as bob:
        assert f"/archives/{said.channel}/p" in bob.messages("#access-requests")[-1].words


@pytest.mark.parametrize(("callback", "words"), [(GLOBAL, "nothing you may ask for"), (MESSAGE, "nothing you may ask")])
def test_whoever_may_ask_for_nothing_is_told_so(bot: Bot, callback: str, words: str) -> None:
    with bot.hands("DAN") as somebody:
        place = {"channel": "#general", "ts": somebody.write("#general", "hello").ts} if callback == MESSAGE else {}
        assert somebody.shortcut(callback, **place).ok
        form = somebody.modal()

    assert form is not None
    assert words in form.words
