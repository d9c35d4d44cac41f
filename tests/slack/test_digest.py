"""The digest, drawn: it always fits, what waits is on top, and nobody decides there what they could not see."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from approvalbot.request.about import Line
from approvalbot.request.case import Case
from approvalbot.request.request import State
from approvalbot.slack.digest import (
    CREDITS,
    ITEMS,
    ITEMS_AT_LEAST,
    MOST_CHARACTERS,
    MUST_SHOW_MOST,
    characters,
    draw_digest,
)
from approvalbot.slack.values import Values
from approvalbot.workspace.blockkit import validate_message
from tests.request.makers import BOB, make_policy, vote
from tests.slack.cases import CASES, GATE, GATE_ABOUT, make_case
from tests.slack.test_card import texts

VALUES = Values(b"a key of thirty-two bytes, or so.", "https://approvals.example.com")
PLAIN = Values(b"a key of thirty-two bytes, or so.")


def many(number: int, case: Case = CASES["gate-pending"], *, apart: bool = False) -> list[Case]:
    """So many requests like this one, each with its own id and end; with `apart` none says the same as another."""
    made = []
    for n in range(number):
        ends = (case.request.expires_at or case.request.opened_at) + timedelta(minutes=n if apart else 0)
        request = case.request.model_copy(update={"id": f"{n:06}{case.request.id[6:]}", "expires_at": ends})
        about = case.about.model_copy(update={"who": f"{case.about.who} {n}"}) if apart else case.about
        made.append(replace(case, request=request, about=about))
    return made


def ids_in(blocks: object, cases: list[Case]) -> int:
    drawn = json.dumps(blocks)
    return sum(case.request.short_id in drawn for case in cases)


@pytest.mark.parametrize("number", [3, 40])
def test_the_digest_of_a_storm(number: int, golden: Callable[[str, object], None]) -> None:
    cases = many(number)
    decided = [make_case(GATE, (2, vote(BOB)), about=GATE_ABOUT), CASES["gate-denied"], CASES["gate-expired"]]

    drawn = draw_digest([*cases, *decided] if number > 3 else cases, VALUES)

    assert validate_message(drawn.blocks) == []
    golden(f"digest-{number}", {"text": drawn.text, "blocks": drawn.blocks})


@pytest.mark.parametrize("name", list(CASES))
def test_it_fits_whatever_it_holds_and_however_much(name: str) -> None:
    long = CASES[name].about.model_copy(update={"title": "&" * 120, "who": "<" * 300, "summary": "\u202e" * 500})
    for case in (CASES[name], replace(CASES[name], about=long)):
        for number in (1, 30, 400):
            drawn = draw_digest(many(number, case, apart=True), VALUES, repeat=True)

            assert validate_message(drawn.blocks) == []
            assert len(drawn.blocks) <= 50
            assert characters(drawn.blocks) <= MOST_CHARACTERS


def test_all_of_an_ordinary_storm_are_named_and_of_a_mixed_one_most() -> None:
    alike, apart = many(100), many(100, apart=True)

    assert ids_in(draw_digest(alike, VALUES).blocks, alike) == 100
    shown = ids_in(draw_digest(apart, VALUES).blocks, apart)
    assert shown >= 50
    assert f"{100 - shown} more" in json.dumps(draw_digest(apart, VALUES).blocks)


def test_what_ends_soonest_has_the_buttons() -> None:
    cases = list(reversed(many(60, apart=True)))

    drawn = draw_digest(cases, VALUES)

    rows = [block["block_id"] for block in drawn.blocks if block["type"] == "actions"]
    assert ITEMS_AT_LEAST <= len(rows) <= ITEMS
    assert rows == [f"digest.{case.request.id}" for case in reversed(cases)][: len(rows)]


def test_severity_keeps_its_confirm_and_a_passkey_its_page() -> None:
    severe = draw_digest([CASES["review-pending"]], VALUES)
    passkey = draw_digest([CASES["gate-passkey"]], VALUES)

    assert "confirm" in severe.blocks[-1]["elements"][0]
    assert ":rotating_light: Severity critical" in json.dumps(severe.blocks)
    assert passkey.blocks[-1]["elements"][0]["action_id"] == "request.page"
    assert "/requests/" in passkey.blocks[-1]["elements"][0]["url"]


def test_a_field_that_must_be_seen_is_seen_or_nobody_approves_there() -> None:
    short = Line(label="Target", value="db-7" * 10, must_show=True)
    long = Line(label="Target", value="x" * (MUST_SHOW_MOST + 1), must_show=True)
    seen = make_case(GATE, about=GATE_ABOUT.model_copy(update={"lines": (short,)}))
    unseen = make_case(GATE, about=GATE_ABOUT.model_copy(update={"lines": (long,)}))

    assert "db-7" * 10 in json.dumps(draw_digest([seen], VALUES).blocks)
    assert [one["action_id"] for one in draw_digest([unseen], VALUES).blocks[-1]["elements"]] == ["request.details"]


@pytest.mark.parametrize("value", ["\u202e" * 400, "&" * 600, "\n" * 500])
def test_a_field_that_grows_as_it_is_shown_is_seen_whole_or_nobody_approves_there(value: str) -> None:
    line = Line(label="Target", value=value + "END", must_show=True)
    case = make_case(GATE, about=GATE_ABOUT.model_copy(update={"lines": (line,)}))

    drawn = draw_digest([case], VALUES).blocks

    offered = [one["action_id"] for one in drawn[-1]["elements"]]
    assert offered == ["request.details"] or "END" in json.dumps(drawn)


def test_the_author_of_a_rule_is_named_on_a_digest_too_and_once() -> None:
    cases = many(80, CASES["review-of-a-rule"])

    drawn = draw_digest(cases, VALUES)

    assert json.dumps(drawn.blocks).count("SigmaHQ, DRL 1.1") == 1
    assert validate_message(drawn.blocks) == []


def test_a_request_whose_author_finds_no_room_is_only_counted() -> None:
    rule = CASES["review-of-a-rule"]
    cases = []
    for n, case in enumerate(many(30, rule)):
        about = case.about.model_copy(update={"credit": f"Rule {n} by {'somebody ' * 20}", "title": f"title {n:02}!"})
        cases.append(replace(case, about=about))

    drawn = draw_digest(cases, VALUES)

    words = json.dumps(drawn.blocks)
    named = sum(f"Rule {n} by" in words for n in range(30))
    assert 0 < named <= CREDITS
    assert sum(f"title {n:02}!" in words for n in range(30)) == named
    assert f"{30 - named} more" in words
    assert validate_message(drawn.blocks) == []


def test_without_a_dashboard_nothing_leads_there() -> None:
    assert "http" not in json.dumps(draw_digest(many(200, apart=True), PLAIN).blocks)


def test_only_what_waits_can_be_decided() -> None:
    settled = [case for case in CASES.values() if case.request.state is not State.PENDING]

    drawn = draw_digest(settled, VALUES)

    assert not [block for block in drawn.blocks if block["type"] == "actions"]
    assert "Nothing waits here any more" in drawn.text


def test_an_event_can_put_no_markup_into_a_line() -> None:
    about = GATE_ABOUT.model_copy(update={"who": "<!channel>", "title": "<@U0EVE> *x*", "resource": "<http://x|y>"})

    drawn = draw_digest(many(60, make_case(make_policy(request="gate"), about=about)), VALUES)

    parsed = drawn.text + " ".join(text for kind, text in texts(drawn.blocks) if kind == "mrkdwn")
    assert "<!channel" not in parsed
    assert "<@U0EVE" not in parsed
    assert "<http://x" not in parsed
