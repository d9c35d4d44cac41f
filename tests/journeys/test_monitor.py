"""A policy in monitor: what it matches is shown and counted, nobody is asked, and no caller notices."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from redis import Redis

from approvalbot.cli.samples import ADMIN
from approvalbot.errors import MoveRefused
from approvalbot.flow.press import Press, press
from approvalbot.request.request import Choice, State
from approvalbot.store import keys
from approvalbot.store.trail import TrailStore, prove
from tests.bot import Bot, running_bot
from tests.journeys.test_presses import card_of

MONITOR = {"mode": "monitor"}
CHANGES = {"aws-admin-escalation": MONITOR, "prod-deploy-gate": MONITOR, "prod-database": MONITOR}


@pytest.fixture
def bot(redis: Redis, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bot]:
    with running_bot(valkey_url, tmp_path, monkeypatch, changes=CHANGES) as running:
        yield running


def change(bot: Bot, changes: dict[str, dict[str, Any]]) -> None:
    """Put other policies in force."""
    file = bot.house.settings.approvalbot_policies / "all.yaml"
    documents = list(yaml.safe_load_all(file.read_text(encoding="utf-8")))
    for document in documents:
        document.update(changes.get(document["id"], {}))
    file.write_text(yaml.safe_dump_all(documents, sort_keys=False), encoding="utf-8")
    bot.house.keeper.reload()
    assert bot.house.keeper.fault == ""


def watched(bot: Bot) -> list[str]:
    return bot.names(keys.in_state("watched"))


def hits(bot: Bot, policy: str) -> float:
    wanted = f'approvalbot_monitor_hits_total{{policy="{policy}"}} '
    lines = bot.http.get("/metrics").text.splitlines()
    return next((float(line.removeprefix(wanted)) for line in lines if line.startswith(wanted)), 0.0)


def test_a_match_is_shown_without_a_way_to_decide_it(bot: Bot) -> None:
    before = hits(bot, "aws-admin-escalation")
    answer = bot.aws(ADMIN)
    with bot.hands("BOB") as bob:
        card = card_of(bot, bob, "#aws-approvals")
        assert bob.direct_messages() == []
        assert bob.press(card.channel, card.ts, "request.details").ok
        details = bob.modal()

    assert (answer.status_code, answer.json()) == (200, {"status": "no_match", "reason_code": "monitor"})
    assert ":eyes: Monitor only: Admin privilege escalation requested" in card.words
    assert "nobody is asked, and nothing is undone" in card.words
    assert "Would ask" in card.words
    assert "Why now" in card.words
    assert set(card.buttons) == {"request.details"}
    assert details is not None
    assert "AdministratorAccess" in details.words
    (seen,) = watched(bot)
    assert bot.steps(seen) == ["watched"]
    assert bot.names(keys.in_state("pending")) == []
    assert bot.names(keys.DEADLINES) == []
    assert not bot.house.outbox.waiting()
    assert hits(bot, "aws-admin-escalation") == before + 1


def test_a_gate_in_monitor_holds_nobody_up_and_is_no_request_of_anybody(bot: Bot) -> None:
    answer = bot.deploy()
    (seen,) = watched(bot)
    bot.settle()

    assert answer.json() == {"status": "no_match", "reason_code": "monitor"}
    for path in (f"/v1/requests/{seen}", f"/v1/requests/{seen}?wait=1"):
        assert bot.http.get(path, headers=bot.bearer()).json()["code"] == "unknown_request"
    consumed = bot.http.post(f"/v1/requests/{seen}/consume", headers=bot.bearer())
    assert consumed.json()["code"] == "unknown_request"
    assert bot.http.get("/v1/requests", headers=bot.bearer()).json()["requests"] == []
    assert bot.http.get("/v1/requests?status=watched", headers=bot.bearer()).status_code == 400
    with bot.hands("BOB") as bob:
        assert bob.service()["received"] == [], "the source's own destination was told"


@pytest.mark.parametrize("choice", ["approve", "deny"])
def test_a_press_that_would_decide_it_is_refused(bot: Bot, choice: Choice) -> None:
    bot.aws(ADMIN)
    (seen,) = watched(bot)

    with pytest.raises(MoveRefused) as caught:
        press(bot.house.journey, Press(seen, "U0BOB", choice, 1, "because"))

    assert caught.value.code == "monitor_only"
    assert bot.request(seen).state is State.WATCHED
    assert bot.steps(seen) == ["watched", "press_refused"]


def test_a_redelivery_is_seen_once(bot: Bot) -> None:
    before = hits(bot, "aws-admin-escalation")
    answers = [bot.aws(ADMIN).json() for _ in range(3)]
    with bot.hands("BOB") as bob:
        bot.settle()
        cards = [one for one in bob.messages("#aws-approvals") if not one.only_you]

    assert answers[0] == answers[1] == answers[2]
    assert len(cards) == 1
    assert len(watched(bot)) == 1
    assert hits(bot, "aws-admin-escalation") == before + 1


def test_a_storm_of_the_same_is_one_card_with_its_count(bot: Bot) -> None:
    before = hits(bot, "aws-admin-escalation")
    storm = [{**ADMIN, "eventID": f"storm-{number}"} for number in range(1000)]
    answer = bot.aws(storm).json()
    with bot.hands("BOB") as bob:
        card = card_of(bot, bob, "#aws-approvals")
        cards = [one for one in bob.messages("#aws-approvals") if not one.only_you]

    assert (answer["received"], answer["matched"]) == (1000, 0)
    assert {one["reason_code"] for one in answer["results"]} == {"monitor"}
    assert len(cards) == 1
    assert "*1000 of the same*" in card.words
    (seen,) = watched(bot)
    assert bot.request(seen).repeats == 999
    assert len(bot.steps(seen)) <= 5, "a storm does not fill the trail"
    assert hits(bot, "aws-admin-escalation") == before + 1000


def test_what_differs_on_the_card_is_shown_apart_unless_the_policy_says_what_is_the_same(bot: Bot) -> None:
    bot.aws([{**ADMIN, "eventID": f"a{n}", "sourceIPAddress": f"198.51.100.{n}"} for n in range(3)])
    assert len(watched(bot)) == 3

    change(bot, {"aws-admin-escalation": {"dedupe": {"key": ["$source.tenant", "$actor.id"], "window": "1h"}}})
    bot.aws([{**ADMIN, "eventID": f"b{n}", "sourceIPAddress": f"198.51.100.{n}"} for n in range(3)])

    assert len(watched(bot)) == 4


def test_a_policy_that_wants_every_repeat_shown_gets_it(bot: Bot) -> None:
    change(bot, {"aws-admin-escalation": {"dedupe": {"on_repeat": "new"}}})
    bot.aws([{**ADMIN, "eventID": f"n{n}"} for n in range(2)])

    assert len(watched(bot)) == 2


def test_who_enforces_is_asked_beside_who_only_watches(bot: Bot) -> None:
    answer = bot.deploy(also="watched").json()

    assert answer["status"] == "pending"
    assert len(watched(bot)) == 1
    assert "requests" not in answer, "what was only watched is no part of the answer"


def test_a_policy_that_still_counts_shows_nothing_yet(bot: Bot) -> None:
    counting = {"type": "event_count", "group_by": ["$actor.id"], "timespan": "10m", "condition": {"gte": 2}}
    change(bot, {"aws-admin-escalation": {"correlate": counting}})

    first = bot.aws({**ADMIN, "eventID": "c1"}).json()
    assert watched(bot) == []
    second = bot.aws({**ADMIN, "eventID": "c2"}).json()

    assert first == second == {"status": "no_match", "reason_code": "monitor"}
    assert len(watched(bot)) == 1


def test_the_trail_with_what_was_watched_verifies(bot: Bot) -> None:
    bot.aws([{**ADMIN, "eventID": f"t{n}"} for n in range(20)])
    bot.deploy()
    bot.settle()

    proof = prove(TrailStore(bot.house.redis))

    assert proof.faults == []
    assert len(watched(bot)) == 2


def test_a_channel_that_is_gone_is_said_aloud_and_breaks_nothing(bot: Bot) -> None:
    with bot.hands("BOB") as bob:
        bob.change_channel("#aws-approvals", archived=True)
        bot.house.people.forget("channels")
        bot.aws(ADMIN)
        bot.settle()

        assert any("could not be posted" in one.words for one in bob.messages("#general"))


def test_access_in_monitor_is_given_to_nobody_and_says_so(bot: Bot) -> None:
    with bot.hands("EVE") as eve, bot.hands("DAN") as dan:
        eve.command("/access", "request prod-database")
        eve.submit(
            {
                "entitlement": {"entitlement": "prod-database"},
                "duration": {"duration": "900"},
                "input.database": {"database": "shop"},
                "reason": {"reason": "the stuck order queue"},
            }
        )
        form = eve.modal()
        assert form is not None
        assert "only watches for now, so nobody was asked and nothing is given" in form.words
        card = card_of(bot, dan, "#access-requests")
        assert ":eyes: Monitor only: Production database, read-only" in card.words
        assert set(card.buttons) == {"request.details"}
        assert eve.service()["received"] == []
        assert eve.direct_messages() == []

    (seen,) = watched(bot)
    assert bot.request(seen).grant is None
