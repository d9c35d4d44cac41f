"""Repeats across redeliveries, sources and policies, and of gates: what may join a request, and what must not."""

import orjson
import pytest
import yaml

from tests.bot import Bot
from tests.journeys.test_attacks_identity import edit
from tests.journeys.test_dedupe import counted, put, review, token
from tests.journeys.test_presses import card_of
from tests.passing import time_passes


def test_a_redelivery_of_a_repeat_gets_its_answer_and_is_not_counted_again(bot: Bot) -> None:
    put(bot, review())
    asked = token(bot, 1)["id"]
    first = token(bot, 2)
    before = counted("repeats", policy="token-made", on_repeat="thread")

    assert token(bot, 2) == first
    assert bot.deploy(id="token-2", action="token.created", repo="other").status_code == 409
    time_passes(bot.house.redis, 7200)
    assert token(bot, 2) == first, "its own identity is known for longer than the window of the question"

    bot.settle()
    assert bot.request(asked).repeats == 1
    assert counted("repeats", policy="token-made", on_repeat="thread") == before
    time_passes(bot.house.redis, 86_400)
    assert token(bot, 2)["id"] != asked, "after the replay window it is an event like any other"


def test_another_source_that_joins_may_read_the_answer_and_nobody_else(bot: Bot) -> None:
    """Both sources report the same thing; the one that came second waits for the same request."""
    put(bot, review(dedupe={"key": ["repo"]}))
    sources = yaml.safe_load((bot.house.settings.approvalbot_policies / "all.yaml").read_text().split("---")[6])
    tool = next(one for one in sources["sources"] if one["name"] == "deploy-tool")
    plain = {name: value for name, value in tool.items() if name != "callback"}
    other = {**plain, "name": "other-tool", "auth": {"type": "bearer", "secret": "env:AWS_EVENTS_KEY"}}
    edit(bot, "sources", {"sources": [*(one for one in sources["sources"] if one != tool), plain, other]})
    put(bot, review(dedupe={"key": ["repo"]}, source=["deploy-tool", "other-tool"]))
    asked = token(bot, 1)["id"]
    body = orjson.dumps({"id": "o-1", "action": "token.created", "actor": {"id": "eve@example.com"}, "repo": "shop"})
    key = {"authorization": f"Bearer {bot.environment['AWS_EVENTS_KEY']}"}
    assert bot.http.get(f"/v1/requests/{asked}", headers=key).status_code == 404

    joined = bot.http.post("/v1/events/other-tool", content=body, headers=key).json()

    assert (joined["id"], joined["repeat"]) == (asked, True)
    assert bot.http.get(f"/v1/requests/{asked}", headers=key).json()["status"] == "pending"
    assert [one["id"] for one in bot.http.get("/v1/requests", headers=key).json()["requests"]] == [asked]


def test_a_source_that_is_answered_elsewhere_asks_by_itself(bot: Bot) -> None:
    put(bot, review(dedupe={"key": ["repo"]}))
    asked = token(bot, 1)["id"]
    event = {"eventID": "1", "eventSource": "a", "eventName": "b", "action": "token.created", "repo": "shop"}

    other = bot.aws(event).json()

    assert other["status"] == "pending"
    assert other["id"] != asked, "deploy-tool has a callback that would never tell aws.cloudtrail"


GATE = {"key": ["$resource.id"], "window": "6h"}


def test_a_gate_joins_a_pending_request_whose_card_shows_the_same(bot: Bot) -> None:
    edit(bot, "prod-deploy-gate", {"dedupe": GATE})
    asked = bot.deploy(sha="4f2c").json()["id"]

    same = bot.deploy(id="deploy-2", sha="4f2c", hidden="nobody sees this").json()
    other = bot.deploy(id="deploy-3", sha="bad1").json()

    assert (same["id"], same["repeat"]) == (asked, True)
    assert other["id"] != asked
    assert "repeat" not in other


@pytest.mark.parametrize("field", ["sha", "changes"])
def test_what_differs_only_where_a_card_cuts_or_hides_is_no_repeat_of_a_gate(bot: Bot, field: str) -> None:
    """The card shows the same of both; what the approver sees of the first would let the second through."""
    edit(bot, "prod-deploy-gate", {"dedupe": GATE})
    long = {"sha": "f" * 400, "changes": "ghp_" + "a" * 36}[field]

    first = bot.deploy(**{field: long}).json()["id"]
    second = bot.deploy(id="deploy-2", **{field: f"{long[:-1]}b"}).json()["id"]

    assert first != second
    assert bot.deploy(id="deploy-3", **{field: long}).json()["id"] == first


def test_an_old_approval_of_a_gate_is_no_pass_for_a_new_call(bot: Bot) -> None:
    edit(bot, "prod-deploy-gate", {"dedupe": GATE})
    first = bot.deploy().json()["id"]
    with bot.hands("BOB") as bob:
        card = card_of(bot, bob)
        assert bob.press(card.channel, card.ts, "request.approve").ok

    again = bot.deploy(id="deploy-2").json()

    assert again["id"] != first
    assert again["status"] == "pending"
    assert bot.deploy(id="deploy-3").json()["id"] == again["id"]


def test_an_edited_policy_asks_a_gate_anew(bot: Bot) -> None:
    edit(bot, "prod-deploy-gate", {"dedupe": GATE})
    first = bot.deploy().json()["id"]

    edit(bot, "prod-deploy-gate", {"title": "Production deploy, again"})

    assert bot.deploy(id="deploy-2").json()["id"] != first


def test_several_policies_each_decide_whether_the_event_repeats(bot: Bot) -> None:
    edit(bot, "second-look", {"dedupe": GATE})
    first = bot.deploy(also="watched").json()

    second = bot.deploy(id="deploy-2", also="watched").json()

    assert "repeat" not in second
    assert [one.get("repeat") for one in second["requests"]] == [None, True]
    assert second["requests"][1]["id"] == first["requests"][1]["id"]
    urls = [f"/v1/requests/{one['id']}" for one in (first, second)]
    assert [bot.http.get(url, headers=bot.bearer()).json()["status"] for url in urls] == ["pending", "pending"]
    with bot.hands("BOB") as bob:
        bot.settle()
        for card in [one for one in bob.messages("#deploys") if "request.approve" in one.buttons]:
            assert bob.press(card.channel, card.ts, "request.approve").ok
    used = [bot.http.post(f"{url}/consume", headers=bot.bearer()).status_code for url in (*urls, *urls)]
    assert used == [200, 200, 409, 409], "each event uses its own share up, and once"
