"""The forms that decide, whole: golden files, beside those of `test_card.py`."""

from collections.abc import Callable
from typing import Any

import pytest

from approvalbot.request.less import choices_of
from approvalbot.request.request import Less
from approvalbot.slack.forms import approve_form, deny_form
from approvalbot.slack.lessform import first_choice, less_form
from approvalbot.slack.thread import told
from approvalbot.workspace.blockkit import validate_view
from tests.request.makers import T0
from tests.slack.cases import CASES
from tests.slack.cases_less import CASES_OF_LESS, HIDDEN_ABOUT
from tests.slack.test_card import VALUES


def less(name: str, chosen: Less | None = None, *, typed: bool = False) -> dict[str, Any]:
    case = CASES_OF_LESS[name]
    choices = choices_of(case.request, case.terms)
    return less_form(case, choices, chosen or first_choice(choices), VALUES, T0, typed=typed)


FORMS: dict[str, Callable[[], dict[str, Any]]] = {
    "deny-suspicious": lambda: deny_form(CASES["gate-pending"], VALUES, "suspicious"),
    "deny-other": lambda: deny_form(CASES["gate-pending"], VALUES, "other"),
    "approve-typed": lambda: approve_form(CASES_OF_LESS["typed-pending"], VALUES, typed=True),
    "approve-short-id": lambda: approve_form(CASES_OF_LESS["typed-hidden"], VALUES, typed=True),
    "less": lambda: less("less-offered"),
    "less-chosen": lambda: less("less-offered", Less(duration_s=3600, scope="readonly")),
    "less-whole": lambda: less("less-offered", Less()),
    "less-typed": lambda: less("less-offered", typed=True),
}


@pytest.mark.parametrize("name", list(FORMS))
def test_every_form_that_decides(name: str, golden: Callable[[str, object], None]) -> None:
    view = FORMS[name]()

    assert validate_view(view) == []
    golden(f"form-{name}", view)


@pytest.mark.parametrize(("name", "what"), [("less-active", "active"), ("less-gate", "approved")])
def test_what_whoever_asked_is_told(name: str, what: str, golden: Callable[[str, object], None]) -> None:
    text, blocks = told(CASES_OF_LESS[name], what, VALUES)

    golden(f"told-{name}", {"text": text, "blocks": blocks})


def test_the_name_to_type_is_shown_and_never_filled_in() -> None:
    shown = str(approve_form(CASES_OF_LESS["typed-pending"], VALUES, typed=True))
    hidden = str(approve_form(CASES_OF_LESS["typed-hidden"], VALUES, typed=True))

    assert "'text': 'acme/shop'" in shown
    assert "'text': '7K3FAB'" in hidden
    assert HIDDEN_ABOUT.resource not in hidden
    assert "initial_value" not in shown + hidden
