"""`outbox`: what waits, what was given up, and sending that again."""

import pytest

from tests.bot import Bot
from tests.cli.conftest import Cli
from tests.cli.test_callers import approve


@pytest.fixture
def operator(bot: Bot, cli: Cli, valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> Bot:
    """The environment of whoever runs the bot."""
    monkeypatch.setenv("REDIS_URL", valkey_url)
    return bot


def give_up(bot: Bot) -> str:
    """An approval whose callback the receiver has ended; gives the dead letter's id."""
    bot.deploy()
    with bot.hands("BOB") as bob:
        bob.service_answers("callbacks", status=410, times=1)
    approve(bot)
    bot.settle()
    (letter,) = bot.house.outbox.dead_letters()
    return letter.id


def test_what_waits_is_listed_soonest_first(operator: Bot, cli: Cli) -> None:
    asked = operator.deploy().json()

    plain, document = cli("outbox", "list"), cli("outbox", "list", "--json")

    (effect,) = document.json()["waiting"]
    assert (plain.code, document.code) == (0, 0)
    assert document.json()["total"] == 1
    assert (effect["request"], effect["effect"]["kind"], effect["attempts"]) == (asked["id"], "announce", 0)
    assert effect["due_at"].endswith("Z")
    assert plain.out.startswith(f"{asked['id']}:1:0  announce  next at 20")


def test_a_long_list_says_how_many_it_leaves_out(operator: Bot, cli: Cli) -> None:
    for number in range(3):
        operator.deploy(id=f"d{number}", sha=str(number))

    ran = cli("outbox", "list", "--most", "2")

    assert len(ran.out.splitlines()) == 2
    assert ran.err == "1 more; --most shows them\n"
    assert len(cli("outbox", "list", "--most", "2", "--json").json()["waiting"]) == 2


@pytest.mark.parametrize(("command", "told"), [("list", "nothing waits\n"), ("dead", "nothing was given up\n")])
def test_nothing_is_said_to_be_nothing(operator: Bot, cli: Cli, command: str, told: str) -> None:
    ran = cli("outbox", command)

    assert (ran.code, ran.out, ran.err) == (0, "", told)
    assert cli("outbox", command, "--json").json()["total"] == 0


@pytest.mark.parametrize("everything", [False, True])
def test_what_was_given_up_is_listed_and_sent_again(operator: Bot, cli: Cli, *, everything: bool) -> None:
    letter = give_up(operator)

    dead = cli("outbox", "dead", "--json").json()
    assert [one["id"] for one in dead["dead"]] == [letter]
    assert dead["dead"][0]["fault"]
    assert f"{letter}  answer deploy-tool request.approved  " in cli("outbox", "dead").out

    ran = cli("outbox", "resend", "--all" if everything else letter, "--json")
    operator.carrier.effects.append(letter)
    operator.settle()

    assert (ran.code, ran.json()) == (0, {"resent": [letter]})
    assert cli("outbox", "dead", "--json").json() == {"total": 0, "dead": []}
    assert operator.steps(letter.split(":", maxsplit=1)[0])[-1] == "answer_delivered"


def test_an_effect_that_was_not_given_up_is_not_sent_twice(operator: Bot, cli: Cli) -> None:
    operator.deploy()
    waiting = cli("outbox", "list", "--json").json()["waiting"][0]["id"]

    ran = cli("outbox", "resend", waiting)

    assert ran.code == 3
    assert ran.err == f"approvalbot: No effect {waiting} was given up. approvalbot outbox dead\n"


def test_all_of_nothing_is_no_fault(operator: Bot, cli: Cli) -> None:
    ran = cli("outbox", "resend", "--all")

    assert (ran.code, ran.out) == (0, "to be sent again: nothing\n")


def test_a_store_that_is_not_there_is_one_sentence(cli: Cli, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1/0")

    ran = cli("outbox", "list", "--json")

    assert (ran.code, ran.out) == (3, "")
    assert ran.err.startswith("approvalbot: Our storage did not answer")
    assert len(ran.err.splitlines()) == 1
