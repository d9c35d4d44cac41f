"""Banners that a policy puts above everything else of its card, for the events they are about."""

from typing import Any

import pytest

from tests.bot import Bot
from tests.journeys.test_dedupe import put, review
from tests.journeys.test_presses import card_of
from tests.policy.makers import entitlement_document, faults_of, policy_document

LONG = "x" * 70_000
"""Longer than a regular expression is tried on, so that nobody can say whether it would match."""

BANNERS = [
    {"text": "Payments <!channel>"},
    {"text": "Management account", "only_if": {"account": "root"}},
    {"text": "Odd note", "only_if": {"note|re": "^x*y$"}},
]


@pytest.mark.parametrize(
    ("event", "shown"),
    [
        ({}, ["Payments &lt;!channel&gt;"]),
        ({"account": "root"}, ["Payments &lt;!channel&gt;", "Management account"]),
        ({"note": LONG}, ["Payments &lt;!channel&gt;", "Odd note"]),
    ],
)
def test_a_banner_stands_for_the_events_it_is_about_and_where_nobody_can_tell(
    bot: Bot, event: dict[str, Any], shown: list[str]
) -> None:
    put(bot, review(message={"banners": BANNERS}))

    sent = {"id": "t1", "action": "token.created", "actor": {"id": "eve@example.com"}, **event}
    assert bot.deploy(**sent).status_code == 202
    with bot.hands("BOB") as bob:
        banners = card_of(bot, bob, "#aws-approvals").blocks[1]
    lines = [one["text"] for one in banners["elements"]]
    assert [line.removeprefix(":warning: ").strip("*") for line in lines if line.startswith(":warning: *")] == shown


def test_a_banner_is_no_template_and_an_entitlement_has_no_event_to_test() -> None:
    template = faults_of(policy_document(message={"banners": [{"text": "{{ $actor.id }}"}]}))
    condition = faults_of(entitlement_document(message={"banners": [{"text": "Mine", "only_if": {"a": "b"}}]}))
    broken = faults_of(policy_document(message={"banners": [{"text": "Mine", "only_if": {"a|re": "("}}]}))
    many = faults_of(policy_document(message={"banners": [{"text": "Mine"}] * 4}))

    assert [one.problem for one in template] == ["a banner is not filled from the event"]
    assert [one.problem for one in condition] == ["only_if tests the event, and an entitlement has none"]
    assert len(broken) == len(many) == 1
