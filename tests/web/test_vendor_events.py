"""Real audit events through the real door: each is accepted or refused in words, and none is a fault of ours."""

import json
from pathlib import Path

import orjson

from approvalbot.cli.samples import ADMIN, enveloped
from tests.bot import Bot
from tests.events.makers import samples


def test_every_real_cloudtrail_event_is_accepted(bot: Bot, shared: Path) -> None:
    real = [one["event"] for one in samples(shared) if one["log_type"] == "AWS.CloudTrail"]
    assert len(real) > 29
    sent: set[str] = set()

    for event in real:
        answer = bot.aws(event)
        # Some samples were made from others and kept their eventID: under a known id, another body is a conflict.
        wanted = {409} if event.get("eventID") in sent else {200, 202}
        assert answer.status_code in wanted, answer.text
        sent.add(event.get("eventID", ""))


def test_every_real_event_of_any_vendor_is_answered_without_a_fault(bot: Bot, shared: Path) -> None:
    for sample in samples(shared):
        answer = bot.post("deploy-tool", json.dumps(sample["event"]).encode())

        assert answer.status_code in {200, 202, 400, 409, 413}, (sample["id"], answer.text)
        if answer.status_code >= 400:
            assert answer.json()["error"]["code"], answer.text


def test_a_lines_body_answers_each_line(bot: Bot) -> None:
    lines = [orjson.dumps({**ADMIN, "eventID": f"line-{n}"}) for n in range(3)] + [b"{no json"]

    answer = bot.http.post(
        "/v1/events/aws.cloudtrail",
        content=b"\n".join(lines),
        headers={"x-api-key": bot.environment["AWS_EVENTS_KEY"], "content-type": "application/x-ndjson"},
    )

    told = answer.text
    assert answer.status_code in {200, 202, 207}, told
    assert len({bot.request(name).id for name in bot.names("ab:in:pending")}) == 3
    assert [one["status"] for one in answer.json()["results"]] == ["pending"] * 3 + ["refused"]
    assert "line 1" in told


def test_the_envelope_of_eventbridge_is_the_record_it_holds(bot: Bot) -> None:
    first = bot.aws(ADMIN).json()["id"]

    assert bot.aws(enveloped(ADMIN)).json()["id"] == first
