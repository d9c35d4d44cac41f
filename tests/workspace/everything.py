"""Every block and element of Block Kit, once each: what the page has to be able to draw, and people to use."""

from typing import Any

from tests.workspace.conftest import actions, button, modal

Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def option(value: str, **more: Any) -> Json:
    return {"text": plain(value), "value": value, **more}


OPTIONS = [option("red", description=plain("warm")), option("green"), option("blue")]
GROUPS = [{"label": plain("Warm"), "options": OPTIONS[:1]}, {"label": plain("Cold"), "options": OPTIONS[1:]}]
CONFIRM = {"title": plain("Sure?"), "text": mrkdwn("*Really*"), "confirm": plain("Yes"), "deny": plain("No")}
PICTURE = {"type": "image", "image_url": "https://example.com/x.png", "alt_text": "a chart"}
PICK = {"placeholder": plain("Pick one")}
ADD = {"placeholder": plain("Add some")}

SELECTS: list[Json] = [
    {"type": "static_select", "action_id": "static", "options": OPTIONS, **PICK},
    {"type": "static_select", "action_id": "grouped", "option_groups": GROUPS, **PICK},
    {"type": "external_select", "action_id": "external", "min_query_length": 0, **PICK},
    {"type": "users_select", "action_id": "user", **PICK},
    {"type": "conversations_select", "action_id": "conversation", **PICK},
    {"type": "channels_select", "action_id": "channel", **PICK},
    {"type": "multi_static_select", "action_id": "statics", "options": OPTIONS, **ADD},
    {"type": "multi_external_select", "action_id": "externals", "min_query_length": 0, **ADD},
    {"type": "multi_users_select", "action_id": "users", "initial_users": ["U0ANN"], **ADD},
    {"type": "multi_conversations_select", "action_id": "conversations", **ADD},
    {"type": "multi_channels_select", "action_id": "channels", **ADD},
]
PICKERS: list[Json] = [
    {"type": "datepicker", "action_id": "date", "initial_date": "2026-05-31"},
    {"type": "timepicker", "action_id": "time", "initial_time": "14:05"},
    {"type": "datetimepicker", "action_id": "moment"},
    {"type": "radio_buttons", "action_id": "radio", "options": OPTIONS},
    {"type": "checkboxes", "action_id": "boxes", "options": OPTIONS},
]
TEXTS: list[Json] = [
    {"type": "plain_text_input", "action_id": "line", **PICK},
    {"type": "plain_text_input", "action_id": "lines", "multiline": True},
    {"type": "email_text_input", "action_id": "email"},
    {"type": "url_text_input", "action_id": "url"},
    {"type": "number_input", "action_id": "number", "is_decimal_allowed": True},
    {"type": "rich_text_input", "action_id": "rich"},
]
ELEMENTS: list[Json] = [
    button("plain", "Plain"),
    button("primary", "Primary", style="primary"),
    button("danger", "Danger", style="danger"),
    button("link", "Link", url="https://example.com/"),
    button("confirmed", "Confirmed", confirm=CONFIRM),
    button("labelled", "Short", accessibility_label="A longer name"),
    {"type": "overflow", "action_id": "overflow", "options": OPTIONS},
    *SELECTS,
    *PICKERS,
]

STYLED = [
    {"type": "text", "text": "bold ", "style": {"bold": True}},
    {"type": "text", "text": "code", "style": {"code": True}},
    {"type": "emoji", "name": "eyes"},
    {"type": "user", "user_id": "U0ANN"},
    {"type": "usergroup", "usergroup_id": "S0SECONCALL"},
    {"type": "channel", "channel_id": "C0DEPLOYS"},
    {"type": "link", "url": "https://example.com/", "text": "a link"},
    {"type": "date", "timestamp": 1_700_000_000, "format": "{date_short} {time}", "fallback": "then"},
    {"type": "broadcast", "range": "here"},
    {"type": "color", "value": "#1f2937"},
]
LINE = {"type": "rich_text_section", "elements": STYLED}
WORDS = {"type": "rich_text_section", "elements": [{"type": "text", "text": "words"}]}
CARD = {"type": "card", "title": plain("A card"), "body": mrkdwn("*body*"), "actions": [button("card", "On the card")]}

BLOCKS: list[Json] = [
    {"type": "header", "text": plain("A header :eyes:")},
    {
        "type": "section",
        "text": mrkdwn("*bold* _italic_ ~struck~ `code` <@U0ANN> <!subteam^S0SECONCALL> <#C0DEPLOYS>"),
        "fields": [mrkdwn("one"), plain("two")],
        "accessory": PICTURE,
    },
    {"type": "section", "text": mrkdwn("> quoted\n```fenced```"), "accessory": button("beside", "Beside")},
    {"type": "divider"},
    {"type": "context", "elements": [PICTURE, mrkdwn("small <!date^1700000000^{date_short} {time}|then>")]},
    actions(*ELEMENTS, block_id="elements"),
    {**PICTURE, "title": plain("A picture")},
    {
        "type": "rich_text",
        "elements": [
            LINE,
            {"type": "rich_text_list", "style": "ordered", "elements": [WORDS, WORDS]},
            {"type": "rich_text_quote", "elements": WORDS["elements"]},
            {"type": "rich_text_preformatted", "elements": WORDS["elements"]},
        ],
    },
    {"type": "markdown", "text": "# Heading\n- one\n- **two**\n\n[a link](https://example.com/)"},
    {"type": "table", "rows": [[{"type": "raw_text", "text": "a"}, {"type": "raw_text", "text": "b"}]] * 2},
    {
        "type": "video",
        "title": plain("A video"),
        "title_url": "https://example.com/v",
        "video_url": "https://example.com/v.mp4",
        "thumbnail_url": "https://example.com/v.png",
        "alt_text": "a video",
    },
    CARD,
    {"type": "carousel", "elements": [{**CARD, "actions": [button("in-carousel", "In a carousel")]}]},
    {
        "type": "container",
        "title": plain("A container"),
        "is_collapsible": True,
        "child_blocks": [{"type": "section", "text": plain("inside")}],
    },
    {
        "type": "context_actions",
        "elements": [
            {
                "type": "feedback_buttons",
                "action_id": "feedback",
                "positive_button": {"text": plain("Good"), "value": "yes"},
                "negative_button": {"text": plain("Bad"), "value": "no"},
            },
            {"type": "icon_button", "icon": "trash", "text": plain("Delete"), "action_id": "trash"},
        ],
    },
    {
        "type": "plan",
        "title": "A plan",
        "tasks": [{"type": "task_card", "task_id": "t1", "title": "A task", "status": "in_progress"}],
    },
    {"type": "file", "external_id": "x", "source": "remote"},
]


def asked(element: Json) -> Json:
    """An input block around an element, named after it."""
    key = element["action_id"]
    return {"type": "input", "block_id": key, "label": plain(f"The {key}"), "element": element, "optional": True}


def whole_form(**more: Any) -> Json:
    """A modal with an input of every kind."""
    alert = {"type": "alert", "text": plain("Mind this"), "level": "warning"}
    return modal(alert, *(asked(one) for one in (*TEXTS, *SELECTS, *PICKERS)), **more)
