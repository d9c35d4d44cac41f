"""An account nobody knows: whoever pressed says whose it is, an owner of the identities confirms, the press counts."""

import re
import secrets

import pytest

from approvalbot.errors import MoveRefused
from approvalbot.flow.press import Press, press
from approvalbot.store import keys
from approvalbot.workspace.hands import Message
from tests.clicks.stage import Card, Seen, Stage
from tests.clicks.test_no_dead_clicks import stage

__all__ = ["stage"]

# Ann owns the identities of this stage, Bob and Ann decide, Dan is in no group, Eve is in the identities.


@pytest.fixture(autouse=True)
def _nothing_linked(stage: Stage) -> None:
    stage.bot.house.redis.delete(keys.LINKS)


def unknown(stage: Stage, kind: str = "gate") -> tuple[Card, str]:
    """A request whose actor nobody knows, and the actor's account."""
    account = f"ghost-{secrets.token_hex(4)}@nowhere.example"
    return stage.open(kind, actor=account), account


def chosen(stage: Stage, card: Card, slack: str, holder: str) -> Seen:
    """Choose whose account it is, in the private answer to the press."""
    action = {"action_id": "request.link", "block_id": f"link|{card.value}", "selected_user": holder}
    return stage.press("after", slack, "request.link", card, actions=[{"type": "users_select", **action}])


def asked(stage: Stage, owner: str) -> Message:
    """The message that asks an owner to confirm."""
    with stage.bot.hands(owner) as hands:
        return hands.wait_for(lambda: [one for one in hands.direct_messages() if "link.confirm" in one.buttons][-1])


def settled(stage: Stage, message: Message, slack: str, action: str, card: Card) -> Seen:
    """Press a button of that message, as whoever has its value."""
    elements = [one for block in message.blocks if block["type"] == "actions" for one in block["elements"]]
    value = next(one["value"] for one in elements if one["action_id"] == action)
    pressed = {"action_id": action, "block_id": "link.confirm", "value": value}
    return stage.press("after", slack, action, card, actions=[pressed])


def approve(stage: Stage, card: Card, slack: str = "U0BOB") -> Seen:
    return stage.press("before", slack, "request.approve", card)


def test_a_press_that_waited_counts_once_an_owner_has_confirmed(stage: Stage) -> None:
    card, account = unknown(stage)

    refused = approve(stage, card)
    said = chosen(stage, card, "U0BOB", "U0EVE")
    message = asked(stage, "ANN")
    confirmed = settled(stage, message, "U0ANN", "link.confirm", card)

    assert f"We do not know whose e-mail account `{account}` is" in refused.words
    assert (
        "Your press is kept for 10 minutes and counts once linked, if you may decide; a denial takes it back."
        in refused.words
    )
    assert "Asked an owner of the identities" in said.words
    assert f"`{account}` belongs to *eve*" in message.words
    assert "Linked: " in confirmed.words
    (vote,) = stage.bot.request(card.id).votes
    assert (vote.by.key, vote.choice) == ("bob", "approve")
    assert stage.bot.steps(card.id)[2:] == ["press_refused", "link_asked", "linked", "voted"]
    with stage.bot.hands("BOB") as bob:
        told = bob.wait_for(lambda: [one for one in bob.direct_messages() if card.id[:6] in one.words])
    assert "your approval counts" in told[-1].words


def test_whoever_the_account_belongs_to_is_barred_from_then_on(stage: Stage) -> None:
    card, _ = unknown(stage)
    approve(stage, card)
    chosen(stage, card, "U0BOB", "U0BOB")

    settled(stage, asked(stage, "ANN"), "U0ANN", "link.confirm", card)

    assert stage.bot.request(card.id).votes == (), "the account is the presser's own, so the press does not count"
    with stage.bot.hands("BOB") as bob:
        told = bob.wait_for(lambda: [one for one in bob.direct_messages() if card.id[:6] in one.words])
    assert "did not count" in told[-1].words
    assert "You asked for this" in told[-1].words


def test_whoever_confirmed_a_link_does_not_decide_what_it_lets_through(stage: Stage) -> None:
    card, _ = unknown(stage)
    approve(stage, card)
    chosen(stage, card, "U0BOB", "U0EVE")
    settled(stage, asked(stage, "ANN"), "U0ANN", "link.confirm", card)

    seen = approve(stage, card, "U0ANN")

    assert "You confirmed whose account this is about, so someone else has to decide." in seen.words
    assert seen.trail == (("press_refused", "excluded"),)


@pytest.mark.parametrize("slack", ["U0BOB", "U0DAN", "U0EVE", "U0GUS"])
def test_nobody_but_an_owner_confirms(stage: Stage, slack: str) -> None:
    card, _ = unknown(stage)
    approve(stage, card)
    chosen(stage, card, "U0BOB", "U0EVE")

    seen = settled(stage, asked(stage, "ANN"), slack, "link.confirm", card)

    assert seen.trail[-1][1] in {"not_yours", "not_a_member"}
    assert stage.bot.request(card.id).votes == ()
    assert not stage.bot.house.redis.exists(keys.LINKS)


def test_an_owner_who_pressed_does_not_confirm_their_own_word(stage: Stage) -> None:
    card, _ = unknown(stage)
    approve(stage, card, "U0ANN")

    said = chosen(stage, card, "U0ANN", "U0EVE")

    assert "nobody besides you who could confirm it" in said.words
    assert not stage.bot.house.redis.exists(keys.LINKS)


def test_a_proposal_that_was_replaced_cannot_be_confirmed_unseen(stage: Stage) -> None:
    card, _ = unknown(stage)
    approve(stage, card)
    chosen(stage, card, "U0BOB", "U0EVE")
    first = asked(stage, "ANN")
    chosen(stage, card, "U0BOB", "U0DAN")

    seen = settled(stage, first, "U0ANN", "link.confirm", card)

    assert seen.words.startswith("This is over")
    assert not stage.bot.house.redis.exists(keys.LINKS)


def test_saying_the_same_again_asks_nobody_again(stage: Stage) -> None:
    card, _ = unknown(stage)
    approve(stage, card)
    chosen(stage, card, "U0BOB", "U0EVE")

    again = chosen(stage, card, "U0BOB", "U0EVE")

    assert again.words.startswith("You have said so already.")


def test_an_owner_may_say_no_and_a_link_is_settled_once(stage: Stage) -> None:
    card, _ = unknown(stage)
    approve(stage, card)
    chosen(stage, card, "U0BOB", "U0EVE")
    message = asked(stage, "ANN")

    refused = settled(stage, message, "U0ANN", "link.refuse", card)
    late = settled(stage, message, "U0ANN", "link.confirm", card)

    assert refused.words.startswith("Not linked: ")
    assert late.words.startswith("This is over")
    assert stage.bot.request(card.id).votes == ()


def test_nothing_is_linked_to_somebody_outside_the_identities(stage: Stage) -> None:
    card, _ = unknown(stage)
    approve(stage, card)

    seen = chosen(stage, card, "U0BOB", stage.lead)

    assert "not in the identities" in seen.words
    assert seen.trail == (("press_refused", "link_refused"),)


def test_a_link_holds_for_later_requests_and_can_be_taken_back(stage: Stage) -> None:
    card, account = unknown(stage)
    approve(stage, card)
    chosen(stage, card, "U0BOB", "U0EVE")
    settled(stage, asked(stage, "ANN"), "U0ANN", "link.confirm", card)

    later = stage.open("gate", actor=account.upper())
    assert approve(stage, later).trail[0] == ("voted", "")
    (field,) = stage.bot.house.redis.hkeys(keys.LINKS)
    stage.bot.house.redis.hdel(keys.LINKS, field)
    last = stage.open("gate", actor=account)
    assert approve(stage, last).trail == (("press_refused", "actor_unknown"),)


def test_what_the_document_says_wins_over_a_link(stage: Stage) -> None:
    identities = stage.bot.house.policies.identities

    known = identities.with_accounts([("emails", "bob@example.com", "eve"), ("emails", "x@example.com", "nobody")])

    assert known.lookup("emails", "bob@example.com") == "bob"
    assert known.lookup("emails", "x@example.com") is None
    assert identities.with_accounts([("aws", "Ghost", "eve")]).lookup("aws", "ghost") == "eve"
    assert identities.lookup("aws", "ghost") is None


def test_a_kept_press_is_checked_anew_and_not_by_what_was_so(stage: Stage) -> None:
    card, _ = unknown(stage)
    approve(stage, card)
    chosen(stage, card, "U0BOB", "U0EVE")
    message = asked(stage, "ANN")
    stage.hands.set_group("S0SERVICEOWNERS", ["U0ANN"])

    settled(stage, message, "U0ANN", "link.confirm", card)

    stage.hands.set_group("S0SERVICEOWNERS", ["U0ANN", "U0BOB"])
    assert stage.bot.request(card.id).votes == ()
    assert stage.bot.steps(card.id)[-2:] == ["linked", "press_refused"]


def test_a_press_waits_ten_minutes_and_no_longer(stage: Stage) -> None:
    card, account = unknown(stage)
    approve(stage, card)

    left_s = stage.bot.house.redis.ttl(keys.kept_for(f"emails {account}"))

    assert 590 < int(left_s) <= 600


def test_without_the_link_a_press_from_elsewhere_is_refused_as_ever(stage: Stage) -> None:
    card, _ = unknown(stage, "review")

    with pytest.raises(MoveRefused) as caught:
        press(stage.bot.house.journey, Press(card.id, "U0BOB", "approve", 1))

    assert caught.value.code == "actor_unknown"
    assert re.search("tied to no person", caught.value.text())
