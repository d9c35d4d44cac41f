"""What a card says of the requests before it: how those like it ended, and how much one account asks."""

from approvalbot.request.request import State
from approvalbot.store import keys
from tests.bot import Bot
from tests.journeys.holding import held
from tests.journeys.test_presses import card_of


def deploy(bot: Bot, number: int, **event: object) -> str:
    name = str(bot.deploy(id=f"deploy-{number}", sha=f"sha-{number}", **event).json()["id"])
    bot.settle()
    return name


def press(bot: Bot, who: str, action: str = "request.approve") -> None:
    with bot.hands(who) as hands:
        card = card_of(bot, hands)
        assert hands.press(card.channel, card.ts, action).ok
        if action == "request.deny":
            assert hands.submit({"reason_code": {"reason_code": "not_now"}}).ok
        bot.settle()


def newest(bot: Bot) -> str:
    with bot.hands("BOB") as bob:
        return card_of(bot, bob).words


def test_a_card_counts_how_those_like_it_ended(bot: Bot) -> None:
    deploy(bot, 1)
    assert "first of its kind in 30 days" in newest(bot)
    press(bot, "BOB")
    deploy(bot, 2)
    assert "1 of 1 like this approved in 30 days, last by Bob Bell on" in newest(bot)
    press(bot, "DAN", "request.deny")
    deploy(bot, 3)

    assert "1 of 2 like this approved in 30 days, last by Bob Bell on" in newest(bot)


def test_what_is_not_like_it_says_nothing_of_it(bot: Bot) -> None:
    deploy(bot, 1)
    press(bot, "BOB")

    deploy(bot, 2, resource={"id": "acme/pay"})
    assert "first of its kind" in newest(bot)
    deploy(bot, 3, actor={"id": "cat@example.com", "name": "Cat Cole"})
    assert "first of its kind" in newest(bot)


def test_what_expired_or_was_withdrawn_is_no_approval(bot: Bot) -> None:
    first = deploy(bot, 1)
    request = bot.request(first)
    assert request.expires_at is not None
    bot.later(first, request.expires_at - request.opened_at)
    assert bot.request(first).state is State.EXPIRED

    deploy(bot, 2)

    assert "none of 1 like this approved in 30 days" in newest(bot)


def test_a_settled_card_keeps_its_outcome_and_no_row_of_the_past(bot: Bot) -> None:
    deploy(bot, 1)
    press(bot, "BOB")

    assert "Before" not in newest(bot)


def test_an_account_that_asks_a_lot_is_counted_on_its_card(bot: Bot) -> None:
    for number in range(1, 5):
        deploy(bot, number)
        assert "in 24 h" not in newest(bot)

    deploy(bot, 5)

    assert "5th request by this person in 24 h" in newest(bot)


def test_a_redelivery_counts_nothing_twice(bot: Bot) -> None:
    for _ in range(6):
        deploy(bot, 1)

    assert bot.house.redis.zcard(keys.asked_lately("eve@example.com")) == 1


def test_what_is_remembered_is_bounded_and_ends_by_itself(bot: Bot) -> None:
    held = keys.asked_lately("eve@example.com")
    now_ms = int(bot.house.requests.now().timestamp() * 1000)
    long_ago = now_ms - 31 * 86_400_000
    bot.house.redis.zadd(held, {f"old-{number}": long_ago + number for number in range(50)})
    bot.house.redis.zadd(held, {f"new-{number}": now_ms - 1000 + number for number in range(220)})

    deploy(bot, 1)

    assert bot.house.redis.zcard(held) == 200
    assert bot.house.redis.zcount(held, "-inf", now_ms - 30 * 86_400_000) == 0
    assert 0 < bot.house.redis.ttl(held) <= 30 * 86_400


def test_the_request_form_says_how_long_it_usually_takes_and_what_is_held_already(bot: Bot) -> None:
    took = keys.took("prod-database")
    now_ms = int(bot.house.requests.now().timestamp() * 1000)
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        bot.house.redis.zadd(took, {f"request-{number} {minutes * 60_000}": now_ms for number, minutes in FOUR})
        eve.command("/access", "request prod-database")
        form = eve.modal()
        assert form is not None
        assert "usually" not in form.words, "four decisions are no habit"
        held(bot, eve, dan)

        bot.house.redis.zadd(took, {"request-5 363000": now_ms, "request-6 363000": now_ms})
        eve.command("/access", "request prod-database")
        form = eve.modal()

    assert form is not None
    assert "Asks @service-owners (2 people), usually 6 min." in form.words
    assert "You already hold this until" in form.words


FOUR = list(enumerate((2, 7, 60, 60)))
