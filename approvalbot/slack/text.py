"""Text for Slack, pure: what is ours may be markup, what is not never is."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from approvalbot.errors import ApprovalBotError
from approvalbot.plaintext import cut, one_line
from approvalbot.request.request import Person

Block = dict[str, Any]

MRKDWN_MOST = 2900
"""Characters of a section or context text. Slack's limit is 3,000 (Block Kit reference); the rest is for our marks."""

RICH_MOST = 3000
"""Characters of one piece of rich text. Slack takes far more; nobody reads more, and a reason holds at most as many."""

NOTICE_LINE = 550
"""Characters of one line of a notice: five times as many, all of them `&`, still fit a context text."""

HALF_A_DAY = timedelta(hours=12)

FIELD_MOST = 300
"""Characters of one untrusted value on a card (policy.md section 10)."""


def escape(text: str) -> str:
    """Escape for mrkdwn: exactly `&`, `<` and `>`, as Slack documents. Bold and the like may still appear in it."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def safe(text: str, most: int = FIELD_MOST) -> str:
    """An untrusted value inside mrkdwn: one line, cut, escaped last, so that no escape is cut in half."""
    return escape(cut(one_line(text), most))


def when(moment: datetime, form: str = "{time}") -> str:
    """A moment as a date token, shown in each reader's own time zone; UTC where tokens are not understood."""
    moment = moment.astimezone(UTC)
    return f"<!date^{int(moment.timestamp())}^{form}|{moment:%H:%M} UTC>"


def day(moment: datetime) -> str:
    """A day, for what is long over."""
    return f"<!date^{int(moment.timestamp())}^{{date_short}}|{moment.astimezone(UTC):%d %b}>"


def day_and_time(moment: datetime) -> str:
    """A moment with its day, for anything that may be read tomorrow."""
    return when(moment, "{date_short_pretty} {time}")


def deadline(moment: datetime, since: datetime) -> str:
    """A moment to come, seen from another: with its day where the time alone could be taken for an earlier one."""
    return when(moment) if moment - since < HALF_A_DAY else day_and_time(moment)


def show(fact: object) -> str:
    """One fact of a sentence, for mrkdwn: people as mentions, moments as date tokens, everything else escaped."""
    if isinstance(fact, datetime):
        return when(fact)
    if isinstance(fact, Person) and fact.slack:
        return f"<@{fact.slack}>"
    return safe(str(fact))


def refusal(fault: ApprovalBotError) -> str:
    """A refusal in mrkdwn. The sentence is ours; every fact in it is escaped."""
    whole = f"{fault.sentence} {fault.hint}".strip()
    return whole.format_map({name: show(fact) for name, fact in fault.facts.items()}) if fault.facts else escape(whole)


def header(text: str) -> Block:
    """A header block: plain text of at most 150 characters."""
    return {"type": "header", "text": {"type": "plain_text", "text": cut(one_line(text), 150), "emoji": True}}


def section(text: str) -> Block:
    """A section of mrkdwn; everything untrusted in it is escaped already."""
    return {"type": "section", "text": {"type": "mrkdwn", "text": cut(text, MRKDWN_MOST)}}


def context(*lines: str) -> Block:
    """A context block, one element a line. Slack takes ten elements."""
    return {"type": "context", "elements": [{"type": "mrkdwn", "text": cut(line, MRKDWN_MOST)} for line in lines[:10]]}


def notice(text: str) -> list[str]:
    """A text that is never cut, in lines for a context block: each is short enough for however much must be escaped."""
    whole = one_line(text)
    return [escape(whole[start : start + NOTICE_LINE]) for start in range(0, len(whole), NOTICE_LINE)]


def actions(block_id: str, elements: Sequence[Block]) -> Block:
    """A row of buttons."""
    return {"type": "actions", "block_id": block_id, "elements": list(elements)}


def button(
    text: str,
    action_id: str,
    value: str,
    label: str,
    *,
    style: str | None = None,
    confirm: Block | None = None,
    url: str = "",
) -> Block:
    """A button. `label` is what a screen reader says; it names the request, for every card has an Approve.

    With a `url` it opens a page, and Slack still tells us of the press.
    """
    made: Block = {
        "type": "button",
        "text": plain(text, 75),
        "action_id": action_id,
        "value": value,
        "accessibility_label": cut(one_line(label), 75),
    }
    if style:
        made["style"] = style
    if confirm:
        made["confirm"] = confirm
    if url:
        made["url"] = url
    return made


def overflow(action_id: str, options: Sequence[tuple[str, str]]) -> Block:
    """The menu behind three dots: each option's words and value. Slack takes five, of 75 and 150 characters."""
    return {
        "type": "overflow",
        "action_id": action_id,
        "options": [{"text": plain(text, 75), "value": value} for text, value in options],
    }


def plain(text: str, most: int, *, emoji: bool = False) -> Block:
    """A plain_text object: nothing in it is parsed, no `:name:` becomes a picture unless we say so."""
    return {"type": "plain_text", "text": cut(one_line(text), most) or " ", "emoji": emoji}


def words(*parts: str | tuple[str, str]) -> Block:
    """One rich_text line: a text, or `(text, style)` with style bold, italic or code.

    Nothing in it is parsed; it is one line all the same, so that no value can look like the next row of the card.
    """
    elements = []
    for part in parts:
        text, style = part if isinstance(part, tuple) else (part, "")
        if text:
            element: Block = {"type": "text", "text": cut(one_line(text), RICH_MOST)}
            if style:
                element["style"] = {style: True}
            elements.append(element)
    return {"type": "rich_text_section", "elements": elements}


def quote(text: str, most: int = RICH_MOST) -> Block:
    """What somebody wrote, as a rich_text block: set off from what is ours, and nothing in it is parsed."""
    inner: Block = {"type": "text", "text": cut(one_line(text), most) or " "}
    return rich_text({"type": "rich_text_quote", "elements": [inner]})


def rich_text(*elements: Block) -> Block:
    """A rich_text block."""
    return {"type": "rich_text", "elements": list(elements)}


def bullets(lines: Iterable[Block]) -> Block:
    """A bullet list of lines."""
    return {"type": "rich_text_list", "style": "bullet", "elements": list(lines)}


def confirm(title: str, text: str, yes: str, no: str = "Back") -> Block:
    """The dialog that asks once more. Title 100, text 300, buttons 30 characters (Block Kit reference)."""
    return {
        "title": plain(title, 100),
        "text": plain(text, 300),
        "confirm": plain(yes, 30),
        "deny": plain(no, 30),
    }
