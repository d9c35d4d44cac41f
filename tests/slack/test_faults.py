"""What the bot makes of Slack's refusals, held to Slack's own list of codes."""

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from approvalbot.errors import BadInput
from approvalbot.slack.api import (
    AUTH,
    BUSY,
    DEFAULT_RETRY_AFTER_S,
    GONE,
    LONGEST_RETRY_S,
    OURS,
    SlackApi,
    SlackFault,
)
from approvalbot.slack.manifest import BOT_SCOPES, EVENTS, manifest
from approvalbot.workspace import config
from tests.answers.receiver import answer, receiving


def test_every_code_we_tell_apart_is_one_of_slacks(shared: Path) -> None:
    table: dict[str, dict[str, str]] = json.loads((shared / "slack" / "errors.json").read_text(encoding="utf-8"))
    known = {code for codes in table.values() for code in codes} | {"rate_limited"}

    assert (AUTH | GONE | OURS | BUSY) - known == set()


def test_no_code_stands_in_two_kinds() -> None:
    kinds = (AUTH, GONE, OURS, BUSY)

    assert sum(map(len, kinds)) == len(frozenset().union(*kinds))


@pytest.mark.parametrize(
    ("status", "body", "final", "uncertain"),
    [
        (200, {"ok": False, "error": "channel_not_found"}, True, False),
        (200, {"ok": False, "error": "invalid_blocks"}, True, False),
        (200, {"ok": False, "error": "token_revoked"}, False, False),
        (200, {"ok": False, "error": "internal_error"}, False, False),
        (500, {"ok": False}, False, True),
        (503, {}, False, True),
        (429, {"ok": False, "error": "ratelimited"}, False, False),
    ],
)
def test_a_refusal_is_told_apart_by_what_can_be_done(
    status: int, body: dict[str, Any], final: bool, uncertain: bool
) -> None:
    with receiving(answer(status, json.dumps(body).encode())) as slack, pytest.raises(SlackFault) as caught:
        SlackApi("xoxb-1", f"{slack.url}/").write("chat.postMessage", channel="C1", text="x")

    assert (caught.value.final, caught.value.uncertain) == (final, uncertain)
    assert (caught.value.retry_after_s is not None) == (status == 429)


@pytest.mark.parametrize(
    ("said", "wait_s"),
    [
        ("7", 7),
        ("2.5", 2.5),
        ("", DEFAULT_RETRY_AFTER_S),
        ("soon", DEFAULT_RETRY_AFTER_S),
        ("0", DEFAULT_RETRY_AFTER_S),
        ("-3", DEFAULT_RETRY_AFTER_S),
        ("nan", DEFAULT_RETRY_AFTER_S),
        ("inf", DEFAULT_RETRY_AFTER_S),
        ("Wed, 21 Oct 2026 07:28:00 GMT", DEFAULT_RETRY_AFTER_S),
        ("99999999999", LONGEST_RETRY_S),
        (None, DEFAULT_RETRY_AFTER_S),
    ],
)
def test_a_retry_after_is_believed_where_it_is_a_time_one_can_wait(said: str | None, wait_s: float) -> None:
    headers = {} if said is None else {"Retry_After": said}
    busy = answer(429, b'{"ok":false,"error":"ratelimited"}', **headers)
    with receiving(busy) as slack, pytest.raises(SlackFault) as caught:
        SlackApi("xoxb-1", f"{slack.url}/").write("chat.postMessage", channel="C1", text="x")

    assert caught.value.retry_after_s == wait_s
    assert not caught.value.tried


def test_nobody_listening_is_no_uncertain_post() -> None:
    with pytest.raises(SlackFault) as caught:
        SlackApi("xoxb-1", "http://127.0.0.1:1/").write("chat.postMessage", channel="C1", text="x")

    assert not caught.value.uncertain


def test_the_manifest_is_one_that_slack_takes(shared: Path) -> None:
    schema = json.loads((shared / "slack" / "manifest.schema.json").read_text(encoding="utf-8"))

    jsonschema.validate(manifest("https://approvals.example.com"), schema)


@pytest.mark.parametrize("url", ["http://approvals.example.com", "approvals.example.com", "https://", "ftp://x"])
def test_a_manifest_needs_an_address_that_slack_can_reach(url: str) -> None:
    with pytest.raises(BadInput):
        manifest(url)


def test_the_local_workspace_grants_what_the_manifest_asks_for_and_no_more() -> None:
    """Two lists on purpose: the workspace knows nothing of the bot. A wider one here would hide a missing scope."""
    assert set(config.BOT_SCOPES) == set(BOT_SCOPES)
    assert set(config.EVENTS) == set(EVENTS)
