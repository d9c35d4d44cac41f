import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from approvalbot.request.about import About, Line
from approvalbot.request.case import Case
from approvalbot.slack.card import draw
from approvalbot.slack.forms import access_form, approve_form, deny_form, details_form
from approvalbot.slack.values import Values
from approvalbot.workspace.blockkit import validate_message, validate_view
from tests.slack.cases import ABOUT, ACCESS, CASES, GATE, REVIEW, make_case

VALUES = Values(b"a key of thirty-two bytes, or so.")


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


@pytest.mark.parametrize("name", list(CASES))
def test_only_a_pending_card_has_deciding_buttons(name: str) -> None:
    case = CASES[name]

    drawn = json.dumps(draw(case, VALUES).blocks)

    assert ("request.approve" in drawn) == (case.request.state == "pending")
    assert "request.details" in drawn


def test_nobody_acted_is_never_called_denied() -> None:
    for name, case in CASES.items():
        if case.request.state == "expired":
            assert "denied" not in json.dumps(draw(case, VALUES).blocks).lower(), name


FORMS: dict[str, Callable[[], dict[str, Any]]] = {
    "deny": lambda: deny_form(CASES["gate-pending"], VALUES),
    "deny-review": lambda: deny_form(CASES["review-pending"], VALUES),
    "deny-undo": lambda: deny_form(CASES["undo-pending"], VALUES),
    "approve": lambda: approve_form(CASES["gate-pending"], VALUES),
    "details-pending": lambda: details_form(CASES["review-partly-approved"]),
    "details-settled": lambda: details_form(CASES["access-active"]),
    "access": lambda: access_form([ACCESS], None),
    "access-chosen": lambda: access_form([ACCESS], ACCESS, {"reason": "because"}),
}


@pytest.mark.parametrize("name", list(FORMS))
def test_every_form(name: str, golden: Callable[[str, object], None]) -> None:
    view = FORMS[name]()

    assert validate_view(view) == []
    golden(f"form-{name}", view)


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
