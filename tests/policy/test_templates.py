from typing import Any

import pytest

from approvalbot.errors import CODES
from approvalbot.policy.faults import Finding
from approvalbot.policy.scopes import Scope
from approvalbot.policy.templates import (
    TemplateFault,
    TextPart,
    check_template,
    field_text,
    fill_text,
    fill_values,
    paths_in,
    text_parts,
)
from tests.events.makers import event_of

EVENT = event_of(
    {
        "action": "deploy",
        "actor": {"id": "eve", "name": "Eve <!channel>"},
        "rule": {"b": 1, "a": [True, None]},
        "tags": ["one", ["two"], None, ""],
        "many": list(range(15)),
        "long": "x" * 500,
        "sly": "a\nApproved by CISO\u202e\u200b\x07",
        "none": None,
        "count": 3,
    }
)


@pytest.mark.parametrize(
    ("template", "text"),
    [
        ("{{ $actor.name }} ran {{$action}}", "Eve <!channel> ran deploy"),
        ("{{ rule }}", '{"a":[true,null],"b":1}'),
        ("{{ tags }}", "one, two"),
        ("{{ many }}", "0, 1, 2, 3, 4, 5, 6, 7, 8, 9, +5"),
        ("{{ absent }} and {{ none }}", "— and —"),
        ("{{ long }}", "x" * 199 + "…"),
        ("no template", "no template"),
        ("{{ $request.id }}", "7K3F"),
        ("{{ $input.account }}", "111122223333"),
        ("{{ $rule.title }}", "Root"),
    ],
)
def test_a_text_is_filled_with_one_line_values(template: str, text: str) -> None:
    names = {"$request": {"id": "7K3F"}, "$input": {"account": "111122223333"}, "$rule": {"title": "Root"}}

    assert fill_text(template, names, EVENT) == text


def test_somebody_without_a_name_is_called_by_their_id() -> None:
    nameless = event_of({"action": "deploy", "actor": {"id": "eve@example.com"}})

    assert fill_text("{{ $actor.name }} asks", {}, nameless) == "eve@example.com asks"
    assert fill_text("{{ $actor.name }} asks", {}, event_of({"action": "deploy"})) == "— asks"


def test_what_could_fake_the_message_is_shown_and_stays_on_its_line() -> None:
    text = fill_text("{{ sly }}", {}, EVENT)

    assert "\n" not in text
    assert "\\u202e" in text
    assert "\\u200b" in text
    assert "\\u0007" in text


def test_a_filled_text_tells_the_authors_words_from_the_events_values() -> None:
    assert text_parts("by {{ $actor.id }}!", {}, EVENT) == (
        TextPart("by "),
        TextPart("eve", is_value=True),
        TextPart("!"),
    )


def test_the_fields_of_a_message_are_paths() -> None:
    assert field_text("$actor.id", {}, EVENT) == "eve"
    assert field_text("long", {}, EVENT) == "x" * 299 + "…"
    assert field_text("$reason", {"$reason": "planned"}, EVENT) == "planned"


@pytest.mark.parametrize(
    ("value", "filled"),
    [
        ("{{ rule }}", {"b": 1, "a": [True, None]}),
        (" {{ count }} ", 3),
        ("{{ many }}", list(range(15))),
        ("{{ long }}", "x" * 500),
        ("n={{ count }}", "n=3"),
        ({"a": ["{{ $actor.id }}", 7, None]}, {"a": ["eve", 7, None]}),
        ("{{ $input.n }}", 5),
    ],
)
def test_a_parameter_keeps_the_type_of_what_it_names(value: Any, filled: Any) -> None:
    assert fill_values(value, {"$input": {"n": 5}}, EVENT) == filled


@pytest.mark.parametrize("value", ["{{ absent }}", "x {{ none }}", {"a": ["{{ $input.none }}"]}])
def test_a_parameter_without_a_value_is_a_fault(value: Any) -> None:
    with pytest.raises(TemplateFault) as caught:
        fill_values(value, {"$input": {}}, EVENT)

    assert caught.value.code in CODES
    assert "has no value, so this is not run" in str(caught.value)
    assert "{{ " in str(caught.value)


def test_without_an_event_only_the_given_names_are_found() -> None:
    assert fill_text("{{ $requester.name }} {{ action }}", {"$requester": {"name": "Eve"}}) == "Eve —"


def findings(value: Any, scope: Scope) -> list[Finding]:
    return list(check_template(value, scope, ("message",)))


def test_names_are_checked_when_a_document_is_loaded() -> None:
    assert not findings("{{ $actor.id }} {{ any.raw[].field }}", Scope())
    assert not findings({"a": "{{ $decision.by }}"}, Scope(decided=True))
    assert not findings("{{ $rule.title }}", Scope(rule=True))
    assert not findings("{{ $input.t }} {{ $duration }}", Scope(event=False, inputs=("t",)))
    (unknown,) = findings("{{ $decision.by }}", Scope())
    assert unknown.problem == "$decision.by is no name here"
    (raw,) = findings("{{ eventName }}", Scope(event=False, inputs=()))
    assert "an entitlement has none" in raw.problem
    (broken,) = findings(["{{ $actor.id"], Scope())
    assert (broken.path, broken.problem) == (("message", 0), "a {{ does not close")


def test_the_paths_of_a_value_are_listed() -> None:
    assert list(paths_in({"a": ["{{ x }}", {"b": "{{y}} {{ z }}"}]})) == ["x", "y", "z"]
