"""On-call approvers: asked where the rota stands, told and counted only while it says so (threats 9 and 62)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from redis import Redis

from approvalbot.errors import SettingsFault
from approvalbot.flow.ports import Member
from approvalbot.policy.approval import Approver
from approvalbot.request.request import State
from approvalbot.settings import load_settings
from approvalbot.slack.people import KEEP_S
from approvalbot.wiring.house import build
from approvalbot.workspace.hands import Hands
from tests.bot import Bot, running_bot
from tests.journeys.test_messages import make_everything_due
from tests.journeys.test_presses import card_of, told
from tests.oncall.rota import TOKEN, Rota
from tests.oncall.vendors import running

LEVELS = [
    {"name": "on-call", "approvers": [{"oncall": "rota/sre"}], "notify": [{"dm": "approvers"}], "timeout": "10m"},
    {
        "name": "owners",
        "approvers": [{"usergroup": "@service-owners"}],
        "notify": [{"channel": "#deploys"}],
        "timeout": "10m",
    },
]
ANN, BOB = "ann@example.com", "bob@example.com"


def changes(url: str, vendor: str, levels: list[dict[str, Any]]) -> dict[str, Any]:
    provider = {"name": "rota", "type": vendor, "url": url, "token": "env:ROTA_TOKEN"}
    return {"prod-deploy-gate": {"approval": {"levels": levels}}, "sources": {"oncall": [provider]}}


@pytest.fixture(params=["pagerduty", "opsgenie", "grafana"])
def rota(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[str, Rota]]:
    monkeypatch.setenv("ROTA_TOKEN", TOKEN)
    with running(request.param) as found:
        found.schedules["SCHEDULE01"] = ("sre", [ANN])
        yield request.param, found


@pytest.fixture
def oncall(
    rota: tuple[str, Rota], redis: Redis, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Bot]:
    vendor, found = rota
    with running_bot(valkey_url, tmp_path, monkeypatch, changes=changes(found.url, vendor, LEVELS)) as bot:
        yield bot


def put_on_call(rota: tuple[str, Rota], *emails: str) -> None:
    rota[1].schedules["SCHEDULE01"] = ("sre", list(emails))


def card_for(bot: Bot, hands: Hands) -> Any:
    bot.settle()
    return hands.direct_messages()[-1]


def test_whoever_is_on_call_is_told_and_decides(oncall: Bot, rota: tuple[str, Rota]) -> None:
    asked = oncall.deploy().json()["id"]
    with oncall.hands("ANN") as ann:
        card = card_for(oncall, ann)
        assert ann.press(card.channel, card.ts, "request.approve").ok

    request = oncall.request(asked)
    assert request.state is State.APPROVED
    assert request.asked[0].people == ("U0ANN",)
    assert request.votes[0].entries == ("oncall:rota/sre",)


def test_a_shift_that_ended_ends_the_right_to_decide_within_a_minute(
    oncall: Bot, rota: tuple[str, Rota], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = oncall.deploy().json()["id"]
    with oncall.hands("ANN") as ann, oncall.hands("BOB") as bob:
        card = card_for(oncall, ann)
        put_on_call(rota, BOB)
        oncall.house.people.forget("oncall:rota/sre")

        assert ann.press(card.channel, card.ts, "request.approve").ok
        assert "not decide it" in told(ann, card.channel)
        assert oncall.request(asked).state is State.PENDING
        entry = Approver(kind="oncall", name="rota/sre")
        assert oncall.house.people.is_member(entry, "rota/sre", oncall.house.people.who("U0BOB"))
        assert bob.direct_messages() == []


def test_a_no_is_never_from_memory(oncall: Bot, rota: tuple[str, Rota]) -> None:
    people, entry = oncall.house.people, Approver(kind="oncall", name="rota/sre")
    bob = people.who("U0BOB")
    assert people.members(entry, "rota/sre") == frozenset({"U0ANN"})

    put_on_call(rota, ANN, BOB)
    grow_older(oncall, "oncall:rota/sre", 3)

    assert people.is_member(entry, "rota/sre", bob)


def grow_older(bot: Bot, what: str, seconds: float) -> None:
    """Let what is remembered of something be older."""
    memory = bot.house.guards
    held = orjson.loads(memory.recall("people", what) or b"{}")
    memory.remember("people", what, orjson.dumps({**held, "at": held["at"] - seconds}).decode(), keep_s=KEEP_S)


def test_a_rota_that_does_not_answer_counts_for_nobody(oncall: Bot, rota: tuple[str, Rota]) -> None:
    asked = oncall.deploy().json()["id"]
    with oncall.hands("ANN") as ann:
        card = card_for(oncall, ann)
        rota[1].status = 503
        oncall.house.people.forget("oncall:rota/sre")

        assert ann.press(card.channel, card.ts, "request.approve").ok
        assert "did not say who is on call just now. Nothing was recorded." in told(ann, card.channel)

    assert oncall.request(asked).state is State.PENDING
    assert oncall.steps(asked)[-1] == "press_refused"


@pytest.mark.parametrize("how", ["nobody on call", "no such schedule"])
def test_a_rota_that_names_nobody_opens_the_next_level_and_tells_the_owner(
    oncall: Bot, rota: tuple[str, Rota], how: str
) -> None:
    rota[1].schedules = {"SCHEDULE01": ("sre", [])} if how == "nobody on call" else {}
    asked = oncall.deploy().json()["id"]
    with oncall.hands("BOB") as bob:
        card = card_of(oncall, bob)
        alarms = [one.words for one in bob.messages("#general") if "nobody of step 1 could be found" in one.words]
        assert "oncall:rota/sre" in alarms[0]
        assert bob.press(card.channel, card.ts, "request.approve").ok

    assert oncall.request(asked).state is State.APPROVED


def test_a_rota_that_stays_silent_is_asked_a_few_times_and_then_counts_as_naming_nobody(
    oncall: Bot, rota: tuple[str, Rota]
) -> None:
    rota[1].status = 401
    asked = oncall.deploy().json()["id"]
    for _ in range(6):
        oncall.settle()
        make_everything_due(oncall)
    oncall.settle()

    request = oncall.request(asked)
    assert request.level == 1
    assert request.asked[0].unresolved == ("oncall:rota/sre",)
    assert request.asked[0].people == ()
    assert request.asked[1].people == ("U0BOB", "U0DAN")


def test_whoever_is_no_full_member_of_ours_counts_for_nobody(oncall: Bot, rota: tuple[str, Rota]) -> None:
    put_on_call(rota, "stranger@example.com", "gus@example.com", "zed@example.com", ANN.upper())

    found = oncall.house.people.members(Approver(kind="oncall", name="rota/sre"), "rota/sre")

    assert found == frozenset({"U0ANN"})


def test_a_name_that_is_no_e_mail_is_nobody(oncall: Bot, rota: tuple[str, Rota]) -> None:
    vendor, found = rota
    if vendor == "opsgenie":
        found.schedules["SCHEDULE01"] = ("sre", ["U0EVE", "eve", "Ann Ames"])
        assert oncall.house.people.members(Approver(kind="oncall", name="rota/sre"), "rota/sre") == frozenset()


def test_a_provider_without_its_token_stops_the_start(
    bot: Bot, valkey_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = bot.house.settings.approvalbot_policies
    (folder / "more.yaml").write_text(
        "version: 1\nkind: Sources\nid: more\nowner: sre\n"
        "oncall: [{name: rota, type: pagerduty, token: env:NO_SUCH_TOKEN}]\n",
        encoding="utf-8",
    )
    settings = load_settings(**{**bot.house.settings.model_dump(), "_env_file": None})

    with pytest.raises(SettingsFault, match="env:NO_SUCH_TOKEN"):
        build(settings, valkey_url)


def test_members_are_compared_by_their_slack_account(oncall: Bot, rota: tuple[str, Rota]) -> None:
    entry = Approver(kind="oncall", name="rota/sre")
    impostor = Member(slack="U0EVE", team="T0ACME", name="Ann Ames", email=ANN)

    assert not oncall.house.people.is_member(entry, "rota/sre", impostor)
