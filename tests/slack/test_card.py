import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from approvalbot.policy.entitlement import Extend, Input, Option
from approvalbot.request.about import About, Line
from approvalbot.request.case import Case
from approvalbot.slack.accessform import access_form, found_options
from approvalbot.slack.card import draw
from approvalbot.slack.forms import approve_form, deny_form, details_form
from approvalbot.slack.grantforms import end_form, extend_form
from approvalbot.slack.lookbuttons import looker_blocks, still_looking
from approvalbot.slack.questionforms import answer_form, ask_form, note_form
from approvalbot.slack.questionwords import answer_message, note_blocks, note_line, question_message
from approvalbot.slack.text import deadline
from approvalbot.slack.thread import reminder, told
from approvalbot.slack.values import Values
from approvalbot.workspace.blockkit import validate_message, validate_view
from tests.slack.cases import ABOUT, ACCESS, CASES, EXTENDABLE, GATE, REVIEW, make_case
from tests.slack.cases_less import CASES_OF_LESS
from tests.slack.cases_people import CASES_OF_PEOPLE

CASES = {**CASES, **CASES_OF_PEOPLE, **CASES_OF_LESS}
VALUES = Values(b"a key of thirty-two bytes, or so.", "https://approvals.example.com")


def texts(value: Any) -> Iterator[tuple[str, str]]:
    """Every text object below a value, with its type."""
    if isinstance(value, list):
        for item in value:
            yield from texts(item)
    elif isinstance(value, dict):
        if value.get("type") in {"mrkdwn", "plain_text", "text"} and isinstance(value.get("text"), str):
            yield value["type"], value["text"]
        for item in value.values():
            yield from texts(item)


@pytest.mark.parametrize("name", list(CASES))
def test_the_card_of_every_state(name: str, golden: Callable[[str, object], None]) -> None:
    drawn = draw(CASES[name], VALUES)

    assert validate_message(drawn.blocks) == []
    golden(f"card-{name}", {"text": drawn.text, "blocks": drawn.blocks})


def test_a_title_of_hidden_characters_still_fits_a_header() -> None:
    """Each is shown as six characters, so that a title of 120 can grow past Slack's 150 by any length."""
    for hidden in range(1, 121):
        about = ABOUT.model_copy(update={"title": "\u202e" * hidden + "x" * (120 - hidden)})

        drawn = draw(make_case(REVIEW, about=about), VALUES)

        assert validate_message(drawn.blocks) == [], hidden


@pytest.mark.parametrize("name", list(CASES))
def test_only_a_pending_card_has_deciding_buttons(name: str) -> None:
    case = CASES[name]

    drawn = json.dumps(draw(case, VALUES).blocks)

    by_passkey = case.terms.approval.assurance == "step_up"
    assert ("request.approve" in drawn) == (case.request.state == "pending" and not by_passkey)
    assert ("request.deny" in drawn) == (case.request.state == "pending")
    assert "request.details" in drawn


def test_where_a_passkey_is_wanted_approving_leads_to_the_page_that_takes_one() -> None:
    case = CASES["gate-passkey"]

    approve = draw(case, VALUES).blocks[-2]["elements"][0]
    without = draw(case, Values(b"a key of thirty-two bytes, or so.")).blocks[-2]["elements"][0]

    assert approve["url"] == f"https://approvals.example.com/requests/{case.request.id}"
    assert approve["text"]["text"] == "Approve with passkey…"
    assert without["action_id"] == "request.approve", "there is no page: the press is refused with the reason"


def test_nobody_acted_is_never_called_denied() -> None:
    for name, case in CASES.items():
        if case.request.state == "expired":
            assert "denied" not in json.dumps(draw(case, VALUES).blocks).lower(), name


FIELDS = ACCESS.model_copy(
    update={
        "inputs": (
            Input(id="region", label="Region", type="select", options=(Option(value="eu", label="Europe"),)),
            Input(id="who", label="Who watches", type="user"),
            Input(id="day", label="Day", type="date", required=True),
            Input(id="ticket", label="Ticket"),
        )
    }
)
MANY = [ACCESS.model_copy(update={"id": f"access-{n}", "title": f"Access {n}"}) for n in range(101)]


def rule(approval: str) -> Extend:
    return Extend.model_validate({"max_times": 2, "by": "1h", "approval": approval})


FORMS: dict[str, Callable[[], dict[str, Any]]] = {
    "deny": lambda: deny_form(CASES["gate-pending"], VALUES),
    "deny-review": lambda: deny_form(CASES["review-pending"], VALUES),
    "deny-undo": lambda: deny_form(CASES["undo-pending"], VALUES),
    "approve": lambda: approve_form(CASES["gate-pending"], VALUES),
    "details-pending": lambda: details_form(CASES["review-partly-approved"]),
    "details-settled": lambda: details_form(CASES["access-active"]),
    "access": lambda: access_form([ACCESS], None),
    "access-chosen": lambda: access_form([ACCESS], ACCESS, {"reason": "because"}),
    "access-typed": lambda: access_form(
        [FIELDS],
        FIELDS,
        {
            "duration": "2700",
            "reason": "because",
            "input.region": "eu",
            "input.who": "U0ANN",
            "input.day": "2026-12-31",
            "input.ticket": "INC-42",
        },
        ["Asks @oncall (2 people).", "You already hold this until 15:00."],
    ),
    "access-many": lambda: access_form(MANY, None),
    "extend-asks": lambda: extend_form(CASES["access-held"], EXTENDABLE, rule("same"), VALUES),
    "extend-at-once": lambda: extend_form(
        CASES["access-extended"], EXTENDABLE, rule("none"), VALUES, {"duration": "1800", "reason": "not done yet"}
    ),
    "ask": lambda: ask_form(CASES["gate-pending"], VALUES),
    "ask-pausing": lambda: ask_form(CASES["question-answered"], VALUES),
    "ask-nobody": lambda: ask_form(make_case(GATE, requester=None), VALUES),
    "answer": lambda: answer_form(CASES["question-paused"], VALUES),
    "note": lambda: note_form(CASES["access-pending"], VALUES),
    "end": lambda: end_form(CASES["access-held"], VALUES),
}


@pytest.mark.parametrize("name", list(FORMS))
def test_every_form(name: str, golden: Callable[[str, object], None]) -> None:
    view = FORMS[name]()

    assert validate_view(view) == []
    golden(f"form-{name}", view)


TOLD = {
    "asked": "access-pending",
    "active": "access-held",
    "ending": "access-extended",
    "extended": "access-extended",
    "extend_failed": "access-not-extended",
    "ended": "access-left",
    "failed": "access-given-up",
}


@pytest.mark.parametrize("what", list(TOLD))
def test_what_the_holder_is_told(what: str, golden: Callable[[str, object], None]) -> None:
    text, blocks = told(CASES[TOLD[what]], what, VALUES)

    assert validate_message(blocks) == []
    golden(f"told-{what}", {"text": text, "blocks": blocks})


def test_whoever_held_access_can_ask_again_when_it_ended() -> None:
    _, blocks = told(CASES["access-ended"], "ended", VALUES)

    assert [one["text"]["text"] for one in blocks[-1]["elements"]] == ["Ask again"]
    assert "Ended early by <@U0EVE>, confirmed by the provider at <!date^" in blocks[0]["text"]["text"]


def test_a_deadline_of_another_day_names_the_day() -> None:
    morning = datetime(2026, 3, 3, 9, tzinfo=UTC)

    assert "{date_short_pretty}" not in deadline(morning + timedelta(hours=2), morning)
    assert "{date_short_pretty} {time}" in deadline(morning + timedelta(hours=24), morning)


@pytest.mark.parametrize(("what", "state"), [("asked", "pending"), ("denied", "denied"), ("failed", "failed")])
def test_what_is_told_of_an_extension(what: str, state: str, golden: Callable[[str, object], None]) -> None:
    text, blocks = told(CASES[f"extension-{state}"], what, VALUES)

    assert validate_message(blocks) == []
    golden(f"told-extension-{what}", {"text": text, "blocks": blocks})


NOTE = {"slack": "U0EVE", "name": "Eve", "text": "See *INC-42* <!channel>"}
SAID: dict[str, Callable[[], tuple[str, list[dict[str, Any]]]]] = {
    "still-looking": lambda: (
        still_looking(CASES["claim"]),
        looker_blocks(CASES["claim"], VALUES, still_looking(CASES["claim"])),
    ),
    "question-in-thread": lambda: question_message(CASES["question-paused"], 0, VALUES),
    "question-to-one": lambda: question_message(CASES["question"], 0, VALUES, named=True),
    "question-answered": lambda: question_message(CASES["question-answered"], 0, VALUES, named=True),
    "question-answered-in-thread": lambda: question_message(CASES["question-answered"], 0, VALUES),
    "question-of-the-decided": lambda: question_message(CASES["question-decided"], 0, VALUES),
    "answer-in-thread": lambda: answer_message(CASES["question-answered"], 0, ""),
    "answer-to-asker": lambda: answer_message(CASES["question-answered"], 0, "https://acme.slack.com/archives/C1/p1"),
    "note": lambda: (note_line(NOTE), note_blocks(NOTE)),
}


@pytest.mark.parametrize("name", list(SAID))
def test_what_people_say_to_each_other(name: str, golden: Callable[[str, object], None]) -> None:
    text, blocks = SAID[name]()

    assert validate_message(blocks) == []
    golden(f"said-{name}", {"text": text, "blocks": blocks})


def test_what_a_long_menu_finds_is_found_by_title_and_id() -> None:
    assert [one["value"] for one in found_options(MANY, "ACCESS 10")] == ["access-10", "access-100"]
    assert [one["value"] for one in found_options(MANY, "access-99")] == ["access-99"]
    assert len(found_options(MANY, "")) == 100
    assert found_options(MANY, "nothing") == []


LETTERS = "<>&!@#|*_~`{}\n\r\t\u202e\u200b\u0000\U0001f600é"
hostile = st.text(alphabet=st.one_of(st.sampled_from(LETTERS), st.characters(exclude_categories=["Cs"])), max_size=400)
"""Half surrogate pairs are refused at the webhook and replaced in forms; see test_reading.py and test_payloads.py."""


@given(who=hostile, resource=hostile, field=hostile, summary=st.one_of(st.just(""), hostile))
@settings(max_examples=150, deadline=None)
def test_nothing_untrusted_is_ever_markup_and_every_card_is_accepted(
    who: str, resource: str, field: str, summary: str
) -> None:
    about = About(
        title=ABOUT.title,
        severity="high",
        who=who,
        action="did",
        resource=resource,
        summary=summary,
        lines=(Line(label=field[:40] or "x", value=field),),
        matched=(Line(label=resource[:60], value=who),),
        caller=who[:50],
        credit=field,
    )
    for case in (make_case(REVIEW, about=about), make_case(GATE, about=about)):
        drawn = draw(case, VALUES)
        assert validate_message(drawn.blocks) == []
        assert validate_view(details_form(case)) == []
        for kind, text in [("mrkdwn", drawn.text), *texts(drawn.blocks)]:
            ours = text.replace("<!date^", "")
            assert kind != "mrkdwn" or "<" not in ours, text
            assert "\n" not in text or kind == "mrkdwn"


def test_a_long_reason_is_cut_and_says_so() -> None:
    about = ABOUT.model_copy(update={"summary": "x" * 10_000, "lines": (Line(label="a", value="y" * 50_000),)})

    drawn = draw(make_case(REVIEW, about=about), VALUES)

    assert validate_message(drawn.blocks) == []


def test_a_value_names_its_request_and_cannot_be_made_by_others() -> None:
    written = VALUES.write("7K3FABCDEFGHJKMNPQRS", 3)

    assert VALUES.read(written).request_id == "7K3FABCDEFGHJKMNPQRS"
    assert len(written) <= 50
    for forged in (written[:-1] + ("A" if written[-1] != "A" else "B"), written.replace(".3.", ".4."), "", "x" * 3000):
        with pytest.raises(Exception, match="not a button of a current card"):
            VALUES.read(forged)
    with pytest.raises(Exception, match="not a button"):
        Values(b"another").read(written)


def test_the_case_of_a_monitor_or_gate_names_its_caller() -> None:
    case: Case = CASES["gate-expired"]

    assert "deploy-tool is told “expired”" in json.dumps(draw(case, VALUES).blocks, ensure_ascii=False)


def test_a_reminder_of_a_review_does_not_speak_of_approving() -> None:
    partly, gate = CASES["review-partly-approved"], CASES["gate-partly-approved-for-another"]

    assert "1 of 2 acknowledged." in reminder(partly, 0, 1)
    assert "of 2 approved." in reminder(gate, 0, 1)
