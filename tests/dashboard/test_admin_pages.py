"""Deliveries, sources and people: what an admin may do there, and what stands in the trail afterwards."""

import pytest
from redis import Redis

from approvalbot.dashboard.deciders import entries_elsewhere, seats_of
from approvalbot.policy.folder import Folder
from approvalbot.policy.parse import load_policies
from approvalbot.request.effects import Answer
from approvalbot.store import keys
from approvalbot.store.outbox import Outbox
from approvalbot.store.trail import TrailStore
from tests.bot import Bot
from tests.dashboard.conftest import Open
from tests.dashboard.test_policies import plain
from tests.dashboard.test_requests import asked


def dead_letter(redis: Redis, name: str = "AAAAAAAAAAAAAAAAAAAA:2:0", fault: str = "the receiver said 500") -> str:
    effect = Answer(to="deploy-tool", event="request.approved")
    redis.hset(keys.DEAD_LETTERS, name, f"{fault.replace(' ', chr(0xA0))} {effect.model_dump_json()}")
    return name


def noted(redis: Redis, what: str) -> list[dict[str, object]]:
    return [dict(one.entry) for one in TrailStore(redis).records() if one.entry["what"] == what]


def test_what_was_given_up_is_listed_and_sent_again_and_the_trail_says_by_whom(
    of_roles: Bot, browser_of: Open, redis: Redis
) -> None:
    name, other = dead_letter(redis), dead_letter(redis, "BBBBBBBBBBBBBBBBBBBB:2:0")
    cat = browser_of("U0CAT")
    page = cat.get("/deliveries").text
    assert "Send the answer deploy-tool request.approved" in plain(page)
    assert "the receiver said 500" in page

    answer = cat.post(
        "/deliveries/resend", {**cat.forms("/deliveries")["/deliveries/resend#"], "effect": name, "everything": ""}
    )

    assert (answer.status_code, answer.headers["location"]) == (303, "/deliveries?sent=1")
    assert [one.id for one in Outbox(redis).dead_letters()] == [other]
    assert [one.id for one in Outbox(redis).soonest(9)] == [name]
    (entry,) = noted(redis, "delivery_resent")
    assert (entry["request"], entry["detail"]) == (
        "deliveries",
        {"effect": name, "kind": "answer", "to": "deploy-tool request.approved"},
    )
    assert "1 delivery is to be sent again." in cat.get("/deliveries?sent=1").text


def test_all_that_was_given_up_is_sent_again_at_once(of_roles: Bot, browser_of: Open, redis: Redis) -> None:
    for letter in "ABCDE":
        dead_letter(redis, f"{letter * 20}:2:0")
    cat = browser_of("U0CAT")
    fields = cat.forms("/deliveries")["/deliveries/resend#"] | {"everything": "yes"}
    fields.pop("effect", None)

    cat.post("/deliveries/resend", fields)

    assert Outbox(redis).given_up() == 0
    assert len(noted(redis, "delivery_resent")) == 5


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"effect": "nobody:1:1"}, 404),
        ({"effect": ""}, 400),
        ({"effect": "x" * 500}, 400),
        ({"effect": "AAAAAAAAAAAAAAAAAAAA:2:0", "everything": "yes"}, 400),
    ],
)
def test_a_form_that_names_no_delivery_sends_nothing(
    of_roles: Bot, browser_of: Open, redis: Redis, change: dict[str, str], status: int
) -> None:
    dead_letter(redis)
    cat = browser_of("U0CAT")
    csrf = cat.forms("/deliveries")["/signout#"]

    assert cat.post("/deliveries/resend", {**csrf, **change}).status_code == status
    assert Outbox(redis).given_up() == 1
    assert noted(redis, "delivery_resent") == []


def test_what_waits_to_be_sent_is_listed(of_roles: Bot, browser_of: Open) -> None:
    of_roles.deploy()

    words = plain(browser_of("U0CAT").get("/deliveries").text)

    assert "1 effect is still to be performed" in words
    assert "Ask the people of a step" in words
    assert "Nothing was given up." in words


def test_sources_say_how_they_prove_themselves_and_how_much_they_send(of_roles: Bot, browser_of: Open) -> None:
    asked(of_roles)
    of_roles.deploy(id="no-match", target={"environment": "staging"})

    page = browser_of("U0CAT").get("/sources").text

    words = plain(page)
    assert "generic · proves itself by Standard Webhooks signature · env:DEPLOY_TOOL_SECRET may wait" in words
    assert "In 24 hours 2 Matched 1 This hour 2 Rate 2/d may be 1,000/s Policies 4" in words
    assert "aws.cloudtrail · proves itself by key in a header x-api-key" in words
    assert "whsec_" not in page, "secrets are names"


def test_who_is_away_is_said_with_whom_they_named(of_roles: Bot, browser_of: Open) -> None:
    with of_roles.hands("DAN") as dan:
        dan.command("/access", "away until 2h delegate @cat because of <b>bold</b> plans")

    bob = browser_of("U0BOB")
    assert "away until" in plain(bob.get("/people?q=dan").text)
    assert "away until" not in plain(bob.get("/people?q=eve").text)
    page = bob.get("/people/dan").text
    assert "Cat Cole is named to stand in, where a policy takes them." in plain(page)
    assert "<b>bold" not in page


def test_everybody_sees_themselves_and_an_auditor_sees_everybody(of_roles: Bot, browser_of: Open) -> None:
    eve, bob = browser_of("U0EVE"), browser_of("U0BOB")

    own = plain(eve.get("/people").text)

    assert "Eve Eade that is you" in own
    assert "emails eve@example.com" in own
    assert "@service-owners 4 policies" in own
    assert (eve.get("/people/eve").status_code, eve.get("/people/bob").status_code) == (200, 403)
    assert (eve.get("/people/nobody").status_code, bob.get("/people/nobody").status_code) == (403, 404)
    assert "Eve Eade" in plain(bob.get("/people?q=EVE@").text)
    assert "Dan Dean" not in plain(bob.get("/people?q=EVE@").text)
    assert "Roles viewer" in plain(bob.get("/people/dan").text)
    assert "End all sessions" not in bob.get("/people/eve").text, "that is an admin's"


def test_an_admin_ends_all_sessions_of_somebody_and_the_trail_says_so(
    of_roles: Bot, browser_of: Open, redis: Redis
) -> None:
    first, second, cat = browser_of("U0EVE"), browser_of("U0EVE"), browser_of("U0CAT")
    assert "2 sessions now." in plain(cat.get("/people/eve").text)

    answer = cat.post("/people/sessions/end", cat.forms("/people/eve")["/people/sessions/end#"])

    assert (answer.status_code, answer.headers["location"]) == (303, "/people/eve?ended=2")
    assert (first.get("/").status_code, second.get("/").status_code, cat.get("/").status_code) == (303, 303, 200)
    (entry,) = noted(redis, "sessions_ended")
    assert (entry["request"], entry["detail"]) == ("signin", {"of": "eve"})


def test_somebody_whom_no_identity_names_can_be_signed_out_by_their_slack_id(of_roles: Bot, browser_of: Open) -> None:
    cat, bob = browser_of("U0CAT"), browser_of("U0BOB")
    form = cat.forms("/people")["/people/sessions/end#"]

    answer = cat.post("/people/sessions/end", {**form, "person": "U0BOB"})

    assert answer.headers["location"] == "/people?ended=1"
    assert bob.get("/").status_code == 303


@pytest.mark.parametrize("person", ["", "nobody", "u0bob", "U", "<script>", "U0BOB\n", "x" * 5000, "é"])
def test_a_form_that_names_nobody_ends_nothing(of_roles: Bot, browser_of: Open, redis: Redis, person: str) -> None:
    cat = browser_of("U0CAT")
    form = cat.forms("/people")["/people/sessions/end#"]

    answer = cat.post("/people/sessions/end", {**form, "person": person})

    assert answer.status_code == (303 if person.strip() == "U0BOB" else 400)
    assert "<script>" not in answer.text
    assert len(noted(redis, "sessions_ended")) == (person.strip() == "U0BOB")


def test_everybody_can_sign_out_everywhere_on_their_own_page(of_roles: Bot, browser_of: Open) -> None:
    one, other = browser_of("U0EVE"), browser_of("U0EVE")
    assert "2 sessions now." in plain(one.get("/people").text)

    one.post("/signout", {**one.forms("/people")["/signout#"], "everywhere": "yes"})

    assert other.get("/").status_code == 303


POLICIES = b"""
version: 1
kind: Identities
id: people
owner: team
people:
  - {id: ann, name: Ann Ames, slack: U0ANN, emails: [ann@example.com], manager: cat}
  - {id: bob, name: Bob Bell, slack: [U0BOB, U0BOB2], emails: [bob@example.com]}
  - {id: cat, name: Cat Cole, slack: U0CAT}
roles:
  release-managers: [bob]
---
version: 1
kind: Sources
id: sources
owner: team
sources:
  - {name: tool, mapping: generic, auth: {type: bearer, secret: env:X}}
---
version: 1
kind: Policy
id: gate
title: A gate
owner: team
request: gate
severity: low
source: tool
match: {action: x}
approval:
  levels:
    - {name: first, approvers: [{user: ann@example.com}, {role: release-managers}, {usergroup: '@ops'}], timeout: 5m}
    - {name: second, approvers: [{user: U0BOB2}, {manager_of: $actor.id}, {channel_members: '#ops'}], timeout: 5m}
---
version: 1
kind: Policy
id: switched-off
title: Off
owner: team
mode: 'off'
request: gate
severity: low
source: tool
match: {action: y}
approval:
  levels: [{name: first, approvers: [{user: ann}], timeout: 5m}]
"""


def test_who_may_decide_is_told_as_far_as_the_policies_say_it() -> None:
    found = load_policies(Folder.of({"all.yaml": POLICIES}))
    people = found.identities.by_id

    seats = {
        name: [(seat.key, seat.level, seat.entry) for seat in seats_of(found, people[name])]
        for name in ("ann", "bob", "cat")
    }

    assert seats == {
        "ann": [("gate", "first", "user:ann@example.com")],
        "bob": [("gate", "first", "role:release-managers"), ("gate", "second", "user:U0BOB2")],
        "cat": [("gate", "second", "manager_of:$actor.id")],
    }
    assert list(entries_elsewhere(found)) == ["channel_members:#ops", "usergroup:@ops"]
