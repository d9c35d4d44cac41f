"""A delegate with several accounts, a delegate with a passkey, and a delegate in two processes at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from approvalbot.errors import MoveRefused
from approvalbot.flow.press import Press, press
from approvalbot.request.request import State
from tests.bot import Bot
from tests.journeys.test_attacks_identity import edit, learn
from tests.journeys.test_away import asked, away, gate, refused, voted
from tests.journeys.test_away import bot as bot  # noqa: PLC0414 - the fixture
from tests.journeys.test_away import changes as changes  # noqa: PLC0414 - the fixture

BOB = {"id": "bob", "name": "Bob Bell", "slack": "U0BOB", "emails": ["bob@example.com"]}
CAT = {"id": "cat", "name": "Cat Cole", "slack": "U0CAT", "emails": ["cat@example.com"]}
DAN = {"id": "dan", "name": "Dan Dean", "slack": "U0DAN", "emails": ["dan@example.com"]}
EVE = {"id": "eve", "name": "Eve Eade", "slack": "U0EVE", "emails": ["eve@example.com"]}


def approve(bot: Bot, request_id: str, slack: str, confirmed: str = "") -> str:
    """Press as somebody, without a browser between; gives the code of the refusal, if any."""
    content = bot.request(request_id).content
    try:
        press(bot.house.journey, Press(request_id, slack, "approve", content, confirmed=confirmed))
    except MoveRefused as fault:
        return fault.code
    return ""


def test_another_account_of_the_requester_stands_in_for_nobody(bot: Bot) -> None:
    learn(bot, BOB, DAN, {**EVE, "slack": ["U0EVE", "U0CAT"]})
    away(bot, "DAN", "until 2h delegate @cat")
    name = asked(bot)

    assert "omeone else has to decide" in refused(bot, "CAT")
    assert voted(bot, name) == []


def test_whoever_turns_out_to_be_the_requester_passes_no_vote_on(bot: Bot) -> None:
    away(bot, "DAN", "until 2h delegate @cat")
    name = asked(bot)
    learn(bot, BOB, CAT, {**EVE, "slack": ["U0EVE", "U0DAN"]})

    assert "who may not decide this one either" in refused(bot, "CAT")
    assert voted(bot, name) == []


def test_nobody_stands_in_for_their_own_other_account(bot: Bot) -> None:
    learn(bot, BOB, EVE, {**DAN, "slack": ["U0DAN", "U0CAT"]})

    assert "You cannot stand in for yourself" in away(bot, "DAN", "until 2h delegate @cat")


def test_two_accounts_of_a_delegate_are_one_vote(bot: Bot) -> None:
    edit(
        bot,
        "prod-deploy-gate",
        {"approval": {"quorum": 2, "delegation": {"allow": [{"usergroup": "@aws-platform-leads"}]}}},
    )
    learn(bot, EVE, {**CAT, "slack": ["U0CAT", "U0ANN"]})
    away(bot, "DAN", "until 2h delegate @cat")
    away(bot, "BOB", "until 2h delegate @ann")
    name = asked(bot)

    assert approve(bot, name, "U0CAT") == ""
    assert approve(bot, name, "U0ANN") in {"", "already_counted"}

    assert bot.request(name).state is State.PENDING
    assert len(voted(bot, name)) == 1


def test_a_delegate_confirms_with_a_passkey_where_the_policy_wants_one(bot: Bot) -> None:
    edit(bot, "prod-deploy-gate", {"approval": {"assurance": "step_up"}})
    away(bot, "DAN", "until 2h delegate @cat")
    name = asked(bot)

    assert approve(bot, name, "U0CAT") == "step_up_required"
    assert approve(bot, name, "U0CAT", confirmed="passkey") == ""
    assert bot.request(name).state is State.APPROVED


def test_whoever_was_deactivated_leaves_no_seat(bot: Bot) -> None:
    away(bot, "DAN", "until 2h delegate @cat")
    name = asked(bot)
    with bot.hands("CAT") as cat:
        cat.set_active("U0DAN", active=False)
        bot.house.people.forget("user:U0DAN")

    assert approve(bot, name, "U0CAT") == "not_an_approver"


def test_whoever_left_the_group_leaves_no_seat_of_it(bot: Bot) -> None:
    away(bot, "DAN", "until 2h delegate @cat")
    name = asked(bot)
    with bot.hands("CAT") as cat:
        cat.set_group("S0SERVICEOWNERS", ["U0BOB"])
        bot.house.people.forget("usergroup:S0SERVICEOWNERS")

    assert approve(bot, name, "U0CAT") == "not_an_approver"


@pytest.mark.parametrize("changes", [gate(quorum=2)])
def test_a_delegate_and_the_absent_person_pressing_at_once_fill_one_seat(bot: Bot) -> None:
    away(bot, "DAN", "until 2h delegate @cat")
    name = asked(bot)

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda slack: approve(bot, name, slack), ["U0CAT", "U0DAN"] * 20))

    assert bot.request(name).state is State.PENDING
    assert len(voted(bot, name)) == 1
