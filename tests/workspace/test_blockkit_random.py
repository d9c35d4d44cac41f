"""The Block Kit validator on blocks nobody would write: it never raises, and what it takes can be walked through."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from approvalbot.workspace.blockkit import validate_message, validate_view
from approvalbot.workspace.blockkit.places import interactive, with_ids

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    "type",
                    "text",
                    "elements",
                    "block_id",
                    "action_id",
                    "accessory",
                    "element",
                    "fields",
                    "options",
                    "rows",
                    "url",
                    "label",
                    "initial_option",
                    "option_groups",
                    "child_blocks",
                    "title",
                    "value",
                    "confirm",
                ]
            )
            | st.text(max_size=5),
            inner,
            max_size=6,
        )
    ),
    max_leaves=25,
)
TYPED = st.builds(
    lambda kind, rest: rest | {"type": kind},
    st.sampled_from(
        [
            "section",
            "actions",
            "context",
            "input",
            "rich_text",
            "table",
            "card",
            "carousel",
            "container",
            "image",
            "header",
            "markdown",
            "video",
            "plan",
            "context_actions",
        ]
    ),
    st.dictionaries(st.sampled_from(["text", "elements", "element", "fields", "rows", "label", "child_blocks"]), JSON),
)


@given(st.lists(JSON | TYPED, max_size=4) | JSON)
@settings(max_examples=150, deadline=None)
def test_no_json_makes_the_validator_raise(blocks: Any) -> None:
    validate_message(blocks)
    validate_view(blocks)
    validate_view({"type": "modal", "title": plain("x"), "blocks": blocks})


@given(st.lists(TYPED, max_size=4))
@settings(max_examples=150, deadline=None)
def test_what_is_taken_can_be_given_ids_and_looked_through(blocks: list[Json]) -> None:
    if validate_message(blocks):
        return

    filled = with_ids(blocks)

    assert all(place.block_id and place.action_id for place in interactive(filled))
    assert validate_message(filled) == []
