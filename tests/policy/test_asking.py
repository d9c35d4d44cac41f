"""Whom a match would ask, how many of them, until when, and what a repeat of it is."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from approvalbot.policy.asking import WouldAsk, would_ask
from approvalbot.policy.asking_text import asking_text
from approvalbot.policy.folder import Folder
from approvalbot.policy.inline.world import Worlds
from approvalbot.policy.parse import load_policies
from approvalbot.policy.policyset import PolicySet
from tests.events.makers import event_of
from tests.policy.makers import load, policy_document

NOON = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
NIGHT = datetime(2026, 3, 3, 23, 0, tzinfo=UTC)
IDENTITIES = """
version: 1
kind: Identities
id: people
owner: team-identity
people:
  - {id: ann, name: Ann Ames, emails: [ann@example.com], manager: cat}
  - {id: bob, name: Bob Bell, emails: [bob@example.com]}
  - {id: cat, name: Cat Cole, emails: [cat@example.com]}
  - {id: eve, name: Eve Eade, emails: [eve@example.com], manager: cat}
roles: {repo-admin: [cat]}
"""
OFFICE = "{version: 1, kind: Calendar, id: office, owner: me, tz: UTC, weekly: {mon-fri: ['08:00-19:00']}}"
APPROVAL = {
    "schedule": [{"during": "office", "quorum": 1}, {"otherwise": True, "quorum": 2, "from_distinct_groups": True}],
    "levels": [
        {"name": "owners", "approvers": [{"usergroup": "@owners"}, {"usergroup": "@leads"}], "timeout": "10m"},
        {"name": "boss", "approvers": [{"manager_of": "$actor.id"}, {"oncall": "pagerduty/x"}], "timeout": "2h"},
    ],
}
DEPLOY = {"action": "deploy", "id": "d1", "actor": {"id": "eve@example.com"}, "service": "shop"}


def policies(**changes: Any) -> PolicySet:
    document = policy_document(approval=APPROVAL, fixtures={"groups": {"@owners": ["ann", "eve"]}}, **changes)
    other = policy_document(id="other", match={"a": 1}, fixtures={"groups": {"@owners": ["dan"], "@leads": ["bob"]}})
    return load(document, other, IDENTITIES, OFFICE)


def asked(held: PolicySet, at: datetime = NOON, body: Any = None) -> WouldAsk:
    (match,) = held.matcher.match(event_of(body or DEPLOY))
    return would_ask(held, match, at, Worlds(held).of(match.policy))


def test_levels_name_their_people_by_the_policys_fixtures_then_by_those_of_the_others() -> None:
    question = asked(policies())

    assert [(level.name, level.after_s, level.timeout_s, level.people) for level in question.levels] == [
        ("owners", 0, 600, ("ann", "bob")),
        ("boss", 600, 7200, ("cat",)),
    ]
    assert [(one.key, one.people) for one in question.levels[0].entries] == [
        ("usergroup:@owners", ("ann", "eve")),
        ("usergroup:@leads", ("bob",)),
    ]
    assert question.levels[1].unknown == ("oncall:pagerduty/x",)


def test_whoever_acted_is_asked_for_nothing_and_may_not_vote() -> None:
    question = asked(policies(), body={**DEPLOY, "actor": {"id": "ann@example.com"}})

    assert question.levels[0].people == ("bob", "eve")
    assert (question.barred, question.actor_known) == (("ann",), True)


def test_an_actor_whom_nobody_knows_asks_for_one_more_vote() -> None:
    question = asked(policies(), body={**DEPLOY, "actor": {"id": "robot"}})

    assert (question.quorum, question.barred, question.actor_known) == (2, ("robot",), False)


def test_the_schedule_row_that_holds_now_gives_the_quorum() -> None:
    by_day, by_night = asked(policies(), NOON), asked(policies(), NIGHT)

    assert (by_day.quorum, by_day.distinct, by_day.row) == (1, False, "during office")
    assert (by_night.quorum, by_night.distinct, by_night.row) == (2, True, "otherwise")


def test_it_expires_when_the_last_level_gives_up() -> None:
    assert asked(policies()).expires_at == datetime(2026, 3, 3, 14, 10, tzinfo=UTC)


def test_the_key_of_a_repeat_is_shown_with_what_makes_it() -> None:
    held = policies(dedupe={"key": ["service", "$actor.id", "gone"], "window": "2h"})
    keyed, again = asked(held), asked(held, NIGHT, {**DEPLOY, "id": 2})
    always_new = asked(policies(dedupe={"on_repeat": "new"}))

    assert keyed.dedupe == (("service", "shop"), ("$actor.id", "eve@example.com"), ("gone", ""))
    assert keyed.question is not None
    assert keyed.question == again.question
    assert keyed.question.window_s == 7200
    assert keyed.to_json()["dedupe"]["values"] == {"service": "shop", "$actor.id": "eve@example.com", "gone": ""}
    assert always_new.question is None
    assert always_new.to_json()["dedupe"] is None


def test_a_question_reads_as_text() -> None:
    message = {"summary": "{{ $actor.id }} deploys {{ service }}"}

    told = asking_text(asked(policies(message=message, dedupe={"key": ["service"]}), NIGHT), where="by fixtures")

    assert told.splitlines() == [
        "  would ask (by fixtures): 2 people of different entries must approve; schedule: otherwise",
        "    1. owners, at once, for 10 min: asks ann, bob",
        "       usergroup:@owners: ann, eve",
        "       usergroup:@leads: bob",
        "    2. boss, after 10 min, for 2 h: asks cat and the members of oncall:pagerduty/x",
        "       manager_of:eve: cat",
        "       oncall:pagerduty/x: not known here",
        "    may not vote: eve",
        "    expires at 2026-03-04T01:10:00Z if nobody acts",
        "    joined for 1 h by events with service = shop",
        "    says: eve@example.com deploys shop",
    ]


def test_a_rule_of_a_pack_asks_by_the_fixtures_of_its_pack(shared: Path) -> None:
    held = load_policies(Folder.at(shared / "policies"))
    body = {"eventSource": "guardduty.amazonaws.com", "eventName": "CreateIPSet", "userIdentity": {"arn": "a"}}
    found = [one for one in held.matcher.match(event_of(body, "aws.cloudtrail")) if one.policy.pack]
    question = would_ask(held, found[0], NOON, Worlds(held).of(found[0].policy))

    assert question.levels[0].people == ("ann",)
    assert question.summary.startswith("AWS GuardDuty Important Change: ")
