"""A review that is denied undoes what happened: once, tried again, reported, and said aloud when it cannot."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from redis import Redis

from approvalbot.request.request import State
from approvalbot.store import keys
from tests.actions.standin import Say, StandIn
from tests.bot import Bot
from tests.journeys.following import (
    SECRET,
    Vendor,
    actions_of,
    again,
    deny,
    escalation,
    following,
    in_hand,
    post_as,
    put_back,
)
from tests.journeys.test_presses import card_of

CHANNEL = "#aws-approvals"
Parts = tuple[Bot, Vendor, StandIn, StandIn]


@pytest.fixture
def parts(redis: Redis, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Parts]:
    with following(valkey_url, tmp_path, monkeypatch) as held:
        yield held


def detached(at: StandIn) -> list[dict[str, list[str]]]:
    return [parse_qs(one.body.decode()) for one in at.got if b"DetachUserPolicy" in one.body]


def test_a_denial_undoes_it_and_every_place_says_so(parts: Parts) -> None:
    bot, _, at, _ = parts
    asked = escalation(bot)
    with bot.hands("BOB") as bob:
        card = card_of(bot, bob, CHANNEL)
        assert card.buttons["request.deny"] == "Undo"
        bob.press(card.channel, card.ts, "request.deny")
        form = bob.modal()
        assert form is not None
        assert form.title == "Undo what happened"
        assert "this would take the IAM policy away" in form.words
        bob.submit({"reason_code": {"reason_code": "suspicious"}})
        bot.settle()

        done = card_of(bot, bob, CHANNEL)
        lines = [one.words for one in bob.thread(card.channel, card.ts)]

    assert "Undo decided by <@U0BOB>" in done.words
    assert "Undone." in done.words
    assert "Undone." in lines
    assert [one["UserName"] for one in detached(at)] == [["eve"]]
    assert detached(at)[0]["PolicyArn"] == ["arn:aws:iam::aws:policy/AdministratorAccess"]
    steps = bot.steps(asked)
    assert steps[:4] == ["opened", "level_asked", "voted", "denied"]
    assert sorted(steps[4:]) == ["action_done", "answer_delivered"]
    assert bot.request(asked).state is State.DENIED


def test_an_acknowledgement_undoes_nothing(parts: Parts) -> None:
    bot, _, at, siem = parts
    escalation(bot)
    with bot.hands("BOB") as bob:
        card = card_of(bot, bob, CHANNEL)
        bob.press(card.channel, card.ts, "request.approve", confirmed=True)
        bot.settle()
        assert "Acknowledged by" in card_of(bot, bob, CHANNEL).words

    assert at.got == []
    assert siem.got == []


def test_a_worker_that_dies_before_it_says_so_undoes_nothing_twice(parts: Parts) -> None:
    bot, _, at, _ = parts
    asked = escalation(bot)
    with bot.hands("BOB") as bob:
        card = card_of(bot, bob, CHANNEL)
        bob.press(card.channel, card.ts, "request.deny")
        bob.submit({"reason_code": {"reason_code": "suspicious"}})
        stored = actions_of(bot)
        bot.settle()
        calls = len(at.got)
        put_back(bot, stored)

    assert len(stored) == 1
    assert len(at.got) == calls, "it was asked of the vendor once more"
    assert bot.steps(asked).count("action_done") == 1


def test_a_vendor_that_is_busy_is_asked_again_and_its_owner_hears_before_the_second_hour(parts: Parts) -> None:
    bot, vendor, at, _ = parts
    asked = escalation(bot)
    vendor.answers = [("/", Say(503, b"", {"retry-after": "1"}))] * 3
    with bot.hands("BOB") as bob:
        deny(bot, bob, CHANNEL)
        assert "Undo started, and is not done yet: aws answered 503" in card_of(bot, bob, CHANNEL).words
        again(bot, 2)

        (alarm,) = [one.words for one in bob.messages("#general") if "not done yet" in one.words]
        assert "aws.detach_policy" in alarm
        again(bot)
        assert "Undone." in card_of(bot, bob, CHANNEL).words

    assert bot.steps(asked).count("action_delayed") == 2, "the first, and the one after which the owner hears"
    assert bot.steps(asked).count("action_done") == 1
    assert len(detached(at)) == 1
    assert in_hand(bot) == []


def test_a_refusal_is_final_told_everywhere_and_may_be_sent_again_by_hand(parts: Parts) -> None:
    bot, vendor, at, _ = parts
    asked = escalation(bot)
    vendor.answers = [("/", Say(403, b"<Code>AccessDenied</Code><Message>no</Message>"))]
    with bot.hands("BOB") as bob:
        card = card_of(bot, bob, CHANNEL)
        deny(bot, bob, CHANNEL)

        assert "Undo failed: aws answered 403 AccessDenied: no." in card_of(bot, bob, CHANNEL).words
        assert "The owner (team-security) is told." in card_of(bot, bob, CHANNEL).words
        assert any("Undo failed" in one.words for one in bob.thread(card.channel, card.ts))
        (alarm,) = [one.words for one in bob.messages("#general") if "could not be done" in one.words]
        assert "Do it by hand" in alarm
        (letter,) = bot.house.outbox.dead_letters()

        assert bot.house.outbox.revive(letter.id)
        bot.carrier.effects.append(letter.id)
        bot.settle()
        assert "Undone." in card_of(bot, bob, CHANNEL).words

    assert bot.steps(asked).count("action_failed") == 1
    assert bot.request(asked).acted[0].state == "done"
    assert len(detached(at)) == 1


def test_an_undo_with_a_hole_in_it_is_promised_by_no_button_and_done_by_nobody(parts: Parts) -> None:
    bot, _, at, siem = parts
    asked = str(
        bot.aws({"eventSource": "iam.amazonaws.com", "eventName": "AttachUserPolicy", "eventID": "x"}).json()["id"]
    )
    with bot.hands("BOB") as bob, bot.hands("ANN") as ann:
        pending = card_of(bot, bob, CHANNEL)
        assert "the undo cannot be done here and needs hands" in pending.words
        assert "requestParameters.userName has no value in this event" in pending.words
        deny(bot, bob, CHANNEL)
        settled = card_of(bot, ann, CHANNEL).words
        thread = [one.words for one in ann.thread(pending.channel, pending.ts)]
        alarms = [one.words for one in ann.messages("#general") if "is not run" in one.words]

    assert "Objected by" in settled
    assert "What happened stands until somebody undoes it." in settled
    assert any("`aws.detach_policy` was not run" in line for line in thread)
    assert len(alarms) == 2, "the undo, and the callback that names the same field"
    assert bot.steps(asked).count("effect_not_run") == 2
    assert at.got == []
    assert siem.got == []


def test_a_vendor_that_no_provider_stands_for_is_told_to_the_owner(
    redis: Redis, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with following(valkey_url, tmp_path, monkeypatch, {"sources": {"providers": []}}) as (bot, _, at, _siem):
        asked = escalation(bot)
        with bot.hands("BOB") as bob:
            deny(bot, bob, CHANNEL)
            assert "No provider aws is configured" in card_of(bot, bob, CHANNEL).words
            assert any("No provider aws is configured" in one.words for one in bob.messages("#general"))

        assert "action_failed" in bot.steps(asked)
        assert at.got == []


def test_a_secret_of_the_event_reaches_its_receiver_and_nobody_else(
    parts: Parts, capfd: pytest.CaptureFixture[str]
) -> None:
    bot, _, _, siem = parts
    token = "ghp_abcdefghijklmnopqrstuvwxyz0123456789"
    asked = escalation(bot, sessionToken=token)
    with bot.hands("BOB") as bob:
        deny(bot, bob, CHANNEL)
        seen = str([one.raw for one in (*bob.messages(CHANNEL), *bob.messages("#general"))])
        card = card_of(bot, bob, CHANNEL)
        bob.press(card.channel, card.ts, "request.details")
        details = bob.modal()
        thread = str([one.raw for one in bob.thread(card.channel, card.ts)])

    sent = [one.json()["data"] for one in siem.got]
    assert [one["with"] for one in sent if one["policy_status"] == "token"] == [{"token": token}]
    trail = str(bot.house.redis.xrange(keys.TRAIL))
    for place in (seen, thread, str(details), trail, str(capfd.readouterr())):
        assert token not in place
        assert SECRET not in place
    assert bot.request(asked).state is State.DENIED


def test_only_if_decides_whether_a_receiver_is_told(parts: Parts) -> None:
    bot, _, _, siem = parts
    escalation(bot)
    with bot.hands("BOB") as bob:
        deny(bot, bob, CHANNEL)

    assert [one.json()["data"]["policy_status"] for one in siem.got] == ["incident"]


def test_what_the_policy_adds_is_raw_and_typed(parts: Parts) -> None:
    bot, _, _, siem = parts
    asked = escalation(bot)
    with bot.hands("BOB") as bob:
        deny(bot, bob, CHANNEL, note="not <known> & *new*")

    (got,) = siem.got
    added = got.json()["data"]["with"]
    assert added["user"] == "eve"
    assert added["readonly"] is False
    assert added["request"] == asked
    assert added["link"].endswith(f"/v1/requests/{asked}")
    assert added["said"] == "Undo decided by Bob Bell: suspicious: not <known> & *new*"
    assert added["note"] == "by Bob Bell because not <known> & *new*"
    assert added["at"].endswith("Z")


def test_a_pod_is_deleted_in_the_cluster_of_the_event(parts: Parts) -> None:
    bot, _, at, _ = parts
    event = {
        "auditID": "a1",
        "stage": "ResponseStarted",
        "stageTimestamp": "2026-03-03T12:00:00Z",
        "verb": "create",
        "user": {"username": "eve@example.com"},
        "objectRef": {"resource": "pods", "subresource": "exec", "namespace": "prod", "name": "web-0"},
    }
    post_as(bot, "kubernetes.audit", {"kind": "EventList", "items": [event]})
    with bot.hands("BOB") as bob:
        deny(bot, bob, "#deploys")
        assert "Undone: deleted." in card_of(bot, bob, "#deploys").words

    path = "/api/v1/namespaces/prod/pods/web-0"
    assert at.calls == [f"GET {path}", f"DELETE {path}"]


def test_an_okta_role_is_taken_away(parts: Parts) -> None:
    bot, _, at, _ = parts
    event = {
        "uuid": "u1",
        "eventType": "user.account.privilege.grant",
        "outcome": {"result": "SUCCESS"},
        "actor": {"alternateId": "eve@example.com"},
        "target": [{"type": "User", "id": "00u1", "alternateId": "bob@example.com"}, {"type": "Role", "id": "R1"}],
    }
    post_as(bot, "okta-log", event)
    with bot.hands("CAT") as cat:
        deny(bot, cat, "#sec-incidents")
        assert "Undone: took away Org Admin." in card_of(bot, cat, "#sec-incidents").words

    assert at.calls == ["GET /api/v1/users/00u1/roles", "DELETE /api/v1/users/00u1/roles/R1"]
