"""Messages of SNS: signed as AWS signs them, and everything that is nearly one (threats 30, 33)."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import orjson
import pytest

from tests.proofs.makers import CERTIFICATE_URL, TOPIC, confirmation, message, pem, signed_message
from tests.proofs.world import World

PLACE = CERTIFICATE_URL.removeprefix("https:/")
HOST = "/sns.eu-west-1.amazonaws.com"


@pytest.fixture(autouse=True)
def _certificates(world: World) -> None:
    world.outdoors.put(PLACE, pem("sns"))
    world.outdoors.put(f"{HOST}/ended.pem", pem("sns", days=-10))
    world.outdoors.put(f"{HOST}/short.pem", pem("short"))
    world.outdoors.put(f"{HOST}/", b"<ConfirmSubscriptionResponse/>")
    world.outdoors.asked.clear()


def send(world: World, written: Any, source: str = "topic", **headers: str) -> httpx.Response:
    body = written if isinstance(written, bytes) else orjson.dumps(written)
    kind = written.get("Type", "") if isinstance(written, dict) else ""
    sent = {"content-type": "text/plain; charset=UTF-8", "x-amz-sns-message-type": str(kind), **headers}
    return world.bot.http.post(f"/v1/events/{source}", content=body, headers=sent)


def event(world: World) -> str:
    return world.event().decode()


def stamp(offset: timedelta) -> str:
    return (datetime.now(UTC) + offset).strftime("%Y-%m-%dT%H:%M:%S.000Z")


@pytest.mark.parametrize(
    "changes",
    [{}, {"Subject": "A deploy"}, {"Subject": "ümlaut \n and a line"}, {"Timestamp": stamp(timedelta(hours=-1))}],
)
def test_what_was_published_opens_a_request(world: World, changes: dict[str, Any]) -> None:
    answer = send(world, message(event(world), **changes))

    assert (answer.status_code, answer.json()["status"]) == (202, "pending"), answer.text


def test_a_record_of_cloudtrail_is_unwrapped_whichever_way_it_travelled(world: World) -> None:
    record = {"eventID": "t1", "eventSource": "cloudtrail.amazonaws.com", "eventName": "DeleteTrail"}
    plain = send(world, message(json.dumps(record)), "trail").json()
    bridged = send(
        world, message(json.dumps({"detail-type": "AWS API Call via CloudTrail", "detail": record})), "trail"
    )

    assert plain["status"] == "pending"
    assert bridged.json()["id"] == plain["id"], "the event's own id tells that it is the same"


def test_a_message_is_remembered_by_its_id_where_its_event_has_none(world: World) -> None:
    text = '{"action": "deploy.requested", "what": "no id"}'
    first = send(world, message(text, MessageId="m-1")).json()["id"]

    assert send(world, message(text, MessageId="m-1")).json()["id"] == first
    assert send(world, message(text, MessageId="m-2")).json()["id"] != first


def test_headers_that_nobody_signed_say_nothing(world: World) -> None:
    written = message('{"action": "deploy.requested", "what": "unsigned headers"}', MessageId="m-3")
    first = send(world, written).json()["id"]

    assert send(world, written, **{"idempotency-key": "another"}).json()["id"] == first
    binary = {"ce-id": "1", "ce-source": "x", "ce-type": "y", "ce-specversion": "1.0"}
    assert send(world, written, **binary).json()["id"] == first


BAD: dict[str, Callable[[], Any]] = {
    "no signature": lambda: message(sign=False),
    "an empty signature": lambda: {**message(), "Signature": ""},
    "a signature of rubbish": lambda: {**message(), "Signature": "!!!"},
    "a signature that is no text": lambda: {**message(), "Signature": 7},
    "signed by somebody else": lambda: message(by="eve"),
    "signed with sha-1": lambda: signed_message({**message(sign=False), "SignatureVersion": "1"}, old=True),
    "sha-1 called version 2": lambda: signed_message(message(sign=False), old=True),
    "another version": lambda: message(SignatureVersion="3"),
    "the version as a number": lambda: message(SignatureVersion=2),
    "the message changed": lambda: {**message(), "Message": '{"action": "deploy.requested"}'},
    "the id changed": lambda: {**message(), "MessageId": "another"},
    "the topic changed": lambda: {**message(), "TopicArn": TOPIC + "x"},
    "the time changed": lambda: {**message(), "Timestamp": stamp(timedelta(seconds=-1))},
    "a subject added": lambda: {**message(), "Subject": "x"},
    "a subject taken away": lambda: {k: v for k, v in message(Subject="x").items() if k != "Subject"},
    "a subject that is no text": lambda: {**message(), "Subject": ["x"]},
    "another type": lambda: {**message(), "Type": "Notice"},
    "no type": lambda: {k: v for k, v in message().items() if k != "Type"},
    "a topic of somebody else": lambda: message(TopicArn="arn:aws:sns:eu-west-1:999999999999:cloudtrail"),
    "too old": lambda: message(Timestamp=stamp(timedelta(hours=-3))),
    "of tomorrow": lambda: message(Timestamp=stamp(timedelta(hours=24))),
    "a time without a zone": lambda: message(Timestamp="2026-03-03T10:00:00"),
    "a time that is none": lambda: message(Timestamp="2026-13-41T30:00:00Z"),
    "an ended certificate": lambda: message(SigningCertURL=f"https:/{HOST}/ended.pem"),
    "a short key": lambda: message(by="short", SigningCertURL=f"https:/{HOST}/short.pem"),
    "a certificate that is not there": lambda: message(SigningCertURL=f"https:/{HOST}/made-up.pem"),
    "an array": lambda: [message()],
    "a text": lambda: "message",
    "no json": lambda: b"{",
    "a key twice": lambda: orjson.dumps(message())[:-1] + b', "Message": "{}"}',
    "not utf-8": lambda: b'{"Type": "\xff"}',
    "deep": lambda: b"[" * 100_000,
    "nothing": lambda: b"",
    "far too long": lambda: message("x" * 2_000_000),
}


@pytest.mark.parametrize("what", BAD)
def test_a_message_that_is_not_whole_and_of_ours_is_refused(world: World, what: str) -> None:
    answer = send(world, BAD[what]())

    assert (answer.status_code, answer.json()["code"]) == (401, "signature_rejected"), answer.text


PLACES = [
    "http://sns.eu-west-1.amazonaws.com/a.pem",
    "https://sns.us-east-1.amazonaws.com/a.pem",
    "https://sns.eu-west-1.amazonaws.com.evil.example/a.pem",
    "https://evil.example/sns.eu-west-1.amazonaws.com/a.pem",
    "https://sns.eu-west-1.amazonaws.com@evil.example/a.pem",
    "https://evil@sns.eu-west-1.amazonaws.com/a.pem",
    "https://sns.eu-west-1.amazonaws.com:8443/a.pem",
    "https://xsns.eu-west-1.amazonaws.com/a.pem",
    "https://sns-eu-west-1.amazonaws.com/a.pem",
    "https://s3.eu-west-1.amazonaws.com/a.pem",
    "https://sns.eu-west-1.amazonaws.com/a.pem?x=1",
    "https://sns.eu-west-1.amazonaws.com/a.pem#x",
    "https://sns.eu-west-1.amazonaws.com/a.pem/../../b",
    "https://sns.eu-west-1.amazonaws.com/%2e%2e/a.pem",
    "https://sns.eu-west-1.amazonaws.com/a.crt",
    "https://sns.eu-west-1.amazonaws.com/\na.pem",
    "https://sns.eu-west-1.amazonaws.com\t/a.pem",
    "https://[::1]/a.pem",
    "https://[/a.pem",
    "//sns.eu-west-1.amazonaws.com/a.pem",
    "file:///etc/passwd.pem",
    "",
    "https://sns.eu-west-1.amazonaws.com/" + "a" * 3000 + ".pem",
]


@pytest.mark.parametrize("place", PLACES)
def test_a_certificate_is_fetched_from_sns_in_the_topics_region_and_nowhere_else(world: World, place: str) -> None:
    answer = send(world, message(event(world), SigningCertURL=place))

    assert answer.status_code == 401
    assert world.outdoors.asked == []


def test_a_certificate_that_cannot_be_had_now_is_no_fault_of_the_sender(world: World) -> None:
    for name, status, body in (("busy", 503, b""), ("slow", 429, b""), ("html", 200, b"<html>")):
        world.outdoors.put(f"{HOST}/{name}.pem", body, status)
        answer = send(world, message(event(world), SigningCertURL=f"https:/{HOST}/{name}.pem"))
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")


def test_raw_delivery_is_refused_and_says_why(world: World) -> None:
    answer = send(world, orjson.loads(event(world)), **{"x-amz-sns-rawdelivery": "true"})

    assert answer.status_code == 401
    assert "raw message delivery" in answer.json()["hint"]


def test_a_message_whose_text_is_no_event_is_refused_as_one(world: World) -> None:
    for text in ("hello", "[1]", '"x"', "{", ""):
        answer = send(world, message(text))
        assert answer.status_code in {200, 400}, answer.text
        assert world.opened() >= 0
    assert send(world, message("hello")).json()["code"] == "body_invalid"


def test_a_subscription_to_a_topic_of_ours_is_confirmed(world: World) -> None:
    written = confirmation()

    answer = send(world, written)

    assert (answer.status_code, answer.json()) == (200, {"status": "confirmed", "topic": TOPIC})
    assert world.outdoors.asked[-1] == f"{HOST}/?Action=ConfirmSubscription&TopicArn={TOPIC}&Token={written['Token']}"


def leading_to(url: str, told: str = "t") -> dict[str, Any]:
    """A confirmation that SNS signed, wherever it leads."""
    return confirmation(SubscribeURL=url.replace("TOPIC", TOPIC), Token=told)


CONFIRM = "?Action=ConfirmSubscription&TopicArn=TOPIC&Token=t"
CONFIRMATIONS: dict[str, Callable[[], Any]] = {
    "a topic of somebody else": lambda: confirmation(TopicArn="arn:aws:sns:eu-west-1:999999999999:x"),
    "another host": lambda: leading_to(f"https://evil.example/{CONFIRM}"),
    "another region": lambda: leading_to(f"https://sns.us-east-1.amazonaws.com/{CONFIRM}"),
    "another deed": lambda: leading_to(f"https:/{HOST}/?Action=DeleteTopic&TopicArn=TOPIC&Token=t"),
    "two deeds": lambda: leading_to(f"https:/{HOST}/{CONFIRM}&Action=DeleteTopic"),
    "another path": lambda: leading_to(f"https:/{HOST}/x{CONFIRM}"),
    "another token": lambda: leading_to(f"https:/{HOST}/{CONFIRM}", "u"),
    "another topic": lambda: leading_to(f"https:/{HOST}/{CONFIRM.replace('TOPIC', 'TOPICx')}"),
    "unsigned": lambda: {**confirmation(), "Token": "t"},
    "signed by somebody else": lambda: confirmation(by="eve"),
}


@pytest.mark.parametrize("what", CONFIRMATIONS)
def test_no_other_address_is_ever_called_for_a_confirmation(world: World, what: str) -> None:
    answer = send(world, CONFIRMATIONS[what]())

    assert (answer.status_code, answer.json()["code"]) == (401, "signature_rejected")
    assert [path for path in world.outdoors.asked if path != PLACE] == []


def test_a_confirmation_that_sns_does_not_take_now_is_tried_again(world: World) -> None:
    world.outdoors.put(f"{HOST}/", b"", 500)

    assert send(world, confirmation()).status_code == 503


def test_the_end_of_a_subscription_is_heard_and_not_undone(world: World) -> None:
    answer = send(world, confirmation(Type="UnsubscribeConfirmation"))

    assert (answer.status_code, answer.json()) == (200, {"status": "unsubscribed", "topic": TOPIC})
    assert [path for path in world.outdoors.asked if path != PLACE] == []


def test_nothing_is_asked_for_with_a_get(world: World) -> None:
    assert world.bot.http.get("/v1/events/topic").status_code == 405
