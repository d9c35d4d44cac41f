"""No press is dead: state, kind, presser, button, before and after a restart: one specific answer, one trail entry."""

import re
from collections.abc import Iterator

import pytest

from approvalbot.store.connection import connect
from tests.clicks.stage import WITHIN_S, Card, Seen, Stage, running_stage
from tests.clicks.table import PEOPLE, STATES, expected

VOTES = ("request.approve", "request.deny")
BUTTONS = (
    *VOTES,
    *("request.claim", "request.take_over", "request.ask", "request.less", "request.note", "request.again"),
    *("request.details", "request.withdraw", "grant.end", "grant.extend", "request.nonsense"),
)

CELLS = [(state, kind) for state, row in STATES.items() for kind in row.kinds]

_LINK = re.compile(r"<http[^|>]*\|([^>]*)>")


@pytest.fixture(scope="module")
def stage(valkey_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """One stage for the whole walk."""
    connect(valkey_url).flushall()
    with (
        pytest.MonkeyPatch.context() as monkeypatch,
        running_stage(valkey_url, tmp_path_factory.mktemp("clicks"), monkeypatch) as running,
    ):
        yield running


def brought(stage: Stage, state: str, kind: str) -> Card:
    """A request of a kind in a state, with its card redrawn where that is not the point."""
    card = stage.open(kind, entitlement=f"access-{state.replace(' ', '-')}")
    STATES[state].reach(stage, card)
    if state != "approved":
        stage.bot.settle()
    stage.bot.carrier.effects.clear()
    return stage.card(card.id)


def read(seen: Seen) -> tuple[str, str]:
    """What the presser reads, and the code of the refusal in the trail."""
    title = seen.form.split("\n")[1] if seen.form else ""
    code = next((code for what, code in seen.trail if what == "press_refused"), "")
    return _LINK.sub(r"\1", seen.words or title), code


@pytest.mark.parametrize(("state", "kind"), CELLS)
def test_every_press_has_its_one_answer(stage: Stage, state: str, kind: str) -> None:
    card, wrong, slowest = brought(stage, state, kind), [], 0.0

    for who, slack in PEOPLE.items():
        for action in BUTTONS:
            wanted = expected(kind, STATES[state], who, action)
            if wanted is None:
                continue
            for door in stage.doors if action in VOTES else ("after",):
                wait_s = WITHIN_S if wanted[0] else 0.03
                seen = stage.send(door, slack, stage.payload(slack, action, card), card.id, wait_s=wait_s)
                slowest = max(slowest, seen.took_s)
                if read(seen) != wanted:
                    wrong.append(f"{who}, {action}, {door}: {read(seen)} is not {wanted}")
                if len(seen.trail) != (1 if wanted[1] else 0):
                    wrong.append(f"{who}, {action}, {door}: {seen.trail} in the trail")

    assert not wrong, "\n".join(wrong)
    assert slowest < WITHIN_S


@pytest.mark.parametrize("door", ["before", "after"])
@pytest.mark.parametrize("kind", ["gate", "review"])
@pytest.mark.parametrize("state", ["pending", "partly", "escalated"])
def test_a_press_that_counts_shows_on_the_card(stage: Stage, state: str, kind: str, door: str) -> None:
    card = brought(stage, state, kind)

    form = stage.press(door, "U0BOB", "request.deny", card)
    counted = stage.press(door, "U0BOB", "request.approve", card)
    stage.bot.settle()
    again = stage.press(door, "U0BOB", "request.approve", card)

    shown, word = stage.shown(card), {"gate": "approved", "review": "acknowledged"}[kind]
    assert read(form) == ({"gate": "Deny request", "review": "Object to request"}[kind], "")
    assert (counted.words, counted.trail[0]) == ("", ("voted", ""))
    if state == "partly":
        assert "by <@U0ANN> and <@U0BOB>" in shown
        assert again.words == f"Already {word} by Ann Ames and Bob Bell at {{time}}. Nothing was changed."
    else:
        assert "1 of 2" in shown
        assert again.words == f"Your vote is already counted ({word} at {{time}})."
