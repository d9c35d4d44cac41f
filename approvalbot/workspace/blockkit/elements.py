"""The interactive elements and the image, one table each, and which of them may stand where."""

from collections.abc import Mapping
from typing import Any
from zoneinfo import available_timezones

from approvalbot.workspace.blockkit.composition import (
    CONFIRM,
    CONVERSATION_FILTER,
    DISPATCH_CONFIG,
    OPTION_GROUP,
    PLAIN_OPTION,
    RICH_OPTION,
    any_text,
    has_its_options,
    initials_are_offered,
    plain_text,
)
from approvalbot.workspace.blockkit.findings import Findings
from approvalbot.workspace.blockkit.rich_text import RICH_TEXT_VALUE
from approvalbot.workspace.blockkit.rules import (
    Check,
    Fields,
    Need,
    anything,
    both,
    calendar_day,
    closed,
    flag,
    integer,
    items,
    matching,
    one_of,
    pointer_to,
    string,
    url,
    when_object,
)

LATEST_TIME_S = 9_999_999_999
TIME = matching(r"([01][0-9]|2[0-3]):[0-5][0-9]", "a time such as 14:05")
USER_ID = matching(r"[UW][A-Z0-9]+", "a user id")
CONVERSATION_ID = matching(r"[CDG][A-Z0-9]+", "a conversation id")
DECIMAL = matching(r"-?[0-9]+(\.[0-9]+)?", "a number as text")
SLACK_FILE = closed({"id": string(255), "url": url()})


def _zone(findings: Findings, value: Any, pointer: str) -> None:
    if not isinstance(value, str) or value not in available_timezones():
        findings.add(pointer, "invalid_value", "must be a time zone such as America/Chicago")


def _in_modal(findings: Findings, _value: Any, pointer: str) -> None:
    if findings.surface != "modal":
        findings.add(pointer, "not_allowed", "file_input is allowed in modals only")


def _focus(findings: Findings, value: Any, pointer: str) -> None:
    flag(findings, value, pointer)
    if value is True:
        findings.focused += 1
        if findings.focused > 1:
            findings.add(pointer, "duplicate", "only one element may have focus_on_load")


ACTION: Fields = {"type": anything, "action_id": string(255), "confirm": CONFIRM, "focus_on_load": _focus}
PLACEHOLDER: Fields = {"placeholder": plain_text(150)}
TEXTUAL: Fields = {
    "type": anything,
    "action_id": string(255),
    "dispatch_action_config": DISPATCH_CONFIG,
    "focus_on_load": _focus,
    **PLACEHOLDER,
}
MULTI: Fields = {"max_selected_items": integer(1, 100)}


def _select(**own: Check | Need) -> Check:
    return closed({**ACTION, **PLACEHOLDER, **own})


def _multi(**own: Check | Need) -> Check:
    return closed({**ACTION, **PLACEHOLDER, **MULTI, **own})


def _image(findings: Findings, value: dict[str, Any], pointer: str) -> None:
    if ("image_url" in value) == ("slack_file" in value):
        findings.add(pointer, "missing_field", "exactly one of image_url or slack_file is required", "image_url")


def _bounds(low: str, high: str) -> Check:
    def look(findings: Findings, value: dict[str, Any], pointer: str) -> None:
        least, most = value.get(low), value.get(high)
        try:
            crossed = least is not None and most is not None and float(least) > float(most)
        except (TypeError, ValueError):
            return
        if crossed:
            findings.add(pointer, "invalid_value", f"{low} must not be greater than {high}")

    return when_object(look)


def differing_action_ids(name: str) -> Check:
    """An action_id is unique within its block: the SDK's models do not look, Slack does. `name` holds the elements."""

    def look(findings: Findings, value: dict[str, Any], pointer: str) -> None:
        seen: set[str] = set()
        listed = value.get(name)
        for index, element in enumerate(listed if isinstance(listed, list) else []):
            key = element.get("action_id") if isinstance(element, dict) else None
            if isinstance(key, str):
                if key in seen:
                    where = pointer_to(pointer_to(pointer_to(pointer, name), index), "action_id")
                    findings.add(where, "duplicate", f"action_id {key[:100]!r} is used twice in this block")
                seen.add(key)

    return when_object(look)


IMAGE = both(
    closed({"type": anything, "alt_text": Need(string(2000)), "image_url": url(), "slack_file": SLACK_FILE}),
    when_object(_image),
)
BUTTON = closed(
    {
        "type": anything,
        "text": Need(plain_text(75)),
        "action_id": string(255),
        "value": string(2000),
        "url": url(),
        "style": one_of("primary", "danger"),
        "confirm": CONFIRM,
        "accessibility_label": string(75),
    }
)
OPTIONS: Fields = {"options": items(PLAIN_OPTION, 1, 100), "option_groups": items(OPTION_GROUP, 1, 100)}
CHOICE = items(RICH_OPTION, 1, 10)
FEEDBACK_BUTTON = closed({"text": Need(plain_text(75)), "value": Need(string(2000)), "accessibility_label": string(75)})
WORKFLOW = closed({"trigger": Need(closed({"url": Need(url()), "customizable_input_parameters": anything}))})

ELEMENTS: Mapping[str, Check] = {
    "button": BUTTON,
    "image": IMAGE,
    "plain_text": any_text(3000),
    "mrkdwn": any_text(3000),
    "static_select": both(_select(**OPTIONS, initial_option=PLAIN_OPTION), has_its_options),
    "external_select": _select(initial_option=PLAIN_OPTION, min_query_length=integer(0, 1000)),
    "users_select": _select(initial_user=USER_ID),
    "conversations_select": _select(
        initial_conversation=CONVERSATION_ID,
        default_to_current_conversation=flag,
        response_url_enabled=flag,
        filter=CONVERSATION_FILTER,
    ),
    "channels_select": _select(initial_channel=CONVERSATION_ID, response_url_enabled=flag),
    "multi_static_select": both(_multi(**OPTIONS, initial_options=items(PLAIN_OPTION, 1, 100)), has_its_options),
    "multi_external_select": _multi(initial_options=items(PLAIN_OPTION, 1, 100), min_query_length=integer(0, 1000)),
    "multi_users_select": _multi(initial_users=items(USER_ID, 1, 100)),
    "multi_conversations_select": _multi(
        initial_conversations=items(CONVERSATION_ID, 1, 100),
        default_to_current_conversation=flag,
        filter=CONVERSATION_FILTER,
    ),
    "multi_channels_select": _multi(initial_channels=items(CONVERSATION_ID, 1, 100)),
    "overflow": closed(
        {
            "type": anything,
            "action_id": string(255),
            "options": Need(items(PLAIN_OPTION, 1, 5)),
            "confirm": CONFIRM,
        }
    ),
    "radio_buttons": both(
        closed({**ACTION, "options": Need(CHOICE), "initial_option": RICH_OPTION}), initials_are_offered
    ),
    "checkboxes": both(closed({**ACTION, "options": Need(CHOICE), "initial_options": CHOICE}), initials_are_offered),
    "datepicker": _select(initial_date=calendar_day),
    "timepicker": _select(initial_time=TIME, timezone=_zone),
    "datetimepicker": closed({**ACTION, "initial_date_time": integer(1_000_000_000, LATEST_TIME_S)}),
    "plain_text_input": both(
        closed(
            {
                **TEXTUAL,
                "initial_value": string(3000, minimum=0),
                "multiline": flag,
                "min_length": integer(0, 3000),
                "max_length": integer(1, 3000),
            }
        ),
        _bounds("min_length", "max_length"),
    ),
    "email_text_input": closed({**TEXTUAL, "initial_value": string(3000, minimum=0)}),
    "url_text_input": closed({**TEXTUAL, "initial_value": string(3000, minimum=0)}),
    "number_input": both(
        closed(
            {
                **TEXTUAL,
                "is_decimal_allowed": Need(flag),
                "initial_value": DECIMAL,
                "min_value": DECIMAL,
                "max_value": DECIMAL,
            }
        ),
        _bounds("min_value", "max_value"),
    ),
    "rich_text_input": closed({**TEXTUAL, "initial_value": RICH_TEXT_VALUE}),
    "file_input": both(
        closed(
            {
                "type": anything,
                "action_id": string(255),
                "filetypes": items(string(20), 1, 100),
                "max_files": integer(1, 10),
            }
        ),
        _in_modal,
    ),
    "workflow_button": closed(
        {
            "type": anything,
            "text": Need(plain_text(75)),
            "action_id": Need(string(255)),
            "workflow": Need(WORKFLOW),
            "style": one_of("primary", "danger"),
            "accessibility_label": string(75),
        }
    ),
    "feedback_buttons": closed(
        {
            "type": anything,
            "action_id": string(255),
            "positive_button": Need(FEEDBACK_BUTTON),
            "negative_button": Need(FEEDBACK_BUTTON),
        }
    ),
    "icon_button": closed(
        {
            "type": anything,
            "action_id": string(255),
            "icon": Need(one_of("trash")),
            "text": Need(plain_text(75)),
            "value": string(2000),
            "confirm": CONFIRM,
            "accessibility_label": string(75),
            "visible_to_user_ids": items(USER_ID, 1, 100),
        }
    ),
}

SELECTS = ("static_select", "external_select", "users_select", "conversations_select", "channels_select")
MULTI_SELECTS = tuple(f"multi_{kind}" for kind in SELECTS)
CHOICES = ("checkboxes", "radio_buttons")
INPUTS_OF_TEXT = ("plain_text_input", "email_text_input", "url_text_input", "number_input", "rich_text_input")

IN_ACTIONS = (
    *("button", "overflow", "datepicker", "timepicker", "datetimepicker", "workflow_button", "rich_text_input"),
    *(*SELECTS, *MULTI_SELECTS, *CHOICES),
)
IN_SECTION = (
    *("button", "overflow", "datepicker", "timepicker", "image", "workflow_button"),
    *(*SELECTS, *MULTI_SELECTS, *CHOICES),
)
IN_INPUT = (
    *("datepicker", "timepicker", "datetimepicker", "file_input"),
    *(*INPUTS_OF_TEXT, *SELECTS, *MULTI_SELECTS, *CHOICES),
)
IN_CONTEXT = ("image", "plain_text", "mrkdwn")
IN_CONTEXT_ACTIONS = ("feedback_buttons", "icon_button")
