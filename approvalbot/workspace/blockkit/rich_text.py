"""The rich_text block: sections, lists, quotes and preformatted text, and what may stand inside them."""

from collections.abc import Mapping

from approvalbot.workspace.blockkit.rules import (
    Check,
    Need,
    anything,
    closed,
    flag,
    integer,
    items,
    matching,
    one_of,
    string,
    typed,
    url,
)

LONGEST_TEXT = 40_000
"""One text element: no limit of its own is documented, so the message's (docs.slack.dev, chat.postMessage)."""

STYLE = closed(
    dict.fromkeys(("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink"), flag)
)
COLOR = matching(r"#[0-9a-fA-F]{6}", "a color such as #1f2937")

INLINE: Mapping[str, Check] = {
    "text": closed({"type": anything, "text": Need(string(LONGEST_TEXT)), "style": STYLE}),
    "link": closed(
        {"type": anything, "url": Need(url()), "text": string(LONGEST_TEXT), "unsafe": flag, "style": STYLE}
    ),
    "emoji": closed(
        {
            "type": anything,
            "name": Need(string(100)),
            "unicode": string(100),
            "skin_tone": integer(1, 6),
            "style": STYLE,
        }
    ),
    "user": closed({"type": anything, "user_id": Need(string(30)), "style": STYLE}),
    "usergroup": closed({"type": anything, "usergroup_id": Need(string(30)), "style": STYLE}),
    "channel": closed({"type": anything, "channel_id": Need(string(30)), "style": STYLE}),
    "team": closed({"type": anything, "team_id": Need(string(30)), "style": STYLE}),
    "broadcast": closed({"type": anything, "range": Need(one_of("here", "channel", "everyone")), "style": STYLE}),
    "color": closed({"type": anything, "value": Need(COLOR), "style": STYLE}),
    "date": closed(
        {
            "type": anything,
            "timestamp": Need(integer(0, 9_999_999_999)),
            "format": Need(string(1000)),
            "url": url(),
            "fallback": string(1000),
            "style": STYLE,
        }
    ),
}

INLINES = items(typed(INLINE), 0, 1000)
PREFORMATTED = items(typed(INLINE, allowed=["text", "link"]), 0, 1000)
SECTION = closed({"type": anything, "elements": Need(INLINES)})

CONTAINERS: Mapping[str, Check] = {
    "rich_text_section": SECTION,
    "rich_text_quote": closed({"type": anything, "elements": Need(INLINES), "border": integer(0, 1)}),
    "rich_text_preformatted": closed(
        {"type": anything, "elements": Need(PREFORMATTED), "border": integer(0, 1), "language": string(50)}
    ),
    "rich_text_list": closed(
        {
            "type": anything,
            "style": Need(one_of("bullet", "ordered")),
            "elements": Need(items(typed({"rich_text_section": SECTION}), 0, 1000)),
            "indent": integer(0, 8),
            "offset": integer(0, 10_000),
            "border": integer(0, 1),
        }
    ),
}

RICH_TEXT_ELEMENTS = items(typed(CONTAINERS), 1, 1000)

RICH_TEXT_VALUE = typed({"rich_text": closed({"type": anything, "elements": Need(RICH_TEXT_ELEMENTS)})})
"""A whole rich_text block as a value: the start of a rich_text_input, a cell of a table."""
