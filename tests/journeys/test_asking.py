"""Every refusal of a wish, through the form and in one line: where it belongs, and what was typed is kept."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from redis import Redis

from approvalbot.request.request import State
from tests.bot import POLICIES, Bot, running_bot
from tests.journeys.holding import FORM, card_with, held, private

REASON = "the queue is still stuck"
SECOND: dict[str, Any] = {
    "version": 1,
    "kind": "Entitlement",
    "id": "vault-read",
    "title": "Vault, read-only",
    "owner": "team-platform",
    "severity": "low",
    "requestable_by": [{"usergroup": "@engineers"}],
    "inputs": [
        {"id": "ticket", "label": "Ticket", "pattern": "(INC|CHG)-[0-9]{1,8}"},
        {"id": "buddy", "label": "Who watches", "type": "user"},
        {"id": "day", "label": "Day", "type": "date"},
    ],
    "reason": {"required": True, "min_length": 10, "max_length": 40},
    "duration": {"default": "15m", "max": "1h"},
    "grant": {"provider": "webhook", "with": {"to": "grants"}},
    "approval": {
        "levels": [
            {
                "name": "service owners",
                "approvers": [{"usergroup": "@service-owners"}],
                "notify": [{"channel": "#access-requests"}],
                "timeout": "5m",
            }
        ]
    },
}


@pytest.fixture
def changes(request: pytest.FixtureRequest) -> dict[str, Any]:
    return dict(getattr(request, "param", {}))


@pytest.fixture
def bot(
    changes: dict[str, Any], redis: Redis, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Bot]:
    folder = tmp_path / "written"
    folder.mkdir()
    (folder / "all.yaml").write_text((POLICIES / "all.yaml").read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "vault.yaml").write_text(yaml.safe_dump(SECOND), encoding="utf-8")
    with running_bot(valkey_url, tmp_path, monkeypatch, policies=folder, changes=changes) as running:
        yield running


def vault(**values: Any) -> dict[str, Any]:
    typed = {
        "entitlement": {"entitlement": "vault-read"},
        "duration": {"duration": "900"},
        "input.ticket": {"ticket": "INC-42"},
        "reason": {"reason": REASON},
    }
    return {**typed, **values}


@pytest.mark.parametrize(
    ("values", "field", "words"),
    [
        ({"input.ticket": {"ticket": "what?"}}, "input.ticket", "Ticket: what? does not have the form it needs"),
        ({"input.buddy": {"buddy": "U0GUS"}}, "input.buddy", "Who watches: U0GUS is no active, full member"),
        ({"input.buddy": {"buddy": "U0CIBOT"}}, "input.buddy", "is no active, full member"),
        ({"reason": {"reason": "     too     "}}, "reason", "needs a reason of at least 10 characters"),
    ],
)
def test_a_fault_stands_at_its_field_and_what_was_typed_is_kept(
    bot: Bot, values: dict[str, Any], field: str, words: str
) -> None:
    with bot.hands("EVE") as eve:
        eve.command("/access", "request vault-read")

        refused = eve.submit(vault(**values))

        assert words in refused.errors[field]
        assert eve.modal() is not None
        mended = vault(**{"input.buddy": {"buddy": "U0ANN"}})
        assert eve.submit(mended).ok, "mended, it is asked"
        assert len(bot.names("ab:in:pending")) == 1


def test_a_person_and_a_date_are_chosen_and_shown_to_the_approvers(bot: Bot) -> None:
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        eve.command("/access", "request vault-read")
        form = eve.modal()
        assert form is not None
        elements = {block["block_id"]: block["element"]["type"] for block in form.blocks if block["type"] == "input"}
        assert elements["input.buddy"] == "users_select"
        assert elements["input.day"] == "datepicker"

        typed = vault(**{"input.buddy": {"buddy": "U0ANN"}, "input.day": {"day": "2026-12-31"}})
        assert eve.submit(typed).ok
        bot.settle()

        (name,) = bot.names("ab:in:pending")
        assert "Who watches: \nAnn Ames (U0ANN)" in card_with(dan, name).words
        assert "Day: \n2026-12-31" in card_with(dan, name).words


def test_another_choice_keeps_what_was_typed(bot: Bot) -> None:
    with bot.hands("EVE") as eve:
        eve.command("/access", "request prod-database for 45m because the queue is still stuck")
        form = eve.modal()
        assert form is not None
        assert "45 min" in form.words, "a length of one's own is offered too"
        values = {**FORM, "reason": {"reason": REASON}}

        eve.press_modal("entitlement", value="vault-read", block_id="entitlement", values=values)
        drawn = eve.modal()

        assert drawn is not None
        assert REASON in str(drawn.state)
        assert "Asks @service-owners (2 people)" in drawn.words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"request vault-read for 2h because {REASON}", "At most 1 h for Vault, read-only; choose less."),
        ("request vault-read for 15m because no", "needs a reason of at least 10 characters"),
        (f"request vault-read because {REASON * 3}", "The reason has 72 characters; at most 40 are taken."),
        ("request vlt", "There is nothing called vlt to ask for"),
    ],
)
def test_one_line_is_refused_with_the_same_words(bot: Bot, text: str, words: str) -> None:
    with bot.hands("EVE") as eve:
        eve.command("/access", text)

        assert words in private(eve)
        assert bot.names("ab:in:pending") == []


def test_who_may_not_ask_is_told_who_may(bot: Bot) -> None:
    with bot.hands("DAN") as dan:
        dan.command("/access", f"request vault-read because {REASON}")

        assert "Vault, read-only can be requested by @engineers. You are not in it." in private(dan)


def test_what_is_held_or_asked_already_is_said_in_one_line_and_in_the_form(bot: Bot) -> None:
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        eve.command("/access", f"request vault-read because {REASON}")
        eve.command("/access", f"request vault-read because {REASON}", channel="#deploys")
        assert "You already asked at" in private(eve, "#deploys")
        (name,) = bot.names("ab:in:pending")
        bot.settle()
        card = card_with(dan, name)
        dan.press(card.channel, card.ts, "request.approve")
        bot.settle()

        eve.command("/access", "request vault-read")
        form = eve.modal()
        assert form is not None
        assert "You already hold this until" in form.words
        refused = eve.submit(vault(**{"input.ticket": {}}))
        assert "You already hold this until" in refused.errors["entitlement"]


@pytest.mark.parametrize("changes", [{"prod-database": {"mode": "monitor"}}], indirect=True)
def test_an_entitlement_in_monitor_says_what_would_happen_and_gives_nothing(bot: Bot) -> None:
    with bot.hands("EVE") as eve:
        eve.command("/access", "request prod-database")
        form = eve.modal()
        assert form is not None
        assert "It only watches for now" in form.words

        eve.submit(FORM)
        told = eve.modal()

        assert told is not None
        assert told.title == "Only watched"
        assert "It would ask @service-owners for 15 min" in told.words
        assert bot.names("ab:in:pending") == []


@pytest.mark.parametrize("changes", [{"prod-database": {"mode": "off"}}], indirect=True)
def test_an_entitlement_that_is_off_cannot_be_asked_for(bot: Bot) -> None:
    with bot.hands("EVE") as eve:
        eve.command("/access", "request prod-database")
        assert "nothing called prod-database to ask for. You may ask for: `vault-read`" in private(eve)
        eve.command("/access", "")
        form = eve.modal()
        assert form is not None
        assert "Production database" not in form.words


@pytest.mark.parametrize("changes", [{"prod-database": {"requestable_by": []}}], indirect=True)
def test_an_empty_list_of_who_may_ask_is_nobody(bot: Bot) -> None:
    with bot.hands("EVE") as eve:
        eve.command("/access", "")
        form = eve.modal()

        assert form is not None
        assert "Production database" not in form.words
        assert "Vault" in form.words


def test_nobody_asks_for_more_than_ten_things_at_once(bot: Bot) -> None:
    with bot.hands("EVE") as eve:
        for number in range(11):
            eve.command("/access", "request vault-read")
            outcome = eve.submit(vault(**{"input.ticket": {"ticket": f"INC-{number}"}}))
            assert outcome.ok == (number < 10)

        assert "At most 10 open requests per person. Yours: " in outcome.errors["entitlement"]


def test_access_starts_within_its_time_or_not_at_all(bot: Bot) -> None:
    """`start_within` is 30 s here: a provider that answers later has its access ended again."""
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        eve.service_answers("grants", status=503, times=1)
        name = held(bot, eve, dan)
        assert bot.request(name).state is State.APPROVED
        decision = bot.request(name).decision
        due_at = bot.request(name).due_at
        assert decision is not None
        assert due_at is not None
        assert (due_at - decision.at).total_seconds() == 30
